"""Who is called while a fault waits for a response, and for the service to be back; the level decides how soon (C3.3)."""

from __future__ import annotations

from workflow.attempt import Attempt
from workflow.escalation import Escalation
from workflow.fault.guards import ROUND, is_restored, level_after

STARTS = ("report", "reopen", "change_level")
"""Another level is another chain, from its beginning."""


def _is_responded(attempt: Attempt) -> bool:
    return attempt.action not in ("report", "reopen") and bool(attempt.past("respond", since=("report", "reopen")))


escalations = [
    Escalation(
        "response",
        chain=lambda attempt: f"fault_response_{level_after(attempt)}",
        over=_is_responded,
        starts=STARTS,
        stops=["respond"],
        counts_from="received_at",
        says="Calls the next in the chain while nobody has responded and nobody has acknowledged the call.",
    ),
    Escalation(
        "removal",
        chain=lambda attempt: f"fault_removal_{level_after(attempt)}",
        over=lambda attempt: attempt.action not in ("report", "reopen", "contest_restoration") and is_restored(attempt),
        starts=(*STARTS, "contest_restoration"),
        stops=["restore"],
        counts_from="received_at",
        says="Calls those who answer for it while the service is not back.",
    ),
    Escalation(
        "feedback",
        chain="fault_feedback_missed",
        # One silence is one call, however many slots of it go by.
        over=lambda attempt: (
            attempt.action == "note_missed_feedback"
            and attempt.last("note_missed_feedback", since=(*ROUND, "feed_back")) is not None
        ),
        starts=["note_missed_feedback"],
        stops=["feed_back", "feed_back_result"],
        says="Calls the next in the chain while the client waits for progress that was due.",
    ),
]
