"""Writes a judgement with all its consequences: event, ticket, timers, papers, signatures, messages, log leaf, receipt.

Called by the desk inside its transaction. A refusal is written by the same hand as an acceptance; it only has fewer
consequences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tickets.models import Event, Paper, Signature, Ticket
from tickets.pen import Entry, Pen
from workflow import follow
from workflow.attempt import Attempt, TimerFact
from workflow.contract import Edition
from workflow.decide import Accepted, Shortfall, Start
from workflow.declare import PARTIES, Action, Words, Workflow
from workflow.turn import awaited
from workflow.wording import to_data


@dataclass(frozen=True)
class FileFact:
    """A file already lying in the vault under its digest."""

    digest: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Written:
    """What was put on record."""

    event: Event
    ticket: Ticket
    receipt: Mapping[str, Any]
    paper: Paper | None = None
    signature: Signature | None = None


def shortfalls(missing: Sequence[Shortfall]) -> list[dict[str, Any]]:
    """Missing things as they are stored: guard, clause, words, remedy."""
    return [
        {"guard": one.guard.name, "clause": one.clause, "says": to_data(one.says), "remedy": one.remedy}
        for one in missing
    ]


def content_digest(row: Ticket) -> str:
    """What signatures, checks and consents on this ticket are bound to."""
    return follow.content_digest(row.number, row.kind, row.content_version, row.fields)


def write_refusal(
    pen: Pen,
    row: Ticket,
    attempt: Attempt,
    *,
    clause: str,
    reason: str,
    missing: Sequence[Mapping[str, Any]],
    door: str,
    alarm: bool = False,
) -> Written:
    """Puts a refused attempt on record. The ticket stays as it was; only its count of events grows, and a limit that the
    clock has just marked as missed is no longer the next to come."""
    entry = Entry(False, reason, None, row.version, row.content, missing=missing)
    row.events += 1
    project(row, owed(attempt.facts.timers, final=row.final))
    event, receipt = pen.event(row, attempt, entry, clause=clause, door=door)
    if alarm:
        words = Words(
            "%(number)s: the last permitted attempt was refused. Check whether somebody is impersonating a colleague.",
            number=row.number,
        )
        pen.tell(row, event, list(PARTIES.values()), words, urgent=True)
    return Written(event, row, receipt)


def write_acceptance(
    pen: Pen,
    row: Ticket,
    workflow: Workflow,
    attempt: Attempt,
    accepted: Accepted,
    *,
    door: str,
    file: FileFact | None = None,
) -> Written:
    """Puts an accepted act on record, with everything that follows from it on this ticket."""
    action, fields = accepted.action, follow.recorded_fields(accepted.action, accepted.fields)
    _move(row, workflow, attempt, accepted, fields)
    entry = Entry(
        True,
        "",
        accepted.dest,
        row.version,
        row.content,
        fields,
        proofs=[
            {"guard": r.guard, "clause": r.clause, "kind": r.proof.kind, "reference": r.proof.reference}
            for r in accepted.proofs
        ],
        notices=[to_data(words) for words in accepted.notices],
    )
    paper = _paper(row, attempt, action, fields, file)
    event, receipt = pen.event(row, attempt, entry, clause=action.clause, door=door, paper=paper)
    if paper is not None or action.signs is not None:
        pen.session.flush()
    if paper is not None:
        paper.ticket_id, paper.event_id = row.id, event.id
        pen.session.add(paper)
    signature = _signature(pen.session, row, attempt, action, event, paper)
    _timers(pen, row, attempt, accepted, event)
    done = Words("%(number)s · %(kind)s: %(action)s", number=row.number, kind=workflow.label, action=action.label)
    letters = dict.fromkeys(accepted.tells, done) if accepted.letters is None else accepted.letters
    for party, words in letters.items():
        pen.tell(row, event, [party], words)
    return Written(event, row, receipt, paper, signature)


def _move(row: Ticket, workflow: Workflow, attempt: Attempt, accepted: Accepted, fields: Mapping[str, Any]) -> None:
    """The ticket's row after the act: state, turn, version and, where the act amends it, content."""
    action, dest = accepted.action, workflow.states[accepted.dest]
    # A draft that ends as a draft stays what it was: nobody else has seen it.
    row.opener_only = dest.opener_only or (dest.final and bool(row.opener_only))
    row.state, row.final = dest.name, dest.final
    row.awaits = awaited(dest, row.opened_party, attempt.facts.mandates)
    row.events, row.changed_at = row.events + 1, attempt.at
    if not action.quiet and attempt.ticket.state is not None:
        row.version += 1
    if action.amends or action.source is None:
        row.fields = {**row.fields, **fields}
        row.headline = action.form.headline(row.fields) if action.form else row.headline
        row.content_version += 1
        row.content = content_digest(row)
    ended = {s.timer.id for s in accepted.stops}
    begun = [
        (start.due_at, follow.counted(start, attempt.edition).provisional) for start in accepted.starts if start.binds
    ]
    project(row, [*owed(attempt.facts.timers, ended, final=row.final), *begun])


