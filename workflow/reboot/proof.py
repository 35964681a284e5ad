"""What is proved of dangerous operations (C9.5): no path leads to the start without identity, writing and consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from workflow.attempt import Facts, TicketNow
from workflow.declare import CLIENT, SUPPLIER
from workflow.prove import Proof, charter, standing
from workflow.prove.general import CALLS
from workflow.prove.scope import RIGHT_CODE, WRONG_CODE, Elsewhere, Fill, Player, Scope, Who, after, cast, tried_by_all
from workflow.reboot import acts_invariants
from workflow.reboot.charter import CHARTER, OUTLIVE
from workflow.reboot.invariants import CLAIMS
from workflow.reboot.states import STATES


def fault_ends(facts: Facts) -> Facts | None:
    """The fault that the operation caused comes to its end."""
    if not any(link.kind == "fault" and not link.final for link in facts.links):
        return None
    return replace(facts, links=tuple(replace(link, state="archived", final=True) for link in facts.links))


# --- who takes part, and what they fill in ---------------------------------------------------------------------------

SERVER = {"server_name": "办案系统应用服务器二", "server_id": "ecs-bjzf-0217"}
OTHER_SERVER = {"server_name": "办案系统应用服务器三", "server_id": "ecs-bjzf-0218"}
REQUEST = {
    "operation": "reboot", **SERVER, "system": "综合执法办案系统",
    "window_start": after(minutes=15), "window_end": after(hours=4),
    "reason": "内核补丁须重启生效。", "expected_impact": "约五分钟不可登录。", "data_loss_acknowledged": True,
    "rollback": "由快照恢复系统盘。",
}  # fmt: skip
BY_PHONE = {"channel": "phone", "subject": Who("staff")}
EMERGENCY = {**REQUEST, **BY_PHONE, "window_start": after(), "emergency": True}
SHEET = {
    "steps": ["执行系统重启"],
    "before_checks": "另一节点正常。",
    "after_checks": "三项探测正常。",
    "rollback": "由快照恢复。",
}
REVIEW = {
    "impact": "单节点重启。", "backup_taken_at": after(hours=-8), "active_sessions": "无", "running_jobs": "无",
    "dependencies": "移动终端接口。", "no_freeze_period": True,
}  # fmt: skip
FAILURE = {"impact": "全市无法办案。", "level": "level_2"}
FAILED_CHECK = {"system": "综合执法办案系统", "symptom": "登录页打不开。", **FAILURE}
FILE = {"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}}
UNDESCRIBED = Fill({"result": "failed", "observed": "登录页打不开。"}, "it failed, and not what that does to anybody", aside=True)
NEW_END = after(hours=6)
MORE = {"new_end": NEW_END, "reason": "检查较慢。"}

CAST = cast(
    staff="client.staff", approver="client.approver", deputy="client.approver",
    desk=("supplier.desk", "supplier.engineer"), night_desk="supplier.desk",
    engineer="supplier.engineer", manager=("supplier.manager", "supplier.engineer"), reviewer="supervisor.reviewer",
)  # fmt: skip
CODES = [Fill({"code": RIGHT_CODE}, "the code that was shown"), Fill({"code": WRONG_CODE}, "another code")]
SPOKEN = [
    Fill({"code": RIGHT_CODE, "said": "我同意。"}, "the code that was shown"),
    Fill({"code": WRONG_CODE, "said": "我同意。"}, "another code"),
]
FILLS = {
    "request": [Fill(REQUEST, only=("staff", "approver"))],
    "sign_request": [Fill({}, only=("approver", "deputy"))],
    "amend": [Fill(REQUEST, only=("staff",))],
    "verify_identity": CODES,
    "verify_identity_again": CODES,
    "record_spoken_consent": SPOKEN,
    "call_back_approver": [Fill({"subject": Who("approver")})],
    "agree": [Fill(REVIEW)],
    "prepare": [
        Fill({**SHEET, "operator": Who("engineer"), "guardian": Who("manager")}),
        Fill({**SHEET, "operator": Who("desk"), "guardian": Who("manager")}),
        Fill({**SHEET, "operator": Who("manager"), "guardian": Who("engineer")}),
        Fill({**SHEET, "operator": Who("engineer"), "guardian": Who("engineer")}),
    ],
    "start": [Fill(SERVER), Fill(OTHER_SERVER, "another server")],
    "start_emergency": [Fill(SERVER), Fill(OTHER_SERVER, "another server")],
    "confirm_step": [Fill({"step": 1}), Fill({"step": 2})],
    "do_step": [Fill({"step": 1, "observed": "正常"}), Fill({"step": 2, "observed": "正常"})],
    "finish": [
        Fill({"result": "succeeded", "observed": "正常。"}, "it succeeded"),
        Fill({"result": "failed", "observed": "登录页打不开。", **FAILURE}, "it failed"),
    ],
    "ask_extension": [Fill(MORE, only=("engineer", "deputy"))],
    "grant_extension": [Fill({"window_end": NEW_END}), Fill({"window_end": after(hours=7)}, "another end")],
    "settle_outcome": [
        Fill({"result": "succeeded", "account": "日志显示已重启。"}, "it succeeded"),
        Fill({"result": "failed", "account": "日志显示未启动。"}, "it failed"),
    ],
    "remark": [Fill({"text": "已知悉。"}, only=("staff", "manager"))],
    "attach": [Fill(FILE, only=("staff", "manager"))],
    "report_failed_check": [Fill(FAILED_CHECK, only=("staff",))],
}
FEW = cast(
    staff="client.staff", approver="client.approver", deputy="client.approver", desk="supplier.desk",
    engineer="supplier.engineer", manager="supplier.manager", reviewer="supervisor.reviewer",
)
"""One for each part, and a second representative of the client: who consents must be another than who asked or signed."""
STANDING = standing.LEFT_OUT
EXTENDING = ("ask_extension", "consent_to_extension", "grant_extension")
AGAIN = ("call_back_again", "verify_identity_again")
RESULTS = ("executed", "outcome_unknown")
AT_ONCE = {"reboot.identity_attempts": 1}
"""So that one wrong answer already locks the call: how many are allowed is a figure and changes nothing else."""
NARROW = {
    **FILLS,
    "request": [Fill(REQUEST, only=("staff",))],
    "sign_request": [Fill({}, only=("approver",))],
    "consent": [Fill({}, only=("deputy",))],
    "prepare": FILLS["prepare"][:1],
    "verify_identity": CODES[:1],
    "verify_identity_again": CODES[:1],
    "start": FILLS["start"][:1],
    "confirm_step": FILLS["confirm_step"][:1],
    "do_step": FILLS["do_step"][:1],
}
"""Everybody does their own part only."""
DONE_BEFORE = "P-0009"
ENDED = {"ended": (TicketNow(DONE_BEFORE, "reboot", "closed", True),)}
ELSEWHERE_ONLY = {"systems": ["门户网站"]}
NARROWED = Player("narrowed", ("client.approver",), scope=ELSEWHERE_ONLY)
"""May sign and consent, and for another system only."""
ROLLBACK = {**REQUEST, "operation": "snapshot_rollback", "data_authorisation": "同意回滚至昨日快照。"}
RECEIPT = {"paper": "backup_evidence", "note": "备份回执", "file": {"digest": "1" * 64}}
LONG_BEFORE_ANY_TERM, ONE_EVENING = datetime(2000, 1, 4, 2, tzinfo=UTC), datetime(2026, 5, 12, 14, tzinfo=UTC)
WAYS_TO_ASK = [
    Fill({**REQUEST, "subject": Who("approver")}, "for a colleague", only=("staff",)),
    Fill({**REQUEST, "channel": "phone"}, "without saying who called", only=("desk",)),
    Fill({**REQUEST, "window_end": after(hours=40)}, "for two days", only=("staff",)),
    Fill({**REQUEST, "window_start": after(days=400), "window_end": after(days=400, hours=1)},
         "for the year after the term", only=("staff",)),
    Fill({**REQUEST, "follows": DONE_BEFORE}, "going on from what was carried out", only=("staff",)),
    Fill({**ROLLBACK, "data_authorisation": None}, "without an authorisation", only=("staff",)),
    Fill({**ROLLBACK, "emergency": True}, "as an emergency", only=("staff",)),
    Fill(REQUEST, "beyond the own mandate", only=("narrowed",)),
    Fill({**REQUEST, **BY_PHONE}, "for who called", only=("engineer", "manager", "reviewer")),
    Fill({**REQUEST, "window_start": after(minutes=-5)}, "for a window that has begun", only=("staff",)),
]  # fmt: skip
"""Ways to write a request in which nobody may write it."""
START, CODE_OVER, OPEN, CHECK_OVER = (timedelta(minutes=n) for n in (0, 12, 20, 45))
"""A code has run out after twelve minutes, the window opens before twenty, a check of identity has run out after 45."""
TOO_LATE_FOR_MORE, CLOSED_WINDOW = timedelta(hours=2, minutes=30), timedelta(hours=4, minutes=5)

SCOPES = (
    Scope(
        "afterwards", "After the start: more time, doubt, failure, an outcome that nobody reported.",
        cast=FEW, fills={**NARROW, "finish": [*FILLS["finish"], UNDESCRIBED]},
        moments=(START, OPEN, TOO_LATE_FOR_MORE, CLOSED_WINDOW, timedelta(hours=7)),
        at_most={"ask_extension": 1, "return_outcome": 1, "report_failed_check": 1, "amend": 0, "declare_identity_failed": 0},
        leaves_out=(*STANDING, *AGAIN),
        elsewhere=(Elsewhere("fault_ends", "The fault that it caused is closed.", fault_ends),),
    ),
    Scope(
        "persons", "Everybody tries everything, in their own part and in that of others, on a request that stays as it is.",
        cast=CAST, fills=FILLS, figures=AT_ONCE, moments=(START, OPEN), until=RESULTS,
        at_most={"amend": 0, "declare_identity_failed": 0}, leaves_out=(*STANDING, *EXTENDING, *AGAIN),
    ),
    Scope(
        "time", "Everybody does their part, but nobody in time: codes, checks and windows run out at every step.",
        cast=FEW, fills=NARROW, moments=(START, CODE_OVER, OPEN, CHECK_OVER, CLOSED_WINDOW), until=RESULTS,
        at_most={"amend": 0, "declare_identity_failed": 0}, leaves_out=(*STANDING, *EXTENDING),
    ),
    Scope(
        "edits", "The request is changed at every step, and changed again.",
        cast=FEW, fills=NARROW, moments=(START, OPEN), until=RESULTS,
        at_most={"amend": 2, "declare_identity_failed": 0}, leaves_out=(*STANDING, *EXTENDING, *AGAIN),
    ),
    Scope(
        "identity", "Wrong codes, failed checks, another caller: until the supplier agrees or refuses.",
        cast=(*FEW, *cast(night_desk="supplier.desk")), lapses=(), moments=(START, CODE_OVER), until=("agreed",),
        fills={**NARROW, "verify_identity": CODES, "verify_identity_again": CODES},
        at_most={"declare_identity_failed": 1, "amend": 0}, leaves_out=STANDING,
    ),
    Scope(
        "emergency", "An emergency on the spoken word, and the writing that it owes.",
        cast=(*FEW, NARROWED), moments=(START, timedelta(hours=3), CLOSED_WINDOW, timedelta(hours=6)),
        at_most={"amend": 0, "declare_identity_failed": 0, "report_failed_check": 1, "return_outcome": 0},
        fills={**NARROW, "request": [Fill(EMERGENCY, only=("desk",))], "sign_request": [Fill({}, only=("staff",))],
               "amend": [Fill({**REQUEST, **BY_PHONE}, only=("desk",))]},
        leaves_out=(*STANDING, *EXTENDING, *AGAIN),
    ),
    Scope(
        "destroyed_data", "An operation that destroys data: only with an authorisation and the receipt of a backup.",
        cast=FEW, moments=(START, OPEN), at_most={"amend": 1, "declare_identity_failed": 0}, until=RESULTS,
        fills={**NARROW,
               "request": [Fill(ROLLBACK, only=("staff",)),
                           Fill({**ROLLBACK, "data_authorisation": None}, "without an authorisation", only=("staff",)),
                           Fill({**ROLLBACK, "emergency": True}, "as an emergency", only=("staff",))],
               "amend": [Fill(ROLLBACK, only=("staff",))],
               "agree": [Fill(REVIEW), Fill({**REVIEW, "backup_taken_at": None}, "without a backup")],
               "attach": [Fill(RECEIPT, only=("engineer", "staff"))]},
        leaves_out=(*STANDING, *EXTENDING, *AGAIN),
    ),
    Scope(
        "one_person", "Accounts turn out, at any step, to be one natural person's.",
        cast=FEW, fills={**NARROW, "consent": [Fill({}, only=("approver", "deputy"))]}, moments=(START, OPEN), lapses=(),
        found_one=(("staff", "deputy"), ("approver", "deputy"), ("engineer", "manager")), until=RESULTS,
        at_most={"amend": 0, "declare_identity_failed": 0}, leaves_out=(*STANDING, *EXTENDING, *AGAIN),
    ),
    Scope(
        "another_guardian", "Somebody else guards it than who agreed to it, so that either may have lost the mandate by then.",
        cast=(*FEW, *cast(second="supplier.engineer")), moments=(START, OPEN), until=RESULTS,
        lapses=("manager", "second", "engineer"),
        fills={**NARROW, "prepare": [Fill({**SHEET, "operator": Who("engineer"), "guardian": Who("second")})]},
        at_most={"amend": 0, "declare_identity_failed": 0}, leaves_out=(*STANDING, *EXTENDING, *AGAIN),
    ),
    Scope(
        "writing", "Requests that nobody may write so, signatures beyond a mandate, numbers that are not on the list.",
        cast=(*FEW, NARROWED, Player("unlisted", ("client.staff",), number=False)), lapses=(),
        moments=(START,), until=("called_back", "refused", "withdrawn"), leaves_out=STANDING, more=ENDED,
        at_most={"amend": 0},
        fills={**FILLS,
               "request": [Fill(REQUEST, only=("staff", "unlisted")), *WAYS_TO_ASK],
               "amend": [replace(way, aside=True) for way in WAYS_TO_ASK],
               "sign_request": [Fill({}, only=("staff", "unlisted", "narrowed"))]},
    ),
    Scope(
        "before_the_term", "The contract is not in force yet: nothing is asked for, not even for a day on which it is.",
        cast=FEW, lapses=(), moments=(START,), begins=LONG_BEFORE_ANY_TERM, until=("requested",), leaves_out=STANDING,
        fills={"request": [Fill({**REQUEST, "window_start": ONE_EVENING, "window_end": ONE_EVENING + timedelta(hours=1)})]},
    ),
    Scope(
        "operators", "Sheets that name who has called back, or who has no mandate for it.",
        cast=(*FEW, *cast(night_desk=("supplier.desk", "supplier.engineer")),
              Player("bounded", ("supplier.engineer",), scope=ELSEWHERE_ONLY)),
        lapses=(), moments=(START, OPEN), until=("executing",),
        fills={**NARROW,
               "prepare": [Fill({**SHEET, "operator": Who(name), "guardian": Who("manager")}, only=("engineer",))
                           for name in ("night_desk", "bounded")],
               "call_back": [Fill({}, only=("desk",))]},
        at_most={"amend": 0, "declare_identity_failed": 0, "call_back_again": 1, "prepare": 1},
        leaves_out=STANDING,
    ),
    Scope(
        "more_time", "More time is asked for where who carries it out could grant it as well.",
        cast=(*FEW, NARROWED, *cast(head=("supplier.manager", "supplier.engineer"))), lapses=(), moments=(START, OPEN),
        until=RESULTS,
        fills={**NARROW,
               "prepare": [Fill({**SHEET, "operator": Who("head"), "guardian": Who("manager")}, only=("engineer",))],
               "agree": [Fill(REVIEW, only=("manager",))],
               "ask_extension": [Fill(MORE, only=("staff",)), Fill(MORE, only=("engineer",), aside=True)],
               "grant_extension": FILLS["grant_extension"][:1]},
        at_most={"amend": 0, "declare_identity_failed": 0, "ask_extension": 1, "prepare": 1},
        leaves_out=(*STANDING, *AGAIN),
    ),
    Scope(
        "spoken", "In an emergency the approver who asked, or whose number is new, is called to consent.",
        cast=(*FEW, *cast(night_desk="supplier.desk"), NARROWED, Player("unlisted", ("client.approver",), number=False)),
        lapses=(), moments=(START,), figures=AT_ONCE, until=("consented",),
        fills={**NARROW, "consent": [Fill({}, only=("deputy", "narrowed"))],
               "request": [Fill({**EMERGENCY, "subject": Who("approver")}, only=("desk",))],
               "call_back_approver": [Fill({"subject": Who(name)}) for name in ("approver", "deputy", "unlisted")]},
        at_most={"amend": 0, "declare_identity_failed": 1}, leaves_out=STANDING,
    ),
    Scope(
        "who_hurries", "An emergency that is tried before its window, by others than whom the sheet names, or who may not.",
        cast=(*FEW, *cast(second="supplier.engineer"), Player("bounded", ("supplier.engineer",), scope=ELSEWHERE_ONLY)),
        lapses=(), moments=(START, OPEN), until=("executing",), found_one=(("engineer", "manager"),),
        fills={**NARROW,
               "request": [Fill({**EMERGENCY, "window_start": after(minutes=15)}, only=("desk",))],
               "consent": [Fill({}, only=("deputy",))], "agree": [Fill(REVIEW, only=("manager",))],
               "prepare": [Fill({**SHEET, "operator": Who(name), "guardian": Who("manager")}, only=("second",))
                           for name in ("engineer", "bounded")]},
        at_most={"amend": 0, "declare_identity_failed": 0, "prepare": 1, "call_back": 1},
        leaves_out=(*STANDING, *AGAIN, "sign_request", "call_back_approver", "record_spoken_consent"),
    ),
    Scope(
        "everybody", "Somebody of every role tries what others may do as well.",
        cast=(*FEW, NARROWED, *cast(relations="supplier.relations")), lapses=(), moments=(START, OPEN, CLOSED_WINDOW),
        fills=tried_by_all({
            **NARROW,
            "amend": [Fill(REQUEST, only=("approver",))],
            "ask_extension": [Fill(MORE, only=("staff",))],
            "remark": [Fill({"text": "已知悉。"})], "attach": [Fill(FILE)],
            "report_failed_check": [Fill(FAILED_CHECK, only=("approver", "desk", "engineer"))]},
            amend=Fill({**REQUEST, **BY_PHONE}, "for who called", aside=True)),
        at_most={"amend": 1, "declare_identity_failed": 1, "ask_extension": 1, "report_failed_check": 1, "return_outcome": 0,
                 **dict.fromkeys(AGAIN, 0)},
        leaves_out=(*STANDING, "consent_to_extension", "grant_extension"),
    ),
    Scope(
        "standing", "A delay is foretold, and a period is left out of a limit or not.",
        cast=FEW, moments=(START, timedelta(hours=2), CLOSED_WINDOW), keeps=("result",), lapses=(),
        until=("executed", "outcome_proposed", "aborted"),
        fills={**NARROW, "request": [Fill(EMERGENCY, only=("desk",))], "sign_request": [Fill({}, only=("staff",))],
               **standing.ways("result", of=after(), until=after(hours=2), soon=after(hours=3), late=after(hours=9),
                               client="staff", supplier="manager")},
        at_most={"amend": 0, "declare_identity_failed": 0, "propose_deduction": 1, "report_failed_check": 0},
        leaves_out=(*EXTENDING, *AGAIN, "sign_request", "call_back_approver", "record_spoken_consent", "sign_afterwards"),
    ),
)

PROOF = Proof(
    "reboot", SCOPES,
    (*CLAIMS, *acts_invariants.CLAIMS, *standing.claims({SUPPLIER: ("result",), CLIENT: ("writing_afterwards",)}),
     *charter.claims(CHARTER, STATES, outlive=OUTLIVE)),
    unreached=CALLS,
)  # fmt: skip
