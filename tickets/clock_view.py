"""The clocks of one ticket made ready for readers: each interval with what it rests on, and what would have been otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from flask_babel import gettext, pgettext

from database import glance
from tickets import room
from tickets.contract_pages import figure_value
from tickets.contracts import Known, known_by, past_of
from tickets.field_names import computed_name
from tickets.models import Timer
from tickets.queries import Sight
from tickets.speech import label, length, say
from tickets.watch import ticking
from tickets.watch.models import ClockSet
from workflow import clocks, deductions, delays
from workflow.attempt import Past
from workflow.calendar import EXACT_UNITS
from workflow.clocks import Supposition, Term
from workflow.contract import Due, Edition
from workflow.deductions import Period
from workflow.delays import Forecast
from workflow.terms import Figure


@dataclass(frozen=True)
class Interval:
    """One term of a limit. Instants are UTC; `late_by` is below zero where it was kept; `adjusted_late_by` is the same
    without what both parties left out."""

    term: Term
    label: str
    says: str
    party: str
    verdict: str
    figure: Figure | None
    limit: str
    calendar: str
    due: Due | None
    raw: timedelta
    left_out: timedelta
    late_by: timedelta
    periods: Sequence[Period]
    forecasts: Sequence[Forecast]
    on_record: bool
    """Whether the timers that the clock works by say the same as the events."""
    edition: Edition
    """Under which it was counted last."""

    @property
    def adjusted(self) -> timedelta:
        return self.raw - self.left_out

    @property
    def adjusted_late_by(self) -> timedelta:
        return self.late_by - self.left_out

    @property
    def adjusted_verdict(self) -> str:
        """ "met" or "missed" without what was left out; "" where nothing was, or the limit is not over."""
        if not self.left_out or self.term.status not in ("met", "missed"):
            return ""
        return "missed" if self.adjusted_late_by > timedelta() else "met"


@dataclass(frozen=True)
class Column:
    """One supposition, told for readers; `one` is None for what is."""

    one: Supposition | None
    subject: str
    value: str
    intervals: Sequence[Interval | None] = ()


@dataclass(frozen=True)
class Compared:
    """What is, beside what would have been: a row for each term that comes out differently somewhere."""

    columns: Sequence[Column]


def known(sight: Sight) -> Known:
    """The contract as it was when the ticket was opened, and each change of it since, as both stand on record. Where nothing is
    on record, as it is."""
    return known_by(past_of(room().desk.contracts, sight.row.contract_key), sight.row.opened_at, sight.contract)


def settings(sight: Sight) -> Sequence[ClockSet]:
    """When the clock was set while the ticket was open, or just before or after: whoever doubts a limit has to know it."""
    until = sight.row.changed_at if sight.row.final else sight.at
    with glance(room().desk.engine) as session:
        return ticking.settings_of(session, sight.row.opened_at, until)


def intervals(sight: Sight, told: Known) -> list[Interval]:
    """Every term of every limit, in the order in which they began."""
    ticket = sight.attempt("").ticket
    found = clocks.terms(sight.workflow, told.edition, ticket, sight.facts, sight.at, told.later)
    # A warning that was never set is none: the ticket is older than the warnings of its limits.
    return [
        _interval(sight, term, told) for term in found if term.deadline.of is None or _recorded(sight, term) is not None
    ]


def _interval(sight: Sight, term: Term, told: Known, *, supposed: bool = False) -> Interval:
    name, edition = term.deadline.name, term.edition or told.edition
    end = term.end(sight.at)
    periods = deductions.agreed(sight.facts.history, name)
    due = term.explained(edition)
    recorded = _recorded(sight, term)
    agrees = recorded is not None and (recorded.started_at, recorded.due_at, recorded.shown, recorded.stopped_at) == (
        term.started_at,
        term.due_at,
        # What has run out this moment and is not noted yet is still called running there.
        recorded.shown if recorded.shown == "running" and term.noted_by is None else term.status,
        term.stopped_at,
    )
    return Interval(
        term,
        label("deadline", name),
        gettext(term.deadline.says) if term.deadline.says else "",
        label("party", term.party.name) if term.party else "",
        _verdict(term),
        due.figure if due else None,
        _limit(due) if due else "",
        _calendar(term, due),
        due,
        end - term.started_at,
        deductions.left_out(periods, term.started_at, end),
        clocks.lateness(term, sight.at),
        [one for one in periods if one.from_at < end and one.until_at > term.started_at],
        delays.forecasts(sight.facts.history, name, term.started_at, end),
        supposed or agrees,
        edition,
    )


def _recorded(sight: Sight, term: Term) -> Timer | None:
    """The timer that the clock works by."""
    told = (term.deadline.name, term.started_by.sequence)
    return next((timer for timer in sight.rows.timers if (timer.deadline, timer.started_event) == told), None)


def _verdict(term: Term) -> str:
    if term.deadline.reminds:
        return {"running": pgettext("reminder", "ahead"), "missed": pgettext("reminder", "reminded")}.get(
            term.status, pgettext("reminder", "not needed")
        )
    return {
        "running": pgettext("verdict", "running"),
        "met": pgettext("verdict", "kept"),
        "missed": pgettext("verdict", "missed"),
    }.get(term.status, pgettext("verdict", "no longer owed"))


def _limit(due: Due) -> str:
    """How long it is: what runs round the clock in the words in which all lengths are told, else as the contract has it."""
    figure = due.figure
    if figure.unit in EXACT_UNITS and isinstance(figure.value, int):
        return length(figure.value * EXACT_UNITS[figure.unit])
    return figure_value(figure)


def _calendar(term: Term, due: Due | None) -> str:
    if due is None:
        return gettext("The ticket itself says when it ends; no calendar was looked at.")
    if due.figure.unit in EXACT_UNITS:
        return gettext("Round the clock (7 × 24): nights, weekends and holidays count, no calendar was looked at.")
    if due.figure.unit == "working_day":
        said = gettext("Working days of the contract's calendar: the first day is not counted, make-up days are.")
    elif due.figure.unit == "next_day_end":
        said = gettext("To the end of a day, holiday or not.")
    else:
        said = gettext("Calendar days: the first day is not counted.")
    if due.rolled:
        said += " " + gettext("Its last day was a day off, so it ends with the next working day.")
    if due.provisional:
        said += " " + gettext("Provisional: it looked at a year whose holidays are not announced.")
    return said


# --- what if ---------------------------------------------------------------------------------------------------------


def compared(sight: Sight, by: Known) -> list[Compared]:
    """One table for each thing that could be otherwise and would have come to something else: what is, in the first column,
    beside its other values. The acts and their times are those that were."""
    ticket, edition = sight.attempt("").ticket, by.edition
    told = (sight.workflow, edition, ticket, sight.facts, sight.at, by.later)
    actual = clocks.terms(*told)
    others: dict[str, list[tuple[Supposition, tuple[Term, ...]]]] = {}
    for one in clocks.suppositions(sight.workflow, edition, ticket):
        found = clocks.supposed(one, *told)
        if not clocks.alike(actual, found):
            others.setdefault(one.name, []).append((one, found))
    return [_table(sight, by, actual, columns) for columns in others.values()]


def _table(
    sight: Sight, by: Known, actual: Sequence[Term], others: Sequence[tuple[Supposition, Sequence[Term]]]
) -> Compared:
    first, edition = others[0][0], by.edition
    is_so = edition.figures[first.name].value if first.is_figure else sight.row.fields.get(first.name)
    heads = [(None, is_so, actual), *((one, one.value, found) for one, found in others)]
    bound = [[term for term in found if term.binds and not term.deadline.repeats] for *_, found in heads]
    rows = [row for row in _side_by_side(bound) if len({_told(term) for term in row}) > 1]
    return Compared(
        [
            Column(
                one,
                say(edition.figures[first.name].note) if first.is_figure else computed_name(first.name),
                label("setting", str(value)) if first.is_figure else _value(value),
                [_interval(sight, term, by, supposed=True) if term else None for term in (row[place] for row in rows)],
            )
            for place, (one, value, _) in enumerate(heads)
        ]
    )


def _side_by_side(bound: Sequence[Sequence[Term]]) -> list[tuple[Term | None, ...]]:
    names = dict.fromkeys(term.deadline.name for found in bound for term in found)
    return [
        row
        for name in names
        for row in zip_longest(*([term for term in found if term.deadline.name == name] for found in bound))
    ]


def _told(term: Term | None) -> tuple[datetime, datetime, str] | None:
    return (term.started_at, term.due_at, term.status) if term else None


def _value(value: object) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return label("option", str(value))


def who(event: Past) -> str:
    """Who did it, as the timeline says it."""
    if event.person is None:
        return label("role", "clock")
    return f"{event.name} · {label('party', event.party)}"
