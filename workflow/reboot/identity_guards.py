"""Identity by call-back (C9.5): the desk calls the number on the list, and is told a code that only one page shows.

A check is worth something for this request, this text and this person only, and for a while. Whoever answers wrongly
too often locks the challenge; then it must be declared failed, and another person of the desk calls.
"""

from __future__ import annotations

import hmac

from workflow.attempt import Attempt, IdentityFact, MandateFact, Past
from workflow.declare import CLIENT_APPROVER, CLIENT_ROLES, SUPPLIER_DESK, Guard, Missing, Proof, Role, guard
from workflow.reboot.facts import CONTENT_ACTS, covers, operation_class, requester, second_person_missing

ANSWERS = {
    "call_back": "verify_identity",
    "call_back_again": "verify_identity_again",
    "call_back_approver": "record_spoken_consent",
}
VERIFICATIONS = ("verify_identity", "verify_identity_again")


def last_call(attempt: Attempt) -> Past | None:
    """The latest call-back of this ticket, whomever it went to and whatever was edited since."""
    return attempt.last(*ANSWERS)


def wrong_answers(attempt: Attempt) -> int:
    """How often an answer to the latest call-back was refused. Every refusal counts, also one for another reason: who
    guesses must not gain a free try by being stale. Only what was tried by somebody whose act it is not does not count:
    nothing was compared, and the other party could lock the desk out."""
    call = last_call(attempt)
    allowed = attempt.edition.count("reboot.identity_attempts")
    return 0 if call is None else attempt.refusals(ANSWERS[call.action], since=tuple(ANSWERS), most=allowed)


def newest_challenge(attempt: Attempt, person: int | None = None) -> IdentityFact | None:
    """The latest call-back challenge, of this person or of anybody, open or not."""
    found = (c for c in attempt.facts.identity if c.method == "call_back" and person in (None, c.person))
    return max(found, key=lambda c: c.id, default=None)


def usable_number(attempt: Attempt, person: int | None, *roles: Role) -> MandateFact | None:
    """A mandate reaching to this operation whose call-back number has stood on the list long enough."""
    for mandate in attempt.mandates_of(person, *roles):
        since = mandate.callback_since
        if (
            since is not None
            and covers(mandate, attempt)
            and attempt.edition.due("reboot.number_cool_off", since) <= attempt.at
        ):
            return mandate
    return None


@guard("C9.5")
def number_on_the_list(attempt: Attempt) -> Proof | Missing:
    """The person who asked has a call-back number on the list of mandates, and it is not a new one."""
    mandate = usable_number(attempt, requester(attempt), *CLIENT_ROLES)
    if mandate is None:
        return Missing(
            "There is no call-back number on the list that has stood there long enough; none is taken from the request."
        )
    return Proof("mandate", mandate.id)


@guard("C9.5")
def not_locked_out(attempt: Attempt) -> Proof | Missing:
    """The call-back has not been answered wrongly too often."""
    call = last_call(attempt)
    if call is None or attempt.past("declare_identity_failed", since=tuple(ANSWERS)):
        return Proof("call_back", None)
    if wrong_answers(attempt) >= attempt.edition.count("reboot.identity_attempts"):
        return Missing(
            "The call-back was answered wrongly too often. Declare that the identity check failed; another person "
            "of the desk then calls."
        )
    return Proof("call_back", call.sequence)


@guard("C9.5")
def by_another_caller(attempt: Attempt) -> Proof | Missing:
    """After a failed identity check another person of the desk calls back."""
    failed = attempt.last("declare_identity_failed")
    if failed is not None:
        before = attempt.before("declare_identity_failed", *ANSWERS)
        if attempt.actor.person is None or (before and before.person == attempt.actor.person):
            return Missing("Your call-back on this request has failed; another person of the desk must call.")
    return Proof("person", attempt.actor.person)


@guard("C9.5")
def by_the_same_caller(attempt: Attempt) -> Proof | Missing:
    """Who called back enters the code that was read out."""
    call = last_call(attempt)
    if call is None or call.person is None or call.person != attempt.actor.person:
        return Missing("Only who made the call can enter the code.")
    return Proof("event", call.sequence)


@guard("C9.5")
def caller_is_not_the_operator(attempt: Attempt) -> Proof | Missing:
    """Who verifies the identity does not carry out the operation."""
    sheet = attempt.last("prepare", since=CONTENT_ACTS)
    operator = attempt.natural(sheet.fields.get("operator")) if sheet is not None else None
    if attempt.actor.person is None or operator == attempt.actor.person:
        return Missing("You are the operator on the sheet; another person must verify the identity.")
    return Proof("person", attempt.actor.person)


