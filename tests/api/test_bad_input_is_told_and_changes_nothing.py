"""What a program can send wrongly, and each time: a clear problem in the reader's language, and nothing changed.

The comments name the holes of other trackers that a row would have found.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.house import House, as_json, problem
from tickets.models import Answer

MIB = 1024 * 1024


# --- the body as a whole ---------------------------------------------------------------------------------------------


BODIES = [
    (b"", 400, "not-json"), (b"{", 400, "not-json"), (b"[]", 400, "not-json"), (b"null", 400, "not-json"),
    (b"7", 400, "not-json"),
    (b'"x"', 400, "not-json"), (b'{"version": NaN}', 400, "not-json"), (b'{"version": Infinity}', 400, "not-json"),
    (b'{"version": 1e999}', 400, "not-json"), (b'{"version": 1, "version": 2}', 400, "not-json"),
    (b'{"version": 1, "fields": {"a": 1, "a": 2}}', 400, "not-json"), (b"\xff\xfe{}", 400, "not-json"),
    (b'\xef\xbb\xbf{"version": 1}', 400, "not-json"), (b'{"version": 1, "fields": {"text": "\\ud800"}}', 400, "not-json"),
    (b'{"version": ' + b"[" * 500 + b"]" * 500 + b"}", 400, "not-json"), (b"[" * 200_000, 400, "not-json"),
    (b'{"version": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", 400, "not-json"),
    (b'{"version": ' + b"9" * 5000 + b"}", 400, "not-json"), (b'{"version": 1, "x": "' + b"a" * MIB + b'"}', 413, "too-large"),
    (b"{}", 422, "invalid"), (b'{"version": 1, "state": "allowed"}', 422, "invalid"),
    (b'{"version": 1, "fields": []}', 422, "invalid"), (b'{"version": 1, "fields": null}', 422, "invalid"),
    (b'{"version": 1, "fields": {"' + b"n" * 200 + b'": 1}}', 422, "invalid"),
    (b'{"version": 1, "fields": {"a\\u0000b": 1}}', 422, "invalid"),
]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/tickets/{}/actions/remark", "/tickets", "/identity-checks", "/tickets/{}/papers/1/signatures"]
)
def test_a_body_that_is_no_json_object_is_refused(house: House, number: str, path: str) -> None:
    before = house.digest()
    for raw, status, name in BODIES:
        answer = house.post(path.format(number), raw, "staff1")
        if "signatures" in path and status == 422 and answer.status_code == 404:
            continue  # The body fits there; the paper does not exist.
        problem(answer, status, name)
    assert house.digest() == before


@pytest.mark.parametrize("version", ["1", True, 1.0, 1.5, 0, -1, 2**31, 10**30, None, [1], {"a": 1}])
def test_a_version_is_a_whole_number(house: House, number: str, version: Any) -> None:
    before = house.digest()
    answer = house.post(f"/tickets/{number}/actions/allow", {"version": version, "fields": {}}, "manager1")
    told = problem(answer, 422, "invalid")
    assert [one["field"] for one in told["errors"]] == ["version"]
    proof = {"ticket": number, "version": version, "code": "123456"}
    assert problem(house.post("/identity-checks", proof, "manager1"), 422, "invalid")["errors"][0]["field"] == "version"
    assert house.digest() == before


def test_a_version_nobody_has_seen_yet_is_stale(house: House, number: str) -> None:
    problem(house.act(number, "allow", "manager1", version=2**31 - 1), 409, "stale")


def test_only_json_is_taken(house: House, number: str) -> None:
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json-patch+json",
        "",
    ):
        headers = house.headers("staff1", **{"Idempotency-Key": house.key()})
        answer = house.http.post(
            f"/api/v1/tickets/{number}/actions/remark", data='{"version": 1}', headers=headers, content_type=kind
        )
        problem(answer, 415, "media-type")


# --- fields (GLPI CVE-2022-35947, CVE-2023-41326: parameters as lists and dicts, every column of the table) ----------------


@pytest.mark.parametrize(
    "value", [7, 1.5, True, None, [], ["a"], {}, {"a": 1}, "", "   ", "a" * 4001, "a\u0007", "a\u202eb", "a\u0000"]
)
def test_a_field_of_the_wrong_kind_is_told_by_name(house: House, number: str, value: Any) -> None:
    for language in ("en", "zh-CN"):
        before = house.digest()
        answer = house.act(number, "remark", "staff1", text=value, language=language)
        told = problem(answer, 422, "invalid")
        assert [one["field"] for one in told["errors"]] == ["text"]
        assert told["errors"][0]["says"]
        assert house.digest() == before
        last = house.events(number)[-1]
        assert (last.accepted, last.reason, last.door) == (False, "invalid", "api")


def test_no_column_of_any_table_can_be_written_past_the_form(
    house: House, number: str, visit_fields: dict[str, Any]
) -> None:
    names = [
        "id",
        "state",
        "final",
        "awaits",
        "version",
        "content",
        "party",
        "role",
        "opened_by",
        "opened_at",
        "seq",
        "is_admin",
        "contract_key",
        "consent_by",
        "events",
        "due_at",
        "person_id",
        "account",
        "__class__",
        "fields",
        "number",
    ]
    before = house.digest()
    for name in names:
        body = {"version": 1, "fields": {"text": "好", name: "x"}}
        told = problem(house.post(f"/tickets/{number}/actions/remark", body, "staff1"), 422, "invalid")
        assert name in [one["field"] for one in told["errors"]]
        body = {"version": 1, "fields": {"text": "好"}, name: "x"}
        if name not in ("version", "fields"):
            problem(house.post(f"/tickets/{number}/actions/remark", body, "staff1"), 422, "invalid")
        opening = {"kind": "visit", "action": "request", "fields": as_json({**visit_fields, name: "x"})}
        assert name in [
            one["field"] for one in problem(house.post("/tickets", opening, "staff1"), 422, "invalid")["errors"]
        ]
    problem(house.act(number, "refuse", "manager1", reason="x"), 422, "invalid")
    assert house.digest() == before


@pytest.mark.parametrize(("body", "field"), [
    ({"kind": "visit", "action": "request"}, "visitor"), ({"kind": "nothing", "action": "request", "fields": {}}, "kind"),
    ({"kind": "visit", "action": "allow", "fields": {}}, "action"), ({"kind": ["visit"], "action": "request"}, "kind"),
    ({"kind": "visit", "action": "request", "contract": "harbour-2025"}, "contract"),
    ({"kind": "visit", "action": "request", "contract": "nowhere"}, "contract"),
    ({"kind": "visit", "action": "request", "contract": 7}, "contract"),
    ({"kind": "访客", "action": "request"}, "kind"),
])  # fmt: skip
def test_what_cannot_be_opened_is_told_by_name(house: House, body: dict[str, Any], field: str) -> None:
    before = house.digest()
    told = problem(house.post("/tickets", body, "staff1"), 422, "invalid")
    assert field in [one["field"] for one in told["errors"]]
    assert house.digest() == before


def test_each_sentence_comes_in_both_languages(house: House, number: str) -> None:
    """The titles of problems; what a refusal says is the declaration's own and is tested with it."""
    for language, title in (("zh-CN", "提交的内容不符合要求。"), ("en", "What was sent does not fit.")):
        answer = house.post(f"/tickets/{number}/actions/remark", {"version": "1"}, "staff1", language=language)
        assert problem(answer, 422, "invalid")["title"] == title
        headers = house.headers("staff1", language)
        answer = house.http.post(f"/api/v1/tickets/{number}/actions/remark", json={"version": 1}, headers=headers)
        assert ("标识键" in problem(answer, 400, "key-needed")["title"]) is (language == "zh-CN")
        assert house.get("/nowhere", "staff1", language=language).get_json()["title"]


