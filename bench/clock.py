"""`make bench`: what the clock costs. Fails where a look that finds nothing costs more than twice as much over 100,000 running
limits as over 1,000, or where limits are struck at less than 500 a second.

The ratio compares medians of looks taken in turn at both databases, so that a busy machine slows both. The rate is that of
the best round, by the wall clock and with every commit on the disk; the processor's time is told beside it, for where the
two differ much the machine was busy with something else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, inspect, select, update

from database import glance, transaction
from tests.stage import Stage
from tests.workflow import fault_story
from tickets import recount, worker
from tickets.models import Ticket, Timer
from tickets.watch.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW, MANY = 1_000, 100_000
MOST_TIMES_AS_MUCH = 2.0
FEWEST_A_SECOND = 500
LOOKS, ROUNDS, FAULTS = 40, 5, 120
TIMERS_A_TICKET = 10


@contextmanager
def stage(name: str) -> Iterator[Stage]:
    """A desk on the database that `TEST_DATABASE` names, as it is run: on SQLite with every commit on the disk."""
    with TemporaryDirectory(prefix=f"bench-{name}-") as folder:
        made = Stage(Path(folder))
        yield made
        made.engine.dispose()


def fill(on: Stage, limits: int) -> None:
    """So many limits that run for a long time yet, on tickets like one that was reported."""
    fault_story.reported(on)
    with transaction(on.engine) as session:
        ticket, timer = session.scalars(select(Ticket)).one(), session.scalars(select(Timer)).first()
        assert timer is not None
        like = {one.key: getattr(ticket, one.key) for one in inspect(Ticket).column_attrs if one.key != "id"}
        limit = {one.key: getattr(timer, one.key) for one in inspect(Timer).column_attrs if one.key != "id"}
        numbers = range(limits // TIMERS_A_TICKET)
        session.execute(insert(Ticket), [{**like, "number": f"{ticket.number}-{n}"} for n in numbers])
        ids = session.scalars(select(Ticket.id).where(Ticket.id != ticket.id).order_by(Ticket.id)).all()
        far = on.at + timedelta(days=90)
        session.execute(update(Timer).values(due_at=far))
        rows = [
            {**limit, "ticket_id": one, "started_event": k + 1, "due_at": far + timedelta(seconds=one)}
            for one in ids
            for k in range(TIMERS_A_TICKET)
        ]
        session.execute(insert(Timer), rows)


def look(on: Stage, sweep: Sweep, counts: recount.Watch) -> float:
    """One turn of a worker that finds nothing, its sweep included: seconds."""
    on.at += timedelta(seconds=30)
    began = perf_counter()
    assert worker.turn(on.desk, "bench", counts) == 0
    sweep.turn()
    return perf_counter() - began


def ratio(say: Callable[[str], object]) -> float:
    """How many times as much a look over MANY costs as one over FEW."""
    with stage("few") as few, stage("many") as many:
        on = [(few, []), (many, [])]  # type: list[tuple[Stage, list[float]]]
        for one, limits in ((few, FEW), (many, MANY)):
            fill(one, limits)
        works = [(Sweep(one.desk, "bench", lambda _session, _after, _limit: ([], 0)), recount.Watch()) for one, _ in on]
        for _ in range(LOOKS + 5):
            for (one, taken), work in zip(on, works, strict=True):
                taken.append(look(one, *work))
        costs = [median(taken[5:]) for _, taken in on]
    say(
        f"a look that finds nothing: {costs[0] * 1000:.1f} ms over {FEW:,} limits, {costs[1] * 1000:.1f} ms over {MANY:,}"
    )
    return costs[1] / costs[0]


def rate(say: Callable[[str], object]) -> float:
    """Limits struck in a second, in the best of the rounds."""
    best = 0.0
    for number in range(ROUNDS):
        with stage("strike") as on:
            for _ in range(FAULTS):
                fault_story.reported(on)
            on.at += timedelta(minutes=33)
            with glance(on.engine) as session:
                due = session.scalar(select(func.count()).select_from(Timer).where(Timer.due_at < on.at)) or 0
            began, worked = perf_counter(), process_time()
            struck = worker.turn(on.desk, "bench")
            took, worked = perf_counter() - began, process_time() - worked
            assert struck >= due > 0
            best = max(best, struck / took)
            say(
                f"round {number + 1}: {struck} struck, {struck / took:.0f} a second ({struck / worked:.0f} by processor time)"
            )
    return best


def main(say: Callable[[str], object] = print) -> int:
    """Measures both; 1 where either falls short."""
    times, struck = ratio(say), rate(say)
    say(f"ratio {times:.2f} (at most {MOST_TIMES_AS_MUCH}), {struck:.0f} limits a second (at least {FEWEST_A_SECOND})")
    return int(times > MOST_TIMES_AS_MUCH or struck < FEWEST_A_SECOND)


if __name__ == "__main__":
    sys.exit(main())
