"""Identity checks: a fresh second factor for an act that binds (C9.5), and call-back for one who is not at a screen.

Signing in says that somebody was here this morning. An act that binds asks again, and what is proved is bound to one
ticket and one version of its content: a check for another ticket, or for the text before an edit, proves nothing.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auth import totp
from auth.models import IdentityCheck, Mandate, Person
from auth.natural import accounts_beside, is_one_person
from auth.records import Keyring, Refusal, count_failure, forgive, is_locked, note
from auth.seal import BrokenSeal
from auth.signin import totp_secret
from database import locked_row
from workflow.declare import Words

TOTP, CALL_BACK = "totp", "call_back"

WRONG_CODE = Refusal("code", Words("The code is not right or was used before. Wait for the next one."))
FACTOR_LOCKED = Refusal("locked", Words("Too many wrong codes. Try again later."))
SELF_VERIFIED = Refusal("self", Words("Nobody verifies their own identity."))


def prove_factor(
    session: Session,
    keyring: Keyring,
    person_id: int,
    code: str,
    *,
    ticket_id: int | None,
    content_digest: str,
    at: datetime,
    valid_for: timedelta,
    address: str = "",
) -> IdentityCheck | Refusal:
    """A passed check of the person's own second factor, or why not. Commit either way: wrong codes count and lock."""
    key = f"factor:{person_id}"
    person = locked_row(session, Person, person_id)
    locked = is_locked(session, key, at)
    step = None if locked else _step_of(keyring, person, code, at)
    if person is None or step is None:
        if not locked:
            count_failure(session, key, at, limit=keyring.settings.sign_in_attempts, lock=keyring.lock)
        known = person.id if person else None
        note(
            session, "factor", at=at, person_id=known, refused=True, address=address,
            ticket=ticket_id, locked=locked,
        )  # fmt: skip
        return FACTOR_LOCKED if locked else WRONG_CODE
    person.totp_last_step = step
    forgive(session, key)
    check = IdentityCheck(
        ticket_id=ticket_id, content_digest=content_digest, person_id=person_id, method=TOTP,
        verifier_id=person_id, issued_at=at, expires_at=at + valid_for, passed_at=at,
    )  # fmt: skip
    session.add(check)
    session.flush()
    note(session, "factor", at=at, person_id=person_id, address=address, ticket=ticket_id, check=check.id)
    return check


def _step_of(keyring: Keyring, person: Person | None, code: str, at: datetime) -> int | None:
    """The time step whose code this is and that the person has not used yet; None where there is none."""
    secret = totp_secret(keyring, person) if person is not None and person.disabled_at is None else None
    if person is None or secret is None:
        return None
    return totp.accepted_step(secret, code.replace(" ", ""), at, person.totp_last_step)


def latest_check(
    session: Session, person_id: int, *, ticket_id: int | None, content_digest: str, at: datetime
) -> IdentityCheck | None:
    """The person's latest passed check that still holds for this ticket and this content."""
    return session.scalar(
        select(IdentityCheck)
        .where(
            IdentityCheck.person_id == person_id,
            IdentityCheck.ticket_id.is_(None) if ticket_id is None else IdentityCheck.ticket_id == ticket_id,
            IdentityCheck.content_digest == content_digest,
            IdentityCheck.passed_at.is_not(None),
            IdentityCheck.expires_at > at,
        )
        .order_by(IdentityCheck.passed_at.desc(), IdentityCheck.id.desc())
        .limit(1)
    )


# --- call-back -------------------------------------------------------------------------------------------------------


