"""What is proved of faults (C4.5–C4.7, C9.16): in which bounds they are explored."""

from __future__ import annotations

from datetime import timedelta

from workflow.attempt import TicketNow
from workflow.fault.invariants import CLAIMS
from workflow.prove import Proof
from workflow.prove.general import CALLS, STANDING
from workflow.prove.scope import Fill, Scope, Who, after, cast

FEW = cast(
    staff="client.staff", approver="client.approver", desk="supplier.desk", engineer="supplier.engineer",
    second="supplier.engineer", manager="supplier.manager", reviewer="supervisor.reviewer",
)
ALONE = tuple(player for player in FEW if player.name != "reviewer")
REPORT = {"system": "综合执法办案系统", "symptom": "登录超时。", "impact": "无法办案。", "level": "level_2",
          "is_security_suspected": "no"}
SUSPECTED = {**REPORT, "is_security_suspected": "undetermined"}
PHONED = {**REPORT, "channel": "phone", "caller": "值班员", "received_at": after(minutes=-5)}
OTHER = TicketNow("P-0002", "fault", "reported", final=False)
PAPER = {"process": "排查", "root_cause": "覆盖配置", "lasting_measures": "检查单", "prevention": "告警"}
FILLS = {
    "report": [Fill(REPORT, only=("staff",))],
    "register": [Fill({"engineer": Who("engineer")}, only=("desk",))],
    "reassign": [Fill({"engineer": Who("second"), "reason": "换班。"}, only=("desk",))],
    "respond": [Fill({"means": "phone", "told": "值班员", "content": "正在检查。"}, only=("desk",))],
    "diagnose": [Fill({"examined": "应用日志"}, only=("engineer",))],
    "arrive": [Fill({"place": "机房"}, only=("engineer",))],
    "locate": [Fill({"cause": "配置错误", "evidence": "会话清单"}, only=("engineer",))],
    "repair": [Fill({"measure": "恢复配置"}, only=("engineer",))],
    "restore": [Fill({"measure": "恢复配置", "verified": "正常"}, only=("engineer",))],
    "feed_back": [Fill({"progress": "已回收会话", "next_step": "重启"}, only=("desk",))],
    "feed_back_result": [Fill({"result": "已恢复。", "told": "值班员"}, only=("desk",))],
    "open_problem": [Fill({"problem": "原因未明", "owner": Who("second"), "next_step": "分析"}, only=("engineer",))],
    "resolve_problem": [Fill({"cause": "泄漏", "measure": "升级"}, only=("engineer",))],
    "prepare_report": [Fill(PAPER)],
    "approve_report": [Fill({"opinion": "同意"})],
    "return_report": [Fill({"reason": "请补充。"})],
    "object_to_report": [Fill({"reason": "请补充。"}, only=("staff",))],
    "contest_restoration": [Fill({"reason": "仍不可用。"}, only=("staff",))],
    "confirm": [Fill({"rating": 4}, only=("staff", "approver"))],
    "reopen": [Fill({"reason": "又超时。"}, only=("staff",))],
    "withdraw": [Fill({"reason": "误报。"})],
    "judge_severity": [Fill({"severity": "ordinary", "criterion": "分级指南", "grounds": "无数据外泄。"}, "an ordinary one"),
                       Fill({"severity": "undetermined", "criterion": "分级指南", "grounds": "尚未查明。"}, "not determined")],
    "propose_merge": [Fill({"into": "P-0002", "reason": "同一故障。"}, only=("engineer",))],
    "decline_merge": [Fill({"reason": "不是。"}, only=("staff",))],
    "propose_no_arrival": [Fill({"reason": "可远程处理。"}, only=("engineer",))],
    "decline_no_arrival": [Fill({"reason": "请到场。"}, only=("staff",))],
    "remark": [Fill({"text": "已知悉。"}, only=("staff", "manager"))],
    "attach": [Fill({"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}, only=("staff", "manager"))],
    "complain": [Fill({"nature": "complaint", "complaint": "太慢。"}, only=("staff",))],
}
DEDUCTIONS = ("propose_deduction", "agree_deduction", "decline_deduction", "announce_delay")
SIDE = ("report_initially", "record_step", "reassign", "change_level", "complain", "propose_merge", "agree_merge",
        "decline_merge",
        "report_to_authority", "judge_severity")
NO_ARRIVAL = ("propose_no_arrival", "agree_no_arrival", "decline_no_arrival")
NOW = (timedelta(0),)
ONE_EACH = {
    **FILLS,
    "prepare_report": [Fill(FILLS["prepare_report"][0].fields, only=("engineer",))],
    "check_report": [Fill({}, only=("second",))],
    "approve_report": [Fill({"opinion": "同意"}, only=("reviewer",))],
    "return_report": [Fill({"reason": "请补充。"}, only=("reviewer",))],
    "confirm": [Fill({"rating": 4}, only=("staff",))],
    "withdraw": [Fill({"reason": "误报。"}, only=("staff",))],
}
"""Everybody does their own part only."""
STRAIGHT = {"contest_restoration": 0, "object_to_report": 0, "feed_back": 0, "open_problem": 0, "reopen": 0, "repair": 0,
            "resolve_problem": 0, "return_report": 0}
"""Nothing leads back: what would is tried, and goes no further."""
SCOPES = (
    Scope(
        "course", "The ordinary course, with cause and service back in either order, and the ways back.",
        cast=FEW, fills=ONE_EACH, moments=NOW, keeps=("reopening", "removal"), lapses=(),
        at_most={**STRAIGHT, "contest_restoration": 1, "open_problem": 1, "resolve_problem": 1, "repair": 1,
                 "object_to_report": 1},
        leaves_out=(*DEDUCTIONS, *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "report", "The written report: everybody prepares, checks, submits, approves and returns it.",
        cast=FEW, fills=FILLS, moments=NOW, keeps=("reopening", "removal"),
        at_most={one: most for one, most in STRAIGHT.items() if one != "return_report"}, leaves_out=(*DEDUCTIONS,
        *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "late", "Nothing is done in time: every limit of a fault runs out at every step.",
        cast=FEW, fills=ONE_EACH, keeps=("reopening", "removal"), lapses=(),
        moments=(timedelta(0), timedelta(minutes=20), timedelta(hours=3), timedelta(days=60)),
        at_most={**STRAIGHT, "reopen": 1}, leaves_out=(*DEDUCTIONS, *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "no_arrival", "Nobody needs to come, says the supplier: the client agrees or insists.",
        cast=FEW, fills=FILLS, moments=(timedelta(0), timedelta(hours=3)), keeps=("reopening", "removal"), until=("restored",),
        at_most={"propose_no_arrival": 2, "feed_back": 0, "repair": 0}, leaves_out=(*DEDUCTIONS, *SIDE),
    ),
    Scope(
        "security", "A network security incident is not ruled out until a person rules it out or reports it.",
        cast=FEW, fills={**ONE_EACH, "report": [Fill(SUSPECTED, only=("staff",))]}, keeps=("reopening", "removal"),
        lapses=("approver",), moments=(timedelta(0), timedelta(days=3)),
        at_most=STRAIGHT,
        leaves_out=(*DEDUCTIONS, *(one for one in SIDE if one not in ("report_to_authority", "judge_severity")), *NO_ARRIVAL),
    ),
    Scope(
        "merging", "A fault that repeats another is merged into it only with the client's word.",
        cast=FEW, fills=FILLS, moments=NOW, until=("restored",), more={"open": (OTHER,)},
        at_most={"propose_merge": 2, "feed_back": 0}, keeps=("removal",),
        leaves_out=(*DEDUCTIONS, *(one for one in SIDE if "merge" not in one), *NO_ARRIVAL),
    ),
    Scope(
        "no_supervisor", "Where nobody holds the supervisor's mandate the client reviews in its place.",
        cast=ALONE, fills={**FILLS, "report": [Fill(PHONED, only=("desk",))]}, moments=NOW, keeps=("reopening", "removal"),
        at_most={one: most for one, most in STRAIGHT.items() if one != "return_report"},
        leaves_out=(*DEDUCTIONS, *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "highest_level", "At the highest level a first report is owed soon after the service is back.",
        cast=FEW, lapses=(),
        fills={**ONE_EACH, "report": [Fill({**REPORT, "level": "level_1"}, only=("staff",))],
               "prepare_report": [Fill({**PAPER, "review_meeting": "次日复盘，双方各三人，定改进三项。"}, only=("engineer",))]},
        moments=(timedelta(0), timedelta(hours=3)), keeps=("reopening", "removal"), until=("report_submitted",),
        at_most={**STRAIGHT, "report_initially": 1},
        leaves_out=(*DEDUCTIONS, *(one for one in SIDE if one != "report_initially"), *NO_ARRIVAL),
    ),
    Scope(
        "side_acts", "What may be done beside the course: another level, another engineer, a step on record, a complaint.",
        cast=FEW, fills=FILLS, moments=NOW, until=("restored",), keeps=("removal",),
        at_most={"change_level": 1, "reassign": 1, "record_step": 1, "complain": 1, "feed_back": 1},
        leaves_out=(*DEDUCTIONS, *(one for one in SIDE if one not in ("change_level", "reassign", "record_step", "complain")),
                    *NO_ARRIVAL),
    ),
)
PROOF = Proof("fault", SCOPES, CLAIMS, unreached={**dict.fromkeys(DEDUCTIONS, STANDING), **CALLS})
