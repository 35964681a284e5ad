"""People and their mandates: who may be what, from when to when, granted by whom.

Only a security administrator calls these; nobody grants, ends or revokes anything for themselves. Three rules are kept
here inside the transaction: one administrator role a person and no business role beside it (8.1.4.2 d), and nobody
stands on both sides of one contract. A person is a natural person, however many accounts they have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from auth.models import ApiToken, Mandate, Person
from auth.natural import accounts_of, conflicting, exclusion, is_one_person, standing_mandates
from auth.records import Keyring, Refusal, note
from auth.roles import ADMINISTRATORS, GRANTABLE
from auth.signin import end_access, issue_one_time_secret
from database import locked_row
from workflow.declare import Words

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}", re.ASCII)
NUMBER = re.compile(r"\+?[0-9][0-9 -]{5,24}", re.ASCII)
SCOPE_KEYS = frozenset({"operations", "systems"})

WHO_IS_WHO = "who is who"
"""The matter of all that is done here: whoever begins a transaction for it is `alone` in it."""

SELF_GRANT = Refusal("self", Words("Nobody changes their own mandates or standing."))
NO_PERSON = Refusal("person", Words("There is no such person, or the account is disabled."))
NO_MANDATE = Refusal("mandate", Words("There is no such mandate, or it no longer runs."))


@dataclass(frozen=True)
class Grant:
    """What is to be granted. `contract_key` is None exactly for the three administrators."""

    person_id: int
    role: str
    contract_key: str | None
    starts_at: datetime
    ends_at: datetime | None
    scope: dict[str, Any]
    callback_number: str = ""
    reason: str = ""


def add_person(
    session: Session, *, username: str, name: str, language: str, by: int | None, at: datetime
) -> tuple[Person, str] | Refusal:
    """A new person without credentials, and the one-time secret to enrol with. A user name serves once for ever."""
    wanted = username.strip().lower()
    if not USERNAME.fullmatch(wanted):
        return Refusal(
            "username", Words("A user name has 3 to 40 of the letters a–z, digits, dot, dash and underscore.")
        )
    plain = name.strip()
    if not plain or len(plain) > 80 or not plain.isprintable():
        return Refusal("name", Words("A name has 1 to 80 characters."))
    if session.scalar(select(Person.id).where(Person.username == wanted)) is not None:
        return Refusal("taken", Words("This user name has been given already; user names are never given twice."))
    person = Person(
        username=wanted, name=plain, language=language, created_at=at, totp_last_step=0, credential_version=1
    )
    session.add(person)
    session.flush()
    note(session, "person_added", at=at, person_id=by, subject_id=person.id, username=wanted)
    return person, issue_one_time_secret(session, person, at=at)


def renew_enrolment(session: Session, person_id: int, *, by: int, reason: str, at: datetime) -> str | Refusal:
    """A new one-time secret for a person who lost password or phone. What they have ends now, not when it is used."""
    person = _other(session, person_id, by)
    if isinstance(person, Refusal):
        return person
    person.password_hash = person.totp_sealed = person.factor_enrolled_at = None
    end_access(session, person, at=at, tokens=True)
    note(session, "enrolment_renewed", at=at, person_id=by, subject_id=person_id, reason=reason)
    return issue_one_time_secret(session, person, at=at)


def disable(session: Session, person_id: int, *, by: int, reason: str, at: datetime) -> Person | Refusal:
    """Ends a person's access at once (annex 4(6): a leaver the same minute). Mandates stay on record."""
    person = _other(session, person_id, by)
    if isinstance(person, Refusal):
        return person
    person.disabled_at = at
    end_access(session, person, at=at, tokens=True)
    note(session, "person_disabled", at=at, person_id=by, subject_id=person_id, reason=reason)
    return person


def reinstate(session: Session, person_id: int, *, by: int, reason: str, at: datetime) -> str | Refusal:
    """Lets a disabled person enrol anew: nothing of the old credentials comes back to life."""
    if is_one_person(session, person_id, by):
        return SELF_GRANT
    person = locked_row(session, Person, person_id)
    if person is None or person.disabled_at is None:
        return NO_PERSON
    person.disabled_at = None
    note(session, "person_reinstated", at=at, person_id=by, subject_id=person_id, reason=reason)
    return renew_enrolment(session, person_id, by=by, reason=reason, at=at)


def _other(session: Session, person_id: int, by: int) -> Person | Refusal:
    if is_one_person(session, person_id, by):
        return SELF_GRANT
    person = locked_row(session, Person, person_id)
    return NO_PERSON if person is None or person.disabled_at is not None else person


# --- one person, several accounts ------------------------------------------------------------------------------------


