"""Reports and tasks as data: the same tables as on the pages, to those of the contract and to nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from database import transaction
from tests.api.house import House, problem
from tests.api.http_stage import HttpStage
from tests.desk import reporting
from tests.workflow.drill_story import PLAN, window
from tests.workflow.reboot_story import Operation
from tickets import reports


@pytest.fixture
def told(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house with the fifth duty telling of its tickets. Nothing else is touched."""
    monkeypatch.setitem(house.workflows, "visit", reporting.workflow)
    return house


def base(house: House) -> str:
    return f"/contracts/{house.contract}/reports"


def refused(house: House) -> str:
    number = house.open("visit", "staff1", visitor="来访单位甲", visit_end=house.at.replace(hour=10))
    house.do(number, "refuse", "manager1")
    return number


def test_reports_are_listed_with_what_they_count(told: House) -> None:
    listed = told.get(base(told), "reviewer1").get_json()["reports"]
    assert {"pass_rate", "plan_library", "visitors", "awaited"} <= {one["name"] for one in listed}
    for one in listed:
        assert one["label"]
        assert one["says"]
        assert one["clause"]
        assert told.get(one["href"].removeprefix("/api/v1"), "reviewer1").status_code == 200


def test_a_report_is_told_with_names_and_labels(told: House) -> None:
    number = refused(told)
    data = told.get(f"{base(told)}/visit/visitors?month=2026-05", "staff1").get_json()
    assert [one["name"] for one in data["columns"]] == list(reporting.VISITORS.columns)
    assert data["rows"] == [
        {"number": number, "visitor": "来访单位甲", "entered_at": None, "late": False, "grounds": ["Not let in."],
         "outcome": {"name": "kept_out", "label": "Kept out"}}
    ]  # fmt: skip
    assert data["values"] == {"visits": 1, "came_share": {"part": 0, "whole": 1, "percent": "0.0"}}
    assert (data["month"], data["complete"], data["notice"]) == ("2026-05", True, None)
    assert (data["from"], data["until"]) == ("2026-04-30T16:00:00+00:00", "2026-05-31T16:00:00+00:00")
    assert told.get(f"{base(told)}/visit/visitors?month=2026-04", "staff1").get_json()["rows"] == []
    assert told.get(f"{base(told)}/visit/visitors", "staff1").get_json()["month"] == "2026-05"
    assert told.get(f"{base(told)}/visit/awaited", "staff1").get_json()["month"] is None


