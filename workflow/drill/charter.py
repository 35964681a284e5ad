"""Who has which act of an emergency drill, where, and what comes of it: read off C9.15, C9.5, C9.12 and C9.16, act by act."""

from __future__ import annotations

from workflow.declare import (
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
    SUPPLIER_RELATIONS,
)
from workflow.drill.states import (
    ABANDONED,
    ARCHIVED,
    ASSESSED,
    CANCELLED,
    DRILL_APPROVED,
    ENDED,
    PARTICIPANTS_NOTIFIED,
    PLAN_KEPT,
    PLAN_REVISED,
    PLANNED,
    PRECHECKED,
    READY,
    RUNNING,
    SCHEME_REVIEWED,
    SCHEME_SUBMITTED,
    STATES,
    STATUS_REPORTED,
    SUMMARISED,
    SYSTEMS_RESTORED,
    TERMINATED_EARLY,
)
from workflow.prove.charter import TEXT, OnTrial, Right, charter, everybodys, files, given, opens, signs
from workflow.prove.standing import WITH_COMPLAINTS, rights

BOTH, EACH = (CLIENT, SUPPLIER), (CLIENT, SUPPLIER, SUPERVISOR)
APPROVER, WHO_WATCHES = (CLIENT_APPROVER,), (SUPERVISOR_REVIEWER,)
ANYBODY_OF_THE_CLIENT = (CLIENT_STAFF, CLIENT_APPROVER)
WHO_PLANS = (*ANYBODY_OF_THE_CLIENT, SUPPLIER_MANAGER)
WHO_WRITES = (*ANYBODY_OF_THE_CLIENT, SUPPLIER_ENGINEER, SUPPLIER_MANAGER)
WHO_PLAYS = (*WHO_WRITES, SUPPLIER_DESK)
WHO_JUDGES = (*WHO_PLANS, SUPERVISOR_REVIEWER)
NOT_STARTED = (
    DRILL_APPROVED, SCHEME_SUBMITTED, SCHEME_REVIEWED, PARTICIPANTS_NOTIFIED, PRECHECKED, READY,
)  # fmt: skip
OVER = (ENDED, TERMINATED_EARLY)
SUMMED_UP = (SUMMARISED, PLAN_REVISED, PLAN_KEPT)
UNTIL_ASSESSED = (*OVER, SYSTEMS_RESTORED, STATUS_REPORTED, ASSESSED)
TO_PUT_RIGHT = (ASSESSED, *SUMMED_UP)
IN_THE_FOLLOW_UP = (*UNTIL_ASSESSED, *SUMMED_UP)
PLAN, SCHEME, RECORD = "drill_plan", "drill_scheme", "drill_record"
NOTED = ("deadline", "due_at")
MARKED = ("is_drill", "mark")
"""R2.9 of the reference: whatever is said of a drill says that it is one."""
HOW_IT_RAN = (*MARKED, "entries", "started_at", "ended_at", "declared_by")

