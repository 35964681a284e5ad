"""A drill while it runs (C9.15): what is recorded, what is dangerous, what is real, and who may stop it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import CAST, Stage
from tests.workflow.drill_story import CAUSE, REAL_FAULT, at_state, fields, go, planned, refused, step
from tests.workflow.reboot_story import Operation


def running(stage: Stage, **changes: Any) -> str:
    return at_state(stage, "declare_start", **changes)


def papers(stage: Stage, number: str, kind: str) -> list[Any]:
    return [paper for paper in stage.ticket(number).papers if paper.kind == kind]


def test_c9_15_the_record_holds_what_happened_and_who_ended_it(stage: Stage) -> None:
    number = running(stage)
    step(stage, number, "record_entry", "engineer1", step=1, what="主库停止")
    stage.later(minutes=5)
    step(stage, number, "record_entry", "staff2", what="备库提升", kept_by="photograph")
    stage.later(minutes=5)
    step(stage, number, "declare_end")
    (record,) = papers(stage, number, "drill_record")
    assert [entry["what"] for entry in record.fields["entries"]] == ["主库停止", "备库提升"]
    assert record.fields["declared_by"] == "manager1（演员）"
    assert record.fields["started_at"] < record.fields["ended_at"]


def test_c9_15_entries_lie_within_the_drill(stage: Stage) -> None:
    number = running(stage)
    begun = stage.at
    stage.later(minutes=10, seconds=30)
    for when in (begun - timedelta(minutes=1), stage.at + timedelta(milliseconds=1)):
        refused(stage, number, "record_entry", "engineer1", "while_the_drill_ran", happened_at=when)
        refused(stage, number, "report_incident", "engineer1", "while_the_drill_ran", happened_at=when)
    step(stage, number, "record_entry", happened_at=begun)
    step(stage, number, "record_entry", happened_at=stage.at)


def test_c9_15_people_state_the_minute_and_the_desk_knows_the_second(stage: Stage) -> None:
    number = at_state(stage, "confirm_precheck")
    stage.later(days=2, seconds=20)
    step(stage, number, "declare_start")
    stage.later(minutes=1)
    step(stage, number, "record_entry", happened_at=stage.at.replace(second=0) - timedelta(minutes=1))
    refused(
        stage, number, "record_entry", "engineer1", "while_the_drill_ran",
        happened_at=stage.at.replace(second=0) - timedelta(minutes=1, milliseconds=1),
    )  # fmt: skip


def test_c9_15_several_people_record_at_once_without_standing_in_each_others_way(stage: Stage) -> None:
    number = running(stage)
    seen = stage.ticket(number).version
    step(stage, number, "record_entry", "engineer1")
    outcome = stage.attempt(number, "record_entry", "staff1", version=seen, **fields(stage, "record_entry"))
    assert outcome.accepted


def test_r2_12_event_reports_are_numbered_issued_and_kept_as_they_were(stage: Stage) -> None:
    number = running(stage)
    stage.refused(number, "report_incident", by="engineer2", guard="identified", factor=False,
                  **fields(stage, "report_incident"))  # fmt: skip
    step(stage, number, "report_incident", "engineer1")
    step(stage, number, "report_incident", "manager1", course="已恢复")
    first, second = papers(stage, number, "drill_incident_report")
    assert [(p.fields["ordinal"], p.fields["issued_by"]) for p in (first, second)] == [
        (1, "engineer1（演员）"), (2, "manager1（演员）")
    ]  # fmt: skip
    assert first.fields["course"] == "断电"
    assert [s.person for s in first.signatures] == [stage.person("engineer1")]


# --- ending ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["declare_end", "terminate_early"])
def test_r2_4_only_the_command_group_ends_a_drill(stage: Stage, action: str) -> None:
    number = running(stage)
    given = CAUSE if action == "terminate_early" else {}
    for outsider in ("approver2", "engineer1", "desk1"):
        refused(stage, number, action, outsider, "in_the_command_group", **given)
    refused(stage, number, action, "reviewer1", None, **given)
    step(stage, number, action, "approver1", **given)
    assert stage.ticket(number).state == ("ended" if action == "declare_end" else "terminated_early")


NO_HAND_IN_IT = ("supervisor.reviewer", "supplier.relations")


@pytest.mark.parametrize("who", [who for who, role in CAST.items() if role not in NO_HAND_IN_IT])
def test_d5_anybody_of_either_party_stops_it_at_any_moment(stage: Stage, who: str) -> None:
    number = running(stage)
    stage.refused(number, "stop_drill", by=who, result="invalid", cause="")
    stage.do(number, "stop_drill", by=who, factor=False, **CAUSE)
    view = stage.ticket(number)
    assert view.state == "terminated_early"
    assert view.deadlines["status_report"].status == "running"
    assert papers(stage, number, "drill_record")[-1].fields["cause"] == CAUSE["cause"]


@pytest.mark.parametrize("who", [who for who, role in CAST.items() if role in NO_HAND_IN_IT])
def test_d5_who_has_no_hand_in_it_stops_nothing(stage: Stage, who: str) -> None:
    stage.refused(running(stage), "stop_drill", by=who, result="not_yours", **CAUSE)


def test_r2_4_after_the_end_there_are_only_late_entries_marked_as_such(stage: Stage) -> None:
    number = running(stage)
    happened = stage.at + timedelta(minutes=3)
    stage.later(minutes=10)
    refused(stage, number, "add_late_record", "engineer1")
    step(stage, number, "declare_end")
    ended = stage.at
    refused(stage, number, "record_entry", "engineer1")
    refused(stage, number, "report_incident", "engineer1")
    stage.later(hours=2)
    for when in (ended + timedelta(minutes=1), ended - timedelta(hours=1)):
        refused(stage, number, "add_late_record", "engineer1", "while_the_drill_ran", happened_at=when)
    stage.refused(number, "add_late_record", by="engineer1", result="invalid",
                  **{**fields(stage, "add_late_record"), "reason": ""})  # fmt: skip
    event = step(stage, number, "add_late_record", "engineer1", happened_at=happened)
    record = papers(stage, number, "drill_record")[-1]
    assert record.version == 2
    late = record.fields["entries"][-1]
    assert late["is_late"] is True
    assert late["entered_at"] == event.at.isoformat()
    assert late["happened_at"] == happened.isoformat()
    assert late["reason"] == "手写记录"


def test_r2_4_late_entries_add_up_until_the_drill_is_archived(stage: Stage) -> None:
    number = at_state(stage, "declare_end")
    ended = stage.at
    step(stage, number, "add_late_record", "engineer1", happened_at=ended)
    go(stage, number, "keep_plan", since="restore_systems")
    step(stage, number, "add_late_record", "staff1", happened_at=ended)
    entries = papers(stage, number, "drill_record")[-1].fields["entries"]
    assert [bool(entry.get("is_late")) for entry in entries] == [False, True, True]
    go(stage, number, "archive", since="archive")
    refused(stage, number, "add_late_record", "engineer1", None, happened_at=ended)


def test_c9_15_it_is_noted_when_a_drill_runs_on(stage: Stage) -> None:
    number = running(stage)
    stage.later(hours=3)
    assert stage.ticket(number).deadlines["planned_end"].status == "running"
    stage.later(milliseconds=1)
    view = stage.ticket(number)
    assert view.deadlines["planned_end"].status == "missed"
    assert (view.state, view.events[-1].action) == ("running", "note_overrun")
    step(stage, number, "declare_end")


# --- a real fault ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", ["declare_start", "declare_end"])
def test_r2_10_a_real_fault_gets_its_own_ticket_and_limits_from_its_own_report(stage: Stage, until: str) -> None:
    number = at_state(stage, until)
    stage.later(minutes=7)
    stage.do(number, "report_real_fault", by="staff1", **REAL_FAULT)
    view = stage.ticket(number)
    (link,) = view.links
    assert (link.kind, link.relation) == ("fault", "found_in_drill")
    fault = stage.ticket(link.number)
    assert fault.deadlines["response"].started_at == stage.at
    prompted = any("stop the drill now" in words for words in view.notices)
    assert prompted == (until == "declare_start")


def test_r2_10_a_prompt_ends_with_the_drill(stage: Stage) -> None:
    number = running(stage)
    stage.do(number, "report_real_fault", by="staff1", **REAL_FAULT)
    step(stage, number, "terminate_early", "manager1", **CAUSE)
    assert not any("stop the drill now" in words for words in stage.ticket(number).notices)


def prompted(stage: Stage, number: str) -> list[str]:
    return [words for words in stage.ticket(number).notices if "on a system under drill" in words]


@pytest.mark.parametrize(("action", "who"), [("terminate_early", "manager1"), ("stop_drill", "desk1")])
@pytest.mark.parametrize("named", [True, False])
def test_r2_10_a_fault_reported_by_itself_prompts_the_drill_to_end_and_is_linked(
    stage: Stage, action: str, who: str, named: bool
) -> None:
    number = running(stage)
    stage.later(minutes=7)
    fault = stage.open("fault", by="staff2", **REAL_FAULT)
    assert [fault in words for words in prompted(stage, number)] == [True]
    begun = stage.at
    stage.later(minutes=2)
    stage.do(number, action, by=who, **CAUSE, **({"fault": fault} if named else {}))
    (link,) = stage.ticket(number).links
    assert (link.number, link.relation) == (fault, "found_in_drill")
    assert stage.ticket(fault).deadlines["response"].started_at == begun
    assert not prompted(stage, number)


def test_r2_10_what_is_no_fault_of_a_drilled_system_prompts_nothing_and_is_not_linked(stage: Stage) -> None:
    before = stage.open("fault", by="staff1", **REAL_FAULT)
    number = running(stage)
    other = stage.open("fault", by="staff1", **REAL_FAULT | {"system": "门户网站"})
    mistaken = stage.open("fault", by="staff1", **REAL_FAULT)
    stage.do(mistaken, "withdraw", by="staff1", reason="误报。")
    assert not prompted(stage, number)
    for one in (mistaken, "BJ26-F-2026-9999", number):
        stage.refused(number, "stop_drill", by="desk1", guard="on_the_list", fault=one, **CAUSE)
    stage.do(number, "stop_drill", by="desk1", **CAUSE)
    assert not {link.number for link in stage.ticket(number).links} & {before, other, mistaken}


def test_r2_10_a_fault_reported_from_the_drill_is_linked_once(stage: Stage) -> None:
    number = running(stage)
    stage.do(number, "report_real_fault", by="staff1", **REAL_FAULT)
    assert not prompted(stage, number)
    (link,) = stage.ticket(number).links
    stage.do(number, "stop_drill", by="desk1", fault=link.number, **CAUSE)
    assert [one.number for one in stage.ticket(number).links] == [link.number]


def test_r2_10_what_a_fault_report_asks_for_is_asked_here_too(stage: Stage) -> None:
    number = running(stage)
    faults = {**REAL_FAULT, "channel": "phone", "caller": "周晓彤"}
    refused(stage, number, "report_real_fault", "desk1", "channel_is_stated", **REAL_FAULT)
    ahead = stage.at + timedelta(minutes=1)
    refused(stage, number, "report_real_fault", "desk1", "times_are_possible", **faults, received_at=ahead)
    long_ago = stage.at - timedelta(days=30)
    refused(stage, number, "report_real_fault", "desk1", "entered_in_time", **faults, received_at=long_ago)
    refused(stage, number, "report_real_fault", "manager1", None, **REAL_FAULT)
    assert not stage.ticket(number).links
    stage.do(number, "report_real_fault", by="desk1", **faults, received_at=stage.at)


def test_r2_10_a_fault_can_be_reported_from_a_drill_by_whoever_can_report_one_and_as_strictly(stage: Stage) -> None:
    own = stage.workflows["fault"].opening
    here = stage.workflows["drill"].actions["report_real_fault"]
    assert (set(own.by), set(own.guards), own.form) == (set(here.by), set(here.guards), here.form)


def test_c2_1_no_fault_is_reported_from_a_drill_after_the_term(stage: Stage) -> None:
    stage.at = stage.contract.term_end - timedelta(days=2, hours=1)
    number = running(stage)
    stage.later(hours=2)
    refused(stage, number, "report_real_fault", "staff1", "within_the_term", **REAL_FAULT)


# --- dangerous operations --------------------------------------------------------------------------------------


def dangerous(stage: Stage, until: str = "confirm_precheck") -> tuple[str, Operation]:
    """A hands-on drill whose second step is a reboot, and an operation ticket prepared for it."""
    number = planned(stage, drill_form="hands_on")
    go(stage, number, "add_step")
    step(stage, number, "add_step", step=2, operation="reboot", scene="重启")
    stage.upload(number, "drill_backup_evidence", by="engineer1")
    go(stage, number, until, since="write_script")
    opens = stage.at + timedelta(days=2)
    operation = Operation(stage, window_start=opens, window_end=opens + timedelta(hours=3)).requested()
    return number, operation


def bring_on(operation: Operation) -> None:
    """The operation's own road to the point where it may start."""
    operation.sign().identify().consent().agree().prepare().guard()


