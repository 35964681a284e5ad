"""`Words` as data: stored with the event that they explain, read back years later in either language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow.canonical import plain
from workflow.declare import Label, Words
from workflow.terms import Text


def to_data(words: Words) -> dict[str, Any]:
    """`{"text": msgid, "values": {…}}` with nested words and labels marked as such."""
    return {"text": words.text, "values": {name: _value(value) for name, value in words.values.items()}}


def _value(value: Any) -> Any:
    if isinstance(value, Words):
        return {"words": to_data(value)}
    if isinstance(value, Label):
        return {"label": [value.context, value.name]}
    if isinstance(value, datetime):
        return {"instant": plain(value)}
    if isinstance(value, Text):
        return {"both": {"zh": value.zh, "en": value.en}}
    if isinstance(value, timedelta):
        return {"microseconds": value // timedelta(microseconds=1)}
    return plain(value)


def from_data(data: Mapping[str, Any]) -> Words:
    """The words that `to_data` wrote."""
    return Words(data["text"], **{name: _read(value) for name, value in data["values"].items()})


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        if "words" in value:
            return from_data(value["words"])
        if "label" in value:
            return Label(*value["label"])
        if "both" in value:
            return Text(**value["both"])
        if "instant" in value:
            return datetime.fromisoformat(value["instant"])
        if "microseconds" in value:
            return timedelta(microseconds=value["microseconds"])
    return value
