"""The administrators' rooms: people and mandates for the security, the record for the audit administrator.

Each change asks for a fresh factor and a reason. None of these pages shows a ticket; none of the tickets' pages opens
for an administrator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_pgettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from auth import asking, desk, factor, keyring, natural, people, sessions
from auth.models import Mandate, Person, SecurityEvent
from auth.pages import fresh_factor
from auth.policy import ADMIN_AUDIT, ADMIN_SECURITY, policy
from auth.records import Refusal
from auth.roles import ADMINISTRATORS, by_party
from database import alone, reading, transaction
from workflow.declare import Words

blueprint = Blueprint("security", __name__, url_prefix="/security")
PAGE = 50
EVENT_NAMES = {
    "sign_in": lazy_pgettext("security event", "Sign in"),
    "sign_out": lazy_pgettext("security event", "Sign out"),
    "enrolment": lazy_pgettext("security event", "Enrolment"),
    "enrolment_renewed": lazy_pgettext("security event", "Enrolment renewed"),
    "factor": lazy_pgettext("security event", "Factor"),
    "demo_sign_in": lazy_pgettext("security event", "Demo sign in"),
    "first_administrator": lazy_pgettext("security event", "First administrator"),
    "password_change": lazy_pgettext("security event", "Password change"),
    "person_added": lazy_pgettext("security event", "Person added"),
    "person_disabled": lazy_pgettext("security event", "Person disabled"),
    "person_reinstated": lazy_pgettext("security event", "Person reinstated"),
    "same_person": lazy_pgettext("security event", "Same person"),
    "another_person": lazy_pgettext("security event", "Another person"),
    "mandate_granted": lazy_pgettext("security event", "Mandate granted"),
    "mandate_ended": lazy_pgettext("security event", "Mandate ended"),
    "mandate_revoked": lazy_pgettext("security event", "Mandate revoked"),
    "session_revoked": lazy_pgettext("security event", "Session revoked"),
    "token_made": lazy_pgettext("security event", "Token made"),
    "token_revoked": lazy_pgettext("security event", "Token revoked"),
    "challenge_issued": lazy_pgettext("security event", "Challenge issued"),
    "challenge_answered": lazy_pgettext("security event", "Challenge answered"),
    "number_shown": lazy_pgettext("security event", "Number shown"),
    "duty_roster_brought": lazy_pgettext("security event", "Duty roster brought"),
    "duty_hand_over_offered": lazy_pgettext("security event", "Duty offered to a colleague"),
    "duty_hand_over_answered": lazy_pgettext("security event", "Offer of duty answered"),
    "calendar_proposed": lazy_pgettext("security event", "Days of a year brought"),
    "calendar_approved": lazy_pgettext("security event", "Days of a year approved"),
    "log_verified": lazy_pgettext("security event", "Log verified"),
    "address_set": lazy_pgettext("security event", "Address for notices set"),
    "address_removed": lazy_pgettext("security event", "Address for notices removed"),
    "deliveries_sent_again": lazy_pgettext("security event", "Letters sent again"),
}
"""What each kind of security event is called; a test holds the list to what the rooms note."""
NO_REASON = Refusal("reason", Words("Give the reason: it stays on record with the change."))


def contract_keys() -> list[str]:
    """The contracts that are loaded into this desk, by key: those that a mandate can be for."""
    return list(current_app.extensions["contract_keys"]())


def _act(what: str, given: dict[str, str], change: Callable[[Session], Any]) -> Any:
    """Reason, fresh factor, then the change, in one transaction; refusals come back as values and are committed.

    One such change at a time: whether mandates exclude each other is judged by all that a person holds, and two granted
    at one instant would not see each other.
    """
    with transaction(desk().engine) as opened:
        alone(opened, people.WHO_IS_WHO)
        if not given["reason"].strip():
            return NO_REASON
        outcome = fresh_factor(opened, given["code"], what)
        return outcome if isinstance(outcome, Refusal) else change(opened)


def _answer(outcome: Any, done: str, person_id: int | None) -> Any:
    if isinstance(outcome, Refusal):
        flash(asking.say(outcome.says), "error")
    else:
        flash(done, "done")
    target = url_for("security.people_list") if person_id is None else url_for("security.person", number=person_id)
    return redirect(target, 303)


def _link_page(outcome: Any, person_id: int | None) -> Any:
    """The one-time link, shown this once in the answer itself: never in a cookie, never again."""
    if isinstance(outcome, Refusal):
        return _answer(outcome, "", person_id)
    person, secret = outcome
    return render_template(
        "auth/one_time_link.html", person=person, link=url_for("auth.enrol", secret=secret, _external=True)
    )


# --- people ----------------------------------------------------------------------------------------------------------


@blueprint.get("/people")
@policy(ADMIN_SECURITY)
def people_list() -> Any:
    """Everybody, by page of user names; two statements."""
    after = request.args.get("after", "")[:40]
    if not after.isprintable():
        raise asking.unfit()
    with reading(desk().engine) as opened:
        found = opened.scalars(
            select(Person).where(Person.username > after).order_by(Person.username).limit(PAGE + 1)
        ).all()
        shown = found[:PAGE]
        held: dict[int, list[Mandate]] = {person.id: [] for person in shown}
        for mandate in opened.scalars(
            select(Mandate).where(Mandate.person_id.in_(held), Mandate.revoked_at.is_(None)).order_by(Mandate.id)
        ):
            held[mandate.person_id].append(mandate)
    more = shown[-1].username if len(found) > PAGE else None
    return render_template("auth/people.html", people=shown, held=held, more=more, **asking.context())


@blueprint.post("/people")
@policy(ADMIN_SECURITY)
def add_person() -> Any:
    given = asking.fields("username", "name", "language", "reason", "code")
    if given["language"] not in desk().settings.languages:
        raise asking.unfit()
    by, at = sessions.caller().person_id, desk().now()
    outcome = _act(
        f"add {given['username']}",
        given,
        lambda opened: people.add_person(
            opened, username=given["username"], name=given["name"], language=given["language"], by=by, at=at
        ),
    )
    return _link_page(outcome, None)


@blueprint.get("/people/<int:number>")
@policy(ADMIN_SECURITY)
def person(number: int) -> Any:
    """One person with all mandates, also those that have ended; call-back numbers are masked."""
    with reading(desk().engine) as opened:
        found = opened.get(Person, number)
        if found is None:
            abort(404)
        mandates = opened.scalars(
            select(Mandate).where(Mandate.person_id == number).order_by(Mandate.id.desc()).limit(100)
        ).all()
        accounts = natural.accounts_of(opened, found)
        standing = natural.standing_mandates(opened, found, desk().now())
    excluded = natural.conflicting(standing)
    numbers = {row.id: factor.masked(factor.callback_number(keyring(), row)) for row in mandates}
    return render_template(
        "auth/person.html",
        person=found,
        mandates=mandates,
        numbers=numbers,
        accounts=accounts,
        conflict=[row for row in standing if row.id in excluded],
        username_of={account.id: account.username for account in accounts},
        now=desk().now(),
        roles=by_party(),
        contracts=contract_keys(),
        own=sessions.caller().person_id in {account.id for account in accounts},
        **asking.context(),
    )


@blueprint.post("/people/<int:number>/<any(disable, reinstate, enrolment):change>")
@policy(ADMIN_SECURITY)
def change_standing(number: int, change: str) -> Any:
    """Disables a person, lets them back in, or gives a new one-time secret to one who lost password or phone."""
    given = asking.fields("reason", "code")
    by, at = sessions.caller().person_id, desk().now()
    ways = {"disable": people.disable, "reinstate": people.reinstate, "enrolment": people.renew_enrolment}

    def make(opened: Session) -> Any:
        outcome: Any = ways[change](opened, number, by=by, reason=given["reason"], at=at)
        return (opened.get(Person, number), outcome) if isinstance(outcome, str) else outcome

    outcome = _act(f"{change} {number}", given, make)
    if change == "disable":
        return _answer(outcome, gettext("The account is disabled; every session and token of it has ended."), number)
    return _link_page(outcome, number)


@blueprint.post("/people/<int:number>/same-person")
@policy(ADMIN_SECURITY)
def same_person(number: int) -> Any:
    """Records that this account and an earlier one, named by its user name, belong to one natural person."""
    given = asking.fields("first", "reason", "code")
    by, at = sessions.caller().person_id, desk().now()

    def make(opened: Session) -> Any:
        first = opened.scalar(select(Person.id).where(Person.username == given["first"].strip().lower()))
        return people.same_person(opened, number, first or 0, by=by, reason=given["reason"], at=at)

    done = gettext("The two accounts now count as one person.")
    return _answer(_act(f"same {number} {given['first']}", given, make), done, number)


@blueprint.post("/people/<int:number>/another-person")
@policy(ADMIN_SECURITY)
def another_person(number: int) -> Any:
    """Takes such a record back."""
    given = asking.fields("reason", "code")
    by, at = sessions.caller().person_id, desk().now()

    def make(opened: Session) -> Any:
        return people.another_person(opened, number, by=by, reason=given["reason"], at=at)

    done = gettext("The account is a person of its own again.")
    return _answer(_act(f"another {number}", given, make), done, number)


# --- mandates --------------------------------------------------------------------------------------------------------


@blueprint.post("/people/<int:number>/mandates")
@policy(ADMIN_SECURITY)
def grant_mandate(number: int) -> Any:
    given = asking.fields(
        "role", "contract", "starts", "ends", "operations", "systems", "callback_number", "reason", "code"
    )
    by, at = sessions.caller().person_id, desk().now()
    if given["contract"] and given["contract"] not in contract_keys():
        raise asking.unfit()
    wanted = people.Grant(
        person_id=number,
        role=given["role"],
        contract_key=None if given["role"] in ADMINISTRATORS else given["contract"] or None,
        starts_at=asking.first_instant(given["starts"]) if given["starts"] else at,
        ends_at=asking.instant_after(given["ends"]) if given["ends"] else None,
        scope={"operations": asking.listed(given["operations"]), "systems": asking.listed(given["systems"])},
        callback_number=given["callback_number"],
        reason=given["reason"],
    )
    outcome = _act(
        f"grant {wanted.role} {wanted.contract_key} {number}",
        given,
        lambda opened: people.grant(opened, keyring(), wanted, by=by, at=at),
    )
    return _answer(outcome, gettext("The mandate is granted."), number)


@blueprint.post("/mandates/<int:number>/<any(end, revoke):change>")
@policy(ADMIN_SECURITY)
def change_mandate(number: int, change: str) -> Any:
    given = asking.fields("reason", "code", *(("ends",) if change == "end" else ()))
    by, at = sessions.caller().person_id, desk().now()
    ends_at = asking.instant_after(given["ends"]) if change == "end" else at
    with reading(desk().engine) as opened:
        mandate = opened.get(Mandate, number)
    if mandate is None:
        abort(404)

    def make(opened: Session) -> Any:
        if change == "end":
            return people.end_mandate(opened, number, ends_at=ends_at, by=by, reason=given["reason"], at=at)
        return people.revoke_mandate(opened, number, by=by, reason=given["reason"], at=at)

    done = gettext("The mandate has its end.") if change == "end" else gettext("The mandate is revoked.")
    return _answer(_act(f"{change} {number}", given, make), done, mandate.person_id)


# --- the record ------------------------------------------------------------------------------------------------------


@blueprint.get("/events")
@policy(ADMIN_AUDIT)
def events() -> Any:
    """Security events, newest first, paged by key. There is no way to change one, here or elsewhere."""
    before = request.args.get("before", "")
    query = select(SecurityEvent).order_by(SecurityEvent.id.desc()).limit(PAGE + 1)
    if before:
        query = query.where(SecurityEvent.id < asking.whole_number(before))
    with reading(desk().engine) as opened:
        found = opened.scalars(query).all()
        rows = found[:PAGE]
        ids = {row.person_id for row in rows} | {row.subject_id for row in rows}
        names = {row.id: row for row in opened.scalars(select(Person).where(Person.id.in_(ids - {None})))}
    more = rows[-1].id if len(found) > PAGE else None
    return render_template(
        "auth/events.html", rows=rows, event_names=EVENT_NAMES, names=names, more=more, **asking.context()
    )
