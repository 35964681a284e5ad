"""Thousands of steps at random, in the form that `make test` carries and in the long one; and bugs that the walk must find."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.house import House
from tests.walked.machine import Walk
from tickets import record
from tickets.desk import Desk

SHORT = settings(
    max_examples=6, stateful_step_count=30, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip
"""Where it fails the long form makes the way there as short as can be."""
LONG = settings(
    SHORT, max_examples=int(os.environ.get("WALKS", "30")), stateful_step_count=100, derandomize="WALKS" not in os.environ,
    phases=[Phase.generate, Phase.shrink],
)  # fmt: skip
"""Where it is told how far to walk it goes other ways each time; else always the same, so that a failure can be had again."""


def walked(house: House, how: settings) -> Counter[str]:
    """Walks; gives how often what was done and what came of it."""
    told: Counter[str] = Counter()

    class Walking(Walk):
        pass

    Walking.house = house
    Walking.told = staticmethod(lambda what: told.update([what]))
    run_state_machine_as_test(Walking, settings=how)
    return told


def test_whatever_people_do_the_record_stands(furnished: House) -> None:
    told = walked(furnished, SHORT)
    assert {"accepted", "not_yours", "not_now", "stale"} <= set(told), told


@pytest.mark.whole
def test_whatever_people_do_for_long_the_record_stands(furnished: House) -> None:
    told = walked(furnished, LONG)
    assert told["accepted"] > 1000, told


# --- bugs ----------------------------------------------------------------------------------------------------------------

Was = Callable[..., Any]


def old_pages_serve(was: Was) -> Was:
    return lambda desk, case, row, action, act: was(desk, case, row, action, replace(act, version=row.version))


def repeated_requests_are_new(was: Was) -> Was:
    return lambda desk, act: was(desk, replace(act, key=token_hex(8)))


def refusals_change_something(was: Was) -> Was:
    def write(taken: Any, row: Any, *args: Any, **more: Any) -> Any:
        row.awaits = "client" if row.awaits != "client" else "supplier"
        return was(taken, row, *args, **more)

    return write


def versions_stand_still(was: Was) -> Was:
    def write(taken: Any, row: Any, *args: Any, **more: Any) -> Any:
        version = row.version
        written = was(taken, row, *args, **more)
        row.version = version or 1
        return written

    return write


@pytest.mark.whole
@pytest.mark.parametrize(
    ("place", "name", "bug"),
    [
        (Desk, "_judge", old_pages_serve), (Desk, "act", repeated_requests_are_new),
        (record, "write_refusal", refusals_change_something), (record, "write_acceptance", versions_stand_still),
    ],
)  # fmt: skip
def test_a_planted_bug_is_found(
    furnished: House, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, bug: Callable[[Was], Was]
) -> None:
    monkeypatch.setattr(place, name, bug(getattr(place, name)))
    with pytest.raises(AssertionError):
        walked(furnished, SHORT)
