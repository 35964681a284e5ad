"""Every check of a simulation fails where what it is for is planted; and no one's records are played over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, select, update

from config import Settings
from tests import databases
from tests.simulate.conftest import Simulated, plan_of
from tickets.models import Event, Ticket, Timer
from tickets.simulate import checks
from tickets.simulate.place import NotOurs, open_place
from tickets.simulate.run import Ended, look_over
from tickets.watch.sweep import MENDED
from wsgi import create_app

Fault = Callable[[Connection], object]


@pytest.fixture(scope="module")
def played(simulated: Simulated) -> Ended:
    """A few tickets, some limits of which were missed and some kept."""
    ended = simulated(plan_of(5, 4, 3, shares={"fault": 1000, "any other": 1}))
    assert ended.holds, ended.failures
    return ended


@pytest.fixture
def tampered(played: Ended) -> Iterator[Callable[[Fault], dict[str, list[str]]]]:
    """What the checks say after somebody tampered; afterwards all is as it was."""
    played.place.engine.dispose()
    kept = databases.keep(url := played.place.engine.url.render_as_string(hide_password=False))

    def tamper(fault: Fault) -> dict[str, list[str]]:
        with played.place.engine.begin() as connection:
            databases.unguarded(connection)
            fault(connection)
        played.place.engine.dispose()
        place = played.place
        told = checks.failures(place.desk, place.key, place.clock.now())
        return {name: found for name, found in told.items() if found}

    yield tamper
    played.place.engine.dispose()
    kept.put_back(url)


def _one(connection: Connection, status: str) -> tuple[int, ...]:
    return connection.execute(
        select(Timer.id, Timer.ticket_id).where(Timer.status == status, Timer.party != "")
    ).first()  # type: ignore[return-value]  # there is one


def doubled_breach(connection: Connection, **changed: str) -> None:
    """The act by which the clock noted a limit stands there twice."""
    _, ticket = _one(connection, "missed")
    by_clock = (Event.ticket_id == ticket) & Event.account_id.is_(None) & Event.accepted
    row = dict(connection.execute(select(Event.__table__).where(by_clock)).mappings().first() or {})
    last = connection.execute(select(Event.id, Event.log_index).order_by(Event.id.desc())).first()
    count = connection.execute(select(Ticket.events).where(Ticket.id == ticket)).scalar_one()
    assert last is not None
    row |= {"id": last.id + 1, "log_index": last.log_index + 1, "sequence": count + 1, **changed}
    connection.execute(Event.__table__.insert(), [row])  # type: ignore[attr-defined]  # it is a table
    connection.execute(update(Ticket).where(Ticket.id == ticket).values(events=count + 1))


def mended(connection: Connection) -> None:
    """The sweep has put on record that it mended something of a ticket."""
    _, ticket = _one(connection, "missed")
    state = connection.execute(select(Ticket.state).where(Ticket.id == ticket)).scalar_one()
    doubled_breach(connection, action=MENDED.name, source=state, dest=state)


def never_struck(connection: Connection) -> None:
    timer, _ = _one(connection, "missed")
    connection.execute(update(Timer).where(Timer.id == timer).values(status="running", struck_at=None, stopped_at=None))


def struck_early(connection: Connection) -> None:
    timer, _ = _one(connection, "missed")
    due = connection.execute(select(Timer.due_at).where(Timer.id == timer)).scalar_one()
    connection.execute(update(Timer).where(Timer.id == timer).values(struck_at=due - timedelta(seconds=1)))


def kept_too_late(connection: Connection) -> None:
    timer, _ = _one(connection, "met")
    due = connection.execute(select(Timer.due_at).where(Timer.id == timer)).scalar_one()
    connection.execute(update(Timer).where(Timer.id == timer).values(stopped_at=due + timedelta(seconds=1)))


def due_at_another_time(connection: Connection) -> None:
    timer, _ = _one(connection, "met")
    due = connection.execute(select(Timer.due_at).where(Timer.id == timer)).scalar_one()
    connection.execute(update(Timer).where(Timer.id == timer).values(due_at=due + timedelta(minutes=1)))


def a_limit_less(connection: Connection) -> None:
    timer, _ = _one(connection, "met")
    connection.execute(Timer.__table__.delete().where(Timer.id == timer))  # type: ignore[attr-defined]  # it is a table


def another_state(connection: Connection) -> None:
    connection.execute(update(Ticket).where(Ticket.kind == "fault").values(state="merged", final=True))


def another_word(connection: Connection) -> None:
    connection.execute(update(Event).where(Event.sequence == 1).values(name="somebody else"))


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        (doubled_breach, "struck once"),
        (never_struck, "struck once"),
        (struck_early, "struck in time"),
        (kept_too_late, "struck in time"),
        (due_at_another_time, "clocks"),
        (a_limit_less, "clocks"),
        (another_state, "fold"),
        (another_word, "log"),
    ],
)
def test_the_check_sees_it(tampered: Callable[[Fault], dict[str, list[str]]], fault: Fault, check: str) -> None:
    assert tampered(fault).get(check)


def test_what_the_desk_itself_puts_on_record_is_no_act_of_the_workflow(
    tampered: Callable[[Fault], dict[str, list[str]]],
) -> None:
    assert set(tampered(mended)) == {"log"}, "the row that was put there is in no log, and nothing else is wrong"


def test_what_broke_while_it_was_played_is_told(played: Ended) -> None:
    played.play.faults.append("a ticket could not be opened")
    try:
        again = look_over(played.place, played.play)
    finally:
        played.play.faults.clear()
    assert not again.holds
    assert again.failures["nothing broke"] == ["a ticket could not be opened"]


def test_a_database_of_others_is_left_alone(tmp_path: Path) -> None:
    settings = replace(Settings(instance_dir=tmp_path), database_url=databases.migrated(tmp_path, "counterpart"))
    app: Flask = create_app(settings)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["people", "first-admin", "security", "安全管理员"]).exit_code == 0
    database = () if databases.on_sqlite else ("--database", settings.database_url)
    refused = runner.invoke(args=["simulate", "--days", "1", "--folder", str(tmp_path), *database])
    assert refused.exit_code != 0
    assert "not made by a simulation" in refused.output


@pytest.mark.skipif(not databases.on_sqlite, reason="of another database only an empty one will do")
def test_what_a_simulation_made_is_made_anew(tmp_path: Path) -> None:
    plan = plan_of(1, 1, 1)
    for _ in range(2):
        place = open_place(plan, tmp_path)
        place.engine.dispose()
    (tmp_path / "simulation.json").unlink()
    with pytest.raises(NotOurs):
        open_place(plan, tmp_path)
