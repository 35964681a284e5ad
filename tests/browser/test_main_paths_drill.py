"""An emergency drill in real browsers (C9.15): planned, reviewed, declared begun and ended, reported, assessed, put away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Comes
from tests.browser.people_at_work import AtWork, Office

SUPPORT = ("人员保障", "经费保障", "地点", "基础设施保障", "通信保障", "技术保障", "安全保障", "保障检查")
ITEMS = (
    "方案可行性", "监控告警", "故障定位", "现场指挥协调", "参演处置", "关联方联动", "演练保障（含意外应急措施与回退方案）",
    "目标实现", "成本效益",
)  # fmt: skip
STEP = {
    "步骤序号": 1,
    "阶段": "执行",
    "场景": "主库断电",
    "角色": "实施组",
    "指令、报告、应答": "指令：切换",
    "动作": "推演切换备库",
}


def plan(office: Office) -> dict[str, object]:
    """A tabletop drill in two days."""
    opens = office.at + timedelta(days=2)
    return {
        "演练时段开始": opens,
        "演练时段结束": opens + timedelta(hours=3),
        "演练名称": "主备切换演练",
        "演练形式": "桌面推演",
        "演练范围": "综合演练",
        "涉及系统": "综合执法办案系统",
        "应急预案": "信息系统突发事件应急预案",
        "预案版本": "2025 版",
        "演练目的": "检验主备切换与信息报送。",
        "参演单位与人员": "双方各三人",
        "经费预算": "无",
    }


def written(engineer: AtWork, manager: AtWork) -> None:
    """The scheme with its five papers; who assesses is in no group that acts."""
    groups = {"指挥组": {"立夏", "霜降"}, "实施组": {"立秋", "处暑"}, "评估组": {"谷雨", "大雪"}}
    engineer.does("编制工作方案", {"演练情景": "主库断电。", "演练流程": "开始、告警、切换、恢复、结束。", **groups})
    manager.looks_at().cannot("提交方案评审", "【演练】保障方案", "【演练】脚本", "【演练】回退方案")
    engineer.does("编制保障方案", dict.fromkeys(SUPPORT, "已落实。"))
    engineer.does("编制评估方案", {"评估指标": "切换用时。", "评估方法": "现场观察。", "收集的证据": "操作记录。"})
    engineer.does("新增脚本步骤", STEP).does("提交演练脚本", {"主线": "断电、告警、切换、恢复。"})
    manager.does("编制回退方案", {"回退条件": "影响真实业务。", "回退步骤": "立即停止。", "负责人": "立秋"})
    manager.does("提交方案评审").is_at("方案待评审")


def made_ready(staff: AtWork, reviewer: AtWork, engineer: AtWork, manager: AtWork) -> None:
    """Reviewed by somebody who wrote none of it; everybody told; everything looked over."""
    reviewer.does("评审方案", {"意见": "方案可行。"}).is_at("方案已评审")
    expect(reviewer.paper("【演练】工作方案")).to_contain_text("✓ 已签署：谷雨 · 甲方经办人 · 评审方案")
    told = {"告知对象": "全体参演人员", "通知内容": "【演练】明日举行主备切换桌面推演。"}
    staff.does("通知各方", told).is_at("已通知各方")
    checks = {"安全控制措施": "桌面推演，不触碰系统。", "通信测试情况": "已试通。", "人员已全部到位": True}
    engineer.does("演练前检查", checks).is_at("已检查，待指挥组确认")
    engineer.cannot("指挥组确认演练前检查", "指挥组")
    manager.does("指挥组确认演练前检查", {"指挥组已确认控制措施": True}).is_at("待宣布开始")


def held(office: Office, approver: AtWork, engineer: AtWork) -> None:
    """Begun and ended by a declaration of the command, inside the planned time."""
    approver.looks_at().cannot("宣布演练开始", "此前不得开始")
    office.later(days=2, minutes=2)
    approver.does("宣布演练开始", {"我宣布演练开始": True}).is_at("演练进行中").reads("【演练】")
    entry = {"发生时刻": office.at, "经过": "推演主库断电与告警。", "执行人": "实施组"}
    engineer.is_refused("记入演练记录", {**entry, "发生时刻": office.at - timedelta(hours=3)}, because="不在演练期间")
    engineer.does("记入演练记录", entry)
    engineer.cannot("宣布演练结束", "指挥组")
    office.later(minutes=25)
    approver.does("宣布演练结束", {"结果情况": "按脚本完成。", "全体人员已停止操作": True}).is_at("演练已结束")
    expect(approver.paper("【演练】演练记录单")).to_contain_text("推演主库断电与告警。")


def looked_back_on(staff: AtWork, engineer: AtWork, desk: AtWork, supervisor: AtWork) -> None:
    """Reported the next day, assessed by who took no part, and summed up once both confirmed who was there."""
    engineer.does("提交系统运行状态报告", {"系统状态": "正常", "详细情况": "次日各系统运行正常。"}).is_at(
        "运行状态已报告"
    )
    expect(engineer.deadline("系统运行状态报告")).to_contain_text("按时完成")
    engineer.is_not_offered("评估演练")
    scores = dict.fromkeys(ITEMS, "5")
    supervisor.does("评估演练", {**scores, "改进建议": "缩短告警送达时间。"}).is_at("已评估")
    staff.does("确认参演人员与时间", {"实际参演人员": "甲方三人", "所记起止时间无误": True})
    staff.cannot("总结演练", "乙方")
    desk.does("确认参演人员与时间", {"实际参演人员": "乙方三人", "所记起止时间无误": True})
    summary = {
        "演练经过": "推演顺利。",
        "取得的成效": "目标实现。",
        "发现的问题": "告警偏慢。",
        "对应急预案的修订建议": "无。",
    }
    staff.does("总结演练", summary).is_at("已总结，整改中")


@pytest.mark.whole
def test_c9_15_a_drill_from_its_plan_to_the_archive(office: Office, comes: Comes) -> None:
    staff = comes("白露")
    number = staff.opens("【演练】应急演练", plan(office))
    staff.is_at("演练计划待批准", turn="等待贵方办理").reads("【演练】")
    approver = comes("立夏", signed_in=False).signs_in().finds(number)
    approver.does("批准演练计划", {"本单为演练，未掩盖任何真实故障": True}).is_at("演练计划已批准")
    engineer, manager = comes("立秋").looks_at(number), comes("霜降").looks_at(number)
    written(engineer, manager)
    made_ready(staff, comes("谷雨").looks_at(number), engineer, manager)
    held(office, approver, engineer)

    engineer.does("恢复系统", {"恢复内容": "未触碰系统。", "验证方式": "业务正常。", "已向指挥组报告": True}).is_at(
        "系统已恢复"
    )
    expect(engineer.deadline("系统运行状态报告")).to_contain_text("乙方的义务")
    office.later(hours=20)
    looked_back_on(
        staff, engineer, comes("芒种").looks_at(number), comes("大雪", signed_in=False).signs_in().looks_at(number)
    )
    approver.looks_at().is_not_offered("归档")
    staff.does("预案无须修订", {"不修订的理由": "推演结果与预案一致。"}).is_at("预案不修订")
    approver.finds(number).does("归档").is_at("已归档").reads("已办结")
    for paper in (
        "演练计划",
        "工作方案",
        "保障方案",
        "评估方案",
        "脚本",
        "回退方案",
        "演练记录单",
        "评估单",
        "总结报告",
    ):
        expect(approver.paper(f"【演练】{paper}")).to_be_visible()
