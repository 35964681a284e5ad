"""What stands on record after an act: the ticket and the facts that the next attempt is judged by, from the judgement alone.

The records write the same to their tables, and a test plays every scenario and compares the two after each act: so that
what is proved of `decide` followed by `follow` holds of the desk that runs. Pure, like the judgement itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from pydantic import BaseModel

from workflow.attempt import (
    Attempt,
    Facts,
    IdentityFact,
    LinkFact,
    PaperFact,
    Past,
    SignatureFact,
    TicketFact,
    TimerFact,
)
from workflow.canonical import digest, plain
from workflow.contract import Edition
from workflow.decide import Accepted, Refused, Start
from workflow.declare import Action, Workflow
from workflow.effects import ChangeBaseline, LinkTo, OpenLinked, SignSupplement
from workflow.reckon import Reckoned, reckoned

CALL_BACK, FACTOR = "call_back", "totp"
A_CODE = "000000"


class CannotFollow(RuntimeError):
    """A consequence that an accepted act must have could not be had: the desk would roll the act back."""


def follow(
    workflow: Workflow,
    attempt: Attempt,
    accepted: Accepted,
    workflows: Mapping[str, Workflow],
    *,
    number: str = "",
    others: Sequence[str] = (),
    code: str = A_CODE,
) -> tuple[TicketFact, Facts]:
    """The ticket and the facts right after an accepted act. `number` is that of a ticket being opened, `others` those of
    the tickets that the act opens beside it, in their order; `code` is what a call-back then shows."""
    action, fields = accepted.action, recorded_fields(accepted.action, accepted.fields)
    ticket = _moved(attempt, accepted, fields, number)
    facts = attempt.facts
    known = replace(
        facts,
        history=(*facts.history, _event(attempt, ticket, fields, source=attempt.ticket.state, dest=accepted.dest)),
        papers=_signed(_filed(facts.papers, attempt, action, ticket, fields), attempt, action),
        timers=_timed(facts.timers, workflow, attempt, accepted),
        identity=_called(attempt, action, ticket, code),
        links=(*facts.links, *_linked(attempt, accepted, workflows, others)),
        more=_beside(facts.more, accepted),
    )
    return ticket, known


def refused(attempt: Attempt, refusal: Refused) -> Facts:
    """The facts right after a refused attempt: one more event, and nothing else."""
    event = _event(attempt, attempt.ticket, {}, source=attempt.ticket.state, dest=None, reason=refusal.reason)
    return replace(attempt.facts, history=(*attempt.facts.history, event))


def proven(facts: Facts, ticket: TicketFact, person: int, at: datetime, valid_for: timedelta) -> Facts:
    """The facts once a person has proved a second factor for the ticket as it stands."""
    number = max((one.id for one in facts.identity), default=0) + 1
    check = IdentityFact(number, FACTOR, person, person, ticket.seen, at, at + valid_for, at)
    return replace(facts, identity=(*facts.identity, check))


def struck(facts: Facts, timer: int) -> Facts:
    """The facts once the clock has found that this limit ran out; its own act is judged by them."""
    return replace(facts, timers=tuple(replace(t, status="missed") if t.id == timer else t for t in facts.timers))


# --- what the records and this room compute by the same words --------------------------------------------------------


def content_digest(number: str | None, kind: str, version: int, fields: Mapping[str, Any]) -> str:
    """What signatures, checks and consents on a ticket are bound to: what it says, as this ticket, in this version. An
    edit back to an old text is a new version, else it would revive everything that the edit before it voided."""
    return digest({"ticket": number, "kind": kind, "version": version, "fields": fields})


class Filed(Protocol):
    """A paper, as a row of a table or as a fact."""

    @property
    def kind(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def content(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...


def paper_digest(contract: str, ticket: str | None, paper: Filed, file: str | None) -> str:
    """What a signature under a paper covers: its words, its file, and the ticket that it belongs to."""
    return digest(
        {
            "contract": contract,
            "ticket": ticket,
            "kind": paper.kind,
            "version": paper.version,
            "content": paper.content,
            "fields": paper.fields,
            "file": file,
        }
    )


def recorded_fields(action: Action, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as JSON data, without one-time codes."""
    secret = _secret(action.form) if action.form else ()
    return {name: plain(value) for name, value in fields.items() if name not in secret}


