"""The year that nobody has announced yet is announced in the middle of the play: one party brings it, the other approves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from auth import totp
from auth.models import Person
from auth.signin import totp_secret
from database import reading, transaction
from tickets import recount, years
from tickets.simulate.place import Place
from tickets.simulate.plan import Plan, chance
from tickets.years import Bringing, By, Denied
from workflow.calendar import PUBLISHED

SOURCE = "模拟通知 演示用"
HOLIDAYS = (("01-01", 3), ("02-05", 8), ("04-03", 3), ("05-01", 5), ("06-09", 1), ("09-15", 1), ("10-01", 7))
"""First days and lengths, made up."""


class NotAnnounced(RuntimeError):
    """A year could not be brought or approved."""


def announce(place: Place, plan: Plan, later: Callable[[datetime, Callable[[], None]], None]) -> None:
    """Has every year of the term that is not announced brought and approved, shortly before it begins."""
    contract, dice = place.contract, chance(plan.seed, "announcing")
    for year in range(contract.first_day.year, contract.last_day.year + 1):
        if contract.calendar.status(year) != PUBLISHED:
            # As late as can be, so that limits run over it by then; in a shorter play somewhere in the middle.
            at = contract.calendar.start_of_day(date(year, 1, 1)) - timedelta(days=dice.uniform(2, 4))
            if not plan.starts_at < at < plan.ends_at:
                at = plan.starts_at + (plan.ends_at - plan.starts_at) * dice.uniform(0.55, 0.65)
            later(at, partial(_bring, place, year))


def _bring(place: Place, year: int) -> None:
    days = [
        date.fromisoformat(f"{year}-{first}") + timedelta(days=n) for first, length in HOLIDAYS for n in range(length)
    ]
    notice = "date,kind,source\n" + "".join(f"{day.isoformat()},off,{SOURCE}\n" for day in days)
    bringing = Bringing(year, notice.encode(), len(days), 0)
    with transaction(place.engine) as session:
        brought = years.propose(session, place.keyring, place.contract, bringing, _by(place, "lixia"))
    if isinstance(brought, Denied):
        raise NotAnnounced(brought.reason)
    place.clock.true += timedelta(minutes=40)
    with transaction(place.engine) as session:
        approved = years.approve(
            session, place.keyring, place.contract, brought.id, brought.digest, _by(place, "shuangjiang")
        )
    if isinstance(approved, Denied):
        raise NotAnnounced(approved.reason)
    recount.recount_all(place.desk, place.key)


def _by(place: Place, username: str) -> By:
    with reading(place.engine) as session:
        person = session.scalars(select(Person).where(Person.username == username)).one()
    secret = str(totp_secret(place.keyring, person))
    while (code := totp.usable_code(secret, place.clock.now(), person.totp_last_step)) is None:
        place.clock.true += timedelta(seconds=totp.STEP_SECONDS)
    return By(person.id, code, place.clock.now())
