"""The trial of the claims: which of them each mutant of a declaration breaks, and which mutants break none.

What a mutant shares with the declaration is not explored twice. Its exploration begins on the ground of the declaration's:
only acts that are otherwise are tried anew in the worlds that are known, and only worlds that are new are gone through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow.attempt import Attempt
from workflow.contract import Contract
from workflow.decide import Accepted, Decision, Refused
from workflow.declare import Action, Workflow
from workflow.prove import Proof
from workflow.prove.charter import OnTrial
from workflow.prove.claims import Claim
from workflow.prove.explore import Explorer, TooMany
from workflow.prove.explored import REFUSED, TIME, Move, Violation
from workflow.prove.heard import Asked, Questions
from workflow.prove.judge import decide_bare
from workflow.prove.mutants import Mutant, mutants
from workflow.prove.scope import Player, Scope
from workflow.prove.whole import check_whole
from workflow.prove.world import Numbers, World
from workflow.soundness import Contradiction, ways

UNSOUND, CLAIM, UNREACHED, EQUIVALENT, SURVIVES = "soundness", "claim", "unreached", "equivalent", "survives"
GIVEN = "R7"
"""The claim that can be held against all scopes together only: to whomever an act is given, and wherever it has its place,
there it can be done."""
COUNTED = "R8"
"""Held by the trial too, as a proof looks at what is accepted: no try counts against anybody that was not theirs to make."""
NEVER_CALLED = "No limit that calls the clock here can run in that state."
GUARDED = "It was tried, and nothing comes of it: wherever it could be done, other conditions refuse it."
NEVER_DONE = "Nobody is given that, and it never happens: what is taken away was not there."
MOST = 20_000
"""A mutant that opens so many worlds is not gone through to the end: what was not found by then is not counted as found."""


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant. `how` is one of the words above; `by` the claim, the fault or the reason."""

    mutant: str
    how: str
    by: str = ""


class Doers(Explorer):
    """An exploration that notes of each act who does it and where."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.done: set[tuple[str, str]] = set()
        """Acts that were accepted, with the roles that entitled whoever did them, and with the states where they were done."""
        self.counted: set[tuple[str, str]] = set()
        """The same of those that were refused and are counted: so many wrong answers, and nobody goes on."""

    def put_down(self, world: World, attempt: Asked, refusal: Refused) -> World:
        roles = set(self.workflow.actions[attempt.action].by) & set(attempt.actor.roles)
        self.counted |= {
            (attempt.action, one) for one in (*(role.name for role in roles), world.state) if one is not None
        }
        return super().put_down(world, attempt, refusal)

    def _claims(self, number: int, attempt: Attempt, accepted: Accepted, move: Move) -> None:
        name = accepted.action.name
        roles = set(accepted.action.by) & set(attempt.actor.roles)
        self.done |= {(name, one) for one in (*(role.name for role in roles), accepted.source) if one is not None}
        super()._claims(number, attempt, accepted, move)


class Ground(Doers):
    """The exploration of the declaration itself within one scope, of which every world is kept."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.worlds: list[World] = []
        self.refused: set[tuple[str, str]] = set()
        """Which guard of which act refused anybody."""

    def _breadth_first(self, first: World) -> None:
        self.worlds = []
        super()._breadth_first(first)

    def judged(
        self, world: World, action: Action, player: Player, fields: Mapping[str, Any], factor: str, without: int = 0
    ) -> tuple[Decision, Asked]:
        decision, attempt = super().judged(world, action, player, fields, factor, without)
        if isinstance(decision, Refused):
            self.refused |= {(action.name, lacks.guard.name) for lacks in decision.missing}
        return decision, attempt

    def _is_refused_for_it(self, *_: Any) -> bool:
        return False  # Which guard refuses anybody is what is noted.

    def _place(self, world: World, parent: tuple[int, Move] | None, numbers: Numbers, queue: list[World | None]) -> int:
        number = super()._place(world, parent, numbers, queue)
        if number == len(self.worlds):
            self.worlds.append(world)
        return number

    @property
    def size(self) -> int:
        return len(self.worlds)


