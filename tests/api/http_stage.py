"""The stage of the scenarios, with every act done through HTTP: what holds at the desk is told by the API in the same way.

Beside each act two things are held: what the ticket offered a moment before agrees with what is answered, and what it
tells afterwards is what stands in the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from werkzeug.test import TestResponse

from auth import tokens, totp
from auth.models import Person
from database import reading, transaction
from tests.api.house import House, as_json
from tests.stage import Stage
from tickets.acts import Outcome
from tickets.models import Event
from tickets.record import FileFact

MOST_STATEMENTS = 20
"""Every BEGIN counted, and the one that says who calls: what is left to the act is 19."""
RESULTS = {
    "not-yours": "not_yours", "not-now": "not_now", "stale": "stale", "missing": "missing", "invalid": "invalid",
    "not-found": "unknown", "key-reused": "key_reused",
}  # fmt: skip


class HttpStage(Stage):
    """`Stage`, at the API's door."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk, self.engine, self.keyring, self.workflows = (
            house.room.desk,
            house.engine,
            house.keyring,
            house.workflows,
        )
        self.contract = self.desk.contracts[house.contract]
        self.accounts = house.ids
        self.statements = house.statements
        self.keys = count()

    @property
    def may_remember(self) -> bool:
        """Never: each act is to go through this door."""
        return False

    @property
    def at(self) -> datetime:
        return self.house.at

    @at.setter
    def at(self, at: datetime) -> None:
        self.house.at = at

    @property
    def commits(self) -> int:  # type: ignore[override]  # The stage counts for itself; here the house does.
        return self.house.commits

    # --- people ------------------------------------------------------------------------------------------------------

    def hire(self, username: str, role: str, **more: Any) -> int:
        """As on any stage, and with a telephone and a token."""
        person = super().hire(username, role, **more)
        self.house.secrets[username] = totp.new_secret(b"a telephone of 20 by")
        with transaction(self.engine) as session:
            row = session.get_one(Person, person)
            row.totp_sealed = self.keyring.sealer.seal(f"totp:{person}", self.house.secrets[username])
            made = tokens.make_token(session, person, name="tests", scopes=["read", "act"], days=366, at=self.at)
            assert isinstance(made, tuple)
            self.house.tokens[username] = made[1]
        return person

    def prove(self, number: str, by: str) -> None:
        """With a code of the moment. That each serves once is shown elsewhere; here nobody waits for the next one."""
        with transaction(self.engine) as session:
            session.get_one(Person, self.accounts[by]).totp_last_step = totp.step_at(self.at) - 2
        if self.house.get(f"/tickets/{number}", by).status_code == 200:  # Who sees no ticket proves nothing for it.
            self.house.prove(number, by)

    def code_shown(self, number: str, to: str) -> str:
        told = self.house.get("/me/challenges", to).get_json()["challenges"]
        found = [one["digits"] for one in told if one["ticket"] == number]
        assert found, "no challenge is open for this person"
        return str(found[0])

    # --- acts --------------------------------------------------------------------------------------------------------

    def attempt(
        self,
        number: str | None,
        action: str,
        by: str,
        *,
        kind: str | None = None,
        version: int | None = None,
        file: FileFact | None = None,
        key: str | None = None,
        **fields: Any,
    ) -> Outcome:
        if number is None:
            body: dict[str, Any] = {
                "kind": kind,
                "action": action,
                "fields": as_json(fields),
                "contract": self.house.contract,
            }
            return self._outcome(self.house.post("/tickets", body, by, key=key))
        offered = self._offered(number, by)
        if file is not None:
            return self._outcome(
                self.house.bring(number, by, content=b"%PDF-" + file.digest.encode(), key=key, **fields)
            )
        body = {"version": version or self.row(number).version, "fields": as_json(fields)}
        with self.house.counted() as counted:
            outcome = self._outcome(self.house.post(f"/tickets/{number}/actions/{action}", body, by, key=key))
        if counted.commits == 1:  # Limits that ran out unnoticed are struck before, each in a transaction of its own.
            assert len(counted.statements) <= MOST_STATEMENTS, (action, counted.statements)
        if outcome.accepted and not outcome.replayed:
            assert offered[action]["enabled"], f"{action} was off and yet done: {offered[action]['missing']}"
            self._told_as_it_is(number, by)
        return outcome

    def upload(self, number: str, paper: str, by: str, *, note: str = "附件", content: bytes = b"evidence") -> Event:
        answer = self.house.bring(number, by, content=b"%PDF-" + content, paper=paper, note=note)
        assert answer.status_code == 200, answer.get_json()
        return self.last(number)

    def later(self, *, strike: bool = True, **delta: float) -> None:
        self.at += timedelta(**delta)
        if strike:
            self.strike()

    def _offered(self, number: str, by: str) -> Mapping[str, Any]:
        answer = self.house.get(f"/tickets/{number}", by)
        return {one["name"]: one for one in answer.get_json().get("actions", ())}

    def _told_as_it_is(self, number: str, by: str) -> None:
        answer, row = self.house.get(f"/tickets/{number}", by), self.row(number)
        if answer.status_code == 200:  # An act may take the ticket out of its actor's sight.
            told = answer.get_json()
            assert (told["state"], told["version"], told["content"]) == (row.state, row.version, row.content)
            with reading(self.engine):
                assert told["fields"] == row.fields

    @staticmethod
    def _outcome(answer: TestResponse) -> Outcome:
        told = answer.get_json()
        if answer.status_code in (200, 201):
            return Outcome(
                "accepted",
                number=told["ticket"]["number"],
                ticket=told["ticket"],
                event=told["event"],
                receipt=told["receipt"],
                replayed="Idempotent-Replayed" in answer.headers,
            )
        assert answer.mimetype == "application/problem+json"
        kind = told["type"].rsplit("/", 1)[-1]
        result = RESULTS.get(kind, "unknown" if answer.status_code == 404 else kind)
        expected = {"not_yours": 403, "unknown": 404, "not_now": 409, "stale": 409}.get(result, 422)
        assert answer.status_code == expected, told

        def words(ones: Any) -> list[dict[str, Any]]:
            return [{**one, "says": {"text": one["says"], "values": {}}} for one in ones or ()]

        return Outcome(
            result,
            number=(told.get("ticket") or {}).get("number"),
            ticket=told.get("ticket"),
            missing=words(told.get("missing")),
            errors=words(told.get("errors")),
            changed=told.get("changed") or (),
        )


