"""A world: one ticket with all that is known of it, at one moment; and its key, by which two worlds are taken for one.

The key holds the answer to every question that a judgement or a claim was ever heard to ask, and what is looked at without
a question: papers, checks of identity, limits that are not finished, links. A judgement that asks the same and gets the same
answers comes to the same, and so does what it leads to, because every answer after an act follows from the answers before
it and from the act. Mandates and second factors are no part of it: they may be otherwise at any moment, and are tried so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from workflow.attempt import THE_CLOCK, Actor, Facts, MandateFact, PaperFact, TicketFact
from workflow.contract import Edition
from workflow.follow import CALL_BACK
from workflow.prove.heard import (
    ALL_FIELDS,
    CALLS,
    PAPERS,
    Asked,
    HeardPast,
    Memory,
    Question,
    Questions,
    Ways,
    frozen,
    heard_facts,
    heard_ticket,
)
from workflow.prove.scope import Stage

Key = tuple[Any, ...]
Counts = tuple[tuple[str, int], ...]


@dataclass
class World:
    """See the module. `counts`: how often acts that are limited were done; `merged`: who turned out to be one person."""

    ticket: TicketFact
    facts: Facts
    at: datetime
    memory: Memory
    moment: int = 0
    counts: Counts = ()
    merged: tuple[tuple[str, str], ...] = ()
    edition: Edition | None = None
    _heard: tuple[TicketFact, Facts] | None = None

    @property
    def state(self) -> str | None:
        return self.ticket.state

    @property
    def heard(self) -> tuple[TicketFact, Facts]:
        """Ticket and facts that note what is read of them."""
        if self._heard is None:
            heard = self.memory.heard
            self._heard = heard_ticket(self.ticket, heard), heard_facts(self.facts, heard)
        return self._heard

    def look(self, actor: Actor = THE_CLOCK, action: str = "") -> Asked:
        """The world as claims look at it, outside any act."""
        assert self.edition is not None
        return Asked(action, actor, self.at, *self.heard, self.edition, None, memory=self.memory)

    def after(self, ticket: TicketFact, facts: Facts, counts: Counts) -> World:
        """The world once an event has been added."""
        event = facts.history[-1]
        heard = HeardPast(event, self.memory.heard)
        events = (*self.memory.events, heard) if event.accepted else self.memory.events
        memory = Memory(self.memory.heard, events, facts.history)
        return replace(self, ticket=ticket, facts=facts, memory=memory, counts=counts, _heard=None)

    def with_facts(self, facts: Facts) -> World:
        """The world with other facts beside its history."""
        return replace(self, facts=facts, _heard=None)


def with_history(world: World, facts: Facts) -> World:
    """The world with a history that reads otherwise, event by event."""
    heard = world.memory.heard
    events = tuple(HeardPast(event, heard) for event in facts.history if event.accepted)
    return replace(world, facts=facts, memory=Memory(heard, events, facts.history), _heard=None)


def one_person(world: World, stage: Stage, kept: str, other: str) -> World:
    """The world once two players have turned out to be one natural person's accounts: as the records then tell it."""
    one, two = stage.persons[kept], stage.persons[other]
    same = {two: one}

    def natural(person: int | None) -> int | None:
        return same.get(person or 0, person)

    facts = world.facts
    changed = replace(
        facts,
        history=tuple(replace(event, person=natural(event.person)) for event in facts.history),
        papers=tuple(
            replace(
                paper,
                filed_by=natural(paper.filed_by),
                signatures=tuple(replace(s, person=same.get(s.person, s.person)) for s in paper.signatures),
            )
            for paper in facts.papers
        ),
        mandates=tuple(replace(held, person=same.get(held.person, held.person)) for held in facts.mandates),
        identity=tuple(
            replace(check, person=same.get(check.person, check.person), verifier=natural(check.verifier))
            for check in facts.identity
        ),
        first={**facts.first, stage.accounts[other]: one},
    )
    return replace(with_history(world, changed), merged=(*world.merged, (kept, other)))


