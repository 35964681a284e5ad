"""What is proved of service changes (C7): in which bounds they are explored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from workflow.attempt import Facts
from workflow.change.charter import CHARTER
from workflow.change.invariants import CLAIMS
from workflow.change.price import LineNow
from workflow.change.states import STATES
from workflow.prove import Proof, charter
from workflow.prove.general import CALLS, STANDING
from workflow.prove.scope import Elsewhere, Fill, Scope, Who, after, cast, tried_by_all
from workflow.terms import Text

FEW = cast(
    staff="client.staff", approver="client.approver", desk="supplier.desk", engineer="supplier.engineer",
    second="supplier.engineer", manager="supplier.manager", reviewer="supervisor.reviewer",
)
FIRST_DAY, LAST_DAY = date(2026, 3, 10), date(2027, 3, 9)
BEGINS = datetime(2026, 6, 1, 2, tzinfo=UTC)
"""Ten in the morning of a Monday of the term, where the contract is; the days that are filled in are counted from it."""
CATALOGUE = (
    LineNow(1, Text("云主机", "Cloud host"), 1400, 20, "month", 12, FIRST_DAY, LAST_DAY),
    LineNow(2, Text("云主机，半年", "Cloud host, half a year"), 1400, 20, "month", 6, None, None),
)
NOTHING_SIGNED = {"additions_fen": 0, "reductions_fen": 0}
BESIDE = {"catalogue": CATALOGUE, "supplements": NOTHING_SIGNED}
FULL = 10**9
"""Fen: more than any cap leaves room for."""


def row(line: int, quantity: int, until: str | None = None) -> dict[str, Any]:
    return {"line": line, "quantity": quantity, "until": until}


REQUEST = {
    "type": "expand", "classification": "ordinary", "system": "综合执法办案系统", "reason": "并发增加。", "basis": "纪要 12 号",
    "before": "四台。", "after": "六台。", "lines": [row(1, 4)],
    "window_start": after(days=1), "window_end": after(days=1, hours=4),
    "downtime_minutes": 30, "impact": "停用三十分钟。", "fallback": "切回。", "backup_confirmed": True, "funding": "年度预算",
}  # fmt: skip
RENEWAL = {
    **REQUEST, "type": "renew", "original_ends": LAST_DAY, "new_ends": date(2027, 6, 9),
    "procurement": "separate_procurement", "procurement_basis": "预算批复 88 号",
}  # fmt: skip
CANCELLATION = {**REQUEST, "type": "cancel", "lines": [row(1, -12)], "dependants": "无"}
TRIAL = {**REQUEST, "type": "trial", "trial_ends": date(2026, 6, 30)}
CONSENT, REASON = {"statement": "同意。"}, {"reason": "需求已调整。"}
SHORT = {"missing": ["等保备案证明"], "reason": "材料不齐。"}
SCHEDULE = {"starts_at": after(days=1), "ends_at": after(days=1, hours=4)}
BACKWARDS = {"starts_at": after(days=1, hours=4), "ends_at": after(days=1)}
PLAN = {"work_plan": "一、创建；二、切换。", **SCHEDULE, "charged_from": date(2026, 6, 5)}
OPINION = {"document_number": "云审 31 号", "issued_on": date(2026, 6, 1), "conclusion": "同意。"}
ERASURE = {"storage": ["盘一"], "replicas": ["副本一"], "method": "覆写", "charging_stops_on": date(2026, 6, 5)}
EVIDENCES = ("publicity_evidence", "filing_evidence")
EVIDENCE = {"reference": "政府采购网公告", "done_on": date(2026, 6, 1)}


CALLED = {
    "authority_opinion": "the authority's opinion", "supplement_scan": "the sealed original",
    "delete_consent": "the consent to the deletion", "procurement_basis": "the procurement that pays",
    "publicity_evidence": "what shows the announcement", "filing_evidence": "what shows the filing",
}  # fmt: skip


def file(paper: str, *at: str, by: str = "staff") -> Fill:
    """A document that is brought in these states."""
    return Fill({"paper": paper, "note": "文件", "file": {"digest": "0" * 64}}, CALLED[paper], only=(by,), at=at)


ANYTHING = Fill({"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}, only=("staff", "manager"), aside=True)
AUTHORITY = file("authority_opinion", "plan_proposed", "plan_approved")
SCAN = file("supplement_scan", "agreed", "supplement_signed", by="desk")
IN_ORDER = (ANYTHING, file("authority_opinion", "plan_approved"), file("supplement_scan", "supplement_signed", by="desk"))
"""Each document where it counts; what comes of one that is brought too early is asked in other scopes."""


DONE = ("baseline_updated", "trial_ended", "rescinded")
FILLS = {
    "draft": [Fill(REQUEST, only=("staff",))],
    "redraft": [Fill(REQUEST)],
    "amend": [Fill(REQUEST, only=("staff",))],
    "amend_proposal": [Fill(REQUEST, only=("desk",))],
    "consent": [Fill(CONSENT)],
    "send_back": [Fill(SHORT, only=("staff",))],
    "return_material": [Fill(SHORT, only=("desk",))],
    "route_to_procurement": [Fill(REASON, only=("staff", "desk"))],
    "withdraw": [Fill(REASON, only=("staff", "desk"))],
    "reject": [Fill(SHORT, only=("approver", "desk"))],
    "advise": [Fill({"feasibility": "feasible", "advice": "余量充足。"}, only=("engineer",))],
    "plan": [Fill(PLAN, only=("engineer",))],
    "return_plan": [Fill(REASON, only=("staff",))],
    "revalidate": [Fill({"finding": "无异议。", **SCHEDULE}, only=("staff",))],
    "approve_plan": [Fill(CONSENT)],
    "record_authority_opinion": [Fill(OPINION, only=("staff",))],
    "record_authority_refusal": [Fill({**OPINION, "missing": ["评估报告"]}, only=("staff",))],
    "draft_supplement": [Fill({"changes": "数量增加。", "effective_on": date(2026, 6, 3)}, only=("manager",))],
    "record_publicity": [Fill(EVIDENCE, only=("staff",))],
    "record_filing": [Fill(EVIDENCE, only=("staff",))],
    "publicity_not_applicable": [Fill(REASON, only=("staff",), at=DONE)],
    "filing_not_applicable": [Fill(REASON, only=("staff",), at=DONE)],
    "offer_rescission": [Fill({"reason": "项目终止。", "consequences": "不再实施。"})],
    "verify_backup": [Fill({"backup": "快照", "method": "恢复并抽查。"}, only=("engineer",))],
    "check_dependencies": [Fill({"dependants": "无。", "none_left": True}, only=("engineer",))],
    "confirm_export": [Fill({"exported": "全量。", "place": "机房", "confirmed": True}, only=("staff",))],
    "consent_to_deletion": [Fill({"scope": "旧主机。", "confirmed": True})],
    "revoke_deletion_consent": [Fill(REASON, only=("staff",))],
    "begin": [Fill({}, only=("engineer",))],
    "record_work": [Fill({"work": "创建主机。"}, only=("engineer",))],
    "certify_erasure": [Fill(ERASURE)],
    "attest_erasure": [Fill({"confirmed": True})],
    "hand_over": [Fill({"result": "已并入。", "checks": "十次。"}, only=("engineer",))],
    "verify": [Fill({"confirmed": True, "finding": "符合。"})],
    "report_failure": [Fill({"finding": "超时。"}, only=("staff",))],
    "roll_back": [Fill({"cause": "驱动。", "restored": "已切回。"}, only=("engineer",))],
    "plan_again": [Fill({"work_plan": "再来。", **SCHEDULE, "lessons": "先测试。"}, only=("engineer",))],
    "return_plan_again": [Fill(REASON, only=("staff",))],
    "approve_plan_again": [Fill(CONSENT)],
    "update_baseline": [Fill({"confirmed": True})],
    "agree_release": [Fill({"export_confirmed": True, "statement": "同意释放。"})],
    "record_release": [Fill({"released": "主机一台。"}, only=("engineer",))],
    "record_assistance": [Fill({"assistance": "协助导出。"}, only=("desk",))],
    "resume_renewal": [Fill(CONSENT)],
    "return_to_hold": [Fill(REASON, only=("staff", "desk"))],
    "offer_cancellation": [Fill(REASON)],
    "agree_to_cancel": [Fill(CONSENT)],
    "decline_cancellation": [Fill(REASON)],
    "remark": [Fill({"text": "已知悉。"}, only=("staff", "manager"))],
    "attach": [ANYTHING, AUTHORITY],
}
DEDUCTIONS = ("propose_deduction", "agree_deduction", "decline_deduction", "announce_delay")
BACK = ("redraft", "send_back", "return_material", "return_plan", "amend", "amend_proposal", "record_authority_refusal")
STRAIGHT = {
    **dict.fromkeys(BACK, 0), "plan": 1, "revalidate": 1, "draft_supplement": 1, "offer_rescission": 0, "roll_back": 0,
    "publicity_not_applicable": 0, "filing_not_applicable": 0, "attach": 1, "record_assistance": 0,
}  # fmt: skip
"""Nothing leads back or aside: what would is tried, and goes no further."""
CLOSING = {**STRAIGHT, "publicity_not_applicable": 1, "filing_not_applicable": 1}
FORWARD = {**STRAIGHT, "report_failure": 0, "offer_rescission": 1}
AND_BACK = {name: most for name, most in CLOSING.items() if name not in ("roll_back", "offer_rescission")}
AGREEING = ("record_publicity", "record_filing")
START, SOON, NOTED, LATE = timedelta(0), timedelta(days=3), timedelta(days=12), timedelta(days=40)


AT_ONCE = [Fill({"changes": "数量增加。", "effective_on": date(2026, 6, 1)}, only=("manager",))]


def opened(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Everybody does their part of a change with this application."""
    return {**FILLS, "draft": [Fill(fields, only=("staff",))], "amend": [Fill(fields, only=("staff",))], **more}


