"""`make races`: every two acts of every duty that are possible at once, by 2 and by 20 at one instant, in both orders.

Which pairs there are is found from the declarations: in each state each two acts of people, each with itself too. Those of
which a walk through the duty never found both possible are counted and named, not left out in silence.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from docs.assurance import Figures, Planted, hand_in
from tests import databases
from tests.desk import naive
from tests.desk.racing import Came, race
from tests.desk.situations import Pair, Situation, Walk, declared_pairs, ordinary
from tests.desk.stories import STORIES
from tests.long_form import asking, verdict
from tests.stage import Stage

say: Callable[[str], object] = print
TWICE_AT_MOST = 2
"""Who is first is chance. Each pair is raced in both orders of asking, and once more each where only one of them was first."""

Raced = tuple[Situation, tuple[str, str]]


def ordered(situations: Sequence[Situation]) -> list[Raced]:
    """Each pair once in each order, in the first situation in which it is possible."""
    where: dict[Pair, Situation] = {}
    for here in situations:
        for pair in sorted(here.pairs):
            where.setdefault(pair, here)
    both = [(here, two) for (*_, one, other), here in where.items() for two in ((one, other), (other, one))]
    return list(dict.fromkeys(both))


def raced(stage: Stage, pairs: Sequence[Raced], many: int) -> Iterator[Came]:
    for here, two in pairs:
        yield race(stage, here, two, many)


class Races:
    """All races of one duty, and what came of them. `never`: pairs that are declared and were never both possible."""

    def __init__(self, stage: Stage, kind: str, seed: int, acts: int) -> None:
        self.stage, self.kind, self.counts, self.faults = stage, kind, Counter[str](), list[str]()
        walk = Walk(stage, kind, seed, openings=12)
        self.pairs = ordered(walk.go(acts, STORIES[kind]))
        declared = declared_pairs(walk.declared)
        self.counts["pairs declared"] = len(declared)
        self.counts["pairs found possible at once"] = len(walk.pairs)
        self.counts["situations"], self.counts["acts of the walks"] = len(walk.found), walk.acts
        Random(f"{seed} {kind}").shuffle(self.pairs)

    def run(self, minutes: float) -> None:
        """As many as can be had within half the time by 2, and as many by 20."""
        for share, many in ((0.5, 2), (1.0, 20)):
            until = time.monotonic() + minutes * 60 * share
            for here, two in self.pairs:
                if time.monotonic() > until:
                    self.counts[f"ordered pairs left out for want of time, by {many}"] += 1
                    continue
                self._one(here, two, many)

    def _one(self, here: Situation, two: tuple[str, str], many: int) -> None:
        for _ in range(TWICE_AT_MOST):
            try:
                came = race(self.stage, here, two, many)
            except AssertionError as error:
                came = Came("", Counter(), (str(error)[:500],))
            self.counts[f"races by {many}"] += 1
            self.counts.update({f"answers: {result}": n for result, n in came.results.items()})
            self.faults += [f"{here.kind} {here.state} {two} by {many}: {fault}" for fault in came.faults]
            if came.first == two[0]:
                break
        else:
            self.counts[f"ordered pairs of which the other one was first, by {many}"] += 1
        self.counts[f"ordered pairs by {many}"] += 1


def raced_all(kind: str, given: argparse.Namespace) -> Races:
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, databases.of_one_test():
        stage = Stage(Path(folder))
        races = Races(stage, kind, given.seed, given.acts)
        races.run(given.minutes)
        stage.engine.dispose()
    return races


def planted() -> Iterator[Planted]:
    """Each fault of a naive desk, and by what its race brought it to light."""
    two = ("accept_answer", "reject_answer")
    here = next(one for one in ordinary("complaint") if set(two) <= set(one.able))
    for plant in (naive.without_the_version, naive.without_the_lock_first):
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder, databases.of_one_test():
            stage = Stage(Path(folder))
            with pytest.MonkeyPatch.context() as patch:
                plant(patch)
                found = found_by(stage, here, two)
            stage.engine.dispose()
        yield Planted(plant.__name__, bool(found), found[:120])


def found_by(stage: Stage, here: Situation, two: tuple[str, str], times: int = 10) -> str:
    """The first thing that was wrong in so many races by 8; empty where nothing was."""
    for _ in range(times):
        try:
            came = race(stage, here, two, 8)
        except AssertionError as error:
            return str(error)
        if came.faults:
            return came.faults[0]
    return ""


def main() -> int:
    """0 when every race came to what one order of its acts comes to, and the planted faults were found."""
    asked = asking("tests.desk.every_race", __doc__, STORIES, "how long each duty may be raced")
    asked.add_argument("--acts", type=int, default=1500, help="how long the walk through each duty may be")
    given = asked.parse_args()
    began, counts, faults = time.monotonic(), Counter[str](), list[str]()
    for kind in given.kind or sorted(STORIES):
        races = raced_all(kind, given)
        say(f"{databases.KIND} {kind}: " + ", ".join(f"{name} {n}" for name, n in races.counts.items()))
        counts, faults = counts + races.counts, faults + races.faults
    plants = list(planted())
    holds = verdict(say, faults, plants)
    if given.figures:
        hand_in(_measured(given, counts, faults, plants, round(time.monotonic() - began), holds))
    return 0 if holds else 1


def _measured(
    given: argparse.Namespace, counts: Counter[str], faults: list[str], plants: list[Planted], took: int, holds: bool
) -> Figures:
    return Figures(
        suite=f"races-{databases.KIND}",
        title=f"Races between two acts, {databases.KIND}",
        says="Every two acts that are possible at once on one ticket, pressed at one instant by 2 and by 20: the first is "
        "done, of those that move the ticket no other, and the answers are those of the same acts one by one.",
        command=f"make races RACE_ARGS='{' '.join(sys.argv[1:])}'",
        holds=holds,
        figures={**counts, "faults": len(faults)},
        seed=given.seed,
        took_seconds=took,
        planted=plants,
        missing=[f"{counts[name]} {name}" for name in sorted(counts) if "left out" in name],
    )


if __name__ == "__main__":
    sys.exit(main())
