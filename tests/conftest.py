"""What all tests share: how far Hypothesis goes. Time is handed in by each test, never read and never slept."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import databases
from tests.stage import Stage
from workflow.contract import load

# Nearly all that a test makes dies by itself: looking for the rest less often saves a tenth of the time.
gc.set_threshold(50_000, 20, 20)

ELSEWHERE = Path(__file__).resolve().parent / "contract" / "data" / "harbour-2025"

# Two cores and a parallel run make a deadline a matter of luck. The automatic check must give one answer for one
# state of the code, so it does not draw at random; on a desk the next run looks elsewhere.
settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(autouse=True)
def _databases_of_this_test() -> Iterator[None]:
    with databases.of_one_test():
        yield


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A desk on the shipped contract, 2026-05-12 10:00 in Shanghai."""
    return Stage(tmp_path)


@pytest.fixture
def stage_elsewhere(tmp_path: Path) -> Stage:
    """A desk on another contract with other figures, in the middle of its term."""
    contract = load(ELSEWHERE)
    middle = contract.term_start + (contract.term_end - contract.term_start) / 2
    return Stage(tmp_path, contract=ELSEWHERE, at=middle)
