"""A visit from request to leaving in real browsers, each person with their own, and everybody can read every page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Page, expect

from auth import passwords
from tests.api.house import House
from tests.browser.conftest import Serve, Visit
from tests.browser.people_at_work import readable

PASSWORD = "not a password at all"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODYS", quick.hash("nobody"))
    made = House(tmp_path / "house")
    yield made
    made.engine.dispose()


@pytest.fixture
def base(house: House, live_server: Serve) -> str:
    return live_server(house.app)


def signed_in(house: House, page: Page, by: str) -> Page:
    page.goto("/sign-in")
    page.fill("#username", by)
    page.fill("#password", PASSWORD)
    page.fill("#code", house.code(by))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/")
    return page


def test_c9_6_a_visit_is_asked_for_allowed_and_carried_out(house: House, base: str, visit: Visit) -> None:
    staff = signed_in(house, visit(base), "staff1")
    staff.goto("/tickets/new")
    staff.locator("article", has_text="V").first.wait_for()
    staff.goto("/tickets/new/visit")
    staff.get_by_label("Visitor").fill("来访单位甲")
    end = (house.at + timedelta(hours=8 + 8)).strftime("%Y-%m-%dT%H:%M")  # UTC to Beijing, then eight hours on
    staff.locator("input[type=datetime-local]").fill(end)
    staff.locator("form.act-form button[type=submit]").click()
    expect(staff.locator(".alert-success")).to_contain_text("回执")
    number = staff.url.rsplit("/", 1)[1]

    manager = signed_in(house, visit(base), "manager1")
    expect(manager.get_by_role("region", name="等待贵方办理")).to_contain_text(number)
    manager.get_by_role("link", name=number).first.click()
    manager.locator("#act-allow summary").click()
    manager.locator("#act-allow input[name=desk-code]").fill("000000")
    manager.locator("#act-allow button[type=submit]").click()
    expect(manager.locator(".tried")).to_contain_text("未办理")
    manager.locator("#act-allow input[name=desk-code]").fill(house.code("manager1"))
    manager.locator("#act-allow button[type=submit]").click()
    expect(manager.locator(".alert-success")).to_be_visible()
    assert house.row(number).state == "allowed"

    engineer = signed_in(house, visit(base), "engineer1")
    engineer.goto(f"/tickets/{number}")
    for action in ("enter", "leave"):
        engineer.locator(f"#act-{action} summary").click()
        engineer.locator(f"#act-{action} button[type=submit]").dblclick()
        expect(engineer.locator(".alert-success")).to_be_visible()
    assert [event.action for event in house.events(number)] == ["request", "identify", "allow", "enter", "leave"]
    expect(engineer.locator("#state")).to_contain_text("Left")


def test_an_open_page_is_told_that_the_ticket_moved_on_and_keeps_its_form(
    house: House, base: str, visit: Visit
) -> None:
    number = house.open("visit", "staff1", visitor="来访单位甲", visit_end=house.at + timedelta(hours=8))
    page = signed_in(house, visit(base), "manager1")
    page.goto(f"/tickets/{number}")
    page.locator("#act-remark summary").click()
    page.locator("#act-remark textarea").fill("写了一半")
    house.do(number, "remark", "staff1", text="补充一句")
    page.evaluate("htmx.ajax('GET', document.querySelector('#moved').getAttribute('hx-get'), '#moved')")
    expect(page.locator("#moved a")).to_have_attribute("href", f"/tickets/{number}")
    assert page.locator("#act-remark textarea").input_value() == "写了一半"


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.whole), 390])
def test_everybody_can_read_every_page(house: House, base: str, visit: Visit, width: int) -> None:
    number = house.open("visit", "staff1", visitor="来访单位甲", visit_end=house.at + timedelta(hours=8))
    house.refused(number, "allow", "manager1", factor=False, guard="identified")
    house.do(number, "remark", "staff1", text="补充一句")
    fault = "/tickets/new/fault"
    page = signed_in(house, visit(base, viewport={**PHONE, "width": width}), "manager1")
    for path in (
        "/",
        "/tickets",
        "/tickets/new",
        f"/tickets/{number}",
        "/contract",
        "/notices",
        "/clauses/C9.6",
        "/workflows/visit",
    ):
        page.goto(path)
        readable(page)
    page.goto(f"/tickets/{number}")
    page.locator("#act-allow summary").click()
    readable(page)
    staff = signed_in(house, visit(base, viewport={**PHONE, "width": width}), "staff1")
    for path in (fault, "/tickets/new/change", "/tickets/new/reboot", "/tickets?q=nothing-there"):
        staff.goto(path)
        readable(staff)


def test_the_desk_works_without_scripts(house: House, base: str, visit: Visit) -> None:
    page = visit(base, java_script_enabled=False)
    signed_in(house, page, "staff1")
    page.goto("/tickets/new/visit")
    page.get_by_label("Visitor").fill("来访单位乙")
    page.locator("input[type=datetime-local]").fill((house.at + timedelta(hours=16)).strftime("%Y-%m-%dT%H:%M"))
    page.locator("form.act-form button[type=submit]").click()
    expect(page.locator(".alert-success")).to_be_visible()
    page.locator("#act-remark summary").click()
    page.locator("#act-remark textarea").fill("没有脚本也行")
    page.locator("#act-remark button[type=submit]").click()
    expect(page.locator(".history")).to_contain_text("没有脚本也行")
