"""What a simulation is to go through: how long, how many tickets, when the workers are off and when the clock is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from workflow.contract import Contract

DAY = timedelta(days=1)
TICKETS_A_DAY = 6
SHARES: Mapping[str, int] = {"fault": 8, "reboot": 5, "change": 3, "drill": 1}
"""How often a ticket of a kind is opened beside the others; of a kind that is not named here, as often as the rarest."""
OUTAGE_EVERY = timedelta(days=18)
LONG_OUTAGE_DAYS = 30
RECENTLY, RECENT_TICKETS = timedelta(hours=30), 10
STEP_EVERY = timedelta(hours=40)
"""How often the clock of the machine is set: some two hundred times a year."""


@dataclass(frozen=True)
class Outage:
    """From when to when nothing strikes; with `desk` nobody can act either."""

    starts_at: datetime
    ends_at: datetime
    desk: bool = False

    def has(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class Step:
    """From `at` (true time) on the machine's clock is off by `error`, or shows what it showed until the next step."""

    at: datetime
    error: timedelta = timedelta()
    stands_still: bool = False


@dataclass(frozen=True)
class Plan:
    """All that the seed and the caller decide before anybody acts; instants are true time, in UTC."""

    seed: int
    contract: Path
    starts_at: datetime
    ends_at: datetime
    tickets: int
    workers: int = 1
    outages: Sequence[Outage] = ()
    steps: Sequence[Step] = ()
    shares: Mapping[str, int] = field(default_factory=lambda: SHARES)
    arrivals_until: datetime | None = None
    """Until when tickets are opened, where not until the end."""
    recent: int = 0
    """So many tickets more are opened in the last hours (`RECENTLY`), so that some are at hand when it ends."""
    at_once: bool = False
    """The workers turn in threads of their own, all at one instant. Then the same seed no longer comes to the same."""

    def outage(self, at: datetime) -> Outage | None:
        """The outage at this moment, if there is one."""
        return next((one for one in self.outages if one.has(at)), None)


def chance(seed: int, part: str) -> Random:
    """The dice of one part of a simulation: what one part throws changes nothing for another."""
    return Random(f"{seed}:{part}")  # noqa: S311 - a repeatable throw is what is asked for; no secret comes from it


def planned(
    contract: Contract,
    path: Path,
    seed: int,
    *,
    days: int | None = None,
    tickets: int | None = None,
    until: datetime | None = None,
    workers: int = 4,
) -> Plan:
    """The plan for the whole term of the contract, or its first `days`, or the term `until` some moment within."""
    ends_at = contract.term_end if days is None else min(contract.term_start + days * DAY, contract.term_end)
    ends_at = min(ends_at, until or ends_at)
    length = ends_at - contract.term_start
    wanted = tickets if tickets is not None else round(TICKETS_A_DAY * (length / DAY))
    dice = chance(seed, "plan")
    outages = _outages(dice, contract.term_start, ends_at)
    steps = _steps(dice, contract.term_start, ends_at)
    recent = RECENT_TICKETS if until is not None else 0
    return Plan(seed, path, contract.term_start, ends_at, wanted, workers, outages, steps, recent=recent)


def _outages(dice: Random, starts_at: datetime, ends_at: datetime) -> tuple[Outage, ...]:
    """Hours, sometimes days, and in a long enough span one of thirty days; every third takes the whole desk down."""
    found, at = list[Outage](), starts_at + OUTAGE_EVERY * dice.uniform(0.2, 0.6)
    long_from = starts_at + (ends_at - starts_at) * dice.uniform(0.4, 0.6)
    while at < ends_at:
        if at >= long_from and ends_at - at > 2 * LONG_OUTAGE_DAYS * DAY:
            length, desk, long_from = LONG_OUTAGE_DAYS * DAY, False, ends_at
        else:
            length, desk = timedelta(hours=min(dice.lognormvariate(1.5, 1.1), 72)), dice.random() < 1 / 3
        if at + length < ends_at:
            found.append(Outage(at, at + length, desk and length < DAY))
        at += length + OUTAGE_EVERY * dice.uniform(0.4, 1.6)
    return tuple(found)


def _steps(dice: Random, starts_at: datetime, ends_at: datetime) -> tuple[Step, ...]:
    """The clock is set by less than a second either way, as NTP does. Now and then the machine stands still for minutes,
    its clock with it, and is set forwards afterwards. Backwards it is never set by more than two seconds."""
    found, at = list[Step](), starts_at + STEP_EVERY * dice.random()
    while at < ends_at:
        found.append(Step(at, _error(dice), stands_still=dice.random() < 0.03))
        still = found[-1].stands_still
        at += timedelta(minutes=dice.uniform(2, 40)) if still else STEP_EVERY * dice.uniform(0.3, 1.7)
    return tuple(found)


def _error(dice: Random) -> timedelta:
    return timedelta(milliseconds=dice.randint(-1000, 1000))
