"""One natural person with two accounts: duties stay apart by person, and what was found out stays on record."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from auth import factor, natural, people
from auth.commands import findings_at
from auth.models import Mandate, Person, SecurityEvent
from auth.records import Refusal
from database import reading, transaction
from tests.auth.conftest import CONTRACT, Desk


def same(desk: Desk, person: Person, first: Person, by: Person | None = None) -> object:
    with transaction(desk.engine) as session:
        return people.same_person(
            session, person.id, first.id, by=by.id if by else None, reason="found out", at=desk.at
        )


def another(desk: Desk, person: Person, by: Person) -> object:
    with transaction(desk.engine) as session:
        return people.another_person(session, person.id, by=by.id, reason="mistaken", at=desk.at)


def firsts(desk: Desk) -> dict[str, int | None]:
    with reading(desk.engine) as session:
        return {person.username: person.same_person_as for person in session.scalars(select(Person))}


def last_event(desk: Desk) -> SecurityEvent:
    with reading(desk.engine) as session:
        return session.scalars(select(SecurityEvent).order_by(SecurityEvent.id.desc()).limit(1)).one()


def reason(outcome: object) -> str:
    return outcome.reason if isinstance(outcome, Refusal) else "done"


def test_every_account_points_to_the_first_one_however_they_were_found(desk: Desk) -> None:
    a, b, c, d = (desk.person(f"lin.{letter}") for letter in "abcd")
    assert reason(same(desk, b, a)) == "done"
    assert reason(same(desk, d, c)) == "done"
    assert reason(same(desk, c, b)) == "done"
    assert firsts(desk) == {"lin.a": None, "lin.b": a.id, "lin.c": a.id, "lin.d": a.id}


def test_no_cycle_no_repetition_and_nobody_unknown(desk: Desk) -> None:
    a, b = desk.person("lin.a"), desk.person("lin.b")
    same(desk, b, a)
    assert reason(same(desk, a, b)) == "recorded"
    assert reason(same(desk, b, a)) == "recorded"
    assert reason(same(desk, a, a)) == "recorded"
    assert reason(same(desk, a, Person(id=999))) == "person"
    assert reason(same(desk, Person(id=999), a)) == "person"
    assert firsts(desk) == {"lin.a": None, "lin.b": a.id}
    assert last_event(desk).outcome == "refused"


def test_nobody_records_it_of_themselves_on_either_side_nor_of_their_second_account(desk: Desk) -> None:
    sec, mine, other = desk.person("sec", "admin.security"), desk.person("mine"), desk.person("other")
    assert same(desk, sec, other, by=sec) == people.SELF_GRANT
    assert same(desk, other, sec, by=sec) == people.SELF_GRANT
    same(desk, mine, sec)
    assert same(desk, other, mine, by=sec) == people.SELF_GRANT
    assert another(desk, mine, sec) == people.SELF_GRANT
    assert reason(same(desk, other, desk.person("first"), by=sec)) == "done"


def test_it_is_recorded_even_where_mandates_then_exclude_each_other_and_these_are_named(desk: Desk) -> None:
    sec = desk.person("sec", "admin.security")
    a, b = desk.person("lin.a", "client.staff"), desk.person("lin.b", "supplier.desk")
    harmless = desk.person("lin.c", "supplier.desk", "harbour-2025")
    assert reason(same(desk, harmless, a, by=sec)) == "done"
    assert last_event(desk).detail["conflicting"] == []
    assert reason(same(desk, b, a, by=sec)) == "done"
    event = last_event(desk)
    with reading(desk.engine) as session:
        ids = session.scalars(select(Mandate.id).where(Mandate.person_id.in_([a.id, b.id])).order_by(Mandate.id)).all()
    assert (event.kind, event.person_id, event.subject_id) == ("same_person", sec.id, b.id)
    assert event.detail["conflicting"] == ids
    page = desk.sign_in(sec).get(f"/security/people/{a.id}").get_data(as_text=True)
    assert page.count("lin.b") == 2
    assert 'role="alert"' in page
    with reading(desk.engine) as session:
        assert ("lin.a", "one person's mandates exclude each other") in findings_at(session, desk.at)


def test_8_1_4_2_d_a_second_account_gets_no_mandate_that_the_first_one_excludes(desk: Desk) -> None:
    a, b, c = desk.person("lin.a", "client.staff"), desk.person("lin.b"), desk.person("lin.c")
    same(desk, b, a)
    with transaction(desk.engine) as session:
        assert reason(desk.grant(session, c.id, "supplier.desk")) == "done"
        assert reason(desk.grant(session, b.id, "supplier.desk")) == "two_sides"
        assert reason(desk.grant(session, b.id, "admin.audit", None)) == "exclusive"
        assert reason(desk.grant(session, b.id, "client.approver")) == "done"
    system, audit = desk.person("sys", "admin.system"), desk.person("aud")
    same(desk, audit, system)
    with transaction(desk.engine) as session:
        assert reason(desk.grant(session, audit.id, "admin.audit", None)) == "exclusive"


def test_8_1_4_2_d_a_disabled_account_counts_for_it_can_be_let_back_in(desk: Desk) -> None:
    a, b = desk.person("lin.a", "client.staff"), desk.person("lin.b")
    same(desk, b, a)
    with transaction(desk.engine) as session:
        session.get_one(Person, a.id).disabled_at = desk.at
        session.flush()
        assert reason(desk.grant(session, b.id, "supplier.desk")) == "two_sides"


def test_nobody_changes_their_own_second_account(desk: Desk) -> None:
    sec, mine = desk.person("sec", "admin.security"), desk.person("mine")
    same(desk, mine, sec)
    with transaction(desk.engine) as session:
        wanted = people.Grant(mine.id, "client.staff", CONTRACT, desk.at, None, {})
        assert people.grant(session, desk.keyring, wanted, by=sec.id, at=desk.at) == people.SELF_GRANT
        assert people.disable(session, mine.id, by=sec.id, reason="x", at=desk.at) == people.SELF_GRANT
        assert people.renew_enrolment(session, mine.id, by=sec.id, reason="x", at=desk.at) == people.SELF_GRANT


def test_8_1_4_2_d_an_administrators_second_account_opens_no_business_page(desk: Desk) -> None:
    audit, staff = desk.person("aud", "admin.audit"), desk.person("lin.a", "client.staff")
    client = desk.sign_in(staff)
    assert client.get("/business").status_code == 200
    same(desk, staff, audit)
    assert client.get("/business").status_code == 404
    assert client.get("/security/events").status_code == 404
    assert desk.sign_in(audit).get("/security/events").status_code == 200
    with transaction(desk.engine) as session:
        session.scalars(select(Mandate).where(Mandate.person_id == audit.id)).one().revoked_at = desk.at
    assert client.get("/business").status_code == 200


def test_another_account_lends_no_rights(desk: Desk) -> None:
    staff, bare = desk.person("lin.a", "client.staff"), desk.person("lin.b")
    same(desk, bare, staff)
    assert desk.sign_in(bare).get("/business").status_code == 404
    assert desk.sign_in(staff).get("/business").status_code == 200


def test_c9_5_nobody_calls_back_their_own_other_account(desk: Desk) -> None:
    staff, caller = desk.person("lin.a", "client.staff"), desk.person("lin.b", "supplier.desk")
    same(desk, caller, staff)
    with transaction(desk.engine) as session:
        made = factor.issue_challenge(
            session, desk.keyring, ticket_id=7, content_digest="aa", subject_id=staff.id,
            verifier_id=caller.id, at=desk.at, valid_for=desk.keyring.lock,
        )  # fmt: skip
    assert made == factor.SELF_VERIFIED


def test_what_was_recorded_by_mistake_is_taken_back_and_both_stay_on_record(desk: Desk) -> None:
    sec, a, b = desk.person("sec", "admin.security"), desk.person("lin.a"), desk.person("lin.b")
    assert reason(another(desk, b, sec)) == "person"
    same(desk, b, a, by=sec)
    assert reason(another(desk, a, sec)) == "person"
    assert reason(another(desk, b, sec)) == "done"
    assert firsts(desk)["lin.b"] is None
    with reading(desk.engine) as session:
        kinds = [event.kind for event in session.scalars(select(SecurityEvent).order_by(SecurityEvent.id))]
        assert not natural.is_one_person(session, a.id, b.id)
    assert kinds[-2:] == ["same_person", "another_person"]


def test_the_pages_ask_for_a_reason_and_a_fresh_factor(desk: Desk) -> None:
    sec, a, b = desk.person("sec", "admin.security"), desk.person("lin.a"), desk.person("lin.b")
    client = desk.sign_in(sec)
    path = f"/security/people/{b.id}/same-person"
    given = {"first": "Lin.A ", "reason": "one face, two accounts"}
    desk.post(client, path, given | {"code": "000000"})
    desk.post(client, path, given | {"code": desk.code(sec), "reason": ""})
    desk.post(client, path, given | {"code": desk.code(sec), "first": "nobody"})
    assert firsts(desk)["lin.b"] is None
    desk.post(client, path, given | {"code": desk.code(sec)})
    assert firsts(desk)["lin.b"] == a.id
    away = {"reason": "twins", "code": desk.code(sec)}
    desk.post(client, f"/security/people/{b.id}/another-person", away)
    assert firsts(desk)["lin.b"] is None


@pytest.mark.parametrize(("first", "status"), [("lin.a", 0), ("nobody", 1), ("lin.b", 1)])
def test_whoever_is_at_the_machine_can_record_it(desk: Desk, first: str, status: int) -> None:
    desk.person("lin.a", "client.staff")
    desk.person("lin.b", "supplier.desk")
    run = desk.app.test_cli_runner().invoke
    result = run(args=["people", "same", "lin.b", first, "--reason", "found out"])
    assert result.exit_code == status
    if status == 0:
        assert "excluded by another mandate: client.staff@" in result.output
        assert last_event(desk).detail["reason"] == "found out"
    assert run(args=["people", "same", "lin.b", "lin.a"]).exit_code == 2
