"""One storm: a furnished desk, people at work, the kills, time for everything to be done, and the reckoning."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import func, select

import migrations
from database import open_engine, reading, transaction
from tests.api.house import START, House
from tests.chaos import check, plants
from tests.chaos.caller import Caller
from tests.chaos.desk import Database, Served, syncs, wait
from tests.chaos.history import Call
from tests.chaos.load import Load
from tests.hashing import quick_hashing
from tests.outbox.servers import Post, post_office
from tickets.models import Message, Timer
from tickets.outbox import people

KINDS = ("sqlite", "postgresql")
SPEED = 60
"""A quarter of an hour is a quarter of a minute."""
VICTIMS = ("web", "web", "a worker", "all workers", "everything")
ANSWER_LIES_BACK_SECONDS = 0.3
SETTLED_SECONDS = 300
ON_DISK = {"sqlite": "2", "postgresql": "on"}
Say = Callable[[str], object]


@dataclass(frozen=True)
class Weather:
    database: str
    seed: int
    kills: int
    planted: str = ""
    people: int = 5
    first_answers: int = 20
    """So much is done before the first kill."""
    between: int = 5
    """So much between two kills."""
    workers: int = 2
    """Beside the one that `flask serve` runs."""
    victims: tuple[str, ...] = VICTIMS
    twice: float = 0.1
    """How often somebody presses twice."""
    gives_up: float = 0.5
    """How often somebody who was not answered does not ask again."""
    traced: bool = False
    """No kills, but where strace may look at processes it is counted how often they wait for the disk."""


@dataclass
class Storm:
    """`run` gives what it found, and says the counts."""

    weather: Weather
    folder: Path
    counts: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    calls: list[Call] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    house: House = field(init=False)

    def run(self, say: Say) -> list[str]:
        with ExitStack() as stack:
            stack.enter_context(plants.slow_telephones())
            database = None
            if self.weather.database == "postgresql":
                database = Database()
                stack.callback(database.close)
            url = database.url if database else f"sqlite:///{self.folder / 'desk.db'}"
            if database is None:
                _migrate(url)
            with quick_hashing():
                house = self.house = House(self.folder, url)
            stack.callback(house.engine.dispose)
            post = stack.enter_context(post_office())
            _address(house)
            clock = f"{START.isoformat()}|{time.time()}|{SPEED}"
            served = Served(self.folder, url, clock, planted=self.weather.planted, more=self.weather.workers)
            served.given["COUNTERPART_SMTP_PORT"] = str(post.port)
            stack.callback(served.stop)
            traced = served.trace() if self.weather.traced else None
            served.start()
            self._storm(house, served, database, clock)
            found = self._settle(house, clock)
            served.stop()
            found += self._reckoned(house, post, plants.now(clock))
            found += [f"broke: {one}" for one in self.strange]
            found += self._disk(served, traced)
            self._tell(say, served)
            return found

    def _storm(self, house: House, served: Served, database: Database | None, clock: str) -> None:
        """People work, processes are killed."""
        random = Random(self.weather.seed)
        engine = open_engine(house.url)
        caller = Caller(served.port, house.tokens, house.ids, twice=self.weather.twice, gives_up=self.weather.gives_up)
        load = Load(house, engine, caller, partial(plants.now, clock), self.weather.seed, self.weather.people)
        load.start()
        try:
            _until(partial(load.has_answered, self.weather.first_answers))
            for kill in range(self.weather.kills):
                goal = caller.answered + self.weather.between
                whom = self.weather.victims[kill % len(self.weather.victims)]
                # Just after somebody was answered: what was promised a moment ago is what a kill endangers most.
                _until(partial(load.has_answered, caller.answered + 1))
                wait(random.random() * ANSWER_LIES_BACK_SECONDS)
                if whom == "the database" and database is not None:
                    database.kill()
                else:
                    served.kill(whom, random)
                self.kills[whom] += 1
                wait(random.random() / 2)
                served.start()
                _until(partial(load.has_answered, goal))
        finally:
            load.end()
        load.stop()
        engine.dispose()
        self.calls = caller.calls
        self._count(load, caller)
        self.strange = [*load.broke, *(f"{many} times {what}" for what, many in caller.strange.items())]

    def _count(self, load: Load, caller: Caller) -> None:
        outcomes = Counter(call.outcome for call in caller.calls)
        self.counts.update(
            {
                "requests": len(caller.calls),
                "acknowledged": outcomes["ok"],
                "refused": outcomes["refused"],
                "never answered": outcomes["unknown"],
                "asked again": sum(max(call.tries - 1, 0) for call in caller.calls),
                "told to come back": caller.turned_away,
                "kinds of tickets": len({kind for kind, _ in load.done}),
                "kinds of acts": len(load.done),
            }
        )

    def _settle(self, house: House, clock: str) -> list[str]:
        """What had to be done by now and is still not done when the workers have had the time for it. What falls due
        meanwhile does not count: on a machine that is busy they may never have done everything."""
        ended, waiting = plants.now(clock), list[str]()
        for _ in range(SETTLED_SECONDS * 2):
            waiting = check.late(house.engine, ended)
            if not waiting:
                break
            wait(0.5)
        house.engine.dispose()
        return waiting

    def _reckoned(self, house: House, post: Post, at: datetime) -> list[str]:
        """What is wrong, when the last limits that ran out since are struck too."""
        house.at = at
        house.later()
        letters = [str(one["Message-ID"]) for one in post.taken]
        found = check.faults(house, self.calls, letters, at)
        history = check.read(house.engine)
        unknown = [call for call in self.calls if call.outcome == "unknown"]
        with reading(house.engine) as session:
            statuses = Counter(session.scalars(select(Timer.status)))
            self.counts["messages"] = session.scalar(select(func.count()).select_from(Message)) or 0
        self.counts.update(
            {
                "of those never answered done": sum(call.key in history.answers for call in unknown),
                "events": len(history.entries),
                "tickets": len(history.tickets),
                "deadlines run out": statuses["missed"],
                "deadlines kept": statuses["met"],
                "letters": len(set(letters)),
                "of them taken twice": len(letters) - len(set(letters)),
            }
        )
        return found

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
            found += [f"not on disk: {waits} waits for it"] if waits < self.counts["acknowledged"] else []
        return found

    def _tell(self, say: Say, served: Served) -> None:
        kills = ", ".join(f"{whom} {many}" for whom, many in sorted(self.kills.items()))
        say(f"{self.weather.database}, {self.weather.planted or 'honest'}, seed {self.weather.seed}; killed: {kills}")
        say("  " + "; ".join(f"{name}: {many}" for name, many in self.counts.items()))


def _address(house: House) -> None:
    for name in check.ADDRESSED:
        with transaction(house.engine) as session:
            people.set_address(session, house.keyring, house.ids[name], "email", f"{name}@example.org", at=START)
    house.engine.dispose()


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrations.upgrade(engine)
    engine.dispose()


def _until(true: Callable[[], bool], longest_seconds: int = 600) -> None:
    for _ in range(longest_seconds * 50):
        if true():
            return
        wait(0.02)
    raise AssertionError("nobody is answered any more")
