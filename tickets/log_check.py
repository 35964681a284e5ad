"""Recomputes the log from the events: what was changed behind the desk's back is named."""

from __future__ import annotations

from sqlalchemy import select

from database import reading
from tickets import log
from tickets.desk import Desk
from tickets.models import Event, Paper, Ticket, Tree
from workflow.declare import Words


def verify(desk: Desk) -> list[Words]:
    """One line for each thing that does not hold; empty when every leaf, every place and every root does."""
    faults: list[Words] = []
    with reading(desk.engine) as session:
        papers: dict[int, list[str]] = {}
        for event_id, digest in session.execute(select(Paper.event_id, Paper.digest).order_by(Paper.id)):
            papers.setdefault(event_id, []).append(digest)
        for tree in session.scalars(select(Tree).order_by(Tree.contract_key)):
            size, frontier = 0, ()
            rows = session.execute(
                select(Event, Ticket.number).join(Ticket, Ticket.id == Event.ticket_id)
                .where(Event.contract_key == tree.contract_key).order_by(Event.log_index).execution_options(yield_per=500)
            )
            for event, number in rows:
                leaf = log.leaf_hash(log.leaf_bytes(told(event, number, papers.get(event.id, []))))
                if event.log_index != size:
                    faults.append(Words("%(contract)s: entry %(entry)s is missing", contract=tree.contract_key, entry=size))
                if leaf.hex() != event.leaf:
                    faults.append(Words(
                        "%(contract)s: entry %(entry)s (%(number)s #%(sequence)s) was altered",
                        contract=tree.contract_key, entry=event.log_index, number=number, sequence=event.sequence,
                    ))
                grown = log.grow(size, frontier, leaf)
                size, frontier = grown.size, grown.frontier
            if (size, [h.hex() for h in frontier]) != (tree.size, list(tree.frontier)):
                faults.append(Words(
                    "%(contract)s: the log of %(entries)s entries does not lead to the root on record",
                    contract=tree.contract_key, entries=size,
                ))
    return faults


def told(event: Event, number: str, papers: list[str]) -> dict[str, object]:
    """The event as its leaf was made from it."""
    names = ("contract_key", "log_index", "sequence", "at", "action", "clause", "accepted", "reason", "account_id", "person_id",
             "party", "role", "door", "source", "dest", "version", "content", "proofs", "salt", "fields", "missing", "notices")
    return {**{name: getattr(event, name) for name in names}, "ticket": number, "papers": papers}
