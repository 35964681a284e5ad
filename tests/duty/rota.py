"""Rosters on a stage: brought, handed over and looked at in the name of its people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from database import reading, transaction
from tests.codes import fresh_code
from tests.stage import Stage
from tickets import gather
from tickets.duty import handing, records, rosters
from tickets.duty.models import DutyRoster, HandOver, HandOverAnswer
from tickets.word_of_party import By, Denied
from workflow.duty import Duty, on_duty
from workflow.roster import Line

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class Rota:
    """See the module's docstring. A shift is (post, user name, hours from the roster's start, hours until), and "beside"."""

    stage: Stage

    def lines(self, shifts: Iterable[Sequence[Any]], starts: datetime) -> tuple[Line, ...]:
        return tuple(
            Line(str(place), post, person, starts + begin * HOUR, starts + end * HOUR, bool(beside))
            for place, (post, person, begin, end, *beside) in enumerate(shifts, start=2)
        )

    def bring(
        self,
        shifts: Iterable[Sequence[Any]],
        by: str = "manager1",
        *,
        hours: float = 24,
        starts: datetime | None = None,
        code: str | None = None,
    ) -> DutyRoster | Denied:
        starts = starts or self.stage.at.replace(minute=0, second=0, microsecond=0)
        given = self._by(by, code)
        brought = rosters.Bringing(starts, starts + hours * HOUR, self.lines(shifts, starts))
        with transaction(self.stage.engine) as session:
            return rosters.bring(session, self.stage.keyring, self.stage.contract, brought, given)

    def brought(self, shifts: Iterable[Sequence[Any]], by: str = "manager1", **more: Any) -> DutyRoster:
        row = self.bring(shifts, by, **more)
        assert isinstance(row, DutyRoster), row
        return row

    def usual(self, first: str = "desk1", second: str = "engineer3", **more: Any) -> DutyRoster:
        """One person on each post of the supplier for a day."""
        hours = more.get("hours", 24)
        return self.brought([("first_line", first, 0, hours), ("second_line", second, 0, hours)], **more)

    def offer(
        self, by: str, to: str, post: str = "first_line", note: str = "无未了事项。", code: str | None = None
    ) -> Any:
        given = self._by(by, code)
        with transaction(self.stage.engine) as session:
            return handing.offer(session, self.stage.keyring, self.stage.contract, post, to, note, given)

    def answer(self, row: Any, by: str, *, accepts: bool = True, code: str | None = None) -> Any:
        assert isinstance(row, HandOver), row
        given = self._by(by, code)
        with transaction(self.stage.engine) as session:
            return handing.answer(session, self.stage.keyring, self.stage.contract, row.id, accepts, given)

    def hand_over(self, by: str, to: str, post: str = "first_line") -> None:
        given = self.answer(self.offer(by, to, post), to)
        assert isinstance(given, HandOverAnswer), given

    def duty(self) -> Duty:
        with reading(self.stage.engine) as session:
            return records.duty_of(session, self.stage.contract, self.stage.at)

    def there(self, post: str = "first_line", *, at: datetime | None = None) -> list[str]:
        """User names of who keeps the post."""
        names = {account: name for name, account in self.stage.accounts.items()}
        with reading(self.stage.engine) as session:
            held = gather.mandates(session, self.stage.contract.key, self.stage.at)
        found = on_duty(self.duty(), self.stage.contract.posts[post], held, at or self.stage.at)
        return [names[one.account] for one, _ in found]

    def _by(self, by: str, code: str | None) -> By:
        return By(self.stage.accounts[by], fresh_code(self.stage, by) if code is None else code, self.stage.at)


def denied(outcome: object, reason: str) -> str:
    """Why, in one line; fails where it was done."""
    assert isinstance(outcome, Denied), outcome
    assert outcome.reason == reason, outcome
    return "; ".join(map(str, outcome.says))
