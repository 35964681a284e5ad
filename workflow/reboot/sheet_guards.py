"""The operation sheet and its steps (C9.5, C9.10): one acts, one guards, nothing is skipped, everything typed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.attempt import Attempt
from workflow.declare import CLIENT, SUPPLIER_ENGINEER, SUPPLIER_MANAGER, Missing, Proof, guard
from workflow.reboot.facts import CONTENT_ACTS, STARTS, current, mandate_for_this, stated
from workflow.reboot.identity_guards import ANSWERS


def sheet(attempt: Attempt) -> Mapping[str, Any]:
    """The fields of the operation sheet that was made for the request as it reads now; empty where there is none."""
    event = current(attempt, "prepare")
    return event.fields if event is not None else {}


def operator_of(attempt: Attempt) -> int | None:
    """The natural person whom the sheet names as operator."""
    return attempt.natural(sheet(attempt).get("operator"))


def guardian_of(attempt: Attempt) -> int | None:
    """The natural person whom the sheet names as guardian."""
    return attempt.natural(sheet(attempt).get("guardian"))


def apart(attempt: Attempt, operator: int | None, guardian: int | None) -> Missing | None:
    """What stands against these two: the operator is neither guardian, nor verifier, nor who agreed."""
    agreed = current(attempt, "agree")
    callers = attempt.persons(*ANSWERS, since=CONTENT_ACTS)
    if (
        operator is None
        or guardian is None
        or agreed is None
        or agreed.person is None
        or not callers
        or None in callers
    ):
        return Missing("It is not on record who agreed, who verified the identity, who acts and who guards.")
    if operator == guardian:
        return Missing("The operator cannot be the guardian: one acts, another watches.", remedy="guardian")
    if operator == agreed.person:
        return Missing("Who agreed for the supplier cannot be the operator.", remedy="operator")
    if operator in callers:
        return Missing("Who verified the identity cannot be the operator.", remedy="operator")
    return None


@guard("C9.10", of_form=True)
def chosen_apart(attempt: Attempt) -> Proof | Missing:
    """Operator, guardian, verifier and who agreed are different natural persons where they must be."""
    operator, guardian = (attempt.natural((attempt.fields or {}).get(name)) for name in ("operator", "guardian"))
    return apart(attempt, operator, guardian) or Proof("persons", operator)


@guard("C9.10")
def persons_apart(attempt: Attempt) -> Proof | Missing:
    """Operator, guardian, verifier and who agreed are still different natural persons where they must be."""
    operator = operator_of(attempt)
    return apart(attempt, operator, guardian_of(attempt)) or Proof("persons", operator)


@guard("C9.10")
def operator_admitted(attempt: Attempt) -> Proof | Missing:
    """The operator on the sheet is an engineer of the supplier with a mandate for this operation at this moment."""
    held = mandate_for_this(attempt, operator_of(attempt), SUPPLIER_ENGINEER)
    if held is None:
        return Missing("The operator on the sheet has no mandate as an engineer for this operation.")
    return Proof("mandate", held.id)


@guard("C9.10")
def by_the_operator(attempt: Attempt) -> Proof | Missing:
    """The person acting is the operator on the sheet."""
    operator = operator_of(attempt)
    if operator is None or operator != attempt.actor.person:
        return Missing("Only the operator on the sheet can do this.")
    return Proof("person", operator)


@guard("C9.10")
def by_the_guardian(attempt: Attempt) -> Proof | Missing:
    """The person acting is the guardian on the sheet."""
    guardian = guardian_of(attempt)
    if guardian is None or guardian != attempt.actor.person:
        return Missing("Only the guardian on the sheet can do this.")
    return Proof("person", guardian)


@guard("C9.10")
def not_by_the_operator(attempt: Attempt) -> Proof | Missing:
    """The person acting is not the operator on the sheet."""
    if attempt.actor.person is None or operator_of(attempt) in (None, attempt.actor.person):
        return Missing("The operator on the sheet cannot do this.")
    return Proof("person", attempt.actor.person)


@guard("C9.10")
def guardian_stands_by(attempt: Attempt) -> Proof | Missing:
    """The guardian has read this very sheet and stands by, and still has the mandate for it."""
    ready = attempt.last("stand_guard", since=("prepare",))
    if ready is None or ready.content != attempt.ticket.content or ready.person != guardian_of(attempt):
        return Missing("The guardian has not confirmed that they stand by with this sheet.")
    if not attempt.mandates_of(ready.person, SUPPLIER_ENGINEER, SUPPLIER_MANAGER):
        return Missing("The guardian no longer has a mandate.")
    return Proof("event", ready.sequence)


@guard("C9.5", of_form=True)
def right_server(attempt: Attempt) -> Proof | Missing:
    """Name and number of the server, typed again, are exactly those of the request."""
    for name in ("server_name", "server_id"):
        typed = (attempt.fields or {}).get(name)
        if typed is None or typed != stated(attempt, name):
            return Missing("This is not the server of the request. Stop, and look again.", remedy=name)
    return Proof("server", str(stated(attempt, "server_id")))


@guard("C9.5")
def not_carried_out_yet(attempt: Attempt) -> Proof | Missing:
    """The operation has not been started on this authorisation: each serves once."""
    started = attempt.last(*STARTS)
    if started is not None:
        return Missing("The operation was started already. An authorisation serves once; ask again with a new request.")
    return Proof("ticket", attempt.ticket.number)


# --- step by step ---------------------------------------------------------------------------------------


def _progress(attempt: Attempt) -> tuple[int, int, Sequence[str]]:
    """(steps called by the guardian, steps done by the operator, all steps)."""
    steps = sheet(attempt).get("steps") or ()
    return len(attempt.past("confirm_step", since=STARTS)), len(attempt.past("do_step", since=STARTS)), steps


@guard("C9.10", of_form=True)
def next_to_call(attempt: Attempt) -> Proof | Missing:
    """The step that the guardian calls is the next one, and the one before it is done."""
    called, done, steps = _progress(attempt)
    number = (attempt.fields or {}).get("step")
    if called != done:
        return Missing("Step %(step)s was called and is not done yet.", step=called)
    if done >= len(steps):
        return Missing("All steps are done.")
    if number != done + 1:
        return Missing(
            "The next step is number %(step)s: none is skipped, none repeated.", step=done + 1, remedy="step"
        )
    return Proof("step", number)


@guard("C9.10", of_form=True)
def next_to_do(attempt: Attempt) -> Proof | Missing:
    """The step that the operator does is the one that the guardian has just called."""
    called, done, _ = _progress(attempt)
    number = (attempt.fields or {}).get("step")
    if called != done + 1:
        return Missing("The guardian has not called the next step.")
    if number != called:
        return Missing("The guardian called step %(step)s.", step=called, remedy="step")
    return Proof("step", number)


@guard("C9.10")
def all_steps_done(attempt: Attempt) -> Proof | Missing:
    """Every step of the sheet is done."""
    _, done, steps = _progress(attempt)
    if not steps or done != len(steps):
        return Missing("%(done)s of %(all)s steps are done.", done=done, all=len(steps))
    return Proof("steps", done)


@guard("C9.10")
def takes_part(attempt: Attempt) -> Proof | Missing:
    """The person who stops it is the operator, the guardian, who agreed for the supplier, or somebody of the client."""
    agreed = current(attempt, "agree")
    if attempt.actor.party == CLIENT:
        return Proof("party", CLIENT.name)
    involved = {operator_of(attempt), guardian_of(attempt), agreed.person if agreed else None} - {None}
    if attempt.actor.person in involved:
        return Proof("person", attempt.actor.person)
    return Missing("Only operator, guardian, who agreed, or the client can stop it here. Call one of them at once.")
