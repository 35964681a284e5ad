"""The answer never arrived: whoever asks again with the same key learns what was done, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.test import TestResponse

from config import Settings
from tests.api.house import House, as_json
from tests.desk import visit
from tests.together import at_once
from wsgi import create_app


class Lost(ConnectionError):
    """The line broke before the answer came through."""


@contextmanager
def a_line_that_breaks(house: House) -> Iterator[None]:
    """The desk does what it is asked for; its answer is lost on the way."""
    real = house.app.wsgi_app

    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        list(real(environ, start_response))
        raise Lost

    house.app.wsgi_app = broken  # type: ignore[method-assign]  # The line, not the desk.
    try:
        yield
    finally:
        house.app.wsgi_app = real  # type: ignore[method-assign]  # Mended.


def remark(house: House, number: str, text: str = "已登记。", key: str = "lost") -> TestResponse:
    return house.act(number, "remark", "staff1", version=1, key=key, text=text)


def told(answer: TestResponse) -> tuple[int, str | None, Any]:
    return answer.status_code, answer.headers.get("Idempotent-Replayed"), answer.get_json()


def test_asked_again_after_a_lost_answer_it_is_told_what_was_done(house: House, number: str) -> None:
    with a_line_that_breaks(house), pytest.raises(Lost):
        remark(house, number)
    assert [event.action for event in house.events(number)] == ["request", "remark"]
    status, replayed, answer = told(remark(house, number))
    assert (status, replayed) == (200, "true")
    assert answer["event"]["sequence"] == 2
    assert answer["receipt"]["sequence"] == 2
    assert len(house.events(number)) == 2


def test_so_it_is_after_a_restart_and_a_day_later(house: House, number: str) -> None:
    with a_line_that_breaks(house), pytest.raises(Lost):
        remark(house, number)
    settings = Settings(database_url=house.url, instance_dir=house.folder / "instance", attempts_a_minute=1_000_000)
    first = remark(house, number)
    house.later(hours=24)
    started_anew = create_app(settings, now=lambda: house.at, workflows={"visit": visit.workflow})
    started_anew.testing = True
    house.http = started_anew.test_client()
    again = remark(house, number)
    started_anew.extensions["counterpart"].engine.dispose()
    assert told(again) == told(first)
    assert len(house.events(number)) == 2


def test_a_lost_opening_is_found_again(house: House, visit_fields: dict[str, Any]) -> None:
    body = {"kind": "visit", "action": "request", "fields": as_json(visit_fields)}
    with a_line_that_breaks(house), pytest.raises(Lost):
        house.post("/tickets", body, "staff1", key="lost")
    again = house.post("/tickets", body, "staff1", key="lost")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    (ticket,) = house.get("/tickets", "staff1").get_json()["tickets"]
    assert again.headers["Location"].endswith(ticket["number"])


def test_under_the_same_key_nothing_else_is_done(house: House, number: str) -> None:
    with a_line_that_breaks(house), pytest.raises(Lost):
        remark(house, number)
    assert remark(house, number, text="另一句").status_code == 422
    assert len(house.events(number)) == 2


@pytest.mark.parametrize("many", [2, 20])
def test_at_one_instant_one_acts_and_the_others_are_told_409(house: House, number: str, many: int) -> None:
    """Through the API: nobody meets a 500, and who lost is told by whom the ticket was moved."""
    house.prove(number, "manager1")
    house.prove(number, "manager2")
    presses = [(("allow", "refuse")[n % 2], f"manager{n // 2 % 2 + 1}", f"race-{n}") for n in range(many)]
    answers: list[TestResponse] = at_once(
        *(
            lambda one=one: house.app.test_client().post(
                f"/api/v1/tickets/{number}/actions/{one[0]}",
                json={"version": 1, "fields": {}},
                headers=house.headers(one[1], **{"Idempotency-Key": one[2]}),
            )
            for one in presses
        )
    )
    assert sorted(one.status_code for one in answers) == [200] + [409] * (many - 1)
    winner = next(one for one in answers if one.status_code == 200).get_json()["event"]
    for lost in (one.get_json() for one in answers if one.status_code == 409):
        assert [one["sequence"] for one in lost["changed"]] == [winner["sequence"]]
        assert lost["changed"][0]["name"] == winner["name"]
    events = house.events(number)
    assert [event.sequence for event in events] == list(range(1, many + 2))
    assert sum(event.accepted for event in events) == 2
