"""The ordinary course of a drill, step by step, for scenarios to leave at the point that matters to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.remembered import remembered
from tests.stage import Stage

LENGTH = timedelta(hours=3)
AHEAD = timedelta(days=2)
"""Until the planned time: long enough that the course must move the clock."""

PLAN: dict[str, Any] = {
    "title": "主备切换演练",
    "drill_form": "tabletop",
    "scope": "comprehensive",
    "systems": "综合执法办案系统",
    "emergency_plan": "信息系统突发事件应急预案",
    "emergency_plan_version": "2025 版",
    "aims": "检验切换",
    "participants": "双方各三人",
    "budget": "无",
}
STEP = {
    "step": 1,
    "stage": "carrying_out",
    "scene": "主库断电",
    "role": "实施组",
    "words": "指令：切换",
    "doing": "切换备库",
}
SCORES = dict.fromkeys(
    (
        "feasibility",
        "alarming",
        "locating",
        "commanding",
        "responding",
        "liaison",
        "supporting",
        "achievement",
        "economy",
    ),
    3,
)
REASON = {"reason": "与重大活动冲突。"}
CAUSE = {"cause": "出现真实告警。"}
REAL_FAULT = {
    "system": "综合执法办案系统",
    "symptom": "登录超时",
    "impact": "无法办案",
    "level": "level_2",
    "is_security_suspected": "no",
}
COURSE: tuple[tuple[str, str], ...] = (
    ("approve_drill", "approver1"),
    ("draft_scheme", "engineer1"),
    ("arrange_support", "engineer1"),
    ("set_assessment", "engineer1"),
    ("add_step", "engineer1"),
    ("write_script", "engineer1"),
    ("set_fallback", "manager1"),
    ("submit_scheme", "manager1"),
    ("review_scheme", "staff2"),
    ("notify_participants", "staff1"),
    ("precheck", "engineer1"),
    ("confirm_precheck", "manager1"),
    ("declare_start", "approver1"),
    ("record_entry", "engineer1"),
    ("declare_end", "manager1"),
    ("restore_systems", "engineer1"),
    ("submit_status_report", "engineer1"),
    ("assess", "reviewer1"),
    ("confirm_participation", "staff1"),
    ("confirm_participation", "desk1"),
    ("summarise", "staff1"),
    ("keep_plan", "staff1"),
    ("archive", "approver1"),
)
NAMES = [name for name, _ in COURSE]


def window(stage: Stage, after: timedelta = AHEAD) -> dict[str, Any]:
    return {"window_start": stage.at + after, "window_end": stage.at + after + LENGTH}


def fields(stage: Stage, action: str) -> dict[str, Any]:
    """What is filled in for an act of the ordinary course."""
    at = stage.at
    scheme: dict[str, Any] = {
        "scenario": "主库断电",
        "procedure": "开始、切换、恢复、结束",
        "command_group": [stage.person(one) for one in ("approver1", "manager1")],
        "implementing_group": [stage.person(one) for one in ("engineer1", "engineer2")],
        "assessment_group": [stage.person(one) for one in ("staff2", "reviewer1")],
    }
    words = ("people", "money", "place", "equipment", "communication", "technology", "safety", "checks")
    return {
        "approve_drill": {"is_only_a_drill": True},
        "draft_scheme": scheme,
        "arrange_support": dict.fromkeys(words, "已备"),
        "set_assessment": {"indicators": "用时", "method": "观察", "evidence": "记录"},
        "add_step": STEP,
        "write_script": {"main_line": "断电、切换、恢复"},
        "set_fallback": {"triggers": "不可写", "measures": "回切", "responsible": stage.person("engineer1")},
        "review_scheme": {"opinion": "可行"},
        "notify_participants": {"people_told": "全体", "message": "【演练】明日演练"},
        "precheck": {"controls": "已备份", "communication": "已试通", "people_in_place": True},
        "confirm_precheck": {"controls_confirmed": True},
        "declare_start": {"declared": True},
        "record_entry": {"happened_at": at, "what": "告警", "by_whom": "韩立"},
        "report_incident": {
            "reporter": "韩立",
            "happened_at": at,
            "place": "机房",
            "course": "断电",
            "impact": "模拟",
            "cause": "模拟",
            "measures": "切换",
        },
        "declare_end": {"outcome": "完成", "everybody_stopped": True},
        "add_late_record": {"happened_at": at, "what": "短信迟到", "by_whom": "白露", "reason": "手写记录"},
        "restore_systems": {"systems": "主库", "verified": "正常", "reported_to_command": True},
        "submit_status_report": {"condition": "normal", "details": "正常"},
        "assess": {**SCORES, "advice": "缩短告警时间"},
        "confirm_participation": {"participants": "周晓彤，指挥", "times_are_right": True},
        "summarise": {"course": "顺利", "achieved": "达标", "problems": "告警慢", "proposals": "第二通道"},
        "add_rectification": {
            "problem": "告警慢",
            "assessed_item": "alarming",
            "owner": stage.person("engineer3"),
            "due_at": at + timedelta(days=10),
            "measure": "语音告警",
        },
        "finish_rectification": {"item": 1, "evidence": "已上线"},
        "verify_rectification": {"item": 1, "finding": "三十秒接到"},
        "return_rectification": {"item": 1, "reason": "缺夜间"},
        "accept_risk": {"item": 1, "reason": "费用过高", "risk_is_accepted": True},
        "reassign_rectification": {
            "item": 1,
            "owner": stage.person("engineer2"),
            "due_at": at + timedelta(days=20),
            "reason": "调离",
        },
        "revise_plan": {"new_version": "2026 版", "changes": "第二通道"},
        "keep_plan": {"reason": "一致"},
        "rate": {"rating": "adequate", "opinion": "尚可"},
        "postpone": {**window(stage, timedelta(days=5)), "postponed_because": "冲突"},
    }.get(action, {})


@remembered
def planned(stage: Stage, by: str = "staff1", **changes: Any) -> str:
    return stage.open("drill", by=by, **{**PLAN, **window(stage), **changes})


def step(stage: Stage, number: str, action: str, by: str | None = None, /, **changes: Any) -> Any:
    """One step of the ordinary course, at the time at which it can be done."""
    if action == "declare_start":
        reach_window(stage, number)
    by = by or dict(COURSE)[action]
    return stage.do(number, action, by=by, **{**fields(stage, action), **changes})


def reach_window(stage: Stage, number: str) -> None:
    """The clock moves on to the planned time."""
    opens = datetime.fromisoformat(stage.ticket(number).fields["window_start"])
    if stage.at < opens:
        stage.later(seconds=(opens - stage.at).total_seconds())


def go(stage: Stage, number: str, until: str, *, since: str | None = None, without: tuple[str, ...] = ()) -> str:
    """The ordinary course from `since` through the last `until`, leaving some steps out."""
    first = NAMES.index(since) if since else 0
    last = len(NAMES) - 1 - NAMES[::-1].index(until)
    for name, by in COURSE[first : last + 1]:
        if name not in without:
            step(stage, number, name, by)
    return number


@remembered
def at_state(stage: Stage, until: str, *, without: tuple[str, ...] = (), **changes: Any) -> str:
    return go(stage, planned(stage, **changes), until, without=without)


def refused(stage: Stage, number: str, action: str, by: str, guard: str | None = None, /, **changes: Any) -> Any:
    """The act with what is ordinarily filled in is refused, for want of `guard`."""
    return stage.refused(number, action, by=by, guard=guard, **{**fields(stage, action), **changes})
