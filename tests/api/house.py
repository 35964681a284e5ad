"""The whole application over a fresh database, with enrolled people who hold tokens and telephones, and a clock to move."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, event, select
from werkzeug.test import TestResponse

from auth import passwords, people, signin, tokens, totp
from auth.models import Mandate, Person
from config import HOME, Settings
from database import Base, reading, transaction
from tests import databases
from tests.desk import visit
from tests.stage import CAST
from tickets.models import Event, Ticket
from wsgi import create_app

START = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)
LONG_AGO = timedelta(days=60)
CONTRACTS = {
    "here": HOME / "workflow" / "contracts" / "beijing-2026",
    "elsewhere": HOME / "tests" / "contract" / "data" / "harbour-2025",
}
STRANGERS = {
    "stranger_staff": "client.staff", "stranger_approver": "client.approver", "stranger_desk": "supplier.desk",
    "stranger_engineer": "supplier.engineer", "stranger_manager": "supplier.manager",
    "stranger_reviewer": "supervisor.reviewer",
}  # fmt: skip
"""People of the other contract, one a role."""
ADMINISTRATORS = {"admin_system": "admin.system", "admin_security": "admin.security", "admin_audit": "admin.audit"}
ONE_EACH = {
    "client.staff": "staff1", "client.approver": "approver1", "supplier.desk": "desk1", "supplier.engineer": "engineer1",
    "supplier.manager": "manager1", "supplier.relations": "relations1", "supervisor.reviewer": "reviewer1",
}  # fmt: skip
NOT_BUSINESS = {
    "event",
    "answer",
    "message",
    "tree",
    "api_token",
    "security_event",
    "failure_count",
    "beat",
    "untold",
    "alembic_version",
}
"""What a refusal may leave behind: its own record, and the bookkeeping of tokens and failures."""


class House:
    """People by user name; `get` and `post` as one of them; `open`, `do`, `refused` as scenarios want them."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder, self.at = folder, START
        settings = Settings(
            database_url=url or databases.migrated(folder),
            instance_dir=folder / "instance",
            attempts_a_minute=1_000_000,  # Here hours of work are done while the clock stands.
        )
        self.app = create_app(settings, now=lambda: self.at, workflows={"visit": visit.workflow})
        self.app.testing = True
        self.engine = self.app.extensions["counterpart"].engine
        self.url = settings.database_url
        event.listen(self.engine, "connect", databases.hurry)
        self.room = self.app.extensions["tickets"]
        self.keyring = self.app.extensions["auth"]
        self.workflows = self.room.desk.workflows
        self.tokens: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        self.contract = ""
        self._keys = count()
        self.statements: list[str] = []
        self.commits = 0
        self._furnish()
        event.listen(self.engine, "before_cursor_execute", lambda *args: self.statements.append(args[2]))
        event.listen(self.engine, "commit", self._committed)
        self.http = self.app.test_client()

    # --- furnishing ------------------------------------------------------------------------------------------

    def _furnish(self) -> None:
        keys = {name: self.room.contracts.take_in(path, self.at)[0].key for name, path in CONTRACTS.items()}
        self.contract = keys["here"]
        for username, role in CAST.items():
            self.hire(username, role)
        for username, role in STRANGERS.items():
            self.hire(username, role, contract=keys["elsewhere"])
        for username, role in ADMINISTRATORS.items():
            self.hire(username, role, contract=None)

    def kept(self) -> House:
        """Remembers itself as it stands, so that each test begins here. One application serves them all: to make it anew
        would take longer than what most tests do with it."""
        assert self.room.contracts
        self.engine.dispose()
        self._kept = (databases.keep(self.url), dict(self.tokens), dict(self.secrets), dict(self.ids))
        self._read = dict(self.room.contracts._plain)
        return self

    def as_kept(self) -> House:
        """Itself as it was remembered, whatever happened since."""
        self.engine.dispose()
        shutil.rmtree(self.folder / "instance" / "vault", ignore_errors=True)
        database, tokens_, secrets_, ids = self._kept
        database.put_back(self.url)
        self.room.contracts.forget()
        # Which edition is in use is asked for anew; what each says is the same under one digest, and slow to read.
        self.room.contracts._plain = dict(self._read)
        self.tokens, self.secrets, self.ids = dict(tokens_), dict(secrets_), dict(ids)
        self.at, self.http = START, self.app.test_client()
        self.statements.clear()
        return self

    def _committed(self, _connection: Any) -> None:
        self.commits += 1

    def hire(self, username: str, role: str | None, contract: str | None = "", **grant: Any) -> int:
        """Somebody enrolled with password and telephone, a mandate for a long time, and a token that may act."""
        since = self.at - LONG_AGO
        with transaction(self.engine) as session:
            added = people.add_person(
                session, username=username, name=f"{username}（演员）", language="zh_Hans_CN", by=None, at=since
            )
            assert isinstance(added, tuple), added
            person, secret = added
            self.secrets[username] = signin.secret_to_enrol(self.keyring, secret)
            code = totp.code_of_step(self.secrets[username], totp.step_at(since))
            assert isinstance(
                signin.enrol(
                    session, self.keyring, secret, passwords.hashed("not a password at all"), code, at=since, address=""
                ),
                tuple,
            )
            if role is not None:
                self._grant(session, person.id, role, self.contract if contract == "" else contract, since, **grant)
            made = tokens.make_token(session, person.id, name="tests", scopes=["read", "act"], days=366, at=since)
            assert isinstance(made, tuple)
            self.tokens[username], self.ids[username] = made[1], person.id
        return person.id

    def _grant(self, session: Any, person: int, role: str, contract: str | None, since: datetime, **more: Any) -> None:
        number = "" if contract is None else "000-0000-0000"
        wanted = people.Grant(person, role, contract, since, more.get("ends_at"), {}, number)
        granted = people.grant(session, self.keyring, wanted, by=None, at=since)
        assert isinstance(granted, Mandate), granted

    def change_mandate(self, username: str, **values: Any) -> None:
        with transaction(self.engine) as session:
            for mandate in session.scalars(select(Mandate).where(Mandate.person_id == self.ids[username])):
                for name, value in values.items():
                    setattr(mandate, name, value)

    def token(self, username: str, *scopes: str, days: int = 1) -> str:
        with transaction(self.engine) as session:
            made = tokens.make_token(
                session, self.ids[username], name="more", scopes=list(scopes), days=days, at=self.at
            )
            assert isinstance(made, tuple)
            return made[1]

    # --- requests ----------------------------------------------------------------------------------------------------

    def headers(self, by: str | None, language: str | None = "en", **more: str) -> dict[str, str]:
        given = {"Authorization": f"Bearer {self.tokens.get(by, by)}"} if by else {}
        return {**given, **({"Accept-Language": language} if language else {}), **more}

    def get(self, path: str, by: str | None, *, language: str | None = "en") -> TestResponse:
        return self.http.get(f"/api/v1{path}", headers=self.headers(by, language))

    def post(
        self, path: str, data: Any, by: str | None, *, key: str | None = None, language: str | None = "en"
    ) -> TestResponse:
        """Posts JSON; bytes and text go as they are."""
        raw = data if isinstance(data, bytes | str) else json.dumps(data)
        headers = self.headers(by, language, **{"Idempotency-Key": key or self.key()})
        return self.http.post(f"/api/v1{path}", data=raw, headers=headers, content_type="application/json")

    def key(self) -> str:
        return f"key-{next(self._keys)}"

    def bring(
        self,
        number: str,
        by: str,
        *,
        content: bytes = b"%PDF-1.7 evidence",
        name: str = "evidence.pdf",
        paper: str = "attachment",
        key: str | None = None,
        language: str = "en",
        **more: Any,
    ) -> TestResponse:
        """Posts a file."""
        fields = {"paper": paper, "note": "盖章扫描件", **more}
        return self.http.post(
            f"/api/v1/tickets/{number}/papers",
            data=multipart(fields, name, content),
            content_type="multipart/form-data; boundary=part",
            headers=self.headers(by, language, **{"Idempotency-Key": key or self.key()}),
        )

    # --- what scenarios do -------------------------------------------------------------------------------------------

    def open(self, kind: str, by: str, **fields: Any) -> str:
        declared = self.workflows[kind].opening.name
        answer = self.post("/tickets", {"kind": kind, "action": declared, "fields": as_json(fields)}, by)
        assert answer.status_code == 201, answer.get_json()
        number: str = answer.get_json()["ticket"]["number"]
        assert answer.headers["Location"] == f"/api/v1/tickets/{number}"
        return number

    def act(
        self,
        number: str,
        action: str,
        by: str | None,
        *,
        version: int | None = None,
        key: str | None = None,
        language: str = "en",
        **fields: Any,
    ) -> TestResponse:
        body = {"version": version or self.row(number).version, "fields": as_json(fields)}
        return self.post(f"/tickets/{number}/actions/{action}", body, by, key=key, language=language)

    def do(self, number: str, action: str, by: str, *, factor: bool = True, **fields: Any) -> dict[str, Any]:
        """Acts, with a fresh code where the act asks for one; fails when refused."""
        if factor:
            self.prove_where_asked(number, action, by)
        answer = self.act(number, action, by, **fields)
        assert answer.status_code == 200, answer.get_json()
        told: dict[str, Any] = answer.get_json()
        return told

    def refused(
        self,
        number: str,
        action: str,
        by: str,
        status: int = 422,
        *,
        guard: str | None = None,
        factor: bool = True,
        **fields: Any,
    ) -> dict[str, Any]:
        """Asserts that nothing comes of it and that the refusal stands on record."""
        if factor:
            self.prove_where_asked(number, action, by)
        before = self.digest()
        answer = self.act(number, action, by, **fields)
        told: dict[str, Any] = answer.get_json()
        assert answer.status_code == status, told
        assert answer.mimetype == "application/problem+json"
        assert self.digest() == before, "a refusal changed something"
        if guard:
            assert guard in [one["guard"] for one in told["missing"]], told
        last = self.events(number)[-1]
        assert (last.action, last.accepted, last.account_id) == (action, False, self.ids[by])
        return told

    def prove_where_asked(self, number: str, action: str, by: str) -> None:
        declared = self.workflows[self.row(number).kind].actions.get(action)
        if declared is not None and any(guard.name == "identified" for guard in declared.guards):
            self.prove(number, by)

    def prove(self, number: str, by: str) -> dict[str, Any]:
        answer = self.post(
            "/identity-checks", {"ticket": number, "version": self.row(number).version, "code": self.code(by)}, by
        )
        assert answer.status_code == 201, answer.get_json()
        told: dict[str, Any] = answer.get_json()
        return told

    def code(self, by: str) -> str:
        """The next code that this person's telephone shows and that has not served; time goes on until there is one."""
        while True:
            with reading(self.engine) as session:
                last = session.get_one(Person, self.ids[by]).totp_last_step
            found = totp.usable_code(self.secrets[by], self.at, last)
            if found is not None:
                return found
            self.at += timedelta(seconds=totp.STEP_SECONDS)

    def later(self, **delta: float) -> None:
        self.at += timedelta(**delta)
        while due := self.room.desk.due():
            for timer in due:
                self.room.desk.strike(timer)

    # --- looking behind the doors ------------------------------------------------------------------------------------

    def row(self, number: str) -> Ticket:
        with reading(self.engine) as session:
            return session.scalars(select(Ticket).where(Ticket.number == number)).one()

    def events(self, number: str) -> list[Event]:
        with reading(self.engine) as session:
            return list(
                session.scalars(
                    select(Event)
                    .join(Ticket, Ticket.id == Event.ticket_id)
                    .where(Ticket.number == number)
                    .order_by(Event.sequence)
                )
            )

    def digest(self, number: str | None = None) -> str:
        """Everything that a refusal must leave as it was; with `number`, of other tickets nothing is read."""
        only = None if number is None else self.row(number).id
        found = hashlib.sha256()
        with self.engine.connect() as connection:
            for name, (everything, of_one) in _business().items():
                wanted = (everything, ()) if only is None or of_one is None else (of_one, (only,))
                found.update(f"{name} {connection.exec_driver_sql(*wanted).all()!r}".encode())
        return found.hexdigest()

    @contextmanager
    def counted(self) -> Iterator[SimpleNamespace]:
        counts = SimpleNamespace(statements=[], commits=0)
        statements, commits = len(self.statements), self.commits
        yield counts
        counts.statements, counts.commits = self.statements[statements:], self.commits - commits


