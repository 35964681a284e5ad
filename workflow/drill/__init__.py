"""Emergency drills (C9.15): planned by the client, played by both, started and ended by declaration, assessed, put right.

A drill is never anything else: it starts no limit of a fault and counts as none. It is no exemption either: what is
dangerous in it needs its own operation ticket, and a real fault found meanwhile is a fault from the moment it is reported.
"""

from __future__ import annotations

from workflow.declare import (
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    CLOCK,
    SUPERVISOR_REVIEWER,
    SUPPLIER,
    SUPPLIER_DESK,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    Action,
    Deadline,
    Workflow,
)
from workflow.drill.after_forms import Ending, IncidentReport, StepRecord, Termination
from workflow.drill.follow_up import afterwards, putting_right
from workflow.drill.forms import (
    AssessmentScheme,
    Declaration,
    DrillPlan,
    DroppedStep,
    Fallback,
    GoAhead,
    Notification,
    OperationLink,
    PlanApproval,
    Postponement,
    Precheck,
    Reason,
    Review,
    Scheme,
    Script,
    ScriptStep,
    Support,
)
from workflow.drill.guards import (
    ALL_FIVE,
    agreed_by_the_client,
    backup_is_proved,
    both_parties_command,
    by_another_than_its_author,
    by_none_of_the_authors,
    dangerous_steps_have_tickets,
    done_under_its_own_ticket,
    in_the_command_group,
    in_the_planned_time,
    nobody_assesses_himself,
    one_ticket_for_one_step,
    reviewed_by_another,
    script_has_steps,
    script_is_up_to_date,
    step_is_dangerous,
    while_the_drill_ran,
    window_is_ahead,
    window_is_not_over,
)
from workflow.drill.library import comprehensive_notice, legal_notice, next_plan_notice, review_notice
from workflow.drill.plans import NEXT_YEARS_PLAN, PLAN_LIBRARY
from workflow.drill.record import (
    ASSESSMENT_SCHEME,
    DRILL_PLAN,
    FALLBACK,
    INCIDENT_REPORT,
    PAPERS,
    PLANNING,
    RECORD,
    SCHEME,
    SCRIPT,
    SUPPORT,
    drill_notice,
    fault_links,
    fault_meanwhile_notice,
    marked,
    numbered_incident,
    operation_link,
    overdue_rectification_notice,
    real_fault,
    real_fault_notice,
    record_after,
    whole_plan,
    whole_script,
)
from workflow.drill.states import (
    AUTHORS,
    BEFORE,
    BOTH,
    CANCELLED,
    DRILL_APPROVED,
    ENDED,
    EVERYBODY,
    PARTICIPANTS_NOTIFIED,
    PLANNED,
    PRECHECKED,
    READY,
    RUNNING,
    SCHEME_REVIEWED,
    SCHEME_SUBMITTED,
    STATES,
    STOPPED,
    TERMINATED_EARLY,
    C,
)
from workflow.escalation import Escalation
from workflow.fault.forms import FaultReport
from workflow.fault.guards import channel_is_stated, entered_in_time, times_are_possible
from workflow.guards import by_another_than, done_apart, identified, still_mandated, within_the_term

planning = [
    Action(
        "plan_drill", by=[*CLIENT_ROLES, SUPPLIER_MANAGER], source=None, dest=PLANNED, clause=C, form=DrillPlan,
        amends=True, files=DRILL_PLAN, computes=whole_plan, tells=[CLIENT, SUPPLIER],
        guards=[within_the_term, window_is_ahead],
        says="The client plans a drill, or the supplier drafts the plan for it. What is opened here is a drill and stays one.",
    ),
    Action(
        "amend_plan", by=[*CLIENT_ROLES, SUPPLIER_MANAGER], source=[PLANNED, *BEFORE], dest=PLANNED, clause=C,
        form=DrillPlan, amends=True, files=DRILL_PLAN, computes=whole_plan, tells=EVERYBODY, guards=[window_is_ahead],
        says="Rewrites the plan. Approval, scheme, review and checks were for the old one and have to be made again.",
    ),
    Action(
        "approve_drill", by=[CLIENT_APPROVER], source=PLANNED, dest=DRILL_APPROVED, clause=C, form=PlanApproval,
        signs=DRILL_PLAN, tells=EVERYBODY, guards=[identified, by_another_than_its_author, window_is_not_over],
        says="The client, who owns the plan, agrees to it and states that it is a drill. The supplier takes part.",
    ),
    Action(
        "decline_plan", by=[SUPPLIER_MANAGER], source=BEFORE, dest=PLANNED, clause=C, form=Reason, tells=EVERYBODY,
        says="The supplier cannot take part as planned and says why; the client approves anew or amends the plan.",
    ),
    Action(
        "postpone", by=[CLIENT_APPROVER], source=[SCHEME_REVIEWED, PARTICIPANTS_NOTIFIED, PRECHECKED, READY],
        dest=SCHEME_REVIEWED, clause=C, form=Postponement, amends=True, files=DRILL_PLAN, signs=DRILL_PLAN,
        computes=whole_plan, tells=EVERYBODY, guards=[identified, window_is_ahead],
        says="Moves the drill to another time. The reviewed scheme stands; people are told and everything checked again.",
    ),
    Action(
        "cancel", by=[*CLIENT_ROLES, SUPPLIER_MANAGER], source=[PLANNED, *BEFORE], dest=CANCELLED, clause=C, form=Reason,
        tells=EVERYBODY, says="Calls the drill off before its start.",
    ),
    Action(
        "note_time_passed", by=[CLOCK], source=BEFORE, dest=None, clause=C, quiet=True, tells=[CLIENT, SUPPLIER],
        says="The planned time went by without a start.",
    ),
]  # fmt: skip