class RefusalStage(HttpStage):
    """The stage of the scenarios, on which what is refused is refused at the API's door. What leads up to it is done at the
    desk: each of those acts goes through HTTP elsewhere, and hundreds of refusals would take as many minutes."""

    _at_the_door = False

    def refused(self, *args: Any, **kwargs: Any) -> Outcome:
        with self._through_http():
            return super().refused(*args, **kwargs)

    def refused_opening(self, *args: Any, **kwargs: Any) -> Outcome:
        with self._through_http():
            return super().refused_opening(*args, **kwargs)

    @contextmanager
    def _through_http(self) -> Iterator[None]:
        self._at_the_door = True
        try:
            yield
        finally:
            self._at_the_door = False

    def attempt(self, number: str | None, action: str, by: str, **more: Any) -> Outcome:
        if self._at_the_door:
            return super().attempt(number, action, by, **more)
        with self.house.counted() as counted:
            outcome = Stage.attempt(self, number, action, by, **more)
        if counted.commits == 1:
            begun = [statement == "BEGIN IMMEDIATE" or "FOR NO KEY" in statement for statement in counted.statements]
            act = counted.statements[begun.index(True) :]
            assert len(act) < MOST_STATEMENTS, (action, act)
        return outcome

    def upload(self, number: str, paper: str, by: str, *, note: Any = "附件", content: Any = b"evidence") -> Event:
        return Stage.upload(self, number, paper, by, note=note, content=content)

    def prove(self, number: str, by: str) -> None:
        (HttpStage if self._at_the_door else Stage).prove(self, number, by)

    def code_shown(self, number: str, to: str) -> str:
        return Stage.code_shown(self, number, to)


__all__ = ["HttpStage", "RefusalStage"]
