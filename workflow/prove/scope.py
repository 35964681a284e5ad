"""Within which bounds a workflow is explored: who takes part, what they may fill in, and along which moments time passes.

A scope is small on purpose and is explored completely. Whatever can run out must run out between two of its moments.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workflow.attempt import Actor, Facts, MandateFact
from workflow.declare import ROLES, Action
from workflow.follow import A_CODE

RIGHT_CODE, WRONG_CODE = A_CODE, "999999"
LONG_AGO = timedelta(days=60)


@dataclass(frozen=True)
class Player:
    """Somebody who takes part: `roles` by name, none for somebody without a mandate. `same_as` names the player of whose
    natural person this is another account; `number`: a call-back number stands on the list."""

    name: str
    roles: tuple[str, ...] = ()
    same_as: str | None = None
    number: bool = True
    scope: Mapping[str, Any] = field(default_factory=dict, hash=False)


def cast(**roles: str | Sequence[str]) -> tuple[Player, ...]:
    """Players by name, each with a role or several."""
    return tuple(Player(name, (held,) if isinstance(held, str) else tuple(held)) for name, held in roles.items())


@dataclass(frozen=True)
class Who:
    """In what is filled in: the natural person of this player."""

    name: str


@dataclass(frozen=True)
class After:
    """In what is filled in: an instant so long after the scope begins."""

    span: timedelta


def after(**span: float) -> After:
    """An instant: so long after the scope begins."""
    return After(timedelta(**span))


@dataclass(frozen=True)
class Fill:
    """One way to fill in the form of an act. `says` names it in a story, where there are several; `only` narrows by whom, `at`
    in which states; `aside`: it is tried, and goes no further."""

    fields: Mapping[str, Any] = field(hash=False)
    says: str = ""
    only: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    aside: bool = False


@dataclass(frozen=True)
class Elsewhere:
    """Something that happens on another ticket: `change` gives the facts after it, or None where it cannot happen now."""

    name: str
    says: str
    change: Callable[[Facts], Facts | None] = field(compare=False)


@dataclass(frozen=True)
class Scope:
    """Bounds of one exploration. `moments`: how long after the beginning time stands, one after the other. `fills`: for an
    act, the ways to fill it in; without an entry the examples of its form serve. `leaves_out`: acts that nobody does here.
    `until`: states at which the scope ends; another one goes on from there. `at_most`: how often an act is done in one run
    (one that leads back would go on for ever; 0: it is tried, and goes no further). `lapses`: whose mandates may be missing
    at any moment, one at a time (None: everybody's). `keeps`: limits of which a finished term still counts. `more`: what
    stands outside the ticket. `found_one`: pairs of players who may turn out to be one natural person."""

    name: str
    says: str
    cast: tuple[Player, ...]
    moments: tuple[timedelta, ...] = (timedelta(0),)
    fills: Mapping[str, Sequence[Fill]] = field(default_factory=dict, hash=False)
    leaves_out: Collection[str] = ()
    until: Collection[str] = ()
    at_most: Mapping[str, int] = field(default_factory=dict, hash=False)
    lapses: Collection[str] | None = None
    keeps: Collection[str] = ()
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)
    elsewhere: tuple[Elsewhere, ...] = ()
    found_one: tuple[tuple[str, str], ...] = ()
    begins: datetime | None = None
    """None: at ten in the morning of a working day in the middle of the term."""
    figures: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Settings of the contract that are otherwise in this scope."""


class Stage:
    """A scope's cast and forms, put together once: actors, mandates, and what is filled in as forms read it."""

    def __init__(self, scope: Scope, begins: datetime) -> None:
        self.scope, self.begins = scope, begins
        self.persons: dict[str, int] = {}
        self.accounts: dict[str, int] = {}
        for number, player in enumerate(scope.cast, 1):
            self.accounts[player.name] = number
            self.persons[player.name] = self.persons[player.same_as] if player.same_as else number
        self.mandates = tuple(self._mandates())
        self.first = {self.accounts[p.name]: self.persons[p.name] for p in scope.cast if p.same_as is not None}
        self._fills: dict[str, list[tuple[Fill, dict[str, Any]]]] = {}

    def _mandates(self) -> list[MandateFact]:
        held = [(player, role) for player in self.scope.cast for role in player.roles]
        since = self.begins - LONG_AGO
        return [
            MandateFact(
                number, self.persons[player.name], self.accounts[player.name], player.name, ROLES[role],
                player.scope, since if player.number else None,
            )
            for number, (player, role) in enumerate(held, 1)
        ]  # fmt: skip

    def actor(self, player: Player, action: Action) -> Actor:
        """The player with the roles held, those that entitle to `action` first."""
        roles = sorted((ROLES[role] for role in player.roles), key=lambda role: role not in action.by)
        return Actor(self.persons[player.name], self.accounts[player.name], player.name, tuple(roles))

    def fills(self, action: Action) -> list[tuple[Fill, dict[str, Any]]]:
        """The ways to fill in an act, each with its fields as the form reads them."""
        if action.name not in self._fills:
            declared = self.scope.fills.get(action.name)
            ways = [Fill(examples(action))] if declared is None else list(declared)
            self._fills[action.name] = [(way, self._read(action, way.fields)) for way in ways]
        return self._fills[action.name]

    def _read(self, action: Action, fields: Mapping[str, Any]) -> dict[str, Any]:
        told = self.resolved(fields)
        file = {"file": told.pop("file")} if action.takes_file else {}
        if action.form is None:
            return {**told, **file}
        return {**action.form.model_validate(told).model_dump(), **file}

    def resolved(self, value: Any) -> Any:
        """What is filled in, with persons and instants of this stage in their places."""
        if isinstance(value, Who):
            return self.persons[value.name]
        if isinstance(value, After):
            return self.begins + value.span
        if isinstance(value, Mapping):
            return {name: self.resolved(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolved(one) for one in value]
        return value


def examples(action: Action) -> dict[str, Any]:
    """What the form itself gives as examples, of the fields that must be filled in."""
    if action.form is None:
        return {}
    return {
        name: info.examples[0]
        for name, info in action.form.model_fields.items()
        if info.examples and info.is_required()
    }


def tried_by_all(ways: Mapping[str, Sequence[Fill]], **beside: Fill) -> dict[str, list[Fill]]:
    """These ways, and beside them everybody tries the first one, which goes no further: another one where it is said."""
    return {act: [*fills, beside.get(act, Fill(fills[0].fields, aside=True))] for act, fills in ways.items()}
