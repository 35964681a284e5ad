"""A contract's years and service hours as files, and the notice of a further year, brought when the contract runs already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from workflow.calendar import PROVISIONAL, PUBLISHED, CalendarError, Year
from workflow.directory import STATUSES
from workflow.hours import DAYS, Hours, Span
from workflow.shapes import CLAUSE_ID, Directory, Notes, Table
from workflow.terms import Problem, Text

CALENDAR_FILE = "calendar/calendar.toml"
NOTICE_COLUMNS = ("date", "kind", "source")
OFF, WORK = "off", "work"
_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)


def read_calendar(directory: Directory) -> tuple[dict[int, Year], dict[str, Hours]]:
    """`calendar/`: the announced years with their days, those that nobody has announced yet, and the service hours."""
    table = directory.toml(CALENDAR_FILE)
    years: dict[int, Year] = {}
    hours: dict[str, Hours] = {}
    if table is None:
        return years, hours
    for row in table.tables("year"):
        year = _year(directory, row)
        if year.year in years:
            row.wrong("year", "%(name)s stands here twice.", name=str(year.year))
        years[year.year] = year
    for row in table.tables("hours"):
        found = _hours(row)
        if found is not None and found.key in hours:
            row.wrong("key", "%(name)s stands here twice.", name=found.key)
        elif found is not None:
            hours[found.key] = found
    table.done()
    return years, hours


def _year(directory: Directory, row: Table) -> Year:
    number, status = row.whole("year"), row.choice("status", (PUBLISHED, PROVISIONAL))
    source = row.text("source", needed=False)
    row.both("note", needed=False)
    year = Year(number, source=source)
    if status == PUBLISHED:
        counts = {OFF: row.whole("days_off"), WORK: row.whole("make_up_days", least=0)}
        found, _ = _published(directory, f"calendar/{number}.csv", number, source, counts)
        year = found or year
    row.done()
    return year


def _published(
    directory: Directory, file: str, number: int, source: str, counts: Mapping[str, int]
) -> tuple[Year | None, set[str]]:
    """The year of such a file with the sources that its rows name; None with notes where it cannot be true."""
    days: dict[str, list[date]] = {OFF: [], WORK: []}
    sources = set()
    for row in directory.csv(file, NOTICE_COLUMNS):
        day, kind = row.day("date"), row.choice("kind", (OFF, WORK))
        sources.add(row.text("source"))
        row.done()
        if day and kind:
            if day in days[OFF] or day in days[WORK]:
                row.wrong("date", "%(name)s stands here twice.", name=str(day))
            days[kind].append(day)
    if file not in directory.read:
        return None, sources
    for kind, count in counts.items():
        if len(days[kind]) != count:
            directory.notes.add(
                file,
                kind,
                "The announcement has %(wanted)s such days, the file has %(found)s.",
                wanted=count,
                found=len(days[kind]),
            )
    try:
        return Year(number, PUBLISHED, frozenset(days[OFF]), frozenset(days[WORK]), source), sources
    except CalendarError as error:
        directory.notes.add(file, "", error.msgid, **error.params)
        return None, sources


def _hours(row: Table) -> Hours | None:
    key, name = row.key("key"), Text(row.text("zh"), row.text("en"))
    clause, status = row.key("clause", CLAUSE_ID), row.choice("status", STATUSES)
    days, question = row.choice("days", DAYS), row.text("question", needed=False)
    spans = [_SPAN.fullmatch(one) for one in _texts(row, "open")]
    row.done()
    if not (key and clause and status and days):
        return None
    try:
        read = tuple(Span(*_minutes(*map(int, span.groups()))) for span in spans if span)
        if len(read) != len(spans):
            raise ValueError("not a span of a day")
        return Hours(key, name, clause, status, days, read, question)
    except ValueError:
        row.wrong("open", "Service hours are spans of one day, such as 08:00-12:00, in their order.")
        return None


def _minutes(*parts: int) -> tuple[int, int]:
    hours, minutes, until_hours, until_minutes = parts
    return hours * 60 + minutes, until_hours * 60 + until_minutes


def _texts(row: Table, key: str) -> list[str]:
    value = row.take(key)
    return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else [""]


# --- a notice that comes later ---------------------------------------------------------------------------------------


class Brought(Directory):
    """Files that were brought rather than found in a folder: read as strictly."""

    def __init__(self, files: Mapping[str, bytes], notes: Notes) -> None:
        super().__init__(Path(), notes)
        self._files = files

    def content(self, file: str) -> bytes | None:
        return self._files.get(file)


@dataclass(frozen=True)
class Notice:
    """A year as its notice announces it, or everything that is wrong with what was brought (`year` is None then)."""

    year: Year | None
    problems: tuple[Problem, ...] = ()


def read_notice(content: bytes, number: int, *, days_off: int, make_up_days: int, name: str) -> Notice:
    """The year `number` from a file of the same form as in a contract's directory (R8.1, R8.2).

    The days are counted by whoever brings them, and a file with fewer or more is refused: half a notice looks like one.
    Every row names the notice, and all of them the same.
    """
    notes = Notes()
    brought = Brought({name: content}, notes)
    year, sources = _published(brought, name, number, "", {OFF: days_off, WORK: make_up_days})
    if not notes.problems and len(sources) != 1:
        notes.add(name, "source", "All rows must name one and the same notice.")
    if year is None or notes.problems:
        return Notice(None, tuple(notes.problems))
    return Notice(Year(number, PUBLISHED, year.off, year.work, sources.pop()))
