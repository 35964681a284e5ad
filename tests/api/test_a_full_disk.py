"""The disk is full: what cannot be written is refused as a whole, readers go on, and with room again it is done once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from tests import databases
from tests.api.house import House
from tests.pages.site import Page, Site
from tickets import log_check

pytestmark = pytest.mark.skipif(
    not databases.on_sqlite,
    reason="NOT COUNTED: only a database of SQLite can be told by a statement how large it may grow",
)
LONG = "处置经过：" + "逐项核对并登记。" * 200
ENOUGH = 12
"""So many of these fill the room that is left within the file itself."""


@contextmanager
def no_room(house: House) -> Iterator[None]:
    """The database's file may not grow by a page."""

    def full(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    house.engine.dispose()
    event.listen(house.engine, "connect", full)
    try:
        yield
    finally:
        event.remove(house.engine, "connect", full)
        house.engine.dispose()


def test_an_act_for_which_there_is_no_room_is_answered_503_and_leaves_nothing(house: House, number: str) -> None:
    with no_room(house):
        answers = [house.act(number, "remark", "staff1", version=1, key=f"k{n}", text=LONG) for n in range(ENOUGH)]
        refused = [n for n, one in enumerate(answers) if one.status_code == 503]
        assert {one.status_code for one in answers} <= {200, 503}
        assert refused, "it had room"
        assert int(answers[refused[0]].headers["Retry-After"]) > 0
        assert answers[refused[0]].mimetype == "application/problem+json"
        shown = house.get(f"/tickets/{number}", "staff1")
        assert shown.status_code == 200, "who only reads needs no room"
        done = ENOUGH - len(refused)
        assert len(house.events(number)) == 1 + done
    again = [house.act(number, "remark", "staff1", version=1, key=f"k{n}", text=LONG) for n in range(ENOUGH)]
    assert [one.status_code for one in again] == [200] * ENOUGH
    assert [one.headers.get("Idempotent-Replayed") for one in again] == [
        None if n in refused else "true" for n in range(ENOUGH)
    ]
    assert len(house.events(number)) == 1 + ENOUGH
    assert log_check.verify(house.room.desk) == []
    with house.engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_the_page_says_so_and_the_same_form_can_be_sent_again(house: House, number: str) -> None:
    site, path = Site(house), f"/tickets/{number}/remark"
    forms = [site.fill(f"/tickets/{number}", path, "staff1", text=LONG) for _ in range(ENOUGH)]
    with no_room(house):
        answers = [site.send(path, form, "staff1") for form in forms]
    statuses = [one.status_code for one in answers]
    assert 503 in statuses
    assert set(statuses) <= {303, 503}
    assert Page(answers[statuses.index(503)].get_data(as_text=True)).text.strip()
    assert [site.send(path, form, "staff1").status_code for form in forms] == [303] * ENOUGH
    assert len(house.events(number)) == 1 + ENOUGH