def test_r2_11_a_dangerous_step_needs_its_own_operation_ticket_before_the_start(stage: Stage) -> None:
    number, operation = dangerous(stage)
    stage.later(days=2)
    refused(stage, number, "declare_start", "approver1", "dangerous_steps_have_tickets")
    stage.do(number, "link_operation", by="engineer1", step=2, operation_ticket=operation.number)
    assert [(link.number, link.relation) for link in stage.ticket(number).links] == [
        (operation.number, "operation_in_drill")
    ]
    step(stage, number, "declare_start")


def test_r2_11_a_withdrawn_operation_ticket_carries_no_step(stage: Stage) -> None:
    number, operation = dangerous(stage)
    stage.do(number, "link_operation", by="engineer1", step=2, operation_ticket=operation.number)
    operation.do("withdraw", "staff1", reason="不再需要")
    stage.later(days=2)
    refused(stage, number, "declare_start", "approver1", "dangerous_steps_have_tickets")


def test_r2_11_only_tickets_for_operations_that_exist_and_are_open_are_bound(stage: Stage) -> None:
    number, operation = dangerous(stage)
    other = planned(stage)
    operation.do("withdraw", "staff1", reason="不再需要")
    for ticket in (other, "BJ26-R-2026-9999", operation.number):
        stage.refused(number, "link_operation", by="engineer1", guard="on_the_list", step=2, operation_ticket=ticket)
    assert not stage.ticket(number).links


