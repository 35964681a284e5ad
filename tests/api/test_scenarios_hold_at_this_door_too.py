"""The scenarios of each duty, main path and every refusal, once more: with each act done through HTTP.

They are the very functions of `tests/workflow`, on the stage of this folder. What takes another contract's stage stays
there, and so does what looks at a sentence before it is said or counts the desk's own statements. `make test` plays all
attacks on dangerous operations and every tenth of the others, `make test-whole` the rest.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from types import ModuleType
from typing import Any

import pytest

from tests.workflow import test_change, test_complaint, test_drill, test_fault, test_reboot, test_reboot_attacks

IN_FULL, ONE_OF = (test_reboot_attacks,), 10
LEFT_OUT = ("cost", "stays_cheap", "many_starting_at_once", "c9_15_both_parties_command")


def scenarios(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The tests of a module that play on a stage of the shipped contract."""
    for name, test in vars(module).items():
        if name.startswith("test_") and inspect.isfunction(test) and not any(one in name for one in LEFT_OUT):
            fixtures = set(inspect.signature(test).parameters)
            if "stage" in fixtures and not {"stage_elsewhere", "tmp_path"} & fixtures:
                yield name, test


def of_the_long_form(test: Callable[..., Any]) -> Callable[..., Any]:
    """The same test under a mark of its own: in `tests/workflow` it stays unmarked."""

    @wraps(test)
    def once_more(**fixtures: Any) -> Any:
        return test(**fixtures)

    return pytest.mark.whole(once_more)


for _module in (test_change, test_complaint, test_drill, test_fault, test_reboot, test_reboot_attacks):
    _kind = _module.__name__.rsplit("test_", 1)[-1]
    for _place, (_name, _test) in enumerate(scenarios(_module)):
        _at_once = _module in IN_FULL or _place % ONE_OF == 0
        globals()[f"test_{_kind}_{_name.removeprefix('test_')}"] = _test if _at_once else of_the_long_form(_test)
