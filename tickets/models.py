"""What is on record. Events, papers, signatures and what follows from them are only ever added; triggers refuse the rest.

State, version and content of a ticket are a projection of its events, kept beside them so that a list is one query.
"""

from __future__ import annotations

from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import DDL, JSON, CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcInstant, append_only


class ContractRecord(Base):
    """An edition of a contract's directory that was loaded; the newest of a key is the one in use."""

    __tablename__ = "contract_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(UtcInstant)


class OfAParty:
    """Who put their party's word to something, by which mandate, and the check that proved who they were."""

    account_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(80))
    party: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(40))
    check_id: Mapped[int] = mapped_column(ForeignKey("identity_check.id"))
    at: Mapped[datetime] = mapped_column(UtcInstant)


class CalendarYear(OfAParty, Base):
    """The days of a year as one party brought them from the notice; in force once the other party approved (R8.1)."""

    __tablename__ = "calendar_year"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_key: Mapped[str] = mapped_column(String(80), index=True)
    year: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(200))
    """Number of the notice."""
    days: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    """`off` and `work`, ISO dates in order."""


class CalendarApproval(OfAParty, Base):
    """The other party's word to a year that was brought. The newest one of a year is in force; the earlier stay on record."""

    __tablename__ = "calendar_approval"

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_year_id: Mapped[int] = mapped_column(ForeignKey("calendar_year.id"), unique=True)
    contract_key: Mapped[str] = mapped_column(String(80), index=True)
    year: Mapped[int]


class Series(Base):
    """The last number given out in one series of one contract: numbers are continuous and never used twice."""

    __tablename__ = "series"

    contract_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]


class Ticket(Base):
    """One matter between the parties, as it stands after its last event."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_contract_kind", "contract_key", "kind", "id"),
        Index("ix_ticket_contract_awaits", "contract_key", "awaits", "id"),
        CheckConstraint("version >= 1", name="version_counts_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    contract_key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(60))
    final: Mapped[bool]
    awaits: Mapped[str] = mapped_column(String(20), default="")
    """The party whose turn it is; "desk" for the clock's, empty when the ticket is finished."""
    opener_only: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int]
    """Counts accepted acts that are not quiet: what a page must have seen."""
    content_version: Mapped[int]
    content: Mapped[str] = mapped_column(String(64))
    """Digest of what the ticket says in this version: signatures, checks and consents are bound to it."""
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    headline: Mapped[str] = mapped_column(String(200), default="")
    opened_at: Mapped[datetime] = mapped_column(UtcInstant)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_party: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[datetime] = mapped_column(UtcInstant)
    events: Mapped[int]
    due_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    """When the first running deadline ends."""
    due_provisional: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """That end was counted over days that are not announced yet (暂定)."""

    @property
    def seen(self) -> str:
        """The ticket as somebody saw it (`TicketFact.seen`)."""
        return f"{self.content}:{self.version}"


class Event(Base):
    """One attempt, accepted or refused, with everything it relied on or lacked."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("ticket_id", "sequence"),
        UniqueConstraint("contract_key", "log_index"),
        CheckConstraint("accepted = (reason = '')", name="a_refusal_has_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_key: Mapped[str] = mapped_column(String(80))
    log_index: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    sequence: Mapped[int]
    """1, 2, 3 … within the ticket, without gaps. The order of history; time is only what the clock said."""
    at: Mapped[datetime] = mapped_column(UtcInstant)
    action: Mapped[str] = mapped_column(String(60))
    clause: Mapped[str] = mapped_column(String(20))
    accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(20), default="")
    """Why refused: not_yours, not_now, stale, invalid, missing; empty when accepted."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """The natural person behind the account; None for the clock."""
    name: Mapped[str] = mapped_column(String(80))
    party: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(40))
    door: Mapped[str] = mapped_column(String(10))
    """page, api, command or clock."""
    source: Mapped[str | None] = mapped_column(String(60))
    dest: Mapped[str | None] = mapped_column(String(60))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(String(64))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    proofs: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    missing: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    notices: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # By it the database's answer tells which of several new rows is which, so that all go in by one statement.
    salt: Mapped[str] = mapped_column(String(32), default=lambda: token_hex(16), insert_sentinel=True)
    leaf: Mapped[str] = mapped_column(String(64))


class Paper(Base):
    """One version of a document, with its canonical digest. A brought file lies in the vault under its own digest."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("ticket_id", "kind", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(String(64))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    file_digest: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str | None] = mapped_column(String(200))
    file_type: Mapped[str | None] = mapped_column(String(100))
    file_size: Mapped[int | None]
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    party: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcInstant)


