"""Identity checks: bound to one ticket and one content, passed once, by the right person, in time (C9.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from auth import factor
from auth.models import IdentityCheck, Mandate, Person, SecurityEvent
from auth.records import Refusal
from auth.seal import BrokenSeal
from database import reading, transaction
from tests.auth.conftest import Desk

FIVE_MINUTES = timedelta(minutes=5)


def prove(desk: Desk, person_id: int, code: str, ticket_id: int | None = 7, content: str = "aa"):
    with transaction(desk.engine) as session:
        return factor.prove_factor(
            session,
            desk.keyring,
            person_id,
            code,
            ticket_id=ticket_id,
            content_digest=content,
            at=desk.at,
            valid_for=FIVE_MINUTES,
        )


def latest(desk: Desk, person_id: int, ticket_id: int | None = 7, content: str = "aa"):
    with reading(desk.engine) as session:
        return factor.latest_check(session, person_id, ticket_id=ticket_id, content_digest=content, at=desk.at)


def test_c9_5_a_fresh_code_proves_the_person_for_this_ticket_and_this_content_only(desk: Desk) -> None:
    person, other = desk.person("lin.yi", "client.staff"), desk.person("zhao.er", "client.staff")
    check = prove(desk, person.id, desk.code(person))
    assert isinstance(check, IdentityCheck)
    assert latest(desk, person.id).id == check.id
    assert latest(desk, person.id, ticket_id=8) is None
    assert latest(desk, person.id, ticket_id=None) is None
    assert latest(desk, person.id, content="after an edit") is None
    assert latest(desk, other.id) is None
    desk.at = check.expires_at - timedelta(microseconds=1)
    assert latest(desk, person.id) is not None
    desk.at = check.expires_at
    assert latest(desk, person.id) is None


def test_c9_5_a_code_used_to_sign_in_does_not_prove_an_act(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    code = desk.code(person)
    desk.sign_in(person, code=code)
    assert prove(desk, person.id, code) == factor.WRONG_CODE
    assert isinstance(prove(desk, person.id, desk.code(person)), IdentityCheck)


def test_c9_5_another_persons_code_proves_nothing(desk: Desk) -> None:
    person, other = desk.person("lin.yi", "client.staff"), desk.person("zhao.er", "client.staff")
    assert isinstance(prove(desk, person.id, desk.code(other)), Refusal)


def test_c9_5_a_sealed_factor_copied_to_another_person_does_not_open(desk: Desk) -> None:
    person, other = desk.person("lin.yi", "client.staff"), desk.person("zhao.er", "client.staff")
    with transaction(desk.engine) as session:
        theirs = session.get_one(Person, other.id)
        session.get_one(Person, person.id).totp_sealed = theirs.totp_sealed
    assert isinstance(prove(desk, person.id, desk.code(other)), Refusal)
    with pytest.raises(BrokenSeal):
        desk.keyring.sealer.open(f"totp:{person.id}", theirs.totp_sealed or "")


def test_wrong_codes_count_lock_and_stay_on_record(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    for _ in range(5):
        assert prove(desk, person.id, "000000") == factor.WRONG_CODE
    assert prove(desk, person.id, desk.code(person)) == factor.FACTOR_LOCKED
    desk.pass_time(minutes=15)
    assert isinstance(prove(desk, person.id, desk.code(person)), IdentityCheck)
    with reading(desk.engine) as session:
        refused = select(func.count()).select_from(SecurityEvent).where(SecurityEvent.outcome == "refused")
        assert session.scalar(refused) == 6


@pytest.mark.parametrize("code", ["", " ", "12345", "abcdef", "１２３４５６", "1" * 400])
def test_what_is_not_a_code_is_a_wrong_code(desk: Desk, code: str) -> None:
    assert prove(desk, desk.person("lin.yi").id, code) == factor.WRONG_CODE


def test_a_disabled_or_unknown_person_proves_nothing(desk: Desk) -> None:
    person = desk.person("lin.yi", "client.staff")
    code = desk.code(person)
    with transaction(desk.engine) as session:
        session.get_one(Person, person.id).disabled_at = desk.at
    assert isinstance(prove(desk, person.id, code), Refusal)
    assert isinstance(prove(desk, 999, "123456"), Refusal)


# --- call-back -------------------------------------------------------------------------------------------------------


def challenge(desk: Desk, subject: Person, verifier: Person):
    with transaction(desk.engine) as session:
        return factor.issue_challenge(
            session,
            desk.keyring,
            ticket_id=7,
            content_digest="aa",
            subject_id=subject.id,
            verifier_id=verifier.id,
            at=desk.at,
            valid_for=timedelta(minutes=10),
        )


def passed(desk: Desk, check_id: int) -> IdentityCheck | None:
    with transaction(desk.engine) as session:
        return factor.pass_challenge(session, check_id, at=desk.at, valid_for=timedelta(minutes=30))


def digits_of(desk: Desk, person: Person) -> list[str]:
    with reading(desk.engine) as session:
        return [digits for _check, digits in factor.open_challenges(session, desk.keyring, person.id, at=desk.at)]


@pytest.fixture
def pair(desk: Desk) -> tuple[Person, Person]:
    return desk.person("lin.yi", "client.staff"), desk.person("chen.desk", "supplier.desk")


def test_c9_5_an_answered_call_back_holds_from_the_answer_on_and_is_marked_once(desk: Desk, pair) -> None:
    subject, verifier = pair
    check = challenge(desk, subject, verifier)
    assert digits_of(desk, verifier) == []
    assert len(digits_of(desk, subject)) == 1
    desk.pass_time(minutes=2)
    done = passed(desk, check.id)
    assert done.passed_at == desk.at
    assert done.expires_at == desk.at + timedelta(minutes=30)
    assert digits_of(desk, subject) == []
    assert passed(desk, check.id) is None
    assert passed(desk, 999) is None
    with reading(desk.engine) as session:
        event = session.scalars(select(SecurityEvent).order_by(SecurityEvent.id.desc())).first()
    assert (event.kind, event.person_id, event.subject_id) == ("challenge_answered", verifier.id, subject.id)


def test_c9_5_nobody_verifies_themselves(desk: Desk, pair) -> None:
    subject, _verifier = pair
    assert challenge(desk, subject, subject) == factor.SELF_VERIFIED
    assert digits_of(desk, subject) == []


def test_c9_5_a_passed_second_factor_is_no_call_back_to_be_marked(desk: Desk, pair) -> None:
    subject, _verifier = pair
    check = prove(desk, subject.id, desk.code(subject))
    assert passed(desk, check.id) is None


def test_a_challenge_ends_with_its_time_and_with_the_next_one(desk: Desk, pair) -> None:
    subject, verifier = pair
    first = challenge(desk, subject, verifier)
    challenge(desk, subject, verifier)
    assert len(digits_of(desk, subject)) == 1
    assert passed(desk, first.id) is None
    desk.pass_time(minutes=10)
    assert digits_of(desk, subject) == []


def test_c9_5_the_person_called_reads_the_digits_on_whichever_own_account(desk: Desk, pair) -> None:
    subject, verifier = pair
    challenge(desk, subject, verifier)
    beside, stranger = desk.person("lin.er", "client.staff"), desk.person("zhao.er", "client.staff")
    with transaction(desk.engine) as session:
        session.get_one(Person, beside.id).same_person_as = subject.id
    assert digits_of(desk, beside) == digits_of(desk, subject) != []
    assert digits_of(desk, stranger) == []


def test_the_digits_stand_only_on_the_subjects_own_page_and_sealed_in_the_database(desk: Desk, pair) -> None:
    subject, verifier = pair
    check = challenge(desk, subject, verifier)
    (digits,) = digits_of(desk, subject)
    assert digits in desk.sign_in(subject).get("/account").get_data(as_text=True)
    assert f">{digits}<" not in desk.sign_in(verifier).get("/account").get_data(as_text=True)
    assert digits not in (check.challenge_sealed or "")


def test_r7_4_the_number_comes_from_the_mandate_and_showing_it_is_on_record(desk: Desk, pair) -> None:
    subject, verifier = pair
    with transaction(desk.engine) as session:
        mandate = session.scalars(select(Mandate).where(Mandate.person_id == subject.id)).one()
        mandate.callback_number_sealed = desk.keyring.sealer.seal(f"callback:{subject.id}", "010-5555-0123")
        shown = factor.reveal_callback_number(
            session, desk.keyring, mandate.id, verifier_id=verifier.id, ticket_id=7, at=desk.at
        )
        assert shown == "010-5555-0123"
        session.flush()
        event = session.scalars(select(SecurityEvent).order_by(SecurityEvent.id.desc())).first()
        assert (event.kind, event.person_id, event.subject_id) == ("number_shown", verifier.id, subject.id)
        assert "5555" not in mandate.callback_number_sealed
    assert factor.masked("010-5555-0123") == "010****0123"
    assert factor.masked(None) == ""