def another_signed(facts: Facts) -> Facts | None:
    """Another supplement is signed, which takes up what the cap leaves."""
    if facts.more["supplements"] != NOTHING_SIGNED:
        return None
    return replace(facts, more={**facts.more, "supplements": {"additions_fen": FULL, "reductions_fen": 0}})


def units_gone(facts: Facts) -> Facts | None:
    """Another change gives back the units of the first line."""
    if facts.more["catalogue"][0].quantity == 0:
        return None
    first, *others = facts.more["catalogue"]
    return replace(facts, more={**facts.more, "catalogue": (replace(first, quantity=0), *others)})


WRONG = [
    Fill({**REQUEST, "lines": [row(1, 4), row(1, 5)]}, "with one line twice", only=("staff",)),
    Fill({**REQUEST, "lines": [row(1, -4)]}, "that grows by less than nothing", only=("staff",)),
    Fill({**REQUEST, "type": "reduce", "lines": [row(1, -40)]}, "that gives back more than there is", only=("staff",)),
    Fill({**REQUEST, "lines": [row(1, 4, "2027-06-09")]}, "that outlives the contract", only=("staff",)),
    Fill({**REQUEST, "window_start": after(days=2)}, "with a window that ends before it begins", only=("staff",)),
]
def only(name: str, *acts: str) -> dict[str, list[Fill]]:
    """These acts in their first way, by this player alone."""
    return {act: [Fill(FILLS[act][0].fields if act in FILLS else {}, only=(name,))] for act in acts}


