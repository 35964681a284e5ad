"""Duty and calls as the API tells them: the same as on the pages."""

from __future__ import annotations

from typing import Any

from tickets.duty import chain_view
from tickets.queries import Sight
from workflow.canonical import plain


def calls(sight: Sight) -> dict[str, Any]:
    """What was told to whom, and what comes next unless somebody answers."""
    return {
        "ticket": sight.row.number, "at": plain(sight.at),
        "calls": [
            {**_step(one), "sequence": one.sequence, "at": plain(one.at), "open": one.open,
             "acknowledged": {"by": one.by, "at": plain(one.answered_at)} if one.answered_at else None}
            for one in chain_view.called(sight)
        ],
        "coming": [_step(one) for one in chain_view.coming(sight)],
    }  # fmt: skip


def _step(one: chain_view.Called | chain_view.Coming) -> dict[str, Any]:
    return {
        "escalation": one.escalation, "chain": one.chain, "step": one.step, "steps": one.steps, "due_at": plain(one.due_at),
        "people": [{"name": who.name, "as": who.role, "party": who.party} for who in one.people],
        "nobody": list(one.nobody), "channels": list(one.channels),
    }  # fmt: skip
