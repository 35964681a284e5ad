"""What may be done once is done once, by however many at one instant: no second writer waits outside on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from auth import factor, passwords, people, signin, totp
from auth.models import IdentityCheck, Mandate, Person, SecurityEvent, UserSession
from auth.records import Refusal
from database import alone, reading, transaction
from tests.auth.conftest import CONTRACT, PASSWORD, Desk
from tests.together import at_once


@pytest.fixture
def person(desk: Desk) -> Person:
    return desk.person("lin.yi", "client.staff")


def prove(desk: Desk, person: Person, code: str) -> Any:
    with transaction(desk.engine) as session:
        return factor.prove_factor(
            session, desk.keyring, person.id, code, ticket_id=None, content_digest="", at=desk.at,
            valid_for=timedelta(minutes=5),
        )  # fmt: skip


def sign_in(desk: Desk, code: str, password: str = PASSWORD, address: str = "192.0.2.1") -> Any:
    with reading(desk.engine) as session:
        examined = signin.examine(session, "lin.yi", password)
    with transaction(desk.engine) as session:
        return signin.sign_in(session, desk.keyring, examined, code, at=desk.at, address=address)


def rows(desk: Desk, table: Any) -> Any:
    with reading(desk.engine) as session:
        return session.scalars(select(table)).all()


def test_one_code_proves_one_factor(desk: Desk, person: Person) -> None:
    code = desk.code(person)
    came_to = at_once(*[partial(prove, desk, person, code)] * 6)
    assert sum(isinstance(one, IdentityCheck) for one in came_to) == 1
    assert len(rows(desk, IdentityCheck)) == 1


def test_one_code_signs_in_once(desk: Desk, person: Person) -> None:
    code, before = desk.code(person), len(rows(desk, UserSession))
    came_to = at_once(*[partial(sign_in, desk, code)] * 4)
    assert sum(not isinstance(one, Refusal) for one in came_to) == 1
    assert len(rows(desk, UserSession)) == before + 1


def test_a_hundredfold_guess_is_no_more_guesses_than_one_after_the_other(desk: Desk, person: Person) -> None:
    at_once(*(partial(sign_in, desk, "000000", "wrong", f"192.0.2.{n}") for n in range(12)))
    at_once(*[partial(prove, desk, person, "000000")] * 12)
    tried = [event for event in rows(desk, SecurityEvent) if event.outcome == "refused"]
    for kind in ("sign_in", "factor"):
        assert [event.detail["locked"] for event in tried if event.kind == kind].count(False) == 5
        assert sum(event.kind == kind for event in tried) == 12


def test_wrong_names_from_one_address_are_all_counted(desk: Desk) -> None:
    """No row of a person is there to wait for, nor a count yet."""
    came_to = at_once(*[partial(sign_in, desk, "000000")] * 8)
    assert all(isinstance(one, Refusal) for one in came_to)
    assert sum(event.kind == "sign_in" for event in rows(desk, SecurityEvent)) == 8


def test_a_one_time_secret_serves_once(desk: Desk) -> None:
    with transaction(desk.engine) as session:
        added = people.add_person(session, username="lin.yi", name="x", language="en", by=None, at=desk.at)
        assert isinstance(added, tuple)
    code = totp.code_of_step(signin.secret_to_enrol(desk.keyring, added[1]), totp.step_at(desk.at))

    def enrol() -> Any:
        with transaction(desk.engine) as session:
            new = passwords.hashed(PASSWORD)
            return signin.enrol(session, desk.keyring, added[1], new, code, at=desk.at, address="")

    came_to = at_once(*[enrol] * 4)
    assert sum(not isinstance(one, Refusal) for one in came_to) == 1
    assert len(rows(desk, UserSession)) == 1


def test_mandates_that_exclude_each_other_are_not_both_granted(desk: Desk) -> None:
    """Each is granted to another account of one person, so no row is common to both."""
    first, second = desk.person("lin.yi"), desk.person("lin.er")
    with transaction(desk.engine) as session:
        session.get_one(Person, second.id).same_person_as = first.id

    def grant(person: Person, role: str) -> Any:
        with transaction(desk.engine) as session:
            alone(session, people.WHO_IS_WHO)
            return desk.grant(session, person.id, role, CONTRACT)

    came_to = at_once(partial(grant, first, "client.staff"), partial(grant, second, "supplier.desk"))
    assert sum(isinstance(one, Mandate) for one in came_to) == 1
