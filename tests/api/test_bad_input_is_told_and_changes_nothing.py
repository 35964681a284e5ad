"""What a program can send wrongly, and each time: a clear problem in the reader's language, and nothing changed.

The comments name the holes of other trackers that a row would have found.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.api.house import House, as_json
from tickets.models import Answer

MIB = 1024 * 1024


@pytest.fixture
def number(house: House, visit_fields: dict[str, Any]) -> str:
    return house.open("visit", by="staff1", **visit_fields)


def problem(answer: Any, status: int, name: str) -> dict[str, Any]:
    """The problem document, after a look at what all of them have."""
    told: dict[str, Any] = answer.get_json()
    assert answer.status_code == status, told
    assert answer.mimetype == "application/problem+json"
    assert told["type"] == f"/api/v1/problems/{name}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    return told


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
    from auth.models import ApiToken
    from database import transaction

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


# --- files ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "content"), [
    ("page.html", b"<script>"), ("picture.svg", b"<svg/>"), ("evidence.pdf", b"%!PS"), ("evidence.pdf", b""), ("run.exe", b"MZ"),
    ("", b"x"), ("../../etc/passwd", b"root"), ("notes.txt", b"a\x00b"),
])  # fmt: skip
def test_a_file_that_is_not_taken_is_refused_on_record(house: House, number: str, name: str, content: bytes) -> None:
    before = house.digest()
    answer = house.bring(number, "staff1", name=name or "blank", content=content)
    told = problem(answer, 422, "invalid")
    assert [one["field"] for one in told["errors"]] == ["file"]
    last = house.events(number)[-1]
    assert (last.action, last.accepted) == ("attach", False)
    assert house.digest() == before
    assert not [path for path in (house.folder / "instance" / "vault").rglob("*") if path.is_file()]


def test_a_file_is_kept_and_comes_back_as_a_download(house: House, number: str) -> None:
    first, again = (house.bring(number, "staff1", key="once") for _ in range(2))
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert first.get_json() == again.get_json()
    problem(house.bring(number, "staff1", key="once", content=b"%PDF-other"), 422, "key-reused")
    paper = house.get(f"/tickets/{number}", "reviewer1").get_json()["papers"][0]
    assert (paper["kind"], paper["by"], paper["file"]["name"]) == ("attachment", "staff1（演员）", "evidence.pdf")
    answer = house.get(paper["file"]["href"].removeprefix("/api/v1"), "reviewer1")
    assert answer.data == b"%PDF-1.7 evidence"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    answer.close()
    for stranger in ("stranger_manager", "admin_system"):
        assert house.get(paper["file"]["href"].removeprefix("/api/v1"), stranger).status_code == 404
    house.change_mandate("reviewer1", revoked_at=house.at)
    assert house.get(paper["file"]["href"].removeprefix("/api/v1"), "reviewer1").status_code == 404


def test_a_paper_of_another_ticket_is_not_found_under_this_one(
    house: House, number: str, visit_fields: dict[str, Any]
) -> None:
    """Redmine #43951: a second path to the same file with no check of its own."""
    house.bring(number, "staff1")
    paper = house.get(f"/tickets/{number}", "staff1").get_json()["papers"][0]["id"]
    other = house.open("visit", by="staff1", **visit_fields)
    problem(house.get(f"/tickets/{other}/papers/{paper}/file", "staff1"), 404, "not-found")
    problem(house.post(f"/tickets/{other}/papers/{paper}/signatures", {"version": 1}, "staff1"), 404, "not-found")
    problem(house.post(f"/tickets/{number}/papers/{paper}/signatures", {"version": 1}, "staff1"), 422, "invalid")


@pytest.mark.parametrize("more", [
    {"paper": "written_request"}, {"paper": "nothing"}, {"note": ""}, {"note": None}, {"note": "a\u0007"}, {"state": "left"},
    {"note": "a" * 201},
])  # fmt: skip
def test_what_is_said_of_a_file_is_judged_like_a_form(house: House, number: str, more: dict[str, Any]) -> None:
    before = house.digest()
    answer = house.bring(number, "staff1", **more)
    assert answer.status_code == 422, answer.get_json()
    assert house.digest() == before
    assert not house.events(number)[-1].accepted


def test_a_body_that_brings_no_file_or_two(house: House, number: str) -> None:
    headers = house.headers("staff1")
    before = house.digest()

    def send(**form: Any) -> Any:
        return house.http.post(
            f"/api/v1/tickets/{number}/papers", headers={**headers, "Idempotency-Key": house.key()}, **form
        )

    problem(send(json={"paper": "attachment"}), 415, "media-type")
    problem(send(data={"paper": "attachment", "note": "一"}, content_type="multipart/form-data"), 422, "invalid")
    problem(send(data=b"--x", content_type="multipart/form-data"), 422, "invalid")
    problem(send(data={f"f{n}": "x" for n in range(2000)}, content_type="multipart/form-data"), 413, "too-large")
    assert house.digest() == before


def test_an_oversize_file_is_refused_on_record(house: House, number: str) -> None:
    limit = house.app.extensions["counterpart"].settings.upload_limit_bytes
    answer = house.bring(number, "staff1", content=b"%PDF-" + b"x" * limit)
    assert problem(answer, 422, "invalid")["errors"][0]["field"] == "file"
    problem(house.bring(number, "staff1", content=b"%PDF-" + b"x" * (limit + 2 * MIB)), 413, "too-large")


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
