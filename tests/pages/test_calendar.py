"""The calendar's page: what each reader sees of a year, and how two people bring it in force, in pages and by command."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from database import reading, transaction
from tests.calendar.notice import DAYS_OFF, MAKE_UP_DAYS, SOURCE, notice
from tests.pages.site import Page, Site
from tickets.models import CalendarYear, Ticket, Timer

HERE = "/contract/calendar"


def bring(site: Site, by: str, content: bytes | None = None, **more: Any) -> Any:
    form = site.get(f"{HERE}?year=2027", by).form(f"{HERE}/propose")
    given = {
        **form["fields"],
        "days_off": str(DAYS_OFF),
        "make_up_days": str(MAKE_UP_DAYS),
        "code": site.house.code(by),
        "notice": (BytesIO(notice() if content is None else content), "2027.csv"),
        **more,
    }
    return site.send(action(site, "propose"), given, by, content_type="multipart/form-data")


def action(site: Site, name: str) -> str:
    return f"{HERE}/{name}?contract={site.house.contract}"


def approve(site: Site, by: str, version: int, **more: Any) -> Any:
    form = site.get(f"{HERE}?version={version}", by).form(f"{HERE}/approve")
    return site.send(action(site, "approve"), {**form["fields"], "code": site.house.code(by), **more}, by)


def told(site: Site, number: str) -> dict[str, Any]:
    """The ticket as the API tells it."""
    found: dict[str, Any] = site.house.get(f"/tickets/{number}", "engineer1").get_json()
    return found


def brought(site: Site) -> list[CalendarYear]:
    with reading(site.house.engine) as session:
        return list(session.scalars(select(CalendarYear).order_by(CalendarYear.id)))


@pytest.mark.parametrize("by", ["staff1", "engineer1", "reviewer1"])
def test_whoever_has_a_mandate_reads_the_year_with_its_make_up_days(site: Site, by: str) -> None:
    page = site.get(HERE, by)
    kinds = [
        given.get("class") for tag, given in page.elements if tag == "span" and "day" in (given.get("class") or "")
    ]
    assert kinds.count("day day-off") == 33 + 1, "and one in the legend"
    assert kinds.count("day day-make_up") == 6 + 1
    assert len([1 for tag, given in page.elements if tag == "table" and given.get("class") == "month"]) == 12
    assert "国办发明电〔2025〕7号" in page.text
    assert "暂定" not in page.text.split("2026")[0]
    assert not page.offers(f"{HERE}/propose")


def test_a_year_that_is_not_announced_is_marked_in_both_languages(site: Site) -> None:
    assert "2027 年安排尚未录入" in site.get(f"{HERE}?year=2027", "staff1").text
    page = site.get(f"{HERE}?year=2027", "staff1", english=True)
    assert "The days of 2027 are not announced here yet" in page.text
    assert "day-off" not in page.html.split('class="year year-provisional"')[1].split("</section>")[0]


def test_one_party_brings_and_the_other_approves(site: Site) -> None:
    answer = bring(site, "approver1")
    assert answer.status_code == 303
    (row,) = brought(site)
    page = site.get(f"{HERE}?version={row.id}", "approver1")
    assert "须由另一方批准" in page.text
    assert not page.offers(f"{HERE}/approve")
    assert "2027 年安排尚未录入" in site.get(f"{HERE}?year=2027", "staff1").text
    assert approve(site, "manager1", row.id).status_code == 303
    assert "已公布" in site.get(f"{HERE}?year=2027", "staff1").text
    assert SOURCE in site.get(f"{HERE}?year=2027", "staff1").text
    assert "生效中" in site.get(HERE, "staff1").text


def test_a_torn_file_or_a_wrong_code_is_told_and_nothing_is_brought(site: Site) -> None:
    answer = bring(site, "approver1", notice(leave_out=9))
    assert answer.status_code == 422
    assert f"{DAYS_OFF}" in Page(answer.get_data(as_text=True)).text
    assert bring(site, "approver1", code="000000").status_code == 422
    assert bring(site, "approver1", b"").status_code == 422
    assert brought(site) == []


@pytest.mark.parametrize("by", ["staff1", "engineer1", "reviewer1"])
def test_others_are_refused_at_the_door_that_they_are_not_shown(site: Site, by: str) -> None:
    bring(site, "approver1")
    (row,) = brought(site)
    given = {"version": str(row.id), "digest": row.digest, "code": site.house.code(by)}
    fields = site.get("/account", by).forms[0]["fields"]
    answer = site.send(action(site, "approve"), {**given, "csrf_token": fields["csrf_token"]}, by)
    assert answer.status_code == 403
    assert "2027 年安排尚未录入" in site.get(f"{HERE}?year=2027", "staff1").text


def test_who_brought_it_is_refused_though_the_form_is_forged(site: Site) -> None:
    bring(site, "approver1")
    (row,) = brought(site)
    fields = site.get(f"{HERE}?year=2027", "approver1").form(f"{HERE}/propose")["fields"]
    given = {"version": str(row.id), "digest": row.digest, "csrf_token": fields["csrf_token"]}
    answer = site.send(action(site, "approve"), {**given, "code": site.house.code("approver1")}, "approver1")
    assert answer.status_code == 403
    assert "提交人不得批准" in answer.get_data(as_text=True)
    given["code"] = site.house.code("approver2")
    fields = site.get(f"{HERE}?year=2027", "approver2").form(f"{HERE}/propose")["fields"]
    answer = site.send(action(site, "approve"), {**given, "csrf_token": fields["csrf_token"]}, "approver2")
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["?year=1999", "?year=2040", "?version=99", "?contract=harbour-2025"])
def test_there_is_nothing_beyond_the_years_and_contracts_of_the_reader(site: Site, path: str) -> None:
    assert site.raw(HERE + path, "staff1").status_code == 404


@pytest.mark.parametrize("path", ["?year=x", "?version=-1", "?year=2027&year=2026", "?month=1"])
def test_an_address_that_no_page_offers_is_refused(site: Site, path: str) -> None:
    assert site.raw(HERE + path, "staff1").status_code == 422


def test_strangers_and_administrators_find_nothing(site: Site) -> None:
    assert site.raw(HERE, "admin_system").status_code == 404
    bring(site, "approver1")
    (row,) = brought(site)
    assert site.raw(f"{HERE}?version={row.id}", "stranger_manager").status_code == 404


def test_the_command_brings_lists_and_approves(site: Site, tmp_path: Path) -> None:
    house, run = site.house, site.house.app.test_cli_runner().invoke
    file = tmp_path / "2027.csv"
    file.write_bytes(notice())
    counted = ["--days-off", str(DAYS_OFF), "--make-up-days", str(MAKE_UP_DAYS)]
    given = ["calendar", "propose", house.contract, "2027", str(file), *counted, "--as", "manager1"]
    refused = run(args=[*given, "--code", "000000"])
    assert refused.exit_code == 1
    assert "code" in refused.output
    assert run(args=[*given, "--code", house.code("manager1")]).exit_code == 0
    (row,) = brought(site)
    listed = run(args=["calendar", "list"]).output
    assert "waiting" in listed
    assert row.digest in listed
    said = ["calendar", "approve", house.contract, str(row.id), "--digest", row.digest[:12]]
    for by in ("manager1", "manager2", "engineer1"):
        assert run(args=[*said, "--as", by, "--code", house.code(by)]).exit_code == 1
    assert run(args=[*said[:-1], row.digest[:6], "--as", "approver1", "--code", house.code("approver1")]).exit_code == 1
    done = run(args=[*said, "--as", "approver1", "--code", house.code("approver1")])
    assert done.exit_code == 0, done.output
    assert "in_force" in run(args=["calendar", "list", house.contract]).output
    assert run(args=["calendar", "list", "nowhere"]).exit_code == 1


def test_r8_1_a_provisional_end_says_so_wherever_it_is_shown(site: Site, visit_fields: dict[str, Any]) -> None:
    number = site.open("visit", "staff1", **visit_fields)
    site.do(number, "allow", "manager1")
    site.do(number, "enter", "engineer1")
    shown = {path: site.get(path, "engineer1").html for path in (f"/tickets/{number}", "/tickets", "/")}
    assert not any(">暂定</a>" in html for html in shown.values())
    (deadline,) = told(site, number)["deadlines"]
    assert (deadline["provisional"], deadline["calendar"]) == (False, None), "a moment that was named counts no days"
    with transaction(site.house.engine) as session:
        session.execute(update(Timer).values(provisional=True, calendar="0" * 64))
        session.execute(update(Ticket).values(due_provisional=True))
    for path in shown:
        assert ">暂定</a>" in site.get(path, "engineer1").html, path
    answer = told(site, number)
    assert answer["deadlines"][0]["provisional"] is True
    assert answer["due_provisional"] is True
