"""The calendar through the API: read by who has business with it, brought by one party, approved by the other (R8.1, R8.4)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api.house import House
from tests.calendar.notice import DAYS_OFF, MAKE_UP_DAYS, SOURCE, notice


def path(house: House, more: str = "") -> str:
    return f"/contracts/{house.contract}/calendar{more}"


def bring(house: House, by: str, **more: Any) -> Any:
    sent = {"year": 2027, "notice": notice().decode(), "days_off": DAYS_OFF, "make_up_days": MAKE_UP_DAYS}
    return house.post(path(house, "/versions"), {**sent, "code": house.code(by), **more}, by)


def approve(house: House, by: str, version: int, digest: str, **more: Any) -> Any:
    sent = {"digest": digest, "code": house.code(by), **more}
    return house.post(path(house, f"/versions/{version}/approvals"), sent, by)


def reckoned(house: House, by: str = "staff1", **asked: Any) -> Any:
    return house.get(f"{path(house, '/reckoning')}?{urlencode(asked)}", by)


def test_r8_1_a_year_is_read_brought_by_one_party_and_approved_by_the_other(house: House) -> None:
    before = house.get(path(house, "?year=2027"), "staff1").get_json()
    assert (before["status"], before["versions"]) == ("provisional", [])
    brought = bring(house, "approver1")
    assert brought.status_code == 201, brought.get_json()
    version = brought.get_json()
    waiting = house.get(path(house, "?year=2027"), "staff1").get_json()
    assert (waiting["status"], waiting["versions"][0]["standing"]) == ("provisional", "waiting")
    assert waiting["versions"][0]["digest"] == version["digest"]
    approved = approve(house, "manager1", version["id"], version["digest"])
    assert approved.status_code == 201, approved.get_json()
    after = house.get(path(house, "?year=2027"), "staff1").get_json()
    assert (after["status"], after["source"], len(after["days_off"])) == ("published", SOURCE, DAYS_OFF)
    assert after["versions"][0]["approved"]["party"] == "supplier"


def test_who_may_not_and_what_does_not_fit_is_refused_as_on_the_page(house: House) -> None:
    assert bring(house, "staff1").status_code == 403
    assert bring(house, "approver1", code="000000").status_code == 422
    assert bring(house, "approver1", days_off=DAYS_OFF - 1).status_code == 422
    assert bring(house, "approver1", notice="date,kind,source\n").status_code == 422
    version = bring(house, "approver1").get_json()
    for by, status in (("approver1", 403), ("approver2", 403), ("engineer1", 403), ("stranger_manager", 404)):
        assert approve(house, by, version["id"], version["digest"]).status_code == status, by
    assert approve(house, "manager1", version["id"], "0" * 64).status_code == 404
    assert house.get(path(house, "?year=2027"), "staff1").get_json()["status"] == "provisional"


@pytest.mark.parametrize("query", ["?year=1999", "?year=abc", "?month=1"])
def test_a_year_that_is_not_offered_is_not_found_and_nonsense_is_refused(house: House, query: str) -> None:
    assert house.get(path(house, query), "staff1").status_code in (404, 422)
    assert house.get(path(house), "stranger_staff").status_code == 404
    assert house.get("/contracts/harbour-2025/calendar", "staff1").status_code == 404


@pytest.mark.parametrize(
    ("starts", "unit", "length", "day", "rolled"),
    [
        ("2026-03-03", "working_day", 15, "2026-03-24", False),
        ("2026-05-08", "working_day", 1, "2026-05-09", False),
        ("2026-10-09", "working_day", 1, "2026-10-10", False),
        ("2026-09-15", "day", 20, "2026-10-08", True),
        ("2026-09-06", "day", 14, "2026-09-20", False),
    ],
)
def test_8_4_a_period_is_reckoned_with_what_it_came_over(
    house: House, starts: str, unit: str, length: int, day: str, rolled: bool
) -> None:
    told = reckoned(house, starts=f"{starts}T10:00:00+08:00", unit=unit, length=length).get_json()
    assert (told["day"], told["rolled"], told["provisional"]) == (day, rolled, False)


def test_the_calculator_says_what_is_provisional_and_refuses_what_has_no_zone(house: House) -> None:
    assert reckoned(house, starts="2026-12-28T10:00:00+08:00", unit="working_day", length=7).get_json()["provisional"]
    hours = reckoned(house, starts="2026-05-12T10:00:00+08:00", unit="hour", length=2).get_json()
    assert hours["due_at"] == "2026-05-12T04:00:00+00:00"
    for wrong in ({"starts": "2026-05-12T10:00:00"}, {"length": 0}, {"length": 99999}, {"unit": "week"}):
        asked: dict[str, Any] = {"starts": "2026-05-12T10:00:00+08:00", "unit": "day", "length": 1, **wrong}
        assert reckoned(house, **asked).status_code == 422, wrong
    assert (
        reckoned(house, "stranger_staff", starts="2026-05-12T10:00:00+08:00", unit="day", length=1).status_code == 404
    )


def test_what_is_wrong_with_a_year_is_not_told_of_the_code(house: House) -> None:
    """A year that the contract does not reach, or that is in force like this already, says nothing about who acts."""
    sent = {"notice": notice(2029).decode(), "days_off": DAYS_OFF, "make_up_days": MAKE_UP_DAYS}
    answer = house.post(f"{path(house)}/versions", {**sent, "year": 2029, "code": house.code("approver1")}, "approver1")
    assert answer.status_code == 422
    told = answer.get_json()
    assert told["type"].endswith("/invalid")
    assert [one["field"] for one in told["errors"]] == [""]
