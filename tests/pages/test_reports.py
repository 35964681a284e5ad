"""Reports and tasks on pages: a duty that declares one has it shown, to those of the contract and to nobody else."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from database import transaction
from tests.api.http_stage import HttpStage
from tests.desk import reporting, visit
from tests.pages.site import Page, Site
from tests.pages.test_cost import MOST, counted
from tests.workflow.drill_story import PLAN, window
from tests.workflow.reboot_story import PROBE, Operation
from tickets import reports
from tickets.models import Ticket
from tickets.reports_view import BOM, harmless
from workflow.declare import Words
from workflow.report import Share


@pytest.fixture
def told(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site with the fifth duty telling of its tickets. Nothing else is touched."""
    monkeypatch.setitem(site.house.workflows, "visit", reporting.workflow)
    return site


def base(site: Site) -> str:
    return f"/contracts/{site.house.contract}/reports"


def hrefs(page: Page) -> list[str | None]:
    return [given.get("href") for tag, given in page.elements if tag == "a"]


def refused(site: Site, **fields: Any) -> str:
    """A visit that was not allowed, which ends it."""
    number = site.house.open(
        "visit", "staff1", visitor="来访单位甲", visit_end=site.house.at.replace(hour=10), **fields
    )
    site.house.do(number, "refuse", "manager1")
    return number


def test_a_duty_without_reports_has_none(site: Site) -> None:
    assert not visit.workflow.reports
    assert f"{base(site)}/visit/visitors" not in hrefs(site.get(base(site), "staff1"))
    site.get(f"{base(site)}/visit/visitors", "staff1", status=404)


def test_a_declared_report_is_listed_shown_and_exported(told: Site) -> None:
    number = refused(told)
    assert base(told) in hrefs(told.get("/contract", "staff1"))
    listed = told.get(base(told), "staff1")
    assert {f"{base(told)}/visit/visitors", f"{base(told)}/visit/awaited"} <= set(hrefs(listed))
    for by in ("staff1", "approver1", "engineer1", "manager1", "reviewer1"):
        page = told.get(f"{base(told)}/visit/visitors?month=2026-05", by)
        assert number in page.text
        assert f"/tickets/{number}" in hrefs(page)
    text = told.get(f"{base(told)}/visit/visitors?month=2026-05", "staff1", english=True).text
    assert "Those who came to the machine room in the month." in text
    assert "Not let in." in text
    assert "0.0 %" in text
    rows = table(told, f"{base(told)}/visit/visitors/csv?month=2026-05")
    assert rows[0] == ["Number", "Visitor", "Entered at", "Outcome", "Late", "Grounds"]
    assert rows[1] == [number, "来访单位甲", "", "Kept out", "No", "Not let in."]
    assert ["Came share", "0.0 %"] in rows


def table(site: Site, path: str, by: str = "staff1") -> list[list[str]]:
    answer = site.raw(path, by)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Cache-Control"] == "no-store"
    content = answer.get_data().decode()
    assert content.startswith(BOM)
    return list(csv.reader(io.StringIO(content.removeprefix(BOM), newline="")))


def test_a_month_holds_what_ended_in_it_by_the_contract_s_own_clock(told: Site) -> None:
    told.house.at = datetime(2026, 5, 31, 15, 59, tzinfo=UTC)
    may = refused(told)
    told.house.at = datetime(2026, 5, 31, 16, 5, tzinfo=UTC)
    june = refused(told)
    for month, there, elsewhere in (("2026-05", may, june), ("2026-06", june, may)):
        page = told.get(f"{base(told)}/visit/visitors?month={month}", "staff1")
        assert there in page.text
        assert elsewhere not in page.text
    assert june in told.get(f"{base(told)}/visit/visitors", "staff1").text, "without a month it is the current one"


@pytest.mark.parametrize("month", ["2026-13", "2026-5", "05/2026", "1999-12", "%E4%BA%94%E6%9C%88", "2026-05-01"])
def test_a_wrong_month_is_told_in_words(told: Site, month: str) -> None:
    for path in ("visitors", "visitors/csv"):
        page = told.get(f"{base(told)}/visit/{path}?month={month}", "staff1", status=422)
        assert "不是月份，请写作 2026-05" in page.text


