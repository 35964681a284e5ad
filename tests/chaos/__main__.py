"""`make chaos`: kills the desk under load and counts what came of it; then shows that each planted fault is found.

What a kill cannot show on SQLite is a commit that is not on disk yet: the machine keeps what the process wrote. There the
terms of each commit are read, and where strace may look at processes it is counted how often they wait for the disk. On
PostgreSQL, whose processes are all killed at one instant, what was only in their memory is gone; what its own kernel kept
for it is not, so that `fsync=off`, the server's setting and not the desk's, would not show. Neither shows what a disk does
that lies.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.assurance import FOLDER, Figure, Figures, Planted, hand_in
from tests.chaos.desk import may_trace
from tests.chaos.plants import SHOWN_BY
from tests.chaos.storm import KINDS, VICTIMS, Storm, Weather

say: Callable[[str], object] = print
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
HIT = {
    "acknowledge_before_commit": ("web", "everything"), "split_transaction": ("web", "everything"),
    "no_unique_key": ("web",), "no_second_look": ("a worker",), "forget_before_telling": ("all workers",),
    "commit_to_memory": ("the database",),
}  # fmt: skip
"""Whom a kill must hit for the fault to show."""
OF_WORKERS = ("no_second_look", "forget_before_telling")
"""Faults that show where there is more than one worker."""
BETWEEN = 20
"""So many are answered between two kills where nothing is planted."""
NOT_KILLED = {
    "sqlite": "a crash of the machine: a kill leaves what was handed to its kernel; read and counted instead are the terms "
    "of each commit and the waits for the disk",
    "postgresql": "a crash of the machine: a kill loses what was in the memory of PostgreSQL, not what was handed to the "
    "kernel; fsync is the server's own setting, and the desk leaves it as it is",
}
"""What no storm shows."""
NO_TRACE = "how often the disk is waited for: there is no strace here, or it may not look at processes"


def runs(database: str, seed: int, kills: int) -> Iterator[tuple[Weather, str]]:
    """Each storm, and how the line must begin by which its fault is found; an honest one must find nothing."""
    of_postgresql = database == "postgresql"
    victims = ("the database", *VICTIMS) if of_postgresql else VICTIMS
    yield Weather(database, seed, kills, between=BETWEEN, victims=victims), ""
    if not of_postgresql:
        yield Weather(database, seed, 0, first_answers=80, traced=True), ""
    for planted, shown_by in SHOWN_BY.items():
        in_memory = planted == "commit_to_memory"
        twice = 0.9 if planted == "no_unique_key" else 0.1
        weather = Weather(
            database,
            seed,
            max(kills // 6, 3),
            planted,
            victims=HIT[planted],
            twice=twice,
            workers=int(planted in OF_WORKERS),
        )
        if in_memory and of_postgresql:
            yield weather, SHOWN_BY["acknowledge_before_commit"]
        elif in_memory:
            yield Weather(database, seed, 0, planted, first_answers=80, traced=True), shown_by
        else:
            yield weather, shown_by


@dataclass
class Result:
    """What came of all storms over one database."""

    database: str
    seed: int
    kills: int
    figures: dict[str, Figure] = field(default_factory=dict)
    planted: list[Planted] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
    honest: bool = True
    began: float = field(default_factory=time.monotonic)

    def take(self, storm: Storm, found: list[str], shown_by: str) -> bool:
        """Notes it down; False where it is not what it must be."""
        shown = [line for line in found if line.startswith(shown_by)] if shown_by else []
        right = bool(shown) if shown_by else not found
        if shown_by:
            self.planted.append(Planted(storm.weather.planted.replace("_", " "), right, shown[0] if shown else ""))
        elif storm.weather.traced:
            traced = ("acknowledged", "waits for the disk")
            self.figures |= {f"{name}, nobody killed": storm.counts[name] for name in traced if name in storm.counts}
        else:
            self.figures |= {f"kills of {whom}": many for whom, many in sorted(storm.kills.items())} | storm.counts
        if not shown_by:
            self.honest &= right
            self.figures["faults found"] = int(self.figures.get("faults found", 0)) + len(found)
        return right

    def _words(self) -> str:
        only = "".join(f" --only {one}" for one in self.only)
        return f"--database {self.database} --kills {self.kills} --seed {self.seed}{only}"

    def told(self) -> Figures:
        name = NAMES[self.database]
        return Figures(
            suite=f"chaos-{self.database}",
            title=f"Kills under load, {name}",
            says="SIGKILL of web server and workers (and of all of PostgreSQL where it is that) while people open and lead on "
            "tickets of every kind through the API and limits run out. No acknowledged act may be lost, altered, done twice "
            "or half applied, none be out of order or missing in the log, every limit be struck once, every message be told "
            "once, every receipt still prove its entry.",
            command=f'make chaos CHAOS_ARGS="{self._words()}"',
            holds=self.honest and all(one.found for one in self.planted),
            figures=self.figures,
            seed=self.seed,
            took_seconds=round(time.monotonic() - self.began),
            planted=self.planted,
            missing=[NOT_KILLED[self.database], *([NO_TRACE] if self.database == "sqlite" and not may_trace() else [])],
        )


def main() -> int:
    """0 when nothing was lost in the honest storms, and every planted fault was found."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--database", choices=KINDS, action="append", help="one of them; both by default")
    asked.add_argument("--kills", type=int, default=24)
    asked.add_argument("--seed", type=int, default=20260512)
    asked.add_argument("--only", choices=["honest", *SHOWN_BY], action="append", help="some of the storms")
    asked.add_argument("--figures", type=Path, nargs="?", const=FOLDER, help="hand the figures in, to this folder")
    given = asked.parse_args()
    # Who ends the harness ends the desk that it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failed = 0
    if not may_trace():
        say(f"NOT COUNTED: {NO_TRACE}")
    for database in given.database or KINDS:
        result = Result(database, given.seed, given.kills, only=given.only or [])
        for weather, shown_by in runs(database, given.seed, given.kills):
            if not given.only or (weather.planted or "honest") in given.only:
                failed += not _played(result, weather, shown_by)
        if given.figures:
            say(f"  {hand_in(result.told(), given.figures)}")
    say(f"{failed} storms did not come out as they must" if failed else "all storms came out as they must")
    return 1 if failed else 0


def _played(result: Result, weather: Weather, shown_by: str) -> bool:
    with TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        storm = Storm(weather, Path(folder))
        try:
            found = storm.run(say)
        except Exception as error:  # noqa: BLE001 - one storm that breaks off is told, and the others are played
            found = [f"broke off: {error!r}"]
    right = result.take(storm, found, shown_by)
    shown = [line for line in found if line.startswith(shown_by)] if shown_by else []
    for line in shown[:2] if right else found[:20]:
        say(f"    {line}")
    say(
        f"  {'as it must be' if right else 'FAILED'}: {len(found)} faults found"
        + (f", {len(shown)} by “{shown_by}”" if shown_by else "")
    )
    return right


if __name__ == "__main__":
    sys.exit(main())
