"""The linter: what it finds in the shipped contract, that it finds nothing in one that is in order, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from workflow.contract import Contract
from workflow.lint import ERROR, NOTE, WARNING, Finding, check, lint

Change = Callable[..., Path]
HARBOUR = Path(__file__).resolve().parent / "data" / "harbour-2025"


def codes(findings: Sequence[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def the(findings: Sequence[Finding], code: str) -> list[Finding]:
    return [finding for finding in findings if finding.code == code]


def test_the_shipped_contract_has_the_gaps_that_people_know_of(beijing: Contract) -> None:
    found = lint(beijing)
    assert codes(found) == {
        "line_without_days",
        "clocks_not_chainable",
        "clock_start_not_agreed",
        "support_hours_differ",
        "important_systems_unlisted",
        "feedback_not_agreed",
        "reading_not_agreed",
        "part_day_not_agreed",
        "proration_not_agreed",
        "availability_window_not_agreed",
        "availability_exclusions_not_agreed",
        "third_party_unknown",
        "acceptance_start_provisional",
        "acceptance_after_term",
        "calendar_provisional",
        "right_made_duty",
        "penalty_cap_one_sided",
        "daily_fee_not_agreed",
        "availability_used_up",
        "party_not_named",
        "figure_proposed",
    }
    assert [finding.severity for finding in found] == sorted(
        (finding.severity for finding in found), key=[ERROR, WARNING, NOTE].index
    )


def test_every_finding_names_clauses_of_the_contract_and_what_decides_it(beijing: Contract) -> None:
    names = {figure.name for figure in beijing.figures} | {"penalty.late_service_cap"}
    for finding in lint(beijing):
        assert set(finding.clauses) <= set(beijing.clauses)
        assert finding.decided_by
        assert all(name in names or name.endswith((".toml", ".csv")) for name in finding.decided_by), finding
        assert "%(" not in str(finding.words)


def test_g1_the_four_clocks_are_compared_by_their_lengths(beijing: Contract) -> None:
    found = the(lint(beijing), "clocks_not_chainable")
    assert {(one.params["earlier"], one.params["limit"]) for one in found} == {
        ("fault.response", "fault.removal_important"),
        ("fault.arrival", "fault.removal"),
        ("fault.arrival", "fault.removal_important"),
    }
    assert {one.clauses for one in found} == {("C4.6", "C4.7")}


def test_sentences_carry_the_numbers_of_the_contract(beijing: Contract) -> None:
    found = lint(beijing)
    assert "7006.21 yuan" in str(the(found, "daily_fee_not_agreed")[0])
    assert "0:52:33.600000" in str(the(found, "availability_used_up")[0])
    assert "2 faults" in str(the(found, "availability_used_up")[0])
    assert {str(one.params["line"]) for one in the(found, "line_without_days")} == {"2", "4", "6", "15"}
    assert {one.params["next"] for one in the(found, "reading_not_agreed")} == {4, 6}
    assert len(the(found, "feedback_not_agreed")[0].decided_by) == 5


def test_a_contract_in_order_gives_no_finding(harbour: Contract) -> None:
    assert lint(harbour) == []


def figure(name: str, value: str, unit: str) -> str:
    return f'name = "{name}"\nvalue = {value}\nunit = "{unit}"\n'


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        (
            "figures.toml",
            figure("fault.removal_counts_from", '"response"', "setting"),
            figure("fault.removal_counts_from", '"report"', "setting"),
            None,
        ),
        (
            "figures.toml",
            figure("force_majeure.recognising_parties", "3", "count"),
            figure("force_majeure.recognising_parties", "4", "count"),
            None,
        ),
        (
            "figures.toml",
            figure("support.advice_hours", '"round_the_clock"', "setting"),
            figure("support.advice_hours", '"working_hours"', "setting"),
            None,
        ),
        ("figures.toml", 'name = "penalty.late_service_cap"', 'name = "penalty.other_cap"', "penalty_cap_one_sided"),
        ("figures.toml", 'name = "penalty.part_day"', 'name = "penalty.other"', "part_day_not_agreed"),
        ("figures.toml", 'name = "fault.response_counts_from"', 'name = "fault.other"', "clock_without_start"),
        (
            "figures.toml",
            'name = "availability.window"',
            'name = "availability.other"',
            "availability_window_not_agreed",
        ),
        ("figures.toml", 'agreement = "HB-S1"\n', "", "change_without_agreement"),
        (
            "figures.toml",
            figure("acceptance.starts_before", "35", "working_day"),
            figure("acceptance.starts_before", "9", "working_day"),
            "acceptance_after_term",
        ),
        ("catalogue.csv", ",22.50,2025-03-01,2025-07-31", ",22.50,,", "line_without_days"),
        ("systems.toml", "supplier_signed = 2025-06-03\n", "", "system_list_unsigned"),
        ("contract.toml", "named = true", "named = false", "party_not_named"),
        ("clauses.toml", 'carried_by = ["contract", "change"]\n', "", "clause_left_alone"),
        ("operations.toml", "writing_required = true", "writing_required = false", "operation_without_writing"),
        ("calendar/calendar.toml", "[[year]]", '[[year]]\nyear = 2026\nstatus = "provisional"\n\n[[year]]', None),
    ],
)
def test_findings_come_and_go_with_the_data(changed: Change, file: str, old: str, new: str, code: str | None) -> None:
    report = check(changed(file, old, new, source=HARBOUR))
    assert report.problems == ()
    assert codes(report.findings) == ({code} if code else set())


def unsettled(path: Path, name: str) -> None:
    text = (path / "figures.toml").read_text("utf-8")
    head, tail = text.split(f'name = "{name}"\n', 1)
    tail = tail.replace('status = "agreed"', 'status = "proposed"', 1)
    (path / "figures.toml").write_text(f'{head}name = "{name}"\n{tail}', "utf-8")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("fault.response_counts_from", "clock_start_not_agreed"),
        ("fault.feedback_level_2", "feedback_not_agreed"),
        ("penalty.obstacles_reading", "reading_not_agreed"),
        ("penalty.late_days_reading", "reading_not_agreed"),
        ("penalty.part_day", "part_day_not_agreed"),
        ("penalty.daily_fee_basis", "daily_fee_not_agreed"),
        ("change.proration", "proration_not_agreed"),
        ("reboot.identity_policy", "right_made_duty"),
        ("fault.reopen_within", "figure_proposed"),
        ("force_majeure.recognised_by", "figure_proposed"),
    ],
)
def test_a_reading_is_a_finding_until_both_agree(changed: Change, name: str, code: str) -> None:
    path = changed("systems.toml", "effective = 2025-06-01", "effective = 2025-06-01", source=HARBOUR)
    unsettled(path, name)
    found = list(check(path).findings)
    assert codes(found) == {code}
    assert name in found[0].decided_by


def test_clocks_that_fit_give_no_finding_even_if_all_count_from_the_report(changed: Change) -> None:
    path = changed(
        "figures.toml",
        figure("fault.removal_counts_from", '"response"', "setting"),
        figure("fault.removal_counts_from", '"report"', "setting"),
        source=HARBOUR,
    )
    changed(
        "figures.toml", figure("fault.arrival", "25", "minute"), figure("fault.arrival", "40", "minute"), source=HARBOUR
    )
    assert check(path).findings == ()
    changed(
        "figures.toml", figure("fault.arrival", "40", "minute"), figure("fault.arrival", "41", "minute"), source=HARBOUR
    )
    found = check(path).findings
    assert [(one.code, one.params["limit"]) for one in found] == [("clocks_not_chainable", "fault.removal_important")]


def test_more_parties_than_signed_is_a_finding_unless_settled(changed: Change) -> None:
    overseer = 'en = "Overseer" }\nsigns = '
    path = changed("contract.toml", f"{overseer}true", f"{overseer}false", source=HARBOUR)
    assert check(path).findings == ()
    unsettled(path, "force_majeure.recognised_by")
    assert codes(check(path).findings) == {"third_party_unknown"}


def test_an_empty_or_unsigned_list_is_a_finding(changed: Change) -> None:
    path = changed("systems.toml", "effective = 2025-02-01", "effective = 2025-02-01", source=HARBOUR)
    (path / "systems.toml").write_text("version = []\n", "utf-8")
    assert codes(check(path).findings) == {"important_systems_unlisted"}
