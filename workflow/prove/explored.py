"""What an exploration is told by: moves from one configuration to the next, ways, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflow.prove.claims import NO_FACTOR, Claim
from workflow.prove.heard import Question
from workflow.prove.scope import Scope
from workflow.prove.world import World

TIME, FOUND_ONE, ELSEWHERE, REFUSED = "time", "found_one", "elsewhere", "refused"


@dataclass(frozen=True)
class Move:
    """One edge: an act of a player (`fill`: which way of filling in), or what happens by itself (`kind`).

    `lapsed`: whose mandates were missing at that moment; `factor`: the second factor shown.
    """

    kind: str
    act: str = ""
    player: str = ""
    fill: int = 0
    lapsed: str = ""
    factor: str = NO_FACTOR


@dataclass(frozen=True)
class Violation:
    """A claim that does not hold, and the shortest way there: moves from the unopened ticket on, the last one included."""

    claim: Claim
    way: tuple[Move, ...]


@dataclass
class Ahead:
    """Everything that can happen in one world, once it was tried there: where each move leads, what is possible, what was
    done, which claims break. `relies`: what was left out because nobody asks about it. As soon as somebody does, this counts
    no longer."""

    moves: list[tuple[Move, World]] = field(default_factory=list)
    can: set[tuple[str, str]] = field(default_factory=set)
    acted: set[str] = field(default_factory=set)
    broken: list[tuple[Claim, Move]] = field(default_factory=list)
    relies: frozenset[Question] = frozenset()
    attempts: int = 0


@dataclass
class Explored:
    """What became of one exploration. `states`: of each configuration; `edges`: of each, (move, configuration it leads to)."""

    scope: Scope
    states: list[str] = field(default_factory=list)
    edges: list[list[tuple[Move, int]]] = field(default_factory=list)
    can: list[set[tuple[str, str]]] = field(default_factory=list)
    """Of each configuration: which acts are possible, and for which party."""
    excused: dict[int, set[str]] = field(default_factory=dict)
    """Of each configuration: rights that are not claimed there."""
    parents: list[tuple[int, Move] | None] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    acted: set[str] = field(default_factory=set)
    """Every act that was accepted somewhere."""
    attempts: int = 0
    merges: int = 0
    rounds: int = 0
    seconds: float = 0.0

    @property
    def configurations(self) -> int:
        return len(self.states)

    def way_to(self, number: int) -> tuple[Move, ...]:
        """The shortest way to a configuration."""
        moves: list[Move] = []
        while (parent := self.parents[number]) is not None:
            number, move = parent
            moves.append(move)
        return tuple(reversed(moves))
