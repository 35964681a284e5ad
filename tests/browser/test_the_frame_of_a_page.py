"""The frame of every page in a real browser: its policy, its clocks, its forms, and that everybody can read it."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response, render_template, render_template_string, request
from flask_babel import Babel
from playwright.sync_api import Page

import translations
from static import assets
from tests.browser.conftest import Serve

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self';"
    " img-src 'self' data:; form-action 'self'"
)
NOW = "2026-03-02T01:00:00Z"
CHIP = (
    '<span class="countdown" data-due="{due}" data-amber-seconds="600"'
    ' data-words-left="还剩 %(time)s" data-words-late="已超 %(time)s">–</span>'
)
BODY = """{{% extends "base.html" %}}{{% block content %}}<h1>页</h1>{chips}
<form method="post" action="/count"><button name="act" value="reboot">按</button></form>
<div class="progress"><div class="progress-bar" data-width="73">73 %</div></div>
<p class="text-secondary">次要文字</p><span class="badge bg-red text-white">红</span>
<button class="btn btn-outline-danger">险</button><button class="btn btn-primary" disabled>停</button>
<ul class="missing"><li>缺<span class="clause">C9.5</span></li></ul>
{{% endblock %}}"""


def desk(chips: str = "") -> Flask:
    """A desk of one page, with the frame, the policy and the assets of the real one."""
    app = Flask(__name__, template_folder=str(assets.BUILT.parent.parent / "templates"), static_folder=None)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations.compiled())
    app.secret_key = "for this test"
    Babel(app, default_locale="zh_Hans_CN")
    assets.install(app)
    pressed: list[str] = []
    frame: dict[str, Any] = {
        "language": "zh_Hans_CN",
        "now_iso": NOW,
        "navigation": [{"label": "待办", "url": "/", "current": True, "count": 3}],
        "languages": [{"label": "中文", "url": "/", "current": True}, {"label": "English", "url": "/en"}],
        "person_name": "林知远",
        "sign_out_url": "/out",
        "heartbeat": {"state": "alive", "says": "时钟正常"},
        "demo": True,
    }

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/")
    def first() -> str:
        return render_template_string(BODY.format(chips=chips), **frame)

    @app.get("/refused")
    def refused() -> tuple[str, int]:
        return render_template("error.html", status=404, says="没有", **frame), 404

    @app.post("/count")
    def count() -> str:
        pressed.append(request.form["act"])
        return render_template_string(BODY.format(chips=f"<output>{len(pressed)}</output>"), **frame)

    return app


def test_the_clocks_count_from_the_desk_and_never_round_a_limit_away(live_server: Serve, page: Page) -> None:
    chips = "".join(
        CHIP.format(due=due)
        for due in ("2026-03-02T02:16:30Z", "2026-03-02T01:05:30Z", "2026-03-02T00:29:30Z", "2026-03-04T03:00:30Z")
    )
    page.goto(live_server(desk(chips)))
    chip = page.locator(".countdown")
    page.wait_for_function("document.querySelector('.countdown').textContent !== '–'")
    assert chip.nth(0).inner_text() == "还剩 1 小时 16 分"
    assert chip.nth(1).inner_text().startswith("还剩 5 分 ")
    assert chip.nth(2).inner_text().startswith("已超 30 分 ")
    assert chip.nth(3).inner_text() == "还剩 2 天 2 小时 0 分"
    classes = [chip.nth(place).get_attribute("class") for place in range(4)]
    assert classes == [
        "countdown countdown-green",
        "countdown countdown-amber",
        "countdown countdown-late",
        "countdown countdown-green",
    ]


def test_a_double_click_sends_once_with_the_name_of_its_button(live_server: Serve, page: Page) -> None:
    page.goto(live_server(desk()))
    page.get_by_role("button", name="按").dblclick()
    page.wait_for_selector("output")
    assert page.locator("output").inner_text() == "1"
    page.go_back()
    assert page.get_by_role("button", name="按").is_enabled()


def test_a_width_is_set_without_a_style_attribute(live_server: Serve, page: Page) -> None:
    page.goto(live_server(desk()))
    assert page.locator("[data-width]").evaluate("bar => bar.style.width") == "73%"


@pytest.mark.parametrize("path", ["/", "/refused"])
def test_everybody_can_read_the_frame(live_server: Serve, page: Page, path: str) -> None:
    # Axe is handed in through the debugging protocol, which the page's policy does not reach.
    app = desk(CHIP.format(due="2026-03-02T02:16:30Z") + CHIP.format(due="2026-03-02T00:16:30Z"))
    page.goto(live_server(app) + path)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["impact"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_an_inline_script_is_seen_as_a_fault(live_server: Serve, page: Page, faults: list[str]) -> None:
    page.goto(live_server(desk("<script>document.title = 'taken'</script>")))
    page.wait_for_load_state()
    assert any("Content Security Policy" in fault for fault in faults)
    faults.clear()
