"""Duty on record. Nothing here is ever changed: a roster is followed by a later one, an offer by its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, CheckConstraint, ForeignKey, Index, String, Table, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcInstant
from tickets.models import OfAParty, append_only


class DutyRoster(OfAParty, Base):
    """A version of a party's roster for a time. The newest that was brought for an instant governs it."""

    __tablename__ = "duty_roster"
    __table_args__ = (
        CheckConstraint("ends > starts", name="ends_after_it_starts"),
        Index("ix_duty_roster_contract_ends", "contract_key", "ends"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_key: Mapped[str] = mapped_column(String(80))
    starts: Mapped[datetime] = mapped_column(UtcInstant)
    ends: Mapped[datetime] = mapped_column(UtcInstant)
    """The first instant that it no longer covers."""
    digest: Mapped[str] = mapped_column(String(64))
    shifts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Post, account, name, from and until (ISO text in UTC), and whether the person stands beside another."""


class HandOver(OfAParty, Base):
    """Who is on duty offers the rest of their shift to a named colleague. Until that one accepts nothing changes."""

    __tablename__ = "duty_hand_over"
    __table_args__ = (Index("ix_duty_hand_over_roster", "roster_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_key: Mapped[str] = mapped_column(String(80))
    roster_id: Mapped[int] = mapped_column(ForeignKey("duty_roster.id"))
    shift: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As it stands in the roster."""
    taker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taker_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text)
    """What is open, in the words of who hands over."""


class HandOverAnswer(OfAParty, Base):
    """The colleague's answer. From an acceptance on the shift is theirs."""

    __tablename__ = "duty_hand_over_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    hand_over_id: Mapped[int] = mapped_column(ForeignKey("duty_hand_over.id"), unique=True)
    accepted: Mapped[bool]


class Unanswerable(Base):
    """A call that reached nobody on duty: which post was empty, and at which instant."""

    __tablename__ = "duty_alarm"
    __table_args__ = (Index("ix_duty_alarm_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_key: Mapped[str] = mapped_column(String(80))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    party: Mapped[str] = mapped_column(String(20))
    post: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcInstant)


for _model in (DutyRoster, HandOver, HandOverAnswer, Unanswerable):
    _table = _model.__table__
    assert isinstance(_table, Table)
    for _dialect in ("sqlite", "postgresql"):
        for _statement in append_only(_table.name, _dialect):
            event.listen(_table, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect))
