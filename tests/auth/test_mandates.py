"""Who may be what: separation of duties by natural person, periods, one-time links."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from auth import people, policy, sessions, signin, totp
from auth.models import Mandate, OneTimeSecret, Person, SecurityEvent
from auth.records import Refusal
from database import reading, transaction
from tests.auth.conftest import CONTRACT, PASSWORD, START, Desk


def reason(outcome: object) -> str:
    return outcome.reason if isinstance(outcome, Refusal) else "granted"


@pytest.mark.parametrize(
    ("held", "wanted", "answer"),
    [
        ("admin.system", "admin.audit", "exclusive"),
        ("admin.security", "admin.security", "exclusive"),
        ("admin.audit", "client.staff", "exclusive"),
        ("supplier.manager", "admin.system", "exclusive"),
        ("client.staff", "supplier.desk", "two_sides"),
        ("client.staff", "supervisor.reviewer", "two_sides"),
        ("client.staff", "client.approver", "granted"),
        ("client.staff", "clock", "role"),
        ("client.staff", "", "role"),
    ],
)
def test_8_1_4_2_d_duties_that_exclude_each_other(desk: Desk, held: str, wanted: str, answer: str) -> None:
    person = desk.person("lin.yi", held)
    key = None if wanted.startswith("admin.") else CONTRACT
    with transaction(desk.engine) as session:
        assert reason(desk.grant(session, person.id, wanted, key)) == answer


def test_a_person_may_stand_on_different_sides_of_different_contracts(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    with transaction(desk.engine) as session:
        assert reason(desk.grant(session, person.id, "supplier.desk", "harbour-2025")) == "granted"


def test_8_1_4_2_d_the_database_itself_refuses_two_administrator_roles(desk: Desk) -> None:
    person = desk.person("lin.yi", "admin.system")
    with pytest.raises(IntegrityError), transaction(desk.engine) as session:
        session.add(Mandate(person_id=person.id, role="admin.audit", starts_at=desk.at, scope={}))


@pytest.mark.parametrize(("role", "contract"), [("admin.audit", CONTRACT), ("client.staff", None)])
def test_only_administrators_are_without_a_contract(desk: Desk, role: str, contract: str | None) -> None:
    person = desk.person("lin.yi")
    with transaction(desk.engine) as session:
        assert reason(desk.grant(session, person.id, role, contract)) == "contract"
    with pytest.raises(IntegrityError), transaction(desk.engine) as session:
        session.add(Mandate(person_id=person.id, role=role, contract_key=contract, starts_at=desk.at, scope={}))


def test_an_administrator_role_that_ran_out_makes_room_for_another(desk: Desk) -> None:
    person = desk.person("lin.yi")
    with transaction(desk.engine) as session:
        desk.grant(session, person.id, "admin.system", None, ends_at=desk.at + timedelta(days=1))
        assert reason(desk.grant(session, person.id, "admin.audit", None)) == "exclusive"
    desk.pass_time(days=1)
    with transaction(desk.engine) as session:
        assert reason(desk.grant(session, person.id, "admin.audit", None)) == "granted"


def test_nobody_grants_ends_or_revokes_for_themselves(desk: Desk) -> None:
    sec = desk.person("sec", "admin.security")
    with transaction(desk.engine) as session:
        wanted = people.Grant(sec.id, "admin.audit", None, desk.at, None, {})
        assert people.grant(session, desk.keyring, wanted, by=sec.id, at=desk.at) == people.SELF_GRANT
        own = session.scalars(select(Mandate).where(Mandate.person_id == sec.id)).one()
        assert people.revoke_mandate(session, own.id, by=sec.id, reason="x", at=desk.at) == people.SELF_GRANT
        assert people.disable(session, sec.id, by=sec.id, reason="x", at=desk.at) == people.SELF_GRANT
        assert people.renew_enrolment(session, sec.id, by=sec.id, reason="x", at=desk.at) == people.SELF_GRANT


def test_a_mandate_holds_from_its_first_instant_until_before_its_last(desk: Desk) -> None:
    person = desk.person("lin.yi")
    first, last = START + timedelta(days=1), START + timedelta(days=2)
    with transaction(desk.engine) as session:
        desk.grant(session, person.id, "client.staff", starts_at=first, ends_at=last)
    instant = timedelta(microseconds=1)
    with reading(desk.engine) as session:
        held = [
            (len(sessions.mandates_now(session, person.id, at)), len(people.mandates_in_force(session, CONTRACT, at)))
            for at in (first - instant, first, last - instant, last)
        ]
    assert held == [(0, 0), (1, 1), (1, 1), (0, 0)]


def test_a_revoked_or_expired_mandate_closes_the_page_at_once(desk: Desk) -> None:
    person, sec = desk.person("lin.yi", "client.staff"), desk.person("sec", "admin.security")
    client = desk.sign_in(person)
    assert client.get("/business").status_code == 200
    with transaction(desk.engine) as session:
        mandate = session.scalars(select(Mandate).where(Mandate.person_id == person.id)).one()
        people.revoke_mandate(session, mandate.id, by=sec.id, reason="moved", at=desk.at)
    assert client.get("/business").status_code == 404
    with transaction(desk.engine) as session:
        assert people.revoke_mandate(session, mandate.id, by=sec.id, reason="again", at=desk.at) == people.NO_MANDATE


def test_a_disabled_persons_mandates_are_not_in_force(desk: Desk) -> None:
    person, sec = desk.person("lin.yi", "client.approver"), desk.person("sec", "admin.security")
    with transaction(desk.engine) as session:
        people.disable(session, person.id, by=sec.id, reason="left", at=desk.at)
        session.flush()
        assert people.mandates_in_force(session, CONTRACT, desk.at, "client.approver") == []
        assert reason(desk.grant(session, person.id, "client.staff")) == "person"


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": {"rights": ["all"]}},
        {"scope": {"systems": "all"}},
        {"scope": {"systems": [""]}},
        {"callback_number": "1; DROP"},
    ],
)
def test_a_grant_takes_only_what_it_knows(desk: Desk, wrong: dict) -> None:
    person = desk.person("lin.yi")
    given = {"scope": {}, "callback_number": ""} | wrong
    with transaction(desk.engine) as session:
        wanted = people.Grant(person.id, "client.staff", CONTRACT, desk.at, None, **given)
        assert isinstance(people.grant(session, desk.keyring, wanted, by=None, at=desk.at), Refusal)
    with reading(desk.engine) as session:
        assert session.scalars(select(Mandate)).all() == []
        event = session.scalars(select(SecurityEvent).order_by(SecurityEvent.id.desc())).first()
        assert (event.kind, event.outcome) == ("mandate_granted", "refused")


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["", "ab", "a" * 41, "lin yi", "../x", "林一", "a\nb", "-abc", "LIN.YI"])
def test_a_user_name_is_plain_and_given_once_for_ever(desk: Desk, username: str) -> None:
    desk.person("lin.yi")
    with transaction(desk.engine) as session:
        outcome = people.add_person(session, username=username, name="X", language="en", by=None, at=desk.at)
    assert isinstance(outcome, Refusal)


def newcomer(desk: Desk, username: str = "new.one") -> tuple[Person, str]:
    with transaction(desk.engine) as session:
        outcome = people.add_person(session, username=username, name="New", language="en", by=None, at=desk.at)
    assert isinstance(outcome, tuple)
    return outcome


def enrol(desk: Desk, client, secret: str, **other: str):
    shared = signin.secret_to_enrol(desk.keyring, secret)
    given = {"password": PASSWORD, "again": PASSWORD, "code": totp.usable_code(shared, desk.at, 0)} | other
    return desk.post(client, f"/enrol/{secret}", given)


def test_a_newcomer_enrols_once_and_is_signed_in(desk: Desk) -> None:
    person, secret = newcomer(desk)
    client = desk.client()
    page = client.get(f"/enrol/{secret}")
    assert page.status_code == 200
    assert "data:image/svg+xml" in page.get_data(as_text=True)
    assert enrol(desk, client, secret).status_code == 303
    assert client.get("/account").status_code == 200
    assert desk.client().get(f"/enrol/{secret}").status_code == 404
    assert enrol(desk, desk.client(), secret).status_code == 404
    with reading(desk.engine) as session:
        row = session.get_one(Person, person.id)
        assert row.password_hash.startswith("$argon2id$")
        assert signin.secret_to_enrol(desk.keyring, secret) not in (row.totp_sealed or "")
        assert session.scalars(select(OneTimeSecret.secret_hash)).one() != secret


@pytest.mark.parametrize("other", [{"code": "000000"}, {"password": "short", "again": "short"}, {"again": "differs"}])
def test_an_enrolment_that_fails_leaves_the_link_usable(desk: Desk, other: dict[str, str]) -> None:
    _person, secret = newcomer(desk)
    client = desk.client()
    assert enrol(desk, client, secret, **other).status_code == 422
    assert client.get("/account").status_code == 303
    assert enrol(desk, client, secret).status_code == 303


@pytest.mark.parametrize("secret", ["%20", "null", "None", "[]", "0" * 43, "a" * 500])
def test_what_is_not_a_secret_opens_nothing(desk: Desk, secret: str) -> None:
    newcomer(desk)
    assert desk.client().get(f"/enrol/{secret}").status_code == 404
    assert desk.post(desk.client(), f"/enrol/{secret}", {}).status_code == 404


def test_a_link_ends_after_thirty_minutes_to_the_instant(desk: Desk) -> None:
    _person, secret = newcomer(desk)
    desk.pass_time(minutes=30, microseconds=-1)
    assert desk.client().get(f"/enrol/{secret}").status_code == 200
    desk.pass_time(microseconds=1)
    assert desk.client().get(f"/enrol/{secret}").status_code == 404


def test_a_later_link_replaces_the_earlier_and_old_access_ends(desk: Desk) -> None:
    person, sec = desk.person("lin.yi", "client.staff"), desk.person("sec", "admin.security")
    client = desk.sign_in(person)
    with transaction(desk.engine) as session:
        first = people.renew_enrolment(session, person.id, by=sec.id, reason="phone lost", at=desk.at)
        second = people.renew_enrolment(session, person.id, by=sec.id, reason="phone lost", at=desk.at)
    assert client.get("/account").status_code == 303
    assert desk.client().get(f"/enrol/{first}").status_code == 404
    assert desk.client().get(f"/enrol/{second}").status_code == 200


def test_another_persons_link_changes_only_that_person(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    other, secret = newcomer(desk)
    client = desk.sign_in(person)
    enrol(desk, client, secret)
    with client.session_transaction() as cookie, reading(desk.engine) as session, desk.app.app_context():
        account = sessions.account_of_session(session, cookie["_user_id"], desk.at)
    assert account.caller.person_id == other.id
    assert desk.sign_in(person).get("/account").status_code == 200


def test_reinstating_brings_nothing_old_back(desk: Desk) -> None:
    person, sec = desk.person("lin.yi", "client.staff"), desk.person("sec", "admin.security")
    with transaction(desk.engine) as session:
        people.disable(session, person.id, by=sec.id, reason="left", at=desk.at)
        session.flush()
        secret = people.reinstate(session, person.id, by=sec.id, reason="back", at=desk.at)
    assert isinstance(secret, str)
    assert desk.sign_in(person).get("/account").status_code == 303


def test_a_link_dies_with_any_later_change_of_credentials(desk: Desk) -> None:
    person, secret = newcomer(desk)
    with transaction(desk.engine) as session:
        signin.end_access(session, session.get_one(Person, person.id), at=desk.at, tokens=True)
    assert desk.client().get(f"/enrol/{secret}").status_code == 404


def test_8_1_4_2_d_even_a_tampered_database_gives_an_administrator_no_business_page(desk: Desk) -> None:
    person = desk.person("lin.yi", "admin.security")
    with transaction(desk.engine) as session:
        session.add(
            Mandate(person_id=person.id, role="client.staff", contract_key=CONTRACT, starts_at=desk.at, scope={})
        )
    assert desk.sign_in(person).get("/business").status_code == 404
    with reading(desk.engine) as session:
        held = sessions.mandates_now(session, person.id, desk.at)
    caller = sessions.Caller(person.id, "lin.yi", "X", "en", held, 1, None)
    assert not policy.allows(("client.staff",), caller)
    assert policy.allows(("admin.security",), caller)
