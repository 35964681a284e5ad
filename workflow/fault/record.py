"""The written report on a fault as the record tells it (C9.16): nobody types a time, a duration or a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from workflow import deductions
from workflow.attempt import Attempt, Past
from workflow.canonical import plain
from workflow.declare import SUPPLIER, SUPPLIER_RELATIONS, SUPPLIER_ROLES, Label, Words
from workflow.effects import LinkTo, OpenLinked
from workflow.fault.guards import (
    ATTEMPT_AT_REPAIR,
    ROUND,
    importance,
    latest_timer,
    level,
    open_problem,
    pending,
    suspicion_unjudged,
)

CLOCKS = ("response", "arrival", "removal")
COMPUTED: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(
        (
            "system",
            "important",
            "systems_version",
            "systems_listed",
            "entered_late_seconds",
            "caller",
            "symptom",
            "impact",
            "level_changes",
            "severity_criterion",
            "entered_at",
            "entered_by",
            "times",
            "clocks",
            "feedback",
            "feedback_missed",
            "initial_reports",
            "known",
            "next_step",
            "steps",
            "cause",
            "measure",
            "verified",
            "is_workaround",
            "open_problem",
            "reopened_times",
            "restorations_contested",
            "linked",
            "prepared_by",
            "into",
            "reason",
            "occurred",
            "discovered",
            "received",
            "registered",
            "responded",
            "diagnosed",
            "arrived",
            "arrival_waived",
            "located",
            "restored",
            "result_fed_back",
            "at",
            "by",
            "progress",
            "did",
            "result",
            "level",
            "started_at",
            "due_at",
            "stopped_at",
            "seconds",
            "seconds_left_out",
            "seconds_adjusted",
            "missed_after_adjustment",
            "channel",
            "level_at_report",
            "level_in_force",
            "security_suspected",
            "severity",
            "clock",
        ),
        (),
    ),
    "removal_counts_from": ("report", "response", "diagnosis"),
    "removal_ends_with": ("restoration", "restoration_and_cause"),
    "status": ("running", "met", "missed", "dropped", "not_begun"),
}
"""The fields that acts of a fault compute, with the keys that they may hold where these are a closed list."""
SECOND = timedelta(seconds=1)


def report_from_the_record(attempt: Attempt) -> dict[str, Any]:
    """Every computed field of the fault report: who, when, how long, against which limit, with which result."""
    opened = attempt.ticket.fields
    reported = attempt.last("report")
    restored, located = attempt.last("restore", since=ROUND), attempt.last("locate", "resolve_problem", since=ROUND)
    problem, judged = open_problem(attempt), attempt.last("judge_severity", since=ROUND)
    return {
        "system": opened.get("system"),
        "important": opened.get("important"),
        "systems_version": opened.get("systems_version"),
        "channel": opened.get("channel"),
        "caller": opened.get("caller"),
        "symptom": opened.get("symptom"),
        "impact": opened.get("impact"),
        "level_at_report": opened.get("level"),
        "level_in_force": level(attempt),
        "level_changes": [told(e, "level", "reason") for e in attempt.past("change_level")],
        "security_suspected": opened.get("is_security_suspected"),
        "severity": judged.fields["severity"] if judged else None,
        "severity_criterion": judged.fields["criterion"] if judged else None,
        "entered_at": plain(reported.at) if reported else None,
        "entered_by": reported.name if reported else None,
        "times": times(attempt),
        "clocks": [clock(attempt, name) for name in CLOCKS],
        "removal_counts_from": attempt.edition.setting("fault.removal_counts_from"),
        "removal_ends_with": attempt.edition.setting("fault.removal_ends_with"),
        "feedback": [told(e, "progress") for e in attempt.past("feed_back", since=ROUND)],
        # One event stands for all the slots of a long outage, and says how many they were.
        "feedback_missed": sum(e.fields.get("slots", 1) for e in attempt.past("note_missed_feedback", since=ROUND)),
        "initial_reports": [told(e, "known", "next_step") for e in attempt.past("report_initially", since=ROUND)],
        "steps": [told(e, "did", "result") for e in attempt.past("record_step", since=ROUND)],
        "cause": located.fields["cause"] if located else None,
        "measure": restored.fields["measure"] if restored else None,
        "verified": restored.fields["verified"] if restored else None,
        "is_workaround": bool(restored and restored.fields["is_workaround"]),
        "open_problem": problem.fields.get("problem") or problem.fields.get("measure") if problem else None,
        "reopened_times": len(attempt.past("reopen")),
        "restorations_contested": len(attempt.past("contest_restoration", since=ROUND)),
        "linked": [link.number for link in attempt.facts.links],
        "prepared_by": attempt.actor.name,
    }


def told(event: Past, *names: str) -> dict[str, Any]:
    """One entry of a list in the report: when, who, and what was said."""
    return {"at": plain(event.at), "by": event.name, **{name: event.fields.get(name) for name in names}}


def times(attempt: Attempt) -> dict[str, Any]:
    """The course of the round in instants: stated where a person had to state them, else the events' own."""
    opening = attempt.last(*ROUND)

    def at(*actions: str, since: Sequence[str] = ROUND) -> str | None:
        event = attempt.last(*actions, since=tuple(since))
        return plain(event.at) if event else None

    return {
        "occurred": attempt.ticket.fields.get("occurred_at"),
        "discovered": attempt.ticket.fields.get("discovered_at"),
        "received": (opening.fields.get("received_at") or plain(opening.at)) if opening else None,
        "registered": at("register"),
        "responded": at("respond"),
        "diagnosed": at("diagnose"),
        "arrived": at("arrive"),
        "arrival_waived": at("agree_no_arrival"),
        "located": at("locate", "resolve_problem"),
        "restored": at("restore", since=ATTEMPT_AT_REPAIR),
        "result_fed_back": at("feed_back_result", since=ATTEMPT_AT_REPAIR),
    }