@cache
def _secret(form: type[BaseModel]) -> frozenset[str]:
    """The fields of a form that are one-time codes."""
    told = {name: info.json_schema_extra for name, info in form.model_fields.items()}
    return frozenset(name for name, extra in told.items() if isinstance(extra, dict) and extra.get("secret"))


def counted(start: Start, edition: Edition) -> Reckoned:
    """By which days the end of a limit that begins was counted."""
    found = reckoned(start.deadline, start.figure, start.started_at, start.end, edition)
    return found or Reckoned(start.due_at, start.due_at)


def paper_kind(action: Action, fields: Mapping[str, Any]) -> str | None:
    """The kind of paper that an act with these fields files, if any."""
    return str(fields["paper"]) if action.takes_file else action.files.name if action.files else None


# --- part by part ----------------------------------------------------------------------------------------------------


def _moved(attempt: Attempt, accepted: Accepted, fields: Mapping[str, Any], number: str) -> TicketFact:
    before, action = attempt.ticket, accepted.action
    opens = before.state is None
    ticket = replace(
        before,
        number=number if opens else before.number,
        state=accepted.dest,
        version=1 if opens else before.version + (not action.quiet),
    )
    if not (action.amends or opens):
        return ticket
    said, version = {**before.fields, **fields}, before.content_version + 1
    content = content_digest(ticket.number, ticket.kind, version, said)
    return replace(ticket, fields=said, content_version=version, content=content)


def _event(
    attempt: Attempt,
    ticket: TicketFact,
    fields: Mapping[str, Any],
    *,
    source: str | None,
    dest: str | None,
    reason: str = "",
) -> Past:
    actor = attempt.actor
    return Past(
        sequence=len(attempt.facts.history) + 1,
        action=attempt.action,
        accepted=not reason,
        person=actor.person,
        account=actor.account,
        name=actor.name,
        party=_party(attempt),
        at=attempt.at,
        content=ticket.content,
        source=source,
        dest=dest,
        fields=fields,
        reason=reason,
    )


def _party(attempt: Attempt) -> str:
    return attempt.actor.party.name if attempt.actor.party else ""


def _filed(
    papers: tuple[PaperFact, ...], attempt: Attempt, action: Action, ticket: TicketFact, fields: Mapping[str, Any]
) -> tuple[PaperFact, ...]:
    kind = paper_kind(action, fields)
    if kind is None:
        return papers
    previous = attempt.paper(kind)
    paper = PaperFact(
        id=max((one.id for one in papers), default=0) + 1,
        kind=kind,
        version=previous.version + 1 if previous else 1,
        digest="",
        content=ticket.content,
        filed_by=attempt.actor.person,
        party=_party(attempt),
        at=attempt.at,
        fields=fields,
    )
    file = fields["file"]["digest"] if action.takes_file else None
    return (*papers, replace(paper, digest=paper_digest(attempt.edition.contract.key, ticket.number, paper, file)))


def _signed(papers: tuple[PaperFact, ...], attempt: Attempt, action: Action) -> tuple[PaperFact, ...]:
    if action.signs is None:
        return papers
    newest = max((p for p in papers if p.kind == action.signs.name), key=lambda p: (p.version, p.id))
    actor = attempt.actor
    assert actor.person is not None, "the clock signs nothing"
    assert actor.account is not None, "the clock signs nothing"
    given = SignatureFact(actor.person, actor.account, _party(attempt), actor.roles[0].name, action.name, attempt.at)
    return tuple(replace(p, signatures=(*p.signatures, given)) if p is newest else p for p in papers)


def _timed(
    timers: tuple[TimerFact, ...], workflow: Workflow, attempt: Attempt, accepted: Accepted
) -> tuple[TimerFact, ...]:
    ended = {stop.timer.id: stop for stop in accepted.stops}
    kept = [_stopped(timer, ended[timer.id].dropped, attempt.at) if timer.id in ended else timer for timer in timers]
    first = max((timer.id for timer in timers), default=0) + 1
    begun = [_begun(number, start, attempt.edition) for number, start in enumerate(accepted.starts, first)]
    return (*kept, *begun)


