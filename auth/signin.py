"""Signing in and out, passwords, enrolment, and ending somebody's access.

Each service takes the session of an open transaction and `at`; whatever it refuses it returns (see `auth.records`).
Hashing a password takes 80 ms and would hold SQLite's write lock so long, so it is done before: `examine` compares,
`passwords.hashed` makes.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auth import passwords, totp
from auth.models import ApiToken, OneTimeSecret, Person, UserSession
from auth.records import ADDRESS_TOLERANCE, Keyring, Refusal, count_failure, digest, forgive, is_locked, note
from auth.seal import BrokenSeal
from config import Settings
from database import locked_row
from workflow.declare import Words

ONE_TIME_SECRET_LIFE = timedelta(minutes=30)
ENROL = "enrol"

NOT_SIGNED_IN = Refusal(
    "sign_in", Words("The user name, password or code is not right, or too many attempts were made.")
)
"""The one answer to every failed sign-in: it must not tell which part was wrong, nor who exists, nor who is locked."""
NO_SUCH_SECRET = Refusal("one_time_secret", Words("This link has been used or has expired. Ask for a new one."))
WRONG_PASSWORD = Refusal("password", Words("The present password is not right, or too many attempts were made."))


@dataclass(frozen=True)
class Examined:
    """The outcome of comparing a password, carried from the slow comparison into the short transaction."""

    username: str
    person_id: int | None
    credential_version: int
    right: bool


def examine(session: Session, username: str, password: str) -> Examined:
    """Compares the password. Takes the same time for an unknown, a disabled and a known user. Writes nothing."""
    name = username.strip().lower()
    person = session.scalar(select(Person).where(Person.username == name))
    right = passwords.matches(person.password_hash if person else None, password)
    if person is None:
        return Examined(name[:40], None, 0, False)
    return Examined(name, person.id, person.credential_version, right)


def account_key(username: str) -> str:
    """Under what the failures of an account are counted: a hash, for people type their password in this field."""
    return f"account:{digest(username)}"


def totp_secret(keyring: Keyring, person: Person) -> str | None:
    """The person's TOTP secret; None where there is none or the seal is not this instance's."""
    if person.totp_sealed is None:
        return None
    try:
        return keyring.sealer.open(f"totp:{person.id}", person.totp_sealed)
    except BrokenSeal:
        return None


def sign_in(
    session: Session, keyring: Keyring, examined: Examined, code: str, *, at: datetime, address: str
) -> tuple[Person, str] | Refusal:
    """The person and the token of a new session. Password, one-time code and locks are judged together."""
    account, place = account_key(examined.username), f"address:{address}"
    person = locked_row(session, Person, examined.person_id) if examined.person_id else None
    locked = is_locked(session, account, at) or is_locked(session, place, at)
    step = None
    if person is not None:
        secret = totp_secret(keyring, person)
        step = totp.accepted_step(secret, code, at, person.totp_last_step) if secret else None
    right = (
        examined.right
        and person is not None
        and person.disabled_at is None
        and person.credential_version == examined.credential_version
    )
    if locked or not right or step is None or person is None:
        if not locked:
            settings = keyring.settings
            count_failure(session, account, at, limit=settings.sign_in_attempts, lock=keyring.lock)
            wide = settings.sign_in_attempts * ADDRESS_TOLERANCE
            count_failure(session, place, at, limit=wide, lock=keyring.lock)
        who = person.id if person else None
        note(session, "sign_in", at=at, person_id=who, refused=True, address=address, locked=locked)
        return NOT_SIGNED_IN
    person.totp_last_step = step
    forgive(session, account)
    note(session, "sign_in", at=at, person_id=person.id, address=address)
    return person, begin_session(session, keyring.settings, person, at=at, address=address)


def begin_session(session: Session, settings: Settings, person: Person, *, at: datetime, address: str) -> str:
    """A new session row and its token. The token is made here and nowhere taken from a request: no fixation."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_hash=digest(token),
            person_id=person.id,
            created_at=at,
            seen_at=at,
            ends_at=at + timedelta(hours=settings.session_longest_hours),
            credential_version=person.credential_version,
            address=address[:64],
        )
    )
    return token


def sign_out(session: Session, token: str, *, at: datetime, address: str = "") -> None:
    """Ends the session of this token, if it still runs."""
    row = session.scalar(
        select(UserSession).where(UserSession.token_hash == digest(token)).with_for_update(key_share=True)
    )
    if row is not None and row.revoked_at is None:
        row.revoked_at = at
        note(session, "sign_out", at=at, person_id=row.person_id, address=address)


