"""What a carrier of letters is: it brings one letter to one address, or says in which of three ways it could not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Letter:
    """What is carried: the same words under the same reference at each try."""

    reference: str
    address: str
    subject: str
    body: str
    at: datetime


class Undelivered(Exception):
    """The letter was not taken; what the other side said, without addresses, is in `detail`."""

    fault = "unsettled"

    def __init__(self, detail: object = "") -> None:
        self.detail = plain(str(detail))
        super().__init__(self.detail)


class NotNow(Undelivered):
    """Not now, or nobody knows whether: it is tried again."""


class Refused(Undelivered):
    """Never in this form: the address is wrong, or the letter unwelcome. To try again by itself would be of no use."""

    fault = "refused"


class Unreachable(Undelivered):
    """The service itself cannot be reached or does not know us. All letters of the channel wait, not this one alone."""

    fault = "unreachable"


class Carrier(Protocol):
    """Brings a letter, within seconds, or raises one of the above."""

    def carry(self, letter: Letter) -> None: ...


def plain(text: str) -> str:
    """What a stranger's machine said, fit for a page: one line, printable, without anybody's address, not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"[^\s<>\"']+@[^\s<>\"',]+", "…@…", line)[:200]