# --- keys --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", " ", "a" * 81, "a b", "键", "a\tb"])
def test_each_changing_request_needs_a_key(house: House, number: str, key: str | None) -> None:
    before = house.digest()
    headers = house.headers("staff1")
    if key is not None:
        headers["Idempotency-Key"] = key.encode().decode("latin-1")
    here = f"/tickets/{number}"
    for path in (
        "/tickets",
        f"{here}/actions/remark",
        f"{here}/papers",
        f"{here}/papers/1/signatures",
        "/identity-checks",
    ):
        problem(house.http.post(f"/api/v1{path}", json={}, headers=headers), 400, "key-needed")
    assert house.digest() == before


def test_the_longest_key_is_taken(house: House, number: str) -> None:
    key = "!" + "~" * 79
    assert house.act(number, "remark", "staff1", key=key, text="好").status_code == 200


def test_a_repetition_gets_the_first_answer_and_says_so(house: House, visit_fields: dict[str, Any]) -> None:
    body = {"kind": "visit", "action": "request", "fields": as_json(visit_fields)}
    first, again = (house.post("/tickets", body, "staff1", key="once") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(house.get("/tickets", "staff1").get_json()["tickets"]) == 1


def test_a_refusal_is_repeated_too_and_written_once(house: House, number: str) -> None:
    answers = [house.act(number, "leave", "engineer1", version=1, key="once") for _ in range(3)]
    assert [one.status_code for one in answers] == [409] * 3
    assert answers[0].get_json() == answers[2].get_json()
    assert answers[2].headers["Idempotent-Replayed"] == "true"
    assert len(house.events(number)) == 2


def test_a_key_serves_one_request_only(house: House, number: str) -> None:
    assert house.act(number, "remark", "staff1", version=1, key="once", text="一").status_code == 200
    before, written = house.digest(), len(house.events(number))
    problem(house.act(number, "remark", "staff1", version=1, key="once", text="二"), 422, "key-reused")
    problem(house.act(number, "leave", "staff1", version=1, key="once"), 422, "key-reused")
    problem(house.bring(number, "staff1", key="once"), 422, "key-reused")
    proof = {"ticket": number, "version": 1, "code": house.code("staff1")}
    problem(house.post("/identity-checks", proof, "staff1", key="once"), 422, "key-reused")
    assert (house.digest(), len(house.events(number))) == (before, written)
    assert house.act(number, "remark", "staff2", version=1, key="once", text="二").status_code == 200, (
        "keys are a person's own"
    )


def test_a_stored_answer_is_not_for_who_may_no_longer_see_the_ticket(house: House, number: str) -> None:
    """FreeScout GHSA-9vx8, GHSA-83xx: access lost in the middle, the old link still answers."""
    assert house.act(number, "remark", "staff2", version=1, key="once", text="一").status_code == 200
    proof = {"ticket": number, "version": 1, "code": house.code("staff2")}
    assert house.post("/identity-checks", proof, "staff2", key="proof").status_code == 201
    house.change_mandate("staff2", contract_key="harbour-2025")
    problem(house.act(number, "remark", "staff2", version=1, key="once", text="一"), 404, "not-found")
    problem(house.post("/identity-checks", proof, "staff2", key="proof"), 404, "not-found")


def test_no_answer_is_remembered_for_what_never_reached_the_desk(house: House, number: str) -> None:
    house.post(f"/tickets/{number}/actions/remark", b"{", "staff1", key="once")
    with house.engine.connect() as connection:
        assert not connection.execute(Answer.__table__.select().where(Answer.key == "once")).all()
    assert house.act(number, "remark", "staff1", key="once", text="好").status_code == 200


def test_json_is_json_whatever_stands_in_it(house: House, number: str) -> None:
    """Stored markup comes back as text of a JSON answer that no browser runs."""
    text = "<script>alert(1)</script> {{7*7}} ${x} %(n)s"
    house.do(number, "remark", "staff1", text=text)
    answer = house.get(f"/tickets/{number}/events", "reviewer1")
    assert json.loads(answer.data)["events"][-1]["fields"]["text"] == text
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")
