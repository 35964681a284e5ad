"""What one process counts by itself: requests by route, statements and commits. Never an id, never a person."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from threading import Lock
from time import perf_counter
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import Engine, event

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the buckets of the durations, in seconds."""
NO_ROUTE = "(none)"


class Tallies:
    """Thread-safe. Its keys are bounded by what is declared: routes as templates, methods, and hundreds of the status."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: dict[tuple[str, str, str], list[int]] = {}
        self._seconds: Counter[tuple[str, str, str]] = Counter()
        self.statements, self.commits = 0, 0

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request."""
        key = (route, method, f"{status // 100}xx")
        with self._lock:
            buckets = self._requests.setdefault(key, [0] * (len(BOUNDS) + 1))
            buckets[bisect_left(BOUNDS, seconds)] += 1
            self._seconds[key] += seconds  # type: ignore[assignment]  # A Counter is declared to count whole things.

    def requests(self) -> list[tuple[tuple[str, str, str], list[int], float]]:
        """By route, method and hundreds: how many fell into each bucket, and seconds together."""
        with self._lock:
            return [(key, list(buckets), float(self._seconds[key])) for key, buckets in self._requests.items()]

    def executed(self, *_given: Any) -> None:
        self.statements += 1

    def committed(self, *_given: Any) -> None:
        self.commits += 1


def install(app: Flask, engine: Engine) -> Tallies:
    """Counts what this app answers and what it asks of its database from now on."""
    tallies = Tallies()
    event.listen(engine, "before_cursor_execute", tallies.executed)
    event.listen(engine, "commit", tallies.committed)

    def begin() -> None:
        g.began = perf_counter()

    def end(response: Response) -> Response:
        if "began" in g:
            route = request.url_rule.rule if request.url_rule else NO_ROUTE
            method = request.method if request.url_rule else NO_ROUTE
            tallies.answered(route, method, response.status_code, perf_counter() - g.began)
        return response

    # Before all others, so that who is refused by one of them is counted as well.
    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(end)
    return tallies
