"""What people fill in while a drill runs and after it: records (A.7, A.8), assessment (A.9), summary (A.10)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from workflow.drill.forms import BOTH_PARTIES
from workflow.forms import Confirmed, Form, Instant, Line, PersonChoice, Text, Yes, chosen_from

SCORES = POOR, ACCEPTABLE, EXCELLENT = (1, 3, 5)


def _from_a_page(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value)  # Python takes True for 1, which would make a box that was ticked a score.
    return int(value) if value in [str(score) for score in SCORES] else value


Score = Annotated[Literal[1, 3, 5], BeforeValidator(_from_a_page)]
"""1 poor, 3 acceptable, 5 excellent, as the assessment sheet has it. A page sends it as text."""
Item = Literal[
    "feasibility", "alarming", "locating", "commanding", "responding", "liaison", "supporting", "achievement", "economy"
]
"""The nine items of the assessment sheet (A.9), in its order."""
ITEMS: tuple[str, ...] = get_args(Item)


class StepRecord(Form):
    """An entry of the running record (A.8 ②)."""

    happened_at: Annotated[Instant, Field(title="Happened at", examples=["2026-06-16T14:05:00+08:00"])]
    what: Annotated[Text, Field(title="Course of events", examples=["停止主库服务，监控在四十秒内告警。"])]
    by_whom: Annotated[Line, Field(title="By whom", examples=["实施组 韩立"])]
    outcome: Annotated[Text | None, Field(title="Outcome", examples=["备库提升成功，业务恢复写入。"])] = None
    kept_by: Annotated[
        Literal["writing", "photograph", "recording"], Field(title="Recorded by", examples=["writing"])
    ] = "writing"
    step: Annotated[
        int | None, chosen_from("recorded:add_step:step:scene"), Field(title="Step of the script", examples=[1])
    ] = None
    dangerous: Annotated[
        Yes,
        Field(
            title="A dangerous operation",
            description="Also where the script does not say so: a reboot, a shutdown, a switch of data.",
            examples=[False],
        ),
    ] = False
    operation_ticket: Annotated[
        str | None, chosen_from("links:reboot"), Field(title="Operation ticket", examples=["BJ26-R-2026-0001"])
    ] = None


class IncidentReport(Form):
    """The report on the played event (A.7). Whoever files it issues it (签发); each is kept as it was."""

    reporter: Annotated[Line, Field(title="Reported by", examples=["实施组 韩立"])]
    contact: Annotated[Line | None, Field(title="Contact", examples=["000-0000-0000"])] = None
    happened_at: Annotated[Instant, Field(title="Happened at", examples=["2026-06-16T14:05:00+08:00"])]
    place: Annotated[Line, Field(title="Place", examples=["政务云机房 B 区"])]
    course: Annotated[Text, Field(title="Course in brief", examples=["模拟主库断电，业务写入失败。"])]
    impact: Annotated[
        Text, Field(title="Extent, degree, people, loss", examples=["模拟影响办案系统约三百名用户，无实际损失。"])
    ]
    cause: Annotated[Text, Field(title="Consequence, cause, nature", examples=["模拟电源模块失效。"])]
    measures: Annotated[Text, Field(title="Measures and their effect", examples=["已切换备库，写入恢复。"])]
    help_needed: Annotated[Text | None, Field(title="Help needed", examples=["无。"])] = None


class Ending(Form):
    outcome: Annotated[Text, Field(title="Outcome", examples=["全部步骤完成，切换用时六分钟。"])]
    everybody_stopped: Annotated[Confirmed, Field(title="Everybody has stopped", examples=[True])]
    site_cleared: Annotated[Yes, Field(title="The site is cleared", examples=[True])] = False


class Termination(Form):
    """Stopping must be quick: nothing is asked but the cause."""

    cause: Annotated[Text, Field(title="Cause", examples=["演练期间出现真实告警，立即停止。"])]
    fault: Annotated[
        str | None,
        chosen_from("current:fault"),
        Field(
            title="For this real fault",
            description="Left empty, every real fault reported meanwhile on a system under drill is linked.",
            examples=["BJ26-F-2026-0001"],
        ),
    ] = None


class LateRecord(Form):
    """An entry after the end. It says so, why, and when it was really made (补记)."""

    happened_at: Annotated[Instant, Field(title="Happened at", examples=["2026-06-16T14:05:00+08:00"])]
    what: Annotated[Text, Field(title="Course of events", examples=["观察员记下告警短信迟到两分钟。"])]
    by_whom: Annotated[Line, Field(title="By whom", examples=["观察组 白露"])]
    reason: Annotated[Text, Field(title="Why it is entered late", examples=["观察记录为手写，会后才整理。"])]


class SystemsRestored(Form):
    systems: Annotated[Text, Field(title="What was restored", examples=["主库恢复为主用，备库重新同步。"])]
    verified: Annotated[
        Text, Field(title="How it was verified", examples=["三个测试账号登录、查询、提交均正常，数据抽查一致。"])
    ]
    left_over: Annotated[Text | None, Field(title="What is left over", examples=["无。"])] = None
    reported_to_command: Annotated[Confirmed, Field(title="Reported to the command group", examples=[True])]


class StatusReport(Form):
    """The written report on how the systems run, owed by the end of the next day (A.8 ④)."""

    condition: Annotated[
        Literal["normal", "impaired", "unavailable"], Field(title="Condition of the systems", examples=["normal"])
    ]
    details: Annotated[Text, Field(title="Details", examples=["各系统运行正常，备库延迟小于一秒，无告警。"])]


class Participation(Form):
    """What one party puts on record of who took part and when."""

    participants: Annotated[
        Text,
        Field(
            title="Who took part",
            description="One person a line: name, duty, from, until.",
            examples=["周晓彤，指挥组，14:00–16:20"],
        ),
    ]
    times_are_right: Annotated[Confirmed, Field(title="The recorded start and end are right", examples=[True])]
    remarks: Annotated[Text | None, Field(title="Remarks", examples=["无异议。"])] = None


class Assessment(Form):
    """The assessment sheet (A.9): nine items, 1 poor, 3 acceptable, 5 excellent."""

    feasibility: Annotated[Score, Field(title="Feasibility of the scheme", examples=[5])]
    alarming: Annotated[Score, Field(title="Monitoring and alarms", examples=[3])]
    locating: Annotated[Score, Field(title="Locating the fault", examples=[3])]
    commanding: Annotated[Score, Field(title="Command and coordination", examples=[5])]
    responding: Annotated[Score, Field(title="Handling by those taking part", examples=[5])]
    liaison: Annotated[Score, Field(title="Liaison with others concerned", examples=[3])]
    supporting: Annotated[Score, Field(title="Support, emergency measures, way back", examples=[3])]
    achievement: Annotated[Score, Field(title="Aims achieved", examples=[5])]
    economy: Annotated[Score, Field(title="Cost and benefit", examples=[3])]
    advice: Annotated[Text, Field(title="Advice for improvement", examples=["缩短告警短信的送达时间。"])]


class Summary(Form):
    """The summary report (A.10)."""

    course: Annotated[Text, Field(title="Course of the drill", examples=["按脚本完成十二步，历时一小时四十分。"])]
    achieved: Annotated[Text, Field(title="What was achieved", examples=["切换用时六分钟，达到目标。"])]
    problems: Annotated[Text, Field(title="Problems found", examples=["告警短信送达偏慢，值班电话占线。"])]
    proposals: Annotated[Text, Field(title="Proposals for the emergency plan", examples=["增加第二告警通道的条款。"])]


class Rectification(Form):
    """One thing to put right: the problem, whose it is, until when, by what measure."""

    problem: Annotated[Line, Field(title="Problem", examples=["告警短信送达超过两分钟"])]
    assessed_item: Annotated[Item | None, Field(title="Item of the assessment", examples=["alarming"])] = None
    owner: Annotated[PersonChoice, chosen_from(BOTH_PARTIES), Field(title="Owner", examples=[3])]
    due_at: Annotated[Instant, Field(title="To be done by", examples=["2026-07-16T18:00:00+08:00"])]
    measure: Annotated[Text, Field(title="Measure", examples=["增加电话语音告警通道。"])]


class _OfRectification(Form):
    item: Annotated[
        int, chosen_from("recorded:add_rectification:item:problem"), Field(title="Rectification item", examples=[1])
    ]


class RectificationReassigned(_OfRectification):
    owner: Annotated[PersonChoice, chosen_from(BOTH_PARTIES), Field(title="Owner", examples=[3])]
    due_at: Annotated[Instant, Field(title="To be done by", examples=["2026-07-16T18:00:00+08:00"])]
    reason: Annotated[Text, Field(title="Reason", examples=["原负责人调离，由同组工程师接手。"])]


class RectificationDone(_OfRectification):
    evidence: Annotated[
        Text,
        Field(
            title="Evidence",
            description="What shows that it is done; files are added as rectification evidence.",
            examples=["语音告警已上线，测试记录见附件。"],
        ),
    ]


class RectificationVerified(_OfRectification):
    finding: Annotated[Text, Field(title="What was found", examples=["现场触发告警，三十秒内接到电话。"])]


class RectificationReturned(_OfRectification):
    reason: Annotated[Text, Field(title="Reason", examples=["测试记录缺少夜间时段，请补充。"])]


class RiskAccepted(_OfRectification):
    reason: Annotated[Text, Field(title="Reason", examples=["改造费用高于收益，列入下年度计划。"])]
    risk_is_accepted: Annotated[Confirmed, Field(title="The client accepts the risk", examples=[True])]


class PlanRevision(Form):
    new_version: Annotated[Line, Field(title="New version", examples=["2026 年第一次修订版"])]
    changes: Annotated[Text, Field(title="What was changed", examples=["增加第二告警通道与值班电话备线的条款。"])]


class PlanKept(Form):
    reason: Annotated[Text, Field(title="Why the plan stays as it is", examples=["预案与实际处置一致，无须修订。"])]


class Rating(Form):
    rating: Annotated[Literal["well_done", "adequate", "inadequate"], Field(title="Rating", examples=["adequate"])]
    opinion: Annotated[Text, Field(title="Opinion", examples=["组织有序，记录完整；告警环节须改进。"])]
