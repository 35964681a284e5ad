"""R8.1 and R8.2: a year comes in force by two people of two parties with fresh factors, and half a year never does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from auth.models import SecurityEvent
from database import reading, transaction
from tests.calendar.conftest import Years
from tests.calendar.notice import DAYS_OFF, SOURCE, notice
from tests.conftest import ELSEWHERE
from tickets import years
from tickets.contracts import SEEN_WITHIN
from tickets.models import CalendarApproval, CalendarYear
from tickets.word_of_party import By, Denied
from workflow.calendar import PROVISIONAL, PUBLISHED


def denied(outcome: object, reason: str) -> str:
    assert isinstance(outcome, Denied), outcome
    assert outcome.reason == reason, outcome
    return "; ".join(map(str, outcome.says))


def test_r8_1_a_year_is_in_force_once_the_other_party_approves_it(announced: Years) -> None:
    elsewhere = announced.process()
    key = announced.contract.key
    assert elsewhere[key].calendar.status(2027) == PROVISIONAL
    before = announced.contract.calendar.digest
    row = announced.propose()
    assert isinstance(row, CalendarYear)
    assert announced.standings() == [(2027, "waiting")]
    announced.stage.at += SEEN_WITHIN
    assert announced.contract.calendar.status(2027) == PROVISIONAL, "one party alone settles nothing"
    assert isinstance(announced.approve(row), CalendarApproval)
    announced.stage.at += SEEN_WITHIN
    for contract in (announced.contract, elsewhere[key]):
        assert contract.calendar.status(2027) == PUBLISHED
        assert contract.calendar.years[2027].source == SOURCE
        assert not contract.calendar.is_working_day(date(2027, 2, 8))
        assert contract.calendar.is_working_day(date(2027, 2, 13))
        assert contract.calendar.digest != before
        assert contract.editions[-1].contract is contract
    assert announced.standings() == [(2027, "in_force")]
    assert announced.contract is announced.contract, "handed out once, it is the same object"


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("approver1", "same_person"),
        ("approver2", "same_party"),
        ("manager_too", "same_person"),
        ("engineer1", "not_yours"),
        ("reviewer1", "not_yours"),
        ("staff1", "not_yours"),
    ],
)
def test_r8_1_nobody_approves_but_the_other_party_by_another_person(announced: Years, by: str, reason: str) -> None:
    announced.stage.hire("manager_too", "supplier.manager", same_as="staff2")
    row = announced.propose()
    if by == "manager_too":
        # Known as one person only after the year was brought: what counts is who they are when it is approved.
        announced.stage.end_mandate("staff2")
        with transaction(announced.stage.engine) as session:
            from auth.models import Person

            session.get_one(Person, announced.stage.accounts[by]).same_person_as = announced.stage.accounts["approver1"]
        announced.stage.end_mandate("approver1")
    denied(announced.approve(row, by), reason)
    assert announced.standings() == [(2027, "waiting")]


def test_one_natural_person_on_both_sides_speaks_for_neither(announced: Years) -> None:
    announced.stage.hire("both", "supplier.manager", same_as="approver2")
    denied(announced.propose("both"), "not_yours")
    denied(announced.propose("approver2"), "not_yours")


@pytest.mark.parametrize("by", ["engineer1", "reviewer1", "staff1", "desk1"])
def test_only_those_who_sign_for_a_party_bring_a_year(announced: Years, by: str) -> None:
    denied(announced.propose(by), "not_yours")
    assert announced.standings() == []


def test_a_mandate_that_ended_speaks_no_longer(announced: Years) -> None:
    row = announced.propose()
    announced.stage.end_mandate("manager1")
    denied(announced.approve(row), "not_yours")


def test_both_acts_ask_for_a_fresh_factor_and_no_code_serves_twice(announced: Years) -> None:
    denied(announced.propose(code="000000"), "code")
    used = announced.code("approver1")
    row = announced.propose(code=used)
    denied(announced.propose(content=notice(source="另一份〔2026〕2号"), code=used), "code")
    denied(announced.approve(row, code="000000"), "code")
    denied(announced.approve(row, code=""), "code")
    assert announced.standings() == [(2027, "waiting")]


@pytest.mark.parametrize(
    ("content", "more", "says"),
    [
        (b"", {}, "header"),
        (b"[]", {}, "header"),
        (b"date,kind,source\n", {}, "has 28 such days, the file has 0"),
        (notice(leave_out=1), {}, "2 such days, the file has 1"),
        (notice(leave_out=9), {}, "the file has 21"),
        (notice(leave_out=24), {"days_off": 6, "make_up_days": 0}, "lists 6 days off"),
        (notice(2026), {}, "does not lie in the year 2027"),
        (notice(more="2027-12-31,off,另一份\n"), {"days_off": DAYS_OFF + 1}, "one and the same notice"),
        (notice(more="2027-01-01,off,x\n"), {}, "stands here twice"),
        (notice().replace(b"work", b"open"), {}, "is none of"),
        ("日期".encode("gbk"), {}, "not UTF-8"),
    ],
)
def test_r8_2_an_empty_or_partial_year_is_refused(
    announced: Years, content: bytes, more: dict[str, Any], says: str
) -> None:
    assert says in denied(announced.propose(content=content, **more), "unfit")
    assert announced.standings() == []


@pytest.mark.parametrize("year", [2025, 2029, 0])
def test_r8_2_a_year_that_the_contract_does_not_reach_is_refused(announced: Years, year: int) -> None:
    denied(announced.propose(content=notice(2027), year=year), "wrong_year")


def test_what_is_in_force_already_is_not_brought_again(announced: Years) -> None:
    announced.announce()
    assert "already" in denied(announced.propose(), "same")


def test_a_later_version_needs_both_again_and_the_earlier_stays_on_record(announced: Years) -> None:
    announced.announce()
    first = announced.contract.calendar
    longer = notice(more=f"2027-12-31,off,{SOURCE}\n")
    second = announced.propose("manager2", longer, days_off=DAYS_OFF + 1)
    assert announced.standings() == [(2027, "waiting"), (2027, "in_force")]
    announced.stage.at += SEEN_WITHIN
    assert announced.contract.calendar.digest == first.digest
    denied(announced.approve(second, "manager1"), "same_party")
    assert isinstance(announced.approve(second, "approver2"), CalendarApproval)
    assert announced.standings() == [(2027, "in_force"), (2027, "superseded")]
    announced.stage.at += SEEN_WITHIN
    assert not announced.contract.calendar.is_working_day(date(2027, 12, 31))


def test_what_a_later_version_replaced_is_approved_no_more_nor_anything_twice(announced: Years) -> None:
    first = announced.propose()
    second = announced.propose("manager1")
    denied(announced.approve(first), "not_now")
    assert isinstance(announced.approve(second, "approver1"), CalendarApproval)
    denied(announced.approve(second, "approver2"), "not_now")
    assert announced.standings() == [(2027, "in_force"), (2027, "replaced")]


def test_what_was_not_seen_or_lies_in_another_contract_is_not_approved(announced: Years) -> None:
    row = announced.propose()
    denied(announced.approve(row, digest="0" * 64), "unknown")
    elsewhere, _ = announced.process().take_in(ELSEWHERE, announced.stage.at)
    assert isinstance(row, CalendarYear)
    with transaction(announced.stage.engine) as session:
        by = By(announced.stage.accounts["manager1"], "000000", announced.stage.at)
        denied(years.approve(session, announced.stage.keyring, elsewhere, row.id, row.digest, by), "unknown")
    announced.announce()
    assert announced.process()[elsewhere.key].calendar.status(2027) == PROVISIONAL


def test_a_year_outlives_a_new_edition_of_the_contract(announced: Years, tmp_path: Any) -> None:
    import shutil

    announced.announce()
    from tests.stage import REAL

    copy = tmp_path / "newer"
    shutil.copytree(REAL, copy)
    with (copy / "contract.toml").open("a", encoding="utf-8") as file:
        file.write("\n# newer\n")
    newer, _ = announced.process().take_in(copy, announced.stage.at)
    announced.stage.at += SEEN_WITHIN
    assert announced.contract.digest == newer.digest
    assert announced.contract.calendar.status(2027) == PUBLISHED


def test_every_act_on_a_year_is_a_security_event_and_records_are_only_added(announced: Years) -> None:
    announced.propose("engineer1")
    announced.announce()
    with reading(announced.stage.engine) as session:
        told = [
            (one.kind, one.outcome)
            for one in session.scalars(select(SecurityEvent).order_by(SecurityEvent.id))
            if one.kind.startswith("calendar")
        ]
    assert told == [("calendar_proposed", "refused"), ("calendar_proposed", "done"), ("calendar_approved", "done")]
    tables: list[Any] = [CalendarYear, CalendarApproval]
    for table in tables:
        with pytest.raises(DatabaseError), transaction(announced.stage.engine) as session:
            session.scalars(select(table)).one().name = "somebody else"


def test_a_look_reads_the_days_of_a_year_once(announced: Years) -> None:
    announced.announce()
    process, key = announced.process(), announced.contract.key
    first = process[key]
    announced.stage.statements.clear()
    announced.stage.at += SEEN_WITHIN + timedelta(seconds=1)
    assert process[key] is first
    assert len(announced.stage.statements) == 1