writing = [
    Action(
        "draft_scheme", by=AUTHORS, source=DRILL_APPROVED, dest=None, clause=C, form=Scheme, files=SCHEME,
        computes=marked, tells=[CLIENT, SUPPLIER], guards=[both_parties_command, nobody_assesses_himself],
        says="Writes the working scheme: what is played, who commands, who carries out, who assesses.",
    ),
    Action(
        "arrange_support", by=AUTHORS, source=DRILL_APPROVED, dest=None, clause=C, form=Support, files=SUPPORT,
        computes=marked, tells=[CLIENT, SUPPLIER], says="Writes what must be at hand.",
    ),
    Action(
        "set_assessment", by=AUTHORS, source=DRILL_APPROVED, dest=None, clause=C, form=AssessmentScheme,
        files=ASSESSMENT_SCHEME, computes=marked, tells=[CLIENT, SUPPLIER], says="Writes how the drill will be judged.",
    ),
    Action(
        "add_step", by=AUTHORS, source=DRILL_APPROVED, dest=None, clause=C, form=ScriptStep, quiet=True,
        says="Adds a step to the script, or replaces the one of the same number.",
    ),
    Action(
        "drop_step", by=AUTHORS, source=DRILL_APPROVED, dest=None, clause=C, form=DroppedStep, quiet=True,
        says="Takes a step out of the script.",
    ),
    Action(
        "write_script", by=AUTHORS, source=DRILL_APPROVED, dest=None, clause=C, form=Script, files=SCRIPT,
        computes=whole_script, tells=[CLIENT, SUPPLIER], guards=[script_has_steps],
        says="Files the script with its steps as they are.",
    ),
    Action(
        "set_fallback", by=AUTHORS, source=DRILL_APPROVED, dest=None, clause=C, form=Fallback, files=FALLBACK,
        computes=marked, tells=[CLIENT, SUPPLIER], says="Writes when and how to go back, should the drill itself do harm.",
    ),
    Action(
        "link_operation", by=AUTHORS, source=[*BEFORE, RUNNING], dest=None, clause="C9.5", form=OperationLink, quiet=True,
        tells=[CLIENT, SUPPLIER], guards=[step_is_dangerous, one_ticket_for_one_step], effects=[operation_link],
        says="Binds a dangerous step to the operation ticket under which alone it may be done.",
    ),
    Action(
        "submit_scheme", by=AUTHORS, source=DRILL_APPROVED, dest=SCHEME_SUBMITTED, clause=C, tells=EVERYBODY,
        guards=[*ALL_FIVE, script_is_up_to_date], says="Hands scheme and annexes in for review.",
    ),
    Action(
        "review_scheme", by=[*CLIENT_ROLES, SUPERVISOR_REVIEWER], source=SCHEME_SUBMITTED, dest=SCHEME_REVIEWED, clause=C,
        form=Review, signs=SCHEME, tells=EVERYBODY, guards=[identified, by_none_of_the_authors],
        says="Somebody who wrote none of it finds that it can be carried out.",
    ),
    Action(
        "return_scheme", by=[*CLIENT_ROLES, SUPERVISOR_REVIEWER], source=SCHEME_SUBMITTED, dest=DRILL_APPROVED, clause=C,
        form=Reason, tells=EVERYBODY, says="Sends it back with what is to be changed.",
    ),
]  # fmt: skip

getting_ready = [
    Action(
        "notify_participants", by=CLIENT_ROLES, source=SCHEME_REVIEWED, dest=PARTICIPANTS_NOTIFIED, clause=C,
        form=Notification, computes=marked, tells=EVERYBODY, guards=[window_is_not_over],
        says="Tells everybody concerned that, when and where there is a drill.",
    ),
    Action(
        "precheck", by=AUTHORS, source=[PARTICIPANTS_NOTIFIED, PRECHECKED, READY], dest=PRECHECKED, clause=C, form=Precheck,
        tells=[CLIENT, SUPPLIER], guards=[backup_is_proved],
        says="Checks the safety controls. Where systems are touched, a backup must be proved.",
    ),
    Action(
        "confirm_precheck", by=BOTH, source=PRECHECKED, dest=READY, clause=C, form=GoAhead, tells=[CLIENT, SUPPLIER],
        guards=[in_the_command_group, by_another_than("precheck", clause=C)],
        says="A member of the command group, who did not do the checks, confirms them.",
    ),
    Action(
        "declare_start", by=BOTH, source=READY, dest=RUNNING, clause=C, form=Declaration, computes=marked, tells=EVERYBODY,
        guards=[
            identified, in_the_command_group, agreed_by_the_client, within_the_term, in_the_planned_time,
            still_mandated("confirm_precheck", *BOTH, clause=C), dangerous_steps_have_tickets, reviewed_by_another,
            done_apart(PLANNING, "approve_drill", clause=C), done_apart("precheck", "confirm_precheck", clause=C),
        ],
        says="A member of the command group declares the start. Nothing of the drill begins before.",
    ),
]  # fmt: skip

