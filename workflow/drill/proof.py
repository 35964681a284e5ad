"""What is proved of emergency drills (C9.15): in which bounds they are explored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from workflow.attempt import Facts, TicketNow
from workflow.drill.invariants import CLAIMS
from workflow.prove import Proof
from workflow.prove.general import CALLS, STANDING
from workflow.prove.scope import Elsewhere, Fill, Scope, Who, after, cast

FEW = cast(
    staff="client.staff",
    approver="client.approver",
    engineer="supplier.engineer",
    second="supplier.engineer",
    manager="supplier.manager",
    reviewer="supervisor.reviewer",
)
TWO_OF_THE_CLIENT = (*FEW, *cast(colleague="client.staff"))
PLAN = {
    "title": "主备切换演练",
    "drill_form": "tabletop",
    "scope": "comprehensive",
    "systems": "综合执法办案系统",
    "emergency_plan": "突发事件应急预案",
    "emergency_plan_version": "2025 版",
    "aims": "检验切换",
    "participants": "双方各三人",
    "budget": "无",
    "window_start": after(hours=1),
    "window_end": after(hours=4),
}
SCHEME = {
    "scenario": "主库断电",
    "procedure": "开始、切换、结束",
    "command_group": [Who("approver"), Who("manager")],
    "implementing_group": [Who("engineer"), Who("manager")],
    "assessment_group": [Who("staff"), Who("reviewer")],
}
WORDS = ("people", "money", "place", "equipment", "communication", "technology", "safety", "checks")
STEP = {
    "step": 1,
    "stage": "carrying_out",
    "scene": "主库断电",
    "role": "实施组",
    "words": "指令：切换",
    "doing": "切换备库",
}
ITEMS = (
    "feasibility",
    "alarming",
    "locating",
    "commanding",
    "responding",
    "liaison",
    "supporting",
    "achievement",
    "economy",
)
ENTRY = {"happened_at": after(hours=1), "what": "告警", "by_whom": "韩立"}
OPERATION = TicketNow("P-0002", "reboot", "requested", final=False)
PROBLEM = {
    "problem": "告警慢",
    "assessed_item": "alarming",
    "owner": Who("manager"),
    "due_at": after(days=10),
    "measure": "语音告警",
}
REASON = {"reason": "与重大活动冲突。"}
FILLS = {
    "plan_drill": [Fill(PLAN, only=("staff",))],
    "amend_plan": [Fill(PLAN, only=("staff",))],
    "approve_drill": [Fill({"is_only_a_drill": True})],
    "decline_plan": [Fill(REASON)],
    "cancel": [Fill(REASON, only=("staff", "manager"))],
    "postpone": [Fill({"window_start": after(hours=5), "window_end": after(hours=8), "postponed_because": "冲突"})],
    "draft_scheme": [
        Fill(SCHEME, only=("engineer",)),
        Fill({**SCHEME, "command_group": [Who("manager")]}, "with a command of one party", only=("engineer",)),
        Fill(
            {**SCHEME, "assessment_group": [Who("engineer")]}, "with somebody who assesses himself", only=("engineer",)
        ),
    ],
    "arrange_support": [Fill(dict.fromkeys(WORDS, "已备"), only=("engineer",))],
    "set_assessment": [Fill({"indicators": "用时", "method": "观察", "evidence": "记录"}, only=("engineer",))],
    "add_step": [Fill(STEP, only=("engineer",))],
    "drop_step": [Fill({"step": 1}, only=("engineer",))],
    "write_script": [Fill({"main_line": "断电、切换、恢复"}, only=("engineer",))],
    "set_fallback": [
        Fill({"triggers": "不可写", "measures": "回切", "responsible": Who("engineer")}, only=("engineer",))
    ],
    "link_operation": [Fill({"step": 1, "operation_ticket": "P-0002"}, only=("engineer",))],
    "submit_scheme": [Fill({}, only=("manager",))],
    "review_scheme": [Fill({"opinion": "可行"})],
    "return_scheme": [Fill(REASON, only=("staff",))],
    "notify_participants": [Fill({"people_told": "全体", "message": "【演练】明日演练"}, only=("staff",))],
    "precheck": [
        Fill({"controls": "已备份", "communication": "已试通", "people_in_place": True}, only=("engineer", "manager"))
    ],
    "confirm_precheck": [Fill({"controls_confirmed": True})],
    "declare_start": [Fill({"declared": True})],
    "record_entry": [
        Fill(ENTRY, only=("engineer",)),
        Fill({**ENTRY, "happened_at": after(minutes=-30)}, "of something before the start", only=("engineer",)),
    ],
    "report_incident": [
        Fill(
            {
                "reporter": "韩立",
                "happened_at": after(hours=1),
                "place": "机房",
                "course": "断电",
                "impact": "模拟",
                "cause": "模拟",
                "measures": "切换",
            },
            only=("engineer",),
        )
    ],
    "report_real_fault": [
        Fill(
            {
                "system": "综合执法办案系统",
                "symptom": "登录超时",
                "impact": "无法办案",
                "level": "level_2",
                "is_security_suspected": "no",
            },
            only=("staff",),
        )
    ],
    "declare_end": [Fill({"outcome": "完成", "everybody_stopped": True})],
    "terminate_early": [Fill({"cause": "真实告警。"})],
    "stop_drill": [Fill({"cause": "真实告警。"}, only=("engineer", "staff"))],
    "add_late_record": [
        Fill(
            {"happened_at": after(hours=1), "what": "短信迟到", "by_whom": "白露", "reason": "手写"}, only=("engineer",)
        )
    ],
    "restore_systems": [Fill({"systems": "主库", "verified": "正常", "reported_to_command": True}, only=("engineer",))],
    "submit_status_report": [Fill({"condition": "normal", "details": "正常"}, only=("engineer",))],
    "assess": [
        Fill({**dict.fromkeys(ITEMS, 3), "advice": "缩短告警时间"}, "nothing is poor"),
        Fill({**dict.fromkeys(ITEMS, 3), "alarming": 1, "advice": "缩短告警时间"}, "one item is poor"),
    ],
    "confirm_participation": [Fill({"participants": "三人", "times_are_right": True}, only=("staff", "engineer"))],
    "rate": [Fill({"rating": "adequate", "opinion": "尚可"})],
    "revise_plan": [
        Fill({"new_version": "2026 版", "changes": "第二通道"}, only=("staff",)),
        Fill({"new_version": "2025 版", "changes": "第二通道"}, "under the version that was drilled", only=("staff",)),
    ],
    "summarise": [
        Fill({"course": "顺利", "achieved": "达标", "problems": "告警慢", "proposals": "第二通道"}, only=("staff",))
    ],
    "add_rectification": [
        Fill(PROBLEM, only=("staff",)),
        Fill({**PROBLEM, "due_at": after(days=-1)}, "by a day that has passed", only=("staff",)),
    ],
    "reassign_rectification": [
        Fill({"item": 1, "owner": Who("engineer"), "due_at": after(days=20), "reason": "调离"}, only=("staff",))
    ],
    "finish_rectification": [Fill({"item": 1, "evidence": "已上线"}, only=("engineer", "manager"))],
    "verify_rectification": [Fill({"item": 1, "finding": "三十秒接到"}, only=("manager", "staff"))],
    "return_rectification": [Fill({"item": 1, "reason": "缺夜间"}, only=("staff",))],
    "accept_risk": [Fill({"item": 1, "reason": "费用过高", "risk_is_accepted": True})],
    "keep_plan": [Fill({"reason": "一致"}, only=("staff",))],
    "abandon": [Fill(REASON)],
    "remark": [Fill({"text": "已知悉。"}, only=("staff", "manager"))],
    "attach": [Fill({"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}, only=("staff", "manager"))],
}
DEDUCTIONS = ("propose_deduction", "agree_deduction", "decline_deduction", "announce_delay")
RECTIFYING = (
    "add_rectification",
    "reassign_rectification",
    "finish_rectification",
    "verify_rectification",
    "return_rectification",
    "accept_risk",
)
DANGEROUS = ("link_operation", "drop_step")
START, OPEN, OVER, DAYS_LATER = timedelta(0), timedelta(hours=1), timedelta(hours=4, minutes=5), timedelta(days=3)


def moves(state: str, final: bool) -> Callable[[Facts], Facts | None]:
    """The bound operation comes to this state on its own ticket."""

    def change(facts: Facts) -> Facts | None:
        if not any(link.kind == "reboot" and link.state not in (state, "closed") for link in facts.links):
            return None
        return replace(
            facts, links=tuple(replace(x, state=state, final=final) if x.kind == "reboot" else x for x in facts.links)
        )

    return change


ELSEWHERE = (
    Elsewhere("operation_starts", "The bound operation is started on its own ticket.", moves("executing", final=False)),
    Elsewhere("operation_ends", "The bound operation comes to its end.", moves("closed", final=True)),
)
STRAIGHT = {
    "amend_plan": 0,
    "postpone": 0,
    "return_scheme": 0,
    "decline_plan": 0,
    "add_step": 1,
    "precheck": 1,
    "rate": 0,
    "record_entry": 0,
    "add_late_record": 0,
    "report_incident": 0,
    "report_real_fault": 0,
    "confirm_participation": 2,
}
"""Nothing leads back, and nothing piles up: what would is tried, and goes no further."""
ONE_EACH = {
    **FILLS,
    "approve_drill": [Fill({"is_only_a_drill": True}, only=("approver",))],
    "draft_scheme": FILLS["draft_scheme"][:1],
    "review_scheme": [Fill({"opinion": "可行"}, only=("reviewer",))],
    "confirm_precheck": [Fill({"controls_confirmed": True}, only=("manager",))],
    "precheck": [Fill(FILLS["precheck"][0].fields, only=("engineer",))],
    "declare_start": [Fill({"declared": True}, only=("approver",))],
    "declare_end": [Fill({"outcome": "完成", "everybody_stopped": True}, only=("manager",))],
    "terminate_early": [Fill({"cause": "真实告警。"}, only=("manager",))],
    "assess": [Fill(FILLS["assess"][0].fields, only=("reviewer",))],
    "decline_plan": [Fill(REASON, only=("manager",))],
}
"""Everybody does their own part only."""
TOLD = ("participants_notified",)
AT_NIGHT = {**PLAN, "window_start": after(hours=1), "window_end": after(hours=6)}
LAST_EVENING = datetime(2027, 3, 9, 12, tzinfo=UTC)
"""Eight in the evening of the last day of the term, where the contract is."""
SCOPES = (
    Scope(
        "before",
        "From the plan to the start: everybody tries what is theirs and what is not.",
        cast=FEW,
        fills=FILLS,
        moments=(START, OPEN),
        lapses=("approver", "manager"),
        at_most=STRAIGHT,
        until=("running",),
        leaves_out=(*DEDUCTIONS, *RECTIFYING, *DANGEROUS),
    ),
    Scope(
        "afterwards",
        "From the start to the archive: everybody tries what is theirs and what is not.",
        cast=FEW,
        moments=(START, OPEN),
        lapses=(),
        at_most={**STRAIGHT, "stop_drill": 0, "terminate_early": 0},
        fills={**ONE_EACH, "assess": FILLS["assess"], "declare_end": FILLS["declare_end"]},
        leaves_out=(*DEDUCTIONS, *RECTIFYING, *DANGEROUS),
    ),
    Scope(
        "changes",
        "The plan is changed, declined and postponed, the scheme is returned, and time runs out.",
        cast=FEW,
        fills=ONE_EACH,
        moments=(START, OVER),
        lapses=(),
        until=("running",),
        at_most={**STRAIGHT, "amend_plan": 1, "postpone": 1},
        leaves_out=(*DEDUCTIONS, *RECTIFYING, *DANGEROUS),
    ),
    Scope(
        "late",
        "The drill runs over, and the report on the systems is late.",
        cast=FEW,
        fills=ONE_EACH,
        moments=(START, OPEN, OVER, DAYS_LATER),
        lapses=(),
        until=("status_reported",),
        at_most={**STRAIGHT, "confirm_participation": 0},
        leaves_out=(*DEDUCTIONS, *RECTIFYING, *DANGEROUS),
    ),
    Scope(
        "dangerous_step",
        "A dangerous step: under an operation ticket of its own or not at all.",
        cast=FEW,
        moments=(START, OPEN),
        lapses=(),
        until=("ended", "terminated_early"),
        fills={
            **ONE_EACH,
            "add_step": [
                Fill({**STEP, "operation": "reboot"}, only=("engineer",)),
                Fill(STEP, "that is not dangerous", only=("engineer",)),
            ],
            "link_operation": [
                Fill({"step": 1, "operation_ticket": "P-0002"}, only=("engineer",), at=TOLD),
            ],
            "record_entry": [
                Fill({**ENTRY, "step": 1, "operation_ticket": "P-0002"}, "of the dangerous step", only=("engineer",)),
                Fill({**ENTRY, "step": 1}, "of the dangerous step without its ticket", only=("engineer",)),
            ],
            "attach": [
                Fill({"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}, only=("staff", "manager")),
                Fill(
                    {"paper": "drill_backup_evidence", "note": "备份", "file": {"digest": "1" * 64}},
                    "of the backup",
                    only=("engineer",),
                    at=TOLD,
                ),
            ],
        },
        more={"tickets": (OPERATION,), "current": ()},
        elsewhere=ELSEWHERE,
        at_most={**STRAIGHT, "link_operation": 1, "drop_step": 1},
        leaves_out=(*DEDUCTIONS, *RECTIFYING),
    ),
    Scope(
        "putting_right",
        "What was found poor is put right, judged by another, or its risk is borne.",
        cast=FEW,
        fills={**FILLS, **ONE_EACH, "assess": FILLS["assess"][1:]},
        moments=(START, OPEN),
        lapses=(),
        at_most={
            **STRAIGHT,
            "add_rectification": 1,
            "reassign_rectification": 1,
            "finish_rectification": 2,
            "return_rectification": 1,
            "verify_rectification": 1,
            "accept_risk": 1,
            "stop_drill": 0,
            "terminate_early": 0,
        },
        leaves_out=(*DEDUCTIONS, *DANGEROUS, "revise_plan"),
    ),
    Scope(
        "one_person",
        "Accounts turn out, at any step, to be one natural person's.",
        cast=TWO_OF_THE_CLIENT,
        moments=(START, OPEN),
        lapses=(),
        at_most=STRAIGHT,
        until=("running",),
        fills={
            **ONE_EACH,
            "plan_drill": [Fill(PLAN, only=("colleague",))],
            "draft_scheme": [Fill(SCHEME, only=("staff",))],
            "review_scheme": [Fill({"opinion": "可行"}, only=("colleague",))],
        },
        found_one=(("approver", "colleague"), ("staff", "colleague"), ("engineer", "manager")),
        leaves_out=(*DEDUCTIONS, *RECTIFYING, *DANGEROUS),
    ),
    Scope(
        "end_of_term",
        "The time of the drill reaches over the end of the contract.",
        cast=FEW,
        moments=(START, OPEN, timedelta(hours=5)),
        lapses=(),
        at_most=STRAIGHT,
        until=("running",),
        fills={**ONE_EACH, "plan_drill": [Fill(AT_NIGHT, only=("staff",))]},
        begins=LAST_EVENING,
        leaves_out=(*DEDUCTIONS, *RECTIFYING, *DANGEROUS),
    ),
    Scope(
        "after_the_term",
        "The contract has ended: nobody plans a drill under it.",
        cast=FEW,
        fills=ONE_EACH,
        lapses=(),
        begins=LAST_EVENING + timedelta(hours=12),
        until=("planned",),
    ),
)
PROOF = Proof("drill", SCOPES, CLAIMS, unreached={**dict.fromkeys(DEDUCTIONS, STANDING), **CALLS})
