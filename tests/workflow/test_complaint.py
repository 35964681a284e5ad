"""Complaints and suggestions (C3.4): a queue of their own, from raising to settling, and each refusal."""

from __future__ import annotations

from typing import Any

import pytest

from database import transaction
from tests.stage import Stage
from tests.workflow.fault_story import at_state, reported
from tickets.models import Ticket
from workflow.reminders import WARN

RAISED: dict[str, Any] = {"nature": "complaint", "about": "服务热线", "text": "两次打电话都无人接听。"}
ANSWER = {"answer": "当时仅一人值守，向您致歉。", "measure": "改为双人值守"}


def raised(stage: Stage, by: str = "staff1") -> str:
    return stage.open("complaint", by=by, **RAISED)


def taken_up(stage: Stage, owner: str = "relations1") -> str:
    number = raised(stage)
    stage.do(number, "take_up", by="relations1", owner=stage.person(owner))
    return number


def answered(stage: Stage) -> str:
    number = taken_up(stage)
    stage.do(number, "answer", by="relations1", **ANSWER)
    return number


def test_c3_4_a_complaint_is_taken_up_answered_and_settled(stage: Stage) -> None:
    number = raised(stage)
    assert (stage.row(number).state, stage.row(number).awaits) == ("raised", "supplier")
    stage.do(number, "take_up", by="manager1", owner=stage.person("relations1"))
    stage.do(number, "record_finding", by="relations1", found="话务记录显示排队后挂断。")
    stage.do(number, "answer", by="relations1", **ANSWER)
    assert stage.row(number).awaits == "client"
    stage.do(number, "accept_answer", by="approver1", rating=4)
    ticket = stage.ticket(number)
    assert (ticket.state, ticket.final) == ("resolved", True)
    assert {name: limit.status for name, limit in ticket.deadlines.items()} == {"taking_up": "met", "answer": "met"}


@pytest.mark.parametrize("by", ["engineer1", "desk1", "manager1", "relations1", "reviewer1"])
def test_c3_4_only_the_client_complains(stage: Stage, by: str) -> None:
    assert stage.refused_opening("complaint", by=by, **RAISED).result == "not_yours"


@pytest.mark.parametrize("by", ["engineer1", "desk1", "staff1", "reviewer1"])
@pytest.mark.parametrize(("action", "fields"), [("take_up", {"owner": 1}), ("record_finding", {"found": "无"}),
                                                ("answer", ANSWER)])  # fmt: skip
def test_c3_4_whoever_handles_the_service_does_not_handle_complaints(
    stage: Stage, by: str, action: str, fields: dict[str, Any]
) -> None:
    stage.refused(taken_up(stage), action, by=by, result="not_yours", **fields)


def test_c3_4_nobody_answers_before_somebody_is_in_charge(stage: Stage) -> None:
    stage.refused(raised(stage), "answer", by="relations1", result="not_now", **ANSWER)


@pytest.mark.parametrize("owner", ["engineer1", "staff1", "reviewer1"])
def test_c3_4_somebody_of_the_team_is_put_in_charge(stage: Stage, owner: str) -> None:
    stage.refused(raised(stage), "take_up", by="manager1", owner=stage.person(owner))


def test_c3_4_whoever_is_in_charge_answers_or_a_manager(stage: Stage) -> None:
    number = taken_up(stage, owner="manager1")
    stage.refused(number, "answer", by="relations1", guard="by_whoever_is_in_charge", **ANSWER)
    stage.do(number, "take_up", by="relations1", owner=stage.person("relations1"))
    stage.do(number, "answer", by="relations1", **ANSWER)
    other = taken_up(stage)
    stage.do(other, "answer", by="manager2", **ANSWER)


@pytest.mark.parametrize(("action", "fields"), [("accept_answer", {"rating": 5}), ("reject_answer", {"reason": "无"})])
@pytest.mark.parametrize("by", ["relations1", "manager1", "reviewer1"])
def test_c8_3_only_the_client_says_whether_it_is_settled(
    stage: Stage, by: str, action: str, fields: dict[str, Any]
) -> None:
    stage.refused(answered(stage), action, by=by, result="not_yours", **fields)


def test_c3_4_an_answer_that_does_not_content_the_client_is_owed_anew(stage: Stage) -> None:
    number = answered(stage)
    stage.do(number, "reject_answer", by="staff1", reason="没有说明今后由谁值守。")
    ticket = stage.ticket(number)
    assert (ticket.state, ticket.deadlines["answer"].status) == ("taken_up", "running")
    assert any("没有说明今后由谁值守" in words for words in ticket.notices)
    stage.refused(number, "accept_answer", by="staff1", result="not_now", rating=5)


def test_c3_4_silence_settles_nothing(stage: Stage) -> None:
    number = answered(stage)
    stage.later(days=200)
    assert stage.row(number).state == "answered"


