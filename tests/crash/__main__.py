"""`make crashes`: every act of every duty, killed at every call and robbed of its power after each; one act of each duty by a
disk that refuses each of its writes; then each planted fault, which must be found.

An act that no walk through its duty came to is named, not left out in silence.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from docs.assurance import Figures, Planted, hand_in
from tests.crash.points import Crashing, Sample, everything, one_in
from tests.crash.scenes import ONE_EACH, Scene, of_situation, one_of, scene
from tests.crash.tracing import AROUND, CHANGES, CannotAttach, Nursery
from tests.desk.situations import Situation, Walk
from tests.desk.stories import STORIES
from tests.long_form import asking, verdict
from tests.stage import Stage

say: Callable[[str], object] = print
SHOWN_BY: Mapping[str, tuple[str, str]] = {
    "acknowledge_before_commit": ("killed", "answered but lost"),
    "split_transaction": ("killed", "half done"),
    "no_unique_key": ("killed", "a new one"),
    "commit_to_memory": ("without_power", "answered but lost"),
    "effect_inside": ("out_of_order", "something left before the act was done"),
}
"""In which way each planted fault must be found, and by which words."""


def where_possible(found: Sequence[Situation]) -> dict[str, Situation]:
    """For each act the first situation in which somebody could do it."""
    where: dict[str, Situation] = {}
    for here in found:
        for name in here.able:
            where.setdefault(name, here)
    return where


class Crashes:
    """Everything that is crashed, and what came of it."""

    def __init__(self, folder: Path, nursery: Nursery, given: argparse.Namespace) -> None:
        self.folder, self.nursery, self.given = folder, nursery, given
        self.counts, self.faults = Counter[str](), list[str]()
        self.never: dict[str, list[str]] = {}

    @property
    def sample(self) -> Sample:
        many = self.given.one_in
        return everything if many == 1 else one_in(many, Random(self.given.seed))

    def scenes(self, kind: str) -> Iterator[Scene]:
        """Each act of the duty once."""
        stage = Stage(self.folder / kind)
        walk = Walk(stage, kind, self.given.seed)
        where = where_possible(walk.go(self.given.acts, STORIES[kind]))
        until = time.monotonic() + self.given.minutes * 60
        declared = {a.name for a in walk.declared.actions.values() if not a.by_clock}
        opening = walk.declared.opening.name
        self.never[kind] = sorted(declared - {*where, opening})
        self.counts["acts declared"] += len(declared)
        yield scene(stage, None, walk.openings_now()[0], kind=kind)
        for name in sorted(where, key=lambda one: Random(f"{self.given.seed} {one}").random()):
            if time.monotonic() > until:
                self.counts["acts left out for want of time"] += 1
            else:
                yield of_situation(stage, where[name], name)
        stage.engine.dispose()

    def crash(self, kind: str) -> None:
        for act in self.scenes(kind):
            one = Crashing(act, self.nursery)
            calls = (*CHANGES, *AROUND) if self.given.around else CHANGES
            self.faults += [*one.killed(self.sample, calls), *one.out_of_order()]
            self.faults += one.without_power(self.sample, self.given.seed)
            self.counts["acts crashed"] += 1
            self.counts.update(one.counts)
        one = Crashing(one_of(kind, self.folder / f"{kind}-disk"), self.nursery)
        self.faults += one.refused_by_the_disk(self.sample)
        self.counts.update(one.counts)


def plants(folder: Path, nursery: Nursery) -> Iterator[Planted]:
    """Each planted fault, and by what it was brought to light."""
    for planted, (way, named) in SHOWN_BY.items():
        one = Crashing(one_of("complaint", folder / planted), nursery, planted)
        found = one.out_of_order() if way == "out_of_order" else getattr(one, way)(one_in(20, Random(planted)))
        shown = next((fault for fault in found if named in fault), "")
        say(f"planted {planted}: {shown or 'NOT FOUND'}")
        yield Planted(planted, bool(shown), shown[:120])


def main() -> int:
    """0 when nothing was lost or half done, and every planted fault was found."""
    asked = asking("tests.crash", __doc__, ONE_EACH, "after so many no further act of a duty is begun")
    asked.add_argument("--acts", type=int, default=400, help="how long the walk through each duty may be")
    asked.add_argument("--one-in", type=int, default=1, help="of the pages that are written, one of so many")
    asked.add_argument("--around", action="store_true", help="kill at opening, locking and mapping, too")
    given = asked.parse_args()
    began = time.monotonic()
    with TemporaryDirectory(prefix="crash-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            with Nursery(folder) as nursery:
                nursery.probe()
                crashes = Crashes(folder, nursery, given)
                for kind in given.kind or sorted(ONE_EACH):
                    crashes.crash(kind)
                    say(f"so far, with {kind}: " + ", ".join(f"{name} {n}" for name, n in crashes.counts.items()))
                planted = list(plants(folder, nursery))
        except CannotAttach as reason:
            say(str(reason))
            return 1
    holds = verdict(say, crashes.faults, planted)
    if given.figures:
        hand_in(_measured(given, crashes, planted, round(time.monotonic() - began), holds))
    return 0 if holds else 1


def _measured(
    given: argparse.Namespace, crashes: Crashes, planted: Sequence[Planted], took: int, holds: bool
) -> Figures:
    left_out = crashes.counts["acts left out for want of time"]
    return Figures(
        suite="crashes",
        title="Acts crashed at each point",
        says="Acts killed at each call that writes or syncs, refused by a full or broken disk, robbed of power: each is there "
        "wholly or not at all, what was answered is there, and asked again with the same key it is one event.",
        command=f"make crashes CRASH_ARGS='{' '.join(sys.argv[1:])}'",
        holds=holds,
        figures={**crashes.counts, "faults": len(crashes.faults)},
        seed=given.seed,
        took_seconds=took,
        planted=planted,
        missing=[
            *([f"{left_out} acts were left out for want of time"] if left_out else []),
            *(f"{kind}: no walk came to {', '.join(names)}" for kind, names in crashes.never.items() if names),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
