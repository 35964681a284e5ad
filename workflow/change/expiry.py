"""Lines of the catalogue that run out: both are reminded, and nothing is released, though nobody has opened a ticket (C9.7).

A renewal on a ticket is watched by the deadlines of that ticket. Here stands what no ticket carries: the lines as the
baseline has them, each with its own last day, as tasks in the inboxes of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from workflow.calendar import Calendar, add_months
from workflow.change.notices import REMINDERS
from workflow.change.price import day_of
from workflow.change.states import BEFORE_WORK, RESCINDED, WORK
from workflow.contract import Edition
from workflow.declare import CLIENT_ROLES, SUPPLIER_MANAGER, SUPPLIER_ROLES, Words
from workflow.report import Asked, Owed, Task, TicketRecord

IN_FORCE = {state.name for state in (*BEFORE_WORK, *WORK)}
"""Both have signed the renewal; once it is carried out, the baseline itself has the later day."""
_DAY = timedelta(days=1)
K = TypeVar("K")


@dataclass(frozen=True, order=True)
class Run:
    """Until when a line runs. `dated`: the contract names the day; else it can end on `earliest`, and has by `latest`."""

    earliest: date
    latest: date
    dated: bool


def run_of(line: Any, edition: Edition) -> Run:
    """For a line without dates the contract names months only: they can begin with the term, and do not outlast it."""
    if line.ends is not None:
        return Run(line.ends, line.ends, dated=True)
    contract = edition.contract
    soonest = add_months(contract.first_day, line.months) - _DAY
    return Run(min(soonest, contract.last_day), contract.last_day, dated=False)


def reminders(edition: Edition, day: date) -> list[datetime]:
    """When both are reminded that something ends on `day`, the earliest first; past the last one notice comes late. The
    contract names no day for the notice: the last of its reminders is taken for it."""
    end = edition.contract.calendar.end_of_day(day)
    return sorted(edition.before_explained(f"change.renewal_reminder_{n}", end).at for n in REMINDERS)


def working_days_left(calendar: Calendar, at: datetime, day: date) -> int:
    """Working days after the local day of `at`, up to `day` with it."""
    today = calendar.local_day(at)
    return sum(calendar.is_working_day(today + n * _DAY) for n in range(1, (day - today).days + 1))


# --- what a ticket carries already -----------------------------------------------------------------------------------


def _row(ticket: TicketRecord, kind: str, line: Any) -> Any:
    """What an open change of this type says of the line; None where it says nothing of it."""
    if ticket.final or ticket.state == RESCINDED.name or ticket.fields.get("type") != kind:
        return None
    return next((row for row in ticket.fields.get("lines") or () if row["line"] == line.number), None)


def renews(ticket: TicketRecord, line: Any) -> bool:
    """It is an open renewal of the line as it ends now, not of an earlier end."""
    return _row(ticket, "renew", line) is not None and line.ends in (None, day_of(ticket.fields.get("original_ends")))


def cancels(ticket: TicketRecord, line: Any) -> bool:
    """It is an open cancellation that leaves nothing of the line."""
    row = _row(ticket, "cancel", line)
    return row is not None and row["quantity"] + line.quantity <= 0


def _carried(asked: Asked, line: Any) -> bool:
    return any(renews(one, line) or cancels(one, line) for one in asked.tickets)


def _renewal_in_force(asked: Asked, line: Any) -> bool:
    return any(renews(one, line) and one.state in IN_FORCE for one in asked.tickets)


# --- what is owed ----------------------------------------------------------------------------------------------------


def _runs(asked: Asked) -> Iterator[tuple[Any, Run]]:
    """Every line of which there are units, with its run."""
    return ((line, run_of(line, asked.edition)) for line in asked.more["catalogue"] if line.quantity > 0)


def _together(lines: Iterable[tuple[K, int]]) -> Iterator[tuple[K, str]]:
    """Line numbers for a reader, those of the same end together, the soonest end first."""
    for end, same in groupby(sorted(lines), key=itemgetter(0)):
        yield end, ", ".join(str(number) for _, number in same)


def _is_over(asked: Asked, run: Run) -> bool:
    """At the end of the last day itself it is still in time."""
    return asked.at > asked.edition.contract.calendar.end_of_day(run.latest)


def expiring(asked: Asked) -> Sequence[Owed]:
    """Lines of which no renewal is on its way, from the first reminder to their end."""
    lines = [
        (run, line.number)
        for line, run in _runs(asked)
        if asked.at > reminders(asked.edition, run.earliest)[0] and not _is_over(asked, run)
        if not _carried(asked, line)
    ]
    return [_reminded(asked, run, numbers) for run, numbers in _together(lines)]


def _reminded(asked: Asked, run: Run, numbers: str) -> Owed:
    instants = reminders(asked.edition, run.earliest)
    told = {
        "n": sum(asked.at > instant for instant in instants),
        "all": len(instants),
        "lines": numbers,
        "day": run.earliest.isoformat(),
        "left": working_days_left(asked.edition.contract.calendar, asked.at, run.earliest),
    }
    if run.dated:
        words = Words(
            "Reminder %(n)s of %(all)s: lines %(lines)s end on %(day)s and nobody has asked to renew or cancel them. "
            "Working days left after today: %(left)s. Nothing is released or deleted by itself.",
            **told,
        )
    else:
        words = Words(
            "Reminder %(n)s of %(all)s: the contract does not say when lines %(lines)s end, which may be as early as "
            "%(day)s. Working days left until then: %(left)s. Nothing is released or deleted by itself.",
            **told,
        )
    return Owed(instants[-1], words)


def _over(asked: Asked, settled: Callable[[Asked, Any], bool]) -> Iterator[tuple[datetime, Mapping[str, str]]]:
    """Lines that have run out and are not settled, by the end of their last day."""
    over = [
        (run.latest, line.number) for line, run in _runs(asked) if _is_over(asked, run) and not settled(asked, line)
    ]
    for day, numbers in _together(over):
        yield asked.edition.contract.calendar.end_of_day(day), {"lines": numbers, "day": day.isoformat()}


def expired(asked: Asked) -> Sequence[Owed]:
    """Lines that ran out while no renewal was in force; a renewal that is still talked about changes nothing in that."""
    return [
        Owed(
            end,
            Words(
                "Lines %(lines)s ran out on %(day)s and no renewal is in force. Nothing is released or deleted by itself: "
                "they are held as they are until both agree to renew or to cancel.",
                **told,
            ),
        )
        for end, told in _over(asked, _renewal_in_force)
    ]


def unassisted(asked: Asked) -> Sequence[Owed]:
    """Lines that ran out while no ticket carried what becomes of them; on a ticket the supplier records its assistance."""
    return [
        Owed(
            end,
            Words(
                "Lines %(lines)s ran out on %(day)s and no ticket says what becomes of them: propose their renewal or "
                "their cancellation. Nothing may be released or deleted meanwhile.",
                **told,
            ),
        )
        for end, told in _over(asked, _carried)
    ]


def soonest_notice(edition: Edition, at: datetime) -> datetime | None:
    """The soonest day by which a renewal has to be asked for, once its first reminder is due: renewals only move ends later."""
    days = [run_of(line, edition).earliest for line in edition.contract.lines]
    first, *_, last = reminders(edition, min(days))
    return last if at > first else None


def soonest_end(edition: Edition, at: datetime) -> datetime | None:
    """The first end of a line that can have passed by now."""
    end = edition.contract.calendar.end_of_day(min(run_of(line, edition).latest for line in edition.contract.lines))
    return end if at > end else None


TASKS = (
    Task(
        "renew_or_cancel_expiring_lines",
        "C9.7",
        who=[*CLIENT_ROLES, SUPPLIER_MANAGER],
        says="Lines of the catalogue are about to run out: ask in time to renew or to cancel them. It is done once an "
        "application for them is in.",
        due=soonest_notice,
        each=expiring,
        gathers=("catalogue",),
    ),
    Task(
        "decide_on_expired_lines",
        "C9.7",
        who=[*CLIENT_ROLES, SUPPLIER_MANAGER],
        says="Lines of the catalogue have run out without a renewal: agree to renew or to cancel them.",
        due=soonest_end,
        each=expired,
        gathers=("catalogue",),
    ),
    Task(
        "assist_after_expiry",
        "C9.7",
        who=SUPPLIER_ROLES,
        says="The supplier helps with renewal or cancellation of lines that have run out.",
        due=soonest_end,
        each=unassisted,
        gathers=("catalogue",),
    ),
)
