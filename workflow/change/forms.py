"""What people fill in when the service is changed, renewed or cancelled (C7): the application first, then each step's record."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflow.forms import Change, Confirmed, Count, Day, Form, Instant, Line, PersonChoice, Text, chosen_from

Type = Literal["add", "expand", "reduce", "adjust", "migrate", "renew", "cancel", "trial"]
LONGEST_LIST = 60


class LineQuantity(Form):
    """Units of one catalogue line: added (positive) or given back (negative); renewed, where the change is a renewal."""

    line: Annotated[
        int,
        Field(ge=1, le=9999),
        chosen_from("lines"),
        Field(title="Catalogue line", description="The number of the line in the service catalogue.", examples=[1]),
    ]
    quantity: Annotated[
        Change, Field(title="Change of quantity", description="Negative where units are given back.", examples=[16])
    ]
    until: Annotated[
        Day | None,
        Field(
            title="Until",
            description="Last day of these units, where it is not the last day of the line.",
            examples=["2027-03-09"],
        ),
    ] = None


class ChangeRequest(Form):
    """The application (变更申请). The lines are those of the catalogue; what is not on it cannot be a supplement."""

    type: Annotated[Type, Field(title="Type of change", examples=["expand"])]
    classification: Annotated[
        Literal["ordinary", "major"],
        Field(title="Classification", description="A cancellation is always major.", examples=["ordinary"]),
    ] = "ordinary"
    system: Annotated[Line, Field(title="Information system", examples=["综合执法办案系统"])]
    reason: Annotated[Text, Field(title="Reason", examples=["暑期执法检查期间并发用户增加，现有计算资源不足。"])]
    basis: Annotated[
        Line, Field(title="Basis (document and number)", examples=["文执信〔2026〕12号 信息化工作会议纪要"])
    ]
    before: Annotated[Text, Field(title="Configuration before", examples=["应用服务器 4 台，每台 8 核 16 GB。"])]
    after: Annotated[Text, Field(title="Configuration after", examples=["应用服务器 6 台，每台 8 核 16 GB。"])]
    lines: Annotated[
        list[LineQuantity],
        Field(
            title="Catalogue lines",
            max_length=LONGEST_LIST,
            json_schema_extra={"input": "rows"},
            examples=[[{"line": 1, "quantity": 16, "until": None}]],
        ),
    ] = []
    outside_catalogue: Annotated[
        Text | None,
        Field(
            title="Item or price not in the catalogue",
            description="Fill in if anything asked for is not one of the priced lines: it then needs a new procurement.",
            examples=["新增图像识别服务（目录中无此项）"],
        ),
    ] = None
    window_start: Annotated[Instant, Field(title="Wished window: from", examples=["2026-06-06T22:00:00+08:00"])]
    window_end: Annotated[Instant, Field(title="Wished window: to", examples=["2026-06-07T02:00:00+08:00"])]
    downtime_minutes: Annotated[Count, Field(title="Downtime (minutes)", examples=[30])]
    impact: Annotated[
        Text, Field(title="Business impact", examples=["割接期间办案系统停用约三十分钟，已避开值班高峰。"])
    ]
    fallback: Annotated[Text, Field(title="Fallback plan", examples=["保留原主机快照，切换失败时十分钟内切回原环境。"])]
    backup_confirmed: Annotated[Confirmed, Field(title="The data has been backed up", examples=[True])]
    funding: Annotated[Line, Field(title="Funding", examples=["2026 年度信息化运维预算"])]
    original_ends: Annotated[Day | None, Field(title="Renewal: present last day", examples=["2026-09-09"])] = None
    new_ends: Annotated[Day | None, Field(title="Renewal: new last day", examples=["2026-12-09"])] = None
    procurement: Annotated[
        Literal["within_this_contract", "separate_procurement"] | None,
        Field(
            title="Renewal: paid under",
            description="Within this contract it counts against the cap; a separate procurement must be shown.",
            examples=["within_this_contract"],
        ),
    ] = None
    procurement_basis: Annotated[
        Line | None, Field(title="Renewal: basis of procurement", examples=["预算批复 京财〔2026〕88号"])
    ] = None
    trial_ends: Annotated[Day | None, Field(title="Trial: last day", examples=["2026-06-30"])] = None
    dependants: Annotated[
        Text | None,
        Field(
            title="Cancellation: systems that depend on it", examples=["统计报送系统每日读取其数据库，已于本月改接。"]
        ),
    ] = None


class Reason(Form):
    reason: Annotated[Text, Field(title="Reason", examples=["业务需求已调整，不再需要。"])]


class Shortcomings(Form):
    missing: Annotated[
        list[Line],
        Field(
            title="Missing items",
            min_length=1,
            max_length=LONGEST_LIST,
            json_schema_extra={"input": "lines"},
            examples=[["等保备案证明", "系统负责人签字页"]],
        ),
    ]
    reason: Annotated[Text, Field(title="Reason", examples=["材料不齐，无法评估。"])]


class Rejection(Form):
    """A refusal for good. It always lists something, though the papers may be complete: who is refused has to learn all
    that stands in the way at once, and an empty list would leave a new application to guesswork (C7.1)."""

    missing: Annotated[
        list[Line],
        Field(
            title="Missing items",
            description="All that it would have taken: papers, and conditions that are not met.",
            min_length=1,
            max_length=LONGEST_LIST,
            json_schema_extra={"input": "lines"},
            examples=[["预算批复文件", "资源池余量不足：缺 16 核"]],
        ),
    ]
    reason: Annotated[Text, Field(title="Reason", examples=["本年度预算未列，不予办理。"])]


class Consent(Form):
    statement: Annotated[Line, Field(title="Statement", examples=["同意按所列内容办理。"])]


class Advice(Form):
    feasibility: Annotated[
        Literal["feasible", "feasible_with_conditions", "not_feasible"],
        Field(title="Feasibility", examples=["feasible"]),
    ]
    advice: Annotated[
        Text, Field(title="Technical advice", examples=["资源池余量充足，建议扩容后重新核定负载均衡权重。"])
    ]


class _Work(Form):
    """Work plan and schedule (工作方案、工作计划)."""

    work_plan: Annotated[
        Text, Field(title="Work plan", examples=["一、创建主机；二、同步数据；三、切换流量；四、观察两小时。"])
    ]
    starts_at: Annotated[Instant, Field(title="Schedule: from", examples=["2026-06-06T22:00:00+08:00"])]
    ends_at: Annotated[Instant, Field(title="Schedule: to", examples=["2026-06-07T02:00:00+08:00"])]


class WorkPlan(_Work):
    charged_from: Annotated[
        Day,
        Field(
            title="Charged from",
            description="The first day on which the new quantities are charged.",
            examples=["2026-06-10"],
        ),
    ]


class Replan(_Work):
    lessons: Annotated[Text, Field(title="What is done otherwise than before", examples=["先在测试环境验证驱动版本。"])]


class Revalidation(Form):
    """The client's part in validating the service anew (服务重新审定), and the schedule that it agrees to."""

    finding: Annotated[
        Text, Field(title="Outcome of the re-validation", examples=["变更后服务范围、容量与等保要求重新审定无异议。"])
    ]
    starts_at: Annotated[Instant, Field(title="Agreed schedule: from", examples=["2026-06-06T22:00:00+08:00"])]
    ends_at: Annotated[Instant, Field(title="Agreed schedule: to", examples=["2026-06-07T02:00:00+08:00"])]


