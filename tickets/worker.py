"""The clock's hands: strikes what has run out, through the same desk as everybody, and sees to what could not be struck."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

from sqlalchemy import func, select

from database import transaction
from tickets import recount, striking
from tickets.desk import Desk
from tickets.models import Beat
from tickets.watch import ticking
from tickets.watch.models import Unstruck
from tickets.watch.ticking import Ticking

log = logging.getLogger("counterpart.worker")
BEAT_EVERY = timedelta(seconds=10)
"""Well under the silence after which pages call the clock late."""
LONGEST_FAREWELL_SECONDS = 5.0


def name_of_this_worker() -> str:
    """Host and process, so that two workers' signs of life can be told apart."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}"


def turn(desk: Desk, worker: str, counts: recount.Watch | None = None) -> int:
    """One turn: everything that is due now is struck. Returns how much it was.

    The worker gives a sign of life at the end, and every `BEAT_EVERY` while it catches up: who is busy is not dead. A
    timer that cannot be struck is a fault of ours; it is set aside and keeps no other from being struck. A timer whose
    ticket or contract somebody else has in hand is left for the next turn: so several workers share the work instead of
    following each other from one to the next. Where days were announced limits are counted again first; `counts`
    remembers what is done of that.
    """
    (counts or recount.Watch()).turn(desk, desk.contracts)
    struck, told, last = 0, 0, desk.now()
    passed_by: set[int] = set()
    while due := [timer for timer in desk.due(limit=striking.AT_ONCE + len(passed_by)) if timer not in passed_by]:
        batch = _struck(desk, due)
        struck += batch.struck
        passed_by |= set(due) - batch.done - batch.left - set(batch.one_by_one)
        for timer in batch.one_by_one:
            if striking.strike_or_set_aside(desk, timer, wait=False):
                struck += 1
            else:
                passed_by.add(timer)
        if desk.now() - last >= BEAT_EVERY:
            last = _beat(desk, worker, struck - told)
            told = struck
    struck += sum(striking.strike_or_set_aside(desk, timer, wait=False) for timer in striking.to_retry(desk))
    _beat(desk, worker, struck - told)
    return struck


def _struck(desk: Desk, due: list[int]) -> striking.Batch:
    try:
        return striking.strike_all(desk, due)
    except striking.OUTAGES:
        raise
    except Exception:
        log.exception("these limits cannot be struck together; they are struck one by one")
        return striking.Batch(one_by_one=due)


def _beat(desk: Desk, worker: str, struck: int) -> datetime:
    at = desk.now()
    with transaction(desk.engine) as session:
        stuck = session.scalar(select(func.count()).select_from(Unstruck)) or 0
        beat = session.get(Beat, worker)
        if beat is None:
            session.add(Beat(worker=worker, at=at, struck=struck, stuck=stuck))
        else:
            beat.at, beat.struck, beat.stuck = at, beat.struck + struck, stuck
    return at


def run(
    desk: Desk,
    *,
    pause_seconds: float,
    stop: Event,
    outbox: Callable[[], int] | None = None,
    sweep: Callable[[], int] | None = None,
) -> None:
    """Turns until `stop` is set, each with one of the `sweep`, and those of the `outbox` in a thread of their own: a server
    that takes no letter keeps no limit from being struck. A turn that fails (a full disk, a locked database) is tried again
    at the next one."""
    worker, counts, ticks = name_of_this_worker(), recount.Watch(), Ticking(desk.now)

    def strike() -> None:
        if by := ticks.look():
            log.warning("the clock of this machine was set by %s", by)
            ticking.note(desk, worker, by)
        struck = turn(desk, worker, counts)
        if struck:
            log.info("%d deadlines struck", struck)
        if sweep:
            sweep()

    # A daemon: who waits for a server may be left behind at the end. What it was sending is sent again by another worker.
    sender = Thread(target=_turns, args=(outbox, pause_seconds, stop), name="outbox", daemon=True) if outbox else None
    if sender:
        sender.start()
    _turns(strike, pause_seconds, stop)
    if sender:
        sender.join(timeout=LONGEST_FAREWELL_SECONDS)


def _turns(one: Callable[[], object], pause_seconds: float, stop: Event) -> None:
    while not stop.is_set():
        try:
            one()
        except Exception:
            log.exception("this turn failed; the next one follows")
        stop.wait(pause_seconds)
