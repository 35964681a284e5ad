"""What the system and the audit administrator see, on the whole desk: its health and its refusals, never a ticket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from auth.models import Person, SecurityEvent
from config import HOME
from database import reading, transaction
from tests import databases
from tests.auth.conftest import CONTRACT, START, Desk
from tests.auth.whole import whole_desk
from tickets.acts import Act
from tickets.models import Beat, Event, Ticket, Timer
from tickets.system_pages import version
from tickets.watch.models import Mending, Unstruck

SECRET_WORDS = "数据库服务器内存告警"


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Desk]:
    with whole_desk(tmp_path) as made:
        yield made


def refuse(whole: Desk, person: Person, times: int = 1) -> None:
    """A fault that the person reports, and acts on it that the desk refuses."""
    desk = whole.app.extensions["tickets"].desk
    report = {
        "system": "综合执法办案系统", "symptom": SECRET_WORDS, "impact": "无法办案", "level": "level_2",
        "is_security_suspected": "no",
    }  # fmt: skip
    opened = desk.act(
        Act(account=person.id, action="report", key="first", kind="fault", contract=CONTRACT, fields=report)
    )
    assert opened.accepted
    for number in range(times):
        given = {"means": "phone", "told": SECRET_WORDS, "content": SECRET_WORDS}
        act = Act(account=person.id, action="respond", key=f"k{number}", number=opened.number, version=1, fields=given)
        assert desk.act(act).result == "not_yours"


def test_the_system_administrator_sees_whether_the_machinery_runs(whole: Desk) -> None:
    client = whole.sign_in(whole.person("sys", "admin.system"))
    refuse(whole, whole.person("lin.yi", "client.staff"))
    with transaction(whole.engine) as session:
        session.add(Beat(worker="somewhere-17", at=whole.at - timedelta(hours=1), struck=42))
        ticket = session.scalars(select(Ticket.id)).one()
        for number, minutes in enumerate((-3, -2, 0, 5)):
            session.add(Timer(
                ticket_id=ticket, deadline="response", clause="C4.5", started_event=100 + number, started_at=START,
                due_at=whole.at + timedelta(minutes=minutes),
            ))  # fmt: skip
    counted: list[str] = []
    event.listen(whole.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    page = client.get("/system").get_data(as_text=True)
    assert len(databases.of_the_desk(counted)) <= 12
    contract = whole.app.extensions["tickets"].desk.contracts[CONTRACT]
    for wanted in ("somewhere-17", ">42<", "heartbeat-dead", "2 deadlines", contract.digest, version(), databases.KIND):
        assert wanted in page
    assert SECRET_WORDS not in page
    assert "BJ26-F" not in page


def test_deadlines_that_cannot_be_noted_and_what_was_mended_are_told(whole: Desk) -> None:
    client = whole.sign_in(whole.person("sys", "admin.system"))
    refuse(whole, whole.person("lin.yi", "client.staff"))
    told, mended = "Deadlines that cannot be noted", "Deadlines that were not watched"
    page = client.get("/system").get_data(as_text=True)
    assert told not in page
    assert mended not in page
    with transaction(whole.engine) as session:
        timer = session.scalars(select(Timer.id).order_by(Timer.id)).first()
        session.add(
            Unstruck(timer_id=timer, since=whole.at, tries=3, retry_at=whole.at, error="KeyError · tickets/x.py:1")
        )
        for row in (1, 2):
            session.add(Mending(at=whole.at, worker="w", what="limit_begun_anew", subject_id=row))
    page = client.get("/system").get_data(as_text=True)
    for wanted in (f"{told}: 1.", "KeyError · tickets/x.py:1", mended, "2 times, the last at"):
        assert wanted in page
    assert "BJ26-F" not in page


def test_a_contract_that_lacks_something_for_a_kind_is_told_with_what(
    whole: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tickets import system_pages

    monkeypatch.setattr(
        system_pages, "lacking", lambda workflow, _contract: ("C9.99",) if workflow.kind == "fault" else ()
    )
    page = whole.sign_in(whole.person("sys", "admin.system")).get("/system").get_data(as_text=True)
    assert page.count("C9.99") == 1


def test_a_contract_altered_on_disk_is_told_here_of_all_places(whole: Desk) -> None:
    client = whole.sign_in(whole.person("sys", "admin.system"))
    contracts = whole.app.extensions["tickets"].desk.contracts
    (kept,) = (whole.app.extensions["counterpart"].settings.instance_dir / "contracts").iterdir()
    with (kept / "contract.toml").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    contracts.forget()
    answer = client.get("/system")
    assert answer.status_code == 200
    assert "is not what was loaded" in answer.get_data(as_text=True)


def test_the_log_is_verified_on_demand_and_that_is_on_record(whole: Desk) -> None:
    system = whole.person("sys", "admin.system")
    client = whole.sign_in(system)
    refuse(whole, whole.person("lin.yi", "client.staff"), times=3)
    assert 'role="alert"' not in whole.post(client, "/system/log").get_data(as_text=True)
    with whole.engine.begin() as connection:
        databases.unguarded(connection)
        connection.execute(text("UPDATE event SET reason = 'stale' WHERE log_index = 1"))
    page = whole.post(client, "/system/log").get_data(as_text=True)
    assert "entry 1 (BJ26-F-2026-0001 #2) was altered" in page
    assert client.post("/system/log").status_code == 400
    with reading(whole.engine) as session:
        noted = session.scalars(
            select(SecurityEvent).where(SecurityEvent.kind == "log_verified").order_by(SecurityEvent.id)
        ).all()
    assert [(one.person_id, one.detail["faults"] > 0) for one in noted] == [(system.id, False), (system.id, True)]


def test_the_audit_administrator_reads_refused_acts_by_key_without_contents(whole: Desk) -> None:
    client = whole.sign_in(whole.person("aud", "admin.audit"))
    assert client.get("/security/refused-acts").status_code == 200
    refuse(whole, whole.person("lin.yi", "client.staff"), times=60)
    page = client.get("/security/refused-acts").get_data(as_text=True)
    with reading(whole.engine) as session:
        numbers = session.scalars(select(Event.id).where(Event.accepted.is_(False)).order_by(Event.id.desc())).all()
    assert len(numbers) == 60
    assert f"before={numbers[49]}" in page
    further = client.get(f"/security/refused-acts?before={numbers[49]}").get_data(as_text=True)
    assert (page.count("BJ26-F-2026-0001 #"), further.count("BJ26-F-2026-0001 #")) == (50, 10)
    for wanted in ("lin.yi!", "BJ26-F-2026-0001 #61"):
        assert wanted in page
    assert SECRET_WORDS not in page
    assert "/tickets/" not in page
    assert client.get("/security/refused-acts?before=x").status_code == 422


@pytest.mark.parametrize("role", ["client.staff", "admin.system", "admin.security", "admin.audit"])
def test_8_1_4_2_d_each_administrator_lands_in_their_own_room_and_sees_no_other(whole: Desk, role: str) -> None:
    client = whole.sign_in(whole.person("lin.yi", role))
    rooms = {
        "/system": "admin.system", "/security/people": "admin.security",
        "/security/events": "admin.audit", "/security/refused-acts": "admin.audit",
    }  # fmt: skip
    assert {path: client.get(path).status_code for path in rooms} == {
        path: 200 if needed == role else 404 for path, needed in rooms.items()
    }
    if role.startswith("admin."):
        landed = next(path for path, needed in rooms.items() if needed == role)
        assert client.get("/").headers["Location"] == landed
        assert f'href="{landed}"' in client.get("/account").get_data(as_text=True)


def test_a_mandate_can_be_granted_in_every_contract_that_is_loaded_and_in_no_other(whole: Desk) -> None:
    client = whole.sign_in(whole.person("sec", "admin.security"))
    number = whole.person("lin.yi").id
    shipped, added = "beijing-2026", "harbour-2025"
    page = client.get(f"/security/people/{number}").get_data(as_text=True)
    assert f'value="{shipped}"' in page
    assert f'value="{added}"' not in page
    whole.app.extensions["tickets"].contracts.take_in(HOME / "tests" / "contract" / "data" / added, whole.at)
    page = client.get(f"/security/people/{number}").get_data(as_text=True)
    assert f'value="{added}"' in page