def same_person(
    session: Session, person_id: int, first_person_id: int, *, by: int | None, reason: str, at: datetime
) -> Person | Refusal:
    """Records that `person_id` is another account of the natural person whose first account is `first_person_id`.

    It is a fact, so it is recorded even where the mandates of the two then exclude each other; the event and the
    person's page name those, the desk refuses every act of one who stands on two sides, and an administrator loses
    all business pages, until the mandates are put right. All accounts always point to the first one, so no chain and
    no cycle can come about: accounts already bound to `person_id` move along. `by` is None for the command line.
    """
    person = locked_row(session, Person, person_id)
    first = locked_row(session, Person, first_person_id)
    refusal = _not_the_same(session, person, first, by)
    if refusal is not None or person is None or first is None:
        note(
            session, "same_person", at=at, person_id=by, subject_id=person.id if person else None, refused=True,
            first=first_person_id, why=refusal.reason if refusal else "", reason=reason[:500],
        )  # fmt: skip
        return refusal or NO_PERSON
    for account in accounts_of(session, person):
        account.same_person_as = first.natural
    session.flush()
    conflict = sorted(conflicting(standing_mandates(session, person, at)))
    note(
        session, "same_person", at=at, person_id=by, subject_id=person.id,
        first=first.natural, conflicting=conflict, reason=reason[:500],
    )  # fmt: skip
    return person


def _not_the_same(session: Session, person: Person | None, first: Person | None, by: int | None) -> Refusal | None:
    if person is None or first is None:
        return Refusal("person", Words("There is no such account."))
    if is_one_person(session, person.id, by) or is_one_person(session, first.id, by):
        return SELF_GRANT
    if person.natural == first.natural:
        return Refusal("recorded", Words("These accounts are on record as one person's already."))
    return None


def another_person(session: Session, person_id: int, *, by: int, reason: str, at: datetime) -> Person | Refusal:
    """Takes back what was recorded by mistake: the account is a person of its own again; both recordings stay."""
    person = locked_row(session, Person, person_id)
    if person is None or person.same_person_as is None:
        return Refusal("person", Words("This account is not on record as somebody's second one."))
    if is_one_person(session, person_id, by):
        return SELF_GRANT
    first, person.same_person_as = person.same_person_as, None
    note(session, "another_person", at=at, person_id=by, subject_id=person_id, first=first, reason=reason[:500])
    return person


# --- mandates --------------------------------------------------------------------------------------------------------


def grant(session: Session, keyring: Keyring, wanted: Grant, *, by: int | None, at: datetime) -> Mandate | Refusal:
    """A new mandate, or why not; the refusal is on record too. `by` is None for the command line alone."""
    refusal = _unsound(wanted) or _conflict(session, wanted, by=by, at=at)
    seen: dict[str, Any] = {"role": wanted.role, "contract": wanted.contract_key, "reason": wanted.reason[:500]}
    if refusal is not None:
        subject = wanted.person_id if session.get(Person, wanted.person_id) else None
        note(
            session,
            "mandate_granted",
            at=at,
            person_id=by,
            subject_id=subject,
            refused=True,
            why=refusal.reason,
            **seen,
        )
        return refusal
    number = wanted.callback_number.strip()
    mandate = Mandate(
        person_id=wanted.person_id,
        contract_key=wanted.contract_key,
        role=wanted.role,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        scope={key: value for key, value in wanted.scope.items() if value},
        callback_number_sealed=keyring.sealer.seal(f"callback:{wanted.person_id}", number) if number else None,
        callback_since=at if number else None,
        granted_by=by,
    )
    session.add(mandate)
    session.flush()
    note(session, "mandate_granted", at=at, person_id=by, subject_id=wanted.person_id, mandate=mandate.id, **seen)
    return mandate


def _unsound(wanted: Grant) -> Refusal | None:
    """What is wrong with the wish itself."""
    if wanted.role not in GRANTABLE:
        return Refusal("role", Words("There is no such role."))
    if (wanted.role in ADMINISTRATORS) != (wanted.contract_key is None):
        return Refusal("contract", Words("An administrator has no contract; every other role has one."))
    if wanted.ends_at is not None and wanted.ends_at <= wanted.starts_at:
        return Refusal("period", Words("A mandate ends after it starts."))
    lists = wanted.scope.values()
    if not SCOPE_KEYS.issuperset(wanted.scope) or not all(
        isinstance(items, list) and all(isinstance(item, str) and 0 < len(item) <= 80 for item in items)
        for items in lists
    ):
        return Refusal("scope", Words("A scope lists operations and systems by name."))
    if wanted.callback_number.strip() and not NUMBER.fullmatch(wanted.callback_number.strip()):
        return Refusal("number", Words("A call-back number has 6 to 25 digits, blanks or dashes."))
    return None


