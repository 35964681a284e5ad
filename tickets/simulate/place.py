"""A place of the simulation's own: its folder, its database, its key, its contract, its clock. No one else's records."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, inspect, make_url, select

import migrations
import workflow as workflows
from auth.demo import is_marked, mark
from auth.models import Person
from auth.records import Keyring
from auth.seal import open_sealer
from config import Settings
from database import open_engine, reading, transaction
from tickets import demo
from tickets.contracts import LoadedContracts
from tickets.desk import Desk
from tickets.record import FileFact
from tickets.simulate.cast import MANDATES_SINCE, members
from tickets.simulate.plan import Plan, Step, chance
from tickets.vault import Vault
from workflow.contract import Contract

MARK = "simulation.json"
"""Lies beside a database that was made by a simulation, and says by which."""


class NotOurs(RuntimeError):
    """What lies there was not made by a simulation, or is not empty: it is left alone."""


class Clock:
    """The machine's clock, which is off the true time by what the plan's steps say."""

    def __init__(self, plan: Plan) -> None:
        self.true = plan.starts_at
        self._steps, self._at = plan.steps, [step.at for step in plan.steps]

    def now(self) -> datetime:
        """What the machine shows."""
        return self.shown(self.true)

    def shown(self, true: datetime) -> datetime:
        """What the machine shows at a moment of the true time."""
        place = bisect_right(self._at, true) - 1
        step = self._steps[place] if place >= 0 else Step(true)
        return self.shown(step.at - timedelta(microseconds=1)) if step.stands_still else true + step.error


@dataclass(frozen=True)
class Place:
    """Where a simulation is played. `people`: accounts by user name."""

    folder: Path
    engine: Engine
    keyring: Keyring
    clock: Clock
    contracts: LoadedContracts
    desk: Desk
    vault: Vault
    people: Mapping[str, int]
    key: str

    @property
    def contract(self) -> Contract:
        """As it is on record now: with the years approved meanwhile."""
        return self.contracts[self.key]

    def file(self, note: str) -> FileFact:
        """A brought document: a short text that says what it stands for."""
        return self.vault.keep(BytesIO(f"模拟文件：{note}\n".encode()), f"{note}.txt", limit_bytes=10_000)


def open_place(plan: Plan, folder: Path, url: str | None = None) -> Place:
    """Makes the place anew; raises NotOurs where something else lies there. What an earlier simulation left is removed
    where it is a file; of another database only an empty one will do."""
    folder.mkdir(parents=True, exist_ok=True)
    url = url or f"sqlite:///{folder / 'counterpart.db'}"
    engine = open_engine(url)
    if not _is_empty(engine):
        _remove(folder, engine, url)
        engine = open_engine(url)
    _hasten(engine)
    migrations.upgrade(engine)
    clock = Clock(plan)
    keyring = Keyring(Settings(instance_dir=folder, database_url=url), open_sealer(folder))
    contracts = LoadedContracts(engine, folder, clock.now)
    contract, _ = contracts.take_in(plan.contract, plan.starts_at - MANDATES_SINCE)
    with transaction(engine) as session:
        mark(session, plan.starts_at - MANDATES_SINCE)
    people = demo.enrol(
        engine, keyring, members(plan), contract.key, keyring.settings.languages[0], plan.starts_at - MANDATES_SINCE
    )
    dice = chance(plan.seed, "salt")
    desk = Desk(engine, keyring, clock.now, contracts, workflows.discover(), salt=lambda: dice.randbytes(16).hex())
    (folder / MARK).write_text(json.dumps({"seed": plan.seed, "tickets": plan.tickets}))
    return Place(folder, engine, keyring, clock, contracts, desk, Vault(folder / "vault"), people, contract.key)


def _is_empty(engine: Engine) -> bool:
    with reading(engine) as session:
        names = inspect(session.connection()).get_table_names()
        return "person" not in names or session.scalar(select(Person.id).limit(1)) is None


def _remove(folder: Path, engine: Engine, url: str) -> None:
    path = make_url(url).database if make_url(url).get_backend_name() == "sqlite" else None
    with reading(engine) as session:
        ours = (folder / MARK).exists() and is_marked(session)
    engine.dispose()
    if path is None or not ours or Path(path).parent != folder:
        raise NotOurs(
            "this database is not empty and was not made by a simulation: name another folder, or an empty database"
        )
    for beside in ("", "-wal", "-shm"):
        Path(path + beside).unlink(missing_ok=True)


def _hasten(engine: Engine) -> None:
    """Nobody relies on this record before the simulation has ended, so that nothing waits for the disk meanwhile."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_waiting)
        engine.dispose()


def _without_waiting(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
