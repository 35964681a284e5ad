"""A small desk for the tests of this room: its own key, database, clock and two people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_babel
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import auth
from auth import passwords, people, policy, signin, totp
from auth.language import current_language
from auth.models import Person
from auth.records import Keyring
from config import HOME, Settings
from database import open_engine, transaction
from tests import databases

START = datetime(2026, 5, 12, 2, 0, 10, tzinfo=UTC)
PASSWORD = "a long walk by the lake"
CONTRACT = "beijing-2026"


@dataclass
class Counterpart:
    """As the composition root makes it."""

    settings: Settings
    engine: Engine
    now: Callable[[], datetime]


@dataclass
class Desk:
    """The app, its moved clock, and ways to have people."""

    app: Flask
    engine: Engine
    at: datetime = START
    secrets: dict[int, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        url: str = self.app.extensions["counterpart"].settings.database_url
        return url

    @property
    def keyring(self) -> Keyring:
        found: Keyring = self.app.extensions["auth"]
        return found

    def pass_time(self, **by: float) -> None:
        self.at += timedelta(**by)

    def person(self, username: str, role: str | None = None, contract: str | None = CONTRACT) -> Person:
        """Somebody enrolled, with one open mandate."""
        with transaction(self.engine) as session:
            added = people.add_person(
                session, username=username, name=f"{username}!", language="en", by=None, at=self.at
            )
            assert isinstance(added, tuple)
            person, secret = added
            hashed = passwords.hashed(PASSWORD)
            self.secrets[person.id] = signin.secret_to_enrol(self.keyring, secret)
            code = totp.code_of_step(self.secrets[person.id], totp.step_at(self.at) - 1)
            assert isinstance(signin.enrol(session, self.keyring, secret, hashed, code, at=self.at, address=""), tuple)
            if role is not None:
                key = None if role.startswith("admin.") else contract
                self.grant(session, person.id, role, key)
        return person

    def grant(self, session: Session, person_id: int, role: str, contract: str | None = CONTRACT, **more: Any) -> Any:
        wanted = people.Grant(person_id, role, contract, more.pop("starts_at", self.at), more.pop("ends_at", None), {})
        return people.grant(session, self.keyring, wanted, by=None, at=self.at)

    def code(self, person: Person) -> str:
        """The next code not used yet; time goes on until there is one."""
        with transaction(self.engine) as session:
            last = session.get_one(Person, person.id).totp_last_step
        while (code := totp.usable_code(self.secrets[person.id], self.at, last)) is None:
            self.pass_time(seconds=30)
        return code

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def sign_in(self, person: Person, client: FlaskClient | None = None, **other: Any) -> FlaskClient:
        """A browser in which the person has signed in (or tried to, with `other` fields)."""
        client = client or self.client()
        given = {"username": person.username, "password": PASSWORD, "code": self.code(person)} | other
        self.post(client, "/sign-in", given)
        return client

    def post(self, client: FlaskClient, path: str, data: Any = None, **more: Any) -> Any:
        """Posts with the token that the page would carry."""
        return client.post(path, data={**(data or {}), "csrf_token": csrf_token(client)}, **more)


def csrf_token(client: FlaskClient) -> str:
    """The token out of a page's own form."""
    page = client.get("/sign-in").get_data(as_text=True)
    return page.split('name="csrf_token" value="')[1].split('"')[0]


@pytest.fixture(autouse=True)
def _quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing as slow as it should be would make these tests wait for nothing."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODYS", quick.hash("nobody"))


def make_app(settings: Settings, engine: Engine, now: Callable[[], datetime]) -> Flask:
    app = Flask("counterpart", root_path=str(HOME), template_folder="templates", static_folder="static")
    app.testing = True
    app.extensions["counterpart"] = Counterpart(settings, engine, now)
    app.extensions["contract_keys"] = lambda: [CONTRACT]
    flask_babel.Babel(app, locale_selector=current_language)
    app.jinja_env.globals["asset"] = lambda name: f"/static/{name}"
    auth.init_app(app)
    return app


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    engines = []
    url = databases.migrated(tmp_path)  # One for the whole test: made anew, a desk is one that was started again.

    def make(**settings: Any) -> Desk:
        engine = open_engine(url)
        engines.append(engine)
        made: list[Desk] = []
        known = Settings(database_url=url, instance_dir=tmp_path / "instance", **settings)
        app = make_app(known, engine, lambda: made[0].at if made else START)
        made.append(Desk(app, engine))

        @app.get("/business")
        @policy.policy(policy.WITH_MANDATE)
        def business() -> str:
            return "business"

        @app.route("/api/v1/echo", methods=["GET", "POST"])
        @policy.policy(policy.SIGNED_IN)
        def echo() -> str:
            return "echo"

        return made[0]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    made = make_desk()
    policy.enforce(made.app)
    return made
