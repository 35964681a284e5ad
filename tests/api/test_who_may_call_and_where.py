"""Tokens, mandates, codes, addresses, methods and queries: who may ask what where, and what everybody else is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from auth.models import ApiToken
from database import transaction
from tests.api.house import House, problem

# --- who -----------------------------------------------------------------------------------------------------------------


def test_a_mandate_that_has_ended_opens_nothing(house: House, number: str) -> None:
    house.change_mandate("manager1", ends_at=house.at)
    before = house.digest()
    problem_of_policy(house.act(number, "allow", "manager1"), 404)
    problem_of_policy(house.get(f"/tickets/{number}", "manager1"), 404)
    assert house.digest() == before
    assert house.get("/me", "manager1").get_json()["mandates"] == []


def problem_of_policy(answer: Any, status: int) -> None:
    """What the policy table answers before any view is asked."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.headers["Cache-Control"] == "no-store"


def test_tokens_that_do_not_serve(house: House, number: str) -> None:
    reader, short = house.token("staff1", "read"), house.token("staff1", "read", "act", days=1)
    assert house.get(f"/tickets/{number}", reader).status_code == 200
    problem_of_policy(house.act(number, "remark", reader, text="好"), 403)
    problem_of_policy(house.post("/identity-checks", {}, reader), 403)
    house.at += timedelta(days=1)
    for token in (short, "cp_" + "a" * 43, "", "Basic abc", None):
        problem_of_policy(house.get(f"/tickets/{number}", token), 401)
        problem_of_policy(house.act(number, "remark", token, text="好"), 401)


def test_a_revoked_token_is_dead_at_once(house: House, number: str) -> None:
    with transaction(house.engine) as session:
        for row in session.query(ApiToken).filter_by(person_id=house.ids["staff1"]):
            row.revoked_at = house.at
    problem_of_policy(house.act(number, "remark", "staff1", text="好"), 401)


def test_a_code_serves_once_and_a_wrong_one_not_at_all(house: House, number: str) -> None:
    code = house.code("manager1")
    proof = {"ticket": number, "version": 1, "code": code}
    first = house.post("/identity-checks", proof, "manager1", key="once")
    assert (first.status_code, first.get_json()["method"]) == (201, "totp")
    again = house.post("/identity-checks", proof, "manager1", key="once")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Idempotent-Replayed"] == "true"
    told = problem(house.post("/identity-checks", proof, "manager1"), 422, "not-proved")
    assert told["errors"][0]["field"] == "code"
    problem(house.post("/identity-checks", {**proof, "code": "000000"}, "manager1"), 422, "not-proved")
    history = house.get(f"/tickets/{number}/events", "staff1").get_json()["events"]
    refused = [one for one in history if not one["accepted"]]
    assert [(one["action"], one["name"][:8], one["missing"][0]["guard"]) for one in refused] == [
        ("identify", "manager1", "identified")
    ] * 2, "a used code and a wrong one stand on the ticket's record"
    for odd in ("12345", "１２３４５６", "12345a", 123456, None):
        problem(house.post("/identity-checks", {**proof, "code": odd}, "manager1"), 422, "invalid")


def test_many_wrong_codes_lock_the_factor(house: House, number: str) -> None:
    proof = {"ticket": number, "version": 1, "code": "000000"}
    for _ in range(5):
        problem(house.post("/identity-checks", proof, "manager1"), 422, "not-proved")
    told = problem(
        house.post("/identity-checks", {**proof, "code": house.code("manager1")}, "manager1"), 422, "not-proved"
    )
    assert "Too many" in told["errors"][0]["says"]


