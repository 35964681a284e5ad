"""What is proved of complaints (C3.4): nobody handles one that concerns them, and the client alone settles it.

What every duty has beside its own acts is explored here in full: delays that are foretold, periods that are left out of a limit.
"""

from __future__ import annotations

from datetime import timedelta

from workflow.complaint import ANSWERED, RAISED, RESOLVED, RETRACTED, TAKEN_UP, workflow
from workflow.complaint.charter import CHARTER, STATES
from workflow.declare import CLIENT, CLIENT_ROLES, SUPPLIER, SUPPLIER_MANAGER, SUPPLIER_RELATIONS
from workflow.prove import Proof, charter, standing
from workflow.prove.claims import Step, can_always, enters_only_after, never, only_by
from workflow.prove.general import CALLS, general
from workflow.prove.scope import Fill, Scope, Who, after, cast

CAST = cast(
    staff="client.staff", approver="client.approver", relations="supplier.relations", colleague="supplier.relations",
    manager="supplier.manager", engineer="supplier.engineer", reviewer="supervisor.reviewer",
)
COMPLAINT = {"nature": "complaint", "about": "服务热线", "text": "两次打电话都无人接听。", "wish": None}
FILE = {"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}
FILLS = {
    "raise_complaint": [Fill({**COMPLAINT, "concerned": []}, "of nobody in particular"),
                        Fill({**COMPLAINT, "concerned": [Who("relations")]}, "of one of the team"),
                        Fill({**COMPLAINT, "concerned": [Who("manager")]}, "of the manager")],
    "take_up": [Fill({"owner": Who("relations")}, "for one of the team"), Fill({"owner": Who("colleague")}, "for another")],
    "remark": [Fill({"text": "已知悉。"}, only=("staff", "manager", "reviewer"))],
    "attach": [Fill(FILE, only=("staff", "manager"))],
}
PERIOD = standing.period("answer", after(), after(hours=1))
DELAY, NO_DELAY = (standing.delay("answer", after(hours=hours)) for hours in (960, 3))
SCOPES = (
    Scope(
        "course", "Everybody tries everything, in time and too late.",
        cast=CAST, fills=FILLS, moments=(timedelta(0), timedelta(days=3), timedelta(days=30)), leaves_out=standing.LEFT_OUT,
    ),
    Scope(
        "standing", "A delay is foretold, and a period is left out of a limit or not.",
        cast=CAST, moments=(timedelta(0), timedelta(hours=2), timedelta(days=30)), keeps=("answer",),
        fills={**FILLS, "raise_complaint": FILLS["raise_complaint"][:1], "take_up": FILLS["take_up"][:1],
               "propose_deduction": [Fill(PERIOD, only=("staff", "manager"))],
               "announce_delay": [Fill(DELAY, only=("manager", "staff")),
                                  Fill(NO_DELAY, "within the limit", only=("manager",), aside=True)]},
        at_most={"propose_deduction": 2, "reject_answer": 1},
    ),
    Scope(
        "everybody", "Somebody of every role tries everything in every state.",
        cast=(*CAST, *cast(desk="supplier.desk")), moments=(timedelta(0), timedelta(hours=2)), lapses=(), keeps=("answer",),
        fills={"raise_complaint": FILLS["raise_complaint"][:1], "take_up": FILLS["take_up"][:1],
               "propose_deduction": [Fill(PERIOD)], "announce_delay": [Fill(DELAY)], "attach": [Fill(FILE)]},
        at_most={"propose_deduction": 1, "reject_answer": 0},
    ),
)


def about_oneself(step: Step) -> bool:
    """Who acts is named in it, or it is not on record whom it concerns."""
    said = step.says("concerned")
    return said is None or step.person in said


def given_to_whom_it_concerns(step: Step) -> bool:
    """Whom it concerns is put in charge of it."""
    said = step.says("concerned")
    return said is None or step.filled("owner") in said


def by_somebody_else(step: Step) -> bool:
    """Who answers is neither in charge nor a manager."""
    taken = step.last("take_up")
    in_charge = taken is not None and taken.fields.get("owner") == step.person
    return not in_charge and not step.holds(step.person, SUPPLIER_MANAGER)


CLAIMS = (
    *general(
        workflow, binding=(), by_clock={"note_late_taking_up": None, "note_late_answer": None},
        unlimited=(ANSWERED,), ends_alone={"client": (RAISED, TAKEN_UP, ANSWERED)},
    ),
    never("K1", "C3.4", "Nobody handles a complaint that concerns them.", acts=("take_up", "record_finding", "answer"),
          when=about_oneself),
    never("K2", "C3.4", "Nobody is put in charge of a complaint that concerns them.", acts=("take_up",),
          when=given_to_whom_it_concerns),
    never("K3", "C3.4", "Only whoever is in charge answers, or a manager.", acts=("answer",), when=by_somebody_else),
    enters_only_after("K4", "C3.4", "Nothing is resolved that was not answered since it was last taken up.", state=RESOLVED,
                      needs="answer", since=("reject_answer",)),
    only_by("K5", "C3.4", "The client alone settles it, sends the answer back or takes it back.",
            acts=("accept_answer", "reject_answer", "retract", "raise_complaint"), roles=CLIENT_ROLES),
    only_by("K6", "C3.4", "The team for customer relations handles it, or a manager.",
            acts=("take_up", "record_finding", "answer"), roles=(SUPPLIER_RELATIONS, SUPPLIER_MANAGER)),
    enters_only_after("K7", "C3.4", "Answered is only what was answered.", state=ANSWERED, needs="answer"),
    enters_only_after("K8", "C3.4", "Taken back is only what the client took back.", state=RETRACTED, needs="retract"),
    enters_only_after("K9", "C3.4", "Somebody is in charge of whatever is taken up.", state=TAKEN_UP, needs="take_up"),
    can_always("K10", "C3.4", "The client may take it back until it is settled.", acts="retract",
               states=(RAISED, TAKEN_UP, ANSWERED), party=CLIENT),
    can_always("K11", "C3.4", "The client may accept or reject whatever was answered.", acts=("accept_answer", "reject_answer"),
               states=(ANSWERED,), party=CLIENT),
    can_always("K12", "C3.4", "Somebody of the supplier can always take it up.", acts="take_up", states=(RAISED, TAKEN_UP),
               party=SUPPLIER),
    *standing.claims({SUPPLIER: ("taking_up", "answer")}),
    *charter.claims(CHARTER, STATES),
)
PROOF = Proof("complaint", SCOPES, CLAIMS, unreached=CALLS)
