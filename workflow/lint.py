"""Reads a contract as a lawyer would before signing: contradictions, gaps, and the setting that decides each.

Every finding is computed from the directory at hand. A contract whose figures agree with each other, and whose
open readings both parties have settled, gives none. The figures are looked up under the names that workflows use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workflow import lint_service, lint_terms
from workflow.contract import Contract, Edition, Problem, examine
from workflow.declare import Label
from workflow.findings import ERROR, NOTE, SEVERITIES, WARNING, Finding, shown

__all__ = ["ERROR", "NOTE", "WARNING", "Finding", "Report", "check", "lint"]

RULES = (*lint_service.RULES, *lint_terms.RULES)


@dataclass(frozen=True)
class Report:
    """What `check` found: `problems` make the directory no contract; `findings` are for people to settle."""

    contract: Contract | None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether the directory can be loaded; findings do not hinder it."""
        return self.contract is not None


def check(path: Path | str) -> Report:
    """Everything that can be said about the directory `path`, without raising."""
    contract, problems = examine(path)
    return Report(contract, problems, tuple(lint(contract)) if contract else ())


def lint(contract: Contract) -> list[Finding]:
    """The findings of a contract's latest edition, gravest first."""
    edition = contract.editions[-1]
    found = [finding for rule in RULES for finding in rule(edition)]
    named = {name for finding in found for name in finding.decided_by}
    found.extend(_still_proposed(edition, named))
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _still_proposed(edition: Edition, named: set[str]) -> Iterator[Finding]:
    for figure in edition.proposed:
        if figure.name not in named:
            yield Finding(
                NOTE,
                "figure_proposed",
                (figure.clause,),
                "%(name)s = %(value)s %(unit)s is our proposal until both parties agree.",
                {"name": figure.name, "value": shown(figure), "unit": Label("unit", figure.unit)},
                (figure.name,),
            )
