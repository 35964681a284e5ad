"""A year's days, announced after the contract was loaded: brought by one party, approved by the other, then in force.

Both parties are bound by the days, and one of them gains by each day off; so neither settles them alone. Whoever may sign
for a party brings the notice or approves it, with a fresh second factor; two accounts of one person are one person. A new
version of a year goes the same way again, and what was in force before stays on record (R8.1, R8.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from auth import factor
from auth.models import IdentityCheck
from auth.natural import is_one_person
from auth.records import Keyring, Refusal, note
from tickets import gather
from tickets.case import lock_log
from tickets.models import CalendarApproval, CalendarYear
from workflow.attempt import MandateFact
from workflow.calendar import PUBLISHED, Year
from workflow.calendar_files import OFF, WORK, read_notice
from workflow.canonical import canonical
from workflow.contract import Contract
from workflow.declare import CLIENT_APPROVER, SUPPLIER_MANAGER, Words
from workflow.terms import Problem

ROLES = (CLIENT_APPROVER, SUPPLIER_MANAGER)
"""Who speaks for a party in this: those who sign for it."""


_UNKNOWN = (Words("There is no such version of a year in this contract."),)


@dataclass(frozen=True)
class Denied:
    """Why the act was not done: `reason` is one word, `says` the sentences for the person, one at least."""

    reason: str
    says: tuple[Words, ...]


@dataclass(frozen=True)
class Bringing:
    """A notice as it is brought: the year, the file, and the days as counted in the notice by whoever brings it."""

    year: int
    content: bytes
    days_off: int
    make_up_days: int


@dataclass(frozen=True)
class By:
    """Who acts, with the code just given, at `at`."""

    account: int
    code: str
    at: datetime
    address: str = ""


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
    check = _proved(session, keyring, contract, f"propose:{digest}", by)
    if isinstance(check, Denied):
        return check
    row = CalendarYear(
        contract_key=contract.key, year=year.year, digest=digest, source=year.source, days=days, account_id=by.account,
        name=mandate.name, party=mandate.party.name, role=mandate.role.name, check_id=check.id, at=by.at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    note(session, "calendar_proposed", **_facts(by, contract, row.year, version=row.id, digest=row.digest))
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
    check = _proved(session, keyring, contract, f"approve:{row.id}:{digest}", by)
    if isinstance(check, Denied):
        return check
    approval = CalendarApproval(
        calendar_year_id=row.id, contract_key=contract.key, year=row.year, account_id=by.account, name=mandate.name,
        party=mandate.party.name, role=mandate.role.name, check_id=check.id, at=by.at,
    )  # fmt: skip
    session.add(approval)
    session.flush()
    note(session, "calendar_approved", **_facts(by, contract, row.year, version=row.id, digest=row.digest))
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


def may_speak(held: Sequence[MandateFact], account: int) -> MandateFact | None:
    """The mandate by which the account brings or approves a year; None where it has none."""
    return next((mandate for mandate in held if mandate.account == account and mandate.role in ROLES), None)


def digest_of(contract_key: str, year: Year) -> str:
    """What both parties put their word to: the contract, the notice and every day."""
    return hashlib.sha256(canonical([contract_key, year.year, year.source, _days(year)])).hexdigest()


def years_offered(contract: Contract) -> range:
    """Years that a notice can be brought for: those of the term, and the one after, into which its last periods reach."""
    return range(contract.first_day.year, contract.last_day.year + 2)


# --- conditions ------------------------------------------------------------------------------------------------------


def _mandate(session: Session, contract: Contract, by: By) -> MandateFact | Denied:
    held = gather.mandates(session, contract.key, by.at)
    found = may_speak(held, by.account)
    if found is None:
        return Denied(
            "not_yours", (Words("The days of a year are brought and approved by those who sign for a party."),)
        )
    if len({mandate.party for mandate in held if mandate.person == found.person}) > 1:
        return Denied("not_yours", (Words("One natural person cannot act for two parties of the same contract."),))
    return found


def _unfit(contract: Contract, number: int, year: Year | None, problems: Sequence[Problem]) -> Denied | None:
    if number not in years_offered(contract):
        says = Words("The contract has nothing to count in the year %(year)s.", year=number)
        return Denied("wrong_year", (says,))
    if year is None:
        return Denied("unfit", tuple(_told(problem) for problem in problems))
    known = contract.calendar.years.get(number)
    if known is not None and known.status == PUBLISHED and _days(known) == _days(year):
        return Denied("same", (Words("The days of %(year)s are in force like this already.", year=number),))
    return None


def _told(problem: Problem) -> Words:
    said = Words(problem.msgid, **problem.params)
    if not problem.place:
        return said
    return Words("%(place)s: %(problem)s", place=problem.place, problem=said)


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


def _proved(session: Session, keyring: Keyring, contract: Contract, what: str, by: By) -> IdentityCheck | Denied:
    proved = factor.prove_factor(
        session,
        keyring,
        by.account,
        by.code,
        ticket_id=None,
        content_digest=hashlib.sha256(f"calendar:{what}".encode()).hexdigest(),
        at=by.at,
        valid_for=contract.at(by.at).duration("identity.factor_valid"),
        address=by.address,
    )
    return Denied(proved.reason, (proved.says,)) if isinstance(proved, Refusal) else proved


def _facts(by: By, contract: Contract, year: int, **more: str | int | bool) -> dict[str, Any]:
    """What a security event says of an act on a year, done or refused."""
    return {"at": by.at, "person_id": by.account, "address": by.address, "contract": contract.key, "year": year, **more}


def _days(year: Year) -> Mapping[str, list[str]]:
    return {OFF: sorted(map(str, year.off)), WORK: sorted(map(str, year.work))}