def _stopped(timer: TimerFact, dropped: bool, at: datetime) -> TimerFact:
    status = "dropped" if dropped else "met" if timer.status == "running" else timer.status
    return replace(timer, status=status, stopped_at=at)


def _begun(number: int, start: Start, edition: Edition) -> TimerFact:
    found = counted(start, edition)
    return TimerFact(
        id=number,
        deadline=start.deadline.name,
        started_at=start.started_at,
        due_at=start.due_at,
        status="running",
        reminds=start.deadline.reminds,
        binds=start.party is not None,
        provisional=found.provisional,
        calendar=found.calendar,
        party=start.party.name if start.party else "",
    )


def _called(attempt: Attempt, action: Action, ticket: TicketFact, code: str) -> tuple[IdentityFact, ...]:
    checks = attempt.facts.identity
    if action.asks_back:
        checks = _asked_back(attempt, ticket, code, attempt.edition.duration(action.asks_back))
    if action.answers_back:
        holds = attempt.at + attempt.edition.duration(action.answers_back)
        opened = [one for one in checks if one.code is not None and one.content == ticket.content]
        if not opened:
            raise CannotFollow("there is no open challenge")
        passed = replace(opened[-1], code=None, passed_at=attempt.at, expires_at=holds)
        checks = tuple(passed if one is opened[-1] else one for one in checks)
    return checks


def _asked_back(attempt: Attempt, ticket: TicketFact, code: str, within: timedelta) -> tuple[IdentityFact, ...]:
    """The one-time challenge for a call-back; one that is open for the same person is replaced by it."""
    subject = attempt.natural(attempt.value("subject"))
    if subject is None:
        first = next((e for e in attempt.accepted if e.content == attempt.ticket.content), None)
        subject = first.person if first else None
    if subject is None or not attempt.mandates_of(subject) or subject == attempt.actor.person:
        raise CannotFollow("nobody can be called back")
    checks = tuple(
        replace(one, code=None) if (one.method, one.person, one.passed_at) == (CALL_BACK, subject, None) else one
        for one in attempt.facts.identity
    )
    number = max((one.id for one in checks), default=0) + 1
    until = attempt.at + within
    asked = IdentityFact(
        number, CALL_BACK, subject, attempt.actor.person, ticket.content, attempt.at, until, None, code
    )
    return (*checks, asked)


def _linked(
    attempt: Attempt, accepted: Accepted, workflows: Mapping[str, Workflow], others: Sequence[str]
) -> list[LinkFact]:
    numbers = iter(others)
    to, opened = [], []
    for effect in accepted.effects:
        if isinstance(effect, LinkTo):
            found = next(one for name in attempt.facts.more.values() for one in _named(name, effect.number))
            to.append(LinkFact(found.number, found.kind, found.state, found.final, effect.relation))
        elif isinstance(effect, OpenLinked):
            state = workflows[effect.kind].opening.dest
            assert state is not None, "an opening act leads to a state"
            opened.append(LinkFact(next(numbers, ""), effect.kind, state.name, state.final, effect.relation))
    return [*to, *opened]


def _named(gathered: Any, number: str) -> list[Any]:
    """The tickets of this number among what was gathered."""
    return [one for one in gathered if getattr(one, "number", None) == number] if isinstance(gathered, tuple) else []


def _beside(more: Mapping[str, Any], accepted: Accepted) -> Mapping[str, Any]:
    """What stands outside the ticket, as far as this act moves it: sums of supplements, lines of the catalogue (C7.2)."""
    moving = [effect for effect in accepted.effects if isinstance(effect, SignSupplement | ChangeBaseline)]
    if not moving:
        return more
    changed = dict(more)
    for effect in moving:
        if isinstance(effect, SignSupplement) and "supplements" in changed:
            signed = changed["supplements"]
            changed["supplements"] = {
                "additions_fen": signed["additions_fen"] + effect.additions_fen,
                "reductions_fen": signed["reductions_fen"] + effect.reductions_fen,
            }
        elif isinstance(effect, ChangeBaseline) and "catalogue" in changed:
            for move in effect.changes:
                changed["catalogue"] = tuple(
                    replace(line, quantity=line.quantity + move.quantity, ends=move.ends or line.ends)
                    if line.number == move.line
                    else line
                    for line in changed["catalogue"]
                )
    return changed
