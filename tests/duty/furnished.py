"""A furnished house in which posts are kept."""

from __future__ import annotations

from datetime import timedelta

from database import transaction
from tests.api.house import House
from tickets.duty import rosters
from tickets.duty.models import DutyRoster
from tickets.word_of_party import By
from workflow.roster import Line


def kept_posts(house: House, by: str = "manager1", hours: int = 72, **posts: str) -> DutyRoster:
    """One person on each post, from this very hour on; the clock stands where it stood."""
    at, contract = house.at, house.room.desk.contracts[house.contract]
    until = at + timedelta(hours=hours)
    lines = tuple(Line(str(n), post, person, at, until) for n, (post, person) in enumerate(posts.items(), start=2))
    code = house.code(by)
    with transaction(house.engine) as session:
        row = rosters.bring(
            session, house.keyring, contract, rosters.Bringing(at, until, lines), By(house.ids[by], code, house.at)
        )
    assert isinstance(row, DutyRoster), row
    return row
