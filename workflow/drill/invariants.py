"""What must hold of every emergency drill (C9.15), said of who did what, and asking no guard."""

from __future__ import annotations

from datetime import datetime

from workflow.declare import CLIENT, CLIENT_APPROVER, CLIENT_ROLES, SUPERVISOR_REVIEWER, SUPPLIER, SUPPLIER_ROLES
from workflow.drill import workflow
from workflow.drill.states import (
    ABANDONED,
    AFTER,
    ARCHIVED,
    ASSESSED,
    BEFORE,
    CANCELLED,
    DRILL_APPROVED,
    ENDED,
    PARTICIPANTS_NOTIFIED,
    PLANNED,
    PRECHECKED,
    READY,
    RUNNING,
    SCHEME_REVIEWED,
    STATUS_REPORTED,
    SUMMARISED,
    SYSTEMS_RESTORED,
    TERMINATED_EARLY,
)
from workflow.prove.claims import Step, can_always, enters_only_after, never, only_after, only_by
from workflow.prove.general import general
from workflow.prove.world import World

PLANS = ("plan_drill", "amend_plan")
WRITTEN = ("draft_scheme", "arrange_support", "set_assessment", "write_script", "set_fallback")
AGREED = ("approve_drill", "postpone")


def beyond_the_term(step: Step) -> bool:
    return not step.attempt.edition.in_term(step.at)


def after_the_term(world: World) -> bool:
    """Nothing is owed any more that could be reported."""
    return world.edition is not None and not world.edition.in_term(world.at)


def over_already(step: Step) -> bool:
    """The time that is planned ends before it begins, or has passed."""
    opens, closes = step.filled("window_start"), step.filled("window_end")
    return not opens < closes or closes <= step.at


def told_too_late(step: Step) -> bool:
    return step.at >= datetime.fromisoformat(step.says("window_end"))


def unagreed(step: Step) -> bool:
    """No authorised person of the client, who still is one, has agreed to the plan as it reads now."""
    agreed = step.on_this_text(*AGREED)
    return agreed is None or not step.holds(agreed.person, CLIENT_APPROVER)


def agreed_by_its_author(step: Step) -> bool:
    """Who wrote the plan approves it, or has approved it."""
    wrote, agreed = step.last(*PLANS), step.last("approve_drill")
    approver = step.person if step.action.name == "approve_drill" else agreed.person if agreed is not None else None
    return wrote is None or wrote.person == approver


def outside_its_time(step: Step) -> bool:
    opens, closes = (datetime.fromisoformat(step.says(name)) for name in ("window_start", "window_end"))
    return not opens <= step.at < closes


def unwritten(step: Step) -> bool:
    """One of the five papers has not been written for the plan as it reads now, the time included."""
    written = (step.last(act, since=PLANS) for act in WRITTEN)
    return any(paper is None or paper.content != step.attempt.ticket.content for paper in written)


def by_an_author(step: Step) -> bool:
    """Who reviews, or has reviewed, has written a part of what is reviewed."""
    reviewed = step.last("review_scheme", since=PLANS)
    reviewer = step.person if step.action.name == "review_scheme" else reviewed.person if reviewed is not None else None
    return reviewer in step.attempt.persons(*WRITTEN, "add_step", since=PLANS)


def commanded_by_one_party(step: Step) -> bool:
    """Nobody of one of the parties is in the command group."""
    chosen = step.filled("command_group")
    return not all(
        any(step.holds(step.attempt.natural(one), *roles) for one in chosen) for roles in (CLIENT_ROLES, SUPPLIER_ROLES)
    )


def carries_out_and_assesses(step: Step) -> bool:
    one, other = (
        {step.attempt.natural(x) for x in step.filled(name)} for name in ("implementing_group", "assessment_group")
    )
    return bool(one & other)


def script_of_nothing(step: Step) -> bool:
    """The script is filed without a step."""
    added = {e.fields["step"]: e.action for e in step.attempt.past("add_step", "drop_step")}
    return "add_step" not in added.values()


