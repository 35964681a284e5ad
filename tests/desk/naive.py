"""The desk as somebody in a hurry would have written it: the faults that races and repetitions must bring to light.

Each is planted by `monkeypatch`, in this process and until the test ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session

from tickets import desk
from tickets.acts import Act, Outcome
from tickets.models import Ticket, Tree

Plant = Callable[[pytest.MonkeyPatch], None]


def without_the_lock_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction begins as SQLite begins it by itself, and a ticket is read on PostgreSQL without being locked."""

    @contextmanager
    def hasty(engine: Engine) -> Iterator[Session]:
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    def not_locked(session: Session, *which: ColumnElement[bool], wait: bool = True) -> Ticket | None:
        row = session.scalars(select(Ticket).where(*which)).one()
        session.info["log"] = session.get(Tree, row.contract_key)
        return row

    monkeypatch.setattr(desk, "transaction", hasty)
    monkeypatch.setattr(desk, "locked", not_locked)


def without_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks which version of the ticket the page had shown."""
    real = desk.Desk._judge

    def blind(self: desk.Desk, case: Any, row: Ticket, action: Any, act: Act) -> Outcome:
        return real(self, case, row, action, replace(act, version=row.version))

    monkeypatch.setattr(desk.Desk, "_judge", blind)


def without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is sent again is a request like any other."""
    real, sent = desk.Desk.act, count()
    monkeypatch.setattr(desk.Desk, "act", lambda self, act: real(self, replace(act, key=f"{act.key}~{next(sent)}")))
