"""What stands on record stays: nobody edits it, nothing purges it, no second and no day of it goes missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from database import transaction
from tests.api.house import House
from tests.api.http_stage import RefusalStage
from tests.api.test_calendar import approve, bring
from tests.peers.door import allowed, bug, nothing_changes, replaced
from tests.workflow import change_story, fault_story
from tests.workflow.reboot_story import PROBE, Operation
from tickets import api_answers, log_check, recount, worker, years
from tickets.models import Event, Paper, Signature
from tickets.watch.sweep import Sweep
from workflow.calendar import Calendar


def told(stage: RefusalStage, number: str) -> list[dict[str, Any]]:
    """The history as the API tells it."""
    found: list[dict[str, Any]] = stage.house.get(f"/tickets/{number}/events", "reviewer1").get_json()["events"]
    return found


# --- edited, taken away ------------------------------------------------------------------------------------------------------


def rewrites(patch: pytest.MonkeyPatch, house: House) -> None:
    """There is an address at which the timeline is rewritten."""
    was = house.app.wsgi_app

    def also_rewrites(environ: Any, start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "PATCH" and environ["PATH_INFO"].endswith("/events"):
            start_response("200 OK", [])
            return [b""]
        return was(environ, start_response)

    patch.setattr(house.app, "wsgi_app", also_rewrites)


# The timeline of an incident can be rewritten by whoever reads it.
@bug(rewrites)
def test_no_verb_and_no_statement_rewrites_the_history(stage: RefusalStage) -> None:
    number = Operation(stage).consented().number
    before = told(stage, number)
    papers = stage.house.get(f"/tickets/{number}", "manager1").get_json()["papers"]
    addresses = [
        f"/tickets/{number}", f"/tickets/{number}/events", f"/tickets/{number}/events/1", f"/tickets/{number}/papers",
        *(f"/tickets/{number}/papers/{paper['id']}" for paper in papers),
        f"/tickets/{number}/papers/{papers[0]['id']}/signatures",
    ]  # fmt: skip
    with nothing_changes(stage.house):
        for path in addresses:
            for verb in ("PUT", "PATCH", "DELETE"):
                for who in ("manager1", "approver1", "reviewer1", "admin_audit", "admin_system"):
                    headers = {**stage.house.headers(who), "Idempotency-Key": stage.house.key()}
                    answer = stage.house.http.open(
                        f"/api/v1{path}", method=verb, json={"accepted": False}, headers=headers
                    )
                    assert answer.status_code in (404, 405), (verb, path, who)
            hidden = {**stage.house.headers("manager1"), "X-HTTP-Method-Override": "DELETE"}
            stage.house.http.post(f"/api/v1{path}", json={}, headers={**hidden, "Idempotency-Key": stage.house.key()})
    for statement in (
        update(Event).values(accepted=False), update(Event).values(name=""), delete(Event), delete(Signature),
        delete(Paper), update(Signature).values(meaning=""), update(Paper).values(fields={}),
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction(stage.engine) as session:
            session.execute(statement)
    assert told(stage, number) == before
    assert log_check.verify(stage.desk) == []


def half_a_year(patch: pytest.MonkeyPatch, house: House) -> None:
    """What is older than half a year is told no more: the nightly job has been there."""
    was = api_answers.events
    young = timedelta(days=180)
    patch.setattr(api_answers, "events", lambda rows: was([row for row in rows if house.at - row.at < young]))


# Records are purged after twelve months, or a hundred and eighty days: before the contract ends, and any claim from it.
@bug(half_a_year)
def test_no_evidence_is_purged_while_a_claim_may_be_made(stage: RefusalStage) -> None:
    number = Operation(stage).executed().do("verify_result", "staff1", **PROBE).do("close", "manager1").number
    before, files = told(stage, number), stage.house.get(f"/tickets/{number}", "reviewer1").get_json()["papers"]
    sweep = Sweep(stage.desk, "w1", lambda _session, _after, _limit: ([], 0))
    for _ in range(30):
        stage.at += timedelta(days=12)
        worker.turn(stage.desk, "w1")
        sweep.turn()
    stage.house.tokens["reviewer1"] = stage.house.token("reviewer1", "read", days=1)
    assert told(stage, number) == before
    assert stage.house.get(f"/tickets/{number}", "reviewer1").get_json()["papers"] == files
    assert log_check.verify(stage.desk) == []


# --- by second and by day ------------------------------------------------------------------------------------------------------


def until_59(was: Callable[..., Any]) -> Callable[..., Any]:
    """“All day” ends a second before midnight, so round the clock each midnight costs a second."""

    def after(calendar: Calendar, start: datetime, period: Any) -> Any:
        found = was(calendar, start, period)
        nights = (calendar.local_day(found.at) - calendar.local_day(start)).days
        return replace(found, at=found.at + timedelta(seconds=nights))

    return after


@bug(replaced(Calendar, "after", until_59))
def test_round_the_clock_loses_no_second_at_midnight(stage: RefusalStage) -> None:
    midnight = datetime(2026, 5, 12, 16, tzinfo=UTC)
    stage.at = midnight - timedelta(seconds=1)
    numbers = [fault_story.at_state(stage, "register") for _ in range(2)]
    within = stage.contract.at(stage.at).duration("fault.response")
    for number in numbers:
        limits = stage.house.get(f"/tickets/{number}", "engineer1").get_json()["deadlines"]
        [due] = [one["due_at"] for one in limits if one["name"] == "response"]
        assert datetime.fromisoformat(due) == midnight - timedelta(seconds=1) + within
    stage.at = midnight - timedelta(seconds=1) + within
    response: dict[str, Any] = dict(fault_story.RESPONSE)
    allowed(stage, numbers[0], "respond", "engineer1", **response)
    stage.later(microseconds=1)
    statuses = [stage.ticket(number).deadlines["response"].status for number in numbers]
    assert statuses == ["met", "missed"], "to the instant, and no second less"


# Days of a calendar are edited while limits run by them, by whoever has the page.
@bug(replaced(years, "_may_not_approve", lambda _was: lambda *_args: None))
def test_days_changed_in_flight_move_no_limit_until_both_agreed(stage: RefusalStage) -> None:
    house = stage.house
    stage.at = datetime(2026, 12, 28, 2, tzinfo=UTC)
    number = change_story.signed(stage)

    def due() -> datetime:
        recount.recount_all(stage.desk, house.contract)
        found: datetime = stage.ticket(number).deadlines["filing"].due_at
        return found

    by_weekdays = due()
    brought = bring(house, "approver1").get_json()
    for by in ("approver1", "approver2", "staff1", "engineer1"):
        assert approve(house, by, brought["id"], brought["digest"]).status_code == 403, by
        assert due() == by_weekdays, by
    assert approve(house, "manager1", brought["id"], brought["digest"]).status_code == 201
    stage.at += timedelta(seconds=10)
    assert due() > by_weekdays, "New Year's Day is a holiday now"
