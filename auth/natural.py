"""One natural person, several accounts: separation of duties counts persons, so it asks here and never compares accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import permutations

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from auth.models import Mandate, Person
from auth.records import Refusal
from auth.roles import ADMINISTRATORS, party_of
from workflow.declare import Words

EXCLUSIVE = Refusal("exclusive", Words("An administrator holds this one role and no other."))
TWO_SIDES = Refusal("two_sides", Words("Nobody stands on two sides of one contract."))


def is_account_of(natural: int) -> ColumnElement[bool]:
    """SQL: the row of `Person` is an account of this natural person."""
    return or_(Person.id == natural, Person.same_person_as == natural)


def accounts_beside(account_id: int) -> Select[int]:
    """SQL: the numbers of all accounts of the natural person behind this one, itself among them; one statement."""
    own = aliased(Person)
    natural = func.coalesce(own.same_person_as, own.id)
    return (
        select(Person.id)
        .join(own, or_(Person.id == natural, Person.same_person_as == natural))
        .where(own.id == account_id)
    )


def natural_person(session: Session, account_id: int | None) -> int | None:
    """The natural person behind an account, by the number of their first account; None for nobody."""
    person = session.get(Person, account_id) if account_id is not None else None
    return person.natural if person is not None else None


def is_one_person(session: Session, account_id: int, other_id: int | None) -> bool:
    """Whether two accounts belong to one natural person; nobody is another nobody."""
    if account_id == other_id or other_id is None:
        return account_id == other_id
    behind = {
        one.id: one.natural for one in session.scalars(select(Person).where(Person.id.in_((account_id, other_id))))
    }
    return len(behind) > 1 and len(set(behind.values())) == 1


def accounts_of(session: Session, person: Person) -> Sequence[Person]:
    """All accounts of the natural person behind `person`, the first one at the head."""
    query = select(Person).where(is_account_of(person.natural))
    return session.scalars(query.order_by(Person.same_person_as.is_not(None), Person.id)).all()


def standing_mandates(session: Session, person: Person, at: datetime) -> Sequence[Mandate]:
    """What the natural person holds at `at` or will hold, on whichever account: a disabled one may be let back in."""
    return session.scalars(
        select(Mandate)
        .join(Person, Person.id == Mandate.person_id)
        .where(
            is_account_of(person.natural),
            Mandate.revoked_at.is_(None),
            or_(Mandate.ends_at.is_(None), Mandate.ends_at > at),
        )
        .order_by(Mandate.id)
    ).all()


def exclusion(role: str, contract: str | None, held: Mandate) -> Refusal | None:
    """Why one person cannot have `role` in `contract` beside `held`; None where they go together (8.1.4.2 d)."""
    if role in ADMINISTRATORS or held.role in ADMINISTRATORS:
        return EXCLUSIVE
    if held.contract_key == contract and party_of(held.role) != party_of(role):
        return TWO_SIDES
    return None


def conflicting(mandates: Iterable[Mandate]) -> frozenset[int]:
    """Numbers of those mandates of one natural person that exclude each other."""
    return frozenset(
        one.id for one, other in permutations(mandates, 2) if exclusion(one.role, one.contract_key, other) is not None
    )