def issue_challenge(
    session: Session,
    keyring: Keyring,
    *,
    ticket_id: int,
    content_digest: str,
    subject_id: int,
    verifier_id: int,
    at: datetime,
    valid_for: timedelta,
) -> IdentityCheck | Refusal:
    """Opens a call-back: six digits that only the subject's own signed-in page shows and the verifier must be told.

    An open challenge for the same ticket and person is replaced, else many could be guessed at side by side. Answers
    are acts on the ticket: a guard compares the digits, refusals count against the contract's figure, and what was
    answered rightly is marked by `pass_challenge`.
    """
    if is_one_person(session, subject_id, verifier_id):
        note(session, "challenge_issued", at=at, person_id=verifier_id, refused=True, ticket=ticket_id)
        return SELF_VERIFIED
    session.execute(
        update(IdentityCheck)
        .where(
            IdentityCheck.ticket_id == ticket_id,
            IdentityCheck.person_id == subject_id,
            IdentityCheck.method == CALL_BACK,
            IdentityCheck.passed_at.is_(None),
        )
        .values(challenge_sealed=None)
    )
    check = IdentityCheck(
        ticket_id=ticket_id, content_digest=content_digest, person_id=subject_id, method=CALL_BACK,
        verifier_id=verifier_id, issued_at=at, expires_at=at + valid_for,
    )  # fmt: skip
    session.add(check)
    session.flush()
    digits = f"{secrets.randbelow(10**6):06d}"
    check.challenge_sealed = keyring.sealer.seal(f"challenge:{check.id}", digits)
    note(
        session, "challenge_issued", at=at, person_id=verifier_id, subject_id=subject_id,
        ticket=ticket_id, check=check.id,
    )  # fmt: skip
    return check


def pass_challenge(session: Session, check_id: int, *, at: datetime, valid_for: timedelta) -> IdentityCheck | None:
    """Marks an open challenge as answered, once; None where it is not open. Whoever calls has compared the digits.

    The check then holds for `valid_for` from now, since the time for telephoning is not the time for acting.
    """
    check = locked_row(session, IdentityCheck, check_id)
    if check is None or check.passed_at is not None or check.challenge_sealed is None:
        return None
    check.passed_at, check.expires_at, check.challenge_sealed = at, at + valid_for, None
    note(
        session, "challenge_answered", at=at, person_id=check.verifier_id, subject_id=check.person_id,
        ticket=check.ticket_id, check=check_id,
    )  # fmt: skip
    return check


def open_challenges(
    session: Session, keyring: Keyring, person_id: int, *, at: datetime
) -> list[tuple[IdentityCheck, str]]:
    """What the subject may read out when called back: the natural person's own open challenges, with their digits."""
    rows = session.scalars(
        select(IdentityCheck)
        .where(
            IdentityCheck.person_id.in_(accounts_beside(person_id)),
            IdentityCheck.method == CALL_BACK,
            IdentityCheck.passed_at.is_(None),
            IdentityCheck.challenge_sealed.is_not(None),
            IdentityCheck.expires_at > at,
        )
        .order_by(IdentityCheck.id.desc())
        .limit(20)
    )
    return [(row, _digits(keyring, row)) for row in rows]


def _digits(keyring: Keyring, check: IdentityCheck) -> str:
    return keyring.sealer.open(f"challenge:{check.id}", check.challenge_sealed or "")


# --- the number to call ----------------------------------------------------------------------------------------------


def callback_number(keyring: Keyring, mandate: Mandate) -> str | None:
    """The number on record, in clear: for the verifier in a call-back, through `reveal_callback_number`."""
    if mandate.callback_number_sealed is None:
        return None
    try:
        return keyring.sealer.open(f"callback:{mandate.person_id}", mandate.callback_number_sealed)
    except BrokenSeal:
        return None


def masked(number: str | None) -> str:
    """138****5678: enough to recognise, not enough to call."""
    if not number:
        return ""
    return f"{number[:3]}****{number[-4:]}" if len(number) > 8 else "****"


def reveal_callback_number(
    session: Session, keyring: Keyring, mandate_id: int, *, verifier_id: int, ticket_id: int, at: datetime
) -> str | None:
    """The number from the mandate list, never from the ticket (R7.4); that it was shown is on record."""
    mandate = session.get(Mandate, mandate_id)
    if mandate is None:
        return None
    note(session, "number_shown", at=at, person_id=verifier_id, subject_id=mandate.person_id, ticket=ticket_id)
    return callback_number(keyring, mandate)