def script_of_yesterday(step: Step) -> bool:
    """A step was added or taken out after the script was filed."""
    return step.last("add_step", "drop_step", since=("write_script",)) is not None


def named(step: Step, group: str) -> set[int | None]:
    scheme = step.last("draft_scheme")
    return {step.attempt.natural(one) for one in scheme.fields.get(group, ())} if scheme is not None else set()


def outside_the_command(step: Step) -> bool:
    return step.person not in named(step, "command_group")


def by_who_carried_it_out(step: Step) -> bool:
    return step.person in named(step, "implementing_group")


def checked_by_one(step: Step) -> bool:
    """Who confirms the checks, or has confirmed them, has done them."""
    checked, confirmed = step.last("precheck"), step.last("confirm_precheck")
    confirms = (
        step.person if step.action.name == "confirm_precheck" else confirmed.person if confirmed is not None else None
    )
    return checked is None or checked.person == confirms


def confirmed_by_nobody_now(step: Step) -> bool:
    """Who confirmed the checks has no mandate any more."""
    confirmed = step.last("confirm_precheck")
    return confirmed is None or not step.holds(confirmed.person, *CLIENT_ROLES, *SUPPLIER_ROLES)


def dangerous_steps(step: Step) -> list[int]:
    rows = {e.fields["step"]: e for e in step.attempt.past("add_step", "drop_step")}
    return [n for n, e in rows.items() if e.action == "add_step" and e.fields.get("operation")]


def unsecured(step: Step) -> bool:
    """Real systems are worked on, and no backup was shown for the plan as it reads now."""
    backup = step.attempt.paper("drill_backup_evidence")
    touches = step.says("drill_form") == "hands_on" or bool(dangerous_steps(step))
    return touches and (backup is None or backup.content != step.attempt.ticket.content)


def bound_twice(step: Step) -> bool:
    return any(
        e.fields["operation_ticket"] == step.filled("operation_ticket") for e in step.attempt.past("link_operation")
    )


def dangerous_and_unbound(step: Step) -> bool:
    """A dangerous step is in the script that has no operation ticket of its own which can still be carried out."""
    dangerous = dangerous_steps(step)
    bound = {e.fields["step"]: e.fields["operation_ticket"] for e in step.attempt.past("link_operation")}
    alive = {link.number for link in step.attempt.facts.links if link.kind == "reboot" and not link.final}
    return any(bound.get(number) not in alive for number in dangerous)


def done_without_its_ticket(step: Step) -> bool:
    """A dangerous step is recorded as done though its operation was not started on its own ticket."""
    if step.filled("step") not in dangerous_steps(step):
        return False
    started = {link.number for link in step.attempt.facts.links if link.kind == "reboot" and link.state != "requested"}
    return step.filled("operation_ticket") not in started


def outside_the_run(step: Step) -> bool:
    """What is recorded lies before the minute of the start, or after the end."""
    begun, ended = step.last("declare_start"), step.last("declare_end", "stop_drill", "terminate_early")
    happened = step.filled("happened_at")
    return (
        begun is None
        or happened < begun.at.replace(second=0, microsecond=0)
        or happened > (ended.at if ended else step.at)
    )


def unconfirmed(step: Step) -> bool:
    """One of the parties has not put on record who took part."""
    said = {event.party for event in step.attempt.past("confirm_participation")}
    return not {CLIENT.name, SUPPLIER.name} <= said