def test_a_report_that_is_not_complete_says_so(told: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        refused(told)
    monkeypatch.setattr(reports, "MOST", 1)
    data = told.get(f"{base(told)}/visit/visitors", "staff1").get_json()
    assert (data["complete"], len(data["rows"])) == (False, 1)
    assert data["notice"].startswith("Not complete")


@pytest.mark.parametrize("month", ["2026-13", "2026-5", "x", "1999-12", "", "2026-05-01"])
def test_a_wrong_month_is_told_by_its_name(told: House, month: str) -> None:
    data = problem(told.get(f"{base(told)}/visit/visitors?month={month}", "staff1"), 422, "invalid")
    assert [one["field"] for one in data["errors"]] == ["month"]
    assert "write it as 2026-05" in data["errors"][0]["says"]


def test_a_report_of_how_things_stand_takes_no_month(told: House) -> None:
    data = problem(told.get(f"{base(told)}/visit/awaited?month=2026-05", "staff1"), 422, "invalid")
    assert "not by month" in data["errors"][0]["says"]
    problem(told.get(f"{base(told)}/visit/awaited?year=2026", "staff1"), 422, "invalid")
    problem(told.get(f"{base(told)}?month=2026-05", "staff1"), 422, "invalid")


@pytest.mark.parametrize("stranger", ["stranger_staff", "stranger_manager", "stranger_reviewer"])
def test_who_has_no_mandate_in_the_contract_finds_no_report(told: House, stranger: str) -> None:
    for path in ("", "/visit/visitors", "/visit/awaited", "/reboot/pass_rate", "/no/such"):
        problem(told.get(f"{base(told)}{path}", stranger), 404, "not-found")


def test_administrators_and_the_signed_out_find_none_either(told: House) -> None:
    for path in (base(told), f"{base(told)}/visit/visitors", "/me/tasks"):
        assert told.get(path, "admin_audit").status_code == 404
        assert told.get(path, None).status_code == 401


def test_what_is_not_there_is_not_found(told: House) -> None:
    for path in (f"{base(told)}/visit/nothing", f"{base(told)}/nothing/visitors", "/contracts/none/reports"):
        problem(told.get(path, "staff1"), 404, "not-found")


def tasks_of(house: House, by: str, kind: str) -> list[Any]:
    """What the person has to do beyond tickets, as far as this kind of ticket goes."""
    found = house.get("/me/tasks", by, language="zh-CN").get_json()["tasks"]
    return [one for one in found if one["kind"] == kind]


def invitations(house: House, by: str) -> list[Any]:
    return tasks_of(house, by, "visit")


def test_tasks_are_told_to_those_whose_they_are(told: House) -> None:
    (task,) = invitations(told, "staff1")
    assert (task["contract"], task["kind"], task["name"]) == (told.contract, "visit", "invite_inspectors")
    assert (task["due_at"], task["overdue"]) == ("2026-05-20T16:00:00+00:00", False)
    assert (task["roles"], task["about"]) == (["client.staff"], None)
    for by in ("approver1", "manager1", "reviewer1", "stranger_manager"):
        assert invitations(told, by) == []
    elsewhere = invitations(told, "stranger_staff")
    assert [one["contract"] for one in elsewhere] == ["harbour-2025"], "each has the task of their own contract"
    told.at = datetime(2026, 5, 20, 16, tzinfo=UTC)
    assert invitations(told, "staff1")[0]["overdue"] is False
    told.later(seconds=1)
    assert invitations(told, "staff1")[0]["overdue"] is True
    told.open("visit", "staff1", visitor="年检单位", visit_end=told.at.replace(hour=20))
    assert invitations(told, "staff1") == []
    assert invitations(told, "stranger_staff"), "what was done here is not done there"


def test_a_task_done_in_one_contract_stands_in_the_other(told: House) -> None:
    with transaction(told.engine) as session:
        told._grant(session, told.ids["staff1"], "client.staff", "harbour-2025", told.at)
    visit_end = told.at.replace(hour=20).isoformat()
    body = {"kind": "visit", "action": "request", "contract": told.contract}
    fields = {"visitor": "年检单位", "visit_end": visit_end}
    assert told.post("/tickets", {**body, "fields": fields}, "staff1").status_code == 201
    assert [one["contract"] for one in invitations(told, "staff1")] == ["harbour-2025"]


def test_r2_8_next_year_s_drills_are_a_task_in_november(house: House) -> None:
    house.at = datetime(2026, 11, 2, 2, tzinfo=UTC)
    (task,) = tasks_of(house, "manager1", "drill")
    assert (task["label"], task["due_at"]) == ("编制下年度演练计划", "2026-11-30T16:00:00+00:00")
    assert task["last_day"] == "2026-11-30"
    assert tasks_of(house, "engineer1", "drill") == []
    ahead = datetime(2027, 1, 20, 2, tzinfo=UTC) - house.at
    house.open("drill", "staff1", **{**PLAN, **window(HttpStage(house), ahead)})
    assert tasks_of(house, "manager1", "drill") == []


def test_r7_11_the_pass_rate_is_told_as_data(house: House) -> None:
    operation = Operation(HttpStage(house)).requested().do("withdraw", "staff1", reason="补丁推迟。")
    data = house.get(f"{base(house)}/reboot/pass_rate?month=2026-05", "reviewer1").get_json()
    assert [(row["number"], row["stamp"]["name"], row["grounds"]) for row in data["rows"]] == [
        (operation.number, "void", ["补丁推迟。"])
    ]
    assert data["values"]["pass_rate"] == {"part": 0, "whole": 0, "percent": None}


def test_reports_stand_in_the_description(house: House) -> None:
    paths = house.get("/openapi.json", "staff1").get_json()["paths"]
    one = paths["/api/v1/contracts/{contract}/reports/{kind}/{name}"]["get"]
    assert [p["name"] for p in one["parameters"]] == ["contract", "kind", "name", "month", "Accept-Language"]
    assert {"/api/v1/contracts/{contract}/reports", "/api/v1/me/tasks"} <= set(paths)


def test_c9_7_lines_about_to_run_out_are_told_with_what_is_left(house: House) -> None:
    house.at = datetime(2027, 2, 25, 2, tzinfo=UTC)
    told = tasks_of(house, "staff1", "change")
    assert {one["name"] for one in told} == {"renew_or_cancel_expiring_lines"}
    (one,) = [one for one in told if "2027-03-09" in one["about"]]
    assert one["label"] == "办理即将期满服务项的续用或撤销"
    assert one["about"].startswith("第 4 次提醒（共 4 次）：第 1, 3, 5")
    assert "还剩 8 个工作日。系统不会自动释放或删除任何资源。" in one["about"]
    assert one["overdue"] is True
    assert tasks_of(house, "engineer1", "change") == []
