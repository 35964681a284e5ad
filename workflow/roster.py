"""A roster as a party brings it: read strictly, and refused with everything that is wrong with it at once.

Refused are: hours of service in which nobody keeps a post, two people on one post where that is not said to be meant, one
person on two posts at the same time, and whoever could not act when their shift comes. Pure; nothing is half taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from workflow.calendar_files import Brought
from workflow.contract import Contract
from workflow.declare import Label, Words
from workflow.duty import Interval, Post, Shift, gaps, openings, overlaps
from workflow.shapes import Notes, Table
from workflow.terms import Problem

COLUMNS = ("post", "person", "from", "until", "beside")
LONGEST = timedelta(days=366)
"""So far ahead a roster may reach: nobody knows who will be there later."""
MOST_TOLD = 60
"""So many reasons are told; that there are more is told too."""
_WALL = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:00)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One line of a roster as it was brought: `person` is a user name. Instants are UTC."""

    place: str
    post: str
    person: str
    starts: datetime
    ends: datetime
    beside: bool = False


@dataclass(frozen=True)
class Held:
    """A mandate of the party that is on record, in force or to come; `natural` is the person behind the account."""

    account: int
    natural: int
    name: str
    role: str
    starts_at: datetime
    ends_at: datetime | None

    def lasts(self, starts: datetime, ends: datetime) -> bool:
        return self.starts_at <= starts and (self.ends_at is None or ends <= self.ends_at)


@dataclass(frozen=True)
class Draft:
    """A roster before it is judged: whose, for which time, and its lines."""

    party: str
    starts: datetime
    ends: datetime
    lines: tuple[Line, ...]


def read_lines(content: bytes, zone: ZoneInfo, name: str) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """The lines of a CSV file with `COLUMNS`; a time without an offset is one of `zone`. With any problem the file is none."""
    notes = Notes()
    lines = [_line(row, zone) for row in Brought({name: content}, notes).csv(name, COLUMNS)]
    if notes.problems:
        return (), tuple(notes.problems)
    return tuple(line for line in lines if line is not None), ()


def _line(row: Table, zone: ZoneInfo) -> Line | None:
    post, person, beside = row.text("post"), row.text("person"), row.text("beside", needed=False)
    starts, ends = (_instant(row, key, zone) for key in ("from", "until"))
    if beside not in ("", "yes"):
        row.wrong("beside", "“%(value)s” is none of: %(options)s.", value=beside[:60], options="yes")
    row.done()
    if starts is None or ends is None:
        return None
    return Line(row.place, post, person, starts, ends, bool(beside))


