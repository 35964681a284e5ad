"""Who may say yes: never who asked, never nobody, never one person twice, never who is somebody else or is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from auth.models import Mandate
from auth.people import disable
from database import transaction
from tests.api.http_stage import RefusalStage
from tests.peers.door import allowed, bug, moves_by_itself, refused, replaced, unguarded
from tests.workflow import fault_story
from tests.workflow.reboot_story import REVIEW, Operation
from tickets import gather


def also(stage: RefusalStage, username: str, role: str) -> None:
    """A second role of the same party, from now on."""
    person, key = stage.accounts[username], stage.contract.key
    with transaction(stage.engine) as session:
        session.add(Mandate(person_id=person, contract_key=key, role=role, starts_at=stage.at, scope={}))


# A bastion host leaves who asked out of the approvers, unless there is only one.
@bug(unguarded("reboot", "by_a_second_person"))
def test_the_only_approver_cannot_approve_their_own_request(stage: RefusalStage) -> None:
    stage.end_mandate("approver2")
    operation = Operation(stage).requested(by="approver1").sign("staff1").identify(of="approver1")
    refused(stage, operation.number, "consent", "approver1", guard="by_a_second_person")
    stage.hire("approver3", "client.approver")
    assert allowed(stage, operation.number, "consent", "approver3") == "consented"


# A process engine passes a step whose list of approvers is empty: “passed by the system”.
@bug(moves_by_itself("identified", "consented"))
def test_an_empty_list_of_approvers_lets_nothing_pass(stage: RefusalStage) -> None:
    operation = Operation(stage).identified()
    for approver in ("approver1", "approver2"):
        stage.end_mandate(approver)
    refused(stage, operation.number, "consent", "staff2", guard="mandate", status=403)
    refused(stage, operation.number, "agree", "manager1", guard="state", status=409, **REVIEW)
    stage.hire("approver3", "client.approver")
    assert allowed(stage, operation.number, "consent", "approver3") == "consented"


# An approval module asks nobody where its search for approvers finds nobody, and goes on as approved.
@bug(unguarded("reboot", "consented"))
def test_nobody_found_who_may_consent_is_not_consent(stage: RefusalStage) -> None:
    operation = Operation(stage).ready()
    stage.change_mandate("approver2", scope={"systems": ["a system that the request does not name"]})
    refused(stage, operation.number, "start", "engineer1", guard="consented", **operation.server)
    stage.change_mandate("approver2", scope={})
    assert allowed(stage, operation.number, "start", "engineer1", **operation.server) == "executing"


# The same module takes the answer that somebody gave on one level for their answer on the next.
@bug(unguarded("reboot", "by_a_second_person"))
def test_one_person_does_not_answer_on_two_levels(stage: RefusalStage) -> None:
    operation = Operation(stage).requested().sign("approver1").identify()
    refused(stage, operation.number, "consent", "approver1", guard="by_a_second_person")
    assert allowed(stage, operation.number, "consent", "approver2") == "consented"


@bug(unguarded("fault", "by_another_than:prepare_report"))
def test_one_person_does_not_write_a_report_and_check_it(stage: RefusalStage) -> None:
    number = fault_story.at_state(stage, "prepare_report")
    refused(stage, number, "check_report", "engineer1", guard="by_another_than:prepare_report", clause="C9.16")
    allowed(stage, number, "check_report", "engineer2")
    assert allowed(stage, number, "submit_report", "manager1") == "report_submitted"


# Who approves may be who acts: an approval there is one of many roles, and nobody compares.
@bug(unguarded("reboot", "chosen_apart"))
def test_who_agreed_for_the_supplier_does_not_carry_it_out(stage: RefusalStage) -> None:
    also(stage, "manager1", "supplier.engineer")
    operation = Operation(stage).consented().agree("manager1")
    by_who_agreed = operation.sheet(operator="manager1")
    refused(stage, operation.number, "prepare", "engineer1", guard="chosen_apart", clause="C9.10", **by_who_agreed)
    assert allowed(stage, operation.number, "prepare", "engineer1", **operation.sheet()) == "prepared"


def one_each(was: Callable[..., Any]) -> Callable[..., Any]:
    """Each account is somebody of its own."""

    def people(*args: Any) -> gather.People:
        held = was(*args)[0]
        return tuple(replace(mandate, person=mandate.account) for mandate in held), {}

    return people


# Approvers have substitutes there, and nobody looks whether the substitute is who asked.
@bug(replaced(gather, "people", one_each))
def test_a_second_account_of_who_asked_is_no_substitute(stage: RefusalStage) -> None:
    too = stage.second_account("staff1", "client.approver")
    operation = Operation(stage).requested(by="staff1").sign("approver1").identify()
    refused(stage, operation.number, "consent", too, guard="by_a_second_person")
    assert allowed(stage, operation.number, "consent", "approver2") == "consented"


# A colleague may be named as the one who asked; then who types it in approves it as “somebody else”.
@bug(unguarded("reboot", "asker_named"))
def test_nobody_asks_in_the_name_of_a_colleague_to_consent_themselves(stage: RefusalStage) -> None:
    named = Operation(stage, subject=stage.person("staff1"))
    with stage._through_http():
        outcome = stage.attempt(None, "request", "approver1", kind="reboot", **named.fields)
    assert [(one["guard"], one["clause"]) for one in outcome.missing] == [("asker_named", "C9.5")]
    operation = Operation(stage).requested(by="approver1").sign("staff1").identify(of="approver1")
    refused(stage, operation.number, "consent", "approver1", guard="by_a_second_person")


# What somebody approved who has left since still counts: the approval is a row, and nobody asks whose.
@bug(unguarded("reboot", "consented", "agreed_by_the_supplier", "in_writing"))
def test_whoever_left_in_between_carries_nothing_any_more(stage: RefusalStage) -> None:
    operation = Operation(stage).ready()
    for who, guard in (("approver1", "in_writing"), ("approver2", "consented"), ("manager1", "agreed_by_the_supplier")):
        stage.change_mandate(who, revoked_at=stage.at)
        refused(stage, operation.number, "start", "engineer1", guard=guard, **operation.server)
        stage.change_mandate(who, revoked_at=None)
    assert allowed(stage, operation.number, "start", "engineer1", **operation.server) == "executing"


# The account is switched off, its approvals live on.
@bug(unguarded("reboot", "consented"))
def test_the_consent_of_a_disabled_account_carries_nothing(stage: RefusalStage) -> None:
    operation = Operation(stage).ready()
    with transaction(stage.engine) as session:
        disable(session, stage.accounts["approver2"], by=stage.accounts["admin_security"], reason="调离", at=stage.at)
    refused(stage, operation.number, "start", "engineer1", guard="consented", **operation.server)
    assert allowed(stage, operation.number, "withdraw", "staff1", reason="重新申请。") == "withdrawn"
