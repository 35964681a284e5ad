"""Who plays: the people of the demonstration and some who come and go, each with a character and with days of absence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.demo import CAST, Member
from tickets.simulate.plan import Plan, chance

MANDATES_SINCE = timedelta(days=60)


@dataclass(frozen=True)
class Character:
    """How somebody works. `pace`: the share of the time left that they take before they act, at the median. `careless`:
    how often they act without looking at what is missing. `contrary`: how much likelier than others they are to take
    back, refuse, send back, edit and complain. `away`: how many times a year they are away for days."""

    pace: float
    careless: float = 0.02
    contrary: float = 1.0
    away: int = 3


PUNCTUAL, USUAL = Character(0.05), Character(0.09)
SLOW, CARELESS = Character(0.30, 0.04), Character(0.09, 0.14)
ABSENT, CONTRARY = Character(0.22, 0.03, away=12), Character(0.10, 0.04, contrary=3.0)
STRICT = Character(0.08, 0.01, contrary=2.0)

CHARACTERS: Mapping[str, Character] = {
    "bailu": USUAL, "guyu": CONTRARY, "jingzhe": CARELESS, "lixia": PUNCTUAL, "xiaoman": SLOW,
    "mangzhong": PUNCTUAL, "xiazhi": CARELESS, "liqiu": PUNCTUAL, "chushu": SLOW, "hanlu": ABSENT, "lichun": CARELESS,
    "yushui": USUAL, "shuangjiang": USUAL, "lidong": ABSENT, "daxue": STRICT, "chunfen": SLOW,
}  # fmt: skip


def members(plan: Plan) -> tuple[Member, ...]:
    """The cast. One engineer leaves in the middle, and another comes in their place."""
    half = plan.starts_at + (plan.ends_at - plan.starts_at) * 0.55
    more = (
        Member("lichun", "立春", "supplier.engineer", ends_at=half),
        Member("yushui", "雨水", "supplier.engineer", starts_at=half),
        Member("jingzhe", "惊蛰", "client.staff"),
        Member("chunfen", "春分", "supervisor.reviewer"),
    )
    return (*CAST, *more)


class Absences:
    """When who is away. Asked for millions of moments, so that it is found by bisection."""

    def __init__(self, plan: Plan, people: Mapping[str, int]) -> None:
        self._of: dict[int, tuple[list[datetime], list[datetime]]] = {}
        dice = chance(plan.seed, "absences")
        years = (plan.ends_at - plan.starts_at) / timedelta(days=365)
        for username, account in people.items():
            often = round(CHARACTERS[username].away * years) if username in CHARACTERS else 0
            begins = sorted(plan.starts_at + (plan.ends_at - plan.starts_at) * dice.random() for _ in range(often))
            ends = [begin + timedelta(days=dice.uniform(1, 9)) for begin in begins]
            self._of[account] = begins, ends

    def has(self, account: int, at: datetime) -> bool:
        """Whether this person is away at this moment."""
        begins, ends = self._of.get(account, ([], []))
        place = bisect_right(begins, at)
        return place > 0 and at < ends[place - 1]
