"""Whether a fault is a network security incident that the law wants reported, and by when (C9.16, R3.15).

The time runs from the discovery as long as an incident is not ruled out. It is not for the desk to rule it out: only a
person's judgement "ordinary" ends the time without a report, and "undetermined" ends nothing.
"""

from __future__ import annotations

from datetime import datetime

from workflow.attempt import Attempt, Past
from workflow.declare import ANY, CLIENT, CLIENT_APPROVER, CLOCK, SUPERVISOR, Action, Deadline, Missing, Proof, guard
from workflow.fault import forms
from workflow.fault.guards import ROUND, suspicion_unjudged
from workflow.guards import identified

WITHIN = "fault.incident_report_within"
ORDINARY = "ordinary"


def judgement(attempt: Attempt) -> Past | None:
    """The newest judgement since the report, or since the fault was opened again."""
    return attempt.last("judge_severity", since=ROUND)


def is_suspected(attempt: Attempt) -> bool:
    """Whoever reported the fault did not rule an incident out."""
    return attempt.value("is_security_suspected") not in (None, "no")


def time_for_incident_report(attempt: Attempt) -> str | None:
    """Owed from a report that does not rule an incident out, else from the first judgement that does not."""
    if attempt.action != "judge_severity":
        return WITHIN if is_suspected(attempt) else None
    begun = any(t.deadline == "incident_report" and t.stopped_at is None for t in attempt.facts.timers)
    reported = attempt.last("report_incident", since=ROUND) is not None
    ruled_out = (attempt.fields or {}).get("severity") in (None, ORDINARY)
    return None if ruled_out or begun or reported else WITHIN


def discovered(attempt: Attempt) -> datetime | None:
    """From when the law counts: the discovery, or the receipt where nobody stated one."""
    if attempt.action == "judge_severity":
        return None
    stated = [(attempt.fields or {}).get(name) for name in ("discovered_at", "received_at")]
    return min((one for one in stated if isinstance(one, datetime)), default=None)


def is_settled(attempt: Attempt) -> bool:
    """It was reported, or a person ruled it out. "Undetermined" is neither, however long it stands."""
    told = attempt.fields or {}
    return attempt.action == "report_incident" or told.get("severity") == ORDINARY


@guard("C9.16")
def incident_is_not_ruled_out(attempt: Attempt) -> Proof | Missing:
    """An incident is suspected or was judged to be one."""
    judged = judgement(attempt)
    if judged is not None and judged.fields["severity"] != ORDINARY:
        return Proof("event", judged.sequence)
    if judged is None and suspicion_unjudged(attempt):
        return Proof("event", None)
    return Missing("Nobody holds this fault to be a network security incident.")


reporting = Action(
    "report_incident", by=[CLIENT_APPROVER], source=ANY, dest=None, clause="C9.16", form=forms.IncidentReport,
    guards=[incident_is_not_ruled_out, identified], tells=[CLIENT, SUPERVISOR],
    says="An authorised person of the client records that the incident was reported to the authority, as far as it is "
         "known so far. What becomes known later is reported, and recorded, once more.",
)  # fmt: skip
noting = [
    Action(
        "note_late_incident_report", by=[CLOCK], source=ANY, dest=None, clause="C9.16", quiet=True,
        tells=[CLIENT, SUPERVISOR],
        says="The incident was neither reported nor ruled out in time.",
    ),
]  # fmt: skip


deadlines = [
    Deadline(
        "incident_report",
        clause="C9.16",
        missed="note_late_incident_report",
        within=time_for_incident_report,
        starts=["report", "reopen", "judge_severity"],
        counts_from=discovered,
        stops=["report_incident", "judge_severity"],
        provided=is_settled,
        party=CLIENT,
        says="A network security incident is reported to the authority, unless a person judges that it is an ordinary one.",
    )
]
