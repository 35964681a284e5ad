"""Prices of changes, to the fen, by each named formula (C1.2, G9)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stage import Stage
from tests.workflow import change_story as story
from tests.workflow.change_story import row
from workflow.change.guards import share_of_total
from workflow.change.price import FORMULAS, _to_the_fen, by_calendar_day, by_thirty_days, whole_month

DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize("formula", sorted(FORMULAS))
def test_c1_2_the_whole_term_is_twelve_months_by_every_formula(formula: str) -> None:
    assert FORMULAS[formula](date(2026, 3, 10), date(2027, 3, 9)) == 12


@pytest.mark.parametrize(
    ("first", "last", "whole", "calendar", "thirty"),
    [
        (date(2026, 6, 10), date(2026, 6, 10), 1, Fraction(1, 30), Fraction(1, 30)),
        (date(2026, 6, 10), date(2026, 7, 9), 1, Fraction(21, 30) + Fraction(9, 31), 1),
        (date(2026, 6, 10), date(2026, 7, 10), 2, Fraction(21, 30) + Fraction(10, 31), 1 + Fraction(1, 30)),
        (date(2026, 6, 1), date(2026, 6, 30), 1, 1, 1),
        (date(2026, 7, 1), date(2026, 7, 31), 1, 1, 1),
        (date(2026, 1, 31), date(2026, 2, 28), 2, Fraction(1, 31) + 1, 1 + Fraction(1, 30)),
        (date(2028, 2, 1), date(2028, 2, 29), 1, 1, 1),
    ],
)
def test_c7_2_parts_of_a_month_count_as_the_formula_says(
    first: date, last: date, whole: int, calendar: Fraction, thirty: Fraction
) -> None:
    assert (whole_month(first, last), by_calendar_day(first, last), by_thirty_days(first, last)) == (
        whole,
        calendar,
        thirty,
    )


@given(first=DAYS, days=st.integers(0, 800))
def test_c7_2_a_longer_time_never_costs_less(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    for formula in FORMULAS.values():
        assert 0 < formula(first, last) <= formula(first, last + timedelta(days=1))
        assert formula(first, last) <= whole_month(first, last) + Fraction(1, 9)


@given(numerator=st.integers(-(10**9), 10**9), denominator=st.integers(1, 1000))
def test_x4_half_a_fen_goes_up_and_giving_back_is_the_same_sum(numerator: int, denominator: int) -> None:
    amount = Fraction(numerator, denominator)
    assert abs(_to_the_fen(amount) - amount) <= Fraction(1, 2)
    assert _to_the_fen(-amount) == -_to_the_fen(amount)


def test_x4_half_a_fen_goes_up() -> None:
    assert [_to_the_fen(Fraction(n, 2)) for n in (1, 3, -1)] == [1, 2, -1]


def test_s8_the_quote_keeps_formula_and_inputs_and_its_lines_sum_to_the_fen(stage: Stage) -> None:
    lines = [row(1, 16), row(9, 7), row(17, 1), row(24, -1)]
    number = story.planned(
        stage,
        story.advised(stage, story.submitted(stage, story.request(stage, type="adjust", lines=lines))),
        charged_from=date(2026, 5, 18),
    )
    figures = story.paper(stage, number, "work_plan").fields
    assert figures["formula"] == stage.contract.at(stage.at).setting("change.proration")
    months = by_calendar_day(date(2026, 5, 18), date(2027, 3, 9))
    amounts = [1400 * 16 * months, 10 * 7 * months, Fraction(3000000, 12) * months, -Fraction(5000000, 12) * months]
    priced = figures["priced_lines"]
    assert [line["amount_fen"] for line in priced] == [_to_the_fen(amount) for amount in amounts]
    assert {line["months"] for line in priced} == {str(months)}
    assert figures["amount_fen"] == sum(line["amount_fen"] for line in priced)
    assert figures["amount_fen"] == figures["additions_fen"] - figures["reductions_fen"]
    for name in ("unit_price_fen", "quantity", "priced_per", "first_day", "last_day"):
        assert all(name in line for line in priced)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(25_572_676, "10.0000"), (0, "0.0000"), (1, "0.0000"), (-25_572_676, "-10.0000"), (20_458_141, "8.0000")],
)
def test_x4_shares_are_text_and_cut_off(fen: int, text: str) -> None:
    assert share_of_total(fen, 255_726_760) == text
