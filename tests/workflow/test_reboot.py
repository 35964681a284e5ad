"""Reboot and other dangerous operations (C9.5): the whole way, every side exit, and the ends that nothing leads out of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow.reboot_story import FAILED, PROBE, RESULT, Emergency, Operation, contract_with
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


def test_c9_5_an_operation_goes_the_whole_way(stage: Stage) -> None:
    operation = Operation(stage).executed()
    operation.do("verify_result", "staff1", **PROBE).do("close", "manager1")
    view = operation.view
    assert (view.state, view.final) == ("closed", True)
    assert [event.dest for event in view.events if event.accepted and event.source != event.dest] == [
        "requested",
        "signed",
        "called_back",
        "identified",
        "consented",
        "agreed",
        "prepared",
        "executing",
        "executed",
        "verified",
        "closed",
    ]
    assert {paper.kind for paper in view.papers} == {
        "written_request",
        "consent",
        "risk_review",
        "operation_sheet",
        "operation_result",
    }
    signed = {(paper.kind, signature.meaning) for paper in view.papers for signature in paper.signatures}
    assert signed == {
        ("written_request", "sign_request"),
        ("consent", "consent"),
        ("risk_review", "agree"),
        ("operation_sheet", "stand_guard"),
        ("operation_sheet", "start"),
        ("operation_result", "finish"),
        ("operation_result", "verify_result"),
    }
    assert {name: timer.status for name, timer in view.deadlines.items()} == {"window": "met", "result": "met"}


def test_c9_5_every_act_cites_its_clause_and_every_start_names_its_proofs(stage: Stage) -> None:
    operation = Operation(stage).executing()
    start = operation.view.events[-1]
    assert start.clause == "C9.5"
    relied = {proof["guard"] for proof in start.proofs}
    assert {
        "in_writing",
        "identity_verified",
        "consented",
        "agreed_by_the_supplier",
        "inside_the_window",
        "right_server",
        "persons_apart",
        "guardian_stands_by",
        "identified",
    } <= relied


def test_c9_5_the_same_way_under_another_contract(stage_elsewhere: Stage) -> None:
    operation = Operation(stage_elsewhere).ready()
    operation.refused(
        "start", "engineer1", server_name="泊位计划服务器", server_id="ecs-bjzf-0217", guard="right_server"
    )
    stage_elsewhere.later(minutes=3)  # 22 minutes of validity there, of which the window took 20
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)
    operation.identify_again().start().steps().finish().do("verify_result", "staff1", **PROBE).do("close", "manager1")
    assert operation.state == "closed"


def test_c9_5_another_contract_allows_more_attempts(stage_elsewhere: Stage) -> None:
    operation = Operation(stage_elsewhere).called()
    for _ in range(4):
        operation.refused("verify_identity", "desk1", guard="code_right", code=operation.wrong_code())
    assert operation.answer().state == "identified"


def test_c9_5_a_request_by_phone_is_typed_by_the_desk_and_the_one_who_asked_is_called(stage: Stage) -> None:
    operation = Operation(stage, channel="phone", subject=stage.person("staff2")).requested(by="desk1")
    operation.sign("staff2").call("desk2").answer("desk2", of="staff2").consent("approver1")
    assert operation.state == "consented"
    assert operation.view.fields["subject"] == stage.person("staff2")


def test_c9_5_the_call_back_number_never_stands_in_the_ticket(stage: Stage) -> None:
    operation = Operation(stage).identified()
    assert "000-0000-0000" not in str([event.fields for event in operation.view.events])
    assert "number" not in " ".join(operation.view.fields)
    code = [event for event in operation.view.events if event.action == "verify_identity"][-1].fields
    assert "code" not in code


# --- the ends before the start ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", BEFORE_START)
def test_b13_the_supplier_may_refuse_with_a_reason_in_every_state_before_the_start(stage: Stage, state: str) -> None:
    operation = Operation(stage).at(state)
    operation.refused("refuse", "manager1", answer="invalid", reason_code="may_damage")
    operation.refused("refuse", "manager1", answer="invalid", reason_code="may_damage", reason=" ")
    operation.refused("refuse", "engineer1", answer="not_yours", reason_code="may_damage", reason="备份正在进行。")
    operation.do("refuse", "manager1", reason_code="may_damage", reason="备份正在进行。")
    assert (operation.state, operation.view.final) == ("refused", True)
    assert operation.view.deadlines["window"].status == "dropped"


@pytest.mark.parametrize(
    "code",
    ["not_normal_maintenance", "may_damage", "identity_failed", "not_in_writing", "freeze_period", "beyond_authority"],
)
def test_r7_8_each_ground_of_refusal_can_be_given(stage: Stage, code: str) -> None:
    assert Operation(stage).requested().do("refuse", "manager2", reason_code=code, reason="见附件。").state == "refused"


@pytest.mark.parametrize("state", BEFORE_START)
def test_b13_the_client_may_withdraw_until_the_start(stage: Stage, state: str) -> None:
    operation = Operation(stage).at(state)
    operation.refused("withdraw", "manager1", answer="not_yours", reason="不再需要。")
    assert operation.do("withdraw", "staff2", reason="补丁推迟。").state == "withdrawn"


def test_b13_after_the_start_nobody_refuses_or_withdraws(stage: Stage) -> None:
    operation = Operation(stage).executing()
    operation.refused("withdraw", "staff1", answer="not_now", reason="不再需要。")
    operation.refused("refuse", "manager1", answer="not_now", reason_code="may_damage", reason="有风险。")


@pytest.mark.parametrize("state", BEFORE_START)
def test_b14_the_window_passes_and_the_authorisation_is_void_never_executed(stage: Stage, state: str) -> None:
    operation = Operation(stage).at(state)
    closes = operation.fields["window_end"]
    stage.at = closes
    assert stage.strike() == 0  # exactly at the end is still in time
    stage.later(milliseconds=1)
    view = operation.view
    assert (view.state, view.final, view.events[-1].party) == ("expired", True, "desk")


@pytest.mark.parametrize("end", ["refused", "withdrawn", "expired", "aborted", "closed", "settled"])
def test_r7_11_nothing_leads_out_of_an_end_and_the_number_stays(stage: Stage, end: str) -> None:
    leaving = [a for a in stage.workflows["reboot"].actions_from(end) if a.dest is not None]
    assert leaving == []
    first, second = Operation(stage).requested(), Operation(stage).requested()
    first.do("withdraw", "staff1", reason="作废。")
    third = Operation(stage).requested()
    numbers = [int(one.number.rsplit("-", 1)[1]) for one in (first, second, third)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert first.view.fields["server_id"] == "ecs-bjzf-0217"


# --- while it runs ----------------------------------------------------------------------------------------------------


def test_r7_6_steps_are_called_and_done_in_their_order_by_two_persons(stage: Stage) -> None:
    operation = Operation(stage).executing()
    operation.refused("do_step", "engineer1", guard="next_to_do", step=1, observed="正常")
    operation.refused("confirm_step", "engineer1", guard="by_the_guardian", step=1)
    operation.refused("confirm_step", "engineer2", guard="next_to_call", step=2)
    operation.do("confirm_step", "engineer2", step=1)
    operation.refused("confirm_step", "engineer2", guard="next_to_call", step=2)
    operation.refused("do_step", "engineer2", guard="by_the_operator", step=1, observed="正常")
    operation.refused("do_step", "engineer1", guard="next_to_do", step=2, observed="正常")
    operation.do("do_step", "engineer1", step=1, observed="正常")
    operation.refused("do_step", "engineer1", guard="next_to_do", step=1, observed="正常")
    operation.refused("finish", "engineer1", guard="all_steps_done", **RESULT)
    for number in (2, 3):
        operation.do("confirm_step", "engineer2", step=number).do("do_step", "engineer1", step=number, observed="正常")
    operation.refused("confirm_step", "engineer2", guard="next_to_call", step=4)
    operation.refused("finish", "engineer2", guard="by_the_operator", **RESULT)
    assert operation.finish(result="failed").state == "executed"


@pytest.mark.parametrize("by", ["engineer1", "engineer2", "manager1", "staff2", "approver1"])
def test_r7_6_whoever_takes_part_stops_it_in_doubt(stage: Stage, by: str) -> None:
    operation = Operation(stage).executing().do("confirm_step", "engineer2", step=1)
    operation.refused("abort", "engineer3", guard="takes_part", doubt="编号不符。", condition="unchanged")
    operation.refused("abort", "manager2", guard="takes_part", doubt="编号不符。", condition="unchanged")
    operation.refused("abort", by, answer="invalid", condition="unchanged")
    operation.do("abort", by, doubt="编号不符。", condition="unchanged")
    assert (operation.state, operation.view.final) == ("aborted", True)


def test_r7_6_what_was_stopped_goes_on_only_by_a_new_request_that_names_it(stage: Stage) -> None:
    stopped = Operation(stage).executing().do("abort", "engineer1", doubt="编号不符。", condition="not_known")
    for action, by, fields in (
        ("amend", "staff1", stopped.fields),
        ("do_step", "engineer1", {"step": 1, "observed": "正常"}),
        ("start", "engineer1", stopped.server),
        ("finish", "engineer1", RESULT),
    ):
        stopped.refused(action, by, answer="not_now", **fields)
    again = Operation(stage, follows=stopped.number).requested()
    assert again.view.fields["follows"] == stopped.number


def test_r7_6_a_running_operation_is_not_edited(stage: Stage) -> None:
    operation = Operation(stage).executing()
    operation.refused("amend", "staff1", answer="not_now", **operation.fields | {"server_id": "ecs-bjzf-0218"})
    operation.refused("prepare", "engineer1", answer="not_now", **operation.sheet())


# --- more time --------------------------------------------------------------------------------------------------------


def more_time(operation: Operation, hours: float = 1) -> dict[str, Any]:
    return {"new_end": operation.fields["window_end"] + timedelta(hours=hours), "reason": "文件系统检查用时较长。"}


def test_r7_10_the_window_is_extended_by_both_and_only_when_asked_early(stage: Stage) -> None:
    operation = Operation(stage).executing()
    new_end = more_time(operation)["new_end"]
    operation.refused("ask_extension", "engineer3", guard="takes_part", **more_time(operation))
    operation.refused("ask_extension", "engineer1", guard="new_end_possible", **more_time(operation, hours=0))
    operation.refused("ask_extension", "engineer1", guard="new_end_possible", **more_time(operation, hours=4.01))
    operation.refused("consent_to_extension", "approver2", guard="extension_pending")
    stage.at = operation.fields["window_end"] - timedelta(hours=2)
    operation.do("ask_extension", "engineer1", **more_time(operation))
    operation.refused("grant_extension", "manager1", guard="extension_consented", window_end=new_end)
    operation.refused("consent_to_extension", "approver1", guard="by_a_second_person")  # who signed the application
    operation.do("consent_to_extension", "approver2")
    operation.refused("consent_to_extension", "approver2", guard="extension_pending")
    operation.refused(
        "grant_extension", "manager1", guard="new_end_as_asked", window_end=new_end + timedelta(minutes=1)
    )
    operation.do("grant_extension", "manager1", window_end=new_end)
    operation.refused("grant_extension", "manager1", guard="extension_consented", window_end=new_end)
    stage.at = new_end
    assert stage.strike() == 0
    assert operation.steps().finish().state == "executed"


def test_r7_10_one_millisecond_too_late_to_ask(stage: Stage) -> None:
    operation = Operation(stage).executing()
    stage.at = operation.fields["window_end"] - timedelta(hours=2) + timedelta(milliseconds=1)
    operation.refused("ask_extension", "engineer1", guard="asked_in_time", **more_time(operation))


def test_r7_10_who_asked_for_more_time_does_not_consent_to_it(stage: Stage) -> None:
    operation = Operation(stage).executing().do("ask_extension", "approver2", **more_time(Operation(stage)))
    operation.refused("consent_to_extension", "approver2", guard="by_another_than:ask_extension")


def test_r7_10_a_consent_to_more_time_falls_with_its_mandate_and_with_a_new_question(stage: Stage) -> None:
    operation = Operation(stage).executing()
    operation.do("ask_extension", "engineer1", **more_time(operation)).do("consent_to_extension", "approver2")
    operation.do("ask_extension", "engineer1", **more_time(operation, hours=2))
    operation.refused(
        "grant_extension", "manager1", guard="extension_consented", window_end=more_time(operation, 2)["new_end"]
    )
    operation.do("consent_to_extension", "approver2")
    stage.end_mandate("approver2")
    operation.refused(
        "grant_extension", "manager1", guard="extension_consented", window_end=more_time(operation, 2)["new_end"]
    )


def test_r7_10_the_operator_does_not_grant_more_time_to_himself(stage: Stage) -> None:
    too = stage.second_account("engineer1", "supplier.manager")
    operation = Operation(stage).executing()
    operation.do("ask_extension", "engineer1", **more_time(operation)).do("consent_to_extension", "approver2")
    operation.refused("grant_extension", too, guard="not_by_the_operator", window_end=more_time(operation)["new_end"])


def test_r7_10_more_time_needs_a_mandate_for_this_operation(stage: Stage) -> None:
    operation = Operation(stage).executing().do("ask_extension", "engineer1", **more_time(Operation(stage)))
    stage.change_mandate("approver2", scope={"operations": ["shutdown"]})
    operation.refused("consent_to_extension", "approver2", guard="within_mandate")


# --- outcome unknown --------------------------------------------------------------------------------------------------


def test_b16_no_result_by_the_end_of_the_window_is_an_unknown_outcome(stage: Stage) -> None:
    operation = Operation(stage).executing()
    stage.at = operation.fields["window_end"]
    assert stage.strike() == 0
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
    assert operation.view.events[-1].action == "abort"  # exactly at the due instant
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
