"""A stage on which the fifth duty, machine-room visits, and the sixth, permits, are declared too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import permit, visit
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, extra={"visit": visit.workflow, "permit": permit.workflow})


@pytest.fixture
def visit_fields(stage: Stage) -> dict[str, object]:
    return {"visitor": "来访单位甲", "visit_end": stage.at.replace(hour=10)}
