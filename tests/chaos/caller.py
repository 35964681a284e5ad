"""Clients at the API: each request under a key of its own, asked until it is answered or given up, and all written down."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from random import Random
from threading import Lock, Thread
from typing import Any

from tests.chaos.desk import wait
from tests.chaos.history import REFUSED, Call, Told

ANSWERS = {200, 201, 403, 404, 409, 422}
"""What is an answer of the desk. Anything else is none: whoever gets it asks again under the same key."""
OUT_OF_ORDER = 503
"""What the desk may say while its database is away; it then names when to come back."""
MOST_TRIES = 1200
PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Request:
    """What is sent, each time the same."""

    by: str
    action: str
    path: str
    body: bytes
    media_type: str = "application/json"
    mark: str = ""


class Caller:
    """`calls` is the history as clients saw it; `strange` what no client should ever be told, with how often it was."""

    def __init__(
        self, port: int, tokens: Mapping[str, str], ids: Mapping[str, int], *, twice: float, gives_up: float
    ) -> None:
        self.port, self._tokens, self._ids, self._twice, self._gives_up = port, tokens, ids, twice, gives_up
        self.calls: list[Call] = []
        self.strange: Counter[str] = Counter()
        self.answered = 0
        self.turned_away = 0
        self._lock = Lock()

    def ask(self, random: Random, key: str, asked: Request) -> tuple[Call, Mapping[str, Any]]:
        """Asks until there is an answer, at times twice at one instant as a double click does; where nothing came back
        somebody may give up, and then nobody knows what became of it. Gives the first answer's body too."""
        call = Call((self._ids[asked.by], key), asked.action, time.monotonic(), asked.mark)
        with self._lock:
            self.calls.append(call)
        for _ in range(MOST_TRIES):
            twice, before = None, call.tries
            if random.random() < self._twice:
                twice = Thread(target=self._once, args=(call, asked))
                twice.start()
            body = self._once(call, asked)
            if twice:
                twice.join()
            if call.answers:
                with self._lock:
                    self.answered += 1
                return call, body or {}
            # Who found nobody there knows that nothing was done, and tries again.
            if call.tries > before and random.random() < self._gives_up:
                return call, {}
            wait(PAUSE_SECONDS)
        raise AssertionError(f"{asked.path} is not answered any more")

    def _once(self, call: Call, asked: Request) -> Mapping[str, Any] | None:
        found = self._exchange(call, asked)
        if found is None:
            return None
        status, body = found
        receipt = body.get("receipt") or {}
        told = Told(status, receipt if "proof" in receipt else {})
        with self._lock:
            call.answers.append(told)
            call.answered = call.answered or time.monotonic()
        if status < REFUSED and not receipt and asked.action != "identify":
            self._note(f"an act without a receipt: {asked.path}")
        return body

    def _exchange(self, call: Call, asked: Request) -> tuple[int, dict[str, Any]] | None:
        headers = {
            "Idempotency-Key": call.key[1], "Content-Type": asked.media_type, "Accept-Language": "en",
            "Authorization": f"Bearer {self._tokens[asked.by]}",
        }  # fmt: skip
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)) as connection:
                connection.connect()
                with self._lock:
                    call.tries += 1
                connection.request("POST", f"/api/v1{asked.path}", body=asked.body, headers=headers)
                answer = connection.getresponse()
                raw = answer.read()
                comes_back = answer.headers["Retry-After"]
        except (OSError, http.client.HTTPException):
            return None
        if answer.status == OUT_OF_ORDER and comes_back:
            with self._lock:
                self.turned_away += 1
            return None
        if answer.status not in ANSWERS:
            self._note(f"{answer.status} to {asked.path.split('?')[0]}: {raw[:200]!r}")
            return None
        try:
            return answer.status, json.loads(raw)
        except ValueError:
            return None

    def _note(self, what: str) -> None:
        with self._lock:
            self.strange[what] += 1
