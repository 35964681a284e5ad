"""A yes is given once, by somebody, to one text, for a while: not by silence, not twice, not to what was edited since."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from secrets import token_hex
from typing import Any

from sqlalchemy import update
from werkzeug.test import TestResponse

from database import transaction
from tests.api.http_stage import RefusalStage
from tests.peers.door import allowed, bug, moves_by_itself, nothing_changes, refused, replaced, unguarded
from tests.together import at_once
from tests.workflow.reboot_story import REVIEW, Operation
from tickets.acts import Act, Outcome
from tickets.desk import Desk
from tickets.models import Ticket


def accepted(stage: RefusalStage, number: str) -> list[str]:
    return [event.action for event in stage.house.events(number) if event.accepted]


# --- by silence ----------------------------------------------------------------------------------------------------------


# An approval that times out is given by default, unless somebody thinks of saying otherwise.
@bug(moves_by_itself("consented", "agreed"))
def test_silence_is_no_approval(stage: RefusalStage) -> None:
    operation = Operation(stage).consented()
    stage.later(hours=4)
    sheet = operation.sheet()
    refused(stage, operation.number, "prepare", "engineer1", guard="state", clause="C9.10", status=409, **sheet)
    assert allowed(stage, operation.number, "agree", "manager1", **REVIEW) == "agreed"
    silent = Operation(stage).consented()
    stage.later(hours=5)
    assert stage.row(silent.number).state == "expired", "the window closes on a request, it does not open"


# Who asked is among the approvers: a timer of twenty seconds passes the step for them.
@bug(moves_by_itself("identified", "consented"))
def test_who_asked_is_not_passed_by_a_timer_for_being_an_approver(stage: RefusalStage) -> None:
    operation = Operation(stage).requested(by="approver1").sign("staff1").identify(of="approver1")
    stage.later(seconds=20)
    refused(stage, operation.number, "agree", "manager1", guard="state", status=409, **REVIEW)
    assert allowed(stage, operation.number, "consent", "approver2") == "consented"


# --- twice, or both ways ---------------------------------------------------------------------------------------------------


def send(
    stage: RefusalStage, number: str, action: str, by: str, key: str, fields: Mapping[str, Any]
) -> Callable[[], TestResponse]:
    """The request of somebody who looks at the ticket as it stands now, from a browser of their own."""
    house = stage.house
    body = json.dumps({"version": stage.row(number).version, "fields": fields})
    headers = house.headers(by, **{"Idempotency-Key": key})
    path = f"/api/v1/tickets/{number}/actions/{action}"
    return partial(house.app.test_client().post, path, data=body, headers=headers, content_type="application/json")


def the_second_writes_too(was: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """Looked first, wrote later: who came second writes over it."""

    def act(desk: Desk, act: Act) -> Outcome:
        outcome = was(desk, act)
        if outcome.result not in ("stale", "not_now"):
            return outcome
        with transaction(desk.engine) as session:
            session.execute(
                update(Ticket).where(Ticket.number == act.number).values(state="consented", version=act.version)
            )
        return was(desk, replace(act, key=token_hex(8)))

    return act


# A bastion host saved an answer and looked afterwards whether the ticket was still open, without a lock.
@bug(replaced(Desk, "act", the_second_writes_too))
def test_agreed_and_refused_at_one_instant_is_one_of_them(stage: RefusalStage) -> None:
    operation = Operation(stage).consented()
    number = operation.number
    stage.prove(number, "manager1")
    answers = at_once(
        send(stage, number, "agree", "manager1", "agrees", REVIEW),
        send(stage, number, "refuse", "manager2", "refuses", {"reason_code": "freeze_period", "reason": "封网。"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer.get_json() for answer in answers if answer.status_code == 409)
    assert {(one["guard"], one["clause"]) for one in lost["missing"]} & {("version", "C9.5"), ("state", "C9.5")}
    assert len({*accepted(stage, number)} & {"agree", "refuse"}) == 1
    assert stage.row(number).state in ("agreed", "refused")


def each_is_new(was: Callable[..., Outcome]) -> Callable[..., Outcome]:
    return lambda desk, act: was(desk, replace(act, key=token_hex(8)))


# A second click is a second approval, or an error about the first.
@bug(replaced(Desk, "act", each_is_new))
def test_a_double_click_agrees_once_and_both_are_told_so(stage: RefusalStage) -> None:
    operation = Operation(stage).consented()
    stage.prove(operation.number, "manager1")
    answers = at_once(*[send(stage, operation.number, "agree", "manager1", "one-click", REVIEW)] * 2)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()
    assert accepted(stage, operation.number).count("agree") == 1
    with nothing_changes(stage.house):
        again = send(stage, operation.number, "agree", "manager1", "another-click", REVIEW)()
    assert again.status_code == 409


# --- turned round, edited, taken up anew -----------------------------------------------------------------------------------


# A help desk lets a granted approval be refused later, and a refused one granted.
@bug(moves_by_itself("refused", "consented"))
def test_an_answer_given_is_not_turned_round_later(stage: RefusalStage) -> None:
    operation = Operation(stage).consented()
    allowed(stage, operation.number, "refuse", "manager1", reason_code="freeze_period", reason="封网。")
    refused(stage, operation.number, "agree", "manager1", guard="state", status=409, **REVIEW)
    refused(stage, operation.number, "agree", "manager2", guard="state", status=409, **REVIEW)
    again = Operation(stage, follows=operation.number).consented()
    assert allowed(stage, again.number, "agree", "manager2", **REVIEW) == "agreed"


# What was approved is edited afterwards and stays approved.
@bug(moves_by_itself("requested", "consented"))
def test_an_edit_takes_the_consent_back(stage: RefusalStage) -> None:
    operation = Operation(stage).consented()
    amended = operation.fields | {"server_id": "ecs-bjzf-0218"}
    assert allowed(stage, operation.number, "amend", "staff1", **amended) == "requested"
    refused(stage, operation.number, "agree", "manager1", guard="state", status=409, **REVIEW)
    refused(stage, operation.number, "consent", "approver2", guard="state", status=409)
    assert allowed(stage, operation.number, "sign_request", "approver1") == "signed"


# The edit is taken back, and what was approved before it counts again.
@bug(unguarded("reboot", "consented", "agreed_by_the_supplier"))
def test_an_edit_that_is_taken_back_revives_nothing(stage: RefusalStage) -> None:
    """The state is put back by hand: even where it had been left, the start asks for all of it anew."""
    operation = Operation(stage).prepared()
    allowed(stage, operation.number, "amend", "staff1", **operation.fields | {"server_id": "ecs-bjzf-0218"})
    allowed(stage, operation.number, "amend", "staff1", **operation.fields)
    stage.later(minutes=20)
    with transaction(stage.engine) as session:
        session.execute(update(Ticket).where(Ticket.number == operation.number).values(state="prepared"))
    for guard in ("in_writing", "consented", "agreed_by_the_supplier", "identity_verified"):
        refused(stage, operation.number, "start", "engineer1", guard=guard, **operation.server)
    assert allowed(stage, operation.number, "withdraw", "staff1", reason="重新申请。") == "withdrawn"


# A closed request is opened again with its approvals.
@bug(moves_by_itself("signed", "consented"))
def test_what_is_taken_up_anew_inherits_no_consent(stage: RefusalStage) -> None:
    stopped = Operation(stage).executing().do("abort", "engineer1", doubt="编号不符。", condition="unchanged")
    refused(stage, stopped.number, "consent", "approver2", guard="state", status=409)
    refused(stage, stopped.number, "start", "engineer1", guard="state", status=409, **stopped.server)
    again = Operation(stage, follows=stopped.number).signed()
    refused(stage, again.number, "agree", "manager1", guard="state", status=409, **REVIEW)
    again.identify()
    assert allowed(stage, again.number, "consent", "approver2") == "consented"


# --- the clock is set back -------------------------------------------------------------------------------------------------


# A machine's clock jumps, and what had run out is good again.
@bug(unguarded("reboot", "identified"))
def test_a_clock_set_back_makes_no_later_proof_fresh(stage: RefusalStage) -> None:
    operation = Operation(stage).consented()
    stage.prove(operation.number, "manager1")
    stage.at -= timedelta(minutes=10)
    refused(stage, operation.number, "agree", "manager1", guard="identified", factor=False, **REVIEW)
    stage.at += timedelta(minutes=10)
    assert allowed(stage, operation.number, "agree", "manager1", factor=False, **REVIEW) == "agreed"


@bug(unguarded("reboot", "identity_verified"))
def test_a_clock_set_back_makes_no_later_call_back_valid(stage: RefusalStage) -> None:
    called = Operation(stage).called()
    stage.at -= timedelta(hours=1)
    code = stage.code_shown(called.number, to="staff1")
    refused(stage, called.number, "verify_identity", "desk1", guard="challenge_open", code=code)
    stage.at += timedelta(hours=1)
    assert allowed(stage, called.number, "verify_identity", "desk1", code=code) == "identified"
    operation = Operation(stage).ready()
    stage.later(hours=2)
    operation.identify_again()
    stage.at -= timedelta(hours=1)
    refused(stage, operation.number, "start", "engineer1", guard="identity_verified", **operation.server)
    stage.at += timedelta(hours=1)
    assert allowed(stage, operation.number, "start", "engineer1", **operation.server) == "executing"


@bug(moves_by_itself("expired", "prepared"))
def test_a_clock_set_back_opens_no_window_that_has_closed(stage: RefusalStage) -> None:
    operation = Operation(stage).ready()
    stage.later(hours=4, seconds=1)
    stage.at -= timedelta(hours=2)
    refused(stage, operation.number, "start", "engineer1", guard="state", status=409, **operation.server)
    again = Operation(stage, follows=operation.number).signed()
    assert allowed(stage, again.number, "withdraw", "staff1", reason="改期。") == "withdrawn"
