"""Complaints and suggestions (C3.4): taken up by the supplier's team for customer relations, answered, and settled by the
client alone.

They stand in a queue of their own, apart from the fault that somebody may complain of: whoever handles the fault does
not handle the complaint about it, and neither closes the other. Silence settles nothing.
"""

from __future__ import annotations

from workflow.complaint import forms as forms
from workflow.complaint.guards import (
    by_whoever_is_in_charge,
    given_to_another,
    in_charge,
    not_about_oneself,
    not_content,
)
from workflow.declare import (
    ANY,
    CLIENT,
    CLIENT_ROLES,
    CLOCK,
    SUPERVISOR,
    SUPPLIER,
    SUPPLIER_MANAGER,
    SUPPLIER_RELATIONS,
    Action,
    Deadline,
    State,
    Workflow,
)
from workflow.escalation import Escalation

ALL = (CLIENT, SUPPLIER, SUPERVISOR)
TEAM = (SUPPLIER_RELATIONS, SUPPLIER_MANAGER)
"""Who handles complaints; the manager where the team has nobody, or answers for it."""

# --- states ----------------------------------------------------------------------------------------------------------

RAISED = State("raised", "C3.4", "The client complains or suggests; nobody of the supplier's team has taken it up.",
               awaits=SUPPLIER)
TAKEN_UP = State("taken_up", "C3.4", "Somebody of the supplier's team is in charge of it; the answer is owed.",
                 awaits=SUPPLIER)
ANSWERED = State("answered", "C3.4", "The supplier has answered; the client says whether that settles it.",
                 awaits=CLIENT)
RESOLVED = State("resolved", "C8.3", "The client accepts the answer and has rated it.", final=True)
RETRACTED = State("retracted", "C3.4", "The client takes it back; it stays on record.", final=True)

# --- acts ------------------------------------------------------------------------------------------------------------

actions = [
    Action(
        "raise_complaint", by=CLIENT_ROLES, source=None, dest=RAISED, clause="C3.4", form=forms.Complaint, amends=True,
        tells=ALL,
        says="The client complains or suggests. It goes to the supplier's team for customer relations.",
    ),
    Action(
        "take_up", by=TEAM, source=[RAISED, TAKEN_UP], dest=TAKEN_UP, clause="C3.4", form=forms.TakingUp, tells=ALL,
        guards=[not_about_oneself, given_to_another],
        says="The team names who is in charge of it, or hands it to somebody else.",
    ),
    Action(
        "record_finding", by=TEAM, source=TAKEN_UP, dest=None, clause="C3.4", form=forms.Finding, quiet=True,
        guards=[not_about_oneself],
        says="Records what the inquiry found.",
    ),
    Action(
        "answer", by=TEAM, source=TAKEN_UP, dest=ANSWERED, clause="C3.4", form=forms.Answer,
        guards=[by_whoever_is_in_charge, not_about_oneself],
        tells=ALL,
        says="The supplier answers: what was the matter, and what is changed.",
    ),
    Action(
        "accept_answer", by=CLIENT_ROLES, source=ANSWERED, dest=RESOLVED, clause="C8.3", form=forms.Acceptance, tells=ALL,
        says="The client accepts the answer and rates it. Silence accepts nothing.",
    ),
    Action(
        "reject_answer", by=CLIENT_ROLES, source=ANSWERED, dest=TAKEN_UP, clause="C3.4", form=forms.Reason, tells=ALL,
        says="The client is not content with the answer; another one is owed.",
    ),
    Action(
        "retract", by=CLIENT_ROLES, source=[RAISED, TAKEN_UP, ANSWERED], dest=RETRACTED, clause="C3.4", form=forms.Reason,
        tells=ALL,
        says="The client takes the complaint back.",
    ),
    Action(
        "note_late_taking_up", by=[CLOCK], source=ANY, dest=None, clause="C3.4", quiet=True, tells=ALL,
        says="Nobody has taken the complaint up in time.",
    ),
    Action(
        "note_late_answer", by=[CLOCK], source=ANY, dest=None, clause="C3.4", quiet=True, tells=ALL,
        says="The complaint was not answered in time.",
    ),
]

deadlines = [
    Deadline(
        "taking_up", clause="C3.4", missed="note_late_taking_up", within="complaint.taken_up_within",
        starts=["raise_complaint"], stops=["take_up"], party=SUPPLIER,
        says="Somebody of the supplier's team takes the complaint up.",
    ),
    Deadline(
        "answer", clause="C3.4", missed="note_late_answer", within="complaint.answered_within",
        starts=["raise_complaint", "reject_answer"], stops=["answer"], party=SUPPLIER,
        says="The supplier answers the complaint, and again where the client is not content.",
    ),
]


escalations = [
    Escalation(
        "late_taking_up", chain="complaint_not_taken_up", starts=["note_late_taking_up"], stops=["take_up"],
        says="Calls those who answer for it while nobody takes the complaint up.",
    ),
    Escalation(
        "late_answer", chain="complaint_not_answered", starts=["note_late_answer"], stops=["answer"],
        says="Calls those who answer for it while the complaint is not answered.",
    ),
]

workflow = Workflow(
    kind="complaint", clause="C3.4", prefix="K",
    says="A complaint or suggestion of the client: taken up by the supplier's team for customer relations, answered "
         "and settled.",
    states=[RAISED, TAKEN_UP, ANSWERED, RESOLVED, RETRACTED],
    actions=actions, deadlines=deadlines, notices=[in_charge, not_content], escalations=escalations,
)
