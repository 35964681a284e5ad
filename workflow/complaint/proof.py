"""What is proved of complaints (C3.4): nobody handles one that concerns them, and the client alone settles it.

What every duty has beside its own acts is explored here too: delays that are foretold, periods that are left out of a limit.
"""

from __future__ import annotations

from datetime import timedelta

from workflow.complaint import ANSWERED, RAISED, RESOLVED, RETRACTED, TAKEN_UP, workflow
from workflow.complaint.charter import CHARTER, STATES
from workflow.declare import CLIENT, CLIENT_APPROVER, CLIENT_ROLES, SUPPLIER, SUPPLIER_MANAGER, SUPPLIER_RELATIONS
from workflow.prove import Proof, charter
from workflow.prove.claims import Step, can_always, enters_only_after, never, only_after, only_by
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
PERIOD = {"clock": "answer", "from_at": after(), "until_at": after(hours=1), "reason": "等待甲方材料。", "evidence": "通话记录。"}
DELAY = {"clock": "answer", "expected_at": after(days=40), "reason": "需要更多时间。"}
STANDING = ("propose_deduction", "agree_deduction", "decline_deduction", "announce_delay")
SCOPES = (
    Scope(
        "course", "Everybody tries everything, in time and too late.",
        cast=CAST, fills=FILLS, moments=(timedelta(0), timedelta(days=3), timedelta(days=30)), leaves_out=STANDING,
    ),
    Scope(
        "standing", "A delay is foretold, and a period is left out of a limit or not.",
        cast=CAST, moments=(timedelta(0), timedelta(hours=2), timedelta(days=30)), keeps=("answer",),
        fills={**FILLS, "raise_complaint": FILLS["raise_complaint"][:1], "take_up": FILLS["take_up"][:1],
               "propose_deduction": [Fill(PERIOD, only=("staff", "manager"))],
               "announce_delay": [Fill(DELAY, only=("manager", "staff"))]},
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


def of_one_party(step: Step) -> bool:
    """Who agrees is of the party that proposed, or nobody has proposed since the last answer."""
    asked = step.last("propose_deduction", "agree_deduction", "decline_deduction")
    return asked is None or asked.action != "propose_deduction" or asked.party == step.party


def one_waits(step: Step) -> bool:
    asked = step.last("propose_deduction", "agree_deduction", "decline_deduction")
    return asked is not None and asked.action == "propose_deduction"


def outside_the_term(step: Step) -> bool:
    """No term of the limit, as far as it has run by now, holds the whole period."""
    first, last = step.filled("from_at"), step.filled("until_at")
    terms = [one for one in step.attempt.facts.timers if one.deadline == step.filled("clock")]
    return not any(
        one.started_at <= first < last <= step.at and (one.stopped_at is None or last <= one.stopped_at)
        for one in terms
    )


def after_the_limit(step: Step) -> bool:
    """What is foretold is no longer ahead."""
    return not any(
        timer.deadline == step.filled("clock") and timer.status == "running" and step.at <= timer.due_at
        for timer in step.attempt.facts.timers
    )


CLAIMS = (
    *general(
        workflow, binding=("agree_deduction",), by_clock={"note_late_taking_up": None, "note_late_answer": None},
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
    never("P1", "C7.2", "No period is left out of a limit by one party alone.", acts=("agree_deduction", "decline_deduction"),
          when=of_one_party),
    only_by("P2", "C7.2", "Only authorised persons leave a period out of a limit.", acts=("agree_deduction",),
            roles=(CLIENT_APPROVER, SUPPLIER_MANAGER)),
    only_after("P3", "C7.2", "A period is left out only after it was proposed.", act="agree_deduction",
               needs="propose_deduction", since=("decline_deduction",)),
    never("P4", "C9.3", "A delay is foretold before the limit runs out, or not at all.", acts=("announce_delay",),
          when=after_the_limit),
    never("P5", "C9.3", "Only the party whose duty it is foretells a delay.", acts=("announce_delay",),
          when=lambda step: step.party != SUPPLIER.name),
    never("P6", "C7.2", "No second period is proposed while one waits for an answer.", acts=("propose_deduction",),
          when=one_waits),
    never("P7", "C7.2", "A period that is left out has passed, and lies within the time of its limit.",
          acts=("propose_deduction",), when=outside_the_term),
    *charter.claims(CHARTER, STATES),
)
PROOF = Proof("complaint", SCOPES, CLAIMS, unreached=CALLS)
