"""Finds, for each guard, the story of what would happen without it: by the claims, on the way that the guard alone bars.

One exploration of the real declaration meets every attempt that one guard alone refuses. The same attempt is judged again
without that guard: what is accepted then is held against the claims. Where nothing breaks at once, what could come of it is
looked at for a while. Everything that is found is plain data, so that scopes can be gone through beside one another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from workflow.attempt import Attempt
from workflow.contract import Contract
from workflow.decide import Accepted, Decision, Refused, Shortfall
from workflow.declare import ALWAYS, Action, Words, Workflow
from workflow.guards import identified
from workflow.prove import Proof
from workflow.prove.certificate import said
from workflow.prove.claims import NO_FACTOR, Claim, Step
from workflow.prove.explore import Explorer, TooMany
from workflow.prove.explored import ELSEWHERE, FOUND_ONE, REFUSED, TIME, Explored, Move
from workflow.prove.heard import Asked, Questions
from workflow.prove.judge import decide_bare
from workflow.prove.scope import Player, Scope
from workflow.prove.silent import guard_names, quiet
from workflow.prove.stories import STATE, Beat, Playbill, Refusal, Story
from workflow.prove.story import FACTORS, Told, story
from workflow.prove.world import World

Way = tuple[Move, ...]


LONGEST_LOOK = 60
"""So many configurations are looked at for what comes of an act that breaks nothing by itself."""


@dataclass(frozen=True)
class Attack:
    """A way on which a guard alone stands, within one scope; `claim`, by name, is None where nothing breaks without it.
    `beside`: what refuses the last step as well, and has to go with it: guards by name, `STATE` for the state."""

    scope: str
    way: Way
    claim: str | None = None
    beside: tuple[str, ...] = ()


@dataclass
class Seen:
    """What one exploration showed of one guard: where it alone refuses, what then breaks, and who refuses beside it. `undone`:
    it alone refuses where without it nothing could be done either."""

    alone: Attack | None = None
    attack: Attack | None = None
    beside: Counter[frozenset[str]] = field(default_factory=Counter)
    undone: bool = False

    @property
    def is_alone(self) -> bool:
        return self.attack is not None or self.alone is not None or self.undone


class Watcher(Explorer):
    """An exploration of the real declaration that looks at what is refused."""

    def __init__(self, workflow: Workflow, scope: Scope, proof: Proof, *rest: Any, **more: Any) -> None:
        super().__init__(workflow, scope, proof.claims, *rest, **more)
        self.declared = workflow
        self.seen: dict[str, Seen] = {}
        self._at: tuple[int, Move] = (0, Move(TIME))
        self._bare: dict[str, Workflow] = {}

    def run(self) -> Explored:
        """Explores, and notes from here on what one guard alone refuses."""
        self.seen = {name: Seen() for name in guard_names(self.declared)}
        return super().run()

    def _tried(
        self, number: int, world: World, action: Action, player: Player, fields: Mapping[str, Any], move: Move, spent: bool
    ) -> Iterator[tuple[Move, World | int]]:  # fmt: skip
        self._at = number, move
        yield from super()._tried(number, world, action, player, fields, move, spent)

    def judged(
        self, world: World, action: Action, player: Player, fields: Mapping[str, Any], factor: str, without: int = 0
    ) -> tuple[Decision, Asked]:
        decision, attempt = super().judged(world, action, player, fields, factor, without)
        if isinstance(decision, Refused) and decision.reason == "missing":
            lapsed = self._name_of[without] if without else ""
            self._look(world, attempt, decision, factor, lapsed)
        return decision, attempt

    def _is_refused_for_it(self, *_: Any) -> bool:
        return False  # What is refused is what is looked at.

    def _look(self, world: World, attempt: Asked, refusal: Refused, factor: str, lapsed: str) -> None:
        names = [one.guard.name for one in refusal.missing]
        if len(names) != 1:
            for name in names:
                if name in self.seen:
                    self.seen[name].beside[frozenset(names) - {name}] += 1
            return
        seen = self.seen.get(names[0])
        if seen is None or seen.attack is not None:
            return
        plain = self._with_factor(world, attempt, factor)
        accepted = decide_bare(self._without_guard(names[0]), plain)
        if not isinstance(accepted, Accepted):
            seen.undone = True
            return
        claim = next(self._broken(Step(self.declared, plain, accepted, factor)), None)
        if claim is None and seen.alone is not None:
            return
        if not self._others_may(attempt, accepted) or self.followed(world, attempt, accepted) is None:
            seen.undone = True
            return
        way = self._way(factor, lapsed)
        seen.alone = seen.alone or Attack(self.scope.name, way)
        if claim is not None:
            seen.attack = Attack(self.scope.name, way, claim.name)

    def _way(self, factor: str, lapsed: str) -> Way:
        """What is tried at the moment, and what leads there."""
        number, move = self._at
        return (*self.found.way_to(number), replace(move, factor=factor, lapsed=lapsed))

    def _with_factor(self, world: World, attempt: Asked, factor: str) -> Attempt:
        """The attempt as the records have it, with the second factor that was shown for it."""
        plain = self._plain(world, attempt)
        if factor == NO_FACTOR:
            return plain
        identity = (*plain.facts.identity, self._factor(world, attempt.actor, factor))
        return replace(plain, facts=replace(plain.facts, identity=identity))

    def _broken(self, step: Step) -> Iterator[Claim]:
        """The claims about acts that this one breaks."""
        return (claim for claim in self._never[step.action.name] if claim.sight is not None and claim.sight(step))

    def _without_guard(self, name: str) -> Workflow:
        if name not in self._bare:
            self._bare[name] = bare(quiet(self.declared), (name,))
        return self._bare[name]

    # --- playing again -----------------------------------------------------------------------------------------------

    def verdict(self, world: World, move: Move) -> tuple[Decision, Asked] | None:
        """What the declaration says to one move, and to which attempt; None to what nobody does."""
        if move.kind in (TIME, FOUND_ONE, ELSEWHERE):
            return None
        action = self.workflow.actions[move.act]
        player = next(one for one in self.scope.cast if one.name == move.player)
        lapsed = self.stage.persons[move.lapsed] if move.lapsed else 0
        return super().judged(world, action, player, self.stage.fills(action)[move.fill][1], move.factor, lapsed)

    def broken(self, way: Way) -> tuple[str, ...]:
        """The names of the claims that the last move of a way breaks: about acts, or about what stands then."""
        world = self.unopened()
        for move in way[:-1]:
            world = self.played(world, move)
        verdict, after = self.verdict(world, way[-1]), self.played(world, way[-1])
        standing = [
            one.name for one in self.claims if one.kind == "stands" and one.view is not None and one.view(after)
        ]
        if verdict is None or not isinstance(verdict[0], Accepted):
            return tuple(standing)
        step = Step(self.declared, self._with_factor(world, verdict[1], way[-1].factor), verdict[0], way[-1].factor)
        return (*(claim.name for claim in self._broken(step)), *standing)


class Onlooker(Explorer):
    """An exploration that begins where a way has led."""

    def __init__(self, way: Way, *rest: Any, **more: Any) -> None:
        super().__init__(*rest, **more)
        self._way = way

    def unopened(self) -> World:
        world = super().unopened()
        for move in self._way:
            world = self.played(world, move)
        return world


def bare(workflow: Workflow, taken: Collection[str]) -> Workflow:
    """The declaration with guards taken away, everywhere. With `STATE` among them an act may be done in every state."""
    made = copy(workflow)
    made.actions = {
        act: replace(action, guards=tuple(one for one in action.guards if one.name not in taken))
        for act, action in workflow.actions.items()
    }
    return anywhere(made) if STATE in taken else made


def anywhere(workflow: Workflow) -> Workflow:
    """The declaration with every act of a person possible in every state."""
    made = copy(workflow)
    made.actions = {
        act: action if action.source is None or action.by_clock else replace(action, source=ALWAYS)
        for act, action in workflow.actions.items()
    }
    return made


@dataclass(frozen=True)
class House:
    """What all stories of one duty are played on."""

    workflow: Workflow
    proof: Proof
    contract: Contract
    workflows: Mapping[str, Workflow]

    def scope(self, name: str) -> Scope:
        return next(one for one in self.proof.scopes if one.name == name)

    def watcher(self, scope: str, *, without: Collection[str] = ()) -> Watcher:
        """`without`: guards that are taken away, and `STATE`."""
        declared = anywhere(self.workflow) if STATE in without else self.workflow
        return Watcher(declared, self.scope(scope), self.proof, self.contract, self.workflows, without=without)


@dataclass
class Watched:
    """What one scope showed of every guard, and what was asked in it."""

    seen: Mapping[str, Seen]
    questions: Questions


def watch(house: House, scope: str) -> Watched:
    """Goes through one scope. Takes as long as its proof."""
    watcher = house.watcher(scope)
    watcher.run()
    return Watched(watcher.seen, watcher.questions)


def playbill(house: House, watched: Mapping[str, Watched], behind: Mapping[str, Attack]) -> Playbill:
    """The stories of one duty, from what each of its scopes showed, with the digest of what they were found under."""
    return Playbill(said(house.proof.kind, house.contract), stories(house, watched, behind))


def stories(house: House, watched: Mapping[str, Watched], behind: Mapping[str, Attack]) -> dict[str, Story]:
    """The story of every guard of one duty, in the order of the declaration. `behind`: what was found of those that never
    refuse alone (`second_line.behind`)."""
    return {name: _of(house, name, watched, behind.get(name)) for name in guard_names(house.workflow)}


def never_alone(watched: Mapping[str, Watched]) -> frozenset[str]:
    """The guards that refuse nothing alone in any of these scopes."""
    some = next(iter(watched.values())).seen
    return frozenset(name for name in some if not any(one.seen[name].is_alone for one in watched.values()))


def _of(house: House, guard: str, watched: Mapping[str, Watched], behind: Attack | None) -> Story:
    seen = [one.seen[guard] for one in watched.values()]
    attacks = [one.attack for one in seen if one.attack is not None]
    alone = [one.alone for one in seen if one.alone is not None]
    if not (attacks or alone):
        if behind is not None:
            return told(house, guard, behind)
        undone = any(one.undone for one in seen)
        return Story(guard, beside=() if undone else _beside(seen), undone=undone)
    best = min(attacks or alone, key=lambda one: len(one.way))
    return told(house, guard, best if attacks else _later(house, guard, best, watched[best.scope].questions))


def _later(house: House, guard: str, begun: Attack, questions: Questions) -> Attack:
    """A claim that breaks only some steps after the guard would have refused; `begun` where none is found for a while."""
    explorer = Onlooker(
        begun.way, house.workflow, house.scope(begun.scope), house.proof.claims, house.contract, house.workflows,
        without=(guard,), questions=questions, most=LONGEST_LOOK, stop_at_first=True,
    )  # fmt: skip
    try:
        explorer.run()
    except TooMany:
        return begun
    for violation in explorer.found.violations:
        if violation.claim.kind in (
            "never",
            "stands",
        ):  # The others speak of a whole exploration, and this is a part of one.
            return Attack(begun.scope, (*begun.way, *violation.way), violation.claim.name)
    return begun


def _beside(seen: list[Seen]) -> tuple[str, ...]:
    """Other guards of which one refuses whenever this one does: as few as come to hand."""
    left = sum((one.beside for one in seen), Counter())
    found: list[str] = []
    while left:
        often: Counter[str] = Counter()
        for names, times in left.items():
            often.update(dict.fromkeys(sorted(names), times))
        most = max(sorted(often), key=often.__getitem__)
        found.append(most)
        left = Counter({names: times for names, times in left.items() if most not in names})
    return tuple(found)


def told(house: House, guard: str, attack: Attack) -> Story:
    """The attack as a story, and where the real declaration refuses it. Raises AssertionError where it does not."""
    without = (guard, *attack.beside)
    beats = tuple(_beat(house, one) for one in story(house.watcher(attack.scope, without=without), attack.way))
    refusal = refused(house, attack.scope, attack.way, guard)
    assert refusal is not None, f"{guard}: nothing is refused"
    return Story(guard, attack.claim, attack.scope, beats, refusal[1], attack.beside)


def refused(house: House, scope: str, way: Way, guard: str) -> tuple[tuple[Shortfall, ...], Refusal] | None:
    """The first step of a way that the real declaration refuses: all that is missing there, and in what words the guard does
    (or the first that does, where it does not)."""
    watcher = house.watcher(scope)
    world = watcher.unopened()
    for number, move in enumerate(way):
        verdict = watcher.verdict(world, move)
        if verdict is not None and isinstance(verdict[0], Refused) and move.kind != REFUSED:
            missing = verdict[0].missing
            says = next((one for one in missing if one.guard.name == guard), missing[0])
            return missing, Refusal(number, says.clause, says.says)
        world = watcher.played(world, move)
    return None


def _beat(house: House, one: Told) -> Beat:
    says, move = one.says, one.move
    if move.kind == "act" and move.factor == NO_FACTOR and identified in house.workflow.actions[move.act].guards:
        says = Words("%(said)s, %(more)s", said=says, more=FACTORS[NO_FACTOR])
    return Beat(move, one.at, says, one.before, one.after, one.party, one.role)
