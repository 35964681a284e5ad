"""What records say, in the reader's language: sentences, names of declared things, moments and lengths of time.

A moment always says its zone; a length of time never rounds a limit away (76 minutes are 1 hour 16 minutes).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import get_locale, gettext, pgettext

from auth import asking
from workflow import escalation, reminders
from workflow.declare import Label, Words
from workflow.terms import Text
from workflow.wording import from_data

MILLISECOND = timedelta(milliseconds=1)


def language() -> str:
    """ "zh_Hans_CN" or "en"."""
    return str(get_locale() or "zh_Hans_CN")


def say(thing: Any, zone: str | None = None) -> str:
    """Words, labels, two-language texts, stored words, moments and lengths as the reader reads them; "" for nothing. Moments
    are told in `zone`; without one in that of the contract that the answer is about."""
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
    """The name of a declared thing: label("state", "awaiting_consent"). Guards made by a function drop their argument, and
    warnings and calls, which nobody declares, are called by their limit and by what is awaited."""
    if context == "deadline" and (warning := reminders.warned_of(name)) is not None:
        limit, which = label(context, warning[0]), warning[1]
        first, second = (
            gettext("%(limit)s: first warning", limit=limit),
            gettext("%(limit)s: second warning", limit=limit),
        )
        return first if which == "first" else second
    if context == "deadline" and (calling := escalation.step_of(name)) is not None:
        what, step = label("escalation", calling[0]), calling[1]
        if step == escalation.LAPSE:
            return str(gettext("%(what)s: acknowledgement of a call", what=what))
        return str(gettext("%(what)s: call %(step)s", what=what, step=step))
    plain = name.split(":", 1)[0] if context == "guard" else name
    return str(pgettext(context, str(Label(context, plain))))


def moment(at: datetime, zone: str | None = None, *, exact: bool = False) -> str:
    """2026-05-12 10:00:00 UTC+8; exactly, to the millisecond where it is not a whole second."""
    return asking.moment(at, zone or asking.zone().key, exact=exact)


def length(duration: timedelta) -> str:
    """Days, hours, minutes and seconds, none of them dropped that is not nothing. What is less than a millisecond counts as
    one: who is over a limit by anything at all is told as over."""
    milliseconds = -(-abs(duration) // MILLISECOND)
    seconds, rest = divmod(milliseconds, 1000)
    parts = []
    for size, unit in ((86400, gettext("%(n)d d")), (3600, gettext("%(n)d h")), (60, gettext("%(n)d min"))):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(unit % {"n": amount})
    if rest:
        parts.append(gettext("%(n)s s") % {"n": f"{seconds}{asking.decimals(rest)}"})
    elif seconds or not parts:
        parts.append(gettext("%(n)d s") % {"n": seconds})
    return " ".join(parts)


def whole_seconds(left: timedelta) -> timedelta:
    """What is left, cut to the second; below zero, what is over, to the next full one: neither promises more time."""
    return timedelta(seconds=left // timedelta(seconds=1))
