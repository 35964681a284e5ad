"""Who is called while a fault waits for a response, and for the service to be back; the level decides how soon (C3.3)."""

from __future__ import annotations

from workflow.attempt import Attempt
from workflow.escalation import Escalation
from workflow.fault.guards import is_restored, level

STARTS = ("report", "reopen", "change_level")
"""Another level is another chain, from its beginning."""


def _level(attempt: Attempt) -> str:
    """The level that is in force after the act."""
    changed = attempt.action == "change_level" and attempt.fields is not None
    return str((attempt.fields or {})["level"]) if changed else level(attempt)


def _is_responded(attempt: Attempt) -> bool:
    return attempt.action not in ("report", "reopen") and bool(attempt.past("respond", since=("report", "reopen")))


escalations = [
    Escalation(
        "response",
        chain=lambda attempt: f"fault_response_{_level(attempt)}",
        over=_is_responded,
        starts=STARTS,
        stops=["respond"],
        counts_from="received_at",
        says="Calls the next in the chain while nobody has responded and nobody has acknowledged the call.",
    ),
    Escalation(
        "removal",
        chain=lambda attempt: f"fault_removal_{_level(attempt)}",
        over=lambda attempt: attempt.action not in ("report", "reopen", "contest_restoration") and is_restored(attempt),
        starts=(*STARTS, "contest_restoration"),
        stops=["restore"],
        counts_from="received_at",
        says="Calls those who answer for it while the service is not back.",
    ),
]