CLAIMS = (
    *general(
        workflow,
        binding=("approve_drill", "postpone", "review_scheme", "declare_start", "report_incident", "submit_status_report",
                 "assess", "summarise", "accept_risk", "archive", "abandon"),
        by_clock={"note_time_passed": None, "note_overrun": None, "note_status_report_late": None},
        by_supervisor=("review_scheme", "return_scheme", "assess"),
        unlimited=(PLANNED, STATUS_REPORTED, *AFTER),
        ends_alone={"client": (PLANNED, *BEFORE), "supplier": (PLANNED, *BEFORE)},
    ),
    never("D1", "C9.15", "No drill starts on a plan that the client has not agreed to as it reads now.",
          acts=("declare_start",), when=unagreed),
    never("D1.author", "C9.15", "Nobody approves a plan that they wrote.", acts=("approve_drill", "declare_start"),
          when=agreed_by_its_author),
    only_by("D1.client", "C9.15", "Only an authorised representative of the client approves, postpones, archives and gives up.",
            acts=("approve_drill", "postpone", "archive", "abandon", "accept_risk"), roles=(CLIENT_APPROVER,)),
    never("D1.time", "C9.15", "No drill starts outside the time of which everybody was told.", acts=("declare_start",),
          when=outside_its_time),
    never("D1.papers", "C9.15", "No scheme is handed in before its five papers are written for this plan.",
          acts=("submit_scheme",), when=unwritten),
    never("D1.review", "C9.15", "Nobody reviews what they have written.", acts=("review_scheme", "declare_start"),
          when=by_an_author),
    never("D1.command", "C9.15", "Only the command group confirms, starts and ends a drill.",
          acts=("confirm_precheck", "declare_start", "declare_end", "terminate_early"), when=outside_the_command),
    never("D1.checks", "C9.15", "Nobody confirms the checks that they did.", acts=("confirm_precheck", "declare_start"),
          when=checked_by_one),
    only_after("D1.told", "C9.15", "No drill starts before those concerned were told of this time.", act="declare_start",
               needs="notify_participants", since=(*PLANS, "postpone")),
    only_after("D1.checked", "C9.15", "No drill starts before its checks were confirmed.", act="declare_start",
               needs="confirm_precheck", since=(*PLANS, "postpone", "precheck")),
    only_after("D1.reviewed", "C9.15", "No drill starts on a scheme that nobody reviewed.", act="declare_start",
               needs="review_scheme", since=PLANS),
    never("D2", "C9.5", "No drill starts with a dangerous step that has no operation ticket of its own.",
          acts=("declare_start",), when=dangerous_and_unbound),
    never("D2.done", "C9.5", "A drill is no exemption: nothing dangerous is done outside its own operation ticket.",
          acts=("record_entry",), when=done_without_its_ticket),
    never("D3", "C9.15", "That it is a drill is said at its opening and never changed.", acts=("amend_plan", "postpone"),
          when=lambda step: step.filled("is_drill") is not True),
    can_always("D3.fault", "C9.16", "A real fault can always be reported while a drill runs.", acts="report_real_fault",
               states=(RUNNING,), party=CLIENT, unless=after_the_term),
    enters_only_after("D4", "C9.15", "Nothing is archived that nobody assessed and summed up.", state=ARCHIVED, needs="archive"),
    only_after("D4.summed", "C9.15", "Nothing is archived before it was summed up.", act="archive", needs="summarise"),
    only_after("D4.assessed", "C9.15", "Nothing is summed up before it was assessed.", act="summarise", needs="assess"),
    only_after("D4.status", "C9.15", "Nothing is assessed before it was reported how the systems run.", act="assess",
               needs="submit_status_report"),
    never("D4.apart", "C9.15", "Nobody assesses what they carried out.", acts=("assess",), when=by_who_carried_it_out),
    can_always("D5.client", "C9.15", "The client may stop a running drill at once.", acts=("stop_drill", "terminate_early"),
               states=(RUNNING,), party=CLIENT),
    can_always("D5.supplier", "C9.15", "The supplier may stop a running drill at once.", acts=("stop_drill", "terminate_early"),
               states=(RUNNING,), party=SUPPLIER),
    can_always("D5.before", "C9.15", "Either party may call a drill off before its start.", acts="cancel",
               states=(PLANNED, *BEFORE), party=SUPPLIER),
    never("D6", "C9.15", "Nothing is summed up before both parties put on record who took part.", acts=("summarise",),
          when=unconfirmed),
    enters_only_after("D7.running", "C9.15", "Nothing runs whose start was not declared.", state=RUNNING, needs="declare_start"),
    enters_only_after("D7.ended", "C9.15", "A drill ends by declaration.", state=ENDED, needs="declare_end"),
    enters_only_after("D7.stopped", "C9.15", "A drill is cut short by a person of either party.", state=TERMINATED_EARLY,
                      needs=("stop_drill", "terminate_early")),
    enters_only_after("D7.restored", "C9.15", "Restored is what was restored after the run.", state=SYSTEMS_RESTORED,
                      needs="restore_systems"),
    enters_only_after("D7.approved", "C9.15", "Approved is what the client approved, or what was sent back since.",
                      state=DRILL_APPROVED, needs=("approve_drill", "return_scheme"), since=PLANS),
    enters_only_after("D7.reviewed", "C9.15", "Reviewed is what was reviewed.", state=SCHEME_REVIEWED,
                      needs=("review_scheme", "postpone"), since=PLANS),
    enters_only_after("D7.told", "C9.15", "Told is who was told.", state=PARTICIPANTS_NOTIFIED, needs="notify_participants"),
    enters_only_after("D7.prechecked", "C9.15", "Checked is what was checked.", state=PRECHECKED, needs="precheck"),
    enters_only_after("D7.ready", "C9.15", "Ready is what the command confirmed.", state=READY, needs="confirm_precheck"),
    enters_only_after("D7.assessed", "C9.15", "Assessed is what was assessed.", state=ASSESSED, needs="assess"),
    enters_only_after("D7.summed", "C9.15", "Summed up is what was summed up.", state=SUMMARISED, needs="summarise"),
    enters_only_after("D7.cancelled", "C9.15", "Called off is what a person called off.", state=CANCELLED, needs="cancel"),
    enters_only_after("D7.abandoned", "C9.15", "Given up is what the client gave up.", state=ABANDONED, needs="abandon"),
    never("X2", "C2.1", "No drill is planned or started outside the term of the contract, nor a fault reported by it.",
          acts=("plan_drill", "declare_start", "report_real_fault"), when=beyond_the_term),
    never("D9.plan", "C9.15", "No drill is planned for a time that has passed.", acts=("plan_drill", "amend_plan", "postpone"),
          when=over_already),
    never("D9.told", "C9.15", "Nobody agrees to a time that has passed, or is told of it.",
          acts=("approve_drill", "notify_participants"), when=told_too_late),
    never("D9.command", "C9.15", "Both parties are in the command.", acts=("draft_scheme",), when=commanded_by_one_party),
    never("D9.groups", "C9.15", "Nobody carries out and assesses.", acts=("draft_scheme",), when=carries_out_and_assesses),
    never("D9.steps", "C9.15", "No script is filed without a step.", acts=("write_script",), when=script_of_nothing),
    never("D9.script", "C9.15", "The script that is handed in has the steps as they are.", acts=("submit_scheme",),
          when=script_of_yesterday),
    never("D9.backup", "C9.15", "Where systems are touched, nothing is checked before a backup was shown.", acts=("precheck",),
          when=unsecured),
    never("D9.confirmed", "C9.15", "No drill starts when who confirmed its checks has no mandate any more.",
          acts=("declare_start",), when=confirmed_by_nobody_now),
    never("D9.record", "C9.15", "Nothing is recorded that did not happen while the drill ran.",
          acts=("record_entry", "add_late_record", "report_incident"), when=outside_the_run),
    never("D2.step", "C9.5", "Only a dangerous step is bound to an operation ticket.", acts=("link_operation",),
          when=lambda step: step.filled("step") not in dangerous_steps(step)),
    never("D2.once", "C9.5", "One operation ticket serves one step.", acts=("link_operation",), when=bound_twice),
    only_by("D8.rating", "C9.12", "Only the supervisor rates.", acts=("rate",), roles=(SUPERVISOR_REVIEWER,)),
    only_by("D8.status", "C9.15", "The supplier reports how the systems run.", acts=("submit_status_report",),
            roles=SUPPLIER_ROLES),
    only_by("D8.told", "C9.15", "The client tells those concerned, and keeps its plan as it is.",
            acts=("notify_participants", "keep_plan"), roles=CLIENT_ROLES),
)  # fmt: skip