class Again(Doers):
    """A mutant within the scope of a ground, explored from there: see the module."""

    def __init__(
        self,
        ground: Ground,
        mutant: Workflow,
        acts: frozenset[str],
        claims: Sequence[Claim],
        contract: Contract,
        workflows: Mapping[str, Workflow],
    ) -> None:
        super().__init__(
            mutant, ground.scope, claims, contract, workflows, questions=ground.questions, most=MOST, stop_at_first=True
        )
        self.ground, self.acts = ground, acts
        self.decide = decide_bare
        self.keys, self.stage = ground.keys, ground.stage
        self._asked_refusals = ground._asked_refusals
        self._by_clock = any(self.workflow.actions[act].by_clock for act in acts if act in self.workflow.actions)
        self._of_ground: dict[int, int] = {}
        self._ground_of: list[int | None] = []
        self._queue: list[World | None] = []
        self._edges_now: set[tuple[str, str, int, int | None]] = set()
        self.differs = False
        """Whether anything could be done in a world of the ground that could not, or not so, be done there."""

    def go_through(self) -> None:
        """Explores the mutant until a claim breaks or nothing is new. Raises TooMany."""
        self.found.acted = {act for act in self.ground.found.acted if act not in self.acts}
        self.done = {pair for pair in self.ground.done if pair[0] not in self.acts}
        numbers = self.numbers = Numbers()
        self._placed(0, None)
        for number, world in enumerate(self._queue):
            assert world is not None, "each is kept"
            if len(self._queue) - len(self._of_ground) > self.most:
                raise TooMany(f"{self.scope.name}: more than {self.most} configurations")
            self.questions.listen(world.state)
            self.found.excused[number] = {c.name for c in self._excusing if c.unless is not None and c.unless(world)}
            self._twins, self._edges_now = {}, set()
            for move, after in self._moves(number, world):
                to = self._place(after, (number, move), numbers, self._queue) if isinstance(after, World) else after
                if move.kind == "act":
                    self._twins.setdefault((move.act, move.fill), to)
                self.found.edges[number].append((move, to))
                if self._is_otherwise(move):
                    self._edges_now.add((move.kind, move.act, move.fill, self._ground_of[to]))
                if self.found.violations:
                    return
            self._compare(number)

    def _compare(self, number: int) -> None:
        known = self._ground_of[number]
        if known is None:
            self.differs = True
            return
        base = self.ground.found
        edges = {(m.kind, m.act, m.fill, to) for m, to in base.edges[known] if self._is_otherwise(m)}
        self.differs = self.differs or edges != self._edges_now or base.can[known] != self.found.can[number]

    def _moves(self, number: int, world: World) -> Iterator[tuple[Move, World | int]]:
        known = self._ground_of[number]
        if known is None:
            yield from super()._moves(number, world)
            return
        if world.state in self.scope.until:
            return
        self.found.can[number] |= {one for one in self.ground.found.can[known] if one[0] not in self.acts}
        for move, to in self.ground.found.edges[known]:
            if not self._is_otherwise(move):
                yield move, self._placed(to, (number, move))
        for action in self.workflow.actions_from(world.state):
            if action.name in self.acts and not action.by_clock and action.name not in self.scope.leaves_out:
                yield from self._acts(number, world, action)
        if self._by_clock and world.state is not None:
            yield from self._passing(number, world)

    def _is_otherwise(self, move: Move) -> bool:
        if move.kind == TIME:
            return self._by_clock
        return move.kind in ("act", REFUSED) and move.act in self.acts

    def _place(self, world: World, parent: tuple[int, Move] | None, numbers: Numbers, queue: list[World | None]) -> int:
        key = self.keys.key(world)
        known = self.ground.numbers.of(key, world.counts)
        if known is not None:
            return self._placed(known, parent)
        number = numbers.of(key, world.counts)
        if number is None:
            number = numbers.add(key, world.counts, self._added(world, None, parent))
            for claim in self.claims:
                if claim.kind == "stands" and claim.view is not None and claim.view(world):
                    self.found.violations.append(Violation(claim, self.found.way_to(number)))
        return number

    def _placed(self, known: int, parent: tuple[int, Move] | None) -> int:
        """The number here of a world of the ground."""
        number = self._of_ground.get(known)
        if number is None:
            number = self._of_ground[known] = self._added(self.ground.worlds[known], known, parent)
        return number

    def _added(self, world: World, known: int | None, parent: tuple[int, Move] | None) -> int:
        self._queue.append(world)
        self._ground_of.append(known)
        self.found.states.append(world.state or "")
        self.found.edges.append([])
        self.found.can.append(set())
        self.found.parents.append(parent)
        return len(self._queue) - 1


