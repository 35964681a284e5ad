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


def concerns(attempt: Attempt, person: int | None) -> bool:
    """Whether the complaint is about this natural person, under whichever account. A record that names nobody, not even an
    empty list, is about everybody: who may handle it is then not known."""
    named = attempt.ticket.fields.get("concerned")
    return named is None or person is None or person in {attempt.natural(one) for one in named}


@guard("C3.4")
def not_about_oneself(attempt: Attempt) -> Proof | Missing:
    """Nobody handles a complaint that concerns them, under whichever account."""
    if concerns(attempt, attempt.actor.person):
        return Missing("The complaint concerns you: somebody else of the team handles it.")
    return Proof("person", attempt.actor.person)


@guard("C3.4", of_form=True)
def given_to_another(attempt: Attempt) -> Proof | Missing:
    """Nobody is put in charge of a complaint that concerns them, under whichever account."""
    owner = (attempt.fields or {})["owner"]
    if concerns(attempt, attempt.natural(owner)):
        return Missing("The complaint concerns whom you put in charge: name somebody else.", remedy="owner")
    return Proof("person", owner)


def in_charge(attempt: Attempt) -> Words | None:
    """Who is in charge, at a glance."""
    named = taken_up(attempt)
    if attempt.ticket.state is None or named is None:
        return None
    names = [held.name for held in attempt.mandates_of(named.fields["owner"])]
    return Words("In charge of it: %(name)s", name=names[0]) if names else None


def not_content(attempt: Attempt) -> Words | None:
    """Answers that were not accepted, so that the next one is not the same."""
    last = attempt.last("reject_answer")
    if attempt.ticket.state is None or last is None:
        return None
    return Words("The client was not content with the answer: %(reason)s", reason=last.fields["reason"])
