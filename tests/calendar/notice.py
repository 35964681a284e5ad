"""An invented notice for a year that nobody has announced, and a house in which it is brought and approved."""

from __future__ import annotations

from datetime import date, timedelta

SOURCE = "虚构通知〔2026〕1号"
OFF = (("01-01", 3), ("02-05", 8), ("04-03", 3), ("05-01", 5), ("06-09", 1), ("09-15", 1), ("10-01", 7))
"""First days and lengths of the holidays, made up for these tests."""
WORK = ("02-13", "10-09")
DAYS_OFF, MAKE_UP_DAYS = sum(length for _, length in OFF), len(WORK)


def days_off(year: int = 2027) -> list[date]:
    return [date.fromisoformat(f"{year}-{first}") + timedelta(days=n) for first, length in OFF for n in range(length)]


def notice(year: int = 2027, *, leave_out: int = 0, source: str = SOURCE, more: str = "") -> bytes:
    """The file; `leave_out` tears so many rows off its end, `more` are rows after them."""
    rows = [f"{day},off,{source}" for day in days_off(year)] + [f"{year}-{day},work,{source}" for day in WORK]
    kept = rows[: len(rows) - leave_out]
    return ("date,kind,source\n" + "".join(f"{row}\n" for row in kept) + more).encode()
