"""Every duty brought to where two acts are possible at once: found from the declarations, on the real desk, by doing what it
offers.

A situation is a ticket at a moment, kept with its database, and who could do what to it there. A walk begins with the
courses that the scenarios tell and with the ways to open a ticket, and goes on from there wherever an act leads to
something that it has not seen yet; what to fill in is what the simulation's people fill in.
Time is moved like an act: to the next moment at which something becomes possible that was not.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import combinations_with_replacement, count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from database import reading
from tests import databases
from tests.desk.stories import STORIES, Story
from tests.stage import Stage
from tickets import gather
from tickets.acts import Act, Outcome
from tickets.record import FileFact
from tickets.simulate.choosing import Choice, Sitting, bring, tried
from workflow.decide import Refused
from workflow.declare import Action, Workflow

WAIT = "(wait)"
LONGEST_WAITS = 8
Pair = tuple[str, str, str, str]
"""Kind, state, and two acts in the order of the alphabet."""


@dataclass(frozen=True)
class Situation:
    """A ticket at a moment. `able`: by act, who could do it there, and with which fields."""

    kind: str
    state: str
    number: str
    at: datetime
    database: databases.Kept
    able: Mapping[str, tuple[Choice, ...]] = field(hash=False)

    @property
    def pairs(self) -> set[Pair]:
        """The acts of which both are possible, each with itself too: two people may want the same."""
        return {(self.kind, self.state, *two) for two in combinations_with_replacement(sorted(self.able), 2)}

    def put_back(self, stage: Stage) -> None:
        """The stage is again as it stood."""
        put_back(stage, self.database, self.at)


def put_back(stage: Stage, database: databases.Kept, at: datetime) -> None:
    stage.engine.dispose()
    database.put_back(stage.url)
    stage.at = at


def declared_pairs(declared: Workflow) -> set[Pair]:
    """Every two acts of people that lead away from one state or stay in it."""
    return {
        (declared.kind, state, *two)
        for state in declared.states
        for two in combinations_with_replacement(
            sorted(a.name for a in declared.actions_from(state) if not a.by_clock), 2
        )
    }


def asked(stage: Stage, number: str | None, choice: Choice, key: str, *, kind: str | None = None) -> Act:
    """The act as it is brought to the desk, on the ticket as it stands now."""
    note = f"{choice.paper}:{choice.account}".encode()
    return Act(
        account=choice.account,
        action=choice.action,
        key=key,
        number=number,
        kind=kind,
        contract=stage.contract.key,
        version=stage.row(number).version if number else None,
        fields=choice.fields,
        file=FileFact(sha256(note).hexdigest(), "file.pdf", "application/pdf", len(note)) if choice.paper else None,
    )


def prove(stage: Stage, number: str, choices: Iterator[Choice] | list[Choice]) -> None:
    """Whoever's act asks for it has shown a fresh second factor."""
    names = {account: name for name, account in stage.accounts.items()}
    for account in sorted({one.account for one in choices if one.proves}):
        stage.prove(number, by=names[account])


