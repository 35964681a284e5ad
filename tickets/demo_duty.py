"""The supplier's duty in the demonstration: a roster for the week and the next two, and a shift that was handed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle

from tickets.demo_stage import DemoDesk
from workflow.roster import Line

DAYS_AHEAD = 14
FIRST_LINE, SECOND_LINE = ("mangzhong", "xiazhi"), ("chushu", "hanlu")


def a_roster_and_a_hand_over(desk: DemoDesk, ends_at: datetime) -> Iterator[datetime]:
    """Somebody is on each post the whole time; an hour ago the second line changed hands."""
    began = (ends_at - timedelta(days=4, hours=2)).replace(minute=0, second=0, microsecond=0)
    until = began + timedelta(days=4 + DAYS_AHEAD)
    yield began
    desk.keep_posts("shuangjiang", began, until, [*_shifts("first_line", FIRST_LINE, 12, began, until),
                                                  *_shifts("second_line", SECOND_LINE, 24, began, until)])  # fmt: skip
    yield ends_at - timedelta(hours=1)
    desk.hand_over("second_line", to="liqiu", note="无未了工单；备份告警已关闭。")


def _shifts(post: str, people: tuple[str, ...], hours: int, began: datetime, until: datetime) -> list[Line]:
    found: list[Line] = []
    at, turn = began, cycle(people)
    while at < until:
        ends = min(at + timedelta(hours=hours), until)
        found.append(Line(f"{post} {len(found) + 1}", post, next(turn), at, ends))
        at = ends
    return found
