"""A fault in real browsers (C9.16, C4.6, C4.7): four clocks, a late answer that stays on record, and no closing by silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Comes
from tests.browser.people_at_work import AtWork, Office

REPORT = {
    "信息系统": "综合执法办案系统",
    "故障现象": "登录页面打不开，提示连接超时。",
    "影响范围": "全体办案人员无法登录。",
    "故障级别": "二级",
    "是否可能属于网络安全事件？": "否",
}
WRITTEN = {
    "处理经过": "按网络、应用、数据库的次序排查。",
    "根本原因（一段话）": "升级脚本覆盖了连接池配置。",
    "根本措施": "发布检查单增加配置比对。",
    "预防措施": "连接数达到八成即告警。",
}


def phoned_in(office: Office, desk: AtWork) -> str:
    """The service desk types what it was told on the phone five minutes ago: from then on all clocks count."""
    said = {"接报渠道": "电话", "报障人": "白露", "接报时间": office.at - timedelta(minutes=5)}
    number = desk.opens("故障", {**REPORT, **said})
    desk.is_at("已报障", turn="等待贵方办理 · 乙方服务台").reads("报障时没有生效的重要信息系统清单")
    for name, left, due in (
        ("响应时限", "还剩 9 分", "10:10:00"),
        ("排除时限", "还剩 24 分", "10:25:00"),
        ("到场时限", "还剩 1 小时 54 分", "11:55:00"),
    ):
        expect(desk.deadline(name)).to_contain_text(left)
        expect(desk.deadline(name)).to_contain_text(f"截止 2026-05-12 {due} UTC+8 · 乙方的义务")
    return number


def counts_down(chip: Locator) -> None:
    """A second later the page says less, without being loaded anew."""
    before = chip.inner_text()
    expect(chip).not_to_have_text(before)


def mended(office: Office, engineer: AtWork) -> None:
    """Answered too late, then removed in time; that the service is back and that the cause is known are two things."""
    engineer.does("响应", {"响应方式": "电话", "告知对象": "白露", "答复内容": "已接手，正在检查数据库连接。"}).is_at(
        "已响应"
    )
    expect(engineer.deadline("响应时限")).to_contain_text("超时 1 分")
    expect(engineer.deadline("响应时限")).to_contain_text("后完成")
    engineer.does("开始排查", {"排查内容": "应用日志与会话清单。"}).is_at("排查中")
    engineer.does("恢复服务", {"处置措施": "恢复配置并重启应用。", "验证方式": "登录、查询、提交均正常。"}).is_at(
        "已恢复"
    )
    expect(engineer.deadline("排除时限")).to_contain_text("还剩")
    engineer.does("定位原因", {"原因": "连接池配置错误。", "判断依据": "会话清单。"})
    expect(engineer.deadline("排除时限")).to_contain_text("按时完成")
    office.later(minutes=40)
    engineer.does("到场", {"地点": "政务云机房 B 区"})
    expect(engineer.deadline("到场时限")).to_contain_text("按时完成")
    engineer.does("反馈结果", {"结果": "已恢复，配置已改回。", "告知对象": "白露"}).is_at("结果已反馈")


def reported_in_writing(author: AtWork, checker: AtWork, manager: AtWork, words: dict[str, str]) -> None:
    """Written by one, checked by a second, submitted by a third."""
    author.does("编制书面报告", words).is_at("报告已编制")
    author.cannot("审核报告（乙方）", "“编制书面报告”由您本人办理，此处须由另一人办理。")
    manager.looks_at().cannot("批准并提交报告", "尚未由")
    checker.does("审核报告（乙方）")
    manager.does("批准并提交报告").is_at("报告已提交", turn="等待监理办理")


@pytest.mark.whole
def test_c9_16_a_fault_by_phone_is_answered_late_removed_reported_reviewed_and_confirmed(
    office: Office, comes: Comes
) -> None:
    desk = comes("芒种")
    number = phoned_in(office, desk)
    counts_down(desk.deadline("响应时限").locator(".countdown"))
    desk.does("登记", {"负责工程师": "立秋", "初步建议": "请保留报错截图。"}).is_at("已登记")
    expect(desk.deadline("响应时限")).to_contain_text("还剩 9 分")

    office.later(minutes=11)
    client = comes("白露").looks_at(number)
    expect(client.deadline("响应时限")).to_contain_text("已超 1 分")
    expect(client.deadline("响应时限")).to_contain_text("逾期记录于 2026-05-12 10:11:00 UTC+8")
    noted = client.history.get_by_role("listitem").filter(has_text="记录响应超时")
    expect(noted).to_contain_text("应于 2026-05-12 10:10:00 UTC+8 前完成，2026-05-12 10:11:00 UTC+8 记录逾期")
    client.goes_to("/notices")
    client.reads("记录响应超时")

    engineer = comes("立秋").finds(number, "故障已登记并明确负责工程师，尚未响应。")
    mended(office, engineer)
    checker, manager = comes("处暑").looks_at(number), comes("霜降").looks_at(number)
    reported_in_writing(engineer, checker, manager, WRITTEN)

    supervisor = comes("大雪", signed_in=False).signs_in().finds(number)
    supervisor.does("退回报告", {"须更正之处": "请附上会话清单的编号。"}).is_at("已退回", turn="等待乙方办理")
    engineer.finds(number, "书面报告被退回并附理由").reads("请附上会话清单的编号。")
    reported_in_writing(engineer, checker, manager, {**WRITTEN, "处理经过": "按次序排查，会话清单见附件 3。"})
    supervisor.finds(number)
    expect(supervisor.paper("故障报告")).to_contain_text("第 2 版")
    supervisor.does("审核通过报告", {"意见": "报告与记录一致；响应超时一事已如实记录。"}).is_at(
        "已审核", turn="等待甲方办理"
    )
    supervisor.is_not_offered("确认关闭")

    client.finds(number)
    client.does("确认关闭", {"满意度（1 至 5 分）": "4", "评语": "处理得当，响应慢了。"}).is_at("已办结")
    report = client.paper("故障报告")
    for signed in ("处暑 · 乙方运维工程师", "霜降 · 乙方运维经理", "大雪 · 监理", "白露 · 甲方经办人 · 确认关闭"):
        expect(report).to_contain_text(f"✓ 已签署：{signed}")
    expect(client.page.get_by_role("region", name="文件与签署").get_by_text("已被替代")).to_be_visible()
    office.later(days=8)
    client.looks_at().is_at("已归档").reads("已办结")
    expect(client.deadline("响应时限")).to_contain_text("后完成")
