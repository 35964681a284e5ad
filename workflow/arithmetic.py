"""Whether a contract's parts fit together: cited clauses exist, and sums come out to the fen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.calendar_files import CALENDAR_FILE
from workflow.directory import CATALOGUE_FILE, CONTRACT_FILE, FIGURES_FILE, OPERATIONS_FILE
from workflow.terms import Figure, share_fen

if TYPE_CHECKING:
    from workflow.contract import Contract, Edition
    from workflow.shapes import Notes

OF_HOURS = ("support.advice_hours", "support.fault_hours", "support.fault_calendar")
"""Settings that choose service hours: each choice must be there."""
TOTAL, WITHOUT_TAX, TAX_RATE = "contract.total", "contract.total_without_tax", "contract.tax_rate"


def check(contract: Contract, notes: Notes) -> None:
    """Note every reference into nowhere and every sum that does not come out."""
    _check_references(contract, notes)
    if not contract.editions:
        notes.add(FIGURES_FILE, "", "The contract has no figures.")
        return
    first = contract.editions[0]
    lines = sum(line.amount_fen for line in contract.lines)
    total = _amount(first, TOTAL, notes)
    # Only the first edition: a later total is that of a supplement, whose lines are not the catalogue that
    # was signed.
    if total is not None and total != lines:
        notes.add(
            CATALOGUE_FILE,
            "",
            "The lines sum to %(found)s fen, the contract's total is %(wanted)s fen.",
            found=lines,
            wanted=total,
        )
    for edition in contract.editions:
        _check_tax(edition, notes)
        _check_payments(edition, notes)


def _check_references(contract: Contract, notes: Notes) -> None:
    if contract.catalogue_clause not in contract.clauses:
        notes.add(CONTRACT_FILE, "catalogue_clause", "There is no clause %(clause)s.", clause=contract.catalogue_clause)
    for figure in contract.figures:
        if figure.clause not in contract.clauses:
            notes.add(FIGURES_FILE, figure.name, "There is no clause %(clause)s.", clause=figure.clause)
    for operation in contract.operations.values():
        if operation.clause not in contract.clauses:
            notes.add(OPERATIONS_FILE, operation.key, "There is no clause %(clause)s.", clause=operation.clause)
    for payment in contract.payments:
        if payment.clause not in contract.clauses:
            notes.add(CONTRACT_FILE, payment.key, "There is no clause %(clause)s.", clause=payment.clause)
    for hours in contract.hours.values():
        if hours.clause not in contract.clauses:
            notes.add(CALENDAR_FILE, hours.key, "There is no clause %(clause)s.", clause=hours.clause)
    for figure in contract.figures:
        if figure.name in OF_HOURS:
            for option in sorted(set(figure.options) - set(contract.hours)):
                notes.add(CALENDAR_FILE, figure.name, "There are no service hours %(name)s.", name=option)


def _amount(edition: Edition, name: str, notes: Notes, unit: str = "fen") -> int | None:
    figure: Figure | None = edition.figures.get(name)
    if figure is None or figure.unit != unit:
        notes.add(FIGURES_FILE, name, "There must be a figure of this name, in %(unit)s.", unit=unit)
        return None
    return figure.value if isinstance(figure.value, int) else 0


def _check_tax(edition: Edition, notes: Notes) -> None:
    if WITHOUT_TAX not in edition.figures or TAX_RATE not in edition.figures:
        return
    total, net = _amount(edition, TOTAL, notes), _amount(edition, WITHOUT_TAX, notes)
    # The net amount was rounded to the fen when it was derived, so one fen of tax may be lost, but no more.
    if total is not None and net is not None and abs(net + share_fen(net, edition.percent(TAX_RATE)) - total) > 1:
        notes.add(FIGURES_FILE, WITHOUT_TAX, "Net amount and tax do not make the total.")


def _check_payments(edition: Edition, notes: Notes) -> None:
    payments = edition.contract.payments
    if not payments:
        return
    amounts, fees = 0, {}
    for payment in payments:
        amount, fee = _amount(edition, payment.amount, notes), _amount(edition, payment.fee, notes)
        share = edition.figures.get(payment.share)
        if share is None or share.unit != "percent":
            notes.add(FIGURES_FILE, payment.share, "There must be a figure of this name, in %(unit)s.", unit="percent")
            continue
        if amount is None or fee is None:
            continue
        if share_fen(fee, edition.percent(payment.share)) != amount:
            notes.add(CONTRACT_FILE, payment.key, "The instalment is not its share of the fee.")
        amounts, fees[payment.fee] = amounts + amount, fee
    total = _amount(edition, TOTAL, notes)
    if total is not None and not amounts == sum(fees.values()) == total:
        notes.add(
            CONTRACT_FILE,
            "payment",
            "The instalments sum to %(found)s fen, the contract's total is %(wanted)s fen.",
            found=amounts,
            wanted=total,
        )
