"""What the linter says, and how its rules look at an edition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from workflow.contract import Edition, Figure
from workflow.declare import Label, Words

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)


@dataclass(frozen=True)
class Finding:
    """Something in a valid contract that a person should settle or know.

    `clauses`: the ids it comes from. `decided_by`: the figures that settle it, or the file to fill in.
    """

    severity: str
    code: str
    clauses: tuple[str, ...]
    msgid: str
    params: Mapping[str, str | int | timedelta | Label] = field(default_factory=dict)
    decided_by: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """The sentence, for a page to translate."""
        return Words(self.msgid, **self.params)

    def __str__(self) -> str:
        return f"{self.severity} {self.code} [{', '.join(self.clauses)}] {self.msgid % self.params}"


def clauses_of(*figures: Figure | None) -> tuple[str, ...]:
    """The clauses that some figures come from, each once."""
    return tuple(dict.fromkeys(figure.clause for figure in figures if figure is not None))


def is_open(edition: Edition, name: str) -> bool:
    """Whether nobody has settled the figure: it is only proposed, or it is missing."""
    figure = edition.figures.get(name)
    return figure is None or not figure.is_settled


def shown(figure: Figure | None) -> str | Label:
    """The value for a sentence: a setting as a label that pages translate, anything else as it is written."""
    if figure is None:
        return "?"
    return Label("setting", str(figure.value)) if figure.unit == "setting" else str(figure.value)
