"""Bearer tokens for the API: 32 bytes of chance behind the prefix `cp_`, kept as a hash, scoped, expiring."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from auth.models import ApiToken, Person
from auth.records import Refusal, digest, note
from database import locked_row
from workflow.declare import Words

PREFIX = "cp_"
SHAPE = re.compile(r"cp_[A-Za-z0-9_-]{43}", re.ASCII)
READ, ACT = "read", "act"
SCOPES = (READ, ACT)
LONGEST_DAYS = 366


def make_token(
    session: Session, person_id: int, *, name: str, scopes: list[str], days: int, at: datetime, address: str = ""
) -> tuple[ApiToken, str] | Refusal:
    """The row and the token, which is shown this once."""
    plain = name.strip()
    if not plain or len(plain) > 80 or not plain.isprintable():
        return Refusal("name", Words("A name has 1 to 80 characters."))
    if not scopes or not set(scopes) <= set(SCOPES):
        return Refusal("scopes", Words("A token may read, or read and act."))
    if not 1 <= days <= LONGEST_DAYS:
        return Refusal("days", Words("A token lives between 1 and %(number)s days.", number=LONGEST_DAYS))
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        token_hash=digest(token),
        person_id=person_id,
        name=plain,
        scopes=sorted(set(scopes)),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    note(session, "token_made", at=at, person_id=person_id, address=address, token=row.id, scopes=row.scopes)
    return row, token


def revoke_token(session: Session, token_id: int, person_id: int, *, at: datetime, address: str = "") -> bool:
    """Ends one of the person's own tokens; False if it is not theirs or has ended."""
    row = locked_row(session, ApiToken, token_id)
    if row is None or row.person_id != person_id or row.revoked_at is not None:
        return False
    row.revoked_at = at
    note(session, "token_revoked", at=at, person_id=person_id, address=address, token=token_id)
    return True


def hash_of_token(token: str) -> str | None:
    """What a token is found by, or None for a text that was never one."""
    return digest(token) if SHAPE.fullmatch(token) else None


def is_alive(row: ApiToken, person: Person, at: datetime) -> bool:
    """Whether the token still opens anything: not revoked, not expired, its person not disabled."""
    return row.revoked_at is None and at < row.expires_at and person.disabled_at is None
