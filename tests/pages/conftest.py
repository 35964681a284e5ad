"""A signed-in house for the tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from auth import passwords
from tests.api.house import House
from tests.hashing import QUICK, quick_hashing
from tests.pages.site import Site


@pytest.fixture(autouse=True)
def _quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", QUICK)
    monkeypatch.setattr(passwords, "_NOBODYS", QUICK.hash("nobody"))


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application with its people, made once a worker."""
    with quick_hashing():
        made = House(tmp_path_factory.mktemp("pages")).kept()
    yield made
    made.engine.dispose()


@pytest.fixture
def site(furnished: House) -> Site:
    """The application as it was furnished, with nobody signed in."""
    return Site(furnished.as_kept())


@pytest.fixture
def visit_fields(site: Site) -> dict[str, Any]:
    return {"visitor": "来访单位甲", "visit_end": site.house.at.replace(hour=10)}
