"""The desk's own upkeep on record: limits that could not be noted yet, and what was found broken and mended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DDL, ForeignKey, Index, String, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcInstant, append_only

FAILED = "failed"
"""Status of a timer that ran out and could not be noted. For people it is missed; for the clock it is still to be noted."""


class Unstruck(Base):
    """A limit that ran out and that the desk failed to note: a fault of ours, tried again until it succeeds."""

    __tablename__ = "unstruck"
    __table_args__ = (Index("ix_unstruck_retry", "retry_at"),)

    timer_id: Mapped[int] = mapped_column(ForeignKey("timer.id"), primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UtcInstant)
    tries: Mapped[int]
    retry_at: Mapped[datetime] = mapped_column(UtcInstant)
    error: Mapped[str] = mapped_column(String(200))
    """Kind of the last error and the place where it arose, never its words: they may tell what a ticket says."""


class Mending(Base):
    """Something that the sweep found broken and mended."""

    __tablename__ = "mending"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcInstant)
    worker: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(30), index=True)
    """One of `tickets.watch.sweep.WHAT`."""
    subject_id: Mapped[int]
    """The row that it is about: a timer, a message or a delivery, as `what` has it."""


_mending = Mending.__table__
assert isinstance(_mending, Table)
for _dialect in ("sqlite", "postgresql"):
    for _statement in append_only(Mending.__tablename__, _dialect):
        event.listen(_mending, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect))
