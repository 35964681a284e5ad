"""Duty through the API: the same rosters, the same refusals, each party what is its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from database import reading
from tests.api.house import House, problem
from tests.duty.furnished import kept_posts
from tests.pages.conftest import _quick_hashing as _quick_hashing
from tests.pages.conftest import furnished as furnished
from tickets.duty.models import DutyRoster, HandOver
from workflow.canonical import plain


@pytest.fixture
def house(furnished: House) -> House:
    return furnished.as_kept()


def path(house: House, more: str = "") -> str:
    return f"/contracts/{house.contract}/duty{more}"


def whole(house: House, **changes: Any) -> dict[str, Any]:
    """A roster of a day, from this very hour on."""
    begin, end = plain(house.at), plain(house.at + timedelta(days=1))
    shifts = [
        {"post": "first_line", "person": "desk1", "starts": begin, "ends": end},
        {"post": "second_line", "person": "engineer3", "starts": begin, "ends": end},
    ]
    return {"starts": begin, "ends": end, "shifts": shifts, **changes}


def count(house: House, table: Any = DutyRoster) -> int:
    with reading(house.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def duty(house: House, by: str) -> dict[str, Any]:
    answer = house.get(path(house), by)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_roster_is_brought_once_for_a_key_and_each_party_reads_what_is_its_own(house: House) -> None:
    sent = {**whole(house), "code": house.code("manager1")}
    first = house.post(path(house, "/rosters"), sent, "manager1", key="once")
    assert first.status_code == 201, first.get_json()
    again = house.post(path(house, "/rosters"), sent, "manager1", key="once")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert count(house) == 1
    problem(house.post(path(house, "/rosters"), {**sent, "code": "000000"}, "manager1", key="once"), 422, "key-reused")
    own, other = duty(house, "desk2"), duty(house, "staff1")
    assert [one["now"][0]["name"] for one in own["posts"]] == ["desk1（演员）", "engineer3（演员）"]
    assert own["posts"][0]["coming"][0]["people"][0]["name"] == "desk1（演员）"
    assert own["rosters"][0]["digest"] == first.get_json()["digest"]
    assert other["posts"][0]["now"] == own["posts"][0]["now"]
    assert [one["coming"] for one in other["posts"]] == [None, None]
    assert [one["uncovered_from"] for one in other["posts"]] == [None, None]
    assert (other["rosters"], other["hand_overs"]) == ([], [])
    assert own["posts"][0]["uncovered_from"] == plain(house.at.replace(second=0) + timedelta(days=1))


def test_every_reason_is_told_and_nothing_is_taken(house: House) -> None:
    sent = whole(house)
    sent["shifts"][0]["person"] = "staff1"
    sent["shifts"].pop()
    answer = house.post(path(house, "/rosters"), {**sent, "code": house.code("manager1")}, "manager1")
    says = [one["says"] for one in problem(answer, 422, "invalid")["errors"]]
    assert len(says) == 3
    assert "“staff1”" in says[0]
    assert says[1].startswith("First line on duty: nobody from")
    assert says[2].startswith("Second line on duty: nobody from")
    assert count(house) == 0


@pytest.mark.parametrize(
    ("by", "status"), [("engineer1", 403), ("staff1", 403), ("reviewer1", 403), ("approver1", 422)]
)
def test_nobody_brings_the_roster_of_another_party_or_without_signing_for_it(
    house: House, by: str, status: int
) -> None:
    answer = house.post(path(house, "/rosters"), {**whole(house), "code": house.code(by)}, by)
    assert answer.status_code == status
    assert count(house) == 0


def test_a_wrong_code_and_a_moment_without_its_zone_are_told(house: House) -> None:
    problem(house.post(path(house, "/rosters"), {**whole(house), "code": "000000"}, "manager1"), 422, "not-proved")
    for wrong in ("2026-05-12T10:00:00", "2026-05-12 10:00", "2026-02-30T10:00:00Z", "tomorrow, at ten o'clock"):
        sent = {**whole(house, starts=wrong), "code": house.code("manager1")}
        problem(house.post(path(house, "/rosters"), sent, "manager1"), 422, "invalid")
    assert count(house) == 0


def test_one_hands_over_and_the_other_accepts(house: House) -> None:
    kept_posts(house, first_line="desk1", second_line="engineer3")
    offer = {"post": "first_line", "to": "engineer1", "note": "无未了事项。"}
    problem(
        house.post(path(house, "/hand-overs"), {**offer, "code": house.code("engineer1")}, "engineer1"),
        403,
        "not-yours",
    )
    wrong = {**offer, "to": "staff1", "code": house.code("desk1")}
    problem(house.post(path(house, "/hand-overs"), wrong, "desk1"), 422, "invalid")
    made = house.post(path(house, "/hand-overs"), {**offer, "code": house.code("desk1")}, "desk1")
    assert made.status_code == 201, made.get_json()
    assert duty(house, "staff1")["posts"][0]["now"][0]["name"] == "desk1（演员）"
    answers = path(house, f"/hand-overs/{made.get_json()['id']}/answers")
    refused = house.post(answers, {"accepts": True, "code": house.code("desk2")}, "desk2")
    problem(refused, 403, "not-yours")
    done = house.post(answers, {"accepts": True, "code": house.code("engineer1")}, "engineer1")
    assert done.status_code == 201, done.get_json()
    assert duty(house, "staff1")["posts"][0]["now"][0]["name"] == "engineer1（演员）"
    assert duty(house, "desk2")["hand_overs"][0]["accepted"] is True
    problem(house.post(answers, {"accepts": True, "code": house.code("engineer1")}, "engineer1"), 409, "not-now")
    assert count(house, HandOver) == 1


def test_strangers_find_nothing(house: House) -> None:
    kept_posts(house, first_line="desk1", second_line="engineer3")
    for by in ("stranger_manager", "admin_system"):
        assert house.get(path(house), by).status_code == 404
        sent = {**whole(house), "code": house.code(by)}
        assert house.post(path(house, "/rosters"), sent, by).status_code == 404
    nowhere = house.post(
        path(house, "/hand-overs/999/answers"), {"accepts": True, "code": house.code("desk1")}, "desk1"
    )
    assert nowhere.status_code == 404
    assert count(house) == 1
