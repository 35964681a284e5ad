"""A desk that is followed: after each act what stands in the tables must be what `workflow.follow` says, from the judgement.

Numbers of rows and the digits of a code are the tables' own; all else has to be the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Any, ClassVar

from database import reading
from tickets import gather
from tickets.acts import Act, Outcome
from tickets.case import Beside, Case
from tickets.desk import Desk
from tickets.models import Ticket
from tickets.record import Written
from workflow.attempt import Attempt, Facts, TicketFact
from workflow.decide import Accepted, Refused, decide
from workflow.follow import follow, refused


class FollowedDesk(Desk):
    """As the desk; `followed` counts the acts that were compared, for whoever doubts that any was."""

    followed = 0
    paused = False
    """While statements are counted, for to compare takes some of its own."""
    compared: ClassVar[set[tuple[object, ...]]] = set()
    """What was compared in this process: scenarios begin alike, and the same act on the same history need not be told twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._last: dict[str, tuple[Attempt, Accepted | Refused]] = {}
        self._lock, self._in_hand, self._crossed = Lock(), 0, False

    def act(self, act: Act) -> Outcome:
        with self._in_turn():
            outcome = super().act(act)
            if not outcome.replayed:
                self._compare()
        return outcome

    def strike(self, timer_id: int, *, wait: bool = True) -> bool:
        with self._in_turn():
            struck = super().strike(timer_id, wait=wait)
            self._compare()
        return struck

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Acts that cross each other are not compared: what stands in the tables after one may be the other's."""
        with self._lock:
            self._in_hand += 1
            self._crossed, self._last = self._in_hand > 1, {}
        try:
            yield
        finally:
            with self._lock:
                self._in_hand -= 1
                self._crossed = self._in_hand > 0

    def consequences(
        self, case: Case, row: Ticket, attempt: Attempt, accepted: Accepted, written: Written, door: str,
        others: Sequence[Beside],
    ) -> None:  # fmt: skip
        super().consequences(case, row, attempt, accepted, written, door, others)
        self._last[row.number] = (attempt, accepted)

    def _judge(self, case: Case, row: Ticket, action: Any, act: Act) -> Outcome:
        outcome = super()._judge(case, row, action, act)
        reason: Any = outcome.result
        if reason not in ("accepted", "unknown"):
            actor = gather.actor_of(case.facts.mandates, act.account, action)
            # The row has been written to; what was attempted was attempted on the ticket as it was, and it has not moved.
            attempt = case.attempt(action.name, actor, None, gather.ticket_fact(row))
            self._last[row.number] = (attempt, Refused(action.name, reason, ()))
        return outcome

    def _compare(self) -> None:
        if FollowedDesk.paused or self._crossed:
            return
        for number, (attempt, decision) in self._last.items():
            if (key := _whole(self.contracts, attempt, decision)) in FollowedDesk.compared:
                continue
            FollowedDesk.compared.add(key)
            with reading(self.engine) as session:
                row = session.query(Ticket).filter_by(number=number).one()
                workflow, contract = self.workflows[row.kind], self.contracts[row.contract_key]
                found = gather.facts(
                    session, row, contract=contract, workflow=workflow, at=attempt.at, unseal=self.unseal
                )
                ticket = gather.ticket_fact(row)
            code = next((one.code for one in reversed(found.identity) if one.code is not None), None)
            if isinstance(decision, Accepted):
                if attempt.action in workflow.actions:
                    again = decide(workflow, replace(attempt))
                    assert isinstance(again, Accepted), "the same attempt gets the same answer for ever"
                before = {link.number for link in attempt.facts.links}
                others = [link.number for link in found.links if link.number not in before]
                told, known = follow(
                    workflow, attempt, decision, self.workflows, number=number, others=others, code=code or ""
                )
            else:
                told, known = attempt.ticket, refused(attempt, decision)
            if attempt.ticket.state is None:  # What opened it beside itself has bound it to itself since.
                known = replace(known, links=tuple(one for one in found.links if one.number in self._last))
            _same(told, known, ticket, found)
            FollowedDesk.followed += 1
        self._last = {}


def _whole(contracts: Mapping[str, Any], attempt: Attempt, decision: Accepted | Refused) -> tuple[object, ...]:
    """All that the consequences of an act can depend on, but the digits of a code: for telling whether it was met before."""
    facts, ticket = attempt.facts, attempt.ticket

    def words(fields: Mapping[str, Any] | None) -> str:
        return repr({name: value for name, value in (fields or {}).items() if name != "code"})

    return (
        *sorted(one.digest for one in contracts.values()), type(decision).__name__, attempt.action, attempt.at, attempt.actor,
        words(attempt.fields), (ticket.kind, ticket.state, ticket.version, ticket.content, words(ticket.fields)),
        tuple((one.action, one.person, one.at, one.accepted, words(one.fields)) for one in facts.history),
        tuple((one.kind, one.version, one.content, one.signatures) for one in facts.papers),
        tuple((one.method, one.person, one.issued_at, one.passed_at) for one in facts.identity),
        facts.timers, facts.links, repr(facts.more.get("supplements")), len(facts.mandates),
    )  # fmt: skip


def _same(told: TicketFact, known: Facts, ticket: TicketFact, found: Facts) -> None:
    assert told == ticket
    assert known.history == found.history
    for name in ("papers", "timers", "identity"):
        assert _without_numbers(getattr(known, name)) == _without_numbers(getattr(found, name)), name
    assert sorted(known.links, key=_number) == sorted(found.links, key=_number)
    for name in ("supplements", "catalogue"):
        if name in known.more:
            assert known.more[name] == found.more[name], name


def _number(link: Any) -> str:
    return str(link.number)


def _without_numbers(facts: Sequence[Any]) -> list[Any]:
    return [replace(one, id=0) for one in facts]
