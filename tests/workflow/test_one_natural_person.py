"""Two accounts are found to be one person's after they acted or were named: persons are kept apart all the same (R7.2).

What is on record stays as it was written; every judgement after the finding reads it with what is known by then.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from auth.models import Person
from database import transaction
from tests.stage import Stage
from tests.workflow import change_story, drill_story, fault_story
from tests.workflow.reboot_story import Emergency, Operation

PAIRS = [("engineer1", "engineer2"), ("engineer2", "engineer1")]


def found_to_be_one(stage: Stage, account: str, first: str) -> None:
    """The security administrator puts on record that the account is another one of who holds the first."""
    with transaction(stage.engine) as session:
        session.get_one(Person, stage.accounts[account]).same_person_as = stage.accounts[first]


@pytest.mark.parametrize(("account", "first"), PAIRS)
def test_r7_2_operator_and_guardian_found_to_be_one_start_nothing(stage: Stage, account: str, first: str) -> None:
    operation = Operation(stage).ready()
    found_to_be_one(stage, account, first)
    operation.refused("start", "engineer1", guard="persons_apart", **operation.server)


@pytest.mark.parametrize(("account", "first"), PAIRS)
@pytest.mark.parametrize(
    ("done", "act", "by", "fields"),
    [(1, "confirm_step", "engineer2", {"step": 2}), (0, "do_step", "engineer1", {"step": 1, "observed": "正常"})],
)
def test_r7_2_found_to_be_one_while_it_runs_they_go_no_step_further(
    stage: Stage, account: str, first: str, done: int, act: str, by: str, fields: dict[str, Any]
) -> None:
    operation = Operation(stage).executing().steps(done)
    if act == "do_step":
        operation.do("confirm_step", "engineer2", step=1)
    found_to_be_one(stage, account, first)
    operation.refused(act, by, guard="persons_apart", **fields)
    operation.do("abort", "engineer1", doubt="操作人与监护人为同一人。", condition="not_known")


def test_r7_2_who_asked_and_who_consents_found_to_be_one(stage: Stage) -> None:
    operation = Operation(stage, channel="phone", subject=stage.person("staff1")).requested("desk1").sign().identify()
    found_to_be_one(stage, "staff1", "approver2")
    operation.refused("consent", "approver2", guard="by_a_second_person")


def test_r7_2_the_approver_who_was_called_found_to_be_who_asked(stage: Stage) -> None:
    operation = Emergency(stage).spoken().agree().prepare().guard()
    found_to_be_one(stage, "approver1", "staff1")
    operation.refused("start_emergency", "engineer1", guard="consented", **operation.server)


def test_r7_2_the_verifier_found_to_be_the_operator(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    found_to_be_one(stage, "engineer1", "desk1")
    operation.refused("call_back_again", "desk1", guard="caller_is_not_the_operator")


@pytest.mark.parametrize(("account", "first"), [("staff1", "staff2"), ("staff2", "staff1")])
def test_r7_2_who_asked_is_still_called_and_known_by_the_first_account(stage: Stage, account: str, first: str) -> None:
    operation = Operation(stage).signed()
    found_to_be_one(stage, account, first)
    assert operation.identify().consent().agree().prepare().guard().state == "prepared"


def test_r7_2_the_operator_goes_on_under_the_first_account(stage: Stage) -> None:
    operation = Operation(stage).ready()
    found_to_be_one(stage, "engineer1", "engineer3")
    assert operation.start().state == "executing"


def test_c9_5_who_asked_for_more_time_found_to_be_who_consented(stage: Stage) -> None:
    operation = Operation(stage).executing()
    new_end = operation.fields["window_end"] + timedelta(hours=1)
    operation.do("ask_extension", "staff2", new_end=new_end, reason="检查较慢。").do(
        "consent_to_extension", "approver2"
    )
    found_to_be_one(stage, "staff2", "approver2")
    operation.refused("grant_extension", "manager1", guard="extension_consented", window_end=new_end)


# --- faults and changes ----------------------------------------------------------------------------------------------


def test_c9_16_a_report_prepared_and_checked_by_one_is_not_submitted(stage: Stage) -> None:
    number = fault_story.at_state(stage, "check_report")
    found_to_be_one(stage, "engineer2", "engineer1")
    stage.refused(number, "submit_report", by="manager1", guard="done_apart:prepare_report+check_report")
    stage.do(number, "check_report", by="engineer3")
    stage.do(number, "submit_report", by="manager1")


@pytest.mark.parametrize(("account", "first"), PAIRS)
def test_r1_10_two_who_are_one_do_not_carry_a_removal_out(stage: Stage, account: str, first: str) -> None:
    number = certified(stage)
    found_to_be_one(stage, account, first)
    stage.refused(number, "attest_erasure", by="engineer2", guard="named_as_second_person", confirmed=True)


@pytest.mark.parametrize(("account", "first"), PAIRS)
def test_r1_10_what_one_person_attested_to_himself_is_not_handed_over(stage: Stage, account: str, first: str) -> None:
    number = certified(stage)
    stage.do(number, "attest_erasure", by="engineer2", confirmed=True)
    found_to_be_one(stage, account, first)
    outcome = stage.attempt(number, "hand_over", "engineer1", **change_story.HANDOVER)
    assert [one["guard"] for one in outcome.missing] == ["erasure_attested"]


def certified(stage: Stage) -> str:
    number = change_story.removing(stage)
    stage.do(number, "record_work", by="engineer1", **change_story.WORK)
    stage.do(number, "certify_erasure", by="engineer1", **change_story.erasure(stage))
    return number


# --- drills ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "first", "guard"),
    [
        ("staff1", "approver1", "done_apart:plan_drill+approve_drill"),
        ("engineer1", "manager1", "done_apart:precheck+confirm_precheck"),
        ("staff2", "approver2", "reviewed_by_another"),
    ],
)
def test_r2_2_what_one_person_did_twice_starts_no_drill(stage: Stage, account: str, first: str, guard: str) -> None:
    number = drill_story.at_state(stage, "approve_drill")
    drill_story.step(stage, number, "draft_scheme", "approver2")
    drill_story.go(stage, number, "confirm_precheck", since="arrange_support")
    found_to_be_one(stage, account, first)
    drill_story.reach_window(stage, number)
    drill_story.refused(stage, number, "declare_start", "approver1", guard)


def test_r2_6_who_carried_the_drill_out_does_not_assess_it_under_another_account(stage: Stage) -> None:
    number = drill_story.at_state(stage, "submit_status_report")
    found_to_be_one(stage, "engineer2", "manager2")
    drill_story.refused(stage, number, "assess", "manager2", "not_of_the_implementing_group")


def test_r2_7_the_owner_does_not_verify_under_another_account(stage: Stage) -> None:
    number = drill_story.at_state(stage, "summarise")
    for act, by in (("add_rectification", "staff1"), ("finish_rectification", "engineer3")):
        drill_story.step(stage, number, act, by)
    found_to_be_one(stage, "engineer3", "manager1")
    drill_story.refused(stage, number, "verify_rectification", "manager1", "by_another_than_its_owner")
    drill_story.step(stage, number, "verify_rectification", "staff2")
    drill_story.go(stage, number, "archive", since="keep_plan")


def test_r2_7_what_the_owner_verified_under_another_account_is_still_open(stage: Stage) -> None:
    number = drill_story.at_state(stage, "summarise")
    owned: tuple[tuple[str, str], ...] = (
        ("add_rectification", "staff1"), ("finish_rectification", "engineer3"), ("verify_rectification", "manager1"),
    )  # fmt: skip
    for act, by in owned:
        drill_story.step(stage, number, act, by)
    found_to_be_one(stage, "engineer3", "manager1")
    drill_story.step(stage, number, "keep_plan")
    drill_story.refused(stage, number, "archive", "approver1", "nothing_left_to_rectify")
    drill_story.step(stage, number, "verify_rectification", "staff2")
    drill_story.step(stage, number, "archive")
