"""Asks SPIN for a second opinion on a duty: whether it comes to the same abstract states, and whether its assertions hold.

SPIN and a C compiler are other people's programs: where they are missing that is said, and nothing counts as checked.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from workflow.contract import Contract
from workflow.declare import Workflow
from workflow.prove.promela import Abstract, Edge, broken_said, edges_said, explored, model
from workflow.prove.scope import Scope

COMPILERS = ("cc", "gcc", "clang")
LONGEST = 300
"""Seconds that one run may take before it counts as failed."""


class NoSpin(RuntimeError):
    """SPIN or a C compiler is not installed; says which."""


@dataclass(frozen=True)
class Opinion:
    """What SPIN found within one scope: edges between abstract states, and the assertions that do not hold."""

    edges: frozenset[Edge]
    broken: tuple[str, ...]
    stored: int
    """How many states SPIN itself counts, the unopened one included."""


@dataclass(frozen=True)
class Agreement:
    """Both opinions on one scope, side by side."""

    kind: str
    scope: str
    here: frozenset[Edge]
    spin: Opinion

    @property
    def agrees(self) -> bool:
        return self.here == self.spin.edges and self.states == self.spin.stored and not self.spin.broken

    @property
    def states(self) -> int:
        """The abstract states that were reached here."""
        return len({end for _, before, after in self.here for end in (before, after)})


def tools() -> tuple[str, str]:
    """SPIN and a C compiler. Raises NoSpin where one of them is missing."""
    spin = shutil.which("spin")
    compiler = next((found for name in COMPILERS if (found := shutil.which(name))), None)
    if spin is None or compiler is None:
        missing = " and ".join(name for name, found in (("spin", spin), ("a C compiler", compiler)) if found is None)
        raise NoSpin(f"{missing} is not installed (Debian: apt-get install spin gcc)")
    return spin, compiler


def without_guards(workflow: Workflow, without: Collection[str]) -> Workflow:
    """The declaration without these guards, for a look at what they keep away."""
    made = copy(workflow)
    made.actions = {
        name: replace(action, guards=tuple(one for one in action.guards if one.name not in without))
        for name, action in workflow.actions.items()
    }
    return made


def asked(workflow: Workflow, scope: Scope, abstract: Abstract, contract: Contract) -> Opinion:
    """What SPIN says of a declaration within a scope. Raises NoSpin, and CalledProcessError where a run fails."""
    spin, compiler = tools()
    with TemporaryDirectory(prefix="opinion-") as folder:
        Path(folder, "duty.pml").write_text(model(workflow, scope, abstract, contract), encoding="utf-8")
        _run([spin, "-a", "duty.pml"], folder)
        _run([compiler, "-O0", "-w", "-DNOREDUCE", "-DSAFETY", "-o", "pan", "pan.c"], folder)
        said = _run([str(Path(folder, "pan")), "-m1000000", "-c0", "-n"], folder)
    stored = next(line.split()[0] for line in said.splitlines() if line.endswith("states, stored"))
    return Opinion(frozenset(edges_said(said)), tuple(sorted(broken_said(said))), int(stored))


def compared(
    workflow: Workflow, scope: Scope, abstract: Abstract, contract: Contract, workflows: Mapping[str, Workflow]
) -> Agreement:
    """Both opinions on a declaration within a scope."""
    spin = asked(workflow, scope, abstract, contract)
    here = explored(workflow, scope, abstract, contract, workflows)
    return Agreement(workflow.kind, scope.name, frozenset(here), spin)


def _run(command: list[str], folder: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=LONGEST)
    return done.stdout
