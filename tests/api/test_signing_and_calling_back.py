"""Signing a document at its own address, and the digits that only the one who is called back may read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from auth.models import Person, UserSession
from auth.records import digest
from database import reading, transaction
from tests.api.house import House
from tests.api.http_stage import HttpStage
from tests.workflow.reboot_story import Operation
from tests.workflow.test_fault import reported


@pytest.fixture
def operation(stage: HttpStage) -> Operation:
    return Operation(stage).requested()


def paper(house: House, number: str, kind: str) -> dict[str, Any]:
    """The newest paper of the kind, as the ticket tells it."""
    told = house.get(f"/tickets/{number}", "staff1").get_json()["papers"]
    return max((one for one in told if one["kind"] == kind), key=lambda one: one["version"])


def sign(house: House, number: str, identifier: int, by: str, *, key: str | None = None, **more: Any) -> Any:
    body = {"version": house.row(number).version, **more}
    return house.post(f"/tickets/{number}/papers/{identifier}/signatures", body, by, key=key)


def test_c9_5_an_authorised_person_signs_the_written_request_at_its_own_address(
    house: House, operation: Operation
) -> None:
    number = operation.number
    written = paper(house, number, "written_request")
    assert sign(house, number, written["id"], "approver1").get_json()["missing"][0]["guard"] == "identified"
    house.prove(number, "approver1")
    answer = sign(house, number, written["id"], "approver1", key="once")
    assert (answer.status_code, answer.get_json()["event"]["action"]) == (200, "sign_request")
    signature = paper(house, number, "written_request")["signatures"][0]
    assert (signature["party"], signature["meaning"], signature["digest"]) == (
        "client",
        "sign_request",
        written["digest"],
    )
    again = house.post(f"/tickets/{number}/papers/{written['id']}/signatures", {"version": 1}, "approver1", key="once")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.get_json() == answer.get_json()
    other = house.post(f"/tickets/{number}/papers/{written['id']}/signatures", {"version": 2}, "approver1", key="once")
    assert other.status_code == 422
    late = sign(house, number, written["id"], "approver1")
    assert late.status_code == 409


def test_c9_5_nobody_signs_for_the_other_party_or_a_page_that_is_stale(house: House, operation: Operation) -> None:
    number, identifier = operation.number, paper(house, operation.number, "written_request")["id"]
    before = house.digest()
    assert sign(house, number, identifier, "engineer1").status_code == 403
    assert sign(house, number, identifier, "stranger_approver").status_code == 404
    assert sign(house, number, identifier, "approver1", version=99).status_code == 409
    assert sign(house, number, identifier, "approver1", action="agree").status_code == 422
    assert sign(house, number, identifier, "approver1", fields={"more": 1}).status_code == 422
    assert house.digest() == before
    assert [one.accepted for one in house.events(number)][1:] == [False] * 3


def test_c9_5_an_older_version_of_a_document_is_not_signed(house: House, operation: Operation) -> None:
    number, older = operation.number, paper(house, operation.number, "written_request")["id"]
    operation.do("amend", "staff1", **operation.fields | {"reason": "另有缘由。"})
    house.prove(number, "approver1")
    before = house.digest()
    answer = sign(house, number, older, "approver1")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "paper")
    assert house.digest() == before
    assert not house.events(number)[-1].accepted
    assert sign(house, number, paper(house, number, "written_request")["id"], "approver1").status_code == 200


def test_a_key_given_for_one_document_does_not_serve_for_another(house: House, operation: Operation) -> None:
    number, older = operation.number, paper(house, operation.number, "written_request")["id"]
    operation.do("amend", "staff1", **operation.fields | {"reason": "另有缘由。"})
    newer = paper(house, number, "written_request")["id"]
    assert sign(house, number, newer, "approver1", key="once").status_code == 422
    other = sign(house, number, older, "approver1", key="once").get_json()
    assert other["type"].endswith("key-reused")


def test_c9_5_only_the_one_who_is_called_back_reads_the_digits(house: House, operation: Operation) -> None:
    operation.sign().call()
    told = house.get("/me/challenges", "staff1").get_json()["challenges"]
    assert [one["ticket"] for one in told] == [operation.number]
    assert told[0]["digits"].isdigit()
    for other in ("desk1", "approver1", "staff2", "engineer1", "stranger_staff"):
        assert house.get("/me/challenges", other).get_json() == {"challenges": []}
    assert house.get("/me/challenges", "admin_system").status_code == 404
    for path in (f"/tickets/{operation.number}", f"/tickets/{operation.number}/events"):
        for anybody in ("staff1", "desk1", "manager1"):
            assert told[0]["digits"] not in house.get(path, anybody).get_data(as_text=True)
    operation.answer()
    assert house.get("/me/challenges", "staff1").get_json() == {"challenges": []}
    assert told[0]["digits"] not in house.get(f"/tickets/{operation.number}/events", "desk1").get_data(as_text=True)


def test_a_challenge_runs_out_and_goes_with_the_sight_of_its_ticket(house: House, operation: Operation) -> None:
    operation.sign().call()
    assert house.get("/me/challenges", "staff1").get_json()["challenges"]
    house.change_mandate("staff1", contract_key="harbour-2025")
    assert house.get("/me/challenges", "staff1").get_json() == {"challenges": []}
    house.change_mandate("staff1", contract_key=house.contract)
    house.later(hours=1)
    assert house.get("/me/challenges", "staff1").get_json() == {"challenges": []}


def test_a_person_of_another_contract_is_no_choice(house: House, operation: Operation) -> None:
    """GLPI, FreeScout CVE-2026-40591: the identifier in the body is not checked like the one in the address."""
    operation.sign().identify().consent().agree()
    for field in ("operator", "guardian"):
        for foreign in ("stranger_engineer", "admin_system", "staff1"):
            fields = operation.sheet() | {field: house.ids[foreign]}
            told = house.refused(operation.number, "prepare", "engineer1", guard="on_the_list", **fields)
            assert told["missing"][0]["remedy"] == field
        for number in (0, -1, 2**31, 10**30):
            house.refused(operation.number, "prepare", "engineer1", **operation.sheet() | {field: number})
    house.refused(
        operation.number, "prepare", "engineer1", **operation.sheet() | {"operator": str(house.ids["engineer1"])}
    )


def test_the_choices_of_a_form_are_those_of_the_moment(house: House, operation: Operation) -> None:
    operation.sign().identify().consent().agree()

    def offered() -> list[int]:
        actions = house.get(f"/tickets/{operation.number}", "engineer1").get_json()["actions"]
        form = next(one for one in actions if one["name"] == "prepare")["form"]
        return list(form["properties"]["operator"]["enum"])

    assert offered() == [house.ids[f"engineer{n}"] for n in (1, 2, 3)]
    house.change_mandate("engineer3", ends_at=house.at)
    assert offered() == [house.ids[f"engineer{n}"] for n in (1, 2)]


def test_c4_6_a_breach_is_told_with_both_instants(house: House, stage: HttpStage) -> None:
    number = reported(stage)
    house.at = stage.contract.at(house.at).due("fault.response", house.at)

    def response() -> dict[str, Any]:
        return next(
            one
            for one in house.get(f"/tickets/{number}", "staff1").get_json()["deadlines"]
            if one["name"] == "response"
        )

    assert (response()["status"], response()["breached"]) == ("running", False), "exactly at the due instant is in time"
    stage.later(milliseconds=1, strike=False)
    assert (response()["status"], response()["breached"], response()["struck_at"]) == ("running", True, None)
    stage.later(seconds=3)
    told = response()
    assert (told["status"], told["breached"], told["party"]) == ("missed", True, "supplier")
    assert told["struck_at"] > told["due_at"]


def test_reading_with_a_browser_s_cookie_is_allowed_and_changing_is_not(house: House, stage: HttpStage) -> None:
    """Roundup 2026: one method left out of the check for foreign pages. Here a cookie changes nothing under /api/ at all."""
    number, token = reported(stage), "a" * 43
    with transaction(house.engine) as session:
        session.add(UserSession(
            token_hash=digest(token), person_id=house.ids["staff1"], created_at=house.at, seen_at=house.at,
            ends_at=house.at + timedelta(hours=1), credential_version=_credentials(house),
        ))  # fmt: skip
    browser = house.app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert browser.get(f"/api/v1/tickets/{number}").status_code == 200
    before = house.digest()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = browser.open(
            f"/api/v1/tickets/{number}/actions/remark",
            method=method,
            json={"version": 1, "fields": {"text": "x"}},
            headers={"Idempotency-Key": "k", "X-HTTP-Method-Override": "POST"},
        )
        assert answer.status_code in (401, 405)
    assert house.digest() == before
    assert len(house.events(number)) == 1


def _credentials(house: House) -> int:
    with reading(house.engine) as session:
        return session.get_one(Person, house.ids["staff1"]).credential_version
