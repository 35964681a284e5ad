"""What every act of this room leaves behind: a security event, a count of wrong attempts, a refusal in words.

A refusal is a value, not an exception: it is returned out of the transaction, which then commits. Raised, it would
roll back the very count that is to lock the door.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from auth.models import FailureCount, SecurityEvent
from auth.seal import Sealer
from config import Settings
from database import insert_into
from workflow.declare import Words

ADDRESS_TOLERANCE = 6
"""An address may fail this many times as often as an account: a whole office can stand behind one address."""


@dataclass(frozen=True)
class Refusal:
    """Why not. `reason` is one word for code and audit, `says` the sentence for the person."""

    reason: str
    says: Words


@dataclass(frozen=True)
class Keyring:
    """What the services need beside the database: the figures of `Settings` and the seal."""

    settings: Settings
    sealer: Sealer

    @property
    def lock(self) -> timedelta:
        return timedelta(minutes=self.settings.sign_in_lock_minutes)


def digest(secret: str) -> str:
    """How a random secret of 256 bits is kept: recognisable, not readable."""
    return hashlib.sha256(secret.encode()).hexdigest()


def note(
    session: Session,
    kind: str,
    *,
    at: datetime,
    person_id: int | None,
    subject_id: int | None = None,
    refused: bool = False,
    address: str = "",
    **detail: Any,
) -> None:
    """Adds a security event to the transaction of what it tells of: if the record fails, so does the act."""
    session.add(
        SecurityEvent(
            at=at,
            person_id=person_id,
            subject_id=subject_id,
            kind=kind,
            outcome="refused" if refused else "done",
            address=address[:64],
            detail=detail,
        )
    )


def is_locked(session: Session, key: str, at: datetime) -> bool:
    """Exactly at the end of the lock the door is open again.

    The count is locked from here on, and made where there is none: attempts under one key are judged one after the
    other, else a hundred sent at one instant would be a hundred guesses before the first one is counted.
    """
    count = _count(session, key, at)
    return count.locked_until is not None and at < count.locked_until


def _count(session: Session, key: str, at: datetime) -> FailureCount:
    """The count under this key, locked. To set the key to itself is how both databases lock what may not be there yet."""
    made = insert_into(session, FailureCount).values(key=key, failures=0, first_at=at)
    made = made.on_conflict_do_update(index_elements=["key"], set_={"key": key}).returning(FailureCount)
    found: FailureCount = session.scalars(made, execution_options={"populate_existing": True}).one()
    return found


def count_failure(session: Session, key: str, at: datetime, *, limit: int, lock: timedelta) -> bool:
    """Counts one wrong attempt; True if it is the one that locks. Attempts further apart than the lock start anew."""
    count = _count(session, key, at)
    if at - count.first_at >= lock or (count.locked_until is not None and count.locked_until <= at):
        count.failures, count.first_at, count.locked_until = 0, at, None
    count.failures += 1
    if count.failures >= limit and count.locked_until is None:
        count.locked_until = at + lock
        return True
    return False


def forgive(session: Session, key: str) -> None:
    """A right attempt ends the count."""
    session.execute(delete(FailureCount).where(FailureCount.key == key))
