"""What people fill in over a fault's life. Nobody types a time, a limit or the importance of a system: those follow.

Only three instants are stated by people: when a report reached the supplier by phone, message or monitoring, when the
fault is believed to have begun, and when it was discovered. All others are the events' own.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflow.forms import Form, Instant, Line, PersonChoice, Rating, Text, Yes, chosen_from, suggested_from

Level = Literal["level_1", "level_2", "level_3", "level_4"]


class _Received(Form):
    """How a report reached the supplier. On the page the act itself is the receipt: nothing of this is filled in."""

    channel: Annotated[
        Literal["page", "phone", "instant_message", "mail", "monitoring"],
        Field(
            title="Received over",
            description="The client's own report on this page is received the moment it is made.",
            examples=["phone"],
        ),
    ] = "page"
    caller: Annotated[Line | None, Field(title="Who reported it", examples=["值班员 周晓彤"])] = None
    received_at: Annotated[
        Instant | None,
        Field(
            title="Received at",
            description="When the report reached the supplier, not when it was typed in. Every limit counts from here.",
            examples=["2026-05-12T09:56:00+08:00"],
        ),
    ] = None


class _Observed(Form):
    """What is wrong, and with what. `system` is the key or the name of an information system."""

    system: Annotated[Line, suggested_from("systems"), Field(title="Information system", examples=["综合执法办案系统"])]
    symptom: Annotated[Text, Field(title="Symptom", examples=["登录页面打不开，浏览器提示连接超时。"])]
    impact: Annotated[Text, Field(title="Impact", examples=["全市执法人员无法登录办案，约三百人受影响。"])]
    level: Annotated[
        Level,
        Field(
            title="Level",
            description="Decides how often progress is reported and how soon the written report is due. It never "
            "relaxes the limits of the contract.",
            examples=["level_2"],
        ),
    ]
    is_security_suspected: Annotated[
        Literal["no", "undetermined", "yes"], Field(title="Could it be a network security incident?", examples=["no"])
    ]
    occurred_at: Annotated[
        Instant | None, Field(title="Began at (estimated)", examples=["2026-05-12T09:50:00+08:00"])
    ] = None
    discovered_at: Annotated[
        Instant | None,
        Field(
            title="Discovered at",
            description="When somebody, or the monitoring, first saw it. Leave empty where nobody knows.",
            examples=["2026-05-12T09:53:00+08:00"],
        ),
    ] = None


class FaultReport(_Received, _Observed):
    """The report that opens a fault: what is wrong, then how the report was received."""


class Registration(Form):
    engineer: Annotated[
        PersonChoice, chosen_from("people:supplier.engineer"), Field(title="Engineer in charge", examples=[1])
    ]
    advice: Annotated[Text | None, Field(title="First advice given", examples=["请先不要反复刷新，保留报错截图。"])] = (
        None
    )


class Reassignment(Form):
    engineer: Annotated[
        PersonChoice, chosen_from("people:supplier.engineer"), Field(title="Engineer in charge", examples=[1])
    ]
    reason: Annotated[Text, Field(title="Reason", examples=["原负责工程师换班，已当面交接。"])]


class Response(Form):
    """A person's answer to the client: an automatic acknowledgement has neither means, nor person, nor content."""

    means: Annotated[
        Literal["phone", "instant_message", "mail", "on_site"], Field(title="By what means", examples=["phone"])
    ]
    told: Annotated[Line, Field(title="Who was told", examples=["值班员 周晓彤"])]
    content: Annotated[Text, Field(title="What was said", examples=["已接到报障，正在检查负载均衡与数据库连接。"])]


class Diagnosis(Form):
    examined: Annotated[Text, Field(title="What is being examined", examples=["检查应用节点日志与数据库连接数。"])]


class Step(Form):
    did: Annotated[Text, Field(title="What was done", examples=["查看数据库会话，发现连接数已满。"])]
    result: Annotated[Text, Field(title="What it showed", examples=["连接池未释放连接，共 500 个会话处于空闲事务。"])]


class Arrival(Form):
    place: Annotated[Line, Field(title="Place", examples=["政务云机房 B 区"])]


class NoArrival(Form):
    reason: Annotated[
        Text, Field(title="Why nobody needs to come", examples=["故障在软件层面，可远程处理，无需到场。"])
    ]


class Cause(Form):
    cause: Annotated[Text, Field(title="Cause", examples=["应用升级后连接池配置错误，连接用尽后新请求被拒绝。"])]
    evidence: Annotated[
        Text, Field(title="How it is known", examples=["应用日志中的连接池告警与数据库会话清单，见附件。"])
    ]


class Repair(Form):
    measure: Annotated[Text, Field(title="Measure", examples=["恢复连接池配置并逐个重启应用节点。"])]


class Restoration(Form):
    measure: Annotated[Text, Field(title="Measure", examples=["恢复连接池配置并逐个重启应用节点。"])]
    verified: Annotated[
        Text, Field(title="How it was verified", examples=["三个测试账号登录、查询、提交均正常，数据抽查一致。"])
    ]
    is_workaround: Annotated[
        Yes,
        Field(
            title="Only a workaround",
            description="The service is back, but what was done does not last.",
            examples=[False],
        ),
    ] = False


