"""The demonstration is made by driving the desk: it holds all four kinds, a refusal, a breach, and a log that verifies."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import workflow
from config import Settings
from database import reading
from tests import databases
from tickets import log_check
from tickets.duty.models import HandOverAnswer, Unanswerable
from tickets.models import Event, Ticket, Timer
from wsgi import create_app

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app over a database that the demo has filled."""
    folder: Path = tmp_path_factory.mktemp("demo")
    settings = replace(Settings(instance_dir=folder), database_url=databases.migrated(folder))
    app = create_app(settings, now=lambda: AT)
    outcome = app.test_cli_runner().invoke(args=["demo"])
    assert outcome.exit_code == 0, outcome.output
    return app


def test_every_duty_stands_in_several_states(shown: Flask) -> None:
    with reading(shown.extensions["counterpart"].engine) as session:
        states: dict[str, set[str]] = {}
        for ticket in session.scalars(select(Ticket)):
            states.setdefault(ticket.kind, set()).add(ticket.state)
    assert set(states) == set(workflow.discover())
    assert all(len(found) >= 2 for found in states.values()), states


def test_a_refusal_and_a_breach_are_on_record(shown: Flask) -> None:
    with reading(shown.extensions["counterpart"].engine) as session:
        assert session.scalars(select(Event).where(Event.accepted.is_(False))).first() is not None
        missed = session.scalars(select(Timer).where(Timer.status == "missed")).all()
    assert missed
    assert all(timer.struck_at is not None and timer.struck_at > timer.due_at for timer in missed)


def test_nothing_of_it_lies_in_the_future_and_the_log_verifies(shown: Flask) -> None:
    with reading(shown.extensions["counterpart"].engine) as session:
        assert all(event.at <= AT + timedelta(minutes=1) for event in session.scalars(select(Event)))
    assert log_check.verify(shown.extensions["tickets"].desk) == []


def test_the_cast_has_every_role_with_token_and_secret(shown: Flask) -> None:
    outcome = shown.test_cli_runner().invoke(args=["demo", "--json"])
    cast = json.loads(outcome.stdout)
    roles = [role for person in cast for role in person["roles"]]
    assert all(set(person) >= {"username", "person", "roles", "token", "totp_secret"} for person in cast)
    for role, at_least in (
        ("client.staff", 2),
        ("client.approver", 2),
        ("supplier.desk", 1),
        ("supplier.engineer", 3),
        ("supplier.manager", 1),
        ("supplier.relations", 1),
        ("supervisor.reviewer", 1),
        ("admin.system", 1),
        ("admin.security", 1),
        ("admin.audit", 1),
    ):
        assert roles.count(role) >= at_least, role


def test_the_demo_is_made_once_and_over_no_other_database(shown: Flask, tmp_path: Path) -> None:
    assert shown.test_cli_runner().invoke(args=["demo", "--if-empty"]).exit_code == 0
    settings = replace(Settings(instance_dir=tmp_path), database_url=databases.migrated(tmp_path))
    other = create_app(settings, now=lambda: AT)
    runner = other.test_cli_runner()
    assert runner.invoke(args=["people", "first-admin", "security", "安全管理员"]).exit_code == 0
    assert runner.invoke(args=["demo", "--if-empty"]).exit_code == 0
    refused = runner.invoke(args=["demo"])
    assert refused.exit_code != 0
    assert "did not make" in refused.output


def test_each_post_is_kept_and_no_call_of_it_found_nobody(shown: Flask) -> None:
    with reading(shown.extensions["counterpart"].engine) as session:
        assert session.scalars(select(Unanswerable)).all() == []
        assert session.scalars(select(Event).where(Event.action == "call_out", Event.accepted)).first() is not None
        assert session.scalars(select(HandOverAnswer)).one().accepted
    told = shown.test_cli_runner().invoke(args=["duty", "now", "beijing-2026"]).output
    assert "NOBODY" not in told
    assert "立秋" in told
