"""An account that tries too often is turned away at both doors: before the desk, without a trace, for a minute at most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from auth import tokens
from auth.models import Person
from auth.pace import WITHIN, Pace
from database import reading, transaction
from tests.auth.conftest import CONTRACT, START, Desk
from tests.auth.whole import whole_desk
from tickets.acts import Act
from tickets.models import Answer, Event

MOST = 3


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Desk]:
    with whole_desk(tmp_path, attempts_a_minute=MOST) as made:
        yield made


@pytest.fixture
def number(whole: Desk) -> str:
    """A fault on which an engineer's acts are refused as long as one likes."""
    reporter = whole.person("reporter", "client.staff")
    report = {
        "system": "综合执法办案系统", "symptom": "s", "impact": "i", "level": "level_2", "is_security_suspected": "no",
    }  # fmt: skip
    given = Act(account=reporter.id, action="report", key="first", kind="fault", contract=CONTRACT, fields=report)
    opened = whole.app.extensions["tickets"].desk.act(given)
    assert opened.number is not None
    return str(opened.number)


class Program:
    """The API with a person's token."""

    def __init__(self, whole: Desk, person: Person) -> None:
        self.http, self.keys = whole.client(), 0
        with transaction(whole.engine) as session:
            made = tokens.make_token(session, person.id, name="tests", scopes=["read", "act"], days=9, at=whole.at)
        assert isinstance(made, tuple)
        self.headers = {"Authorization": f"Bearer {made[1]}", "Accept-Language": "en"}

    def act(self, number: str) -> Any:
        """An attempt that the desk refuses."""
        self.keys += 1
        headers = {**self.headers, "Idempotency-Key": f"k{self.keys}"}
        path = f"/api/v1/tickets/{number}/actions/respond"
        return self.http.post(path, json={"version": 1, "fields": {}}, headers=headers)


def on_record(whole: Desk) -> int:
    with reading(whole.engine) as session:
        return (session.scalar(select(func.count(Event.id))) or 0) + (
            session.scalar(select(func.count(Answer.key))) or 0
        )


def test_the_api_answers_429_with_the_time_to_wait_and_the_desk_never_hears_of_it(whole: Desk, number: str) -> None:
    program = Program(whole, whole.person("lin.yi", "client.staff"))
    for _ in range(MOST):
        assert program.act(number).status_code == 403
        whole.pass_time(seconds=10)
    before, written = on_record(whole), []
    event.listen(whole.engine, "before_cursor_execute", lambda *given: written.append(given[2]))
    answer = program.act(number)
    assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
    assert answer.json["type"] == "/api/v1/problems/too-many"
    assert answer.json["detail"] == "Too many attempts within a minute. This one was not looked at."
    assert answer.headers["Retry-After"] == "30"
    assert len(written) == 1, "who calls, and nothing else"
    assert on_record(whole) == before
    assert program.http.get(f"/api/v1/tickets/{number}", headers=program.headers).status_code == 200
    whole.pass_time(seconds=30)
    assert program.act(number).status_code == 403
    assert program.act(number).status_code == 429


def test_the_description_of_the_api_tells_of_it_at_each_change_and_nowhere_else(whole: Desk) -> None:
    program = Program(whole, whole.person("lin.yi", "client.staff"))
    told = program.http.get("/api/v1/openapi.json", headers=program.headers).get_json()
    operations = [(method, one) for path in told["paths"].values() for method, one in path.items()]
    assert {method for method, _ in operations} == {"get", "post"}
    for method, operation in operations:
        assert ("Retry-After" in operation["responses"].get("429", {}).get("headers", {})) == (method == "post")


def test_a_page_says_so_in_its_frame(whole: Desk, number: str) -> None:
    browser = whole.sign_in(whole.person("lin.yi", "client.staff"))
    given = {"desk-key": "a-key-of-a-page-of-16", "desk-version": "1"}
    for _ in range(MOST):
        assert whole.post(browser, f"/tickets/{number}/respond", given).status_code != 429
    before = on_record(whole)
    answer = whole.post(browser, f"/tickets/{number}/respond", given)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Too many attempts within a minute. This one was not looked at." in page
    assert "lin.yi!" in page
    assert on_record(whole) == before
    assert browser.get(f"/tickets/{number}").status_code == 200
    assert whole.post(browser, "/sign-out").status_code == 303, "the way out stays open"


def test_both_doors_count_together_and_accounts_apart(whole: Desk, number: str) -> None:
    person, other = whole.person("lin.yi", "client.staff"), whole.person("bai.lu", "client.staff")
    browser = whole.sign_in(person)
    program, beside = Program(whole, person), Program(whole, other)
    for _ in range(MOST):
        program.act(number)
    assert whole.post(browser, f"/tickets/{number}/respond").status_code == 429
    assert beside.act(number).status_code == 403


def test_who_may_not_come_in_is_not_counted(whole: Desk, number: str) -> None:
    person = whole.person("lin.yi", "client.staff")
    browser, program = whole.sign_in(person), Program(whole, person)
    for _ in range(MOST + 1):
        assert whole.post(browser, "/system/log").status_code == 404
        assert whole.client().post(f"/api/v1/tickets/{number}/actions/respond").status_code == 401
    assert program.act(number).status_code == 403


# --- the count itself ------------------------------------------------------------------------------------------------


def test_the_minute_slides() -> None:
    pace = Pace(2)
    second = timedelta(seconds=1)
    assert [pace.wait(1, START + n * second) for n in (0, 50)] == [timedelta(), timedelta()]
    assert pace.wait(1, START + 59 * second) == second
    assert pace.wait(1, START + WITHIN - timedelta(microseconds=1)) == timedelta(microseconds=1)
    assert pace.wait(1, START + WITHIN) == timedelta(), "what was turned away did not count"
    assert pace.wait(1, START + WITHIN) == 50 * second
    assert pace.wait(2, START + WITHIN) == timedelta()


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    pace = Pace(1)
    assert not pace.wait(1, START)
    assert not pace.wait(1, START - timedelta(days=1))
    assert pace.wait(1, START - timedelta(days=1)) == WITHIN


def test_a_limit_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Pace(0)
