"""Other ways in: past the page, by an old page or link, in a file, as an administrator, as somebody else, as the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from auth import people, policy, signin
from auth.models import Mandate
from auth.records import Refusal
from database import reading, transaction
from tests.api.house import ADMINISTRATORS, House
from tests.api.http_stage import RefusalStage
from tests.pages.site import Page, Site
from tests.peers.door import allowed, bug, moves_by_itself, nothing_changes, refused, replaced, unguarded
from tests.workflow.reboot_story import RESULT, REVIEW, Operation
from tickets import desk, gather
from tickets.desk import Desk
from tickets.models import Event
from workflow import decide as judgement
from workflow.attempt import MandateFact
from workflow.declare import ROLES

# --- past the page ---------------------------------------------------------------------------------------------------------


# What the page does not show, the API does all the same: rules stood in the page alone.
@bug(unguarded("reboot", "by_a_second_person"))
def test_what_the_page_does_not_offer_the_api_refuses_too(stage: RefusalStage, site: Site) -> None:
    operation = Operation(stage).requested(by="approver1").sign("staff1").identify(of="approver1")
    assert not site.get(f"/tickets/{operation.number}", "approver1").offers(f"/tickets/{operation.number}/consent")
    refused(stage, operation.number, "consent", "approver1", guard="by_a_second_person")
    assert site.get(f"/tickets/{operation.number}", "approver2").offers(f"/tickets/{operation.number}/consent")
    assert allowed(stage, operation.number, "consent", "approver2") == "consented"


# An approval is asked for only where two ways leave a state, and in projects of one kind only.
@bug(moves_by_itself("signed", "prepared"))
def test_no_state_but_one_leads_into_execution(stage: RefusalStage) -> None:
    for state in ("requested", "signed", "identified", "consented", "agreed"):
        operation = Operation(stage).at(state)
        refused(stage, operation.number, "start", "engineer1", guard="state", status=409, **operation.server)
        also = {one["guard"] for one in refused(
            stage, operation.number, "start_emergency", "engineer1", guard="state", status=409, **operation.server
        )["missing"]}  # fmt: skip
        assert "an_emergency" in also, state
    ready = Operation(stage).ready()
    assert allowed(stage, ready.number, "start", "engineer1", **ready.server) == "executing"


def dropped_unseen(was: Callable[..., Any]) -> Callable[..., Any]:
    """Fields that are not known are passed over in silence."""
    return lambda action, raw: was(action, {k: v for k, v in raw.items() if k in action.form.model_fields})


# A filter over forbidden fields ran over a list as if it were a table, and so took nothing out.
@bug(replaced(desk, "parse", dropped_unseen))
def test_a_field_that_nobody_may_fill_in_is_refused_by_name(stage: RefusalStage) -> None:
    operation = Operation(stage).consented()
    for name, value in (
        ("state", "agreed"), ("subject", stage.accounts["staff2"]), ("content", "0" * 64),
        ("awaits", "client"), ("opened_by", 1), ("person", 1), ("account_id", 1), ("consented", True), ("final", False),
    ):  # fmt: skip
        stage.prove(operation.number, "manager1")
        told = stage.house.refused(operation.number, "agree", "manager1", factor=False, **REVIEW | {name: value})
        assert [one["field"] for one in told["errors"]] == [name]
    assert allowed(stage, operation.number, "agree", "manager1", **REVIEW) == "agreed"


# Check lists can be shortened by anybody, and what waits for them does not read them.
@bug(unguarded("reboot", "all_steps_done", "next_to_do"))
def test_no_step_of_the_sheet_is_left_out_or_taken_away(stage: RefusalStage) -> None:
    operation = Operation(stage).executing().steps(2)
    refused(stage, operation.number, "finish", "engineer1", guard="all_steps_done", clause="C9.10", **RESULT)
    step: dict[str, Any] = {"step": 3, "observed": "正常"}
    refused(stage, operation.number, "do_step", "engineer1", guard="next_to_do", clause="C9.10", **step)
    shorter = operation.sheet(steps=["只此一步"])
    refused(stage, operation.number, "prepare", "engineer1", guard="state", clause="C9.10", status=409, **shorter)
    operation.do("confirm_step", "engineer2", step=3).do("do_step", "engineer1", **step)
    assert allowed(stage, operation.number, "finish", "engineer1", **RESULT) == "executed"


# --- an old page, an old link ------------------------------------------------------------------------------------------------


# The button “back” after signing out leads past the second factor.
@bug(replaced(signin, "sign_out", lambda _was: lambda *_args, **_more: None))
def test_the_page_behind_the_back_button_does_nothing(stage: RefusalStage, site: Site) -> None:
    operation = Operation(stage).identified()
    path = f"/tickets/{operation.number}/consent"
    data = {**site.fill(f"/tickets/{operation.number}", path, "approver2"), "desk-code": stage.house.code("approver2")}
    browser = site.browser("approver2")
    cookie = browser.get_cookie("counterpart")
    out = site.get("/account", "approver2").form("/sign-out")["fields"]
    assert site.send("/sign-out", out, "approver2").status_code == 303
    browser.set_cookie("counterpart", cookie.value)
    with nothing_changes(stage.house):
        answer = site.send(path, data, "approver2")
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in")
    del site.browsers["approver2"]
    site.do(operation.number, "consent", "approver2")
    assert stage.row(operation.number).state == "consented"


# A page from before an edit approves the text that it does not show.
@bug(replaced(Desk, "_judge", lambda was: lambda desk, case, row, action, act: was(
    desk, case, row, action, replace(act, version=row.version))))  # fmt: skip
def test_a_page_from_before_an_edit_agrees_to_nothing(stage: RefusalStage, site: Site) -> None:
    operation = Operation(stage).consented()
    path = f"/tickets/{operation.number}/refuse"
    data = site.fill(f"/tickets/{operation.number}", path, "manager1", reason_code="freeze_period", reason="封网。")
    stage.do(operation.number, "amend", by="staff1", **operation.fields | {"reason": "改为凌晨。"})
    with nothing_changes(stage.house):
        answer = site.send(path, data, "manager1")
    assert answer.status_code == 409
    assert [one["guard"] for one in stage.house.events(operation.number)[-1].missing] == ["version"]
    assert "改为凌晨。" in Page(answer.get_data(as_text=True)).text, "and shows what it would have been about"
    site.do(operation.number, "refuse", "manager1", reason_code="freeze_period", reason="封网。")
    assert stage.row(operation.number).state == "refused"


# A link to approve, or to become somebody, that never runs out.
@bug(replaced(signin, "ONE_TIME_SECRET_LIFE", lambda was: 1000 * was))
def test_a_link_that_has_run_out_lets_nobody_in(stage: RefusalStage, site: Site) -> None:
    with transaction(stage.engine) as session:
        added = people.add_person(session, username="newcomer", name="新人", language="en", by=None, at=stage.at)
        assert isinstance(added, tuple)
    browser, path = stage.house.app.test_client(), f"/enrol/{added[1]}"
    assert browser.get(path).status_code == 200
    stage.at += timedelta(minutes=30)
    with nothing_changes(stage.house):
        assert browser.get(path).status_code == 404


@bug(unguarded("reboot", "challenge_open"))
def test_a_code_that_has_run_out_identifies_nobody(stage: RefusalStage) -> None:
    operation = Operation(stage).called()
    code = stage.code_shown(operation.number, to="staff1")
    stage.later(minutes=10, seconds=1)
    refused(stage, operation.number, "verify_identity", "desk1", guard="challenge_open", code=code)
    operation.call()
    fresh = stage.code_shown(operation.number, to="staff1")
    assert allowed(stage, operation.number, "verify_identity", "desk1", code=fresh) == "identified"


# --- in a file, in a heap ----------------------------------------------------------------------------------------------------


# What comes by import is taken as it is: a document of the kind that is asked for, and so approved.
@bug(replaced(judgement, "_unchosen", lambda _was: lambda *_args: []))
def test_a_file_that_calls_itself_the_consent_is_none(stage: RefusalStage) -> None:
    operation = Operation(stage).identified()
    for paper in ("consent", "written_request", "risk_review", "operation_sheet"):
        with nothing_changes(stage.house):
            answer = stage.house.bring(operation.number, "approver2", paper=paper)
        assert answer.status_code == 422, answer.get_json()
    refused(stage, operation.number, "agree", "manager1", guard="state", status=409, **REVIEW)
    assert stage.house.bring(operation.number, "approver2").status_code == 200
    assert stage.row(operation.number).state == "identified"
    assert allowed(stage, operation.number, "consent", "approver2") == "consented"


def a_list_of_acts(stage: RefusalStage, numbers: list[str], actions: str) -> Any:
    body = [{"version": stage.row(number).version, "fields": REVIEW} for number in numbers]
    return stage.house.post(f"/tickets/{','.join(numbers)}/actions/{actions}", body, "manager1")


# Many are approved with one click, and the check is made for the first of them.
@bug(unguarded("reboot", "identified"))
def test_a_proof_for_one_request_agrees_to_no_other(stage: RefusalStage) -> None:
    one, other = Operation(stage).consented(), Operation(stage, server_id="ecs-bjzf-0218").consented()
    stage.prove(one.number, "manager1")
    with nothing_changes(stage.house):
        assert a_list_of_acts(stage, [one.number, other.number], "agree").status_code in (400, 404, 422)
    refused(stage, other.number, "agree", "manager1", guard="identified", factor=False, **REVIEW)
    assert allowed(stage, one.number, "agree", "manager1", factor=False, **REVIEW) == "agreed"


# --- as an administrator, as somebody else, as the clock -----------------------------------------------------------------------


def may_do_everything(patch: pytest.MonkeyPatch, house: House) -> None:
    """Administrators have every right in every contract, because somebody must."""
    was = gather.people

    def people(*args: Any) -> gather.People:
        held, accounts = was(*args)
        numbers = [house.ids[username] for username in ADMINISTRATORS]
        return (*held, *(MandateFact(0, n, n, "", ROLES["supplier.manager"], {}, None) for n in numbers)), accounts

    patch.setattr(gather, "people", people)
    patch.setattr(policy, "allows", lambda *_args: True)


# Administrators may approve, or set the state of whatever they like.
@bug(may_do_everything)
def test_administrators_answer_nothing_in_anybodys_place(stage: RefusalStage, site: Site) -> None:
    operation = Operation(stage).consented()
    for who in ADMINISTRATORS:
        with nothing_changes(stage.house):
            for action, fields in (("agree", REVIEW), ("refuse", {"reason_code": "freeze_period", "reason": "封网。"})):
                answer = stage.house.act(operation.number, action, who, **fields)
                assert answer.status_code == 404, (who, answer.get_json())
                assert answer.get_json()["title"] == "There is nothing here for you."
        assert site.raw(f"/tickets/{operation.number}", who).status_code == 404
    assert allowed(stage, operation.number, "agree", "manager1", **REVIEW) == "agreed"


# Who grants rights grants them to themselves.
@bug(replaced(people, "is_one_person", lambda _was: lambda *_args: False))
def test_who_grants_mandates_grants_none_to_themselves(stage: RefusalStage) -> None:
    security = stage.accounts["admin_security"]
    wanted = people.Grant(security, "client.approver", stage.contract.key, stage.at, None, {})
    with nothing_changes(stage.house), transaction(stage.engine) as session:
        answer = people.grant(session, stage.keyring, wanted, by=security, at=stage.at)
        assert isinstance(answer, Refusal)
        assert answer is people.SELF_GRANT
    operation = Operation(stage).identified()
    assert stage.house.act(operation.number, "consent", "admin_security").status_code == 404
    with transaction(stage.engine) as session:
        added = people.add_person(session, username="newcomer", name="新人", language="en", by=security, at=stage.at)
        assert isinstance(added, tuple)
        grant = replace(wanted, person_id=added[0].id, callback_number="000-0000-0000")
        assert isinstance(people.grant(session, stage.keyring, grant, by=security, at=stage.at), Mandate)


# Somebody acts “on behalf of” an approver: by a header, a field, a query, a door of the demonstration.
@bug(replaced(Desk, "act", lambda was: lambda desk, act: was(desk, replace(act, account=first_named(desk, act)))))
def test_nobody_acts_as_somebody_else(stage: RefusalStage) -> None:
    operation = Operation(stage).identified()
    house, path = stage.house, f"/tickets/{operation.number}/actions/consent"
    stage.prove(operation.number, "approver2")
    stage.prove(operation.number, "staff1")
    for more in ({"account": "approver2"}, {"by": "approver2"}, {"person": stage.accounts["approver2"]}):
        body = {"version": stage.row(operation.number).version, "fields": {}, **more}
        with nothing_changes(house):
            assert house.post(path, body, "staff1").status_code == 422
    for header in ("X-On-Behalf-Of", "X-Remote-User", "Remote-User", "X-Forwarded-User", "From", "X-Account"):
        headers = house.headers("staff1", **{header: "approver2", "Idempotency-Key": house.key()})
        body = {"version": stage.row(operation.number).version, "fields": {}}
        with nothing_changes(house):
            answer = house.http.post(f"/api/v1{path}?as=approver2", json=body, headers=headers)
            plain = house.http.post(f"/api/v1{path}", json=body, headers={**headers, "Idempotency-Key": house.key()})
        assert answer.status_code == 422, answer.get_json()
        assert (plain.status_code, plain.get_json()["missing"][0]["guard"]) == (403, "mandate")
    last = house.events(operation.number)[-1]
    assert (last.account_id, last.accepted) == (stage.accounts["staff1"], False), "the refusal names who it was"
    with nothing_changes(house):
        assert house.app.test_client().get("/demo").status_code == 404
    assert allowed(stage, operation.number, "consent", "approver2", factor=False) == "consented"


def first_named(desk: Desk, act: Any) -> int:
    """Whoever has the act, in whosever name it comes."""
    with reading(desk.engine) as session:
        held = session.scalars(select(Mandate.person_id).where(Mandate.role == "client.approver").order_by(Mandate.id))
        return list(held)[1] if act.action == "consent" else act.account


# A scheduler runs with every right, and whoever may start it may do everything.
@bug(moves_by_itself("agreed", "executing"))
def test_the_clock_does_nothing_that_is_for_people_and_people_nothing_of_the_clock(stage: RefusalStage) -> None:
    numbers = [Operation(stage).at(state).number for state in ("identified", "consented", "agreed", "executing")]
    reboot = stage.workflows["reboot"]
    for number in numbers:
        for action in [one for one in reboot.actions.values() if one.by_clock]:
            for by in ("manager1", "approver1", "reviewer1"):
                refused(stage, number, action.name, by, guard="mandate", clause=action.clause, status=403)
    for _ in range(40):
        stage.later(days=10)
    with reading(stage.engine) as session:
        by_nobody = set(session.scalars(select(Event.action).where(Event.account_id.is_(None), Event.accepted)))
        assert session.scalar(select(func.count()).where(Event.account_id.is_(None), ~Event.accepted)) == 0
    assert by_nobody
    assert all(reboot.actions[name].by_clock for name in by_nobody), by_nobody
    assert [stage.row(number).state for number in numbers] == ["expired", "expired", "expired", "outcome_unknown"]
