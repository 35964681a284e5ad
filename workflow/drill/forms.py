"""What people fill in before a drill starts: the plan (A.1), the scheme and its annexes (A.2–A.6), the last checks.

The letters are those of the annex to GB/T 38645-2020. That a ticket is a drill is nowhere filled in: it always is.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflow.forms import Confirmed, Count, Day, Form, Instant, Line, PersonChoice, Text, chosen_from

TAKING_PART = "people:client.staff,client.approver,supplier.desk,supplier.engineer,supplier.manager,supervisor.reviewer"
BOTH_PARTIES = "people:client.staff,client.approver,supplier.desk,supplier.engineer,supplier.manager"
ScriptStage = Literal["getting_ready", "carrying_out", "ending", "recovering"]


class Window(Form):
    """When the drill is to take place."""

    window_start: Annotated[Instant, Field(title="Drill may start from", examples=["2026-06-16T14:00:00+08:00"])]
    window_end: Annotated[Instant, Field(title="Drill must be over by", examples=["2026-06-16T17:00:00+08:00"])]


class DrillPlan(Window):
    """The plan of a drill (A.1). The two dates are for drills held before this desk kept the record."""

    title: Annotated[Line, Field(title="Name of the drill", examples=["数据库主备切换应急演练"])]
    drill_form: Annotated[
        Literal["tabletop", "hands_on", "demonstration"], Field(title="Form of drill", examples=["hands_on"])
    ]
    scope: Annotated[
        Literal["comprehensive", "special"],
        Field(
            title="Scope",
            description="A comprehensive drill exercises the whole emergency plan, a special one a part of it.",
            examples=["comprehensive"],
        ),
    ]
    systems: Annotated[
        Text, Field(title="Systems concerned", description="One system a line.", examples=["综合执法办案系统"])
    ]
    emergency_plan: Annotated[Line, Field(title="Emergency plan", examples=["政务云信息系统突发事件应急预案"])]
    emergency_plan_version: Annotated[Line, Field(title="Version of the emergency plan", examples=["2025 年修订版"])]
    last_drilled_on: Annotated[
        Day | None, Field(title="Last drilled on, before this desk", examples=["2025-06-20"])
    ] = None
    last_reviewed_on: Annotated[
        Day | None, Field(title="Last reviewed on, before this desk", examples=["2025-07-04"])
    ] = None
    aims: Annotated[Text, Field(title="Aims", examples=["检验主库失效后十分钟内切换到备库的能力。"])]
    participants: Annotated[
        Text,
        Field(
            title="Who takes part",
            description="The client leads; the supplier takes part and assists.",
            examples=["甲方信息中心三人，乙方运维团队四人，监理一人。"],
        ),
    ]
    budget: Annotated[Text, Field(title="Budget", examples=["不另行支出，使用现有资源。"])]


class PlanApproval(Form):
    """The client's word that this is a drill, given before anything starts."""

    is_only_a_drill: Annotated[Confirmed, Field(title="This is a drill and hides no real fault", examples=[True])]
    opinion: Annotated[Text | None, Field(title="Opinion", examples=["同意按计划组织。"])] = None


class Reason(Form):
    reason: Annotated[Text, Field(title="Reason", examples=["演练时段与重大活动保障冲突，请另定时间。"])]


class Postponement(Window):
    postponed_because: Annotated[Text, Field(title="Reason", examples=["演练时段与重大活动保障冲突，请另定时间。"])]


class Scheme(Form):
    """The working scheme (A.2): what is played, and who holds which office."""

    scenario: Annotated[Text, Field(title="Scenario", examples=["主数据库所在物理机断电，业务无法写入。"])]
    procedure: Annotated[
        Text, Field(title="Procedure", examples=["宣布开始；模拟断电；告警上报；切换备库；验证；恢复；宣布结束。"])
    ]
    command_group: Annotated[
        list[PersonChoice],
        chosen_from(TAKING_PART),
        Field(
            title="Command group",
            min_length=1,
            max_length=20,
            description="Only they declare the start and the end. Both parties must be in it.",
            examples=[[1, 2]],
        ),
    ]
    implementing_group: Annotated[
        list[PersonChoice],
        chosen_from(BOTH_PARTIES),
        Field(title="Implementing group", min_length=1, max_length=50, examples=[[3]]),
    ]
    assessment_group: Annotated[
        list[PersonChoice],
        chosen_from(TAKING_PART),
        Field(
            title="Assessment group",
            min_length=1,
            max_length=20,
            description="Nobody of the implementing group assesses.",
            examples=[[4]],
        ),
    ]
    other_groups: Annotated[
        Text | None,
        Field(title="Other groups and their duties", examples=["保障组：负责场地与通信。观察组：监理单位。"]),
    ] = None


