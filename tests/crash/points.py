"""The four ways in which an act is crashed, each of them for one scene: at its calls, by a full or failing disk, by the order
of its calls, by a power cut. Each gives what was wrong, a line for each thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import text

from tests.crash import power
from tests.crash.child import dump
from tests.crash.judging import Standing, before_the_answer, left_by, whole
from tests.crash.scenes import Scene
from tests.crash.tracing import CHANGES, OUTWARD, Nursery, Run, points

FAILURES: Mapping[str, Sequence[str]] = {
    "pwrite64": ("error=ENOSPC", "error=EIO"), "ftruncate": ("error=EIO",), "fdatasync": ("error=EIO",),
}  # fmt: skip
"""What a disk may answer to each call."""
Sample = Callable[[int], bool]
"""Whether the n-th of many points is taken. What is no page among many, a sync or an answer, is taken in any case."""


def everything(_: int) -> bool:
    return True


@dataclass
class Crashing:
    """One scene and who crashes it. `counts` tells how much was done."""

    scene: Scene
    nursery: Nursery
    planted: str = ""
    after: Standing = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def undisturbed(self, *, whole: bool = False, calls: Sequence[str] = CHANGES) -> Run:
        """The act as it goes when nothing happens: what it calls, and what it leaves."""
        self.scene.put_back()
        run = self.nursery.run(self.scene.told(self.planted), calls=calls, whole=whole)
        assert run.answered, run.said
        with self.scene.opened() as engine:
            self.after = dump(engine)
        return run

    def killed(self, taken: Sample = everything, calls: Sequence[str] = CHANGES) -> list[str]:
        """Killed at its n-th call, for each n."""
        found = []
        for n, (name, number) in enumerate(points(self.undisturbed(calls=calls).calls)):
            if not taken(n) and name == "pwrite64":
                continue
            self.scene.put_back()
            run = self.nursery.run(self.scene.told(self.planted), f"{name}:signal=SIGKILL:when={number}", calls=calls)
            self.counts["crash points"] += 1
            self.counts["killed before the answer"] += not run.answered
            found += [] if run.killed else [f"{name} {number}: nobody was killed"]
            found += self._said(f"killed at {name} {number}", run)
        return found

    def refused_by_the_disk(self, taken: Sample = everything) -> list[str]:
        """Its n-th write or sync fails, once or from then on, as on a disk that is full or broken."""
        found = []
        for n, (name, number) in enumerate(points(self.undisturbed().calls)):
            if name not in FAILURES or not (taken(n) or name == "fdatasync"):
                continue
            for failure in FAILURES[name]:
                for lasting in ("", "+"):
                    self.scene.put_back()
                    run = self.nursery.run(self.scene.told(self.planted), f"{name}:{failure}:when={number}{lasting}")
                    self.counts["disk faults"] += 1
                    self.counts["refused"] += bool(run.refusals)
                    self.counts["read meanwhile"] += any(one["dump"] for one in run.refusals)
                    if "done" not in [word for word, _ in run.said]:
                        found.append(f"{name} {number} {failure}: it broke: {run.said}")
                    found += self._said(f"{failure}{lasting} at {name} {number}", run)
        return found

    def out_of_order(self) -> list[str]:
        """Whether the answer, or anything else, leaves before the act is on disk."""
        self.counts["orders looked at"] += 1
        return [f"{self.scene.name}: {fault}" for fault in before_the_answer(
            self.undisturbed(calls=(*CHANGES, *OUTWARD)).calls)]  # fmt: skip

    def without_power(self, taken: Sample = everything, seed: int = 1) -> list[str]:
        """The power fails after its n-th call."""
        run, found = self.undisturbed(whole=True), []
        self.scene.put_back()
        place = self.scene.place
        for n, (disk, answered) in enumerate(power.instants(place, run.calls)):
            for how in power.HOW if taken(n) or run.calls[n].name != "pwrite64" else ():
                power.lay_out(disk.after(how, Random(f"{seed} {n} {how}")), place)
                self.counts["power cuts"] += 1
                where = f"{self.scene.name}: no power after call {n}, {how} of what was not on disk is there"
                found += [f"{where}: {fault}" for fault in self._opened(answered)]
        return found

    def _opened(self, answered: bool) -> Iterator[str]:
        with self.scene.opened() as engine:
            with engine.connect() as connection:
                said = connection.execute(text("PRAGMA integrity_check")).scalar()
            yield from [] if said == "ok" else [f"integrity: {said}"]
            yield from whole(self.scene, dump(engine), self.after, answered=answered)

    def _said(self, where: str, run: Run) -> list[str]:
        return [f"{self.scene.name}, {where}: {fault}" for fault in left_by(self.scene, run, self.after)]


def one_in(many: int, dice: Random) -> Sample:
    """Each point with the same chance, one of so many."""
    return lambda _: dice.randrange(many) == 0
