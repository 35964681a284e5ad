"""What is proved of service changes (C7): in which bounds they are explored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from workflow.attempt import Facts
from workflow.change.charter import CHARTER
from workflow.change.filled_in import (
    AGREEING,
    ANYTHING,
    AT_ONCE,
    AUTHORITY,
    BACKWARDS,
    BY_TWO,
    CANCELLATION,
    DONE,
    EVIDENCES,
    EXCUSES,
    FILLS,
    FIRST_DAY,
    IN_ORDER,
    LAST_DAY,
    PLAN,
    REASON,
    RENEWAL,
    REQUEST,
    SCAN,
    SHORT_TRIAL,
    SHOWN,
    STRAIGHT_ON,
    TRIAL,
    TRIED_ANEW,
    WRONG,
    everybodys,
    file,
    opened,
    row,
)
from workflow.change.invariants import CLAIMS
from workflow.change.price import LineNow
from workflow.change.states import STATES
from workflow.declare import CLIENT, SUPPLIER
from workflow.prove import Proof, charter, standing
from workflow.prove.general import CALLS
from workflow.prove.scope import Elsewhere, Fill, Scope, Who, after, cast
from workflow.terms import Text

FEW = cast(
    staff="client.staff", approver="client.approver", desk="supplier.desk", engineer="supplier.engineer",
    second="supplier.engineer", manager="supplier.manager", reviewer="supervisor.reviewer",
)
BEGINS = datetime(2026, 6, 1, 2, tzinfo=UTC)
"""Ten in the morning of a Monday of the term, where the contract is; the days that are filled in are counted from it."""
CATALOGUE = (
    LineNow(1, Text("云主机", "Cloud host"), 1400, 20, "month", 12, FIRST_DAY, LAST_DAY),
    LineNow(2, Text("云主机，半年", "Cloud host, half a year"), 1400, 20, "month", 6, None, None),
)
NOTHING_SIGNED = {"additions_fen": 0, "reductions_fen": 0}
BESIDE = {"catalogue": CATALOGUE, "supplements": NOTHING_SIGNED}
OFF_IT = {"lines": [], "outside_catalogue": "图像识别"}
FULL = 10**9
"""Fen: more than any cap leaves room for."""
ALL = (*FEW, *cast(deputy="client.approver", relations="supplier.relations"))
STANDING = standing.LEFT_OUT
BACK = ("redraft", "send_back", "return_material", "return_plan", "amend", "amend_proposal", "record_authority_refusal")
STRAIGHT = {
    **dict.fromkeys(BACK, 0), "plan": 1, "revalidate": 1, "draft_supplement": 1, "offer_rescission": 0, "roll_back": 0,
    "publicity_not_applicable": 0, "filing_not_applicable": 0, "attach": 1, "record_assistance": 0,
}  # fmt: skip
"""Nothing leads back or aside: what would is tried, and goes no further."""
CLOSING = {**STRAIGHT, "publicity_not_applicable": 1, "filing_not_applicable": 1}
FORWARD = {**STRAIGHT, "report_failure": 0, "offer_rescission": 1}
AND_BACK = {name: most for name, most in CLOSING.items() if name not in ("roll_back", "offer_rescission")}
AFTER_ALL = {"starts_at": after(days=50), "ends_at": after(days=50, hours=4)}
"""Work that is not late at any of the moments below."""
START, SOON, NOTED, LATE = timedelta(0), timedelta(days=3), timedelta(days=12), timedelta(days=40)

ON_THE_LAST_DAY = {
    "plan": [Fill({**PLAN, "charged_from": LAST_DAY}, only=("engineer",))],
    "draft_supplement": [Fill({"changes": "增加。", "effective_on": LAST_DAY}, only=("manager",))],
}


def another_signed(facts: Facts) -> Facts | None:
    """Another supplement is signed, which takes up what the cap leaves."""
    if facts.more["supplements"] != NOTHING_SIGNED:
        return None
    return replace(facts, more={**facts.more, "supplements": {"additions_fen": FULL, "reductions_fen": 0}})


def leaves_the_supplier(facts: Facts) -> Facts | None:
    """Who recorded the work is no longer the supplier's."""
    done_by = {event.person for event in facts.history if event.action == "record_work" and event.accepted}
    kept = tuple(one for one in facts.mandates if not (one.person in done_by and one.party == SUPPLIER))
    return replace(facts, mandates=kept) if kept != facts.mandates else None


