"""Does one act and says what came of it. Run as a program it is a nursery: it imports everything once, then forks a child
for each line on its input, so that a crash costs milliseconds. It opens no database itself: a connection must never be
carried over a fork.

The child waits until it is let go, so that somebody can take hold of it before its first call.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import DBAPIError

import workflow as workflows
from auth.records import Keyring
from auth.seal import Sealer
from config import Settings
from database import Base, open_engine
from tests.crash import plants
from tests.stage import KEY, REAL
from tickets.acts import Act
from tickets.desk import Desk
from tickets.record import FileFact
from workflow.contract import load

SET_PTRACER, ANYBODY = 0x59616D61, -1
BY_CHANCE = {("identity_check", "challenge_sealed")}
"""Columns that are others whenever the same is done again. Salts are not: here they are counted."""
_contract = load(REAL)
libc = ctypes.CDLL(None)


def say(word: str, **told: Any) -> None:
    """One line, written at once and whole."""
    os.write(1, f"{word} {json.dumps(told)}\n".encode())


def desk_on(engine: Engine, at: str) -> Desk:
    """The desk at that moment, which does the same thing in the same way each time."""
    salts = count(1)
    return Desk(
        engine,
        Keyring(Settings(), Sealer(KEY)),
        lambda: datetime.fromisoformat(at),
        {_contract.key: _contract},
        workflows.discover(),
        salt=lambda: f"{next(salts):032x}",
    )


def dump(engine: Engine) -> dict[str, str]:
    """By table, a digest of all that stands in it."""
    with engine.connect() as connection:
        return {
            name: sha256(repr(connection.exec_driver_sql(query).all()).encode()).hexdigest()
            for name, query in _everything().items()
        }


def readable(engine: Engine) -> dict[str, str] | None:
    """What can be read while the disk fails; None where it fails already at opening the database."""
    try:
        return dump(engine)
    except DBAPIError:
        return None


@cache
def _everything() -> dict[str, str]:
    """By table what reads all of it, written once: it is asked thousands of times."""
    found = {}
    for name, table in sorted(Base.metadata.tables.items()):
        columns = [column for column in table.columns if (name, column.name) not in BY_CHANCE]
        found[name] = str(select(*columns).order_by(*table.primary_key).compile(dialect=dialect()))
    return found


def act_of(told: dict[str, Any]) -> Act:
    """The act as it was written down for the child."""
    file = FileFact(**told["file"]) if told["file"] else None
    return Act(**{**told, "file": file})


def as_told(act: Act) -> dict[str, Any]:
    """The act, to be written down."""
    return {
        **{name: getattr(act, name) for name in ("account", "action", "key", "number", "kind", "contract", "version")},
        "fields": dict(act.fields),
        "file": vars(act.file) if act.file else None,
    }


_warm: dict[str, Engine] = {}


def warm(told: dict[str, Any]) -> Engine:
    """An engine that knows how to say everything that the act says. The act is done once for it, and undone: the database
    lies again as it lay, and nobody is connected to it."""
    asked = json.dumps(told)
    if asked not in _warm:
        _warm.clear()
        _warm[asked] = engine = open_engine(told["url"])
        place = Path(str(engine.url.database))
        before = place.read_bytes()
        desk_on(engine, told["at"]).act(act_of(told["act"]))
        engine.dispose()
        place.write_bytes(before)
        gc.collect()
        gc.freeze()
    return _warm[asked]


def child(told: dict[str, Any]) -> None:
    """Acts; where that fails it looks at what there is, and asks again with the same key."""
    libc.prctl(SET_PTRACER, ANYBODY, 0, 0, 0)
    say("born", pid=os.getpid())
    os.read(0, 1)
    if not told:
        return  # Somebody only wanted to know whether a child can be held.
    plants.FAULTS[told["planted"]]()
    engine = open_engine(told["url"]) if told["planted"] else warm(told)
    desk, act = desk_on(engine, told["at"]), act_of(told["act"])
    for _ in range(2):
        try:
            outcome = desk.act(act)
        except DBAPIError as error:
            say("refused", error=str(error.orig), dump=readable(engine))
            desk = desk_on(engine, told["at"])
            continue
        say("ack", result=outcome.result, sequence=(outcome.event or {}).get("sequence"))
        break
    engine.dispose()
    say("done")


def nursery() -> None:
    """A child for each line of input."""
    for line in sys.stdin:
        told = json.loads(line)
        if told:
            warm(told)
        pid = os.fork()
        if pid == 0:
            try:
                child(told)
            finally:
                os._exit(0)
        _, status = os.waitpid(pid, 0)
        say("gone", killed=os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)


if __name__ == "__main__":
    nursery()
