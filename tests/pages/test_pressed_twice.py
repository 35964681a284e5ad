"""A button pressed twice, a page gone back to, a form sent again: the page's hidden key makes one act of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.site import Page, Site
from tests.together import at_once


@pytest.fixture
def number(site: Site, visit_fields: dict[str, Any]) -> str:
    """A visit that was asked for and not answered."""
    return site.open("visit", "staff1", **visit_fields)


def actions(site: Site, number: str) -> list[str]:
    return [event.action for event in site.house.events(number)]


def test_a_form_sent_twice_at_one_instant_is_one_act(site: Site, number: str) -> None:
    path = f"/tickets/{number}/allow"
    data = {**site.fill(f"/tickets/{number}", path, "manager1"), "desk-code": site.house.code("manager1")}
    answers = at_once(*[lambda: site.send(path, data, "manager1", buffered=True)] * 4)
    assert [one.status_code for one in answers] == [303] * 4
    assert len({one.headers["Location"] for one in answers}) == 1
    assert actions(site, number) == ["request", "allow"]


def test_whoever_goes_back_and_sends_the_form_again_is_shown_what_was_done(site: Site, number: str) -> None:
    """The ticket has moved on since, by that very form and by others: it is no stale page, it was answered already."""
    path = f"/tickets/{number}/allow"
    data = {**site.fill(f"/tickets/{number}", path, "manager1"), "desk-code": site.house.code("manager1")}
    first = site.send(path, data, "manager1")
    site.do(number, "enter", "engineer1")
    again = site.send(path, data, "manager1")
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert actions(site, number) == ["request", "allow", "enter"]


def test_whoever_goes_back_and_writes_something_else_is_told_that_it_was_sent(site: Site, number: str) -> None:
    path = f"/tickets/{number}/remark"
    data = site.fill(f"/tickets/{number}", path, "staff1", text="第一句")
    assert site.send(path, data, "staff1").status_code == 303
    answer = site.send(path, {**data, "text": "第二句"}, "staff1")
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    form = page.form(path)["fields"]
    assert form["text"] == "第二句", "what was typed is kept"
    assert form["desk-key"] != data["desk-key"], "and can be sent under a key of its own"
    assert site.send(path, form, "staff1").status_code == 303
    assert actions(site, number) == ["request", "remark", "remark"]


def test_an_opening_sent_twice_opens_one_ticket(site: Site, visit_fields: dict[str, Any]) -> None:
    path = "/tickets/new/visit"
    data = site.fill(path, path, "staff1", **visit_fields)
    answers = [site.send(path, data, "staff1"), *at_once(*[lambda: site.send(path, data, "staff1")] * 3)]
    assert [one.status_code for one in answers] == [303] * 4
    assert len({one.headers["Location"] for one in answers}) == 1
    assert len(site.house.get("/tickets", "staff1").get_json()["tickets"]) == 1


def test_each_page_has_a_key_of_its_own(site: Site, number: str) -> None:
    """Two people, or one person twice, who say the same say it twice."""
    path = f"/tickets/{number}/remark"
    for _ in range(2):
        site.do(number, "remark", "staff1", text="同一句话")
    keys = {site.fill(f"/tickets/{number}", path, "staff1")["desk-key"] for _ in range(3)}
    assert len(keys) == 3
    assert actions(site, number) == ["request", "remark", "remark"]