class Opinion(Form):
    """The opinion of the authority in charge of the cloud: an outside document, transcribed by the client."""

    document_number: Annotated[Line, Field(title="Document number", examples=["京信云审〔2026〕31号"])]
    issued_on: Annotated[Day, Field(title="Issued on", examples=["2026-05-12"])]
    conclusion: Annotated[Text, Field(title="Conclusion", examples=["同意该系统扩容。"])]


class AuthorityRefusal(Opinion):
    """The authority's refusal; its conclusion is the reason. It ends the matter, so that it lists what was missing, too."""

    missing: Annotated[
        list[Line],
        Field(
            title="Missing items",
            description="What the authority names as missing or as standing in the way.",
            min_length=1,
            max_length=LONGEST_LIST,
            json_schema_extra={"input": "lines"},
            examples=[["密码应用安全性评估报告"]],
        ),
    ]


class SupplementDraft(Form):
    """The supplementary agreement (补充协议). The sums come from the plan that the client approved."""

    changes: Annotated[Text, Field(title="What is changed", examples=["第 1 项云主机 vCPU 数量增加 16。"])]
    effective_on: Annotated[Day, Field(title="Effective from", examples=["2026-06-01"])]
    other_terms: Annotated[Text | None, Field(title="Other terms", examples=["其余条款不变。"])] = None


class Begin(Form):
    second_person: Annotated[
        PersonChoice | None,
        chosen_from("people:supplier.engineer,supplier.manager"),
        Field(
            title="Second person",
            description="A cancellation is carried out by two persons of the supplier.",
            examples=[2],
        ),
    ] = None


