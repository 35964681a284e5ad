"""The clock's workers in simulated time: they wake shortly after something ran out, unless they are off just then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from threading import Thread

from sqlalchemy import func, select

from database import glance
from tickets import recount, striking, worker
from tickets.models import Timer
from tickets.simulate.place import Place
from tickets.simulate.plan import Plan

SECOND = timedelta(seconds=1)


@dataclass
class Hand:
    """One worker, with what it remembers from turn to turn."""

    name: str
    counts: recount.Watch = field(default_factory=recount.Watch)


class Clockwork:
    """All workers of a simulation."""

    def __init__(self, place: Place, plan: Plan, dice: Random) -> None:
        self.place, self.plan, self.dice = place, plan, dice
        self.hands = [Hand(f"worker-{number}") for number in range(1, plan.workers + 1)]
        self.turns = 0

    def run_until(self, at: datetime) -> None:
        """Moves the true time to `at`; on the way the workers strike what runs out."""
        clock, idle = self.place.clock, 0
        while (due := self._next_due()) is not None:
            wakes = max(clock.true, due + SECOND * round(self.dice.uniform(1.1, 2.5), 3))
            while (outage := self.plan.outage(wakes)) is not None:
                wakes = outage.ends_at + SECOND
            if wakes >= at:
                break
            clock.true = wakes
            # Where the machine's clock is behind, or stands still, nothing was due yet: they look again, less often.
            idle = 0 if self.turn() else min(idle + 1, 6)
            clock.true += SECOND / 2 * 2**idle
        clock.true = max(clock.true, at)

    def finish(self) -> None:
        """What had run out by the very end is noted as well, as long as a turn strikes anything."""
        while self.place.desk.due() and self.turn():
            pass

    def turn(self) -> int:
        """One worker wakes; now and then all of them at once, and each tries what the others have in hand. Gives how many
        timers were struck."""
        self.turns += 1
        if self.plan.at_once:
            return self._all_at_once()
        if self.dice.random() < 0.1:
            return self._one_after_another()
        return self._turn(self.dice.choice(self.hands))

    def _turn(self, hand: Hand) -> int:
        return worker.turn(self.place.desk, hand.name, hand.counts)

    def _one_after_another(self) -> int:
        """Every worker has seen the same timers before the first of them strikes one."""
        seen = [(timer, hand) for hand in self.hands for timer in self.place.desk.due()]
        self.dice.shuffle(seen)
        struck = sum(self.place.desk.strike(timer, wait=False) for timer, _ in seen)
        return struck + sum(self._turn(hand) for hand in self.hands)

    def _all_at_once(self) -> int:
        struck: list[int] = []
        threads = [Thread(target=lambda hand=hand: struck.append(self._turn(hand))) for hand in self.hands]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(struck)

    def _next_due(self) -> datetime | None:
        with glance(self.place.engine) as session:
            return session.scalar(_NEXT_DUE)


_NEXT_DUE = select(func.min(Timer.due_at)).where(striking.RUNS)