def _conflict(session: Session, wanted: Grant, *, by: int | None, at: datetime) -> Refusal | None:
    """What the natural person already is that excludes the wish. Future mandates exclude as running ones do."""
    if is_one_person(session, wanted.person_id, by):
        return SELF_GRANT
    person = locked_row(session, Person, wanted.person_id)
    if person is None or person.disabled_at is not None:
        return NO_PERSON
    for held in standing_mandates(session, person, at):
        refusal = exclusion(wanted.role, wanted.contract_key, held)
        if refusal is not None:
            return refusal
    # An administrator's mandate that has run out still occupies the one place that the index leaves an account.
    session.execute(
        update(Mandate)
        .where(
            Mandate.person_id == person.id,
            Mandate.contract_key.is_(None),
            Mandate.revoked_at.is_(None),
            Mandate.ends_at <= at,
        )
        .values(revoked_at=Mandate.ends_at)
    )
    return None


def end_mandate(
    session: Session, mandate_id: int, *, ends_at: datetime, by: int, reason: str, at: datetime
) -> Mandate | Refusal:
    """Sets the end of a running mandate, now or later; a mandate not yet begun is revoked instead."""
    mandate = _running(session, mandate_id, by, at)
    if isinstance(mandate, Refusal):
        return mandate
    if ends_at < at or ends_at <= mandate.starts_at:
        return Refusal("period", Words("A mandate ends after it starts, and not in the past."))
    mandate.ends_at = ends_at
    until = ends_at.isoformat()
    note(
        session, "mandate_ended", at=at, person_id=by, subject_id=mandate.person_id,
        mandate=mandate_id, until=until, reason=reason,
    )  # fmt: skip
    return mandate


def revoke_mandate(session: Session, mandate_id: int, *, by: int, reason: str, at: datetime) -> Mandate | Refusal:
    """Takes a mandate away at once."""
    mandate = _running(session, mandate_id, by, at)
    if isinstance(mandate, Refusal):
        return mandate
    mandate.revoked_at = at
    note(
        session, "mandate_revoked", at=at, person_id=by, subject_id=mandate.person_id,
        mandate=mandate_id, reason=reason,
    )  # fmt: skip
    return mandate


def _running(session: Session, mandate_id: int, by: int, at: datetime) -> Mandate | Refusal:
    mandate = locked_row(session, Mandate, mandate_id)
    if mandate is None or mandate.revoked_at is not None or (mandate.ends_at is not None and mandate.ends_at <= at):
        return NO_MANDATE
    return SELF_GRANT if is_one_person(session, mandate.person_id, by) else mandate


def mandates_in_force(session: Session, contract_key: str | None, at: datetime, *roles: str) -> list[Mandate]:
    """Who holds one of these roles (any, if none is named) in this contract now; disabled people hold none."""
    query = (
        select(Mandate)
        .join(Person, Person.id == Mandate.person_id)
        .where(
            Mandate.contract_key.is_(None) if contract_key is None else Mandate.contract_key == contract_key,
            Mandate.starts_at <= at,
            or_(Mandate.ends_at.is_(None), Mandate.ends_at > at),
            Mandate.revoked_at.is_(None),
            Person.disabled_at.is_(None),
        )
        .order_by(Mandate.id)
    )
    return list(session.scalars(query.where(Mandate.role.in_(roles)) if roles else query))


def first_security_administrator(
    session: Session, keyring: Keyring, *, username: str, name: str, at: datetime
) -> str | Refusal:
    """The one-time secret of the first security administrator; refused once there is one who has enrolled.

    One who never enrolled may be given a new secret, else a link that ran out would lock the house for good.
    """
    holders = mandates_in_force(session, None, at, "admin.security")
    if holders:
        person = session.get_one(Person, holders[0].person_id)
        if len(holders) > 1 or person.factor_enrolled_at is not None or person.username != username.strip().lower():
            note(session, "first_administrator", at=at, person_id=None, refused=True)
            return Refusal("exists", Words("There is a security administrator already."))
        note(session, "first_administrator", at=at, person_id=None, subject_id=person.id, again=True)
        return issue_one_time_secret(session, person, at=at)
    added = add_person(session, username=username, name=name, language=keyring.settings.languages[0], by=None, at=at)
    if isinstance(added, Refusal):
        return added
    person, secret = added
    granted = grant(
        session, keyring, Grant(person.id, "admin.security", None, at, None, {}, reason="first"), by=None, at=at
    )
    return granted if isinstance(granted, Refusal) else secret


def tokens_of(session: Session, person_id: int) -> list[ApiToken]:
    """The person's API tokens, newest first."""
    return list(
        session.scalars(select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.id.desc()).limit(50))
    )
