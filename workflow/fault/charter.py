"""Who has which act of a fault, where, and what comes of it: read off C3.3, C4.5 to C4.7, C8.3, C9.12 and C9.16, act by act."""

from __future__ import annotations

from workflow.declare import (
    BUSINESS_ROLES,
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_STAFF,
    CLOCK,
    SUPERVISOR,
    SUPERVISOR_REVIEWER,
    SUPPLIER,
    SUPPLIER_DESK,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
)
from workflow.fault import (
    ARCHIVED,
    CLOSED,
    DIAGNOSING,
    MERGED,
    REGISTERED,
    REPAIRING,
    REPORT_PREPARED,
    REPORT_SUBMITTED,
    REPORTED,
    RESPONDED,
    RESTORED,
    RESULT_FED_BACK,
    RETURNED,
    REVIEWED,
    WITHDRAWN,
)
from workflow.prove.charter import TEXT, OnTrial, Right, charter, everybodys, files, given, opens, signs
from workflow.prove.claims import Step
from workflow.prove.standing import WITH_COMPLAINTS, rights

EACH, BOTH, WHO_WATCHES = (CLIENT, SUPPLIER, SUPERVISOR), (CLIENT, SUPPLIER), (CLIENT, SUPERVISOR)
ANYBODY_OF_THE_CLIENT, APPROVER = (CLIENT_STAFF, CLIENT_APPROVER), (CLIENT_APPROVER,)
WHO_WORKS = (SUPPLIER_DESK, SUPPLIER_ENGINEER, SUPPLIER_MANAGER)
HANDS, WHO_DISPATCHES = (SUPPLIER_ENGINEER, SUPPLIER_MANAGER), (SUPPLIER_DESK, SUPPLIER_MANAGER)
WHO_RECEIVES, WHO_REVIEWS = (SUPPLIER_DESK, SUPPLIER_ENGINEER), (SUPERVISOR_REVIEWER, *ANYBODY_OF_THE_CLIENT)
AT_WORK = (REGISTERED, RESPONDED, DIAGNOSING, REPAIRING)
NOT_BACK = (REPORTED, *AT_WORK)
BACK = (RESTORED, RESULT_FED_BACK, REPORT_PREPARED, REPORT_SUBMITTED, RETURNED, REVIEWED)
OPEN, STATES = (*NOT_BACK, *BACK), (*NOT_BACK, *BACK, CLOSED, ARCHIVED, MERGED, WITHDRAWN)
NOT_REPORTED_ON = (RESTORED, RESULT_FED_BACK, REPORT_PREPARED)
"""The service is back, and the written report does not lie with the supervisor yet."""
ARRIVAL_IS_OWED = (*AT_WORK, RESTORED, RESULT_FED_BACK)
"""Nobody writes the report before somebody came, or the client agreed that nobody has to."""
REPORT, NOTED = "fault_report", ("deadline", "due_at")
FROM_THE_RECEIPT = ("response", "arrival", "removal", "feedback")
ROUND, REPAIRS = ("report", "reopen"), ("report", "reopen", "contest_restoration")
HIGHEST, ORDINARY = "level_1", "ordinary"

# --- which limits, where that depends on what happened before --------------------------------------------------------


def is_back(step: Step) -> bool:
    return step.action.name == "restore" or step.last("restore", since=REPAIRS) is not None


def level(step: Step) -> str:
    """The level in force after the act."""
    changed = step.last("change_level")
    held = changed.fields["level"] if changed is not None else step.says("level") or step.filled("level")
    return str(step.filled("level") if step.action.name == "change_level" else held)


def incident_is_owed(step: Step) -> bool:
    return any(
        timer.deadline == "incident_report" and timer.stopped_at is None and timer.status != "dropped"
        for timer in step.attempt.facts.timers
    )


def incident(step: Step) -> tuple[str, ...]:
    """The law's time begins once, with the first word that does not rule an incident out, and not again after a report."""
    if incident_is_owed(step) or step.last("report_to_authority") is not None:
        return ()
    if step.action.name == "judge_severity":
        open_still = step.filled("severity") != ORDINARY
    else:
        open_still = (step.says("is_security_suspected") or step.filled("is_security_suspected")) != "no"
    return ("incident_report",) if open_still else ()


def ruled_out(step: Step) -> tuple[str, ...]:
    """Only the word “ordinary” ends the law's time without a report."""
    return ("incident_report",) if step.filled("severity") == ORDINARY else ()


