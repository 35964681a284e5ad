"""Rules of the linter about the service itself: clocks, hours, lists, readings and what cannot be counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from workflow.contract import Edition
from workflow.directory import FIGURES_FILE, SYSTEMS_FILE
from workflow.findings import ERROR, NOTE, WARNING, Finding, clauses_of, is_open, shown

MILLISECOND = timedelta(milliseconds=1)


def _length(edition: Edition, name: str) -> timedelta | None:
    figure = edition.figures.get(name)
    return edition.duration(name) if figure is not None and figure.unit in ("minute", "hour") else None


def _clocks_cannot_be_chained(edition: Edition) -> Iterator[Finding]:
    """G1: whoever may still respond, or still be on the way, when the fault must be gone, has four clocks, not one."""
    setting = "fault.removal_counts_from"
    if not is_open(edition, setting) and edition.setting(setting) != "report":
        return
    for limit in ("fault.removal", "fault.removal_important"):
        for earlier in ("fault.response", "fault.arrival"):
            removal, step = _length(edition, limit), _length(edition, earlier)
            if removal is None or step is None or step <= removal:
                continue
            yield Finding(
                WARNING,
                "clocks_not_chainable",
                clauses_of(edition.figures[earlier], edition.figures[limit]),
                "%(earlier)s may take %(step)s, but %(limit)s must be done in %(removal)s: the limits cannot follow one"
                " another, so each is counted on its own.",
                {"earlier": earlier, "step": step, "limit": limit, "removal": removal},
                (setting,),
            )


def _clock_without_start(edition: Edition) -> Iterator[Finding]:
    for limit, setting in (
        ("fault.response", "fault.response_counts_from"),
        ("fault.removal", "fault.removal_counts_from"),
    ):
        figure = edition.figures.get(limit)
        if figure is None or not is_open(edition, setting):
            continue
        reading = edition.figures.get(setting)
        if reading is None:
            yield Finding(
                ERROR,
                "clock_without_start",
                clauses_of(figure),
                "%(limit)s has a length but no start, and no setting says which.",
                {"limit": limit},
                (setting,),
            )
        else:
            yield Finding(
                WARNING,
                "clock_start_not_agreed",
                clauses_of(figure),
                "The contract does not say from when %(limit)s is counted; until agreed: %(value)s.",
                {"limit": limit, "value": shown(reading)},
                (setting,),
            )


def _support_hours_differ(edition: Edition) -> Iterator[Finding]:
    advice, faults = edition.figures.get("support.advice_hours"), edition.figures.get("support.fault_hours")
    if advice and faults and advice.value != faults.value and is_open(edition, "support.fault_calendar"):
        yield Finding(
            WARNING,
            "support_hours_differ",
            clauses_of(advice, faults),
            "Technical support is promised both %(advice)s and %(faults)s.",
            {"advice": shown(advice), "faults": shown(faults)},
            ("support.fault_calendar",),
        )


def _no_important_systems(edition: Edition) -> Iterator[Finding]:
    important = edition.figures.get("fault.removal_important")
    if important is None:
        return
    lists = edition.contract.system_lists
    if not any(one.client_signed and one.supplier_signed and one.systems for one in lists):
        yield Finding(
            WARNING,
            "important_systems_unlisted",
            clauses_of(important),
            "No list of important information systems is signed by both: every fault gets the longer limit.",
            {},
            (SYSTEMS_FILE,),
        )
    for one in lists:
        if not (one.client_signed and one.supplier_signed):
            yield Finding(
                NOTE,
                "system_list_unsigned",
                clauses_of(important),
                "Version %(version)s of the list of important information systems is not signed by both.",
                {"version": one.version},
                (SYSTEMS_FILE,),
            )


def _feedback_interval(edition: Edition) -> Iterator[Finding]:
    levels = [name for name in edition.figures if name.startswith("fault.feedback_")]
    if "fault.removal" not in edition.figures:
        return
    if not levels:
        yield Finding(
            ERROR,
            "feedback_without_interval",
            clauses_of(edition.figures["fault.removal"]),
            "Progress is owed at fixed intervals, but no figure says at which.",
            {},
            (FIGURES_FILE,),
        )
    unsettled = tuple(name for name in levels if is_open(edition, name))
    if unsettled:
        yield Finding(
            WARNING,
            "feedback_not_agreed",
            clauses_of(edition.figures[unsettled[0]]),
            "Progress is owed at fixed intervals, but the contract names none: %(count)s are only proposed.",
            {"count": len(unsettled)},
            unsettled,
        )


_BOTH_READINGS = (
    "“More than %(count)s and above” both excludes and includes the number: the right may arise at"
    " %(count)s or at %(next)s. Until agreed: %(value)s."
)
_MORE_THAN = (
    "“More than %(count)s days” in law leaves the number out: the right arises on day %(next)s."
    " Until agreed: %(value)s."
)


def _counting_readings(edition: Edition) -> Iterator[Finding]:
    """G5, G7: a number with “more than” needs a reading that both share."""
    for severity, counted, setting, msgid in (
        (WARNING, "penalty.obstacles", "penalty.obstacles_reading", _BOTH_READINGS),
        (NOTE, "penalty.late_days", "penalty.late_days_reading", _MORE_THAN),
    ):
        figure = edition.figures.get(counted)
        if figure is None or not is_open(edition, setting) or not isinstance(figure.value, int):
            continue
        reading = edition.figures.get(setting)
        yield Finding(
            severity,
            "reading_not_agreed",
            clauses_of(figure),
            msgid,
            {"count": figure.value, "next": figure.value + 1, "value": shown(reading)},
            (setting,),
        )


_GAPS = (
    (
        "penalty.interruption_rate",
        "penalty.part_day",
        "part_day_not_agreed",
        "A penalty is counted by the day while limits run in minutes, and no rule says how a part of a day counts.",
    ),
    ("contract.total", "change.proration", "proration_not_agreed", "No rule says what a change within a month costs."),
    (
        "availability.platform",
        "availability.window",
        "availability_window_not_agreed",
        "An availability is promised, but not over which window it is measured.",
    ),
    (
        "availability.platform",
        "availability.planned_work",
        "availability_exclusions_not_agreed",
        "An availability is promised, but not whether planned work counts against it.",
    ),
)


def _rules_nobody_agreed(edition: Edition) -> Iterator[Finding]:
    """G6, G9 and the window of availability: a promise that cannot be counted without a rule."""
    for promise, setting, code, msgid in _GAPS:
        if promise in edition.figures and is_open(edition, setting):
            clauses = clauses_of(edition.figures[promise], edition.figures.get(setting))
            yield Finding(WARNING, code, clauses, msgid, {}, (setting,))


def _availability_used_up(edition: Edition) -> Iterator[Finding]:
    """How few faults, each removed exactly in time, break the availability that is promised beside the limit."""
    removal = _length(edition, "fault.removal")
    if removal is None or "availability.platform" not in edition.figures:
        return
    contract = edition.contract
    term = contract.last_day - contract.first_day + timedelta(days=1)
    # In whole milliseconds: of a promise such as 99.99 % a binary fraction would lose some.
    allowed = term // MILLISECOND * (100 - edition.percent("availability.platform")) / 100
    faults = int(allowed // (removal // MILLISECOND)) + 1
    if faults <= _FEW_FAULTS:
        figures = edition.figures["availability.platform"], edition.figures["fault.removal"]
        yield Finding(
            NOTE,
            "availability_used_up",
            clauses_of(*figures),
            "The availability leaves %(time)s a term: %(faults)s faults, each removed in time, use it up.",
            {"time": int(allowed) * MILLISECOND, "faults": faults},
            ("availability.window",),
        )


_FEW_FAULTS = 3
"""Up to so many faults a term the two promises are in each other's way; beyond, it is ordinary arithmetic."""

RULES = (
    _clocks_cannot_be_chained,
    _clock_without_start,
    _support_hours_differ,
    _no_important_systems,
    _feedback_interval,
    _counting_readings,
    _rules_nobody_agreed,
    _availability_used_up,
)