@pytest.mark.parametrize("query", ["month=2026-05&month=2026-06", "year=2026", "month=" + "x" * 101, "month=%00"])
def test_an_address_that_no_page_made_is_refused(told: Site, query: str) -> None:
    told.get(f"{base(told)}/visit/visitors?{query}", "staff1", status=422)


def test_how_things_stand_takes_no_month(told: Site) -> None:
    told.house.open("visit", "staff1", visitor="来访单位乙", visit_end=told.house.at.replace(hour=10))
    assert "来访单位乙" in told.get(f"{base(told)}/visit/awaited", "reviewer1").text
    told.get(f"{base(told)}/visit/awaited?month=2026-05", "staff1", status=422)


@pytest.mark.parametrize("stranger", ["stranger_staff", "stranger_manager", "stranger_reviewer", "admin_audit"])
def test_who_has_no_mandate_in_the_contract_finds_no_report(told: Site, stranger: str) -> None:
    number = refused(told)
    for path in ("", "/visit/visitors", "/visit/visitors/csv", "/visit/awaited", "/reboot/pass_rate", "/no/such"):
        page = told.get(f"{base(told)}{path}", stranger, status=404)
        assert number not in page.text
    if not stranger.startswith("admin"):
        own = "/contracts/harbour-2025/reports/visit/visitors?month=2026-05"
        assert number not in told.get(own, stranger, status=told.raw(own, stranger).status_code).text


def test_who_is_not_signed_in_is_asked_to(told: Site) -> None:
    for path in ("", "/visit/visitors", "/visit/visitors/csv"):
        answer = told.house.app.test_client().get(f"{base(told)}{path}")
        assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in")


def test_no_report_of_no_such_name_or_contract(told: Site) -> None:
    for path in (f"{base(told)}/visit/nothing", f"{base(told)}/nothing/visitors", "/contracts/none/reports"):
        told.get(path, "staff1", status=404)


def test_a_draft_is_in_no_report_for_neither_party(told: Site) -> None:
    number = told.house.open("visit", "staff1", visitor="草稿单位", visit_end=told.house.at.replace(hour=10))
    assert "草稿单位" in told.get(f"{base(told)}/visit/awaited", "manager1").text
    with transaction(told.house.engine) as session:
        session.scalars(select(Ticket).where(Ticket.number == number)).one().opener_only = True
    for by in ("manager1", "staff1", "reviewer1"):
        assert "草稿单位" not in told.get(f"{base(told)}/visit/awaited", by).text


def test_a_report_that_cannot_take_everything_in_says_so(told: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [refused(told) for _ in range(3)]
    path = f"{base(told)}/visit/visitors"
    monkeypatch.setattr(reports, "MOST", 3)
    assert "不完整" not in told.get(path, "staff1").text
    monkeypatch.setattr(reports, "MOST", 2)
    page = told.get(path, "staff1")
    assert "不完整" in page.text
    assert [number in page.text for number in numbers] == [False, True, True]
    assert any("不完整" in cell for row in table(told, f"{path}/csv") for cell in row)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "＝1", "\t=1", "\tx", "\rx", "－1"])
