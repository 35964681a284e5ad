"""The clocks of a ticket as the API tells them: the same intervals and comparisons as on its page, in seconds and instants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tickets import clock_view
from tickets.clock_view import Compared, Interval
from tickets.queries import Sight
from tickets.speech import label
from workflow.attempt import Past
from workflow.canonical import plain


def whole(sight: Sight) -> dict[str, Any]:
    """Every interval that ran, and what each supposition would have come to."""
    known = clock_view.known(sight)
    edition, found = known.edition, clock_view.intervals(sight, known)
    return {
        "ticket": sight.row.number, "at": plain(sight.at),
        "edition": {"number": edition.number, "since": plain(edition.since)},
        "on_record": all(one.on_record for one in found),
        "clocks": [_interval(one) for one in found],
        "clock_set": [
            {"at": plain(one.at), "milliseconds": one.milliseconds, "worker": one.worker} for one in clock_view.settings(sight)
        ],
        "what_if": [_compared(one) for one in clock_view.compared(sight, known)],
    }  # fmt: skip


def _interval(one: Interval) -> dict[str, Any]:
    return {
        **_result(one),
        "clause": one.term.deadline.clause, "says": one.says, "party": one.term.party.name if one.term.party else "",
        "reminder": one.term.deadline.reminds,
        "started_by": _event(one.term.started_by), "stopped_by": _event(one.term.stopped_by),
        "noted_by": _event(one.term.noted_by),
        "figure": {
            "name": one.figure.name, "value": plain(one.figure.value), "unit": one.figure.unit, "clause": one.figure.clause,
            "status": one.figure.status, "edition": one.edition.number,
        } if one.figure else None,
        "calendar": one.calendar, "rolled": bool(one.due and one.due.rolled),
        "provisional": bool(one.due and one.due.provisional),
        "seconds": _seconds(one.raw), "seconds_left_out": _seconds(one.left_out), "seconds_adjusted": _seconds(one.adjusted),
        "adjusted": one.adjusted_verdict or None,
        "moved": [
            {"since": plain(m.by.since), "before": plain(m.before), "after": plain(m.after), "year": m.by.year,
             "source": m.by.source}
            for m in one.term.moved
        ],
        "left_out": [
            {"from_at": plain(p.from_at), "until_at": plain(p.until_at), "reason": p.reason, "evidence": p.evidence,
             "agreed_by": _event(p.agreed_by)}
            for p in one.periods
        ],
        "forecasts": [
            {"expected_at": plain(f.expected_at), "reason": f.reason, "told_by": _event(f.told_by)} for f in one.forecasts
        ],
        "on_record": one.on_record,
    }  # fmt: skip


def _result(one: Interval) -> dict[str, Any]:
    return {
        "name": one.term.deadline.name, "label": one.label, "status": one.term.status, "verdict": one.verdict,
        "started_at": plain(one.term.started_at), "due_at": plain(one.term.due_at), "stopped_at": plain(one.term.stopped_at),
        "seconds_late": _seconds(one.late_by) if one.term.status in ("met", "missed") else None,
    }  # fmt: skip


def _event(event: Past | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {"sequence": event.sequence, "action": event.action, "label": label("action", event.action),
            "at": plain(event.at), "name": event.name, "party": event.party}  # fmt: skip


def _compared(table: Compared) -> dict[str, Any]:
    return {
        "subject": table.columns[0].subject,
        "columns": [
            {"value": column.value, "as_it_is": column.one is None,
             "clocks": [_result(one) if one else None for one in column.intervals]}
            for column in table.columns
        ],
    }  # fmt: skip


def _seconds(length: timedelta) -> float:
    return length / timedelta(seconds=1)
