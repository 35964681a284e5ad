"""Another contract, loaded by the same code: every answer follows its files, so no number stands in code."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from workflow.contract import Contract, share_fen

WORKFLOW = Path(__file__).resolve().parents[2] / "workflow"
MAY = datetime(2025, 5, 5, 9, tzinfo=UTC)
BOTH = ("support.fault_hours", "support.fault_calendar", "force_majeure.recognising_parties")


def test_every_figure_of_the_second_contract_is_its_own(beijing: Contract, harbour: Contract) -> None:
    ours, theirs = beijing.at(MAY).figures, harbour.at(MAY).figures
    shared = ours.keys() & theirs.keys() - set(BOTH)
    assert len(shared) > 80
    for name in shared:
        assert (ours[name].value, ours[name].unit) != (theirs[name].value, theirs[name].unit), name


def test_every_limit_follows_the_files(harbour: Contract) -> None:
    edition = harbour.at(MAY)
    assert edition.due("fault.response", MAY) == MAY + timedelta(minutes=7)
    assert edition.due("fault.arrival", MAY) == MAY + timedelta(minutes=25)
    assert edition.due("fault.removal_important", MAY) == MAY + timedelta(minutes=40)
    assert edition.count("reboot.identity_attempts") == 5
    assert edition.setting("fault.removal_counts_from") == "response"
    assert edition.due("change.publicity_within", datetime(2025, 4, 29, 9, tzinfo=UTC)) == datetime(
        2025, 5, 6, 23, tzinfo=UTC
    )
    assert edition.due("drill.status_report_by", MAY) == datetime(2025, 5, 7, 23, tzinfo=UTC)
    assert edition.due("drill.next_plan_by", MAY) == datetime(2025, 10, 20, 23, tzinfo=UTC)
    assert share_fen(edition.fen("contract.total"), edition.percent("change.supplement_cap")) == 158_405
    assert sum(line.amount_fen for line in harbour.lines) == edition.fen("contract.total") == 1_267_239
    assert edition.term_end == datetime(2026, 1, 1, tzinfo=UTC)
    assert edition.clause("H1.1").carried_by == ("reboot",)
    assert "forced_power_off" not in harbour.operations
    assert not edition.operation("shutdown").emergency_allowed


def test_c16_2_a_supplement_makes_a_new_edition_from_its_day_on(harbour: Contract) -> None:
    eve, day = (datetime(2025, 6, 30, 22, 59, 59, tzinfo=UTC), datetime(2025, 6, 30, 23, tzinfo=UTC))
    before, after = harbour.at(eve), harbour.at(day)
    assert [(one.number, one.since) for one in (before, after)] == [(1, date(2025, 1, 20)), (2, date(2025, 7, 1))]
    assert before.due("fault.response", day) == day + timedelta(minutes=7)
    assert after.due("fault.response", day) == day + timedelta(minutes=6)
    assert after.figure("fault.response").agreement == "HB-S1"
    assert after.figure("fault.arrival") is before.figure("fault.arrival")
    assert harbour.at(datetime(2020, 1, 1, tzinfo=UTC)).number == 1


def test_c4_7_a_list_counts_once_both_have_signed_and_it_has_taken_effect(harbour: Contract) -> None:
    def version(day: int, month: int, hour: int = 12) -> int:
        return harbour.systems_at(datetime(2025, month, day, hour, tzinfo=UTC)).version

    assert [version(31, 1), version(1, 2), version(2, 6), version(3, 6)] == [0, 1, 1, 2]
    listed = harbour.systems_at(datetime(2025, 6, 4, tzinfo=UTC))
    assert listed.includes("berths")
    assert not harbour.systems_at(datetime(2025, 5, 4, tzinfo=UTC)).includes("berths")


def test_no_year_is_taken_from_another_contract(beijing: Contract, harbour: Contract) -> None:
    assert (harbour.calendar.status(2025), harbour.calendar.status(2026)) == ("published", "provisional")
    assert harbour.calendar.is_working_day(date(2025, 3, 22))
    assert not harbour.calendar.is_working_day(date(2025, 3, 17))
    assert harbour.calendar.digest != beijing.calendar.digest
    assert harbour.digest != beijing.digest


MODULES = (
    "contract",
    "calendar",
    "calendar_files",
    "hours",
    "terms",
    "shapes",
    "directory",
    "arithmetic",
    "lint",
    "lint_service",
    "lint_terms",
)


@pytest.mark.parametrize("module", MODULES)
def test_no_amount_name_or_date_of_a_contract_stands_in_code(module: str, beijing: Contract) -> None:
    source = (WORKFLOW / f"{module}.py").read_text("utf-8")
    money = {str(figure.value) for figure in beijing.figures if figure.unit == "fen"}
    money |= {str(line.amount_fen) for line in beijing.lines}
    percents = {str(figure.value) for figure in beijing.figures if figure.unit == "percent"}
    percents = {percent for percent in percents if "." in percent}
    found = {str(node.value) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    # Amounts below ten thousand fen are too common among numbers to prove anything.
    assert not found & {amount for amount in money if len(amount) > 4}
    assert not found & percents
    assert not re.search(r"20\d\d-\d\d-\d\d", source)
    for party in beijing.parties.values():
        assert party.name.zh not in source
