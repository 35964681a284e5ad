"""A year's days, announced after the contract was loaded: brought by one party, approved by the other, then in force.

Both parties are bound by the days, and one of them gains by each day off; so neither settles them alone. Whoever may sign
for a party brings the notice or approves it, with a fresh second factor; two accounts of one person are one person. A new
version of a year goes the same way again, and what was in force before stays on record (R8.1, R8.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from auth.natural import is_one_person
from auth.records import Keyring, note
from tickets import gather
from tickets.case import lock_log
from tickets.models import OF_CALENDAR, CalendarApproval, CalendarYear
from tickets.word_of_party import ROLES, By, Denied, proved, speaker, tell, told
from workflow.attempt import MandateFact
from workflow.calendar import PUBLISHED, Year
from workflow.calendar_files import OFF, WORK, read_notice
from workflow.canonical import canonical
from workflow.contract import Contract
from workflow.declare import Words
from workflow.terms import Problem

_UNKNOWN = (Words("There is no such version of a year in this contract."),)


@dataclass(frozen=True)
class Bringing:
    """A notice as it is brought: the year, the file, and the days as counted in the notice by whoever brings it."""

    year: int
    content: bytes
    days_off: int
    make_up_days: int


@dataclass(frozen=True)
class OnRecord:
    """A version of a year with its approval, if it has one. `standing`: waiting, replaced, in_force or superseded."""

    year: CalendarYear
    approval: CalendarApproval | None
    standing: str


def propose(session: Session, keyring: Keyring, contract: Contract, brought: Bringing, by: By) -> CalendarYear | Denied:
    """Puts a year on record for the other party to approve, or says why not. Commit either way: wrong codes count."""
    lock_log(session, contract.key)
    mandate = _mandate(session, contract, by)
    notice = read_notice(
        brought.content,
        brought.year,
        days_off=brought.days_off,
        make_up_days=brought.make_up_days,
        name=f"{brought.year}.csv",
    )
    why = mandate if isinstance(mandate, Denied) else _unfit(contract, brought.year, notice.year, notice.problems)
    if isinstance(mandate, Denied) or notice.year is None or why is not None:
        why = why or Denied("unfit", (Words("The file could not be read."),))
        note(session, "calendar_proposed", refused=True, **_facts(by, contract, brought.year, reason=why.reason))
        return why
    year, days = notice.year, _days(notice.year)
    digest = digest_of(contract.key, year)
    check = proved(session, keyring, contract, f"calendar:propose:{digest}", by)
    if isinstance(check, Denied):
        return check
    row = CalendarYear(
        contract_key=contract.key, year=year.year, digest=digest, source=year.source, days=days, account_id=by.account,
        name=mandate.name, party=mandate.party.name, role=mandate.role.name, check_id=check.id, at=by.at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    note(session, "calendar_proposed", **_facts(by, contract, row.year, version=row.id, digest=row.digest))
    asked = Words("The days of %(year)s were brought and wait for the approval of your party.", year=row.year)
    for party, accounts in _approvers(session, contract, row.party, by).items():
        tell(session, contract, OF_CALENDAR, party, asked, by.at, only=accounts)
    return row


def approve(
    session: Session, keyring: Keyring, contract: Contract, number: int, digest: str, by: By
) -> CalendarApproval | Denied:
    """The other party's word to the version `number`, whose `digest` was seen; from then on it is in force."""
    lock_log(session, contract.key)
    row = session.get(CalendarYear, number)
    if row is None or row.contract_key != contract.key or row.digest != digest:
        return Denied("unknown", _UNKNOWN)
    mandate = _mandate(session, contract, by)
    why = mandate if isinstance(mandate, Denied) else _may_not_approve(session, contract, row, mandate, by)
    if isinstance(mandate, Denied) or why is not None:
        why = why or Denied("unknown", _UNKNOWN)
        note(
            session,
            "calendar_approved",
            refused=True,
            **_facts(by, contract, row.year, reason=why.reason, version=row.id),
        )
        return why
    check = proved(session, keyring, contract, f"calendar:approve:{row.id}:{digest}", by)
    if isinstance(check, Denied):
        return check
    approval = CalendarApproval(
        calendar_year_id=row.id, contract_key=contract.key, year=row.year, account_id=by.account, name=mandate.name,
        party=mandate.party.name, role=mandate.role.name, check_id=check.id, at=by.at,
    )  # fmt: skip
    session.add(approval)
    session.flush()
    note(session, "calendar_approved", **_facts(by, contract, row.year, version=row.id, digest=row.digest))
    said = Words("The days of %(year)s are approved: they are in force, and limits are counted by them.", year=row.year)
    tell(session, contract, OF_CALENDAR, row.party, said, by.at)
    return approval


