"""The files of a contract directory, each read into what it declares."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from workflow.calendar import PERIOD_UNITS
from workflow.shapes import CLAUSE_ID, FIGURE_NAME, KEY, Directory, Table
from workflow.terms import (
    CatalogueLine,
    Clause,
    Figure,
    OperationClass,
    PartyDetails,
    Payment,
    System,
    SystemList,
    Text,
    Value,
)

CONTRACT_FILE, CLAUSES_FILE, FIGURES_FILE = "contract.toml", "clauses.toml", "figures.toml"
CATALOGUE_FILE, SYSTEMS_FILE, OPERATIONS_FILE = "catalogue.csv", "systems.toml", "operations.toml"
PARTIES = ("client", "supplier", "supervisor")
WHO = (*PARTIES, "both", "either")
MARKS = ("W", "D", "G", "M", "R", "L")
STATUSES = ("contract", "agreed", "proposed")
RISKS = ("high", "ordinary")
UNITS = (*PERIOD_UNITS, "count", "fen", "percent", "setting", "month_day", "date")
COLUMNS = (
    "line",
    "name_zh",
    "name_en",
    "unit_zh",
    "unit_en",
    "unit_price_yuan",
    "quantity",
    "months",
    "priced_per",
    "amount_yuan",
    "starts",
    "ends",
)
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,11}", re.ASCII)
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


@dataclass
class Head:
    """What `contract.toml` says."""

    key: str = ""
    number_prefix: str = ""
    title: Text = field(default_factory=lambda: Text("", ""))
    signed: date = date.min
    first_day: date = date.min
    last_day: date = date.max
    catalogue_clause: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    parties: dict[str, PartyDetails] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)


_zones = cache(available_timezones)
"""What this machine knows of zones; asked once, for the answer is read from some six hundred files."""


def read_head(directory: Directory) -> Head:
    """`contract.toml`: names, dates, zone, parties and the instalments by the names of their figures."""
    table = directory.toml(CONTRACT_FILE)
    head = Head()
    if table is None:
        return head
    head.key = table.key("key", re.compile(r"[a-z][a-z0-9-]{0,59}", re.ASCII))
    head.number_prefix = table.key("number_prefix", _PREFIX)
    head.title = table.both("title") or head.title
    head.catalogue_clause = table.key("catalogue_clause", CLAUSE_ID)
    head.signed = table.day("signed") or head.signed
    term = table.table("term")
    head.first_day = term.day("first_day") or head.first_day
    head.last_day = term.day("last_day") or head.last_day
    term.done()
    if head.first_day > head.last_day:
        table.wrong("term", "The term ends before it begins.")
    zone = table.text("zone")
    if zone and zone not in _zones():
        table.wrong("zone", "There is no time zone of this name.")
    elif zone:
        head.zone = ZoneInfo(zone)
    parties = table.table("party")
    for key in PARTIES:
        head.parties[key] = _party(key, parties.table(key))
    parties.done()
    head.payments = [_payment(one) for one in table.tables("payment", needed=False)]
    table.done()
    return head


def _party(key: str, table: Table) -> PartyDetails:
    name, title = table.both("name"), table.both("title")
    party = PartyDetails(key, name or Text("", ""), title or Text("", ""), table.flag("signs"), table.flag("named"))
    table.done()
    return party


def _payment(table: Table) -> Payment:
    payment = Payment(
        table.key("key"),
        table.key("amount", FIGURE_NAME),
        table.key("share", FIGURE_NAME),
        table.key("fee", FIGURE_NAME),
        table.key("clause", CLAUSE_ID),
    )
    table.done()
    return payment


def read_clauses(directory: Directory) -> dict[str, Clause]:
    """`clauses.toml`: every clause once, in the contract's order."""
    table = directory.toml(CLAUSES_FILE)
    clauses: dict[str, Clause] = {}
    if table is None:
        return clauses
    for row in table.tables("clause"):
        identifier = row.key("id", CLAUSE_ID)
        who = row.choice("who", WHO)
        text = Text(row.text("zh"), row.text("en"))
        marks = row.words("marks")
        for mark in marks:
            if mark not in MARKS:
                row.wrong("marks", "“%(value)s” is none of: %(options)s.", value=mark, options=", ".join(MARKS))
        carried_by, not_carried = row.words("carried_by"), row.both("not_carried", needed=False)
        if carried_by and not_carried:
            row.wrong("not_carried", "A clause is either carried, or there is a reason why not.")
        row.done()
        if identifier in clauses:
            row.wrong("id", "%(name)s stands here twice.", name=identifier)
        elif identifier:
            clauses[identifier] = Clause(identifier, who, text, frozenset(marks), carried_by, not_carried)
    table.done()
    return clauses


def read_figures(directory: Directory) -> list[Figure]:
    """`figures.toml`: every number and policy, dated; several entries of one name differ in `since`."""
    table = directory.toml(FIGURES_FILE)
    figures: list[Figure] = []
    if table is None:
        return figures
    seen: dict[str, str] = {}
    dated: set[tuple[str, date]] = set()
    for row in table.tables("figure"):
        figure = _figure(row)
        if figure is None:
            continue
        if (figure.name, figure.since) in dated:
            row.wrong("name", "%(name)s stands here twice.", name=figure.name)
        dated.add((figure.name, figure.since))
        if seen.setdefault(figure.name, figure.unit) != figure.unit and figure.unit not in PERIOD_UNITS:
            row.wrong("unit", "%(name)s has another unit elsewhere.", name=figure.name)
        figures.append(figure)
    table.done()
    return figures


