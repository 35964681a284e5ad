"""The clocks of one ticket, told from its events alone: what started and stopped each limit, and whether it was kept.

The tables keep timers so that the worker finds what is due. Nothing here reads them: the history is gone through once
more under the declaration and an edition, so that whoever doubts a breach can find it anew, and so that the same history
can be looked at under another setting of the contract. A limit is missed when its due instant has passed before it was
stopped; to the instant itself it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, get_args

from pydantic import AwareDatetime

from workflow.attempt import Actor, Attempt, Facts, Past, TicketFact, TimerFact
from workflow.contract import Due, Edition
from workflow.decide import Start, Stop, starts, stops
from workflow.declare import Action, Deadline, Party, State, Workflow
from workflow.fit import figures
from workflow.reckon import reckoned

STATED_BY_THE_CLOCK = ("due_at", "last_due_at")


@dataclass(frozen=True)
class Change:
    """From `since` on a ticket is counted under this edition: the days of `year` were announced (by the notice `source`), or,
    without a year, the contract was loaded anew."""

    since: datetime
    edition: Edition
    year: int | None = None
    source: str = ""


@dataclass(frozen=True)
class Moved:
    """An end that was counted again: from `before` to `after`, by a change at its own instant."""

    by: Change
    before: datetime
    after: datetime


@dataclass(frozen=True)
class Term:
    """One interval of a limit. `started_at` is where it counts from, which may lie before the event that started it; all
    instants are UTC. `status`: "running", "met", "missed" or "dropped", as the instant of the telling has it."""

    deadline: Deadline
    started_by: Past
    started_at: datetime
    due_at: datetime
    figure: str | None
    party: Party | None
    status: str = "running"
    noted_by: Past | None = None
    """The clock's own event that put the miss on record; None while it is not noted yet."""
    stopped_by: Past | None = None
    moved: tuple[Moved, ...] = ()
    ahead_of: datetime | None = None
    """What it lies ahead of, where it is such a one."""
    edition: Edition | None = field(default=None, compare=False, repr=False)
    """The one under which it was counted last: its figures, and the days that were known then."""

    @property
    def stopped_at(self) -> datetime | None:
        return self.stopped_by.at if self.stopped_by else None

    @property
    def binds(self) -> bool:
        return self.deadline.binds

    def end(self, at: datetime) -> datetime:
        """Until when its time counts: where it stopped, else `at`."""
        return self.stopped_at or at

    def explained(self, edition: Edition) -> Due | None:
        """How the due instant follows from the figure, as it was counted last; None where the ticket itself says when the
        limit ends."""
        return (self.edition or edition).due_explained(self.figure, self.started_at) if self.figure else None


def terms(
    workflow: Workflow, edition: Edition, ticket: TicketFact, facts: Facts, at: datetime, later: Sequence[Change] = ()
) -> tuple[Term, ...]:
    """Every term of every limit that ever ran, in the order in which they began, as it stands at `at`. `edition` is that
    under which the ticket was opened; each event is told by what was in force at its own time (`later`, oldest first)."""
    running = _Running(edition, later)
    fields: Mapping[str, Any] = {}
    for place, event in enumerate(facts.history):
        action = workflow.actions.get(event.action)
        if not event.accepted or action is None or event.dest not in workflow.states:
            continue
        running.reach(event.at)
        running.run_out(event, action)
        before = replace(ticket, state=event.source, fields=fields)
        known = replace(facts, history=facts.history[:place], timers=running.timers)
        told = _revived(action, event.fields)
        attempt = Attempt(event.action, _actor(event), event.at, before, known, running.edition, told)
        dest = workflow.states[event.dest]
        if _matters(workflow, action, event, dest):
            # What ends is found among what ran before: what the act itself begins is not among it.
            ended, begun = stops(workflow, action, attempt, dest), starts(workflow, action, attempt, dest)
            running.end(ended, event)
            running.begin(begun, event)
        if action.amends or action.source is None:
            fields = {**fields, **event.fields}
    running.reach(at)
    running.miss(at)
    return tuple(running.terms)


class _Running:
    """The terms so far, and the same as the facts that a declaration's functions look at."""

    def __init__(self, edition: Edition, later: Sequence[Change]) -> None:
        self.terms: list[Term] = []
        self._timers: list[TimerFact] = []
        self.edition, self._later = edition, list(later)

    @property
    def timers(self) -> tuple[TimerFact, ...]:
        return tuple(self._timers)

    def reach(self, at: datetime) -> None:
        """What came in force by `at`: limits that still run are counted again, those that had run out before stay missed."""
        while self._later and self._later[0].since <= at:
            change = self._later.pop(0)
            self.miss(change.since)
            self.edition = change.edition
            for place, term in enumerate(self.terms):
                if term.status == "running":
                    self._set(place, _counted_again(term, change))

    def run_out(self, event: Past, action: Action) -> None:
        """What has passed by the time of an event. The clock notes limits in the order in which they ran out, perhaps long
        afterwards: its act is done as of the instant that it states."""
        if not action.by_clock or "due_at" not in event.fields:
            self.miss(event.at)
            return
        due_at = datetime.fromisoformat(event.fields["due_at"])
        self.miss(due_at)
        struck = (event.fields["deadline"], due_at)
        for place, term in enumerate(self.terms):
            # A restoration that was contested lets the same limit run once more to the same instant: what was kept stays.
            if (
                (term.deadline.name, term.due_at) == struck
                and term.status in ("running", "missed")
                and not term.noted_by
            ):
                self._set(place, replace(term, status="missed", noted_by=event))

    def miss(self, at: datetime) -> None:
        for place, term in enumerate(self.terms):
            if term.status == "running" and term.due_at < at:
                self._set(place, replace(term, status="missed"))

    def end(self, ended: Sequence[Stop], event: Past) -> None:
        for stop in ended:
            place = stop.timer.id - 1
            term = self.terms[place]
            status = "dropped" if stop.dropped else "met" if term.status == "running" else term.status
            self._set(place, replace(term, status=status, stopped_by=event))

    def begin(self, begun: Sequence[Start], event: Past) -> None:
        for one in begun:
            counted = Term(one.deadline, event, one.started_at, one.due_at, one.figure, one.party)
            self.terms.append(replace(counted, ahead_of=one.end, edition=self.edition))
            self._timers.append(self._fact(len(self.terms), self.terms[-1]))

    def _set(self, place: int, term: Term) -> None:
        self.terms[place] = term
        self._timers[place] = self._fact(place + 1, term)

    @staticmethod
    def _fact(number: int, term: Term) -> TimerFact:
        name, reminds = term.deadline.name, term.deadline.reminds
        told = (number, name, term.started_at, term.due_at, term.status, term.stopped_at, reminds)
        return TimerFact(*told, binds=term.party is not None, party=term.party.name if term.party else "")


