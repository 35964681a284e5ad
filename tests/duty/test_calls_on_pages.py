"""The calls of a ticket on its page and in the API: what was told to whom, acknowledged or not, and what comes next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.duty.furnished import kept_posts
from tests.outbox.office import Office
from tests.pages.conftest import _quick_hashing as _quick_hashing
from tests.pages.conftest import furnished as furnished
from tests.pages.site import Site
from tests.pages.test_cost import MOST, counted
from tests.workflow.fault_story import REPORT
from workflow.canonical import plain


@pytest.fixture
def site(furnished: Any) -> Site:
    """desk1 has the first line and engineer3 the second one; nobody is signed in."""
    made = Site(furnished.as_kept())
    kept_posts(made.house, first_line="desk1", second_line="engineer3")
    return made


def called(site: Site, number: str, by: str) -> dict[str, Any]:
    answer = site.house.get(f"/tickets/{number}/calls", by)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_page_tells_what_was_told_to_whom_and_what_comes_next(site: Site) -> None:
    number = site.house.open("fault", "staff1", **REPORT)
    site.house.later(seconds=1)
    for by in ("staff1", "desk1", "reviewer1"):
        told = site.get(f"/tickets/{number}", by).text
        assert "第 1 步，共 4 步" in told
        assert "desk1（演员） · 一线值班" in told
        assert "未确认" in told
        assert "接下来：第 2 步，共 4 步" in told
        assert "engineer3（演员） · 二线值班" in told
    english = site.get(f"/tickets/{number}", "manager1", english=True).text
    assert "Next: step 2 of 4" in english
    assert "Second line on duty" in english


def test_who_was_called_acknowledges_on_the_page_and_nobody_else_is_offered_it(site: Site) -> None:
    number = site.house.open("fault", "staff1", **REPORT)
    action = f"/tickets/{number}/acknowledge_call"
    assert not site.get(f"/tickets/{number}", "desk1").offers(action)
    site.house.later(seconds=1)
    for by in ("engineer1", "manager1", "staff1"):
        page = site.get(f"/tickets/{number}", by)
        assert not page.offers(action)
        assert "没有等待您确认的呼叫" not in page.text
    site.do(number, "acknowledge_call", "desk1")
    told = site.get(f"/tickets/{number}", "staff1").text
    assert "由 desk1（演员） 确认" in told
    assert "呼叫已确认；届时仍未办理的，继续呼叫。" in told
    assert "接下来：第 1 步，共 1 步" in told, "of the other chain: the service is not back"


def test_the_api_tells_the_same_and_takes_the_acknowledgement(site: Site) -> None:
    house = site.house
    number = house.open("fault", "staff1", **REPORT)
    house.later(seconds=1)
    found = called(site, number, "staff1")
    (first,) = found["calls"]
    assert (first["step"], first["steps"], first["open"], first["acknowledged"]) == (1, 4, True, None)
    assert first["people"] == [{"name": "desk1（演员）", "as": "First line on duty", "party": "Supplier"}]
    assert [one["step"] for one in found["coming"] if one["escalation"] == "response"] == [2, 3, 4]
    house.refused(number, "acknowledge_call", "engineer1", guard="is_called")
    house.do(number, "acknowledge_call", "desk1")
    found = called(site, number, "staff1")
    assert found["calls"][0]["acknowledged"] == {"by": "desk1（演员）", "at": plain(house.at)}
    coming = [(one["escalation"], one["step"], one["lapses"]) for one in found["coming"]]
    assert coming == [("response", 2, True), ("removal", 1, False)], "what is acknowledged holds for a while only"
    limits = {one["name"]: one for one in house.get(f"/tickets/{number}", "staff1").get_json()["deadlines"]}
    assert limits["response"]["status"] == "running"
    assert limits["response_call_1"]["reminder"] is True
    assert limits["response_call_1"]["breached"] is False


def test_strangers_and_administrators_find_no_calls(site: Site) -> None:
    number = site.house.open("fault", "staff1", **REPORT)
    site.house.later(seconds=1)
    for by in ("stranger_manager", "admin_system"):
        assert site.house.get(f"/tickets/{number}/calls", by).status_code == 404
    assert site.house.get(f"/tickets/{number}/calls?x=1", "staff1").status_code == 422


def test_that_nobody_was_there_stands_on_the_ticket_and_with_the_system_administrator(site: Site) -> None:
    house = site.house
    house.change_mandate("desk1", revoked_at=house.at)
    assert "没有呼叫落空" in site.get("/system", "admin_system").text
    number = house.open("fault", "staff1", **REPORT)
    house.later(seconds=1)
    for by in ("staff1", "manager1"):
        assert "无人在岗" in site.get(f"/tickets/{number}", by).text
    told = site.get("/system", "admin_system").text
    assert "first_line" in told
    assert number not in told, "no ticket is the administrator's business"


def test_a_ticket_with_calls_costs_no_more_than_any_page(site: Site) -> None:
    number = site.house.open("fault", "staff1", **REPORT)
    site.house.later(minutes=6)
    assert counted(site, f"/tickets/{number}", "manager1") <= MOST


# --- who is told -----------------------------------------------------------------------------------------------------


def rung(office: Office, channel: str = "desk") -> list[str]:
    return [name for name, _ in office.told(channel)]


@pytest.fixture
def office(site: Site) -> Office:
    return Office(site.house)


def test_a_call_rings_with_who_was_called_and_with_nobody_else(office: Office) -> None:
    house = office.house
    house.open("fault", "staff1", **REPORT)
    office.outbox.turn()
    before = len(rung(office))
    house.later(seconds=1)
    office.outbox.turn()
    assert rung(office)[before:] == ["desk1"]


def test_who_lost_the_mandate_between_call_and_letter_is_not_told_but_the_party_is(office: Office) -> None:
    house = office.house
    house.open("fault", "staff1", **REPORT)
    office.outbox.turn()
    before = len(rung(office))
    house.later(seconds=1)
    house.change_mandate("desk1", revoked_at=house.at)
    house.at += timedelta(seconds=1)
    office.outbox.turn()
    found = rung(office)[before:]
    assert "desk1" not in found
    assert {"desk2", "engineer3", "manager1"} <= set(found)
    assert "staff1" not in found


def test_a_call_goes_by_the_channels_of_its_step_whatever_the_reader_prefers(office: Office) -> None:
    house = office.house
    for name in ("approver1", "approver2"):
        office.address(name, "email")
        office.address(name, "wecom", "wecombot://botkey")
    office.prefer("approver1", urgent=(), quiet_from="00:00", quiet_to="23:59")
    house.open("fault", "staff1", **REPORT)
    office.outbox.turn()
    first = len(rung(office, "email")), len(rung(office, "wecom"))
    house.later(minutes=13)
    office.outbox.turn()
    assert house.room.desk.contracts[house.contract].chains["fault_response_level_2"].steps[3].channels == (
        "email",
        "sms",
    )
    urgent = [one for one in office.deliveries() if one.urgent]
    names = {number: name for name, number in house.ids.items()}
    assert sorted(names[one.person_id] for one in urgent if one.channel == "email") == ["approver1", "approver2"]
    assert [one for one in urgent if one.channel == "wecom"] == []
    assert first[0] <= len(rung(office, "email"))


def test_who_has_none_of_the_named_channels_is_told_by_what_there_is(office: Office) -> None:
    house = office.house
    office.address("approver1", "wecom", "wecombot://botkey")
    house.open("fault", "staff1", **REPORT)
    house.later(minutes=13)
    office.outbox.turn()
    urgent = [one for one in office.deliveries("wecom") if one.urgent]
    assert [one.person_id for one in urgent] == [house.ids["approver1"]]
