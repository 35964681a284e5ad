"""Catalogue lines about to run out, and run out, without anybody having opened a ticket (C9.7; R1.11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from auth.sessions import Caller, mandates_now
from database import reading
from tests.stage import Stage
from tests.workflow import change_story as story
from tests.workflow.change_story import day, row
from tickets import reports
from workflow.change.expiry import TASKS, reminders
from workflow.change.notices import REMINDERS
from workflow.report import Owed

RENEW, DECIDE, ASSIST = (task.name for task in TASKS)
CLIENT, SUPPLIER = ("staff1", "approver1"), ("desk1", "engineer1")
TICK = timedelta(milliseconds=1)


def standing(stage: Stage, by: str = "manager1") -> list[tuple[str, Owed]]:
    """What the person's inbox holds of these tasks."""
    with reading(stage.engine) as session:
        person = stage.accounts[by]
        caller = Caller(person, by, by, "en", mandates_now(session, person, stage.at), None, None)
        found = reports.standing(session, stage.desk, caller, stage.at)
    return [(one.task.name, one.owed) for one in found if one.workflow.kind == "change"]


def told(stage: Stage, name: str, by: str = "manager1") -> dict[str, Mapping[str, Any]]:
    """By the numbers of the lines, what one of these tasks says of them."""
    values = [owed.about.values for task, owed in standing(stage, by) if task == name and owed.about is not None]
    return {str(one["lines"]): one for one in values}


def dated(stage: Stage) -> list[int]:
    """The numbers of the lines that end with the contract."""
    return [line.number for line in stage.contract.lines if line.ends == stage.contract.last_day]


def lost(stage: Stage, *without: int) -> str:
    """All lines but these: once the contract is over, they have all run out."""
    return named([line.number for line in stage.contract.lines], *without)


def named(numbers: list[int], *without: int) -> str:
    return ", ".join(str(number) for number in numbers if number not in without)


def remind_at(stage: Stage, n: int = 0, ends: date | None = None) -> datetime:
    return reminders(stage.contract.at(stage.at), ends or stage.contract.last_day)[n]


# --- reminders ---------------------------------------------------------------------------------------------------


def test_c9_7_lines_remind_by_themselves_from_the_first_reminder_on(stage: Stage) -> None:
    _remind(stage)


def test_c9_7_lines_of_another_contract_remind_by_its_own_days(stage_elsewhere: Stage) -> None:
    _remind(stage_elsewhere)


def _remind(stage: Stage) -> None:
    lines, end = named(dated(stage)), stage.contract.term_end
    edition = stage.contract.at(stage.at)
    for n in REMINDERS:
        stage.at = edition.before_explained(f"change.renewal_reminder_{n}", end).at
        assert told(stage, RENEW).get(lines, {}).get("n") == (int(n) - 1 or None), "exactly then it is not yet time"
        stage.at += TICK
        for by in (*CLIENT, "manager1"):
            said = told(stage, RENEW, by)[lines]
            assert (said["n"], said["all"], said["day"]) == (int(n), 4, stage.contract.last_day.isoformat())
            left = stage.contract.calendar.add_working_days(day(stage), said["left"])
            assert left == stage.contract.last_day, "the last of them is the last day"
        for by in (*SUPPLIER, "reviewer1"):
            assert told(stage, RENEW, by) == {}
    due = edition.before_explained("change.renewal_reminder_4", end).at
    owed = [one for name, one in standing(stage) if name == RENEW and one.about and one.about.values["lines"] == lines]
    assert [one.due_at for one in owed] == [due]
    assert "Nothing is released or deleted by itself" in str(owed[0].about)


def test_c9_7_each_line_has_its_own_end(stage_elsewhere: Stage) -> None:
    (short,) = [
        line for line in stage_elsewhere.contract.lines if line.ends not in (None, stage_elsewhere.contract.last_day)
    ]
    assert short.ends is not None
    stage_elsewhere.at = remind_at(stage_elsewhere, ends=short.ends) + TICK
    assert list(told(stage_elsewhere, RENEW)) == [str(short.number)]
    assert told(stage_elsewhere, DECIDE) == {}
    stage_elsewhere.at = stage_elsewhere.contract.calendar.end_of_day(short.ends)
    assert list(told(stage_elsewhere, RENEW)) == [str(short.number)], "exactly at the end it has not run out"
    stage_elsewhere.at += TICK
    assert told(stage_elsewhere, RENEW) == {}
    assert list(told(stage_elsewhere, DECIDE)) == [str(short.number)]


def test_c9_7_a_line_whose_end_the_contract_does_not_say_reminds_by_the_earliest(stage: Stage) -> None:
    undated = [line for line in stage.contract.lines if line.ends is None]
    assert {line.months for line in undated} == {6}
    earliest = date(2026, 9, 9)
    stage.at = remind_at(stage, ends=earliest)
    assert told(stage, RENEW) == {}
    stage.at += TICK
    (said,) = told(stage, RENEW).values()
    assert said["lines"] == named([line.number for line in undated])
    ((_, owed),) = standing(stage)
    assert "the contract does not say when" in str(owed.about)
    assert owed.due_at == remind_at(stage, -1, earliest)
    stage.at = stage.contract.calendar.end_of_day(earliest) + TICK
    assert told(stage, RENEW)[said["lines"]]["left"] == 0
    assert told(stage, DECIDE) == {}, "nobody knows that it has run out"
    stage.at = stage.contract.term_end + TICK
    assert list(told(stage, DECIDE)) == [lost(stage)]


