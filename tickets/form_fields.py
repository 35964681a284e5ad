"""A form as a page shows it and as a browser sends it back: made from the action's model, for every workflow alike.

What comes back is turned into JSON of the types that the schema names and goes to the desk as it is. Judging it is the
desk's: a field that nobody asked for, or that comes twice, is handed on so that its refusal stands on record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, pgettext
from werkzeug.datastructures import MultiDict

from tickets.speech import say
from workflow.choices import Choice
from workflow.declare import Label
from workflow.forms import Form

EMPTY_ROWS = 8
"""Without JavaScript nobody can add a row, so some stand ready."""
CONTROLS = frozenset({"csrf_token", "desk-version", "desk-key", "desk-code"})
"""What a page adds of its own. No field of a model can have such a name: a hyphen is no part of one."""
_WHOLE = re.compile(r"-?[0-9]{1,15}")

Choices = Callable[[str], Sequence[Choice]]


@dataclass(frozen=True)
class Input:
    """One field as a page shows it. `value` is what stands in it now: text, a list of texts, or rows of fields."""

    name: str
    key: str
    """Its name within its form; `name` is what is sent, with the row's place where there are rows."""
    kind: str
    """line, text, code, instant, day, count, yes, confirmed, choice, many, lines or rows."""
    label: str
    help: str = ""
    example: str = ""
    required: bool = False
    whole: bool = False
    options: tuple[tuple[str, str], ...] = ()
    suggestions: tuple[str, ...] = ()
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    value: Any = ""
    columns: tuple[Input, ...] = ()
    rows: tuple[tuple[Input, ...], ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"f-{self.name}"

    def optional(self) -> Input:
        """The same field where the browser must not insist on it: in a row that may stay empty."""
        return replace(self, required=False)

    @property
    def has_seconds(self) -> bool:
        return self.kind == "instant" and len(str(self.value)) > len("2026-05-12T18:00")


# --- from the model to the page --------------------------------------------------------------------------------------


@cache
def schema_of(form: type[Form]) -> dict[str, Any]:
    """The schema of a form, made once: a page shows a dozen forms. Whoever gets it changes nothing in it."""
    return form.model_json_schema()


def inputs(
    form: type[Form] | None, choices: Choices, zone: ZoneInfo, values: Mapping[str, Any] | None = None
) -> list[Input]:
    """The fields of a form, empty or holding `values` (JSON data as records keep it)."""
    if form is None:
        return []
    schema = schema_of(form)
    made = _inputs(schema, schema, choices)
    return [_holding(one, (values or {}).get(one.key), zone) for one in made]


def _inputs(schema: Mapping[str, Any], whole: Mapping[str, Any], choices: Choices) -> list[Input]:
    needed = set(schema.get("required", ()))
    return [
        _input(name, _flat(part, whole), name in needed, whole, choices) for name, part in schema["properties"].items()
    ]


def _flat(part: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a field with what it refers to and what makes it optional folded in."""
    found = dict(part)
    if "$ref" in found:
        found = {**whole["$defs"][found.pop("$ref").rsplit("/", 1)[1]], **found}
    for inner in found.pop("anyOf", ()):
        if inner.get("type") != "null":
            found = {**_flat(inner, whole), **found}
    return found


def _input(name: str, part: Mapping[str, Any], required: bool, whole: Mapping[str, Any], choices: Choices) -> Input:
    items = _flat(part["items"], whole) if part.get("type") == "array" else {}
    kind = _kind(part, items)
    source = part.get("choices") or items.get("choices")
    closed = _enum(items or part)
    options = tuple((str(c.value), say(c.name)) for c in choices(str(source))) if source else ()
    options = options or tuple((one, pgettext("option", str(Label("option", one)))) for one in closed)
    suggests = part.get("suggests")
    example = next(iter(part.get("examples", ())), "")
    shown = (
        example
        if isinstance(example, str | int) and not isinstance(example, bool) and kind not in ("choice", "many")
        else ""
    )
    default = part.get("default")
    return Input(
        name=name,
        key=name,
        kind=kind,
        label=gettext(part["title"]) if part.get("title") else name,
        help=gettext(part["description"]) if part.get("description") else "",
        example=str(shown),
        required=((required or part.get("minItems", 0) > 0) and kind not in ("yes", "confirmed"))
        or kind == "confirmed",
        whole=(items or part).get("type") == "integer",
        options=options,
        suggestions=tuple(say(c.name) for c in choices(str(suggests))) if suggests else (),
        longest=part.get("maxLength"),
        least=part.get("minimum"),
        most=part.get("maximum"),
        value=default if default is not None else "",
        columns=tuple(_inputs(items, whole, choices)) if kind == "rows" else (),
    )


def _enum(part: Mapping[str, Any]) -> list[str]:
    return [str(one) for one in part.get("enum", [part["const"]] if "const" in part else [])]


def _kind(part: Mapping[str, Any], items: Mapping[str, Any]) -> str:
    if part.get("type") == "array":
        if "properties" in items:
            return "rows"
        return "many" if part.get("choices") or items.get("choices") or _enum(items) else "lines"
    if part.get("choices") or _enum(part):
        return "choice"
    named = str(part.get("input", ""))
    if named in ("text", "code", "instant", "day", "yes", "confirmed", "count"):
        return named
    by_format = {"date-time": "instant", "date": "day"}.get(str(part.get("format")))
    return by_format or {"boolean": "yes", "integer": "count"}.get(str(part.get("type")), "line")


def _holding(one: Input, value: Any, zone: ZoneInfo) -> Input:
    """The field with a recorded value in it, as the browser's own control wants it written."""
    if one.kind == "rows":
        kept = [[_holding(column, row.get(column.key), zone) for column in one.columns] for row in value or ()]
        return _with_rows(one, kept)
    if value is None:
        return replace(one, value=_shown(one, one.value, zone))
    return replace(one, value=_shown(one, value, zone))


def _shown(one: Input, value: Any, zone: ZoneInfo) -> Any:
    if value in ("", None):
        return [] if one.kind == "many" else ""
    if one.kind == "instant":
        local = datetime.fromisoformat(str(value)).astimezone(zone)
        return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")
    if one.kind == "lines":
        return "\n".join(map(str, value))
    if one.kind == "many":
        return [str(each) for each in value]
    if one.kind in ("yes", "confirmed"):
        return "1" if value is True else ""
    return str(value)


def _with_rows(one: Input, kept: Sequence[Sequence[Input]]) -> Input:
    rows = [*kept, *([one.columns] * (EMPTY_ROWS if len(kept) < EMPTY_ROWS else 2))][: max(EMPTY_ROWS, len(kept) + 2)]
    placed = tuple(
        tuple(replace(column, name=f"{one.name}-{place}-{column.key}") for column in row)
        for place, row in enumerate(rows)
    )
    return replace(one, rows=placed)


# --- from the browser to JSON ----------------------------------------------------------------------------------------


def read(made: Sequence[Input], posted: MultiDict[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """What was posted, as JSON data for the desk. An empty field is left out: the desk says which of them it needs."""
    known = {one.name: one for one in made}
    fields: dict[str, Any] = {}
    for name, texts in posted.lists():
        one = known.get(name)
        if name in CONTROLS or _row_name(name, known) is not None or (one is not None and one.kind == "rows"):
            continue
        fields[name] = _strange(texts) if one is None else _value(one, texts, zone)
    for one in made:
        if one.kind == "rows":
            fields[one.name] = [row for _place, row in _rows(one, posted, zone)]
        elif one.kind in ("yes", "confirmed"):
            fields.setdefault(one.name, False)
    return {name: value for name, value in fields.items() if value is not None}


def _row_name(name: str, known: Mapping[str, Input]) -> Input | None:
    owner = known.get(name.partition("-")[0]) if "-" in name else None
    return owner if owner is not None and owner.kind == "rows" else None


def _strange(texts: Sequence[str]) -> Any:
    return texts[0] if len(texts) == 1 else list(texts)


def _value(one: Input, texts: Sequence[str], zone: ZoneInfo) -> Any:
    """JSON of the field's type where the text can be read as one; else the text itself, which the desk then refuses."""
    if one.kind == "many":
        return [_whole(text) if one.whole else text for text in texts if text] or None
    if len(texts) != 1:
        return list(texts)
    text = texts[0]
    if one.kind in ("yes", "confirmed"):
        return True if text == "1" else text
    if not text.strip():
        return None
    if one.kind == "instant":
        return _instant(text, zone)
    if one.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()] or None
    if one.kind == "code":
        return text.replace(" ", "")
    return _whole(text.strip()) if one.whole else text


def _whole(text: str) -> Any:
    return int(text) if _WHOLE.fullmatch(text) else text


def _instant(text: str, zone: ZoneInfo) -> str:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    # Near either end of the calendar the zone's offset overflows; such a text is left for the desk to refuse.
    if not date.min.year + 1 < local.year < date.max.year - 1:
        return text.replace("T", " ") + "?"
    return (local if local.tzinfo else local.replace(tzinfo=zone)).isoformat()


def _rows(one: Input, posted: MultiDict[str, str], zone: ZoneInfo) -> list[tuple[int, dict[str, Any]]]:
    """The rows in which something was filled in, with their places."""
    columns = {column.key: column for column in one.columns}
    found: dict[int, dict[str, Any]] = {}
    for name, texts in posted.lists():
        owner, _, rest = name.partition("-")
        place, _, key = rest.partition("-")
        if owner != one.name or not rest:
            continue
        at = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else 999
        column = columns.get(key)
        value = _strange(texts) if column is None else _value(column, texts, zone)
        if value is not None:
            found.setdefault(at, {})[key] = value
    return sorted(found.items())


# --- after a refusal -------------------------------------------------------------------------------------------------


def kept(
    made: Iterable[Input], posted: MultiDict[str, str], errors: Sequence[Mapping[str, Any]], zone: ZoneInfo
) -> tuple[list[Input], list[str]]:
    """The fields with what was typed still in them and each error at its field; and errors that belong to no field."""
    said: dict[str, list[str]] = {}
    for error in errors:
        said.setdefault(str(error["field"]), []).append(say(error["says"]))
    result, used = [], set()
    for one in made:
        mine = [path for path in said if path == one.name or path.startswith(f"{one.name}.")]
        used.update(mine)
        if one.kind == "rows":
            result.append(_kept_rows(one, posted, said, zone))
        else:
            texts = posted.getlist(one.name)
            value: Any = texts if one.kind == "many" else texts[0] if texts else ""
            found = tuple(dict.fromkeys(sentence for path in mine for sentence in said[path]))
            result.append(replace(one, value="" if one.kind == "code" else value, errors=found))
    stray = [
        f"{path}: {sentence}" if path not in ("", "file") else sentence
        for path in said
        if path not in used
        for sentence in said[path]
    ]
    return result, stray


def _kept_rows(one: Input, posted: MultiDict[str, str], said: Mapping[str, list[str]], zone: ZoneInfo) -> Input:
    rows = []
    for index, (place, _row) in enumerate(_rows(one, posted, zone)):
        row = []
        for column in one.columns:
            errors = said.get(f"{one.name}.{index}.{column.key}", ())
            row.append(replace(column, value=posted.get(f"{one.name}-{place}-{column.key}", ""), errors=tuple(errors)))
        rows.append(row)
    return replace(_with_rows(one, rows), errors=tuple(said.get(one.name, ())))


__all__ = ["CONTROLS", "EMPTY_ROWS", "Input", "inputs", "kept", "read"]
