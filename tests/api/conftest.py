"""One furnished house for all tests of a worker, which each test finds as it was furnished."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.house import House
from tests.api.http_stage import HttpStage
from tests.hashing import quick_hashing


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application with its people, made once a worker."""
    with quick_hashing():
        made = House(tmp_path_factory.mktemp("house")).kept()
    yield made
    made.engine.dispose()


@pytest.fixture
def house(furnished: House) -> House:
    """The application as it was furnished; see `House`."""
    return furnished.as_kept()


@pytest.fixture
def visit_fields(house: House) -> dict[str, Any]:
    return {"visitor": "来访单位甲", "visit_end": house.at.replace(hour=10)}


@pytest.fixture
def number(house: House, visit_fields: dict[str, Any]) -> str:
    """A visit that was asked for and not answered."""
    return house.open("visit", by="staff1", **visit_fields)


@pytest.fixture
def stage(house: House) -> HttpStage:
    """The stage of the scenarios, at the API's door."""
    return HttpStage(house)
