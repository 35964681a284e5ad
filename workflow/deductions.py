"""Periods that both parties leave out of a limit: proposed by one, agreed to or declined by the other, never by silence.

Nothing pauses and no limit moves. A breach that was noted stays noted; beside the raw time stands the time without what
was left out. The contract knows no such suspension: it binds because both parties consent to it in writing (C7.2), and
every page that shows an adjusted time says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from workflow.attempt import Attempt, Past
from workflow.declare import (
    ALWAYS,
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    SUPERVISOR,
    SUPPLIER,
    SUPPLIER_MANAGER,
    SUPPLIER_ROLES,
    Action,
    Label,
    Missing,
    Proof,
    Words,
    guard,
)
from workflow.forms import Form, Instant, Text, chosen_from
from workflow.guards import identified

CLAUSE = "C7.2"
PROPOSE, AGREE, DECLINE = "propose_deduction", "agree_deduction", "decline_deduction"
TOLD = ("clock", "from_at", "until_at", "reason", "evidence")


@dataclass(frozen=True)
class Period:
    """A period that both parties left out of one limit; instants are UTC."""

    limit: str
    from_at: datetime
    until_at: datetime
    reason: str
    evidence: str
    agreed_by: Past

    @classmethod
    def of(cls, event: Past) -> Period:
        told = event.fields
        from_at, until_at = (datetime.fromisoformat(told[name]) for name in ("from_at", "until_at"))
        return cls(told["clock"], from_at, until_at, told.get("reason", ""), told.get("evidence", ""), event)


def agreed(history: Iterable[Past], limit: str) -> tuple[Period, ...]:
    """The periods that both parties left out of a limit, in the order in which they agreed."""
    found = (Period.of(event) for event in history if event.accepted and event.action == AGREE)
    return tuple(period for period in found if period.limit == limit)


def left_out(periods: Iterable[Period], started_at: datetime, end: datetime) -> timedelta:
    """How much of the time from `started_at` to `end` was left out: what overlaps counts once, what lies outside not."""
    total, reached = timedelta(0), started_at
    for period in sorted(periods, key=lambda one: (one.from_at, one.until_at)):
        begin, until = max(period.from_at, reached), min(period.until_at, end)
        if until > begin:
            total, reached = total + (until - begin), until
    return total


def proposed(attempt: Attempt) -> Past | None:
    """The proposal that still waits for an answer."""
    last = attempt.last(PROPOSE, AGREE, DECLINE)
    return last if last is not None and last.action == PROPOSE else None


def as_proposed(attempt: Attempt) -> Mapping[str, Any]:
    """The period that is agreed to, repeated in the event of the agreement."""
    asked = proposed(attempt)
    assert asked is not None, "the guard saw it"
    return {name: asked.fields[name] for name in TOLD if name in asked.fields}


class Deduction(Form):
    """A period that the parties leave out of one limit. The raw time stays on record beside the adjusted one."""

    clock: Annotated[str, chosen_from("limits"), Field(title="Which limit", examples=["removal"])]
    from_at: Annotated[Instant, Field(title="Period from", examples=["2026-05-12T10:10:00+08:00"])]
    until_at: Annotated[Instant, Field(title="Period until", examples=["2026-05-12T10:20:00+08:00"])]
    reason: Annotated[Text, Field(title="Reason", examples=["等待甲方提供登录授权。"])]
    evidence: Annotated[Text, Field(title="Evidence of the period", examples=["10:10 与 10:20 的通话记录，见附件。"])]


class Declined(Form):
    reason: Annotated[Text, Field(title="Reason", examples=["授权当时已经给出，见 10:08 的记录。"])]


@guard(CLAUSE, of_form=True)
def period_is_possible(attempt: Attempt) -> Proof | Missing:
    """The period has passed, and lies within one term of the limit that it is left out of."""
    fields = attempt.fields or {}
    for timer in attempt.facts.timers:
        end = min(timer.stopped_at or attempt.at, attempt.at)
        if timer.deadline == fields["clock"] and timer.started_at <= fields["from_at"] < fields["until_at"] <= end:
            return Proof("timer", timer.id)
    return Missing(
        "The period must lie between the beginning of the limit and its end, and may not be in the future.",
        remedy="from_at",
    )


@guard(CLAUSE)
def none_is_proposed(attempt: Attempt) -> Proof | Missing:
    """No other proposal waits for an answer: nobody agrees to one and means another."""
    asked = proposed(attempt)
    return Missing("Another period is proposed already; it waits for an answer.") if asked else Proof("event", None)


@guard(CLAUSE)
def deduction_is_proposed(attempt: Attempt) -> Proof | Missing:
    """One party has proposed to leave out a period, and the other has not answered yet."""
    asked = proposed(attempt)
    return Proof("event", asked.sequence) if asked else Missing("Nobody has proposed to leave out a period.")


@guard(CLAUSE)
def answered_by_the_other_party(attempt: Attempt) -> Proof | Missing:
    """Who answers is of the other party than who proposed."""
    asked = proposed(attempt)
    if asked is None:
        return Missing("Nobody has proposed to leave out a period.")
    if attempt.actor.party is None or asked.party == attempt.actor.party.name:
        return Missing("Your own party proposed it; only the other party can answer.")
    return Proof("event", asked.sequence)


def waits_for_an_answer(attempt: Attempt) -> Words | None:
    """A proposal that is open binds nobody until the other party has answered it."""
    asked = proposed(attempt)
    if asked is None:
        return None
    told = {name: datetime.fromisoformat(asked.fields[name]) for name in ("from_at", "until_at")}
    return Words(
        "It is proposed to leave %(from_at)s – %(until_at)s out of “%(limit)s”: nothing until the other party agrees.",
        limit=Label("deadline", asked.fields["clock"]),
        **told,
    )


EVERYBODY = (CLIENT, SUPPLIER, SUPERVISOR)
AUTHORISED = (CLIENT_APPROVER, SUPPLIER_MANAGER)
ACTIONS = (
    Action(
        PROPOSE,
        by=(*CLIENT_ROLES, *SUPPLIER_ROLES),
        source=ALWAYS,
        dest=None,
        clause=CLAUSE,
        form=Deduction,
        guards=[none_is_proposed, period_is_possible],
        tells=EVERYBODY,
        says="Proposes to the other party to leave a past period out of a limit. Nothing pauses, and the raw time stays "
        "on record.",
    ),
    Action(
        AGREE,
        by=AUTHORISED,
        source=ALWAYS,
        dest=None,
        clause=CLAUSE,
        computes=as_proposed,
        guards=[deduction_is_proposed, answered_by_the_other_party, identified],
        tells=EVERYBODY,
        says="An authorised person of the other party agrees to leave the period out; raw and adjusted time are shown "
        "side by side from now on.",
    ),
    Action(
        DECLINE,
        by=AUTHORISED,
        source=ALWAYS,
        dest=None,
        clause=CLAUSE,
        form=Declined,
        guards=[deduction_is_proposed, answered_by_the_other_party],
        tells=EVERYBODY,
        says="An authorised person of the other party does not agree to leave the period out.",
    ),
)
"""Every duty that owes something within a limit offers them, in every state, the final ones too."""
COMPUTED = dict.fromkeys(TOLD, ())
