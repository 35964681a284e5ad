"""The watch over pages itself: each kind of complaint is planted once and has to be noticed."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.conftest import Serve


def desk(body: str) -> Flask:
    """One page of `body`, without the policy that would stop half of what is planted."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", "first", lambda: f"<!doctype html><link rel=icon href=data:,><title>t</title>{body}")
    app.add_url_rule("/broken", "broken", lambda: ("broken", 500))
    app.add_url_rule("/refused", "refused", lambda: ("refused", 422))
    return app


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>throw new Error('planted')</script>", "script: planted"),
        ("<script>console.error('planted')</script>", "console: planted"),
        ("<script src=/static/absent.js></script>", "404 for"),
        ("<script src=/broken></script>", "500 for"),
        ("<img src='http://elsewhere.invalid/x.png'>", "asked another host: http://elsewhere.invalid"),
    ],
)
def test_a_complaint_is_noticed(live_server: Serve, page: Page, faults: list[str], body: str, complaint: str) -> None:
    page.goto(live_server(desk(body)))
    assert any(complaint in fault for fault in faults), faults
    faults.clear()


def test_a_refusal_is_no_complaint(live_server: Serve, page: Page) -> None:
    page.goto(live_server(desk("<script>fetch('/refused').then(() => document.title = 'answered')</script>")))
    page.wait_for_function("document.title === 'answered'")


def test_two_visitors_do_not_share_cookies(live_server: Serve, visit: object, page: Page) -> None:
    address = live_server(desk("hello"))
    assert callable(visit)
    other: Page = visit(address)
    page.goto(address)
    other.goto("/")
    page.evaluate("document.cookie = 'who=first'")
    assert other.evaluate("document.cookie") == ""
