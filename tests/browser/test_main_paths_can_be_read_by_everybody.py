"""Tickets of all four duties, in both languages, as somebody with a screen reader, a keyboard or a telephone meets them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from tests import databases
from tests.browser.conftest import Serve, Visit
from tests.browser.people_at_work import readable
from tickets import demo, worker
from wsgi import create_app

AT = datetime(2026, 5, 20, 2, 10, tzinfo=UTC)
SEEN = (
    ("fault", "寒露", "响应时限", "Response"),
    ("reboot", "处暑", "重启等危险操作", "Reboot"),
    ("change", "霜降", "服务变更", "Change"),
    ("drill", "白露", "【演练】应急演练", "Drill"),
)
"""Each kind of ticket, by somebody who has something to do on it, and a word of its page in either language."""


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Flask]:
    """The demonstration: every kind in several states, with refusals, breaches, papers and signatures."""
    settings = Settings(database_url=databases.migrated(tmp_path), instance_dir=tmp_path, demo=True)
    app = create_app(settings, now=lambda: AT)
    demo.fill(app)
    worker.turn(app.extensions["tickets"].desk, "worker of the test")
    yield app
    app.extensions["counterpart"].engine.dispose()


def arrive(page: Page, name: str) -> None:
    """Through the door of the demonstration."""
    page.goto("/demo")
    page.get_by_role("button", name=f"以{name}的身份登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("我的待办")


@pytest.mark.whole
@pytest.mark.parametrize(("kind", "name", "chinese", "english"), SEEN)
def test_everybody_can_read_the_tickets_of_a_kind_in_both_languages(
    kind: str, name: str, chinese: str, english: str, shown: Flask, live_server: Serve, visit: Visit
) -> None:
    page = visit(live_server(shown))
    arrive(page, name)
    page.goto(f"/tickets?kind={kind}")
    for path in page.locator("table.list td:first-child a").evaluate_all("all => all.map(one => one.pathname)")[:2]:
        page.goto(path)
        expect(page.get_by_role("main")).to_contain_text(chinese)
        readable(page)
    if kind == "change":  # Its manager brings rosters too: the page with most on it.
        page.goto("/contract/duty")
        expect(page.get_by_role("main")).to_contain_text("当前值班")
        readable(page)
        page.go_back()
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("main")).to_contain_text(english)
    page.set_viewport_size({"width": 390, "height": 844})
    readable(page)
