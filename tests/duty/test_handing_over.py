"""Hand-over: offered by who is on duty, accepted by the named colleague, on record both; until then nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from auth.models import SecurityEvent
from database import reading, transaction
from tests.duty.rota import HOUR, Rota, denied
from tickets.duty.models import HandOver, HandOverAnswer


@pytest.fixture
def kept(rota: Rota) -> Rota:
    """desk1 has the first line and engineer3 the second one for a day."""
    rota.usual()
    return rota


def test_until_the_colleague_accepts_the_first_remains_on_duty(kept: Rota) -> None:
    offered = kept.offer("desk1", "engineer1")
    assert isinstance(offered, HandOver), offered
    assert kept.there() == ["desk1"]
    kept.stage.at += HOUR
    before = kept.stage.at
    assert isinstance(kept.answer(offered, "engineer1"), HandOverAnswer)
    assert kept.there() == ["engineer1"]
    assert kept.there(at=before - HOUR) == ["desk1"]
    assert kept.there(at=kept.stage.at + 30 * HOUR) == []


def test_who_declines_takes_nothing_and_the_offer_is_answered(kept: Rota) -> None:
    offered = kept.offer("desk1", "engineer1")
    assert isinstance(kept.answer(offered, "engineer1", accepts=False), HandOverAnswer)
    assert kept.there() == ["desk1"]
    denied(kept.answer(offered, "engineer1"), "not_now")
    assert kept.there() == ["desk1"]


def test_who_took_over_can_hand_on(kept: Rota) -> None:
    kept.hand_over("desk1", "engineer1")
    kept.hand_over("engineer1", "desk2")
    assert kept.there() == ["desk2"]
    denied(kept.offer("desk1", "engineer2"), "not_yours")
    denied(kept.offer("engineer1", "engineer2"), "not_yours")


@pytest.mark.parametrize("by", ["engineer1", "engineer3", "manager1", "staff1"])
def test_only_who_is_on_duty_hands_over(kept: Rota, by: str) -> None:
    denied(kept.offer(by, "desk2"), "not_yours")


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("desk1", "themselves"),
        ("staff1", "no such colleague"),
        ("reviewer1", "no such colleague"),
        ("nobody", "no such colleague"),
        ("manager2", "do not keep this post"),
        ("engineer3", "on duty already"),
    ],
)
def test_nobody_but_a_free_colleague_of_the_same_party_with_a_fitting_role_is_offered_it(
    kept: Rota, to: str, says: str
) -> None:
    assert says in denied(kept.offer("desk1", to), "unfit")


def test_a_second_account_of_the_same_person_is_no_colleague(kept: Rota) -> None:
    too = kept.stage.second_account("desk1", "supplier.engineer")
    assert "themselves" in denied(kept.offer("desk1", too), "unfit")


@pytest.mark.parametrize("by", ["desk1", "desk2", "manager1", "staff1"])
def test_nobody_accepts_but_who_is_named(kept: Rota, by: str) -> None:
    offered = kept.offer("desk1", "engineer1")
    denied(kept.answer(offered, by), "not_yours")
    assert kept.there() == ["desk1"]


def test_an_offer_is_answered_once_and_a_later_one_takes_its_place(kept: Rota) -> None:
    first, second = kept.offer("desk1", "engineer1"), kept.offer("desk1", "desk2")
    denied(kept.answer(first, "engineer1"), "not_now")
    assert isinstance(kept.answer(second, "desk2"), HandOverAnswer)
    denied(kept.answer(second, "desk2"), "not_now")
    assert kept.there() == ["desk2"]


def test_what_is_over_is_accepted_no_more(kept: Rota) -> None:
    offered = kept.offer("desk1", "engineer1")
    kept.stage.at = kept.stage.at.replace(minute=0, second=0) + 24 * HOUR
    denied(kept.answer(offered, "engineer1"), "not_now")


def test_a_new_roster_voids_what_was_offered_in_the_one_before(kept: Rota) -> None:
    offered = kept.offer("desk1", "engineer1")
    kept.usual("desk2", "engineer2")
    denied(kept.answer(offered, "engineer1"), "not_now")
    assert kept.there() == ["desk2"]


def test_who_has_got_another_post_meanwhile_does_not_take_over(kept: Rota) -> None:
    offered = kept.offer("desk1", "engineer1")
    kept.hand_over("engineer3", "engineer1", "second_line")
    denied(kept.answer(offered, "engineer1"), "not_now")
    assert kept.there() == ["desk1"]


def test_who_lost_the_mandate_takes_nothing_over(kept: Rota) -> None:
    offered = kept.offer("desk1", "engineer1")
    kept.stage.end_mandate("engineer1")
    denied(kept.answer(offered, "engineer1"), "not_yours")


def test_whose_mandate_ended_can_still_be_relieved(kept: Rota) -> None:
    offered = kept.offer("desk1", "engineer1")
    kept.stage.end_mandate("desk1")
    assert kept.there() == []
    assert isinstance(kept.answer(offered, "engineer1"), HandOverAnswer)
    assert kept.there() == ["engineer1"]


def test_both_acts_take_a_fresh_factor_and_words_on_what_is_open(kept: Rota) -> None:
    denied(kept.offer("desk1", "engineer1", code="000000"), "code")
    denied(kept.offer("desk1", "engineer1", note=" "), "unfit")
    denied(kept.offer("desk1", "engineer1", note="长" * 2001), "unfit")
    offered = kept.offer("desk1", "engineer1")
    denied(kept.answer(offered, "engineer1", code="000000"), "code")
    assert kept.there() == ["desk1"]


def test_offers_and_answers_are_only_added_and_each_try_is_a_security_event(kept: Rota) -> None:
    kept.offer("engineer1", "desk2")
    kept.hand_over("desk1", "engineer1")
    tables: list[Any] = [HandOver, HandOverAnswer]
    for table in tables:
        with pytest.raises(DatabaseError), transaction(kept.stage.engine) as session:
            session.scalars(select(table)).one().name = "somebody else"
    with reading(kept.stage.engine) as session:
        told = [
            (e.kind, e.outcome)
            for e in session.scalars(select(SecurityEvent).order_by(SecurityEvent.id))
            if e.kind.startswith("duty_hand")
        ]
    assert told == [
        ("duty_hand_over_offered", "refused"),
        ("duty_hand_over_offered", "done"),
        ("duty_hand_over_answered", "done"),
    ]
