"""Recomputes the log from the events, and what is kept beside it from both: what was changed behind the desk's back is named."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from database import reading
from tickets import log
from tickets.desk import Desk
from tickets.models import Event, Paper, Signature, Ticket, Tree
from tickets.record import content_digest, digest_of_paper


def verify(desk: Desk) -> list[str]:
    """One line for each thing that does not hold; empty when every leaf, every place and every root does, and every
    ticket, paper and signature is what its events made it."""
    with reading(desk.engine) as session:
        trees = {tree.contract_key: tree for tree in session.scalars(select(Tree))}
        keys = sorted({*trees, *session.scalars(select(Event.contract_key).distinct())})
        faults = [fault for key in keys for fault in _log(session, key, trees.get(key))]
        return [*faults, *_papers(session), *_signatures(session, desk), *_tickets(session)]


def _log(session: Session, key: str, tree: Tree | None) -> Iterator[str]:
    """A contract without a tree has an empty one: its events then lead to no root."""
    size = 0
    frontier: tuple[bytes, ...] = ()
    papers: dict[int, list[str]] = {}
    for event_id, digest in session.execute(select(Paper.event_id, Paper.digest).order_by(Paper.id)):
        papers.setdefault(event_id, []).append(digest)
    rows = session.execute(
        select(Event, Ticket.number)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .where(Event.contract_key == key)
        .order_by(Event.log_index)
        .execution_options(yield_per=500)
    )
    for event, number in rows:
        leaf = log.leaf_hash(log.leaf_bytes(told(event, number, papers.get(event.id, []))))
        if event.log_index != size:
            yield f"{key}: entry {size} is missing"
        if leaf.hex() != event.leaf:
            yield f"{key}: entry {event.log_index} ({number} #{event.sequence}) was altered"
        grown = log.grow(size, frontier, leaf)
        size, frontier = grown.size, grown.frontier
    if tree is None or (size, [h.hex() for h in frontier]) != (tree.size, list(tree.frontier)):
        yield f"{key}: the log of {size} entries does not lead to the root on record"


def _papers(session: Session) -> Iterator[str]:
    for paper, row in session.execute(select(Paper, Ticket).join(Ticket, Ticket.id == Paper.ticket_id)):
        if digest_of_paper(row, paper) != paper.digest:
            yield f"{row.number}: the paper {paper.kind} {paper.version} was altered"


def _signatures(session: Session, desk: Desk) -> Iterator[str]:
    """A signature says no more than the act that gave it: it must be there, once, of the same person, under the paper."""
    given = dict[int, list[tuple[Signature, Paper]]]()
    for signature, paper in session.execute(select(Signature, Paper).join(Paper, Paper.id == Signature.paper_id)):
        given.setdefault(signature.event_id, []).append((signature, paper))
    rows = session.execute(select(Event, Ticket).join(Ticket, Ticket.id == Event.ticket_id).where(Event.accepted))
    for event, row in rows:
        workflow = desk.workflows.get(row.kind)
        action = workflow.actions.get(event.action) if workflow else None
        signed = [_what(signature, paper) for signature, paper in given.pop(event.id, [])]
        wanted = [
            (event.person_id, event.account_id, event.name, event.party, event.role, event.action, event.at, row.id)
        ]
        if action is not None and signed != (wanted if action.signs else []):
            yield f"{row.number}: the signature of #{event.sequence} was altered"
    yield from (f"signature of event {event_id}: nobody gave it" for event_id in given)


def _what(signature: Signature, paper: Paper) -> tuple[object, ...]:
    one = signature
    under = paper.ticket_id if (one.digest, one.ticket_id) == (paper.digest, paper.ticket_id) else None
    return one.person_id, one.account_id, one.name, one.party, one.role, one.meaning, one.at, under


def _tickets(session: Session) -> Iterator[str]:
    """A ticket is a projection of its events: their number, and what the last of them left."""
    one = aliased(Event)
    own = select(func.count()).select_from(one).where(one.ticket_id == Ticket.id)
    count = own.correlate(Ticket).scalar_subquery()
    latest = select(one.dest).where(one.ticket_id == Ticket.id, one.accepted).order_by(one.sequence.desc()).limit(1)
    state = latest.correlate(Ticket).scalar_subquery()
    last = (Event.ticket_id == Ticket.id) & (Event.sequence == count)
    for row, events, dest, event in session.execute(select(Ticket, count, state, Event).outerjoin(Event, last)):
        left = (event.version, event.content) if event is not None else None
        if (row.events, row.state, (row.version, row.content)) != (events, dest, left) or content_digest(
            row
        ) != row.content:
            yield f"{row.number}: the ticket is not what its {events} events made it"


def told(event: Event, number: str, papers: list[str]) -> dict[str, object]:
    """The event as its leaf was made from it."""
    names = (
        "contract_key",
        "log_index",
        "sequence",
        "at",
        "action",
        "clause",
        "accepted",
        "reason",
        "account_id",
        "person_id",
        "name",
        "party",
        "role",
        "door",
        "source",
        "dest",
        "version",
        "content",
        "proofs",
        "salt",
        "fields",
        "missing",
        "notices",
    )
    return {**{name: getattr(event, name) for name in names}, "ticket": number, "papers": papers}
