"""What a duty tells of all its tickets together: reports, and tasks that stand in an inbox until they are done.

Both are declared with the workflow and are pure: whoever shows them hands in what is on record, the edition and the
instant. A report is a table with a summary; a task is a duty that no ticket carries yet, with the instant it is due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from workflow.attempt import Past, TicketNow, TimerFact
from workflow.calendar import add_months
from workflow.declare import BUSINESS_ROLES, Label, Role, Words

if TYPE_CHECKING:
    from workflow.calendar import Calendar
    from workflow.contract import Edition
    from workflow.declare import Workflow


# --- what is handed in -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TicketRecord(TicketNow):
    """A ticket as a report reads it. `events`: the accepted ones of the acts that the report asks for, in their order;
    `timers`: every term of the deadlines that it asks for."""

    opened_at: datetime
    ended_at: datetime | None = None
    events: tuple[Past, ...] = ()
    timers: tuple[TimerFact, ...] = ()

    def past(self, *actions: str) -> tuple[Past, ...]:
        """The events of these acts, oldest first."""
        return tuple(event for event in self.events if event.action in actions)

    def last(self, *actions: str) -> Past | None:
        """The latest event of these acts."""
        found = self.past(*actions)
        return found[-1] if found else None


@dataclass(frozen=True)
class Asked:
    """What a report is made from, or a task judged by. `month`: its first day, where the report is by month; `tickets` then
    are those that ended in it. `more` holds what a task `gathers`, by name."""

    tickets: Sequence[TicketRecord]
    edition: Edition
    at: datetime
    month: date | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


# --- what is told ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """The number of a ticket, which a page makes a link of."""

    number: str


@dataclass(frozen=True)
class Share:
    """So many of so many. Of nothing there is no share."""

    part: int
    whole: int

    @property
    def percent(self) -> str | None:
        """With one decimal, rounded down: nothing is told as 100.0 that is not all."""
        if not self.whole:
            return None
        whole, tenths = divmod(self.part * 1000 // self.whole, 10)
        return f"{whole}.{tenths}"


Cell = Any
"""str, int, bool, aware datetime, date, `Label`, `Words`, `Text`, `Reference`, `Share`, None, or a tuple of these."""


@dataclass(frozen=True)
class Table:
    """A finished report: for each row and for the summary a cell for every name that was declared."""

    rows: Sequence[Mapping[str, Cell]]
    summary: Mapping[str, Cell] = field(default_factory=dict)


# --- what is declared ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """A table over the tickets of one kind, in one contract.

    `says` tells readers what is counted, and how. `events` and `deadlines` name what `makes` has to see of each ticket
    beside its fields. `values` are the labels that cells can hold, so that they are translated.
    """

    name: str
    clause: str
    says: str
    columns: Sequence[str]
    makes: Callable[[Asked], Table] = field(compare=False)
    summary: Sequence[str] = ()
    by_month: bool = False
    events: Sequence[str] = ()
    deadlines: Sequence[str] = ()
    values: Sequence[Label] = ()

    @property
    def label(self) -> Label:
        return Label("report", self.name)

    def table(self, asked: Asked) -> Table:
        """The report. ValueError when it does not keep to its own declaration, or is asked without its month."""
        if (asked.month is not None) != self.by_month:
            raise ValueError(f"report {self.name!r}: a month goes with a report by month, and with no other")
        made = self.makes(asked)
        for told, names in (*((row, self.columns) for row in made.rows), (made.summary, self.summary)):
            if set(told) != set(names):
                raise ValueError(f"report {self.name!r} tells {sorted(told)} where it declares {sorted(names)}")
        return made


@dataclass(frozen=True)
class Owed:
    """One thing that a task asks for: by when, late or not, and what is to be said of it in particular."""

    due_at: datetime
    about: Words | None = None


@dataclass(frozen=True)
class Task:
    """A duty of these roles that stands in their inbox while it is time for it and it is not done.

    `due` gives the instant by which it must be done, or None while it is not yet (or no longer) time for it: then no
    ticket needs to be read. `done` looks at the tickets of the kind, those that have not ended first. A duty that falls
    due for several things, each in its own time, has `each` instead of `done`: it finds what is owed, and `due` gives
    the soonest instant that could be among them. `gathers` is as in a workflow.
    """

    name: str
    clause: str
    who: Sequence[Role]
    says: str
    due: Callable[[Edition, datetime], datetime | None] = field(compare=False)
    done: Callable[[Asked], bool] | None = field(default=None, compare=False)
    each: Callable[[Asked], Sequence[Owed]] | None = field(default=None, compare=False)
    gathers: Sequence[str] = ()

    @property
    def label(self) -> Label:
        return Label("task", self.name)

    def owed(self, asked: Asked) -> Sequence[Owed]:
        """What there is to do; empty when there is nothing."""
        due = self.due(asked.edition, asked.at)
        if due is None or (self.done is not None and self.done(asked)):
            return ()
        return self.each(asked) if self.each is not None else (Owed(due),)

    def due_at(self, asked: Asked) -> datetime | None:
        """When the first of it is due, late or not; None when there is nothing to do."""
        return min((one.due_at for one in self.owed(asked)), default=None)


def labels(workflow: Workflow) -> Iterator[Label]:
    """Every name that reports and tasks of this workflow show to readers."""
    for report in workflow.reports.values():
        yield report.label
        yield from (Label("column", name) for name in (*report.columns, *report.summary))
        yield from report.values
    yield from (task.label for task in workflow.tasks.values())


def faults(workflow: Workflow, reports: Sequence[Report], tasks: Sequence[Task]) -> list[str]:
    """What these declarations must not contradict: names used twice or not declared, nothing said, nobody named."""
    wrong = []
    for what, names in (("report", [r.name for r in reports]), ("task", [t.name for t in tasks])):
        wrong += [f"{what} {name!r} is declared twice" for name, n in Counter(names).items() if n > 1]
    for report in reports:
        wrong += [] if report.says else [f"report {report.name!r} does not say what it counts"]
        wrong += [] if report.columns else [f"report {report.name!r} has no column"]
        for what, shown in (("column", report.columns), ("figure of the summary", report.summary)):
            twice = [name for name, n in Counter(shown).items() if n > 1]
            wrong += [f"report {report.name!r} has the {what} {name!r} twice" for name in twice]
        for what, named, known in (
            ("action", report.events, workflow.actions),
            ("deadline", report.deadlines, workflow.deadlines),
        ):
            lost = [name for name in named if name not in known]
            wrong += [f"report {report.name!r} names the undeclared {what} {name!r}" for name in lost]
    for task in tasks:
        wrong += [] if task.says else [f"task {task.name!r} does not say what is to be done"]
        wrong += [] if task.who else [f"task {task.name!r} is nobody's"]
        if (task.done is None) == (task.each is None):
            wrong.append(f"task {task.name!r} needs either to know when it is done or to find each thing that is owed")
        wrong += [f"task {task.name!r} is of {r.name}, who has no inbox" for r in task.who if r not in BUSINESS_ROLES]
    return wrong


# --- months ----------------------------------------------------------------------------------------------------------

FIRST_YEAR, LAST_YEAR = 2000, 2999


def month_named(text: str) -> date | None:
    """The first day of a month written "2026-05"; None for anything else, "2026-5" and "２０２６-05" too."""
    year, dash, month = text.partition("-")
    if not (text.isascii() and dash and len(year) == 4 and len(month) == 2 and (year + month).isdigit()):
        return None
    if not (FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(month) <= 12):
        return None
    return date(int(year), int(month), 1)


def month_text(month: date) -> str:
    """A month as it is written: "2026-05"."""
    return f"{month.year:04}-{month.month:02}"


def month_of(calendar: Calendar, at: datetime) -> date:
    """The first day of the month that `at` falls in, in the contract's zone."""
    return calendar.local_day(at).replace(day=1)


def bounds(calendar: Calendar, month: date) -> tuple[datetime, datetime]:
    """The first instant of the month in the contract's zone, and the first one after it, in UTC."""
    return calendar.start_of_day(month), calendar.start_of_day(add_months(month, 1))
