"""What records say, in the reader's language: sentences, names of declared things, moments and lengths of time.

A moment always says its zone; a length of time never rounds a limit away (76 minutes are 1 hour 16 minutes).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import get_locale, gettext, pgettext

from workflow.declare import Label, Words
from workflow.terms import Text
from workflow.wording import from_data


def language() -> str:
    """ "zh_Hans_CN" or "en"."""
    return str(get_locale() or "zh_Hans_CN")


def say(thing: Any, zone: str = "Asia/Shanghai") -> str:
    """Words, labels, two-language texts, stored words, moments and lengths as the reader reads them; "" for nothing."""
    if thing is None:
        return ""
    if isinstance(thing, Words):
        values = {
            name: say(value, zone) if isinstance(value, Words | Label | Text | datetime | timedelta) else value
            for name, value in thing.values.items()
        }
        # A sentence stands with its values in the catalogue; one that is not there is read in its own words.
        return str(gettext(thing.text, **values)) if values else str(gettext(thing.text)) if thing.text else ""
    if isinstance(thing, Label):
        return label(thing.context, thing.name)
    if isinstance(thing, Text):
        return thing.for_language(language())
    if isinstance(thing, Mapping) and "text" in thing and "values" in thing:
        return say(from_data(thing), zone)
    if isinstance(thing, datetime):
        return moment(thing, zone)
    if isinstance(thing, timedelta):
        return length(thing)
    return str(thing)


def sentence(text: str) -> str:
    """A declared sentence, by its msgid; "" for none."""
    return say(Words(text)) if text else ""


def label(context: str, name: str) -> str:
    """The name of a declared thing: label("state", "awaiting_consent"). Guards made by a function drop their argument."""
    plain = name.split(":", 1)[0] if context == "guard" else name
    return str(pgettext(context, str(Label(context, plain))))


def moment(at: datetime, zone: str = "Asia/Shanghai") -> str:
    """2026-05-12 10:00:00 UTC+8."""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    hours, rest = divmod(int(offset.total_seconds()) // 60, 60)
    return f"{local:%Y-%m-%d %H:%M:%S} UTC{hours:+d}{f':{rest:02d}' if rest else ''}"


def length(duration: timedelta) -> str:
    """Days, hours, minutes and seconds, none of them dropped that is not nothing."""
    seconds = int(abs(duration).total_seconds())
    parts = []
    for size, unit in (
        (86400, gettext("%(n)d d")),
        (3600, gettext("%(n)d h")),
        (60, gettext("%(n)d min")),
        (1, gettext("%(n)d s")),
    ):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(unit % {"n": amount})
    return " ".join(parts) or gettext("%(n)d s") % {"n": 0}
