"""A service change in real browsers (C7, C9.2): nothing is done before both signed, and the catalogue moves only at the end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Comes
from tests.browser.people_at_work import AtWork, Office, brought

TODAY = date(2026, 5, 12)
UNSIGNED = "尚无双方就本版内容签署的补充协议；原义务继续履行。"


def application(office: Office) -> dict[str, object]:
    """Sixteen more of the first line of the catalogue."""
    opens = office.at + timedelta(days=3)
    return {
        "申请类型": "扩容",
        "变更等级": "一般",
        "信息系统": "综合执法办案系统",
        "原因": "并发用户增加，应用主机负载偏高。",
        "依据（文件及文号）": "信息化工作例会纪要 12 号",
        "变更前配置": "应用主机四台。",
        "变更后配置": "应用主机六台。",
        "涉及的目录项": [{"目录项": "1 ", "数量增减": 16}],
        "期望时间窗：起": opens,
        "期望时间窗：止": opens + timedelta(hours=4),
        "停机时长（分钟）": 30,
        "业务影响": "窗口内停用三十分钟。",
        "回退方案": "保留快照，十分钟内切回。",
        "数据已备份": True,
        "资金来源": "年度预算内列支",
    }


def planned(office: Office, desk: AtWork, engineer: AtWork, staff: AtWork, approver: AtWork) -> None:
    """Advice, plan, the service looked at once more, and the authority's opinion on file."""
    opens = office.at + timedelta(days=3)
    times = {"起": opens, "止": opens + timedelta(hours=4)}
    desk.does("受理").is_at("已受理")
    engineer.does("给出技术建议", {"可行性": "可行", "技术建议": "资源池余量充足，建议夜间实施。"}).is_at("已给出建议")
    plan = {"工作方案": "一、创建主机；二、加入集群；三、切换流量。", "计费起始日": TODAY + timedelta(days=5)}
    engineer.does("提交方案与报价", {**plan, **{f"计划时间：{one}": at for one, at in times.items()}}).is_at(
        "方案待批准"
    )
    approver.looks_at().cannot("批准方案", "服务重新审定")
    staff.does(
        "服务重新审定", {"重新审定结果": "重新审定无异议。", **{f"商定时间：{one}": at for one, at in times.items()}}
    )
    approver.does("批准方案", {"声明": "同意按方案办理。"}).is_at("方案已批准")
    opinion = {"文号": "云审〔2026〕31 号", "出具日期": TODAY, "结论": "同意。"}
    staff.looks_at().cannot("登记主管部门同意意见", "请先上传：主管部门意见。")
    staff.does(
        "附上文件", {"文件种类": "主管部门意见", "文件说明": "主管部门书面意见", "文件": brought("主管部门意见.pdf")}
    )
    staff.does("登记主管部门同意意见", opinion).is_at("各方同意")


def signed_by_both(manager: AtWork, approver: AtWork) -> None:
    """Both sign one and the same text; nobody signs for both."""
    terms = {"变更内容": "服务目录第 1 项数量增加 16。", "生效日期": TODAY}
    manager.does("起草补充协议", terms).is_at("协议待签", turn="等待")
    digest = manager.paper("补充协议").locator(".digest").first.get_attribute("title")
    approver.does("甲方签署补充协议").is_at("甲方已签", turn="等待乙方办理")
    manager.finds(manager.number).does("乙方签署补充协议").is_at("协议已签")
    agreement = manager.paper("补充协议")
    expect(agreement.locator(".digest").first).to_have_attribute("title", str(digest))
    expect(agreement).to_contain_text("✓ 已签署：立夏 · 甲方授权代表")
    expect(agreement).to_contain_text("✓ 已签署：霜降 · 乙方运维经理")


def shown_to_the_public(staff: AtWork) -> None:
    """Announced and filed, each with its evidence."""
    for kind, act, note in (("公告", "登记公告", "政府采购网公告页面"), ("备案", "登记备案", "备案回执")):
        expect(staff.looks_at().deadline(kind)).to_contain_text("还剩")
        staff.does("附上文件", {"文件种类": f"{kind}凭证", "文件说明": note, "文件": brought(f"{note}.pdf")})
        staff.does(act, {"出处": note, "办理日期": TODAY})
        expect(staff.deadline(kind)).to_contain_text("按时完成")


@pytest.mark.whole
def test_c7_2_a_change_is_agreed_in_writing_by_both_done_verified_and_only_then_in_the_catalogue(
    office: Office, comes: Comes
) -> None:
    staff = comes("白露")
    number = staff.opens("服务变更", application(office))
    staff.is_at("起草中").does("提交").is_at("已提交", turn="等待乙方办理 · 乙方服务台")
    desk, engineer = comes("芒种").finds(number), comes("立秋").looks_at(number)
    engineer.cannot("开始实施", UNSIGNED)
    approver, manager = comes("立夏").looks_at(number), comes("霜降").looks_at(number)
    planned(office, desk, engineer, staff, approver)
    signed_by_both(manager, approver)
    shown_to_the_public(staff)

    engineer.looks_at().cannot("开始实施", "请先上传：补充协议盖章扫描件。")
    desk.does(
        "附上文件", {"文件种类": "补充协议盖章扫描件", "文件说明": "双方盖章扫描件", "文件": brought("补充协议.pdf")}
    )
    office.later(days=3, minutes=5)
    engineer.does("开始实施").is_at("实施中", turn="等待贵方办理")
    engineer.does("记录实施", {"所做的工作": "创建主机两台，加入集群，切换流量。"})
    engineer.does("交付", {"结果": "已并入集群。", "所作检查": "登录、查询各测试十次均正常。"}).is_at("已交付")
    staff.goes_to("/contract")
    expect(staff.page.locator("#line-1")).not_to_contain_text("现为")
    staff.finds(number).does("确认", {"已查验，予以确认": True, "查验内容": "试用半日，符合申请。"}).is_at("甲方已确认")

    manager.finds(number).does("更新服务目录", {"服务目录已与协议一致": True}).is_at("目录已更新")
    staff.goes_to("/contract")
    before = int(staff.page.locator("#line-1 td").nth(3).text_content() or "")
    expect(staff.page.locator("#line-1")).to_contain_text(f"现为 {before + 16}")
    staff.looks_at().does("办结").is_at("已办结")
    expect(staff.page.locator(".whose-turn")).to_have_count(0)
