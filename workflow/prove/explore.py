"""Goes through every world that a workflow can come to within a scope: breadth first, so that what goes wrong is found by
the shortest way. The judgement is the real one, on the real declaration; what follows from it is `workflow.follow`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from time import process_time
from typing import Any

from workflow.attempt import THE_CLOCK, Attempt
from workflow.contract import Contract
from workflow.decide import Accepted, Refused, decide, run_out
from workflow.declare import DESK, Action, Missing, Workflow
from workflow.follow import struck
from workflow.prove.claims import FRESH, NO_FACTOR, OLD_FACTOR, OTHER_FACTOR, OUTDATED_FACTOR, Claim, Step
from workflow.prove.explored import ELSEWHERE, FOUND_ONE, REFUSED, TIME, Ahead, Explored, Move, Violation
from workflow.prove.heard import COMPUTED, PERSONAL, REFUSALS, Asked, Question, Questions
from workflow.prove.judge import SECOND, Judge
from workflow.prove.scope import Player, Scope
from workflow.prove.whole import check_whole
from workflow.prove.world import Keys, Numbers, World, one_person
from workflow.soundness import ways

PERSON = frozenset({"person", "account", "party"})
"""What tells of an event who did it."""


class TooMany(RuntimeError):
    """A scope has more configurations than it may."""


class _Learned(Exception):
    """A question was asked for the first time: what was explored without it is explored again."""


class Explorer(Judge):
    """Explores one workflow within one scope. `questions` may be handed on from an earlier exploration of the like."""

    def __init__(
        self,
        workflow: Workflow,
        scope: Scope,
        claims: Sequence[Claim],
        contract: Contract,
        workflows: Mapping[str, Workflow],
        *,
        without: Collection[str] = (),
        questions: Questions | None = None,
        most: int = 200_000,
        stop_at_first: bool = False,
    ) -> None:
        super().__init__(workflow, scope, contract, workflows, without, questions)
        self.most, self.stop_at_first = most, stop_at_first
        finals = {name for name, state in self.workflow.states.items() if state.final}
        self.keys = Keys(self.stage, self.questions, ways(self.workflow), finals)
        self.claims = tuple(claims)
        self._never: dict[str, list[Claim]] = {
            name: [c for c in claims if c.kind == "never" and (not c.acts or name in c.acts)]
            for name in self.workflow.actions
        }
        self._excusing = [claim for claim in claims if claim.unless is not None]
        self._asks_factor = {
            name for name, a in self.workflow.actions.items() if any(g.name == "identified" for g in a.guards)
        }
        self._players = {
            name: [p for p in scope.cast if set(p.roles) & {role.name for role in action.by}]
            for name, action in self.workflow.actions.items()
        }
        self._from: dict[str | None, tuple[Action, ...]] = {}
        self._lapsing = None if scope.lapses is None else {self.stage.persons[name] for name in scope.lapses}
        self._name_of = {person: name for name, person in reversed(self.stage.persons.items())}
        self._asked_refusals: set[str] = set()
        self._twins: dict[tuple[str, int], World | int] = {}
        self._known: dict[int, tuple[World, Ahead]] = {}
        self.numbers = Numbers()
        self.found = Explored(scope)

    # --- all of it ---------------------------------------------------------------------------------------------------

    def run(self) -> Explored:
        """Explores until no question is new, and checks every claim.

        A question that is asked for the first time tells worlds apart that were taken for one. What was tried in a world
        stays as it is; only keys are made anew, and worlds gone through that were none of their own before.
        """
        begun, rounds = process_time(), 0
        first = self.unopened()
        while True:
            rounds += 1
            self.found, self.attempts = Explored(self.scope, rounds=rounds), 0
            try:
                self._breadth_first(first)
                break
            except _Learned:
                continue
        self._known = {}
        if not (self.stop_at_first and self.found.violations):
            self.found.violations += check_whole(self.workflow, self.found, self.claims, self.stage)
        self.found.seconds, self.found.attempts = process_time() - begun, self.attempts
        return self.found

    def _breadth_first(self, first: World) -> None:
        asked = (question for heard in self.questions.by_state.values() for question in heard.questions)
        self._asked_refusals = {question[1] for question in asked if question[0] == "refusals"}
        known = len(self.questions)
        self.keys.learn()
        self._forget()
        numbers = self.numbers = Numbers()
        queue: list[World | None] = []
        self._place(first, None, numbers, queue)
        for number, world in enumerate(queue):
            assert world is not None, "each is gone through once"
            if len(queue) > self.most:
                raise TooMany(f"{self.scope.name}: more than {self.most} configurations")
            ahead = self._ahead(number, world)
            placed: dict[int, int] = {}
            for move, after in ahead.moves:
                if id(after) not in placed:
                    placed[id(after)] = self._place(after, (number, move), numbers, queue)
                self.found.edges[number].append((move, placed[id(after)]))
            if self.stop_at_first and self.found.violations:
                return
            queue[number] = None  # What has been gone through needs no room any more.
            if len(self.questions) != known and self._worth_it(number):
                raise _Learned
        if len(self.questions) != known:
            raise _Learned

    def _ahead(self, number: int, world: World) -> Ahead:
        """What can happen in a world: tried once, and remembered until no question is new."""
        self.questions.listen(world.state)
        self.found.excused[number] = {c.name for c in self._excusing if c.unless is not None and c.unless(world)}
        remembered = self._known.get(id(world))
        if remembered is None:
            ahead = self._try_all(number, world)
            self._known[id(world)] = world, ahead  # With the world, so that no other one gets its identity.
        else:
            ahead = remembered[1]
            way = self.found.way_to(number)
            self.found.violations += [Violation(claim, (*way, move)) for claim, move in ahead.broken]
            self.attempts += ahead.attempts
        self.found.can[number] = ahead.can
        self.found.acted |= ahead.acted
        return ahead

    def _try_all(self, number: int, world: World) -> Ahead:
        begun, broken, acted = self.attempts, len(self.found.violations), self.found.acted
        self.questions.relied, self._twins, self.found.acted = set(), {}, set()
        moves: list[tuple[Move, World]] = []
        for move, after in self._moves(number, world):
            assert isinstance(after, World), "numbers are given to what is known from elsewhere"
            if move.kind == "act":
                self._twins.setdefault((move.act, move.fill), after)
            moves.append((move, after))
        found = [(one.claim, one.way[-1]) for one in self.found.violations[broken:]]
        relies = {*self.questions.relied, (REFUSALS, *sorted(self._asked_refusals))}
        acted, self.found.acted = self.found.acted, acted
        return Ahead(moves, self.found.can[number], acted, found, frozenset(relies), self.attempts - begun)

    def _forget(self) -> None:
        """What was tried in a world counts no longer where somebody has come to ask what was left out there."""
        relies = {one for _, ahead in self._known.values() for one in ahead.relies}
        spoiled = {one for one in relies if not self._is_left_out(one)}
        if spoiled:
            self._known = {n: one for n, one in self._known.items() if one[1].relies.isdisjoint(spoiled)}

    def _is_left_out(self, question: Question) -> bool:
        what, *told = question
        if what == COMPUTED:
            return not self.questions.reads(*told)
        if what == PERSONAL:
            return not self.keys.reads(*told) & PERSON
        return set(told) == self._asked_refusals

    @staticmethod
    def _worth_it(number: int) -> bool:
        """Early on every few worlds, later seldom: much is asked for the first time by the first worlds."""
        return number & (number + 1) == 0 and number.bit_length() % 2 == 0

    def _place(self, world: World, parent: tuple[int, Move] | None, numbers: Numbers, queue: list[World | None]) -> int:
        key = self.keys.key(world)
        number = numbers.of(key, world.counts)
        if number is not None:
            self.found.merges += 1
            return number
        number = numbers.add(key, world.counts, len(queue))
        queue.append(world)
        self.found.states.append(world.state or "")
        self.found.edges.append([])
        self.found.can.append(set())
        self.found.parents.append(parent)
        self.questions.listen(world.state)
        for claim in self.claims:
            if claim.kind == "stands" and claim.view is not None and world.state is not None and claim.view(world):
                self.found.violations.append(Violation(claim, self.found.way_to(number)))
        return number

    def moves(self, world: World) -> list[tuple[Move, World]]:
        """Everything that can happen in a world, whoever else leads to the same: for whoever walks through it step by step."""
        self._twins = {}
        return [(move, after) for move, after in self._moves(0, world) if isinstance(after, World)]

    def played(self, world: World, move: Move) -> World:
        """What one move leads to. It is judged once more, so that a story tells nothing that could not happen."""
        if move.kind == TIME:
            return self._struck(None, self._later(world) or world, move)
        if move.kind == FOUND_ONE:
            return one_person(world, self.stage, move.act, move.player)
        if move.kind == ELSEWHERE:
            other = next(one for one in self.scope.elsewhere if one.name == move.act)
            changed = other.change(world.facts)
            assert changed is not None, "it could happen when it was explored"
            return world.with_facts(changed)
        action = self.workflow.actions[move.act]
        player = next(one for one in self.scope.cast if one.name == move.player)
        fields = self.stage.fills(action)[move.fill][1]
        without = self.stage.persons[move.lapsed] if move.lapsed else 0
        decision, attempt = self.judged(world, action, player, fields, move.factor, without)
        if isinstance(decision, Refused):
            assert move.kind == REFUSED, f"{move} was accepted when it was explored"
            return self.put_down(world, attempt, decision)
        after = self._done(None, world, attempt, decision, move)
        assert after is not None, "it could be followed when it was explored"
        return after

    # --- one world ---------------------------------------------------------------------------------------------------

    def _moves(self, number: int, world: World) -> Iterator[tuple[Move, World | int]]:
        if world.state in self.scope.until:
            return
        if world.state not in self._from:
            self._from[world.state] = self.workflow.actions_from(world.state)
        for action in self._from[world.state]:
            if not action.by_clock and action.name not in self.scope.leaves_out:
                yield from self._acts(number, world, action)
        if world.state is not None:
            yield from self._passing(number, world)
            for other in self.scope.elsewhere:
                changed = other.change(world.facts)
                if changed is not None:
                    yield Move(ELSEWHERE, other.name), world.with_facts(changed)
            for kept, two in self.scope.found_one if not world.merged else ():
                yield Move(FOUND_ONE, kept, two), one_person(world, self.stage, kept, two)

    def _acts(self, number: int, world: World, action: Action) -> Iterator[tuple[Move, World | int]]:
        limit, factor = self.scope.at_most.get(action.name), FRESH if action.name in self._asks_factor else NO_FACTOR
        spent = limit is not None and dict(world.counts).get(action.name, 0) >= limit
        for player in self._players[action.name]:
            for place, (fill, fields) in enumerate(self.stage.fills(action)):
                if (fill.only and player.name not in fill.only) or (fill.at and world.state not in fill.at):
                    continue
                move = Move("act", action.name, player.name, place, factor=factor)
                yield from self._tried(number, world, action, player, fields, move, spent or fill.aside)

    def _tried(
        self,
        number: int,
        world: World,
        action: Action,
        player: Player,
        fields: Mapping[str, Any],
        move: Move,
        spent: bool,
    ) -> Iterator[tuple[Move, World | int]]:
        """One act by one player: as things are, and then with each mandate missing that could make a difference."""
        decision, attempt = self.judged(world, action, player, fields, move.factor)
        used, missing = self.hearing.used | attempt.used, [set(one) for one in self.hearing.missing]
        if isinstance(decision, Accepted):
            party = attempt.actor.party
            twin = self._twins.get((move.act, move.fill)) if self._is_impersonal(decision) else None
            after = self._done(number, world, attempt, decision, move) if twin is None and not spent else twin
            if spent or after is not None:
                self.found.can[number].add((action.name, party.name if party else ""))
                self._claims(number, attempt, decision, move)
                used |= attempt.used  # Claims look at mandates too.
                if move.factor == FRESH:
                    self._other_factors(number, world, attempt, player, move)
            if after is not None:
                yield move, after
        elif action.name in self._asked_refusals and not spent and decision.reason != "not_yours":
            yield replace(move, kind=REFUSED), self.put_down(world, attempt, decision)
        could = used if isinstance(decision, Accepted) else set.intersection(*missing) if missing else set()
        for person in could - {self.stage.persons[player.name]}:
            if self._lapsing is None or person in self._lapsing:
                known = isinstance(decision, Accepted) or spent
                yield from self._without(number, world, action, player, fields, move, person, known)

    def _is_impersonal(self, accepted: Accepted) -> bool:
        """Whether it makes no difference to what comes who of several players has done the act."""
        action = accepted.action
        if action.source is None or action.signs or action.files or action.asks_back or action.answers_back:
            return False
        if action.takes_file or action.amends or action.computes or action.effects:
            return False
        question = PERSONAL, accepted.dest, action.name
        if self._is_left_out(question):
            self.questions.relied.add(question)
            return True
        return False

    def _without(
        self, number: int, world: World, action: Action, player: Player, fields: Mapping[str, Any], move: Move,
        person: int, known: bool,
    ) -> Iterator[tuple[Move, World | int]]:  # fmt: skip
        """The same act with one person's mandates missing. Where what comes of it is known, it comes to the same."""
        decision, attempt = self.judged(world, action, player, fields, move.factor, without=person)
        if not isinstance(decision, Accepted):
            return
        calls = action.asks_back or action.answers_back
        move = replace(move, lapsed=self._name_of[person])
        after = self._done(number, world, attempt, decision, move) if calls or not known else None
        if calls and after is None:
            return
        self._claims(number, attempt, decision, move)
        if not known and after is not None:
            yield move, after

    def _other_factors(self, number: int, world: World, shown: Asked, player: Player, move: Move) -> None:
        """The same act with no second factor, or with one that should not count: what is accepted is looked at by claims."""
        action = self.workflow.actions[move.act]
        for factor in (NO_FACTOR, OLD_FACTOR, OTHER_FACTOR, OUTDATED_FACTOR):
            if self._is_refused_for_it(world, action, shown, factor):
                continue
            decision, attempt = self.judged(world, action, player, shown.fields or {}, factor)
            if isinstance(decision, Accepted):
                self._claims(number, attempt, decision, replace(move, factor=factor))

    def _is_refused_for_it(self, world: World, action: Action, shown: Asked, factor: str) -> bool:
        """Whether the guard that asks for the factor refuses, this one in the place of the fresh one that is shown: what the
        others say makes no difference then."""
        asks = next(one for one in action.guards if one.name == "identified")
        other = () if factor == NO_FACTOR else (self._factor(world, shown.actor, factor),)
        facts = replace(shown.facts, identity=(*shown.facts.identity[:-1], *other))
        return isinstance(asks.check(replace(shown, facts=facts)), Missing)

    def _done(self, number: int | None, world: World, attempt: Asked, accepted: Accepted, move: Move) -> World | None:
        """What an accepted act leads to. A limit that had run out before the act began it is struck before anybody does
        anything more: the desk looks first at what is due."""
        after = self.followed(world, attempt, accepted)
        struck = after and self._struck(number, after, move)
        self.questions.listen(world.state)
        return struck

    # --- time --------------------------------------------------------------------------------------------------------

    def _passing(self, number: int, world: World) -> Iterator[tuple[Move, World | int]]:
        later = self._later(world)
        if later is not None:
            passed = Move(TIME, act=str(later.moment))
            yield passed, self._struck(number, later, passed)

    def _later(self, world: World) -> World | None:
        """The next moment of the scope. After the last one time passes only where the clock alone is awaited; where a ticket
        has ended and nothing runs, it changes nothing."""
        if self.workflow.states[world.state or ""].final and all(t.status != "running" for t in world.facts.timers):
            return None
        if world.moment + 1 < len(self.scope.moments):
            return replace(world, at=self.begins + self.scope.moments[world.moment + 1], moment=world.moment + 1)
        running = [t.due_at for t in world.facts.timers if t.status == "running"]
        if not running or self.workflow.states[world.state or ""].awaits != DESK:
            return None
        return replace(world, at=min(running) + SECOND)

    def _struck(self, number: int | None, world: World, after: Move) -> World:
        """The clock strikes what has run out by now, in the order in which it did, `after` this move."""
        while True:
            due = [t for t in world.facts.timers if t.status == "running" and t.due_at < world.at]
            if not due:
                return world
            timer = min(due, key=lambda one: (one.due_at, one.id))
            self.questions.listen(world.state)
            world = world.with_facts(struck(world.facts, timer.id))
            deadline = self.workflow.deadlines[timer.deadline]
            action = self.workflow.actions[deadline.missed]
            attempt = Asked(action.name, THE_CLOCK, world.at, *world.heard, self.edition, None, memory=world.memory)
            attempt = replace(attempt, fields=run_out(deadline, attempt, timer.due_at))
            decision = decide(self.workflow, attempt)
            if isinstance(decision, Accepted):
                followed = self.followed(world, attempt, decision)
                assert followed is not None, "the clock calls nobody back"
                if number is not None:
                    self._claims(number, attempt, decision, after)
                world = followed
            else:
                world = self.put_down(world, attempt, decision)

    # --- claims ------------------------------------------------------------------------------------------------------

    def _claims(self, number: int, attempt: Attempt, accepted: Accepted, move: Move) -> None:
        self.found.acted.add(accepted.action.name)
        step = Step(self.workflow, attempt, accepted, move.factor)
        for claim in self._never[accepted.action.name]:
            if claim.sight is not None and claim.sight(step):
                self.found.violations.append(Violation(claim, (*self.found.way_to(number), move)))
