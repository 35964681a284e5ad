"""Stories of the demonstration week: emergency drills."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tickets.demo_stage import DemoDesk

SUPPORT = dict.fromkeys(
    ("people", "money", "place", "equipment", "communication", "technology", "safety", "checks"), "已落实。"
)
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
    5,
)


def _plan(desk: DemoDesk, by: str, title: str, opens: datetime, **fields: Any) -> str:
    return desk.open(
        "drill",
        by,
        **{
            "title": title,
            "drill_form": "tabletop",
            "scope": "comprehensive",
            "systems": "综合执法办案系统",
            "emergency_plan": "信息系统突发事件应急预案",
            "emergency_plan_version": "2025 版",
            "aims": "检验主备切换与信息报送。",
            "participants": "双方各三人",
            "budget": "无",
            "window_start": opens,
            "window_end": opens + timedelta(hours=3),
            **fields,
        },
    )


def _to_the_review(desk: DemoDesk, number: str, began: datetime) -> Iterator[datetime]:
    """From the plan to a scheme that lies ready for review."""
    person = desk.people
    yield began + timedelta(hours=2)
    desk.do(number, "approve_drill", "lixia", is_only_a_drill=True)
    yield began + timedelta(hours=4)
    desk.do(
        number,
        "draft_scheme",
        "liqiu",
        scenario="主库所在机柜断电。",
        procedure="开始、告警、切换、恢复、结束。",
        command_group=[person["lixia"], person["shuangjiang"]],
        implementing_group=[person["liqiu"], person["chushu"]],
        assessment_group=[person["guyu"], person["daxue"]],
    )
    desk.do(number, "arrange_support", "liqiu", **SUPPORT)
    desk.do(
        number,
        "set_assessment",
        "liqiu",
        indicators="切换用时、报送用时。",
        method="现场观察与记录核对。",
        evidence="操作记录与通信记录。",
    )
    yield began + timedelta(hours=5)
    desk.do(
        number,
        "add_step",
        "liqiu",
        step=1,
        stage="carrying_out",
        scene="主库断电",
        role="实施组",
        words="指令：切换",
        doing="推演切换备库",
    )
    desk.do(number, "write_script", "liqiu", main_line="断电、告警、切换、恢复。")
    desk.do(
        number,
        "set_fallback",
        "shuangjiang",
        triggers="推演影响真实业务。",
        measures="立即停止。",
        responsible=person["liqiu"],
    )
    yield began + timedelta(hours=6)
    desk.do(number, "submit_scheme", "shuangjiang")


def a_drill_held_and_assessed(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """A tabletop drill of last week: held, reported the next day, assessed, with one thing still to be put right."""
    began = ends_at - timedelta(days=7, hours=2)
    opens = began + timedelta(days=1)
    yield began
    number = _plan(desk, "bailu", "主备切换桌面推演", opens)
    yield from _to_the_review(desk, number, began)
    yield began + timedelta(hours=8)
    desk.do(number, "review_scheme", "guyu", opinion="方案可行。")
    desk.do(
        number, "notify_participants", "bailu", people_told="全体参演人员", message="【演练】明日举行主备切换桌面推演。"
    )
    yield began + timedelta(hours=22)
    desk.do(
        number, "precheck", "liqiu", controls="桌面推演，不触碰系统。", communication="已试通。", people_in_place=True
    )
    desk.do(number, "confirm_precheck", "shuangjiang", controls_confirmed=True)
    yield opens + timedelta(minutes=2)
    desk.do(number, "declare_start", "lixia", declared=True)
    yield opens + timedelta(minutes=20)
    desk.do(
        number,
        "record_entry",
        "liqiu",
        happened_at=opens + timedelta(minutes=15),
        what="推演主库断电与告警。",
        by_whom="实施组",
    )
    yield opens + timedelta(hours=2)
    desk.do(number, "declare_end", "lixia", outcome="按脚本完成。", everybody_stopped=True)
    yield opens + timedelta(hours=3)
    desk.do(number, "restore_systems", "liqiu", systems="未触碰系统。", verified="业务正常。", reported_to_command=True)
    yield opens + timedelta(hours=20)
    desk.do(number, "submit_status_report", "liqiu", condition="normal", details="次日各系统运行正常。")
    yield from _what_was_learned(desk, number, opens, ends_at)


def _what_was_learned(desk: DemoDesk, number: str, opens: datetime, ends_at: datetime) -> Iterator[datetime]:
    """Assessed, confirmed by both, summed up; one thing is still to be put right."""
    yield opens + timedelta(days=1)
    desk.do(number, "assess", "daxue", **{**SCORES, "alarming": 3}, advice="缩短告警送达时间。")
    desk.do(number, "confirm_participation", "bailu", participants="甲方三人", times_are_right=True)
    desk.do(number, "confirm_participation", "mangzhong", participants="乙方三人", times_are_right=True)
    yield opens + timedelta(days=2)
    desk.do(
        number,
        "summarise",
        "bailu",
        course="推演顺利。",
        achieved="目标基本实现。",
        problems="夜间告警送达偏慢。",
        proposals="增加语音告警。",
    )
    desk.do(
        number,
        "add_rectification",
        "bailu",
        problem="夜间告警送达偏慢。",
        assessed_item="alarming",
        owner=desk.people["hanlu"],
        due_at=ends_at + timedelta(days=10),
        measure="增加语音告警通道。",
    )


def a_drill_whose_scheme_is_under_review(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """The scheme of the next drill lies with its reviewer."""
    began = ends_at - timedelta(hours=20)
    yield began
    number = _plan(
        desk,
        "guyu",
        "举报受理系统故障切换推演",
        ends_at + timedelta(days=5),
        systems="文化市场举报受理系统",
        scope="special",
    )
    yield from _to_the_review(desk, number, began)


DRILLS = (a_drill_held_and_assessed, a_drill_whose_scheme_is_under_review)
