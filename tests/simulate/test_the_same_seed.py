"""The same seed comes to the same records, byte for byte, in another process too; another seed to others."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import databases
from tests.simulate.conftest import Simulated, plan_of
from tests.stage import ROOT
from tickets.simulate.run import Ended
from tickets.simulate.sums import digests

DAYS, TICKETS = 4, 3


@pytest.fixture(scope="module")
def first(simulated: Simulated) -> Ended:
    return simulated(plan_of(7, DAYS, TICKETS))


def test_in_another_process_with_another_hash_seed_it_comes_to_the_same(first: Ended, tmp_path: Path) -> None:
    """By the command, which says so with its exit status."""
    database = () if databases.on_sqlite else ("--database", databases.empty(tmp_path))
    asked = (
        "--seed",
        "7",
        "--days",
        str(DAYS),
        "--tickets",
        str(TICKETS),
        "--folder",
        str(tmp_path / "other"),
        *database,
    )
    told = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "simulate", *asked],
        env={**os.environ, "PYTHONHASHSEED": "4711", "COUNTERPART_INSTANCE": str(tmp_path / "instance")},
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert re.findall(r"digest of the records: (\w+)", told.stdout) == [first.sums.digest], told.stdout
    assert re.findall(r"root of the log of \S+: (\w+)", told.stdout) == list(first.sums.roots.values())


def test_another_seed_comes_to_other_records(first: Ended, simulated: Simulated) -> None:
    other = simulated(plan_of(8, DAYS, TICKETS))
    assert other.holds, other.failures
    assert other.sums.digest != first.sums.digest
    assert other.sums.roots != first.sums.roots


def test_what_is_compared_is_every_table_of_the_records(first: Ended) -> None:
    found = digests(first.place.engine)
    assert {"ticket", "event", "timer", "message", "paper", "signature", "answer", "tree", "recount"} <= set(found)
    assert not {"person", "mandate", "identity_check"} & set(found), "secrets are made by chance"
    assert found == first.sums.digests
