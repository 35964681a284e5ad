"""Guards that never refuse alone: what would happen without one of them and without what stands beside it, the state included.

Such a guard is the second line: where others or the state give way, it still refuses. Its story takes those away with it,
as few as will do, on a way that the real declaration goes up to the last step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from workflow.decide import Accepted, Decision, Refused
from workflow.declare import Action, Workflow
from workflow.prove import Proof
from workflow.prove.claims import FRESH, NO_FACTOR, Step
from workflow.prove.explored import Move
from workflow.prove.heard import Asked
from workflow.prove.judge import decide_bare
from workflow.prove.scope import Player, Scope
from workflow.prove.silent import quiet
from workflow.prove.theatre import Attack, House, Watcher, bare
from workflow.prove.world import World


class SecondLine(Watcher):
    """An exploration that looks at what these guards refuse together with others, and at what is tried in another state than
    it is declared for."""

    def __init__(self, guards: Collection[str], workflow: Workflow, scope: Scope, proof: Proof, *rest: Any) -> None:
        super().__init__(workflow, scope, proof, *rest)
        self.guards = frozenset(guards)
        self._asking = [
            one for one in self.workflow.actions.values()
            if one.source is not None and not one.by_clock and self.guards & {guard.name for guard in one.guards}
        ]  # fmt: skip
        self._bared: dict[frozenset[str], Workflow] = {}
        self.attacks: dict[str, Attack] = {}

    def _moves(self, number: int, world: World) -> Iterator[tuple[Move, World | int]]:
        yield from super()._moves(number, world)
        if world.state is not None and world.state not in self.scope.until:
            asked = self.questions.by_state[world.state].copy()
            self._try_out_of_turn(number, world)
            self.questions.by_state[world.state] = asked  # What the proof never asks tells no two worlds apart.

    def _try_out_of_turn(self, number: int, world: World) -> None:
        declared = self.workflow.actions_from(world.state)
        for action in self._asking:
            if action in declared or action.name in self.scope.leaves_out:
                continue
            factor = FRESH if action.name in self._asks_factor else NO_FACTOR
            for player in self._players[action.name]:
                for place, (fill, fields) in enumerate(self.stage.fills(action)):
                    if not fill.only or player.name in fill.only:
                        self._at = number, Move("act", action.name, player.name, place, factor=factor)
                        self.judged(world, action, player, fields, factor)

    def judged(
        self, world: World, action: Action, player: Player, fields: Mapping[str, Any], factor: str, without: int = 0
    ) -> tuple[Decision, Asked]:
        decision, attempt = super().judged(world, action, player, fields, factor, without)
        if isinstance(decision, Refused) and decision.reason == "not_now":
            self._look(world, attempt, decision, factor, self._name_of[without] if without else "")
        return decision, attempt

    def _look(self, world: World, attempt: Asked, refusal: Refused, factor: str, lapsed: str) -> None:
        names = frozenset(one.guard.name for one in refusal.missing)
        for guard in sorted(self.guards & names):
            known = self.attacks.get(guard)
            if known is None or len(known.beside) >= len(names):
                self._look_behind(guard, names, world, attempt, factor, lapsed)

    def _look_behind(
        self, guard: str, names: frozenset[str], world: World, attempt: Asked, factor: str, lapsed: str
    ) -> None:
        plain = self._with_factor(world, attempt, factor)
        accepted = decide_bare(self._without_all(names), plain)
        if not isinstance(accepted, Accepted):
            return
        claim = next(self._broken(Step(self.declared, plain, accepted, factor)), None)
        if claim is None or not self._others_may(attempt, accepted) or self.followed(world, attempt, accepted) is None:
            return
        self.attacks[guard] = Attack(
            self.scope.name, self._way(factor, lapsed), claim.name, tuple(sorted(names - {guard}))
        )

    def _without_all(self, names: frozenset[str]) -> Workflow:
        if names not in self._bared:
            self._bared[names] = bare(quiet(self.declared), names)
        return self._bared[names]


def behind(house: House, scope: str, guards: Collection[str]) -> dict[str, Attack]:
    """What one scope shows of these guards. Takes somewhat longer than its proof."""
    line = SecondLine(guards, house.workflow, house.scope(scope), house.proof, house.contract, house.workflows)
    line.run()
    return line.attacks


def fewest(found: Iterable[Mapping[str, Attack]]) -> dict[str, Attack]:
    """Of each guard the attack for which the least has to be taken away, by the shortest way."""
    best: dict[str, Attack] = {}
    for one in found:
        for guard, attack in one.items():
            known = best.get(guard)
            if known is None or _effort(attack) < _effort(known):
                best[guard] = attack
    return best


def _effort(attack: Attack) -> tuple[int, int]:
    return len(attack.beside), len(attack.way)
