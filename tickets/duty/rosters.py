"""Bringing a roster: whoever signs for a party brings it for their own party, whole and without a gap, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from auth.models import Mandate, Person
from auth.records import Keyring, note
from auth.roles import party_of
from tickets.case import lock_log
from tickets.duty.models import DutyRoster
from tickets.duty.records import shift_data
from tickets.word_of_party import By, Denied, proved, speaker, told
from workflow.canonical import digest
from workflow.contract import Contract
from workflow.declare import Words
from workflow.roster import Draft, Held, Line, judged, read_lines
from workflow.terms import Problem


@dataclass(frozen=True)
class Bringing:
    """A roster as it is brought: for which time (UTC), its lines, and what could not be read of it."""

    starts: datetime
    ends: datetime
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...] = ()


def from_file(contract: Contract, content: bytes, starts: datetime, ends: datetime) -> Bringing:
    """What a CSV file holds; times without an offset are those of the contract's zone."""
    return Bringing(starts, ends, *read_lines(content, contract.calendar.zone, "roster.csv"))


def bring(session: Session, keyring: Keyring, contract: Contract, brought: Bringing, by: By) -> DutyRoster | Denied:
    """Puts a roster on record, in force at once for its time, or says everything that is wrong with it. Commit either way."""
    lock_log(session, contract.key)
    only = Words("A roster is brought by those who sign for the party whose duty it is.")
    mandate = speaker(session, contract, by, unless=only)
    if isinstance(mandate, Denied):
        return _refused(session, contract, by, mandate)
    if brought.problems:
        return _refused(session, contract, by, Denied("unfit", tuple(told(one) for one in brought.problems)))
    draft = Draft(mandate.party.name, brought.starts, brought.ends, brought.lines)
    shifts, wrong = judged(contract, draft, _held(session, contract, mandate.party.name, by.at), by.at)
    if wrong:
        return _refused(session, contract, by, Denied("unfit", wrong))
    data = [shift_data(shift) for shift in shifts]
    seal = digest([contract.key, draft.party, draft.starts, draft.ends, data])
    check = proved(session, keyring, contract, f"duty:bring:{seal}", by)
    if isinstance(check, Denied):
        return check
    row = DutyRoster(
        contract_key=contract.key, starts=draft.starts, ends=draft.ends, digest=seal, shifts=data,
        account_id=by.account, name=mandate.name, party=draft.party, role=mandate.role.name, check_id=check.id, at=by.at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    note(session, "duty_roster_brought", **facts(by, contract, roster=row.id, digest=seal))
    return row


def _refused(session: Session, contract: Contract, by: By, why: Denied) -> Denied:
    note(session, "duty_roster_brought", refused=True, **facts(by, contract, reason=why.reason))
    return why


def facts(by: By, contract: Contract, **more: str | int | bool) -> dict[str, Any]:
    """What a security event says of an act on duty, done or refused."""
    return {"at": by.at, "person_id": by.account, "address": by.address, "contract": contract.key, **more}


def _held(session: Session, contract: Contract, party: str, at: datetime) -> dict[str, Sequence[Held]]:
    """The party's mandates by user name, those to come too: a roster speaks of the future."""
    rows = session.execute(
        select(Mandate, Person)
        .join(Person, Person.id == Mandate.person_id)
        .where(
            Mandate.contract_key == contract.key,
            Mandate.revoked_at.is_(None),
            or_(Mandate.ends_at.is_(None), Mandate.ends_at > at),
            Person.disabled_at.is_(None),
        )
        .order_by(Mandate.id)
    )
    found: dict[str, list[Held]] = {}
    for mandate, person in rows:
        if party_of(mandate.role) == party:
            one = Held(person.id, person.natural, person.name, mandate.role, mandate.starts_at, mandate.ends_at)
            found.setdefault(person.username, []).append(one)
    return dict(found)
