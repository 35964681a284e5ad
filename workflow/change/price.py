"""What a service change costs (C1.2, C7.2), in integer fen, by a formula that is named and kept with its inputs.

The contract does not say how a part of a month is charged; the setting `change.proration` does. Whichever formula is in
use, its name, every input and every line's amount are stored with the quote, so that the sum can be done again by hand.
Fractions are exact; each line is rounded once, half a fen up, and the total is the sum of the rounded lines.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from workflow.attempt import Attempt
from workflow.calendar import add_months
from workflow.terms import Text

MONTHS_A_YEAR = 12
DAYS_OF_A_THIRTY_DAY_MONTH = 30
_DAY = timedelta(days=1)


def whole_month(first: date, last: date) -> Fraction:
    """Months from `first` to `last`, both included; a month that has begun counts in full."""
    months, rest = _months_and_days(first, last)
    return Fraction(months + (rest > 0))


def by_calendar_day(first: date, last: date) -> Fraction:
    """Each calendar month touched counts by its days: days used of the days that the month has."""
    total, day = Fraction(0), first
    while day <= last:
        length = monthrange(day.year, day.month)[1]
        end = min(last, day.replace(day=length))
        total += Fraction((end - day).days + 1, length)
        day = end + _DAY
    return total


def by_thirty_days(first: date, last: date) -> Fraction:
    """Whole months from `first` on, and the days left over as thirtieths, at most one month's worth."""
    months, rest = _months_and_days(first, last)
    return months + min(Fraction(rest, DAYS_OF_A_THIRTY_DAY_MONTH), Fraction(1))


def _months_and_days(first: date, last: date) -> tuple[int, int]:
    months = 0
    while add_months(first, months + 1) <= last + _DAY:
        months += 1
    return months, max((last - add_months(first, months)).days + 1, 0)


FORMULAS: Mapping[str, Callable[[date, date], Fraction]] = {
    "whole_month": whole_month,
    "by_calendar_day": by_calendar_day,
    "by_thirty_days": by_thirty_days,
}
"""By the options of the setting `change.proration`."""


@dataclass(frozen=True)
class LineNow:
    """A catalogue line as the baseline has it now: price in fen per unit and period."""

    number: int
    service: Text
    unit_price_fen: int
    quantity: int
    price_period: str
    months: int
    starts: date | None
    ends: date | None


@dataclass(frozen=True)
class Quote:
    """The price of a change. `lines` are plain data; sums in fen. What a separate procurement pays adds nothing here."""

    formula: str
    lines: tuple[Mapping[str, Any], ...]
    amount_fen: int
    additions_fen: int
    reductions_fen: int

    def data(self) -> dict[str, Any]:
        """As it is kept with the plan and the supplementary agreement."""
        return {
            "formula": self.formula,
            "priced_lines": [dict(line) for line in self.lines],
            "amount_fen": self.amount_fen,
            "additions_fen": self.additions_fen,
            "reductions_fen": self.reductions_fen,
        }


def day_of(value: Any) -> date | None:
    """A day from a form (a date) or from a record (ISO text)."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def rows(attempt: Attempt) -> list[Mapping[str, Any]]:
    """The changed lines of the ticket, as filled in now or as it holds them."""
    return list(attempt.value("lines") or ())


def line_now(attempt: Attempt, number: int) -> Any:
    """The catalogue line as the baseline has it at this moment; None where there is no such line."""
    return next((line for line in attempt.facts.more.get("catalogue", ()) if line.number == number), None)


def last_day_of(attempt: Attempt, row: Mapping[str, Any]) -> date | None:
    """Until when the units of this row run: as agreed, else to the end of the line. None: the contract does not say."""
    if attempt.value("type") == "renew":
        return day_of(row.get("until")) or day_of(attempt.value("new_ends"))
    line = line_now(attempt, row["line"])
    return day_of(row.get("until")) or (line.ends if line is not None else None)


def quote(attempt: Attempt, charged_from: date) -> Quote:
    """The price of the ticket's lines from `charged_from` on. Raises ValueError for a line without an end."""
    formula = attempt.edition.setting("change.proration")
    priced = tuple(_priced(attempt, row, charged_from, formula) for row in rows(attempt))
    amounts = [line["amount_fen"] for line in priced]
    here = attempt.value("procurement") != "separate_procurement"
    return Quote(
        formula,
        priced,
        sum(amounts),
        additions_fen=sum(a for a in amounts if a > 0) if here else 0,
        reductions_fen=-sum(a for a in amounts if a < 0),
    )


def _priced(attempt: Attempt, row: Mapping[str, Any], first: date, formula: str) -> dict[str, Any]:
    line, last = line_now(attempt, row["line"]), last_day_of(attempt, row)
    if line is None or last is None:
        raise ValueError(f"line {row['line']} has no price or no end")
    price = 0 if attempt.value("type") == "trial" else line.unit_price_fen
    months = FORMULAS[formula](first, last) if first <= last else Fraction(0)
    monthly = Fraction(price, MONTHS_A_YEAR) if line.price_period == "year" else Fraction(price)
    return {
        "line": line.number,
        "quantity": row["quantity"],
        "unit_price_fen": price,
        "priced_per": line.price_period,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "months": str(months),
        "amount_fen": _to_the_fen(monthly * row["quantity"] * months),
    }


def _to_the_fen(amount: Fraction) -> int:
    """Half a fen goes up in size, so that giving back what was added comes to nothing."""
    size = (abs(amount) + Fraction(1, 2)).__floor__()
    return size if amount >= 0 else -size


def cumulative_fen(attempt: Attempt, additions_fen: int, reductions_fen: int) -> int:
    """All signed supplements of the contract and this one; reductions net off only where the setting says so.

    Sums that nobody gathered are no sums of nothing: KeyError, and the act is taken back.
    """
    signed: Mapping[str, int] = attempt.facts.more["supplements"]
    total = signed["additions_fen"] + additions_fen
    if attempt.edition.setting("change.net_reductions") == "yes":
        total -= signed["reductions_fen"] + reductions_fen
    return total


def cap_fen(attempt: Attempt) -> int:
    """The most that all supplements may add: a share of the contract's total, part of a fen dropped."""
    return int(attempt.edition.percent("change.supplement_cap") * attempt.edition.fen("contract.total") / 100)
