"""When somebody is told: rules that hold for every wish, every instant and every zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.outbox.timing import Preferences, following, is_quiet, next_try, time_of_day, when

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/St_Johns"), ZoneInfo("UTC")])
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
WISHES = st.builds(
    Preferences, quiet_from=st.none() | MINUTES, quiet_to=st.none() | MINUTES, digest_at=st.none() | MINUTES
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=SHANGHAI)


NIGHT = Preferences(quiet_from=time(22), quiet_to=time(7, 30))
NOON = Preferences(quiet_from=time(12), quiet_to=time(14))


@given(WISHES, INSTANTS, ZONES)
def test_nothing_is_told_before_it_happened_or_in_quiet_hours(wish: Preferences, now: datetime, zone: ZoneInfo) -> None:
    found = when(wish, now, zone, urgent=False)
    assert found >= now
    assert not is_quiet(wish, found, zone)
    assert found - now <= timedelta(days=3)


@given(WISHES, INSTANTS, ZONES)
def test_what_is_urgent_is_told_at_once(wish: Preferences, now: datetime, zone: ZoneInfo) -> None:
    assert when(wish, now, zone, urgent=True) == now


@given(WISHES, INSTANTS, ZONES)
def test_who_is_told_at_an_instant_is_not_put_off_again(wish: Preferences, now: datetime, zone: ZoneInfo) -> None:
    found = when(wish, now, zone, urgent=False)
    if wish.digest_at is None or not wish.quiet_from or not wish.quiet_to:
        assert when(wish, found, zone, urgent=False) == found


@given(WISHES, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=2)), ZONES)
def test_what_happens_later_is_never_told_earlier(
    wish: Preferences, now: datetime, later: timedelta, zone: ZoneInfo
) -> None:
    assert when(wish, now, zone, urgent=False) <= when(wish, now + later, zone, urgent=False)


@given(MINUTES, INSTANTS)
def test_the_letter_of_the_day_goes_at_its_time(wall: time, now: datetime) -> None:
    found = when(Preferences(digest_at=wall), now, SHANGHAI, urgent=False)
    assert found.astimezone(SHANGHAI).time() == wall
    assert timedelta(0) <= found - now < timedelta(days=1)


@pytest.mark.parametrize(
    ("wish", "now", "then"),
    [
        (NIGHT, "12T21:59:59", "12T21:59:59"),
        (NIGHT, "12T22:00:00", "13T07:30:00"),
        (NIGHT, "13T07:29:59", "13T07:30:00"),
        (NIGHT, "13T07:30:00", "13T07:30:00"),
        (NOON, "12T12:00:00", "12T14:00:00"),
        (NOON, "12T11:59:00", "12T11:59:00"),
        (NOON, "12T14:00:00", "12T14:00:00"),
        (Preferences(digest_at=time(18)), "12T18:00:00", "12T18:00:00"),
        (Preferences(digest_at=time(18)), "12T18:00:01", "13T18:00:00"),
        (Preferences(quiet_from=time(22), quiet_to=time(7), digest_at=time(23)), "12T10:00:00", "13T07:00:00"),
        (Preferences(quiet_from=time(9), quiet_to=time(9)), "12T09:00:00", "12T09:00:00"),
        (Preferences(quiet_from=time(9)), "12T09:00:00", "12T09:00:00"),
    ],
)
def test_quiet_hours_begin_at_their_first_instant_and_are_over_at_their_last(
    wish: Preferences, now: str, then: str
) -> None:
    assert when(wish, at(now), SHANGHAI, urgent=False) == at(then)


def test_an_hour_that_a_day_lacks_is_over_when_it_would_have_been() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert following(before, time(2, 30), berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(st.integers(1, 40), st.text("abcdef", min_size=1, max_size=8), INSTANTS)
def test_each_wait_is_longer_and_bounded(attempts: int, reference: str, now: datetime) -> None:
    first, longest = timedelta(minutes=1), timedelta(hours=6)
    wait = next_try(now, attempts=attempts, reference=reference, first=first, longest=longest) - now
    full = min(longest, first * 2 ** (attempts - 1))
    assert full / 2 < wait <= full
    assert wait == next_try(now, attempts=attempts, reference=reference, first=first, longest=longest) - now


def test_letters_that_failed_together_do_not_come_back_together() -> None:
    now, hour = datetime(2026, 5, 12, tzinfo=UTC), timedelta(hours=1)
    tries = {next_try(now, attempts=1, reference=str(n), first=hour, longest=hour) for n in range(50)}
    assert len(tries) == 50


@pytest.mark.parametrize("text", ["8:30", "24:00", "08:60", "08.30", "08:30:00", "T08:3", "+8:30", "٠٨:٣٠", "08:3Z"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        time_of_day(text)


def test_a_time_of_day_is_read() -> None:
    assert (time_of_day("08:30"), time_of_day("")) == (time(8, 30), None)
