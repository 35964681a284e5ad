"""Every moment says its zone, and the zone is that of the contract it belongs to, wherever the desk stands (part 2 of time)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import update

from auth import asking
from database import transaction
from tests.pages.site import Site
from tickets.models import Ticket
from tickets.speech import length, say
from workflow.declare import Words

ELSEWHERE = "harbour-2025"


def foreign(site: Site, **fields: Any) -> str:
    """A visit in the contract whose zone is another than the desk's."""
    number: str = site.house.open("visit", "staff1", **fields)
    with transaction(site.house.engine) as session:
        session.execute(update(Ticket).where(Ticket.number == number).values(contract_key=ELSEWHERE))
    return number


def test_a_page_tells_moments_in_the_zone_of_its_contract(site: Site, visit_fields: dict[str, Any]) -> None:
    ours, theirs = site.house.open("visit", "staff1", **visit_fields), foreign(site, **visit_fields)
    assert "UTC+8" in (here := site.get(f"/tickets/{ours}", "staff1").text)
    assert "UTC+1" not in here
    assert "UTC+1" in (there := site.get(f"/tickets/{theirs}", "stranger_staff").text)
    assert "UTC+8" not in there
    assert "UTC+1" in site.get(f"/contract/calendar?contract={ELSEWHERE}", "stranger_staff").text


def test_what_is_typed_is_read_in_the_zone_in_which_it_was_asked_for(site: Site, visit_fields: dict[str, Any]) -> None:
    number = foreign(site, **visit_fields)
    with site.house.app.test_request_context(f"/tickets/{number}"):
        asking.tell_in(site.house.room.desk.contracts[ELSEWHERE].calendar.zone)
        assert asking.first_instant("2026-05-12").hour == 23, "midnight in Lisbon, in summer"
    with site.house.app.test_request_context("/"):
        assert asking.first_instant("2026-05-12").hour == 16, "of no contract: as the desk is set"


def test_a_length_in_a_sentence_is_told_whole_and_in_the_language_of_the_reader(site: Site) -> None:
    late = Words("Received at %(received_at)s, entered %(late)s later. Every limit counts from the receipt.",
                 received_at=site.house.at, late=timedelta(minutes=76))  # fmt: skip
    with site.house.app.test_request_context("/"), force_locale("zh_Hans_CN"):
        assert length(timedelta(minutes=76)) == "1 小时 16 分"
        assert "1 小时 16 分后才登记" in say(late)
    with site.house.app.test_request_context("/"), force_locale("en"):
        assert "entered 1 h 16 min later" in say(late)
