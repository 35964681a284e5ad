"""A ticket as its events alone make it: told anew from the declaration, by nothing that the desk uses to keep its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tickets.models import Event, Ticket
from workflow.declare import Workflow


def fold(declared: Workflow, events: Sequence[Event]) -> dict[str, Any]:
    """State, versions and content after these events of one ticket, in the order of their sequence."""
    told: dict[str, Any] = {"state": "", "final": False, "version": 0, "content_version": 0, "fields": {}, "events": 0}
    for event in events:
        told["events"] += 1
        assert event.sequence == told["events"], f"a gap before #{event.sequence}"
        if not event.accepted:
            continue
        action = declared.actions[event.action]
        opens = action.source is None
        assert opens or event.source == told["state"], f"#{event.sequence} leads from {event.source}"
        state = action.dest or declared.states[told["state"]]
        told["state"], told["final"] = state.name, state.final
        told["version"] += 1 if opens or not action.quiet else 0
        if opens or action.amends:
            told["fields"] = {**told["fields"], **event.fields}
            told["content_version"] += 1
    return told


def differences(row: Ticket, declared: Workflow, events: Sequence[Event]) -> list[str]:
    """One line for each thing in which the row is not what the events made it."""
    told = fold(declared, events)
    return [
        f"{row.number}: {name} is {getattr(row, name)}, by the events {value}"
        for name, value in told.items()
        if getattr(row, name) != value
    ]
