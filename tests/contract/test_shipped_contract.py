"""The contract as shipped: every clause, every figure that others ask for by name, and the money to the fen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from workflow.contract import Contract, Edition, UnknownEntry, UnknownFigure, share_fen

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)


@pytest.fixture
def edition(beijing: Contract) -> Edition:
    return beijing.at(NOON)


def test_every_clause_is_there_and_carried_or_explained(beijing: Contract) -> None:
    assert len(beijing.clauses) == 73
    assert {"C1.1", "C9.5", "C9.16", "C16.2", "N4.2", "N8.2"} <= set(beijing.clauses)
    for clause in beijing.clauses.values():
        assert bool(clause.carried_by) != (clause.not_carried is not None), clause.id
        assert clause.text.zh != clause.text.en
    assert {"C9.12", "C9.15"} <= {clause.id for clause in beijing.carried_by("drill")}


@pytest.mark.parametrize(
    ("name", "value", "unit", "clause"),
    [
        ("fault.response", 15, "minute", "C4.6"),
        ("fault.arrival", 2, "hour", "C4.6"),
        ("fault.removal", 30, "minute", "C4.7"),
        ("fault.removal_important", 10, "minute", "C4.7"),
        ("fault.removal_counts_from", "report", "setting", "C4.7"),
        ("fault.feedback_level_4", 1, "working_day", "C9.16"),
        ("reboot.identity_valid", 30, "minute", "C9.5"),
        ("reboot.identity_attempts", 3, "count", "C9.5"),
        ("reboot.challenge_valid", 10, "minute", "C9.5"),
        ("reboot.number_cool_off", 24, "hour", "C9.5"),
        ("identity.factor_valid", 5, "minute", "C9.5"),
        ("change.supplement_cap", Decimal(10), "percent", "C16.2"),
        ("change.net_reductions", "no", "setting", "C16.2"),
        ("change.publicity_within", 2, "working_day", "C16.2"),
        ("change.filing_within", 7, "working_day", "C16.2"),
        ("change.renewal_reminder_1", 90, "working_day", "C9.7"),
        ("drill.status_report_by", 1, "next_day_end", "C9.15"),
        ("drill.next_plan_by", "11-30", "month_day", "C9.15"),
        ("availability.platform", Decimal("99.99"), "percent", "C4.4"),
        ("penalty.late_service_rate", Decimal("0.01"), "percent", "C11.3"),
        ("payment.second_by", date(2026, 9, 30), "date", "C6.3"),
        ("secrecy.penalty", 2_000_000, "fen", "N6.1"),
        ("force_majeure.proof_within", 15, "day", "C13.3"),
    ],
)
def test_figures_stand_with_unit_and_clause(edition: Edition, name: str, value: object, unit: str, clause: str) -> None:
    figure = edition.figure(name)
    assert (figure.value, figure.unit, figure.clause) == (value, unit, clause)


def test_what_only_we_propose_is_marked_so(edition: Edition) -> None:
    assert edition.figure("fault.response").status == "contract"
    assert edition.figure("fault.feedback_level_1").status == "proposed"
    assert edition.figure("fault.removal_counts_from").question == "G1"
    assert edition.figure("penalty.obstacles_reading").options == ("more_than", "at_least")
    assert all(figure.status == "proposed" for figure in edition.proposed)


def test_c1_2_the_lines_sum_to_the_total_to_the_fen(beijing: Contract, edition: Edition) -> None:
    assert [line.number for line in beijing.lines] == list(range(1, 27))
    assert sum(line.amount_fen for line in beijing.lines) == edition.fen("contract.total") == 255_726_760
    assert (edition.line(9).unit_price_fen, edition.line(9).amount_fen) == (10, 1_560)
    assert edition.line(12).amount_fen == 6_000
    assert [line.number for line in beijing.lines if line.starts is None] == [2, 4, 6, 15]


def test_x4_shares_are_rounded_half_up_to_the_fen(edition: Edition) -> None:
    total = edition.fen("contract.total")
    assert share_fen(total, edition.percent("penalty.late_service_rate")) == 25_573
    assert share_fen(total, edition.percent("penalty.late_payment_cap")) == 12_786_338
    assert share_fen(total, edition.percent("change.supplement_cap")) == 25_572_676
    assert share_fen(1, Decimal(50)) == 1


def test_limits_in_minutes_run_from_the_instant(edition: Edition) -> None:
    assert edition.due("fault.response", NOON) == NOON + timedelta(minutes=15)
    assert edition.due("fault.removal_important", NOON) == NOON + timedelta(minutes=10)
    assert edition.duration("identity.factor_valid") == timedelta(minutes=5)


def test_limits_in_days_end_at_midnight_and_say_how_they_were_found(edition: Edition) -> None:
    signed = datetime(2026, 9, 29, 6, tzinfo=UTC)
    assert edition.due("change.publicity_within", signed) == datetime(2026, 10, 8, 16, tzinfo=UTC)
    cooled = edition.due_explained("change.cooling_off", datetime(2026, 9, 28, 6, tzinfo=UTC))
    assert (cooled.day, cooled.rolled, cooled.provisional) == (date(2026, 10, 8), True, False)
    assert cooled.nominal_at == datetime(2026, 10, 5, 16, tzinfo=UTC)
    assert cooled.figure.name == "change.cooling_off"
    report = edition.due("drill.status_report_by", datetime(2026, 9, 30, 6, tzinfo=UTC))
    assert report == datetime(2026, 10, 1, 16, tzinfo=UTC)
    assert edition.due("drill.next_plan_by", NOON) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert edition.due("payment.second_by", NOON) == datetime(2026, 9, 30, 16, tzinfo=UTC)


def test_c12_the_start_of_acceptance_is_provisional_while_2027_is_not_announced(edition: Edition) -> None:
    start = edition.before_explained("acceptance.starts_before", edition.term_end)
    assert start.provisional
    assert start.day == date(2027, 2, 9)


def test_c2_1_the_term_runs_to_midnight_of_its_last_day(edition: Edition) -> None:
    first, end = datetime(2026, 3, 9, 16, tzinfo=UTC), datetime(2027, 3, 9, 16, tzinfo=UTC)
    assert edition.term_end == end
    assert [edition.in_term(at) for at in (first - timedelta(microseconds=1), first)] == [False, True]
    assert [edition.in_term(at) for at in (end - timedelta(microseconds=1), end)] == [True, False]


def test_c4_7_the_list_of_important_systems_is_shipped_empty(edition: Edition) -> None:
    listed = edition.systems_at(NOON)
    assert (listed.version, listed.systems, listed.includes("portal")) == (0, (), False)


def test_c9_5_what_destroys_data_has_no_emergency_way(beijing: Contract) -> None:
    for operation in beijing.operations.values():
        assert not (operation.destroys_data and operation.emergency_allowed)
    assert beijing.operation("data_modification").data_authorisation
    assert beijing.operation("data_modification").clause == "C9.11"
    assert {"deletion", "formatting", "restore"} <= {
        key for key, one in beijing.operations.items() if not one.emergency_allowed
    }


def test_what_nobody_declared_is_an_error_never_a_default(edition: Edition) -> None:
    with pytest.raises(UnknownFigure):
        edition.figure("fault.respond")
    for ask in (edition.count, edition.fen, edition.percent, edition.setting, edition.date):
        with pytest.raises(UnknownFigure):
            ask("fault.response")
    for name in ("contract.total", "change.net_reductions"):
        with pytest.raises(UnknownFigure):
            edition.due(name, NOON)
    with pytest.raises(UnknownFigure):
        edition.duration("change.cooling_off")
    for look_up in (lambda: edition.clause("C99.9"), lambda: edition.line(27), lambda: edition.operation("dance")):
        with pytest.raises(UnknownEntry):
            look_up()
    assert edition.contract.unknown_figures(["fault.response", "fault.respond"]) == ("fault.respond",)


def test_the_supervisor_is_not_named_and_signed_nothing(beijing: Contract) -> None:
    supervisor = beijing.parties["supervisor"]
    assert (supervisor.named, supervisor.signs) == (False, False)
    assert "未写明" in supervisor.name.for_language("zh_Hans_CN")
    assert "not named" in supervisor.name.for_language("en")
