"""Who is on duty in a contract, as one person may know it: their own party's roster in full, of the others who is there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from auth.models import Person
from auth.sessions import Caller
from tickets import gather
from tickets.duty import records
from tickets.duty.models import DutyRoster, HandOver, HandOverAnswer
from tickets.queries import parties_of
from tickets.word_of_party import ROLES
from workflow.attempt import MandateFact
from workflow.contract import Contract
from workflow.duty import Duty, OnDuty, Post, coverage_ends, gaps, on_duty, openings

AHEAD = timedelta(days=14)
"""So far ahead a page looks."""


@dataclass(frozen=True)
class Stretch:
    """From–to the same people keep a post; nobody, where there is no service, is none of them."""

    starts: datetime
    ends: datetime
    people: tuple[OnDuty, ...]


@dataclass(frozen=True)
class PostSeen:
    """A post as somebody sees it. `is_open`: there is service now; `coming` is None where the roster is another party's."""

    post: Post
    is_open: bool
    now: tuple[OnDuty, ...]
    coming: Sequence[Stretch] | None = None
    uncovered_from: datetime | None = None
    """The first instant within `AHEAD` at which there is service and nobody is there; told to the own party alone."""


@dataclass(frozen=True)
class Seen:
    """The duty of a contract. `party`: the caller's, where it keeps posts; the rest is of that party."""

    contract: Contract
    at: datetime
    posts: Sequence[PostSeen]
    party: str = ""
    speaks: bool = False
    mine: Sequence[OnDuty] = ()
    colleagues: Mapping[str, Sequence[tuple[str, str]]] | None = None
    """By post, name and user name of who could take over from the caller."""
    rosters: Sequence[DutyRoster] = ()
    offers: Sequence[tuple[HandOver, HandOverAnswer | None]] = ()
    waiting: Sequence[HandOver] = ()
    """Offers to the caller that can still be answered."""


def seen(session: Session, contract: Contract, who: Caller, at: datetime) -> Seen:
    """Six statements at most, however many shifts there are."""
    duty, held = records.duty_of(session, contract, at), gather.mandates(session, contract.key, at)
    own = parties_of(who).get(contract.key, set())
    posts = [_post(contract, post, duty, held, at, in_full=post.party in own) for post in contract.posts.values()]
    party = next((post.party for post in contract.posts.values() if post.party in own), "")
    if not party:
        return Seen(contract, at, posts)
    mine = [one for seen_ in posts for one in seen_.now if one.account == who.person_id]
    offers = records.offers(session, contract, party, at)
    return Seen(
        contract,
        at,
        posts,
        party,
        any(m.contract_key == contract.key and m.role in {role.name for role in ROLES} for m in who.mandates),
        mine,
        _colleagues(session, contract, held, mine, who) if mine else {},
        records.versions(session, contract, party),
        offers,
        records.to_answer(offers, who.person_id, at),
    )


def _post(
    contract: Contract, post: Post, duty: Duty, held: Sequence[MandateFact], at: datetime, *, in_full: bool
) -> PostSeen:
    hours = contract.at(at).hours(post.hours)
    now = tuple(one for one, _ in on_duty(duty, post, held, at))
    if not in_full:
        return PostSeen(post, hours.is_open(contract.calendar, at), now)
    until = at + AHEAD
    return PostSeen(
        post,
        hours.is_open(contract.calendar, at),
        now,
        _coming(contract, post, duty, held, at, until),
        coverage_ends(duty, post, held, hours, contract.calendar, at, until),
    )


def _coming(
    contract: Contract, post: Post, duty: Duty, held: Sequence[MandateFact], at: datetime, until: datetime
) -> list[Stretch]:
    """From now on who follows whom; hours of service in which nobody is there stand among them."""
    found: list[Stretch] = []
    for starts, ends in pairwise((*duty.changes(post.party, at, until), until)):
        people = tuple(one for one, _ in on_duty(duty, post, held, starts))
        last = found[-1] if found else None
        same = last and [one.account for one in last.people] == [one.account for one in people]
        if last and same and last.ends == starts:
            found[-1] = Stretch(last.starts, ends, people)
        elif people:
            found.append(Stretch(starts, ends, people))
    service = openings(contract.at(at).hours(post.hours), contract.calendar, at, until)
    empty = [Stretch(*gap, ()) for gap in gaps(service, [(one.starts, one.ends) for one in found])]
    return sorted((*found, *empty), key=lambda one: one.starts)


def _colleagues(
    session: Session, contract: Contract, held: Sequence[MandateFact], mine: Sequence[OnDuty], who: Caller
) -> dict[str, list[tuple[str, str]]]:
    accounts = {one.account for one in held}
    names = dict(session.execute(select(Person.id, Person.username).where(Person.id.in_(accounts))).all())
    self_ = {one.person for one in held if one.account == who.person_id}
    found: dict[str, list[tuple[str, str]]] = {}
    for here in mine:
        post = contract.posts[here.post]
        fitting = {
            one.account: (one.name, names[one.account])
            for one in held
            if one.party.name == post.party and one.role.name in post.roles and one.person not in self_
        }
        found[post.key] = sorted(fitting.values())
    return found