def on_record(session: Session, contract: Contract) -> Sequence[OnRecord]:
    """Every version of every year that was brought, the newest first."""
    rows = session.execute(
        select(CalendarYear, CalendarApproval)
        .outerjoin(CalendarApproval, CalendarApproval.calendar_year_id == CalendarYear.id)
        .where(CalendarYear.contract_key == contract.key)
        .order_by(CalendarYear.id.desc())
    ).all()
    newest, in_force = dict[int, int](), dict[int, int]()
    for row, approval in rows:
        newest.setdefault(row.year, row.id)
        if approval is not None and approval.id > in_force.get(row.year, 0):
            in_force[row.year] = approval.id
    return [
        OnRecord(row, approval, _standing(row, approval, newest[row.year], in_force.get(row.year)))
        for row, approval in rows
    ]


def _standing(row: CalendarYear, approval: CalendarApproval | None, newest: int, in_force: int | None) -> str:
    if approval is None:
        return "waiting" if row.id == newest else "replaced"
    return "in_force" if approval.id == in_force else "superseded"


def _approvers(session: Session, contract: Contract, party: str, by: By) -> dict[str, list[int]]:
    """The accounts that could approve what this party brought, by party."""
    found: dict[str, list[int]] = {}
    for held in gather.mandates(session, contract.key, by.at):
        if held.role in ROLES and held.party.name != party:
            found.setdefault(held.party.name, []).append(held.account)
    return found


def waiting(session: Session, contracts: Mapping[str, str]) -> Sequence[CalendarYear]:
    """The years that wait for the approval of somebody who signs for these parties, by contract; the newest version of each."""
    rows = session.execute(
        select(CalendarYear, exists().where(CalendarApproval.calendar_year_id == CalendarYear.id))
        .where(CalendarYear.contract_key.in_(contracts))
        .order_by(CalendarYear.id)
    ).all()
    newest = {(row.contract_key, row.year): (row, is_approved) for row, is_approved in rows}
    return [row for row, is_approved in newest.values() if not is_approved and row.party != contracts[row.contract_key]]


def digest_of(contract_key: str, year: Year) -> str:
    """What both parties put their word to: the contract, the notice and every day."""
    return hashlib.sha256(canonical([contract_key, year.year, year.source, _days(year)])).hexdigest()


def years_offered(contract: Contract) -> range:
    """Years that a notice can be brought for: those of the term, and the one after, into which its last periods reach."""
    return range(contract.first_day.year, contract.last_day.year + 2)


# --- conditions ------------------------------------------------------------------------------------------------------


def _mandate(session: Session, contract: Contract, by: By) -> MandateFact | Denied:
    only = Words("The days of a year are brought and approved by those who sign for a party.")
    return speaker(session, contract, by, unless=only)


def _unfit(contract: Contract, number: int, year: Year | None, problems: Sequence[Problem]) -> Denied | None:
    if number not in years_offered(contract):
        says = Words("The contract has nothing to count in the year %(year)s.", year=number)
        return Denied("wrong_year", (says,))
    if year is None:
        return Denied("unfit", tuple(told(problem) for problem in problems))
    known = contract.calendar.years.get(number)
    if known is not None and known.status == PUBLISHED and _days(known) == _days(year):
        return Denied("same", (Words("The days of %(year)s are in force like this already.", year=number),))
    return None


def _may_not_approve(
    session: Session, contract: Contract, row: CalendarYear, mandate: MandateFact, by: By
) -> Denied | None:
    standing = next(one.standing for one in on_record(session, contract) if one.year.id == row.id)
    if standing != "waiting":
        return Denied(
            "not_now", (Words("This version waits for no approval: it has one, or a later one was brought."),)
        )
    if is_one_person(session, by.account, row.account_id):
        return Denied("same_person", (Words("Who brought a year does not approve it."),))
    if mandate.party.name == row.party:
        return Denied("same_party", (Words("The other party approves: both are bound by the days."),))
    return None


def _facts(by: By, contract: Contract, year: int, **more: str | int | bool) -> dict[str, Any]:
    """What a security event says of an act on a year, done or refused."""
    return {"at": by.at, "person_id": by.account, "address": by.address, "contract": contract.key, "year": year, **more}


def _days(year: Year) -> Mapping[str, list[str]]:
    return {OFF: sorted(map(str, year.off)), WORK: sorted(map(str, year.work))}
