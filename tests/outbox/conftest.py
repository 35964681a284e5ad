"""The whole application with an outbox whose carriers the test holds in its hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.house import House
from tests.hashing import quick_hashing
from tests.outbox.office import Office


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application with its people, made once a worker."""
    with quick_hashing():
        made = House(tmp_path_factory.mktemp("outbox")).kept()
    yield made
    made.engine.dispose()


@pytest.fixture
def office(furnished: House) -> Office:
    """The outbox of an application in which nothing has happened yet."""
    return Office(furnished.as_kept())


@pytest.fixture
def visit_fields(office: Office) -> dict[str, Any]:
    return {"visitor": "来访单位甲", "visit_end": office.house.at.replace(hour=10)}
