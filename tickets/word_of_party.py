"""How a person gives their party's word outside of a ticket: by a mandate that lets them sign for it, and a fresh factor."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from auth import factor
from auth.models import IdentityCheck
from auth.records import Keyring, Refusal
from tickets import gather
from tickets.models import Message
from workflow.attempt import MandateFact
from workflow.contract import Contract
from workflow.declare import CLIENT_APPROVER, SUPPLIER_MANAGER, Words
from workflow.terms import Problem
from workflow.wording import to_data

ROLES = (CLIENT_APPROVER, SUPPLIER_MANAGER)
"""Who speaks for a party in this: those who sign for it."""


@dataclass(frozen=True)
class Denied:
    """Why the act was not done: `reason` is one word, `says` the sentences for the person, one at least."""

    reason: str
    says: tuple[Words, ...]


@dataclass(frozen=True)
class By:
    """Who acts, with the code just given, at `at`."""

    account: int
    code: str
    at: datetime
    address: str = ""


def may_speak(held: Sequence[MandateFact], account: int) -> MandateFact | None:
    """The mandate by which the account speaks for its party; None where it has none."""
    return next((mandate for mandate in held if mandate.account == account and mandate.role in ROLES), None)


def speaker(session: Session, contract: Contract, by: By, *, unless: Words) -> MandateFact | Denied:
    """The mandate by which somebody speaks for their party now; where they have none, `unless` says what it takes."""
    held = gather.mandates(session, contract.key, by.at)
    found = may_speak(held, by.account)
    return Denied("not_yours", (unless,)) if found is None else of_one_party(held, found)


def of_one_party(held: Sequence[MandateFact], found: MandateFact) -> MandateFact | Denied:
    """The mandate, unless its holder acts for another party too."""
    if len({mandate.party for mandate in held if mandate.person == found.person}) > 1:
        return Denied("not_yours", (Words("One natural person cannot act for two parties of the same contract."),))
    return found


def proved(session: Session, keyring: Keyring, contract: Contract, what: str, by: By) -> IdentityCheck | Denied:
    """The check of the code that was just given, bound to `what` is done. Commit either way: wrong codes count."""
    found = factor.prove_factor(
        session,
        keyring,
        by.account,
        by.code,
        ticket_id=None,
        content_digest=hashlib.sha256(what.encode()).hexdigest(),
        at=by.at,
        valid_for=contract.at(by.at).duration("identity.factor_valid"),
        address=by.address,
    )
    return Denied(found.reason, (found.says,)) if isinstance(found, Refusal) else found


def tell(
    session: Session,
    contract: Contract,
    about: str,
    party: str,
    words: Words,
    at: datetime,
    *,
    only: Sequence[int] = (),
) -> None:
    """A message to a party about an act outside of a ticket, in the same transaction: to everybody of it, or to these accounts.
    It is urgent, for somebody waits for the answer now."""
    session.add(
        Message(
            contract_key=contract.key,
            about=about,
            party=party,
            at=at,
            words=to_data(words),
            urgent=True,
            readers=list(only) or None,
        )
    )


def told(problem: Problem) -> Words:
    """What is wrong with a file, in one sentence with its place."""
    said = Words(problem.msgid, **problem.params)
    if not problem.place:
        return said
    return Words("%(place)s: %(problem)s", place=problem.place, problem=said)
