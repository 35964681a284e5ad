"""Faults (C4.5–C4.7, C9.16): answered by a person, removed in time, reported on, and closed by the client alone.

Four limits run side by side, each from its own start, round the clock: they cannot be chained, because the time for
removal is shorter than the time for arrival. That the service is back, that the cause is known and that the fault is
closed are three different things, and the first two come in either order. Nothing closes by silence.
"""

from __future__ import annotations

from workflow.declare import (
    ALWAYS,
    ANY,
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    CLOCK,
    DESK,
    SUPERVISOR,
    SUPERVISOR_REVIEWER,
    SUPPLIER,
    SUPPLIER_DESK,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    SUPPLIER_ROLES,
    Action,
    State,
    Workflow,
)
from workflow.fault import forms as forms
from workflow.fault import incident
from workflow.fault.calls import escalations
from workflow.fault.guards import (
    FAULT_REPORT,
    LEVELS,
    another_fault,
    arrival_is_settled,
    cause_or_problem_on_record,
    channel_is_stated,
    entered_in_time,
    importance,
    initial_report_is_owed,
    lateness,
    level_differs,
    lowered_by_the_client,
    merge_is_proposed,
    never_reopened,
    newest_report_is_approved,
    no_arrival_is_proposed,
    no_problem_is_open,
    nobody_arrived,
    other_fault_still_stands,
    problem_is_open,
    result_was_fed_back,
    review_is_told,
    severity_is_judged,
    supervisor_or_in_its_place,
    times_are_possible,
    within_the_reopening_time,
)
from workflow.fault.limits import deadlines
from workflow.fault.record import (
    COMPUTED,
    NOTICES,
    agreed_merge,
    closing_clocks,
    complaint_of_it,
    merged_into,
    report_from_the_record,
)
from workflow.guards import by_another_than, done_apart, identified, signed, within_the_term

ALL = (CLIENT, SUPPLIER, SUPERVISOR)

# --- states ----------------------------------------------------------------------------------------------------------

REPORTED = State("reported", "C9.16", "The report has reached the supplier and is not registered yet.", awaits=SUPPLIER)
REGISTERED = State("registered", "C9.16", "The fault is registered and an engineer is in charge; nobody has "
                                          "responded yet.",
                   awaits=SUPPLIER)
RESPONDED = State("responded", "C4.6", "A person of the supplier has answered the client; diagnosis has not "
                                       "begun.",
                  awaits=SUPPLIER)
DIAGNOSING = State("diagnosing", "C9.16", "The supplier looks for the cause; the service is not back.", awaits=SUPPLIER)
REPAIRING = State("repairing", "C4.7", "The supplier carries out a measure; the service is not back.", awaits=SUPPLIER)
RESTORED = State("restored", "C4.7",
                 "The service is back. Whether the cause is known is another matter; the client is owed the "
                 "result.",
                 awaits=SUPPLIER)
RESULT_FED_BACK = State("result_fed_back", "C9.16", "The client knows the result; the written report is owed.",
                        awaits=SUPPLIER)
REPORT_PREPARED = State("report_prepared", "C9.16",
                        "The written report is prepared; a second person checks it and a third one signs and "
                        "submits it.",
                        awaits=SUPPLIER)
REPORT_SUBMITTED = State("report_submitted", "C9.12",
                         "The written report lies with the supervisor; where the contract has none, with the client.",
                         awaits=SUPERVISOR, or_else=CLIENT)
RETURNED = State("returned", "C9.12", "The written report was sent back with reasons; a new version is owed.",
                 awaits=SUPPLIER)
REVIEWED = State("reviewed", "C9.12", "The written report is approved; only the client's confirmation closes "
                                      "the fault.",
                 awaits=CLIENT)
CLOSED = State("closed", "C8.3", "The client has confirmed and rated. For a while the fault can still be "
                                 "reopened.",
               awaits=DESK)
ARCHIVED = State("archived", "C9.16", "Closed for good: the time for reopening has run out.", final=True)
MERGED = State("merged", "C9.16", "It repeats another fault, and the client agreed that they are one.", final=True)
WITHDRAWN = State("withdrawn", "C9.16", "Reported by mistake and withdrawn by the client; it stays on record.",
                  final=True)

BEFORE_RESTORATION = (REPORTED, REGISTERED, RESPONDED, DIAGNOSING, REPAIRING)
WITH_THE_SUPPLIER = (REGISTERED, RESPONDED, DIAGNOSING, REPAIRING, RESTORED, RESULT_FED_BACK, RETURNED)
SINCE_RESTORATION = (RESTORED, RESULT_FED_BACK, REPORT_PREPARED, REPORT_SUBMITTED, RETURNED, REVIEWED)
BEFORE_CLOSING = (*BEFORE_RESTORATION, *SINCE_RESTORATION)