STRAIGHT_ON = {
    **{act: ways[:1] for act, ways in FILLS.items()},
    **only("approver", "consent", "approve_plan", "sign_supplement_client", "sign_supplement_client_second", "agree_rescission",
           "consent_to_deletion", "approve_plan_again", "agree_release", "resume_renewal", "agree_to_cancel",
           "decline_cancellation"),
    **only("manager", "sign_supplement_supplier", "sign_supplement_supplier_first", "offer_rescission", "update_baseline",
           "offer_cancellation"),
    **only("staff", "redraft", "submit", "verify", "convert_trial", "close"), **only("desk", "propose", "accept", "start_trial"),
    **only("engineer", "certify_erasure"), **only("second", "attest_erasure"),
}  # fmt: skip
"""Everybody does their own part only, and each part has one who does it."""
SHORT_TRIAL = {**TRIAL, "trial_ends": date(2026, 6, 1)}
BY_TWO = [
    Fill({"second_person": Who("second")}, only=("engineer",)),
    Fill({"second_person": Who("manager")}, only=("engineer",)),
    Fill({"second_person": Who("engineer")}, only=("manager",)),
]
ALL = (*FEW, *cast(deputy="client.approver", relations="supplier.relations"))


def everybodys(fields: dict[str, Any], by: str, *documents: Fill, **more: list[Fill]) -> dict[str, list[Fill]]:
    """Everybody tries what others do as well, in a change with this application by this player."""
    ways = {**STRAIGHT_ON, "draft": [Fill(fields, only=(by,))], "amend": [Fill(fields, aside=True)],
            "amend_proposal": [Fill(fields, aside=True)], "redraft": [Fill(fields, aside=True)], **more}  # fmt: skip
    return {**tried_by_all(ways), "attach": [replace(ANYTHING, only=()), *documents]}