class Signature(Base):
    """A person's signature under the digest of a paper, by the act that means it."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("paper_id", "person_id", "meaning"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    digest: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(80))
    party: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(40))
    meaning: Mapped[str] = mapped_column(String(60))
    method: Mapped[str] = mapped_column(String(20))
    """How the person was identified. "totp" can be forged by whoever runs the server; the page says so."""
    at: Mapped[datetime] = mapped_column(UtcInstant)


class Timer(Base):
    """A deadline that runs, or ran. Missed when struck; a duty done late keeps both instants."""

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("ticket_id", "deadline", "started_event"),
        Index(
            "ix_timer_running_due",
            "due_at",
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
        Index("ix_timer_ticket", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    deadline: Mapped[str] = mapped_column(String(60))
    clause: Mapped[str] = mapped_column(String(20))
    party: Mapped[str] = mapped_column(String(20), default="")
    figure: Mapped[str | None] = mapped_column(String(80))
    started_event: Mapped[int]
    """Sequence of the event that started it."""
    started_at: Mapped[datetime] = mapped_column(UtcInstant)
    end_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    """The end that it lies ahead of, where it is such a one."""
    due_at: Mapped[datetime] = mapped_column(UtcInstant)
    nominal_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    """When it would be due if no day off were moved past, where days were counted."""
    calendar: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Digest of the calendar by which it was last counted; empty where no days of a calendar are counted."""
    provisional: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Some of the days counted are not announced yet (暂定)."""
    status: Mapped[str] = mapped_column(String(10), default="running")
    """running, met, missed or dropped; failed where it ran out and could not be noted (see `tickets.watch.models`)."""
    stopped_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    struck_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    """When the clock noted that it was missed: late when everything was down, and then both instants are shown."""

    @property
    def shown(self) -> str:
        """The status for guards and readers: what ran out is missed, though the desk failed to note it."""
        return "missed" if self.status == "failed" else self.status


class Recount(Base):
    """What a limit came to when it was counted again by another calendar (R8.3). `kept`: it had been missed already, so that
    only this says what it would have been."""

    __tablename__ = "recount"

    id: Mapped[int] = mapped_column(primary_key=True)
    timer_id: Mapped[int] = mapped_column(ForeignKey("timer.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    at: Mapped[datetime] = mapped_column(UtcInstant)
    kept: Mapped[bool]
    calendar_before: Mapped[str] = mapped_column(String(64))
    calendar: Mapped[str] = mapped_column(String(64))
    due_before: Mapped[datetime] = mapped_column(UtcInstant)
    due_at: Mapped[datetime] = mapped_column(UtcInstant)
    nominal_before: Mapped[datetime | None] = mapped_column(UtcInstant)
    nominal_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    provisional_before: Mapped[bool]
    provisional: Mapped[bool]


OF_TICKET, OF_DUTY, OF_CALENDAR = "ticket", "duty", "calendar"
"""What a message is about: a ticket, or who is on duty, or the days of a year."""


class Message(Base):
    """A notice to a party, in the same transaction as what it tells of: an event of a ticket, or an act outside of any."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("(about = 'ticket') = (ticket_id IS NOT NULL)", name="about_its_ticket"),
        CheckConstraint("(event_id IS NULL) = (ticket_id IS NULL)", name="event_of_its_ticket"),
        Index("ix_message_contract_party", "contract_key", "party", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_key: Mapped[str] = mapped_column(String(80))
    about: Mapped[str] = mapped_column(String(20), default=OF_TICKET, server_default=OF_TICKET)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    party: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcInstant)
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    urgent: Mapped[bool] = mapped_column(default=False)
    readers: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    """The accounts that are told; None for everybody of the party."""
    channels: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))


class Link(Base):
    """A bond between two tickets, seen from both."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("ticket_id", "other_id", "relation"), Index("ix_link_other", "other_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    relation: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))


class Supplement(Base):
    """A supplementary agreement signed by both parties: what it added and gave back, in fen (C7.2, C16.2)."""

    __tablename__ = "supplement"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_key: Mapped[str] = mapped_column(String(80), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    additions_fen: Mapped[int]
    reductions_fen: Mapped[int]


class LineMove(Base):
    """A change of the catalogue baseline. The baseline is the contract's catalogue and these, in order."""

    __tablename__ = "line_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_key: Mapped[str] = mapped_column(String(80), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    line: Mapped[int]
    quantity: Mapped[int]
    from_day: Mapped[date]
    ends: Mapped[date | None]
    """The line's new last day, where the change renews it."""


class Tree(Base):
    """The log of one contract: an RFC 6962 tree, of which only the frontier is kept."""

    __tablename__ = "tree"

    contract_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    size: Mapped[int]
    frontier: Mapped[list[str]] = mapped_column(JSON)


class Answer(Base):
    """The first answer to a request, given again to every repetition of it."""

    __tablename__ = "answer"

    account_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcInstant)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON)


class Beat(Base):
    """The last sign of life of a clock worker."""

    __tablename__ = "beat"

    worker: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcInstant)
    struck: Mapped[int] = mapped_column(default=0)
    stuck: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many timers this worker could not strike when it last tried: faults of ours, told to the administrator."""


ONLY_ADDED = (
    "event",
    "paper",
    "signature",
    "message",
    "link",
    "supplement",
    "line_move",
    "contract_record",
    "calendar_year",
    "calendar_approval",
    "recount",
)


for _name in ONLY_ADDED:
    _table = Base.metadata.tables[_name]
    assert isinstance(_table, Table)
    for _dialect in ("sqlite", "postgresql"):
        for _statement in append_only(_name, _dialect):
            event.listen(_table, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect))
