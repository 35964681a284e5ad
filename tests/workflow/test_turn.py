"""Whose turn it is: those who can lead on, not those who can only say no."""

from __future__ import annotations

import pytest

import workflow
from tests.desk import visit
from tests.stage import Stage
from tests.workflow.fault_story import at_state
from workflow.attempt import MandateFact
from workflow.declare import PARTIES, ROLES
from workflow.turn import coming, roles_to_act

DECLARED = {**workflow.discover(), "visit": visit.workflow}


def test_who_leads_on_is_named_and_who_can_only_refuse_is_not() -> None:
    assert [role.name for role in roles_to_act(DECLARED["reboot"], "signed", "supplier")] == ["supplier.desk"]
    assert [role.name for role in roles_to_act(DECLARED["drill"], "planned", "client")] == ["client.approver"]
    assert [role.name for role in roles_to_act(DECLARED["visit"], "inside", "supplier")] == ["supplier.engineer"]
    assert roles_to_act(DECLARED["visit"], "inside", "client") == ()


@pytest.mark.parametrize(
    ("kind", "state", "role", "steps"),
    [
        # Before there is an operation sheet, an engineer is told of writing it, and what the start would lack.
        ("reboot", "requested", "supplier.engineer", ["prepare", "start", "start_emergency"]),
        ("reboot", "agreed", "supplier.engineer", ["stand_guard", "start", "start_emergency"]),
        ("reboot", "prepared", "supplier.engineer", ["confirm_step", "do_step", "finish", "ask_extension"]),
        ("reboot", "executed", "supplier.engineer", []),
        ("reboot", "called_back", "client.approver", ["consent"]),
        ("reboot", "called_back", "client.staff", ["verify_result"]),
        ("reboot", "executing", "supplier.manager", ["close"]),
        ("fault", "reported", "supplier.engineer", ["respond"]),
        ("fault", "reported", "client.staff", ["confirm"]),
        ("fault", "reported", "supervisor.reviewer", ["approve_report", "return_report"]),
        ("drill", "scheme_submitted", "supplier.engineer", ["precheck", "submit_status_report"]),
        ("change", "returned", "supplier.desk", ["return_material", "accept"]),
        ("change", "submitted", "supplier.engineer", ["advise", "begin"]),
        ("change", "cooling_off", "supplier.engineer", ["begin"]),
        ("change", "accepted", "client.approver", ["revalidate", "approve_plan"]),
    ],
)
def test_later_steps_are_those_of_the_next_turn_and_what_binds_after_it(
    kind: str, state: str, role: str, steps: list[str]
) -> None:
    held = [MandateFact(1, 1, 1, "监理", ROLES["supervisor.reviewer"])]
    assert [action.name for action in coming(DECLARED[kind], state, [ROLES[role]], held)] == steps


def test_where_nobody_supervises_the_review_is_the_client_s_next_turn() -> None:
    steps = coming(DECLARED["fault"], "reported", [ROLES["client.staff"]], ())
    assert [action.name for action in steps] == ["approve_report", "return_report"]


def test_c9_12_without_a_supervisor_the_client_is_awaited_and_owes_the_review(stage: Stage) -> None:
    supervised = stage.ticket(at_state(stage, "submit_report"))
    assert (supervised.awaits, supervised.deadlines["review"].party) == ("supervisor", "supervisor")
    stage.end_mandate("reviewer1")
    left_alone = stage.ticket(at_state(stage, "submit_report"))
    assert (left_alone.awaits, left_alone.deadlines["review"].party) == ("client", "client")
    assert [role.party.name for role in roles_to_act(DECLARED["fault"], left_alone.state, "client")] == ["client"] * 2


def test_c9_12_whose_turn_it_is_follows_the_mandates_at_the_next_act(stage: Stage) -> None:
    number = at_state(stage, "submit_report")
    stage.end_mandate("reviewer1")
    stage.do(number, "remark", by="staff1", text="监理人员已调离。")
    assert stage.ticket(number).awaits == "client"


@pytest.mark.parametrize("kind", DECLARED)
def test_where_a_party_is_awaited_somebody_of_it_can_act(kind: str) -> None:
    for state in DECLARED[kind].states.values():
        if not state.final and state.awaits is not None and state.awaits.name in PARTIES:
            assert roles_to_act(DECLARED[kind], state.name, state.awaits.name), state.name
        if state.or_else is not None:
            assert roles_to_act(DECLARED[kind], state.name, state.or_else.name), state.name
