"""What is proved of faults (C4.5–C4.7, C9.16): in which bounds they are explored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from workflow.attempt import Facts, TicketNow
from workflow.declare import CLIENT, SUPERVISOR, SUPPLIER
from workflow.fault import acts_invariants
from workflow.fault.charter import CHARTER, OUTLIVE, STATES
from workflow.fault.guards import LEVELS
from workflow.fault.invariants import CLAIMS
from workflow.prove import Proof, charter, standing
from workflow.prove.general import CALLS
from workflow.prove.scope import Elsewhere, Fill, Scope, Who, after, cast

FEW = cast(
    staff="client.staff", approver="client.approver", desk="supplier.desk", engineer="supplier.engineer",
    second="supplier.engineer", manager="supplier.manager", reviewer="supervisor.reviewer",
)
ALONE = tuple(player for player in FEW if player.name != "reviewer")
REPORT = {"system": "综合执法办案系统", "symptom": "登录超时。", "impact": "无法办案。", "level": "level_2",
          "is_security_suspected": "no"}
SUSPECTED = {**REPORT, "is_security_suspected": "undetermined"}
PHONED = {**REPORT, "channel": "phone", "caller": "值班员", "received_at": after(minutes=-5)}
MONITORED = {**REPORT, "channel": "monitoring", "received_at": after(minutes=-5)}
OTHER = TicketNow("P-0002", "fault", "reported", final=False)
ITSELF = TicketNow("P-0001", "fault", "reported", final=False)
LONG_AFTER_ANY_TERM = datetime(2100, 1, 4, 2, tzinfo=UTC)


def other_ends(facts: Facts) -> Facts | None:
    """The other fault comes to its end: it stands open no more, and can still be found."""
    if OTHER not in facts.more["open"]:
        return None
    still_open = tuple(one for one in facts.more["open"] if one != OTHER)
    return replace(facts, more={**facts.more, "open": still_open, "ended": (replace(OTHER, state="archived", final=True),)})


PAPER = {"process": "排查", "root_cause": "覆盖配置", "lasting_measures": "检查单", "prevention": "告警"}
FILLS = {
    "report": [Fill(REPORT, only=("staff",))],
    "register": [Fill({"engineer": Who("engineer")}, only=("desk",))],
    "reassign": [Fill({"engineer": Who("second"), "reason": "换班。"}, only=("desk",))],
    "respond": [Fill({"means": "phone", "told": "值班员", "content": "正在检查。"}, only=("desk",))],
    "diagnose": [Fill({"examined": "应用日志"}, only=("engineer",))],
    "arrive": [Fill({"place": "机房"}, only=("engineer",))],
    "locate": [Fill({"cause": "配置错误", "evidence": "会话清单"}, only=("engineer",))],
    "repair": [Fill({"measure": "恢复配置"}, only=("engineer",))],
    "restore": [Fill({"measure": "恢复配置", "verified": "正常"}, only=("engineer",))],
    "feed_back": [Fill({"progress": "已回收会话", "next_step": "重启"}, only=("desk",))],
    "feed_back_result": [Fill({"result": "已恢复。", "told": "值班员"}, only=("desk",))],
    "open_problem": [Fill({"problem": "原因未明", "owner": Who("second"), "next_step": "分析"}, only=("engineer",))],
    "resolve_problem": [Fill({"cause": "泄漏", "measure": "升级"}, only=("engineer",))],
    "prepare_report": [Fill(PAPER)],
    "approve_report": [Fill({"opinion": "同意"})],
    "return_report": [Fill({"reason": "请补充。"})],
    "object_to_report": [Fill({"reason": "请补充。"}, only=("staff",))],
    "contest_restoration": [Fill({"reason": "仍不可用。"}, only=("staff",))],
    "confirm": [Fill({"rating": 4}, only=("staff", "approver"))],
    "reopen": [Fill({"reason": "又超时。"}, only=("staff",))],
    "withdraw": [Fill({"reason": "误报。"})],
    "judge_severity": [Fill({"severity": "ordinary", "criterion": "分级指南", "grounds": "无数据外泄。"}, "an ordinary one"),
                       Fill({"severity": "undetermined", "criterion": "分级指南", "grounds": "尚未查明。"}, "not determined")],
    "propose_merge": [Fill({"into": "P-0002", "reason": "同一故障。"}),
                      Fill({"into": "P-0001", "reason": "同一故障。"}, "into itself", aside=True)],
    "decline_merge": [Fill({"reason": "不是。"})],
    "propose_no_arrival": [Fill({"reason": "可远程处理。"})],
    "decline_no_arrival": [Fill({"reason": "请到场。"})],
    "remark": [Fill({"text": "已知悉。"}, only=("staff", "manager"))],
    "attach": [Fill({"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}, only=("staff", "manager"))],
    "complain": [Fill({"nature": "complaint", "complaint": "太慢。"}, only=("staff",))],
}
STANDING = standing.LEFT_OUT
SIDE = ("report_initially", "record_step", "reassign", "change_level", "complain", "propose_merge", "agree_merge",
        "decline_merge",
        "report_to_authority", "judge_severity")
NO_ARRIVAL = ("propose_no_arrival", "agree_no_arrival", "decline_no_arrival")
NOW = (timedelta(0),)
ONE_EACH = {
    **FILLS,
    "prepare_report": [Fill(FILLS["prepare_report"][0].fields, only=("engineer",))],
    "check_report": [Fill({}, only=("second",))],
    "approve_report": [Fill({"opinion": "同意"}, only=("reviewer",))],
    "return_report": [Fill({"reason": "请补充。"}, only=("reviewer",))],
    "confirm": [Fill({"rating": 4}, only=("staff",))],
    "withdraw": [Fill({"reason": "误报。"}, only=("staff",))],
}
"""Everybody does their own part only."""
MAJOR = Fill({"severity": "major", "criterion": "分级指南", "grounds": "数据外泄。"}, "a major one")
BY_PHONE, BY_MONITORING = ({name: told for name, told in one.items() if name not in REPORT} for one in (PHONED, MONITORED))
AGAIN = {"reason": "又超时。"}


def ways_to_enter(said: Mapping[str, object]) -> list[Fill]:
    """The ways to enter what the supplier was told, and how the client should not fill in its own report; beside the course."""
    phoned = {**said, **BY_PHONE}
    of_the_client = (
        ({**phoned}, "as received by phone"),
        ({**said, "caller": "值班员"}, "naming a caller"),
        ({**said, "received_at": after(minutes=-5)}, "stating when it was received"),
    )
    of_the_supplier = (
        (phoned, "received by phone"),
        (said, "as if on the page"),
        ({**phoned, "caller": None}, "naming no caller"),
        ({**phoned, "received_at": None}, "not stating when it was received"),
        ({**phoned, "received_at": after(minutes=5)}, "received in the future"),
        ({**phoned, "received_at": after(days=-30)}, "received long ago"),
    )
    return [
        *(Fill(fields, says, only=("staff", "approver"), aside=True) for fields, says in of_the_client),
        *(Fill(fields, says, only=("desk", "manager", "reviewer"), aside=True) for fields, says in of_the_supplier),
        Fill({**said, **BY_MONITORING}, "seen by monitoring", only=("engineer",), aside=True),
        Fill(said, "on the page", only=("approver",), aside=True),
    ]


BEFORE_IT_BEGAN = {"occurred_at": after(minutes=-20), "discovered_at": after(minutes=-30)}
WAYS_TO_REPORT = [
    *ways_to_enter(REPORT),
    Fill({**PHONED, "occurred_at": after(minutes=-2)}, "begun after it was received", only=("desk",), aside=True),
    Fill({**PHONED, "discovered_at": after(minutes=-2)}, "discovered after it was received", only=("desk",), aside=True),
    Fill({**PHONED, **BEFORE_IT_BEGAN}, "discovered before it began", only=("desk",), aside=True),
]
STRAIGHT = {"contest_restoration": 0, "object_to_report": 0, "feed_back": 0, "open_problem": 0, "reopen": 0, "repair": 0,
            "resolve_problem": 0, "return_report": 0}
"""Nothing leads back: what would is tried, and goes no further."""
LEADS_BACK = {one: most for one, most in STRAIGHT.items() if one != "return_report"}
"""The same, but the report may be returned: that leads to what is known already."""
BY_ANY_HAND = {
    "open_problem": [Fill({"problem": "原因未明", "owner": Who("second"), "next_step": "分析"})],
    "resolve_problem": [Fill({"cause": "泄漏", "measure": "升级"})],
}
WITHOUT_MORE = (
    "respond", "diagnose", "arrive", "locate", "repair", "restore", "feed_back", "feed_back_result", "open_problem",
    "resolve_problem", "return_report", "object_to_report", "contest_restoration", "withdraw", "remark",
)  # fmt: skip
"""Acts that everybody whose they are fills in alike."""
SCOPES = (
    Scope(
        "course", "The ordinary course, with cause and service back in either order, and the ways back.",
        cast=FEW, fills={**ONE_EACH, **BY_ANY_HAND}, moments=NOW, keeps=("reopening", "removal"), lapses=(),
        at_most={**STRAIGHT, "contest_restoration": 1, "open_problem": 1, "resolve_problem": 1, "repair": 1,
                 "object_to_report": 1},
        leaves_out=(*STANDING, *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "report", "The written report: everybody prepares, checks, submits, approves and returns it.",
        cast=FEW, fills=FILLS, moments=NOW, keeps=("reopening", "removal"),
        at_most=LEADS_BACK, leaves_out=(*STANDING, *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "late", "Nothing is done in time: every limit of a fault runs out at every step.",
        cast=FEW, fills=ONE_EACH, keeps=("reopening", "removal"), lapses=(),
        moments=(timedelta(0), timedelta(minutes=20), timedelta(hours=3), timedelta(days=60)),
        at_most={**STRAIGHT, "reopen": 1}, leaves_out=(*STANDING, *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "no_arrival", "Nobody needs to come, says the supplier: the client agrees or insists.",
        cast=FEW, fills=FILLS, moments=(timedelta(0), timedelta(hours=3)), keeps=("reopening", "removal"),
        until=("report_prepared",), at_most={**STRAIGHT, "repair": 1, "propose_no_arrival": 2}, leaves_out=(*STANDING, *SIDE),
    ),
    Scope(
        "security", "A network security incident is not ruled out until a person rules it out or reports it.",
        cast=FEW, fills={**ONE_EACH, "report": [Fill(SUSPECTED, only=("staff",))]}, keeps=("reopening", "removal"),
        lapses=("approver",), moments=(timedelta(0), timedelta(days=3)),
        at_most=LEADS_BACK,
        leaves_out=(*STANDING, *(one for one in SIDE if one not in ("report_to_authority", "judge_severity")), *NO_ARRIVAL),
    ),
    Scope(
        "merging", "A fault that repeats another is merged into it only with the client's word.",
        cast=FEW, fills=FILLS, moments=NOW, until=("result_fed_back",), more={"open": (ITSELF, OTHER)},
        at_most={**STRAIGHT, "propose_merge": 1, "complain": 0, "repair": 1, "open_problem": 1, "contest_restoration": 1},
        keeps=("removal",),
        elsewhere=(Elsewhere("other_ends", "The fault into which it should be merged is closed.", other_ends),),
        leaves_out=(*STANDING, *(one for one in SIDE if "merge" not in one and one != "complain"), *NO_ARRIVAL),
    ),
    Scope(
        "no_supervisor", "Where nobody holds the supervisor's mandate the client reviews in its place.",
        cast=ALONE, fills={**FILLS, "report": [Fill(PHONED, only=("desk",))]}, moments=NOW, keeps=("reopening", "removal"),
        at_most=LEADS_BACK, leaves_out=(*STANDING, *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "highest_level", "At the highest level a first report is owed soon after the service is back.",
        cast=(*FEW, *cast(relations="supplier.relations")), lapses=(),
        fills={**ONE_EACH, "report": [Fill({**REPORT, "level": "level_1"}, only=("staff",))],
               "report_initially": [Fill({"known": "已恢复。", "next_step": "提交报告。"})],
               "change_level": [Fill({"level": "level_1", "reason": "影响扩大。"}, only=("desk",), at=("restored",)),
                                Fill({"level": "level_2", "reason": "影响缩小。"}, only=("staff",), at=("restored",))],
               "arrive": [replace(FILLS["arrive"][0], at=("result_fed_back",))],
               "locate": [replace(FILLS["locate"][0], at=("result_fed_back",))],
               "prepare_report": [Fill(PAPER, "not telling of a review", only=("engineer",)),
                                  Fill({**PAPER, "review_meeting": "次日复盘，双方各三人，定改进三项。"}, only=("engineer",))]},
        moments=(timedelta(0), timedelta(hours=3)), keeps=("reopening", "removal"), until=("report_submitted",),
        at_most={**STRAIGHT, "report_initially": 1, "change_level": 2},
        leaves_out=(*STANDING, *(one for one in SIDE if one not in ("report_initially", "change_level")), *NO_ARRIVAL),
    ),
    Scope(
        "side_acts", "What may be done beside the course: another level, another engineer, a step on record, a complaint.",
        cast=FEW, fills=FILLS, moments=NOW, until=("restored",), keeps=("removal",),
        at_most={"change_level": 1, "reassign": 1, "record_step": 1, "complain": 1, "feed_back": 1},
        leaves_out=(*STANDING, *(one for one in SIDE if one not in ("change_level", "reassign", "record_step", "complain")),
                    *NO_ARRIVAL),
    ),
    Scope(
        "after_the_term", "The contract is over: nothing new is reported.",
        cast=FEW, fills=FILLS, moments=NOW, begins=LONG_AFTER_ANY_TERM, lapses=(), until=("reported",),
        leaves_out=STANDING,
    ),
    Scope(
        "receipt", "A report is entered in every way, and in every way that says too little or what cannot be.",
        cast=FEW, fills={**FILLS, "report": [*FILLS["report"], *WAYS_TO_REPORT]}, moments=NOW, lapses=(), until=("reported",),
        leaves_out=STANDING,
    ),
    Scope(
        "problem", "Cause unknown: it is restored by a workaround, problem records stay open, and the time for removal runs out.",
        cast=FEW, moments=(timedelta(0), timedelta(hours=1)), keeps=("removal",), lapses=(),
        fills={**ONE_EACH, "arrive": [replace(FILLS["arrive"][0], at=("result_fed_back",))],
               "restore": [Fill({"measure": "恢复配置", "verified": "正常"}, only=("engineer",)),
                           Fill({"measure": "临时绕行", "verified": "正常", "is_workaround": True}, "by a workaround",
                                only=("engineer",))],
               "contest_restoration": [Fill({"reason": "仍不可用。"}, only=("staff",), at=("restored",)),
                                       Fill({"reason": "仍不可用。"}, only=("staff",), aside=True)]},
        at_most={**LEADS_BACK, "open_problem": 1, "contest_restoration": 1},
        leaves_out=(*STANDING, *SIDE, *NO_ARRIVAL, "locate"),
    ),
    Scope(
        "closed", "After the closing: it is opened again or archived, and an incident is judged and reported late.",
        cast=FEW, lapses=(), keeps=("reopening", "removal"),
        moments=(timedelta(0), timedelta(days=7, hours=12), timedelta(days=60)),
        fills={**ONE_EACH, "reopen": [Fill(AGAIN, only=("staff",)), *ways_to_enter(AGAIN)],
               "judge_severity": [*(replace(one, at=("closed",)) for one in FILLS["judge_severity"]),
                                  replace(MAJOR, at=("reviewed", "closed"))],
               "report_to_authority": [Fill({"authority": "网信部门", "told": "系统与影响。"})]},
        at_most={**STRAIGHT, "judge_severity": 1},
        leaves_out=(*STANDING, *(one for one in SIDE if one not in ("judge_severity", "report_to_authority")),
                    *NO_ARRIVAL),
    ),
    Scope(
        "incident_ended", "What is withdrawn or merged may still be an incident, and more of it may become known.",
        cast=FEW, moments=(timedelta(0), timedelta(hours=6)), lapses=(), until=("restored",), more={"open": (OTHER,)},
        fills={**ONE_EACH, "report": [Fill(SUSPECTED, only=("staff",))], "withdraw": FILLS["withdraw"],
               "propose_merge": FILLS["propose_merge"][:1], "judge_severity": [*FILLS["judge_severity"], MAJOR],
               "report_to_authority": [Fill({"authority": "网信部门", "told": "系统与影响。"})]},
        at_most={"propose_merge": 1, "feed_back": 0, "judge_severity": 1}, leaves_out=(*STANDING, *NO_ARRIVAL, "change_level",
        "reassign", "record_step", "complain", "report_initially", "arrive", "locate"),
    ),
    Scope(
        "one_person", "Accounts turn out, at any step, to be one natural person's.",
        cast=(*FEW, *cast(third="supplier.engineer")), moments=NOW, lapses=(), until=("report_submitted",), at_most=STRAIGHT,
        fills={**ONE_EACH, "prepare_report": [Fill(PAPER, only=("engineer", "desk"))],
               "check_report": [Fill({}, only=("second", "third"))]},
        found_one=(("engineer", "second"), ("second", "manager"), ("engineer", "manager")),
        leaves_out=(*STANDING, *SIDE, *NO_ARRIVAL),
    ),
    Scope(
        "everybody", "Somebody of every role tries what others may do as well.",
        cast=(*FEW, *cast(relations="supplier.relations", deputy="supplier.manager")), moments=NOW, lapses=(),
        keeps=("reopening", "removal"),
        fills={"report": [Fill({**REPORT, "level": "level_3"}, only=("staff",))],
               "register": [Fill({"engineer": Who("engineer")})],
               "reassign": [Fill({"engineer": Who("second"), "reason": "换班。"})],
               **{act: [Fill(FILLS[act][0].fields)] for act in WITHOUT_MORE},
               "complain": [Fill({"nature": "complaint", "complaint": "太慢。"})],
               "propose_merge": [Fill(FILLS["propose_merge"][0].fields, at=("reported",)),
                                 Fill(FILLS["propose_merge"][0].fields, aside=True)],
               "change_level": [Fill({"level": name, "reason": "影响变化。"}) for name in LEVELS],
               "prepare_report": [Fill(PAPER, only=("engineer",)), Fill(PAPER, only=("desk",), aside=True)],
               "check_report": [Fill({}, only=("second",)), Fill({}, only=("engineer", "manager"), aside=True)],
               "submit_report": [Fill({}, only=("manager",)), Fill({}, only=("deputy",), aside=True)],
               "judge_severity": [*FILLS["judge_severity"], MAJOR], "attach": [Fill(FILLS["attach"][0].fields)]},
        at_most={**STRAIGHT, "object_to_report": 1, "repair": 1, "change_level": 0, "reassign": 0, "record_step": 0,
                 "complain": 0, "judge_severity": 0, "propose_no_arrival": 0},
        leaves_out=STANDING, more={"open": (OTHER,)},
    ),
    Scope(
        "standing", "A delay is foretold, and a period is left out of a limit or not.",
        cast=FEW, moments=(timedelta(0), timedelta(minutes=5), timedelta(minutes=20)), keeps=("response",), lapses=(),
        fills={**ONE_EACH, **standing.ways("response", of=after(), until=after(minutes=5), soon=after(minutes=6),
                                           late=after(hours=1), client="staff", supplier="manager")},
        at_most={**STRAIGHT, "propose_deduction": 1}, leaves_out=(*SIDE, *NO_ARRIVAL), until=("diagnosing",),
    ),
)
OWE = {
    SUPPLIER: ("response", "arrival", "removal", "feedback", "initial_report", "written_report"),
    SUPERVISOR: ("review",),
    CLIENT: ("incident_report", "review"),
}
"""C9.12: where nobody reviews for the supervisor the client does, in its place; the law's time is the client's."""
PROOF = Proof(
    "fault", SCOPES,
    (*CLAIMS, *acts_invariants.CLAIMS, *standing.claims(OWE), *charter.claims(CHARTER, STATES, outlive=OUTLIVE)),
    unreached=CALLS,
)  # fmt: skip
