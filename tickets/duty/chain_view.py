"""The calls of a ticket made ready for readers: what was told to whom when, whether it was acknowledged, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext

from tickets import labels
from tickets.models import Event
from tickets.queries import Sight
from tickets.speech import label, say
from workflow.contract import Contract
from workflow.duty import Chain
from workflow.escalation import ACKNOWLEDGE, CALL, LAPSE, named, resolved
from workflow.terms import Figure


@dataclass(frozen=True)
class Person:
    """Somebody who was called, or would be: name, and as what."""

    name: str
    role: str
    party: str


@dataclass(frozen=True)
class Called:
    """One call as it was made. `open`: it still waits for an answer; with `by` it was acknowledged, at `answered_at`."""

    sequence: int
    escalation: str
    chain: str
    step: int
    steps: int
    at: datetime
    due_at: datetime
    people: Sequence[Person]
    nobody: Sequence[str]
    channels: Sequence[str]
    open: bool
    by: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Coming:
    """A call that the clock will make unless somebody answers before, by rosters and mandates as they stand now. `lapses`:
    one is acknowledged, and this follows where what is awaited is not done by then."""

    escalation: str
    chain: str
    step: int
    steps: int
    due_at: datetime
    people: Sequence[Person]
    nobody: Sequence[str]
    channels: Sequence[str]
    lapses: bool = False


def called(sight: Sight) -> list[Called]:
    """Every call on record, the newest first."""
    history = sight.facts.history
    waiting = {event.sequence for one in sight.workflow.escalations for event in one.calls(history)}
    made = [event for event in sight.rows.events if event.action == CALL and event.accepted and "call" in event.fields]
    return [_called(sight, event, event.sequence in waiting) for event in reversed(made)]


def _called(sight: Sight, event: Event, is_open: bool) -> Called:
    told = event.fields["call"]
    answer = next(
        (
            one
            for one in sight.rows.events
            if one.action == ACKNOWLEDGE and one.accepted and event.sequence in one.fields.get("acknowledged", ())
        ),
        None,
    )
    return Called(
        event.sequence,
        told["escalation"],
        _chain_name(sight, told["chain"]),
        told["step"],
        told.get("steps", told["step"]),
        event.at,
        datetime.fromisoformat(event.fields["due_at"]),
        _people(told["people"]),
        [_as(one) for one in told["nobody"]],
        [labels.channel(one) for one in told["channels"]],
        is_open,
        answer.name if answer else "",
        answer.at if answer else None,
    )


def _chain_name(sight: Sight, key: str) -> str:
    chain = sight.contract.chains.get(key)
    return say(chain.name) if chain else key


def _people(told: Sequence[Mapping[str, Any]]) -> list[Person]:
    return [Person(one["name"], _as(one), label("party", one["party"])) for one in told]


def _as(told: Mapping[str, Any]) -> str:
    """As what somebody was called, in the reader's language."""
    return say(named(told))


def coming(sight: Sight) -> list[Coming]:
    """The calls that follow, the soonest first."""
    attempt = sight.attempt("")
    found = []
    for timer in sorted(sight.rows.timers, key=lambda one: (one.due_at, one.id)):
        limit = sight.workflow.deadlines.get(timer.deadline)
        one = next((e for e in sight.workflow.escalations if timer.deadline in (*e.names, e.lapse)), None)
        chain = one.of(attempt) if one else None
        if timer.status != "running" or limit is None or one is None or chain is None:
            continue
        lapses = limit.step == LAPSE
        number = one.following(chain, sight.facts.history) if lapses else limit.step
        if number > len(chain.steps):
            continue
        step = chain.steps[number - 1]
        people, nobody = resolved(step, replace(attempt, at=max(timer.due_at, sight.at)))
        found.append(
            Coming(
                one.name,
                say(chain.name),
                number,
                len(chain.steps),
                timer.due_at,
                _people(people),
                [_as(who) for who in nobody],
                [labels.channel(name) for name in step.channels],
                lapses,
            )
        )
    return found


@dataclass(frozen=True)
class StepSeen:
    """A step as the contract has it: who is called, how long after the chain began (None: at once), and by which channels."""

    who: Sequence[str]
    after: Figure | None
    channels: Sequence[str]


@dataclass(frozen=True)
class ChainSeen:
    """A chain as the contract has it; `holds` is how long an acknowledgement keeps the others from being called."""

    chain: Chain
    steps: Sequence[StepSeen]
    holds: Figure | None


def chains(contract: Contract, at: datetime) -> list[ChainSeen]:
    """Every chain of the contract, with the figures that are in force at `at`."""
    figures = contract.at(at).figures

    def name(who: str) -> str:
        return say(contract.posts[who].name) if who in contract.posts else label("role", who)

    return [
        ChainSeen(
            chain,
            [
                StepSeen(
                    [name(who) for who in step.who], figures.get(step.after), [labels.channel(c) for c in step.channels]
                )
                for step in chain.steps
            ],
            figures.get(chain.holds),
        )
        for chain in contract.chains.values()
    ]


def fields(told: Mapping[str, Any]) -> list[tuple[str, list[str | list[tuple[str, Any]]]]]:
    """What an event says of calls, for the timeline."""
    found: list[tuple[str, list[str | list[tuple[str, Any]]]]] = []
    call = told.get("call")
    if isinstance(call, Mapping):
        found.append(
            (gettext("Step"), [gettext("%(step)s of %(steps)s", step=call["step"], steps=call.get("steps", "?"))])
        )
        if call["people"]:
            found.append((gettext("Called"), [f"{one.name} · {one.role}" for one in _people(call["people"])]))
        if call["nobody"]:
            found.append((gettext("Nobody there as"), [_as(one) for one in call["nobody"]]))
    if isinstance(resumed := told.get("resumed"), Mapping):
        going_on = gettext("%(step)s of %(steps)s", step=resumed["step"], steps=resumed["steps"])
        found.append((gettext("Calling goes on with step"), [going_on]))
        if resumed["acknowledged_by"]:
            found.append((gettext("Had acknowledged the call"), [resumed["acknowledged_by"]["name"]]))
    if told.get("acknowledged"):
        numbers = ", ".join(f"#{number}" for number in told["acknowledged"])
        found.append((gettext("Acknowledged calls"), [numbers]))
    return found
