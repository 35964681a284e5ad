"""Delays that are foretold in good time: who owes something says before the limit that it will not be kept, until when it
will take, and why. The limit never moves (R3.6).

This is the word of a person. That a miss is likely where nobody says anything is the desk's own (see `reminders`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from workflow.attempt import Attempt, Past, TimerFact
from workflow.declare import (
    ALWAYS,
    BUSINESS_ROLES,
    CLIENT,
    SUPERVISOR,
    SUPPLIER,
    Action,
    Label,
    Missing,
    Party,
    Proof,
    Words,
    guard,
)
from workflow.forms import Form, Instant, Text, chosen_from

ANNOUNCE = "announce_delay"
CLAUSE = "C9.3"


@dataclass(frozen=True)
class Forecast:
    """What was told of a limit while it still ran; instants are UTC."""

    limit: str
    expected_at: datetime
    reason: str
    told_by: Past


def forecasts(history: Iterable[Past], limit: str, started_at: datetime, end: datetime) -> tuple[Forecast, ...]:
    """What was told of one term of a limit, the oldest first."""
    return tuple(
        Forecast(limit, datetime.fromisoformat(event.fields["expected_at"]), event.fields["reason"], event)
        for event in history
        if event.accepted
        and event.action == ANNOUNCE
        and event.fields["clock"] == limit
        and started_at <= event.at <= end
    )


class Foretold(Form):
    """A limit that will not be kept. It stays as it is; a later word takes the place of an earlier one."""

    clock: Annotated[str, chosen_from("limits"), Field(title="Which limit", examples=["removal"])]
    expected_at: Annotated[Instant, Field(title="Expected at", examples=["2026-05-12T11:30:00+08:00"])]
    reason: Annotated[Text, Field(title="Reason", examples=["需要更换硬件，备件正在路上。"])]


def _term(attempt: Attempt) -> TimerFact | None:
    """The newest term of the limit that was chosen."""
    chosen = (attempt.fields or {})["clock"]
    return next((timer for timer in reversed(attempt.facts.timers) if timer.deadline == chosen), None)


@guard(CLAUSE, of_form=True)
def limit_is_still_ahead(attempt: Attempt) -> Proof | Missing:
    """The limit is running and not reached: to tell of a delay afterwards is no warning."""
    timer, expected_at = _term(attempt), (attempt.fields or {})["expected_at"]
    if timer is None or timer.status != "running" or attempt.at > timer.due_at:
        return Missing("This limit is not running, or it has passed already.", remedy="clock")
    if expected_at <= timer.due_at:
        return Missing("What you expect lies within the limit.", remedy="expected_at")
    return Proof("timer", timer.id)


@guard(CLAUSE, of_form=True)
def owed_by_the_own_party(attempt: Attempt) -> Proof | Missing:
    """The party that owes it says so: nobody else knows how long it will take."""
    timer = _term(attempt)
    if timer is None or attempt.actor.party is None or timer.party != attempt.actor.party.name:
        return Missing("Only the party whose duty it is can say that it will be late.", remedy="clock")
    return Proof("timer", timer.id)


def _letters(attempt: Attempt) -> Mapping[Party, Words]:
    """Everybody reads until when it will take: who waits for it must be able to make arrangements. Why stands on the ticket,
    for a letter leaves the house and tells nothing that people wrote there."""
    fields, timer = attempt.fields or {}, _term(attempt)
    assert timer is not None, "the guard saw it"
    said = Words(
        "%(number)s: %(party)s foretells a delay. “%(deadline)s” is due %(due)s and is expected at %(expected)s. The limit "
        "stays; the reason stands on the ticket.",
        number=attempt.ticket.number,
        party=Label("party", timer.party),
        deadline=Label("deadline", timer.deadline),
        due=timer.due_at,
        expected=fields["expected_at"],
    )
    return dict.fromkeys((CLIENT, SUPPLIER, SUPERVISOR), said)


ACTIONS = (
    Action(
        ANNOUNCE,
        by=BUSINESS_ROLES,
        source=ALWAYS,
        dest=None,
        clause=CLAUSE,
        form=Foretold,
        guards=[limit_is_still_ahead, owed_by_the_own_party],
        quiet=True,
        tells=(CLIENT, SUPPLIER, SUPERVISOR),
        letters=_letters,
        says="Tells everybody, before a limit of one's own party runs out, that it will not be kept, until when it will "
        "take, and why. The limit stays.",
    ),
)
"""Every duty that owes something within a limit offers it, in every state: some limits outlive their ticket."""
