"""The steps of a service change, so that a scenario says only what is special about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.remembered import remembered
from tests.stage import Stage

CONSENT = {"statement": "同意按所列内容办理。"}
REASON = {"reason": "业务需求已调整。"}
SHORTCOMINGS = {"missing": ["等保备案证明"], "reason": "材料不齐。"}
REJECTION = {"missing": ["预算批复文件"], "reason": "本年度预算未列。"}
ADVICE = {"feasibility": "feasible", "advice": "资源池余量充足。"}
WORK = {"work": "22:05 创建主机两台。"}
HANDOVER = {"result": "已并入集群。", "checks": "登录、查询各测试十次。"}
CONFIRMATION = {"confirmed": True, "finding": "试用半日，符合申请。"}
ROLL_BACK = {"cause": "驱动不兼容。", "restored": "已切回原主机。"}
RESCISSION = {"reason": "项目终止。", "consequences": "不再实施。"}
BASELINE = {"confirmed": True}
DEPENDENCIES = {"dependants": "无。", "none_left": True}
BACKUP = {"backup": "快照 snap-03", "method": "隔离环境恢复并抽查。"}
EXPORT = {"exported": "业务库全量。", "place": "本单位机房", "confirmed": True}
DELETION = {"scope": "旧主机 2 台及全部副本。", "confirmed": True}


def day(stage: Stage, ahead: int = 0) -> date:
    """The local day, so many days ahead."""
    return stage.contract.calendar.local_day(stage.at) + timedelta(days=ahead)


def row(line: int, quantity: int, until: date | None = None) -> dict[str, Any]:
    return {"line": line, "quantity": quantity, "until": until}


def request(stage: Stage, **fields: Any) -> dict[str, Any]:
    """An application to add sixteen units of the first line, unless told otherwise."""
    return {
        "type": "expand",
        "classification": "ordinary",
        "system": "综合执法办案系统",
        "reason": "并发用户增加。",
        "basis": "会议纪要 12 号",
        "before": "四台。",
        "after": "六台。",
        "lines": [row(1, 16)],
        "outside_catalogue": None,
        "window_start": stage.at + timedelta(days=3),
        "window_end": stage.at + timedelta(days=3, hours=4),
        "downtime_minutes": 30,
        "impact": "停用三十分钟。",
        "fallback": "保留快照，十分钟内切回。",
        "backup_confirmed": True,
        "funding": "年度预算",
        **fields,
    }


def renewal(stage: Stage, **fields: Any) -> dict[str, Any]:
    """A renewal of ten units of the first line, for three months beyond the contract."""
    last = stage.contract.line(1).ends
    assert last is not None
    return request(
        stage,
        **{
            "type": "renew",
            "lines": [row(1, 10)],
            "original_ends": last,
            "new_ends": last + timedelta(days=90),
            "procurement": "within_this_contract",
            "procurement_basis": "预算批复 88 号",
            **fields,
        },
    )


def cancellation(stage: Stage, **fields: Any) -> dict[str, Any]:
    return request(stage, **{"type": "cancel", "lines": [row(1, -12)], "dependants": "统计报送系统", **fields})


def trial(stage: Stage, **fields: Any) -> dict[str, Any]:
    return request(stage, **{"type": "trial", "trial_ends": day(stage, 30), **fields})


def work_plan(stage: Stage, **fields: Any) -> dict[str, Any]:
    return {
        "work_plan": "一、创建；二、切换。",
        "starts_at": stage.at + timedelta(days=3),
        "ends_at": stage.at + timedelta(days=3, hours=4),
        "charged_from": day(stage, 5),
        **fields,
    }


def validation(stage: Stage, **fields: Any) -> dict[str, Any]:
    return {
        "finding": "重新审定无异议。",
        "starts_at": stage.at + timedelta(days=3),
        "ends_at": stage.at + timedelta(days=3, hours=4),
        **fields,
    }


def opinion(stage: Stage) -> dict[str, Any]:
    return {"document_number": "云审 31 号", "issued_on": day(stage), "conclusion": "同意。"}


def refusal(stage: Stage) -> dict[str, Any]:
    """The authority's opinion, where it refuses."""
    return {**opinion(stage), "conclusion": "不同意。", "missing": ["密码应用安全性评估报告"]}


def supplement(stage: Stage, **fields: Any) -> dict[str, Any]:
    return {"changes": "第 1 项数量增加。", "effective_on": day(stage), "other_terms": None, **fields}


def evidence(stage: Stage) -> dict[str, Any]:
    return {"reference": "政府采购网公告", "done_on": day(stage)}


def erasure(stage: Stage) -> dict[str, Any]:
    return {
        "storage": ["数据盘 vol-01"],
        "replicas": ["同城副本 rep-01"],
        "method": "三次覆写",
        "charging_stops_on": day(stage),
    }


