"""What must hold of every fault (C4.5–C4.7, C9.16), said of who did what and when, and asking no guard."""

from __future__ import annotations

from workflow.declare import (
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    SUPERVISOR_REVIEWER,
    SUPPLIER,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    SUPPLIER_ROLES,
)
from workflow.fault import (
    ARCHIVED,
    BEFORE_RESTORATION,
    CLOSED,
    MERGED,
    REGISTERED,
    REPORT_PREPARED,
    REPORT_SUBMITTED,
    REPORTED,
    RESTORED,
    RETURNED,
    REVIEWED,
    SINCE_RESTORATION,
    WITHDRAWN,
    workflow,
)
from workflow.prove.claims import Step, can_always, enters_only_after, never, only_after, only_by
from workflow.prove.general import general

ROUND = ("report", "reopen")
REPAIRS = (*ROUND, "contest_restoration")
DUTY_DONE = {
    "response": ("respond",),
    "arrival": ("arrive", "agree_no_arrival"),
    "removal": ("locate", "restore", "resolve_problem", "contest_restoration"),
    "feedback": ("feed_back", "feed_back_result", "contest_restoration", "note_missed_feedback"),
    "initial_report": ("report_initially", "submit_report", "contest_restoration"),
    "written_report": ("submit_report", "contest_restoration"),
    "incident_report": ("report_to_authority", "judge_severity"),
}
"""By what a limit may end while the fault goes on: by the duty done, by agreement, or because it begins anew."""


def ended_otherwise(step: Step) -> bool:
    """A limit ends by an act that is not the duty done, though the fault has neither ended nor begun anew, and though the
    limit does not begin anew to end sooner, as it does where the level becomes a higher one."""
    if step.action.name in (*ROUND, "withdraw", "agree_merge"):
        return False
    begun = {start.deadline.name: start.due_at for start in step.accepted.starts}
    return any(
        step.action.name not in DUTY_DONE[stop.timer.deadline]
        and not (
            step.action.name == "change_level" and begun.get(stop.timer.deadline, stop.timer.due_at) < stop.timer.due_at
        )
        for stop in step.accepted.stops
        if stop.timer.deadline in DUTY_DONE
    )


def begins_otherwise(step: Step) -> bool:
    """A limit that the contract counts from the report does not begin with its receipt."""
    received = step.filled("received_at") or step.at
    begun = {start.deadline.name: start.started_at for start in step.accepted.starts}
    return any(begun.get(name) != received for name in ("response", "arrival", "removal", "feedback"))


def owed_after_the_result(step: Step) -> bool:
    """A further word of progress is owed though the result was fed back, and nobody contested it."""
    return (
        any(start.deadline.name == "feedback" for start in step.accepted.starts)
        and step.action.name not in REPAIRS
        and step.last("feed_back_result", since=REPAIRS) is not None
    )


def unremoved(step: Step) -> bool:
    """The time for removal ends as kept though the service is not back."""
    ends = any(stop.timer.deadline == "removal" and not stop.dropped for stop in step.accepted.stops)
    back = step.action.name == "restore" or step.last("restore", since=REPAIRS) is not None
    return ends and not back


def by_fewer_than_three(step: Step) -> bool:
    """The report is not by three persons: who prepared it, who checked it, who submits it."""
    prepared, checked = step.last("prepare_report"), step.last("check_report", since=("prepare_report",))
    persons = {one.person for one in (prepared, checked) if one is not None} | {step.person}
    return len(persons - {None}) < 3


def in_the_supervisors_place(step: Step) -> bool:
    """The client decides on the report while somebody holds the supervisor's mandate."""
    return not step.holds(step.person, SUPERVISOR_REVIEWER) and bool(step.attempt.holders(SUPERVISOR_REVIEWER))


def unapproved(step: Step) -> bool:
    """The newest version of the report bears nobody's approval, or was approved before the service came back for good."""
    paper = step.attempt.paper("fault_report")
    approved = step.last("approve_report", since=REPAIRS)
    return paper is None or approved is None or not any(s.meaning == "approve_report" for s in paper.signatures)


