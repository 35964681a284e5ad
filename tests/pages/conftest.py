"""A signed-in house for the tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from auth import passwords
from tests.api.house import House
from tests.pages.site import Site


@pytest.fixture(autouse=True)
def _quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODYS", quick.hash("nobody"))


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> House:
    before = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    try:
        return House(tmp_path_factory.mktemp("pages"), fresh=True)
    finally:
        passwords._hasher = before


@pytest.fixture
def site(furnished: House, tmp_path: Path) -> Iterator[Site]:
    house = furnished.copied_to(tmp_path / "house")
    yield Site(house)
    house.engine.dispose()


@pytest.fixture
def visit_fields(site: Site) -> dict[str, Any]:
    return {"visitor": "来访单位甲", "visit_end": site.house.at.replace(hour=10)}