@cache
def _business() -> dict[str, tuple[str, str | None]]:
    """By table what reads all of it and, where it belongs to a ticket, what reads the part of one. Written once: a walk
    compares thousands of times, and what it compares may as well be what lies in the file."""
    found = {}
    dialect = databases.dialect()
    for name, table in sorted(Base.metadata.tables.items()):
        if name not in NOT_BUSINESS:
            columns = [c for c in table.columns if (name, c.name) != ("ticket", "events")]
            query = select(*columns).order_by(*table.primary_key)
            key = table.c.id if name == "ticket" else table.c.get("ticket_id")
            of_one = None if key is None else str(query.where(key == bindparam("ticket")).compile(dialect=dialect))
            found[name] = (str(query.compile(dialect=dialect)), of_one)
    return found


def multipart(fields: Mapping[str, Any], name: str, content: bytes) -> bytes:
    """Written out in memory: the test client would leave a large body in an open file."""
    parts = [
        f'Content-Disposition: form-data; name="{k}"\r\n\r\n{v}'.encode() for k, v in fields.items() if v is not None
    ]
    parts.append(f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content)
    return b"".join(b"--part\r\n" + part + b"\r\n" for part in parts) + b"--part--\r\n"


def as_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as a program would send them."""
    told: dict[str, Any] = json.loads(json.dumps(fields, default=lambda one: one.isoformat()))
    return told


def problem(answer: Any, status: int, name: str) -> dict[str, Any]:
    """The problem document, after a look at what all of them have."""
    told: dict[str, Any] = answer.get_json()
    assert answer.status_code == status, told
    assert answer.mimetype == "application/problem+json"
    assert told["type"] == f"/api/v1/problems/{name}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    return told


__all__ = ["ADMINISTRATORS", "ONE_EACH", "START", "STRANGERS", "House", "as_json", "multipart", "problem"]
