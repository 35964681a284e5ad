"""The demonstration's half-finished week: several stories side by side, each told in order, merged by the clock.

A story is a generator: it yields the instant at which it goes on. The player always goes on with whichever story is
next, so that people, numbers and deadlines interleave as in life.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from tickets.demo_changes import CHANGES
from tickets.demo_drills import DRILLS
from tickets.demo_duty import a_roster_and_a_hand_over
from tickets.demo_stage import DemoDesk

Story = Callable[[DemoDesk, datetime], Iterator[datetime]]


def play(desk: DemoDesk, ends_at: datetime) -> None:
    """Plays every story up to `ends_at`."""
    waiting: list[tuple[datetime, int, Iterator[datetime]]] = []
    for order, story in enumerate(STORIES):
        told = story(desk, ends_at)
        heapq.heappush(waiting, (next(told), order, told))
    while waiting:
        at, order, told = heapq.heappop(waiting)
        desk.move_to(max(at, desk.at))
        following = next(told, None)
        if following is not None:
            heapq.heappush(waiting, (following, order, told))
    desk.move_to(max(ends_at, desk.at))


def _ago(ends_at: datetime, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    return ends_at - timedelta(days=days, hours=hours, minutes=minutes)


# --- faults ------------------------------------------------------------------------------------------------------------


def a_fault_answered_late(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """Reported by phone four days ago, answered too late, removed, reported, reviewed and confirmed."""
    began = _ago(ends_at, days=4, hours=1)
    yield began
    number = desk.open(
        "fault",
        "mangzhong",
        channel="phone",
        caller="值班室",
        received_at=began - timedelta(minutes=4),
        system="文化市场举报受理系统",
        symptom="举报附件上传后一直显示处理中。",
        impact="一个业务系统部分功能不可用，约二十名受理人员受影响。",
        level="level_3",
        is_security_suspected="no",
        occurred_at=began - timedelta(minutes=20),
        discovered_at=began - timedelta(minutes=9),
    )
    yield began + timedelta(minutes=2)
    desk.do(number, "register", "mangzhong", engineer=desk.people["liqiu"], advice="请先保留浏览器页面，不要重复提交。")
    yield began + timedelta(minutes=13)
    desk.do(number, "respond", "liqiu", means="phone", told="值班室", content="已接手，正在检查附件服务的存储空间。")
    yield began + timedelta(minutes=15)
    desk.do(number, "diagnose", "liqiu", examined="检查附件服务日志与存储配额。")
    yield began + timedelta(minutes=17)
    desk.do(number, "locate", "liqiu", cause="附件卷配额用尽，写入被拒绝。", evidence="存储控制台配额告警与服务日志。")
    yield began + timedelta(minutes=19)
    desk.do(
        number, "restore", "liqiu", measure="按合同清单内余量扩展附件卷。", verified="三个测试附件上传、下载均正常。"
    )
    yield began + timedelta(minutes=24)
    desk.do(number, "propose_no_arrival", "liqiu", reason="故障在存储配额，远程即可处理。")
    yield began + timedelta(minutes=31)
    desk.do(number, "agree_no_arrival", "bailu")
    yield began + timedelta(minutes=40)
    desk.do(
        number, "feed_back_result", "liqiu", result="已恢复，原因是附件卷配额用尽，已扩容并增加告警。", told="值班室"
    )
    yield from _told_in_writing(desk, number, began)


def _told_in_writing(desk: DemoDesk, number: str, began: datetime) -> Iterator[datetime]:
    """The written report by three persons, its review, and the client's confirmation."""
    yield began + timedelta(hours=5)
    desk.do(
        number,
        "prepare_report",
        "liqiu",
        process="接报后核对监控，依次排查网络、应用、存储。",
        root_cause="配额告警阈值设在百分之九十八，来不及处理。",
        lasting_measures="阈值改为百分之八十。",
        prevention="每周例行检查各卷余量。",
    )
    yield began + timedelta(hours=6)
    desk.do(number, "check_report", "chushu")
    yield began + timedelta(hours=7)
    desk.do(number, "submit_report", "shuangjiang")
    yield began + timedelta(days=1, hours=1)
    desk.do(number, "approve_report", "daxue", opinion="报告与记录一致；响应超过时限一事已如实记录。")
    yield began + timedelta(days=1, hours=3)
    desk.do(number, "confirm", "lixia", rating=3, comment="处理得当，但响应慢了。")


