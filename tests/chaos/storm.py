"""One storm: a furnished desk, some quiet time to learn what acts leave behind, the kills, and the reckoning."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import migrations
from database import open_engine, transaction
from tests.api.house import START, House
from tests.chaos import check, plants
from tests.chaos.desk import Database, Served, syncs, wait
from tests.chaos.load import Asked, Load
from tests.outbox.servers import post_office
from tickets.outbox import people

KINDS = ("sqlite", "postgresql")
SPEED = 120
"""A quarter of an hour is seven seconds and a half."""
SLACK = timedelta(seconds=5 * SPEED)
VICTIMS = ("web", "web", "a worker", "all workers", "everything")
SETTLED_SECONDS = 120
ON_DISK = {"sqlite": "2", "postgresql": "on"}
Say = Callable[[str], object]


@dataclass(frozen=True)
class Weather:
    database: str
    seed: int
    kills: int
    planted: str = ""
    people: int = 4
    quiet_answers: int = 80
    """So much is done before the first kill: what acts leave behind in a quiet house is learnt from it."""
    workers: int = 2
    """Beside the one that `flask serve` runs."""
    victims: tuple[str, ...] = VICTIMS
    twice: float = 0.1
    """How often somebody presses twice."""
    traced: bool = False
    """No kills, but where strace may look at processes it is counted how often they wait for the disk."""


@dataclass
class Storm:
    """`run` gives what it found, and says the counts."""

    weather: Weather
    folder: Path
    counts: Counter[str] = field(default_factory=Counter)
    journal: list[Asked] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    house: House = field(init=False)

    def run(self, say: Say) -> list[str]:
        with ExitStack() as stack:
            database = None
            if self.weather.database == "postgresql":
                database = Database()
                stack.callback(database.close)
            url = database.url if database else f"sqlite:///{self.folder / 'desk.db'}"
            if database is None:
                _migrate(url)
            house = self.house = House(self.folder, url)
            stack.callback(house.engine.dispose)
            post = stack.enter_context(post_office())
            for name in ("staff1", "manager1"):
                with transaction(house.engine) as session:
                    people.set_address(
                        session, house.keyring, house.ids[name], "email", f"{name}@example.org", at=START
                    )
            house.engine.dispose()
            clock = f"{START.isoformat()}|{time.time()}|{SPEED}"
            served = Served(self.folder, url, clock, planted=self.weather.planted, more=self.weather.workers)
            served.given["COUNTERPART_SMTP_PORT"] = str(post.port)
            stack.callback(served.stop)
            traced = served.trace() if self.weather.traced else None
            served.start()
            quiet = self._storm(house, served, database)
            found = self._settle(house, clock)
            served.stop()
            letters = [str(one["Message-ID"]) for one in post.taken]
            found += check.faults(house, self.journal, quiet, letters, house.workflows)
            found += [f"broke: {one}" for one in self.strange]
            found += self._disk(served, traced)
            self.counts["letters taken"], self.counts["of them twice"] = len(letters), len(letters) - len(set(letters))
            self._tell(say, house, served)
            return found

    def _storm(self, house: House, served: Served, database: Database | None) -> dict[check.Left, set[str]]:
        """People work, processes are killed; gives what acts leave behind where nobody is killed."""
        random = Random(self.weather.seed)
        load = Load(served.port, house.tokens, house.ids, self.weather.seed, self.weather.people, self.weather.twice)
        load.start()
        try:
            _until(partial(load.has_answered, self.weather.quiet_answers))
            quiet = {} if self.weather.planted == "split_transaction" else check.habits(check.read(house.engine))
            house.engine.dispose()
            for kill in range(self.weather.kills):
                goal = load.answered + self.weather.people
                whom = self.weather.victims[kill % len(self.weather.victims)]
                wait(random.random())
                if whom == "the database" and database is not None:
                    database.kill()
                    served.kills[whom] = served.kills.get(whom, 0) + 1
                else:
                    served.kill(whom, random)
                wait(random.random() / 2)
                served.start()
                _until(partial(load.has_answered, goal))
        finally:
            load.stop()
        self.counts["acts asked for"], self.counts["acts acknowledged"] = len(load.journal), load.answered
        self.counts["asked again"] = sum(one.tries - 1 for one in load.journal)
        self.counts["other answers"] = len(load.strange)
        self.journal = load.journal
        # A database that is gone for a moment may be told as an error; a killed process is none of the caller's business.
        self.strange = sorted({one for one in load.strange if not database or "load broke" in one})
        return quiet

    def _settle(self, house: House, clock: str) -> list[str]:
        """What is still not done when everybody has had the time for it."""
        waiting: list[str] = []
        for _ in range(SETTLED_SECONDS * 2):
            waiting = check.late(house.engine, plants.now(clock) - SLACK)
            if not waiting:
                break
            wait(0.5)
        house.engine.dispose()
        return waiting

    def _disk(self, served: Served, traced: Path | None) -> list[str]:
        """Each commit was made on the terms on which it outlasts what kills the machine, or PostgreSQL's memory; where
        it was counted, so often at least was the disk waited for as somebody was answered."""
        terms = Counter(served.witness.read_text().split())
        self.counts["commits"] = terms.total()
        found = [
            f"not on disk: {many} commits with synchronous {name}"
            for name, many in sorted(terms.items())
            if name != ON_DISK[self.weather.database]
        ]
        if traced is not None:
            waits = self.counts["waits for the disk"] = syncs(traced)
            found += [f"not on disk: {waits} waits for it"] if waits < self.counts["acts acknowledged"] else []
        return found

    def _tell(self, say: Say, house: House, served: Served) -> None:
        record = check.read(house.engine)
        self.counts["events"], self.counts["tickets"] = len(record.events), len({one.id for _, one in record.events})
        self.counts["limits run out"] = sum(one.status == "missed" for one in record.timers)
        self.counts["limits kept"] = sum(one.status == "met" for one in record.timers)
        kills = ", ".join(f"{whom} {many}" for whom, many in sorted(served.kills.items()))
        say(f"{self.weather.database}, {self.weather.planted or 'honest'}, seed {self.weather.seed}; killed: {kills}")
        say("  " + "; ".join(f"{name}: {many}" for name, many in self.counts.items()))


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrations.upgrade(engine)
    engine.dispose()


def _until(true: Callable[[], bool], longest_seconds: int = 150) -> None:
    for _ in range(longest_seconds * 10):
        if true():
            return
        wait(0.1)
    raise AssertionError("nobody is answered any more")
