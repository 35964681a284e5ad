"""The limits of a fault: where each counts from, what stops it, what is noted when it runs out (C4.5–C4.7, C9.16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow.fault_story import (
    CAUSE,
    PAPER,
    PHONED,
    PROGRESS,
    REASON,
    REPORT,
    RESPONSE,
    RESTORATION,
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
    for name, figure in zip(MAIN, ("fault.response", "fault.arrival", "fault.removal", "fault.feedback_level_2"), strict=True):
        timer = limit(stage, number, name)
        assert (timer.started_at, timer.due_at, timer.status) == (stage.at, edition.due(figure, stage.at), "running")
        assert timer.party == "supplier"


def test_r3_2_a_phone_report_counts_from_its_receipt_and_the_gap_is_a_finding(stage: Stage) -> None:
    number = phoned(stage, minutes_ago=10)
    received = stage.at - timedelta(minutes=10)
    assert {limit(stage, number, name).started_at for name in MAIN} == {received}
    assert any("10 min 0 s later" in words for words in stage.ticket(number).notices)
    assert stage.ticket(number).fields["entered_late_seconds"] == 600
    assert stage.ticket(number).events[0].at == stage.at


def test_r3_2_what_was_received_too_long_ago_is_late_the_moment_it_is_entered(stage: Stage) -> None:
    number = phoned(stage, minutes_ago=40)
    stage.strike()
    assert {limit(stage, number, name).status for name in ("response", "removal")} == {"missed"}
    notes = [event for event in stage.ticket(number).events if event.action == "note_late_response"]
    assert [(note.at, note.fields["due_at"]) for note in notes] == [
        (stage.at, (stage.at - timedelta(minutes=25)).isoformat())]


@pytest.mark.parametrize(("name", "note", "act"), [
    ("response", "note_late_response", "respond"),
    ("arrival", "note_late_arrival", "arrive"),
    ("removal", "note_late_removal", "locate"),
])
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


def test_r3_6_the_supplier_is_warned_before_each_limit(stage: Stage) -> None:
    number = reported(stage)
    stage.later(minutes=7, seconds=30)
    assert "warn_of_response" not in actions(stage, number)
    stage.later(milliseconds=1)
    assert actions(stage, number).count("warn_of_response") == 1
    stage.later(minutes=4, seconds=30)
    assert actions(stage, number).count("warn_of_response") == 2
    assert "note_late_response" not in actions(stage, number)
    go(stage, number, "respond")
    assert limit(stage, number, "arrival_first_warning").status == "running"
    stage.later(minutes=50)
    assert actions(stage, number).count("warn_of_arrival") == 1
    assert stage.workflows["fault"].deadlines["response_first_warning"].party is None


def test_r3_6_whoever_responds_at_once_is_not_warned(stage: Stage) -> None:
    number = at_state(stage, "respond")
    stage.later(minutes=14)
    assert "warn_of_response" not in actions(stage, number)


def test_r3_6_a_delay_is_announced_before_the_limit_or_not_at_all(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    due = limit(stage, number, "removal").due_at
    fields = {"clock": "removal", "reason": "等待备件"}
    stage.refused(number, "announce_delay", by="engineer1", guard="limit_is_still_ahead", **fields, expected_at=due)
    stage.at = due
    stage.do(number, "announce_delay", by="engineer1", **fields, expected_at=due + timedelta(hours=1))
    stage.later(milliseconds=1)
    stage.refused(number, "announce_delay", by="engineer1", guard="limit_is_still_ahead", **fields,
                  expected_at=due + timedelta(hours=2))
    assert limit(stage, number, "removal").status == "missed"


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


def test_r3_7_another_level_changes_the_next_interval_not_the_running_one(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    before = limit(stage, number, "feedback").due_at
    stage.do(number, "change_level", by="engineer1", level="level_1", reason="影响扩大")
    assert limit(stage, number, "feedback").due_at == before
    stage.do(number, "feed_back", by="engineer1", **PROGRESS)
    assert limit(stage, number, "feedback").due_at == stage.at + timedelta(minutes=15)


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
            number, "propose_deduction", by="engineer1", guard="period_is_possible", clock="removal",
            from_at=began + timedelta(minutes=from_at), until_at=began + timedelta(minutes=until_at), **REASON)
    period = {"from_at": began + timedelta(minutes=10), "until_at": began + timedelta(minutes=20)}
    stage.refused(number, "agree_deduction", by="staff1", guard="deduction_is_proposed")
    stage.do(number, "propose_deduction", by="engineer1", clock="removal", **period, **REASON)
    stage.do(number, "decline_deduction", by="staff1", **REASON)
    stage.refused(number, "agree_deduction", by="staff1", guard="deduction_is_proposed")
    stage.do(number, "propose_deduction", by="engineer1", clock="removal", **period, **REASON)
    event = stage.do(number, "agree_deduction", by="approver1")
    assert (event.fields["clock"], event.fields["from_at"]) == ("removal", period["from_at"].isoformat())
    assert limit(stage, number, "removal").status == "missed"
    go(stage, number, "prepare_report", since="arrive")
    clocks = {clock["clock"]: clock for clock in stage.ticket(number).papers[-1].fields["clocks"]}
    assert [clocks["removal"][name] for name in ("seconds", "seconds_left_out", "seconds_adjusted", "status")] == \
        [33 * 60, 600, 23 * 60, "missed"]
    assert clocks["removal"]["missed_after_adjustment"] is False
    assert clocks["arrival"]["seconds_left_out"] == 0


def test_f5_periods_that_overlap_count_once(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    began = stage.at
    stage.later(minutes=40)
    for from_at, until_at in ((5, 15), (10, 20)):
        stage.do(number, "propose_deduction", by="engineer1", clock="removal", **REASON,
                 from_at=began + timedelta(minutes=from_at), until_at=began + timedelta(minutes=until_at))
        stage.do(number, "agree_deduction", by="staff1")
    go(stage, number, "confirm", since="arrive")
    closing = stage.ticket(number).events[-1].fields["clocks"]
    assert [c["seconds_left_out"] for c in closing if c["clock"] == "removal"] == [15 * 60]


# --- how a report is entered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [
    {"channel": "phone"}, {"caller": "周晓彤"}, {"received_minutes_ago": 5},
], ids=["channel", "caller", "receipt"])
def test_c4_5_the_client_cannot_say_when_its_own_report_was_received(stage: Stage, changes: dict[str, Any]) -> None:
    stage.refused_opening("fault", "staff1", guard="channel_is_stated", **REPORT, **stated(stage, changes))


@pytest.mark.parametrize("changes", [
    {}, {"channel": "page", "received_minutes_ago": 5, "caller": "周晓彤"},
    {"channel": "phone", "received_minutes_ago": 5}, {"channel": "mail", "caller": "周晓彤"},
], ids=["nothing", "page", "no caller", "no receipt"])
def test_c4_5_the_supplier_says_how_from_whom_and_when(stage: Stage, changes: dict[str, Any]) -> None:
    stage.refused_opening("fault", "desk1", guard="channel_is_stated", **REPORT, **stated(stage, changes))


def test_c4_5_an_alarm_of_the_monitoring_has_no_caller(stage: Stage) -> None:
    number = reported(stage, "engineer1", channel="monitoring")
    assert limit(stage, number, "response").started_at == stage.at


def stated(stage: Stage, changes: dict[str, Any]) -> dict[str, Any]:
    fields = dict(changes)
    if "received_minutes_ago" in fields:
        fields["received_at"] = stage.at - timedelta(minutes=fields.pop("received_minutes_ago"))
    return fields


def test_f6_nothing_is_received_in_the_future_nor_before_it_began(stage: Stage) -> None:
    entered = {**REPORT, **PHONED}
    stage.refused_opening("fault", "desk1", guard="times_are_possible", **entered, received_at=stage.at + MILLISECOND)
    stage.refused_opening("fault", "desk1", guard="times_are_possible", **entered, received_at=stage.at - MILLISECOND,
                          occurred_at=stage.at)
    stage.refused_opening("fault", "staff1", guard="times_are_possible", **REPORT, occurred_at=stage.at + MILLISECOND)
    stage.open("fault", by="desk1", **entered, received_at=stage.at, occurred_at=stage.at)


def test_c9_16_a_report_is_entered_while_it_is_fresh(stage: Stage) -> None:
    within = stage.contract.at(stage.at).period("fault.late_entry_within").duration
    entered = {**REPORT, **PHONED}
    stage.refused_opening("fault", "desk1", guard="entered_in_time", **entered, received_at=stage.at - within - MILLISECOND)
    stage.open("fault", by="desk1", **entered, received_at=stage.at - within)


def test_r3_19_a_recurrence_is_stated_under_the_same_rules(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    stage.later(days=5)
    recurrence = {"reason": "又超时"}
    stage.refused(number, "reopen", by="desk1", guard="channel_is_stated", **recurrence)
    stage.refused(number, "reopen", by="desk1", guard="times_are_possible", **recurrence, **PHONED,
                  received_at=stage.at + MILLISECOND)
    stage.refused(number, "reopen", by="desk1", guard="entered_in_time", **recurrence, **PHONED,
                  received_at=stage.at - timedelta(hours=73))


def test_c2_1_nothing_is_reported_outside_the_term(stage: Stage) -> None:
    stage.at = stage.contract.term_end
    stage.refused_opening("fault", "staff1", guard="within_the_term", **REPORT)


@pytest.mark.parametrize("who", ["reviewer1", "manager1"])
def test_c9_16_who_neither_uses_nor_runs_the_service_reports_no_fault(stage: Stage, who: str) -> None:
    assert stage.refused_opening("fault", who, **REPORT).result == "not_yours"


# --- levels and severity ---------------------------------------------------------------------------------------------------


def test_c9_16_the_supplier_raises_a_level_and_only_the_client_lowers_it(stage: Stage) -> None:
    number = at_state(stage, "diagnose", level="level_3")
    stage.refused(number, "change_level", by="desk1", guard="lowered_by_the_client", level="level_4", **REASON)
    stage.refused(number, "change_level", by="staff1", guard="level_differs", level="level_3", **REASON)
    stage.do(number, "change_level", by="desk1", level="level_1", **REASON)
    stage.do(number, "change_level", by="staff1", level="level_4", **REASON)
    stage.refused(number, "change_level", by="reviewer1", result="not_yours", level="level_1", **REASON)
    go(stage, number, "prepare_report", since="arrive")
    fields = stage.ticket(number).papers[-1].fields
    assert (fields["level_at_report"], fields["level_in_force"]) == ("level_3", "level_4")
    assert [change["level"] for change in fields["level_changes"]] == ["level_1", "level_4"]


@pytest.mark.parametrize("suspicion", ["yes", "undetermined"])
def test_r3_15_a_grade_that_nobody_judged_never_passes_for_ordinary(stage: Stage, suspicion: str) -> None:
    number = at_state(stage, "approve_report", is_security_suspected=suspicion)
    assert any("nobody has judged its grade" in words for words in stage.ticket(number).notices)
    stage.refused(number, "confirm", by="staff1", guard="severity_is_judged", rating=3)
    judgement = {"criterion": "分级指南一般事件", "grounds": "未涉及数据"}
    stage.refused(number, "judge_severity", by="staff1", result="not_yours", severity="ordinary", **judgement)
    stage.refused(number, "judge_severity", by="engineer1", result="not_yours", severity="ordinary", **judgement)
    stage.refused(number, "judge_severity", by="approver1", guard="identified", factor=False, severity="ordinary", **judgement)
    stage.do(number, "judge_severity", by="approver1", severity="undetermined", **judgement)
    stage.refused(number, "confirm", by="staff1", guard="severity_is_judged", rating=3)
    stage.do(number, "judge_severity", by="approver1", severity="larger", **judgement)
    stage.do(number, "confirm", by="staff1", rating=3)
    assert stage.ticket(number).state == "closed"


# --- who binds proves who it is --------------------------------------------------------------------------------------------


BINDING: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("agree_no_arrival", "staff1", {}, "diagnose"),
    ("agree_deduction", "staff1", {}, "diagnose"),
    ("agree_merge", "staff1", {}, "diagnose"),
    ("check_report", "engineer2", {}, "prepare_report"),
    ("submit_report", "manager1", {}, "check_report"),
    ("approve_report", "reviewer1", {"opinion": "同意"}, "submit_report"),
    ("confirm", "staff1", {"rating": 5}, "approve_report"),
)


@pytest.mark.parametrize(("action", "who", "fields", "until"), BINDING, ids=[one[0] for one in BINDING])
def test_g14_who_binds_proves_a_fresh_second_factor(
    stage: Stage, action: str, who: str, fields: dict[str, Any], until: str
) -> None:
    other = reported(stage)
    number = at_state(stage, until)
    began = stage.at
    stage.later(minutes=2)
    stage.do(number, "propose_no_arrival", by="engineer1", **REASON) if until == "diagnose" else None
    if until == "diagnose":
        stage.do(number, "propose_deduction", by="engineer1", clock="removal", from_at=began, until_at=stage.at, **REASON)
        stage.do(number, "propose_merge", by="engineer1", into=other, **REASON)
    stage.refused(number, action, by=who, guard="identified", factor=False, **fields)
    stage.prove(number, who)
    stage.later(minutes=5, milliseconds=1)
    stage.refused(number, action, by=who, guard="identified", factor=False, **fields)
    stage.prove(number, who)
    stage.later(minutes=5)
    stage.do(number, action, by=who, factor=False, **fields)


def test_the_report_waits_for_arrival_and_cause(stage: Stage) -> None:
    number = at_state(stage, "feed_back_result", without=("arrive", "locate"))
    stage.refused(number, "prepare_report", by="engineer1", guard="arrival_is_settled", **PAPER)
    stage.refused(number, "prepare_report", by="engineer1", guard="cause_or_problem_on_record", **PAPER)


def test_the_edges_of_the_course(stage: Stage) -> None:
    number = reported(stage)
    early: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("respond", "engineer1", RESPONSE), ("restore", "engineer1", RESTORATION), ("reopen", "staff1", {"reason": "又来"}),
    )
    for action, by, fields in early:
        stage.refused(number, action, by=by, result="not_now", **fields)
    stage.refused(number, "register", by="engineer1", result="not_yours", engineer=stage.person("engineer1"))
    stage.refused(number, "register", by="desk1", guard="on_the_list", engineer=stage.person("staff1"))
    step(stage, number, "register")
    stage.do(number, "reassign", by="manager1", engineer=stage.person("engineer3"), **REASON)
    stage.end_mandate("engineer3")
    stage.refused(number, "reassign", by="manager1", guard="on_the_list", engineer=stage.person("engineer3"), **REASON)
    stage.refused(number, "respond", by="engineer3", **RESPONSE)
    stage.refused(number, "archive", by="manager1", result="not_yours")
    stage.refused(number, "note_late_response", by="manager1", result="not_yours")
