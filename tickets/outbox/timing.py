"""When somebody is told: at once, after their quiet hours, or in the letter of the day; and when to try again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Preferences:
    """What a person wants. Times of day are those of the contract's zone; `None` channels are all there are."""

    urgent: frozenset[str] | None = None
    ordinary: frozenset[str] | None = None
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest_at: time | None = None

    def wants(self, channel: str, *, urgent: bool) -> bool:
        """Whether this channel is to be used."""
        wanted = self.urgent if urgent else self.ordinary
        return wanted is None or channel in wanted

    def gathers(self, *, urgent: bool) -> bool:
        """Whether such messages wait for the letter of the day."""
        return not urgent and self.digest_at is not None


def is_quiet(preferences: Preferences, at: datetime, zone: ZoneInfo) -> bool:
    """Whether `at` lies in the quiet hours: from their first instant on, no longer at their end. They may pass midnight."""
    begin, end = preferences.quiet_from, preferences.quiet_to
    if begin is None or end is None or begin == end:
        return False
    local = at.astimezone(zone).time()
    return begin <= local < end if begin < end else local >= begin or local < end


def when(preferences: Preferences, at: datetime, zone: ZoneInfo, *, urgent: bool) -> datetime:
    """The instant from which a message of `at` may be sent: never before `at`, and never in quiet hours unless urgent."""
    if urgent:
        return at
    found = at if preferences.digest_at is None else following(at, preferences.digest_at, zone)
    # Once is enough but for a night in which the clocks are changed: 02:30 may then come twice, or not at all.
    for _ in range(4):
        if not is_quiet(preferences, found, zone):
            break
        assert preferences.quiet_to is not None, "without an end no hour is quiet"
        found = following(found, preferences.quiet_to, zone)
    return found


def following(at: datetime, wall: time, zone: ZoneInfo) -> datetime:
    """The first instant from `at` on at which the clocks of `zone` show `wall`; on a day that lacks it, when it is past."""
    today = at.astimezone(zone).date()
    found = []
    for days in range(3):
        for fold in (0, 1):
            instant = datetime.combine(today + timedelta(days=days), wall.replace(fold=fold), zone).astimezone(UTC)
            shown = instant.astimezone(zone).time()
            if instant >= at and (shown == wall or fold == 0):
                found.append(instant)
    return min(found)


def next_try(at: datetime, *, attempts: int, reference: str, first: timedelta, longest: timedelta) -> datetime:
    """When to try again after `attempts` failures: each wait twice the last up to `longest`, less up to a half of it.

    How much less comes from the reference, not from chance: many letters that failed together do not come back together,
    and a test knows when each of them will.
    """
    wait = min(longest, first * 2 ** min(attempts - 1, 30))
    drawn = int.from_bytes(sha256(f"{reference}:{attempts}".encode()).digest()[:4], "big") / 2**32
    return at + wait * (1 - drawn / 2)


def time_of_day(text: str) -> time | None:
    """HH:MM as it is stored and typed; None for nothing. Raises ValueError on what is no time of day."""
    if not text:
        return None
    if len(text) != len("08:30") or text[2] != ":":
        raise ValueError(text)
    found = time.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError(text)
    return found
