"""Notifications through the API: one's own, by key, in the reader's language, and only of what may be seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.house import House, problem
from tests.outbox.office import Office


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def opened(house: House, times: int) -> list[str]:
    fields = {"visitor": "来访单位甲", "visit_end": house.at.replace(hour=10)}
    return [house.open("visit", "staff1", **fields) for _ in range(times)]


def listed(house: House, query: str = "", by: str = "desk1") -> dict[str, Any]:
    answer = house.get(f"/me/notifications{query}", by)
    assert answer.status_code == 200, answer.get_json()
    told: dict[str, Any] = answer.get_json()
    return told


def test_one_gets_ones_own_newest_first(house: House, office: Office) -> None:
    first, second = opened(house, 2)
    assert listed(house) == {"notifications": [], "next": None}
    office.outbox.turn()
    told = listed(house)["notifications"]
    assert [one["ticket"] for one in told] == [second, first]
    assert told[0]["says"] == f"{second} · Visit: Request"
    assert told[0]["href"] == f"/api/v1/tickets/{second}"
    assert (told[0]["read_at"], told[0]["urgent"], told[0]["party"]) == (None, False, "supplier")
    assert listed(house, by="staff1")["notifications"] == []


def test_pages_follow_each_other_by_key(house: House, office: Office) -> None:
    numbers = opened(house, 7)
    office.outbox.turn()
    seen, path = [], "?limit=3&unread=true"
    while path:
        told = listed(house, path)
        seen += [one["ticket"] for one in told["notifications"]]
        path = told["next"] and told["next"].partition("notifications")[2]
    assert seen == numbers[::-1]


@pytest.mark.parametrize("query", ["?after=0123.4567", "?after=x", "?limit=0", "?unread=yes", "?page=2"])
def test_what_does_not_fit_is_told(house: House, office: Office, query: str) -> None:
    opened(house, 1)
    office.outbox.turn()
    problem(house.get(f"/me/notifications{query}", "desk1"), 422, "invalid")


def test_another_ones_place_is_no_place(house: House, office: Office) -> None:
    opened(house, 1)
    office.outbox.turn()
    theirs = listed(house, by="manager1")["notifications"][0]["id"]
    problem(house.get(f"/me/notifications?after={theirs}", "desk1"), 422, "invalid")


def test_administrators_have_none(house: House, office: Office) -> None:
    assert house.get("/me/notifications", "admin_system").status_code == 404
    assert house.get("/me/notifications", None).status_code == 401
