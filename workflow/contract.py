"""A contract as it stands in its directory: loaded whole or refused whole, and read by edition.

Every number that a workflow needs is asked for by name, `edition.figure("fault.response")`, from the edition
that was in force at the moment that matters; none stands in code. A supplementary agreement adds dated
figures, and so a new edition (C16.2); a ticket keeps the edition under which it was opened.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from workflow import arithmetic, directory, escalation_files
from workflow.calendar import PERIOD_UNITS, Calendar, Period, Reckoning, Year, calendar_of, next_month_day
from workflow.calendar_files import read_calendar
from workflow.duty import Chain, Post
from workflow.hours import Hours
from workflow.shapes import Directory, Notes
from workflow.terms import (
    CatalogueLine,
    Clause,
    ContractError,
    Figure,
    OperationClass,
    PartyDetails,
    Payment,
    Problem,
    System,
    SystemList,
    Text,
    UnknownEntry,
    UnknownFigure,
    share_fen,
)

__all__ = [
    "CatalogueLine",
    "Clause",
    "Contract",
    "ContractError",
    "Due",
    "Edition",
    "Figure",
    "OperationClass",
    "PartyDetails",
    "Payment",
    "Problem",
    "System",
    "SystemList",
    "Text",
    "UnknownEntry",
    "UnknownFigure",
    "load",
    "share_fen",
]


Key = TypeVar("Key")
Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Due:
    """When a period of the contract runs out, and how that was found.

    `at`: UTC; exactly at `at` is still in time. `nominal_at`: without moving past days off. `day`: the local
    day. `rolled`: it was moved. `provisional` (暂定): it looked at a year whose holidays are not announced.
    """

    at: datetime
    nominal_at: datetime
    day: date
    rolled: bool
    provisional: bool
    calendar: Calendar
    figure: Figure


@dataclass(frozen=True)
class Edition:
    """The contract with the figures that were in force from the local day `since` on. Numbered from 1."""

    contract: Contract
    number: int
    since: date
    figures: Mapping[str, Figure] = field(repr=False)

    def figure(self, name: str, *units: str) -> Figure:
        """The figure of this name. UnknownFigure if there is none, or none in one of `units`."""
        found = self.figures.get(name)
        if found is None:
            raise UnknownFigure(f"{self.contract.key}, edition {self.number}, has no figure {name}")
        if units and found.unit not in units:
            raise UnknownFigure(f"{name} is in {found.unit}, not in {' or '.join(units)}")
        return found

    def count(self, name: str) -> int:
        """A plain number."""
        return self._whole(name, "count")

    def fen(self, name: str) -> int:
        """An amount of money in fen."""
        return self._whole(name, "fen")

    def percent(self, name: str) -> Decimal:
        """A percentage, exact: 10 means 10 %."""
        value = self.figure(name, "percent").value
        assert isinstance(value, Decimal)
        return value

    def setting(self, name: str) -> str:
        """One of the figure's `options`."""
        return str(self.figure(name, "setting").value)

    def date(self, name: str) -> date:
        """A fixed day."""
        value = self.figure(name, "date").value
        assert isinstance(value, date)
        return value

    def period(self, name: str) -> Period:
        """A length of time with its unit."""
        figure = self.figure(name, *PERIOD_UNITS)
        assert isinstance(figure.value, int)
        return Period(figure.value, figure.unit)

    def duration(self, name: str) -> timedelta:
        """The length of a figure in minutes or hours; a figure in days is an UnknownFigure here."""
        self.figure(name, "minute", "hour")
        return self.period(name).duration

    def due(self, name: str, start: datetime) -> datetime:
        """The instant (UTC) until which an act is in time, if the period `name` began at `start`."""
        return self.due_explained(name, start).at

    def due_explained(self, name: str, start: datetime) -> Due:
        """`due`, with the way it was found. Also takes figures in month_day (the next such day) and date."""
        figure, calendar = self.figure(name), self.contract.calendar
        if figure.unit in ("month_day", "date"):
            # A day fixed by the calendar is no period, so the rule about holidays at a period's end does not
            # move it.
            today = calendar.local_day(start)
            day = figure.value if isinstance(figure.value, date) else next_month_day(today, str(figure.value))
            end = calendar.end_of_day(day)
            return self._explained(figure, Reckoning(end, end, day))
        return self._explained(figure, calendar.after(start, self.period(name)))

    def before_explained(self, name: str, end: datetime) -> Due:
        """The last moment that still lies the period `name` before `end`; days move earlier, never later."""
        return self._explained(self.figure(name), self.contract.calendar.before(end, self.period(name)))

    def hours(self, name: str) -> Hours:
        """The service hours that the setting `name` chooses. UnknownEntry where the contract's calendar has none such."""
        return _entry(self.contract.hours, self.setting(name), "service hours")

    def clause(self, identifier: str) -> Clause:
        """The clause of this id."""
        return self.contract.clause(identifier)

    def line(self, number: int) -> CatalogueLine:
        """The priced line of this number, as signed."""
        return self.contract.line(number)

    def operation(self, key: str) -> OperationClass:
        """The class of dangerous operations of this name. UnknownEntry: it is not accepted at all."""
        return self.contract.operation(key)

    def systems_at(self, instant: datetime) -> SystemList:
        """The list of important information systems that both parties had signed at `instant` (C4.7)."""
        return self.contract.systems_at(instant)

    def in_term(self, instant: datetime) -> bool:
        """Whether the service term runs at `instant`."""
        return self.contract.in_term(instant)

    @property
    def term_end(self) -> datetime:
        """24:00 of the last day of the term, in UTC."""
        return self.contract.term_end

    @property
    def proposed(self) -> tuple[Figure, ...]:
        """Figures that are ours until both parties agree (待双方确认)."""
        return tuple(figure for figure in self.figures.values() if not figure.is_settled)

    def _whole(self, name: str, unit: str) -> int:
        value = self.figure(name, unit).value
        assert isinstance(value, int)
        return value

    def _explained(self, figure: Figure, found: Reckoning) -> Due:
        return Due(
            found.at, found.nominal_at, found.day, found.rolled, found.provisional, self.contract.calendar, figure
        )