def test_no_spreadsheet_runs_what_somebody_typed(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_what_is_no_formula_is_left_alone(told: Site) -> None:
    with told.house.app.test_request_context():
        assert [harmless(one) for one in ("1-1", "a=b", "", None, 5, Share(1, 2))] == [
            "1-1",
            "a=b",
            "",
            "",
            "5",
            "50.0 %",
        ]
        assert harmless((Words("=a"), "b")) == "'=a\nb"


def test_what_a_visitor_typed_is_no_formula_and_no_markup(told: Site) -> None:
    at = told.house.at.replace(hour=10)
    told.house.do(told.house.open("visit", "staff1", visitor="=HYPERLINK(1)", visit_end=at), "refuse", "manager1")
    told.house.do(told.house.open("visit", "staff1", visitor="<b>x</b>", visit_end=at), "refuse", "manager1")
    rows = table(told, f"{base(told)}/visit/visitors/csv")
    assert "'=HYPERLINK(1)" in [row[1] for row in rows[1:3]]
    assert "<b>x" not in told.get(f"{base(told)}/visit/visitors", "staff1").html


def jump(site: Site, at: datetime) -> None:
    """Another day, on which everybody signs in anew."""
    site.house.at = at
    site.browsers.clear()


# --- tasks -----------------------------------------------------------------------------------------------------------


def test_a_task_stands_in_the_inbox_of_those_whose_it_is_until_it_is_done(told: Site) -> None:
    says = "Invite the inspectors."
    assert says in told.get("/", "staff1", english=True).text
    for by in ("approver1", "manager1", "reviewer1", "stranger_manager"):
        assert says not in told.get("/", by, english=True).text
    jump(told, datetime(2026, 5, 21, 2, tzinfo=UTC))
    page = told.get("/", "staff1")
    assert says in page.text
    assert "late by 10 h" in page.text[page.text.index("Invite inspectors") : page.text.index(says)]
    told.house.open("visit", "staff1", visitor="年检单位", visit_end=told.house.at.replace(hour=10))
    assert says not in told.get("/", "staff1").text


def test_r2_8_in_november_next_year_s_drills_are_a_task(site: Site) -> None:
    named = "编制下年度演练计划"
    jump(site, datetime(2026, 10, 31, 15, 59, tzinfo=UTC))
    assert named not in site.get("/", "staff1").text
    jump(site, datetime(2026, 11, 2, 2, tzinfo=UTC))
    for by in ("staff1", "approver1", "manager1"):
        page = site.get("/", by)
        assert named in page.text
        assert "2026-11-30" in page.text
        assert f"/tickets/new/drill?contract={site.house.contract}" in hrefs(page)
    for by in ("desk1", "engineer1", "reviewer1"):
        assert named not in site.get("/", by).text
    stage = HttpStage(site.house)
    ahead = datetime(2027, 1, 20, 2, tzinfo=UTC) - site.house.at
    site.house.open("drill", "staff1", **{**PLAN, **window(stage, ahead)})
    for by in ("staff1", "manager1"):
        assert named not in site.get("/", by).text


# --- the shipped ones --------------------------------------------------------------------------------------------------


def test_r7_11_the_month_s_pass_rate_is_shown_and_exported(site: Site) -> None:
    stage = HttpStage(site.house)
    operation = Operation(stage).executed().do("verify_result", "staff1", **PROBE).do("close", "manager1")
    void = Operation(stage).requested().do("withdraw", "staff1", reason="补丁推迟。")
    page = site.get(f"{base(site)}/reboot/pass_rate?month=2026-05", "reviewer1")
    for text in (
        operation.number,
        void.number,
        "已执行",
        "作废",
        "100.0 %",
        "补丁推迟。",
        "操作人在窗口内登记操作成功",
    ):
        assert text in page.text
    rows = table(site, f"{base(site)}/reboot/pass_rate/csv?month=2026-05")
    assert ["合格率", "100.0 %"] in rows
    assert [row[4] for row in rows[1:3]] == ["已执行", "作废"]
    assert [row[5] for row in rows[1:3]] == ["是", ""]


def test_r2_8_the_plan_library_is_shown(site: Site) -> None:
    site.house.open("drill", "staff1", **{**PLAN, **window(HttpStage(site.house))})
    page = site.get(f"{base(site)}/drill/plan_library", "manager1")
    assert PLAN["emergency_plan"] in page.text
    assert "2025 版" in page.text
    site.get(f"{base(site)}/drill/plan_library", "stranger_staff", status=404)


# --- what it costs -----------------------------------------------------------------------------------------------------


def test_a_report_and_an_inbox_with_a_task_cost_the_same_however_many_tickets(told: Site) -> None:
    paths = ("/", base(told), f"{base(told)}/visit/visitors", f"{base(told)}/visit/visitors/csv")
    refused(told)
    few = [counted(told, path, "staff1") for path in paths]
    for _ in range(12):
        refused(told)
    assert [counted(told, path, "staff1") for path in paths] == few
    assert max(few) <= MOST, few
