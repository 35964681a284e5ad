"""Signing in: what opens the door, and the nearest thing to it that does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from auth import passwords, people, signin, totp
from auth.models import FailureCount, Person, SecurityEvent, UserSession
from auth.records import Refusal, digest
from database import reading, transaction
from tests.auth.conftest import PASSWORD, START, Desk


def signed_in(desk: Desk, client) -> bool:
    return client.get("/account").status_code == 200


def test_password_and_code_together_open_the_account(desk: Desk) -> None:
    client = desk.sign_in(desk.person("lin.yi", "client.staff"))
    assert signed_in(desk, client)


@pytest.mark.parametrize(
    "other",
    [
        {"password": "a long walk by the lakE"},
        {"password": ""},
        {"code": ""},
        {"code": "000000"},
        {"code": "１２３４５６"},
        {"username": "nobody"},
        {"username": ""},
    ],
)
def test_each_part_missing_or_wrong_gives_the_same_answer(desk: Desk, other: dict[str, str]) -> None:
    person = desk.person("lin.yi", "client.staff")
    client = desk.client()
    given = {"username": "lin.yi", "password": PASSWORD, "code": desk.code(person)} | other
    answer = desk.post(client, "/sign-in", given)
    assert answer.status_code == 401
    assert signin.NOT_SIGNED_IN.says.text in answer.get_data(as_text=True) or "用户名" in answer.get_data(as_text=True)
    assert not signed_in(desk, client)


def test_lists_and_unknown_fields_are_refused_and_nothing_is_written(desk: Desk) -> None:
    client = desk.client()
    twice = {"username": ["a", "b"], "password": "x", "code": "1"}
    assert desk.post(client, "/sign-in", twice).status_code == 422
    assert desk.post(client, "/sign-in", {"username": "a", "is_admin": "1"}).status_code == 422
    assert desk.post(client, "/sign-in", {"username": "a\r\nb"}).status_code == 422
    with reading(desk.engine) as session:
        assert session.scalar(select(func.count()).select_from(FailureCount)) == 0


def test_a_code_opens_once_whoever_saw_it(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    code = desk.code(person)
    assert signed_in(desk, desk.sign_in(person, code=code))
    assert not signed_in(desk, desk.sign_in(person, code=code))


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phones_clock_may_be_one_step_off(steps: int, fits: bool) -> None:
    secret = totp.new_secret(b"x" * 20)
    code = totp.code_of_step(secret, totp.step_at(START) + steps)
    assert (totp.accepted_step(secret, code, START, 0) is not None) is fits


def test_an_earlier_code_than_the_last_is_a_replay_too() -> None:
    secret, now = totp.new_secret(b"x" * 20), totp.step_at(START)
    assert totp.accepted_step(secret, totp.code_of_step(secret, now - 1), START, now) is None


def test_the_fifth_failure_locks_and_exactly_at_the_end_the_door_is_open(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    for _ in range(4):
        desk.sign_in(person, password="wrong")
    desk.code(person)
    assert signed_in(desk, desk.sign_in(person))
    for _ in range(5):
        desk.sign_in(person, password="wrong")
    locked_at = desk.at
    assert not signed_in(desk, desk.sign_in(person))
    desk.at = locked_at + timedelta(minutes=15) - timedelta(microseconds=1)
    assert not signed_in(desk, desk.sign_in(person, code=totp.usable_code(desk.secrets[person.id], desk.at, 0)))
    desk.at = locked_at + timedelta(minutes=15)
    assert signed_in(desk, desk.sign_in(person))


def test_a_lock_survives_a_restart(make_desk) -> None:
    first = make_desk()
    person = first.person("lin.yi", "client.staff")
    for _ in range(5):
        first.sign_in(person, password="wrong")
    second = make_desk()
    second.secrets, second.at = first.secrets, first.at
    assert not signed_in(second, second.sign_in(person))


def test_an_address_is_locked_after_many_accounts_failed_from_it(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    client = desk.client()
    for number in range(30):
        desk.post(client, "/sign-in", {"username": f"guess{number}", "password": "x", "code": "1"})
    assert not signed_in(desk, desk.sign_in(person))
    elsewhere = desk.client()
    elsewhere.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    assert signed_in(desk, desk.sign_in(person, elsewhere))


def test_a_forwarded_address_changes_nothing(desk: Desk) -> None:
    client = desk.client()
    data = {"username": "nobody", "password": "x", "code": "1"}
    desk.post(client, "/sign-in", data, headers={"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6"})
    with reading(desk.engine) as session:
        assert session.scalars(select(SecurityEvent.address)).all()[-1] == "127.0.0.1"


def test_what_was_typed_as_user_name_is_not_kept_in_clear(desk: Desk) -> None:
    desk.post(desk.client(), "/sign-in", {"username": "hunter2-my-password", "password": "x", "code": "1"})
    with reading(desk.engine) as session:
        kept = str(session.scalars(select(FailureCount.key)).all()) + str(
            session.scalars(select(SecurityEvent.detail)).all()
        )
    assert "hunter2" not in kept


def test_signing_in_changes_the_session_and_the_old_one_is_dead(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    client = desk.client()
    client.get("/sign-in")
    before = client.get_cookie("counterpart").value
    desk.sign_in(person, client)
    first = client.get_cookie("counterpart").value
    desk.sign_in(person, client)
    second = client.get_cookie("counterpart").value
    assert len({before, first, second}) == 3
    assert signed_in(desk, client)
    client.set_cookie("counterpart", first)
    assert not signed_in(desk, client)


def test_an_attackers_session_is_not_taken_over_by_the_victim(desk: Desk) -> None:
    client = desk.client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "chosen-by-the-attacker"
    desk.sign_in(desk.person("lin.yi", "client.staff"), client)
    with reading(desk.engine) as session:
        assert (
            session.scalar(select(UserSession).where(UserSession.token_hash == digest("chosen-by-the-attacker")))
            is None
        )
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "chosen-by-the-attacker"


def test_signing_out_ends_the_session_on_the_server(desk: Desk) -> None:
    client = desk.sign_in(desk.person("lin.yi", "client.staff"))
    kept = client.get_cookie("counterpart").value
    desk.post(client, "/sign-out")
    client.set_cookie("counterpart", kept)
    assert not signed_in(desk, client)


def test_thirty_idle_minutes_end_a_session_and_one_instant_less_does_not(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    client = desk.sign_in(person)
    seen = desk.at
    desk.at = seen + timedelta(minutes=30) - timedelta(microseconds=1)
    assert signed_in(desk, client)
    desk.pass_time(minutes=30)
    assert not signed_in(desk, client)


def test_a_page_that_refreshes_itself_does_not_keep_the_session_alive(desk: Desk) -> None:
    client = desk.sign_in(desk.person("lin.yi", "client.staff"))
    for _ in range(3):
        desk.pass_time(minutes=9)
        assert client.get("/account", headers={"X-Background": "1"}).status_code == 200
    desk.pass_time(minutes=9)
    assert not signed_in(desk, client)


def test_twelve_hours_end_a_session_that_was_never_idle(desk: Desk) -> None:
    client = desk.sign_in(desk.person("lin.yi", "client.staff"))
    began = desk.at
    while desk.at + timedelta(minutes=20) < began + timedelta(hours=12):
        desk.pass_time(minutes=20)
        assert signed_in(desk, client)
    desk.at = began + timedelta(hours=12)
    assert not signed_in(desk, client)


def test_a_look_is_written_down_at_most_once_a_minute(desk: Desk) -> None:
    client = desk.sign_in(desk.person("lin.yi", "client.staff"))

    def seen() -> object:
        with reading(desk.engine) as session:
            return session.scalars(select(UserSession.seen_at).order_by(UserSession.id.desc())).first()

    first = seen()
    desk.pass_time(seconds=59)
    client.get("/account")
    assert seen() == first
    desk.pass_time(seconds=1)
    client.get("/account")
    assert seen() == desk.at


def test_disabling_ends_every_session_within_the_same_second(desk: Desk) -> None:
    person, other = desk.person("lin.yi", "client.staff"), desk.person("sec", "admin.security")
    client = desk.sign_in(person)
    assert signed_in(desk, client)
    with transaction(desk.engine) as session:
        people.disable(session, person.id, by=other.id, reason="left", at=desk.at)
    assert not signed_in(desk, client)
    assert not signed_in(desk, desk.sign_in(person))


def test_changing_the_password_needs_the_old_one_and_ends_the_other_sessions(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    here, there = desk.sign_in(person), desk.sign_in(person)
    new = "quite another sentence"
    for old in ("", "wrong", new):
        desk.post(here, "/account/password", {"old": old, "new": new, "again": new})
        assert signed_in(desk, there)
    before = here.get_cookie("counterpart").value
    desk.post(here, "/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert signed_in(desk, here)
    assert not signed_in(desk, there)
    assert here.get_cookie("counterpart").value != before
    assert not signed_in(desk, desk.sign_in(person))
    assert signed_in(desk, desk.sign_in(person, password=new))


def test_one_ends_ones_own_sessions_and_nobody_elses(desk: Desk) -> None:
    mine, other = desk.person("lin.yi", "client.staff"), desk.person("zhao.er", "client.staff")
    here, there, foreign = desk.sign_in(mine), desk.sign_in(mine), desk.sign_in(other)
    with reading(desk.engine) as session:
        rows = session.scalars(select(UserSession).order_by(UserSession.id.desc()).limit(2)).all()
    desk.post(here, f"/account/sessions/{rows[0].id}/revoke")
    assert signed_in(desk, foreign)
    desk.post(here, f"/account/sessions/{rows[1].id}/revoke")
    assert not signed_in(desk, there)
    assert signed_in(desk, here)


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("a" * 4 + "bcdefgh", False),
        ("a" * 4 + "bcdefghi", True),
        ("lin.yi123456", False),
        ("1qaz2wsx3edc", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("x" * 200 + "abcdefg" * 9, False),
        ("湖边的小路很长走一走吧朋友", True),
    ],
)
def test_a_password_is_long_and_not_the_first_guess(password: str, fits: bool) -> None:
    assert (passwords.objection(password, "lin.yi") is None) is fits


def test_security_events_are_neither_changed_nor_removed(desk: Desk) -> None:
    desk.person("lin.yi", "client.staff")
    for statement in ("UPDATE security_event SET outcome='done'", "DELETE FROM security_event"):
        with pytest.raises(DBAPIError, match=r"only added|permission denied"), transaction(desk.engine) as session:
            session.execute(text(statement))


def test_every_refused_sign_in_leaves_one_event(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    desk.sign_in(person, password="wrong")
    with reading(desk.engine) as session:
        found = session.scalars(select(SecurityEvent).where(SecurityEvent.outcome == "refused")).all()
    assert [(event.kind, event.person_id) for event in found] == [("sign_in", person.id)]


def test_an_outdated_comparison_does_not_sign_in(desk: Desk) -> None:
    """The password is compared before the transaction: a change in between must not be overlooked."""
    person = desk.person("lin.yi", "client.staff")
    with reading(desk.engine) as session:
        examined = signin.examine(session, "LIN.YI ", PASSWORD)
    assert examined.right
    with transaction(desk.engine) as session:
        signin.end_access(session, session.get_one(Person, person.id), at=desk.at, tokens=True)
    code = desk.code(person)
    with transaction(desk.engine) as session:
        outcome = signin.sign_in(session, desk.keyring, examined, code, at=desk.at, address="")
    assert isinstance(outcome, Refusal)


def test_a_disabled_person_gets_no_session_at_all(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    with transaction(desk.engine) as session:
        session.get_one(Person, person.id).disabled_at = desk.at
    given = {"username": "lin.yi", "password": PASSWORD, "code": desk.code(person)}
    assert desk.post(desk.client(), "/sign-in", given).status_code == 401


def test_what_the_browser_brought_along_does_not_outlive_signing_in(desk: Desk) -> None:
    client = desk.client()
    client.get("/sign-in")
    with client.session_transaction() as cookie:
        cookie["planted"], before = "x", cookie["csrf_token"]
    desk.sign_in(desk.person("lin.yi", "client.staff"), client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie.get("csrf_token") != before