# --- acts ------------------------------------------------------------------------------------------------------------

reporting = [
    Action(
        "report", by=[*CLIENT_ROLES, SUPPLIER_DESK, SUPPLIER_ENGINEER], source=None, dest=REPORTED, clause="C9.16",
        form=forms.FaultReport, amends=True, tells=ALL, computes=importance,
        guards=[within_the_term, channel_is_stated, times_are_possible, entered_in_time],
        says="The client reports a fault here, or the supplier enters one that reached it by phone, message, "
             "mail or monitoring.",
    ),
    Action(
        "register", by=[SUPPLIER_DESK, SUPPLIER_MANAGER], source=REPORTED, dest=REGISTERED, clause="C9.16",
        form=forms.Registration, tells=ALL,
        says="The service desk registers the fault at once and puts an engineer in charge. This is not yet a "
             "response.",
    ),
    Action(
        "withdraw", by=CLIENT_ROLES, source=[REPORTED, REGISTERED], dest=WITHDRAWN, clause="C9.16", form=forms.Reason,
        guards=[never_reopened, incident.no_incident_report_is_owed], tells=ALL,
        says="The client withdraws a report made by mistake, before anybody has responded.",
    ),
]
handling = [
    Action(
        "respond", by=SUPPLIER_ROLES, source=REGISTERED, dest=RESPONDED, clause="C4.6", form=forms.Response, tells=ALL,
        says="A person of the supplier answers the client, by a named means and in substance. Only this stops "
             "the time for response.",
    ),
    Action(
        "diagnose", by=SUPPLIER_ROLES, source=RESPONDED, dest=DIAGNOSING, clause="C9.16", form=forms.Diagnosis,
        tells=[CLIENT],
        says="Diagnosis begins.",
    ),
    Action(
        "record_step", by=SUPPLIER_ROLES, source=WITH_THE_SUPPLIER, dest=None, clause="C9.16", form=forms.Step,
        quiet=True,
        says="Adds one step to the fault record: what was done, and what it showed.",
    ),
    Action(
        "arrive", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=WITH_THE_SUPPLIER, dest=None, clause="C4.6",
        form=forms.Arrival, tells=[CLIENT], says="An engineer is at the cloud centre.",
    ),
    Action(
        "locate", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER],
        source=[DIAGNOSING, REPAIRING, RESTORED, RESULT_FED_BACK, RETURNED], dest=None, clause="C4.7", form=forms.Cause,
        tells=ALL, says="The cause is located: before the service is back, or after.",
    ),
    Action(
        "repair", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=DIAGNOSING, dest=REPAIRING, clause="C4.7",
        form=forms.Repair, tells=[CLIENT], says="A measure against the fault begins.",
    ),
    Action(
        "restore", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=[DIAGNOSING, REPAIRING], dest=RESTORED,
        clause="C4.7", form=forms.Restoration, tells=ALL,
        says="The service is back and has been verified, for good or by a workaround.",
    ),
    Action(
        "open_problem", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=[RESTORED, RESULT_FED_BACK, RETURNED],
        dest=None, clause="C9.16", form=forms.Problem, guards=[no_problem_is_open], tells=ALL,
        says="Opens a problem record for what the restoration left unsolved, with somebody in charge of it.",
    ),
    Action(
        "resolve_problem", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER],
        source=[*SINCE_RESTORATION, CLOSED, ARCHIVED], dest=None, clause="C9.16", form=forms.ProblemSolution,
        guards=[problem_is_open], tells=ALL,
        says="The problem is solved for good: cause and lasting measure are known.",
    ),
    Action(
        "feed_back", by=SUPPLIER_ROLES, source=BEFORE_CLOSING, dest=None, clause="C9.16", form=forms.Progress,
        quiet=True, tells=[CLIENT, SUPERVISOR],
        says="Reports progress to the client and begins the next interval. What was said stays; a correction "
             "is another report.",
    ),
    Action(
        "report_initially", by=SUPPLIER_ROLES, source=SINCE_RESTORATION, dest=None, clause="C9.16",
        form=forms.InitialReport, guards=[initial_report_is_owed], tells=ALL,
        says="At the highest level: tells everybody what is known so far, soon after the service is back. The written "
             "report follows.",
    ),
    Action(
        "reassign", by=[SUPPLIER_DESK, SUPPLIER_MANAGER], source=BEFORE_CLOSING[1:], dest=None, clause="C9.16",
        form=forms.Reassignment, tells=[CLIENT, SUPPLIER], says="Puts another engineer in charge.",
    ),
    Action(
        "change_level", by=[*CLIENT_ROLES, *SUPPLIER_ROLES], source=BEFORE_CLOSING, dest=None, clause="C9.16",
        form=forms.LevelChange, guards=[level_differs, lowered_by_the_client], tells=ALL,
        says="Sets another level, with the reason. The limits of the contract stay. A higher one brings feedback and "
             "report forward, counted from now; a lower one puts no running limit off.",
    ),
    Action(
        "judge_severity", by=[CLIENT_APPROVER], source=ANY, dest=None, clause="C9.16", form=forms.Severity,
        guards=[identified], tells=ALL,
        says="An authorised person of the client judges whether this is a network security incident that must "
             "be reported, and of which grade.",
    ),
    incident.reporting,
]
agreeing = [
    Action(
        "propose_no_arrival", by=SUPPLIER_ROLES, source=WITH_THE_SUPPLIER, dest=None, clause="C4.6",
        form=forms.NoArrival, guards=[nobody_arrived], tells=[CLIENT],
        says="The supplier states why nobody needs to come. The time for arrival runs on.",
    ),
    Action(
        "agree_no_arrival", by=CLIENT_ROLES, source=BEFORE_CLOSING, dest=None, clause="C4.6",
        guards=[no_arrival_is_proposed, identified], tells=ALL,
        says="The client agrees that nobody needs to come; arrival is no longer owed.",
    ),
    Action(
        "decline_no_arrival", by=CLIENT_ROLES, source=BEFORE_CLOSING, dest=None, clause="C4.6", form=forms.Reason,
        guards=[no_arrival_is_proposed], tells=[SUPPLIER], says="The client insists that somebody comes.",
    ),
    Action(
        "propose_merge", by=SUPPLIER_ROLES, source=BEFORE_RESTORATION, dest=None, clause="C9.16", form=forms.Duplicate,
        guards=[another_fault], tells=[CLIENT, SUPERVISOR],
        says="The supplier proposes to merge this fault into another that it repeats. Until the client agrees "
             "nothing changes.",
    ),
    Action(
        "agree_merge", by=CLIENT_ROLES, source=BEFORE_RESTORATION, dest=MERGED, clause="C9.16", computes=agreed_merge,
        effects=[merged_into], tells=ALL,
        guards=[merge_is_proposed, other_fault_still_stands, incident.no_incident_report_is_owed, identified],
        says="The client agrees that both are one fault.",
    ),
    Action(
        "decline_merge", by=CLIENT_ROLES, source=BEFORE_RESTORATION, dest=None, clause="C9.16", form=forms.Reason,
        guards=[merge_is_proposed], tells=[SUPPLIER, SUPERVISOR],
        says="The client holds that this is a fault of its own.",
    ),
]
closing = [
    Action(
        "feed_back_result", by=SUPPLIER_ROLES, source=RESTORED, dest=RESULT_FED_BACK, clause="C9.16",
        form=forms.Result, tells=ALL,
        says="The supplier tells the client the result. The written report follows.",
    ),
    Action(
        "prepare_report", by=[SUPPLIER_DESK, SUPPLIER_ENGINEER],
        source=[RESULT_FED_BACK, REPORT_PREPARED, REPORT_SUBMITTED, RETURNED, REVIEWED], dest=REPORT_PREPARED,
        clause="C9.16", form=forms.FaultReportPaper, files=FAULT_REPORT, computes=report_from_the_record,
        guards=[arrival_is_settled, cause_or_problem_on_record, review_is_told], tells=[SUPPLIER],
        says="Prepares the written report, or a new version of it, which voids checks and approvals of the one "
             "before.",
    ),
    Action(
        "check_report", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=REPORT_PREPARED, dest=None, clause="C9.16",
        signs=FAULT_REPORT, guards=[by_another_than("prepare_report", clause="C9.16"), identified], tells=[SUPPLIER],
        says="A second person of the supplier checks the report and signs it.",
    ),
    Action(
        "submit_report", by=[SUPPLIER_MANAGER], source=REPORT_PREPARED, dest=REPORT_SUBMITTED, clause="C9.16",
        signs=FAULT_REPORT, tells=ALL,
        guards=[
            signed(FAULT_REPORT, by=(SUPPLIER_ENGINEER, SUPPLIER_MANAGER), clause="C9.16", meaning="check_report"),
            by_another_than("prepare_report", "check_report", clause="C9.16"),
            done_apart("prepare_report", "check_report", clause="C9.16"), identified,
        ],
        says="A third person, a manager, approves the report for the supplier and submits it to the "
             "supervisor.",
    ),
    Action(
        "approve_report", by=[SUPERVISOR_REVIEWER, *CLIENT_ROLES], source=REPORT_SUBMITTED, dest=REVIEWED,
        clause="C9.12",
        form=forms.Approval, signs=FAULT_REPORT, guards=[supervisor_or_in_its_place, identified], tells=ALL,
        says="The supervisor approves this version of the report; where the contract has none, the client "
             "does.",
    ),
    Action(
        "return_report", by=[SUPERVISOR_REVIEWER, *CLIENT_ROLES], source=REPORT_SUBMITTED, dest=RETURNED,
        clause="C9.12", form=forms.Returning, guards=[supervisor_or_in_its_place], tells=ALL,
        says="The supervisor sends the report back, with reasons.",
    ),
    Action(
        "object_to_report", by=CLIENT_ROLES, source=REVIEWED, dest=RETURNED, clause="C8.3",
        form=forms.Returning, tells=ALL,
        says="The client does not confirm, and says what must be corrected in the report.",
    ),
    Action(
        "contest_restoration", by=CLIENT_ROLES, source=SINCE_RESTORATION, dest=DIAGNOSING, clause="C4.7",
        form=forms.Reason, tells=ALL,
        says="The client finds that the service is not back. The time for removal runs on from where it began.",
    ),
    Action(
        "confirm", by=CLIENT_ROLES, source=REVIEWED, dest=CLOSED, clause="C8.3", form=forms.Confirmation,
        signs=FAULT_REPORT, computes=closing_clocks, tells=ALL,
        guards=[
            result_was_fed_back, newest_report_is_approved, severity_is_judged, incident.no_incident_report_is_owed,
            identified,
        ],
        says="The client confirms that the fault is over and rates how it was handled. Silence confirms "
             "nothing.",
    ),
    Action(
        "reopen", by=[*CLIENT_ROLES, SUPPLIER_DESK, SUPPLIER_ENGINEER], source=CLOSED, dest=REPORTED, clause="C9.16",
        form=forms.Recurrence, computes=lateness, tells=ALL,
        guards=[within_the_reopening_time, channel_is_stated, times_are_possible, entered_in_time],
        says="The fault is back. It keeps its number and its old results; every limit runs anew.",
    ),
    Action(
        "archive", by=[CLOCK], source=CLOSED, dest=ARCHIVED, clause="C9.16", quiet=True,
        says="The time for reopening has run out; the fault that the client closed is archived.",
    ),
]
complaining = [
    Action(
        "complain", by=CLIENT_ROLES, source=ALWAYS, dest=None, clause="C3.4", form=forms.Complaint, quiet=True,
        effects=[complaint_of_it],
        says="The client complains of how the fault is handled, or suggests something. It stands in the queue of the "
             "supplier's team for customer relations from then on.",
    ),
]


