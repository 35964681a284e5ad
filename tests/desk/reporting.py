"""The fifth duty once more, with a report by month, a report of how things stand, and a task: for tests of what shows them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.desk import visit
from workflow.contract import Edition
from workflow.declare import CLIENT_STAFF, Label, Words, Workflow
from workflow.report import Asked, Owed, Reference, Report, Share, Table, Task

CAME, KEPT_OUT = Label("stamp", "came"), Label("stamp", "kept_out")


def visitors(asked: Asked) -> Table:
    """Who came in the month, under their numbers."""
    rows = [
        {"number": Reference(one.number), "visitor": one.fields["visitor"], "entered_at": entered.at if entered else None,
         "outcome": CAME if one.state == "left" else KEPT_OUT, "late": bool(one.timers and one.timers[0].status == "missed"),
         "grounds": (Words("Not let in."),) if one.state == "refused" else ()}
        for one in asked.tickets for entered in [one.last("enter")]
    ]  # fmt: skip
    came = sum(row["outcome"] == CAME for row in rows)
    return Table(rows, {"visits": len(rows), "came_share": Share(came, len(rows))})


def awaited(asked: Asked) -> Table:
    """Whoever is expected."""
    return Table([{"visitor": one.fields["visitor"], "state": one.state} for one in asked.tickets if not one.final])


VISITORS = Report(
    "visitors", "C9.6", "Those who came to the machine room in the month.",
    columns=["number", "visitor", "entered_at", "outcome", "late", "grounds"], summary=["visits", "came_share"],
    makes=visitors, by_month=True, events=["enter"], deadlines=["overstay"], values=[CAME, KEPT_OUT],
)  # fmt: skip
AWAITED = Report(
    "awaited", "C9.6", "Those who are expected in the machine room.", columns=["visitor", "state"], makes=awaited
)
FIRST_DAY = date(2026, 5, 1)


def due(edition: Edition, at: datetime) -> datetime | None:
    """Once a year: by the 20th of May, from the first of it."""
    calendar = edition.contract.calendar
    today = calendar.local_day(at)
    return calendar.end_of_day(FIRST_DAY + timedelta(days=19)) if FIRST_DAY <= today < date(2026, 7, 1) else None


def invited(asked: Asked) -> bool:
    """Whether somebody was."""
    return any(one.fields["visitor"] == "年检单位" for one in asked.tickets)


def none_in_particular(_asked: Asked) -> tuple[Owed, ...]:
    """Nothing is ever owed."""
    return ()


INVITE = Task("invite_inspectors", "C9.6", who=[CLIENT_STAFF], says="Invite the inspectors.", due=due, done=invited)


def parts() -> dict[str, object]:
    """What the fifth duty is declared with."""
    declared = visit.workflow
    return {
        "kind": "visit", "clause": "C9.6", "prefix": "V", "states": list(declared.states.values()),
        "actions": [a for a in declared.actions.values() if a.name not in ("remark", "attach")],
        "deadlines": list(declared.deadlines.values()),
    }  # fmt: skip


workflow = Workflow(**parts(), reports=[VISITORS, AWAITED], tasks=[INVITE])  # type: ignore[arg-type]  # Parts by name.
