"""One furnished house, its API's stage and its pages' site: many of these tests go through two doors of the same desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from auth import passwords
from tests.api.house import House
from tests.api.http_stage import RefusalStage
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
        made = House(tmp_path_factory.mktemp("peers")).kept()
    yield made
    made.engine.dispose()


@pytest.fixture
def stage(furnished: House) -> RefusalStage:
    """The stage of the scenarios, as it was furnished. What leads up to a test is done at the desk."""
    return RefusalStage(furnished.as_kept())


@pytest.fixture
def site(stage: RefusalStage) -> Site:
    """The pages of the same house, with nobody signed in."""
    return Site(stage.house)