def test_r2_11_one_ticket_for_one_dangerous_step(stage: Stage) -> None:
    number, operation = dangerous(stage, "add_step")
    step(stage, number, "add_step", step=3, operation="reboot", scene="再重启")
    ticket = operation.number
    stage.refused(number, "link_operation", by="engineer1", guard="step_is_dangerous", step=1, operation_ticket=ticket)
    stage.do(number, "link_operation", by="engineer1", step=2, operation_ticket=ticket)
    stage.refused(
        number, "link_operation", by="engineer1", guard="one_ticket_for_one_step", step=3, operation_ticket=ticket
    )


def test_d2_no_dangerous_step_outside_its_operation_ticket(stage: Stage) -> None:
    number, operation = dangerous(stage)
    bring_on(operation)
    stage.do(number, "link_operation", by="engineer1", step=2, operation_ticket=operation.number)
    step(stage, number, "declare_start")
    ticket = operation.number
    refused(stage, number, "record_entry", "engineer1", "done_under_its_own_ticket", step=2)
    refused(stage, number, "record_entry", "engineer1", "done_under_its_own_ticket", step=2, operation_ticket=ticket)
    bring_up(operation)
    step(stage, number, "record_entry", "engineer1", step=2, operation_ticket=ticket)


def bring_up(operation: Operation) -> None:
    """Two days on, the identity check has run out; it is made again, and the operation started."""
    operation.identify_again().start()


