"""One simulation from its beginning to its end: the place is made, the play is played, and what came of it is checked."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tickets.simulate import checks
from tickets.simulate.place import Place, open_place
from tickets.simulate.plan import Plan
from tickets.simulate.play import Play
from tickets.simulate.sums import Sums, sums


@dataclass(frozen=True)
class Ended:
    """A simulation that has ended. `failures`: by check, what does not hold."""

    place: Place
    play: Play
    sums: Sums
    failures: Mapping[str, Sequence[str]]

    @property
    def holds(self) -> bool:
        return not any(self.failures.values())


def simulate(plan: Plan, folder: Path, url: str | None = None) -> Ended:
    """Plays the plan in a place of its own. Raises NotOurs where the folder or database holds something else."""
    with _few_collections():
        place = open_place(plan, folder, url)
        play = Play(place, plan)
        play.run()
        return look_over(place, play)


def look_over(place: Place, play: Play) -> Ended:
    """What came of it, and whether it holds. Looks at the tables alone, but for what broke while it was played."""
    found: dict[str, Sequence[str]] = {**checks.failures(place.desk, place.key, place.clock.now())}
    found["nothing broke"] = list(play.faults)
    return Ended(place, play, sums(place, play), found)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Nearly all that is made here dies by itself: looking for the rest less often saves a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