running = [
    Action(
        "record_entry", by=BOTH, source=RUNNING, dest=None, clause=C, form=StepRecord, quiet=True,
        guards=[while_the_drill_ran, done_under_its_own_ticket],
        says="Records what happened, when and by whom.",
    ),
    Action(
        "report_incident", by=BOTH, source=RUNNING, dest=None, clause=C, form=IncidentReport, files=INCIDENT_REPORT,
        signs=INCIDENT_REPORT, computes=numbered_incident, tells=EVERYBODY,
        guards=[identified, while_the_drill_ran],
        says="Issues a report on the played event: the first, the second and so on, each kept as it was.",
    ),
    Action(
        "report_real_fault", by=[*CLIENT_ROLES, SUPPLIER_DESK, SUPPLIER_ENGINEER], source=[RUNNING, *STOPPED], dest=None,
        clause="C9.16", form=FaultReport, tells=EVERYBODY, effects=[real_fault],
        guards=[within_the_term, channel_is_stated, times_are_possible, entered_in_time],
        says="Reports a real fault found meanwhile. It gets a ticket of its own, and its limits run from this report.",
    ),
    Action(
        "declare_end", by=BOTH, source=RUNNING, dest=ENDED, clause=C, form=Ending, files=RECORD, computes=record_after,
        tells=EVERYBODY, guards=[in_the_command_group],
        says="A member of the command group declares the end, and everybody stops.",
    ),
    Action(
        "terminate_early", by=BOTH, source=RUNNING, dest=TERMINATED_EARLY, clause=C, form=Termination, files=RECORD,
        computes=record_after, effects=[fault_links], tells=EVERYBODY, guards=[in_the_command_group],
        says="The command group stops the drill before its end, with the cause.",
    ),
    Action(
        "stop_drill", by=BOTH, source=RUNNING, dest=TERMINATED_EARLY, clause=C, form=Termination, files=RECORD,
        computes=record_after, effects=[fault_links], tells=EVERYBODY,
        says="Anybody of either party stops the drill at once. No office and no proof is asked for.",
    ),
    Action(
        "note_overrun", by=[CLOCK], source=RUNNING, dest=None, clause=C, quiet=True, tells=EVERYBODY,
        says="The drill runs on past its planned time.",
    ),
]  # fmt: skip

escalations = [
    Escalation(
        "overrun", chain="drill_overrun", starts=["note_overrun"], stops=STOPPED,
        says="Calls those who can end it while a drill goes on beyond its planned time.",
    ),
    Escalation(
        "late_status_report", chain="drill_status_report_late", starts=["note_status_report_late"],
        stops=["submit_status_report"],
        says="Calls those who answer for it while nobody has reported how the systems run after a drill.",
    ),
]

workflow = Workflow(
    kind="drill",
    clause=C,
    prefix="D",
    says="An emergency drill: planned by the client, played by both parties, assessed, and drawn lessons from.",
    states=STATES,
    actions=[*planning, *writing, *getting_ready, *running, *afterwards, *putting_right],
    deadlines=[
        Deadline(
            "planned_time", clause=C, until="window_end", starts=["approve_drill", "postpone"],
            stops=["declare_start", PLANNED], missed="note_time_passed",
            says="The drill starts within its planned time, or is postponed.",
        ),
        Deadline(
            "planned_end", clause=C, until="window_end", starts=["declare_start"], stops=STOPPED, missed="note_overrun",
            says="The drill is over by the end of its planned time.",
        ),
        Deadline(
            "status_report", clause=C, within="drill.status_report_by", starts=["declare_end", "terminate_early", "stop_drill"],
            stops=["submit_status_report"], missed="note_status_report_late", party=SUPPLIER,
            says="How the systems run is reported in writing by the end of the day after the drill, holiday or not.",
        ),
    ],
    papers=PAPERS,
    gathers=["tickets:reboot,drill", "current:fault"],
    notices=[
        drill_notice, real_fault_notice, fault_meanwhile_notice, overdue_rectification_notice, comprehensive_notice,
        legal_notice, review_notice, next_plan_notice,
    ],
    figures=["drill.comprehensive_every", "drill.legal_every", "drill.next_plan_by", "fault.late_entry_within"],
    reports=[PLAN_LIBRARY],
    escalations=escalations,
    tasks=[NEXT_YEARS_PLAN],
)  # fmt: skip