def noted(name: str, clause: str, says: str) -> Action:
    """A breach as the clock puts it on record at its moment, even if nobody looks. It moves nothing."""
    return Action(name, by=[CLOCK], source=ANY, dest=None, clause=clause, quiet=True, tells=ALL, says=says)


noting = [
    noted("note_late_response", "C4.6", "Nobody has responded in time."),
    noted("note_late_arrival", "C4.6", "Nobody has arrived at the cloud centre in time."),
    noted("note_late_removal", "C4.7", "The fault was not located and removed in time."),
    noted("note_missed_feedback", "C9.16", "Progress was not reported in the interval."),
    noted("note_late_initial_report", "C9.16", "The first report was not made in time."),
    noted("note_late_report", "C9.16", "The written report was not submitted in time."),
    noted("note_late_review", "C9.12", "The report was not reviewed in time. It counts neither as approved nor "
                                       "as returned."),
    *incident.noting,
]

workflow = Workflow(
    kind="fault", clause="C9.16", prefix="F",
    says="A fault of the service: reported, registered, answered, attended, removed, reported on, reviewed and "
         "confirmed.",
    states=[
        REPORTED, REGISTERED, RESPONDED, DIAGNOSING, REPAIRING, RESTORED, RESULT_FED_BACK, REPORT_PREPARED,
        REPORT_SUBMITTED, RETURNED, REVIEWED, CLOSED, ARCHIVED, MERGED, WITHDRAWN,
    ],
    actions=[*reporting, *handling, *agreeing, *closing, *complaining, *noting],
    deadlines=[*deadlines, *incident.deadlines],
    papers=[FAULT_REPORT],
    gathers={"open:fault": ["propose_merge", "agree_merge"]},
    computed=COMPUTED,
    notices=NOTICES,
    escalations=escalations,
    supposes={"important": (True, False)},
    figures=[
        "fault.removal", "fault.removal_important", "fault.feedback_after_restore", "fault.removal_ends_with",
        "fault.late_entry_within", incident.WITHIN, *(f"fault.{what}_{one}" for what in ("feedback", "report") for one in LEVELS),
    ],
)