class Walk:
    """Walks through one duty until nothing new is found, or so many acts were done."""

    def __init__(self, stage: Stage, kind: str, seed: int = 1, openings: int = 4) -> None:
        self.openings = openings
        self.stage, self.declared, self.dice = stage, stage.workflows[kind], Random(f"{kind} {seed}")
        stage.engine.dispose()
        self.start = databases.keep(stage.url), stage.at
        self.found: list[Situation] = []
        self.pairs: set[Pair] = set()
        self.seen: set[tuple[str, frozenset[str], frozenset[str]]] = set()
        self.taken: Counter[tuple[str, str]] = Counter()
        self.acts = 0
        self._order, self._keys = count(), count()
        self._edges: list[tuple[int, int, int, Situation, Choice | None]] = []

    def go(self, most: int, stories: Sequence[Story] = ()) -> list[Situation]:
        """The situations, in the order in which they were met: each has a pair of acts that none before it had. `most`: so
        many acts beyond the stories and the openings."""
        for story in stories:
            self._hear(story)
        for choice in self.openings_now():
            self._look(self._opened(choice), 0)
        beyond = self.acts + most
        while self._edges and self.acts < beyond:
            _, depth, _, here, next_one = heapq.heappop(self._edges)
            self._follow(here, next_one, -depth)
        put_back(self.stage, *self.start)
        return self.found

    def _hear(self, story: Story) -> None:
        """Lets a story be told, and looks at its ticket after each act, and before one for which time has passed."""
        put_back(self.stage, *self.start)
        desk, real, seen_at = self.stage.desk, self.stage.desk.act, [self.stage.at]

        def looked_at(act: Act) -> Outcome:
            if act.number and self.stage.at > seen_at[0] and self.stage.row(act.number).kind == self.declared.kind:
                self._look(act.number, 0)
            seen_at[0] = self.stage.at
            outcome = real(act)
            self.acts += 1
            if outcome.accepted and outcome.ticket and outcome.ticket["kind"] == self.declared.kind:
                self._look(str(outcome.number), 0)
            return outcome

        with patch.object(desk, "act", looked_at):
            story(self.stage)

    # --- opening -------------------------------------------------------------------------------------------------------

    def openings_now(self) -> list[Choice]:
        """Each role that may open one does, in more than one way."""
        stage, opening = self.stage, self.declared.opening
        with reading(stage.engine) as session:
            facts = gather.facts(
                session, None, contract=stage.contract, workflow=self.declared, at=stage.at, unseal=stage.desk.unseal
            )
        found: list[Choice] = []
        for role in opening.by:
            held = next(m for m in facts.mandates if m.role == role)
            fact = gather.unopened(self.declared, gather.actor_of(facts.mandates, held.account, opening), stage.at)
            sitting = Sitting(self.declared, fact, facts, stage.contract.at(stage.at), stage.at)
            made = [tried(sitting, opening, held, self.dice) for _ in range(self.openings)]
            found += [one for one in made if isinstance(one, Choice)]
        return found

    def _opened(self, choice: Choice) -> str:
        put_back(self.stage, *self.start)
        outcome = self._do(None, choice)
        assert outcome.accepted, outcome
        return str(outcome.number)

    # --- from one to the next --------------------------------------------------------------------------------------------

    def _follow(self, here: Situation, choice: Choice | None, depth: int) -> None:
        here.put_back(self.stage)
        if choice is None:
            self._wait(here)
        else:
            prove(self.stage, here.number, [choice])
            outcome = self._do(here.number, choice)
            assert outcome.accepted, (here.state, choice, outcome)
        self.taken[here.state, what(choice)] += 1
        self._look(here.number, depth + 1)

    def _do(self, number: str | None, choice: Choice) -> Outcome:
        self.acts += 1
        kind = None if number else self.declared.kind
        return self.stage.desk.act(asked(self.stage, number, choice, f"walk-{next(self._keys)}", kind=kind))

    def _wait(self, here: Situation) -> None:
        """Until something is possible that was not, as far as the ticket's own instants tell when."""
        stage = self.stage
        for at in self._moments(here)[:LONGEST_WAITS]:
            self.acts += 1
            stage.at = max(stage.at, at)
            stage.strike()
            if set(able(stage, here.number, self.dice)) - set(here.able) or stage.row(here.number).state != here.state:
                return

    def _moments(self, here: Situation) -> list[datetime]:
        ticket = self.stage.ticket(here.number)
        said: list[Any] = [value for one in ticket.events if one.accepted for value in one.fields.values()]
        moments = {timer.due_at + timedelta(milliseconds=1) for timer in ticket.deadlines.values()}
        for value in (*said, *ticket.fields.values()):
            try:
                moment = datetime.fromisoformat(value)
            except (TypeError, ValueError):
                continue
            moments |= {moment} if moment.tzinfo else set()
        return sorted(moment for moment in moments if moment > here.at)

    def _look(self, number: str, depth: int) -> None:
        """Notes down the situation where it is a new one, and what could be done next."""
        stage = self.stage
        row = stage.row(number)
        found = able(stage, number, self.dice)
        place = row.state, frozenset(found), self._done(number)
        if not found or place in self.seen:
            return
        self.seen.add(place)
        stage.engine.dispose()
        here = Situation(row.kind, row.state, number, stage.at, databases.keep(stage.url), found)
        if here.pairs - self.pairs:
            self.pairs |= here.pairs
            self.found.append(here)
        for name, choices in found.items():
            for choice in choices if self.declared.actions[name].takes_file else [self.dice.choice(choices)]:
                self._push(here, choice, depth)
        if not row.final:
            self._push(here, None, depth)

    def _done(self, number: str) -> frozenset[str]:
        """What has been done on the ticket so far, in whatever order and however often."""
        past = self.stage.ticket(number).events
        return frozenset(f"{one.action} {one.fields.get('paper', '')}" for one in past if one.accepted)

    def _push(self, here: Situation, choice: Choice | None, depth: int) -> None:
        action = self.declared.actions.get(choice.action) if choice else None
        stays = action is None or action.dest is None or action.dest.name == here.state
        rank = self.taken[here.state, what(choice)] * 2 + stays
        heapq.heappush(self._edges, (rank, -depth, next(self._order), here, choice))


def what(choice: Choice | None) -> str:
    """What somebody does, for counting: each document that can be brought is another thing."""
    return f"{choice.action} {choice.paper}".strip() if choice else WAIT


def able(stage: Stage, number: str, dice: Random, each: int = 2) -> dict[str, tuple[Choice, ...]]:
    """By act, up to `each` people who could do it now, with what they would fill in."""
    row = stage.row(number)
    declared = stage.workflows[row.kind]
    with reading(stage.engine) as session:
        facts = gather.facts(
            session, row, contract=stage.contract, workflow=declared, at=stage.at, unseal=stage.desk.unseal
        )
    sitting = Sitting(declared, gather.ticket_fact(row), facts, stage.contract.at(row.opened_at), stage.at)
    found: dict[str, tuple[Choice, ...]] = {}
    for action in declared.actions_from(row.state):
        choices = [] if action.by_clock else list(_choices(sitting, action, dice, each))
        choices = [one for one in choices if not gather.hidden(row, facts.mandates, one.account)]
        if choices:
            found[action.name] = tuple(choices)
    return found


def _choices(sitting: Sitting, action: Action, dice: Random, each: int) -> Iterator[Choice]:
    able = [held for held in sitting.facts.mandates if held.role in action.by]
    if action.takes_file:
        brought = [bring(sitting, [name], (), dice, lambda _: sitting.at) for name in sitting.workflow.papers]
        yield from (one for one in brought if one is not None)
        return
    for held in dice.sample(able, len(able)):
        found = tried(sitting, action, held, dice)
        if isinstance(found, Refused):
            continue
        yield found
        each -= 1
        if not each:
            return


@cache
def ordinary(kind: str) -> tuple[Situation, ...]:
    """The situations along the ordinary course of a duty, found once a process."""
    with TemporaryDirectory() as folder, databases.of_one_test():
        stage = Stage(Path(folder))
        found = Walk(stage, kind, openings=1).go(0, STORIES[kind][:1])
        stage.engine.dispose()
    return tuple(found)
