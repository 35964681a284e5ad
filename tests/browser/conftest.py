"""A real browser against a real server: the fixtures of every test in this folder.

`visit` opens a page for one more visitor, each with cookies of their own; `page` is the first of them. A page that
logs an error, breaks the content security policy, asks another host for anything or lacks an asset fails its test.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from auth import passwords
from tests.browser.chromium import FLAGS, NoChromium, find
from tests.browser.people_at_work import AtWork, Office

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]
Visit = Callable[..., Page]
Comes = Callable[..., AtWork]
LONGEST_WAIT_MS = 10_000


class _Quiet(WSGIRequestHandler):
    """A request handler that keeps the test's output for the tests."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """Serves `app` on a free loopback port while the block runs; gives its address without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="desk under test", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


@pytest.fixture
def live_server() -> Iterator[Serve]:
    """`live_server(app)` serves a WSGI application until the test ends and returns its address."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker; each visitor gets a context of their own."""
    found = find()
    if found is None:
        raise NoChromium("no Chromium on this machine: `make test` installs one, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(found), headless=True, args=list(FLAGS))
        expect.set_options(timeout=LONGEST_WAIT_MS)
        yield running
        running.close()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What the pages of this test did wrong; the test fails on any. A test that provokes one clears the list."""
    seen: list[str] = []
    yield seen
    assert not seen, "the pages complained:\n  " + "\n  ".join(seen)


@pytest.fixture
def visit(browser: Browser, faults: list[str]) -> Iterator[Visit]:
    """`visit(base_url, locale="zh-CN", **more)` opens a page with fresh cookies; one call a person."""
    with ExitStack() as stack:

        def opened(base_url: str | None = None, locale: str = "zh-CN", **more: Any) -> Page:
            context = browser.new_context(base_url=base_url, locale=locale, timezone_id="Asia/Shanghai", **more)
            stack.callback(context.close)
            context.set_default_timeout(LONGEST_WAIT_MS)
            page = context.new_page()
            watch(page, faults)
            return page

        yield opened


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page of the first, often the only, visitor."""
    return visit()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The whole desk with its people, at ten in the morning."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODYS", quick.hash("nobody"))
    made = Office(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def comes(office: Office, live_server: Serve, visit: Visit) -> Comes:
    """`comes("白露")` is that person with a browser window of their own, signed in unless told otherwise."""
    address = live_server(office.app)

    def came(name: str, *, signed_in: bool = True, **more: Any) -> AtWork:
        page = visit(address, **more)
        if signed_in:
            page.context.add_cookies([office.cookie(name, address)])
        return AtWork(office, page, name)

    return came


def watch(page: Page, faults: list[str]) -> None:
    """Collects in `faults` whatever `page` does wrong from now on."""

    def on_console(message: ConsoleMessage) -> None:
        # Chromium logs every 4xx and 5xx. Refusals are this desk's daily bread; `on_response` judges the rest.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text}")

    def on_response(response: Response) -> None:
        asset_missing = response.status >= 400 and urlsplit(response.url).path.startswith("/static/")
        if response.status >= 500 or asset_missing:
            faults.append(f"{response.status} for {response.url}")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            faults.append(f"asked another host: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("response", on_response)
    page.on("request", on_request)
