"""What is asked of the desk, and what it answers: the same for pages, API, commands and the clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tickets.models import Event, Ticket
from tickets.record import FileFact
from workflow.canonical import plain


@dataclass(frozen=True)
class Act:
    """What somebody asks of the desk. `fields` is JSON data as it came in; `key` makes a repetition recognisable.

    Either `number` (with the `version` that was seen) or `kind` (with `contract`, when the person has several).
    """

    account: int
    action: str
    key: str
    number: str | None = None
    kind: str | None = None
    contract: str | None = None
    version: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    file: FileFact | None = None
    faults: Sequence[dict[str, Any]] = ()
    """What the door itself found wrong with what was brought (field, says): the act is refused for it, on record."""
    about: str = ""
    """What else tells this request from others that ask for the same."""
    door: str = "page"

    @property
    def request(self) -> str:
        """Digest of everything that makes two requests the same; the key itself is not part of it.

        Over the ASCII of `json`, not over canonical JSON: what came in may be anything, half a character or a number
        that no record would hold, and must be told so by the form rather than break here.
        """
        file = self.file.digest if self.file else None
        asked = [self.action, self.number, self.kind, self.contract, self.version, self.fields, file, self.about]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What came of it: `result` is accepted, not_yours, not_now, stale, missing, invalid, unknown or key_reused.

    `missing` holds guard, clause, words and remedy of each missing thing; `errors` one entry a field; `changed` the
    events that a stale page had not seen; `ticket` and `event` a summary as they were right after the act.
    """

    result: str
    number: str | None = None
    ticket: Mapping[str, Any] | None = None
    event: Mapping[str, Any] | None = None
    receipt: Mapping[str, Any] | None = None
    missing: Sequence[Mapping[str, Any]] = ()
    errors: Sequence[Mapping[str, Any]] = ()
    changed: Sequence[Mapping[str, Any]] = ()
    replayed: bool = field(default=False, compare=False)
    """Whether this is the first answer to a repeated request, given again."""

    @property
    def accepted(self) -> bool:
        return self.result == "accepted"

    def data(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__ if name != "replayed"}


def event_data(event: Event) -> dict[str, Any]:
    """An event as readers may have it: without salt."""
    names = (
        "sequence",
        "at",
        "action",
        "clause",
        "accepted",
        "reason",
        "name",
        "party",
        "role",
        "door",
        "source",
        "dest",
        "version",
        "content",
        "fields",
        "proofs",
        "missing",
        "notices",
        "log_index",
        "leaf",
    )
    return {name: plain(getattr(event, name)) for name in names}


def ticket_data(row: Ticket) -> dict[str, Any]:
    """The ticket itself, without what hangs on it."""
    names = (
        "number",
        "kind",
        "state",
        "version",
        "content_version",
        "content",
        "fields",
        "final",
        "awaits",
        "opened_at",
        "opened_party",
        "changed_at",
        "due_at",
        "due_provisional",
    )
    return {"contract": row.contract_key, **{name: plain(getattr(row, name)) for name in names}}
