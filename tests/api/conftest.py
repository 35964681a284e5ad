"""One furnished house for all tests of a worker, and a copy of it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from auth import passwords
from tests.api.house import House
from tests.api.http_stage import HttpStage


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> House:
    before = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    try:
        return House(tmp_path_factory.mktemp("house"), fresh=True)
    finally:
        passwords._hasher = before


@pytest.fixture
def house(furnished: House, tmp_path: Path) -> Iterator[House]:
    """The application with its people; see `House`."""
    made = furnished.copied_to(tmp_path / "house")
    yield made
    made.engine.dispose()


@pytest.fixture
def visit_fields(house: House) -> dict[str, Any]:
    return {"visitor": "来访单位甲", "visit_end": house.at.replace(hour=10)}


@pytest.fixture
def stage(house: House) -> HttpStage:
    """The stage of the scenarios, at the API's door."""
    return HttpStage(house)