class Support(Form):
    """What must be at hand (A.3)."""

    people: Annotated[Text, Field(title="People", examples=["值班工程师二人，备班一人。"])]
    money: Annotated[Text, Field(title="Funds", examples=["无额外费用。"])]
    place: Annotated[Text, Field(title="Place", examples=["甲方五层会议室与乙方监控大厅。"])]
    equipment: Annotated[Text, Field(title="Infrastructure", examples=["备库已同步，延迟小于一秒。"])]
    communication: Annotated[Text, Field(title="Communication", examples=["固定电话与即时消息群各一路。"])]
    technology: Annotated[Text, Field(title="Technology", examples=["切换脚本已在测试环境验证。"])]
    safety: Annotated[Text, Field(title="Safety", examples=["演练前完成全量备份，限定操作账号。"])]
    checks: Annotated[Text, Field(title="Checks of the support", examples=["演练前一日由保障组逐项检查。"])]


class AssessmentScheme(Form):
    """How the drill will be judged (A.4)."""

    indicators: Annotated[Text, Field(title="What is judged", examples=["告警时间、定位时间、切换时间、指挥协调。"])]
    method: Annotated[Text, Field(title="How it is judged", examples=["现场观察并计时，对照评估单九项评分。"])]
    evidence: Annotated[Text, Field(title="What is collected", examples=["操作记录、监控截图、通话记录。"])]


class ScriptStep(Form):
    """One row of the script (A.6). A row of the same number replaces the earlier one."""

    step: Annotated[Count, Field(title="Step number", examples=[1])]
    stage: Annotated[ScriptStage, Field(title="Stage", examples=["carrying_out"])]
    scene: Annotated[Line, Field(title="Scene", examples=["主库断电"])]
    role: Annotated[Line, Field(title="Role", examples=["实施组组长"])]
    words: Annotated[
        Text, Field(title="Order, report, answer", examples=["指令：开始切换。报告：切换完成。应答：收到。"])
    ]
    doing: Annotated[Text, Field(title="What is done", examples=["停止主库服务，提升备库为主库。"])]
    meanwhile: Annotated[Text | None, Field(title="What happens meanwhile", examples=["监控大屏显示告警。"])] = None
    operation: Annotated[
        str | None,
        chosen_from("operations"),
        Field(
            title="Dangerous operation",
            description="Such a step needs an operation ticket of its own: a drill is no exemption.",
            examples=["reboot"],
        ),
    ] = None


class DroppedStep(Form):
    step: Annotated[int, chosen_from("recorded:add_step:step:scene"), Field(title="Step number", examples=[1])]


class Script(Form):
    """The script as a whole (A.6): its rows are those on record."""

    main_line: Annotated[Text, Field(title="Main line", examples=["断电、告警、上报、切换、验证、恢复。"])]


class Fallback(Form):
    """The way back, should the drill itself do harm (回退方案)."""

    triggers: Annotated[Text, Field(title="When to fall back", examples=["切换后五分钟内业务仍不可写。"])]
    measures: Annotated[Text, Field(title="How to fall back", examples=["停用备库，恢复主库供电并由备份校验。"])]
    responsible: Annotated[PersonChoice, chosen_from(BOTH_PARTIES), Field(title="Person responsible", examples=[3])]


class Review(Form):
    opinion: Annotated[Text, Field(title="Opinion", examples=["方案可行，回退条件明确。"])]


class Notification(Form):
    people_told: Annotated[Text, Field(title="Who was told", examples=["全体参演人员、业务处室联络员、监理单位。"])]
    message: Annotated[
        Text, Field(title="What they were told", examples=["【演练】六月十六日下午进行主备切换演练，届时短暂中断。"])
    ]


class Precheck(Form):
    """Safety controls before the start (A.8 ①)."""

    controls: Annotated[
        Text, Field(title="Safety controls in place", examples=["已完成全量备份并核验，操作账号已限定。"])
    ]
    communication: Annotated[Text, Field(title="Communication tried", examples=["电话与消息群均已试通。"])]
    people_in_place: Annotated[Confirmed, Field(title="Everybody is in place", examples=[True])]


class GoAhead(Form):
    controls_confirmed: Annotated[
        Confirmed, Field(title="The command group has confirmed the controls", examples=[True])
    ]
    remarks: Annotated[Text | None, Field(title="Remarks", examples=["可以按时开始。"])] = None


class Declaration(Form):
    """Said aloud and put on record, by a member of the command group."""

    declared: Annotated[Confirmed, Field(title="I declare the start of the drill", examples=[True])]


class OperationLink(Form):
    step: Annotated[int, chosen_from("recorded:add_step:step:scene"), Field(title="Step of the script", examples=[1])]
    operation_ticket: Annotated[
        str, chosen_from("tickets:reboot"), Field(title="Operation ticket", examples=["BJ26-R-2026-0001"])
    ]
