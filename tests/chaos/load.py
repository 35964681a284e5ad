"""People at work over the API, who keep a journal: what they asked for, under which key, and what they were answered."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from random import Random
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

from tests.chaos.desk import wait
from tests.workflow import fault_story

ANSWERS = {200, 201, 403, 409, 422}
"""What is an answer of the desk. Anything else is none: whoever gets it asks again under the same key."""
MOST_TICKETS = 8
"""For each person: limits of all of them run out again and again, and the workers must be able to follow."""
PAUSE_SECONDS = 0.3


class Gone(LookupError):
    """Nobody there knows of the ticket. Where its number had been told, the reckoning will say so."""


@dataclass
class Asked:
    """One request; `mark` stands in what it says and nowhere else."""

    key: str
    mark: str
    by: str
    action: str
    path: str
    body: Mapping[str, Any]
    status: int = 0
    number: str = ""
    sequence: int = 0
    leaf: str = ""
    index: int = -1
    tries: int = 0


class Load:
    """So many `people` at once, each seeded; they go on until they are told to stop, and settle what is unanswered."""

    def __init__(
        self, port: int, tokens: Mapping[str, str], ids: Mapping[str, int], seed: int, people: int, twice: float
    ) -> None:
        self._twice = twice
        self.port, self.tokens, self.ids = port, tokens, ids
        self.journal: list[Asked] = []
        self.strange: list[str] = []
        self.answered = 0
        self._stop, self._lock, self._seed = Flag(), Lock(), seed
        self._threads = [Thread(target=self._work, args=(one,), daemon=True) for one in range(people)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everybody brings what they asked for to an answer, and begins nothing new."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)
        assert not [one for one in self._threads if one.is_alive()], "somebody is still not answered"

    def has_answered(self, many: int) -> bool:
        """Whether so many were answered, or nobody is left to ask."""
        return self.answered >= many or not any(one.is_alive() for one in self._threads)

    def _work(self, person: int) -> None:
        random, done = Random(f"{self._seed}-{person}"), 0
        numbers: list[str] = []
        while not self._stop.is_set():
            name = f"{self._seed}-{person}-{done}"
            try:
                if len(numbers) < MOST_TICKETS:
                    numbers.append(self._fault(random, name))
                else:
                    self._act(random, name, random.choice(numbers), "feed_back", "engineer1", fault_story.PROGRESS)
            except Gone:
                numbers.clear()
            except Exception as error:  # noqa: BLE001 - a thread must not end unseen; the finding is told
                self.strange.append(f"a person of the load broke: {error!r}")
                return
            done += 1

    def _fault(self, random: Random, name: str) -> str:
        """A fault is reported and registered; some are answered, at some nothing is done until a limit runs out, and
        now and then somebody tries what is not theirs to do."""
        fields = {**fault_story.REPORT, "symptom": f"mark {name}-0."}
        opening = {"kind": "fault", "action": "report", "fields": fields}
        number = self.ask(
            random, f"{name}-0", random.choice(["staff1", "staff2"]), "report", "/tickets", opening
        ).number
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("register", "desk1", {"engineer": self.ids["engineer1"]}),
            ("confirm", "engineer2", {"rating": 1}),
            ("feed_back", "engineer1", fault_story.PROGRESS),
            ("respond", "engineer1", fault_story.RESPONSE),
            ("diagnose", "engineer1", {"examined": "应用日志"}),
            ("restore", "manager1", fault_story.RESTORATION),
        ]
        for place, (action, by, given) in enumerate(steps[: random.choice([2, 3, 6])], 1):
            if not self._stop.is_set():
                self._act(random, f"{name}-{place}", number, action, by, given)
        return number

    def _act(self, random: Random, mark: str, number: str, action: str, by: str, given: Mapping[str, Any]) -> None:
        said = {one: f"mark {mark}." for one in ("progress", "content", "examined", "measure") if one in given}
        body = {"version": self._version(number, by), "fields": {**given, **said}}
        self.ask(random, mark, by, action, f"/tickets/{number}/actions/{action}", body)

    def ask(self, random: Random, mark: str, by: str, action: str, path: str, body: Mapping[str, Any]) -> Asked:
        """Asks until there is an answer, under one key; at times twice at one instant, as a double click does."""
        asked = Asked(f"chaos-{mark}", mark, by, action, path, body)
        with self._lock:
            self.journal.append(asked)
        found = None
        while found is None:
            wait(0.1 if asked.tries else 0)
            asked.tries += 1
            twice = Thread(target=self._post_again, args=(asked,)) if random.random() < self._twice else None
            if twice:
                twice.start()
            found = self._post(asked)
            if twice:
                twice.join()
        status, told = found
        event = told.get("event") or {}
        receipt = told.get("receipt") or event.get("receipt") or {}
        asked.number = (told.get("ticket") or {}).get("number") or event.get("ticket") or asked.path.split("/")[2]
        asked.sequence, asked.leaf, asked.index = (
            event.get("sequence", 0),
            receipt.get("leaf", ""),
            receipt.get("index", -1),
        )
        asked.status = status
        with self._lock:
            self.answered += 1
        wait(random.random() * PAUSE_SECONDS)
        return asked

    def _post_again(self, asked: Asked) -> None:
        with suppress(Gone):
            self._post(asked)

    def _post(self, asked: Asked) -> tuple[int, dict[str, Any]] | None:
        headers = {"Idempotency-Key": asked.key, "Content-Type": "application/json"}
        return self._exchange("POST", asked.path, asked.by, json.dumps(asked.body), headers)

    def _version(self, number: str, by: str) -> int:
        while True:
            found = self._exchange("GET", f"/tickets/{number}", by, None, {})
            if found is not None:
                return int(found[1].get("version", 1))
            wait(0.1)

    def _exchange(
        self, method: str, path: str, by: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]] | None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)) as asked:
                asked.request(
                    method,
                    f"/api/v1{path}",
                    body=body,
                    headers={**headers, "Authorization": f"Bearer {self.tokens[by]}", "Accept-Language": "en"},
                )
                answer = asked.getresponse()
                raw = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        if answer.status == 404:
            raise Gone(path)
        if answer.status not in ANSWERS:
            with self._lock:
                self.strange.append(f"{answer.status} to {method} {path}")
            return None
        try:
            return answer.status, json.loads(raw)
        except ValueError:
            return None
