"""Strict reading of files: every wrong key, type, date or character is noted, and reading goes on.

A directory is put right by a person who wants to hear of all mistakes at once, so nothing here raises at the
first.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from workflow.terms import Problem, Text

LARGEST_FILE_BYTES = 1_000_000
MOST_ROWS = 5_000
LONGEST_TEXT = 2_000
LARGEST_NUMBER = 10**15
MOST_DECIMALS = 8
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
NAME = re.compile(r"[a-z][a-z0-9_.]{0,59}", re.ASCII)
FIGURE_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", re.ASCII)
CLAUSE_ID = re.compile(r"[A-Z]\d{1,3}(\.\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,8})?", re.ASCII)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Notes:
    """The problems found so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, file: str, place: str, msgid: str, /, **params: str | int) -> None:
        """Note one more."""
        self.problems.append(Problem(file, place, msgid, params))


class Directory:
    """A contract's directory as bytes: what was read is what the digest covers. Links are not followed."""

    def __init__(self, root: Path, notes: Notes) -> None:
        self.root = root
        self.notes = notes
        self.read: dict[str, bytes] = {}

    def text(self, file: str) -> str | None:
        """The text of one file with plain line ends, or None with a note."""
        try:
            content = self.content(file)
            if content is None:
                self.notes.add(file, "", "This file is missing.")
                return None
            if len(content) > LARGEST_FILE_BYTES:
                self.notes.add(file, "", "This file is too large: at most %(most)s bytes.", most=LARGEST_FILE_BYTES)
                return None
            self.read[file] = content = content.replace(b"\r\n", b"\n")
            return content.decode("utf-8")
        except UnicodeDecodeError:
            self.notes.add(file, "", "This file is not UTF-8 text.")
        except OSError as error:
            self.notes.add(file, "", "This file cannot be read: %(reason)s.", reason=error.strerror or "")
        return None

    def content(self, file: str) -> bytes | None:
        """The bytes of one file as they lie there, or None where there is no such file; never many more than are read."""
        path = self.root / file
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as opened:
            return opened.read(LARGEST_FILE_BYTES + 1)

    def toml(self, file: str) -> Table | None:
        """The whole of a TOML file as a table."""
        text = self.text(file)
        if text is None:
            return None
        try:
            return Table(tomllib.loads(text, parse_float=Decimal), file, "", self.notes)
        except (tomllib.TOMLDecodeError, InvalidOperation, RecursionError, ValueError) as error:
            self.notes.add(file, "", "This is not TOML: %(reason)s", reason=str(error)[:200])
            return None

    def csv(self, file: str, columns: Sequence[str]) -> list[Table]:
        """The rows of a CSV file whose header is exactly `columns`; empty cells are left out."""
        text = self.text(file)
        if text is None:
            return []
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            self.notes.add(file, "", "This is not CSV: %(reason)s", reason=str(error))
            return []
        if not rows or rows[0] != list(columns):
            self.notes.add(file, "1", "The header must read: %(columns)s", columns=",".join(columns))
            return []
        if len(rows) > MOST_ROWS:
            self.notes.add(file, "", "This file has too many rows: at most %(most)s.", most=MOST_ROWS)
            return []
        tables = []
        for number, row in enumerate(rows[1:], start=2):
            if len(row) != len(columns):
                self.notes.add(
                    file,
                    str(number),
                    "This row has %(found)s cells instead of %(wanted)s.",
                    found=len(row),
                    wanted=len(columns),
                )
                continue
            cells = {name: cell for name, cell in zip(columns, row, strict=True) if cell != ""}
            tables.append(Table(cells, file, str(number), self.notes))
        return tables


