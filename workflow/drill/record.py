"""What stands on record about a drill: its offices, script, run, rectifications; and what papers draw from it.

Nothing is kept as a flag. Whether a rectification is open, a step dangerous or a party has confirmed is read from
the events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from workflow.attempt import Attempt, Past
from workflow.declare import PaperKind, Party, Words
from workflow.drill.after_forms import ITEMS
from workflow.effects import LinkTo, OpenLinked
from workflow.fault.guards import normalised

MARK = "【演练】"
"""Stands on every paper of a drill, in the language of the contract, so that no copy passes for the real thing."""
PLANNING = ("plan_drill", "amend_plan")
"""Acts that make the plan; the scheme and its annexes are of the plan as it then stood."""
ENDINGS = ("declare_end", "terminate_early", "stop_drill")
STARTED_OPERATION = (
    "executing", "executed", "verified", "outcome_unknown", "outcome_proposed", "closed", "settled",
)  # fmt: skip
"""States of an operation ticket in which the operation was begun under its own authorisation (C9.5)."""


def _paper(name: str, meaning: str, *, uploaded: bool = False) -> PaperKind:
    return PaperKind(name, "C9.15", meaning, uploaded=uploaded)


DRILL_PLAN = _paper("drill_plan", "The plan of the drill (A.1), in one version.")
SCHEME = _paper("drill_scheme", "The working scheme (A.2): what is played, and who holds which office.")
SUPPORT = _paper("drill_support", "What must be at hand for the drill (A.3).")
ASSESSMENT_SCHEME = _paper("drill_assessment_scheme", "How the drill will be judged (A.4).")
SCRIPT = _paper("drill_script", "The script (A.6): every step with its role, words and doing.")
FALLBACK = _paper("drill_fallback", "The way back, should the drill itself do harm.")
BACKUP_EVIDENCE = _paper(
    "drill_backup_evidence", "What shows that the data can be brought back before systems are touched.", uploaded=True
)
INCIDENT_REPORT = _paper(
    "drill_incident_report", "A report on the played event (A.7): numbered, issued, and kept as it was."
)
RECORD = _paper("drill_record", "The running record (A.8), with entries made late marked as such.")
PARTICIPATION = _paper("drill_participation", "Who took part and when, as one party records it.")
STATUS_REPORT = _paper("drill_status_report", "How the systems run, reported by the end of the day after.")
ASSESSMENT = _paper("drill_assessment", "The assessment sheet (A.9): nine items with scores, and advice.")
SUMMARY = _paper("drill_summary", "The summary report (A.10).")
RECTIFICATION_EVIDENCE = _paper(
    "drill_rectification_evidence", "What shows that a rectification is done.", uploaded=True
)
RISK_ACCEPTANCE = _paper("drill_risk_acceptance", "The client's signed word that it bears a risk that is left.")
REVISED_PLAN = _paper("drill_revised_plan", "What the drill changed in the emergency plan, under its new version.")
PAPERS = (
    DRILL_PLAN, SCHEME, SUPPORT, ASSESSMENT_SCHEME, SCRIPT, FALLBACK, BACKUP_EVIDENCE, INCIDENT_REPORT, RECORD,
    PARTICIPATION, STATUS_REPORT, ASSESSMENT, SUMMARY, RECTIFICATION_EVIDENCE, RISK_ACCEPTANCE, REVISED_PLAN,
)  # fmt: skip
WRITTEN_BY: Mapping[str, PaperKind] = {
    "draft_scheme": SCHEME,
    "arrange_support": SUPPORT,
    "set_assessment": ASSESSMENT_SCHEME,
    "write_script": SCRIPT,
    "set_fallback": FALLBACK,
}
"""The five papers without which nothing is reviewed, by the act that writes each."""


# --- offices and script -----------------------------------------------------------------------------------


def group(attempt: Attempt, name: str) -> tuple[int, ...]:
    """The natural persons whom the scheme names for this group."""
    scheme = attempt.last("draft_scheme")
    named = (attempt.natural(one) for one in scheme.fields.get(name, ())) if scheme is not None else ()
    return tuple(one for one in named if one is not None)


def script_steps(attempt: Attempt) -> dict[int, Mapping[str, Any]]:
    """The rows of the script as they stand, by number."""
    rows: dict[int, Mapping[str, Any]] = {}
    for event in attempt.past("add_step", "drop_step"):
        if event.action == "add_step":
            rows[event.fields["step"]] = event.fields
        else:
            rows.pop(event.fields["step"], None)
    return dict(sorted(rows.items()))


def dangerous_steps(attempt: Attempt) -> tuple[int, ...]:
    """Steps of the script that are dangerous operations."""
    return tuple(number for number, row in script_steps(attempt).items() if row.get("operation"))


def operation_tickets(attempt: Attempt) -> dict[int, str]:
    """The operation ticket bound to each step; a later binding replaces an earlier one."""
    return {e.fields["step"]: e.fields["operation_ticket"] for e in attempt.past("link_operation")}


def touches_systems(attempt: Attempt) -> bool:
    """Whether real systems are worked on: then a backup must be proved."""
    return attempt.value("drill_form") == "hands_on" or bool(dangerous_steps(attempt))


# --- the run ----------------------------------------------------------------------------------------------


def start(attempt: Attempt) -> Past | None:
    """The declaration of the start."""
    return attempt.last("declare_start")


def end(attempt: Attempt) -> Past | None:
    """The declaration of the end, or what stopped the drill before it."""
    return attempt.last(*ENDINGS)


def confirmed_by(attempt: Attempt, party: Party) -> Past | None:
    """The latest word of this party on who took part and when."""
    return next((e for e in reversed(attempt.past("confirm_participation")) if e.party == party.name), None)


# --- rectifications ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """A rectification as it stands: `open`, `done` (to be verified), `verified`, or its risk `accepted`."""

    number: int
    owner: int | None
    due_at: datetime
    assessed_item: str | None
    standing: str = "open"
    done_by: frozenset[int | None] = frozenset()

    @property
    def is_settled(self) -> bool:
        return self.standing in ("verified", "accepted")


_STANDING_AFTER = {
    "return_rectification": "open", "verify_rectification": "verified", "accept_risk": "accepted",
}  # fmt: skip


def rectifications(attempt: Attempt) -> dict[int, Item]:
    """Every rectification by its number."""
    items: dict[int, Item] = {}
    for event in attempt.past("add_rectification", "reassign_rectification", "finish_rectification", *_STANDING_AFTER):
        fields, number = event.fields, event.fields["item"]
        if event.action == "add_rectification":
            due = datetime.fromisoformat(fields["due_at"])
            items[number] = Item(number, attempt.natural(fields["owner"]), due, fields.get("assessed_item"))
        elif event.action == "reassign_rectification":
            due = datetime.fromisoformat(fields["due_at"])
            items[number] = replace(items[number], owner=attempt.natural(fields["owner"]), due_at=due, standing="open")
        elif event.action == "finish_rectification":
            done_by = items[number].done_by | {event.person}
            items[number] = replace(items[number], standing="done", done_by=done_by)
        elif event.person not in {None, items[number].owner, *items[number].done_by}:
            # Who judges is somebody else: a judgement by an account that was found to be the owner's is none.
            items[number] = replace(items[number], standing=_STANDING_AFTER[event.action])
    return items


def chosen_item(attempt: Attempt) -> Item | None:
    """The rectification that the form speaks of."""
    return rectifications(attempt).get((attempt.fields or {}).get("item", 0))


# --- what acts compute ------------------------------------------------------------------------------------


def marked(_: Attempt) -> dict[str, Any]:
    """What every paper of a drill carries."""
    return {"is_drill": True, "mark": MARK}


def whole_plan(attempt: Attempt) -> dict[str, Any]:
    """The plan as it reads after this act. That it is a drill is never filled in and so can never be changed (R2.9)."""
    return {**attempt.ticket.fields, **(attempt.fields or {}), **marked(attempt)}


def whole_script(attempt: Attempt) -> dict[str, Any]:
    """The rows of the script, in order."""
    return {**marked(attempt), "steps": [dict(row) for row in script_steps(attempt).values()]}


def numbered_incident(attempt: Attempt) -> dict[str, Any]:
    """第 N 次, and who issues it (签发人): the person acting, who signs it."""
    ordinal = len(attempt.past("report_incident")) + 1
    return {**marked(attempt), "ordinal": ordinal, "issued_by": attempt.actor.name}


def late_entry(attempt: Attempt) -> dict[str, Any]:
    """补记: flagged, with the real time of entry."""
    return {**marked(attempt), "is_late": True, "entered_at": attempt.at}


def record_after(attempt: Attempt) -> dict[str, Any]:
    """The whole running record (A.8) with this act in it."""
    entries = [
        {**e.fields, "entered_at": e.at, "entered_by": e.name} for e in attempt.past("record_entry", "add_late_record")
    ]
    if attempt.action == "add_late_record":
        this = {**(attempt.fields or {}), **late_entry(attempt), "entered_by": attempt.actor.name}
        return {**late_entry(attempt), "entries": [*entries, this]}
    begun = start(attempt)
    return {
        **marked(attempt), "entries": entries, "started_at": begun.at if begun else None, "ended_at": attempt.at,
        "declared_by": attempt.actor.name,
    }  # fmt: skip


def confirmed_times(attempt: Attempt) -> dict[str, Any]:
    """The times that the confirming party finds right, and for whom it speaks."""
    begun, ended = start(attempt), end(attempt)
    return {
        **marked(attempt), "party": attempt.actor.party.name if attempt.actor.party else "",
        "started_at": begun.at if begun else None, "ended_at": ended.at if ended else None,
    }  # fmt: skip


def summed_up(attempt: Attempt) -> dict[str, Any]:
    """The figures of the summary: drawn from the record, never typed again."""
    begun, ended, sheet = start(attempt), end(attempt), attempt.last("assess")
    return {
        **marked(attempt), "started_at": begun.at if begun else None, "ended_at": ended.at if ended else None,
        "ended_by": ended.action if ended else None, "incidents": len(attempt.past("report_incident")),
        "scores": {name: sheet.fields[name] for name in ITEMS} if sheet else {},
        "rectifications": [e.fields["problem"] for e in attempt.past("add_rectification")],
    }  # fmt: skip


def numbered_rectification(attempt: Attempt) -> dict[str, Any]:
    """Rectifications are numbered from 1 and never renumbered."""
    return {"item": len(attempt.past("add_rectification")) + 1}


def outcome(attempt: Attempt) -> dict[str, Any]:
    """What the library of emergency plans reads from an archived drill. One that was broken off exercised nothing to
    its end and does not count as the drill that the plan needs."""
    ended, settled = end(attempt), attempt.last("revise_plan", "keep_plan")
    day = attempt.edition.contract.calendar.local_day
    revised = settled is not None and settled.action == "revise_plan"
    return {
        **marked(attempt),
        "emergency_plan": attempt.ticket.fields.get("emergency_plan"),
        "plan_version": settled.fields["new_version"]
        if settled is not None and revised
        else attempt.ticket.fields.get("emergency_plan_version"),
        "scope": attempt.ticket.fields.get("scope"),
        "counts_as_drill": ended is not None and ended.action == "declare_end",
        "drilled_on": day(ended.at) if ended else None,
        "reviewed_on": day(settled.at) if settled else None,
    }


def real_fault(attempt: Attempt) -> list[OpenLinked]:
    """A real fault found meanwhile: its limits run from this very report, as if there were no drill (R2.10)."""
    return [OpenLinked("fault", "found_in_drill", attempt.fields or {})]


def faults_meanwhile(attempt: Attempt) -> tuple[str, ...]:
    """The real faults that were reported since the start on a system under drill, by themselves: those that this ticket is
    not bound to yet. Who writes a system's name in a plan writes it freely; a prompt too many does no harm."""
    begun = start(attempt)
    if begun is None:
        return ()
    listed = attempt.edition.systems_at(attempt.at).systems
    drilled = [normalised(line) for line in str(attempt.ticket.fields.get("systems") or "").splitlines()]
    bound = {link.number for link in attempt.facts.links}
    found = []
    for one in attempt.facts.more.get("current", ()):
        stated = normalised(str(one.fields.get("system") or ""))
        names = {stated}
        for system in listed:
            known = {normalised(name) for name in (system.key, system.name.zh, system.name.en)}
            names |= known if stated in known else set()
        concerns = any(line and (name in line or line in name) for line in drilled for name in names if name)
        if concerns and one.number not in bound and one.opened_at is not None and one.opened_at >= begun.at:
            found.append(one.number)
    return tuple(sorted(found))