# --- what is on its way ------------------------------------------------------------------------------------------


def test_c9_7_who_has_asked_for_a_renewal_is_not_reminded_of_that_line(stage: Stage) -> None:
    stage.at = remind_at(stage) + TICK
    lines = dated(stage)
    number = stage.open("change", by="staff1", **story.renewal(stage))
    assert named(lines) in told(stage, RENEW), "a draft asks nobody for anything"
    stage.do(number, "submit", by="staff1")
    assert named(lines, 1) in told(stage, RENEW)
    stage.do(number, "withdraw", by="staff1", **story.REASON)
    assert named(lines) in told(stage, RENEW)


@pytest.mark.parametrize(("quantity", "covers"), [(-812, True), (-811, False)])
def test_c9_7_a_cancellation_of_all_of_a_line_is_an_answer_and_of_part_of_it_is_none(
    stage: Stage, quantity: int, covers: bool
) -> None:
    stage.at = remind_at(stage) + TICK
    story.submitted(stage, story.cancellation(stage, lines=[row(1, quantity)]))
    assert (named(dated(stage), 1) in told(stage, RENEW)) is covers


def test_c9_7_another_change_of_a_line_does_not_renew_it(stage: Stage) -> None:
    stage.at = remind_at(stage) + TICK
    story.submitted(stage)
    assert named(dated(stage)) in told(stage, RENEW)


def test_c9_7_a_line_reminds_by_the_day_to_which_it_was_renewed(stage: Stage) -> None:
    stage.at = remind_at(stage) + TICK
    last = stage.contract.last_day
    number = story.drafted(stage, story.renewal(stage), charged_from=last + timedelta(days=1))
    story.handed_over(stage, story.begun(stage, story.both_sign(stage, number)))
    stage.at = stage.contract.term_end + TICK
    assert lost(stage, 1) in told(stage, DECIDE), "who signed it in time is not alarmed"
    stage.do(number, "verify", by="staff1", **story.CONFIRMATION)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    assert lost(stage, 1) in told(stage, DECIDE)
    renewed = told(stage, RENEW)["1"]
    assert renewed["day"] == (last + timedelta(days=90)).isoformat()
    stage.at = stage.contract.calendar.end_of_day(last + timedelta(days=90)) + TICK
    assert told(stage, DECIDE)["1"]["day"] == renewed["day"]


# --- run out -----------------------------------------------------------------------------------------------------


def test_c9_7_what_ran_out_alarms_both_has_the_supplier_assist_and_stays_as_it_was(stage: Stage) -> None:
    before = story.baseline(stage)
    stage.at = stage.contract.term_end
    assert told(stage, DECIDE) == told(stage, ASSIST, "desk1") == {}
    stage.at += TICK
    stage.strike()
    lines = lost(stage)
    for by in (*CLIENT, "manager1"):
        assert lines in told(stage, DECIDE, by)
    for by in (*SUPPLIER, "manager1"):
        assert lines in told(stage, ASSIST, by)
    for by in (*CLIENT, "reviewer1"):
        assert told(stage, ASSIST, by) == {}
    owed = next(one for name, one in standing(stage) if name == DECIDE)
    assert owed.due_at == stage.contract.term_end
    assert "Nothing is released or deleted by itself" in str(owed.about)
    stage.later(days=400)
    assert lines in told(stage, DECIDE)
    assert story.baseline(stage) == before


def test_c9_7_the_assistance_goes_on_on_the_ticket_but_the_alarm_stands_until_both_agree(stage: Stage) -> None:
    number = story.submitted(stage, story.renewal(stage))
    stage.at = stage.contract.term_end + TICK
    stage.strike()
    assert (stage.ticket(number).state, stage.ticket(number).awaits) == ("expiry_hold", "supplier")
    assert lost(stage) in told(stage, DECIDE)
    assert lost(stage, 1) in told(stage, ASSIST)
    stage.do(number, "resume_renewal", by="approver1", **story.CONSENT)
    story.advised(stage, number)
    story.agreed(stage, story.approved(stage, story.planned(stage, number, charged_from=day(stage, 5))))
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    stage.do(number, "sign_supplement_client", by="approver1")
    assert lost(stage) in told(stage, DECIDE), "one signature renews nothing"
    stage.do(number, "sign_supplement_supplier", by="manager1")
    assert lost(stage, 1) in told(stage, DECIDE)


def test_c9_7_a_renewal_that_both_dropped_is_none(stage: Stage) -> None:
    stage.at = remind_at(stage) + TICK
    number = story.drafted(stage, story.renewal(stage), charged_from=stage.contract.last_day + timedelta(days=1))
    story.both_sign(stage, number)
    assert named(dated(stage), 1) in told(stage, RENEW)
    stage.do(number, "offer_rescission", by="approver1", **story.RESCISSION)
    stage.do(number, "agree_rescission", by="manager1")
    assert stage.ticket(number).state == "rescinded"
    assert named(dated(stage)) in told(stage, RENEW)