def _figure(row: Table) -> Figure | None:
    name = row.key("name", FIGURE_NAME)
    unit = row.choice("unit", UNITS)
    options = row.words("options")
    value = _value(row, unit, options)
    clause, since = row.key("clause", CLAUSE_ID), row.day("since")
    status = row.choice("status", STATUSES)
    note = Text(row.text("zh"), row.text("en"))
    law, question = row.text("law", needed=False), row.text("question", needed=False)
    agreement = row.text("agreement", needed=False)
    row.done()
    if options and unit != "setting":
        row.wrong("options", "Only a setting has options.")
    if not (name and unit and clause and since and status) or value is None:
        return None
    return Figure(name, value, unit, clause, since, status, note, options, law, question, agreement)


def _value(row: Table, unit: str, options: tuple[str, ...]) -> Value | None:
    if unit == "setting":
        value = row.text("value")
        if value and value not in options:
            row.wrong("value", "“%(value)s” is none of: %(options)s.", value=value[:60], options=", ".join(options))
        return value or None
    if unit == "month_day":
        return row.key("value", _MONTH_DAY) or None
    if unit == "date":
        return row.day("value")
    if unit == "percent":
        percent = row.number("value")
        if percent is not None and not 0 <= percent <= Decimal(100):
            row.wrong("value", "A percentage lies between 0 and 100.")
        return percent
    if not unit:
        row.take("value")
        return None
    if isinstance(row.values.get("value"), str):
        row.wrong("value", "This must be a number.")
        row.values.pop("value")
        return None
    return row.whole("value", least=0 if unit in ("count", "fen") else 1)


def read_catalogue(directory: Directory, head: Head) -> list[CatalogueLine]:
    """`catalogue.csv`: the priced lines, to the fen; each row's own arithmetic is checked here."""
    lines: list[CatalogueLine] = []
    for row in directory.csv(CATALOGUE_FILE, COLUMNS):
        line = CatalogueLine(
            number=row.whole("line"),
            name=Text(row.text("name_zh"), row.text("name_en")),
            unit=Text(row.text("unit_zh"), row.text("unit_en")),
            unit_price_fen=row.fen("unit_price_yuan"),
            quantity=row.whole("quantity"),
            months=row.whole("months"),
            priced_per=row.choice("priced_per", ("month", "year")),
            amount_fen=row.fen("amount_yuan"),
            starts=row.day("starts", needed=False),
            ends=row.day("ends", needed=False),
        )
        row.done()
        _check_line(row, line, head, lines)
        lines.append(line)
    if not lines:
        directory.notes.add(CATALOGUE_FILE, "", "The catalogue has no line.")
    return lines


def _check_line(row: Table, line: CatalogueLine, head: Head, before: list[CatalogueLine]) -> None:
    if any(other.number == line.number for other in before):
        row.wrong("line", "%(name)s stands here twice.", name=str(line.number))
    # A price per year is charged by twelfths, so that a line of half a year needs no rule of its own.
    twelfths = line.unit_price_fen * line.quantity * line.months * (12 if line.priced_per == "month" else 1)
    if twelfths != line.amount_fen * 12:
        row.wrong("amount_yuan", "Price × quantity × time is not the amount.")
    if (line.starts is None) != (line.ends is None):
        row.wrong("starts", "A line has both a first and a last day, or neither.")
    if line.starts and line.ends and not head.first_day <= line.starts <= line.ends <= head.last_day:
        row.wrong("starts", "The line's days do not lie within the term.")


def read_systems(directory: Directory) -> list[SystemList]:
    """`systems.toml`: the versions of the list of important information systems, each with its signatures."""
    table = directory.toml(SYSTEMS_FILE)
    versions: list[SystemList] = []
    if table is None:
        return versions
    for row in table.tables("version"):
        number = row.whole("version")
        effective = row.day("effective")
        signed = row.day("client_signed", needed=False), row.day("supplier_signed", needed=False)
        systems: list[System] = []
        for one in row.tables("system", needed=False):
            system = System(one.key("key"), Text(one.text("zh"), one.text("en")))
            one.done()
            if any(other.key == system.key for other in systems):
                one.wrong("key", "%(name)s stands here twice.", name=system.key)
            systems.append(system)
        row.done()
        if number <= max((other.version for other in versions), default=0):
            row.wrong("version", "Versions are numbered upwards.")
        versions.append(SystemList(number, effective, *signed, tuple(systems)))
    table.done()
    return versions


def read_operations(directory: Directory) -> dict[str, OperationClass]:
    """`operations.toml`: the classes of dangerous operations and what each asks for."""
    table = directory.toml(OPERATIONS_FILE)
    operations: dict[str, OperationClass] = {}
    if table is None:
        return operations
    for row in table.tables("operation"):
        operation = OperationClass(
            key=row.key("key", KEY),
            name=Text(row.text("zh"), row.text("en")),
            clause=row.key("clause", CLAUSE_ID),
            risk=row.choice("risk", RISKS),
            writing_required=row.flag("writing_required"),
            second_person_required=row.flag("second_person_required"),
            data_authorisation=row.flag("data_authorisation"),
            emergency_allowed=row.flag("emergency_allowed"),
            destroys_data=row.flag("destroys_data"),
        )
        row.done()
        if operation.destroys_data and operation.emergency_allowed:
            row.wrong("emergency_allowed", "What destroys data is never done by the emergency way.")
        if operation.risk == "high" and not operation.second_person_required:
            row.wrong("second_person_required", "High risk always needs a second person.")
        if operation.key in operations:
            row.wrong("key", "%(name)s stands here twice.", name=operation.key)
        operations[operation.key] = operation
    table.done()
    return operations
