"""The clock's hands: strikes what has run out, through the same desk as everybody, one transaction each."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from database import transaction
from tickets import recount
from tickets.desk import Desk
from tickets.models import Beat

log = logging.getLogger("counterpart.worker")
BEAT_EVERY = timedelta(seconds=10)
"""Well under the silence after which pages call the clock late."""
RETRY_AFTER = timedelta(minutes=1)


def name_of_this_worker() -> str:
    """Host and process, so that two workers' signs of life can be told apart."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}"


def turn(desk: Desk, worker: str, stuck: dict[int, datetime] | None = None, counts: recount.Watch | None = None) -> int:
    """One turn: everything that is due now is struck. Returns how much it was.

    The worker gives a sign of life at the end, and every `BEAT_EVERY` while it catches up: who is busy is not dead. A
    timer that cannot be struck is a fault of ours; it is logged and keeps no other from being struck. `stuck` remembers
    such timers from turn to turn, with the instant of the last try: they are tried again `RETRY_AFTER` later, not at
    each turn, and each sign of life says how many they are. A timer whose ticket or contract somebody else has in hand is
    left for the next turn: so several workers share the work instead of following each other from one to the next.
    Where days were announced limits are counted again first; `counts` remembers what is done of that.
    """
    (counts or recount.Watch()).turn(desk, desk.contracts)
    stuck = {} if stuck is None else stuck
    began_at = desk.now()
    struck, told, last = 0, 0, began_at
    for timer, tried_at in list(stuck.items()):
        if not timedelta() <= began_at - tried_at < RETRY_AFTER:
            del stuck[timer]
    passed_by: set[int] = set()
    while due := [
        timer for timer in desk.due(limit=100 + len(stuck) + len(passed_by)) if timer not in {*stuck, *passed_by}
    ]:
        for timer in due:
            try:
                if desk.strike(timer, wait=False):
                    struck += 1
                else:
                    passed_by.add(timer)
            except Exception:
                log.exception("timer %s could not be struck", timer)
                stuck[timer] = desk.now()
            if desk.now() - last >= BEAT_EVERY:
                last = _beat(desk, worker, struck - told, len(stuck))
                told = struck
    _beat(desk, worker, struck - told, len(stuck))
    return struck


def _beat(desk: Desk, worker: str, struck: int, stuck: int) -> datetime:
    at = desk.now()
    with transaction(desk.engine) as session:
        beat = session.get(Beat, worker)
        if beat is None:
            session.add(Beat(worker=worker, at=at, struck=struck, stuck=stuck))
        else:
            beat.at, beat.struck, beat.stuck = at, beat.struck + struck, stuck
    return at


def run(desk: Desk, *, pause_seconds: float, stop: Event, outbox: Callable[[], int] = int) -> None:
    """Turns until `stop` is set, each with one of the `outbox` after the clock's. A turn that fails (a full disk, a
    locked database) is tried again at the next one."""
    worker = name_of_this_worker()
    stuck: dict[int, datetime] = {}
    counts = recount.Watch()
    while not stop.is_set():
        try:
            struck = turn(desk, worker, stuck, counts)
            if struck:
                log.info("%d deadlines struck", struck)
            outbox()
        except Exception:
            log.exception("this turn failed; the next one follows")
        stop.wait(pause_seconds)
