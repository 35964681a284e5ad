"""Who is told: preferences and sealed addresses of a person, and whose mandate lets them know of a message."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from auth.models import Mandate, Person
from auth.records import Keyring
from auth.roles import ADMINISTRATORS, party_of
from auth.sessions import in_force
from database import insert_into
from tickets.outbox.models import Address, Preference
from tickets.outbox.timing import Preferences, time_of_day


@dataclass(frozen=True)
class Reader:
    """Somebody with a mandate: the account, the natural person behind it, and what they want."""

    person: int
    natural: int
    language: str
    preferences: Preferences
    addressed: frozenset[str]
    """The channels for which there is an address."""
    mandates: tuple[tuple[str | None, str, datetime], ...] = field(default=())
    """Contract, party, and since when."""

    def may_know(self, contract_key: str, party: str, at: datetime) -> bool:
        """Whether a mandate for the party was in force at `at`. Those that have ended since are not among `mandates`."""
        return any(key == contract_key and held == party and since <= at for key, held, since in self.mandates)


def readers(
    session: Session, contracts: Collection[str], at: datetime, *, only: Collection[int] | None = None
) -> list[Reader]:
    """Everybody who holds a mandate in one of the contracts now, without administrators: to them, on whichever account,
    business is closed. `only` these accounts, if given."""
    natural = func.coalesce(Person.same_person_as, Person.id)
    shut_out = (
        select(natural)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(Mandate.role.in_(ADMINISTRATORS), *in_force(at))
    )
    query = (
        select(Mandate, Person, Preference)
        .join(Person, Person.id == Mandate.person_id)
        .outerjoin(Preference, Preference.person_id == Person.id)
        .where(Mandate.contract_key.in_(contracts), Person.disabled_at.is_(None), *in_force(at))
        .where(natural.not_in(shut_out))
        .order_by(Person.id, Mandate.id)
    )
    if only is not None:
        query = query.where(Person.id.in_(only))
    rows = session.execute(query).all()
    addressed = _addressed(session, {person.id for _, person, _ in rows})
    held: dict[int, list[tuple[str | None, str, datetime]]] = {}
    people: dict[int, tuple[Person, Preference | None]] = {}
    for mandate, person, preference in rows:
        held.setdefault(person.id, []).append((mandate.contract_key, party_of(mandate.role), mandate.starts_at))
        people[person.id] = person, preference
    return [
        Reader(
            person.id,
            person.natural,
            person.language,
            wanted(preference),
            addressed.get(number, frozenset()),
            tuple(held[number]),
        )
        for number, (person, preference) in people.items()
    ]


def _addressed(session: Session, people: Collection[int]) -> Mapping[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    query = select(Address.person_id, Address.channel).where(Address.person_id.in_(people))
    for person, channel in session.execute(query):
        found.setdefault(person, set()).add(channel)
    return {person: frozenset(channels) for person, channels in found.items()}


# --- what a person wants -------------------------------------------------------------------------------------------------


def wanted(row: Preference | None) -> Preferences:
    """The row as the rules read it; without one all channels are used, at once."""
    if row is None:
        return Preferences()
    return Preferences(
        frozenset(row.urgent),
        frozenset(row.ordinary),
        time_of_day(row.quiet_from),
        time_of_day(row.quiet_to),
        time_of_day(row.digest_at),
    )


def keep(
    session: Session,
    person: int,
    *,
    urgent: Iterable[str],
    ordinary: Iterable[str],
    quiet_from: str,
    quiet_to: str,
    digest_at: str,
) -> None:
    """Keeps what a person wants. Raises ValueError on a time of day that is none, and on quiet hours without an end."""
    for text in (quiet_from, quiet_to, digest_at):
        time_of_day(text)
    if bool(quiet_from) != bool(quiet_to):
        raise ValueError("quiet hours have a beginning and an end")
    values = {
        "urgent": sorted(urgent),
        "ordinary": sorted(ordinary),
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "digest_at": digest_at,
    }
    made = insert_into(session, Preference).values(person_id=person, **values)
    session.execute(made.on_conflict_do_update(index_elements=["person_id"], set_=values))


# --- where a person is reached -------------------------------------------------------------------------------------------


def _context(person: int, channel: str) -> str:
    return f"address:{channel}:{person}"


def set_address(session: Session, keyring: Keyring, person: int, channel: str, address: str, *, at: datetime) -> None:
    """Seals the address, in place of an earlier one."""
    values = {"sealed": keyring.sealer.seal(_context(person, channel), address), "set_at": at}
    made = insert_into(session, Address).values(person_id=person, channel=channel, **values)
    session.execute(made.on_conflict_do_update(index_elements=["person_id", "channel"], set_=values))


def remove_address(session: Session, person: int, channel: str) -> bool:
    """Whether there was one."""
    gone = session.execute(delete(Address).where(Address.person_id == person, Address.channel == channel))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # A deletion answers with a cursor, which counts.


def addresses(session: Session, keyring: Keyring, person: int) -> dict[str, str]:
    """By channel where the person is reached."""
    rows = session.scalars(select(Address).where(Address.person_id == person))
    return {row.channel: keyring.sealer.open(_context(person, row.channel), row.sealed) for row in rows}


def masked(address: str) -> str:
    """Enough of an address for its owner to know it again, not enough for who looks over a shoulder."""
    if "://" in address:
        return address.partition("://")[0] + "://…" + address[-4:]
    local, _, host = address.partition("@")
    return f"{local[:1]}…@{host}"