@dataclass
class _Compiled:
    """What a key of one state holds."""

    questions: list[Question]
    read: dict[str, tuple[str, ...]]
    ranked: frozenset[str]
    calls: bool
    papers: bool
    events: dict[tuple[int, bool], tuple[HeardPast, Any]] = field(default_factory=dict)
    """What counts of an event, as it was found once: worlds that follow from one another share their events."""


class Keys:
    """Makes keys by the questions known so far. Of each state only what can still be asked from there on counts."""

    def __init__(self, stage: Stage, questions: Questions, ways: Ways, finals: Collection[str]) -> None:
        self.stage, self.questions, self.ways, self.finals = stage, questions, ways, finals
        self._known = -1
        self._compiled: dict[str, _Compiled] = {}

    def learn(self) -> None:
        """Takes up what was asked since."""
        self._known = len(self.questions)
        for state, heard in self.questions.relevant(self.ways).items():
            read: dict[str, set[str]] = {}
            for of, name in heard.looked:
                read.setdefault(of, set()).add(name)
            self._compiled[state] = _Compiled(
                sorted(heard.questions, key=repr),
                {of: tuple(sorted(names - {"place"})) for of, names in read.items()},
                frozenset(of for of, names in read.items() if "place" in names),
                CALLS in read,
                PAPERS in read,
            )

    def reads(self, state: str, of: str) -> frozenset[str]:
        """What can still be read, from this state on, of an act or a paper of this name."""
        return frozenset(self._compiled[state].read.get(of, ()))

    def key(self, world: World) -> Key:
        """The key of a world."""
        if self._known < 0:
            self.learn()
        state, content = world.ticket.state or "", world.ticket.content
        told = self._compiled[state]
        timers = self._timers(world)
        # Where a ticket has ended and nothing runs any more, nothing can run out either.
        at = None if state in self.finals and not timers else world.at
        return (
            at, state, world.ticket.opened_party, world.merged,
            _fields(told, "ticket", world.ticket.fields),
            tuple(_answered(told, world, question, content) for question in told.questions), _order(told, world),
            tuple(
                _paper(told, paper, content)
                for paper in _newest(world.facts.papers)
                if told.papers or f"paper:{paper.kind}" in told.read
            ),
            tuple(_identity(world)) if told.calls else (), timers,
            tuple((x.number, x.kind, x.state, x.final, x.relation) for x in world.facts.links),
            self._beside(world),
        )  # fmt: skip

    def _timers(self, world: World) -> frozenset[Any]:
        found: list[Any] = []
        kept = self.stage.scope.keeps
        latest = {timer.deadline: timer for timer in world.facts.timers if timer.deadline in kept}
        for timer in world.facts.timers:
            if timer.stopped_at is None and timer.status == "running":
                found.append((timer.deadline, "running", timer.due_at))
            elif timer.stopped_at is None and timer.status == "missed":
                found.append((timer.deadline, "missed"))
        found += [(t.deadline, t.started_at, t.due_at, t.status, t.stopped_at) for t in latest.values()]
        return frozenset(found)

    def _beside(self, world: World) -> tuple[Any, ...]:
        """What stands outside the ticket, and who still holds which mandate, where it is otherwise than at the beginning."""
        more, mandates = world.facts.more, world.facts.mandates
        held = () if mandates is self.stage.mandates else tuple(one.id for one in mandates)
        if more is self.stage.scope.more:
            return held
        return (held, *(repr(more[name]) for name in ("supplements", "catalogue", "open") if name in more))