def test_c3_4_what_is_taken_back_stays_on_record_and_owes_nothing(stage: Stage) -> None:
    number = raised(stage)
    stage.do(number, "retract", by="staff1", reason="已电话说明。")
    stage.later(days=30)
    ticket = stage.ticket(number)
    assert (ticket.state, ticket.final) == ("retracted", True)
    assert {limit.status for limit in ticket.deadlines.values()} == {"dropped"}


def test_c3_4_late_taking_up_and_late_answer_are_noted_once_each(stage: Stage) -> None:
    number = raised(stage)
    stage.later(days=30)
    noted = [event.action for event in stage.ticket(number).events if event.account_id is None]
    assert [one for one in noted if one != WARN] == ["note_late_taking_up", "note_late_answer"]


def test_c3_4_the_limits_are_the_contracts_own(stage_elsewhere: Stage) -> None:
    edition = stage_elsewhere.contract.at(stage_elsewhere.at)
    limits = stage_elsewhere.ticket(raised(stage_elsewhere)).deadlines
    for name, figure in (("taking_up", "complaint.taken_up_within"), ("answer", "complaint.answered_within")):
        assert limits[name].due_at == edition.due(figure, stage_elsewhere.at)


# --- from a fault (R3.20) --------------------------------------------------------------------------------------------

OF_A_FAULT = {"nature": "complaint", "complaint": "热线无人接听", "wish": "请回访"}


def test_r3_20_a_complaint_of_a_fault_stands_in_the_queue_of_the_team(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    before = stage.row(number)
    stage.do(number, "complain", by="staff1", **OF_A_FAULT)
    after = stage.row(number)
    assert (after.state, after.version) == (before.state, before.version), "the fault goes its own way"
    (complaint,) = [link.number for link in stage.ticket(number).links]
    ticket = stage.ticket(complaint)
    assert (ticket.state, ticket.awaits) == ("raised", "supplier")
    assert ticket.fields["about"] == number
    assert ticket.fields["text"] == OF_A_FAULT["complaint"]
    stage.later(days=8)
    assert stage.row(number).state == "archived"
    assert stage.row(complaint).state == "raised", "neither closes the other"


def test_r3_20_an_archived_fault_can_still_be_complained_of(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    stage.later(days=8)
    stage.do(number, "complain", by="staff2", **OF_A_FAULT | {"nature": "suggestion"})
    assert len(stage.ticket(number).links) == 1


@pytest.mark.parametrize("by", ["engineer1", "manager1", "relations1", "reviewer1"])
def test_r3_20_only_the_client_complains_of_a_fault(stage: Stage, by: str) -> None:
    number = reported(stage)
    stage.refused(number, "complain", by=by, result="not_yours", **OF_A_FAULT)
    assert stage.ticket(number).links == ()


def test_r3_20_whoever_handled_the_fault_does_not_handle_the_complaint(stage: Stage) -> None:
    number = at_state(stage, "submit_report")
    stage.do(number, "complain", by="staff1", **OF_A_FAULT)
    (complaint,) = [link.number for link in stage.ticket(number).links]
    assert stage.person("manager1") in stage.ticket(complaint).fields["concerned"]
    other = stage.person("manager2")
    stage.refused(complaint, "take_up", by="manager1", guard="not_about_oneself", owner=other)
    stage.refused(complaint, "take_up", by="relations1", guard="given_to_another", owner=stage.person("manager1"))
    stage.do(complaint, "take_up", by="relations1", owner=other)
    stage.refused(complaint, "record_finding", by="manager1", guard="not_about_oneself", found="无")
    stage.refused(complaint, "answer", by="manager1", guard="not_about_oneself", **ANSWER)
    stage.do(complaint, "answer", by="manager2", **ANSWER)


def test_r3_20_nor_does_their_other_account(stage: Stage) -> None:
    number = at_state(stage, "submit_report")
    stage.do(number, "complain", by="staff1", **OF_A_FAULT)
    (complaint,) = [link.number for link in stage.ticket(number).links]
    twin = stage.second_account("engineer1", "supplier.relations")
    owner = stage.person("relations1")
    stage.refused(complaint, "take_up", by=twin, guard="not_about_oneself", owner=owner)
    stage.do(complaint, "take_up", by="relations1", owner=owner)


def test_c3_4_the_client_names_whom_it_concerns(stage: Stage) -> None:
    number = stage.open("complaint", by="staff1", **RAISED, concerned=[stage.person("relations1")])
    stage.refused(number, "take_up", by="relations1", guard="not_about_oneself", owner=stage.person("manager1"))
    stage.do(number, "take_up", by="manager1", owner=stage.person("manager1"))
    assert any("manager1" in words for words in stage.ticket(number).notices), "who is in charge stands on the page"


def test_c3_4_where_it_is_not_known_whom_it_concerns_nobody_handles_it(stage: Stage) -> None:
    number = raised(stage)
    with transaction(stage.engine) as session:
        row = session.query(Ticket).filter_by(number=number).one()
        row.fields = {name: value for name, value in row.fields.items() if name != "concerned"}
    stage.refused(number, "take_up", by="relations1", guard="not_about_oneself", owner=stage.person("relations1"))