class Table:
    """One table being read. Each reader takes a key away; what is left at `done` was not expected."""

    def __init__(self, values: Mapping[str, Any], file: str, place: str, notes: Notes) -> None:
        self.values = dict(values)
        self.file = file
        self.place = place
        self.notes = notes

    def wrong(self, key: str, msgid: str, /, **params: str | int) -> None:
        """Note a problem with one key of this table."""
        self.notes.add(self.file, ".".join(part for part in (self.place, key) if part), msgid, **params)

    def done(self) -> None:
        """Nothing may be left: a misspelt key would otherwise change the contract in silence."""
        for key in self.values:
            self.wrong(key, "This key is not known here.")
        self.values.clear()

    def take(self, key: str, *, needed: bool = True) -> Any:
        """The raw value, or None; a missing one is noted if it was needed."""
        value = self.values.pop(key, None)
        if value is None and needed:
            self.wrong(key, "This is missing.")
        return value

    def text(self, key: str, *, needed: bool = True) -> str:
        """One line of visible text, or the empty string."""
        value = self.take(key, needed=needed)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip() or value != value.strip():
            self.wrong(key, "This must be text, neither empty nor padded with blanks.")
        elif len(value) > LONGEST_TEXT:
            self.wrong(key, "This text is too long: at most %(most)s characters.", most=LONGEST_TEXT)
        elif _INVISIBLE.search(value):
            self.wrong(key, "This text contains invisible characters.")
        else:
            return value
        return ""

    def key(self, key: str, pattern: re.Pattern[str] = KEY, *, needed: bool = True) -> str:
        """A name that other files refer to."""
        value = self.text(key, needed=needed)
        if value and not pattern.fullmatch(value):
            self.wrong(key, "“%(value)s” is not a valid name here.", value=value[:60])
            return ""
        return value

    def choice(self, key: str, options: Sequence[str]) -> str:
        """One of a few words."""
        value = self.text(key)
        if value and value not in options:
            self.wrong(key, "“%(value)s” is none of: %(options)s.", value=value[:60], options=", ".join(options))
            return ""
        return value

    def both(self, key: str, *, needed: bool = True) -> Text | None:
        """A text in both languages: a table with `zh` and `en`."""
        value = self.take(key, needed=needed)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, "This must be a table with zh and en.")
            return None
        table = Table(value, self.file, ".".join(part for part in (self.place, key) if part), self.notes)
        text = Text(table.text("zh"), table.text("en"))
        table.done()
        return text

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.take(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "This must be true or false.")
        return value is True

    def day(self, key: str, *, needed: bool = True) -> date | None:
        """A date of this or the next century; in a CSV file, written YYYY-MM-DD."""
        value = self.take(key, needed=needed)
        if isinstance(value, str) and _DATE.fullmatch(value):
            with contextlib.suppress(ValueError):
                value = date.fromisoformat(value)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime) or not 2000 <= value.year < 2200:
            self.wrong(key, "This must be a date, YYYY-MM-DD.")
            return None
        return value

    def number(self, key: str) -> Decimal | None:
        """A finite decimal number, given as a number or (in a CSV file) as digits."""
        value = self.take(key)
        if isinstance(value, str):
            value = Decimal(value) if _DECIMAL.fullmatch(value) else value
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.wrong(key, "This must be a number.")
            return None
        number = Decimal(value)
        if not number.is_finite() or abs(number) > LARGEST_NUMBER or number != round(number, MOST_DECIMALS):
            self.wrong(key, "This must be a finite number of sensible size.")
            return None
        return number

    def whole(self, key: str, *, least: int = 1) -> int:
        """A whole number of at least `least`; a wrong one is noted and read as `least`."""
        number = self.number(key)
        if number is None:
            return least
        if number != number.to_integral_value() or number < least:
            self.wrong(key, "This must be a whole number of at least %(least)s.", least=least)
            return least
        return int(number)

    def fen(self, key: str) -> int:
        """An amount written in yuan, as fen; one that is no whole number of fen is refused, not rounded."""
        number = self.number(key)
        if number is None:
            return 0
        if number < 0 or number * 100 != (number * 100).to_integral_value():
            self.wrong(key, "This must be an amount in yuan, exact to the fen.")
            return 0
        return int(number * 100)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of different short names, or nothing."""
        value = self.take(key, needed=False)
        if value is None:
            return ()
        good = isinstance(value, list) and all(isinstance(one, str) and KEY.fullmatch(one.lower()) for one in value)
        if not good or len(set(value)) != len(value):
            self.wrong(key, "This must be a list of different names.")
            return ()
        return tuple(value)

    def names(self, key: str, *, needed: bool = True) -> tuple[str, ...]:
        """A list of different names of declared things, which whoever reads it looks up."""
        value = self.take(key, needed=needed)
        if value is None:
            return ()
        good = isinstance(value, list) and all(isinstance(one, str) and NAME.fullmatch(one) for one in value)
        if not good or len(set(value)) != len(value):
            self.wrong(key, "This must be a list of different names.")
            return ()
        return tuple(value)

    def tables(self, key: str, *, needed: bool = True) -> list[Table]:
        """A list of tables (`[[key]]`), each placed by its position."""
        value = self.take(key, needed=needed)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or len(value) > MOST_ROWS:
            self.wrong(key, "This must be a list of tables.")
            return []
        return [
            Table(one, self.file, f"{self.place}{key}[{index}]", self.notes) for index, one in enumerate(value, start=1)
        ]

    def table(self, key: str) -> Table:
        """One table inside this one; an empty one, with a note, if it is missing."""
        value = self.take(key)
        if value is not None and not isinstance(value, dict):
            self.wrong(key, "This must be a table.")
            value = None
        return Table(value or {}, self.file, ".".join(part for part in (self.place, key) if part), self.notes)
