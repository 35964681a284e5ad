"""`make chaos`: kills the desk under load and counts what came of it; then shows that each planted fault is found.

What a kill cannot show on SQLite is a commit that is not on disk yet: the machine keeps what the process wrote. There the
terms of each commit are read, and where strace may look at processes it is counted how often they wait for the disk.
Neither shows what a disk does that lies.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.desk import may_trace
from tests.chaos.plants import SHOWN_BY
from tests.chaos.storm import KINDS, VICTIMS, Storm, Weather

say: Callable[[str], object] = print
HIT = {
    "acknowledge_before_commit": ("web", "everything"), "split_transaction": ("web", "everything"),
    "no_unique_key": ("web",), "no_second_look": ("a worker",), "forget_before_telling": ("all workers",),
    "commit_to_memory": ("the database",),
}  # fmt: skip
"""Whom a kill must hit for the fault to show."""


def runs(database: str, seed: int, kills: int) -> Iterator[tuple[Weather, str]]:
    """Each storm, and how the line must begin by which its fault is found; an honest one must find nothing."""
    of_postgresql = database == "postgresql"
    yield Weather(database, seed, kills, victims=("the database", *VICTIMS) if of_postgresql else VICTIMS), ""
    if not of_postgresql:
        yield Weather(database, seed, 0, traced=True), ""
    for planted, shown_by in SHOWN_BY.items():
        in_memory = planted == "commit_to_memory"
        twice = 0.9 if planted == "no_unique_key" else 0.1
        weather = Weather(
            database, seed, max(kills // 4, 4), planted, quiet_answers=8, victims=HIT[planted], twice=twice
        )
        if in_memory and of_postgresql:
            yield weather, SHOWN_BY["acknowledge_before_commit"]
        elif in_memory:
            yield Weather(database, seed, 0, planted, traced=True), shown_by
        else:
            yield weather, shown_by


def main() -> int:
    """0 when nothing was lost in the honest storms, and every planted fault was found."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--database", choices=KINDS, action="append", help="one of them; both by default")
    asked.add_argument("--kills", type=int, default=24)
    asked.add_argument("--seed", type=int, default=20260512)
    asked.add_argument("--only", choices=["honest", *SHOWN_BY], action="append", help="some of the storms")
    given = asked.parse_args()
    failed = 0
    if not may_trace():
        say("NOT COUNTED: waits for the disk. There is no strace here, or it may not look at processes.")
    for database in given.database or KINDS:
        for weather, shown_by in runs(database, given.seed, given.kills):
            if not given.only or (weather.planted or "honest") in given.only:
                with TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
                    found = Storm(weather, Path(folder)).run(say)
                failed += _judged(found, shown_by)
    say(f"{failed} storms did not come out as they must" if failed else "all storms came out as they must")
    return 1 if failed else 0


def _judged(found: list[str], shown_by: str) -> bool:
    shown = [one for one in found if one.startswith(shown_by)] if shown_by else []
    wrong = not shown if shown_by else bool(found)
    for line in shown[:2] if shown and not wrong else found[:20]:
        say(f"    {line}")
    say(
        f"  {'FAILED' if wrong else 'as it must be'}: {len(found)} faults found"
        + (f", by “{shown_by}”" if shown else "")
    )
    return wrong


if __name__ == "__main__":
    sys.exit(main())
