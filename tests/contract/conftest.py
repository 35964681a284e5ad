"""The two contracts, and copies of them with something changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow.contract import Contract, load

HERE = Path(__file__).resolve().parent
BEIJING = HERE.parents[1] / "workflow" / "contracts" / "beijing-2026"
HARBOUR = HERE / "data" / "harbour-2025"

Change = Callable[..., Path]


@pytest.fixture(scope="session")
def beijing() -> Contract:
    """The contract that is shipped."""
    return load(BEIJING)


@pytest.fixture(scope="session")
def harbour() -> Contract:
    """The made-up one."""
    return load(HARBOUR)


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """`changed(file, old, new, source=…)`: a copy of a contract with one passage of one file replaced."""

    def change(file: str, old: str, new: str, *, source: Path = BEIJING) -> Path:
        copy = tmp_path / source.name
        if not copy.exists():
            shutil.copytree(source, copy)
        text = (copy / file).read_text("utf-8")
        assert old in text, f"{old!r} is not in {file}"
        (copy / file).write_text(text.replace(old, new, 1), "utf-8")
        return copy

    return change