def received(step: Step) -> tuple[str, ...]:
    return (*FROM_THE_RECEIPT, *incident(step))


def removed(step: Step) -> tuple[str, ...]:
    """C4.7: located and removed, in either order; or only back, where both parties chose that to be enough."""
    found = step.action.name in ("locate", "resolve_problem") or step.last("locate", "resolve_problem", since=ROUND)
    enough = step.attempt.edition.setting("fault.removal_ends_with") == "restoration"
    return ("removal",) if is_back(step) and (found or enough) else ()


def told_again(step: Step) -> tuple[str, ...]:
    """Progress is owed until the result is told, and from then on no more."""
    return () if step.last("feed_back_result", since=REPAIRS) else ("feedback",)


def reports_owed(step: Step) -> tuple[str, ...]:
    return ("written_report", "initial_report") if level(step) == HIGHEST else ("written_report",)


def sooner(step: Step, limit: str, figure: str) -> bool:
    """The limit runs, and would end sooner if it began now."""
    running = [one.due_at for one in step.attempt.facts.timers if one.deadline == limit and one.status == "running"]
    return bool(running) and step.attempt.edition.due(figure, step.at) < max(running)


def brought_forward(step: Step) -> tuple[str, ...]:
    """Another level brings forward what it shortens and puts nothing off; the highest one asks for a first report."""
    to, back = level(step), is_back(step)
    interval = "fault.feedback_after_restore" if to == HIGHEST and back else f"fault.feedback_{to}"
    asked = any(
        one.deadline == "initial_report" and one.stopped_at is None and one.status != "dropped"
        for one in step.attempt.facts.timers
    )
    first = to == HIGHEST and back and not asked and not step.last("report_initially", "submit_report", since=REPAIRS)
    begun = {
        "feedback": bool(told_again(step)) and sooner(step, "feedback", interval),
        "written_report": sooner(step, "written_report", f"fault.report_{to}"),
        "initial_report": first,
    }
    return tuple(name for name, begins in begun.items() if begins)


# --- act by act ------------------------------------------------------------------------------------------------------

