"""Faults that a crash must bring to light, each planted in the process that acts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

import database
from tickets import desk
from tickets.models import Answer
from tickets.pen import Pen


def acknowledge_before_commit() -> None:
    """The answer leaves while the transaction is still open."""
    from tests.crash.child import say

    @contextmanager
    def hasty(engine: Engine) -> Iterator[Session]:
        with database.transaction(engine) as session:
            answers: list[Answer] = []
            event.listen(
                session,
                "before_flush",
                lambda *_: answers.extend(one for one in session.new if isinstance(one, Answer)),
            )
            yield session
            session.flush()
            for answer in answers:
                told = answer.outcome
                say("ack", result=told["result"], sequence=(told["event"] or {}).get("sequence"))

    desk.transaction = hasty


def split_transaction() -> None:
    """The event is kept before what follows from it."""
    real = Pen.event

    def hasty(self: Pen, *args: Any, **kwargs: Any) -> Any:
        written = real(self, *args, **kwargs)
        self.put_down()
        self.session.commit()
        return written

    Pen.event = hasty  # type: ignore[method-assign]  # A planted fault.


def no_unique_key() -> None:
    """A request that is sent again is a request like any other."""
    real, sent = desk.Desk.act, count()
    desk.Desk.act = lambda self, act: real(self, replace(act, key=f"{act.key}~{next(sent)}"))  # type: ignore[method-assign]  # A planted fault.


def commit_to_memory() -> None:
    """The database says that a commit is done before it is on disk."""
    real = database._prepare_sqlite

    def hasty(connection: Any, record: Any) -> None:
        real(connection, record)
        connection.execute("PRAGMA synchronous=NORMAL")

    database._prepare_sqlite = hasty  # type: ignore[assignment]  # A planted fault.


def effect_inside() -> None:
    """A letter leaves in the middle of the act, as from a callback of the state machine."""
    real = Pen.tell

    def hasty(self: Pen, *args: Any, **kwargs: Any) -> None:
        real(self, *args, **kwargs)
        letter = Path(str(self.session.get_bind().engine.url.database)).with_name("letters.txt")
        file = os.open(letter, os.O_APPEND | os.O_WRONLY | os.O_CREAT)
        os.write(file, b"it was done\n")
        os.close(file)

    Pen.tell = hasty  # type: ignore[method-assign]  # A planted fault.


FAULTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "acknowledge_before_commit": acknowledge_before_commit,
    "split_transaction": split_transaction,
    "no_unique_key": no_unique_key,
    "commit_to_memory": commit_to_memory,
    "effect_inside": effect_inside,
}
