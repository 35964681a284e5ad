"""The scenarios of each duty, main path and every refusal, once more: with each act done through HTTP.

They are the very functions of `tests/workflow`, on the stage of this folder. What takes another contract's stage stays
there, and so does what looks at a sentence before it is said or counts the desk's own statements.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from tests.workflow import test_change, test_complaint, test_drill, test_fault, test_reboot, test_reboot_attacks

LEFT_OUT = ("cost", "stays_cheap", "many_starting_at_once", "c9_15_both_parties_command")


def scenarios(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The tests of a module that play on a stage of the shipped contract."""
    for name, test in vars(module).items():
        if name.startswith("test_") and inspect.isfunction(test) and not any(one in name for one in LEFT_OUT):
            fixtures = set(inspect.signature(test).parameters)
            if "stage" in fixtures and not {"stage_elsewhere", "tmp_path"} & fixtures:
                yield name, test


for _module in (test_change, test_complaint, test_drill, test_fault, test_reboot, test_reboot_attacks):
    _kind = _module.__name__.rsplit("test_", 1)[-1]
    globals().update({f"test_{_kind}_{name.removeprefix('test_')}": test for name, test in scenarios(_module)})
