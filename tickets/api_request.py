"""Reads what a program sends, strictly: nothing is guessed, nothing ignored, nothing that could choke what comes after.

A body is one JSON object in UTF-8, at most 1 MiB, not deeper than 20, without a name twice, NaN, or half a character.
The same models stand in the OpenAPI document.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.sessions import Caller
from tickets.api_problems import Problem
from tickets.intake import field_errors
from tickets.speech import say
from workflow.declare import PARTIES, Words

MOST_BYTES = 1024 * 1024
DEEPEST = 20
LONGEST_NAME = 80
KEY = re.compile(r"[\x21-\x7e]{1,80}")
NAME = re.compile(r"[\x21-\x7e]{1,80}")

Version = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[1])]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^[\x21-\x7e]+$")]
Fields = Annotated[dict[str, Any], Field(default_factory=dict, examples=[{"text": "已电话告知值班人员。"}])]


class Sent(BaseModel):
    """What every body and query is: closed and strict."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Opening(Sent):
    kind: Annotated[Name, Field(examples=["reboot"])]
    action: Annotated[Name, Field(examples=["request"])]
    fields: Fields
    contract: Annotated[Name | None, Field(examples=["beijing-2026"])] = None


class Doing(Sent):
    version: Version
    fields: Fields


class Signing(Sent):
    version: Version
    action: Annotated[Name | None, Field(examples=["sign_request"])] = None
    fields: Fields


class Proving(Sent):
    ticket: Annotated[Name, Field(examples=["CLOUD2026-R-2026-0001"])]
    version: Version
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]


Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]
Moment = Annotated[str, Field(min_length=16, max_length=40, examples=["2026-05-12T08:00:00+08:00"])]


class ShiftSent(Sent):
    post: Annotated[Name, Field(examples=["first_line"])]
    person: Annotated[Name, Field(examples=["chushu"])]
    starts: Moment
    ends: Moment
    beside: bool = False


class Bringing(Sent):
    starts: Moment
    ends: Moment
    shifts: Annotated[list[ShiftSent], Field(max_length=2000)]
    code: Code


class HandingOver(Sent):
    post: Annotated[Name, Field(examples=["first_line"])]
    to: Annotated[Name, Field(examples=["chushu"])]
    note: Annotated[str, Field(min_length=1, max_length=2000, examples=["无未了事项。"])]
    code: Code


class Answering(Sent):
    accepts: bool
    code: Code


class BringingYear(Sent):
    year: Annotated[int, Field(ge=2000, le=2999, examples=[2027])]
    notice: Annotated[str, Field(min_length=1, max_length=200_000, examples=["date,kind,source\n2027-01-01,off,公告"])]
    days_off: Annotated[int, Field(ge=0, le=366, examples=[28])]
    make_up_days: Annotated[int, Field(ge=0, le=366, examples=[6])]
    code: Code


class ApprovingYear(Sent):
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]
    code: Code


Whole = Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]


class NoQuery(Sent):
    """Nothing may be asked beside."""


class CalendarQuery(Sent):
    year: Whole | None = None


class ReckoningQuery(Sent):
    starts: Moment
    unit: Literal["minute", "hour", "day", "working_day", "month", "next_day_end"]
    length: Whole


class KindQuery(Sent):
    contract: Name | None = None


class ListQuery(Sent):
    kind: Name | None = None
    state: Name | None = None
    party_to_act: Annotated[str | None, Field(pattern=f"^({'|'.join((*PARTIES, 'desk'))})$")] = None
    q: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    after: Name | None = None
    limit: Whole | None = None


class ReportQuery(Sent):
    month: Annotated[str | None, Field(max_length=20, examples=["2026-05"])] = None


class NotificationQuery(Sent):
    after: Annotated[str | None, Field(pattern=r"^[0-9a-f.]{1,80}$")] = None
    unread: Annotated[str | None, Field(pattern="^(true|false)$")] = None
    limit: Whole | None = None


class HistoryQuery(Sent):
    after: Whole | None = None
    limit: Whole | None = None


