"""Faults: how a report is entered, how a level is set, and who must prove who it is (C4.5, C9.16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow.fault_story import (
    PAPER,
    PERIOD,
    PHONED,
    REASON,
    REPORT,
    RESPONSE,
    RESTORATION,
    at_state,
    go,
    reported,
    step,
)

MILLISECOND = timedelta(milliseconds=1)


def limit(stage: Stage, number: str, name: str) -> Any:
    return stage.ticket(number).deadlines[name]


# --- how a report is entered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [{"channel": "phone"}, {"caller": "周晓彤"}, {"received_minutes_ago": 5}],
    ids=["channel", "caller", "receipt"],
)
def test_c4_5_the_client_cannot_say_when_its_own_report_was_received(stage: Stage, changes: dict[str, Any]) -> None:
    stage.refused_opening("fault", "staff1", guard="channel_is_stated", **REPORT, **stated(stage, changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"channel": "page", "received_minutes_ago": 5, "caller": "周晓彤"},
        {"channel": "phone", "received_minutes_ago": 5},
        {"channel": "mail", "caller": "周晓彤"},
    ],
    ids=["nothing", "page", "no caller", "no receipt"],
)
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
    stage.refused_opening(
        "fault",
        "desk1",
        guard="times_are_possible",
        **entered,
        received_at=stage.at - MILLISECOND,
        occurred_at=stage.at,
    )
    stage.refused_opening("fault", "staff1", guard="times_are_possible", **REPORT, occurred_at=stage.at + MILLISECOND)
    stage.open("fault", by="desk1", **entered, received_at=stage.at, occurred_at=stage.at)


def test_r3_1_a_fault_begins_is_discovered_and_is_then_reported(stage: Stage) -> None:
    began, received = stage.at - timedelta(minutes=9), stage.at - timedelta(minutes=2)
    entered = {**REPORT, **PHONED, "occurred_at": began, "received_at": received}
    for wrong in (began - MILLISECOND, received + MILLISECOND, stage.at + MILLISECOND):
        refused = stage.refused_opening(
            "fault", "desk1", guard="times_are_possible", **entered, discovered_at=wrong
        )  # fmt: skip
        assert [one["remedy"] for one in refused.missing] == ["discovered_at"]
    stage.refused_opening("fault", "staff1", guard="times_are_possible", **REPORT, discovered_at=stage.at + MILLISECOND)
    stage.open("fault", by="staff1", **REPORT, discovered_at=stage.at)
    for right in (began, received):
        number = stage.open("fault", by="desk1", **entered, discovered_at=right)
        assert stage.ticket(number).fields["discovered_at"] == right.isoformat()
        assert limit(stage, number, "response").started_at == received  # What is stated beside moves no limit.
    unknown = stage.open("fault", by="desk1", **entered)
    assert stage.ticket(unknown).fields["discovered_at"] is None


def test_c9_16_a_report_is_entered_while_it_is_fresh(stage: Stage) -> None:
    within = stage.contract.at(stage.at).period("fault.late_entry_within").duration
    entered = {**REPORT, **PHONED}
    stage.refused_opening(
        "fault", "desk1", guard="entered_in_time", **entered, received_at=stage.at - within - MILLISECOND
    )
    stage.open("fault", by="desk1", **entered, received_at=stage.at - within)


def test_r3_19_a_recurrence_is_stated_under_the_same_rules(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    stage.later(days=5)
    recurrence = {"reason": "又超时"}
    stage.refused(number, "reopen", by="desk1", guard="channel_is_stated", **recurrence)
    stage.refused(
        number,
        "reopen",
        by="desk1",
        guard="times_are_possible",
        **recurrence,
        **PHONED,
        received_at=stage.at + MILLISECOND,
    )
    stage.refused(
        number,
        "reopen",
        by="desk1",
        guard="entered_in_time",
        **recurrence,
        **PHONED,
        received_at=stage.at - timedelta(hours=73),
    )


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
    stage.refused(
        number, "judge_severity", by="approver1", guard="identified", factor=False, severity="ordinary", **judgement
    )
    stage.do(number, "judge_severity", by="approver1", severity="undetermined", **judgement)
    stage.refused(number, "confirm", by="staff1", guard="severity_is_judged", rating=3)
    stage.do(number, "judge_severity", by="approver1", severity="larger", **judgement)
    stage.refused(number, "confirm", by="staff1", guard="no_incident_report_is_owed", rating=3)
    stage.do(number, "report_to_authority", by="approver1", authority="市网信部门", told="初步影响。")
    stage.do(number, "confirm", by="staff1", rating=3)
    assert stage.ticket(number).state == "closed"


# --- who binds proves who it is --------------------------------------------------------------------------------------------


BINDING: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("agree_no_arrival", "staff1", {}, "diagnose"),
    ("agree_deduction", "approver1", {}, "diagnose"),
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
        stage.do(
            number, "propose_deduction", by="engineer1", clock="removal", from_at=began, until_at=stage.at, **PERIOD
        )
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
        ("respond", "engineer1", RESPONSE),
        ("restore", "engineer1", RESTORATION),
        ("reopen", "staff1", {"reason": "又来"}),
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
