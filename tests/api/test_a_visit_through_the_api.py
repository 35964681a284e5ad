"""The main path of the fifth duty through HTTP, with codes from a telephone, and what each door answers on the way."""

from __future__ import annotations

from typing import Any

from tests.api.house import House


def test_c9_6_a_visit_goes_its_way(house: House, visit_fields: dict[str, Any]) -> None:
    number = house.open("visit", by="staff1", **visit_fields)
    told = house.do(number, "allow", by="manager1")
    assert (told["ticket"]["state"], told["ticket"]["version"]) == ("allowed", 2)
    assert told["event"]["proofs"][0]["guard"] == "identified"
    assert told["receipt"]["index"] == told["event"]["receipt"]["index"]
    house.do(number, "enter", by="engineer1")
    house.do(number, "leave", by="engineer1")
    seen = house.get(f"/tickets/{number}", "staff2").get_json()
    assert (seen["state"], seen["final"], seen["must_act_next"]) == ("left", True, None)
    assert [(one["name"], one["status"], one["breached"]) for one in seen["deadlines"]] == [("overstay", "met", False)]


def test_c9_6_nobody_is_let_in_without_a_fresh_factor(house: House, visit_fields: dict[str, Any]) -> None:
    number = house.open("visit", by="staff1", **visit_fields)
    told = house.refused(number, "allow", by="manager1", guard="identified", factor=False)
    assert told["missing"][0]["remedy"] == "factor"
    house.refused(number, "allow", by="engineer1", status=403, guard="mandate", factor=False)
    house.refused(number, "leave", by="engineer1", status=409, guard="state")


def test_the_ticket_says_what_each_reader_can_do(house: House, visit_fields: dict[str, Any]) -> None:
    number = house.open("visit", by="staff1", **visit_fields)
    seen = house.get(f"/tickets/{number}", "manager1").get_json()
    assert seen["must_act_next"] == {"party": "supplier", "label": "Supplier", "roles": ["supplier.manager"]}
    actions = {one["name"]: one for one in seen["actions"]}
    assert set(actions) == {"allow", "refuse", "remark", "attach"}
    assert not actions["allow"]["enabled"]
    assert actions["allow"]["binding"]
    assert [(one["guard"], one["remedy"]) for one in actions["allow"]["missing"]] == [("identified", "factor")]
    assert actions["refuse"]["enabled"]
    mine = {one["name"]: one for one in house.get(f"/tickets/{number}", "staff1").get_json()["actions"]}
    assert [one["guard"] for one in mine["allow"]["missing"]] == ["mandate"]
    house.prove(number, "manager1")
    again = {one["name"]: one for one in house.get(f"/tickets/{number}", "manager1").get_json()["actions"]}
    assert again["allow"]["enabled"]


def test_a_stale_page_is_told_what_changed(house: House, visit_fields: dict[str, Any]) -> None:
    number = house.open("visit", by="staff1", **visit_fields)
    house.do(number, "allow", by="manager1")
    answer = house.act(number, "enter", "engineer1", version=1)
    told = answer.get_json()
    assert (answer.status_code, told["type"]) == (409, "/api/v1/problems/stale")
    assert [one["action"] for one in told["changed"]] == ["allow"]
    assert told["ticket"]["version"] == 2
    assert house.events(number)[-1].reason == "stale"


def test_texts_are_in_the_language_that_is_asked_for(house: House, visit_fields: dict[str, Any]) -> None:
    number = house.open("visit", by="staff1", **visit_fields)
    chinese, english = "目前不能办理。", "This is not possible now."
    for language, title in (
        (None, chinese),
        ("zh-CN,zh;q=0.9", chinese),
        ("en-US,en;q=0.8", english),
        ("fr", chinese),
        ("en;q=0.1,zh;q=0.2", chinese),
    ):
        answer = house.post(f"/tickets/{number}/actions/leave", {"version": 1}, "engineer1", language=language)
        assert answer.get_json()["title"] == title, language
        assert "Accept-Language" in answer.headers["Vary"]


def test_history_is_paged_by_sequence_with_refusals(house: House, visit_fields: dict[str, Any]) -> None:
    number = house.open("visit", by="staff1", **visit_fields)
    for _ in range(4):
        house.refused(number, "leave", by="engineer1", status=409)
    house.refused(number, "remark", by="staff1", text=7)
    told, path = [], f"/tickets/{number}/events?limit=2"
    while path:
        page = house.get(path.removeprefix("/api/v1"), "reviewer1").get_json()
        told += page["events"]
        path = page["next"]
    assert [one["sequence"] for one in told] == [1, 2, 3, 4, 5, 6]
    assert told[0]["accepted"]
    assert told[1]["missing"][0]["guard"] == "state"
    assert (told[5]["reason"], told[5]["errors"][0]["field"]) == ("invalid", "text")
    assert house.get(f"/tickets/{number}/events?after=6", "staff1").get_json() == {"events": [], "next": None}
