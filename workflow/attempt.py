"""What is known at the moment somebody attempts an act: frozen, so that the judgement can be repeated for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workflow.declare import ROLES, PaperKind, Party, Role

if TYPE_CHECKING:
    from workflow.contract import Edition


@dataclass(frozen=True)
class MandateFact:
    """A mandate in force at this moment. `person` is the natural person, `account` the sign-in that holds the mandate."""

    id: int
    person: int
    account: int
    name: str
    role: Role
    scope: Mapping[str, Any] = field(default_factory=dict, hash=False)
    callback_since: datetime | None = None
    """Since when a call-back number is on the list; None where there is none."""

    @property
    def party(self) -> Party:
        return self.role.party


@dataclass(frozen=True)
class Past:
    """One event of the ticket, accepted or refused. `content` is the digest of the ticket's content right after it."""

    sequence: int
    action: str
    accepted: bool
    person: int | None
    account: int | None
    name: str
    party: str
    at: datetime
    content: str
    source: str | None
    dest: str | None
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)
    reason: str = ""
    """Why it was refused; empty when it was accepted."""


@dataclass(frozen=True)
class SignatureFact:
    """A person's signature under a paper: `meaning` is the act by which it was given."""

    person: int
    account: int
    party: str
    role: str
    meaning: str
    at: datetime


@dataclass(frozen=True)
class PaperFact:
    """One version of a paper. `content` is the digest of the ticket's content when it was filed."""

    id: int
    kind: str
    version: int
    digest: str
    content: str
    filed_by: int | None
    party: str
    at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)
    signatures: tuple[SignatureFact, ...] = ()


@dataclass(frozen=True)
class TimerFact:
    """A running or finished deadline. Missed once struck; `stopped_at` tells when the duty was done, late or in time."""

    id: int
    deadline: str
    started_at: datetime
    due_at: datetime
    status: str
    """"running", "met", "missed" or "dropped" (no longer owed because the ticket ended)."""
    stopped_at: datetime | None = None
    reminds: bool = False
    """Runs ahead of a limit, to remind of it: nothing is owed when it runs out."""
    binds: bool = False
    """Somebody owes what it limits: missed, it is overdue until it is done."""
    provisional: bool = False
    """It was counted over days that are not announced yet (暂定)."""
    calendar: str = ""
    """Digest of the calendar by which it was last counted; empty where no days of a calendar are counted."""
    party: str = ""
    """The name of whose duty it is; empty where it binds nobody in particular."""


@dataclass(frozen=True)
class IdentityFact:
    """An identity check on this ticket. `content` is what it is bound to: a call-back to the text, a factor to the ticket as
    seen. `code` is there only while a call-back challenge is open."""

    id: int
    method: str
    person: int
    verifier: int | None
    content: str
    issued_at: datetime
    expires_at: datetime
    passed_at: datetime | None
    code: str | None = None


@dataclass(frozen=True)
class LinkFact:
    """Another ticket that this one is bound to, and how."""

    number: str
    kind: str
    state: str
    final: bool
    relation: str


@dataclass(frozen=True)
class TicketNow:
    """Any ticket of the contract, as far as others may rely on it. `ending`: the fields of the act that ended it."""

    number: str
    kind: str
    state: str
    final: bool
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)
    ending: Mapping[str, Any] = field(default_factory=dict, hash=False)
    opened_at: datetime | None = None
    """None where nobody asked when it was."""


@dataclass(frozen=True)
class TicketFact:
    """The ticket as it stands before the act. `state` is None while it is being opened."""

    number: str | None
    kind: str
    state: str | None
    version: int
    content: str
    content_version: int
    opened_at: datetime
    opened_by: int | None
    opened_party: str
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def seen(self) -> str:
        """The ticket as somebody saw it: what a fresh factor is bound to. Every act that is not quiet makes it another."""
        return f"{self.content}:{self.version}"


