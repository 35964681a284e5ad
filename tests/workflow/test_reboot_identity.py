"""Attacks on the identity check of a dangerous operation (C9.5): B1, and the locks of R7.4."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from database import reading
from tests.stage import Stage
from tests.workflow.reboot_story import Operation
from tickets.models import Message

MOMENT = timedelta(milliseconds=1)

# --- B1: never without identity, verified by the supplier and still valid ----------------------------------------------


def test_b1_signing_in_is_no_identity_check(stage: Stage) -> None:
    operation = Operation(stage).signed()
    stage.prove(operation.number, "staff1")
    operation.refused("consent", "approver2", answer="not_now")
    operation.refused("start", "engineer1", answer="not_now", **operation.server)


def test_b1_an_identity_check_is_good_to_the_last_instant_and_expired_one_second_later(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    verified_at = next(e.at for e in operation.view.events if e.action == "verify_identity")
    stage.at = verified_at + timedelta(minutes=30, seconds=1)
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)
    stage.at = verified_at + timedelta(minutes=30) + MOMENT
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)
    stage.at = verified_at + timedelta(minutes=30)
    assert operation.start().state == "executing"


def test_b1_an_expired_check_is_renewed_by_another_call(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    stage.later(hours=2)
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)
    assert operation.identify_again("desk2").start().state == "executing"


def test_b1_a_check_of_another_request_is_worthless(stage: Stage) -> None:
    other = Operation(stage).called()
    codes = {stage.code_shown(Operation(stage).called().number, to="staff1") for _ in range(5)}
    code = (codes - {stage.code_shown(other.number, to="staff1")}).pop()  # Chance may make two alike, never all.
    other.refused("verify_identity", "desk1", guard="code_right", code=code)


def test_b1_a_check_of_another_person_is_worthless(stage: Stage) -> None:
    operation = Operation(stage).signed()
    operation.do("amend", "staff2", **operation.fields).sign().call()
    assert operation.view.fields["subject"] == stage.person("staff2")
    with pytest.raises(AssertionError, match="no challenge is open"):
        stage.code_shown(operation.number, to="staff1")
    assert operation.answer(of="staff2").state == "identified"


def test_b1_a_challenge_answers_once_and_a_replaced_one_never(stage: Stage) -> None:
    operation = Operation(stage).called()
    first = stage.code_shown(operation.number, to="staff1")
    operation.call("desk1")
    second = stage.code_shown(operation.number, to="staff1")
    if first != second:
        operation.refused("verify_identity", "desk1", guard="code_right", code=first)
    operation.answer()
    operation.refused("verify_identity", "desk1", answer="not_now", code=second)
    operation.consent()
    operation.refused("verify_identity_again", "desk1", guard="challenge_open", code=second)


def test_b1_a_code_is_good_to_the_last_instant_of_its_validity(stage: Stage) -> None:
    operation = Operation(stage).called()
    code = stage.code_shown(operation.number, to="staff1")
    stage.later(minutes=10, milliseconds=1)
    operation.refused("verify_identity", "desk1", guard="challenge_open", code=code)
    stage.at -= MOMENT
    assert operation.do("verify_identity", "desk1", code=code).state == "identified"


def test_r7_4_three_wrong_answers_lock_and_alarm_both_sides_whatever_is_remarked_between(stage: Stage) -> None:
    operation = Operation(stage).called()
    for n in range(3):
        operation.refused("verify_identity", "desk1", guard="code_right", code=operation.wrong_code())
        operation.do("remark", "desk1", text=f"第 {n + 1} 次未核对上。")
    with reading(stage.engine) as session:
        alarmed = {m.party for m in session.scalars(select(Message).where(Message.urgent))}
    assert {"client", "supplier"} <= alarmed
    code = stage.code_shown(operation.number, to="staff1")
    operation.refused("verify_identity", "desk1", guard="not_locked_out", code=code)
    operation.refused("call_back", "desk1", guard="not_locked_out")
    operation.refused("call_back", "desk2", guard="not_locked_out")
    operation.refused("amend", "staff1", guard="not_locked_out", **operation.fields)
    operation.do("declare_identity_failed", "manager1", reason="三次口令不符。")
    operation.refused("call_back", "desk1", guard="by_another_caller")
    operation.refused("amend", "staff1", answer="not_now", **operation.fields)
    assert operation.identify("desk2").state == "identified"


def test_r7_4_a_new_number_cannot_be_called_for_a_day(stage: Stage) -> None:
    operation = Operation(stage).signed()
    stage.change_mandate("staff1", callback_since=stage.at - timedelta(hours=24) + MOMENT)
    operation.refused("call_back", "desk1", guard="number_on_the_list")
    stage.at += MOMENT
    assert operation.call().state == "called_back"


def test_r7_4_without_a_number_on_the_list_nobody_is_called(stage: Stage) -> None:
    stage.hire("staff3", "client.staff", number=False)
    operation = Operation(stage).requested(by="staff3").sign()
    operation.refused("call_back", "desk1", guard="number_on_the_list")


def test_b1_a_failed_check_voids_an_earlier_one(stage: Stage) -> None:
    operation = Operation(stage).prepared().call("desk1", "call_back_again")
    operation.refused(
        "start", "engineer1", guard="identity_verified", **operation.server
    )  # the newest call is unanswered
    operation.do("declare_identity_failed", "desk1", reason="接听人不是本人。")
    operation.refused("start", "engineer1", answer="not_now", **operation.server)
    operation.identify("desk2").consent().agree().prepare().guard()
    stage.later(minutes=20)
    assert operation.start().state == "executing"


def test_b1_the_check_falls_when_its_verifier_leaves(stage: Stage) -> None:
    operation = Operation(stage).ready()
    stage.end_mandate("desk1")
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)