def _instant(row: Table, key: str, zone: ZoneInfo) -> datetime | None:
    text = row.text(key)
    found = instant(text, zone) if text else None
    if text and found is None:
        row.wrong(key, "This must be a time such as 2026-05-12 08:00, which the clocks show once on that day.")
    return found


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """A time as people write it, in UTC; None for what is none. One that the clocks of the zone show twice, or leave out, is
    none either: which was meant is not guessed."""
    if not _WALL.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "T"))
        if found.tzinfo is None:
            both = {found.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
            return both.pop() if len(both) == 1 else None
        return found.astimezone(UTC) if 2000 <= found.year < 2200 else None
    except (ValueError, OverflowError):
        return None


def judged(
    contract: Contract, draft: Draft, held: Mapping[str, Sequence[Held]], at: datetime
) -> tuple[tuple[Shift, ...], tuple[Words, ...]]:
    """The shifts of the draft, and why it is refused: with any reason it is. `held` are the party's mandates by user name."""
    posts = {key: post for key, post in contract.posts.items() if post.party == draft.party}
    wrong = [*_period(draft, posts, at)]
    shifts: list[tuple[Shift, int]] = []
    for line in draft.lines:
        reasons = list(_of_line(draft, line, posts, held))
        wrong += [Words("%(place)s: %(problem)s", place=line.place, problem=one) for one in reasons]
        found = _keeper(line, posts, held)
        if found is not None:
            shift = Shift(line.post, found.account, found.name, line.starts, line.ends, line.beside)
            shifts.append((shift, found.natural))
    if draft.starts < draft.ends <= draft.starts + LONGEST:
        wrong += [*_together(contract, shifts), *_uncovered(contract, draft, posts, [shift for shift, _ in shifts])]
    if len(wrong) > MOST_TOLD:
        wrong = [*wrong[:MOST_TOLD], Words("There are %(count)s further reasons.", count=len(wrong) - MOST_TOLD)]
    return tuple(shift for shift, _ in sorted(shifts, key=lambda one: one[0].starts)), tuple(wrong)


def _period(draft: Draft, posts: Mapping[str, Post], at: datetime) -> Iterator[Words]:
    if not posts:
        yield Words("The contract names no post that your party keeps.")
    if not draft.lines:
        yield Words("The roster has no shift.")
    if not draft.starts < draft.ends <= draft.starts + LONGEST:
        yield Words(
            "A roster is for a time that ends after it begins, and for %(most)s days at most.", most=LONGEST.days
        )
    elif draft.ends <= at:
        yield Words("This time is over: a roster tells who is on duty, not who was.")


def _of_line(
    draft: Draft, line: Line, posts: Mapping[str, Post], held: Mapping[str, Sequence[Held]]
) -> Iterator[Words]:
    if not line.starts < line.ends:
        yield Words("The shift ends before it begins.")
    elif not (draft.starts <= line.starts and line.ends <= draft.ends):
        yield Words("The shift does not lie within the time of the roster.")
    post, own = posts.get(line.post), held.get(line.person, ())
    if post is None:
        yield Words("There is no post “%(post)s” that your party keeps.", post=line.post[:60])
    if not own:
        # Whether somebody of that name exists elsewhere is nobody's business here.
        yield Words("Nobody of the user name “%(person)s” has a mandate of your party in this contract.",
                    person=line.person[:60])  # fmt: skip
    elif post is not None and not any(one.role in post.roles for one in own):
        roles = {f"r{n}": Label("role", name) for n, name in enumerate(post.roles)}
        yield Words("“%(person)s” has no role that keeps this post; it takes: %(roles)s.", person=line.person,
                    roles=Words(" / ".join(f"%({key})s" for key in roles), **roles))  # fmt: skip
    elif post is not None and _keeper(line, posts, held) is None:
        yield Words("The mandate of “%(person)s” does not last for the whole shift.", person=line.person)


def _keeper(line: Line, posts: Mapping[str, Post], held: Mapping[str, Sequence[Held]]) -> Held | None:
    """The mandate by which the person can keep the post from the first to the last instant of the shift."""
    post = posts.get(line.post)
    if post is None or not line.starts < line.ends:
        return None
    fitting = (one for one in held.get(line.person, ()) if one.role in post.roles)
    return next((one for one in fitting if one.lasts(line.starts, line.ends)), None)


def _together(contract: Contract, shifts: Sequence[tuple[Shift, int]]) -> Iterator[Words]:
    natural = {id(shift): person for shift, person in shifts}
    for one, other in overlaps([shift for shift, _ in shifts]):
        told = {"from_at": other.starts, "until_at": min(one.ends, other.ends)}
        if natural[id(one)] == natural[id(other)]:
            yield Words("%(name)s would be on duty twice from %(from_at)s until %(until_at)s.", name=one.name, **told)
        elif one.post == other.post and not (one.beside or other.beside):
            yield Words(
                "%(post)s: %(name)s and %(other)s would both have it from %(from_at)s until %(until_at)s. Where that is meant, "
                "one of the two stands beside.",
                post=contract.posts[one.post].name, name=one.name, other=other.name, **told,
            )  # fmt: skip


def _uncovered(contract: Contract, draft: Draft, posts: Mapping[str, Post], shifts: Sequence[Shift]) -> Iterator[Words]:
    for post in posts.values():
        wanted = openings(contract.at(draft.starts).hours(post.hours), contract.calendar, draft.starts, draft.ends)
        covered: list[Interval] = [(s.starts, s.ends) for s in shifts if s.post == post.key and not s.beside]
        for from_at, until_at in gaps(wanted, covered):
            yield Words("%(post)s: nobody from %(from_at)s until %(until_at)s.", post=post.name, from_at=from_at,
                        until_at=until_at)  # fmt: skip
