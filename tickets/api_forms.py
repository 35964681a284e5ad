"""Forms as JSON Schema (2020-12): the model that parses them, with its words in the reader's language.

Lists to choose from stand in `enum` as they are at this moment, with their names in `x-labels`; rows of a list are
written out where they stand, so that no reader has to follow references.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any

from tickets.speech import label, say
from workflow.choices import Choice
from workflow.declare import Action, Words
from workflow.forms import Form

Offered = Callable[[str], Sequence[Choice]]
"""The entries of a list, by the name of its source."""

NOTHING: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
OURS = ("input", "choices", "suggests", "secret", "asked_when")
"""What our forms say beyond JSON Schema: told as `x-…`, which validators pass over."""
LITERAL = ("examples", "default", "enum", "const", "required")


def schema(action: Action, offered: Offered | None = None) -> dict[str, Any]:
    """What the action's form takes; an empty closed object where there is nothing to fill in."""
    if action.form is None:
        return dict(NOTHING)
    told: dict[str, Any] = _told(_raw(action.form), offered)
    return told


@lru_cache(maxsize=256)
def _raw(form: type[Form]) -> dict[str, Any]:
    found = form.model_json_schema()
    parts = found.pop("$defs", {})
    inlined: dict[str, Any] = _inline(found, parts)
    return inlined


def _inline(node: Any, parts: Mapping[str, Any]) -> Any:
    """References replaced by what they refer to; names and docstrings of our classes are nobody's business."""
    if isinstance(node, list):
        return [_inline(one, parts) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        part = parts[node["$ref"].rsplit("/", 1)[-1]]
        return {**_inline(part, parts), **{k: v for k, v in node.items() if k != "$ref"}}
    is_object = "properties" in node
    return {
        name: deepcopy(value) if name in LITERAL else
        {field: _inline(one, parts) for field, one in value.items()} if name == "properties" else _inline(value, parts)
        for name, value in node.items() if not (is_object and name in ("title", "description"))
    }  # fmt: skip


def _told(node: Any, offered: Offered | None) -> Any:
    if isinstance(node, list):
        return [_told(one, offered) for one in node]
    if not isinstance(node, dict):
        return node
    told: dict[str, Any] = {}
    for name, value in node.items():
        if name == "properties":
            told[name] = {field: _told(one, offered) for field, one in value.items()}
        elif name in ("title", "description"):
            told[name] = say(Words(value))
        elif name in OURS:
            told[f"x-{name}"] = value
        else:
            told[name] = value if name in LITERAL else _told(value, offered)
    _options(told)
    if offered is not None and "x-choices" in told:
        _choices(told, offered(str(told["x-choices"])))
    return told


def _options(told: dict[str, Any]) -> None:
    """The keys of a closed choice with their names."""
    keys = told.get("enum", [told["const"]] if "const" in told else [])
    if named := {one: label("option", one) for one in keys if isinstance(one, str)}:
        told["x-labels"] = named


def _choices(told: dict[str, Any], entries: Sequence[Choice]) -> None:
    values: list[Any] = [one.value for one in entries]
    told["x-labels"] = {str(one.value): say(one.name) for one in entries}
    many = told.get("type") == "array"
    if not many and any(one.get("type") == "null" for one in told.get("anyOf", ())):
        values.append(None)
    (told["items"] if many else told)["enum"] = values
