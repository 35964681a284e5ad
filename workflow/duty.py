"""Who is on duty, and who is called after whom: posts and chains of a contract, rosters of a party, and what they leave open.

Pure: rosters are handed in as they lie on record, and whoever asks says for which instant. Intervals are half-open: who is
relieved at 20:00 is on duty until just before it. Instants are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from workflow.terms import Text

if TYPE_CHECKING:
    from workflow.attempt import MandateFact
    from workflow.calendar import Calendar
    from workflow.hours import Hours

Interval = tuple[datetime, datetime]
"""From its first instant until just before its second one."""
_DAY = timedelta(days=1)


# --- data of the contract ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """A place that somebody of `party` with one of `roles` keeps, whenever there is service by the hours that the setting
    `hours` chooses (C4.6). `status` and `question` are as those of a figure."""

    key: str
    name: Text
    party: str
    roles: tuple[str, ...]
    hours: str
    clause: str
    status: str
    question: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a chain: who is called (keys of posts, names of roles), how long after the chain began (a figure; empty:
    at once), and by which channels (none named: by all that the person has)."""

    who: tuple[str, ...]
    after: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chain:
    """Who is called one after the other while nobody answers (C3.3). It is a setting of the desk where `status` says that it
    is proposed; `basis` tells where it was taken from. `holds` (a figure) is how long an acknowledgement keeps the others
    from being called; without one it does so for good."""

    key: str
    name: Text
    clause: str
    status: str
    basis: Text
    steps: tuple[Step, ...]
    holds: str = ""
    question: str = ""


# --- data of a party ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shift:
    """An account on a post, from–to. With `beside` it is meant that somebody else has the post at the same time: who stands
    beside is told too, and covers nothing."""

    post: str
    account: int
    name: str
    starts: datetime
    ends: datetime
    beside: bool = False


@dataclass(frozen=True)
class Roster:
    """A version of a party's roster: it governs from `starts` (but not before it was brought) until `ends`, as far as no
    later version does."""

    id: int
    party: str
    brought_at: datetime
    starts: datetime
    ends: datetime
    shifts: tuple[Shift, ...]

    def governs(self, at: datetime) -> bool:
        return max(self.starts, self.brought_at) <= at < self.ends


@dataclass(frozen=True)
class HandedOver:
    """A shift of a roster that was offered and accepted: from `at` on another account has it."""

    roster: int
    shift: Shift
    giver: int
    taker: int
    taker_name: str
    at: datetime


@dataclass(frozen=True)
class OnDuty:
    """An account that has a post at an instant, and until when; `shift` is as it stands in the roster."""

    post: str
    account: int
    name: str
    until: datetime
    roster: int
    shift: Shift


@dataclass(frozen=True)
class Duty:
    """What is on record of the duty of a contract, oldest first; whose mandates live is not known here."""

    rosters: tuple[Roster, ...] = ()
    handed_over: tuple[HandedOver, ...] = ()

    def roster(self, party: str, at: datetime) -> Roster | None:
        """The version that governs at `at`."""
        governing = [one for one in self.rosters if one.party == party and one.governs(at)]
        return max(governing, key=lambda one: one.id, default=None)

    def rostered(self, party: str, at: datetime) -> tuple[OnDuty, ...]:
        """Who has which post at `at`, by roster and accepted hand-overs; who stands beside somebody comes after them."""
        roster = self.roster(party, at)
        if roster is None:
            return ()
        until = min((one.starts for one in self._after(roster) if one.starts > at), default=roster.ends)
        there = [shift for shift in roster.shifts if shift.starts <= at < shift.ends]
        return tuple(self._holder(roster, shift, at, until) for shift in sorted(there, key=lambda one: one.beside))

    def _after(self, roster: Roster) -> Iterator[Roster]:
        return (one for one in self.rosters if one.party == roster.party and one.id > roster.id)

    def _holder(self, roster: Roster, shift: Shift, at: datetime, until: datetime) -> OnDuty:
        account, name = shift.account, shift.name
        for one in self.handed_over:
            # Only who has it can have given it: what another offered was void when it was accepted.
            if (one.roster, one.shift, one.giver) == (roster.id, shift, account) and one.at <= at:
                account, name = one.taker, one.taker_name
        return OnDuty(shift.post, account, name, min(shift.ends, until), roster.id, shift)

    def changes(self, party: str, at: datetime, until: datetime) -> tuple[datetime, ...]:
        """`at`, and every instant until `until` at which who is on duty can change, in order."""
        of_party = [one for one in self.rosters if one.party == party]
        instants = {at}
        for roster in of_party:
            instants |= {roster.starts, roster.ends}
            instants |= {instant for shift in roster.shifts for instant in (shift.starts, shift.ends)}
        return tuple(sorted(instant for instant in instants if at <= instant < until))


