"""A restart in real browsers (C9.5): seven people, each with their own window, and a button that stays off for long."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.conftest import Comes
from tests.browser.people_at_work import AtWork, Office

SERVER = {"再次输入服务器名称": "办案系统应用服务器二", "再次输入服务器编号": "ecs-bjzf-0217"}
SHEET = {
    "操作人": "立秋",
    "监护人": "处暑",
    "操作步骤": "从负载均衡摘除该节点\n执行系统重启",
    "操作前检查": "快照可用，另一节点负载低。",
    "操作后检查": "登录、查询、提交三项探测均正常。",
    "回退办法": "由快照恢复系统盘。",
}
UNWRITTEN = "当前版本的书面申请没有甲方有授权的人签署。"
UNKNOWN = "尚未就此申请回拨申请人。"
UNCONSENTED = "甲方尚无第二人同意当前版本的申请。"
UNAGREED = "乙方尚未同意当前版本的申请。"


def request(office: Office) -> dict[str, object]:
    """What the applicant writes; the window opens in a quarter of an hour."""
    return {
        "操作": "重启",
        "服务器名称": SERVER["再次输入服务器名称"],
        "服务器编号": SERVER["再次输入服务器编号"],
        "窗口开始": office.at + timedelta(minutes=15),
        "窗口结束": office.at + timedelta(hours=2),
        "原因": "内核补丁已安装，须重启后生效。",
        "预计影响": "约五分钟不可登录。",
        "我方知悉尚未保存的数据可能丢失": True,
        "回退办法": "由快照恢复系统盘。",
    }


def review(office: Office) -> dict[str, object]:
    """What the supplier looked at before it agreed."""
    return {
        "乙方判断的影响": "单节点重启，另一节点可承接流量。",
        "最近一次备份或快照时间": office.at - timedelta(hours=6),
        "在线会话": "三人，已通知",
        "运行中的任务": "无",
        "依赖关系": "移动终端接口依赖该服务器。",
        "窗口不在封网期内": True,
    }


def call_back(office: Office, caller: AtWork, asker: AtWork) -> None:
    """The code is read out from the asker's own page; a wrong one gets nobody any further."""
    caller.does("回拨核验").is_at("已回拨", turn="等待贵方办理 · 乙方服务台")
    expect(caller.page.locator(".digits")).to_have_count(0)
    caller.page.get_by_role("button", name=f"显示{asker.name}的回拨号码").click()
    expect(caller.page.get_by_role("region", name=f"回拨{asker.name}")).to_contain_text("000-5555-")
    shown = asker.looks_at().page.get_by_role("region", name="正在对您进行回拨核验")
    expect(shown).to_contain_text("还剩")
    code = shown.locator(".digits").inner_text()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    caller.is_refused("录入回拨口令", {"电话中读出的口令": wrong}, because="口令不正确。")
    caller.does("录入回拨口令", {"电话中读出的口令": code}).is_at("身份已核验", turn="等待甲方办理")


def carry_out(operator: AtWork, guardian: AtWork) -> None:
    """Each step is called by one and done by the other."""
    operator.is_refused("操作人执行", {"步骤序号": 1, "所见情况": "抢先一步"}, because="监护人尚未唱出下一步。")
    for step, seen in enumerate(("流量归零。", "四分钟后恢复连接。"), start=1):
        guardian.does("监护人唱票", {"步骤序号": step})
        operator.does("操作人执行", {"步骤序号": step, "所见情况": seen})


def test_c9_5_no_restart_before_identity_writing_and_consent_and_then_the_whole_way(
    office: Office, comes: Comes
) -> None:
    asker = comes("白露", signed_in=False).signs_in()
    number = asker.opens("重启等危险操作", request(office))
    asker.is_at("已申请", turn="等待贵方办理").reads("办案系统应用服务器二", "内核补丁已安装，须重启后生效。")
    expect(asker.paper("书面申请")).to_contain_text("白露 · 甲方")
    expect(asker.paper("书面申请")).not_to_contain_text("已签署")
    expect(asker.deadline("操作窗口")).to_contain_text("还剩 1 小时 59 分")

    operator = comes("立秋").looks_at(number)
    operator.cannot("开始执行", UNWRITTEN, UNKNOWN, UNCONSENTED, UNAGREED).is_not_offered("开始执行")
    caller = comes("芒种", signed_in=False).signs_in().looks_at(number)
    caller.cannot("回拨核验", UNWRITTEN)

    signer = comes("立夏", signed_in=False).signs_in().finds(number, "书面申请待签署")
    signer.does("签署书面申请").is_at("已签署", turn="等待乙方办理")
    expect(signer.paper("书面申请")).to_contain_text("✓ 已签署：立夏 · 甲方授权代表 · 签署书面申请")
    operator.looks_at().cannot("开始执行", UNKNOWN, UNCONSENTED, UNAGREED)
    expect(operator.main).not_to_contain_text(UNWRITTEN)

    call_back(office, caller, asker)
    operator.looks_at().cannot("开始执行", UNCONSENTED, UNAGREED)
    expect(operator.main).not_to_contain_text(UNKNOWN)
    signer.looks_at().cannot("同意", "书面申请的签署人不能再行同意，须由甲方第二人同意。")
    comes("小满").finds(number, "须由甲方第二人同意").does("同意").is_at("甲方已同意", turn="乙方运维经理")

    manager = comes("霜降", signed_in=False).signs_in().finds(number)
    manager.does("乙方同意", review(office)).is_at("各方同意")
    operator.finds(number).does("填写操作票", SHEET).is_at("操作票已备")
    operator.cannot("开始执行", "窗口于", "监护人尚未确认持此操作票就位。")
    guardian = comes("处暑", signed_in=False).signs_in().looks_at(number).does("监护人就位")
    expect(guardian.paper("操作票")).to_contain_text("✓ 已签署：处暑 · 乙方运维工程师 · 监护人就位")

    office.later(minutes=15)
    operator.is_refused("开始执行", {**SERVER, "再次输入服务器编号": "ecs-bjzf-0218"}, because="这不是申请中的服务器。")
    operator.does("开始执行", SERVER).is_at("正在执行", turn="等待贵方办理")
    expect(operator.deadline("操作窗口")).to_contain_text("按时完成")
    expect(operator.deadline("报告结果")).to_contain_text("乙方的义务")
    carry_out(operator, guardian)
    operator.does("报告结果", {"结果": "成功", "事后检查情况": "三项探测均正常。"}).is_at("已执行", turn="等待甲方办理")
    asker.finds(number, "由甲方试用服务后确认")
    asker.does("确认结果", {"我方已试用，服务正常": True, "试用情况": "两个账号登录正常。"}).is_at("甲方已确认")
    expect(asker.paper("执行结果")).to_contain_text("✓ 已签署：白露 · 甲方经办人 · 确认结果")
    manager.finds(number).does("办结").is_at("已办结").reads("已执行：在窗口内完成，结果经甲方确认。")
    expect(manager.page.locator(".whose-turn")).to_have_count(0)
    refused = manager.history.get_by_role("listitem").filter(has_text="被拒绝")
    expect(refused.filter(has_text="口令不正确。")).to_contain_text("芒种 · 乙方 · 乙方服务台")
    expect(refused.filter(has_text="这不是申请中的服务器。")).to_contain_text("立秋 · 乙方 · 乙方运维工程师")
