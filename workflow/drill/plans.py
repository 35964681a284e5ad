"""The library of emergency plans as a report (C9.15), and the task to plan next year's drills.

A plan is known to this desk from the first drill that is planned for it. What a drill's plan states of the time before
this desk counts once the client has approved that plan, so that nobody's draft makes an overdue drill look done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflow.attempt import Past
from workflow.declare import CLIENT_ROLES, SUPPLIER_MANAGER
from workflow.drill.library import PlanRecord, in_words, latest, next_plan_due, overdue, planned_ahead
from workflow.report import Asked, Report, Table, Task, TicketRecord

STATING = ("plan_drill", "amend_plan", "postpone")
"""Acts that write the plan of a drill, and with it which emergency plan, which version, and when it was drilled before."""
APPROVING = ("approve_drill", "postpone")


@dataclass
class _Library:
    """One plan while it is put together from the drills that name it."""

    versions: list[tuple[bool, datetime, str]] = field(default_factory=list)
    """With each version whether the client stands behind it, and since when it is on record."""
    comprehensive: list[Any] = field(default_factory=list)
    drilled: list[Any] = field(default_factory=list)
    reviewed: list[Any] = field(default_factory=list)

    def record(self, name: str) -> PlanRecord:
        return PlanRecord(
            name, max(self.versions)[2], latest(*self.comprehensive), latest(*self.drilled), latest(*self.reviewed)
        )


def plans(tickets: Sequence[TicketRecord]) -> tuple[PlanRecord, ...]:
    """Every emergency plan that drills name, by its name. A draft that was called off before the client approved it names
    none: else a misspelt plan would be overdue for ever."""
    found: dict[str, _Library] = {}
    for one in tickets:
        stated = one.last(*STATING)
        name = str(one.fields.get("emergency_plan") or "")
        approved = _approved(one, stated)
        if stated is None or not name or (one.final and not approved):
            continue
        library = found.setdefault(name, _Library())
        library.versions.append((approved, stated.at, str(one.fields.get("emergency_plan_version") or "")))
        if approved:
            drilled = one.fields.get("last_drilled_on")
            library.drilled.append(drilled)
            # As on the drill's own page: what was held before this desk is taken for a drill of the whole plan.
            library.comprehensive.append(drilled)
            library.reviewed.append(one.fields.get("last_reviewed_on"))
        for revised in one.past("revise_plan"):
            library.versions.append((True, revised.at, str(revised.fields.get("new_version") or "")))
        if one.ending.get("emergency_plan") == name:
            _add_outcome(library, one)
    return tuple(found[name].record(name) for name in sorted(found))


def _approved(one: TicketRecord, stated: Past | None) -> bool:
    approval = one.last(*APPROVING)
    return stated is not None and approval is not None and approval.sequence >= stated.sequence


def _add_outcome(library: _Library, one: TicketRecord) -> None:
    """What an archived drill adds. One that was broken off was reviewed, but exercised nothing to its end."""
    library.reviewed.append(one.ending.get("reviewed_on"))
    if one.ending.get("counts_as_drill"):
        library.drilled.append(one.ending.get("drilled_on"))
        if one.ending.get("scope") == "comprehensive":
            library.comprehensive.append(one.ending.get("drilled_on"))


def library(asked: Asked) -> Table:
    """The plans by name, each with what is overdue at this moment."""
    rows, late = [], 0
    for plan in plans(asked.tickets):
        found = overdue([plan], asked.at, asked.edition)
        late += bool(found)
        rows.append(
            {
                "emergency_plan": plan.plan,
                "plan_version": plan.version,
                "last_comprehensive_drill": _day(plan.last_comprehensive),
                "last_drill": _day(plan.last_drill),
                "last_review": _day(plan.last_review),
                "overdue": tuple(in_words(one) for one in found),
            }
        )
    return Table(rows, {"plans": len(rows), "plans_overdue": late})


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


PLAN_LIBRARY = Report(
    "plan_library",
    "C9.15",
    "Every emergency plan that a drill on this desk names: its version, when it was last drilled and reviewed, and what is "
    "overdue today. Only drills carried to their end and archived count; drills held before this desk count as stated in a "
    "plan that the client has approved. A plan appears here with its first planned drill.",
    columns=["emergency_plan", "plan_version", "last_comprehensive_drill", "last_drill", "last_review", "overdue"],
    summary=["plans", "plans_overdue"],
    makes=library,
    events=[*STATING, "approve_drill", "revise_plan"],
)


def _planned(asked: Asked) -> bool:
    starts = [one.fields.get("window_start") for one in asked.tickets if not one.final]
    planned = [datetime.fromisoformat(start) for start in starts if isinstance(start, str)]
    return planned_ahead(asked.edition, asked.at, planned)


NEXT_YEARS_PLAN = Task(
    "plan_drills_of_next_year",
    "C9.15",
    who=[*CLIENT_ROLES, SUPPLIER_MANAGER],
    says="Draw up the drill plan for next year: it is done once a drill of next year is planned on this desk.",
    due=next_plan_due,
    done=_planned,
)
