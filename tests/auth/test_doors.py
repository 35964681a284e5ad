"""The policy table, tokens and cookies at their own doors, headers, redirects, and the administrators' pages."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from sqlalchemy import event, func, select

from auth import policy, tokens
from auth.models import ApiToken, Mandate, Person, SecurityEvent
from auth.policy import PUBLIC, SIGNED_IN, WITH_MANDATE
from auth.security_pages import EVENT_NAMES
from config import HOME
from database import reading, transaction
from tests.auth.conftest import CONTRACT, Desk

PUBLIC_ROUTES = {
    ("/sign-in", "GET"),
    ("/sign-in", "POST"),
    ("/enrol/<secret>", "GET"),
    ("/enrol/<secret>", "POST"),
    ("/language/<name>", "GET"),
    ("/demo", "GET"),
    ("/demo/<int:number>", "POST"),
    ("/static/<path:filename>", "GET"),
}


# --- default deny ----------------------------------------------------------------------------------------------------


def test_a_route_without_a_policy_stops_the_start_and_answers_nothing(make_desk) -> None:
    made = make_desk()

    @made.app.get("/forgotten")
    def forgotten() -> str:
        return "open to all"

    with pytest.raises(policy.UndeclaredRoute, match="/forgotten"):
        policy.enforce(made.app)
    client = made.sign_in(made.person("lin.yi", "client.staff"))
    assert client.get("/forgotten").status_code == 404


def test_the_public_routes_are_these_and_no_others(desk: Desk) -> None:
    public = {
        (rule.path, method) for rule in policy.table(desk.app) if rule.needs == (PUBLIC,) for method in rule.methods
    }
    assert public == PUBLIC_ROUTES


def test_every_other_route_sends_a_stranger_to_the_sign_in(desk: Desk) -> None:
    for rule in policy.table(desk.app):
        if rule.needs == (PUBLIC,):
            continue
        path = rule.path.replace("<int:number>", "1").replace("<any(end, revoke):change>", "end")
        path = path.replace("<any(disable, reinstate, enrolment):change>", "disable")
        for method in rule.methods:
            answer = desk.client().open(path, method=method)
            assert answer.status_code == (401 if path.startswith("/api/") else 303), (method, path)


@pytest.mark.parametrize("names", [(), ("nobody",), ("clock",), (PUBLIC, "admin.audit"), (SIGNED_IN, WITH_MANDATE)])
def test_a_policy_that_says_nothing_known_is_not_declared(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError):
        policy.policy(*names)


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        ("client.staff", {"/business", "/account"}),
        ("supervisor.reviewer", {"/business", "/account"}),
        ("admin.system", {"/account"}),
        ("admin.security", {"/account", "/security/people"}),
        ("admin.audit", {"/account", "/security/events"}),
        (None, {"/account"}),
    ],
)
def test_8_1_4_2_d_each_role_has_its_pages_and_the_others_are_not_there(desk: Desk, role, opens: set[str]) -> None:
    client = desk.sign_in(desk.person("lin.yi", role))
    answers = {
        path: client.get(path).status_code for path in ("/business", "/account", "/security/people", "/security/events")
    }
    assert answers == {path: 200 if path in opens else 404 for path in answers}


def test_who_calls_is_known_after_one_statement(desk: Desk) -> None:
    client = desk.sign_in(desk.person("lin.yi", "client.staff"))
    counted: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    assert client.get("/business").status_code == 200
    assert len([statement for statement in counted if not statement.startswith("BEGIN")]) == 1


# --- redirects, cross-site requests, headers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https:evil.example", "http://localhost@evil.example", "/\t/evil.example",
     "/\n/evil.example", "／／evil.example", "/／evil.example", "javascript:alert(1)", "evil.example", "", " /x"],
)  # fmt: skip
def test_next_leads_nowhere_but_here(desk: Desk, target: str) -> None:
    assert policy.same_origin_path(target) is None
    page = desk.client().get("/sign-in", query_string={"next": target})
    assert "evil.example" not in page.get_data(as_text=True).split("<form")[-1]
    person = desk.person("lin.yi", "admin.system")
    client = desk.client()
    fine = {"username": person.username, "password": "a long walk by the lake", "code": desk.code(person)}
    if target.isprintable():
        assert desk.post(client, "/sign-in", fine | {"next": target}).headers["Location"] == "/account"


def test_next_leads_back_to_the_page_that_was_asked_for(desk: Desk) -> None:
    asked = desk.client().get("/business?q=1")
    assert asked.headers["Location"] == "/sign-in?next=/business?q%3D1"
    person = desk.person("lin.yi", "client.staff")
    client = desk.client()
    given = {
        "username": "lin.yi",
        "password": "a long walk by the lake",
        "code": desk.code(person),
        "next": "/business?q=1",
    }
    assert desk.post(client, "/sign-in", given).headers["Location"] == "/business?q=1"


def test_a_change_without_the_pages_token_changes_nothing(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    client = desk.sign_in(person)
    assert client.post("/account/language", data={"language": "zh_Hans_CN"}).status_code == 400
    assert client.post("/sign-out").status_code == 400
    with reading(desk.engine) as session:
        assert session.get_one(Person, person.id).language == "en"
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/account", "/nowhere", "/api/v1/echo", "/static/desk.css", "/enrol/x"])
def test_every_answer_carries_the_headers(desk: Desk, path: str) -> None:
    for client in (desk.client(), desk.sign_in(desk.person(f"lin.{len(path)}", "client.staff"))):
        answer = client.get(path)
        answer.close()
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        if not path.startswith("/static/"):
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Cookie" in answer.headers["Vary"]


def test_behind_tls_the_cookie_is_bound_to_the_host(make_desk) -> None:
    answer = make_desk(secure_cookies=True).client().get("/sign-in", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-counterpart=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "169.254.169.254"])
def test_a_foreign_host_name_is_refused(desk: Desk, host: str) -> None:
    assert desk.client().get("/sign-in", headers={"Host": host}).status_code == 400
    assert desk.client().get("/sign-in", headers={"X-Forwarded-Host": host}).status_code == 200


# --- tokens ----------------------------------------------------------------------------------------------------------


def make_token(desk: Desk, person: Person, *scopes: str, days: int = 90) -> str:
    with transaction(desk.engine) as session:
        outcome = tokens.make_token(session, person.id, name="t", scopes=list(scopes), days=days, at=desk.at)
    assert isinstance(outcome, tuple)
    return outcome[1]


def call(desk: Desk, token: str, method: str = "GET", path: str = "/api/v1/echo", client=None) -> int:
    client = client or desk.client()
    return client.open(path, method=method, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_opens_the_api_within_its_scope_and_never_a_page(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    token = make_token(desk, person, "read", "act")
    reader = make_token(desk, person, "read")
    assert (call(desk, token), call(desk, token, "POST")) == (200, 200)
    assert (call(desk, reader), call(desk, reader, "POST")) == (200, 403)
    assert call(desk, token, path="/account") == 303
    with reading(desk.engine) as session:
        assert token not in str(session.scalars(select(ApiToken.token_hash)).all())


def test_a_token_that_is_wrong_ended_or_over_opens_nothing(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    token = make_token(desk, person, "read", days=1)
    for wrong in ("", "cp_", token[:-1], token + "A", token.upper(), "null", token.removeprefix("cp_")):
        assert call(desk, wrong) == 401
    answer = desk.client().get("/api/v1/echo")
    assert answer.mimetype == "application/problem+json"
    desk.pass_time(days=1, microseconds=-1)
    assert call(desk, token) == 200
    desk.pass_time(microseconds=1)
    assert call(desk, token) == 401


def test_a_token_dies_with_its_revocation_and_with_its_person(desk: Desk) -> None:
    person, other = desk.person("lin.yi", "client.staff"), desk.person("zhao.er", "client.staff")
    token, second = make_token(desk, person, "read"), make_token(desk, person, "read")
    with reading(desk.engine) as session:
        first_id = session.scalars(select(ApiToken.id).order_by(ApiToken.id)).first()
    desk.post(desk.sign_in(other), f"/account/tokens/{first_id}/revoke")
    assert call(desk, token) == 200
    desk.post(desk.sign_in(person), f"/account/tokens/{first_id}/revoke")
    assert call(desk, token) == 401
    with transaction(desk.engine) as session:
        session.get_one(Person, person.id).disabled_at = desk.at
    assert call(desk, second) == 401


def test_a_cookie_reads_the_api_and_never_acts_there(desk: Desk) -> None:
    client = desk.sign_in(desk.person("lin.yi", "client.staff"))
    assert client.get("/api/v1/echo").status_code == 200
    assert client.post("/api/v1/echo").status_code == 401
    assert desk.post(client, "/api/v1/echo").status_code == 401
    assert call(desk, "cp_wrong", client=client) == 401


def test_making_a_token_needs_a_fresh_factor(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    client = desk.sign_in(person)
    given = {"name": "robot", "days": "30", "scopes": ["read"], "code": "000000"}
    assert desk.post(client, "/account/tokens", given).status_code == 303
    made = desk.post(client, "/account/tokens", given | {"code": desk.code(person)})
    token = made.get_data(as_text=True).split(">cp_")[1].split("<")[0]
    assert call(desk, "cp_" + token) == 200
    assert "cp_" not in client.get("/account").get_data(as_text=True)
    wrong: dict[str, Any]
    for wrong in ({"days": "0"}, {"days": "367"}, {"scopes": ["all"]}, {"scopes": []}, {"name": ""}):
        desk.post(client, "/account/tokens", given | {"code": desk.code(person)} | wrong)
    for wrong in ({"days": "x"}, {"days": ["1", "2"]}, {"days": "-1"}, {"days": "٣"}, {"person_id": "1"}):
        assert desk.post(client, "/account/tokens", given | wrong).status_code == 422
    with reading(desk.engine) as session:
        assert session.scalar(select(func.count()).select_from(ApiToken)) == 1


# --- the administrators' pages ---------------------------------------------------------------------------------------


def test_the_security_administrator_adds_and_grants_with_reason_and_fresh_factor(desk: Desk) -> None:
    sec = desk.person("sec", "admin.security")
    client = desk.sign_in(sec)
    newcomer = {"username": "New.One", "name": "新人", "language": "zh_Hans_CN", "reason": "hired"}
    desk.post(client, "/security/people", newcomer | {"code": "000000"})
    desk.post(client, "/security/people", newcomer | {"code": desk.code(sec), "reason": " "})
    with reading(desk.engine) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
    page = desk.post(client, "/security/people", newcomer | {"code": desk.code(sec)})
    assert "/enrol/" in page.get_data(as_text=True)
    with reading(desk.engine) as session:
        person = session.scalars(select(Person).where(Person.username == "new.one")).one()
    wish = {
        "role": "client.staff", "contract": CONTRACT, "starts": "2026-05-12", "ends": "2026-05-31",
        "operations": "reboot，restore", "systems": "", "callback_number": "010-5555-0123", "reason": "hired",
    }  # fmt: skip
    desk.post(client, f"/security/people/{person.id}/mandates", wish | {"code": desk.code(sec)})
    with reading(desk.engine) as session:
        mandate = session.scalars(select(Mandate).where(Mandate.person_id == person.id)).one()
    assert mandate.starts_at.isoformat() == "2026-05-11T16:00:00+00:00"
    assert mandate.ends_at.isoformat() == "2026-05-31T16:00:00+00:00"
    assert mandate.scope == {"operations": ["reboot", "restore"]}
    shown = client.get(f"/security/people/{person.id}").get_data(as_text=True)
    assert "010****0123" in shown
    assert "5555" not in shown
    for wrong in ({"contract": "elsewhere"}, {"starts": "tomorrow"}, {"ends": "9999-12-31"}, {"granted_by": "9"}):
        given = wish | {"code": "000000"} | wrong
        assert desk.post(client, f"/security/people/{person.id}/mandates", given).status_code == 422
    desk.post(client, f"/security/mandates/{mandate.id}/revoke", {"reason": "left", "code": desk.code(sec)})
    with reading(desk.engine) as session:
        assert session.get_one(Mandate, mandate.id).revoked_at == desk.at


def test_the_audit_administrator_reads_all_events_by_key_and_changes_nothing(desk: Desk) -> None:
    sec, audit = desk.person("sec", "admin.security"), desk.person("audit", "admin.audit")
    client = desk.sign_in(audit)
    for number in range(60):
        desk.post(desk.client(), "/sign-in", {"username": f"guess{number}", "password": "x", "code": "1"})
    page = client.get("/security/events").get_data(as_text=True)
    assert "before=" in page
    with reading(desk.engine) as session:
        last = session.scalar(select(func.max(SecurityEvent.id))) or 0
    further = client.get(f"/security/events?before={last - 49}").get_data(as_text=True)
    assert f"<td>{last}</td>" in page
    assert f"<td>{last - 50}</td>" in further
    assert client.get("/security/events?before=x").status_code == 422
    assert desk.post(client, f"/security/people/{sec.id}/disable", {"reason": "x", "code": "1"}).status_code == 404
    assert desk.post(client, "/security/events").status_code == 405


def test_every_kind_of_security_event_has_a_name() -> None:
    noted = {
        kind.value
        for room in ("auth", "tickets")
        for path in sorted((HOME / room).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in ("note", "_noted")
        for kind in call.args[1:2]
        if isinstance(kind, ast.Constant)
    }
    assert noted == set(EVENT_NAMES)


def test_text_from_outside_stays_text(desk: Desk) -> None:
    sec = desk.person("sec", "admin.security")
    with transaction(desk.engine) as session:
        session.get_one(Person, sec.id).name = "<script>alert(1)</script>{{7*7}}"
    page = desk.sign_in(sec).get("/security/people").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "{{7*7}}" in page


def language_of(client: Any, path: str) -> str:
    page = client.get(path).get_data(as_text=True)
    return page.split('<html lang="')[1].split('"')[0]


def test_the_language_is_the_browsers_choice_then_chinese(desk: Desk) -> None:
    client = desk.client()
    assert language_of(client, "/sign-in") == "zh-Hans-CN"
    client.get("/language/en?next=//evil.example")
    assert language_of(client, "/sign-in") == "en"
    assert client.get("/language/xx").headers.get("Set-Cookie") is None
    assert client.get("/language/en?next=//evil.example").headers["Location"] == "/"


def test_a_language_link_works_for_whoever_is_signed_in_and_writes_nothing(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    client = desk.sign_in(person)
    assert language_of(client, "/account") == "en"
    client.get("/language/zh_Hans_CN?next=/account")
    assert language_of(client, "/account") == "zh-Hans-CN"
    with reading(desk.engine) as session:
        assert session.get_one(Person, person.id).language == "en"
    assert language_of(desk.sign_in(person), "/account") == "en"


def test_a_stored_language_takes_the_browsers_choice_away(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    client = desk.sign_in(person)
    client.get("/language/en")
    desk.post(client, "/account/language", {"language": "zh_Hans_CN"})
    assert language_of(client, "/account") == "zh-Hans-CN"
    assert language_of(desk.sign_in(person), "/account") == "zh-Hans-CN"
