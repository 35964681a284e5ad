"""C4.6: a roster is brought whole, by those who sign for the party, or refused with everything that is wrong with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from auth.models import SecurityEvent
from database import reading, transaction
from tests.duty.rota import DAY, HOUR, Rota, denied
from tests.stage import Stage
from tickets.duty import rosters
from tickets.duty.models import DutyRoster
from workflow.roster import read_lines

SECOND = ("second_line", "engineer3", 0, 24)


def test_c4_6_whoever_the_roster_names_is_on_duty_from_its_first_instant_until_just_before_its_last(rota: Rota) -> None:
    assert rota.there() == []
    rota.brought([("first_line", "desk1", 0, 12), ("first_line", "engineer1", 12, 24), SECOND])
    start = rota.stage.at.replace(minute=0, second=0)
    tick = timedelta(microseconds=1)
    assert rota.there() == ["desk1"]
    assert rota.there(at=start + 12 * HOUR - tick) == ["desk1"]
    assert rota.there(at=start + 12 * HOUR) == ["engineer1"]
    assert rota.there(at=start + 24 * HOUR - tick) == ["engineer1"]
    assert rota.there(at=start + 24 * HOUR) == []
    assert rota.there("second_line") == ["engineer3"]


@pytest.mark.parametrize(
    ("shifts", "says"),
    [
        ([("first_line", "desk1", 0, 24)], "Second line on duty: nobody from"),
        ([("first_line", "desk1", 0, 23.99), SECOND], "First line on duty: nobody from"),
        ([("first_line", "desk1", 0, 12), ("first_line", "desk2", 12.01, 24), SECOND], "nobody from"),
        ([("first_line", "desk1", 0, 13), ("first_line", "desk2", 12, 24), SECOND], "would both have it"),
        ([("first_line", "desk1", 0, 24, "beside"), SECOND], "First line on duty: nobody from"),
        ([("first_line", "engineer3", 0, 24), SECOND], "would be on duty twice"),
        ([("first_line", "nobody", 0, 24), SECOND], "Nobody of the user name “nobody”"),
        ([("first_line", "staff1", 0, 24), SECOND], "Nobody of the user name “staff1”"),
        ([("first_line", "reviewer1", 0, 24), SECOND], "Nobody of the user name “reviewer1”"),
        ([("first_line", "manager2", 0, 24), SECOND], "has no role that keeps this post"),
        ([("third_line", "desk1", 0, 24), SECOND], "There is no post “third_line”"),
        ([("first_line", "desk1", 0, 25), SECOND], "does not lie within the time of the roster"),
        ([("first_line", "desk1", 12, 0), SECOND], "The shift ends before it begins"),
        ([], "The roster has no shift"),
    ],
)
def test_c4_6_what_is_wrong_is_refused_and_nothing_is_changed(rota: Rota, shifts: list[Any], says: str) -> None:
    assert says in denied(rota.bring(shifts), "unfit")
    assert rota.duty().rosters == ()


def test_all_reasons_are_told_at_once(rota: Rota) -> None:
    told = denied(
        rota.bring([("first_line", "nobody", 0, 10), ("first_line", "manager1", 8, 30), ("x", "desk1", 0, 1)]), "unfit"
    )
    for says in (
        "2: Nobody of",
        "3: The shift does not lie",
        "3: “manager1” has no role",
        "4: There is no post",
        "Second line",
    ):
        assert says in told
    many = [("first_line", "nobody", n, n + 1) for n in range(200)]
    assert "further reasons" in denied(rota.bring(many), "unfit")


def test_two_on_a_post_are_taken_where_it_is_meant_and_both_are_on_duty(rota: Rota) -> None:
    rota.brought([("first_line", "desk1", 0, 24), ("first_line", "desk2", 0, 12, "beside"), SECOND])
    assert rota.there() == ["desk1", "desk2"]
    assert rota.there(at=rota.stage.at + 13 * HOUR) == ["desk1"]


def test_two_accounts_of_one_person_are_one_person(rota: Rota) -> None:
    too = rota.stage.second_account("engineer3", "supplier.desk")
    assert "twice" in denied(rota.bring([("first_line", too, 0, 24), SECOND]), "unfit")


@pytest.mark.parametrize("change", [{"ends_at": 23 * HOUR}, {"starts_at": HOUR}])
def test_a_mandate_that_does_not_last_for_the_whole_shift_is_none(rota: Rota, change: dict[str, timedelta]) -> None:
    start = rota.stage.at
    rota.stage.change_mandate("desk1", **{name: start + after for name, after in change.items()})
    assert "does not last" in denied(rota.bring([("first_line", "desk1", 0, 24), SECOND]), "unfit")


def test_a_mandate_that_ends_with_the_shift_lasts(rota: Rota) -> None:
    rota.stage.change_mandate("desk1", ends_at=rota.stage.at + 24 * HOUR)
    rota.usual()


def test_a_revoked_mandate_and_a_disabled_account_are_nobody(rota: Rota) -> None:
    from auth.models import Person

    rota.stage.end_mandate("desk1")
    with transaction(rota.stage.engine) as session:
        session.get_one(Person, rota.stage.accounts["desk2"]).disabled_at = rota.stage.at
    told = denied(rota.bring([("first_line", "desk1", 0, 12), ("first_line", "desk2", 12, 24), SECOND]), "unfit")
    assert "“desk1”" in told
    assert "“desk2”" in told


@pytest.mark.parametrize("by", ["engineer1", "desk1", "staff1", "reviewer1"])
def test_only_those_who_sign_for_a_party_bring_its_roster(rota: Rota, by: str) -> None:
    denied(rota.bring([("first_line", "desk1", 0, 24), SECOND], by), "not_yours")


def test_the_other_party_brings_no_roster_of_this_one(rota: Rota) -> None:
    assert "names no post that your party keeps" in denied(
        rota.bring([("first_line", "desk1", 0, 24)], "approver1"), "unfit"
    )


def test_it_takes_a_fresh_factor(rota: Rota) -> None:
    denied(rota.bring([("first_line", "desk1", 0, 24), SECOND], code="000000"), "code")
    assert rota.duty().rosters == ()


@pytest.mark.parametrize(("hours", "back"), [(24, 25), (24, 24), (0, 0), (-1, 0), (24 * 367, 0)])
def test_a_time_that_is_over_or_none_or_too_long_is_refused(rota: Rota, hours: float, back: float) -> None:
    starts = rota.stage.at - back * HOUR
    denied(rota.bring([("first_line", "desk1", 0, 24)], starts=starts, hours=hours), "unfit")


def test_a_later_version_governs_and_the_earlier_one_stays_as_it_was(rota: Rota) -> None:
    first = rota.usual(hours=48)
    rota.stage.at += 2 * HOUR
    rota.brought([("first_line", "desk2", 0, 10), ("second_line", "engineer2", 0, 10)], hours=10)
    assert rota.there() == ["desk2"]
    assert rota.there(at=rota.stage.at + 11 * HOUR) == ["desk1"], "beyond its time the version before it governs"
    with reading(rota.stage.engine) as session:
        assert session.get_one(DutyRoster, first.id).shifts == first.shifts
    with pytest.raises(DatabaseError), transaction(rota.stage.engine) as session:
        session.get_one(DutyRoster, first.id).name = "somebody else"


def test_a_version_says_nothing_of_the_time_before_it_was_brought(rota: Rota) -> None:
    rota.usual()
    before = rota.stage.at
    rota.stage.at += 2 * HOUR
    rota.usual("desk2", starts=before)
    assert rota.there(at=before) == ["desk1"]
    assert rota.there() == ["desk2"]


def test_whose_mandate_ends_is_on_duty_no_longer(rota: Rota) -> None:
    rota.usual()
    rota.stage.end_mandate("desk1")
    assert rota.there() == []
    assert rota.there("second_line") == ["engineer3"]


def test_another_contract_has_posts_and_hours_of_its_own(stage_elsewhere: Stage) -> None:
    rota = Rota(stage_elsewhere)
    posts = stage_elsewhere.contract.posts
    assert set(posts) == {"watch", "harbour_officer"}
    rota.brought([("harbour_officer", "staff1", 0, 24)], "approver1")
    assert rota.there("harbour_officer") == ["staff1"]
    assert "no post" in denied(rota.bring([("first_line", "desk1", 0, 24)], "manager1"), "unfit")


def test_a_file_is_read_strictly_with_the_times_of_the_contract(rota: Rota) -> None:
    zone = rota.stage.contract.calendar.zone
    head = "post,person,from,until,beside\n"
    text = (
        head
        + "first_line,desk1,2026-05-12 08:00,2026-05-12T20:00+08:00,\nfirst_line,desk2,2026-05-12 08:00,2026-05-13 08:00,yes\n"
    )
    lines, problems = read_lines(text.encode(), zone, "r.csv")
    assert problems == ()
    assert [(one.person, one.ends - one.starts, one.beside) for one in lines] == [
        ("desk1", 12 * HOUR, False),
        ("desk2", DAY, True),
    ]
    for wrong in ("2026-05-12", "12.5.2026 08:00", "2026-02-30 08:00", "2026-05-12 08:00:30", "٢٠٢٦-05-12 08:00"):
        assert read_lines(f"{head}first_line,desk1,{wrong},2026-05-12 20:00,\n".encode(), zone, "r.csv")[1], wrong
    for torn in (b"", b"\xff", b"post,person\n", head.encode() + b"a,b\n", head.encode() + b"a,b,c,d,maybe\n"):
        lines, problems = read_lines(torn, zone, "r.csv")
        assert problems
        assert lines == ()


def test_a_time_that_the_clocks_show_twice_or_never_is_not_guessed(stage_elsewhere: Stage) -> None:
    zone = stage_elsewhere.contract.calendar.zone
    head = b"post,person,from,until,beside\n"
    assert read_lines(head + b"watch,desk1,2025-10-26 01:30,2025-10-26 09:00,\n", zone, "r.csv")[1]
    assert read_lines(head + b"watch,desk1,2025-03-30 01:30,2025-03-30 09:00,\n", zone, "r.csv")[1]
    assert not read_lines(head + b"watch,desk1,2025-10-26 01:30+00:00,2025-10-26 09:00,\n", zone, "r.csv")[1]


def test_what_cannot_be_read_is_no_roster(rota: Rota) -> None:
    start = rota.stage.at
    brought = rosters.from_file(
        rota.stage.contract, b"post,person,from,until,beside\nfirst_line,desk1,x,y,\n", start, start + DAY
    )
    with transaction(rota.stage.engine) as session:
        outcome = rosters.bring(session, rota.stage.keyring, rota.stage.contract, brought, rota._by("manager1", None))
    assert "roster" not in denied(outcome, "unfit")


def test_each_bringing_is_a_security_event(rota: Rota) -> None:
    rota.bring([], "engineer1")
    rota.usual()
    with reading(rota.stage.engine) as session:
        told = [
            (e.kind, e.outcome)
            for e in session.scalars(select(SecurityEvent).order_by(SecurityEvent.id))
            if "duty" in e.kind
        ]
    assert told == [("duty_roster_brought", "refused"), ("duty_roster_brought", "done")]
