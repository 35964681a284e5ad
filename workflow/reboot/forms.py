"""What people fill in around a dangerous operation: the application, the checks, the operation sheet, the steps.

The call-back number has no field here and never will: it stands on the list of mandates, and whoever could type it into
a ticket could be called back by himself.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflow.forms import (
    Code,
    Confirmed,
    Count,
    Form,
    Instant,
    Line,
    PersonChoice,
    Text,
    Yes,
    chosen_from,
    suggested_from,
)

Level = Literal["level_1", "level_2", "level_3", "level_4"]
Channel = Literal["page", "phone", "instant_message", "mail"]
RefusalReason = Literal[
    "not_normal_maintenance", "may_damage", "identity_failed", "not_in_writing", "freeze_period", "beyond_authority"
]


class OperationRequest(Form):
    """The written application. Whatever stands here is covered by signature, consent and agreement, word for word."""

    operation: Annotated[
        str,
        chosen_from("operations"),
        Field(
            title="Operation", description="Only the classes that the contract lists are accepted.", examples=["reboot"]
        ),
    ]
    server_name: Annotated[Line, Field(title="Server name", examples=["办案系统应用服务器二"])]
    server_id: Annotated[
        Line,
        Field(
            title="Server number",
            description="Name and number are both typed again before the operation starts.",
            examples=["ecs-bjzf-0217"],
        ),
    ]
    system: Annotated[
        Line | None,
        suggested_from("systems"),
        Field(
            title="Information system on it",
            description="Needed where a mandate is limited to certain systems; then write it exactly as the mandate does.",
            examples=["综合执法办案系统"],
        ),
    ] = None
    window_start: Annotated[Instant, Field(title="Window opens", examples=["2026-05-12T22:00:00+08:00"])]
    window_end: Annotated[
        Instant,
        Field(
            title="Window closes",
            description="Nothing starts before or after the window.",
            examples=["2026-05-12T23:00:00+08:00"],
        ),
    ]
    reason: Annotated[Text, Field(title="Reason", examples=["内核补丁已安装，须重启后生效。"])]
    expected_impact: Annotated[Text, Field(title="Expected impact", examples=["重启期间办案系统约五分钟不可登录。"])]
    data_loss_acknowledged: Annotated[
        Confirmed, Field(title="Data not yet saved may be lost, and we know it", examples=[True])
    ]
    data_authorisation: Annotated[
        Text | None,
        Field(
            title="Data authorisation",
            description="Which data may be changed, to what end, on whose decision. Needed for operations on data.",
            examples=["同意将业务库回滚至五月十一日快照，其后录入的数据由我单位重新录入。"],
        ),
    ] = None
    rollback: Annotated[Text, Field(title="Way back", examples=["如重启后服务异常，由快照恢复系统盘。"])]
    channel: Annotated[
        Channel,
        Field(
            title="Asked over",
            description="A request made on this page is its own record; anything else is typed by the service desk.",
            examples=["page"],
        ),
    ] = "page"
    subject: Annotated[
        PersonChoice | None,
        chosen_from("people:client.staff,client.approver"),
        Field(
            title="Person who asked",
            description="Filled in by the service desk. This person is called back.",
            examples=[1],
        ),
    ] = None
    emergency: Annotated[
        Yes,
        Field(
            title="Emergency: the writing follows afterwards",
            description="Only for classes that allow it, and never where data is destroyed. Identity, consent and the "
            "supplier's agreement are still needed.",
            examples=[False],
        ),
    ] = False
    follows: Annotated[
        str | None,
        chosen_from("ended:reboot"),
        Field(
            title="Goes on from ticket",
            description="An operation that ended without being carried out, and that this one takes up again.",
            examples=["BJ26-R-2026-0001"],
        ),
    ] = None


class CallBackAnswer(Form):
    code: Annotated[
        Code,
        Field(
            title="Code read out on the phone",
            description="Only the person called back sees it, signed in, on their own page.",
            examples=["123456"],
        ),
    ]


class IdentityFailure(Form):
    reason: Annotated[
        Text,
        Field(
            title="Why the identity is not established",
            examples=["接听人无法在本人登录页面读出口令，且拒绝说明所在处室。"],
        ),
    ]


class ApproverCall(Form):
    subject: Annotated[
        PersonChoice,
        chosen_from("people:client.approver"),
        Field(title="Approver to call", description="Called back at the number on the list of mandates.", examples=[1]),
    ]


class SpokenConsent(CallBackAnswer):
    said: Annotated[
        Text,
        Field(
            title="What was said, word for word", examples=["我同意现在重启办案系统应用服务器二，编号 ecs-bjzf-0217。"]
        ),
    ]


class RiskReview(Form):
    """The supplier's look before it agrees: what could be lost, who is at work, what hangs on it."""

    impact: Annotated[
        Text, Field(title="Impact as the supplier sees it", examples=["单节点重启，另一节点可承接流量。"])
    ]
    backup_taken_at: Annotated[
        Instant | None,
        Field(
            title="Last backup or snapshot taken at",
            description="Leave empty only where there is none.",
            examples=["2026-05-12T02:00:00+08:00"],
        ),
    ] = None
    active_sessions: Annotated[Line, Field(title="Active sessions", examples=["当前在线用户 12 人，已通知下线。"])]
    running_jobs: Annotated[Line, Field(title="Running jobs", examples=["无定时任务在窗口内执行。"])]
    dependencies: Annotated[
        Text, Field(title="What depends on it", examples=["移动执法终端接口依赖该服务器，须同时观察。"])
    ]
    no_freeze_period: Annotated[Confirmed, Field(title="No freeze period covers the window", examples=[True])]


