"""What a monitor reads, taken from the database at each scrape: right whichever process is asked, and however many there are.

Labels are what is declared (kinds, actions, reasons, statuses) and nothing that anybody typed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from tickets import chrome
from tickets.models import Beat, Event, Ticket, Timer, Tree
from tickets.outbox.models import DEAD, OPEN, Delivery, Untold
from tickets.watch import ticking
from tickets.watch.models import Mending, Unstruck
from tickets.watch.sweep import WHAT

LATE_AFTER = timedelta(minutes=1)
"""A limit that ran out so long ago and is still not noted is late: a worker looks every few seconds."""


@dataclass(frozen=True)
class Measures:
    """Everything of one scrape. Ages are seconds; infinite where there never was anything."""

    timers: Mapping[str, int]
    """running (not run out yet), due (run out, to be noted), late (of these, long due), failed (cannot be noted)."""
    strike_lag: float
    outbox: Mapping[str, int]
    outbox_lag: float
    heartbeat_age: float
    workers_alive: int
    mended: Mapping[str, int]
    clock_set: int
    acts: Mapping[tuple[str, str, str], int]


class Acts:
    """How often each act was attempted, and what came of it. The log only grows and has no gaps, so a process counts each
    entry once and asks for the newer ones alone; the first scrape after its start goes through all of it."""

    def __init__(self) -> None:
        self._lock, self._seen = Lock(), dict[str, int]()
        self._counted: Counter[tuple[str, str, str]] = Counter()

    def counted(self, session: Session) -> Mapping[tuple[str, str, str], int]:
        """By kind, action and outcome ("accepted", or the reason of the refusal)."""
        with self._lock:
            for key, size in session.execute(select(Tree.contract_key, Tree.size)).all():
                seen = self._seen.get(key, 0)
                if size > seen:
                    for kind, action, reason, many in session.execute(
                        select(Ticket.kind, Event.action, Event.reason, func.count())
                        .join(Ticket, Ticket.id == Event.ticket_id)
                        .where(Event.contract_key == key, Event.log_index >= seen, Event.log_index < size)
                        .group_by(Ticket.kind, Event.action, Event.reason)
                    ):
                        self._counted[kind, action, reason or "accepted"] += many
                    self._seen[key] = size
            return dict(self._counted)


def taken(session: Session, acts: Acts, at: datetime) -> Measures:
    """As it is at `at`; ten statements, and one for each contract in which something was done since the last scrape."""
    # Written out, not bound: so both databases know that the small indexes of what is open serve.
    runs = Timer.status == literal_column("'running'")
    running = session.scalar(select(func.count()).select_from(Timer).where(runs)) or 0
    due, oldest = session.execute(select(func.count(), func.min(Timer.due_at)).where(runs, Timer.due_at < at)).one()
    late = session.scalar(select(func.count()).select_from(Timer).where(runs, Timer.due_at < at - LATE_AFTER)) or 0
    failed = session.scalar(select(func.count()).select_from(Unstruck)) or 0
    beats = session.scalars(select(Beat.at).order_by(Beat.at.desc()).limit(1000)).all()
    rows = session.execute(select(Mending.what, func.count()).group_by(Mending.what))
    mended = {what: many for what, many in rows}  # noqa: C416 - a row is no pair for whoever checks types
    outbox, outbox_lag = _outbox(session, at)
    return Measures(
        {"running": running - due, "due": due, "late": late, "failed": failed},
        0.0 if not due else _age(oldest, at),
        outbox,
        outbox_lag,
        _age(beats[0], at) if beats else float("inf"),
        sum(at - one < chrome.ALIVE for one in beats),
        {what: mended.get(what, 0) for what in WHAT},
        ticking.count(session),
        acts.counted(session),
    )


def _outbox(session: Session, at: datetime) -> tuple[dict[str, int], float]:
    still: ColumnElement[bool] = literal_column(f"delivery.status IN ({', '.join(repr(one) for one in OPEN)})")
    rows = session.execute(
        select(Delivery.status, func.count(), func.min(Delivery.due_at)).where(still).group_by(Delivery.status)
    ).all()
    found = {"untold": session.scalar(select(func.count()).select_from(Untold)) or 0, **dict.fromkeys(OPEN, 0)}
    found |= {status: many for status, many, _ in rows}
    given_up = Delivery.status == literal_column(f"'{DEAD}'")
    found[DEAD] = session.scalar(select(func.count()).select_from(Delivery).where(given_up)) or 0
    oldest = min((due for _, _, due in rows), default=at)
    return found, _age(oldest, at)


def _age(since: datetime, at: datetime) -> float:
    return max((at - since).total_seconds(), 0.0)


def families(measures: Measures) -> Iterator[tuple[str, str, str, tuple[str, ...], Mapping[Any, float]]]:
    """Kind of metric, name, what it says, names of its labels, and the values."""
    yield "counter", "counterpart_acts", "Attempts on record.", ("kind", "action", "outcome"), measures.acts
    yield (
        "counter",
        "counterpart_clock_set",
        "How often the clock of a worker's machine was set.",
        (),
        {(): measures.clock_set},
    )
    one = (("gauge", "timers", "Limits that run or ran out.", "status", measures.timers),
           ("gauge", "outbox", "Messages and letters that are not sent yet, or were given up.", "status", measures.outbox),
           ("counter", "mended", "What the sweep found broken and mended.", "what", measures.mended))  # fmt: skip
    for kind, name, says, label, values in one:
        yield kind, f"counterpart_{name}", says, (label,), {(key,): value for key, value in values.items()}
    plain = (("strike_lag_seconds", "How long the oldest limit that ran out waits to be noted.", measures.strike_lag),
             ("outbox_lag_seconds", "How long the oldest letter that is due waits.", measures.outbox_lag),
             ("worker_heartbeat_age_seconds", "Since when no worker gave a sign of life.", measures.heartbeat_age),
             ("workers_alive", "Workers with a recent sign of life.", measures.workers_alive))  # fmt: skip
    for name, says, value in plain:
        yield "gauge", f"counterpart_{name}", says, (), {(): value}