reported = (
    # C9.16, C4.5: whoever meets it reports it, or enters what reached the hotline; it is registered at once.
    Right("report", "C9.16", (*ANYBODY_OF_THE_CLIENT, *WHO_RECEIVES), (), REPORTED, EACH, (TEXT,),
          ("system", "symptom", "impact", "level", "is_security_suspected", "important", "entered_late_seconds"),
          begins=received),
    Right("register", "C9.16", WHO_DISPATCHES, (REPORTED,), REGISTERED, EACH, states=("engineer",)),
    Right("withdraw", "C9.16", ANYBODY_OF_THE_CLIENT, (REPORTED, REGISTERED), WITHDRAWN, EACH, states=("reason",)),
    Right("reopen", "C9.16", (*ANYBODY_OF_THE_CLIENT, *WHO_RECEIVES), (CLOSED,), REPORTED, EACH,
          states=("reason", "entered_late_seconds"), begins=received, meets=("reopening",),
          waives=("initial_report", "written_report")),
)  # fmt: skip
handled = (
    # C4.6, C4.7: answered by a person, attended, located and removed.
    Right("respond", "C4.6", WHO_WORKS, (REGISTERED,), RESPONDED, EACH, states=("means", "told", "content"),
          meets=("response",)),
    Right("diagnose", "C9.16", WHO_WORKS, (RESPONDED,), DIAGNOSING, (CLIENT,), states=("examined",)),
    Right("record_step", "C9.16", WHO_WORKS, (*ARRIVAL_IS_OWED, RETURNED), states=("did", "result")),
    Right("arrive", "C4.6", HANDS, (*ARRIVAL_IS_OWED, RETURNED), tells=(CLIENT,), states=("place",), meets=("arrival",)),
    Right("locate", "C4.7", HANDS, (DIAGNOSING, REPAIRING, RESTORED, RESULT_FED_BACK, RETURNED), tells=EACH,
          states=("cause", "evidence"), meets=removed),
    Right("repair", "C4.7", HANDS, (DIAGNOSING,), REPAIRING, (CLIENT,), states=("measure",)),
    Right("restore", "C4.7", HANDS, (DIAGNOSING, REPAIRING), RESTORED, EACH, states=("measure", "verified"),
          begins=reports_owed, meets=removed),
    Right("open_problem", "C9.16", HANDS, (RESTORED, RESULT_FED_BACK, RETURNED), tells=EACH,
          states=("problem", "owner", "next_step")),
    Right("resolve_problem", "C9.16", HANDS, (*BACK, CLOSED, ARCHIVED), tells=EACH, states=("cause", "measure"),
          meets=removed),
    Right("reassign", "C9.16", WHO_DISPATCHES, (*AT_WORK, *BACK), tells=BOTH, states=("engineer", "reason")),
    Right("change_level", "C9.16", (*ANYBODY_OF_THE_CLIENT, *WHO_WORKS), OPEN, tells=EACH, states=("level", "reason"),
          begins=brought_forward),
)  # fmt: skip
told = (
    # C9.16: progress at fixed intervals, the result, and at the highest level a first report.
    Right("feed_back", "C9.16", WHO_WORKS, OPEN, tells=WHO_WATCHES, states=("progress", "next_step"),
          begins=told_again, meets=("feedback",)),
    Right("feed_back_result", "C9.16", WHO_WORKS, (RESTORED,), RESULT_FED_BACK, EACH, states=("result", "told"),
          meets=("feedback",)),
    Right("report_initially", "C9.16", WHO_WORKS, NOT_REPORTED_ON, tells=EACH, states=("known", "next_step"),
          meets=("initial_report",)),
    # The law: a person of the client judges an incident and reports it, also when all is over.
    Right("judge_severity", "C9.16", APPROVER, (*OPEN, CLOSED), tells=EACH, states=("severity", "criterion", "grounds"),
          begins=incident, meets=ruled_out),
    Right("report_to_authority", "C9.16", APPROVER, STATES, tells=WHO_WATCHES, states=("authority", "told"),
          meets=("incident_report",)),
    # C3.4: a complaint goes its own way, and has a ticket of its own.
    Right("complain", "C3.4", ANYBODY_OF_THE_CLIENT, STATES, leaves=(opens("complaint"),), states=("nature", "complaint")),
)  # fmt: skip
agreed = (
    # C4.6, C9.16: what the supplier proposes counts once the client has agreed.
    Right("propose_no_arrival", "C4.6", WHO_WORKS, ARRIVAL_IS_OWED, tells=(CLIENT,), states=("reason",)),
    Right("agree_no_arrival", "C4.6", ANYBODY_OF_THE_CLIENT, ARRIVAL_IS_OWED, tells=EACH, waives=("arrival",)),
    Right("decline_no_arrival", "C4.6", ANYBODY_OF_THE_CLIENT, ARRIVAL_IS_OWED, tells=(SUPPLIER,), states=("reason",)),
    Right("propose_merge", "C9.16", WHO_WORKS, NOT_BACK, tells=WHO_WATCHES, states=("into", "reason")),
    Right("agree_merge", "C9.16", ANYBODY_OF_THE_CLIENT, NOT_BACK, MERGED, EACH, states=("into",)),
    Right("decline_merge", "C9.16", ANYBODY_OF_THE_CLIENT, NOT_BACK, tells=(SUPPLIER, SUPERVISOR), states=("reason",)),
)  # fmt: skip
ended = (
    # C9.12, C9.16: a written report by three persons; the supervisor reviews it, the client alone confirms (C8.3).
    Right("prepare_report", "C9.16", WHO_RECEIVES, (RESULT_FED_BACK, REPORT_PREPARED, REPORT_SUBMITTED, RETURNED, REVIEWED),
          REPORT_PREPARED, (SUPPLIER,), (files(REPORT),),
          ("process", "root_cause", "lasting_measures", "prevention", "times", "clocks"), waives=("review",)),
    Right("check_report", "C9.16", HANDS, (REPORT_PREPARED,), None, (SUPPLIER,), (signs(REPORT),)),
    Right("submit_report", "C9.16", (SUPPLIER_MANAGER,), (REPORT_PREPARED,), REPORT_SUBMITTED, EACH, (signs(REPORT),),
          begins=("review",), meets=("initial_report", "written_report")),
    Right("approve_report", "C9.12", WHO_REVIEWS, (REPORT_SUBMITTED,), REVIEWED, EACH, (signs(REPORT),), ("opinion",),
          meets=("review",)),
    Right("return_report", "C9.12", WHO_REVIEWS, (REPORT_SUBMITTED,), RETURNED, EACH, states=("reason",),
          meets=("review",)),
    Right("object_to_report", "C8.3", ANYBODY_OF_THE_CLIENT, (REVIEWED,), RETURNED, EACH, states=("reason",)),
    Right("contest_restoration", "C4.7", ANYBODY_OF_THE_CLIENT, BACK, DIAGNOSING, EACH, states=("reason",),
          begins=("removal", "feedback"), waives=("initial_report", "written_report", "review")),
    Right("confirm", "C8.3", ANYBODY_OF_THE_CLIENT, (REVIEWED,), CLOSED, EACH, (signs(REPORT),), ("rating", "clocks"),
          begins=("reopening",)),
    Right("archive", "C9.16", (CLOCK,), (CLOSED,), ARCHIVED, states=NOTED),
)  # fmt: skip
late = (
    # What is late is noted while it is owed, and not after it was done.
    Right("note_late_response", "C4.6", (CLOCK,), (REPORTED, REGISTERED), tells=EACH, states=NOTED),
    Right("note_late_arrival", "C4.6", (CLOCK,), (REPORTED, *ARRIVAL_IS_OWED), tells=EACH, states=NOTED),
    Right("note_late_removal", "C4.7", (CLOCK,), (*OPEN, CLOSED), tells=EACH, states=NOTED),
    Right("note_missed_feedback", "C9.16", (CLOCK,), (*NOT_BACK, RESTORED), tells=EACH, states=NOTED, begins=("feedback",)),
    Right("note_late_initial_report", "C9.16", (CLOCK,), NOT_REPORTED_ON, tells=EACH, states=NOTED),
    Right("note_late_report", "C9.16", (CLOCK,), NOT_REPORTED_ON, tells=EACH, states=NOTED),
    Right("note_late_review", "C9.12", (CLOCK,), (REPORT_SUBMITTED,), tells=EACH, states=NOTED),
    Right("note_late_incident_report", "C9.16", (CLOCK,), (*OPEN, CLOSED, ARCHIVED), tells=WHO_WATCHES, states=NOTED),
)  # fmt: skip

