"""After a drill (C9.15): restored, reported the next day, assessed, summed up, put right, and drawn into the plan.

The second half of the declaration in `drill`.
"""

from __future__ import annotations

from workflow.declare import (
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    CLOCK,
    SUPERVISOR_REVIEWER,
    SUPPLIER,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    Action,
)
from workflow.drill.after_forms import (
    Assessment,
    LateRecord,
    Participation,
    PlanKept,
    PlanRevision,
    Rating,
    Rectification,
    RectificationDone,
    RectificationReassigned,
    RectificationReturned,
    RectificationVerified,
    RiskAccepted,
    StatusReport,
    Summary,
    SystemsRestored,
)
from workflow.drill.forms import Reason
from workflow.drill.guards import (
    another_version,
    by_another_than_its_owner,
    by_its_owner,
    date_is_ahead,
    not_of_the_implementing_group,
    nothing_left_to_rectify,
    participation_confirmed,
    poor_items_are_rectified,
    said_to_be_done,
    still_unsettled,
    while_the_drill_ran,
)
from workflow.drill.record import (
    ASSESSMENT,
    PARTICIPATION,
    RECORD,
    REVISED_PLAN,
    RISK_ACCEPTANCE,
    STATUS_REPORT,
    SUMMARY,
    confirmed_times,
    marked,
    numbered_rectification,
    outcome,
    record_after,
    summed_up,
)
from workflow.drill.states import (
    ABANDONED,
    AFTER,
    ARCHIVED,
    ASSESSED,
    AUTHORS,
    BOTH,
    CONFIRMABLE,
    EVERYBODY,
    PLAN_KEPT,
    PLAN_REVISED,
    SETTLING,
    STATUS_REPORTED,
    STOPPED,
    SUMMARISED,
    SYSTEMS_RESTORED,
    C,
)
from workflow.guards import identified

afterwards = [
    Action(
        "add_late_record", by=BOTH, source=AFTER, dest=None, clause=C, form=LateRecord, files=RECORD, computes=record_after,
        quiet=True, tells=EVERYBODY, guards=[while_the_drill_ran],
        says="Adds to the record after the end: marked as late, with the reason and the real time of entry.",
    ),
    Action(
        "restore_systems", by=AUTHORS, source=STOPPED, dest=SYSTEMS_RESTORED, clause=C, form=SystemsRestored,
        tells=EVERYBODY, says="The systems are back as they were, and the command group is told.",
    ),
    Action(
        "submit_status_report", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=SYSTEMS_RESTORED, dest=STATUS_REPORTED,
        clause=C, form=StatusReport, files=STATUS_REPORT, signs=STATUS_REPORT, computes=marked, tells=EVERYBODY,
        guards=[identified], says="The supplier reports in writing how the systems run.",
    ),
    Action(
        "note_status_report_late", by=[CLOCK], source=[*STOPPED, SYSTEMS_RESTORED], dest=None, clause=C, quiet=True,
        tells=EVERYBODY, says="The status report was not in by the end of the next day.",
    ),
    Action(
        "confirm_participation", by=BOTH, source=CONFIRMABLE, dest=None, clause=C, form=Participation, files=PARTICIPATION,
        computes=confirmed_times, tells=[CLIENT, SUPPLIER],
        says="One party puts on record who took part, and that the recorded times are right.",
    ),
    Action(
        "assess", by=[*CLIENT_ROLES, SUPPLIER_MANAGER, SUPERVISOR_REVIEWER], source=STATUS_REPORTED, dest=ASSESSED, clause=C,
        form=Assessment, files=ASSESSMENT, signs=ASSESSMENT, computes=marked, tells=EVERYBODY,
        guards=[identified, not_of_the_implementing_group],
        says="Somebody who did not carry the drill out scores its nine items and advises.",
    ),
    Action(
        "rate", by=[SUPERVISOR_REVIEWER], source=[*AFTER, ARCHIVED], dest=None, clause="C9.12", form=Rating, quiet=True,
        tells=EVERYBODY, says="The supervisor rates the drill. It moves nothing.",
    ),
    Action(
        "summarise", by=[*CLIENT_ROLES, SUPPLIER_MANAGER], source=ASSESSED, dest=SUMMARISED, clause=C, form=Summary,
        files=SUMMARY, signs=SUMMARY, computes=summed_up, tells=EVERYBODY,
        guards=[identified, participation_confirmed(CLIENT), participation_confirmed(SUPPLIER), poor_items_are_rectified],
        says="Sums the drill up. Times, scores and counts come from the record.",
    ),
]  # fmt: skip

