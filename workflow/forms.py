"""Forms: what an actor fills in. One pydantic model serves the page, the API, its JSON Schema and the record.

Parsing is strict and closed: unknown fields, wrong types, control characters and oversize text are refused by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_LONGEST = 20_000
_YEARS = range(1970, 2200)
ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]")
_INVISIBLE = {"\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def _clean(value: Any, *, keep: str = "") -> Any:
    """NFC, trimmed; control and direction-changing characters are refused rather than dropped, so nothing is altered unseen.

    A text in which nothing can be seen counts as empty. One far beyond every limit is handed on unread, to be refused
    for its length: looking at each character of it would keep others waiting.
    """
    if not isinstance(value, str) or len(value) > _LONGEST:
        return value
    value = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    for character in value:
        category = unicodedata.category(character)
        if character not in keep and (category in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or character in _INVISIBLE):
            raise PydanticCustomError("control_character", "Contains a control character.")
    return value if any(unicodedata.category(one)[0] not in "CMZ" for one in value) else ""


def _line(value: Any) -> Any:
    return _clean(value)


def _text(value: Any) -> Any:
    return _clean(value, keep="\n\t")


Line = Annotated[str, BeforeValidator(_line), Field(min_length=1, max_length=200, json_schema_extra={"input": "line"})]
"""One line of text, 1–200 characters."""
Text = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=4000, json_schema_extra={"input": "text"})]
"""Running text, 1–4000 characters."""
Code = Annotated[
    str, BeforeValidator(_line), Field(pattern=r"^[0-9]{6}$", json_schema_extra={"input": "code", "secret": True})
]
"""A six-digit one-time code. Never stored with the event."""


def _of_our_times(value: Any) -> Any:
    """No calendar reaches beyond, and near the ends of what Python can count every sum of days would overflow."""
    if value.year not in _YEARS:
        raise PydanticCustomError("not_of_our_times", "No calendar reaches there.")
    return value


def _to_the_millisecond(value: datetime) -> datetime:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def _as_iso(value: Any) -> Any:
    """Read here: pydantic would take digits for seconds since 1970, which nobody means who fills in a moment."""
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and ISO.match(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("no_moment", "A moment is written as ISO 8601 has it.")


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_as_iso),
    AfterValidator(_of_our_times),
    AfterValidator(_to_the_millisecond),
    Field(json_schema_extra={"input": "instant"}),
]
"""A moment with its zone (ISO 8601)."""
Day = Annotated[date, AfterValidator(_of_our_times), Field(json_schema_extra={"input": "day"})]
"""A day of the contract's calendar (ISO 8601)."""
Count = Annotated[int, Field(ge=0, le=1_000_000_000, json_schema_extra={"input": "count"})]
"""A whole number from 0."""
Change = Annotated[int, Field(ge=-1_000_000, le=1_000_000, json_schema_extra={"input": "count"})]
"""A whole number, negative where something is given back."""


def _ticked(value: bool) -> bool:
    if not value:
        raise PydanticCustomError("not_ticked", "Must be confirmed.")
    return value


Yes = Annotated[bool, Field(json_schema_extra={"input": "yes"})]
"""A box to tick or leave."""
Confirmed = Annotated[bool, AfterValidator(_ticked), Field(json_schema_extra={"input": "confirmed"})]
"""A box that must be ticked: an explicit statement."""


def chosen_from(source: str) -> Any:
    """One entry of a list that the moment provides (see `choices`): "operations", "lines", "people:supplier.engineer", …"""
    return Field(json_schema_extra={"input": "choice", "choices": source})


def suggested_from(source: str) -> Any:
    """A line of text for which a list makes suggestions."""
    return Field(json_schema_extra={"input": "line", "suggests": source})


PersonChoice = int
"""The natural person's number, as `choices` lists it."""


class Form(BaseModel):
    """A closed form. Every field has a title (its label), and an example; `asked_when` may hide one until another is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def sentences(cls) -> Iterator[str]:
        """The msgids of labels and explanations of this form, options of closed choices included."""
        for field in cls.model_fields.values():
            yield field.title or ""
            yield field.description or ""
            for part in _parts(field.annotation):
                yield from part.sentences()

    @classmethod
    def headline(cls, fields: Mapping[str, Any]) -> str:
        """What stands for the ticket in a list: the first two lines of text that were filled in."""
        lines = [
            str(fields[name])
            for name, info in cls.model_fields.items()
            if isinstance(info.json_schema_extra, dict)
            and info.json_schema_extra.get("input") == "line"
            and fields.get(name)
        ]
        return " · ".join(lines[:2])[:200]

    @classmethod
    def options(cls) -> Iterator[str]:
        """The keys of closed choices, which readers see as labels in the context "option"."""
        for schema in cls.model_json_schema()["properties"].values():
            yield from _options(schema)


def _parts(annotation: Any) -> Iterator[type[Form]]:
    """The forms that a field consists of: rows of a list."""
    if isinstance(annotation, type) and issubclass(annotation, Form):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def _options(schema: dict[str, Any]) -> Iterator[str]:
    for part in (schema, *schema.get("anyOf", ()), schema.get("items", {})):
        for option in part.get("enum", [part["const"]] if "const" in part else []):
            if isinstance(option, str):
                yield option


class Empty(Form):
    """Nothing to fill in."""


def _no_likeness(value: Any) -> Any:
    """Python takes True and 1.0 for 1, which would make a rating of a box that was ticked."""
    return value if type(value) is int else str(value)


class Rating(Form):
    """How content the client is (C8.3): whole numbers, 5 is the best."""

    rating: Annotated[
        Literal[1, 2, 3, 4, 5],
        BeforeValidator(_no_likeness),
        Field(title="Satisfaction, 1 to 5", description="5 is the best.", examples=[4]),
    ]
    comment: Annotated[Text | None, Field(title="Comment", examples=["处理及时，说明清楚。"])] = None
