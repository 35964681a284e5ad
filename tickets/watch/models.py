"""The desk's own upkeep on record: limits that could not be noted yet, what was found broken and mended, clocks that were set."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import DDL, BigInteger, ForeignKey, Index, String, Table, event
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


class ClockSet(Base):
    """The clock of a worker's machine went otherwise than time: it was set, or the machine slept."""

    __tablename__ = "clock_set"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcInstant)
    """As the clock said afterwards."""
    worker: Mapped[str] = mapped_column(String(80))
    milliseconds: Mapped[int] = mapped_column(BigInteger)
    """By how much; below zero it was set back."""

    @property
    def before(self) -> datetime:
        """What it would have said."""
        return self.at - timedelta(milliseconds=self.milliseconds)

    @property
    def by(self) -> timedelta:
        return timedelta(milliseconds=abs(self.milliseconds))


for _model in (Mending, ClockSet):
    _table = _model.__table__
    assert isinstance(_table, Table)
    for _dialect in ("sqlite", "postgresql"):
        for _statement in append_only(_table.name, _dialect):
            event.listen(_table, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect))