@dataclass(frozen=True)
class Facts:
    """All records that guards may rely on, gathered in one transaction with the act."""

    history: tuple[Past, ...] = ()
    papers: tuple[PaperFact, ...] = ()
    mandates: tuple[MandateFact, ...] = ()
    timers: tuple[TimerFact, ...] = ()
    identity: tuple[IdentityFact, ...] = ()
    links: tuple[LinkFact, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What a workflow `gathers` beside: catalogue, supplements, …"""
    first: Mapping[int, int] = field(default_factory=dict, hash=False)
    """For each further account of a natural person, their first one: see `Attempt.natural`."""


@dataclass(frozen=True)
class Actor:
    """Who attempts: a natural person through an account, or the clock (`person` None)."""

    person: int | None
    account: int | None
    name: str
    roles: tuple[Role, ...]

    @property
    def party(self) -> Party | None:
        return self.roles[0].party if self.roles else None


THE_CLOCK = Actor(person=None, account=None, name="clock", roles=(ROLES["clock"],))


@dataclass(frozen=True)
class Attempt:
    """Somebody (`actor`) attempts `action` on `ticket` at the instant `at`, with `fields` filled in (None: a preview)."""

    action: str
    actor: Actor
    at: datetime
    ticket: TicketFact
    facts: Facts
    edition: Edition
    fields: Mapping[str, Any] | None = field(default=None, hash=False)

    @cached_property
    def accepted(self) -> tuple[Past, ...]:
        return tuple(event for event in self.facts.history if event.accepted)

    def past(self, *actions: str, since: tuple[str, ...] = ()) -> tuple[Past, ...]:
        """Accepted events of these actions, oldest first; with `since`, only after the last of those actions."""
        start = max((event.sequence for event in self.accepted if event.action in since), default=0)
        return tuple(e for e in self.accepted if e.action in actions and e.sequence >= start)

    def last(self, *actions: str, since: tuple[str, ...] = ()) -> Past | None:
        """The latest accepted event of these actions."""
        found = self.past(*actions, since=since)
        return found[-1] if found else None

    def before(self, act: str, *actions: str) -> Past | None:
        """The latest accepted event of these actions that came before the last of `act`; None where that was never done."""
        end = max((event.sequence for event in self.accepted if event.action == act), default=0)
        found = [e for e in self.accepted if e.action in actions and e.sequence < end]
        return found[-1] if found else None

    def persons(self, *actions: str, since: tuple[str, ...] = ()) -> frozenset[int | None]:
        """Which natural persons did any of these actions; None among them where it is not on record who did one."""
        return frozenset(event.person for event in self.past(*actions, since=since))

    def refusals(self, action: str, since: tuple[str, ...], most: int) -> int:
        """How often `action` was refused to somebody whose act it is after the last of the acts `since`; 0 before one of
        them was done. Whoever asks says from how many on (`most`) more make no difference to them."""
        last = self.last(*since)
        found = 0 if last is None else sum(
            e.action == action and not e.accepted and e.reason != "not_yours" and e.sequence > last.sequence
            for e in self.facts.history
        )  # fmt: skip
        return min(found, most)

    def on_this_content(self, *actions: str) -> Past | None:
        """The latest accepted event of these actions, provided the content has not changed since."""
        event = self.last(*actions)
        return event if event is not None and event.content == self.ticket.content else None

    def paper(self, kind: PaperKind | str) -> PaperFact | None:
        """The newest version of the paper of this kind."""
        name = kind if isinstance(kind, str) else kind.name
        return max((p for p in self.facts.papers if p.kind == name), key=lambda p: (p.version, p.id), default=None)

    def value(self, name: str) -> Any:
        """A field as filled in now, else as the ticket holds it, else None."""
        if self.fields is not None and name in self.fields:
            return self.fields[name]
        return self.ticket.fields.get(name)

    def instant(self, name: str) -> datetime | None:
        """A field that holds an instant, wherever it comes from (records hold it as ISO text)."""
        value = self.value(name)
        return datetime.fromisoformat(value) if isinstance(value, str) else value

    def holders(self, *roles: Role) -> tuple[MandateFact, ...]:
        """Mandates of these roles in force at this moment in this contract."""
        return tuple(mandate for mandate in self.facts.mandates if mandate.role in roles)

    def natural(self, person: Any) -> int | None:
        """The natural person behind the number that a field holds, as far as is known at this moment.

        What a form was filled in with stays as it was, while two accounts may have been found to be one person's since:
        whoever compares a field with a person asks here. None for what is no number.
        """
        return self.facts.first.get(person, person) if isinstance(person, int) else None

    def mandates_of(self, person: int | None, *roles: Role) -> tuple[MandateFact, ...]:
        """Mandates that a natural person holds now, of these roles (or any)."""
        one = self.natural(person)
        return tuple(m for m in self.facts.mandates if m.person == one and (not roles or m.role in roles))