class Problem(Form):
    """A problem record: what stays open after the service is back."""

    problem: Annotated[
        Text, Field(title="What is still open", examples=["连接泄漏的根本原因尚未查明，目前靠定时回收维持。"])
    ]
    owner: Annotated[
        PersonChoice,
        chosen_from("people:supplier.engineer,supplier.manager"),
        Field(title="Who is in charge of it", examples=[1]),
    ]
    next_step: Annotated[Text, Field(title="Next step", examples=["与开发单位一起分析堆转储，提出修复版本。"])]


class ProblemSolution(Form):
    cause: Annotated[Text, Field(title="Cause", examples=["第三方驱动在超时后不归还连接。"])]
    measure: Annotated[Text, Field(title="Lasting measure", examples=["驱动升级到修复版本，并增加连接数告警。"])]


class Progress(Form):
    progress: Annotated[Text, Field(title="Progress", examples=["已定位到数据库连接数用尽，正在回收空闲会话。"])]
    next_step: Annotated[Text, Field(title="Next step", examples=["恢复配置后逐个重启应用节点。"])]


class Result(Form):
    result: Annotated[Text, Field(title="Result", examples=["系统已恢复，原因是连接池配置错误，已改回并加告警。"])]
    told: Annotated[Line, Field(title="Who was told", examples=["值班员 周晓彤"])]


class InitialReport(Form):
    """What is known soon after the service is back, at the highest level. The written report follows."""

    known: Annotated[
        Text,
        Field(title="What is known so far", examples=["9:56 起全市无法登录，10:21 恢复；连接池配置被覆盖，起因待查。"]),
    ]
    next_step: Annotated[Text, Field(title="Next step", examples=["核对发布记录，三个工作日内提交书面报告。"])]


class FaultReportPaper(Form):
    """What a person adds to the report. Every time, duration and limit in it is computed from the record (C9.16)."""

    process: Annotated[
        Text, Field(title="Course of the handling", examples=["接报后先核对监控，再逐层排查应用、中间件、数据库。"])
    ]
    root_cause: Annotated[
        Text, Field(title="Root cause in one paragraph", examples=["升级脚本覆盖了连接池配置，发布检查未包含该项。"])
    ]
    lasting_measures: Annotated[Text, Field(title="Lasting measures", examples=["发布检查单增加连接池配置比对。"])]
    prevention: Annotated[
        Text, Field(title="How it will be prevented", examples=["连接数达到八成时告警，由值班工程师处理。"])
    ]
    review_meeting: Annotated[
        Text | None,
        Field(
            title="Review meeting",
            description="At the highest level: when both parties reviewed the fault, who attended, what was decided.",
            examples=["5 月 13 日 15:00 复盘会，甲乙双方与监理参加；决定发布前增加配置比对。"],
        ),
    ] = None


class Returning(Form):
    reason: Annotated[
        Text, Field(title="What must be corrected", examples=["根本原因与日志证据不符，请补充会话清单。"])
    ]


class Approval(Form):
    opinion: Annotated[Text, Field(title="Opinion", examples=["报告与记录一致，同意。"])]


class Confirmation(Rating):
    """The client's word that the fault is over."""


class Reason(Form):
    reason: Annotated[Text, Field(title="Reason", examples=["经核实为本地网络故障，系误报。"])]


class Recurrence(_Received):
    reason: Annotated[
        Text, Field(title="What shows that it is not over", examples=["今天上午登录再次超时，现象与上次相同。"])
    ]


class LevelChange(Form):
    level: Annotated[Level, Field(title="Level", examples=["level_1"])]
    reason: Annotated[Text, Field(title="Reason", examples=["影响范围扩大到全部业务。"])]


class Severity(Form):
    """The grade of a network security incident, as the client judges it. "undetermined" is never a default."""

    severity: Annotated[
        Literal["undetermined", "ordinary", "larger", "major", "extraordinary"],
        Field(title="Grade", examples=["ordinary"]),
    ]
    criterion: Annotated[Line, Field(title="Criterion", examples=["《网络安全事件分级指南》一般事件"])]
    grounds: Annotated[Text, Field(title="Grounds", examples=["未涉及数据泄露，业务中断不足一小时。"])]


class IncidentReport(Form):
    """That the incident was reported outside this desk: to whom, what, and under which number there."""

    authority: Annotated[Line, Field(title="Reported to", examples=["市网信部门"])]
    told: Annotated[
        Text,
        Field(
            title="What the authority was told",
            examples=["系统名称、发现时间、初步影响与已采取措施；原因待查，后续补报。"],
        ),
    ]
    reference: Annotated[Line | None, Field(title="Reference number there", examples=["演示-0001"])] = None


class Duplicate(Form):
    into: Annotated[
        str, chosen_from("open:fault"), Field(title="Number of the fault it repeats", examples=["BJ26-F-2026-0001"])
    ]
    reason: Annotated[Text, Field(title="Reason", examples=["同一时间同一系统，两位同事先后报障。"])]


class Complaint(Form):
    """The same as of a complaint that is opened by itself; what it is about is this fault."""

    nature: Annotated[
        Literal["complaint", "suggestion"], Field(title="Complaint or suggestion", examples=["complaint"])
    ]
    complaint: Annotated[Text, Field(title="What is the matter", examples=["两次打电话都无人接听，希望改进值班安排。"])]
    wish: Annotated[
        Text | None, Field(title="What is wished for", examples=["请说明原因，并告知今后如何保证有人接听。"])
    ] = None
