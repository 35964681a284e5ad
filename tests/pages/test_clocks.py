"""The clock explainer: for every kind of ticket, in both languages, at both doors, within the cost of a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from database import transaction
from tests.pages.site import Site
from tests.pages.test_cost import MOST, counted
from tests.workflow.fault_story import REPORT, RESPONSE
from tickets.speech import length
from tickets.watch.models import ClockSet


@pytest.fixture
def fault(site: Site) -> str:
    return site.house.open("fault", "staff1", **REPORT)


def test_a_limit_is_told_with_its_start_its_figure_its_edition_and_its_calendar(site: Site, fault: str) -> None:
    page = site.get(f"/tickets/{fault}/clocks", "engineer1", english=True)
    for said in ("Response", "#1 Report", "15 min", "fault.response", "edition 1", "Round the clock", "UTC+8"):
        assert said in page.text, said
    assert "The timers on record say the same." in page.text
    links = [tag[1].get("href") for tag in page.elements if tag[0] == "a"]
    assert f"/tickets/{fault}#event-1" in links
    ticket = site.get(f"/tickets/{fault}", "engineer1")
    assert f"/tickets/{fault}/clocks" in [attributes.get("href") for _, attributes in ticket.elements]


def test_seventy_six_minutes_are_one_hour_and_sixteen_and_a_millisecond_over_is_told(site: Site, fault: str) -> None:
    house = site.house
    house.do(fault, "register", "desk1", engineer=house.ids["engineer1"])
    house.later(minutes=15, milliseconds=400)
    fields: dict[str, Any] = dict(RESPONSE)
    house.do(fault, "respond", "engineer1", **fields)
    page = site.get(f"/tickets/{fault}/clocks", "staff1")
    assert "15 分 0.4 秒" in page.text
    assert "超出 0.4 秒" in page.text
    with site.house.app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert length(timedelta(minutes=76)) == "1 小时 16 分"
        assert length(timedelta(minutes=15, microseconds=1)) == "15 分 0.001 秒"
        assert length(timedelta()) == "0 秒"


def test_what_would_have_been_stands_beside_what_is(site: Site, fault: str) -> None:
    page = site.get(f"/tickets/{fault}/clocks", "staff1", english=True)
    assert "What if: " in page.text
    told = site.house.get(f"/tickets/{fault}/clocks", "staff1").get_json()
    subjects = {one["subject"]: one["columns"] for one in told["what_if"]}
    important = next(columns for name, columns in subjects.items() if "mportant" in name)
    assert [(column["value"], column["as_it_is"]) for column in important] == [("No", True), ("Yes", False)]
    removal = [column["clocks"][0] for column in important]
    assert [one["name"] for one in removal] == ["removal", "removal"]
    assert removal[0]["due_at"] > removal[1]["due_at"]


def test_the_api_tells_each_interval_in_seconds(site: Site, fault: str) -> None:
    site.house.later(minutes=16)
    told = site.house.get(f"/tickets/{fault}/clocks", "staff1").get_json()
    response = next(one for one in told["clocks"] if one["name"] == "response")
    assert (response["status"], response["seconds"], response["seconds_late"]) == ("missed", 960.0, 60.0)
    assert response["started_by"]["action"] == "report"
    assert response["noted_by"]["action"] == "note_late_response"
    assert response["figure"] == {
        "name": "fault.response", "value": 15, "unit": "minute", "clause": "C4.6", "status": "contract", "edition": 1,
    }  # fmt: skip
    assert told["on_record"] is True


def test_who_may_not_see_the_ticket_does_not_see_its_clocks(site: Site, fault: str) -> None:
    assert site.house.get(f"/tickets/{fault}/clocks", "stranger_manager").status_code == 404
    assert site.raw(f"/tickets/{fault}/clocks", "stranger_manager").status_code == 404


def test_every_kind_has_the_page_and_it_costs_no_more_than_others(
    site: Site, fault: str, visit_fields: dict[str, Any]
) -> None:
    visit = site.house.open("visit", "staff1", **visit_fields)
    assert "尚无时限开始计时" in site.get(f"/tickets/{visit}/clocks", "staff1").text
    site.house.do(visit, "allow", "manager1")
    site.house.do(visit, "enter", "engineer1")
    assert "工单自身载明" in site.get(f"/tickets/{visit}/clocks", "staff1").text
    for number in (visit, fault):
        assert counted(site, f"/tickets/{number}/clocks", "staff1") <= MOST
    assert site.house.row(visit).opened_at + timedelta(minutes=2) <= site.house.at


def test_the_tickets_own_list_says_what_was_left_out_beside_the_raw_time(site: Site, fault: str) -> None:
    house = site.house
    began = house.at
    house.do(fault, "register", "desk1", engineer=house.ids["engineer1"])
    house.later(minutes=25)
    page = site.get(f"/tickets/{fault}", "staff1", english=True)
    assert "adjusted" not in page.text
    period: dict[str, Any] = {"from_at": began + timedelta(minutes=5), "until_at": began + timedelta(minutes=15)}
    house.do(fault, "propose_deduction", "engineer1", clock="removal", reason="等待授权", evidence="通话记录", **period)
    assert "adjusted" not in site.get(f"/tickets/{fault}", "staff1").text, "by one party it is nothing"
    house.do(fault, "agree_deduction", "approver1")
    told = {one["name"]: one for one in house.get(f"/tickets/{fault}", "staff1").get_json()["deadlines"]}
    removal = told["removal"]
    assert removal["due_at"] == (began + timedelta(minutes=30)).isoformat()
    assert removal["adjusted_due_at"] == (began + timedelta(minutes=40)).isoformat()
    assert told["arrival"]["adjusted_due_at"] is None
    page = site.get(f"/tickets/{fault}", "staff1")
    assert (
        "without what both parties left out: due 2026-05-12 10:40:00 UTC+8 (raw: 2026-05-12 10:30:00 UTC+8)"
        in page.text
    )


def test_a_likely_miss_and_a_foretold_delay_are_two_words(site: Site, fault: str) -> None:
    house = site.house
    due = house.at + timedelta(hours=2)
    house.later(minutes=100)
    deadlines = house.get(f"/tickets/{fault}", "staff1").get_json()["deadlines"]
    arrival = next(one for one in deadlines if one["name"] == "arrival")
    assert (arrival["foretold"], arrival["likely_miss_told_at"]) == (None, house.at.isoformat())
    page = site.get(f"/tickets/{fault}", "staff1", english=True)
    assert "likely miss" in page.text
    assert "Arrival: second warning" in page.text, "in the timeline, by its limit's name"
    expected = due + timedelta(minutes=30)
    house.do(fault, "announce_delay", "engineer1", clock="arrival", expected_at=expected, reason="道路封闭")
    page = site.get(f"/tickets/{fault}", "staff1")
    assert "Delay announced: expected 2026-05-12 12:30:00 UTC+8 · 道路封闭" in page.text
    arrival = house.get(f"/tickets/{fault}", "staff1").get_json()["deadlines"]
    assert [one["foretold"]["reason"] for one in arrival if one["foretold"]] == ["道路封闭"]


def test_both_parties_read_that_the_clock_was_set_while_the_ticket_was_open(site: Site, fault: str) -> None:
    house = site.house
    for by in ("staff1", "engineer1"):
        assert "时钟被调整" not in site.get(f"/tickets/{fault}/clocks", by).text
    house.later(minutes=10)
    with transaction(house.engine) as session:
        session.add(ClockSet(at=house.at, worker="desk-1", milliseconds=-76 * 60_000))
    for by in ("staff1", "engineer1", "reviewer1"):
        page = site.get(f"/tickets/{fault}/clocks", by).text
        assert "调慢 1 小时 16 分" in page
        assert "UTC+8" in page
    told = house.get(f"/tickets/{fault}/clocks", "staff1").get_json()["clock_set"]
    assert [(one["milliseconds"], one["worker"]) for one in told] == [(-76 * 60_000, "desk-1")]
    assert "时钟被调整" in site.get("/system", "admin_system").text
    assert counted(site, f"/tickets/{fault}/clocks", "engineer1") <= MOST
    house.later(hours=2)
    later = house.open("fault", "staff1", **REPORT)
    assert house.get(f"/tickets/{later}/clocks", "staff1").get_json()["clock_set"] == []