def test_a_check_is_for_one_ticket_as_it_reads_now(house: House, number: str, visit_fields: dict[str, Any]) -> None:
    other = house.open("visit", by="staff1", **visit_fields)
    house.prove(other, "manager1")
    house.refused(number, "allow", "manager1", guard="identified", factor=False)
    house.do(number, "refuse", "manager1")
    told = problem(
        house.post("/identity-checks", {"ticket": number, "version": 1, "code": house.code("manager1")}, "manager1"),
        409,
        "stale",
    )
    assert [one["action"] for one in told["changed"]] == ["refuse"]
    problem(
        house.post("/identity-checks", {"ticket": number, "version": 1, "code": "000000"}, "stranger_manager"),
        404,
        "not-found",
    )
    problem(
        house.post("/identity-checks", {"ticket": "X", "version": 1, "code": "000000"}, "manager1"), 404, "not-found"
    )


# --- addresses, methods, queries -------------------------------------------------------------------------------------------


def test_what_cannot_be_seen_and_what_is_not_there_look_the_same(house: House, number: str) -> None:
    gone = number[:-4] + "9999"
    for path in ("", "/events", "/papers/1/file"):
        unseen, absent = (house.get(f"/tickets/{one}{path}", "stranger_staff") for one in (number, gone))
        assert unseen.get_json() | {"instance": ""} == absent.get_json() | {"instance": ""}
        problem(unseen, 404, "not-found")
    for odd in ("x" * 200, "%00", "%0a", "..", "%ff", "'", "%F0%9F%98%80"):
        assert house.get(f"/tickets/{odd}", "staff1").status_code == 404
        assert house.post(f"/tickets/{odd}/actions/allow", {"version": 1}, "staff1").status_code == 404
        assert house.post(f"/tickets/{number}/actions/{odd}", {"version": 1}, "staff1").status_code == 404
    assert house.get(f"/tickets/{number}/papers/{10**30}/file", "staff1").status_code == 404
    assert house.get("/workflows/nothing", "staff1").status_code == 404


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("PUT", "/tickets", "GET"), ("DELETE", "/tickets/X", "GET"), ("PATCH", "/tickets/X", "GET"),
    ("GET", "/identity-checks", "POST"),
    ("GET", "/tickets/X/actions/allow", "POST"), ("POST", "/me", "GET"), ("POST", "/workflows", "GET"),
])  # fmt: skip
def test_a_wrong_method_is_told_the_right_ones(house: House, method: str, path: str, allowed: str) -> None:
    answer = house.http.open(
        f"/api/v1{path}", method=method, headers=house.headers("staff1", **{"X-HTTP-Method-Override": "POST"})
    )
    problem(answer, 405, "method")
    assert allowed in answer.headers["Allow"]


@pytest.mark.parametrize(
    "query",
    [
        "x=1",
        "kind=nothing",
        "state=nothing",
        "party_to_act=me",
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=-1",
        "limit=1.0",
        "limit=%D9%A1",
        "after=1",
        "after=",
        "q=",
        "q=" + "a" * 201,
        "q=%00",
        "kind=visit&kind=fault",
        "kind[]=visit",
        "limit=1e3",
        "limit=99999999999999999999",
        "after=%00",
        "contract=harbour-2025",
    ],
)
def test_a_query_that_is_not_known_is_refused(house: House, number: str, query: str) -> None:
    problem(house.get(f"/tickets?{query}", "staff1"), 422, "invalid")
    for path in (f"/tickets/{number}", "/me", "/workflows", "/openapi.json", f"/tickets/{number}/events"):
        if not query.startswith("limit") or not path.endswith("events"):
            problem(house.get(f"{path}?x=1", "staff1"), 422, "invalid")


def test_signs_of_a_pattern_are_searched_for_as_they_are(house: House, visit_fields: dict[str, Any]) -> None:
    house.open("visit", by="staff1", **{**visit_fields, "visitor": "百分之百"})
    odd = house.open("visit", by="staff1", **{**visit_fields, "visitor": "100% _ '\" ; --"})
    for q in ("%25", "_", "'", "%22", "%3B", "--"):
        found = house.get(f"/tickets?q={q}", "staff1").get_json()["tickets"]
        assert odd in [one["number"] for one in found], q
        assert len(found) == (2 if q == "--" and "--" in found[-1]["number"] else 1), q