Model = TypeVar("Model", bound=Sent)


def key() -> str:
    """The request's own key; 400 without one."""
    given = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(given):
        raise Problem(
            "key-needed",
            Words("Send a header Idempotency-Key of 1 to 80 visible ASCII characters, a new one for each new request."),
        )
    return given


def body(model: type[Model]) -> Model:
    """The JSON body as this model; 413, 415, 400 or 422 where it is none."""
    if request.mimetype != "application/json":
        raise Problem("media-type", Words("Send the body as application/json."))
    # One byte more, for without a length Werkzeug cuts off at the limit and says nothing: a cut-off body is not judged.
    request.max_content_length = MOST_BYTES + 1
    raw = request.get_data(cache=False)
    if len(raw) > MOST_BYTES:
        raise Problem("too-large")
    try:
        return model.model_validate(_object(raw))
    except ValidationError as error:
        raise _unfit(error) from None


def query(model: type[Model]) -> Model:
    """The query parameters as this model, each at most once; 422 for one that is not known here."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise Problem(
            "invalid",
            errors=[{"field": name[:LONGEST_NAME], "says": say(Words("Give this once."))} for name in repeated[:20]],
        )
    given = request.args.to_dict()
    if any(not value.isprintable() or len(name) > LONGEST_NAME for name, value in given.items()):
        raise Problem("invalid", Words("This text contains a control character."))
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _unfit(error) from None


def whole(text: str | None, *, default: int, most: int, field: str) -> int:
    """A page's length."""
    number = default if text is None else int(text)
    if not 1 <= number <= most:
        says = Words("This is a number from 1 to %(most)d.", most=most)
        raise Problem("invalid", errors=[{"field": field, "says": say(says)}])
    return number


def wrong(field: str, says: Words) -> Problem:
    """One member of the body or query that does not fit."""
    return Problem("invalid", errors=[{"field": field, "says": say(says)}])


def contract_of(caller: Caller, named: str | None) -> str:
    """The contract that is meant: the one named, or the caller's only one. A foreign one is as good as none."""
    if named is None and len(caller.contracts) == 1:
        return caller.contracts[0]
    if named is None:
        raise wrong("contract", Words("You have mandates in several contracts: name the one that is meant."))
    if named not in caller.contracts:
        raise wrong("contract", Words("You have no mandate in such a contract."))
    return named


def _unfit(error: ValidationError) -> Problem:
    return Problem("invalid", errors=[{**one, "says": say(one["says"])} for one in field_errors(error)])


# --- JSON --------------------------------------------------------------------------------------------------------------


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_pairs, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise Problem("not-json", Words("The body is nested too deeply.")) from None
    except ValueError as error:
        says = error.says if isinstance(error, _Unfit) else Words("The body is not JSON in UTF-8.")
        raise Problem("not-json", says) from None
    if not isinstance(found, dict):
        raise Problem("not-json")
    _looked_through(found)
    return found


class _Unfit(ValueError):
    """Something that JSON parsers elsewhere let pass."""

    def __init__(self, says: Words) -> None:
        super().__init__(str(says))
        self.says = says


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Two readers of one body must not read two different things.
        raise _Unfit(Words("A name stands twice in one object."))
    return found


def _no_number(_text: str) -> float:
    raise _Unfit(Words("NaN and infinity are no numbers here."))


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _looked_through(found: Any) -> None:
    """Depth, names and characters, without recursion: what is looked for here must not fell the looker."""
    waiting: list[tuple[Any, int]] = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise Problem("not-json", Words("The body is nested too deeply."))
        if isinstance(value, dict):
            if any(len(name) > LONGEST_NAME or not name.isprintable() for name in value):
                raise Problem("invalid", Words("A name in the body is too long or not printable."))
            waiting.extend((one, depth + 1) for one in value.values())
        elif isinstance(value, list):
            waiting.extend((one, depth + 1) for one in value)
        elif isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Problem("not-json", Words("The body contains half a character.")) from None