def fault_links(attempt: Attempt) -> list[LinkTo]:
    """Who ends a drill for a real fault binds it (R2.10): the one that is named, else all reported meanwhile."""
    named = (attempt.fields or {}).get("fault")
    bound = {link.number for link in attempt.facts.links}
    numbers = faults_meanwhile(attempt) if named is None else (str(named),)
    return [LinkTo(number, "found_in_drill") for number in numbers if number not in bound]


def operation_link(attempt: Attempt) -> list[LinkTo]:
    """The dangerous step is bound to its own operation ticket (R2.11)."""
    return [LinkTo(str((attempt.fields or {})["operation_ticket"]), "operation_in_drill")]


# --- warnings ---------------------------------------------------------------------------------------------


def drill_notice(_: Attempt) -> Words:
    """In words, on every page of the ticket."""
    return Words("This is a drill. It counts neither as a fault nor as a breach, and starts no limit for faults.")


def real_fault_notice(attempt: Attempt) -> Words | None:
    """A real fault goes before any drill."""
    if attempt.ticket.state != "running" or attempt.last("report_real_fault") is None:
        return None
    return Words(
        "A real fault was reported during this drill: stop the drill now, by “terminate early” or “stop drill”."
    )


def fault_meanwhile_notice(attempt: Attempt) -> Words | None:
    """A real fault that somebody reported by itself, on a system under drill, ends the drill as well."""
    numbers = faults_meanwhile(attempt) if attempt.ticket.state == "running" else ()
    if not numbers:
        return None
    return Words(
        "A real fault was reported on a system under drill: %(numbers)s. Stop the drill now, by “terminate early” or “stop "
        "drill”; it is linked there.",
        numbers=", ".join(numbers),
    )


def overdue_rectification_notice(attempt: Attempt) -> Words | None:
    """What is open past the day it was promised for."""
    late = [item for item in rectifications(attempt).values() if not item.is_settled and attempt.at > item.due_at]
    if not late:
        return None
    return Words("Rectifications past their date: %(numbers)s.", numbers=", ".join(str(i.number) for i in late))