def _paper(
    row: Ticket, attempt: Attempt, action: Action, fields: Mapping[str, Any], file: FileFact | None
) -> Paper | None:
    kind = follow.paper_kind(action, fields)
    if kind is None:
        return None
    previous = attempt.paper(kind)
    version = previous.version + 1 if previous else 1
    paper = Paper(
        ticket_id=row.id,
        kind=kind,
        version=version,
        content=row.content,
        fields=dict(fields),
        file_digest=file.digest if file else None,
        file_name=file.name if file else None,
        file_type=file.media_type if file else None,
        file_size=file.size if file else None,
        filed_by=attempt.actor.person,
        party=attempt.actor.party.name if attempt.actor.party else "",
        at=attempt.at,
    )
    paper.digest = digest_of_paper(row, paper)
    return paper


def digest_of_paper(row: Ticket, paper: Paper) -> str:
    """What a signature under a paper of this ticket covers."""
    return follow.paper_digest(row.contract_key, row.number, paper, paper.file_digest)


def _signature(
    session: Session, row: Ticket, attempt: Attempt, action: Action, event: Event, filed: Paper | None
) -> Signature | None:
    if action.signs is None:
        return None
    if filed is not None and filed.kind == action.signs.name:
        session.flush()
        paper_id, paper_digest = filed.id, filed.digest
    else:
        paper = attempt.paper(action.signs)
        assert paper is not None, "decide refuses a signature under nothing"
        paper_id, paper_digest = paper.id, paper.digest
    assert attempt.actor.account is not None, "the clock signs nothing"
    assert attempt.actor.person is not None, "the clock signs nothing"
    signature = Signature(
        ticket_id=row.id,
        paper_id=paper_id,
        event_id=event.id,
        digest=paper_digest,
        account_id=attempt.actor.account,
        person_id=attempt.actor.person,
        name=attempt.actor.name,
        party=event.party,
        role=event.role,
        meaning=action.name,
        method="totp",
        at=attempt.at,
    )
    session.add(signature)
    return signature


def _timers(pen: Pen, row: Ticket, attempt: Attempt, accepted: Accepted, event: Event) -> None:
    if accepted.stops:
        met = {s.timer.id: "met" if s.timer.status == "running" else None for s in accepted.stops}
        pen.end({**met, **{s.timer.id: "dropped" for s in accepted.stops if s.dropped}}, attempt.at)
    begin(pen, row, accepted.starts, attempt.edition, event.sequence)


def begin(pen: Pen, row: Ticket, starts: Sequence[Start], edition: Edition, sequence: int) -> None:
    """Lets these limits of the ticket run, as begun by the event of this sequence."""
    pen.begin(
        [
            {
                "ticket_id": row.id,
                "deadline": start.deadline.name,
                "clause": start.deadline.clause,
                "party": start.party.name if start.party else "",
                "figure": start.figure,
                "started_event": sequence,
                "started_at": start.started_at,
                "end_at": start.end,
                "due_at": start.due_at,
                "nominal_at": found.nominal_at if found.calendar else None,
                "calendar": found.calendar,
                "provisional": found.provisional,
                "status": "running",
            }
            for start in starts
            for found in [follow.counted(start, edition)]
        ]
    )


def project(row: Ticket, ends: Iterable[tuple[datetime, bool]]) -> None:
    """Puts the first of these ends on the ticket's row, with whether it is provisional."""
    row.due_at, row.due_provisional = min(ends, default=(None, False))


def owed(
    timers: Iterable[TimerFact], ended: Set[int] = frozenset(), *, final: bool = False
) -> list[tuple[datetime, bool]]:
    """When what is still owed falls due, or fell due, and whether that is provisional: a limit that was missed stays at the
    top until its duty is done.

    A reminder ahead of a limit is no limit: a list that counted to it would cry wolf. Nothing is overdue at an end.
    """
    return [
        (timer.due_at, timer.provisional)
        for timer in timers
        if not timer.reminds
        and timer.id not in ended
        and timer.stopped_at is None
        and (timer.status == "running" or (timer.status == "missed" and timer.binds and not final))
    ]