def on_duty(
    duty: Duty, post: Post, mandates: Iterable[MandateFact], at: datetime
) -> tuple[tuple[OnDuty, MandateFact], ...]:
    """Who keeps the post at `at` and still holds a mandate that entitles to it: a roster makes nobody a member of the party.
    Empty where nobody does, whatever the reason: then nobody is on duty."""
    entitled = {
        held.account: held for held in mandates if held.party.name == post.party and held.role.name in post.roles
    }
    there = (one for one in duty.rostered(post.party, at) if one.post == post.key)
    return tuple((one, entitled[one.account]) for one in there if one.account in entitled)


# --- what a roster leaves open -----------------------------------------------------------------------------------------


def openings(hours: Hours, calendar: Calendar, starts: datetime, ends: datetime) -> list[Interval]:
    """When there is service from `starts` until `ends`; what adjoins is one interval."""
    found: list[Interval] = []
    day, last = calendar.local_day(starts), calendar.local_day(ends)
    while day <= last:
        for opens, closes in hours.openings(calendar, day):
            begin, end = max(opens, starts), min(closes, ends)
            if begin < end and found and found[-1][1] == begin:
                found[-1] = (found[-1][0], end)
            elif begin < end:
                found.append((begin, end))
        day += _DAY
    return found


def gaps(wanted: Iterable[Interval], covered: Iterable[Interval]) -> list[Interval]:
    """The parts of `wanted` that no interval of `covered` reaches, in order; what is nothing long is no gap."""
    in_order = sorted(covered)
    found: list[Interval] = []
    for begin, end in sorted(wanted):
        reached = begin
        for starts, ends in in_order:
            if starts >= end:
                break
            if starts > reached:
                found.append((reached, starts))
            reached = max(reached, ends)
        if reached < end:
            found.append((reached, end))
    return found


def overlaps(shifts: Sequence[Shift]) -> list[tuple[Shift, Shift]]:
    """Each two shifts that have time in common, the earlier one first."""
    in_order = sorted(shifts, key=lambda one: (one.starts, one.ends))
    found: list[tuple[Shift, Shift]] = []
    open_ones: list[Shift] = []
    for shift in in_order:
        open_ones = [one for one in open_ones if one.ends > shift.starts]
        found += [(one, shift) for one in open_ones]
        open_ones.append(shift)
    return found


def coverage_ends(
    duty: Duty,
    post: Post,
    mandates: Sequence[MandateFact],
    hours: Hours,
    calendar: Calendar,
    at: datetime,
    until: datetime,
) -> datetime | None:
    """The first instant from `at` on, before `until`, at which there is service and nobody keeps the post, as mandates are
    held now; None where there is none."""
    covered = []
    instants = (*duty.changes(post.party, at, until), until)
    for begin, end in pairwise(instants):
        if any(not one.shift.beside for one, _ in on_duty(duty, post, mandates, begin)):
            covered.append((begin, end))
    return next((begin for begin, _ in gaps(openings(hours, calendar, at, until), covered)), None)
