"""What must hold of the records when a simulation has ended. Nothing here was told how the play went: it reads the tables.

Each check gives a sentence for each thing that does not hold, and none where all does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import reading
from tickets import gather, log_check
from tickets.contracts import InForce, Known, history_of, known_by
from tickets.desk import Desk
from tickets.models import Event, Ticket, Timer
from tickets.recount import COUNTED_AGAIN
from tickets.watch.models import FAILED
from tickets.watch.sweep import MENDED
from workflow.attempt import Facts
from workflow.clocks import Term, terms
from workflow.declare import Workflow

EACH = 20
"""So many sentences of one check are told; how many more there are is said behind them."""

BESIDE = frozenset({COUNTED_AGAIN.name, MENDED.name})
"""What the desk itself puts on a ticket's record: no action of any workflow, and it moves no ticket."""


@dataclass(frozen=True)
class History:
    """One ticket with all that its tables hold of it. `known`: the contract as it was when the ticket was opened, and what
    was changed of it since."""

    row: Ticket
    workflow: Workflow
    facts: Facts
    timers: tuple[Timer, ...]
    events: tuple[Event, ...]
    known: Known
    at: datetime

    @property
    def terms(self) -> tuple[Term, ...]:
        """The ticket's clocks as its events alone tell them, each by the days that were in force then."""
        ticket = gather.ticket_fact(self.row)
        return terms(self.workflow, self.known.edition, ticket, self.facts, self.at, self.known.later)


def failures(desk: Desk, key: str, at: datetime) -> dict[str, list[str]]:
    """By check, what does not hold of the tickets of a contract when the play has ended (`at`, by the machine's clock)."""
    found: dict[str, list[str]] = {"log": log_check.verify(desk), **{name: [] for name in OF_A_TICKET}}
    with reading(desk.engine) as session:
        steps = history_of(desk.contracts, session, key)
        for number in session.scalars(select(Ticket.id).order_by(Ticket.id)).all():
            history = history_with(session, desk, number, steps, at)
            for name, check in OF_A_TICKET.items():
                found[name] += [f"{history.row.number}: {sentence}" for sentence in check(history)]
            session.expunge_all()
    return found


def history_with(session: Session, desk: Desk, ticket: int, steps: Sequence[InForce], at: datetime) -> History:
    """One ticket, read whole. `steps`: what of its contract was in force since when."""
    row = session.get_one(Ticket, ticket)
    workflow, contract = desk.workflows[row.kind], desk.contracts[row.contract_key]
    facts = gather.facts(session, row, contract=contract, workflow=workflow, at=at, unseal=lambda *_: "", action="")
    # Asked apart from what the desk gathers, so that what it would overlook is seen here.
    timers = session.scalars(select(Timer).where(Timer.ticket_id == ticket).order_by(Timer.id))
    events = session.scalars(select(Event).where(Event.ticket_id == ticket).order_by(Event.sequence))
    known = known_by(steps, row.opened_at, contract)
    return History(row, workflow, facts, tuple(timers), tuple(events), known, at)


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
    kept = Counter[tuple[object, ...]](
        (t.deadline, t.started_event, t.started_at, t.due_at, t.status, t.stopped_at) for t in one.timers
    )
    told = Counter[tuple[object, ...]](
        (t.deadline.name, t.started_by.sequence, t.started_at, t.due_at, t.status, t.stopped_at) for t in one.terms
    )
    for term in (told - kept) | (kept - told):
        said = "told by the events, not kept" if told[term] > kept[term] else "kept, not told by the events"
        yield f"{said}: " + " ".join(one.isoformat() if isinstance(one, datetime) else str(one) for one in term)


OF_A_TICKET: Mapping[str, Callable[[History], Iterator[str]]] = {
    "fold": folds,
    "struck once": struck_once,
    "struck in time": struck_in_time,
    "clocks": agrees_with_the_events,
}
