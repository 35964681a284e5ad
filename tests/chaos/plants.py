"""What the harness puts into the processes that it starts: a quick clock, a witness, and a fault when one is asked for.

It is laid over the product's modules as they are imported; the product itself has no switch for any of it. At the start
only the standard library is imported here, or each process would load the whole desk before it knows what it is for.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import Thread
from types import ModuleType
from typing import Any

Hook = Callable[[Any], None]
STALL_SECONDS = 0.4
STEP_SECONDS = 120
"""How long a telephone shows a code, by the quick clock: people's thumbs are no quicker than before. No app knows longer."""
CLOCK, PLANTED, WITNESS = "CHAOS_CLOCK", "CHAOS_PLANTED", "CHAOS_WITNESS"


def install() -> None:
    """Waits for the modules that something is to be laid over."""
    hooks: dict[str, list[Hook]] = {
        "wsgi": [quick_clock],
        "database": [witness],
        "auth.totp": [slow_telephone],
        "tickets.watch.ticking": [quick_time],
    }
    module, plant = FAULTS[os.environ.get(PLANTED, "")]
    hooks.setdefault(module, []).append(plant)
    sys.meta_path.insert(0, _Afterwards(hooks))


class _Afterwards(MetaPathFinder):
    def __init__(self, hooks: dict[str, list[Hook]]) -> None:
        self._hooks = hooks

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        hooks = self._hooks.get(name)
        spec = PathFinder.find_spec(name, path, target) if hooks else None
        if spec is not None and spec.loader is not None and hooks:
            spec.loader = _Hooked(spec.loader, hooks)
        return spec


class _Hooked(Loader):
    def __init__(self, loader: Loader, hooks: list[Hook]) -> None:
        self._loader, self._hooks = loader, hooks

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for hook in self._hooks:
            hook(module)


def now(clock: str) -> datetime:
    """The moment by a clock that is written down as where it began, when that was, and how quick it is."""
    at, began, speed = clock.split("|")
    return datetime.fromisoformat(at) + timedelta(seconds=(time.time() - float(began)) * float(speed))


def quick_clock(module: Any) -> None:
    """The same for all processes: limits of minutes run out within seconds."""
    clock = os.environ[CLOCK]
    module.real_now = lambda: now(clock)


def quick_time(module: Any) -> None:
    """Time itself goes as quick, or the clock would seem to be set at every look."""
    speed = float(os.environ[CLOCK].rpartition("|")[2])
    module.Ticking.__init__.__defaults__ = (lambda: time.monotonic() * speed,)


def slow_telephone(module: Any) -> None:
    module.STEP_SECONDS = STEP_SECONDS


@contextmanager
def slow_telephones() -> Iterator[None]:
    """The same for the process of the harness, which shows people their codes."""
    from auth import totp

    before, totp.STEP_SECONDS = totp.STEP_SECONDS, STEP_SECONDS
    try:
        yield
    finally:
        totp.STEP_SECONDS = before


def witness(_module: Any) -> None:
    """Notes down at each commit how much of it the database was told to have on disk before it says so."""
    from sqlalchemy import Engine, event

    file = os.open(os.environ[WITNESS], os.O_APPEND | os.O_WRONLY | os.O_CREAT)

    @event.listens_for(Engine, "commit")
    def noted(connection: Any) -> None:
        asked = "PRAGMA synchronous" if connection.dialect.name == "sqlite" else "SHOW synchronous_commit"
        os.write(file, f"{connection.connection.driver_connection.execute(asked).fetchone()[0]}\n".encode())


# --- faults, each made wide enough to be hit ------------------------------------------------------------------------------


def stall() -> None:
    """Waits where a kill would show the fault."""
    time.sleep(STALL_SECONDS)