def clock(attempt: Attempt, name: str) -> dict[str, Any]:
    """One limit: raw time and, beside it, the time without the periods that both parties left out (C4.6)."""
    timer = latest_timer(attempt, name)
    if timer is None:
        return {"clock": name, "status": "not_begun"}
    end = timer.stopped_at or attempt.at
    raw = end - timer.started_at
    left_out = deductions.left_out(deductions.agreed(attempt.facts.history, name), timer.started_at, end)
    return {
        "clock": name,
        "status": timer.status,
        "started_at": plain(timer.started_at),
        "due_at": plain(timer.due_at),
        "stopped_at": plain(timer.stopped_at) if timer.stopped_at else None,
        "seconds": raw // SECOND,
        "seconds_left_out": left_out // SECOND,
        "seconds_adjusted": (raw - left_out) // SECOND,
        "missed_after_adjustment": timer.status == "missed" and end - left_out > timer.due_at,
    }


def agreed_merge(attempt: Attempt) -> dict[str, Any]:
    """The fault into which this one is merged, as proposed."""
    asked = pending(attempt, "propose_merge", "agree_merge", "decline_merge")
    assert asked is not None, "the guard saw it"
    return {"into": asked.fields["into"]}


def merged_into(attempt: Attempt) -> Sequence[LinkTo]:
    """Binds this fault to the one that it repeats."""
    return [LinkTo(agreed_merge(attempt)["into"], "merged_into")]


def complaint_of_it(attempt: Attempt) -> Sequence[OpenLinked]:
    """The complaint as a ticket of its own (C3.4), which names this fault and concerns whoever handled it so far."""
    told = attempt.fields or {}
    handled = {event.person for event in attempt.accepted if event.party == SUPPLIER.name}
    # Only somebody who holds a mandate can be named, and only they could handle it.
    concerned = sorted({one.person for one in attempt.holders(*SUPPLIER_ROLES, SUPPLIER_RELATIONS)} & handled)
    return [
        OpenLinked(
            "complaint",
            "complains_of",
            {
                "nature": told["nature"],
                "about": attempt.ticket.number,
                "text": told["complaint"],
                "concerned": concerned,
                "wish": told.get("wish"),
            },
        )
    ]


def closing_clocks(attempt: Attempt) -> dict[str, Any]:
    """The limits as they came out, in the event that closes the fault."""
    return {"clocks": [clock(attempt, name) for name in CLOCKS]}


# --- warnings on every page of the ticket ----------------------------------------------------------------------------


def no_important_systems(attempt: Attempt) -> Words | None:
    """G4: the contract speaks of important systems and has no list of them."""
    listed = attempt.ticket.fields.get("systems_listed")
    if listed is None:
        listed = importance(attempt)["systems_listed"]
    if listed:
        return None
    return Words(
        "No list of important information systems was in force when this was reported, so the longer time for "
        "removal applies. Both parties should sign such a list."
    )


def entered_late(attempt: Attempt) -> Words | None:
    """R3.2: what was received by phone and typed in later shows the gap."""
    last = attempt.last(*ROUND)
    late = last.fields.get("entered_late_seconds") if last else None
    if last is None or not late:
        return None
    return Words(
        "Received at %(received_at)s, entered %(late)s later. Every limit counts from the receipt.",
        received_at=datetime.fromisoformat(last.fields["received_at"]),
        late=timedelta(seconds=late),
    )


def problem_open(attempt: Attempt) -> Words | None:
    """R3.9: the service is back, but something stays open."""
    if attempt.ticket.state is None or (problem := open_problem(attempt)) is None:
        return None
    if problem.action == "restore":
        return Words("The service runs on a workaround; the problem behind it is open.")
    return Words("A problem record is open: %(problem)s", problem=problem.fields["problem"])


def severity_open(attempt: Attempt) -> Words | None:
    """R3.15: whether it is a reportable incident stays open until a person says so."""
    if attempt.ticket.state is None or not suspicion_unjudged(attempt):
        return None
    return Words("A network security incident is not ruled out, and nobody has judged its grade yet.")


def answer_awaited(attempt: Attempt) -> Words | None:
    """A proposal of the supplier that waits for the client."""
    for propose, *answers in (
        ("propose_merge", "agree_merge", "decline_merge"),
        ("propose_no_arrival", "agree_no_arrival", "decline_no_arrival", "arrive"),
    ):
        if pending(attempt, propose, *answers) is not None:
            return Words("The supplier waits for the client's answer: %(action)s.", action=Label("action", propose))
    return None


NOTICES = (no_important_systems, entered_late, problem_open, severity_open, answer_awaited)
