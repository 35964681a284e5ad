"""Cells of a report as readers and programs get them: words on a page, plain data in the API, a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext

from tickets.reports import MOST, Made
from tickets.speech import label, moment, say, sentence
from workflow.canonical import plain
from workflow.declare import Label, Words
from workflow.report import Reference, Report, Share, bounds, month_text
from workflow.terms import Text

_FORMULA = tuple("=+-@＝＋－＠")
"""With these a spreadsheet takes a cell for a formula and runs what somebody typed into a ticket."""
BOM = "\ufeff"
"""Without it Excel reads Chinese as something else."""


def shown(cell: Any) -> str:
    """A cell in the reader's language; "" for nothing."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return gettext("Yes") if cell else gettext("No")
    if isinstance(cell, Reference):
        return cell.number
    if isinstance(cell, Share):
        return f"{cell.percent} %" if cell.percent is not None else "—"
    if isinstance(cell, datetime):
        return moment(cell)
    if isinstance(cell, tuple):
        return "\n".join(shown(one) for one in cell)
    return say(cell)


def form_of(cell: Any) -> str:
    """How a page lays a cell out: "link", "name", "instant", "several" or "text"."""
    if isinstance(cell, tuple) and cell:
        return "several"
    forms = ((Reference, "link"), (Label, "name"), (datetime, "instant"))
    return next((form for kind, form in forms if isinstance(cell, kind)), "text")


def data(cell: Any) -> Any:
    """A cell for a program: names beside their labels, a share with its two numbers, instants in UTC."""
    if isinstance(cell, Reference):
        return cell.number
    if isinstance(cell, Share):
        return {"part": cell.part, "whole": cell.whole, "percent": cell.percent}
    if isinstance(cell, Label):
        return {"name": cell.name, "label": say(cell)}
    if isinstance(cell, Words | Text):
        return say(cell)
    if isinstance(cell, tuple):
        return [data(one) for one in cell]
    return plain(cell)


def named(names: Iterable[str]) -> list[dict[str, str]]:
    """Columns, or figures of the summary, with their labels."""
    return [{"name": name, "label": label("column", name)} for name in names]


def described(kind: str, report: Report) -> dict[str, Any]:
    """What the report is, before it is made."""
    return {
        "kind": kind, "kind_label": label("kind", kind), "name": report.name, "label": label("report", report.name),
        "clause": report.clause, "says": sentence(report.says), "by_month": report.by_month,
        "columns": named(report.columns), "summary": named(report.summary),
    }  # fmt: skip


def told(made: Made) -> dict[str, Any]:
    """The whole report for a program. `rows` and `values` hold a member for each declared name."""
    period = bounds(made.contract.calendar, made.month) if made.month else (None, None)
    return {
        **described(made.workflow.kind, made.report),
        "contract": made.contract.key, "at": plain(made.at),
        "month": month_text(made.month) if made.month else None,
        "from": plain(period[0]), "until": plain(period[1]), "complete": made.complete,
        "notice": None if made.complete else cut_short(),
        "rows": [_members(row) for row in made.table.rows], "values": _members(made.table.summary),
    }  # fmt: skip


def _members(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data(cell) for name, cell in cells.items()}


def cut_short() -> str:
    """What is said of a report that could not read every ticket."""
    return gettext(
        "Not complete: there are more than %(most)s tickets. The table and its sums leave the oldest ones out.",
        most=MOST,
    )


# --- for a spreadsheet -----------------------------------------------------------------------------------------------


def as_csv(made: Made) -> bytes:
    """The report as CSV in UTF-8 with a byte order mark: the table, then the summary, then what is counted."""
    written = io.StringIO(newline="")
    write = csv.writer(written, quoting=csv.QUOTE_ALL).writerow
    write([label("column", name) for name in made.report.columns])
    for row in made.table.rows:
        write([harmless(row[name]) for name in made.report.columns])
    write([])
    for name in made.report.summary:
        write([label("column", name), harmless(made.table.summary[name])])
    write([])
    if not made.complete:
        write([cut_short()])
    write([say(made.contract.title), made.contract.key, month_text(made.month) if made.month else ""])
    write([label("report", made.report.name), sentence(made.report.says)])
    write([gettext("As of"), shown(made.at)])
    return (BOM + written.getvalue()).encode()


def harmless(cell: Any) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what it would take for a formula."""
    text = shown(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r", "\n")) else text


def file_name(made: Made) -> str:
    """A name in plain letters: contract, report and month."""
    parts = (made.contract.key, made.workflow.kind, made.report.name, month_text(made.month) if made.month else "")
    return "-".join(part for part in parts if part) + ".csv"
