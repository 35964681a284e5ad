"""Where a message leads: the page of what it is about, and the same in the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from tickets.models import OF_CALENDAR, OF_DUTY, OF_TICKET, Message

_PAGES = {
    OF_TICKET: ("ticket.shown", "api.ticket", "number"),
    OF_DUTY: ("duty.shown", "api.duty", "contract"),
    OF_CALENDAR: ("calendar.shown", "api.calendar", "contract"),
}


@dataclass(frozen=True)
class Place:
    """An endpoint of the pages and one of the API, both with the same values."""

    page: str
    api: str
    values: Mapping[str, Any] = field(hash=False)

    def in_api(self) -> str:
        """Its path in the API, inside of a request."""
        return url_for(self.api, **self.values)


def place_of(message: Message, number: str | None) -> Place:
    """Where the message leads; `number` is that of its ticket, if it has one."""
    page, api, name = _PAGES[message.about]
    return Place(page, api, {name: (number or "") if message.about == OF_TICKET else message.contract_key})