# --- so far along the road ----------------------------------------------------------------------------------


@remembered
def submitted(stage: Stage, fields: dict[str, Any] | None = None) -> str:
    number = stage.open("change", by="staff1", **(fields or request(stage)))
    stage.do(number, "submit", by="staff1")
    return number


@remembered
def proposed(stage: Stage, fields: dict[str, Any] | None = None) -> str:
    number = stage.open("change", by="desk1", **(fields or request(stage)))
    stage.do(number, "propose", by="desk1")
    return number


def advised(stage: Stage, number: str) -> str:
    stage.do(number, "accept", by="desk1")
    stage.do(number, "advise", by="engineer1", **ADVICE)
    return number


def planned(stage: Stage, number: str, **plan: Any) -> str:
    stage.do(number, "plan", by="engineer1", **work_plan(stage, **plan))
    return number


def approved(stage: Stage, number: str, *, validate: bool = True) -> str:
    if validate:
        stage.do(number, "revalidate", by="staff1", **validation(stage))
    stage.do(number, "approve_plan", by="approver1", **CONSENT)
    return number


def agreed(stage: Stage, number: str) -> str:
    stage.upload(number, "authority_opinion", by="staff1")
    stage.do(number, "record_authority_opinion", by="staff1", **opinion(stage))
    return number


@remembered
def drafted(stage: Stage, fields: dict[str, Any] | None = None, *, effective: date | None = None, **plan: Any) -> str:
    number = agreed(stage, approved(stage, planned(stage, advised(stage, submitted(stage, fields)), **plan)))
    more = {"effective_on": effective} if effective else {}
    stage.do(number, "draft_supplement", by="manager1", **supplement(stage, **more))
    return number


def both_sign(stage: Stage, number: str) -> str:
    stage.do(number, "sign_supplement_client", by="approver1")
    stage.do(number, "sign_supplement_supplier", by="manager1")
    return number


@remembered
def signed(stage: Stage, fields: dict[str, Any] | None = None, **more: Any) -> str:
    return both_sign(stage, drafted(stage, fields, **more))


def begun(stage: Stage, number: str) -> str:
    stage.upload(number, "supplement_scan", by="desk1")
    stage.do(number, "begin", by="engineer1")
    return number


def handed_over(stage: Stage, number: str) -> str:
    stage.do(number, "record_work", by="engineer1", **WORK)
    stage.do(number, "hand_over", by="engineer1", **HANDOVER)
    return number


@remembered
def verified(stage: Stage, fields: dict[str, Any] | None = None) -> str:
    number = handed_over(stage, begun(stage, signed(stage, fields)))
    stage.do(number, "verify", by="staff1", **CONFIRMATION)
    return number


def checked(stage: Stage, number: str) -> str:
    """A signed cancellation, with backup and dependencies checked."""
    stage.do(number, "verify_backup", by="engineer1", **BACKUP)
    stage.do(number, "check_dependencies", by="engineer1", **DEPENDENCIES)
    return number


def consented(stage: Stage, number: str) -> str:
    """The data is out and the client consents to the deletion."""
    stage.do(number, "confirm_export", by="staff1", **EXPORT)
    stage.upload(number, "delete_consent", by="approver1")
    stage.do(number, "consent_to_deletion", by="approver1", **DELETION)
    return number


@remembered
def cooling(stage: Stage) -> str:
    number = signed(stage, cancellation(stage))
    stage.upload(number, "supplement_scan", by="desk1")
    return consented(stage, checked(stage, number))


@remembered
def removing(stage: Stage) -> str:
    number = cooling(stage)
    stage.later(days=20)
    stage.do(number, "begin", by="engineer1", second_person=stage.person("engineer2"))
    return number


def shown(stage: Stage, number: str) -> str:
    """Announced and filed."""
    stage.upload(number, "publicity_evidence", by="staff1")
    stage.upload(number, "filing_evidence", by="staff1")
    stage.do(number, "record_publicity", by="staff1", **evidence(stage))
    stage.do(number, "record_filing", by="staff1", **evidence(stage))
    return number


def baseline(stage: Stage, line: int = 1) -> Any:
    """The catalogue line as it stands now."""
    from database import reading
    from tickets.gather import GATHERERS

    with reading(stage.engine) as session:
        return next(one for one in GATHERERS["catalogue"](session, stage.contract) if one.number == line)


def supplements(stage: Stage) -> dict[str, int]:
    """What all signed supplements add and give back."""
    from database import reading
    from tickets.gather import GATHERERS

    with reading(stage.engine) as session:
        return dict(GATHERERS["supplements"](session, stage.contract))


def paper(stage: Stage, number: str, kind: str) -> Any:
    """The newest paper of the kind."""
    return max((p for p in stage.ticket(number).papers if p.kind == kind), key=lambda p: p.version)
