"""How often one account may try to change something: a limit for programs gone wild, far above what a person does.

A refused attempt stands on record with its ticket, so without a limit one account could bury a history under refusals.
The count is kept in memory, for what is turned away should write nothing and cost no statement. Each process counts for
itself: `flask serve` runs one, and where several serve one desk the limit holds in each of them.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

WITHIN = timedelta(minutes=1)


class Pace:
    """At most `most` attempts of one account within any `WITHIN`. It holds that many instants for each account."""

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError("a limit lets at least one attempt through")
        self._most, self._lock = most, Lock()
        self._taken: dict[int, deque[datetime]] = {}

    def wait(self, account: int, at: datetime) -> timedelta:
        """How long the account has to wait; zero where the attempt is taken, and counts. What is turned away does not."""
        with self._lock:
            taken = self._taken.setdefault(account, deque())
            if taken and taken[-1] > at:
                taken.clear()  # The clock was set back: what it counted then says nothing about now.
            while taken and at - taken[0] >= WITHIN:
                taken.popleft()
            if len(taken) < self._most:
                taken.append(at)
                return timedelta()
            return taken[0] + WITHIN - at
