"""What is on record, made ready for readers: fields with their labels, events, papers with their signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from flask_babel import gettext, pgettext

from tickets import labels
from tickets.duty import chain_view
from tickets.field_names import computed_name
from tickets.form_fields import schema_of
from tickets.models import Event, Paper, Signature
from tickets.queries import Sight
from tickets.speech import label, language, moment, say
from workflow import escalation
from workflow.declare import Action, Label
from workflow.forms import Form
from workflow.terms import yuan

LONGEST_KEY = 40
"""A longer one is a digest."""
KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
Shown = str | list[str | list[tuple[str, Any]]]
"""A value for a reader: text, several texts, or rows of named values."""


@dataclass(frozen=True)
class EventSeen:
    """One line of the timeline."""

    row: Event
    what: str
    who: str
    as_what: str
    door: str
    kind: Literal["done", "refused", "clock", "breach"]
    reason: str
    moved: str
    fields: Sequence[tuple[str, Shown]]
    missing: Sequence[Mapping[str, Any]]
    proofs: Sequence[tuple[str, str]]
    notices: Sequence[str]
    due_at: datetime | None = None


@dataclass(frozen=True)
class PaperSeen:
    """One version of a paper with the signatures under it."""

    row: Paper
    label: str
    meaning: str
    clause: str
    newest: bool
    current: bool
    by: str
    party: str
    signatures: Sequence[tuple[Signature, str, str]]
    fields: Sequence[tuple[str, Shown]]


def names(sight: Sight) -> dict[int, str]:
    """Names of natural persons: of those who acted, and of those who hold a mandate now."""
    found = {event.person_id: event.name for event in sight.rows.events if event.person_id is not None}
    return {**{mandate.person: mandate.name for mandate in sight.facts.mandates}, **found}


# --- values ----------------------------------------------------------------------------------------------------------


def fields_seen(
    sight: Sight, form: type[Form] | None, values: Mapping[str, Any], people: Mapping[int, str]
) -> list[tuple[str, Shown]]:
    """Fields in the order of the form, then what was computed; empty ones are left out."""
    schema = schema_of(form) if form else {"properties": {}}
    ordered = [name for name in schema["properties"] if name in values] + [
        n for n in values if n not in schema["properties"]
    ]
    seen = []
    for name in ordered:
        part = schema["properties"].get(name)
        value = values[name]
        if value in (None, "", [], {}):
            continue
        title = gettext(part["title"]) if part and part.get("title") else computed_name(name)
        seen.append((title, _named(name, value) or _value(sight, part or {}, schema, value, people)))
    return seen


def _named(name: str, value: Any) -> str | None:
    """Money is told by its name: fields in fen say so."""
    return yuan(value) if name.endswith("_fen") and isinstance(value, int) else None


def _value(
    sight: Sight, part: Mapping[str, Any], schema: Mapping[str, Any], value: Any, people: Mapping[int, str]
) -> Shown:
    if isinstance(value, list):
        items = part.get("items", {})
        if "$ref" in items:
            items = schema["$defs"][items["$ref"].rsplit("/", 1)[1]]
        return [
            _row(sight, items, schema, one, people)
            if isinstance(one, dict)
            else _text(sight, {**items, **{k: v for k, v in part.items() if k == "choices"}}, one, people)
            for one in value
        ]
    if isinstance(value, dict):
        return [_row(sight, {}, schema, value, people)]
    return _text(sight, part, value, people)


def _row(
    sight: Sight, items: Mapping[str, Any], schema: Mapping[str, Any], row: Mapping[str, Any], people: Mapping[int, str]
) -> list[tuple[str, Any]]:
    parts = items.get("properties", {})
    return [
        (
            gettext(parts[name]["title"]) if parts.get(name, {}).get("title") else computed_name(name),
            _named(name, value) or _value(sight, parts.get(name, {}), schema, value, people),
        )
        for name, value in row.items()
        if value not in (None, "", [], {})
    ]


def _flat(part: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(part)
    for inner in part.get("anyOf", ()):
        if inner.get("type") != "null":
            found = {**inner, **found}
    return found


def _text(sight: Sight, part: Mapping[str, Any], value: Any, people: Mapping[int, str]) -> str:
    part = _flat(part)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    source = str(part.get("choices") or part.get("suggests") or "")
    if source.startswith("people") and isinstance(value, int):
        return people.get(value, str(value))
    if source:
        return next((say(choice.name) for choice in sight.choices(source) if choice.value == value), str(value))
    if "enum" in part or "const" in part:
        return str(pgettext("option", str(Label("option", str(value)))))
    return _moment_or_text(str(value), part)


def _moment_or_text(text: str, part: Mapping[str, Any]) -> str:
    if part.get("format") == "date-time" or (not part and len(text) >= 20 and text[4:5] == "-" and "T" in text[:11]):
        try:
            return moment(datetime.fromisoformat(text))
        except ValueError:
            return text
    if part.get("format") == "date":
        return date.fromisoformat(text).isoformat()
    return _key(text) if not part and KEY.fullmatch(text) and len(text) < LONGEST_KEY else text


def _key(text: str) -> str:
    """What is computed holds keys, as forms and figures do; one that nobody named is shown as it is recorded."""
    plain = str(Label("option", text))
    named = (str(pgettext(context, plain)) for context in ("option", "setting", "unit", "deadline"))
    return next((one for one in named if one != plain), text if language().startswith("zh") else plain)


def content(sight: Sight, people: Mapping[int, str]) -> list[tuple[str, Shown]]:
    """The ticket's own fields as they stand now."""
    forms = [a.form for a in sight.workflow.actions.values() if a.form and (a.source is None or a.amends)]
    return fields_seen(sight, forms[0] if forms else None, sight.row.fields, people)


