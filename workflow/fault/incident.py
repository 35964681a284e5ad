"""Whether a fault is a network security incident that the law wants reported, and by when (C9.16, R3.15).

The time runs from the discovery as long as an incident is not ruled out. It is not for the desk to rule it out: only a
person's judgement "ordinary" ends the time without a report, and "undetermined" ends nothing.
"""

from __future__ import annotations

from datetime import datetime

from workflow.attempt import Attempt, Past
from workflow.declare import ALWAYS, CLIENT, CLIENT_APPROVER, CLOCK, SUPERVISOR, Action, Deadline, Missing, Proof, guard
from workflow.fault import forms
from workflow.fault.guards import is_still_owed, is_suspected
from workflow.guards import identified

WITHIN = "fault.incident_report_within"
ORDINARY = "ordinary"


LIMIT = "incident_report"


def judgement(attempt: Attempt) -> Past | None:
    """The newest judgement. It stands when the fault is opened again: what was an incident stays one."""
    return attempt.last("judge_severity")


def is_owed(attempt: Attempt) -> bool:
    """A time for the report has begun, and nobody has reported or ruled the incident out since, in time or not."""
    return is_still_owed(attempt, LIMIT)


def time_for_incident_report(attempt: Attempt) -> str | None:
    """Owed from a report that does not rule an incident out, else from the first judgement that does not. A time that has
    begun runs on, whatever becomes of the fault; what was reported is not owed anew."""
    if is_owed(attempt) or attempt.last("report_to_authority") is not None:
        return None
    if attempt.action == "judge_severity":
        return None if (attempt.fields or {}).get("severity") in (None, ORDINARY) else WITHIN
    return WITHIN if is_suspected(attempt) else None


def discovered(attempt: Attempt) -> datetime | None:
    """From when the law counts: the discovery, or the receipt where nobody stated one."""
    if attempt.action == "judge_severity":
        return None
    stated = [(attempt.fields or {}).get(name) for name in ("discovered_at", "received_at")]
    return min((one for one in stated if isinstance(one, datetime)), default=None)


def is_settled(attempt: Attempt) -> bool:
    """It was reported, or a person ruled it out. "Undetermined" is neither, however long it stands."""
    told = attempt.fields or {}
    return attempt.action == "report_to_authority" or told.get("severity") == ORDINARY


@guard("C9.16")
def incident_is_not_ruled_out(attempt: Attempt) -> Proof | Missing:
    """An incident is suspected or was judged to be one."""
    if is_owed(attempt):
        return Proof("timers", None)
    judged = judgement(attempt)
    if judged is not None and judged.fields["severity"] != ORDINARY:
        return Proof("event", judged.sequence)
    if judged is None and is_suspected(attempt):  # Reported at once; what becomes known later is reported once more.
        return Proof("report", None)
    return Missing("Nobody holds this fault to be a network security incident.")


@guard("C9.16")
def no_incident_report_is_owed(attempt: Attempt) -> Proof | Missing:
    """Where an incident was not ruled out, it was reported, or an authorised person judged it to be an ordinary one."""
    if is_owed(attempt):
        return Missing(
            "A network security incident is not ruled out: an authorised person of the client must judge that it is an "
            "ordinary one, or record that it was reported to the authority."
        )
    return Proof("timers", None)


reporting = Action(
    "report_to_authority", by=[CLIENT_APPROVER], source=ALWAYS, dest=None, clause="C9.16", form=forms.IncidentReport,
    guards=[incident_is_not_ruled_out, identified], tells=[CLIENT, SUPERVISOR],
    says="An authorised person of the client records that the incident was reported to the authority, as far as it is "
         "known so far. What becomes known later is reported, and recorded, once more.",
)  # fmt: skip
noting = [
    Action(
        "note_late_incident_report", by=[CLOCK], source=ALWAYS, dest=None, clause="C9.16", quiet=True,
        tells=[CLIENT, SUPERVISOR],
        says="The incident was neither reported nor ruled out in time.",
    ),
]  # fmt: skip


deadlines = [
    Deadline(
        LIMIT,
        clause="C9.16",
        missed="note_late_incident_report",
        within=time_for_incident_report,
        starts=["report", "reopen", "judge_severity"],
        counts_from=discovered,
        stops=["report_to_authority", "judge_severity"],
        provided=is_settled,
        party=CLIENT,
        outlives=True,
        says="A network security incident is reported to the authority, unless a person judges that it is an ordinary one.",
    )
]
