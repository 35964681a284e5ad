"""One-click sign-in for the demonstration. It opens only on loopback, and only over a database that the demo made."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from auth import asking, desk, keyring, sessions, signin, totp
from auth.models import DemoMark, Mandate, Person
from auth.pages import welcome
from auth.policy import PUBLIC, policy
from auth.records import note
from auth.roles import by_party, party_of
from database import reading, transaction

blueprint = Blueprint("demo", __name__)


class DemoRefused(RuntimeError):
    """Demo mode would stand open to others, or over somebody's real records: the desk does not start."""


def mark(session: Session, at: datetime) -> None:
    """Marks an empty database as the demo's own. Raises DemoRefused where people stand already without a mark."""
    if is_marked(session):
        return
    if session.scalar(select(Person.id).limit(1)) is not None:
        raise DemoRefused("there are people in this database that the demo did not make")
    session.add(DemoMark(id=1, made_at=at))
    session.flush()


def is_marked(session: Session) -> bool:
    return session.scalar(select(DemoMark.id).limit(1)) is not None


def on_loopback(host: str) -> bool:
    """Whether only this machine reaches it. "0.0.0.0" and "" mean every address; a name is not looked up."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_start(app: Flask) -> None:
    """Refuses to start demo mode where it does not belong. An empty or unmade database is welcome."""
    desk = app.extensions["counterpart"]
    if not desk.settings.demo:
        return
    if not on_loopback(desk.settings.bind_host):
        raise DemoRefused(f"demo mode is for this machine alone, not for {desk.settings.bind_host}")
    with reading(desk.engine) as opened:
        tables = inspect(opened.connection()).get_table_names()
        if "person" not in tables or opened.scalar(select(Person.id).limit(1)) is None:
            return
        if "demo_mark" not in tables or not is_marked(opened):
            raise DemoRefused("demo mode over a database that the demo did not make")


def is_open(session: Session) -> bool:
    """Whether the demo's door may open for this request; asked anew each time."""
    settings = desk().settings
    return (
        settings.demo
        and on_loopback(settings.bind_host)
        and on_loopback(request.remote_addr or "")
        and is_marked(session)
    )


@blueprint.get("/demo")
@policy(PUBLIC)
def cast() -> Any:
    """The fictional people with their roles, each with a button, and the code each would read from their phone."""
    at = desk().now()
    with reading(desk().engine) as opened:
        if not is_open(opened):
            abort(404)
        people = opened.scalars(select(Person).where(Person.disabled_at.is_(None)).order_by(Person.id).limit(100)).all()
        held: dict[int, list[Mandate]] = {person.id: [] for person in people}
        for mandate in opened.scalars(
            select(Mandate).where(Mandate.person_id.in_(held), Mandate.revoked_at.is_(None)).order_by(Mandate.id)
        ):
            held[mandate.person_id].append(mandate)
    codes = {person.id: code_now(person, at) for person in people}
    parties: dict[str, list[Person]] = {party: [] for party in (*by_party(), "none")}
    for person in people:
        parties[party_of(held[person.id][0].role) if held[person.id] else "none"].append(person)
    parties = {party: members for party, members in parties.items() if members}
    return render_template("auth/demo.html", parties=parties, held=held, codes=codes, **asking.context())


def code_now(person: Person, at: datetime) -> str | None:
    """What the person's authenticator would show; for the demo alone."""
    secret = signin.totp_secret(keyring(), person)
    return totp.usable_code(secret, at, person.totp_last_step) if secret else None


@blueprint.post("/demo/<int:number>")
@policy(PUBLIC)
def play(number: int) -> Any:
    """Signs in as one of the cast."""
    asking.fields()
    at, before = desk().now(), sessions.token_in_cookie()
    with transaction(desk().engine) as opened:
        person = opened.get(Person, number) if is_open(opened) else None
        if person is None or person.disabled_at is not None:
            abort(404)
        if before:
            signin.sign_out(opened, before, at=at, address=sessions.address())
        note(opened, "demo_sign_in", at=at, person_id=person.id, address=sessions.address())
        token = signin.begin_session(opened, desk().settings, person, at=at, address=sessions.address())
    return welcome(token, person)
