"""What a contract consists of: parties, clauses, figures, lines, systems, operations; and their problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from workflow.declare import Words

Value = int | Decimal | str | date


@dataclass(frozen=True)
class Text:
    """One short text in both languages."""

    zh: str
    en: str

    def for_language(self, language: str) -> str:
        """The text for a locale such as `zh_Hans_CN` or `en`."""
        return self.zh if language.startswith("zh") else self.en

    def __str__(self) -> str:
        return self.en


@dataclass(frozen=True)
class PartyDetails:
    """Who stands behind `client`, `supplier` or `supervisor`.

    `signs`: whether this party signed the contract. `named`: whether the contract says who it is.
    """

    key: str
    name: Text
    title: Text
    signs: bool
    named: bool


@dataclass(frozen=True)
class Clause:
    """One clause, in our own short wording. `carried_by`: kinds of workflow, or `contract`, or `desk`.

    Exactly one of `carried_by` and `not_carried` should be filled; the linter reports a clause that has
    neither.
    """

    id: str
    who: str
    text: Text
    marks: frozenset[str] = frozenset()
    carried_by: tuple[str, ...] = ()
    not_carried: Text | None = None


@dataclass(frozen=True)
class Figure:
    """A number or a policy of the contract, from the day `since` on.

    `unit` says what `value` is: minute, hour, day, working_day, month, next_day_end, count, fen (int) ·
    percent (Decimal) · setting (str, one of `options`) · month_day ("MM-DD") · date.
    `status`: `contract` (it stands there), `agreed` (both parties settled it), `proposed` (ours until they
    do: 待双方确认). `law`: the rule outside the contract that asks for it, if any. `question`: the open
    point of the contract it answers. `agreement`: the supplementary agreement that brought it, if it
    replaces an earlier figure.
    """

    name: str
    value: Value
    unit: str
    clause: str
    since: date
    status: str
    note: Text
    options: tuple[str, ...] = ()
    law: str = ""
    question: str = ""
    agreement: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether both parties are bound by it."""
        return self.status != "proposed"


@dataclass(frozen=True)
class CatalogueLine:
    """One priced line; money in fen. `starts`, `ends`: its days, None where the contract is silent."""

    number: int
    name: Text
    unit: Text
    unit_price_fen: int
    quantity: int
    months: int
    priced_per: str
    amount_fen: int
    starts: date | None
    ends: date | None


@dataclass(frozen=True)
class System:
    """An information system of the client."""

    key: str
    name: Text


@dataclass(frozen=True)
class SystemList:
    """One version of the list of important information systems; version 0 is empty, before any other."""

    version: int = 0
    effective: date | None = None
    client_signed: date | None = None
    supplier_signed: date | None = None
    systems: tuple[System, ...] = ()

    def includes(self, key: str) -> bool:
        """Whether the system stands on this list."""
        return any(system.key == key for system in self.systems)

    def in_force(self, day: date) -> bool:
        """Whether both had signed it, and it had taken effect, on `day`."""
        dates = (self.effective, self.client_signed, self.supplier_signed)
        return all(one is not None and one <= day for one in dates)


@dataclass(frozen=True)
class OperationClass:
    """A class of dangerous operations, and what must be in place before one is carried out."""

    key: str
    name: Text
    clause: str
    risk: str
    writing_required: bool
    second_person_required: bool
    data_authorisation: bool
    emergency_allowed: bool
    destroys_data: bool


@dataclass(frozen=True)
class Payment:
    """One instalment, by the names of its figures: `amount` (fen) is `share` (percent) of `fee` (fen)."""

    key: str
    amount: str
    share: str
    fee: str
    clause: str


@dataclass(frozen=True)
class Problem:
    """Something in a contract directory that must be put right: which file, where in it, and what."""

    file: str
    place: str
    msgid: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """The sentence, for a page to translate."""
        return Words(self.msgid, **self.params)

    def __str__(self) -> str:
        where = f"{self.file} · {self.place}" if self.place else self.file
        return f"{where}: {self.msgid % self.params}"


class ContractError(ValueError):
    """A directory that is no contract. `problems` holds all of them, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class UnknownFigure(LookupError):
    """No figure of this name was in force, or it has another unit than the one asked for."""


class UnknownEntry(LookupError):
    """No clause, line or operation of this name."""


def yuan(fen: int) -> str:
    """An amount to the fen, as both languages write it: ¥1,234.50."""
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def share_fen(amount_fen: int, percent: Decimal) -> int:
    """`percent` of an amount, in fen, half a fen rounded up."""
    return int((Decimal(amount_fen) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
