"""A stage with a rota."""

from __future__ import annotations

import pytest

from tests.duty.rota import Rota
from tests.stage import Stage


@pytest.fixture
def rota(stage: Stage) -> Rota:
    """2026-05-12 10:00 in Shanghai; nobody has brought a roster."""
    return Rota(stage)