class Refusal(Form):
    reason_code: Annotated[RefusalReason, Field(title="Ground of refusal", examples=["may_damage"])]
    reason: Annotated[Text, Field(title="Reason", examples=["该服务器正在执行数据库备份，此时重启可能损坏备份文件。"])]


class Withdrawal(Form):
    reason: Annotated[Text, Field(title="Reason", examples=["补丁推迟到下月统一安装，不再需要重启。"])]


class OperationSheet(Form):
    """The operation sheet (操作票): one task, one action a line, one who acts and one who guards."""

    operator: Annotated[PersonChoice, chosen_from("people:supplier.engineer"), Field(title="Operator", examples=[1])]
    guardian: Annotated[
        PersonChoice, chosen_from("people:supplier.engineer,supplier.manager"), Field(title="Guardian", examples=[2])
    ]
    steps: Annotated[
        list[Line],
        Field(
            title="Steps",
            description="One action a line. They are done in this order; none is skipped.",
            min_length=1,
            max_length=50,
            json_schema_extra={"input": "lines"},
            examples=[["从负载均衡摘除该节点", "执行系统重启", "确认服务自启动", "恢复负载均衡权重"]],
        ),
    ]
    before_checks: Annotated[Text, Field(title="Checks before", examples=["确认快照可用，另一节点负载低于六成。"])]
    after_checks: Annotated[Text, Field(title="Checks after", examples=["登录、查询、提交三项探测均返回正常。"])]
    rollback: Annotated[Text, Field(title="Way back", examples=["如重启后服务异常，由快照恢复系统盘。"])]


class ServerTypedAgain(Form):
    server_name: Annotated[Line, Field(title="Server name, typed again", examples=["办案系统应用服务器二"])]
    server_id: Annotated[Line, Field(title="Server number, typed again", examples=["ecs-bjzf-0217"])]


class StepCalled(Form):
    step: Annotated[Count, Field(title="Step number", examples=[1])]


class StepDone(StepCalled):
    observed: Annotated[Line, Field(title="What was seen", examples=["节点已摘除，流量归零。"])]


class Doubt(Form):
    doubt: Annotated[Text, Field(title="What is in doubt", examples=["控制台显示的编号与操作票不一致。"])]
    condition: Annotated[
        Literal["unchanged", "partly_changed", "not_known"],
        Field(title="Condition of the server", examples=["unchanged"]),
    ]


class OperationResult(Form):
    """What came of it. What a fault report needs beside is asked only where the operation or a check after it failed."""

    result: Annotated[
        Literal["succeeded", "failed"],
        Field(
            title="Result",
            description="Failed, too, where a check after the operation failed: a fault is opened at this moment.",
            examples=["succeeded"],
        ),
    ]
    observed: Annotated[Text, Field(title="What the checks after it showed", examples=["三项探测均正常，耗时四分钟。"])]
    system: Annotated[
        Line | None,
        suggested_from("systems"),
        Field(
            title="Information system that failed",
            description="Needed where it failed and the request names none.",
            examples=["综合执法办案系统"],
        ),
    ] = None
    impact: Annotated[
        Text | None,
        Field(
            title="Impact of the failure",
            description="Needed where it failed.",
            examples=["全市执法人员无法登录办案，约三百人受影响。"],
        ),
    ] = None
    level: Annotated[
        Level | None, Field(title="Level of the fault", description="Needed where it failed.", examples=["level_2"])
    ] = None


class ExtensionAsked(Form):
    new_end: Annotated[Instant, Field(title="New end of the window", examples=["2026-05-13T01:00:00+08:00"])]
    reason: Annotated[Text, Field(title="Reason", examples=["文件系统检查用时超出预计。"])]


class ExtensionGranted(Form):
    window_end: Annotated[
        Instant, Field(title="New end of the window, typed again", examples=["2026-05-13T01:00:00+08:00"])
    ]


class ProbeConfirmed(Form):
    service_answers: Annotated[
        Confirmed, Field(title="We tried the service, and it answers as it should", examples=[True])
    ]
    observed: Annotated[Text, Field(title="What was tried", examples=["本单位两个账号登录办案系统，查询与提交正常。"])]


class FailedCheck(Form):
    """What the fault that is opened at this moment says."""

    system: Annotated[Line, suggested_from("systems"), Field(title="Information system", examples=["综合执法办案系统"])]
    symptom: Annotated[Text, Field(title="Symptom", examples=["重启后登录页面打不开，浏览器提示连接超时。"])]
    impact: Annotated[Text, Field(title="Impact", examples=["全市执法人员无法登录办案，约三百人受影响。"])]
    level: Annotated[Level, Field(title="Level", examples=["level_2"])]


class OutcomeProposed(Form):
    result: Annotated[
        Literal["succeeded", "failed", "not_carried_out"],
        Field(title="What is found to have happened", examples=["succeeded"]),
    ]
    account: Annotated[
        Text,
        Field(title="How it is known", examples=["控制台日志显示二十三时零二分重启完成，操作人通信中断未能登记。"]),
    ]


class OutcomeReturned(Form):
    reason: Annotated[Text, Field(title="Reason", examples=["日志时间与我方监控不符，请补充控制台记录。"])]