def a_fault_whose_report_is_under_review(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """Removed in time the day before yesterday; the supervisor sent the report back once."""
    began = _ago(ends_at, days=2, hours=3)
    yield began
    number = desk.open(
        "fault",
        "guyu",
        channel="page",
        system="执法移动终端接口",
        symptom="移动终端同步任务失败，提示证书过期。",
        impact="外勤人员暂时无法同步当日检查记录。",
        level="level_2",
        is_security_suspected="no",
    )
    yield began + timedelta(minutes=1)
    desk.do(number, "register", "xiazhi", engineer=desk.people["chushu"])
    yield began + timedelta(minutes=5)
    desk.do(number, "respond", "chushu", means="instant_message", told="谷雨", content="已收到，正在核对接口证书。")
    yield began + timedelta(minutes=7)
    desk.do(number, "diagnose", "chushu", examined="核对接口网关证书链与有效期。")
    yield began + timedelta(minutes=12)
    desk.do(number, "locate", "chushu", cause="接口网关中间证书到期。", evidence="证书有效期截图与网关日志。")
    yield began + timedelta(minutes=21)
    desk.do(number, "restore", "chushu", measure="更换中间证书并重新加载网关配置。", verified="两台移动终端同步成功。")
    yield began + timedelta(minutes=28)
    desk.do(number, "feed_back_result", "chushu", result="已恢复，原因是中间证书到期，已更换。", told="谷雨")
    yield began + timedelta(minutes=70)
    desk.do(number, "arrive", "chushu", place="政务云机房 B 区")
    yield from _sent_back(desk, number, began)


def _sent_back(desk: DemoDesk, number: str, began: datetime) -> Iterator[datetime]:
    """The report is written, and the supervisor sends it back."""
    yield began + timedelta(hours=20)
    desk.do(
        number,
        "prepare_report",
        "chushu",
        process="按接口、网关、证书的次序排查。",
        root_cause="证书清单漏列中间证书。",
        lasting_measures="补全证书清单。",
        prevention="到期前三十日提醒。",
    )
    yield began + timedelta(hours=21)
    desk.do(number, "check_report", "hanlu")
    yield began + timedelta(hours=22)
    desk.do(number, "submit_report", "lidong")
    yield began + timedelta(hours=26)
    desk.do(number, "return_report", "daxue", reason="请说明为何监控没有提前发现证书到期。")


def a_fault_just_reported(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """Reported seven minutes ago: registered, not answered yet, every limit running."""
    began = _ago(ends_at, minutes=7)
    yield began
    number = desk.open(
        "fault",
        "bailu",
        channel="page",
        system="综合执法办案系统",
        symptom="登录页面打不开，浏览器提示连接超时。",
        impact="全体办案人员无法登录。",
        level="level_1",
        is_security_suspected="undetermined",
    )
    yield began + timedelta(minutes=2)
    desk.do(number, "register", "mangzhong", engineer=desk.people["hanlu"], advice="请不要反复刷新，保留报错截图。")


# --- reboots -----------------------------------------------------------------------------------------------------------


def _request(desk: DemoDesk, by: str, opens: datetime, hours: float, **fields: object) -> str:
    return desk.open(
        "reboot",
        by,
        **{
            "operation": "reboot",
            "server_name": "办案系统应用服务器二",
            "server_id": "ecs-demo-0217",
            "window_start": opens,
            "window_end": opens + timedelta(hours=hours),
            "reason": "内核补丁已安装，须重启后生效。",
            "expected_impact": "重启期间约五分钟不可登录。",
            "data_loss_acknowledged": True,
            "rollback": "由快照恢复系统盘。",
            "channel": "page",
            **fields,
        },
    )


def a_reboot_carried_out(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """Asked, signed, called back, consented, agreed, carried out under guard, verified, closed: three days ago."""
    began = _ago(ends_at, days=3, hours=4)
    yield began
    number = _request(desk, "guyu", began + timedelta(hours=1), 2)
    yield began + timedelta(minutes=6)
    desk.do(number, "sign_request", "lixia")
    yield began + timedelta(minutes=44)
    desk.do(number, "call_back", "mangzhong")
    yield began + timedelta(minutes=46)
    desk.attempt(number, "verify_identity", "mangzhong", code="000000")
    yield began + timedelta(minutes=47)
    desk.do(number, "verify_identity", "mangzhong", code=desk.code_shown(number, "guyu"))
    yield began + timedelta(minutes=50)
    desk.do(number, "consent", "xiaoman")
    yield began + timedelta(minutes=55)
    desk.do(
        number,
        "agree",
        "shuangjiang",
        impact="单节点重启，另一节点可承接流量。",
        backup_taken_at=began - timedelta(hours=6),
        active_sessions="在线十二人，已通知。",
        running_jobs="窗口内无定时任务。",
        dependencies="移动终端接口依赖该节点。",
        no_freeze_period=True,
    )
    yield began + timedelta(minutes=58)
    desk.do(
        number,
        "prepare",
        "liqiu",
        operator=desk.people["liqiu"],
        guardian=desk.people["lidong"],
        steps=["从负载均衡摘除该节点", "执行系统重启", "确认服务自启动并恢复权重"],
        before_checks="快照可用，另一节点负载低。",
        after_checks="登录、查询、提交三项探测正常。",
        rollback="由快照恢复系统盘。",
    )
    yield from _step_by_step(desk, number, began)


def _step_by_step(desk: DemoDesk, number: str, began: datetime) -> Iterator[datetime]:
    """Under guard, step by step, until both parties have signed the result."""
    yield began + timedelta(minutes=61)
    desk.do(number, "stand_guard", "lidong")
    yield began + timedelta(minutes=63)
    desk.do(number, "start", "liqiu", server_name="办案系统应用服务器二", server_id="ecs-demo-0217")
    for step, seen in enumerate(("流量归零。", "四分钟后恢复连接。", "服务正常，权重已恢复。"), start=1):
        yield began + timedelta(minutes=63 + 3 * step)
        desk.do(number, "confirm_step", "lidong", step=step)
        yield began + timedelta(minutes=64 + 3 * step)
        desk.do(number, "do_step", "liqiu", step=step, observed=seen)
    yield began + timedelta(minutes=80)
    desk.do(number, "finish", "liqiu", result="succeeded", observed="三项探测均正常。")
    yield began + timedelta(minutes=95)
    desk.do(number, "verify_result", "guyu", service_answers=True, observed="两个账号登录、查询、提交正常。")
    yield began + timedelta(hours=3)
    desk.do(number, "close", "shuangjiang")


def a_reboot_that_nobody_may_start_yet(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """Asked this morning; somebody tried to start it on the spoken word and was refused; it waits for the call-back."""
    began = _ago(ends_at, hours=3)
    yield began
    number = _request(
        desk,
        "bailu",
        ends_at + timedelta(hours=6),
        2,
        server_name="数据交换前置机",
        server_id="ecs-demo-0105",
        reason="磁盘控制器固件升级后须重启。",
    )
    yield began + timedelta(minutes=5)
    desk.attempt(number, "start", "chushu", server_name="数据交换前置机", server_id="ecs-demo-0105")
    yield began + timedelta(minutes=30)
    desk.do(number, "sign_request", "xiaoman")
    yield began + timedelta(minutes=45)
    desk.attempt(number, "consent", "xiaoman")


def a_reboot_that_the_supplier_refuses(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """The supplier says no, with a reason: the server was in the middle of a backup."""
    began = _ago(ends_at, days=1, hours=5)
    yield began
    number = _request(
        desk,
        "guyu",
        began + timedelta(hours=2),
        1,
        server_name="举报受理数据库主节点",
        server_id="ecs-demo-0031",
        reason="连接数偏高，希望重启释放。",
    )
    yield began + timedelta(minutes=25)
    desk.do(
        number,
        "refuse",
        "lidong",
        reason_code="may_damage",
        reason="该节点正在执行全量备份，此时重启可能损坏备份；请改约备份结束之后。",
    )


def a_complaint_that_is_looked_into(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """The client complains about the hotline; the team for customer relations is in charge and owes the answer."""
    began = _ago(ends_at, days=1, hours=3)
    yield began
    number = desk.open(
        "complaint",
        "guyu",
        nature="complaint",
        about="服务热线",
        text="周末两次拨打热线，均排队后自动挂断。",
        wish="请说明原因，并告知今后如何保证有人接听。",
    )
    yield began + timedelta(hours=2)
    desk.do(number, "take_up", "qiufen", owner=desk.people["qiufen"])
    yield began + timedelta(hours=5)
    desk.do(number, "record_finding", "qiufen", found="话务记录显示两次来电时只有一个坐席，排队均超过五分钟。")


def a_suggestion_that_was_answered(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """The client suggests a monthly letter; the supplier takes it over, and the client is content."""
    began = _ago(ends_at, days=5)
    yield began
    number = desk.open(
        "complaint", "bailu", nature="suggestion", about="月度通报", text="建议每月初发送一页资源使用情况通报。"
    )
    yield began + timedelta(hours=1)
    desk.do(number, "take_up", "shuangjiang", owner=desk.people["qiufen"])
    yield began + timedelta(days=1)
    desk.do(
        number, "answer", "qiufen", answer="采纳建议，自下月起每月前三个工作日发送通报。", measure="纳入月度例行工作"
    )
    yield began + timedelta(days=1, hours=2)
    desk.do(number, "accept_answer", "bailu", rating=5)


STORIES: tuple[Story, ...] = (
    a_roster_and_a_hand_over,
    a_fault_answered_late,
    a_fault_whose_report_is_under_review,
    a_fault_just_reported,
    a_reboot_carried_out,
    a_reboot_that_nobody_may_start_yet,
    a_reboot_that_the_supplier_refuses,
    a_complaint_that_is_looked_into,
    a_suggestion_that_was_answered,
    *CHANGES,
    *DRILLS,
)
