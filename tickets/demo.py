"""The demonstration: a cast of fictional people, and a half-finished week that they worked through at this very desk.

Nothing of the week is inserted: every person enrols, proves their factor and acts, and every deadline is struck, at a
clock that is moved. So the demonstration is also a rehearsal of the rules.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select

from auth import people, signin, tokens, totp
from auth.demo import is_marked, mark
from auth.models import Mandate, Person
from auth.passwords import hashed
from auth.records import Keyring, Refusal
from database import reading, transaction
from tickets import demo_week
from tickets.demo_stage import DemoDesk

MANDATES_SINCE_DAYS = 60


@dataclass(frozen=True)
class Member:
    """Somebody of the cast. All are named after the terms of the solar year, so nobody takes them for real."""

    username: str
    name: str
    role: str
    starts_at: datetime | None = None
    """From when the mandate is held, where not from the beginning; and until when, where it ends."""
    ends_at: datetime | None = None


CAST = (
    Member("bailu", "白露", "client.staff"),
    Member("guyu", "谷雨", "client.staff"),
    Member("lixia", "立夏", "client.approver"),
    Member("xiaoman", "小满", "client.approver"),
    Member("mangzhong", "芒种", "supplier.desk"),
    Member("xiazhi", "夏至", "supplier.desk"),
    Member("liqiu", "立秋", "supplier.engineer"),
    Member("chushu", "处暑", "supplier.engineer"),
    Member("hanlu", "寒露", "supplier.engineer"),
    Member("shuangjiang", "霜降", "supplier.manager"),
    Member("lidong", "立冬", "supplier.manager"),
    Member("qiufen", "秋分", "supplier.relations"),
    Member("daxue", "大雪", "supervisor.reviewer"),
    Member("dongzhi", "冬至", "admin.system"),
    Member("xiaohan", "小寒", "admin.security"),
    Member("dahan", "大寒", "admin.audit"),
)
TOKEN_DAYS = 30


class DemoBroken(RuntimeError):
    """A step of the demonstration was refused where it should not be: the rules and the story no longer agree."""


def is_needed(app: Flask) -> bool:
    """Whether nobody is on record yet."""
    with reading(app.extensions["counterpart"].engine) as session:
        return session.scalar(select(Person.id).limit(1)) is None


def is_ours(app: Flask) -> bool:
    """Whether the demo made this database."""
    with reading(app.extensions["counterpart"].engine) as session:
        return is_marked(session)


def fill(app: Flask) -> None:
    """Makes the cast and plays the week, which ends now (or, outside the contract's term, at its last moment within)."""
    base, desk = app.extensions["counterpart"], app.extensions["tickets"].desk
    if not desk.contracts:
        app.extensions["tickets"].contracts.take_in(base.settings.contract_dirs[0], base.now())
    contract = next(iter(desk.contracts.values()))
    ends_at = min(max(base.now(), contract.term_start + timedelta(days=8)), contract.term_end - timedelta(hours=1))
    begins_at = ends_at - timedelta(days=MANDATES_SINCE_DAYS)
    with transaction(base.engine) as session:
        mark(session, begins_at)
    enrolled = enrol(base.engine, app.extensions["auth"], CAST, contract.key, base.settings.languages[0], begins_at)
    demo_week.play(DemoDesk(desk, contract.key, enrolled, app.extensions["tickets"].vault), ends_at)


def enrol(
    engine: Engine, keyring: Keyring, members: Sequence[Member], contract_key: str, language: str, at: datetime
) -> dict[str, int]:
    """Everybody is added, enrols with a password that nobody knows, and gets the mandate. Gives accounts by user name."""
    password = hashed(secrets.token_urlsafe(24))
    made: dict[str, int] = {}
    for number, member in enumerate(members):
        with transaction(engine) as session:
            person, secret = _done(
                people.add_person(
                    session, username=member.username, name=member.name, language=language, by=None, at=at
                )
            )
            code = totp.code_of_step(signin.secret_to_enrol(keyring, secret), totp.step_at(at))
            _done(signin.enrol(session, keyring, secret, password, code, at=at, address=""))
            admin = member.role.startswith("admin.")
            _done(
                people.grant(
                    session,
                    keyring,
                    people.Grant(
                        person_id=person.id,
                        role=member.role,
                        contract_key=None if admin else contract_key,
                        starts_at=member.starts_at or at,
                        ends_at=member.ends_at,
                        scope={},
                        callback_number="" if admin else f"000-5555-{number:04d}",
                        reason="演示",
                    ),
                    by=None,
                    at=at,
                )
            )
            made[member.username] = person.id
    return made


def _done(outcome: Any) -> Any:
    if isinstance(outcome, Refusal):
        raise DemoBroken(str(outcome.says))
    return outcome


def cast(app: Flask) -> list[dict[str, Any]]:
    """`[{username, person, roles, token, totp_secret}]`, each with a token made for this call."""
    base, keyring = app.extensions["counterpart"], app.extensions["auth"]
    if not is_ours(app):
        raise DemoBroken("this database holds people that the demo did not make")
    with transaction(base.engine) as session:
        roles: dict[int, list[str]] = {}
        for mandate in session.scalars(select(Mandate).where(Mandate.revoked_at.is_(None)).order_by(Mandate.id)):
            roles.setdefault(mandate.person_id, []).append(mandate.role)
        return [
            _card(session, keyring, person, roles.get(person.id, []), base.now())
            for person in session.scalars(select(Person).where(Person.disabled_at.is_(None)).order_by(Person.id))
        ]


def _card(session: Any, keyring: Keyring, person: Person, roles: list[str], at: datetime) -> dict[str, Any]:
    _, token = _done(
        tokens.make_token(
            session, person.id, name="demo", scopes=list(tokens.SCOPES), days=TOKEN_DAYS, at=at.astimezone(UTC)
        )
    )
    return {
        "username": person.username,
        "person": person.id,
        "name": person.name,
        "roles": roles,
        "token": token,
        "totp_secret": signin.totp_secret(keyring, person),
    }
