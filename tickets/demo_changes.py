"""Stories of the demonstration week: service changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tickets.demo_stage import DemoDesk


def _apply(desk: DemoDesk, by: str, system: str, line: int, quantity: int, reason: str) -> str:
    return desk.open("change", by, **_application(desk, system, line, quantity, reason))


def _application(desk: DemoDesk, system: str, line: int, quantity: int, reason: str) -> dict[str, Any]:
    return {
        "type": "expand",
        "classification": "ordinary",
        "system": system,
        "reason": reason,
        "basis": "信息化工作例会纪要",
        "before": "应用主机四台。",
        "after": "应用主机六台。",
        "lines": [{"line": line, "quantity": quantity, "until": None}],
        "outside_catalogue": None,
        "window_start": desk.at + timedelta(days=3),
        "window_end": desk.at + timedelta(days=3, hours=4),
        "downtime_minutes": 30,
        "impact": "窗口内停用三十分钟。",
        "fallback": "保留快照，十分钟内切回。",
        "backup_confirmed": True,
        "funding": "年度预算内列支",
    }


def _to_the_agreement(desk: DemoDesk, number: str, began: datetime) -> Iterator[datetime]:
    """From the submitted application to the drafted supplementary agreement."""
    yield began + timedelta(hours=1)
    desk.do(number, "accept", "xiazhi")
    yield began + timedelta(hours=3)
    desk.do(number, "advise", "chushu", feasibility="feasible", advice="资源池余量充足，建议与夜间窗口合并实施。")
    yield began + timedelta(hours=6)
    desk.do(
        number,
        "plan",
        "chushu",
        work_plan="一、创建主机；二、加入集群；三、切换流量；四、观察。",
        starts_at=began + timedelta(days=3),
        ends_at=began + timedelta(days=3, hours=4),
        charged_from=desk.today + timedelta(days=4),
    )
    yield began + timedelta(hours=8)
    desk.do(
        number,
        "revalidate",
        "guyu",
        finding="重新审定无异议。",
        starts_at=began + timedelta(days=3),
        ends_at=began + timedelta(days=3, hours=4),
    )
    yield began + timedelta(hours=9)
    desk.do(number, "approve_plan", "lixia", statement="同意按方案办理。")
    yield began + timedelta(hours=20)
    desk.bring(number, "authority_opinion", "guyu", "主管部门意见")
    desk.do(
        number,
        "record_authority_opinion",
        "guyu",
        document_number="演示云审〔2026〕1 号",
        issued_on=desk.today,
        conclusion="同意。",
    )
    yield began + timedelta(hours=22)
    desk.do(
        number,
        "draft_supplement",
        "shuangjiang",
        changes="服务目录相应行数量增加。",
        effective_on=desk.today,
        other_terms=None,
    )


def a_change_done_and_filed(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """Applied for a fortnight ago, agreed by both in writing, done, confirmed, in the baseline, announced and filed."""
    began = ends_at - timedelta(days=9)
    yield began
    number = _apply(desk, "guyu", "综合执法办案系统", 1, 16, "并发用户增加，应用主机负载偏高。")
    desk.do(number, "submit", "guyu")
    yield from _to_the_agreement(desk, number, began)
    yield began + timedelta(hours=25)
    desk.do(number, "sign_supplement_client", "xiaoman")
    yield began + timedelta(hours=27)
    desk.do(number, "sign_supplement_supplier", "lidong")
    yield began + timedelta(hours=30)
    desk.bring(number, "publicity_evidence", "guyu", "补充协议公告页面")
    desk.do(number, "record_publicity", "guyu", reference="公告页面存档", done_on=desk.today)
    yield began + timedelta(hours=46)
    desk.bring(number, "supplement_scan", "xiazhi", "双方盖章补充协议")
    yield began + timedelta(days=3, minutes=5)
    desk.do(number, "begin", "chushu")
    yield began + timedelta(days=3, hours=1)
    desk.do(number, "record_work", "chushu", work="创建主机两台，加入集群，切换流量。")
    yield began + timedelta(days=3, hours=2)
    desk.do(number, "hand_over", "chushu", result="已并入集群。", checks="登录、查询各测试十次均正常。")
    yield began + timedelta(days=4)
    desk.do(number, "verify", "guyu", confirmed=True, finding="试用半日，符合申请。")
    yield began + timedelta(days=4, hours=2)
    desk.do(number, "update_baseline", "shuangjiang", confirmed=True)
    yield began + timedelta(days=5)
    desk.bring(number, "filing_evidence", "guyu", "备案回执")
    desk.do(number, "record_filing", "guyu", reference="备案回执编号 演示 1", done_on=desk.today)
    yield began + timedelta(days=5, hours=3)
    desk.do(number, "close", "guyu")


def a_change_signed_by_one_side(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """The client has signed the supplementary agreement; the supplier has not. Somebody tried to begin, and was refused."""
    began = ends_at - timedelta(days=1, hours=6)
    yield began
    number = _apply(desk, "bailu", "文化市场举报受理系统", 5, 500, "附件增长快于预期，需要扩展高性能存储。")
    desk.do(number, "submit", "bailu")
    yield from _to_the_agreement(desk, number, began)
    yield began + timedelta(hours=26)
    desk.do(number, "sign_supplement_client", "lixia")
    yield began + timedelta(hours=27)
    desk.attempt(number, "begin", "chushu")


def a_change_just_submitted(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """Submitted this morning; the supplier has yet to look through the material."""
    yield ends_at - timedelta(hours=2)
    number = _apply(desk, "bailu", "执法移动终端接口", 7, 10, "高峰时段带宽不足。")
    desk.do(number, "submit", "bailu")


CHANGES = (a_change_done_and_filed, a_change_signed_by_one_side, a_change_just_submitted)
