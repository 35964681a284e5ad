"""The proof: every world that a workflow can come to within its scopes is gone through, and every claim is held against it.

    proofs = discover()                                # by kind: scopes and claims, declared in workflow/<kind>/proof.py
    proved = prove(workflow, proofs["reboot"], contract, workflows)
    proved.violations                                  # none; else each with `claim` and the shortest `story`
    prove(..., without=("identified",))                # takes a guard away: the story is then an attack
    prove(mutant, ..., stop_at_first=True).broken      # names of the claims that a changed declaration breaks

Beneath: `Explorer(...).run()` gives `Explored`: `states` by number of configuration, `edges[number]` as (Move, number),
`way_to(number)`; `story(explorer, way)` plays moves again and tells them, each with the state before and after it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from workflow.contract import Contract
from workflow.declare import Workflow
from workflow.prove.claims import Claim
from workflow.prove.explore import Explorer, TooMany
from workflow.prove.explored import Explored, Move, Violation
from workflow.prove.heard import Questions
from workflow.prove.scope import Scope
from workflow.prove.story import Told, story

__all__ = [
    "Claim", "Explored", "Explorer", "Move", "Proof", "Proved", "Questions", "Scope", "Told", "TooMany", "Violation",
    "discover", "prove", "story",
]  # fmt: skip


@dataclass(frozen=True)
class Proof:
    """What is proved of one duty, and within which scopes. `unreached`: acts and states that no scope comes to, each with
    the reason."""

    kind: str
    scopes: tuple[Scope, ...]
    claims: tuple[Claim, ...]
    unreached: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Broken:
    """A claim that does not hold, in one scope, with the shortest way there as a story."""

    claim: Claim
    scope: Scope
    story: tuple[Told, ...]


@dataclass
class Proved:
    """What came of a proof."""

    kind: str
    claims: tuple[Claim, ...]
    explored: list[Explored] = field(default_factory=list)
    violations: list[Broken] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    """States and acts that some scope came to."""
    unreached: tuple[str, ...] = ()
    """Those that no scope came to and that are not listed as such; told of all scopes together only."""

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the claims that do not hold, each once."""
        return tuple(dict.fromkeys(one.claim.name for one in self.violations))

    @property
    def configurations(self) -> int:
        return sum(one.configurations for one in self.explored)

    @property
    def edges(self) -> int:
        return sum(len(edges) for one in self.explored for edges in one.edges)

    @property
    def seconds(self) -> float:
        """Of one core, the learning of the questions included."""
        return sum(one.seconds for one in self.explored)


def discover() -> dict[str, Proof]:
    """Every proof by its kind: a duty that has none is missing here, and a test finds it."""
    from workflow import discover as duties

    found: dict[str, Proof] = {}
    for kind in duties():
        name = f"workflow.{kind}.proof"
        if find_spec(f"workflow.{kind}") and find_spec(name):
            found[kind] = import_module(name).PROOF
    return found


def prove(
    workflow: Workflow,
    proof: Proof,
    contract: Contract,
    workflows: Mapping[str, Workflow],
    *,
    without: Collection[str] = (),
    scopes: Collection[str] = (),
    questions: Questions | None = None,
    stop_at_first: bool = False,
    most: int = 200_000,
) -> Proved:
    """Explores a workflow within the scopes of its proof (or those named) and holds every claim against it.

    `without`: guards by name that are taken away. `questions`: what was asked in an earlier proof of the like; it is added
    to, and saves the learning. By itself each scope learns its own: what is asked in another one would only tell apart what
    is the same here. Raises TooMany where a scope has more than `most` configurations.
    """
    proved = Proved(proof.kind, proof.claims)
    for scope in proof.scopes:
        if scopes and scope.name not in scopes:
            continue
        explorer = Explorer(
            workflow, scope, proved.claims, contract, workflows, without=without, questions=questions, most=most,
            stop_at_first=stop_at_first,
        )  # fmt: skip
        explored = explorer.run()
        proved.explored.append(explored)
        proved.violations += told_once(explorer, explored)
        proved.reached |= {*explored.states, *explored.acted}
        if stop_at_first and proved.violations:
            return proved
    if not scopes and not without:
        proved.unreached = unreached(workflow, proof, proved.reached)
    return proved


def unreached(workflow: Workflow, proof: Proof, reached: Collection[str]) -> tuple[str, ...]:
    """The states and acts of a duty that are not among those reached, and not listed as such."""
    silenced = {one.missed for one in workflow.deadlines.values() if one.reminds}
    everything = (*workflow.states, *(name for name in workflow.actions if name not in silenced))
    return tuple(one for one in everything if one not in reached and one not in proof.unreached)


def told_once(explorer: Explorer, explored: Explored) -> list[Broken]:
    """Each claim that does not hold once, by the first and so the shortest way to it."""
    first: dict[str, Violation] = {}
    for violation in explored.violations:
        kept = first.setdefault(violation.claim.name, violation)
        if len(violation.way) < len(kept.way):
            first[violation.claim.name] = violation
    return [Broken(one.claim, explorer.scope, story(explorer, one.way)) for one in first.values()]
