"""Consequences of an act beyond its own ticket. Workflows return them; the records apply them in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflow.words import Words


@dataclass(frozen=True)
class OpenLinked:
    """Opens a ticket of `kind` in the name of the same actor, bound to this one by `relation`."""

    kind: str
    relation: str
    fields: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class LinkTo:
    """Binds this ticket by `relation` to the ticket `number` of the same contract, which a guard has found to exist."""

    number: str
    relation: str


@dataclass(frozen=True)
class LineChange:
    """A change of one catalogue line: units added (or given back, negative), from a day on; `ends` moves its last day."""

    line: int
    quantity: int
    from_day: date
    ends: date | None = None


@dataclass(frozen=True)
class SignSupplement:
    """A supplementary agreement that both parties signed: what it adds (integer fen) counts against the cap (C7.2)."""

    additions_fen: int
    reductions_fen: int


@dataclass(frozen=True)
class ChangeBaseline:
    """The catalogue baseline moves to its next version (C7.2: only when the change is done)."""

    changes: tuple[LineChange, ...]


@dataclass(frozen=True)
class Tell:
    """An urgent message to a party: to these accounts of it, or to everybody; by these channels, or by all."""

    party: str
    words: Words
    accounts: tuple[int, ...] | None = None
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class NobodyThere:
    """A call found nobody of the party at this post, or of this role."""

    party: str
    post: str


ONLY_TOLD = (Tell, NobodyThere)
"""What changes nothing that another act would look at."""
Effect = OpenLinked | LinkTo | SignSupplement | ChangeBaseline | Tell | NobodyThere
