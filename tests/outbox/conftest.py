"""The whole application with an outbox whose carriers the test holds in its hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from auth import passwords
from tests.api.house import House
from tests.outbox.office import Office


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application with its people, made once a worker."""
    before = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    made = House(tmp_path_factory.mktemp("outbox")).kept()
    passwords._hasher = before
    yield made
    made.engine.dispose()


@pytest.fixture
def office(furnished: House) -> Office:
    """The outbox of an application in which nothing has happened yet."""
    return Office(furnished.as_kept())


@pytest.fixture
def visit_fields(office: Office) -> dict[str, Any]:
    return {"visitor": "来访单位甲", "visit_end": office.house.at.replace(hour=10)}
