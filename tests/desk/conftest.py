"""A stage on which the fifth duty, machine-room visits, is declared too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import visit
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, extra={"visit": visit.workflow})


@pytest.fixture
def visit_fields(stage: Stage) -> dict[str, object]:
    return {"visitor": "来访单位甲", "visit_end": stage.at.replace(hour=10)}
