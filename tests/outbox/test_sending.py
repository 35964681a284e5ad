"""Sending: leases and fences, retries, dead letters, quiet hours, the letter of the day, and who may no longer know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from database import transaction
from tests.outbox.office import Office, Recorder
from tickets.outbox import dead, people
from tickets.outbox.carriers import Letter, NotNow, Refused, Unreachable
from tickets.outbox.models import DEAD, DROPPED, FAILED, HELD, JOINED, SENDING, SENT, WAITING, Delivery
from tickets.outbox.sending import PAUSE

LEASE = timedelta(seconds=120)


def the_letter(office: Office) -> Delivery:
    (found,) = office.deliveries("email")
    return found


@pytest.fixture
def visit(office: Office, visit_fields: dict[str, Any]) -> str:
    """A visit asked for; of the supplier only desk1 has an address."""
    office.address("desk1")
    return office.house.open("visit", "staff1", **visit_fields)


def test_a_letter_is_sent_once(office: Office, visit: str) -> None:
    for _ in range(3):
        office.outbox.turn()
    (letter,) = office.mail.letters
    one = the_letter(office)
    assert (letter.address, letter.reference) == ("desk1@example.org", one.reference)
    assert (one.status, one.attempts, one.fence, one.sent_at) == (SENT, 1, 1, office.house.at)


def test_killed_between_sending_and_saying_so_it_is_sent_again_under_the_same_reference(
    office: Office, visit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_given: Any, **_values: Any) -> int:
        raise Killed

    monkeypatch.setattr(office.outbox._sending, "_finish", killed)
    with pytest.raises(Killed):
        office.outbox.turn()
    monkeypatch.undo()
    assert the_letter(office).status == SENDING
    office.house.at += LEASE - timedelta(microseconds=1)
    assert office.outbox.turn() == 0
    office.house.at += timedelta(microseconds=1)
    assert office.outbox.turn() == 1
    first, second = office.mail.letters
    assert (first.reference, first.subject, first.body) == (second.reference, second.subject, second.body)
    assert (the_letter(office).status, the_letter(office).attempts) == (SENT, 2)


def test_who_was_overtaken_changes_nothing(office: Office, visit: str) -> None:
    """One worker hangs for longer than its lease while it sends; another takes over and sends."""
    other = office.open({"email": office.mail})

    class Slow(Recorder):
        def carry(self, letter: Letter) -> None:
            office.house.at += LEASE
            assert other.turn() == 1
            raise NotNow("too late")

    office.open({"email": Slow()}).turn()
    one = the_letter(office)
    assert (one.status, one.fence, one.fault) == (SENT, 2, "")


def test_while_one_sends_no_other_does(office: Office, visit: str) -> None:
    other = office.open({"email": Recorder()})

    class Asking(Recorder):
        def carry(self, letter: Letter) -> None:
            assert other.turn() == 0
            super().carry(letter)

    asking = Asking()
    assert office.open({"email": asking}).turn() == 2
    assert len(asking.letters) == 1


def test_a_failure_is_tried_again_later_and_later(office: Office, visit: str) -> None:
    office.mail.faults = [NotNow("try later") for _ in range(4)]
    waits = []
    office.outbox.turn()
    while the_letter(office).status == FAILED:
        one = the_letter(office)
        waits.append(one.due_at - office.house.at)
        assert (one.fault, one.detail) == ("unsettled", "try later")
        office.house.at = one.due_at - timedelta(microseconds=1)
        assert office.outbox.turn() == 0
        office.house.at = one.due_at
        office.outbox.turn()
    for place, wait in enumerate(waits):
        assert timedelta(seconds=30 * 2**place) <= wait <= timedelta(seconds=60 * 2**place)
    one = the_letter(office)
    assert (one.status, one.attempts, one.fault) == (SENT, 5, "")
    assert len(office.mail.letters) == 1


def test_after_so_many_tries_it_is_dead_and_makes_no_message(office: Office, visit: str) -> None:
    office.mail.faults = [NotNow("no") for _ in range(20)]
    for _ in range(20):
        office.outbox.turn()
        office.house.at += timedelta(hours=6)
    assert (the_letter(office).status, the_letter(office).attempts, office.mail.tries) == (DEAD, 12, 12)
    assert office.untold() == 0
    assert len(office.deliveries("email")) == 1


def test_a_worker_that_always_dies_over_it_does_not_try_for_ever(
    office: Office, visit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.outbox._sending, "_finish", lambda *_given, **_values: 0)
    for _ in range(20):
        office.outbox.turn()
        office.house.at += LEASE
    assert office.mail.tries == 12
    assert the_letter(office).status == DEAD


def test_what_is_refused_for_good_is_dead_at_once_and_can_be_sent_again(office: Office, visit: str) -> None:
    office.mail.faults = [Refused("550 no such user desk1@example.org")]
    office.outbox.turn()
    one = the_letter(office)
    assert (one.status, one.attempts, one.fault) == (DEAD, 1, "refused")
    assert one.detail == "550 no such user …@…"
    with transaction(office.house.engine) as session:
        assert dead.standing(session).dead_count == 1
        assert dead.again(session, one.id, at=office.house.at) == 1
        assert dead.again(session, one.id, at=office.house.at) == 0
    office.outbox.turn()
    assert the_letter(office).status == SENT
    assert office.mail.letters[0].reference == one.reference


def test_a_service_that_cannot_be_reached_rests_with_all_its_letters(
    office: Office, visit: str, visit_fields: dict[str, Any]
) -> None:
    for name in ("desk2", "manager1"):
        office.address(name)
    office.address("manager1", "wecom", "wecombot://b")
    office.house.open("visit", "staff1", **visit_fields)
    office.mail.faults = [Unreachable("no route") for _ in range(2)]
    office.outbox.turn()
    assert office.mail.tries == 1
    assert len(office.robot.letters) == 2
    office.house.at += PAUSE - timedelta(seconds=1)
    office.outbox.turn()
    assert office.mail.tries == 1
    office.house.at += timedelta(seconds=1)
    office.outbox.turn()
    assert office.mail.tries == 2
    office.house.at += PAUSE
    office.outbox.turn()
    assert office.mail.tries == 2, "the second rest is twice as long"
    office.house.at += PAUSE + timedelta(minutes=5)
    office.outbox.turn()
    assert {one.status for one in office.deliveries("email")} == {SENT}


def test_a_mistake_of_ours_is_a_failure_and_ends_nothing(office: Office, visit: str) -> None:
    office.mail.faults = [KeyError("planted")]
    office.outbox.turn()
    assert (the_letter(office).status, the_letter(office).detail) == (FAILED, "KeyError")


def test_who_lost_the_mandate_meanwhile_gets_no_letter(office: Office, visit: str) -> None:
    office.mail.faults = [NotNow("later")]
    office.outbox.turn()
    office.house.change_mandate("desk1", revoked_at=office.house.at)
    office.house.at += timedelta(hours=1)
    office.outbox.turn()
    assert the_letter(office).status == DROPPED
    assert office.mail.letters == []


def test_who_took_the_address_away_gets_no_letter(office: Office, visit: str) -> None:
    office.prefer("desk1", quiet_from="08:00", quiet_to="20:00")
    office.outbox.turn()
    with transaction(office.house.engine) as session:
        assert people.remove_address(session, office.house.ids["desk1"], "email")
    office.house.at += timedelta(days=1)
    office.outbox.turn()
    assert (the_letter(office).status, office.mail.tries) == (DROPPED, 0)


def test_quiet_hours_hold_back_what_is_not_urgent(office: Office, visit: str) -> None:
    office.prefer("desk1", quiet_from="09:00", quiet_to="11:00")
    office.alarm(visit, ["supplier"])
    office.outbox.turn()
    assert [("alarm" in letter.subject) for letter in office.mail.letters] == [True]
    assert office.mail.letters[0].subject.startswith("【紧急】")
    office.house.at += timedelta(minutes=59, seconds=59)
    assert office.outbox.turn() == 0
    office.house.at += timedelta(seconds=1)
    assert office.outbox.turn() == 1


def test_a_retry_keeps_the_quiet_hours_too(office: Office, visit: str) -> None:
    office.prefer("desk1", quiet_from="10:01", quiet_to="12:00")
    office.mail.faults = [NotNow("later")]
    office.outbox.turn()
    office.house.at += timedelta(minutes=5)
    office.outbox.turn()
    assert office.mail.tries == 1
    office.house.at += timedelta(minutes=115)
    office.outbox.turn()
    assert len(office.mail.letters) == 1


def test_one_letter_a_day_gathers_what_is_not_urgent(office: Office, visit: str, visit_fields: dict[str, Any]) -> None:
    office.prefer("desk1", digest_at="18:00")
    numbers = [visit, *(office.house.open("visit", "staff1", **visit_fields) for _ in range(2))]
    office.outbox.turn()
    assert [one.status for one in office.deliveries("email")] == [HELD] * 3
    office.alarm(visit, ["supplier"])
    office.outbox.turn()
    assert len(office.mail.letters) == 1
    office.house.at = office.house.at.replace(hour=9, minute=59)
    office.outbox.turn()
    assert len(office.mail.letters) == 1
    office.house.at = office.house.at.replace(hour=10, minute=0)
    office.outbox.turn()
    office.outbox.turn()
    _, letter = office.mail.letters
    assert letter.subject == "履约台：3 条通知"
    assert [number in letter.body for number in numbers] == [True] * 3
    first, *others = [one for one in office.deliveries("email") if not one.urgent]
    assert first.status == SENT
    assert [(one.status, one.joined_id) for one in others] == [(JOINED, first.id)] * 2


def test_the_letter_of_the_day_stays_the_same_when_it_is_sent_again(
    office: Office, visit: str, visit_fields: dict[str, Any]
) -> None:
    office.prefer("desk1", digest_at="10:30")
    office.house.open("visit", "staff1", **visit_fields)
    office.outbox.turn()
    office.mail.faults = [NotNow("later")]
    office.house.at += timedelta(minutes=30)
    office.outbox.turn()
    words = office.deliveries("email")[0].body
    office.house.at += timedelta(seconds=1)
    office.house.open("visit", "staff1", **visit_fields)
    office.house.at += timedelta(minutes=5)
    office.outbox.turn()
    (letter,) = office.mail.letters
    assert letter.body == words
    assert [one.status for one in office.deliveries("email")] == [SENT, JOINED, HELD]


def test_a_letter_of_the_day_about_one_thing_is_that_notice(office: Office, visit: str) -> None:
    office.prefer("desk1", digest_at="10:30")
    office.outbox.turn()
    office.house.at += timedelta(minutes=30)
    office.outbox.turn()
    assert visit in office.mail.letters[0].subject


def test_of_a_channel_that_nobody_carries_letters_wait(office: Office, visit: str) -> None:
    office.prefer("desk1", quiet_from="09:00", quiet_to="11:00")
    office.outbox.turn()
    office.house.at += timedelta(hours=2)
    assert office.open({}).turn() == 0
    assert the_letter(office).status == WAITING
    assert office.outbox.turn() == 1


def test_urgent_letters_go_first(office: Office, visit: str) -> None:
    office.address("manager1")
    office.outbox._fan_out.turn()
    office.house.at += timedelta(minutes=1)
    office.alarm(visit, ["supplier"])
    office.outbox.turn()
    assert ["alarm" in letter.subject for letter in office.mail.letters] == [True, True, False, False]


def test_a_turn_is_bounded_so_that_deadlines_do_not_wait(
    office: Office, visit: str, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.outbox.sending.MOST", 3)
    for _ in range(4):
        office.house.open("visit", "staff1", **visit_fields)
    office.outbox.turn()
    assert len(office.mail.letters) == 3
    office.outbox.turn()
    assert len(office.mail.letters) == 5
