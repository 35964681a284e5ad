"""What people fill in where drills are explored (see `proof`): small, and nobody's real words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow.prove.scope import Fill, Who, after

PLAN = {
    "title": "主备切换演练", "drill_form": "tabletop", "scope": "comprehensive", "systems": "综合执法办案系统",
    "emergency_plan": "突发事件应急预案", "emergency_plan_version": "2025 版", "aims": "检验切换", "participants": "双方各三人",
    "budget": "无", "window_start": after(hours=1), "window_end": after(hours=4),
}  # fmt: skip
NOW = {**PLAN, "window_start": after()}
"""The plan of a drill that may start at once: where nothing is to be shown of the time before it."""
SCHEME = {
    "scenario": "主库断电", "procedure": "开始、切换、结束", "command_group": [Who("approver"), Who("manager")],
    "implementing_group": [Who("engineer"), Who("manager")], "assessment_group": [Who("staff"), Who("reviewer")],
}  # fmt: skip
WORDS = ("people", "money", "place", "equipment", "communication", "technology", "safety", "checks")
STEP = {
    "step": 1, "stage": "carrying_out", "scene": "主库断电", "role": "实施组", "words": "指令：切换", "doing": "切换备库",
}  # fmt: skip
SCORES = dict.fromkeys(
    ("feasibility", "alarming", "locating", "commanding", "responding", "liaison", "supporting", "achievement", "economy"), 3
)  # fmt: skip
SHEET = {**SCORES, "advice": "缩短告警时间"}
ENTRY = {"happened_at": after(), "what": "告警", "by_whom": "韩立"}
TOO_EARLY = {"happened_at": after(minutes=-30)}
INCIDENT = {
    "reporter": "韩立", "happened_at": after(), "place": "机房", "course": "断电", "impact": "模拟", "cause": "模拟",
    "measures": "切换",
}  # fmt: skip
LATE_ENTRY = {"happened_at": after(), "what": "短信迟到", "by_whom": "白露", "reason": "手写"}
FAULT = {
    "system": "综合执法办案系统", "symptom": "登录超时", "impact": "无法办案", "level": "level_2", "is_security_suspected": "no",
}  # fmt: skip
MONITORED = {**FAULT, "channel": "monitoring"}
PROBLEM = {
    "problem": "告警慢", "assessed_item": "alarming", "owner": Who("manager"), "due_at": after(days=10), "measure": "语音告警",
}  # fmt: skip
GIVEN_ANEW = {"item": 1, "owner": Who("engineer"), "due_at": after(days=20), "reason": "调离"}
REASON = {"reason": "与重大活动冲突。"}
POSTPONED = {"window_start": after(hours=5), "window_end": after(hours=8), "postponed_because": "冲突"}
FILE = {"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}
BACKUP = {"paper": "drill_backup_evidence", "note": "备份", "file": {"digest": "1" * 64}}
PASSED = {"window_start": after(hours=-3), "window_end": after(hours=-1)}

FILLS: Mapping[str, Sequence[Fill]] = {
    "plan_drill": [
        Fill(PLAN, only=("staff",)),
        Fill({**PLAN, **PASSED}, "for a time that has passed", only=("staff",), aside=True),
    ],
    "amend_plan": [Fill(PLAN, only=("staff",))],
    "approve_drill": [Fill({"is_only_a_drill": True})],
    "decline_plan": [Fill(REASON)],
    "cancel": [Fill(REASON, only=("staff", "manager"))],
    "postpone": [
        Fill(POSTPONED),
        Fill({**POSTPONED, **PASSED}, "to a time that has passed", only=("approver",), aside=True),
    ],
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
        Fill({**ENTRY, **TOO_EARLY}, "of something before the start", only=("engineer",)),
    ],
    "report_incident": [
        Fill(INCIDENT, only=("engineer",)),
        Fill({**INCIDENT, **TOO_EARLY}, "of something before the start", only=("engineer",)),
    ],
    "report_real_fault": [Fill(FAULT, only=("staff",))],
    "declare_end": [Fill({"outcome": "完成", "everybody_stopped": True})],
    "terminate_early": [Fill({"cause": "真实告警。"})],
    "stop_drill": [Fill({"cause": "真实告警。"}, only=("engineer", "staff"))],
    "add_late_record": [
        Fill(LATE_ENTRY, only=("engineer",)),
        Fill({**LATE_ENTRY, **TOO_EARLY}, "of something before the start", only=("engineer",)),
    ],
    "restore_systems": [Fill({"systems": "主库", "verified": "正常", "reported_to_command": True}, only=("engineer",))],
    "submit_status_report": [Fill({"condition": "normal", "details": "正常"}, only=("engineer",))],
    "assess": [Fill(SHEET, "nothing is poor"), Fill({**SHEET, "alarming": 1}, "one item is poor")],
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
        Fill(GIVEN_ANEW, only=("staff",)),
        Fill({**GIVEN_ANEW, "due_at": after(days=-1)}, "by a day that has passed", only=("staff",)),
    ],
    "finish_rectification": [Fill({"item": 1, "evidence": "已上线"}, only=("engineer", "manager"))],
    "verify_rectification": [Fill({"item": 1, "finding": "三十秒接到"}, only=("manager", "staff"))],
    "return_rectification": [Fill({"item": 1, "reason": "缺夜间"}, only=("manager", "staff"))],
    "accept_risk": [Fill({"item": 1, "reason": "费用过高", "risk_is_accepted": True})],
    "keep_plan": [Fill({"reason": "一致"}, only=("staff",))],
    "archive": [Fill({})],
    "abandon": [Fill(REASON)],
    "remark": [Fill({"text": "已知悉。"}, only=("staff", "manager"))],
    "attach": [Fill(FILE, only=("staff", "manager"))],
}  # fmt: skip
"""Everybody tries, and what is not right is tried too."""


def by(name: str, *acts: str) -> dict[str, list[Fill]]:
    """These acts in their first way, by this player alone."""
    return {act: [Fill(FILLS[act][0].fields, only=(name,))] for act in acts}


ONE_EACH: Mapping[str, Sequence[Fill]] = {
    **{act: ways[:1] for act, ways in FILLS.items()},
    **by("approver", "approve_drill", "postpone", "declare_start", "archive", "abandon"),
    **by("manager", "confirm_precheck", "declare_end", "terminate_early", "decline_plan"),
    **by("reviewer", "review_scheme", "assess"),
    **by("engineer", "precheck"),
}
"""Everybody does their own part only."""
AT_ONCE: Mapping[str, Sequence[Fill]] = {**ONE_EACH, "plan_drill": [Fill(NOW, only=("staff",))]}
"""The same of a drill that may start at once."""