def unjudged(step: Step) -> bool:
    """An incident is not ruled out, and nobody has judged it since."""
    judged = step.last("judge_severity", since=ROUND)
    if judged is not None:
        return bool(judged.fields.get("severity") == "undetermined")
    return bool(step.says("is_security_suspected") != "no")


def owes_a_report_to_the_authority(step: Step) -> bool:
    return any(
        timer.deadline == "incident_report" and timer.stopped_at is None and timer.status != "dropped"
        for timer in step.attempt.facts.timers
    )


def unasked(step: Step, propose: str, *answers: str) -> bool:
    """Nothing is proposed that still waits for an answer."""
    last = step.last(propose, *answers, since=ROUND)
    return last is None or last.action != propose


def too_late(step: Step) -> bool:
    closed = step.last("confirm")
    return closed is None or step.at > step.attempt.edition.due("fault.reopen_within", closed.at)


def lowered(step: Step) -> bool:
    """The supplier lowers the level of its own duty to report."""
    changed = step.last("change_level")
    before = changed.fields.get("level") if changed is not None else step.says("level")
    return step.party == SUPPLIER.name and str(step.filled("level")) > str(before)


NOTES = (
    "note_late_response", "note_late_arrival", "note_late_removal", "note_missed_feedback", "note_late_initial_report",
    "note_late_report",
    "note_late_review", "note_late_incident_report",
)  # fmt: skip
CLAIMS = (
    *general(
        workflow,
        binding=("check_report", "submit_report", "approve_report", "confirm", "judge_severity", "agree_no_arrival",
                 "agree_merge", "report_to_authority"),
        by_clock={**dict.fromkeys(NOTES), "archive": ARCHIVED},
        by_supervisor=("approve_report", "return_report"),
        unlimited=(REPORT_PREPARED, RETURNED, REVIEWED),
    ),
    enters_only_after("F3.closed", "C8.3", "Only the client's confirmation closes a fault.", state=CLOSED, needs="confirm"),
    only_by("F3.client", "C8.3", "Only the client confirms, objects, contests, withdraws and agrees for itself.",
            acts=("confirm", "object_to_report", "contest_restoration", "withdraw", "agree_no_arrival", "decline_no_arrival",
                  "agree_merge", "decline_merge", "complain"), roles=CLIENT_ROLES),
    only_after("F3.restored", "C4.7", "Nothing closes before the service is back.", act="confirm", needs="restore",
               since=REPAIRS),
    only_after("F3.told", "C9.16", "Nothing closes before the client was told the result.", act="confirm",
               needs="feed_back_result", since=REPAIRS),
    only_after("F3.cause", "C9.16", "Nothing closes unless the cause is located or a problem record stands.", act="confirm",
               needs=("locate", "resolve_problem", "open_problem"), since=ROUND),
    only_after("F3.arrival", "C4.6", "Nothing closes before somebody came, or the client agreed that nobody has to.",
               act="confirm", needs=("arrive", "agree_no_arrival"), since=ROUND),
    never("F3.report", "C9.12", "Nothing closes without an approved report of its newest version.", acts=("confirm",),
          when=unapproved),
    never("F3.severity", "C9.16", "Nothing closes while an incident is neither judged nor ruled out.", acts=("confirm",),
          when=unjudged),
    never("F3.authority", "C9.16", "Nothing ends while an incident still has to be reported to the authority.",
          acts=("confirm", "withdraw", "agree_merge"), when=owes_a_report_to_the_authority),
    never("F3.three", "C9.16", "A report is submitted by a third person, after a second one has checked it.",
          acts=("submit_report",), when=by_fewer_than_three),
    only_by("F3.manager", "C9.16", "A manager submits the report.", acts=("submit_report",), roles=(SUPPLIER_MANAGER,)),
    never("F3.review", "C9.12", "The client reviews in the supervisor's place only where there is none.",
          acts=("approve_report", "return_report"), when=in_the_supervisors_place),
    enters_only_after("F3.reviewed", "C9.12", "Reviewed is only what was approved.", state=REVIEWED, needs="approve_report"),
    enters_only_after("F3.submitted", "C9.16", "Submitted is only what was submitted.", state=REPORT_SUBMITTED,
                      needs="submit_report"),
    enters_only_after("F3.back", "C4.7", "The service counts as back only once it was restored.", state=RESTORED,
               needs="restore"),
    only_by("F3.hands", "C4.7", "An engineer or a manager locates, repairs and restores.",
            acts=("locate", "repair", "restore", "arrive", "open_problem", "resolve_problem"),
            roles=(SUPPLIER_ENGINEER, SUPPLIER_MANAGER)),
    only_by("F3.supplier", "C4.6", "The supplier registers, responds and reports.",
            acts=("register", "respond", "diagnose", "feed_back", "feed_back_result", "propose_merge", "propose_no_arrival"),
            roles=SUPPLIER_ROLES),
    only_after("F3.order", "C4.6", "Diagnosis begins after a response.", act="diagnose", needs="respond", since=ROUND),
    only_after("F3.registered", "C9.16", "A response comes after the registration.", act="respond", needs="register",
               since=ROUND),
    never("F4", "C4.6", "Every limit begins with the receipt of the report.", acts=("report",), when=begins_otherwise),
    never("F5", "C4.6", "No limit ends but by the duty done, or by what the client agreed to.", when=ended_otherwise),
    never("F5.removal", "C4.7", "The time for removal is kept only once the service is back.", when=unremoved),
    never("F5.feedback", "C9.16", "After the result no further word of progress is owed.",
          acts=("feed_back", "change_level", "note_missed_feedback"), when=owed_after_the_result),
    only_by("F7", "C9.16", "Only an authorised person of the client judges an incident and reports it.",
            acts=("judge_severity", "report_to_authority"), roles=(CLIENT_APPROVER,)),
    enters_only_after("F9", "C9.16", "No fault is merged away without the client's consent.", state=MERGED, needs="agree_merge"),
    never("F9.asked", "C9.16", "The client agrees only to a merger that is proposed.", acts=("agree_merge", "decline_merge"),
          when=lambda step: unasked(step, "propose_merge", "agree_merge", "decline_merge")),
    never("F9.arrival", "C4.6", "The client agrees only to what is proposed about arrival.",
          acts=("agree_no_arrival", "decline_no_arrival"),
          when=lambda step: unasked(step, "propose_no_arrival", "agree_no_arrival", "decline_no_arrival", "arrive")),
    never("F9.level", "C9.16", "The supplier lowers no level.", acts=("change_level",), when=lowered),
    enters_only_after("F11", "C9.16", "Only a report that nobody answered yet is withdrawn, and by the client.", state=WITHDRAWN,
                      needs="withdraw"),
    never("F11.reopened", "C9.16", "A fault that came back is not withdrawn as a mistake.", acts=("withdraw",),
          when=lambda step: step.last("reopen") is not None),
    enters_only_after("F2", "C9.16", "Only a closed fault is archived, by the clock.", state=ARCHIVED, needs="confirm",
               since=ROUND),
    never("F2.reopen", "C9.16", "A fault is reopened in its time only.", acts=("reopen",), when=too_late),
    can_always("F13", "C8.3", "The client may always contest that the service is back.", acts="contest_restoration",
               states=SINCE_RESTORATION, party=CLIENT),
    can_always("F10", "C9.16", "The supplier may report progress in every state before closing.", acts="feed_back",
               states=(*BEFORE_RESTORATION, *SINCE_RESTORATION), party=SUPPLIER),
    can_always("F14", "C9.16", "The client may withdraw what nobody has answered yet.", acts="withdraw",
               states=(REPORTED, REGISTERED), party=CLIENT,
               unless=lambda world: world.look().last("reopen") is not None or any(
                   timer.deadline == "incident_report" and timer.stopped_at is None for timer in world.facts.timers)),
)  # fmt: skip
