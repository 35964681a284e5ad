"""`make tours`: what is proved of every scope of every duty, driven through the API, in as much time as is given.

Within each scope every kind of edge is gone to once, and so is every kind of refusal that no scope before it has had. The
scopes take turns, a share of the time each: what is left out for want of it is counted. Before all of it a desk that asks
nobody for a mandate, and one without a guard, must be found out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from docs.assurance import Figures, Planted, hand_in
from tests import databases
from tests.api.house import House
from tests.hashing import quick_hashing
from tests.long_form import asking, verdict
from tests.tour.drive import DUTIES, PROOFS, Drive, Refusal, planned
from workflow import decide as judgement
from workflow.prove import Scope

say: Callable[[str], object] = print


@contextmanager
def furnished() -> Iterator[House]:
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, databases.of_one_test(), quick_hashing():
        house = House(Path(folder)).kept()
        try:
            yield house
        finally:
            house.engine.dispose()


def toured(
    house: House, kind: str, scope: Scope, until: float, seed: int, refused: set[Refusal]
) -> tuple[Counter[str], list[str]]:
    """One scope, in an order of the seed, until the time is over or something is otherwise. `refused`: what earlier tours have
    tried."""
    plan = planned(kind, scope.name, refused)
    drive, faults = Drive(house, plan, until=until, order=Random(f"{seed} {kind} {scope.name}")), list[str]()
    try:
        drive.all_of_it(plan.places)
    except AssertionError as error:
        faults.append(f"{kind} {scope.name}: {str(error)[:500]}")
    counts = Counter(
        {
            "configurations": plan.explored.configurations,
            "configurations with an edge of their own": len(plan.places),
            "configurations left out for want of time": len(plan.places) - drive.tried["places"],
            "accepted": drive.tried["accepted"],
            "refused": drive.tried["refused"],
        }
    )
    return counts, faults


def planted(house: House) -> Iterator[Planted]:
    """Each fault of a desk that runs otherwise than was proved, and by what a tour brought it to light."""
    for fault in ("nobody is asked for a mandate", "no guard is asked anything"):
        plan, found = planned("complaint", "course"), ""
        with pytest.MonkeyPatch.context() as patch:
            if fault.startswith("nobody"):
                patch.setattr(judgement, "_not_yours", lambda *_args: None)
            else:
                patch.setattr(judgement, "_ask_guards", lambda *_args: ([], []))
            try:
                Drive(house, plan).all_of_it(sorted(plan.places))
            except AssertionError as error:
                found = str(error).splitlines()[0][:120]
        yield Planted(fault, bool(found), found)


def main() -> int:
    """0 when everything came to what was proved, and the planted faults were found."""
    asked = asking("tests.tour", __doc__, DUTIES, "how long each duty may be toured")
    given = asked.parse_args()
    began, counts, faults = time.monotonic(), Counter[str](), list[str]()
    with furnished() as house:
        plants = list(planted(house))
        for kind in given.kind or sorted(PROOFS):
            scopes, start, refused = PROOFS[kind].scopes, time.monotonic(), set[Refusal]()
            of_kind = Counter[str]()
            for place, scope in enumerate(scopes, 1):
                until = start + given.minutes * 60 * place / len(scopes)
                told, wrong = toured(house, kind, scope, until, given.seed, refused)
                of_kind, faults = of_kind + told, faults + wrong
            say(f"{kind}: " + ", ".join(f"{name} {many}" for name, many in of_kind.items()))
            counts += of_kind + Counter({"scopes": len(scopes)})
    holds = verdict(say, faults, plants)
    if given.figures:
        hand_in(_measured(given, counts, faults, plants, round(time.monotonic() - began), holds))
    return 0 if holds else 1


def _measured(
    given: argparse.Namespace, counts: Counter[str], faults: list[str], plants: list[Planted], took: int, holds: bool
) -> Figures:
    return Figures(
        suite="tours",
        title="Tours of what is proved",
        says="Every kind of edge that the proof found (state, act, person, how it was filled in, what comes of it) is driven "
        "through HTTP: what is possible is accepted and comes to the same state; what the judge refuses is refused for the same, "
        "and leaves everything as it was. What is refused to the like in several scopes is tried in the first of them; what "
        "happens on another ticket is a tour of that ticket's own.",
        command=f"make tours TOUR_ARGS='{' '.join(sys.argv[1:])}'",
        holds=holds,
        figures={**counts, "faults": len(faults)},
        seed=given.seed,
        took_seconds=took,
        planted=plants,
        missing=[f"{counts[name]} {name}" for name in sorted(counts) if "left out" in name and counts[name]],
    )


if __name__ == "__main__":
    sys.exit(main())
