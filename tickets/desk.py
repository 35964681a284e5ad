"""The one door. Pages, API, commands and the clock bring every attempt here; nobody else changes a ticket.

One act is one transaction: the write lock is taken, facts are gathered, `decide` judges, `record` writes, and only then
the answer leaves. A deadline that has passed unnoticed is struck first, in a transaction of its own, so that a breach
never depends on how fast the worker was. The desk names no kind of ticket, no state and no action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from auth.records import Keyring
from database import transaction
from tickets import effects, gather, record
from tickets.acts import Act, Outcome, event_data, ticket_data
from tickets.gather import actor_of, unopened
from tickets.intake import parse
from tickets.models import Answer, Event, Series, Ticket, Timer
from tickets.record import FileFact, Written
from workflow.attempt import THE_CLOCK, Actor, Attempt, Facts, TicketFact
from workflow.canonical import plain
from workflow.contract import Contract
from workflow.decide import Accepted, Refused, Shortfall, decide, run_out
from workflow.declare import Action, Label, Words, Workflow
from workflow.fit import lacking
from workflow.wording import to_data


class _ClockFirst(Exception):
    """Deadlines of the ticket have passed unnoticed; the transaction is given up so that the clock can act before."""

    def __init__(self, timers: Sequence[int]) -> None:
        super().__init__(timers)
        self.timers = timers


@dataclass(frozen=True)
class _Case:
    """Everything about one attempt inside its transaction."""

    session: Session
    row: Ticket | None
    workflow: Workflow
    contract: Contract
    facts: Facts
    at: datetime

    def attempt(self, action: str, actor: Actor, fields: Mapping[str, Any] | None, fact: TicketFact) -> Attempt:
        edition = self.contract.at(fact.opened_at)
        return Attempt(
            action=action, actor=actor, at=self.at, ticket=fact, facts=self.facts, edition=edition, fields=fields
        )


class Desk:
    """The contracts, the workflows and the records behind one door. Thread-safe: it holds no state of its own."""

    def __init__(
        self,
        engine: Engine,
        keyring: Keyring,
        now: Callable[[], datetime],
        contracts: Mapping[str, Contract],
        workflows: Mapping[str, Workflow],
    ) -> None:
        self.engine, self.keyring, self.now = engine, keyring, now
        self.contracts, self.workflows = contracts, workflows

    def offered(self, contract_key: str) -> dict[str, Workflow]:
        """The workflows that this contract can carry: it has their clauses and their figures."""
        contract = self.contracts.get(contract_key)
        return {kind: w for kind, w in self.workflows.items() if contract is not None and not lacking(w, contract)}

    # --- acts of persons -------------------------------------------------------------------------------------------

    def act(self, act: Act) -> Outcome:
        """Judges and records one act of a person. Every answer but "unknown" and "key_reused" is remembered under its key."""
        while True:
            try:
                with transaction(self.engine) as session:
                    return self._answer(session, act)
            except _ClockFirst as late:
                for timer in late.timers:
                    self.strike(timer)

    def _answer(self, session: Session, act: Act) -> Outcome:
        before = session.get(Answer, (act.account, act.key))
        at = self.now()  # Not before the lock is held: whoever waited for another acts after the other.
        if before is not None:
            return self._again(session, act, before, at)
        outcome = self._open(session, act, at) if act.number is None else self._move(session, act, at)
        if outcome.result != "unknown":
            session.add(Answer(account_id=act.account, key=act.key, request=act.request, at=at, outcome=outcome.data()))
        return outcome

    @staticmethod
    def _again(session: Session, act: Act, before: Answer, at: datetime) -> Outcome:
        """The first answer once more, unless it speaks of a ticket that the person may no longer see."""
        if before.request != act.request:
            return Outcome("key_reused")
        first = Outcome(**before.outcome, replayed=True)
        row = session.scalar(select(Ticket).where(Ticket.number == first.number)) if first.number else None
        if row is not None and gather.hidden(row, gather.mandates(session, row.contract_key, at), act.account):
            return Outcome("unknown")
        return first

    def _open(self, session: Session, act: Act, at: datetime) -> Outcome:
        workflow = self.workflows.get(act.kind or "")
        contract = self.contracts.get(act.contract or "")
        if workflow is None or contract is None or workflow.opening.name != act.action or lacking(workflow, contract):
            return Outcome("unknown")
        case = _Case(
            session,
            None,
            workflow,
            contract,
            gather.facts(session, None, contract=contract, workflow=workflow, at=at, unseal=self.unseal),
            at,
        )
        actor = actor_of(case.facts.mandates, act.account, workflow.opening)
        if not actor.roles:
            return Outcome("unknown")
        faults = [*act.faults, *([_FILE_FAULT] if act.file is not None else [])]
        return self._opened(case, actor, act.fields, act.door, faults)

    @staticmethod
    def _weighed(
        case: _Case, actor: Actor, raw: Mapping[str, Any], faults: Sequence[dict[str, Any]] = ()
    ) -> Outcome | tuple[Attempt, Accepted]:
        """The judgement by which a ticket may be opened, or the answer why it may not. Nothing is written."""
        action = case.workflow.opening
        fields, errors = parse(action, raw)
        errors = [*errors, *faults]
        fact = unopened(case.workflow, actor, case.at)
        attempt = case.attempt(action.name, actor, None if errors else fields, fact)
        decision = decide(case.workflow, attempt)
        if errors and not (isinstance(decision, Refused) and decision.reason != "missing"):
            return Outcome("invalid", errors=errors)
        if isinstance(decision, Refused):
            return Outcome(decision.reason, missing=record.shortfalls(decision.missing))
        return attempt, decision

    def _opened(
        self, case: _Case, actor: Actor, raw: Mapping[str, Any], door: str, faults: Sequence[dict[str, Any]] = ()
    ) -> Outcome:
        weighed = self._weighed(case, actor, raw, faults)
        if isinstance(weighed, Outcome):
            return weighed
        attempt, decision = weighed
        row = self._new_row(case, actor)
        written = record.write_acceptance(case.session, row, case.workflow, attempt, decision, door=door)
        self._consequences(case, row, attempt, decision, written, door)
        return _accepted(written)

    def _new_row(self, case: _Case, actor: Actor) -> Ticket:
        year = case.contract.calendar.local_day(case.at).year
        name = f"{case.workflow.prefix}-{year}"
        series = case.session.get(Series, (case.contract.key, name), with_for_update=True)
        if series is None:
            series = Series(contract_key=case.contract.key, name=name, last=0)
            case.session.add(series)
        series.last += 1
        return Ticket(
            number=f"{case.contract.number_prefix}-{name}-{series.last:04d}",
            contract_key=case.contract.key,
            kind=case.workflow.kind,
            state="",
            final=False,
            version=1,
            content_version=0,
            content="",
            fields={},
            opened_at=case.at,
            opened_by=actor.person,
            opened_party=actor.party.name if actor.party else "",
            changed_at=case.at,
            events=0,
        )

    def _move(self, session: Session, act: Act, at: datetime) -> Outcome:
        row = session.scalar(select(Ticket).where(Ticket.number == act.number).with_for_update())
        if row is None or row.kind not in self.workflows:
            return Outcome("unknown")
        workflow = self.workflows[row.kind]
        action = workflow.actions.get(act.action)
        case = self._case(session, row, at)
        if action is None or gather.hidden(row, case.facts.mandates, act.account):
            return Outcome("unknown", number=act.number)
        late = [t.id for t in case.facts.timers if t.status == "running" and t.due_at < at]
        if late:
            raise _ClockFirst(late)
        return self._judge(case, row, action, act)

    def _judge(self, case: _Case, row: Ticket, action: Action, act: Act) -> Outcome:
        actor = actor_of(case.facts.mandates, act.account, action)
        fact = gather.ticket_fact(row)
        fields, errors = parse(action, act.fields)
        errors = [*errors, *act.faults]
        attempt = case.attempt(action.name, actor, None if errors else {**fields, **_file_fields(act.file)}, fact)
        if action.takes_file != (act.file is not None):
            errors = [*errors, _FILE_FAULT]
        if act.version != row.version and not action.quiet:
            return self._stale(case, row, attempt, action, act)
        decision = decide(case.workflow, attempt)
        if errors and not (isinstance(decision, Refused) and decision.reason != "missing"):
            written = record.write_refusal(
                case.session, row, attempt, clause=action.clause, reason="invalid", missing=errors, door=act.door
            )
            return _refused("invalid", written, errors=errors)
        if isinstance(decision, Refused):
            missing = record.shortfalls(decision.missing)
            return self._refuse(case, row, attempt, decision.reason, missing, act, alarm=decision.alarm)
        if lacking_there := self._unlinkable(case, attempt, decision):
            return self._refuse(case, row, attempt, "missing", lacking_there, act)
        written = record.write_acceptance(
            case.session, row, case.workflow, attempt, decision, door=act.door, file=act.file
        )
        self._consequences(case, row, attempt, decision, written, act.door)
        return _accepted(written)

    @staticmethod
    def _refuse(
        case: _Case,
        row: Ticket,
        attempt: Attempt,
        reason: str,
        missing: Sequence[Mapping[str, Any]],
        act: Act,
        alarm: bool = False,
    ) -> Outcome:
        clause = case.workflow.actions[attempt.action].clause
        written = record.write_refusal(
            case.session, row, attempt, clause=clause, reason=reason, missing=missing, door=act.door, alarm=alarm
        )
        return _refused(reason, written, missing=missing)

    def _stale(self, case: _Case, row: Ticket, attempt: Attempt, action: Action, act: Act) -> Outcome:
        says = Words("The ticket has moved on since this page was opened. Look at what changed, then decide again.")
        missing = record.shortfalls([Shortfall(Label("guard", "version"), action.clause, says)])
        seen = min(max(act.version or 0, 0), row.version)
        unseen = case.session.scalars(
            select(Event)
            .where(Event.ticket_id == row.id, Event.accepted, Event.version > seen)
            .order_by(Event.sequence)
            .limit(50)
        )
        changed = [event_data(event) for event in unseen]
        return replace(self._refuse(case, row, attempt, "stale", missing, act), changed=changed)

    # --- acts of the clock -----------------------------------------------------------------------------------------

    def due(self, limit: int = 100) -> list[int]:
        """Timers that have run out and are not struck yet, the longest overdue first."""
        with Session(self.engine) as session:
            return list(
                session.scalars(
                    select(Timer.id)
                    .where(Timer.status == "running", Timer.due_at < self.now())
                    .order_by(Timer.due_at, Timer.id)
                    .limit(limit)
                )
            )

    def strike(self, timer_id: int) -> bool:
        """Lets the clock act on one timer, in one transaction. False when somebody else already did, or it is not due.

        Where another of the same ticket ran out before, that one is struck: were they noted in another order than they
        ran out in, a limit that ends the ticket would drop those that had been missed until then.
        """
        with transaction(self.engine) as session:
            timer = session.get(Timer, timer_id, with_for_update=True)
            at = self.now()
            if timer is None or timer.status != "running" or timer.due_at >= at:
                return False
            row = session.get(Ticket, timer.ticket_id, with_for_update=True)
            assert row is not None
            running = select(Timer).where(Timer.ticket_id == row.id, Timer.status == "running")
            first = session.scalars(running.order_by(Timer.due_at, Timer.id).limit(1)).one()
            workflow = self.workflows[row.kind]
            deadline = workflow.deadlines[first.deadline]
            record.struck(session, first.id, at)
            case = self._case(session, row, at)
            action = workflow.actions[deadline.missed]
            attempt = case.attempt(action.name, THE_CLOCK, None, gather.ticket_fact(row))
            attempt = replace(attempt, fields=run_out(deadline, attempt, first.due_at))
            decision = decide(workflow, attempt)
            if isinstance(decision, Accepted):
                written = record.write_acceptance(session, row, workflow, attempt, decision, door="clock")
                self._consequences(case, row, attempt, decision, written, "clock")
            else:
                record.write_refusal(
                    session,
                    row,
                    attempt,
                    clause=action.clause,
                    reason=decision.reason,
                    missing=record.shortfalls(decision.missing),
                    door="clock",
                )
            return True

    # --- inside ----------------------------------------------------------------------------------------------------

    def _case(self, session: Session, row: Ticket, at: datetime) -> _Case:
        workflow, contract = self.workflows[row.kind], self.contracts[row.contract_key]
        found = gather.facts(session, row, contract=contract, workflow=workflow, at=at, unseal=self.unseal)
        return _Case(session, row, workflow, contract, found, at)

    def unseal(self, context: str, sealed: str) -> str:
        """Opens what the keyring sealed."""
        return self.keyring.sealer.open(context, sealed)

    def _consequences(
        self, case: _Case, row: Ticket, attempt: Attempt, accepted: Accepted, written: Written, door: str
    ) -> None:
        """What follows outside the ticket itself, in the same transaction."""
        action = accepted.action
        if action.asks_back:
            effects.ask_back(
                case.session, self.keyring, row, attempt, within=attempt.edition.duration(action.asks_back)
            )
        if action.answers_back:
            effects.answer_back(case.session, row, attempt, holds=attempt.edition.duration(action.answers_back))
        for effect in accepted.effects:
            if isinstance(effect, effects.OpenLinked):
                self._open_linked(case, row, attempt, effect, written, door)
            else:
                effects.apply(case.session, row, written.event, effect)

    def _beside(self, case: _Case, attempt: Attempt, kind: str) -> tuple[_Case, Actor]:
        """Another ticket of the contract, about to be opened in the name of the same actor."""
        workflow, contract, session = self.workflows[kind], case.contract, case.session
        found = gather.facts(session, None, contract=contract, workflow=workflow, at=case.at, unseal=self.unseal)
        account = attempt.actor.account
        actor = actor_of(case.facts.mandates, account, workflow.opening) if account is not None else THE_CLOCK
        return _Case(session, None, workflow, contract, found, case.at), actor

    def _unlinkable(self, case: _Case, attempt: Attempt, accepted: Accepted) -> Sequence[Mapping[str, Any]]:
        """What is missing for the tickets that the act would open. If one may not be opened, the act may not be done."""
        missing: list[Mapping[str, Any]] = []
        for effect in accepted.effects:
            if isinstance(effect, effects.OpenLinked):
                weighed = self._weighed(*self._beside(case, attempt, effect.kind), plain(effect.fields))
                missing += weighed.missing if isinstance(weighed, Outcome) else ()
        return missing

    def _open_linked(
        self, case: _Case, row: Ticket, attempt: Attempt, effect: effects.OpenLinked, written: Written, door: str
    ) -> None:
        outcome = self._opened(*self._beside(case, attempt, effect.kind), plain(effect.fields), door)
        if not outcome.accepted:
            raise LinkedTicketRefused(effect.kind, outcome)
        effects.link(case.session, row, str(outcome.number), effect.relation, written.event)


class LinkedTicketRefused(RuntimeError):
    """A declaration fills in a linked ticket as its form does not allow: a fault of ours; everything is rolled back."""


_FILE_FAULT = {"field": "file", "says": to_data(Words("A file belongs to this act, and to no other."))}


def _file_fields(file: FileFact | None) -> dict[str, Any]:
    if file is None:
        return {}
    return {"file": {"name": file.name, "digest": file.digest, "media_type": file.media_type, "size": file.size}}


def _accepted(written: Written) -> Outcome:
    return Outcome(
        "accepted",
        number=written.ticket.number,
        ticket=ticket_data(written.ticket),
        event=event_data(written.event),
        receipt=written.receipt,
    )


def _refused(result: str, written: Written, **more: Any) -> Outcome:
    return Outcome(
        result,
        number=written.ticket.number,
        ticket=ticket_data(written.ticket),
        event=event_data(written.event),
        receipt=written.receipt,
        **more,
    )
