"""The limits of a fault: four that bind side by side, and those of its report (C4.6)."""

from __future__ import annotations

from workflow.attempt import Attempt
from workflow.declare import CLIENT, SUPERVISOR, SUPPLIER, Deadline
from workflow.fault.guards import (
    ATTEMPT_AT_REPAIR,
    LEVELS,
    contested_term,
    is_important,
    is_removed,
    is_restored,
    is_still_owed,
    latest_timer,
    level_after,
)

INITIAL_REPORT = "fault.report_initial_level_1"


def time_for_removal(attempt: Attempt) -> str:
    """Shorter for an important system, by the list at report time (C4.7)."""
    return "fault.removal_important" if is_important(attempt) else "fault.removal"


def by_level(attempt: Attempt, limit: str, figure: str) -> str | None:
    """The figure. Another level in mid-flight begins a running limit anew only where it then ends sooner, counted from the
    change: nobody is late for what was not owed yet, and no level puts an end off."""
    if attempt.action != "change_level":
        return figure
    running = latest_timer(attempt, limit)
    if running is None or running.status != "running":
        return None
    return figure if attempt.edition.due(figure, attempt.at) < running.due_at else None


def interval_of_feedback(attempt: Attempt) -> str | None:
    """By the level in force when the interval begins (C9.16); at the highest one longer once the service is back. After the
    result a further word of progress makes nothing owed anew."""
    if attempt.action not in ATTEMPT_AT_REPAIR and attempt.last("feed_back_result", since=ATTEMPT_AT_REPAIR):
        return None
    level = level_after(attempt)
    figure = (
        "fault.feedback_after_restore" if level == LEVELS[0] and is_restored(attempt) else f"fault.feedback_{level}"
    )
    return by_level(attempt, "feedback", figure)


def time_for_report(attempt: Attempt) -> str | None:
    """By the level in force at the restoration (C9.16), or by a higher one that it is given later."""
    return by_level(attempt, "written_report", f"fault.report_{level_after(attempt)}")


def time_for_initial_report(attempt: Attempt) -> str | None:
    """Owed at the highest level only: from the restoration, or from when it was given that level after it (C9.16). Once
    owed it stays so: a lower level and then the highest again put no end off."""
    if level_after(attempt) != LEVELS[0] or INITIAL_REPORT not in attempt.edition.figures:
        return None
    if attempt.action == "restore":
        return INITIAL_REPORT
    if not is_restored(attempt) or is_still_owed(attempt, "initial_report"):
        return None
    told = attempt.last("report_initially", "submit_report", since=ATTEMPT_AT_REPAIR)
    return INITIAL_REPORT if told is None else None


deadlines = [
    Deadline(
        "response",
        clause="C4.6",
        missed="note_late_response",
        within="fault.response",
        starts={"report": ["report", "reopen"], "registration": ["register"]},
        policy="fault.response_counts_from",
        counts_from="received_at",
        stops=["respond"],
        party=SUPPLIER,
        says="A person of the supplier responds. An automatic acknowledgement is no response.",
    ),
    Deadline(
        "arrival",
        clause="C4.6",
        missed="note_late_arrival",
        within="fault.arrival",
        starts=["report", "reopen"],
        counts_from="received_at",
        stops=["arrive"],
        drops=["agree_no_arrival"],
        party=SUPPLIER,
        says="An engineer is at the cloud centre, unless the client agreed that nobody needs to come.",
    ),
    Deadline(
        "removal",
        clause="C4.7",
        missed="note_late_removal",
        within=time_for_removal,
        starts={
            "report": ["report", "reopen", "contest_restoration"],
            "response": ["respond", "contest_restoration"],
            "diagnosis": ["diagnose", "contest_restoration"],
        },
        policy="fault.removal_counts_from",
        counts_from=contested_term,
        stops=["locate", "restore", "resolve_problem"],
        provided=is_removed,
        party=SUPPLIER,
        says="The fault is located and removed; sooner where the system is an important one.",
    ),
    Deadline(
        "feedback",
        clause="C9.16",
        missed="note_missed_feedback",
        within=interval_of_feedback,
        starts=["report", "reopen", "contest_restoration", "change_level"],
        counts_from="received_at",
        renews=["feed_back"],
        repeats=True,
        stops=["feed_back_result"],
        party=SUPPLIER,
        says="Progress is reported in every interval until the result is fed back; the level decides how long it is.",
    ),
    Deadline(
        "initial_report",
        clause="C9.16",
        missed="note_late_initial_report",
        within=time_for_initial_report,
        starts=["restore", "change_level"],
        stops=["report_initially", "submit_report"],
        drops=["contest_restoration", "reopen"],
        party=SUPPLIER,
        says="At the highest level a first report tells soon after the service is back what is known so far.",
    ),
    Deadline(
        "written_report",
        clause="C9.16",
        missed="note_late_report",
        within=time_for_report,
        starts=["restore", "change_level"],
        stops=["submit_report"],
        drops=["contest_restoration", "reopen"],
        party=SUPPLIER,
        says="The written report is submitted; the level decides how soon.",
    ),
    Deadline(
        "review",
        clause="C9.12",
        missed="note_late_review",
        within="fault.supervisor_review_within",
        starts=["submit_report"],
        stops=["approve_report", "return_report"],
        drops=["prepare_report", "contest_restoration"],
        party=SUPERVISOR,
        or_else=CLIENT,
        says="The supervisor approves the report or sends it back; where the contract has none, the client does.",
    ),
    Deadline(
        "reopening",
        clause="C9.16",
        missed="archive",
        within="fault.reopen_within",
        starts=["confirm"],
        stops=["reopen"],
        says="Until then a closed fault can be reopened; afterwards it is archived.",
    ),
]
