"""An act of each duty killed at its calls, refused by the disk, robbed of its power: a sample of `make crashes`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests import databases
from tests.crash.conftest import Crash
from tests.crash.points import Crashing, one_in
from tests.crash.scenes import ONE_EACH, one_of
from tests.crash.tracing import Call, CannotAttach, Nursery, points

pytestmark = pytest.mark.skipif(
    not databases.on_sqlite, reason="NOT COUNTED: PostgreSQL writes in processes of its own; tests.chaos kills those"
)
KINDS = sorted(ONE_EACH)


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_a_call_an_act_is_there_wholly_or_not_at_all(crash: Crash, kind: str) -> None:
    """What was answered is there, and asked again with the same key it is one event."""
    crashed = crash(kind)
    assert crashed.killed(one_in(12, Random(kind))) == []
    assert crashed.counts["crash points"] > crashed.counts["killed before the answer"] > 5


@pytest.mark.parametrize("kind", ["change", "complaint"])
def test_a_disk_that_is_full_or_broken_refuses_an_act_and_leaves_nothing_of_it(crash: Crash, kind: str) -> None:
    """Whoever reads meanwhile can, and once there is room again the same request is done once."""
    crashed = crash(kind)
    assert crashed.refused_by_the_disk(one_in(40, Random(kind))) == []
    assert crashed.counts["refused"] >= crashed.counts["read meanwhile"] > 5


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_leaves_after_the_act_is_on_disk_and_nothing_leaves_before(crash: Crash, kind: str) -> None:
    assert crash(kind).out_of_order() == []


@pytest.mark.parametrize("kind", KINDS)
def test_when_the_power_fails_what_was_answered_is_on_disk(crash: Crash, kind: str) -> None:
    crashed = crash(kind)
    assert crashed.without_power(one_in(12, Random(kind))) == []
    assert crashed.counts["power cuts"] > 30


@pytest.mark.parametrize(
    ("planted", "way", "named"),
    [
        ("acknowledge_before_commit", "killed", "answered but lost"),
        ("acknowledge_before_commit", "out_of_order", "the answer left before anything was written"),
        ("split_transaction", "killed", "half done"),
        ("split_transaction", "without_power", "half done"),
        ("no_unique_key", "killed", "a new one"),
        ("commit_to_memory", "out_of_order", "the answer left before what was written was on disk"),
        ("commit_to_memory", "without_power", "answered but lost"),
        ("effect_inside", "out_of_order", "something left before the act was done"),
    ],
)
def test_a_planted_fault_is_found(nursery: Nursery, tmp_path: Path, planted: str, way: str, named: str) -> None:
    """A harness that finds nothing where there is something would prove nothing where it finds nothing."""
    crashed = Crashing(one_of("complaint", tmp_path), nursery, planted)
    found = crashed.out_of_order() if way == "out_of_order" else getattr(crashed, way)(one_in(30, Random(planted)))
    assert [fault for fault in found if named in fault], found


def test_points_are_numbered_as_strace_numbers_them() -> None:
    calls = [Call("pwrite64", ""), Call("fdatasync", ""), Call("pwrite64", "")]
    assert points(calls) == [("pwrite64", 1), ("fdatasync", 1), ("pwrite64", 2)]


def test_where_no_process_can_be_held_it_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotAttach, match="NOT COUNTED"):
        Nursery(tmp_path)
