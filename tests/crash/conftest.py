"""One nursery for all tests of a worker; where no process can be held, each of them says so and is counted as left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.points import Crashing
from tests.crash.scenes import one_of
from tests.crash.tracing import CannotAttach, Nursery

Crash = Callable[[str], Crashing]


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery | CannotAttach]:
    try:
        with Nursery(tmp_path_factory.mktemp("nursery")) as made:
            made.probe()
            yield made
    except CannotAttach as reason:
        yield reason


@pytest.fixture
def nursery(honest: Nursery | CannotAttach) -> Nursery:
    if isinstance(honest, CannotAttach):
        pytest.skip(str(honest))
    return honest


@pytest.fixture
def crash(nursery: Nursery, tmp_path: Path) -> Crash:
    """An act of the duty that is asked for, ready to be crashed."""
    return lambda kind: Crashing(one_of(kind, tmp_path), nursery)
