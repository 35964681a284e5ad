"""Reboot and other dangerous operations (C9.5): the whole way, every side exit, and the ends that nothing leads out of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow.fault_story import REPORT
from tests.workflow.reboot_story import FAULTY, PROBE, RESULT, Operation

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
    limits = {name: timer.status for name, timer in view.deadlines.items() if "_call_" not in name}
    assert limits == {"window": "met", "result": "met"}


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
    stage.strike()  # Somebody may have been called meanwhile.
    assert not operation.view.final  # exactly at the end is still in time
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
    assert operation.finish(**FAULTY, system="办案系统").state == "executed"


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


def test_r7_7_what_a_request_goes_on_from_is_chosen_and_ended_without_being_done(stage: Stage) -> None:
    running, done = Operation(stage).executing(), Operation(stage).executed().do("verify_result", "staff1", **PROBE)
    done.do("close", "manager1")
    fault = stage.open("fault", by="staff1", **REPORT)
    for number, guard in (
        ("BJ26-R-2026-9999", "on_the_list"),
        ("上周那张单子", "on_the_list"),
        (running.number, "on_the_list"),
        (fault, "on_the_list"),
        (done.number, "takes_up_what_was_not_done"),
    ):
        stage.refused_opening("reboot", by="staff1", guard=guard, **Operation(stage, follows=number).fields)
    running.do("abort", "engineer1", doubt="编号不符。", condition="unchanged")
    again = Operation(stage, follows=running.number).requested()
    again.refused("amend", "staff1", guard="on_the_list", **again.fields | {"follows": again.number})


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
    stage.strike()
    assert operation.view.deadlines["result"].status == "running"
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