# C9.3, C7.2: each party has limits of its own here, which begin with the report; what is withdrawn or merged owes nothing more.
beside = rights(by=BUSINESS_ROLES, owed=(*OPEN, CLOSED, ARCHIVED), begun=STATES)

CHARTER = charter(*reported, *handled, *told, *agreed, *ended, *late, *beside, *everybodys(STATES, EACH))
OUTLIVE = ("incident_report",)
BY_THE_STATES = "Nobody comes to that state in any other way than by what this asks for: it would refuse nobody."
MET_BEFORE = "Nothing is closed before the written report was submitted, so neither limit can run when it is reopened."
OWED_IN_BETWEEN = (
    "A first report is owed from the restoration until it is made, the written one submitted or the restoration contested: "
    "never before, and never after the closing."
)
ANSWERED_BY_THEN = (
    "Nothing is closed before somebody came or the client agreed that nobody has to; either answers what was proposed, and "
    "after it nothing is proposed."
)
EQUIVALENT = {
    "report does not change what is said": "The act that opens a ticket writes its text in any case.",
    "confirm without result_was_fed_back": BY_THE_STATES,
    "confirm without newest_report_is_approved": BY_THE_STATES,
    "check_report leads to report_prepared": "It is done in that state alone: who leads there stays there.",
    "limit initial_report is still owed after reopen": MET_BEFORE,
    "limit written_report is still owed after reopen": MET_BEFORE,
    "report_initially also from repairing": OWED_IN_BETWEEN,
    "report_initially also from closed": OWED_IN_BETWEEN,
    "report_initially also from archived": OWED_IN_BETWEEN,
    "agree_no_arrival also from closed": ANSWERED_BY_THEN,
    "agree_no_arrival also from archived": ANSWERED_BY_THEN,
    "decline_no_arrival also from closed": ANSWERED_BY_THEN,
    "decline_no_arrival also from archived": ANSWERED_BY_THEN,
    "reopen without within_the_reopening_time": "The clock archives it first: in a proof it is never late.",
}
"""Mutants of the declaration that come to the same as it does, each with the reason."""
ON_TRIAL = OnTrial(given(CHARTER, elsewhere=WITH_COMPLAINTS), EQUIVALENT, elsewhere=WITH_COMPLAINTS)
