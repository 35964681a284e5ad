"""What is proved of emergency drills (C9.15): in which bounds they are explored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from workflow.attempt import Facts, TicketNow
from workflow.declare import SUPPLIER
from workflow.drill import acts_invariants
from workflow.drill.charter import CHARTER
from workflow.drill.filled_in import (
    AT_ONCE,
    BACKUP,
    ENTRY,
    FAULT,
    FILE,
    FILLS,
    MONITORED,
    NOW,
    ONE_EACH,
    PLAN,
    PROBLEM,
    REASON,
    SCHEME,
    STEP,
    by,
)
from workflow.drill.invariants import CLAIMS
from workflow.drill.states import STATES
from workflow.prove import Proof, charter, standing
from workflow.prove.general import CALLS
from workflow.prove.scope import Elsewhere, Fill, Scope, Who, after, cast, tried_by_all

FEW = cast(
    staff="client.staff", approver="client.approver", engineer="supplier.engineer", second="supplier.engineer",
    manager="supplier.manager", reviewer="supervisor.reviewer",
)  # fmt: skip
TWO_OF_THE_CLIENT = (*FEW, *cast(colleague="client.staff"))
ALL = (*FEW, *cast(deputy="client.approver", desk="supplier.desk", relations="supplier.relations"))
STANDING = standing.LEFT_OUT
RECTIFYING = (
    "add_rectification", "reassign_rectification", "finish_rectification", "verify_rectification", "return_rectification",
    "accept_risk",
)  # fmt: skip
DANGEROUS = ("link_operation", "drop_step")
ASIDE = (
    "amend_plan", "decline_plan", "postpone", "return_scheme", "record_entry", "report_incident", "add_late_record",
    "confirm_participation", "rate", "abandon",
)  # fmt: skip
PLAIN = (*STANDING, *RECTIFYING, *DANGEROUS)
"""What a scope leaves out that is neither about dangerous steps nor about putting right."""
START, OPEN, OVER, DAYS_LATER = timedelta(0), timedelta(hours=1), timedelta(hours=4, minutes=5), timedelta(days=3)


# --- what stands outside a drill --------------------------------------------------------------------------------------


def moves(state: str, final: bool) -> Callable[[Facts], Facts | None]:
    """The bound operation comes to this state on its own ticket."""

    def change(facts: Facts) -> Facts | None:
        if not any(link.kind == "reboot" and link.state not in (state, "closed") for link in facts.links):
            return None
        return replace(
            facts, links=tuple(replace(x, state=state, final=final) if x.kind == "reboot" else x for x in facts.links)
        )

    return change


ELSEWHERE = (
    Elsewhere("operation_starts", "The bound operation is started on its own ticket.", moves("executing", final=False)),
    Elsewhere("operation_ends", "The bound operation comes to its end.", moves("closed", final=True)),
)
MORNING = datetime(2026, 9, 8, 2, tzinfo=UTC)
"""Ten in the morning of a working day in the middle of the term, where the contract is."""
LAST_EVENING = datetime(2027, 3, 9, 12, tzinfo=UTC)
"""Eight in the evening of the last day of the term, where the contract is."""
OPERATIONS = tuple(TicketNow(number, "reboot", "requested", final=False) for number in ("P-0002", "P-0003"))
REPORTED = TicketNow("P-0004", "fault", "reported", final=False, fields={"system": FAULT["system"]}, opened_at=MORNING)
"""A real fault on the system under drill, reported by itself."""
FOR_IT = {"cause": "真实告警。", "fault": REPORTED.number}

# --- bounds -----------------------------------------------------------------------------------------------------------

STRAIGHT = {
    **dict.fromkeys(("amend_plan", "postpone", "return_scheme", "decline_plan", "rate", "record_entry", "add_late_record",
                     "report_incident", "report_real_fault"), 0),
    "add_step": 1, "precheck": 1, "confirm_participation": 2,
}  # fmt: skip
"""Nothing leads back, and nothing piles up: what would is tried, and goes no further."""


def without(limits: Mapping[str, int], *acts: str) -> dict[str, int]:
    """These limits without those of some acts, which are then done as often as anybody likes."""
    return {act: most for act, most in limits.items() if act not in acts}


TOLD = ("participants_notified",)
PLAYERS = [Who(name) for name in ("staff", "approver", "desk", "engineer", "manager")]
OWNERS = [
    Fill({**PROBLEM, "owner": Who("engineer")}, only=("staff",), at=("assessed",)),
    *(Fill({**PROBLEM, "owner": one}, only=("staff",), at=("summarised",)) for one in PLAYERS),
]
CONFIRMED = {**FILLS["confirm_participation"][0].fields}
IN_TURN = [Fill(CONFIRMED, only=("staff",), at=("ended",)), Fill(CONFIRMED, only=("engineer",), at=("systems_restored",))]
WAYS_OF_ALL = {
    **AT_ONCE,
    "plan_drill": [Fill(NOW, only=("manager",))],
    "decline_plan": [Fill(REASON, only=("manager",), at=("scheme_submitted",))],
    **by("second", "arrange_support", "set_assessment", "write_script", "set_fallback", "precheck"),
    "draft_scheme": [
        Fill({**SCHEME, "command_group": [*PLAYERS, Who("reviewer")], "implementing_group": [Who("second")]}, only=("second",))
    ],
    "add_step": [Fill({**STEP, "operation": "reboot"}, only=("second",))],
    "link_operation": [Fill({"step": 1, "operation_ticket": "P-0002"}, only=("second",), at=TOLD)],
    "attach": [Fill(FILE, only=("staff",)), Fill(BACKUP, only=("second",), at=TOLD)],
    "restore_systems": [Fill(FILLS["restore_systems"][0].fields, only=("engineer",), at=("ended",))],
    "confirm_participation": IN_TURN,
    "add_rectification": OWNERS,
    "finish_rectification": [Fill(FILLS["finish_rectification"][0].fields, only=("engineer",), at=("assessed",))],
}
"""The straight way, on which everybody of every role is in the command or owns what is put right."""
EVERYBODYS = {
    **tried_by_all(WAYS_OF_ALL, link_operation=Fill({"step": 1, "operation_ticket": "P-0003"}, aside=True)),
    "report_real_fault": [
        Fill(FAULT, only=("staff", "approver"), aside=True),
        Fill(MONITORED, only=("desk", "engineer", "manager", "reviewer"), aside=True),
    ],
}

SCOPES = (
    Scope(
        "before", "From the plan to the start: everybody tries what is theirs and what is not.",
        cast=FEW, fills=FILLS, moments=(START, OPEN), lapses=("approver", "manager"), until=("running",),
        at_most=without(STRAIGHT, "precheck"),
        leaves_out=PLAIN,
    ),
    Scope(
        "afterwards", "From the start to the archive: everybody tries what is theirs and what is not.",
        cast=FEW, lapses=(), at_most={**STRAIGHT, "stop_drill": 0, "terminate_early": 0, "add_rectification": 1},
        fills={
            **AT_ONCE,
            **{act: FILLS[act] for act in ("assess", "declare_end", "record_entry", "report_incident", "add_late_record",
                                           "revise_plan")},
            "report_real_fault": [
                Fill(FAULT, only=("staff",)),
                Fill({**FAULT, "channel": "phone"}, "as if it had come by phone", only=("staff",)),
                Fill({**FAULT, "discovered_at": after(days=1)}, "found tomorrow", only=("staff",)),
                Fill({**MONITORED, "received_at": after(days=-9)}, "received long ago", only=("engineer",)),
            ],
        },
        leaves_out=without(dict.fromkeys(PLAIN, 0), "add_rectification"),
    ),
    Scope(
        "changes", "The plan is changed early and late, and time runs out at every step.",
        cast=FEW, moments=(START, OVER), lapses=(), until=("running",),
        fills={**ONE_EACH, "amend_plan": [Fill(PLAN, only=("staff",), at=("planned", "scheme_submitted", "ready"))]},
        at_most=without(STRAIGHT, "amend_plan"), leaves_out=PLAIN,
    ),
    Scope(
        "sent_back", "The plan is declined or postponed, and the scheme is sent back.",
        cast=FEW, lapses=(), until=("running",),
        fills={**AT_ONCE, "decline_plan": [Fill(REASON, only=("manager",), at=("scheme_submitted", "scheme_reviewed"))]},
        at_most=without(STRAIGHT, "postpone", "decline_plan", "return_scheme"), leaves_out=PLAIN,
    ),
    Scope(
        "late", "The drill runs over, and the report on the systems is late.",
        cast=FEW, fills=AT_ONCE, moments=(START, OVER, DAYS_LATER), lapses=(), until=("status_reported",),
        at_most={**STRAIGHT, "confirm_participation": 0}, leaves_out=PLAIN,
    ),
    Scope(
        "dangerous_step", "A dangerous step: under an operation ticket of its own or not at all.",
        cast=FEW, lapses=(), until=("ended", "terminated_early"),
        fills={
            **AT_ONCE,
            "add_step": [
                Fill({**STEP, "operation": "reboot"}, only=("engineer",)),
                Fill(STEP, "that is not dangerous", only=("engineer",)),
            ],
            "drop_step": [Fill({"step": 1}, only=("engineer",)), Fill({"step": 1}, aside=True)],
            "link_operation": [
                Fill({"step": 1, "operation_ticket": "P-0002"}, only=("engineer",), at=TOLD),
                Fill({"step": 1, "operation_ticket": "P-0003"}, aside=True),
            ],
            "record_entry": [
                Fill({**ENTRY, "step": 1, "operation_ticket": "P-0002"}, "of the dangerous step", only=("engineer",)),
                Fill({**ENTRY, "step": 1}, "of the dangerous step without its ticket", only=("engineer",)),
            ],
            "attach": [Fill(FILE, only=("staff", "manager")), Fill(BACKUP, "of the backup", only=("engineer",), at=TOLD)],
        },
        more={"tickets": OPERATIONS, "current": ()}, elsewhere=ELSEWHERE,
        at_most={**STRAIGHT, "link_operation": 1, "drop_step": 1}, leaves_out=(*STANDING, *RECTIFYING),
    ),
    Scope(
        "real_fault", "A real fault is reported by itself while the drill runs, and ends it.",
        cast=FEW, lapses=(), begins=MORNING, more={"tickets": (), "current": (REPORTED,)},
        fills={
            **AT_ONCE,
            "stop_drill": [Fill(FOR_IT, "for that fault", only=("staff",)), Fill({"cause": "真实告警。"}, only=("engineer",))],
            "terminate_early": [Fill(FOR_IT, "for that fault", only=("approver",)), *ONE_EACH["terminate_early"]],
        },
        until=("ended", "terminated_early"), at_most=STRAIGHT, leaves_out=PLAIN,
    ),
    Scope(
        "putting_right", "What was found poor is put right, judged by another, or its risk is borne.",
        cast=FEW, lapses=(),
        fills={
            **AT_ONCE, **{act: FILLS[act] for act in RECTIFYING}, "confirm_participation": IN_TURN,
            "add_rectification": [replace(one, at=("summarised",)) for one in FILLS["add_rectification"]],
        },
        at_most={
            **STRAIGHT, **dict.fromkeys(RECTIFYING, 1), "finish_rectification": 2, "stop_drill": 0, "terminate_early": 0,
        },
        leaves_out=(*STANDING, *DANGEROUS, "revise_plan"),
    ),
    Scope(
        "one_person", "Accounts turn out, at any step, to be one natural person's.",
        cast=TWO_OF_THE_CLIENT, lapses=(), at_most=STRAIGHT, until=("running",),
        fills={**AT_ONCE, "plan_drill": [Fill(NOW, only=("colleague",))], "draft_scheme": [Fill(SCHEME, only=("staff",))],
               "review_scheme": [Fill({"opinion": "可行"}, only=("colleague",))]},
        found_one=(("approver", "colleague"), ("staff", "colleague"), ("engineer", "manager")), leaves_out=PLAIN,
    ),
    Scope(
        "end_of_term", "The time of the drill reaches over the end of the contract.",
        cast=FEW, moments=(START, timedelta(hours=5)), lapses=(), at_most=STRAIGHT, until=("ended", "terminated_early"),
        fills={**AT_ONCE, "plan_drill": [Fill({**NOW, "window_end": after(hours=6)}, only=("staff",))]},
        begins=LAST_EVENING, leaves_out=PLAIN,
    ),
    Scope(
        "after_the_term", "The contract has ended: nobody plans a drill under it.",
        cast=FEW, fills={**ONE_EACH, "plan_drill": [Fill(PLAN, only=("staff",))]}, lapses=(),
        begins=LAST_EVENING + timedelta(hours=12), until=("planned",),
    ),
    Scope(
        "everybody", "Somebody of every role tries everything in every state.",
        cast=ALL, lapses=(), fills=EVERYBODYS, more={"tickets": OPERATIONS, "current": ()},
        at_most={
            **without(STRAIGHT, "decline_plan"), **dict.fromkeys((*RECTIFYING, "stop_drill", "drop_step"), 0),
            "add_rectification": 1, "finish_rectification": 1, "link_operation": 1,
        },
        leaves_out=STANDING,
    ),
    Scope(
        "standing", "A delay is foretold, and a period is left out of a limit or not.",
        cast=FEW, moments=(START, DAYS_LATER), keeps=("status_report",), lapses=(), until=("systems_restored",),
        fills={**AT_ONCE, **standing.ways("status_report", of=after(), until=after(hours=1), soon=after(hours=2),
                                          late=after(days=9), client="staff", supplier="manager")},
        at_most={**STRAIGHT, "propose_deduction": 1, "stop_drill": 0, "terminate_early": 0},
        leaves_out=(*RECTIFYING, *DANGEROUS, *ASIDE),
    ),
)
PROOF = Proof(
    "drill", SCOPES,
    (*CLAIMS, *acts_invariants.CLAIMS, *standing.claims({SUPPLIER: ("status_report",)}), *charter.claims(CHARTER, STATES)),
    unreached=CALLS,
)  # fmt: skip
