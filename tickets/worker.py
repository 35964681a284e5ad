"""The clock's hands: strikes what has run out, through the same desk as everybody, one transaction each."""

from __future__ import annotations

import logging
import os
import socket
from threading import Event

from database import transaction
from tickets.desk import Desk
from tickets.models import Beat

log = logging.getLogger("counterpart.worker")


def name_of_this_worker() -> str:
    """Host and process, so that two workers' signs of life can be told apart."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}"


def turn(desk: Desk, worker: str) -> int:
    """One turn: everything that is due now is struck, then the worker gives a sign of life. Returns how much was struck.

    A timer that cannot be struck is a fault of ours; it is logged and does not keep the others from being struck.
    """
    struck = 0
    stuck: set[int] = set()
    while due := [timer for timer in desk.due(limit=100 + len(stuck)) if timer not in stuck]:
        for timer in due:
            try:
                struck += desk.strike(timer)
            except Exception:
                log.exception("timer %s could not be struck", timer)
                stuck.add(timer)
    with transaction(desk.engine) as session:
        beat = session.get(Beat, worker)
        if beat is None:
            session.add(Beat(worker=worker, at=desk.now(), struck=struck))
        else:
            beat.at, beat.struck = desk.now(), beat.struck + struck
    return struck


def run(desk: Desk, *, pause_seconds: float, stop: Event) -> None:
    """Turns until `stop` is set. A turn that fails (a full disk, a locked database) is tried again at the next one."""
    worker = name_of_this_worker()
    while not stop.is_set():
        try:
            struck = turn(desk, worker)
            if struck:
                log.info("%d deadlines struck", struck)
        except Exception:
            log.exception("this turn failed; the next one follows")
        stop.wait(pause_seconds)
