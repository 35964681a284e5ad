"""Who is told of what: mandates at the time and now, drafts, one's own acts, languages, wishes; none lost, none twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from database import reading, transaction
from tests.outbox.office import Office
from tests.pages.site import set_language
from tickets.models import Message, Ticket
from tickets.outbox.letters import Writer
from tickets.outbox.models import Delivery

SUPPLIERS = {"desk1", "desk2", "engineer1", "engineer2", "engineer3", "manager1", "manager2", "relations1"}
CLIENTS = {"staff1", "staff2", "approver1", "approver2"}


def visited(office: Office, visit_fields: dict[str, Any]) -> str:
    return office.house.open("visit", "staff1", **visit_fields)


def test_everybody_with_a_mandate_for_the_party_is_told_once(office: Office, visit_fields: dict[str, Any]) -> None:
    number = visited(office, visit_fields)
    assert office.untold() == 1
    assert office.outbox.turn() == 1
    assert office.outbox.turn() == 0
    told = office.told()
    assert {name for name, _ in told} == SUPPLIERS
    assert len(told) == len(SUPPLIERS)
    assert {where for _, where in told} == {number}
    assert office.untold() == 0


def test_the_other_contract_and_administrators_are_not_told(office: Office, visit_fields: dict[str, Any]) -> None:
    office.house.hire("other_hat", "supplier.desk")
    office.house.hire("their_admin", "admin.system", contract=None)
    with transaction(office.house.engine) as session:
        from auth.models import Person

        session.get_one(Person, office.house.ids["their_admin"]).same_person_as = office.house.ids["other_hat"]
    visited(office, visit_fields)
    office.outbox.turn()
    assert {name for name, _ in office.told()} == SUPPLIERS


def test_who_had_no_mandate_at_the_time_is_not_told(office: Office, visit_fields: dict[str, Any]) -> None:
    house = office.house
    visited(office, visit_fields)
    house.change_mandate("desk2", starts_at=house.at + timedelta(microseconds=1))
    house.change_mandate("engineer2", ends_at=house.at + timedelta(minutes=1))
    house.change_mandate("engineer3", revoked_at=house.at)
    house.at += timedelta(minutes=1)
    office.outbox.turn()
    assert {name for name, _ in office.told()} == SUPPLIERS - {"desk2", "engineer2", "engineer3"}


def test_whose_mandate_began_with_the_act_is_told(office: Office, visit_fields: dict[str, Any]) -> None:
    office.house.change_mandate("desk2", starts_at=office.house.at)
    visited(office, visit_fields)
    office.outbox.turn()
    assert "desk2" in {name for name, _ in office.told()}


def test_a_disabled_account_is_not_told(office: Office, visit_fields: dict[str, Any]) -> None:
    visited(office, visit_fields)
    with transaction(office.house.engine) as session:
        from auth.models import Person

        session.get_one(Person, office.house.ids["desk1"]).disabled_at = office.house.at
    office.outbox.turn()
    assert {name for name, _ in office.told()} == SUPPLIERS - {"desk1"}


def test_one_is_not_told_of_ones_own_act_unless_it_is_urgent(office: Office, visit_fields: dict[str, Any]) -> None:
    number = visited(office, visit_fields)
    office.outbox.turn()
    office.house.later(days=1)
    office.house.at -= timedelta(days=1)
    office.alarm(number, ["client"])
    office.outbox.turn()
    assert {name for name, _ in office.told()} - SUPPLIERS == CLIENTS


def test_the_same_persons_other_account_is_not_told_of_their_act(office: Office) -> None:
    house = office.house
    house.hire("approver1_too", "client.staff")
    with transaction(house.engine) as session:
        from auth.models import Person

        session.get_one(Person, house.ids["approver1_too"]).same_person_as = house.ids["approver1"]
    number = house.open("visit", "staff1", visitor="x", visit_end=house.at.replace(hour=10))
    event = house.events(number)[-1]
    with transaction(house.engine) as session:
        session.add(
            Message(
                contract_key=event.contract_key, ticket_id=event.ticket_id, event_id=event.id, party="client",
                at=house.at, words={"text": "%(number)s", "values": {"number": number}},
            )
        )  # fmt: skip
    office.outbox.turn()
    assert {name for name, _ in office.told()} - SUPPLIERS == (CLIENTS - {"staff1"}) | {"approver1_too"}


def test_a_draft_is_told_to_its_opener_party_alone(office: Office, visit_fields: dict[str, Any]) -> None:
    number = visited(office, visit_fields)
    with transaction(office.house.engine) as session:
        session.scalars(select(Ticket).where(Ticket.number == number)).one().opener_only = True
    office.outbox.turn()
    assert office.told() == []
    office.alarm(number, ["client", "supplier", "supervisor"])
    office.outbox.turn()
    assert {name for name, _ in office.told()} == CLIENTS


def test_each_reads_in_their_own_language_and_the_letter_holds_no_contents(
    office: Office, visit_fields: dict[str, Any]
) -> None:
    set_language(office.house, "desk1", "en")
    office.address("desk1")
    office.address("desk2")
    number = visited(office, visit_fields)
    office.outbox.turn()
    english, chinese = office.mail.letters
    assert english.subject == f"{number} · Visit: Request"
    assert f"http://127.0.0.1:8000/tickets/{number}" in english.body
    assert "To read on:" in english.body
    assert "UTC+8" in english.body
    assert "查看：" in chinese.body
    assert f"/tickets/{number}" in chinese.body
    for letter in (english, chinese):
        assert "来访单位" not in letter.subject + letter.body


def test_only_channels_with_an_address_that_are_wanted_are_used(office: Office, visit_fields: dict[str, Any]) -> None:
    office.address("desk1")
    office.address("desk1", "wecom", "wecombot://a")
    office.address("manager1")
    office.address("manager1", "wecom", "wecombot://b")
    office.prefer("manager1", urgent=["email", "wecom"], ordinary=["wecom"])
    number = visited(office, visit_fields)
    office.outbox.turn()
    assert [name for name, _ in office.told("email")] == ["desk1"]
    assert [name for name, _ in office.told("wecom")] == ["desk1", "manager1"]
    office.alarm(number, ["supplier"])
    office.outbox.turn()
    assert [name for name, _ in office.told("email")] == ["desk1", "desk1", "manager1"]


def test_a_killed_worker_loses_and_repeats_nothing(
    office: Office, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    visited(office, visit_fields)
    fan_out = office.outbox._fan_out

    class Killed(BaseException):
        pass

    def killed(*_given: Any) -> Any:
        raise Killed

    monkeypatch.setattr(fan_out, "_deliveries", killed)
    with pytest.raises(Killed):
        office.outbox.turn()
    assert office.untold() == 1
    monkeypatch.undo()
    office.outbox.turn()
    assert len(office.told()) == len(SUPPLIERS)


def test_a_message_without_words_holds_up_no_other_and_is_tried_again(
    office: Office, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = visited(office, visit_fields), visited(office, visit_fields)
    notice = Writer.notice

    def failing(writer: Writer, told: Any, *rest: Any) -> Any:
        if told.place.values["number"] == first:
            raise RuntimeError("a planted fault")
        return notice(writer, told, *rest)

    monkeypatch.setattr(Writer, "notice", failing)
    assert office.outbox.turn() == 1
    assert {number for _, number in office.told()} == {second}
    monkeypatch.undo()
    assert office.outbox.turn() == 0
    office.house.at += timedelta(minutes=1)
    assert office.outbox.turn() == 1
    assert {number for _, number in office.told()} == {first, second}


def test_whoever_writes_a_message_puts_it_into_the_queue(office: Office, visit_fields: dict[str, Any]) -> None:
    visited(office, visit_fields)
    with reading(office.house.engine) as session:
        written = len(session.scalars(select(Message.id)).all())
    assert office.untold() == written == 1


def test_a_reference_is_for_ever_and_tells_no_numbers(office: Office, visit_fields: dict[str, Any]) -> None:
    visited(office, visit_fields)
    office.outbox.turn()
    references = [one.reference for one in office.deliveries()]
    assert len(set(references)) == len(references)
    again = office.open({})._fan_out
    for one in office.deliveries():
        assert again.reference(one.message_id, one.person_id, one.channel) == one.reference


def test_a_backlog_is_worked_off_in_turns(office: Office, visit_fields: dict[str, Any]) -> None:
    for _ in range(25):
        visited(office, visit_fields)
    assert office.outbox._fan_out.turn(most=20) == 20
    assert office.outbox._fan_out.turn() == 5
    with reading(office.house.engine) as session:
        assert len(session.scalars(select(Delivery.id)).all()) == 25 * len(SUPPLIERS)