TRIED_ANEW = [replace(one, aside=True) for one in WRONG]
SCOPES = (
    Scope(
        "application", "The client applies: in all ways that it must not, and changes its mind at every step.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver",), until=("agreed",), leaves_out=DEDUCTIONS,
        fills={**opened(REQUEST, draft=[Fill(REQUEST, only=("staff",)), *WRONG],
                        redraft=[Fill(REQUEST), *TRIED_ANEW], amend=[FILLS["amend"][0], *TRIED_ANEW],

                        plan=[Fill(PLAN, only=("engineer",)), Fill({**PLAN, **BACKWARDS}, "backwards", only=("engineer",)),
                              Fill({**PLAN, "charged_from": date(2027, 4, 1)}, "charged after its end", only=("engineer",))])},
        at_most={**STRAIGHT, "amend": 1, "return_material": 1, "return_plan": 1, "plan": 2},
    ),
    Scope(
        "proposal", "The supplier proposes: nothing goes on without the client's consent to the text as it reads.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver",), until=("plan_approved",), leaves_out=DEDUCTIONS,
        fills={**opened(REQUEST), "draft": [Fill(REQUEST, only=("desk",))],
               "amend_proposal": [*FILLS["amend_proposal"], *(replace(one, only=("desk",)) for one in TRIED_ANEW)]},
        at_most={**STRAIGHT, "amend_proposal": 2, "send_back": 1},
    ),
    Scope(
        "off_the_catalogue", "What is on no catalogue, or of which nobody says until when it runs.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), until=("agreed",), leaves_out=DEDUCTIONS,
        fills={**FILLS,
               "draft": [Fill({**REQUEST, "lines": [], "outside_catalogue": "图像识别"}, "off the catalogue", only=("staff",)),
                         Fill({**REQUEST, "lines": [row(2, 4)]}, "of a line without an end", only=("staff",))]},
        at_most=STRAIGHT,
    ),
    Scope(
        "agreement", "Everybody signs in either order, the text is drafted anew and amended, and other changes are signed.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver", "manager"), until=("supplement_signed",), leaves_out=DEDUCTIONS,
        fills={**opened(REQUEST, draft_supplement=[*FILLS["draft_supplement"],
                                                   Fill({"changes": "数量增加。", "effective_on": date(2026, 6, 9)},
                                                        "that takes effect too late", only=("manager",))])},
        moments=(START, timedelta(days=8)),
        elsewhere=(Elsewhere("another_signed", "Another supplement is signed.", another_signed),),
        at_most={**STRAIGHT, "amend": 1, "draft_supplement": 2},
    ),
    Scope(
        "work", "An agreed change is carried out, fails, is rolled back and planned again.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", *AGREEING),
        fills={**opened(REQUEST, draft_supplement=AT_ONCE,
                        plan_again=[*FILLS["plan_again"], Fill({"work_plan": "再来。", **BACKWARDS, "lessons": "无。"},
                                                                       "backwards", only=("engineer",))]),
               "attach": [ANYTHING, AUTHORITY, SCAN]},
        at_most={**AND_BACK, "attach": 2, "return_plan_again": 0},
    ),
    Scope(
        "dropped", "What both signed is dropped, by both; the rest is announced.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver", "manager"),
        leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", "begin"),
        fills={**opened(REQUEST),
               "attach": [ANYTHING, AUTHORITY, *(file(one, "supplement_signed", "rescinded") for one in EVIDENCES)]},
        at_most={**AND_BACK, "attach": 3},
    ),
    Scope(
        "removal", "A cancellation: nothing is removed before backup, export, consent and cooling-off, and by two.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=("approver",),
        leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", *AGREEING),
        fills={**opened(CANCELLATION,
                        begin=[Fill({"second_person": Who("second")}, only=("engineer",)),
                               Fill({}, "alone", only=("engineer",)),
                               Fill({"second_person": Who("engineer")}, "with oneself", only=("engineer",))]),
               "attach": [*IN_ORDER, file("delete_consent", "deletion_unconsented")]},
        moments=(START, LATE), at_most={**FORWARD, "attach": 3,
                                                          "revoke_deletion_consent": 1, "confirm_export": 1, "verify_backup": 1},
        until=("verified", "rescinded"),
    ),
    Scope(
        "reduction", "Units are given back, and another change gives back the same ones.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), until=("baseline_updated", "rescinded"),
        leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", *AGREEING),
        fills={**opened({**REQUEST, "type": "reduce", "lines": [row(1, -12)]}, draft_supplement=AT_ONCE), "attach": IN_ORDER},
        elsewhere=(Elsewhere("units_gone", "Another change gives back the same units.", units_gone),),
        at_most={**AND_BACK, "attach": 2, "report_failure": 0},
    ),
    Scope(
        "trial", "A free trial: it leaves the catalogue as it is, and nothing is released by itself.",
        cast=FEW, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", *AGREEING),
        fills={**opened(TRIAL), "draft": [Fill(TRIAL, only=("staff",)),
                         Fill({**TRIAL, "trial_ends": None}, "without an end", only=("staff",))],
               "attach": IN_ORDER},
        moments=(START, SOON, LATE), at_most={**CLOSING, "report_failure": 0, "offer_rescission": 1, "attach": 2},
    ),
    Scope(
        "renewal", "A renewal that comes too late: held, resumed, or turned into a cancellation by both.",
        cast=FEW, begins=datetime(2027, 2, 1, 2, tzinfo=UTC), more=BESIDE, lapses=(), leaves_out=DEDUCTIONS,
        fills={**opened(RENEWAL, plan=[Fill({**PLAN, "charged_from": date(2027, 3, 10)}, only=("engineer",)),
                                       Fill({**PLAN, "charged_from": date(2027, 3, 11)}, "charged later", only=("engineer",))],
                        draft_supplement=[Fill({"changes": "续用。", "effective_on": date(2027, 3, 9)}, only=("manager",))]),
               "attach": [ANYTHING, AUTHORITY, file("procurement_basis", "agreed")]},
        moments=(START, LATE), until=("supplement_signed",),
        at_most={**STRAIGHT, "attach": 2},
    ),
    Scope(
        "everybody", "Somebody of every role tries everything, of a change that the client asks for.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(),
        leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", *AGREEING),
        fills=everybodys(REQUEST, "staff", *IN_ORDER[1:], draft_supplement=AT_ONCE), moments=(START, NOTED),
        at_most={**AND_BACK, "attach": 2, "return_plan_again": 0},
    ),
    Scope(
        "everybody_proposes", "Somebody of every role tries everything, of a change that the supplier proposes.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=DEDUCTIONS, until=("supplement_signed",),
        fills=everybodys(REQUEST, "desk", IN_ORDER[1]), at_most={**STRAIGHT, "send_back": 1},
    ),
    Scope(
        "everybody_removes", "Somebody of every role tries everything, of a cancellation.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(), until=("verified", "rescinded"),
        leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", *AGREEING),
        fills=everybodys(CANCELLATION, "staff", *IN_ORDER[1:], file("delete_consent", "deletion_unconsented"), begin=BY_TWO,
                         certify_erasure=FILLS["certify_erasure"], attest_erasure=FILLS["attest_erasure"]),
        moments=(START, NOTED), at_most={**FORWARD, "attach": 3, "revoke_deletion_consent": 0, "confirm_export": 1,
                                         "verify_backup": 1, "record_work": 1, "certify_erasure": 1},
    ),
    Scope(
        "everybody_tries_out", "Somebody of every role tries everything, of a trial that ends on the same day.",
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(), leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", *AGREEING),
        fills=everybodys(SHORT_TRIAL, "staff", *IN_ORDER[1:], draft_supplement=AT_ONCE), moments=(START, NOTED),
        at_most={**CLOSING, "report_failure": 0, "offer_rescission": 1, "attach": 2},
    ),
    Scope(
        "everybody_renews", "Somebody of every role tries everything, of a renewal that the supplier proposes too late.",
        cast=ALL, begins=datetime(2027, 2, 1, 2, tzinfo=UTC), more=BESIDE, lapses=(), leaves_out=DEDUCTIONS,
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
        cast=ALL, begins=BEGINS, more=BESIDE, lapses=(), until=("agreed",), leaves_out=DEDUCTIONS,
        fills={**opened(REQUEST), **STRAIGHT_ON, "route_to_procurement": [Fill(REASON)], "attach": IN_ORDER[:2]},
        elsewhere=(Elsewhere("another_signed", "Another supplement is signed.", another_signed),),
        at_most={**{act: most for act, most in STRAIGHT.items() if act != "return_plan"}, "amend": 1},
    ),
    Scope(
        "holidays", "Holidays stretch working days: what is owed within two of them outlasts a week.",
        cast=FEW, begins=datetime(2026, 9, 30, 2, tzinfo=UTC), more=BESIDE, lapses=(), until=("implementing", "rescinded"),
        leaves_out=(*DEDUCTIONS, "sign_supplement_supplier_first", *AGREEING),
        fills={**STRAIGHT_ON, "draft": [Fill(CANCELLATION, only=("staff",))],
               "plan": [Fill({**PLAN, "charged_from": date(2026, 9, 30)}, only=("engineer",))],
               "draft_supplement": [Fill({"changes": "撤销。", "effective_on": date(2026, 9, 30)}, only=("manager",))],
               "attach": [*IN_ORDER, file("delete_consent", "deletion_unconsented")]},
        moments=(START, timedelta(days=8), timedelta(days=13), timedelta(days=18)),
        at_most={**FORWARD, "attach": 3, "confirm_export": 1, "verify_backup": 1, "revoke_deletion_consent": 0},
    ),
    Scope(
        "end_of_term", "The contract ends at every step of a change.",
        cast=FEW, begins=datetime(2027, 3, 9, 2, tzinfo=UTC), more=BESIDE, lapses=(), leaves_out=DEDUCTIONS,
        fills={**opened(REQUEST, plan=[Fill({**PLAN, "charged_from": date(2027, 3, 9)}, only=("engineer",))],
                        draft_supplement=[Fill({"changes": "增加。", "effective_on": date(2027, 3, 9)}, only=("manager",))]),
               "attach": [ANYTHING, AUTHORITY, SCAN]},
        moments=(START, timedelta(days=1)), until=("implementing",), at_most={**CLOSING, "attach": 2, "offer_rescission": 2},
    ),
)
PROOF = Proof(
    "change", SCOPES, (*CLAIMS, *charter.claims(CHARTER, STATES)),
    unreached={**dict.fromkeys(DEDUCTIONS, STANDING), **CALLS},
)  # fmt: skip
