"""Delays that were told in good time: who owes something says before the limit that it will not be kept. It never moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workflow.attempt import Past

ANNOUNCE = "announce_delay"


@dataclass(frozen=True)
class Forecast:
    """What was told of a limit while it still ran; instants are UTC."""

    limit: str
    expected_at: datetime
    reason: str
    told_by: Past


def forecasts(history: Iterable[Past], limit: str, started_at: datetime, end: datetime) -> tuple[Forecast, ...]:
    """What was told of one term of a limit, the oldest first."""
    return tuple(
        Forecast(limit, datetime.fromisoformat(event.fields["expected_at"]), event.fields["reason"], event)
        for event in history
        if event.accepted
        and event.action == ANNOUNCE
        and event.fields["clock"] == limit
        and started_at <= event.at <= end
    )