@guard("C9.5", of_form=True)
def approver_reachable(attempt: Attempt) -> Proof | Missing:
    """The approver to be called may consent to this operation and has a number on the list that is not a new one."""
    person = attempt.natural((attempt.fields or {}).get("subject"))
    mandate = usable_number(attempt, person, CLIENT_APPROVER)
    if mandate is None:
        return Missing(
            "This approver has no mandate for the operation, or no number that has stood on the list long enough.",
            remedy="subject",
        )
    return second_person_missing(attempt, person) or Proof("mandate", mandate.id)


def _challenge(attempt: Attempt) -> IdentityFact | Missing:
    """The one challenge that the act at hand may answer, or why there is none."""
    call, challenge = last_call(attempt), newest_challenge(attempt)
    if call is None or ANSWERS[call.action] != attempt.action or challenge is None:
        return Missing("Nobody has been called back for this.")
    called = call.fields.get("subject") if call.action == "call_back_approver" else requester(attempt)
    person = attempt.natural(called)
    if challenge.person != person or challenge.code is None or challenge.passed_at is not None:
        return Missing("No challenge is open for this person; call back.")
    if challenge.content != attempt.ticket.content:
        return Missing("The request has changed since the call; call back on the request as it reads now.")
    if attempt.at > attempt.edition.due("reboot.challenge_valid", challenge.issued_at):
        return Missing("The code has expired; call back again.")
    if attempt.edition.due("reboot.challenge_valid", attempt.at) < challenge.issued_at:
        return Missing("The clock stands long before the call; call back again.")
    return challenge


@guard("C9.5")
def challenge_open(attempt: Attempt) -> Proof | Missing:
    """A call-back on the request as it reads now waits for its answer, and its code has not expired."""
    challenge = _challenge(attempt)
    return challenge if isinstance(challenge, Missing) else Proof("identity_check", challenge.id)


@guard("C9.5", of_form=True)
def code_right(attempt: Attempt) -> Proof | Missing:
    """The code read out on the phone is the one that the called person's own page shows."""
    challenge, told = newest_challenge(attempt), (attempt.fields or {}).get("code")
    if challenge is None or challenge.code is None or not isinstance(told, str):
        return Missing("No code could be compared.", remedy="code")
    if not hmac.compare_digest(challenge.code.encode(), told.encode()):
        return Missing("The code is wrong.", remedy="code")
    return Proof("identity_check", challenge.id)


@guard("C9.5")
def approver_still_mandated(attempt: Attempt) -> Proof | Missing:
    """The approver who was called may still consent to this operation, as the second person of the client."""
    call = attempt.last("call_back_approver", since=CONTENT_ACTS)
    person = attempt.natural(call.fields.get("subject")) if call is not None else None
    held = [m for m in attempt.mandates_of(person, CLIENT_APPROVER) if covers(m, attempt)]
    if not held:
        return Missing("Who was called no longer has the mandate to consent.")
    return second_person_missing(attempt, person) or Proof("mandate", held[0].id)


@guard("C9.5")
def identity_verified(attempt: Attempt) -> Proof | Missing:
    """Who asked was called back and proved who they are, for the request as it reads now, a short while ago."""
    verified = attempt.last(*VERIFICATIONS, since=(*CONTENT_ACTS, "declare_identity_failed"))
    check = newest_challenge(attempt, requester(attempt)) if requester(attempt) is not None else None
    if operation_class(attempt) is None or verified is None or check is None:
        return Missing("Who asked has not been called back on this request.")
    if check.content != attempt.ticket.content:
        return Missing("The identity check was made on an earlier version of the request.")
    if check.passed_at is None:
        return Missing("The latest call-back has not been answered.")
    if attempt.at > attempt.edition.due("reboot.identity_valid", check.passed_at):
        return Missing("The identity check has expired; call back again.")
    if attempt.edition.due("reboot.identity_valid", attempt.at) < check.passed_at:
        return Missing("The clock stands long before the identity check; call back again.")
    if not attempt.mandates_of(check.verifier, SUPPLIER_DESK):
        return Missing("Who verified the identity no longer has the mandate for it.")
    return Proof("identity_check", check.id)


ANSWERING: tuple[Guard, ...] = (by_the_same_caller, not_locked_out, challenge_open, code_right)
"""What every answer to a call-back must satisfy."""