class WorkRecord(Form):
    work: Annotated[
        Text, Field(title="Work done", examples=["22:05 创建主机两台；22:40 数据同步完成；23:10 切换流量。"])
    ]
    deviations: Annotated[Text | None, Field(title="Deviations from the plan", examples=["同步比计划晚十分钟。"])] = (
        None
    )


class Handover(Form):
    result: Annotated[Text, Field(title="Result", examples=["两台主机已并入集群，负载均衡正常。"])]
    checks: Annotated[Text, Field(title="Checks made", examples=["登录、查询、上传各测试十次，均成功。"])]


class Confirmation(Form):
    confirmed: Annotated[Confirmed, Field(title="I have checked it and confirm it", examples=[True])]
    finding: Annotated[Text, Field(title="What was checked", examples=["业务部门试用半日，功能与性能符合申请。"])]


class Failure(Form):
    finding: Annotated[Text, Field(title="What does not hold", examples=["上传附件超时，未达到申请要求。"])]


class RollBack(Form):
    cause: Annotated[Text, Field(title="Cause of the failure", examples=["新主机网卡驱动与虚拟交换机不兼容。"])]
    restored: Annotated[
        Text, Field(title="How the former state was restored", examples=["按回退方案切回原主机，业务恢复。"])
    ]


class Baseline(Form):
    confirmed: Annotated[Confirmed, Field(title="The catalogue now reads as the agreement says", examples=[True])]


class Evidence(Form):
    reference: Annotated[Line, Field(title="Where it can be found", examples=["北京市政府采购网 合同公告 2026-05-13"])]
    done_on: Annotated[Day, Field(title="Done on", examples=["2026-05-13"])]


class Export(Form):
    exported: Annotated[Text, Field(title="Data taken out", examples=["业务库全量、附件目录共 1.2 TB，已核对条数。"])]
    place: Annotated[Line, Field(title="Where it lies now", examples=["本单位机房 存储 2 号柜"])]
    confirmed: Annotated[Confirmed, Field(title="The data is complete and can be read", examples=[True])]


class BackupCheck(Form):
    backup: Annotated[Line, Field(title="Backup", examples=["快照 snap-20260601-03"])]
    method: Annotated[Text, Field(title="How it was verified", examples=["在隔离环境恢复并抽查一百条记录。"])]


class DependencyCheck(Form):
    dependants: Annotated[Text, Field(title="Systems found to depend on it", examples=["无；接口调用日志三十日为零。"])]
    none_left: Annotated[Confirmed, Field(title="Nothing depends on it any more", examples=[True])]


class DeletionConsent(Form):
    scope: Annotated[Text, Field(title="What may be deleted", examples=["旧版举报平台主机 2 台及其全部数据与副本。"])]
    confirmed: Annotated[Confirmed, Field(title="I consent to the deletion; it cannot be undone", examples=[True])]


class Erasure(Form):
    """The certificate of erasure (清除证明)."""

    storage: Annotated[
        list[Line],
        Field(
            title="Storage erased",
            min_length=1,
            max_length=LONGEST_LIST,
            json_schema_extra={"input": "lines"},
            examples=[["数据盘 vol-01", "系统盘 vol-02"]],
        ),
    ]
    replicas: Annotated[
        list[Line],
        Field(
            title="Replicas erased",
            min_length=1,
            max_length=LONGEST_LIST,
            json_schema_extra={"input": "lines"},
            examples=[["同城副本 rep-01", "快照 snap-20260601-03"]],
        ),
    ]
    method: Annotated[Line, Field(title="Method of erasure", examples=["三次覆写并销毁密钥"])]
    charging_stops_on: Annotated[Day, Field(title="Charging stops on", examples=["2026-06-10"])]


class Attestation(Form):
    confirmed: Annotated[Confirmed, Field(title="I was there and saw every item erased", examples=[True])]


class Rescission(Form):
    reason: Annotated[Text, Field(title="Reason", examples=["项目终止，双方同意不再实施。"])]
    consequences: Annotated[Text, Field(title="What follows from it", examples=["已发生费用不退，其余不再执行。"])]


class Assistance(Form):
    assistance: Annotated[
        Text, Field(title="Assistance given", examples=["提供续用与撤销两种办理清单，并协助导出数据。"])
    ]


class ReleaseConsent(Form):
    export_confirmed: Annotated[
        Confirmed, Field(title="Nothing on the trial resources is needed any more", examples=[True])
    ]
    statement: Annotated[Line, Field(title="Statement", examples=["同意释放试用资源。"])]


class ReleaseRecord(Form):
    released: Annotated[Text, Field(title="What was released", examples=["试用主机 1 台、数据盘 1 块，数据已清除。"])]