planned = (
    # C9.15: the client owns the plan and agrees to it; the supplier helps to draft it, and says where it cannot take part.
    Right("plan_drill", "C9.15", WHO_PLANS, (), PLANNED, BOTH, (TEXT, files(PLAN)), MARKED),
    Right("amend_plan", "C9.15", WHO_PLANS, (PLANNED, *NOT_STARTED), PLANNED, EACH, (TEXT, files(PLAN)), MARKED,
          meets=("planned_time",)),
    Right("approve_drill", "C9.15", APPROVER, (PLANNED,), DRILL_APPROVED, EACH, (signs(PLAN),), ("is_only_a_drill",),
          begins=("planned_time",)),
    Right("decline_plan", "C9.15", (SUPPLIER_MANAGER,), NOT_STARTED, PLANNED, EACH, states=("reason",),
          meets=("planned_time",)),
    Right("postpone", "C9.15", APPROVER, (SCHEME_REVIEWED, PARTICIPANTS_NOTIFIED, PRECHECKED, READY), SCHEME_REVIEWED,
          EACH, (TEXT, files(PLAN), signs(PLAN)), MARKED, begins=("planned_time",)),
    Right("cancel", "C9.15", WHO_PLANS, (PLANNED, *NOT_STARTED), CANCELLED, EACH, states=("reason",)),
    Right("note_time_passed", "C9.15", (CLOCK,), NOT_STARTED, tells=BOTH, states=NOTED),
)  # fmt: skip
written = (
    # C9.15: the client leads, engineers and managers of the supplier assist; who wrote none of it finds that it will do.
    Right("draft_scheme", "C9.15", WHO_WRITES, (DRILL_APPROVED,), None, BOTH, (files(SCHEME),), MARKED),
    Right("arrange_support", "C9.15", WHO_WRITES, (DRILL_APPROVED,), None, BOTH, (files("drill_support"),), MARKED),
    Right("set_assessment", "C9.15", WHO_WRITES, (DRILL_APPROVED,), None, BOTH, (files("drill_assessment_scheme"),), MARKED),
    Right("add_step", "C9.15", WHO_WRITES, (DRILL_APPROVED,)),
    Right("drop_step", "C9.15", WHO_WRITES, (DRILL_APPROVED,)),
    Right("write_script", "C9.15", WHO_WRITES, (DRILL_APPROVED,), None, BOTH, (files("drill_script"),), (*MARKED, "steps")),
    Right("set_fallback", "C9.15", WHO_WRITES, (DRILL_APPROVED,), None, BOTH, (files("drill_fallback"),), MARKED),
    Right("link_operation", "C9.5", WHO_WRITES, (*NOT_STARTED, RUNNING), None, BOTH),
    Right("submit_scheme", "C9.15", WHO_WRITES, (DRILL_APPROVED,), SCHEME_SUBMITTED, EACH),
    Right("review_scheme", "C9.15", (*ANYBODY_OF_THE_CLIENT, *WHO_WATCHES), (SCHEME_SUBMITTED,), SCHEME_REVIEWED, EACH,
          (signs(SCHEME),)),
    Right("return_scheme", "C9.15", (*ANYBODY_OF_THE_CLIENT, *WHO_WATCHES), (SCHEME_SUBMITTED,), DRILL_APPROVED, EACH,
          states=("reason",)),
)  # fmt: skip
made_ready = (
    # C9.15: the client tells those concerned; controls are checked, confirmed by another, and the start is declared aloud.
    Right("notify_participants", "C9.15", ANYBODY_OF_THE_CLIENT, (SCHEME_REVIEWED,), PARTICIPANTS_NOTIFIED, EACH,
          states=(*MARKED, "message")),
    Right("precheck", "C9.15", WHO_WRITES, (PARTICIPANTS_NOTIFIED, PRECHECKED, READY), PRECHECKED, BOTH),
    Right("confirm_precheck", "C9.15", WHO_PLAYS, (PRECHECKED,), READY, BOTH),
    Right("declare_start", "C9.15", WHO_PLAYS, (READY,), RUNNING, EACH, states=(*MARKED, "declared"),
          begins=("planned_end",), meets=("planned_time",)),
)  # fmt: skip
played = (
    # C9.15: recorded as it happens; anybody who takes part stops it, the command ends it, and a real fault is one (C9.16).
    Right("record_entry", "C9.15", WHO_PLAYS, (RUNNING,)),
    Right("report_incident", "C9.15", WHO_PLAYS, (RUNNING,), None, EACH,
          (files("drill_incident_report"), signs("drill_incident_report")), (*MARKED, "ordinal", "issued_by")),
    Right("report_real_fault", "C9.16", (*ANYBODY_OF_THE_CLIENT, SUPPLIER_DESK, SUPPLIER_ENGINEER), (RUNNING, *OVER), None,
          EACH, (opens("fault"),)),
    Right("declare_end", "C9.15", WHO_PLAYS, (RUNNING,), ENDED, EACH, (files(RECORD),), HOW_IT_RAN,
          begins=("status_report",), meets=("planned_end",)),
    Right("terminate_early", "C9.15", WHO_PLAYS, (RUNNING,), TERMINATED_EARLY, EACH, (files(RECORD),),
          (*HOW_IT_RAN, "cause"), begins=("status_report",), meets=("planned_end",)),
    Right("stop_drill", "C9.15", WHO_PLAYS, (RUNNING,), TERMINATED_EARLY, EACH, (files(RECORD),),
          (*HOW_IT_RAN, "cause"), begins=("status_report",), meets=("planned_end",)),
    Right("note_overrun", "C9.15", (CLOCK,), (RUNNING,), None, EACH, states=NOTED),
)  # fmt: skip
followed_up = (
    # C9.15: restored and reported on the next day, confirmed by both, assessed by who did not carry it out, summed up.
    Right("add_late_record", "C9.15", WHO_PLAYS, IN_THE_FOLLOW_UP, None, EACH, (files(RECORD),),
          (*MARKED, "is_late", "entered_at", "entries", "reason")),
    Right("restore_systems", "C9.15", WHO_WRITES, OVER, SYSTEMS_RESTORED, EACH),
    Right("submit_status_report", "C9.15", (SUPPLIER_ENGINEER, SUPPLIER_MANAGER), (SYSTEMS_RESTORED,), STATUS_REPORTED, EACH,
          (files("drill_status_report"), signs("drill_status_report")), MARKED, meets=("status_report",)),
    Right("note_status_report_late", "C9.15", (CLOCK,), (*OVER, SYSTEMS_RESTORED), None, EACH, states=NOTED),
    Right("confirm_participation", "C9.15", WHO_PLAYS, UNTIL_ASSESSED, None, BOTH, (files("drill_participation"),),
          (*MARKED, "party", "started_at", "ended_at")),
    Right("assess", "C9.15", WHO_JUDGES, (STATUS_REPORTED,), ASSESSED, EACH,
          (files("drill_assessment"), signs("drill_assessment")), MARKED),
    Right("rate", "C9.12", WHO_WATCHES, (*IN_THE_FOLLOW_UP, ARCHIVED), None, EACH),
    Right("summarise", "C9.15", WHO_PLANS, (ASSESSED,), SUMMARISED, EACH, (files("drill_summary"), signs("drill_summary")),
          (*MARKED, "started_at", "ended_at", "ended_by", "incidents", "scores", "rectifications")),
)  # fmt: skip
put_right = (
    # C9.15: each problem has an owner and a day, another judges it, and what is learned goes into the emergency plan.
    Right("add_rectification", "C9.15", WHO_JUDGES, TO_PUT_RIGHT, None, EACH, states=("item", "owner", "due_at", "measure")),
    Right("reassign_rectification", "C9.15", WHO_PLANS, TO_PUT_RIGHT, None, EACH, states=("owner", "due_at", "reason")),
    Right("finish_rectification", "C9.15", WHO_PLAYS, TO_PUT_RIGHT, None, EACH, states=("evidence",)),
    Right("verify_rectification", "C9.15", WHO_JUDGES, TO_PUT_RIGHT, None, EACH, states=("finding",)),
    Right("return_rectification", "C9.15", WHO_JUDGES, TO_PUT_RIGHT, None, EACH, states=("reason",)),
    Right("accept_risk", "C9.15", APPROVER, TO_PUT_RIGHT, None, EACH,
          (files("drill_risk_acceptance"), signs("drill_risk_acceptance")), MARKED),
    Right("revise_plan", "C9.15", WHO_WRITES, (SUMMARISED, PLAN_KEPT), PLAN_REVISED, EACH, (files("drill_revised_plan"),),
          (*MARKED, "new_version")),
    Right("keep_plan", "C9.15", ANYBODY_OF_THE_CLIENT, (SUMMARISED,), PLAN_KEPT, EACH, states=("reason",)),
    Right("archive", "C9.15", APPROVER, (PLAN_REVISED, PLAN_KEPT), ARCHIVED, EACH,
          states=(*MARKED, "emergency_plan", "plan_version", "scope", "counts_as_drill", "drilled_on", "reviewed_on")),
    Right("abandon", "C9.15", APPROVER, IN_THE_FOLLOW_UP, ABANDONED, EACH, states=("reason",)),
)  # fmt: skip

# C9.3, C7.2: the supplier alone owes something within a limit, the report on the systems, and owes it once the run is over.
beside = rights(
    by=(SUPPLIER_DESK, SUPPLIER_ENGINEER, SUPPLIER_MANAGER, SUPPLIER_RELATIONS), owed=(*OVER, SYSTEMS_RESTORED),
    begun=(*IN_THE_FOLLOW_UP, ARCHIVED, ABANDONED),
)  # fmt: skip

CHARTER = charter(
    *planned, *written, *made_ready, *played, *followed_up, *put_right, *beside, *everybodys(STATES, EACH)
)
EQUIVALENT = {"plan_drill does not change what is said": "The act that opens a ticket writes its text in any case."}
"""Mutants of the declaration that come to the same as it does, each with the reason."""
ON_TRIAL = OnTrial(given(CHARTER, elsewhere=WITH_COMPLAINTS), EQUIVALENT, elsewhere=WITH_COMPLAINTS)
