"""The ordinary course of a fault, step by step, for scenarios to leave at the point that matters to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.remembered import remembered
from tests.stage import Stage

REPORT: dict[str, Any] = {
    "system": "综合执法办案系统",
    "symptom": "登录超时",
    "impact": "无法办案",
    "level": "level_2",
    "is_security_suspected": "no",
}
PHONED: dict[str, Any] = {"channel": "phone", "caller": "周晓彤"}
RESPONSE = {"means": "phone", "told": "周晓彤", "content": "正在检查数据库连接。"}
CAUSE = {"cause": "连接池配置错误", "evidence": "见会话清单"}
RESTORATION = {"measure": "恢复配置并重启应用", "verified": "登录、查询、提交均正常"}
PROGRESS = {"progress": "已回收空闲会话", "next_step": "重启节点"}
RESULT = {"result": "已恢复，配置已改回。", "told": "周晓彤"}
PAPER = {
    "process": "逐层排查",
    "root_cause": "升级脚本覆盖配置",
    "lasting_measures": "发布检查单",
    "prevention": "连接数告警",
}
REVIEW = {"review_meeting": "5 月 13 日 15:00 双方复盘。"}
KNOWN = {"known": "10:21 恢复，起因待查。", "next_step": "核对发布记录。"}
PROBLEM = {"problem": "泄漏原因未明", "next_step": "分析堆转储"}
REASON = {"reason": "经核实如此。"}
PERIOD = {**REASON, "evidence": "见 10:10 的通话记录"}
RECURRENCE = {"reason": "今天又超时。"}
CORRECTION = {"reason": "请补充会话清单。"}

COURSE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("register", "desk1", {}),
    ("respond", "engineer1", RESPONSE),
    ("diagnose", "engineer1", {"examined": "应用日志"}),
    ("arrive", "engineer1", {"place": "机房 B 区"}),
    ("locate", "engineer1", CAUSE),
    ("repair", "engineer1", {"measure": "恢复配置"}),
    ("restore", "engineer1", RESTORATION),
    ("feed_back_result", "desk1", RESULT),
    ("prepare_report", "engineer1", PAPER),
    ("check_report", "engineer2", {}),
    ("submit_report", "manager1", {}),
    ("approve_report", "reviewer1", {"opinion": "同意"}),
    ("confirm", "staff1", {"rating": 4}),
)


def reported(stage: Stage, by: str = "staff1", **changes: Any) -> str:
    """A fault as reported: by the client on the page, or as entered by the supplier."""
    return stage.open("fault", by=by, **{**REPORT, **changes})


def phoned(stage: Stage, *, minutes_ago: float, by: str = "desk1", **changes: Any) -> str:
    """A fault that the supplier received by phone some minutes ago and enters now."""
    return reported(stage, by, **PHONED, received_at=stage.at - timedelta(minutes=minutes_ago), **changes)


def step(stage: Stage, number: str, action: str) -> None:
    """One step of the ordinary course."""
    name, by, fields = next(one for one in COURSE if one[0] == action)
    extra = {"engineer": stage.person("engineer1")} if name == "register" else {}
    stage.do(number, name, by=by, **fields, **extra)


def go(stage: Stage, number: str, until: str, *, since: str = "register", without: tuple[str, ...] = ()) -> str:
    """The ordinary course from `since` through `until`, leaving some steps out."""
    names = [name for name, _by, _fields in COURSE]
    for name in names[names.index(since) : names.index(until) + 1]:
        if name not in without:
            step(stage, number, name)
    return number


@remembered
def at_state(stage: Stage, until: str, *, without: tuple[str, ...] = (), **changes: Any) -> str:
    """A fault reported by the client and brought through `until`."""
    return go(stage, reported(stage, **changes), until, without=without)


def actions(stage: Stage, number: str) -> list[str]:
    """The names of the accepted acts, in order."""
    return [event.action for event in stage.ticket(number).events if event.accepted]
