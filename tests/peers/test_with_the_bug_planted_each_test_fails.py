"""The tests of this room are themselves on trial: with the bug of the other desk planted, the test that names it fails."""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from typing import Any

import pytest

from tests.api.http_stage import RefusalStage
from tests.peers.door import BUGS, MODULES

for _module in MODULES:
    import_module(_module)


@pytest.mark.parametrize("name", sorted(BUGS), ids=str)
def test_with_the_bug_planted_it_fails(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    test, planting = BUGS[name]
    given: dict[str, Any] = {one: request.getfixturevalue(one) for one in signature(test).parameters}
    stage = request.getfixturevalue("stage")
    assert isinstance(stage, RefusalStage)
    planting(monkeypatch, stage.house)
    with pytest.raises(AssertionError):
        test(**given)


def test_every_test_of_this_room_has_its_bug() -> None:
    tests = {
        f"{module.rsplit('.', 1)[-1]}::{name}" for module in MODULES for name in vars(import_module(module))
        if name.startswith("test_")
    }  # fmt: skip
    assert tests == set(BUGS)
