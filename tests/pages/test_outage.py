"""While the records cannot be reached nobody is told that nothing was changed, and afterwards the same request is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import InterfaceError, OperationalError

from tests.pages.site import Page, Site
from tickets.outage import COMES_BACK_SECONDS

GONE: list[Callable[[], Exception]] = [
    lambda: OperationalError("SELECT", {}, Exception("server closed the connection unexpectedly")),
    lambda: InterfaceError("SELECT", {}, Exception("the connection is closed")),
]


@contextmanager
def outage(site: Site, when: str, error: Exception) -> Iterator[None]:
    """Inside, the database breaks at this point of every statement or commit."""

    def breaks(*_: Any) -> None:
        raise error

    event.listen(site.house.engine, when, breaks)
    yield
    event.remove(site.house.engine, when, breaks)


@pytest.mark.parametrize("gone", GONE)
def test_the_api_says_when_to_come_back(site: Site, gone: Callable[[], Exception]) -> None:
    with outage(site, "before_cursor_execute", gone()):
        answer = site.house.get("/tickets", "staff1")
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Retry-After"] == str(COMES_BACK_SECONDS)
    assert answer.get_json()["type"] == "/api/v1/problems/unreachable"
    assert site.house.get("/tickets", "staff1").status_code == 200


@pytest.mark.parametrize("gone", GONE)
def test_a_page_says_it_in_words_without_asking_who_reads_it(site: Site, gone: Callable[[], Exception]) -> None:
    site.browser("staff1")
    with outage(site, "before_cursor_execute", gone()):
        answer = site.raw("/", "staff1")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == str(COMES_BACK_SECONDS)
    assert "不会重复办理" in Page(answer.get_data(as_text=True)).text
    assert site.raw("/", "staff1").status_code == 200, "who was signed in still is"


def test_an_act_whose_commit_breaks_off_is_done_once_when_it_is_sent_again(
    site: Site, visit_fields: dict[str, Any]
) -> None:
    number = site.house.open("visit", "staff1", **visit_fields)
    before = len(site.house.events(number))
    with outage(site, "commit", GONE[0]()):
        answer = site.house.act(number, "remark", "staff1", key="again", text="一句话")
    assert answer.status_code == 503
    for replayed in (False, True):
        answer = site.house.act(number, "remark", "staff1", key="again", text="一句话", version=1)
        assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (200, replayed)
    assert len(site.house.events(number)) == before + 1
