"""What must hold of the records when a simulation has ended. Nothing here was told how the play went: it reads the tables.

Each check gives a sentence for each thing that does not hold, and none where all does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import reading
from tickets import gather, log_check
from tickets.desk import Desk
from tickets.models import Event, Recount, Ticket, Timer
from tickets.recount import COUNTED_AGAIN
from tickets.watch.models import FAILED
from tickets.watch.sweep import MENDED
from workflow.attempt import Facts
from workflow.clocks import Term, terms
from workflow.contract import Contract
from workflow.declare import Workflow

EACH = 20
"""So many sentences of one check are told; how many more there are is said behind them."""

BESIDE = frozenset({COUNTED_AGAIN.name, MENDED.name})
"""What the desk itself puts on a ticket's record: no action of any workflow, and it moves no ticket."""


@dataclass(frozen=True)
class History:
    """One ticket with all that its tables hold of it. `contracts`: the contract under each calendar that was ever in
    force, by the calendar's digest; the last is the one in force now."""

    row: Ticket
    workflow: Workflow
    facts: Facts
    timers: tuple[Timer, ...]
    events: tuple[Event, ...]
    recounts: tuple[Recount, ...]
    contracts: Mapping[str, Contract]
    at: datetime
    told: dict[str, tuple[Term, ...]] = field(default_factory=dict)

    @property
    def calendar(self) -> str:
        """The one in force now."""
        return list(self.contracts)[-1]

    def terms(self, calendar: str) -> tuple[Term, ...]:
        """The ticket's clocks as its events alone tell them, counted by this calendar."""
        if calendar not in self.told:
            contract = self.contracts[calendar]
            edition = contract.at(self.row.opened_at)
            self.told[calendar] = terms(self.workflow, edition, gather.ticket_fact(self.row), self.facts, self.at)
        return self.told[calendar]


def failures(desk: Desk, contracts: Sequence[Contract], at: datetime) -> dict[str, list[str]]:
    """By check, what does not hold when the play has ended (`at`, by the machine's clock). `contracts`: the contract under
    each calendar that was ever in force, the one in force now last."""
    found: dict[str, list[str]] = {"log": log_check.verify(desk), **{name: [] for name in OF_A_TICKET}}
    by_calendar = {one.calendar.digest: one for one in contracts}
    with reading(desk.engine) as session:
        for number in session.scalars(select(Ticket.id).order_by(Ticket.id)).all():
            history = _history(session, desk, number, by_calendar, at)
            for name, check in OF_A_TICKET.items():
                found[name] += [f"{history.row.number}: {sentence}" for sentence in check(history)]
            session.expunge_all()
    return found


def _history(session: Session, desk: Desk, ticket: int, contracts: Mapping[str, Contract], at: datetime) -> History:
    row = session.get_one(Ticket, ticket)
    workflow, contract = desk.workflows[row.kind], list(contracts.values())[-1]
    facts = gather.facts(session, row, contract=contract, workflow=workflow, at=at, unseal=lambda *_: "", action="")
    # Asked apart from what the desk gathers, so that what it would overlook is seen here.
    timers = session.scalars(select(Timer).where(Timer.ticket_id == ticket).order_by(Timer.id))
    events = session.scalars(select(Event).where(Event.ticket_id == ticket).order_by(Event.sequence))
    recounts = session.scalars(
        select(Recount).join(Timer, Timer.id == Recount.timer_id).where(Timer.ticket_id == ticket).order_by(Recount.id)
    )
    return History(row, workflow, facts, tuple(timers), tuple(events), tuple(recounts), contracts, at)


# --- of one ticket ---------------------------------------------------------------------------------------------------


def folds(one: History) -> Iterator[str]:
    """The ticket's row is what its accepted events, gone through by the declaration, come to."""
    state: str | None = None
    version, fields = 1, dict[str, Any]()
    for event in one.events:
        if not event.accepted or event.action in BESIDE:
            continue
        action = one.workflow.actions[event.action]
        opens = action.source is None and state is None
        if event.source != state or not (opens or state in {source.name for source in one.workflow.sources(action)}):
            yield f"#{event.sequence} {event.action} was done from “{state}”, where it is not declared"
        state = event.dest if action.dest is None else action.dest.name
        if event.dest != state:
            yield f"#{event.sequence} {event.action} led to “{event.dest}”, declared is “{state}”"
        version += not action.quiet and action.source is not None
        if action.amends or action.source is None:
            fields |= event.fields
    final = state in one.workflow.states and one.workflow.states[str(state)].final
    if (one.row.state, one.row.version, one.row.final, one.row.events) != (state, version, final, len(one.events)):
        yield f"its row says “{one.row.state}” version {one.row.version}, its events “{state}” version {version}"
    if one.row.fields != fields:
        yield "its row says other things than its events"
    if [event.sequence for event in one.events] != list(range(1, len(one.events) + 1)):
        yield "its events are not numbered one by one"


