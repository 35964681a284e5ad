"""The limits of a fault: where each counts from, what stops it, what is noted when it runs out (C4.5–C4.7, C9.16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow.fault_story import (
    CAUSE,
    KNOWN,
    PAPER,
    PERIOD,
    PROGRESS,
    REASON,
    RESPONSE,
    REVIEW,
    actions,
    at_state,
    go,
    phoned,
    reported,
    step,
)

MAIN = ("response", "arrival", "removal", "feedback")
MILLISECOND = timedelta(milliseconds=1)


def limit(stage: Stage, number: str, name: str) -> Any:
    return stage.ticket(number).deadlines[name]


def test_g1_four_limits_run_side_by_side_from_the_report(stage: Stage) -> None:
    number = reported(stage)
    edition = stage.contract.at(stage.at)
    for name, figure in zip(
        MAIN, ("fault.response", "fault.arrival", "fault.removal", "fault.feedback_level_2"), strict=True
    ):
        timer = limit(stage, number, name)
        assert (timer.started_at, timer.due_at, timer.status) == (stage.at, edition.due(figure, stage.at), "running")
        assert timer.party == "supplier"


def test_r3_2_a_phone_report_counts_from_its_receipt_and_the_gap_is_a_finding(stage: Stage) -> None:
    number = phoned(stage, minutes_ago=10)
    received = stage.at - timedelta(minutes=10)
    assert {limit(stage, number, name).started_at for name in MAIN} == {received}
    assert any("entered 0:10:00 later" in words for words in stage.ticket(number).notices)
    assert stage.ticket(number).fields["entered_late_seconds"] == 600
    assert stage.ticket(number).events[0].at == stage.at


def test_r3_2_what_was_received_too_long_ago_is_late_the_moment_it_is_entered(stage: Stage) -> None:
    number = phoned(stage, minutes_ago=40)
    stage.strike()
    assert {limit(stage, number, name).status for name in ("response", "removal")} == {"missed"}
    notes = [event for event in stage.ticket(number).events if event.action == "note_late_response"]
    assert [(note.at, note.fields["due_at"]) for note in notes] == [
        (stage.at, (stage.at - timedelta(minutes=25)).isoformat())
    ]


@pytest.mark.parametrize(
    ("name", "note", "act"),
    [
        ("response", "note_late_response", "respond"),
        ("arrival", "note_late_arrival", "arrive"),
        ("removal", "note_late_removal", "locate"),
    ],
)
def test_r3_5_at_the_due_instant_is_in_time_and_a_millisecond_later_a_breach(
    stage: Stage, name: str, note: str, act: str
) -> None:
    before = {"response": "register", "arrival": "diagnose", "removal": "restore"}[name]
    fields = {"respond": RESPONSE, "arrive": {"place": "机房"}, "locate": CAUSE}[act]
    punctual, late = at_state(stage, before, without=("locate",)), at_state(stage, before, without=("locate",))
    stage.at = limit(stage, punctual, name).due_at
    stage.do(punctual, act, by="engineer1", **fields)
    assert (limit(stage, punctual, name).status, limit(stage, punctual, name).stopped_at) == ("met", stage.at)
    stage.later(milliseconds=1, strike=False)
    stage.do(late, act, by="engineer1", **fields)
    timer = limit(stage, late, name)
    assert (timer.status, timer.struck_at, timer.stopped_at) == ("missed", stage.at, stage.at)
    assert actions(stage, late).count(note) == 1
    assert actions(stage, late)[-1] == act
    assert note not in actions(stage, punctual)


def test_r3_5_a_breach_is_noted_once_though_nobody_looks_and_tells_everybody(stage: Stage) -> None:
    number = reported(stage, level="level_4")
    stage.later(minutes=15, milliseconds=1)
    assert actions(stage, number).count("note_late_response") == 1
    stage.later(hours=3)
    for note in ("note_late_response", "note_late_arrival", "note_late_removal"):
        assert actions(stage, number).count(note) == 1
    declared = stage.workflows["fault"].actions
    for note in ("note_late_response", "note_late_arrival", "note_late_removal", "note_missed_feedback"):
        assert {party.name for party in declared[note].tells} == {"client", "supplier", "supervisor"}
    assert stage.ticket(number).state == "reported"


def test_r3_3_neither_registration_nor_a_remark_nor_feedback_stops_the_time_for_response(stage: Stage) -> None:
    number = at_state(stage, "register")
    stage.do(number, "remark", by="desk1", text="已自动收到您的报障")
    stage.do(number, "feed_back", by="desk1", **PROGRESS)
    assert limit(stage, number, "response").status == "running"
    stage.refused(number, "respond", by="engineer1", result="invalid", **{**RESPONSE, "content": "   "})
    stage.refused(number, "respond", by="engineer1", result="invalid", **{**RESPONSE, "means": "automatic"})
    stage.refused(number, "respond", by="staff1", result="not_yours", **RESPONSE)
    assert limit(stage, number, "response").status == "running"
    stage.do(number, "respond", by="engineer1", **RESPONSE)
    assert limit(stage, number, "response").status == "met"


@pytest.mark.parametrize("level", ["level_1", "level_2", "level_3", "level_4"])
def test_3_2_no_level_relaxes_the_limits_of_the_contract(stage: Stage, level: str) -> None:
    number = reported(stage, level=level)
    edition = stage.contract.at(stage.at)
    for name in ("response", "arrival", "removal"):
        assert limit(stage, number, name).due_at == edition.due(f"fault.{name}", stage.at)
    stage.at = limit(stage, number, "response").due_at + MILLISECOND
    stage.strike()
    assert limit(stage, number, "response").status == "missed"


# --- feedback -----------------------------------------------------------------------------------------------------------


def test_r3_7_each_feedback_begins_the_next_interval_and_a_missing_one_is_a_finding(stage: Stage) -> None:
    number = reported(stage)
    first = limit(stage, number, "feedback")
    stage.later(minutes=20)
    stage.do(number, "feed_back", by="desk1", **PROGRESS)
    second = limit(stage, number, "feedback")
    assert (second.started_at, second.due_at) == (stage.at, stage.at + timedelta(minutes=30))
    stage.at = second.due_at + MILLISECOND
    stage.strike()
    third = limit(stage, number, "feedback")
    assert (third.started_at, third.due_at) == (second.due_at, second.due_at + timedelta(minutes=30))
    assert actions(stage, number).count("note_missed_feedback") == 1
    assert first.id < second.id < third.id


def test_r3_7_intervals_missed_while_the_desk_was_down_appear_once_each(stage: Stage) -> None:
    number = reported(stage)
    stage.later(minutes=95)
    assert actions(stage, number).count("note_missed_feedback") == 3
    due = [event.fields["due_at"] for event in stage.ticket(number).events if event.action == "note_missed_feedback"]
    assert len(set(due)) == 3


def test_r3_7_a_higher_level_brings_the_running_interval_forward_from_the_change(stage: Stage) -> None:
    number = at_state(stage, "diagnose", level="level_4")
    stage.later(minutes=5)
    stage.do(number, "change_level", by="engineer1", level="level_1", reason="影响扩大")
    running = limit(stage, number, "feedback")
    assert (running.figure, running.due_at) == ("fault.feedback_level_1", stage.at + timedelta(minutes=15))
    assert limit(stage, number, "removal").due_at == stage.at + timedelta(minutes=25), (
        "of the contract's limits none moves"
    )
    to_the_end = stage.at + timedelta(minutes=15)
    stage.at = to_the_end
    assert stage.strike() == 0 or "note_missed_feedback" not in actions(stage, number)
    stage.later(seconds=1)
    assert actions(stage, number).count("note_missed_feedback") == 1


def test_r3_7_no_level_puts_a_running_interval_off(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    before = limit(stage, number, "feedback").due_at
    stage.later(minutes=20)
    stage.do(number, "change_level", by="engineer1", level="level_1", reason="影响扩大")
    assert limit(stage, number, "feedback").due_at == before, "it ends sooner than one that began now"
    stage.do(number, "change_level", by="approver1", level="level_4", reason="影响有限")
    assert limit(stage, number, "feedback").due_at == before
    stage.do(number, "feed_back", by="engineer1", **PROGRESS)
    assert limit(stage, number, "feedback").figure == "fault.feedback_level_4"


def test_r3_7_where_no_feedback_is_owed_any_more_no_level_makes_it_owed(stage: Stage) -> None:
    number = at_state(stage, "feed_back_result", level="level_3")
    stage.do(number, "change_level", by="engineer1", level="level_1", reason="影响扩大")
    assert limit(stage, number, "feedback").status == "met"


def test_the_written_report_of_a_fault_that_is_given_a_higher_level_is_due_sooner(stage: Stage) -> None:
    number = at_state(stage, "restore", level="level_4")
    stage.later(days=1)
    stage.do(number, "change_level", by="approver1", level="level_2", reason="影响扩大")
    sooner = stage.contract.at(stage.at).due("fault.report_level_2", stage.at)
    assert limit(stage, number, "written_report").due_at == sooner
    stage.do(number, "change_level", by="approver1", level="level_3", reason="影响有限")
    assert limit(stage, number, "written_report").due_at == sooner


# --- the first report at the highest level ---------------------------------------------------------------------------


def test_3_2_at_the_highest_level_a_first_report_is_owed_soon_after_the_service_is_back(stage: Stage) -> None:
    number = at_state(stage, "restore", level="level_1")
    owed = limit(stage, number, "initial_report")
    assert (owed.due_at, owed.party, owed.clause) == (stage.at + timedelta(hours=2), "supplier", "C9.16")
    stage.at = owed.due_at
    event = stage.do(number, "report_initially", by="engineer1", **KNOWN)
    assert limit(stage, number, "initial_report").status == "met"
    stage.refused(number, "report_initially", by="desk1", guard="initial_report_is_owed", **KNOWN)
    stage.later(days=1)
    assert "note_late_initial_report" not in actions(stage, number)
    assert limit(stage, number, "written_report").status == "running", "the written report is another one"
    go(stage, number, "feed_back_result", since="feed_back_result")
    stage.do(number, "prepare_report", by="engineer1", **REVIEW, **PAPER)
    told = stage.ticket(number).papers[-1].fields["initial_reports"]
    assert [one["known"] for one in told] == [event.fields["known"]]


def test_3_2_a_first_report_that_is_late_is_a_finding_and_still_owed(stage: Stage) -> None:
    number = at_state(stage, "restore", level="level_1")
    stage.at = limit(stage, number, "initial_report").due_at + MILLISECOND
    stage.strike()
    assert actions(stage, number).count("note_late_initial_report") == 1
    stage.do(number, "report_initially", by="manager1", **KNOWN)


@pytest.mark.parametrize("level", ["level_2", "level_3", "level_4"])
def test_3_2_no_other_level_owes_a_first_report(stage: Stage, level: str) -> None:
    number = at_state(stage, "restore", level=level)
    assert "initial_report" not in stage.ticket(number).deadlines
    stage.refused(number, "report_initially", by="engineer1", guard="initial_report_is_owed", **KNOWN)
    stage.do(number, "change_level", by="approver1", level="level_1", reason="影响扩大")
    assert limit(stage, number, "initial_report").due_at == stage.at + timedelta(hours=2)


def test_3_2_a_lower_level_and_the_highest_again_do_not_put_the_first_report_off(stage: Stage) -> None:
    number = at_state(stage, "restore", level="level_1")
    owed = limit(stage, number, "initial_report")
    for at, status in ((stage.at + timedelta(hours=1), "running"), (owed.due_at + MILLISECOND, "missed")):
        stage.at = at
        stage.strike()
        for level, by in (("level_2", "approver1"), ("level_1", "engineer1")):
            stage.do(number, "change_level", by=by, level=level, reason="影响变化")
        now = limit(stage, number, "initial_report")
        assert (now.status, now.due_at) == (status, owed.due_at), "what is owed is owed once, in time or not"


def test_3_2_before_the_service_is_back_no_first_report_is_owed(stage: Stage) -> None:
    number = at_state(stage, "diagnose", level="level_2")
    stage.do(number, "change_level", by="engineer1", level="level_1", reason="影响扩大")
    assert "initial_report" not in stage.ticket(number).deadlines


def test_3_2_a_contested_restoration_owes_a_first_report_anew(stage: Stage) -> None:
    number = at_state(stage, "restore", level="level_1")
    stage.do(number, "contest_restoration", by="staff1", reason="仍无法登录")
    assert limit(stage, number, "initial_report").status == "dropped"
    stage.later(minutes=5)
    step(stage, number, "restore")
    assert limit(stage, number, "initial_report").due_at == stage.at + timedelta(hours=2)


def test_r3_17_at_the_highest_level_the_written_report_tells_of_the_review(stage: Stage) -> None:
    number = at_state(stage, "feed_back_result", level="level_1")
    stage.refused(number, "prepare_report", by="engineer1", guard="review_is_told", **PAPER)
    stage.do(number, "prepare_report", by="engineer1", **REVIEW, **PAPER)
    other = at_state(stage, "feed_back_result", level="level_2")
    stage.do(other, "prepare_report", by="engineer1", **PAPER)


def test_g3_at_the_highest_level_the_interval_is_longer_once_the_service_is_back(stage: Stage) -> None:
    number = at_state(stage, "restore", level="level_1")
    stage.do(number, "feed_back", by="engineer1", **PROGRESS)
    assert limit(stage, number, "feedback").due_at == stage.at + timedelta(hours=1)
    other = at_state(stage, "restore", level="level_2")
    stage.do(other, "feed_back", by="engineer1", **PROGRESS)
    assert limit(stage, other, "feedback").due_at == stage.at + timedelta(minutes=30)


def test_c9_16_the_result_ends_the_feedback(stage: Stage) -> None:
    number = at_state(stage, "feed_back_result")
    assert limit(stage, number, "feedback").status == "met"
    stage.later(hours=9)
    assert "note_missed_feedback" not in actions(stage, number)


def test_c9_16_a_word_after_the_result_makes_no_further_word_owed(stage: Stage) -> None:
    number = at_state(stage, "feed_back_result")
    stage.do(number, "feed_back", by="engineer1", **PROGRESS)
    assert limit(stage, number, "feedback").status == "met"
    stage.later(hours=9)
    assert "note_missed_feedback" not in actions(stage, number)
    stage.do(number, "contest_restoration", by="staff1", reason="故障再次出现")
    assert limit(stage, number, "feedback").status == "running", "what is contested is not the result"


def test_the_written_report_has_the_time_of_the_level_in_force_at_the_restoration(stage: Stage) -> None:
    number = at_state(stage, "repair", level="level_3")
    stage.do(number, "change_level", by="approver1", level="level_2", reason="影响扩大")
    step(stage, number, "restore")
    edition = stage.contract.at(stage.at)
    due = edition.due("fault.report_level_2", stage.at)
    assert limit(stage, number, "written_report").due_at == due
    stage.do(number, "feed_back_result", by="desk1", result="已恢复", told="周晓彤")
    stage.at = due + MILLISECOND
    stage.strike()
    assert actions(stage, number).count("note_late_report") == 1


# --- arrival by agreement, and periods left out ------------------------------------------------------------------------------


def test_c4_6_that_nobody_needs_to_come_takes_both_parties(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    stage.refused(number, "agree_no_arrival", by="staff1", guard="no_arrival_is_proposed")
    stage.do(number, "propose_no_arrival", by="engineer1", reason="可远程处理")
    assert limit(stage, number, "arrival").status == "running"
    stage.refused(number, "agree_no_arrival", by="engineer1", result="not_yours")
    stage.do(number, "decline_no_arrival", by="staff1", **REASON)
    stage.refused(number, "agree_no_arrival", by="staff1", guard="no_arrival_is_proposed")
    stage.do(number, "propose_no_arrival", by="engineer1", reason="确可远程处理")
    stage.do(number, "agree_no_arrival", by="staff1")
    assert limit(stage, number, "arrival").status == "dropped"
    stage.refused(number, "propose_no_arrival", by="engineer1", guard="nobody_arrived", reason="再说一次")
    go(stage, number, "prepare_report", since="locate")
    assert stage.ticket(number).papers[-1].fields["times"]["arrival_waived"] is not None


def test_c4_6_who_has_arrived_needs_no_waiver(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    stage.do(number, "propose_no_arrival", by="engineer1", reason="可远程处理")
    stage.do(number, "arrive", by="engineer2", place="机房")
    stage.refused(number, "agree_no_arrival", by="staff1", guard="no_arrival_is_proposed")


def test_f5_no_limit_pauses_and_a_period_is_left_out_only_by_agreement(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    began = stage.at
    stage.later(minutes=33)
    for from_at, until_at in ((-1, 5), (5, 5), (9, 5), (30, 34)):
        stage.refused(
            number,
            "propose_deduction",
            by="engineer1",
            guard="period_is_possible",
            clock="removal",
            from_at=began + timedelta(minutes=from_at),
            until_at=began + timedelta(minutes=until_at),
            **PERIOD,
        )
    period = {"from_at": began + timedelta(minutes=10), "until_at": began + timedelta(minutes=20)}
    stage.refused(number, "agree_deduction", by="approver1", guard="deduction_is_proposed")
    stage.do(number, "propose_deduction", by="engineer1", clock="removal", **period, **PERIOD)
    stage.do(number, "decline_deduction", by="approver1", **REASON)
    stage.refused(number, "agree_deduction", by="approver1", guard="deduction_is_proposed")
    stage.do(number, "propose_deduction", by="engineer1", clock="removal", **period, **PERIOD)
    event = stage.do(number, "agree_deduction", by="approver1")
    assert (event.fields["clock"], event.fields["from_at"]) == ("removal", period["from_at"].isoformat())
    assert limit(stage, number, "removal").status == "missed"
    go(stage, number, "prepare_report", since="arrive")
    clocks = {clock["clock"]: clock for clock in stage.ticket(number).papers[-1].fields["clocks"]}
    assert [clocks["removal"][name] for name in ("seconds", "seconds_left_out", "seconds_adjusted", "status")] == [
        33 * 60,
        600,
        23 * 60,
        "missed",
    ]
    assert clocks["removal"]["missed_after_adjustment"] is False
    assert clocks["arrival"]["seconds_left_out"] == 0


def test_f5_periods_that_overlap_count_once(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    began = stage.at
    stage.later(minutes=40)
    for from_at, until_at in ((5, 15), (10, 20)):
        stage.do(
            number,
            "propose_deduction",
            by="engineer1",
            clock="removal",
            **PERIOD,
            from_at=began + timedelta(minutes=from_at),
            until_at=began + timedelta(minutes=until_at),
        )
        stage.do(number, "agree_deduction", by="approver1")
    go(stage, number, "confirm", since="arrive")
    closing = stage.last(number).fields["clocks"]
    assert [c["seconds_left_out"] for c in closing if c["clock"] == "removal"] == [15 * 60]


def test_r3_5_what_was_missed_stays_overdue_on_the_list_until_it_is_done(stage: Stage) -> None:
    number = reported(stage)
    due_at = limit(stage, number, "response").due_at
    stage.later(minutes=25)
    assert stage.row(number).due_at == due_at
    step(stage, number, "register")
    assert stage.row(number).due_at == due_at
    step(stage, number, "respond")
    assert stage.row(number).due_at != due_at
