"""Whether a fault is a network security incident: a person judges, and an open judgement is never taken as ordinary (R3.15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow.fault_story import RECURRENCE, at_state, phoned, reported

ORDINARY = {"severity": "ordinary", "criterion": "分级指南：一般事件", "grounds": "未涉及数据泄露。"}
LARGER = {**ORDINARY, "severity": "larger", "criterion": "分级指南：较大事件"}
OPEN = {**ORDINARY, "severity": "undetermined"}
REPORTED = {"authority": "市网信部门", "told": "系统名称、发现时间与初步影响。"}
LIMIT = "incident_report"


def suspected(stage: Stage, suspicion: str = "undetermined", **changes: Any) -> str:
    return reported(stage, is_security_suspected=suspicion, **changes)


def status(stage: Stage, number: str) -> str | None:
    limit = stage.ticket(number).deadlines.get(LIMIT)
    return None if limit is None else limit.status


def noted(stage: Stage, number: str) -> list[str]:
    return [e.action for e in stage.ticket(number).events if "incident_report" in e.action and e.account_id is None]


@pytest.mark.parametrize("suspicion", ["undetermined", "yes"])
def test_r3_15_the_time_of_the_law_runs_while_an_incident_is_not_ruled_out(stage: Stage, suspicion: str) -> None:
    number = suspected(stage, suspicion)
    limit = stage.ticket(number).deadlines[LIMIT]
    assert limit.due_at == stage.contract.at(stage.at).due("fault.incident_report_within", stage.at)
    assert limit.party == "client"


def test_r3_15_nothing_runs_where_it_is_ruled_out_from_the_start(stage: Stage) -> None:
    assert status(stage, suspected(stage, "no")) is None


def test_r3_15_it_counts_from_the_discovery(stage: Stage) -> None:
    discovered = stage.at - timedelta(minutes=50)
    number = phoned(stage, minutes_ago=10, is_security_suspected="yes", discovered_at=discovered)
    assert stage.ticket(number).deadlines[LIMIT].started_at == discovered
    number = phoned(stage, minutes_ago=10, is_security_suspected="yes")
    assert stage.ticket(number).deadlines[LIMIT].started_at == stage.at - timedelta(minutes=10)


def test_r3_15_after_half_the_time_the_grade_is_still_open_and_the_client_is_warned(stage: Stage) -> None:
    number = suspected(stage)
    whole = stage.ticket(number).deadlines[LIMIT].due_at - stage.at
    stage.later(seconds=whole.total_seconds() / 2 + 1)
    assert stage.ticket(number).warnings["incident_report_first_warning"].status == "missed", "it was given"
    assert noted(stage, number) == []
    assert any("nobody has judged its grade" in words for words in stage.ticket(number).notices)
    stage.later(seconds=whole.total_seconds())
    assert status(stage, number) == "missed"
    assert noted(stage, number).count("note_late_incident_report") == 1
    assert any("nobody has judged its grade" in words for words in stage.ticket(number).notices), "never by silence"


def test_r3_15_undetermined_ends_nothing(stage: Stage) -> None:
    number = suspected(stage)
    due_at = stage.ticket(number).deadlines[LIMIT].due_at
    stage.later(minutes=10)
    stage.do(number, "judge_severity", by="approver1", **OPEN)
    limit = stage.ticket(number).deadlines[LIMIT]
    assert (limit.status, limit.due_at) == ("running", due_at), "nor does it begin the time anew"


def test_r3_15_only_a_persons_judgement_rules_it_out(stage: Stage) -> None:
    number = suspected(stage)
    for by in ("staff1", "engineer1", "manager1", "reviewer1"):
        stage.refused(number, "judge_severity", by=by, result="not_yours", **ORDINARY)
    stage.refused(number, "judge_severity", by="approver1", guard="identified", factor=False, **ORDINARY)
    assert status(stage, number) == "running"
    stage.do(number, "judge_severity", by="approver1", **ORDINARY)
    assert status(stage, number) == "met"
    stage.refused(number, "report_to_authority", by="approver1", guard="incident_is_not_ruled_out", **REPORTED)


def test_r3_15_a_graver_grade_is_owed_until_it_is_reported(stage: Stage) -> None:
    number = suspected(stage)
    stage.do(number, "judge_severity", by="approver1", **LARGER)
    assert status(stage, number) == "running"
    for by in ("staff1", "engineer1", "reviewer1"):
        stage.refused(number, "report_to_authority", by=by, result="not_yours", **REPORTED)
    stage.do(number, "report_to_authority", by="approver1", **REPORTED)
    assert status(stage, number) == "met"
    stage.later(hours=2)
    stage.do(number, "report_to_authority", by="approver2", **REPORTED | {"told": "补报：原因已查明。"})
    stage.do(number, "judge_severity", by="approver1", **LARGER | {"severity": "major"})
    assert status(stage, number) == "met", "what was reported is not owed anew"


def test_r3_14_what_was_reported_before_anybody_judged_it_can_be_reported_once_more(stage: Stage) -> None:
    number = suspected(stage)
    stage.do(number, "report_to_authority", by="approver1", **REPORTED)
    assert status(stage, number) == "met"
    stage.later(hours=2)
    stage.do(number, "report_to_authority", by="approver1", **REPORTED | {"told": "补报：原因已查明。"})
    stage.do(number, "judge_severity", by="approver1", **ORDINARY)
    stage.refused(number, "report_to_authority", by="approver1", guard="incident_is_not_ruled_out", **REPORTED)


def test_r3_15_what_is_found_to_be_an_incident_later_is_owed_from_then(stage: Stage) -> None:
    number = suspected(stage, "no")
    stage.later(hours=30)
    stage.do(number, "judge_severity", by="approver1", **LARGER)
    assert stage.ticket(number).deadlines[LIMIT].started_at == stage.at
    again = suspected(stage)
    stage.do(again, "judge_severity", by="approver1", **ORDINARY)
    stage.later(hours=30)
    stage.do(again, "judge_severity", by="approver1", **LARGER)
    assert stage.ticket(again).deadlines[LIMIT].started_at == stage.at


def test_r3_15_a_fault_without_suspicion_has_no_incident_to_report(stage: Stage) -> None:
    number = at_state(stage, "respond")
    stage.refused(number, "report_to_authority", by="approver1", guard="incident_is_not_ruled_out", **REPORTED)


def test_r3_15_a_report_is_not_withdrawn_over_an_incident_that_nobody_ruled_out(stage: Stage) -> None:
    number = suspected(stage)
    stage.refused(number, "withdraw", by="staff1", guard="no_incident_report_is_owed", reason="误报。")
    stage.do(number, "judge_severity", by="approver1", **OPEN)
    stage.refused(number, "withdraw", by="staff1", guard="no_incident_report_is_owed", reason="误报。")
    stage.do(number, "judge_severity", by="approver1", **ORDINARY)
    stage.do(number, "withdraw", by="staff1", reason="误报。")
    assert status(stage, number) == "met"


def test_r3_15_nor_is_it_merged_away(stage: Stage) -> None:
    other, number = reported(stage), suspected(stage, "yes")
    stage.do(number, "propose_merge", by="engineer1", into=other, reason="同一故障。")
    stage.refused(number, "agree_merge", by="staff1", guard="no_incident_report_is_owed")
    stage.do(number, "judge_severity", by="approver1", **LARGER)
    stage.do(number, "report_to_authority", by="approver1", **REPORTED)
    stage.do(number, "agree_merge", by="staff1")


def test_r3_15_a_fault_is_not_closed_while_its_incident_is_not_reported(stage: Stage) -> None:
    number = at_state(stage, "approve_report", is_security_suspected="yes")
    stage.do(number, "judge_severity", by="approver1", **LARGER)
    stage.refused(number, "confirm", by="staff1", guard="no_incident_report_is_owed", rating=4)
    stage.do(number, "report_to_authority", by="approver1", **REPORTED)
    stage.do(number, "confirm", by="staff1", rating=4)


def test_r3_15_reopening_neither_begins_nor_ends_the_time(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    stage.do(number, "judge_severity", by="approver1", **LARGER)
    due_at = stage.ticket(number).deadlines[LIMIT].due_at
    stage.later(minutes=30)
    stage.do(number, "reopen", by="staff1", **RECURRENCE)
    limit = stage.ticket(number).deadlines[LIMIT]
    assert (limit.status, limit.due_at) == ("running", due_at)
    stage.do(number, "report_to_authority", by="approver1", **REPORTED)
    assert status(stage, number) == "met"


def test_r3_15_what_is_owed_anew_after_reopening_can_be_reported(stage: Stage) -> None:
    number = at_state(stage, "approve_report", is_security_suspected="yes")
    stage.do(number, "judge_severity", by="approver1", **ORDINARY)
    stage.do(number, "confirm", by="staff1", rating=4)
    stage.do(number, "reopen", by="staff1", **RECURRENCE)
    assert status(stage, number) == "running", "nobody has judged what came back"
    stage.do(number, "report_to_authority", by="approver1", **REPORTED)
    assert status(stage, number) == "met"


def test_r3_15_what_was_reported_is_not_owed_anew_by_reopening(stage: Stage) -> None:
    number = at_state(stage, "approve_report", is_security_suspected="yes")
    stage.do(number, "judge_severity", by="approver1", **LARGER)
    stage.do(number, "report_to_authority", by="approver1", **REPORTED)
    stage.do(number, "confirm", by="staff1", rating=4)
    stage.do(number, "reopen", by="staff1", **RECURRENCE)
    assert status(stage, number) == "met"


def test_r3_15_the_time_outlives_the_fault(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    ends = stage.ticket(number).deadlines["reopening"].due_at
    stage.later(seconds=(ends - stage.at).total_seconds() - 3600)
    stage.do(number, "judge_severity", by="approver1", **LARGER)
    stage.later(hours=2)
    assert (stage.row(number).state, status(stage, number)) == ("archived", "running")
    stage.later(hours=10)
    assert status(stage, number) == "missed"
    stage.do(number, "report_to_authority", by="approver1", **REPORTED)


def test_r3_15_the_time_is_the_contracts_own(stage_elsewhere: Stage) -> None:
    number = suspected(stage_elsewhere)
    limit = stage_elsewhere.ticket(number).deadlines[LIMIT]
    edition = stage_elsewhere.contract.at(stage_elsewhere.at)
    assert limit.due_at == edition.due("fault.incident_report_within", stage_elsewhere.at)
