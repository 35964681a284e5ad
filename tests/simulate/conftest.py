"""Small simulations, each in a folder of its own; what they came to is kept as long as a file's tests run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.stage import REAL, ROOT
from tickets.simulate.plan import Plan, planned
from tickets.simulate.run import Ended, simulate
from workflow.contract import load

HARBOUR = ROOT / "tests" / "contract" / "data" / "harbour-2025"

Simulated = Callable[..., Ended]


def plan_of(seed: int, days: int, tickets: int, contract: Path = REAL, **changed: Any) -> Plan:
    """A plan as the command makes it, with what a test wants otherwise."""
    return replace(planned(load(contract), contract, seed, days=days, tickets=tickets), **changed)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """Plays a plan, and closes the place when the file's tests are done."""
    made: list[Ended] = []

    def play(plan: Plan) -> Ended:
        folder = tmp_path_factory.mktemp("simulated")
        made.append(simulate(plan, folder, None if databases.on_sqlite else databases.empty(folder)))
        return made[-1]

    yield play
    for ended in made:
        ended.place.engine.dispose()