def units_gone(facts: Facts) -> Facts | None:
    """Another change gives back the units of the first line."""
    if facts.more["catalogue"][0].quantity == 0:
        return None
    first, *others = facts.more["catalogue"]
    return replace(facts, more={**facts.more, "catalogue": (replace(first, quantity=0), *others)})


SCOPES = (
    Scope(
        "application", "The client applies: in all ways that it must not, and changes its mind at every step.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver",), until=("agreed",), leaves_out=STANDING,
        fills={**opened(REQUEST, draft=[Fill(REQUEST, only=("staff",)), *WRONG],
                        redraft=[Fill(REQUEST), *TRIED_ANEW], amend=[FILLS["amend"][0], *TRIED_ANEW],
                        revalidate=[*FILLS["revalidate"],
                                    Fill({"finding": "无异议。", **BACKWARDS}, "backwards", only=("staff",))],
                        plan=[Fill(PLAN, only=("engineer",)), Fill({**PLAN, **BACKWARDS}, "backwards", only=("engineer",)),
                              Fill({**PLAN, "charged_from": date(2027, 4, 1)}, "charged after its end", only=("engineer",))])},
        at_most={**STRAIGHT, "amend": 1, "return_material": 1, "return_plan": 1, "plan": 2},
    ),
    Scope(
        "proposal", "The supplier proposes: nothing goes on without the client's consent to the text as it reads.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver",), until=("plan_approved",), leaves_out=STANDING,
        fills={**opened(REQUEST), "draft": [Fill(REQUEST, only=("desk",))],
               "amend_proposal": [*FILLS["amend_proposal"], *(replace(one, only=("desk",)) for one in TRIED_ANEW)]},
        at_most={**STRAIGHT, "amend_proposal": 2, "send_back": 1},
    ),
    Scope(
        "off_the_catalogue", "What is on no catalogue, or of which nobody says until when it runs.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), until=("agreed",), leaves_out=STANDING,
        fills={**FILLS,
               "draft": [Fill({**REQUEST, **OFF_IT}, "off the catalogue", only=("staff", "desk")),
                         Fill({**RENEWAL, **OFF_IT}, "of a renewal off the catalogue", only=("staff", "desk")),
                         Fill({**REQUEST, "lines": [row(2, 4)]}, "of a line without an end", only=("staff",))],
               "amend_proposal": [Fill({**RENEWAL, **OFF_IT}, only=("desk",))]},
        at_most=STRAIGHT,
    ),
    Scope(
        "agreement", "Everybody signs in either order, the text is drafted anew and amended, and other changes are signed.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver", "manager"), until=("supplement_signed",), leaves_out=STANDING,
        fills={**opened(REQUEST, draft_supplement=[*FILLS["draft_supplement"],
                                                   Fill({"changes": "数量增加。", "effective_on": date(2026, 6, 9)},
                                                        "that takes effect too late", only=("manager",))])},
        moments=(START, timedelta(days=8)),
        elsewhere=(Elsewhere("another_signed", "Another supplement is signed.", another_signed),),
        at_most={**STRAIGHT, "amend": 1, "draft_supplement": 2},
    ),
    Scope(
        "work", "An agreed change is carried out, fails, is rolled back and planned again.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=(*STANDING, "sign_supplement_supplier_first", *AGREEING),
        fills={**opened(REQUEST, draft_supplement=AT_ONCE,
                        plan_again=[*FILLS["plan_again"], Fill({"work_plan": "再来。", **BACKWARDS, "lessons": "无。"},
                                                                       "backwards", only=("engineer",))]),
               "attach": [ANYTHING, AUTHORITY, SCAN],
               **{act: [Fill(REASON, only=("staff",), at=("verified", *DONE))] for act in EXCUSES}},
        at_most={**AND_BACK, "attach": 2, "return_plan_again": 0},
    ),
    Scope(
        "dropped", "What both signed is dropped, by both; the rest is announced.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver", "manager"),
        leaves_out=(*STANDING, "sign_supplement_supplier_first", "begin"),
        fills={**opened(REQUEST),
               "attach": [ANYTHING, AUTHORITY, *(file(one, "agreed", "supplement_signed") for one in EVIDENCES)]},
        at_most={**AND_BACK, "attach": 3},
    ),
    Scope(
        "removal", "A cancellation: nothing is removed before backup, export, consent and cooling-off, and by two.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver",),
        leaves_out=(*STANDING, "sign_supplement_supplier_first", *AGREEING),
        fills={**opened(CANCELLATION,
                        begin=[Fill({"second_person": Who("second")}, only=("engineer",)),
                               Fill({}, "alone", only=("engineer",)),
                               Fill({"second_person": Who("engineer")}, "with oneself", only=("engineer",))]),
               "attach": [*IN_ORDER, file("delete_consent", "deletion_unconsented")]},
        moments=(START, LATE), at_most={**FORWARD, **dict.fromkeys(EXCUSES, 1), "attach": 3, "revoke_deletion_consent": 1,
                                        "confirm_export": 1, "verify_backup": 1},
        until=("rescinded",),
    ),
    Scope(
        "reduction", "Units are given back, and another change gives back the same ones.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), until=("baseline_updated", "rescinded"),
        leaves_out=(*STANDING, *AGREEING),
        fills={**opened({**REQUEST, "type": "reduce", "lines": [row(1, -12)]}, draft_supplement=AT_ONCE), "attach": IN_ORDER},
        elsewhere=(Elsewhere("units_gone", "Another change gives back the same units.", units_gone),),
        at_most={**AND_BACK, "attach": 2, "report_failure": 0},
    ),
    Scope(
        "trial", "A free trial: it leaves the catalogue as it is, and nothing is released by itself.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=(*STANDING, "sign_supplement_supplier_first", *AGREEING),
        fills={**opened(TRIAL), "draft": [Fill(TRIAL, only=("staff",)),
                         Fill({**TRIAL, "trial_ends": None}, "without an end", only=("staff",))],
               "attach": IN_ORDER},
        moments=(START, SOON, LATE), at_most={**CLOSING, "report_failure": 0, "offer_rescission": 1, "attach": 2},
    ),
    Scope(
        "renewal", "A renewal that comes too late: held, resumed, or turned into a cancellation by both.",
        cast=FEW, begins=datetime(2027, 2, 1, 2, tzinfo=UTC), more=BESIDE, lapses=(), leaves_out=STANDING,
        fills={**opened(RENEWAL, plan=[Fill({**PLAN, "charged_from": date(2027, 3, 10)}, only=("engineer",)),
                                       Fill({**PLAN, "charged_from": date(2027, 3, 11)}, "charged later", only=("engineer",))],
                        draft_supplement=[Fill({"changes": "续用。", "effective_on": date(2027, 3, 9)}, only=("manager",))]),
               "attach": [ANYTHING, AUTHORITY, file("procurement_basis", "agreed"),
                          *(file(one, "expiry_hold") for one in EVIDENCES)]},
        moments=(START, LATE), until=("supplement_signed",),
        at_most={**STRAIGHT, "attach": 2},
    ),
    Scope(
        "everybody", "Somebody of every role tries everything, of a change that the client asks for.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(),
        leaves_out=(*STANDING, "sign_supplement_supplier_first", *AGREEING),
        fills=everybodys(REQUEST, "staff", *IN_ORDER[1:], draft_supplement=AT_ONCE), moments=(START, NOTED),
        at_most={**AND_BACK, "attach": 2, "return_plan_again": 0},
    ),
    Scope(
        "everybody_proposes", "Somebody of every role tries everything, of a change that the supplier proposes.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=STANDING, until=("rescinded",),
        fills=everybodys(REQUEST, "desk", IN_ORDER[1]),
        at_most={**STRAIGHT, "send_back": 1, "plan": 2, "attach": 2, "offer_rescission": 2},
    ),
    Scope(
        "everybody_removes", "Somebody of every role tries everything, of a cancellation.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(), until=("verified", "rescinded"),
        leaves_out=(*STANDING, "sign_supplement_supplier_first", *AGREEING),
        fills=everybodys(CANCELLATION, "staff", *IN_ORDER[1:], file("delete_consent", "deletion_unconsented"), begin=BY_TWO,
                         certify_erasure=FILLS["certify_erasure"], attest_erasure=FILLS["attest_erasure"]),
        moments=(START, NOTED), at_most={**FORWARD, "attach": 3, "revoke_deletion_consent": 0, "confirm_export": 1,
                                         "verify_backup": 1, "record_work": 1, "certify_erasure": 1},
    ),
    Scope(
        "everybody_tries_out", "Somebody of every role tries everything, of a trial that ends on the same day.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=(*STANDING, "sign_supplement_supplier_first", *AGREEING),
        fills=everybodys(SHORT_TRIAL, "staff", *IN_ORDER[1:], draft_supplement=AT_ONCE), moments=(START, NOTED),
        at_most={**CLOSING, "report_failure": 0, "offer_rescission": 1, "attach": 2},
    ),
    Scope(
        "everybody_renews", "Somebody of every role tries everything, of a renewal that the supplier proposes too late.",
        cast=ALL, begins=datetime(2027, 2, 1, 2, tzinfo=UTC), more=BESIDE, lapses=(), leaves_out=STANDING,
        fills=everybodys(
            RENEWAL, "desk", IN_ORDER[1], file("procurement_basis", "agreed"),
            plan=[Fill({**PLAN, "charged_from": date(2027, 3, 20)}, only=("engineer",))],
            amend_proposal=[Fill(RENEWAL, only=("desk",), at=("plan_proposed",))],
            draft_supplement=[Fill({"changes": "续用。", "effective_on": date(2027, 3, 9)}, only=("manager",))],
        ),
        moments=(START, LATE), until=("supplement_signed",),
        at_most={**STRAIGHT, "attach": 2, "send_back": 1, "amend_proposal": 1},
    ),
    Scope(
        "no_room", "Another supplement takes up the cap, and what cannot be carried any more goes to a procurement.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(), until=("agreed",), leaves_out=STANDING,
        fills={**opened(REQUEST), **STRAIGHT_ON, "route_to_procurement": [Fill(REASON)], "attach": IN_ORDER[:2]},
        elsewhere=(Elsewhere("another_signed", "Another supplement is signed.", another_signed),),
        at_most={**{act: most for act, most in STRAIGHT.items() if act != "return_plan"}, "amend": 1},
    ),
    Scope(
        "holidays", "Holidays stretch working days: what is owed within two of them outlasts a week.",
        cast=FEW, begins=datetime(2026, 9, 30, 2, tzinfo=UTC), more=BESIDE, lapses=(), until=("implementing", "rescinded"),
        leaves_out=(*STANDING, "sign_supplement_supplier_first", *AGREEING),
        fills={**STRAIGHT_ON, "draft": [Fill(CANCELLATION, only=("staff",))],
               "plan": [Fill({**PLAN, "charged_from": date(2026, 9, 30)}, only=("engineer",))],
               "draft_supplement": [Fill({"changes": "撤销。", "effective_on": date(2026, 9, 30)}, only=("manager",))],
               "attach": [*IN_ORDER, file("delete_consent", "deletion_unconsented")]},
        moments=(START, timedelta(days=8), timedelta(days=13), timedelta(days=18)),
        at_most={**FORWARD, "attach": 3, "confirm_export": 1, "verify_backup": 1, "revoke_deletion_consent": 0},
    ),
    Scope(
        "end_of_term", "The contract ends at every step of a change.",
        cast=FEW, begins=datetime(2027, 3, 9, 2, tzinfo=UTC), more=BESIDE, lapses=(), leaves_out=STANDING,
        fills={**opened(REQUEST, **ON_THE_LAST_DAY), "attach": [ANYTHING, AUTHORITY, SCAN]},
        moments=(START, timedelta(days=1)), until=("implementing",), at_most={**CLOSING, "attach": 2, "offer_rescission": 2},
    ),
    Scope(
        "after_the_term", "The contract has ended: what would change it is not even drafted, what ends it is.",
        cast=FEW, begins=datetime(2027, 3, 10, 2, tzinfo=UTC), more=BESIDE, lapses=(), until=("drafted",), leaves_out=STANDING,
        fills={**FILLS, "draft": [Fill(one, says, only=("staff", "manager")) for one, says in (
            (REQUEST, "of more units"), (RENEWAL, "of a renewal"), (CANCELLATION, "of a cancellation"))]},
    ),
    Scope(
        "end_of_a_proposal", "The contract ends while the supplier writes a proposal and lays it before the client.",
        cast=FEW, begins=datetime(2027, 3, 9, 2, tzinfo=UTC), more=BESIDE, lapses=(), leaves_out=STANDING,
        fills={**opened(REQUEST), "draft": [Fill(REQUEST, only=("desk",))]},
        moments=(START, timedelta(days=1)), until=("submitted",), at_most={**STRAIGHT, "amend_proposal": 1},
    ),
    Scope(
        "announced", "What both signed is announced and filed, wherever the work has come to.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), until=("closed", "rescinded"),
        leaves_out=(*STANDING, "sign_supplement_supplier_first"),
        fills={**STRAIGHT_ON, **SHOWN, "draft_supplement": AT_ONCE,
               "draft": [Fill({**REQUEST, "trial_ends": LAST_DAY}, only=("staff",))],
               "attach": [*IN_ORDER, *(file(one, "implementing") for one in EVIDENCES)]},
        at_most={**AND_BACK, "attach": 3, "approve_plan_again": 0, "record_work": 1},
    ),
    Scope(
        "announced_trial", "What both signed is announced and filed, wherever a trial of the last day has come to.",
        cast=FEW, begins=datetime(2027, 3, 9, 2, tzinfo=UTC), more=BESIDE, lapses=(), until=("closed", "rescinded"),
        leaves_out=(*STANDING, "sign_supplement_supplier_first"),
        fills={**STRAIGHT_ON, **SHOWN, **ON_THE_LAST_DAY,
               "draft": [Fill({**TRIAL, "trial_ends": LAST_DAY}, only=("staff",))],
               "attach": [*IN_ORDER, *(file(one, "trial_running") for one in EVIDENCES)],
               "offer_rescission": [
                   replace(FILLS["offer_rescission"][0], only=("manager",), at=("supplement_signed", "replanned"))]},
        moments=(START, timedelta(days=1)),
        at_most={**AND_BACK, "attach": 3, "report_failure": 0, "record_work": 1, "approve_plan_again": 0},
    ),
    Scope(
        "announced_removal", "What both signed is announced and filed, also while a removal is prepared.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=(*STANDING, "begin"),
        fills={**STRAIGHT_ON, **SHOWN, "draft": [Fill(CANCELLATION, only=("staff",))], "draft_supplement": AT_ONCE,
               "attach": [*IN_ORDER[:2], file("delete_consent", "deletion_unconsented"),
                          *(file(one, "cooling_off") for one in EVIDENCES)]},
        at_most={**AND_BACK, "attach": 3, "verify_backup": 1, "confirm_export": 1, "consent_to_deletion": 1,
                 "revoke_deletion_consent": 1},
    ),
    Scope(
        "changes_sides", "Who worked on it leaves the supplier, and turns out to be the same person as somebody of the client.",
        cast=(*FEW, *cast(newcomer="client.staff")), begins=BEGINS, more=BESIDE, lapses=(),
        until=("verified", "rescinded", "rolled_back"), leaves_out=(*STANDING, "sign_supplement_supplier_first", *AGREEING),
        fills={**STRAIGHT_ON, "draft_supplement": AT_ONCE, "attach": IN_ORDER, "verify": [Fill(FILLS["verify"][0].fields)],
               "record_work": [replace(FILLS["record_work"][0], only=("second",))]},
        elsewhere=(Elsewhere("leaves_the_supplier", "Who did the work leaves the supplier.", leaves_the_supplier),),
        found_one=(("second", "newcomer"),), at_most={**AND_BACK, "attach": 2, "record_work": 1, "report_failure": 0},
    ),
    Scope(
        "standing", "A delay is foretold, and a period is left out of a limit or not.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), moments=(START, SOON, LATE), keeps=("publicity",),
        until=("implementing", "rescinded"), leaves_out=("sign_supplement_supplier_first",),
        fills={**STRAIGHT_ON, "draft": [Fill(REQUEST, only=("staff",))], "draft_supplement": AT_ONCE, "attach": IN_ORDER,
               "plan": [Fill({**PLAN, **AFTER_ALL}, only=("engineer",))],
               "revalidate": [Fill({"finding": "无异议。", **AFTER_ALL}, only=("staff",))],
               **standing.ways("publicity", of=after(), until=after(days=3), soon=after(days=4), late=after(days=60),
                               client="staff", supplier="manager")},
        at_most={**AND_BACK, "attach": 2, "propose_deduction": 1, "offer_rescission": 0},
    ),
)
PROOF = Proof(
    "change", SCOPES,
    (*CLAIMS, *standing.claims({CLIENT: ("publicity", "filing"), SUPPLIER: ("work",)}), *charter.claims(CHARTER, STATES)),
    unreached=CALLS,
)  # fmt: skip