putting_right = [
    Action(
        "add_rectification", by=[*CLIENT_ROLES, SUPPLIER_MANAGER, SUPERVISOR_REVIEWER], source=[ASSESSED, *SETTLING],
        dest=None, clause=C, form=Rectification, computes=numbered_rectification, tells=EVERYBODY, guards=[date_is_ahead],
        says="Names a problem, whose it is, until when and by what measure.",
    ),
    Action(
        "reassign_rectification", by=[*CLIENT_ROLES, SUPPLIER_MANAGER], source=[ASSESSED, *SETTLING], dest=None, clause=C,
        form=RectificationReassigned, tells=EVERYBODY, guards=[still_unsettled, date_is_ahead],
        says="Gives a rectification to another owner or another date, with the reason.",
    ),
    Action(
        "finish_rectification", by=BOTH, source=[ASSESSED, *SETTLING], dest=None, clause=C, form=RectificationDone,
        tells=EVERYBODY, guards=[by_its_owner, still_unsettled], says="The owner says what was done, with evidence.",
    ),
    Action(
        "verify_rectification", by=[*CLIENT_ROLES, SUPPLIER_MANAGER, SUPERVISOR_REVIEWER], source=[ASSESSED, *SETTLING],
        dest=None, clause=C, form=RectificationVerified, tells=EVERYBODY,
        guards=[said_to_be_done, by_another_than_its_owner], says="Somebody else finds that it is put right.",
    ),
    Action(
        "return_rectification", by=[*CLIENT_ROLES, SUPPLIER_MANAGER, SUPERVISOR_REVIEWER], source=[ASSESSED, *SETTLING],
        dest=None, clause=C, form=RectificationReturned, tells=EVERYBODY,
        guards=[said_to_be_done, by_another_than_its_owner], says="Somebody else finds that it is not put right yet.",
    ),
    Action(
        "accept_risk", by=[CLIENT_APPROVER], source=[ASSESSED, *SETTLING], dest=None, clause=C, form=RiskAccepted,
        files=RISK_ACCEPTANCE, signs=RISK_ACCEPTANCE, computes=marked, tells=EVERYBODY,
        guards=[identified, still_unsettled, by_another_than_its_owner],
        says="The client signs that it bears the risk that is left.",
    ),
    Action(
        "revise_plan", by=AUTHORS, source=[SUMMARISED, PLAN_KEPT], dest=PLAN_REVISED, clause=C, form=PlanRevision,
        files=REVISED_PLAN, computes=marked, tells=EVERYBODY, guards=[another_version],
        says="The emergency plan gets a new version from what the drill taught.",
    ),
    Action(
        "keep_plan", by=CLIENT_ROLES, source=SUMMARISED, dest=PLAN_KEPT, clause=C, form=PlanKept, tells=EVERYBODY,
        says="The emergency plan was reviewed and stays as it is, with the reason.",
    ),
    Action(
        "archive", by=[CLIENT_APPROVER], source=[PLAN_REVISED, PLAN_KEPT], dest=ARCHIVED, clause=C, computes=outcome,
        tells=EVERYBODY, guards=[identified, nothing_left_to_rectify], says="The client files the drill as done.",
    ),
    Action(
        "abandon", by=[CLIENT_APPROVER], source=AFTER, dest=ABANDONED, clause=C, form=Reason, tells=EVERYBODY,
        guards=[identified],
        says="The client gives up the follow-up. The drill then does not count as one of the emergency plan.",
    ),
]  # fmt: skip
