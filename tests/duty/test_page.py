"""The roster's page and commands: who is there now and who comes, for each party what is its own; brought and handed over."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from database import reading
from tests.duty.furnished import kept_posts
from tests.pages.conftest import _quick_hashing as _quick_hashing
from tests.pages.conftest import furnished as furnished
from tests.pages.site import Page, Site
from tests.pages.test_cost import MOST, counted
from tickets.duty.models import DutyRoster, HandOver

HERE = "/contract/duty"
HEAD = "post,person,from,until,beside\n"
WHOLE = (
    HEAD
    + "first_line,desk1,2026-05-12 08:00,2026-05-12 20:00,\nfirst_line,engineer1,2026-05-12 20:00,2026-05-13 08:00,\n"
    "second_line,engineer3,2026-05-12 08:00,2026-05-13 08:00,\n"
)
TIME = {"starts": "2026-05-12T08:00", "ends": "2026-05-13T08:00"}


@pytest.fixture
def site(furnished: Any) -> Site:
    return Site(furnished.as_kept())


def action(site: Site, name: str) -> str:
    return f"{HERE}/{name}?contract={site.house.contract}"


def bring(site: Site, by: str, text: str = WHOLE, **more: Any) -> Any:
    form = site.get(HERE, by).form(f"{HERE}/bring")
    file = (BytesIO(text.encode()), "roster.csv")
    given = {**form["fields"], **TIME, "code": site.house.code(by), "roster": file, **more}
    return site.send(action(site, "bring"), given, by, content_type="multipart/form-data")


def rosters(site: Site) -> list[DutyRoster]:
    with reading(site.house.engine) as session:
        return list(session.scalars(select(DutyRoster)))


def test_a_roster_is_brought_and_seen_in_both_languages(site: Site) -> None:
    assert "无人值班" in site.get(HERE, "staff1").text
    assert bring(site, "manager1").status_code == 303
    page = site.get(HERE, "engineer2").text
    assert "一线值班" in page
    assert "desk1（演员）" in page
    assert "engineer1（演员）" in page, "who comes next"
    assert "2026-05-12 20:00:00 UTC+8" in page
    english = site.get(HERE, "engineer2", english=True).text
    assert "First line on duty" in english
    assert "On duty now" in english


def test_what_is_wrong_is_told_with_all_reasons_and_nothing_is_taken(site: Site) -> None:
    torn = (
        HEAD
        + "first_line,desk1,2026-05-12 08:00,2026-05-12 20:00,\nfirst_line,staff1,2026-05-12 20:00,2026-05-13 08:00,\n"
    )
    answer = bring(site, "manager1", torn)
    assert answer.status_code == 422
    told = Page(answer.get_data(as_text=True)).text
    assert "staff1" in told
    assert "一线值班：2026-05-12 20:00:00 UTC+8 至 2026-05-13 08:00:00 UTC+8 无人值班" in told
    assert "二线值班：2026-05-12 08:00:00 UTC+8 至 2026-05-13 08:00:00 UTC+8 无人值班" in told
    assert bring(site, "manager1", code="000000").status_code == 422
    assert bring(site, "manager1", starts="tomorrow").status_code == 422
    assert bring(site, "manager1", "").status_code == 422
    assert rosters(site) == []


@pytest.mark.parametrize("by", ["staff1", "engineer1", "reviewer1"])
def test_c3_3_whoever_has_a_mandate_reads_who_is_called_after_whom(site: Site, by: str) -> None:
    chinese = site.get(HERE, by).text
    assert "一级故障无人响应" in chinese
    assert "一直有效" not in chinese, "every acknowledgement lapses"
    assert "一直有效" in site.get(HERE, "stranger_manager").text, "but in a contract that does not say so"
    english = site.get(HERE, by, english=True).text
    for told in ("Level 1 fault without a response", "after 2 ", "at once", "Complaint that nobody took up", "C9.15"):
        assert told in english, told


def test_each_party_sees_its_own_roster_in_full_and_of_the_other_who_is_there_now_and_how_long(site: Site) -> None:
    bring(site, "manager1")
    for by in ("staff1", "approver1", "reviewer1"):
        page = site.get(HERE, by)
        assert "desk1（演员）" in page.text
        assert "至 2026-05-12 20:00:00 UTC+8" in page.text
        assert "engineer1（演员）" not in page.text, "who comes next is the party's own business"
        assert "在案记录" not in page.text
        assert not page.offers(f"{HERE}/bring")
    assert "在案记录" in site.get(HERE, "desk2").text
    assert not site.get(HERE, "desk2").offers(f"{HERE}/bring")


@pytest.mark.parametrize("by", ["engineer1", "staff1", "approver1", "reviewer1"])
def test_others_are_refused_at_the_door_that_they_are_not_shown(site: Site, by: str) -> None:
    token = site.get("/account", by).forms[0]["fields"]["csrf_token"]
    given = {**TIME, "code": site.house.code(by), "csrf_token": token, "roster": (BytesIO(WHOLE.encode()), "r.csv")}
    answer = site.send(action(site, "bring"), given, by, content_type="multipart/form-data")
    assert answer.status_code == (422 if by == "approver1" else 403)
    assert rosters(site) == []


def test_strangers_and_administrators_find_nothing(site: Site) -> None:
    assert site.raw(HERE, "admin_system").status_code == 404
    assert site.raw(f"{HERE}?contract={site.house.contract}", "stranger_manager").status_code == 404
    assert "值守岗" in site.get(HERE, "stranger_manager").text, "their own contract's posts"
    assert site.raw(f"{HERE}?month=1", "staff1").status_code == 422


def test_one_hands_over_on_the_page_and_the_other_accepts_there(site: Site) -> None:
    house = site.house
    kept_posts(house, first_line="desk1", second_line="engineer3")
    assert not site.get(HERE, "engineer1").offers(f"{HERE}/offer")
    form = site.get(HERE, "desk1").form(f"{HERE}/offer")
    given = {**form["fields"], "to": "engineer1", "note": "F-1 等待回电。\n其余无。", "code": house.code("desk1")}
    assert site.send(action(site, "offer"), given, "desk1").status_code == 303
    assert "desk1（演员） 请您接班：一线值班" in site.get(HERE, "engineer1").text
    assert "请您接班" not in site.get(HERE, "desk2").text
    form = site.get(HERE, "engineer1").form(f"{HERE}/answer")
    given = {**form["fields"], "answer": "accept", "code": house.code("engineer1")}
    with reading(house.engine) as session:
        (offer,) = session.scalars(select(HandOver))
    forged = {**given, "csrf_token": site.get(HERE, "desk2").forms[0]["fields"].get("csrf_token", "")}
    assert site.send(action(site, "answer"), {**forged, "code": house.code("desk2")}, "desk2").status_code in (400, 403)
    assert site.send(action(site, "answer"), {**given, "offer": str(offer.id + 7)}, "engineer1").status_code == 404
    assert site.send(action(site, "answer"), {**given, "answer": "perhaps"}, "engineer1").status_code == 422
    assert "engineer1" not in _now(site)
    given["code"] = house.code("engineer1")
    assert site.send(action(site, "answer"), given, "engineer1").status_code == 303
    assert "engineer1" in _now(site)
    given["code"] = house.code("engineer1")
    assert site.send(action(site, "answer"), given, "engineer1").status_code == 409


def _now(site: Site) -> str:
    return str(site.house.app.test_cli_runner().invoke(args=["duty", "now", site.house.contract]).output)


def test_a_gap_that_comes_because_a_mandate_ends_is_seen_before(site: Site) -> None:
    house = site.house
    kept_posts(house, first_line="desk1", second_line="engineer3", hours=24 * 20)
    assert "起无人值班" not in site.get(HERE, "manager1").text
    house.change_mandate("desk1", revoked_at=house.at)
    page = site.get(HERE, "manager1").text
    assert "无人值班" in page
    assert "desk1（演员）" not in page.split("在案记录")[0]


def test_the_command_brings_lists_and_tells(site: Site, tmp_path: Path) -> None:
    house, run = site.house, site.house.app.test_cli_runner().invoke
    file = tmp_path / "roster.csv"
    file.write_text(WHOLE)
    given = ["duty", "bring", house.contract, str(file), "--from", TIME["starts"], "--until", TIME["ends"], "--as"]
    assert run(args=[*given, "engineer1", "--code", house.code("engineer1")]).exit_code == 1
    assert run(args=[*given, "manager1", "--code", "000000"]).exit_code == 1
    assert "NOBODY" in _now(site)
    done = run(args=[*given, "manager1", "--code", house.code("manager1")])
    assert done.exit_code == 0, done.output
    (row,) = rosters(site)
    assert row.digest in run(args=["duty", "list", house.contract]).output
    assert "desk1（演员）" in _now(site)
    assert "NOBODY" not in _now(site)
    assert run(args=["duty", "now", "nowhere"]).exit_code == 1
    file.write_text(HEAD)
    refused = run(args=[*given, "manager1", "--code", house.code("manager1")])
    assert refused.exit_code == 1
    assert "First line on duty: nobody from" in refused.output


def test_the_page_costs_no_more_than_any(site: Site) -> None:
    house = site.house
    kept_posts(house, first_line="desk1", second_line="engineer3")
    house.at += timedelta(minutes=1)
    for by in ("desk1", "manager1", "staff1"):
        assert counted(site, HERE, by) <= MOST
