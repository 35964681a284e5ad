"""What is asked of a person outside of any ticket: to take over a shift, to approve a year. It rings, and stands in the inbox."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from database import reading, transaction
from tests.calendar.notice import DAYS_OFF, MAKE_UP_DAYS, notice
from tests.duty.furnished import kept_posts
from tests.outbox.office import Office
from tests.pages.site import Site
from tests.pages.test_cost import MOST, counted
from tickets import years
from tickets.duty import handing
from tickets.duty.models import HandOver
from tickets.models import CalendarYear, Message
from tickets.outbox import dead
from tickets.word_of_party import By

OFFER = "desk1（演员） 请您接班：一线值班"
WAITS = "2027 年放假安排等待贵方批准"
SUPPLIERS = ("desk1", "desk2", "engineer1", "engineer2", "manager1", "manager2")


@pytest.fixture
def office(site: Site) -> Office:
    return Office(site.house)


def by(site: Site, name: str) -> By:
    code = site.house.code(name)
    return By(site.house.ids[name], code, site.house.at)


def offered(site: Site, to: str = "engineer1") -> int:
    """desk1 has the first line and offers it."""
    house = site.house
    if not site.get("/contract/duty", "desk1").offers("/contract/duty/offer"):
        kept_posts(house, first_line="desk1", second_line="engineer3")
    contract, who = house.room.desk.contracts[house.contract], by(site, "desk1")
    with transaction(house.engine) as session:
        row = handing.offer(session, house.keyring, contract, "first_line", to, "F-1 等待回电。", who)
        assert isinstance(row, HandOver), row
        return row.id


def answered(site: Site, number: int, name: str, *, accepts: bool) -> None:
    house, who = site.house, by(site, name)
    with transaction(house.engine) as session:
        given = handing.answer(session, house.keyring, house.room.desk.contracts[house.contract], number, accepts, who)
        assert given.__class__ is handing.HandOverAnswer, given


def brought(site: Site, name: str = "approver1") -> CalendarYear:
    house, who = site.house, by(site, name)
    with transaction(house.engine) as session:
        row = years.propose(
            session, house.keyring, house.room.desk.contracts[house.contract],
            years.Bringing(2027, notice(), DAYS_OFF, MAKE_UP_DAYS), who,
        )  # fmt: skip
        assert isinstance(row, CalendarYear), row
        return row


def told(site: Site, name: str) -> list[dict[str, Any]]:
    """What the API tells somebody of what is about no ticket."""
    found: list[dict[str, Any]] = site.house.get("/me/notifications?limit=100", name).get_json()["notifications"]
    return [one for one in found if one["ticket"] is None]


def test_who_is_asked_to_take_over_a_shift_sees_it_in_the_inbox_and_nobody_else_does(site: Site) -> None:
    offered(site)
    inbox = site.get("/", "engineer1")
    assert OFFER in inbox.text
    assert any(str(given.get("href")).startswith("/contract/duty") for tag, given in inbox.elements if tag == "a")
    assert "desk1（演员） offers you the rest of the shift" in site.get("/", "engineer1", english=True).text
    for name in ("desk1", "desk2", "engineer2", "manager1", "approver1", "reviewer1"):
        assert "请您接班" not in site.get("/", name).text, name


@pytest.mark.parametrize("how", ["accepted", "declined", "another one", "over"])
def test_what_waits_no_longer_is_in_no_inbox(site: Site, how: str) -> None:
    number = offered(site)
    if how == "another one":
        offered(site, to="engineer2")
    elif how == "over":
        site.house.later(hours=73)
    else:
        answered(site, number, "engineer1", accepts=how == "accepted")
    assert "请您接班" not in site.get("/", "engineer1").text


def test_who_is_asked_is_told_at_once_and_who_asked_hears_the_answer(site: Site, office: Office) -> None:
    office.address("engineer1")
    number = offered(site)
    office.prefer("engineer1", quiet_from="00:00", quiet_to="23:59")
    office.outbox.turn()
    (letter,) = office.mail.letters
    assert "请您接“一线值班”余下的班" in letter.subject
    assert "/contract/duty?contract=" in letter.body
    assert "desk1" not in letter.subject + letter.body, "a letter that leaves the house names nobody"
    assert "F-1" not in letter.subject + letter.body
    (asked,) = told(site, "engineer1")
    assert (asked["about"], asked["urgent"], asked["read_at"]) == ("duty", True, None)
    assert "UTC+8" in asked["says"]
    assert site.house.http.get(asked["href"], headers=site.house.headers("engineer1")).status_code == 200
    assert [told(site, name) for name in ("desk1", "desk2", "manager1")] == [[], [], []]
    page = site.get("/notices", "engineer1")
    assert any("/contract/duty" in str(given.get("href")) for tag, given in page.elements if tag == "a")
    answered(site, number, "engineer1", accepts=True)
    office.outbox.turn()
    assert [one["says"] for one in told(site, "desk1")] == [
        "Your shift “First line on duty” was accepted: you are relieved."
    ]
    other = offered_again(site)
    answered(site, other, "desk2", accepts=False)
    office.outbox.turn()
    assert told(site, "engineer1")[0]["says"] == "Your shift “First line on duty” was declined: you remain on duty."


def offered_again(site: Site) -> int:
    """engineer1, who has the first line now, offers it to desk2."""
    house, who = site.house, by(site, "engineer1")
    with transaction(house.engine) as session:
        row = handing.offer(
            session, house.keyring, house.room.desk.contracts[house.contract], "first_line", "desk2", "无。", who
        )
        assert isinstance(row, HandOver), row
        return row.id


def test_a_year_waits_in_the_inbox_of_those_who_may_approve_it(site: Site, office: Office) -> None:
    row = brought(site)
    office.outbox.turn()
    for name in ("manager1", "manager2"):
        inbox = site.get("/", name)
        assert WAITS in inbox.text
        assert any(f"version={row.id}" in str(given.get("href")) for tag, given in inbox.elements if tag == "a")
        (asked,) = told(site, name)
        assert asked["about"] == "calendar"
        assert asked["says"] == "The days of 2027 were brought and wait for the approval of your party."
    for name in ("approver1", "approver2", "staff1", "engineer1", "desk1", "reviewer1"):
        assert WAITS not in site.get("/", name).text, name
        assert told(site, name) == [], name
    assert WAITS not in site.get("/", "stranger_manager").text
    house, who = site.house, by(site, "manager1")
    with transaction(house.engine) as session:
        years.approve(session, house.keyring, house.room.desk.contracts[house.contract], row.id, row.digest, who)
    office.outbox.turn()
    assert WAITS not in site.get("/", "manager2").text
    assert "are approved" in told(site, "staff1")[0]["says"]


def test_nobody_sees_what_is_about_another_contract(site: Site, office: Office) -> None:
    offered(site)
    brought(site)
    office.outbox.turn()
    assert told(site, "stranger_manager") == []
    assert "请您接班" not in site.get("/notices", "stranger_manager").text


def test_such_a_message_is_delivered_read_and_found_again_like_any_other(site: Site, office: Office) -> None:
    office.address("engineer1")
    office.prefer("engineer1", digest_at="08:00")
    offered(site)
    office.outbox.turn()
    assert len(office.mail.letters) == 1, "it is urgent: no letter of the day"
    with reading(site.house.engine) as session:
        message = session.scalars(select(Message).where(Message.ticket_id.is_(None))).one()
        assert dead.standing(session).untold == 0
    site.house.later(hours=1)
    with reading(site.house.engine) as session:
        assert office.outbox.lost(session, 0, 100)[0] == []
    form = next(one for one in site.get("/notices", "engineer1").forms if "only" in one["names"])
    assert form["fields"]["only"] == str(message.id)
    assert site.send("/notices/read", form["fields"], "engineer1").status_code == 303
    assert told(site, "engineer1")[0]["read_at"] is not None


def test_a_message_about_a_ticket_names_it_and_no_other_does(site: Site) -> None:
    house = site.house
    said = {"contract_key": house.contract, "party": "client", "at": house.at, "words": {"text": "x", "values": {}}}
    for wrong in ({"about": "ticket"}, {"about": "duty", "ticket_id": 1, "event_id": 1}):
        with pytest.raises(IntegrityError), transaction(house.engine) as session:
            session.add(Message(**said, **wrong))


def test_the_inbox_costs_no_more_for_what_is_asked(site: Site) -> None:
    offered(site)
    brought(site, "approver1")
    assert counted(site, "/", "engineer1") <= MOST
    assert counted(site, "/", "manager1") <= MOST
    assert counted(site, "/contract/duty", "engineer1") <= MOST
