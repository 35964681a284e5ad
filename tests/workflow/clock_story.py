"""The clocks of a ticket told from its events, beside what its tables say, and histories made by chance."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from database import reading
from tests.stage import CAST, Stage
from tickets import gather
from tickets.models import Ticket, Timer
from workflow import clocks
from workflow.clocks import Supposition, Term
from workflow.declare import Action

MILLISECOND = timedelta(milliseconds=1)


def told(stage: Stage, number: str, one: Supposition | None = None) -> tuple[Term, ...]:
    """The terms as the events tell them, or as they would have been."""
    with reading(stage.engine) as session:
        row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        workflow, at = stage.workflows[row.kind], stage.at
        facts = gather.facts(session, row, contract=stage.contract, workflow=workflow, at=at, unseal=stage.desk.unseal)
        known = (workflow, stage.contract.at(row.opened_at), gather.ticket_fact(row), facts, at)
        return clocks.supposed(one, *known) if one else clocks.terms(*known)


def from_events(stage: Stage, number: str) -> list[tuple[Any, ...]]:
    """What the events come to, one line a term."""
    return [
        (
            one.deadline.name,
            one.started_by.sequence,
            one.started_at,
            one.due_at,
            one.figure,
            one.status,
            one.stopped_at,
            one.noted_by.at if one.noted_by else None,
        )
        for one in told(stage, number)
    ]


def from_tables(stage: Stage, number: str) -> list[tuple[Any, ...]]:
    """What the timers say, one line a term."""
    with reading(stage.engine) as session:
        found = session.scalars(
            select(Timer).join(Ticket, Ticket.id == Timer.ticket_id).where(Ticket.number == number).order_by(Timer.id)
        )
        return [
            (t.deadline, t.started_event, t.started_at, t.due_at, t.figure, t.status, t.stopped_at, t.struck_at)
            for t in found
        ]


def wander(stage: Stage, number: str, chance: Random, steps: int) -> None:
    """So many attempts by whoever may, with what the forms give as examples: some are refused, which is history too. Time
    passes between them, often to a due instant itself or to a millisecond after it; the clock does not always wake up."""
    for _ in range(steps):
        stage.later(**_pause(stage, number, chance), strike=chance.random() < 0.5)
        row = stage.row(number)
        declared = stage.workflows[row.kind]
        offered = [action for action in declared.actions_from(row.state) if not action.by_clock]
        own = [action for action in offered if not action.takes_file and not action.effects]
        action = chance.choice(own)
        by = chance.choice([name for name, role in CAST.items() if role in {one.name for one in action.by}])
        if any(guard.name == "identified" for guard in action.guards):
            stage.prove(number, by)
        stage.attempt(number, action.name, by, **_filled_in(stage, action))


def _pause(stage: Stage, number: str, chance: Random) -> dict[str, float]:
    due = [one.due_at for one in stage.ticket(number).deadlines.values() if one.status == "running"]
    ahead = [at - stage.at for at in due if at >= stage.at]
    how = chance.random()
    if ahead and how < 0.3:
        return {"seconds": min(ahead).total_seconds()}
    if ahead and how < 0.5:
        return {"seconds": (min(ahead) + MILLISECOND).total_seconds()}
    return {"minutes": chance.choice((0, 0, 1, 4, 20, 300))}


def _filled_in(stage: Stage, action: Action) -> dict[str, Any]:
    if action.form is None:
        return {}
    found: dict[str, Any] = {}
    for name, info in action.form.model_fields.items():
        found[name] = info.examples[0] if info.examples else None
    changes = {"engineer": stage.person("engineer1"), "received_at": None, "channel": "page", "caller": None}
    return found | {name: value for name, value in changes.items() if name in found}