def test_d2_an_unscripted_dangerous_act_needs_a_ticket_too(stage: Stage) -> None:
    number = running(stage)
    refused(stage, number, "record_entry", "engineer1", "done_under_its_own_ticket", dangerous=True)
    outcome = refused(stage, number, "record_entry", "engineer1", None, dangerous=True, operation_ticket="R-1")
    assert outcome.missing[0]["guard"] == "on_the_list"


def test_d2_another_steps_ticket_does_not_serve(stage: Stage) -> None:
    number, operation = dangerous(stage, "add_step")
    step(stage, number, "add_step", step=3, operation="reboot", scene="再重启")
    go(stage, number, "confirm_precheck", since="write_script")
    opens = stage.at + timedelta(days=2)
    second = Operation(stage, window_start=opens, window_end=opens + timedelta(hours=3)).requested()
    stage.do(number, "link_operation", by="engineer1", step=2, operation_ticket=operation.number)
    stage.do(number, "link_operation", by="engineer1", step=3, operation_ticket=second.number)
    bring_on(operation)
    step(stage, number, "declare_start")
    bring_up(operation)
    refused(
        stage,
        number,
        "record_entry",
        "engineer1",
        "done_under_its_own_ticket",
        step=3,
        operation_ticket=operation.number,
    )


def test_r2_11_the_states_of_a_begun_operation_are_states_of_operations(stage: Stage) -> None:
    from workflow.drill.record import STARTED_OPERATION

    states = stage.workflows["reboot"].states
    assert set(STARTED_OPERATION) <= set(states)
    before = {"requested", "signed", "called_back", "identified", "consented", "agreed", "prepared"}
    never = {"refused", "withdrawn", "expired", "aborted", "identity_failed"}
    assert not set(STARTED_OPERATION) & (before | never)
