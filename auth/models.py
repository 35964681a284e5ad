"""Who is who, on record: people, mandates, sessions, tokens, identity checks, one-time secrets, security events.

Secrets never stand here in clear: what must be shown again is sealed (`auth.seal`), what must only be recognised is
hashed. Nobody is ever deleted, so a user name is never given to a second person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, CheckConstraint, ForeignKey, Index, String, Table, event, text
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcInstant


class Person(Base):
    """A natural person's account. There are no shared accounts; should somebody hold two, `same_person_as` says so."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("username = lower(username)", name="username_is_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(20), default="zh_Hans_CN")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """argon2id; None until the person has enrolled."""
    totp_sealed: Mapped[str | None] = mapped_column(String(400))
    totp_last_step: Mapped[int] = mapped_column(default=0)
    """The 30-second step of the last code accepted: a code of this step or an earlier one is a replay."""
    factor_enrolled_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    same_person_as: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """The first account of the same natural person: separation of duties counts persons, not accounts."""
    credential_version: Mapped[int] = mapped_column(default=1)
    """Counts changes of password, factor or standing; a session or one-time secret of an older version is dead."""

    @property
    def natural(self) -> int:
        """The natural person, by the number of their first account: the chain is never longer than one step."""
        return self.same_person_as or self.id


class Mandate(Base):
    """A person's role in a contract, from–to. The three administrators have no contract."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("(contract_key IS NULL) = (role LIKE 'admin.%')", name="only_administrators_lack_a_contract"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_it_starts"),
        Index(
            "uq_mandate_one_administrator_role",
            "person_id",
            unique=True,
            sqlite_where=text("contract_key IS NULL AND revoked_at IS NULL"),
            postgresql_where=text("contract_key IS NULL AND revoked_at IS NULL"),
        ),
        Index("ix_mandate_person", "person_id"),
        Index("ix_mandate_contract_role", "contract_key", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    contract_key: Mapped[str | None] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime] = mapped_column(UtcInstant)
    ends_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    """The first instant at which the mandate no longer holds; None is open."""
    scope: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """`{"operations": […], "systems": […]}`; a missing or empty list bounds nothing."""
    callback_number_sealed: Mapped[str | None] = mapped_column(String(400))
    callback_since: Mapped[datetime | None] = mapped_column(UtcInstant)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None only for the first security administrator, who is made by command."""


class UserSession(Base):
    """A signed-in browser. The cookie carries the token, this row its hash: revoking is at once."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_person", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    seen_at: Mapped[datetime] = mapped_column(UtcInstant)
    ends_at: Mapped[datetime] = mapped_column(UtcInstant)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    credential_version: Mapped[int]
    address: Mapped[str] = mapped_column(String(64), default="")


class ApiToken(Base):
    """A bearer token for the API, stored as its SHA-256 (the token itself is 256 bits of chance, so no salt)."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_person", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(80))
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    """"read" and "act"; nothing is granted by an empty list."""
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcInstant)


class IdentityCheck(Base):
    """Proof that a person was who they said, for one ticket in one version of its content; it expires.

    `ticket_id` has no foreign key: tickets stand above this room and import it, never the other way.
    """

    __tablename__ = "identity_check"
    __table_args__ = (
        CheckConstraint("method <> 'call_back' OR verifier_id <> person_id", name="nobody_verifies_themselves"),
        CheckConstraint("expires_at > issued_at", name="expires_after_issue"),
        Index("ix_identity_check_ticket_person", "ticket_id", "person_id"),
        Index("ix_identity_check_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int | None]
    content_digest: Mapped[str] = mapped_column(String(128), default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Whose identity was checked."""
    method: Mapped[str] = mapped_column(String(20))
    """"totp" (the person's own second factor) or "call_back" (a verifier called the number on record)."""
    verifier_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    challenge_sealed: Mapped[str | None] = mapped_column(String(400))
    issued_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    passed_at: Mapped[datetime | None] = mapped_column(UtcInstant)


class OneTimeSecret(Base):
    """A secret that lets one person do one thing once: at present, enrol. Stored hashed, dead after 30 minutes."""

    __tablename__ = "one_time_secret"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    credential_version: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    used_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    """When it was used, or replaced by a later one."""


class SecurityEvent(Base):
    """What happened to access, for the audit administrator. Rows are only ever added; a trigger refuses the rest."""

    __tablename__ = "security_event"
    __table_args__ = (Index("ix_security_event_person", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcInstant)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who acted; None where nobody known did (an unknown user name is not stored: people type passwords there)."""
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Whose access it concerns, where that is another person."""
    kind: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(10))
    """"done" or "refused"."""
    address: Mapped[str] = mapped_column(String(64), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class FailureCount(Base):
    """Wrong attempts under one key ("account:…", "address:…"). In the database, so a restart forgives nothing."""

    __tablename__ = "failure_count"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime] = mapped_column(UtcInstant)
    locked_until: Mapped[datetime | None] = mapped_column(UtcInstant)


class DemoMark(Base):
    """One row: this database was made by the demo, so one-click sign-in endangers nobody."""

    __tablename__ = "demo_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcInstant)


_TRIGGER = (
    "CREATE TRIGGER security_event_is_not_{done} BEFORE {verb} ON security_event "
    "BEGIN SELECT RAISE(ABORT, 'security events are only added'); END"
)
APPEND_ONLY_SQLITE = (_TRIGGER.format(done="changed", verb="UPDATE"), _TRIGGER.format(done="removed", verb="DELETE"))
"""Triggers for the migration as well: `create_all` fires them through the listeners below."""

APPEND_ONLY_POSTGRESQL = (
    """CREATE FUNCTION security_event_only_grows() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'security events are only added'; END $$""",
    """CREATE TRIGGER security_event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON security_event
       FOR EACH STATEMENT EXECUTE FUNCTION security_event_only_grows()""",
)

_events = SecurityEvent.__table__
assert isinstance(_events, Table)
for _statement in APPEND_ONLY_SQLITE:
    event.listen(_events, "after_create", DDL(_statement).execute_if(dialect="sqlite"))
for _statement in APPEND_ONLY_POSTGRESQL:
    event.listen(_events, "after_create", DDL(_statement).execute_if(dialect="postgresql"))
