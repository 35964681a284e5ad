"""What must hold where a complaint is answered (C3.4), and what its readers are reminded of."""

from __future__ import annotations

from workflow.attempt import Attempt, Past
from workflow.declare import SUPPLIER_MANAGER, Missing, Proof, Words, guard


def taken_up(attempt: Attempt) -> Past | None:
    """The act that named who is in charge now."""
    return attempt.last("take_up")


@guard("C3.4")
def by_whoever_is_in_charge(attempt: Attempt) -> Proof | Missing:
    """Whoever is in charge of the complaint answers it, or a manager does in their place."""
    named = taken_up(attempt)
    if named is not None and attempt.natural(named.fields["owner"]) == attempt.actor.person:
        return Proof("event", named.sequence)
    if attempt.mandates_of(attempt.actor.person, SUPPLIER_MANAGER):
        return Proof("role", SUPPLIER_MANAGER.name)
    return Missing("Only whoever is in charge of it answers, or a manager.")


def not_content(attempt: Attempt) -> Words | None:
    """Answers that were not accepted, so that the next one is not the same."""
    last = attempt.last("reject_answer")
    if attempt.ticket.state is None or last is None:
        return None
    return Words("The client was not content with the answer: %(reason)s", reason=last.fields["reason"])
