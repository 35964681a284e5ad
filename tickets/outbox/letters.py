"""The words of a letter, in the reader's language: number, what was done, and a link. Nothing that people wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from flask_babel import force_locale, gettext

from tickets.outbox.models import DESK_CHANNEL
from tickets.outbox.places import Place
from tickets.speech import moment, say

EMAIL = "email"
LONGEST_SUBJECT = 400


@dataclass(frozen=True)
class Told:
    """What a letter tells of one message: the message's words, and where to look."""

    words: Mapping[str, Any]
    place: Place
    at: datetime
    zone: str
    urgent: bool


@dataclass(frozen=True)
class Worded:
    """A letter's subject and body."""

    subject: str
    body: str


class Writer:
    """Writes letters outside of any request, each in the language of its reader."""

    def __init__(self, app: Flask, public_url: str) -> None:
        self._app, self._home = app, public_url.rstrip("/")

    def notice(self, told: Told, language: str, channel: str) -> Worded:
        """The letter about one message. In the page the words suffice; a messenger gets no footer."""
        with self._app.app_context(), force_locale(language):
            subject = one_line(say(told.words, told.zone))
            if told.urgent:
                subject = gettext("[urgent] %(subject)s", subject=subject)
            return Worded(subject[:LONGEST_SUBJECT], self._body(channel, [self._line(told, subject)]))

    def digest(self, all_told: Sequence[Told], language: str, channel: str) -> Worded:
        """One letter about several messages, in their order."""
        with self._app.app_context(), force_locale(language):
            lines = [self._line(told, one_line(say(told.words, told.zone))) for told in all_told]
            subject = gettext("Counterpart: %(count)s notices", count=len(lines))
            return Worded(subject, self._body(channel, lines))

    def _line(self, told: Told, says: str) -> dict[str, str]:
        link = self._home + self._path(told.place.page, **told.place.values)
        return {"says": says, "at": moment(told.at, told.zone), "link": link}

    def _body(self, channel: str, lines: Sequence[Mapping[str, str]]) -> str:
        if channel == DESK_CHANNEL:
            return ""
        name = "letters/notice.txt" if channel == EMAIL else "letters/short.txt"
        choose = self._home + self._path("outbox.preferences")
        return self._app.jinja_env.get_template(name).render(lines=lines, choose=choose)

    def _path(self, endpoint: str, **values: str) -> str:
        return self._app.url_map.bind("desk.invalid").build(endpoint, values)


def one_line(text: str) -> str:
    """For a subject: what breaks a line becomes a space, what cannot be printed goes."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
