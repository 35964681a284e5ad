"""A proof as plain data: what can be handed from process to process, printed, put on a page, and certified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from workflow.prove import Proof, Proved
from workflow.prove.story import Told


@dataclass(frozen=True)
class Saying:
    """A claim as readers see it."""

    name: str
    clause: str
    says: str


@dataclass(frozen=True)
class Bounds:
    """What became of one scope."""

    name: str
    says: str
    configurations: int
    edges: int
    attempts: int
    seconds: float


@dataclass(frozen=True)
class Attack:
    """A claim that does not hold, and how that comes about."""

    claim: Saying
    scope: str
    story: tuple[Told, ...]


@dataclass(frozen=True)
class Report:
    """Everything that is told of one duty's proof."""

    kind: str
    claims: tuple[Saying, ...]
    scopes: tuple[Bounds, ...]
    attacks: tuple[Attack, ...]
    unreached: tuple[str, ...]
    reached: frozenset[str] = field(default=frozenset(), repr=False)
    """States and acts that some scope came to: several reports of one duty are put together by it."""

    @property
    def configurations(self) -> int:
        return sum(one.configurations for one in self.scopes)

    @property
    def edges(self) -> int:
        return sum(one.edges for one in self.scopes)

    @property
    def seconds(self) -> float:
        return sum(one.seconds for one in self.scopes)

    @property
    def holds(self) -> bool:
        return not self.attacks and not self.unreached


def sayings(proof: Proof) -> tuple[Saying, ...]:
    """The claims of a proof as readers see them."""
    return tuple(Saying(claim.name, claim.clause, claim.says) for claim in proof.claims)


def report(proof: Proof, proved: Proved) -> Report:
    """What came of a proof, as plain data."""
    return Report(
        proof.kind,
        sayings(proof),
        tuple(
            Bounds(
                one.scope.name, one.scope.says, one.configurations, sum(map(len, one.edges)), one.attempts, one.seconds
            )
            for one in proved.explored
        ),
        tuple(
            Attack(Saying(one.claim.name, one.claim.clause, one.claim.says), one.scope.name, one.story)
            for one in proved.violations
        ),
        proved.unreached,
        frozenset(proved.reached),
    )


def together(parts: Sequence[Report]) -> Report:
    """Reports of some scopes each of one duty as one; what none of them came to is left for whoever knows that they are all."""
    first = parts[0]
    return replace(
        first,
        scopes=tuple(one for part in parts for one in part.scopes),
        attacks=tuple(one for part in parts for one in part.attacks),
        reached=frozenset().union(*(part.reached for part in parts)),
    )