def acknowledge_before_commit(desk: Any) -> None:
    """The answer leaves; the transaction is committed a moment later."""
    from sqlalchemy.orm import Session

    def commit(session: Session) -> None:
        stall()
        session.commit()
        session.close()

    @contextmanager
    def hasty(engine: Any) -> Iterator[Session]:
        session = Session(engine.execution_options(begin="IMMEDIATE"), expire_on_commit=False)
        try:
            yield session
        except BaseException:
            session.close()
            raise
        Thread(target=commit, args=(session,)).start()

    desk.transaction = hasty


def split_transaction(pen: Any) -> None:
    """The event is committed before what follows from it."""
    real = pen.Pen.event

    def hasty(self: Any, *args: Any, **kwargs: Any) -> Any:
        written = real(self, *args, **kwargs)
        self.put_down()
        for kept in (self._grown, self._messages, self._timers, self._ended):
            kept.clear()
        self.session.commit()
        stall()
        return written

    pen.Pen.event = hasty


def no_unique_key(desk: Any) -> None:
    """A request that is sent again is a request like any other."""
    from dataclasses import replace
    from secrets import token_hex

    real = desk.Desk.act
    desk.Desk.act = lambda self, act: real(self, replace(act, key=f"{act.key}~{token_hex(4)}"))


def no_second_look(striking: Any) -> None:
    """A worker strikes what it saw running out, whoever has struck it meanwhile."""

    def hasty(desk: Any, timer_id: int, wait: bool, tried: list[int]) -> bool:
        stall()
        with striking.transaction(desk.engine) as session, striking.pen(session) as taken:
            timer = session.get(striking.Timer, timer_id)
            row = striking.locked(session, striking.Ticket.id == timer.ticket_id)
            at = desk.now()
            striking._mark(timer, at)
            missed = desk.workflows[row.kind].deadlines[timer.deadline].missed
            striking.note(desk, desk.case(taken, row, at, missed), row, timer)
        return True

    striking._struck = hasty
    striking.strike_all = lambda _desk, timers: striking.Batch(one_by_one=list(timers))


def forget_before_telling(fanout: Any) -> None:
    """A message leaves the queue before anybody has a delivery of it."""
    from sqlalchemy import delete

    real = fanout.FanOut._batch

    def split(self: Any, session: Any) -> Any:
        notices = fanout._untold(session, self._now())
        session.execute(delete(fanout.Untold).where(fanout.Untold.message_id.in_([one.message.id for one in notices])))
        session.commit()
        stall()
        for one in notices:
            session.add(fanout.Untold(message_id=one.message.id))
        session.flush()
        return real(self, session)

    fanout.FanOut._batch = split


def commit_to_memory(database: Any) -> None:
    """The database says that a commit is done before it is on disk (PostgreSQL: before it is out of the server's memory)."""
    on_sqlite, on_postgresql = database._prepare_sqlite, database._prepare_postgresql

    def sqlite(connection: Any, record: Any) -> None:
        on_sqlite(connection, record)
        connection.execute("PRAGMA synchronous=NORMAL")

    def postgresql(connection: Any, record: Any) -> None:
        on_postgresql(connection, record)
        connection.autocommit = True
        connection.execute("SET synchronous_commit = off")
        connection.autocommit = False

    database._prepare_sqlite, database._prepare_postgresql = sqlite, postgresql


FAULTS: dict[str, tuple[str, Hook]] = {
    "": ("wsgi", lambda module: None),
    "acknowledge_before_commit": ("tickets.desk", acknowledge_before_commit),
    "split_transaction": ("tickets.pen", split_transaction),
    "no_unique_key": ("tickets.desk", no_unique_key),
    "no_second_look": ("tickets.striking", no_second_look),
    "forget_before_telling": ("tickets.outbox.fanout", forget_before_telling),
    "commit_to_memory": ("database", commit_to_memory),
}
SHOWN_BY = {
    "acknowledge_before_commit": "lost",
    "split_transaction": "half applied",
    "no_unique_key": "done twice",
    "no_second_look": "struck once",
    "forget_before_telling": "not told",
    "commit_to_memory": "not on disk",
}
"""How the line begins by which each fault must be found. On PostgreSQL, which is killed itself, the last one loses acts."""
