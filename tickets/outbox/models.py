"""The outbox on record: messages that nobody was told yet, one delivery for each reader and channel, who wants what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DDL, JSON, CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcInstant

DESK_CHANNEL = "desk"
"""The bell in the page: always there, needs no address."""
HELD, WAITING, SENDING, FAILED = "held", "waiting", "sending", "failed"
SENT, JOINED, DROPPED, DEAD = "sent", "joined", "dropped", "dead"
OPEN = (HELD, WAITING, SENDING, FAILED)
"""Still to be sent: for a digest, at its time, by somebody just now, once more."""
CLOSED = (SENT, JOINED, DROPPED, DEAD)
"""Sent, sent within another, not sent because the reader may no longer know, given up."""


def _any_of(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


class Untold(Base):
    """A message of which no deliveries were made yet. A trigger puts it here with the message itself, so that whoever
    writes a message cannot forget it and the act costs no statement more."""

    __tablename__ = "untold"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    retry_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    """Set when its words could not be found: it is tried again then, and holds up no other."""


class Delivery(Base):
    """One message for one reader by one channel, with its words as they were sent."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "person_id", "channel"),
        CheckConstraint(f"status IN ({_any_of(OPEN + CLOSED)})", name="status_is_known"),
        CheckConstraint("(status = 'joined') = (joined_id IS NOT NULL)", name="joined_to_another"),
        CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name="what_was_sent_has_an_instant"),
        Index(
            "ix_delivery_open",
            "due_at",
            sqlite_where=text(f"status IN ({_any_of(OPEN)})"),
            postgresql_where=text(f"status IN ({_any_of(OPEN)})"),
        ),
        Index(
            "ix_delivery_unread",
            "person_id",
            "message_id",
            sqlite_where=text("channel = 'desk' AND read_at IS NULL"),
            postgresql_where=text("channel = 'desk' AND read_at IS NULL"),
        ),
        Index("ix_delivery_dead", "id", sqlite_where=text("status = 'dead'"), postgresql_where=text("status = 'dead'")),
        Index("ix_delivery_person_channel", "person_id", "channel", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(80), unique=True)
    """The same at each try: Message-ID of a letter, idempotency key of a call. Tells nothing about how many there are."""
    urgent: Mapped[bool]
    language: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(400))
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(UtcInstant)
    due_at: Mapped[datetime] = mapped_column(UtcInstant)
    """When it is to be sent, or tried again; while it is being sent, the end of the lease."""
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    """Grows with each lease. Who comes back with an older one has been overtaken and changes nothing."""
    fault: Mapped[str] = mapped_column(String(20), default="")
    """Why the last try failed: refused, unreachable, unsettled; empty when none did."""
    detail: Mapped[str] = mapped_column(String(200), default="")
    """What the other side said, without addresses."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    read_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    """When the reader marked it as read, in the page."""
    joined_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    """The delivery in whose letter this one went, for those who want one letter a day."""


class Preference(Base):
    """What a person wants to be told by which channel, and when not. Who has no row is told by every channel at once."""

    __tablename__ = "preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    urgent: Mapped[list[str]] = mapped_column(JSON)
    ordinary: Mapped[list[str]] = mapped_column(JSON)
    quiet_from: Mapped[str] = mapped_column(String(5), default="")
    """HH:MM in the zone of the contract; empty for none."""
    quiet_to: Mapped[str] = mapped_column(String(5), default="")
    digest_at: Mapped[str] = mapped_column(String(5), default="")


class Address(Base):
    """Where a person is reached by a channel, sealed: who reads the database alone learns no address."""

    __tablename__ = "address"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(2000))
    set_at: Mapped[datetime] = mapped_column(UtcInstant)


QUEUE_SQLITE = (
    "CREATE TRIGGER message_is_untold AFTER INSERT ON message "
    "BEGIN INSERT INTO untold (message_id) VALUES (NEW.id); END"
)
QUEUE_POSTGRESQL = (
    """CREATE FUNCTION message_is_untold() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN INSERT INTO untold (message_id) VALUES (NEW.id); RETURN NULL; END $$""",
    "CREATE TRIGGER message_is_untold AFTER INSERT ON message FOR EACH ROW EXECUTE FUNCTION message_is_untold()",
)

# They stand with this table, not with the messages: it is made after them, and the triggers need both.
_untold = Untold.__table__
assert isinstance(_untold, Table)
event.listen(_untold, "after_create", DDL(QUEUE_SQLITE).execute_if(dialect="sqlite"))
for _statement in QUEUE_POSTGRESQL:
    event.listen(_untold, "after_create", DDL(_statement).execute_if(dialect="postgresql"))