class Numbers:
    """The configurations that were found, by key. How often a limited act was done is no part of a world: the limit only keeps
    a scope small. So where the same was found with no act done more often, everything that can still happen can happen there,
    and no configuration is needed for it."""

    def __init__(self) -> None:
        self._found: dict[Key, list[tuple[Counts, int]]] = {}

    def of(self, key: Key, counts: Counts) -> int | None:
        """The number of the configuration that a world is taken for."""
        done = dict(counts)
        for fewer, number in self._found.get(key, ()):
            if all(done.get(act, 0) >= times for act, times in fewer):
                return number
        return None

    def add(self, key: Key, counts: Counts, number: int) -> int:
        self._found.setdefault(key, []).append((counts, number))
        return number

    def __iter__(self) -> Iterator[tuple[Key, int]]:
        return ((key, number) for key, found in self._found.items() for _, number in found)


def _answered(told: _Compiled, world: World, question: Question, content: str) -> Any:
    found = world.memory.tell(question)
    kind = question[0]
    if found is None or kind == "refusals":
        return found
    if kind == "persons":
        return frozenset(event.fact.person for event in found)
    if kind == "past":
        return tuple(_event(told, event, content) for event in found)
    return _event(told, found, content)


def _event(told: _Compiled, heard: HeardPast, content: str) -> Any:
    event = heard.fact
    read = told.read.get(event.action)
    if not read:
        return event.action
    which = id(heard), event.content == content
    known = told.events.get(which)
    if known is None:
        # With the event itself, so that no other one gets its identity.
        known = told.events[which] = heard, _told(read, event, event.fields, event.action, content)
    return known[1]


def _told(read: tuple[str, ...], fact: Any, fields: Mapping[str, Any], name: str, content: str) -> tuple[Any, ...]:
    """What is read of an event or a paper: whether it is of the present text, its fields, and whatever else."""
    found: list[Any] = [name]
    for one in read:
        if one[0] == ".":
            found.append(frozen(fields if one == ALL_FIELDS else fields.get(one[1:])))
        elif one == "content":
            found.append(fact.content == content)
        elif one == "signatures":
            found.append(frozenset((s.person, s.meaning, s.party) for s in fact.signatures))
        elif one != "filed":
            found.append(getattr(fact, one))
    return tuple(found)


def _order(told: _Compiled, world: World) -> tuple[str, ...]:
    """In which order the last acts, and the newest papers, stand whose places were compared."""
    if not told.ranked:
        return ()
    seen: list[str] = []
    for event in reversed(world.memory.events):
        if event.action in told.ranked and event.action not in seen:
            seen.append(event.action)
    papers = (f"paper:{p.kind}" for p in sorted(_newest(world.facts.papers), key=lambda p: p.id))
    return (*seen, *(name for name in papers if name in told.ranked))


def _fields(told: _Compiled, of: str, fields: Mapping[str, Any]) -> Any:
    read = told.read.get(of, ())
    if ALL_FIELDS in read:
        return frozen(fields)
    return tuple(frozen(fields.get(name[1:])) for name in read if name[0] == ".")


def _paper(told: _Compiled, paper: PaperFact, content: str) -> Any:
    return _told(told.read.get(f"paper:{paper.kind}", ()), paper, paper.fields, paper.kind, content)


def _newest(papers: tuple[PaperFact, ...]) -> list[PaperFact]:
    """The newest of each kind, by kind: in which order they were filed counts only where somebody compares it."""
    return [paper for _, paper in sorted({paper.kind: paper for paper in papers}.items())]


def _identity(world: World) -> list[Any]:
    """The newest call-back of each person. One that has run out has run out, whenever that was."""
    newest = {check.person: check for check in world.facts.identity if check.method == CALL_BACK}
    return [
        (c.person, c.verifier, c.content == world.ticket.content, c.code is not None, c.passed_at is not None,
         c.expires_at if c.expires_at >= world.at else None)
        for c in sorted(newest.values(), key=lambda check: check.id)
    ]  # fmt: skip


def lapsed(mandates: tuple[MandateFact, ...], person: int) -> tuple[MandateFact, ...]:
    """The mandates without those of one natural person."""
    return tuple(held for held in mandates if held.person != person)
