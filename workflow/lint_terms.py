"""Rules of the linter about the terms: money, days of the term, policies, parties, and clauses nobody carries."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.calendar import PROVISIONAL
from workflow.calendar_files import CALENDAR_FILE
from workflow.contract import Edition
from workflow.declare import Label
from workflow.directory import CATALOGUE_FILE, CLAUSES_FILE, CONTRACT_FILE, OPERATIONS_FILE
from workflow.findings import ERROR, NOTE, WARNING, Finding, clauses_of, is_open, shown


def _lines_without_days(edition: Edition) -> Iterator[Finding]:
    """G8: a line shorter than the term has to say when it begins; the first day of the term is no default."""
    for line in edition.contract.lines:
        if line.starts is None:
            yield Finding(
                ERROR,
                "line_without_days",
                (edition.contract.catalogue_clause,),
                "Line %(line)s runs for %(months)s months, but no file says from when.",
                {"line": line.number, "months": line.months},
                (CATALOGUE_FILE,),
            )


def _too_many_to_recognise(edition: Edition) -> Iterator[Finding]:
    """G10: a party that did not sign is asked to agree."""
    figure = edition.figures.get("force_majeure.recognising_parties")
    signing = sum(party.signs for party in edition.contract.parties.values())
    setting = "force_majeure.recognised_by"
    if figure and isinstance(figure.value, int) and figure.value > signing and is_open(edition, setting):
        yield Finding(
            WARNING,
            "third_party_unknown",
            clauses_of(figure),
            "%(wanted)s parties must recognise force majeure together, but only %(signing)s signed.",
            {"wanted": figure.value, "signing": signing},
            (setting,),
        )


def _acceptance(edition: Edition) -> Iterator[Finding]:
    """G11: a window counted back over a year without announced holidays, and one that outlives the term."""
    if "acceptance.starts_before" not in edition.figures:
        return
    start = edition.before_explained("acceptance.starts_before", edition.term_end)
    if start.provisional:
        yield Finding(
            WARNING,
            "acceptance_start_provisional",
            clauses_of(start.figure),
            "Acceptance would start on %(day)s, but that looks at a year whose holidays are not announced.",
            {"day": start.day.isoformat()},
            (CALENDAR_FILE,),
        )
    steps = ("acceptance.conclusion_within", "acceptance.signature_within")
    if not all(name in edition.figures for name in steps):
        return
    conclusion = edition.due_explained(steps[0], edition.contract.calendar.start_of_day(start.day))
    # The day is passed on, not its end: 24:00 would already be the next day, and that one is not counted.
    signature = edition.due_explained(steps[1], edition.contract.calendar.start_of_day(conclusion.day))
    if signature.at > edition.term_end:
        yield Finding(
            NOTE,
            "acceptance_after_term",
            clauses_of(start.figure),
            "With every step taken on its last day, acceptance ends on %(day)s, after the term.",
            {"day": signature.day.isoformat()},
            tuple(steps),
        )


def _provisional_years(edition: Edition) -> Iterator[Finding]:
    contract = edition.contract
    for year in range(contract.first_day.year, contract.last_day.year + 1):
        if contract.calendar.status(year) == PROVISIONAL:
            yield Finding(
                WARNING,
                "calendar_provisional",
                (),
                "The holidays of %(year)s are not announced: periods that look at it are provisional.",
                {"year": str(year)},
                (CALENDAR_FILE,),
            )


def _rights_made_duties(edition: Edition) -> Iterator[Finding]:
    """G12: the contract lets the supplier check and demand; the desk makes it do so, which both have to agree to."""
    for name in ("reboot.identity_policy", "reboot.writing_policy"):
        figure = edition.figures.get(name)
        if figure and not figure.is_settled and figure.value != "supplier_decides":
            yield Finding(
                WARNING,
                "right_made_duty",
                clauses_of(figure),
                "The contract gives a right where %(name)s = %(value)s makes a duty: record it as an agreed policy.",
                {"name": name, "value": shown(figure)},
                (name,),
            )
    for operation in edition.contract.operations.values():
        if not operation.writing_required:
            yield Finding(
                NOTE,
                "operation_without_writing",
                (operation.clause,),
                "Operations of the class %(key)s need no written application.",
                {"key": operation.key},
                (OPERATIONS_FILE,),
            )


def _one_sided_cap(edition: Edition) -> Iterator[Finding]:
    rates = ("penalty.late_payment_rate", "penalty.late_service_rate")
    caps = ("penalty.late_payment_cap", "penalty.late_service_cap")
    if not all(name in edition.figures for name in rates):
        return
    capped = [cap in edition.figures for cap in caps]
    if any(capped) and not all(capped):
        has, lacks = (0, 1) if capped[0] else (1, 0)
        yield Finding(
            WARNING,
            "penalty_cap_one_sided",
            clauses_of(edition.figures[rates[has]], edition.figures[rates[lacks]]),
            "%(capped)s has an upper limit, %(uncapped)s has none.",
            {"capped": rates[has], "uncapped": rates[lacks]},
            (caps[lacks],),
        )


def _daily_fee(edition: Edition) -> Iterator[Finding]:
    """A day's fee is owed back, but lines that run for a part of the term make two answers possible."""
    contract, setting = edition.contract, "penalty.daily_fee_basis"
    figure = edition.figures.get("penalty.interruption_rate")
    if figure is None or not is_open(edition, setting):
        return
    if all((line.starts, line.ends) == (contract.first_day, contract.last_day) for line in contract.lines):
        return
    days = (contract.last_day - contract.first_day).days + 1
    fen = (2 * edition.fen("contract.total") + days) // (2 * days)
    yield Finding(
        WARNING,
        "daily_fee_not_agreed",
        clauses_of(figure),
        "A day's fee is owed back: the total by %(days)s days is %(yuan)s yuan, but not every line runs on every day.",
        {"days": days, "yuan": f"{fen // 100}.{fen % 100:02}"},
        (setting,),
    )


def _figures_changed_without_agreement(edition: Edition) -> Iterator[Finding]:
    """C7.2: nothing of the contract changes without a supplementary agreement."""
    settled: set[str] = set()
    for figure in sorted(edition.contract.figures, key=lambda one: one.since):
        if figure.name in settled and not figure.agreement:
            yield Finding(
                ERROR,
                "change_without_agreement",
                (figure.clause,),
                "%(name)s changes on %(day)s, but no supplementary agreement is named.",
                {"name": figure.name, "day": figure.since.isoformat()},
                (figure.name,),
            )
        if figure.is_settled:
            settled.add(figure.name)


def _clauses_left_alone(edition: Edition) -> Iterator[Finding]:
    for clause in edition.contract.clauses.values():
        if not clause.carried_by and clause.not_carried is None:
            yield Finding(
                ERROR,
                "clause_left_alone",
                (clause.id,),
                "Clause %(clause)s is neither carried nor is there a reason why not.",
                {"clause": clause.id},
                (CLAUSES_FILE,),
            )


def _parties_without_name(edition: Edition) -> Iterator[Finding]:
    for party in edition.contract.parties.values():
        if not party.named:
            yield Finding(
                NOTE,
                "party_not_named",
                (),
                "The contract does not name its %(party)s.",
                {"party": Label("party", party.key)},
                (CONTRACT_FILE,),
            )


RULES = (
    _lines_without_days,
    _too_many_to_recognise,
    _acceptance,
    _provisional_years,
    _rights_made_duties,
    _one_sided_cap,
    _daily_fee,
    _figures_changed_without_agreement,
    _clauses_left_alone,
    _parties_without_name,
)