def _counted_again(term: Term, change: Change) -> Term:
    figure = term.figure if term.figure in change.edition.figures else None
    found = reckoned(term.deadline, figure, term.started_at, term.ahead_of, change.edition)
    if found is None or not found.calendar:
        return term  # No days were counted: it ends when it ends.
    moved = (Moved(change, term.due_at, found.at),) if found.at != term.due_at else ()
    return replace(term, due_at=found.at, moved=(*term.moved, *moved), edition=change.edition)


def _matters(workflow: Workflow, action: Action, event: Past, dest: State) -> bool:
    """Whether an event can begin or end anything: a long history is mostly remarks and steps."""
    if event.source != dest.name:
        return True
    named = (
        name
        for d in workflow.deadlines.values()
        for name in (*d.starting_actions, *d.renews, *d.stops, *d.drops, *((d.missed,) if d.repeats else ()))
    )
    return action.name in named


def _actor(event: Past) -> Actor:
    return Actor(event.person, event.account, event.name, ())


def _revived(action: Action, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Recorded fields as they were when the act was judged: instants and days, which records hold as text, are such again."""
    found = dict(fields)
    if action.by_clock:
        return found | {name: datetime.fromisoformat(found[name]) for name in STATED_BY_THE_CLOCK if name in found}
    for name, info in action.form.model_fields.items() if action.form else ():
        value = found.get(name)
        if isinstance(value, str):
            kinds = set(_kinds(info.annotation))
            if AwareDatetime in kinds:
                found[name] = datetime.fromisoformat(value)
            elif date in kinds:
                found[name] = date.fromisoformat(value)
    return found


def _kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)


# --- what was, and what would have been ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Supposition:
    """One thing taken otherwise than it is: a setting of the contract, or what the opening of the ticket recorded."""

    name: str
    value: Any
    is_figure: bool


def suppositions(workflow: Workflow, edition: Edition, ticket: TicketFact) -> tuple[Supposition, ...]:
    """Everything that can be taken otherwise: the other options of each setting that the duty asks for, and the other
    values of the fields that it `supposes`."""
    settings = (edition.figures[name] for name in sorted(figures(workflow)) if name in edition.figures)
    found = [
        Supposition(figure.name, option, is_figure=True)
        for figure in settings
        if figure.unit == "setting"
        for option in figure.options
        if option != figure.value
    ]
    for name, values in workflow.supposes.items():
        found += [Supposition(name, v, is_figure=False) for v in values if v != ticket.fields.get(name)]
    return tuple(found)


def supposed(
    one: Supposition,
    workflow: Workflow,
    edition: Edition,
    ticket: TicketFact,
    facts: Facts,
    at: datetime,
    later: Sequence[Change] = (),
) -> tuple[Term, ...]:
    """The terms that the same acts at the same times would have come to, had this been otherwise."""
    if one.is_figure:
        changed = [replace(change, edition=_otherwise(one, change.edition)) for change in later]
        return terms(workflow, _otherwise(one, edition), ticket, facts, at, changed)
    told = {one.name: one.value}
    history = tuple(
        replace(event, fields={**event.fields, **told}) if one.name in event.fields and event.source is None else event
        for event in facts.history
    )
    return terms(workflow, edition, ticket, replace(facts, history=history), at, later)


def _otherwise(one: Supposition, edition: Edition) -> Edition:
    if one.name not in edition.figures:
        return edition
    return replace(edition, figures={**edition.figures, one.name: replace(edition.figures[one.name], value=one.value)})


def alike(one: Sequence[Term], other: Sequence[Term]) -> bool:
    """Whether every limit that binds came to the same."""

    def told(found: Sequence[Term]) -> list[tuple[Any, ...]]:
        return [(t.deadline.name, t.started_at, t.due_at, t.status, t.stopped_at) for t in found if t.binds]

    return told(one) == told(other)


def lateness(term: Term, at: datetime, left_out: timedelta = timedelta()) -> timedelta:
    """How far past its due instant a term went, what both parties left out of it not counted; below zero it was kept."""
    return term.end(at) - left_out - term.due_at
