"""What a simulation came to, in figures: the table that is printed, and the digests by which two runs are compared."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, Table, func, select

from database import Base, reading
from tickets import log, models
from tickets.duty import models as duty
from tickets.models import Answer, Event, Message, Paper, Signature, Ticket, Timer, Tree
from tickets.simulate.place import Place
from tickets.simulate.play import Play
from tickets.watch import models as watch
from workflow.canonical import plain

AT_A_TIME = 500
RECORDS = tuple(module.__name__ for module in (models, duty, watch))
"""Where the tables of the records are declared. What was sent to whom is no part of them: no letters leave a simulation."""
BY_CHANCE = (Answer.__table__.c.request,)
"""A request may hold the code that somebody read from a page, and that code is made by chance: so its digest differs."""


@dataclass(frozen=True)
class Sums:
    """What came of it. `digests`: SHA-256 of each table of the records, and `digest` of them all; `roots`: the log's root
    of each contract, in hexadecimal."""

    states: Mapping[str, Mapping[str, int]]
    events: Mapping[str, int]
    refused: Mapping[str, int]
    limits: Mapping[str, int]
    others: Mapping[str, int]
    digests: Mapping[str, str]
    roots: Mapping[str, str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps([self.digests, self.roots], sort_keys=True).encode()).hexdigest()


def sums(place: Place, play: Play) -> Sums:
    """Everything that is counted at the end, from the tables."""
    with reading(place.engine) as session:
        states: dict[str, dict[str, int]] = {}
        for kind, state, count in session.execute(
            select(Ticket.kind, Ticket.state, func.count()).group_by(Ticket.kind, Ticket.state).order_by(Ticket.kind)
        ):
            states.setdefault(kind, {})[state] = count
        accepted = {
            bool(yes): n for yes, n in session.execute(select(Event.accepted, func.count()).group_by(Event.accepted))
        }
        refusals = Counter[str]()
        for event in session.execute(select(Event.reason, Event.missing).where(Event.accepted.is_(False))):
            grounds = {one.get("guard") or "field" for one in event.missing} or {""}
            refusals.update(f"{event.reason} {ground}".strip() for ground in sorted(grounds))
        limits = Counter[str]()
        for timer in session.scalars(select(Timer).where(Timer.party != "")):
            limits["kept late" if timer.status == "missed" and timer.stopped_at else timer.status] += 1
        others = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Message, Paper, Signature, Timer)
        }
        roots = {
            tree.contract_key: log.root([bytes.fromhex(one) for one in tree.frontier]).hex()
            for tree in session.scalars(select(Tree).order_by(Tree.contract_key))
        }
    events = {"accepted": accepted.get(True, 0), "refused": accepted.get(False, 0)}
    others |= {"turns of workers": play.clockwork.turns}
    return Sums(states, events, dict(refusals), dict(limits), others, digests(place.engine), roots)


def digests(engine: Engine) -> dict[str, str]:
    """The digest of every table of the records, by its rows in the order of their keys."""
    return {table.name: _digest(engine, table) for table in tables()}


def tables() -> Iterator[Table]:
    """The tables of the records. Who signs in and by which secret is no part of them."""
    for mapper in sorted(Base.registry.mappers, key=lambda one: one.local_table.name):  # type: ignore[attr-defined]  # ours are tables
        if mapper.class_.__module__ in RECORDS and isinstance(mapper.local_table, Table):
            yield mapper.local_table


def _digest(engine: Engine, table: Table) -> str:
    found = hashlib.sha256()
    with reading(engine) as session:
        columns = [column for column in table.c if not any(column is one for one in BY_CHANCE)]
        asked = select(*columns).order_by(*table.primary_key)
        rows = session.execute(asked, execution_options={"yield_per": AT_A_TIME})
        for row in rows.mappings():
            found.update(json.dumps(plain(dict(row)), sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return found.hexdigest()


# --- for readers -----------------------------------------------------------------------------------------------------


def table_of(came_to: Sums, play: Play) -> Iterator[str]:
    """The lines of the table."""
    for kind, states in came_to.states.items():
        yield f"{kind}: {sum(states.values())} tickets"
        yield from _rows(states)
    yield f"events: {came_to.events['accepted']} acts, {came_to.events['refused']} refusals, by what was lacking:"
    yield from _rows(came_to.refused)
    yield "limits that somebody owed:"
    yield from _rows(came_to.limits)
    yield "beside that:"
    yield from _rows(came_to.others)
    if play.left_alone:
        yield f"left alone, because nobody could lead them on: {', '.join(sorted(play.left_alone)[:20])}"
    for key, root in came_to.roots.items():
        yield f"root of the log of {key}: {root}"
    yield f"digest of the records: {came_to.digest}"


def _rows(counts: Mapping[str, int]) -> Sequence[str]:
    return [f"  {count:>8}  {name}" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
