"""What people fill in where service changes are explored (see `proof`): small, and nobody's real words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from workflow.prove.scope import Fill, Who, after, tried_by_all

FIRST_DAY, LAST_DAY = date(2026, 3, 10), date(2027, 3, 9)


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


ANYTHING = Fill(
    {"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}, only=("staff", "manager"), aside=True
)
AUTHORITY = file("authority_opinion", "plan_proposed", "plan_approved")
SCAN = file("supplement_scan", "agreed", "supplement_signed", by="desk")
IN_ORDER = (
    ANYTHING,
    file("authority_opinion", "plan_approved"),
    file("supplement_scan", "supplement_signed", by="desk"),
)
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
AT_ONCE = [Fill({"changes": "数量增加。", "effective_on": date(2026, 6, 1)}, only=("manager",))]


def opened(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Everybody does their part of a change with this application."""
    return {**FILLS, "draft": [Fill(fields, only=("staff",))], "amend": [Fill(fields, only=("staff",))], **more}


WRONG = [
    Fill({**REQUEST, "lines": [row(1, 4), row(1, 5)]}, "with one line twice", only=("staff",)),
    Fill({**REQUEST, "lines": [row(1, -4)]}, "that grows by less than nothing", only=("staff",)),
    Fill({**REQUEST, "type": "reduce", "lines": [row(1, -900)]}, "that gives back more than there is", only=("staff",)),
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


def everybodys(fields: dict[str, Any], by: str, *documents: Fill, **more: list[Fill]) -> dict[str, list[Fill]]:
    """Everybody tries what others do as well, in a change with this application by this player."""
    ways = {**STRAIGHT_ON, "draft": [Fill(fields, only=(by,))], "amend": [Fill(fields, aside=True)],
            "amend_proposal": [Fill(fields, aside=True)], "redraft": [Fill(fields, aside=True)], **more}  # fmt: skip
    return {**tried_by_all(ways), "attach": [replace(ANYTHING, only=()), *documents]}


AGREEING = ("record_publicity", "record_filing")
EXCUSES = ("publicity_not_applicable", "filing_not_applicable")
SHOWN = {act: [Fill(EVIDENCE, aside=True)] for act in AGREEING}
"""What both signed is announced and filed, which changes nothing of where the ticket goes."""
TRIED_ANEW = [replace(one, aside=True) for one in WRONG]