# --- events ----------------------------------------------------------------------------------------------------------


def events(sight: Sight, people: Mapping[int, str]) -> list[EventSeen]:
    """The timeline, the newest first."""
    seen: list[EventSeen] = []
    before: Sequence[str] = ()
    for event in sight.rows.events:
        one = event_seen(sight, event, people)
        # A warning is told where it first appears, not again at each event for as long as it holds.
        seen.append(replace(one, notices=[said for said in one.notices if said not in before]))
        before = one.notices if event.accepted else before
    return seen[::-1]


def event_seen(sight: Sight, event: Event, people: Mapping[int, str]) -> EventSeen:
    action: Action | None = sight.workflow.actions.get(event.action)
    clock = event.account_id is None
    limit = sight.workflow.deadlines.get(str(event.fields.get("deadline"))) if clock else None
    # Where part of a term has run, somebody is reminded; nothing is late yet.
    due = event.fields.get("due_at") if limit is not None and not limit.reminds else None
    values = {k: v for k, v in event.fields.items() if not (clock and k in ("due_at", "deadline"))}
    file = values.pop("file", None)
    calling = chain_view.fields({name: values.pop(name) for name in escalation.COMPUTED if name in values})
    seen = fields_seen(sight, action.form if action else None, values, people)
    seen += calling
    if isinstance(file, dict):
        seen.append((gettext("File"), [f"{file.get('name')} ({file.get('size')} B)", str(file.get("digest"))]))
    if clock and event.fields.get("deadline"):
        seen.insert(0, (gettext("Deadline"), label("deadline", str(event.fields["deadline"]))))
    moved = event.accepted and event.dest and event.dest != event.source
    return EventSeen(
        event,
        labels.happening(event.action) or label("action", event.action),
        label("role", "clock") if clock else event.name,
        " · ".join(
            part
            for part in (
                label("party", event.party) if event.party and not clock else "",
                label("role", event.role) if event.role and not clock else "",
            )
            if part
        ),
        labels.door(event.door),
        "breach" if due else "clock" if clock else "done" if event.accepted else "refused",
        labels.reason(event.reason) if event.reason else "",
        label("state", str(event.dest)) if moved else "",
        seen,
        [_titled(action, one) for one in event.missing],
        [(label("guard", str(one["guard"])), str(one["clause"])) for one in event.proofs],
        [say(one) for one in event.notices],
        datetime.fromisoformat(due) if due else None,
    )


def _titled(action: Action | None, missing: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was wrong with a field, under the field's title; a place within rows ("steps.0.expected") by the rows' title."""
    name = str(missing.get("field") or "").split(".", 1)[0]
    if not name:
        return missing
    known = action.form.model_fields.get(name) if action is not None and action.form else None
    title = (
        gettext("File") if name == "file" else gettext(known.title) if known and known.title else computed_name(name)
    )
    return {**missing, "title": title}


# --- papers ----------------------------------------------------------------------------------------------------------


def papers(sight: Sight, people: Mapping[int, str]) -> list[PaperSeen]:
    """Papers by kind, the newest version first."""
    newest = {paper.kind: paper.version for paper in sorted(sight.rows.papers, key=lambda one: one.version)}
    filed_by = {paper.event_id: paper for paper in sight.rows.papers}
    acts = {event.id: event.action for event in sight.rows.events if event.id in filed_by}
    order = {kind: place for place, kind in enumerate(dict.fromkeys(paper.kind for paper in sight.rows.papers))}
    seen = []
    for paper in sorted(sight.rows.papers, key=lambda one: (order[one.kind], -one.version)):
        declared = sight.workflow.papers.get(paper.kind)
        action = sight.workflow.actions.get(acts.get(paper.event_id, ""))
        values = {name: value for name, value in paper.fields.items() if name not in ("file", "paper")}
        seen.append(
            PaperSeen(
                paper,
                label("paper", paper.kind),
                gettext(declared.meaning) if declared else "",
                declared.clause if declared else "",
                newest[paper.kind] == paper.version,
                paper.content == sight.row.content or paper.file_digest is not None,
                people.get(paper.filed_by or 0, ""),
                label("party", paper.party) if paper.party else "",
                [
                    (s, label("role", s.role), label("action", s.meaning))
                    for s in sight.rows.signatures
                    if s.paper_id == paper.id
                ],
                fields_seen(sight, action.form if action else None, values, people),
            )
        )
    return seen
