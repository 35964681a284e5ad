"""How a dangerous operation ends: results, unknown outcomes, failed checks, emergencies and the writing they owe (C9.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from database import transaction
from tests.stage import Stage
from tests.workflow.reboot_story import FAILED, FAULTY, PROBE, RESULT, Emergency, Operation, contract_with
from tickets.models import Ticket
from workflow.terms import ContractError

BEFORE_START = [
    "requested",
    "signed",
    "called_back",
    "identity_failed",
    "identified",
    "consented",
    "agreed",
    "prepared",
]


# --- outcome unknown --------------------------------------------------------------------------------------------------


def test_b16_no_result_by_the_end_of_the_window_is_an_unknown_outcome(stage: Stage) -> None:
    operation = Operation(stage).executing()
    stage.at = operation.fields["window_end"]
    stage.strike()
    assert operation.view.deadlines["result"].status == "running"
    stage.later(milliseconds=1)
    view = operation.view
    assert (view.state, view.deadlines["result"].status) == ("outcome_unknown", "missed")
    for action, by, fields in (
        ("start", "engineer1", operation.server),
        ("finish", "engineer1", RESULT),
        ("do_step", "engineer1", {"step": 1, "observed": "正常"}),
        ("verify_result", "staff1", PROBE),
    ):
        operation.refused(action, by, answer="not_now", **fields)


def test_b16_an_unknown_outcome_is_settled_by_both_signatures(stage: Stage) -> None:
    operation = Operation(stage).unknown()
    found = {"result": "succeeded", "account": "控制台日志显示已重启。"}
    operation.refused("settle_outcome", "engineer1", answer="not_yours", **found)
    operation.do("settle_outcome", "manager1", **found)
    operation.refused("accept_outcome", "staff1", answer="not_yours")
    operation.do("return_outcome", "staff1", reason="请补充日志。")
    assert operation.state == "outcome_unknown"
    operation.do("settle_outcome", "manager2", **found).do("accept_outcome", "approver1")
    view = operation.view
    assert (view.state, view.final) == ("settled", True)
    record = [paper for paper in view.papers if paper.kind == "outcome_record"][-1]
    assert {(s.meaning, s.party) for s in record.signatures} == {
        ("settle_outcome", "supplier"),
        ("accept_outcome", "client"),
    }


def test_b16_accepting_an_outcome_needs_a_mandate_for_the_operation(stage: Stage) -> None:
    operation = Operation(stage).proposed()
    stage.change_mandate("approver1", scope={"operations": ["shutdown"]})
    operation.refused("accept_outcome", "approver1", guard="within_mandate")


# --- after it ---------------------------------------------------------------------------------------------------------


def test_r7_13_the_result_is_confirmed_by_the_client_who_tried_the_service(stage: Stage) -> None:
    operation = Operation(stage).executed()
    operation.refused("verify_result", "engineer1", answer="not_yours", **PROBE)
    operation.refused("verify_result", "staff1", answer="invalid", service_answers=False, observed="登录不了。")
    stage.later(days=40)
    assert operation.state == "executed"  # silence confirms nothing
    stage.change_mandate("staff2", scope={"operations": ["shutdown"]})
    operation.refused("verify_result", "staff2", guard="within_mandate", **PROBE)
    operation.refused("close", "manager1", answer="not_now")
    operation.do("verify_result", "staff1", **PROBE)
    operation.refused("close", "engineer1", answer="not_yours")


@pytest.mark.parametrize(
    ("by", "channel"), [("staff1", "page"), ("approver1", "page"), ("engineer2", "monitoring"), ("desk1", "monitoring")]
)
def test_r7_13_a_failed_check_opens_a_fault_at_that_moment(stage: Stage, by: str, channel: str) -> None:
    operation = Operation(stage).executed()
    operation.do("report_failed_check", by, **FAILED)
    (link,) = operation.view.links
    assert (link.kind, link.relation, link.final) == ("fault", "caused_by", False)
    fault = stage.ticket(link.number)
    assert fault.events[0].at == stage.at
    assert (fault.fields["channel"], fault.fields["symptom"]) == (channel, FAILED["symptom"])
    operation.refused("report_failed_check", by, guard="no_fault_open_for_it", **FAILED)
    assert operation.do("verify_result", "staff1", **PROBE).state == "verified"


@pytest.mark.parametrize("state", ["outcome_unknown", "outcome_proposed", "aborted"])
def test_r7_13_what_an_unfinished_operation_broke_is_a_fault_too(stage: Stage, state: str) -> None:
    operation = Operation(stage)
    if state == "aborted":
        operation.executing().do("abort", "engineer1", doubt="编号不符。", condition="partly_changed")
    else:
        operation.at(state)
    operation.do("report_failed_check", "staff1", **FAILED)
    assert operation.state == state
    assert len(operation.view.links) == 1


@pytest.mark.parametrize("named_in", ["request", "result"])
def test_r7_13_a_failed_result_opens_its_fault_in_the_same_act(stage: Stage, named_in: str) -> None:
    system = {"system": FAILED["system"]}
    operation = Operation(stage, **(system if named_in == "request" else {})).executing().steps()
    told = FAULTY | (system if named_in == "result" else {})
    with stage.counted() as counted:
        operation.do("finish", "engineer1", **told)
    assert counted.commits == 2  # The proof of who acts is one; the act and its fault are the other.
    view = operation.view
    (link,) = view.links
    assert (view.state, link.kind, link.relation, link.final) == ("executed", "fault", "caused_by", False)
    fault = stage.ticket(link.number)
    assert fault.events[0].at == fault.deadlines["response"].started_at == view.events[-1].at == stage.at
    shown = {name: fault.fields[name] for name in ("system", "symptom", "impact", "level", "channel")}
    assert shown == FAILED | {"symptom": FAULTY["observed"], "channel": "monitoring"}
    operation.refused("report_failed_check", "staff1", guard="no_fault_open_for_it", **FAILED)
    operation.do("verify_result", "staff1", **PROBE).do("close", "manager1")
    assert operation.state == "closed"


@pytest.mark.parametrize("left_out", ["system", "impact", "level"])
def test_r7_13_a_failure_is_not_reported_without_what_its_fault_must_say(stage: Stage, left_out: str) -> None:
    operation = Operation(stage).executing().steps()
    told = {name: said for name, said in {**FAULTY, "system": FAILED["system"]}.items() if name != left_out}
    operation.refused("finish", "engineer1", guard="failure_described", **told)
    assert (operation.state, operation.view.links) == ("executing", ())


def test_r7_13_a_result_that_succeeded_opens_no_fault(stage: Stage) -> None:
    operation = Operation(stage, system=FAILED["system"]).executing().steps()
    operation.do("finish", "engineer1", **FAULTY | {"result": "succeeded"})
    assert operation.view.links == ()
    operation.do("verify_result", "staff1", **PROBE).do("close", "manager1")


def test_r7_13_no_sheet_is_closed_over_a_failure_without_a_fault(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = stage.workflows["reboot"].actions
    # As a sheet stands that was filled in before a failure opened its fault by itself.
    monkeypatch.setitem(declared, "finish", replace(declared["finish"], effects=(), guards=()))
    operation = Operation(stage).executing().steps().do("finish", "engineer1", **FAULTY)
    operation.do("verify_result", "staff1", **PROBE)
    monkeypatch.undo()
    assert operation.view.links == ()
    operation.refused("close", "manager1", guard="failure_has_its_fault")
    operation.do("report_failed_check", "staff1", **FAILED).do("close", "manager1")
    assert operation.state == "closed"


def test_r7_13_no_failed_outcome_is_accepted_without_a_fault(stage: Stage) -> None:
    operation = Operation(stage).unknown()
    operation.do("settle_outcome", "manager1", result="failed", account="控制台日志显示重启未完成。")
    operation.refused("accept_outcome", "approver1", guard="failure_has_its_fault")
    operation.do("report_failed_check", "engineer2", **FAILED).do("accept_outcome", "approver1")
    assert operation.state == "settled"


def test_r7_13_a_sheet_without_a_result_on_record_is_not_closed(stage: Stage) -> None:
    operation = Operation(stage).executing()
    with transaction(stage.engine) as session:
        session.execute(update(Ticket).where(Ticket.number == operation.number).values(state="verified"))
    operation.refused("close", "manager1", guard="failure_has_its_fault")


# --- emergencies (R7.9) -----------------------------------------------------------------------------------------------


def test_b17_an_emergency_runs_on_the_spoken_word_and_the_writing_follows(stage: Stage) -> None:
    operation = Emergency(stage).executing()
    owed = operation.view.deadlines["writing_afterwards"]
    assert owed.due_at == stage.at + timedelta(hours=2)
    assert any("Emergency" in words for words in operation.view.notices)
    stage.later(hours=1)
    operation.refused("sign_afterwards", "engineer1", answer="not_yours")
    operation.do("sign_afterwards", "staff1")
    assert operation.view.deadlines["writing_afterwards"].status == "met"
    assert not operation.view.notices
    operation.refused("sign_afterwards", "approver1", guard="done_on_the_spoken_word")
    assert operation.steps().finish().state == "executed"


def test_b17_overdue_writing_is_a_violation_told_to_everybody_even_after_the_end(stage: Stage) -> None:
    operation = Emergency(stage).executing().do("abort", "engineer1", doubt="编号不符。", condition="unchanged")
    stage.later(hours=2)
    assert operation.view.deadlines["writing_afterwards"].status == "running"  # exactly at the due instant
    stage.later(milliseconds=1)
    noted = operation.view.events[-1]
    assert (noted.action, noted.party, operation.state) == ("note_missing_writing", "desk", "aborted")
    assert operation.view.deadlines["writing_afterwards"].status == "missed"
    assert stage.workflows["reboot"].actions["note_missing_writing"].tells[-1].name == "supervisor"
    operation.do("sign_afterwards", "approver2")
    assert operation.view.deadlines["writing_afterwards"].stopped_at == stage.at


def test_b17_another_contract_allows_another_time_for_the_writing(stage_elsewhere: Stage) -> None:
    operation = Emergency(stage_elsewhere).executing()
    assert operation.view.deadlines["writing_afterwards"].due_at == stage_elsewhere.at + timedelta(hours=4)


def test_b17_who_signs_afterwards_needs_the_mandate(stage: Stage) -> None:
    operation = Emergency(stage).executing()
    stage.change_mandate("staff1", scope={"operations": ["shutdown"]})
    operation.refused("sign_afterwards", "staff1", guard="within_mandate")


def test_b17_an_ordinary_operation_owes_nothing_afterwards(stage: Stage) -> None:
    operation = Operation(stage).executing()
    assert "writing_afterwards" not in operation.view.deadlines
    operation.refused("sign_afterwards", "staff1", guard="done_on_the_spoken_word")


def test_r7_9_an_emergency_that_was_signed_in_time_starts_the_ordinary_way(stage: Stage) -> None:
    operation = Emergency(stage, channel="page", subject=None).requested(by="staff1")
    operation.sign().identify().consent().agree().prepare().guard().start()
    assert "writing_afterwards" not in operation.view.deadlines


@pytest.mark.parametrize(
    "operation", ["snapshot_rollback", "restore", "data_modification", "deletion", "formatting", "disk_detachment"]
)
def test_r7_9_data_is_never_destroyed_on_the_spoken_word(stage: Stage, operation: str) -> None:
    asked = Emergency(stage, operation=operation, data_authorisation="同意删除五月前的日志。")
    stage.refused_opening("reboot", by="desk1", guard="emergency_of_its_class", **asked.fields)
    stage.open(
        "reboot", by="desk1", **asked.fields | {"emergency": False, "window_start": stage.at + timedelta(minutes=1)}
    )


def test_r7_9_no_contract_can_call_a_destroying_class_an_emergency(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="never done by the emergency way"):
        Stage(tmp_path, contract=contract_with(tmp_path, deletion={"emergency_allowed": True}))