@dataclass
class Trial:
    """Everything that is needed to try the mutants of one duty."""

    workflow: Workflow
    proof: Proof
    contract: Contract
    workflows: Mapping[str, Workflow]
    on_trial: OnTrial = field(default_factory=OnTrial)
    grounds: list[Ground] = field(default_factory=list)
    questions: Questions = field(default_factory=Questions)
    claims: tuple[Claim, ...] = ()

    def prepare(self) -> None:
        """Explores the declaration itself. A claim that it breaks convicts no mutant."""
        for scope in self.proof.scopes:
            of = self.workflow, scope, self.proof.claims, self.contract, self.workflows
            ground = Ground(*of, questions=self.questions)
            ground.run()
            self.grounds.append(ground)
        self.grounds.sort(key=lambda one: one.size)
        broken = {one.claim.name for ground in self.grounds for one in ground.found.violations}
        self.claims = tuple(claim for claim in self.proof.claims if claim.name not in broken)

    @property
    def lacking(self) -> list[tuple[str, str]]:
        """What the charter gives, and nobody in any scope is seen to have."""
        return _lacking(self.on_trial, self.grounds)

    def mutants(self) -> list[Mutant]:
        """Those on trial: not what no scope comes to (see `Proof.unreached`), and not what stands trial with another duty."""
        spared = {*self.proof.unreached, *self.on_trial.elsewhere}
        return [one for one in mutants(self.workflow) if not one.acts & spared]

    def verdict(self, mutant: Mutant) -> Verdict:
        """What becomes of a mutant."""
        try:
            made = mutant.made()
        except Contradiction as fault:
            return Verdict(mutant.name, UNSOUND, str(fault))
        if mutant.never_called:
            return Verdict(mutant.name, EQUIVALENT, NEVER_CALLED)
        if mutant.narrows in self.on_trial.given and mutant.narrows not in self.lacking:
            return Verdict(mutant.name, CLAIM, GIVEN)  # Whoever it is taken from, or wherever, does it no more.
        if mutant.narrows and not any(mutant.narrows in ground.done for ground in self.grounds):
            return Verdict(mutant.name, EQUIVALENT, NEVER_DONE)
        try:
            by = self._in_full(made, self.proof.scopes, []) if mutant.limit else self._convicted(made, mutant)
        except TooMany:
            by = None
        told = self.on_trial.equivalent.get(mutant.name)
        return Verdict(mutant.name, *(by or ((EQUIVALENT, told) if told else (SURVIVES,))))

    def _convicted(self, made: Workflow, mutant: Mutant) -> tuple[str, str] | None:
        before, known = self.questions.copied(), len(self.questions)
        exact = _looks_no_further(made, self.workflow, self.questions)
        found: list[Doers] = []
        anew: list[Scope] = []
        same, tried = True, False
        try:
            for ground in self.grounds:
                if not self._touches(ground, made, mutant):
                    found.append(ground)
                    continue
                self.questions.by_state = before.copied().by_state
                tried = tried or self._tries(ground, made, mutant)
                again = Again(ground, made, mutant.acts, self.claims, self.contract, self.workflows)
                try:
                    again.go_through()
                    told_apart = exact and len(self.questions) == known
                except TooMany:
                    told_apart = False
                if told_apart and not again.found.violations:
                    again.found.violations += check_whole(again.workflow, again.found, self.claims, again.stage)
                if again.found.violations:
                    return CLAIM, again.found.violations[0].claim.name
                if told_apart:
                    found.append(again)
                    same = same and not again.differs
                else:
                    anew.append(ground.scope)
            by = self._in_full(made, anew, found)
        finally:
            self.questions.by_state = before.by_state
        same = same and (not anew or self._never_did(found, made, mutant))
        return (EQUIVALENT, GUARDED) if by is None and same and tried else by

    @staticmethod
    def _touches(ground: Ground, made: Workflow, mutant: Mutant) -> bool:
        """Whether what is otherwise can be tried in this scope at all."""
        states = set(ground.found.states) - set(ground.scope.until)
        for act in mutant.acts - set(ground.scope.leaves_out):
            action = made.actions[act]
            sources = made.sources(action)
            if act in ground.found.acted or action.source is None or any(state.name in states for state in sources):
                return True
        return False

    @staticmethod
    def _tries(ground: Ground, made: Workflow, mutant: Mutant) -> bool:
        """Whether somebody in this scope did try what the mutant allows beyond the declaration. Where nobody at all can do the
        act, that nothing comes of it says nothing."""
        act, what = mutant.widens or ("", "")
        if act not in ground.found.acted:
            return False
        action = made.actions[act]
        fills = [fill for fill, _ in ground.stage.fills(action)]
        if what in made.states:
            reached = set(ground.found.states) - set(ground.scope.until)
            return what in reached and any(not fill.at or what in fill.at for fill in fills)
        if all(role.name != what for role in action.by):
            return (act, what) in ground.refused
        players = {player.name for player in ground.scope.cast if what in player.roles}
        can = zip(ground.found.states, ground.found.can, strict=True)
        states = {state for state, possible in can if any(one == act for one, _ in possible)}
        by = ((players & set(one.only or players), states & set(one.at or states)) for one in fills)
        return any(all(pair) for pair in by)

    def _unreached(self, found: Sequence[Doers]) -> tuple[str, str] | None:
        """What should be possible and is not; else the first state or act that the declaration comes to in some scope, and the
        mutant in none."""
        if not set(_lacking(self.on_trial, found)) <= set(self.lacking):
            return CLAIM, GIVEN
        if self.on_trial.given and _counted(found) - {*self.on_trial.given, *_counted(self.grounds)}:
            return CLAIM, COUNTED
        reached = {name for one in found for name in (*one.found.states, *one.found.acted)}
        for ground in self.grounds:
            for name in (*ground.found.states, *sorted(ground.found.acted)):
                if name and name not in reached:
                    return UNREACHED, name
        return None

    def _in_full(self, made: Workflow, scopes: Iterable[Scope], found: list[Doers]) -> tuple[str, str] | None:
        """Explored from nothing, as the declaration is: where its worlds are told apart by other questions. `found`: what was
        explored already, of the other scopes. Raises TooMany where nothing was found, and not all was gone through."""
        questions, too_many = self.questions.copied(), None
        for scope in scopes:
            explorer = Doers(made, scope, self.claims, self.contract, self.workflows, questions=questions, most=MOST,
                             stop_at_first=True)  # fmt: skip
            explorer.decide = decide_bare
            try:
                explorer.run()
            except TooMany as fault:
                too_many = fault
                continue
            if explorer.found.violations:
                return CLAIM, explorer.found.violations[0].claim.name
            found.append(explorer)
        if too_many is not None:
            raise too_many
        return self._unreached(found)

    @staticmethod
    def _never_did(found: Sequence[Doers], made: Workflow, mutant: Mutant) -> bool:
        """Whether nobody came to do an act by the role, or in the state, that the mutant adds to it."""
        act, what = mutant.widens or ("", "")
        added = what in {*made.states, *(role.name for role in made.actions[act].by)} if act else False
        return added and not any(mutant.widens in one.done for one in found)


def _lacking(on_trial: OnTrial, found: Iterable[Doers]) -> list[tuple[str, str]]:
    done = {pair for one in found for pair in one.done}
    return [pair for pair in on_trial.given if pair not in done]


def _counted(found: Iterable[Doers]) -> set[tuple[str, str]]:
    return {pair for one in found for pair in one.counted}


def _looks_no_further(made: Workflow, workflow: Workflow, questions: Questions) -> bool:
    """Whether from no state on anything can be asked that could not be asked before: then nothing was merged too early."""
    before, after = (questions.relevant(ways(one)) for one in (workflow, made))
    return all(
        heard.questions <= before[state].questions and heard.looked <= before[state].looked
        for state, heard in after.items()
    )
