"""Duty as it is on record, read for whoever has to know who is there: two statements, however many shifts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tickets.duty.models import DutyRoster, HandOver, HandOverAnswer, Unanswerable
from workflow.canonical import plain
from workflow.contract import Contract
from workflow.duty import Duty, HandedOver, Roster, Shift


def duty_of(session: Session, contract: Contract, at: datetime) -> Duty:
    """Every roster of the contract that is not over at `at`, with what was handed over in them."""
    rosters = session.scalars(
        select(DutyRoster).where(DutyRoster.contract_key == contract.key, DutyRoster.ends > at).order_by(DutyRoster.id)
    ).all()
    passed = session.execute(
        select(HandOver, HandOverAnswer.at)
        .join(HandOverAnswer, HandOverAnswer.hand_over_id == HandOver.id)
        .where(HandOver.roster_id.in_([row.id for row in rosters]), HandOverAnswer.accepted)
        .order_by(HandOverAnswer.id)
    ).all() if rosters else ()  # fmt: skip
    return Duty(
        tuple(roster_fact(row) for row in rosters),
        tuple(
            HandedOver(one.roster_id, shift_fact(one.shift), one.account_id, one.taker_id, one.taker_name, accepted_at)
            for one, accepted_at in passed
        ),
    )


def roster_fact(row: DutyRoster) -> Roster:
    """The row as the rules read it."""
    return Roster(row.id, row.party, row.at, row.starts, row.ends, tuple(shift_fact(one) for one in row.shifts))


def shift_fact(data: Mapping[str, Any]) -> Shift:
    starts, ends = (datetime.fromisoformat(data[name]) for name in ("starts", "ends"))
    return Shift(data["post"], data["account"], data["name"], starts, ends, data["beside"])


def shift_data(shift: Shift) -> dict[str, Any]:
    """A shift as it is stored."""
    return {
        "post": shift.post, "account": shift.account, "name": shift.name, "starts": plain(shift.starts),
        "ends": plain(shift.ends), "beside": shift.beside,
    }  # fmt: skip


def versions(session: Session, contract: Contract, party: str, limit: int = 20) -> Sequence[DutyRoster]:
    """The newest versions of a party's rosters, over or not."""
    return session.scalars(
        select(DutyRoster)
        .where(DutyRoster.contract_key == contract.key, DutyRoster.party == party)
        .order_by(DutyRoster.id.desc())
        .limit(limit)
    ).all()


def offers(
    session: Session, contract: Contract, party: str, at: datetime
) -> list[tuple[HandOver, HandOverAnswer | None]]:
    """What was offered in the rosters of a party that are not over, the newest first, each with its answer if it has one."""
    rows = session.execute(
        select(HandOver, HandOverAnswer)
        .join(DutyRoster, DutyRoster.id == HandOver.roster_id)
        .outerjoin(HandOverAnswer, HandOverAnswer.hand_over_id == HandOver.id)
        .where(HandOver.contract_key == contract.key, HandOver.party == party, DutyRoster.ends > at)
        .order_by(HandOver.id.desc())
        .limit(50)
    ).all()
    return [(offer, answer) for offer, answer in rows]


def asked(session: Session, account: int, contracts: Collection[str], at: datetime) -> list[HandOver]:
    """The offers to this account that can still be answered."""
    rows = session.execute(
        select(HandOver, HandOverAnswer)
        .join(DutyRoster, DutyRoster.id == HandOver.roster_id)
        .outerjoin(HandOverAnswer, HandOverAnswer.hand_over_id == HandOver.id)
        .where(HandOver.contract_key.in_(contracts), DutyRoster.ends > at)
        .order_by(HandOver.id.desc())
    ).all()
    return to_answer([(offer, answer) for offer, answer in rows], account, at)


def to_answer(found: Sequence[tuple[HandOver, HandOverAnswer | None]], account: int, at: datetime) -> list[HandOver]:
    """Of offers, the newest first, those to this account that can still be answered: the latest of each shift."""
    latest = {(offer.roster_id, str(offer.shift)): offer.id for offer, _ in reversed(found)}
    return [
        offer
        for offer, given in found
        if given is None
        and offer.taker_id == account
        and latest[offer.roster_id, str(offer.shift)] == offer.id
        and shift_fact(offer.shift).ends > at
    ]


@dataclass(frozen=True)
class Unanswered:
    """How often nobody was there at a post of a contract, and when for the last time."""

    contract_key: str
    post: str
    count: int
    last_at: datetime


def unanswered(session: Session, since: datetime) -> list[Unanswered]:
    """The calls since then that found nobody, by contract and post, the latest first. No ticket is told."""
    last = func.max(Unanswerable.at)
    rows = session.execute(
        select(Unanswerable.contract_key, Unanswerable.post, func.count(), last)
        .where(Unanswerable.at >= since)
        .group_by(Unanswerable.contract_key, Unanswerable.post)
        .order_by(last.desc())
        .limit(50)
    ).all()
    return [Unanswered(*row) for row in rows]
