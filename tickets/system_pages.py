"""Pages of the system and the audit administrator: whether the desk runs and what it refused, never what it holds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import migrations
from auth import asking, pages, sessions
from auth.policy import ADMIN_AUDIT, ADMIN_SYSTEM, policy
from auth.records import note
from config import HOME
from database import reading, transaction
from tickets import chrome, log_check, room
from tickets.contracts import ContractAltered
from tickets.duty import records
from tickets.models import Beat, ContractRecord, Event, Ticket, Timer
from tickets.outbox import dead
from tickets.outbox.post import channels_of
from tickets.watch.standing import standing
from workflow.contract import Contract, ContractError
from workflow.declare import Words, Workflow
from workflow.fit import lacking

blueprint = Blueprint("system", __name__)
PAGE = 50
MOST_OVERDUE = 1000
MOST_FAULTS = 50
UNANSWERED_SHOWN = timedelta(days=7)


def install(app: Flask) -> None:
    """Registers the pages and puts them into the administrators' navigation."""
    app.register_blueprint(blueprint)
    pages.offer(app, ADMIN_SYSTEM, "system.shown", Words("System status"))
    pages.offer(app, ADMIN_AUDIT, "system.refused_acts", Words("Refused acts"))


# --- the system administrator's page -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ContractSeen:
    """A loaded contract as the administrator sees it: what it is, not what is done under it."""

    contract: Contract
    loaded_at: datetime | None
    lacks: Mapping[str, tuple[str, ...]]
    """By kind of ticket what the contract lacks for it; nothing where the kind is offered."""


@blueprint.get("/system")
@policy(ADMIN_SYSTEM)
def shown() -> Any:
    return _page(None)


@blueprint.post("/system/log")
@policy(ADMIN_SYSTEM)
def verify_log() -> Any:
    """Recomputes the logs of all contracts and tells what does not hold; that it was asked for is on record."""
    asking.fields()
    desk = room().desk
    faults = log_check.verify(desk)
    with transaction(desk.engine) as opened:
        who, address = sessions.caller().person_id, sessions.address()
        note(opened, "log_verified", at=desk.now(), person_id=who, address=address, faults=len(faults))
    return _page(faults)


def _page(faults: Sequence[Words | str] | None) -> Any:
    desk = room().desk
    at = desk.now()
    with reading(desk.engine) as opened:
        beats = opened.scalars(select(Beat).order_by(Beat.at.desc()).limit(PAGE)).all()
        overdue, since = _overdue(opened, at)
        loaded = dict(
            opened.execute(
                select(ContractRecord.digest, func.max(ContractRecord.loaded_at)).group_by(ContractRecord.digest)
            ).all()
        )
        outbox = dead.standing(opened)
        missed = records.unanswered(opened, since=at - UNANSWERED_SHOWN)
        upkeep = standing(opened)
    seen = [(beat, chrome.heartbeat(beat.at, at)) for beat in beats]
    contracts, fault = _contracts(desk.contracts, desk.workflows, loaded)
    return render_template(
        "desk/system.html",
        beats=seen,
        watch=chrome.heartbeat(beats[0].at if beats else None, at),
        overdue=overdue,
        most_overdue=MOST_OVERDUE,
        since=since,
        contracts=contracts,
        contract_fault=fault,
        faults=faults and faults[:MOST_FAULTS],
        fault_count=None if faults is None else len(faults),
        outbox=outbox,
        missed=missed,
        missed_days=UNANSWERED_SHOWN.days,
        upkeep=upkeep,
        channels=channels_of(desk.keyring.settings),
        version=version(),
        database=desk.engine.dialect.name,
        pending=migrations.pending(desk.engine),
    )


def _overdue(opened: Session, at: datetime) -> tuple[int, datetime | None]:
    """How many running deadlines have passed unnoticed (counting stops at the most), and the oldest due instant."""
    late = (
        select(Timer.due_at)
        .where(Timer.status == "running", Timer.due_at < at)
        .order_by(Timer.due_at)
        .limit(MOST_OVERDUE)
        .subquery()
    )
    count, oldest = opened.execute(select(func.count(), func.min(late.c.due_at)).select_from(late)).one()
    return count, oldest


def _contracts(
    loaded: Mapping[str, Contract], workflows: Mapping[str, Workflow], when: Mapping[str, datetime]
) -> tuple[list[ContractSeen], str | None]:
    """The contracts with what each lacks, or why they cannot be read: this page is where that has to be seen."""
    try:
        return [
            ContractSeen(
                contract,
                when.get(contract.digest),
                {kind: lacking(declared, contract) for kind, declared in workflows.items()},
            )
            for contract in loaded.values()
        ], None
    except (ContractAltered, ContractError) as fault:
        return [], str(fault)


@lru_cache(maxsize=1)
def version() -> str:
    """The version of this desk, as pyproject.toml states it."""
    return str(tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]["version"])


# --- the audit administrator's page ------------------------------------------------------------------------------------


@blueprint.get("/security/refused-acts")
@policy(ADMIN_AUDIT)
def refused_acts() -> Any:
    """Acts on tickets that were refused: who, as what, through which door, what and why; never what was written."""
    before = request.args.get("before", "")
    query = (
        select(
            Event.id,
            Event.at,
            Event.name,
            Event.role,
            Event.door,
            Event.action,
            Event.reason,
            Event.sequence,
            Ticket.number,
        )
        .join(Ticket, Ticket.id == Event.ticket_id)
        .where(Event.accepted.is_(False))
    )
    if before:
        query = query.where(Event.id < asking.whole_number(before))
    with reading(room().desk.engine) as opened:
        rows = opened.execute(query.order_by(Event.id.desc()).limit(PAGE + 1)).all()
    return render_template(
        "desk/refused_acts.html", rows=rows[:PAGE], more=rows[PAGE - 1].id if len(rows) > PAGE else None
    )
