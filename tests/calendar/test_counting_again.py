"""R8.1 and R8.3: what was counted over days that nobody knew is counted again when they are announced, and both are told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from database import reading
from tests.calendar.conftest import Years
from tests.calendar.notice import DAYS_OFF, SOURCE, notice
from tests.workflow import change_story
from tickets import log_check, recount, worker
from tickets.contracts import SEEN_WITHIN
from tickets.models import Event, Message, Recount, Timer
from workflow.wording import from_data

PROVISIONAL_DUE = datetime(2027, 1, 6, 16, tzinfo=UTC)
"""Seven weekdays after 28 December, New Year's Day among them."""
SETTLED_DUE = datetime(2027, 1, 7, 16, tzinfo=UTC)


def rows(announced: Years, table: Any) -> list[Any]:
    with reading(announced.stage.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def filing(announced: Years, number: str) -> Timer:
    found: Timer = announced.stage.ticket(number).deadlines["filing"]
    return found


def told(announced: Years) -> list[tuple[str, str]]:
    return [
        (one.party, str(from_data(one.words)))
        for one in rows(announced, Message)
        if "2027" in str(from_data(one.words)) and "because" in str(from_data(one.words))
    ]


def test_r8_1_a_limit_over_an_unannounced_year_is_provisional(announced: Years) -> None:
    timer = filing(announced, number := announced.stage.open("errand", "staff1"))
    assert (timer.due_at, timer.provisional) == (PROVISIONAL_DUE, True)
    assert timer.calendar == announced.contract.calendar.digest
    row = announced.stage.row(number)
    assert (row.due_at, row.due_provisional) == (PROVISIONAL_DUE, True)


def test_a_limit_within_the_announced_year_is_not(announced: Years) -> None:
    announced.stage.at -= timedelta(days=20)
    number = announced.stage.open("errand", "staff1")
    assert not filing(announced, number).provisional
    assert not announced.stage.row(number).due_provisional


def test_r8_1_it_moves_when_the_year_is_approved_and_both_parties_are_told(announced: Years) -> None:
    number = announced.stage.open("errand", "staff1")
    seen = announced.stage.row(number)
    announced.announce()
    assert recount.recount_all(announced.stage.desk, announced.contract.key) == 1
    timer, row = filing(announced, number), announced.stage.row(number)
    assert (timer.due_at, timer.provisional, timer.status) == (SETTLED_DUE, False, "running")
    assert timer.calendar == announced.contract.calendar.digest
    assert (row.due_at, row.due_provisional) == (SETTLED_DUE, False)
    assert (row.version, row.content, row.state) == (seen.version, seen.content, seen.state), "no page becomes stale"
    event = rows(announced, Event)[-1]
    assert (event.action, event.accepted, event.door) == (recount.COUNTED_AGAIN.name, True, "clock")
    assert sorted(party for party, _ in told(announced)) == ["client", "supplier"]
    assert all(SOURCE in words and number in words for _, words in told(announced))
    assert log_check.verify(announced.stage.desk) == []


def test_r3_6_the_warnings_go_with_their_limit_without_a_word_of_their_own(announced: Years) -> None:
    number = announced.stage.open("errand", "staff1")
    announced.announce()
    recount.recount_all(announced.stage.desk, announced.contract.key)
    limit, edition = filing(announced, number), announced.contract.at(announced.stage.at)
    for name, share in (
        ("filing_first_warning", "limit.warning_first"),
        ("filing_second_warning", "limit.warning_second"),
    ):
        warning = announced.stage.ticket(number).warnings[name]
        part = (warning.due_at - limit.started_at) / (limit.due_at - limit.started_at)
        assert abs(part * 100 - float(edition.percent(share))) < 0.001
        assert not warning.provisional
    assert len(told(announced)) == 2, "of the limit alone"
    assert len(rows(announced, Recount)) == 1


def test_r8_3_what_it_was_counted_by_before_stays_on_record(announced: Years) -> None:
    number = announced.stage.open("errand", "staff1")
    before = announced.contract.calendar.digest
    announced.announce()
    recount.recount_all(announced.stage.desk, announced.contract.key)
    (kept,) = rows(announced, Recount)
    assert (kept.timer_id, kept.kept) == (filing(announced, number).id, False)
    assert (kept.due_before, kept.due_at) == (PROVISIONAL_DUE, SETTLED_DUE)
    assert (kept.provisional_before, kept.provisional) == (True, False)
    assert (kept.calendar_before, kept.calendar) == (before, announced.contract.calendar.digest)


def test_counting_again_changes_nothing_a_second_time_and_can_stop_anywhere(announced: Years) -> None:
    numbers = [announced.stage.open("errand", "staff1") for _ in range(3)]
    announced.announce()
    key = announced.contract.key
    assert recount.recount_all(announced.stage.desk, key, limit=1) == 1
    assert [filing(announced, one).due_at for one in numbers] == [SETTLED_DUE, PROVISIONAL_DUE, PROVISIONAL_DUE]
    assert recount.recount_all(announced.stage.desk, key) == 2
    events = len(rows(announced, Event))
    assert recount.recount_all(announced.stage.desk, key) == 0
    worker.turn(announced.stage.desk, "worker")
    assert len(rows(announced, Event)) == events
    assert len(told(announced)) == 2 * 3


def test_the_worker_counts_again_what_the_approval_left(announced: Years) -> None:
    number = announced.stage.open("errand", "staff1")
    watch = recount.Watch()
    worker.turn(announced.stage.desk, "worker", watch)
    announced.announce()
    worker.turn(announced.stage.desk, "worker", watch)
    assert filing(announced, number).due_at == SETTLED_DUE


def test_what_a_process_began_that_did_not_know_the_days_yet_is_found_too(announced: Years) -> None:
    watch = recount.Watch()
    stale = announced.process()
    assert announced.contract.key in stale
    announced.approve(announced.propose())
    ours, announced.stage.desk.contracts = announced.stage.desk.contracts, announced.process()
    worker.turn(announced.stage.desk, "worker", watch)
    announced.stage.desk.contracts = stale
    number = announced.stage.open("errand", "staff1")
    assert filing(announced, number).due_at == PROVISIONAL_DUE
    announced.stage.desk.contracts = ours
    announced.stage.at += SEEN_WITHIN
    worker.turn(announced.stage.desk, "worker", watch)
    assert filing(announced, number).due_at == SETTLED_DUE


def test_nobody_strikes_by_days_that_are_no_longer_in_force(announced: Years) -> None:
    """Approved a moment before the provisional end, and no worker has been there yet."""
    number = announced.stage.open("errand", "staff1")
    announced.stage.at = PROVISIONAL_DUE - timedelta(seconds=3)
    announced.approve(announced.propose())
    announced.stage.at = PROVISIONAL_DUE + timedelta(minutes=1)
    announced.stage.strike()
    assert (filing(announced, number).status, filing(announced, number).due_at) == ("running", SETTLED_DUE)
    announced.stage.do(number, "file", "engineer1")
    assert filing(announced, number).status == "met"


@pytest.mark.parametrize(("late", "status"), [(timedelta(), "met"), (timedelta(microseconds=1), "missed")])
def test_civil_code_1259_at_the_end_is_within_and_after_it_is_more_than(
    announced: Years, late: timedelta, status: str
) -> None:
    number = announced.stage.open("errand", "staff1")
    announced.announce()
    announced.stage.at = SETTLED_DUE + late
    announced.stage.do(number, "file", "engineer1")
    assert filing(announced, number).status == status


def test_what_was_missed_stays_as_it_was_noted_with_a_word_on_it(announced: Years) -> None:
    number = announced.stage.open("errand", "staff1")
    announced.stage.at = PROVISIONAL_DUE + timedelta(minutes=1)
    announced.stage.strike()
    struck = filing(announced, number)
    assert struck.status == "missed"
    announced.announce()
    recount.recount_all(announced.stage.desk, announced.contract.key)
    after = filing(announced, number)
    assert (after.status, after.due_at, after.struck_at) == ("missed", PROVISIONAL_DUE, struck.struck_at)
    assert after.provisional, "it was struck by provisional days, and says so"
    (kept,) = rows(announced, Recount)
    assert (kept.kept, kept.due_before, kept.due_at) == (True, PROVISIONAL_DUE, SETTLED_DUE)
    (said,) = [str(from_data(one)) for one in rows(announced, Event)[-1].notices]
    assert "The record stays as it is" in said
    assert [m.party for m in rows(announced, Message)[-2:]] == ["client", "supplier"]
    assert recount.recount_all(announced.stage.desk, announced.contract.key) == 0


def test_what_does_not_move_is_settled_without_a_message(announced: Years) -> None:
    announced.stage.at -= timedelta(days=6)  # Tuesday, 22 December: the seventh working day is 31 December.
    settled = announced.stage.open("errand", "staff1")
    announced.stage.at += timedelta(days=6)
    announced.announce()
    recount.recount_all(announced.stage.desk, announced.contract.key)
    assert not filing(announced, settled).provisional
    assert told(announced) == []
    assert rows(announced, Recount) == []
    assert filing(announced, settled).calendar == announced.contract.calendar.digest


def test_a_later_version_of_the_year_moves_it_once_more(announced: Years) -> None:
    number = announced.stage.open("errand", "staff1")
    announced.announce()
    recount.recount_all(announced.stage.desk, announced.contract.key)
    announced.announce(notice(more=f"2027-01-04,off,{SOURCE}\n"), days_off=DAYS_OFF + 1)
    recount.recount_all(announced.stage.desk, announced.contract.key)
    assert filing(announced, number).due_at == SETTLED_DUE + timedelta(days=1)
    assert [one.due_before for one in rows(announced, Recount)] == [PROVISIONAL_DUE, SETTLED_DUE]


def test_r8_2_a_reminder_before_the_end_of_the_term_moves_out_of_the_spring_festival(announced: Years) -> None:
    stage = announced.stage
    number = change_story.submitted(stage, change_story.renewal(stage))
    reminder = stage.ticket(number).deadlines["reminder_4"]
    assert reminder.provisional
    before = announced.contract.calendar.local_day(reminder.due_at - timedelta(seconds=1))
    assert before == date(2027, 2, 9), "weekdays alone lead into the festival"
    announced.announce()
    recount.recount_all(stage.desk, announced.contract.key)
    moved = stage.ticket(number).deadlines["reminder_4"]
    assert not moved.provisional
    day = announced.contract.calendar.local_day(moved.due_at - timedelta(seconds=1))
    assert announced.contract.calendar.is_working_day(day)
    assert day < before
    stage.at = moved.due_at + timedelta(milliseconds=1)
    stage.strike()
    assert stage.ticket(number).deadlines["reminder_4"].status == "missed"