def _noted(one: History) -> Counter[tuple[str, str]]:
    """How often the clock put each end of a limit on record, as an act or, where the act could not be, as a refusal."""
    by_clock = (e for e in one.events if e.account_id is None and e.action not in BESIDE)
    return Counter((str(e.fields.get("deadline")), str(e.fields.get("due_at"))) for e in by_clock)


def struck_once(one: History) -> Iterator[str]:
    """Every limit that ran out was struck, and put on record exactly once, with its due instant."""
    missed = Counter((t.deadline, t.due_at.isoformat()) for t in one.timers if t.status == "missed")
    noted = _noted(one)
    for key in missed | noted:
        if missed[key] != noted[key]:
            yield f"{key[0]}, due {key[1]}: {missed[key]} times missed, {noted[key]} times on record"
    for timer in one.timers:
        if timer.status == FAILED:
            yield f"{timer.deadline}, due {timer.due_at.isoformat()}, could not be struck"
        if timer.status == "running" and timer.due_at < one.at:
            yield f"{timer.deadline} ran out at {timer.due_at.isoformat()} and was never struck"


def struck_in_time(one: History) -> Iterator[str]:
    """Nothing was struck before it had run out, and nothing counts as kept that was stopped later."""
    for timer in one.timers:
        if (timer.status == "missed") != (timer.struck_at is not None):
            yield f"{timer.deadline} is {timer.status} and was struck at {timer.struck_at}"
        if timer.struck_at is not None and timer.struck_at <= timer.due_at:
            yield f"{timer.deadline}, due {timer.due_at.isoformat()}, was struck early, at {timer.struck_at.isoformat()}"
        if timer.status in ("met", "dropped") and (timer.stopped_at is None or timer.stopped_at > timer.due_at):
            yield f"{timer.deadline}, due {timer.due_at.isoformat()}, is {timer.status} and stopped at {timer.stopped_at}"


def agrees_with_the_events(one: History) -> Iterator[str]:
    """The clocks as the events alone tell them (`workflow.clocks`) are those that the tables hold."""
    told = Counter[tuple[object, ...]]()
    kept = Counter[tuple[object, ...]]()
    for calendar in {_counted_by(one, timer) for timer in one.timers}:
        own = [timer for timer in one.timers if _counted_by(one, timer) == calendar]
        kept.update((t.deadline, t.started_at, t.due_at, t.status, t.stopped_at) for t in own)
        begun = {(timer.deadline, timer.started_event) for timer in own}
        told.update(
            (t.deadline.name, t.started_at, t.due_at, t.status, t.stopped_at)
            for t in one.terms(calendar)
            if (t.deadline.name, t.started_by.sequence) in begun
        )
    for term in (told - kept) | (kept - told):
        said = "told by the events, not kept" if told[term] > kept[term] else "kept, not told by the events"
        yield f"{said}: " + " ".join(one.isoformat() if isinstance(one, datetime) else str(one) for one in term)
    # By another calendar a reminder may lie before its beginning and so not begin: what every calendar tells of must be kept.
    told_by = [Counter((t.deadline.name, t.started_by.sequence) for t in one.terms(each)) for each in one.contracts]
    owed = reduce(and_, told_by) - Counter((timer.deadline, timer.started_event) for timer in one.timers)
    for name, sequence in owed.elements():
        yield f"the events tell of {name}, begun by #{sequence}, which is not kept"


def _counted_by(one: History, timer: Timer) -> str:
    """The calendar by which the end of this limit was counted; one that was missed before kept its end."""
    before = next((r.calendar_before for r in one.recounts if r.timer_id == timer.id and r.kept), None)
    return before or timer.calendar or one.calendar


OF_A_TICKET: Mapping[str, Callable[[History], Iterator[str]]] = {
    "fold": folds,
    "struck once": struck_once,
    "struck in time": struck_in_time,
    "clocks": agrees_with_the_events,
}
