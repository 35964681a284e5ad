"""The one door. Pages, API, commands and the clock bring every attempt here; nobody else changes a ticket.

One act is one transaction: the write lock is taken, facts are gathered, `decide` judges, `record` writes, and only then
the answer leaves. A deadline that has passed unnoticed is struck first, in a transaction of its own, so that a breach
never depends on how fast the worker was. The desk names no kind of ticket, no state and no action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from auth.records import Keyring
from database import once_more, transaction
from tickets import effects, gather, record, recount, striking
from tickets.acts import Act, Outcome, event_data, ticket_data
from tickets.case import Beside, Case, LinkedTicketRefused, beside, lock_log, locked, new_row, weighed
from tickets.contracts import contracts_now
from tickets.gather import actor_of
from tickets.intake import parse
from tickets.models import Answer, Event, Ticket
from tickets.pen import Pen, Salt, new_salt, pen
from tickets.record import FileFact, Written
from workflow.attempt import Attempt
from workflow.contract import Contract
from workflow.decide import Accepted, Refused, Shortfall, decide
from workflow.declare import Action, Label, Words, Workflow
from workflow.fit import lacking
from workflow.wording import to_data


class _ClockFirst(Exception):
    """Deadlines of the ticket have passed unnoticed; the transaction is given up so that the clock can act before."""

    def __init__(self, timers: Sequence[int]) -> None:
        super().__init__(timers)
        self.timers = timers


class Desk:
    """The contracts, the workflows and the records behind one door. Thread-safe: it holds no state of its own."""

    def __init__(
        self,
        engine: Engine,
        keyring: Keyring,
        now: Callable[[], datetime],
        contracts: Mapping[str, Contract],
        workflows: Mapping[str, Workflow],
        salt: Salt = new_salt,
    ) -> None:
        self.engine, self.keyring, self.now, self.salt = engine, keyring, now, salt
        self.contracts, self.workflows = contracts, workflows

    def offered(self, contract_key: str) -> dict[str, Workflow]:
        """The workflows that this contract can carry: it has their clauses and their figures."""
        contract = self.contracts.get(contract_key)
        return {kind: w for kind, w in self.workflows.items() if contract is not None and not lacking(w, contract)}

    # --- acts of persons -------------------------------------------------------------------------------------------

    def act(self, act: Act) -> Outcome:
        """Judges and records one act of a person. Every answer but "unknown" and "key_reused" is remembered under its key."""
        if act.number is not None and not act.number.isprintable():
            return Outcome("unknown")  # No ticket has such a number, and PostgreSQL would not even look for a NUL.
        while True:
            try:
                return once_more(lambda: self._acted(act))
            except _ClockFirst as late:
                for timer in late.timers:
                    striking.strike_or_set_aside(self, timer)

    def _acted(self, act: Act) -> Outcome:
        with transaction(self.engine) as session, pen(session, self.salt) as taken:
            return self._answer(taken, act)

    def _answer(self, taken: Pen, act: Act) -> Outcome:
        session = taken.session
        row = locked(session, Ticket.number == act.number) if act.number is not None else None
        if act.number is None and act.contract is not None and act.contract in self.contracts:
            lock_log(session, act.contract)
        before = session.get(Answer, (act.account, act.key))
        at = self.now()  # Not before the lock is held: whoever waited for another acts after the other.
        if before is not None:
            return self._again(session, act, before, at)
        outcome = self._open(taken, act, at) if act.number is None else self._move(taken, row, act, at)
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

    def _open(self, taken: Pen, act: Act, at: datetime) -> Outcome:
        workflow = self.workflows.get(act.kind or "")
        contract = self.contracts.get(act.contract or "")
        if workflow is None or contract is None or workflow.opening.name != act.action or lacking(workflow, contract):
            return Outcome("unknown")
        found = gather.facts(taken.session, None, contract=contract, workflow=workflow, at=at, unseal=self.unseal)
        case = Case(taken, None, workflow, contract, found, at)
        actor = actor_of(case.facts.mandates, act.account, workflow.opening)
        if not actor.roles:
            return Outcome("unknown")
        faults = [*act.faults, *([_FILE_FAULT] if act.file is not None else [])]
        judged = weighed(case, actor, act.fields, faults)
        if isinstance(judged, Outcome):
            return judged
        return _accepted(self._opened(case, *judged, act.door))

    def _opened(self, case: Case, attempt: Attempt, decision: Accepted, door: str) -> Written:
        """Writes the opening of a ticket that was judged to be permitted."""
        row = new_row(case, attempt.actor)
        others = beside(case, attempt, decision, self.workflows)
        if isinstance(others, Outcome):
            raise LinkedTicketRefused(case.workflow.kind, others)
        written = record.write_acceptance(case.pen, row, case.workflow, attempt, decision, door=door)
        self.consequences(case, row, attempt, decision, written, door, others)
        return written

    def _move(self, taken: Pen, row: Ticket | None, act: Act, at: datetime) -> Outcome:
        if row is None or row.kind not in self.workflows:
            return Outcome("unknown")
        workflow = self.workflows[row.kind]
        action = workflow.actions.get(act.action)
        case = self.case(taken, row, at, act.action)
        if action is None or gather.hidden(row, case.facts.mandates, act.account):
            return Outcome("unknown", number=act.number)
        if any(recount.is_behind(t, case.contract) for t in case.facts.timers) and self.counted_again(taken, row, at):
            case = self.case(taken, row, at, act.action)
        late = [t.id for t in case.facts.timers if t.status == "running" and t.due_at < at]
        if late:
            raise _ClockFirst(late)
        return self._judge(case, row, action, act)

    def _judge(self, case: Case, row: Ticket, action: Action, act: Act) -> Outcome:
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
                case.pen, row, attempt, clause=action.clause, reason="invalid", missing=errors, door=act.door
            )
            return _refused("invalid", written, errors=errors)
        if isinstance(decision, Refused):
            missing = record.shortfalls(decision.missing)
            return self._refuse(case, row, attempt, decision.reason, missing, act, alarm=decision.alarm)
        others = beside(case, attempt, decision, self.workflows)
        if isinstance(others, Outcome):
            return self._refuse(case, row, attempt, "missing", others.missing, act)
        written = record.write_acceptance(case.pen, row, case.workflow, attempt, decision, door=act.door, file=act.file)
        self.consequences(case, row, attempt, decision, written, act.door, others)
        return _accepted(written)

    @staticmethod
    def _refuse(
        case: Case,
        row: Ticket,
        attempt: Attempt,
        reason: str,
        missing: Sequence[Mapping[str, Any]],
        act: Act,
        alarm: bool = False,
    ) -> Outcome:
        clause = case.workflow.actions[attempt.action].clause
        written = record.write_refusal(
            case.pen, row, attempt, clause=clause, reason=reason, missing=missing, door=act.door, alarm=alarm
        )
        return _refused(reason, written, missing=missing)

    def _stale(self, case: Case, row: Ticket, attempt: Attempt, action: Action, act: Act) -> Outcome:
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
        return striking.due(self, limit)

    def strike(self, timer_id: int, *, wait: bool = True) -> bool:
        """Lets the clock act on one timer, in one transaction. False when somebody else already did, or it is not due, or
        (without `wait`) somebody else has its ticket or its contract in hand.

        Where another of the same ticket ran out before, that one is struck: were they noted in another order than they
        ran out in, a limit that ends the ticket would drop those that had been missed until then.
        """
        return striking.strike(self, timer_id, wait=wait)

    # --- inside ----------------------------------------------------------------------------------------------------

    def case(self, taken: Pen, row: Ticket, at: datetime, action: str) -> Case:
        """What is known for an attempt at `action` on a ticket that is locked."""
        workflow, contract = self.workflows[row.kind], self.contracts[row.contract_key]
        found = gather.facts(
            taken.session, row, contract=contract, workflow=workflow, at=at, unseal=self.unseal, action=action
        )
        return Case(taken, row, workflow, contract, found, at)

    def counted_again(self, taken: Pen, row: Ticket, at: datetime) -> bool:
        """Counts the limits of a locked ticket by the days that are known now; False where none was behind."""
        contract = contracts_now(self.contracts, taken.session)[row.contract_key]
        return recount.catch_up(taken, row, self.workflows[row.kind], contract, at, self.contracts)

    def unseal(self, context: str, sealed: str) -> str:
        """Opens what the keyring sealed."""
        return self.keyring.sealer.open(context, sealed)

    def consequences(
        self,
        case: Case,
        row: Ticket,
        attempt: Attempt,
        accepted: Accepted,
        written: Written,
        door: str,
        others: Sequence[Beside],
    ) -> None:
        """What follows outside the ticket itself, in the same transaction."""
        action = accepted.action
        if action.asks_back:
            effects.ask_back(
                case.session, self.keyring, row, attempt, within=attempt.edition.duration(action.asks_back)
            )
        if action.answers_back:
            effects.answer_back(case.session, row, attempt, holds=attempt.edition.duration(action.answers_back))
        changing = [effect for effect in accepted.effects if not isinstance(effect, effects.ONLY_TOLD)]
        if changing:
            case.session.flush()  # What follows points to the event.
        for effect in accepted.effects:
            if isinstance(effect, effects.ONLY_TOLD):
                effects.tell(case.pen, row, written.event, effect)
            elif not isinstance(effect, effects.OpenLinked):
                effects.apply(case.session, row, written.event, effect)
        for other in others:
            opened = self._opened(other.case, other.attempt, other.decision, door)
            effects.bind(case.session, row, opened.ticket, other.relation, written.event)


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
