"""The short form of `make chaos`: a kill of everything under load, and nothing that was promised is lost by it."""

from __future__ import annotations

from pathlib import Path

from tests import databases
from tests.chaos.storm import Storm, Weather


def test_a_kill_of_everything_loses_nothing(tmp_path: Path) -> None:
    storm = Storm(
        Weather(databases.KIND, 1, kills=1, people=2, first_answers=6, workers=0, victims=("everything",)), tmp_path
    )
    said: list[str] = []
    assert storm.run(said.append) == []
    assert storm.kills["everything"] == 1
    assert storm.counts["acknowledged"] > 6 - storm.counts["refused"], said
    storm.house.engine.dispose()
