"""Reading what a page sends, and saying things back in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request
from flask_babel import gettext, pgettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnprocessableEntity
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

from auth import desk
from auth.roles import MEANINGS
from workflow.declare import Label, Words

LONGEST_FIELD = 500


def say(words: Words) -> str:
    """The sentence in the language of the request."""
    return str(gettext(words.text, **dict(words.values)))


def fields(*names: str, many: tuple[str, ...] = ()) -> dict[str, str]:
    """The posted fields, each at most once and of bounded length; a missing one reads as "".

    A field that was not asked for, or comes twice, or holds a control character answers 422: peers were broken by
    forms that took whatever column was sent. Those in `many` are checked but left for `request.form.getlist`.
    """
    form: MultiDict[str, str] = request.form
    if set(form) - set(names) - set(many) - {"csrf_token"} or request.files:
        raise unfit()
    found = {}
    for name in (*names, *many):
        values = form.getlist(name)
        if len(values) > 1 and name not in many:
            raise unfit()
        if any(len(value) > LONGEST_FIELD or not value.isprintable() for value in values):
            raise unfit()
        found[name] = values[0] if values else ""
    return found


def unfit() -> UnprocessableEntity:
    return UnprocessableEntity(gettext("The form was not filled in as this page offers it."))


def whole_number(text: str) -> int:
    """A plain decimal number, or 422. int() alone would take "١٢", "1_0" and " 7 "."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise unfit()
    return int(text)


class RowNumber(IntegerConverter):
    """`<int:…>` in a path: a number that a row can have. What no database could hold is not found, and breaks nothing."""

    def __init__(self, map: Map, *given: Any, **more: Any) -> None:
        super().__init__(map, *given, **{"max": 2**31 - 1, **more})


class Segment(UnicodeConverter):
    """`<…>` in a path: a text that a record can have. For one with a NUL SQLite would look in vain, and PostgreSQL refuses
    the very question; so an address with a control character leads nowhere."""

    def __init__(self, map: Map, *given: Any, **more: Any) -> None:
        super().__init__(map, *given, **more)
        self.regex = self.regex.replace("[^/]", r"[^/\x00-\x1f\x7f]")


def zone() -> ZoneInfo:
    """The zone in which this answer tells moments and reads them: that of the contract it is about (`tell_in`), else the
    desk's own, for what is of no contract or of several."""
    told: ZoneInfo | None = g.get("tells_in")
    return told or ZoneInfo(desk().settings.display_zone)


def tell_in(zone: ZoneInfo) -> None:
    """This answer is about a contract of this zone."""
    g.tells_in = zone


def first_instant(text: str) -> datetime:
    """The first instant of a day given as YYYY-MM-DD in the displayed zone, or 422."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise unfit() from None
    # Near either end of the calendar the zone's offset would overflow when the instant is shown again.
    if len(text) != len("2026-05-12") or not 2000 <= day.year < 3000:
        raise unfit()
    return datetime.combine(day, time.min, zone()).astimezone(UTC)


def instant_after(text: str) -> datetime:
    """The first instant after a day: "to 31 May" includes that day."""
    return first_instant(text) + timedelta(days=1)


def shown(at: datetime | None) -> str:
    """An instant to the second, with its zone."""
    return "" if at is None else moment(at, zone().key)


def moment(at: datetime, zone: str, *, exact: bool = False) -> str:
    """2026-05-12 10:00:00 UTC+8; exactly, to the millisecond where it is not a whole second."""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    hours, rest = divmod(int(offset.total_seconds()) // 60, 60)
    parts = decimals(local.microsecond // 1000) if exact else ""
    return f"{local:%Y-%m-%d %H:%M:%S}{parts} UTC{hours:+d}{f':{rest:02d}' if rest else ''}"


def decimals(milliseconds: int) -> str:
    """What follows the whole seconds; nothing where nothing does."""
    return f".{milliseconds:03d}".rstrip("0").rstrip(".")


def listed(text: str) -> list[str]:
    """Names parted by commas, ASCII or Chinese."""
    parted = text.replace("，", ",").replace("、", ",").split(",")
    return [name.strip() for name in parted if name.strip()]


def context() -> dict[str, Any]:
    """What every template of this room may use."""
    return {
        "shown": shown,
        "role_label": _label("role"),
        "role_meaning": lambda name: say(MEANINGS[name]),
        "party_label": _label("party"),
    }


def _label(context: str) -> Callable[[str], str]:
    return lambda name: str(pgettext(context, str(Label(context, name))))
