"""What a declaration says to readers, and what a guard answers: sentences and names that are not yet in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Words:
    """A sentence for a reader, not yet in the reader's language: an English msgid and the values it speaks of.

    Values are plain data (str, int, aware datetime, timedelta), a `Label`, or further `Words`, so that a sentence can be stored
    with the event that it explains and be read years later in either language.
    """

    __slots__ = ("text", "values")

    def __init__(self, text: str, /, **values: Any) -> None:
        self.text = text
        self.values: Mapping[str, Any] = values

    def __str__(self) -> str:
        return (
            self.text
            % {name: str(value) if isinstance(value, Words | Label) else value for name, value in self.values.items()}
            if self.values
            else self.text
        )

    def __repr__(self) -> str:
        return f"Words({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and (self.text, dict(self.values)) == (other.text, dict(other.values))

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(frozen=True)
class Label:
    """The name of a declared thing as readers see it: `Label("state", "awaiting_consent")` reads "Awaiting consent"."""

    context: str
    name: str

    def __str__(self) -> str:
        return self.name.replace("_", " ").replace(".", " ").strip().capitalize()


class Missing(Words):
    """What a guard did not find. Said in words a person can act upon; `remedy` names a field that supplies it."""

    __slots__ = ("remedy",)

    def __init__(self, text: str, /, remedy: str | None = None, **values: Any) -> None:
        super().__init__(text, **values)
        self.remedy = remedy


@dataclass(frozen=True)
class Proof:
    """What a guard relied on: a kind of record and its identifier, so that a reader can look it up later."""

    kind: str
    reference: str | int | None = None