def revoke_session(session: Session, session_id: int, person_id: int, *, at: datetime, address: str = "") -> bool:
    """Ends one of the person's own sessions; False if it is not theirs or has ended."""
    row = locked_row(session, UserSession, session_id)
    if row is None or row.person_id != person_id or row.revoked_at is not None:
        return False
    row.revoked_at = at
    note(session, "session_revoked", at=at, person_id=person_id, address=address, ended=session_id)
    return True


def end_access(session: Session, person: Person, *, at: datetime, tokens: bool) -> None:
    """Makes every session (and API token) of the person worthless, at once."""
    person.credential_version += 1
    session.execute(
        update(UserSession)
        .where(UserSession.person_id == person.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    if tokens:
        session.execute(
            update(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None)).values(revoked_at=at)
        )


def change_password(
    session: Session, keyring: Keyring, examined: Examined, new_hash: str, *, at: datetime, address: str
) -> str | Refusal:
    """Sets a new password after the old one was shown; ends all sessions and returns the token of a new one."""
    person = locked_row(session, Person, examined.person_id)
    assert person is not None, "only a signed-in person gets here"
    key = f"factor:{person.id}"
    stale = person.credential_version != examined.credential_version
    if is_locked(session, key, at) or not examined.right or stale or person.disabled_at is not None:
        if not is_locked(session, key, at):
            count_failure(session, key, at, limit=keyring.settings.sign_in_attempts, lock=keyring.lock)
        note(session, "password_change", at=at, person_id=person.id, refused=True, address=address)
        return WRONG_PASSWORD
    person.password_hash = new_hash
    end_access(session, person, at=at, tokens=False)
    note(session, "password_change", at=at, person_id=person.id, address=address)
    return begin_session(session, keyring.settings, person, at=at, address=address)


# --- one-time secrets ------------------------------------------------------------------------------------------------


def issue_one_time_secret(session: Session, person: Person, *, at: datetime, purpose: str = ENROL) -> str:
    """A secret of 256 bits for this person and purpose. A later one replaces those not yet used."""
    session.execute(
        update(OneTimeSecret)
        .where(OneTimeSecret.person_id == person.id, OneTimeSecret.used_at.is_(None))
        .values(used_at=at)
    )
    secret = secrets.token_urlsafe(32)
    session.add(
        OneTimeSecret(
            secret_hash=digest(secret),
            person_id=person.id,
            purpose=purpose,
            credential_version=person.credential_version,
            issued_at=at,
            expires_at=at + ONE_TIME_SECRET_LIFE,
        )
    )
    return secret


def holder_of(
    session: Session, secret: str, *, at: datetime, purpose: str = ENROL, to_use: bool = False
) -> tuple[OneTimeSecret, Person] | None:
    """Whose secret this is, if it may still be used. `to_use` locks the rows, so that only one of two uses it."""
    if len(secret) < 40:
        return None
    query = (
        select(OneTimeSecret, Person)
        .join(Person, Person.id == OneTimeSecret.person_id)
        .where(OneTimeSecret.secret_hash == digest(secret), OneTimeSecret.purpose == purpose)
    )
    if to_use:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, person = found
    alive = row.used_at is None and at < row.expires_at and row.credential_version == person.credential_version
    return (row, person) if alive and person.disabled_at is None else None


def secret_to_enrol(keyring: Keyring, secret: str) -> str:
    """The TOTP secret that goes with a one-time secret.

    It is derived, not stored: the page that shows it may be asked for twice and still writes nothing.
    """
    return totp.new_secret(keyring.sealer.derive(f"enrol/{secret}", 20))


def enrol(
    session: Session, keyring: Keyring, secret: str, new_hash: str, code: str, *, at: datetime, address: str
) -> tuple[Person, str] | Refusal:
    """The holder of a one-time secret sets an own password and second factor; the secret is used up.

    Whatever access existed before ends: sessions, tokens, the old factor.
    """
    held = holder_of(session, secret, at=at, to_use=True)
    if held is None:
        return NO_SUCH_SECRET
    row, person = held
    factor = secret_to_enrol(keyring, secret)
    step = totp.accepted_step(factor, code, at, 0)
    if step is None:
        note(session, "enrolment", at=at, person_id=person.id, refused=True, address=address)
        return Refusal(
            "code", Words("The code is not right. Check the time on your phone and enter the code it shows now.")
        )
    row.used_at = at
    person.password_hash = new_hash
    person.totp_sealed = keyring.sealer.seal(f"totp:{person.id}", factor)
    person.totp_last_step = step
    person.factor_enrolled_at = at
    end_access(session, person, at=at, tokens=True)
    forgive(session, account_key(person.username))
    note(session, "enrolment", at=at, person_id=person.id, address=address)
    return person, begin_session(session, keyring.settings, person, at=at, address=address)