@dataclass(frozen=True, eq=False)
class Contract:
    """One loaded directory. `digest`: SHA-256 over its files, in hex."""

    key: str
    number_prefix: str
    title: Text
    signed: date
    first_day: date
    last_day: date
    catalogue_clause: str
    parties: Mapping[str, PartyDetails]
    payments: tuple[Payment, ...]
    clauses: Mapping[str, Clause] = field(repr=False)
    figures: tuple[Figure, ...] = field(repr=False)
    lines: tuple[CatalogueLine, ...] = field(repr=False)
    system_lists: tuple[SystemList, ...] = field(repr=False)
    operations: Mapping[str, OperationClass] = field(repr=False)
    calendar: Calendar = field(repr=False)
    hours: Mapping[str, Hours] = field(repr=False)
    posts: Mapping[str, Post] = field(repr=False)
    chains: Mapping[str, Chain] = field(repr=False)
    digest: str

    def with_years(self, years: Iterable[Year]) -> Contract:
        """The same contract with these years in the place of its own: those that were announced since it was loaded."""
        merged = {**self.calendar.years, **{year.year: year for year in years}}
        return replace(self, calendar=calendar_of(self.calendar.zone, merged))

    @cached_property
    def editions(self) -> tuple[Edition, ...]:
        """Every edition, oldest first; a new one begins on each day on which some figure begins."""
        days = sorted({figure.since for figure in self.figures})
        in_order = sorted(self.figures, key=lambda figure: figure.since)
        return tuple(
            Edition(self, number, day, {figure.name: figure for figure in in_order if figure.since <= day})
            for number, day in enumerate(days, start=1)
        )

    def at(self, instant: datetime) -> Edition:
        """The edition in force on the local day of `instant`; before the first one, the first."""
        days = [edition.since for edition in self.editions]
        return self.editions[max(0, bisect_right(days, self.calendar.local_day(instant)) - 1)]

    def clause(self, identifier: str) -> Clause:
        """The clause of this id, or UnknownEntry."""
        return _entry(self.clauses, identifier, "clause")

    def line(self, number: int) -> CatalogueLine:
        """The priced line of this number, or UnknownEntry."""
        return _entry({line.number: line for line in self.lines}, number, "line")

    def operation(self, key: str) -> OperationClass:
        """The class of operations of this name, or UnknownEntry."""
        return _entry(self.operations, key, "operation")

    def systems_at(self, instant: datetime) -> SystemList:
        """The latest list that both had signed and that had taken effect; else the empty version 0."""
        day = self.calendar.local_day(instant)
        return next((one for one in reversed(self.system_lists) if one.in_force(day)), SystemList())

    def carried_by(self, kind: str) -> tuple[Clause, ...]:
        """The clauses that workflows of this kind carry."""
        return tuple(clause for clause in self.clauses.values() if kind in clause.carried_by)

    def unknown_figures(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of `names` that no edition has: for whoever checks a workflow against this contract."""
        known = {figure.name for figure in self.figures}
        return tuple(sorted(set(names) - known))

    def in_term(self, instant: datetime) -> bool:
        """Whether the service term runs at `instant`; its end is excluded."""
        return self.term_start <= instant < self.term_end

    @cached_property
    def term_start(self) -> datetime:
        """00:00 of the first day of the term, in UTC."""
        return self.calendar.start_of_day(self.first_day)

    @cached_property
    def term_end(self) -> datetime:
        """24:00 of the last day of the term, in UTC."""
        return self.calendar.end_of_day(self.last_day)


def load(path: Path | str) -> Contract:
    """The contract in the directory `path`. ContractError names every problem at once."""
    contract, problems = examine(path)
    if contract is None:
        raise ContractError(problems)
    return contract


def examine(path: Path | str) -> tuple[Contract | None, tuple[Problem, ...]]:
    """The contract, or None with everything that is wrong with its directory."""
    notes = Notes()
    files = Directory(Path(path), notes)
    if not files.root.is_dir():
        notes.add(str(path), "", "There is no such directory.")
        return None, tuple(notes.problems)
    head = directory.read_head(files)
    clauses = directory.read_clauses(files)
    figures = directory.read_figures(files)
    lines = directory.read_catalogue(files, head)
    systems = directory.read_systems(files)
    operations = directory.read_operations(files)
    years, hours = read_calendar(files)
    posts, chains = escalation_files.read_escalation(files)
    # Without its first file this is some other directory, perhaps a large one: it is not searched.
    found = _files_in(files.root) if directory.CONTRACT_FILE in files.read else []
    for name in sorted(set(found) - set(files.read)):
        if name not in {problem.file for problem in notes.problems}:
            notes.add(name, "", "This file is not part of a contract directory.")
    if notes.problems:
        return None, tuple(notes.problems)
    contract = Contract(
        head.key,
        head.number_prefix,
        head.title,
        head.signed,
        head.first_day,
        head.last_day,
        head.catalogue_clause,
        head.parties,
        tuple(head.payments),
        clauses,
        tuple(figures),
        tuple(lines),
        tuple(systems),
        operations,
        calendar_of(head.zone, years),
        hours,
        posts,
        chains,
        _digest(files.read),
    )
    arithmetic.check(contract, notes)
    escalation_files.check(contract, notes)
    return (None if notes.problems else contract), tuple(notes.problems)


def _entry(entries: Mapping[Key, Entry], key: Key, kind: str) -> Entry:
    try:
        return entries[key]
    except KeyError:
        raise UnknownEntry(f"no {kind} {key}") from None


def _files_in(root: Path) -> list[str]:
    found = [path.relative_to(root) for path in root.rglob("*") if not path.is_dir()]
    return [
        path.as_posix()
        for path in found
        if path.stem != "README" and not any(part.startswith(".") for part in path.parts)
    ]


def _digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return whole.hexdigest()
