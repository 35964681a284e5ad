"""A way through an exploration as a story: what each step says, and where the ticket stands before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any

from workflow.declare import Label, Words
from workflow.prove.claims import FRESH, NO_FACTOR, OLD_FACTOR, OTHER_FACTOR, OUTDATED_FACTOR
from workflow.prove.explore import Explorer
from workflow.prove.explored import ELSEWHERE, FOUND_ONE, REFUSED, TIME, Move
from workflow.prove.world import World

FACTORS = {
    NO_FACTOR: Words("without proving a second factor"),
    OLD_FACTOR: Words("with a proof of identity that is too old"),
    OTHER_FACTOR: Words("with somebody else's proof of identity"),
    OUTDATED_FACTOR: Words("with a proof of identity for the ticket as it was before"),
}


@dataclass(frozen=True)
class Told:
    """One step of a story. `says` is a sentence in no language yet; `before` and `after` are names of states (None: the
    ticket does not exist yet); `move` is what was done, `party` by whom, `fields` what was filled in."""

    move: Move
    at: datetime
    says: Words
    before: str | None
    after: str | None
    party: str = ""
    role: str = ""
    fields: Any = None
    struck: tuple[str, ...] = ()
    """Acts of the clock that came of it."""


def story(explorer: Explorer, way: Sequence[Move]) -> tuple[Told, ...]:
    """The steps of a way, played again from the beginning."""
    world, told = explorer.unopened(), []
    for move in way:
        after = explorer.played(world, move)
        told.append(_told(explorer, move, world, after))
        world = after
    return tuple(told)


def _told(explorer: Explorer, move: Move, world: World, after: World) -> Told:
    plain = Told(move, after.at, Words(""), world.state, after.state)
    if move.kind == TIME:
        new = after.memory.history[len(world.memory.history) :]
        acts = tuple(event.action for event in new)
        says = Words("Time passes: it is %(at)s.", at=after.at)
        if acts:
            says = Words("Time passes: it is %(at)s. The clock notes: %(acts)s.", at=after.at, acts=listed(acts))
        return replace(plain, says=says, struck=acts)
    if move.kind == FOUND_ONE:
        pair = {"one": called(move.act), "two": called(move.player)}
        return replace(plain, says=Words("%(one)s and %(two)s turn out to be one natural person.", **pair))
    if move.kind == ELSEWHERE:
        other = next(one for one in explorer.scope.elsewhere if one.name == move.act)
        return replace(plain, says=Words(other.says))
    player = next(one for one in explorer.scope.cast if one.name == move.player)
    action = explorer.workflow.actions[move.act]
    actor = explorer.stage.actor(player, action)
    fill, fields = explorer.stage.fills(action)[move.fill]
    role = actor.roles[0].name if actor.roles else ""
    who: dict[str, Any] = {"name": called(move.player), "role": Label("role", role), "action": action.label}
    says = Words("%(name)s (%(role)s): %(action)s", **who)
    if move.kind == REFUSED:
        says = Words("%(name)s (%(role)s) tries in vain: %(action)s", **who)
    for more in _circumstances(move, fill.says):
        says = Words("%(said)s, %(more)s", said=says, more=more)
    party = actor.party.name if actor.party else ""
    return replace(plain, says=says, party=party, role=role, fields=fields)


def listed(acts: Sequence[str]) -> Words | Label:
    """Acts by their names, one after the other."""
    labels: list[Words | Label] = [Label("action", act) for act in acts]
    return reduce(lambda said, more: Words("%(said)s, %(more)s", said=said, more=more), labels)


def called(player: str) -> Label:
    """What a player is called in a story."""
    return Label("player", player)


def _circumstances(move: Move, filled: str) -> list[Words]:
    found = [Words(filled)] if filled else []
    if move.factor not in (FRESH, NO_FACTOR):
        found.append(FACTORS[move.factor])
    if move.lapsed:
        found.append(Words("while %(name)s has no mandate any more", name=called(move.lapsed)))
    return found
