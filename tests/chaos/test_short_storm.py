"""The short form of `make chaos`: a kill of everything, and what the reckoning says where a promise was not kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests import databases
from tests.chaos import check
from tests.chaos.storm import Storm, Weather


def test_a_kill_of_everything_loses_nothing_and_what_is_lost_would_be_found(tmp_path: Path) -> None:
    storm = Storm(
        Weather(databases.KIND, 1, kills=1, people=2, quiet_answers=6, workers=0, victims=("everything",)), tmp_path
    )
    said: list[str] = []
    assert storm.run(said.append) == []
    assert storm.counts["acts acknowledged"] == storm.counts["acts asked for"] > 0, said
    kept = [one for one in storm.journal if one.status < 400]
    wrong = {
        "acknowledged but lost": replace(kept[0], key="chaos-never-kept"),
        "acknowledged but altered": replace(kept[0], leaf="0" * 64),
    }
    record = check.read(storm.house.engine)
    for named, one in wrong.items():
        assert [
            line for line in check.promises(record, [*storm.journal, one], storm.house.ids) if line.startswith(named)
        ]
    storm.house.engine.dispose()
