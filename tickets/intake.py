"""Reading what was filled in: strict, by the action's own form, every fault told by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from workflow.declare import Action, Words
from workflow.wording import to_data


def parse(action: Action, raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The form's fields as Python values, or what is wrong with each. Strict: no type is guessed, no field ignored."""
    if action.form is None:
        unknown = [{"field": str(name), "says": to_data(Words("There is no such field."))} for name in raw]
        return {}, unknown
    try:
        model = action.form.model_validate_json(json.dumps(raw), strict=True)
    except (ValidationError, ValueError) as error:
        return {}, field_errors(error)
    return model.model_dump(), []


_SAYS = {
    "missing": Words("This field is needed."),
    "extra_forbidden": Words("There is no such field."),
    "string_too_long": Words("This text is too long."),
    "string_too_short": Words("This field is needed."),
    "control_character": Words("This text contains a control character."),
    "not_ticked": Words("This must be confirmed."),
    "literal_error": Words("This is not one of the choices."),
    "no_moment": Words("This is no moment as ISO 8601 writes it: date, time and zone."),
    "timezone_aware": Words("This moment lacks its time zone."),
    "greater_than_equal": Words("This number is too small."),
    "less_than_equal": Words("This number is too large."),
    "string_pattern_mismatch": Words("This does not have the form that is asked for."),
    "too_long": Words("There are too many entries."),
    "too_short": Words("At least one entry is needed."),
}


def field_errors(error: Exception) -> list[dict[str, Any]]:
    """One entry a fault: the field's path and a sentence. What was typed in is not repeated: it may be anything."""
    if not isinstance(error, ValidationError):
        return [{"field": "", "says": to_data(Words("This is not valid JSON."))}]
    return [
        {
            "field": ".".join(map(str, one["loc"])),
            "says": to_data(_SAYS.get(_kind(one), Words("This value does not fit."))),
        }
        for one in error.errors(include_input=False, include_url=False)[:50]
    ]


def _kind(error: Any) -> str:
    """The type of a fault. A text that is cleaned before it is measured is told apart from a list by its context only."""
    kind = str(error["type"])
    measured = error.get("ctx", {}).get("field_type")
    return f"string_{kind}" if kind in ("too_long", "too_short") and measured == "Value" else kind
