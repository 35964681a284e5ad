"""The library of emergency plans: when each was last drilled and reviewed, what is overdue, and next year's drill plan.

Pure: whoever lists plans (a page, an inbox, a notice on a ticket) hands in what the tickets say, and the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from workflow.attempt import Attempt
from workflow.contract import Edition
from workflow.declare import Words


@dataclass(frozen=True)
class PlanRecord:
    """An emergency plan, its version, and the days of its last drills (as a whole, in any way) and review."""

    plan: str
    version: str
    last_comprehensive: date | None = None
    last_drill: date | None = None
    last_review: date | None = None


@dataclass(frozen=True)
class Overdue:
    """A plan that was not drilled, or not reviewed, for too long. `due_at`: since when it is late; None: never done."""

    plan: str
    what: Literal["comprehensive", "legal", "review"]
    last: date | None
    due_at: datetime | None


def overdue(plans: Iterable[PlanRecord], at: datetime, edition: Edition) -> tuple[Overdue, ...]:
    """What is overdue at `at`: a comprehensive drill (`drill.comprehensive_every`), any drill and a review
    (`drill.legal_every`, the floor that the law sets). On the last day it is still in time. A plan that was never
    drilled is overdue at once (C9.15)."""
    found = []
    for plan in plans:
        for what, last, figure in (
            ("comprehensive", plan.last_comprehensive, "drill.comprehensive_every"),
            ("legal", plan.last_drill, "drill.legal_every"),
            ("review", plan.last_review, "drill.legal_every"),
        ):
            due = _due(edition, figure, last) if last is not None else None
            if due is None or at > due:
                # mypy takes the three names above for any text.
                found.append(Overdue(plan.plan, what, last, due))  # type: ignore[arg-type]
    return tuple(found)


def _due(edition: Edition, figure: str, last: date) -> datetime:
    noon = datetime.combine(last, time(12), edition.contract.calendar.zone)
    return edition.due(figure, noon.astimezone(UTC))


def next_plan_due(edition: Edition, at: datetime) -> datetime | None:
    """When next year's drill plan is due (`drill.next_plan_by`), while it is time to make it: from the first day of that
    month to the end of the year, late or not. At any other time None."""
    calendar = edition.contract.calendar
    today = calendar.local_day(at)
    due = edition.due_explained("drill.next_plan_by", calendar.start_of_day(date(today.year, 1, 1)))
    return due.at if today >= due.day.replace(day=1) else None


def planned_ahead(edition: Edition, at: datetime, planned: Iterable[datetime]) -> bool:
    """Whether one of these drills, by their starts, is planned for a year after this one."""
    calendar = edition.contract.calendar
    return any(calendar.local_day(one).year > calendar.local_day(at).year for one in planned)


def next_years_plan(edition: Edition, at: datetime, planned: Iterable[datetime]) -> datetime | None:
    """When next year's drill plan is due, if it is time to make it and none is on record; else None."""
    return None if planned_ahead(edition, at, planned) else next_plan_due(edition, at)


# --- read from tickets -----------------------------------------------------------------------------------------


def plan_record(attempt: Attempt) -> PlanRecord:
    """The emergency plan of this ticket: by the archived drills of the contract, and by what the ticket states of the
    time before this desk. Drills that were broken off do not count."""
    fields = attempt.ticket.fields
    plan = str(fields.get("emergency_plan") or "")
    ended = [
        one.ending
        for one in attempt.facts.more.get("tickets", ())
        if one.kind == attempt.ticket.kind and one.ending.get("emergency_plan") == plan
    ]
    drilled = [one for one in ended if one.get("counts_as_drill")]
    stated = fields.get("last_drilled_on")
    return PlanRecord(
        plan,
        str(fields.get("emergency_plan_version") or ""),
        last_comprehensive=latest(
            stated, *(one.get("drilled_on") for one in drilled if one.get("scope") == "comprehensive")
        ),
        last_drill=latest(stated, *(one.get("drilled_on") for one in drilled)),
        last_review=latest(fields.get("last_reviewed_on"), *(one.get("reviewed_on") for one in ended)),
    )


def latest(*days: Any) -> date | None:
    """The latest of these days, given as records hold them (ISO text, or nothing)."""
    return max((date.fromisoformat(day) for day in days if isinstance(day, str)), default=None)


def _never(what: str) -> Words:
    return {
        "comprehensive": Words("The emergency plan has no comprehensive drill on record."),
        "legal": Words("The emergency plan has no drill at all on record."),
        "review": Words("The emergency plan has no review on record."),
    }[what]


def _late(what: str, due: datetime, last: date) -> Words:
    told = {"due": due, "last": last.isoformat()}
    return {
        "comprehensive": Words(
            "The emergency plan was due for a comprehensive drill by %(due)s; the last was on %(last)s.", **told
        ),
        "legal": Words("The law asked for a drill of the emergency plan by %(due)s; the last was on %(last)s.", **told),
        "review": Words("The emergency plan was due for review by %(due)s; the last was on %(last)s.", **told),
    }[what]


def in_words(one: Overdue) -> Words:
    """What is overdue, for a reader."""
    if one.last is None or one.due_at is None:
        return _never(one.what)
    return _late(one.what, one.due_at, one.last)


def _overdue_notice(what: str, attempt: Attempt) -> Words | None:
    if attempt.ticket.state is None:
        return None
    found = overdue([plan_record(attempt)], attempt.at, attempt.edition)
    return next((in_words(one) for one in found if one.what == what), None)


def comprehensive_notice(attempt: Attempt) -> Words | None:
    """The plan named here was not drilled as a whole for too long."""
    return _overdue_notice("comprehensive", attempt)


def legal_notice(attempt: Attempt) -> Words | None:
    """The plan named here was not drilled at all for longer than the law allows."""
    return _overdue_notice("legal", attempt)


def review_notice(attempt: Attempt) -> Words | None:
    """The plan named here was not reviewed for too long."""
    return _overdue_notice("review", attempt)


def next_plan_notice(attempt: Attempt) -> Words | None:
    """Late in the year: next year's drills are still unplanned."""
    if attempt.ticket.state is None:
        return None
    starts = [attempt.ticket.fields.get("window_start")]
    starts += [
        one.fields.get("window_start")
        for one in attempt.facts.more.get("tickets", ())
        if one.kind == attempt.ticket.kind and not one.final
    ]
    planned = [datetime.fromisoformat(start) for start in starts if isinstance(start, str)]
    due = next_years_plan(attempt.edition, attempt.at, planned)
    return Words("Next year's drills are to be planned by %(due)s; none is on record.", due=due) if due else None
