"""When somebody gets to something: by character, by how soon something runs out, and by the hours of an office."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

from tickets.simulate.cast import Character
from workflow.calendar import Calendar

USUAL_PACE = 0.09
USUALLY, LONGEST = timedelta(hours=4), timedelta(days=12)
LATE_ALREADY = timedelta(minutes=25)
SHORTEST = timedelta(seconds=40)
AT_ONCE_WITHIN = timedelta(hours=3)
"""What is done within it is done by whoever is on duty, at night too; all else waits for the office."""
OFFICE = time(9), time(17, 30)


def delay(
    character: Character, dice: Random, calendar: Calendar, at: datetime, ends_at: datetime | None, lapses_at: datetime
) -> timedelta:
    """How long from `at` until they act. `ends_at`: the next limit that is owed, perhaps past; `lapses_at`: until when
    something that was just done, a telephone call for one, still serves."""
    spread = dice.lognormvariate(0, 0.7)
    hurry = character.pace / USUAL_PACE
    if lapses_at - at < AT_ONCE_WITHIN:
        wanted = (lapses_at - at) * character.pace * spread
    elif ends_at is not None and ends_at <= at:
        wanted = min(LATE_ALREADY * hurry * spread, AT_ONCE_WITHIN)
    elif ends_at is not None:
        wanted = min((ends_at - at) * character.pace, USUALLY * 6 * hurry) * spread
    else:
        wanted = USUALLY * hurry * spread
    wanted = max(SHORTEST, min(wanted, LONGEST))
    return wanted if wanted <= AT_ONCE_WITHIN else in_office(dice, calendar, at + wanted) - at


def in_office(dice: Random, calendar: Calendar, at: datetime) -> datetime:
    """This moment, or one in the first hours of the next working day."""
    local = at.astimezone(calendar.zone)
    if calendar.is_working_day(local.date()) and OFFICE[0] <= local.time() < OFFICE[1]:
        return at
    day = local.date() if local.time() < OFFICE[0] else local.date() + timedelta(days=1)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    opens = datetime.combine(day, OFFICE[0], calendar.zone)
    return (opens + timedelta(minutes=dice.uniform(0, 150))).astimezone(at.tzinfo)
