"""One desk under everything that people and time can do to it, drawn by hypothesis; what must hold is looked at after each step.

Who knows what to do is `tickets.simulate.choosing`: so the walk comes deep into each duty. Beside that anybody tries
anything, requests are sent again, pages are old, mandates end and begin, texts are edited, the clock goes on, stands before
what has run out, and is set. One act in twenty goes through HTTP.

The model is pure: `decide` says beforehand what comes of an act, and the accepted events alone say how the ticket stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from database import reading
from tests.api.house import ADMINISTRATORS, STRANGERS, House
from tests.api.http_stage import HttpStage
from tests.stage import CAST, Stage
from tickets import gather, worker
from tickets.acts import Act, Outcome
from tickets.intake import parse
from tickets.models import Event, Ticket, Timer
from tickets.record import FileFact
from tickets.simulate import checks
from tickets.simulate.choosing import Choice, Sitting, choose, tried
from tickets.simulate.filling import CannotFill, Filling, fill
from workflow.canonical import plain
from workflow.decide import Accepted, Refused, decide
from workflow.declare import ROLES
from workflow.effects import OpenLinked

SEEDS = st.integers(0, 2**32 - 1)
WAITS = [timedelta(**span) for span in (
    {"seconds": 1}, {"minutes": 4}, {"minutes": 11}, {"minutes": 40}, {"hours": 3}, {"hours": 20}, {"days": 2}, {"days": 15},
)]  # fmt: skip
THROUGH_HTTP = 20
SECOND_ACCOUNTS = {"staff1": "client.approver", "engineer1": "supplier.manager", "approver1": "supplier.desk"}
"""Whose second account holds what: the last is somebody of both parties, who must not do anything while it is so."""
NOTHING_COMES_OF = ("stale", "not_now", "not_yours", "missing", "invalid", "unknown", "key_reused")


OFTEN = {
    "somebody_leads_on": 20, "anybody_tries_anything": 8, "time_goes_on": 4, "an_old_page_is_sent": 2,
    "a_request_is_sent_again": 2, "a_mandate_ends_or_begins_anew": 2, "everybody_is_back": 2, "somebody_opens": 1,
    "the_clock_is_set_back": 1,
}  # fmt: skip
"""What happens how often, beside one another."""


class Walk(RuleBasedStateMachine):
    """See the module. `house` is set by whoever runs it."""

    house: House
    told: Callable[[str], None] = staticmethod(lambda _what: None)
    """Is told what was done, for figures."""

    @initialize()
    def begins(self) -> None:
        self.house.as_kept()
        self.stage = HttpStage(self.house)
        self.desk = self.house.room.desk
        self.kinds = sorted(kind for kind in self.desk.offered(self.house.contract) if kind != "visit")
        self.numbers: list[str] = []
        self.touched: set[str] = set()
        self.sent: list[tuple[Act, Outcome]] = []
        self.without: set[str] = set()
        self.acts = 0
        for username in ("staff1", "engineer1"):
            self.stage.second_account(username, SECOND_ACCOUNTS[username])

        for kind in self.kinds:
            self.somebody_opens(len(self.numbers), kind)

    @rule(what=st.sampled_from([name for name, often in OFTEN.items() for _ in range(often)]), seed=SEEDS)
    def something_happens(self, what: str, seed: int) -> None:
        getattr(self, what)(seed)
        self.told(what)

    # --- what people do --------------------------------------------------------------------------------------------------

    def somebody_opens(self, seed: int, kind: str = "") -> None:
        dice = Random(seed)
        kind = kind or dice.choice(self.kinds)
        workflow, at = self.desk.workflows[kind], self.house.at
        facts = self._facts(None, kind)
        able = [held for held in facts.mandates if held.role in workflow.opening.by]
        for held in dice.sample(able, len(able)):
            fact = gather.unopened(workflow, gather.actor_of(facts.mandates, held.account, workflow.opening), at)
            sitting = Sitting(workflow, fact, facts, self.stage.contract.at(at), at)
            found = tried(sitting, workflow.opening, held, dice)
            if isinstance(found, Choice):
                act = Act(
                    held.account,
                    found.action,
                    self._key(),
                    kind=kind,
                    contract=self.house.contract,
                    fields=found.fields,
                )
                assert self._send(act).accepted
                return

    def somebody_leads_on(self, seed: int) -> None:
        """The act that comes to the mind of somebody whose act it is, done rightly."""
        dice = Random(seed)
        number = dice.choice(self.numbers)
        self._strike(number)
        sitting = self._sitting(number)
        if self.stage.row(number).final and dice.random() < 0.8:
            return
        found = choose(sitting, dice, {}, [], lambda _account: self.house.at, patient=dice.random() < 0.8)
        if found.choice is None:
            return
        if found.choice.proves:
            Stage.prove(self.stage, number, self._name(found.choice.account))
        outcome = self._send(self._act(number, found.choice))
        assert outcome.accepted, (found.choice, outcome)

    def anybody_tries_anything(self, seed: int) -> None:
        dice = Random(seed)
        number = dice.choice(self.numbers)
        sitting = self._sitting(number)
        action = dice.choice(list(sitting.workflow.actions.values()))
        by = dice.choice([*CAST, *STRANGERS, *ADMINISTRATORS, *(f"{one}_too" for one in ("staff1", "engineer1"))])
        account = self.house.ids[by]
        try:
            fields = plain(fill(action, Filling(dice, sitting.workflow, sitting.attempt(action.name, account))))
        except (CannotFill, KeyError, TypeError, IndexError):
            fields = {}
        if fields and dice.random() < 0.2:
            fields.pop(dice.choice(sorted(fields)))
        if dice.random() < 0.7 and by not in (*STRANGERS, *ADMINISTRATORS):
            Stage.prove(self.stage, number, by)
        choice = Choice(account, action.name, fields, self.house.at, paper=str(fields.get("paper", "")))
        self._send(self._act(number, choice))

    def a_request_is_sent_again(self, seed: int) -> None:
        """The first answer once more, or nothing that could be seen; and under the same key nothing else is done."""
        dice = Random(seed)
        if not self.sent:
            return
        act, first = dice.choice(self.sent[-30:])
        if first.result == "unknown":
            return  # Of what nobody may know of no answer is kept: later, when it may be known, it is judged as it is then.
        before = self.house.digest()
        again = self.desk.act(act)
        assert again.result == "unknown" or (again.replayed and again.data() == first.data()), (act, first, again)
        other = replace(act, fields={**act.fields, "reason": "另一内容"})
        assert self.desk.act(other).result in ("key_reused", "unknown")
        assert self.house.digest() == before

    def an_old_page_is_sent(self, seed: int) -> None:
        dice = Random(seed)
        number = dice.choice(self.numbers)
        row = self.stage.row(number)
        found = choose(self._sitting(number), dice, {}, [], lambda _account: self.house.at)
        if found.choice is None or row.version == 1:
            return
        action = self.desk.workflows[row.kind].actions[found.choice.action]
        if found.choice.proves:
            Stage.prove(self.stage, number, self._name(found.choice.account))
        act = replace(self._act(number, found.choice), version=dice.randrange(1, row.version))
        outcome = self._send(act)
        assert outcome.result == "stale" or action.quiet, outcome

    # --- mandates and time -----------------------------------------------------------------------------------------------

    def a_mandate_ends_or_begins_anew(self, seed: int) -> None:
        who = Random(seed).choice(sorted(CAST))
        self.stage.change_mandate(who, revoked_at=None if who in self.without else self.house.at)
        self.without ^= {who}

    def everybody_is_back(self, _seed: int) -> None:
        for who in self.without:
            self.stage.change_mandate(who, revoked_at=None)
        self.without.clear()

    def time_goes_on(self, seed: int) -> None:
        """Mostly as long as until something is due or opens; the workers may be off, and what is late is struck later."""
        dice = Random(seed)
        self.house.at += dice.choice(WAITS)
        if dice.random() < 0.6:
            worker.turn(self.desk, "walk")
            self.touched |= set(self.numbers)

    def the_clock_is_set_back(self, seed: int) -> None:
        self.house.at -= timedelta(milliseconds=Random(seed).randint(1, 2000))

    # --- what must hold --------------------------------------------------------------------------------------------------

    @invariant()
    def the_record_is_whole(self) -> None:
        """Of each ticket that was touched: its row is what its events come to, their numbers are without a gap, each limit
        was struck once and none early, and everybody who did something was entitled to it."""
        for number in sorted(getattr(self, "touched", ())):
            self._strike(number)
            with reading(self.house.engine) as session:
                row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
                history = checks.history_with(session, self.desk, row.id, (), self.house.at)
            for name, check in checks.OF_A_TICKET.items():
                assert list(check(history)) == [], (number, name, list(check(history)))
            for event in history.events:
                stands(history.workflow.actions, event)
        if hasattr(self, "touched"):
            self.touched.clear()

    # --- inside ----------------------------------------------------------------------------------------------------------

    def _facts(self, number: str | None, kind: str) -> Any:
        with reading(self.house.engine) as session:
            row = None if number is None else session.scalars(select(Ticket).where(Ticket.number == number)).one()
            return gather.facts(
                session, row, contract=self.stage.contract, workflow=self.desk.workflows[kind], at=self.house.at,
                unseal=self.desk.unseal,
            )  # fmt: skip

    def _sitting(self, number: str) -> Sitting:
        row = self.stage.row(number)
        edition = self.stage.contract.at(row.opened_at)
        return Sitting(
            self.desk.workflows[row.kind],
            gather.ticket_fact(row),
            self._facts(number, row.kind),
            edition,
            self.house.at,
        )

    def _act(self, number: str, choice: Choice) -> Act:
        row = self.stage.row(number)
        action = self.desk.workflows[row.kind].actions[choice.action]
        file = FileFact("0" * 64, "file.pdf", "application/pdf", 8) if action.takes_file else None
        version = None if action.quiet else row.version
        return Act(
            choice.account, choice.action, self._key(), number=number, version=version, fields=choice.fields, file=file
        )

    def _key(self) -> str:
        self.acts += 1
        return f"walk-{self.acts}"

    def _name(self, account: int) -> str:
        return next(name for name, number in self.house.ids.items() if number == account)

    def _send(self, act: Act) -> Outcome:
        """Acts, at the desk or through HTTP; what comes of it is what `decide` says of it, and a refusal changes nothing."""
        if act.number is not None:
            self._strike(act.number)
        before = self.house.digest(act.number)
        judged = self._judged(act)
        over_http = self.acts % THROUGH_HTTP == 0 and act.file is None
        outcome = self._over_http(act) if over_http else self.desk.act(act)
        self.told(outcome.result)
        if not outcome.accepted:
            assert outcome.result in NOTHING_COMES_OF, outcome
            assert self.house.digest(act.number) == before, (act, outcome)
        if judged is not None and outcome.result not in ("stale", "invalid", "unknown"):
            assert outcome.accepted == isinstance(judged, Accepted), (act, outcome, judged)
            assert outcome.accepted or outcome.result == getattr(judged, "reason", ""), (outcome, judged)
        if outcome.accepted:
            self._adopt()
        self.touched |= {outcome.number} if outcome.number in self.numbers else set()
        if not over_http:
            self.sent.append((act, outcome))
        return outcome

    def _judged(self, act: Act) -> Accepted | Refused | None:
        """What the declaration says of it, from the facts as they lie there; None where it is not asked."""
        if act.number is None or act.version not in (None, self.stage.row(act.number).version):
            return None
        sitting = self._sitting(act.number)
        action = sitting.workflow.actions[act.action]
        fields, errors = parse(action, act.fields)
        if errors:
            return None
        told = {"name": "file.pdf", "digest": "0" * 64, "media_type": "application/pdf", "size": 8}
        filled = {**fields, **({"file": told} if action.takes_file else {})}
        judged = decide(sitting.workflow, replace(sitting.attempt(act.action, act.account), fields=filled))
        opens = isinstance(judged, Accepted) and any(isinstance(effect, OpenLinked) for effect in judged.effects)
        return None if opens else judged

    def _over_http(self, act: Act) -> Outcome:
        """The same request at the API's door, and once more: the second time nothing is done and the first answer is told."""
        by = self._name(act.account)
        if act.number is None:
            path: str = "/tickets"
            body: dict[str, Any] = {
                "kind": act.kind,
                "action": act.action,
                "contract": act.contract,
                "fields": act.fields,
            }
        else:
            path = f"/tickets/{act.number}/actions/{act.action}"
            version = self.stage.row(act.number).version if act.version is None else act.version
            body = {"version": version, "fields": act.fields}
        answer = self.house.post(path, body, by, key=act.key)
        again = self.house.post(path, body, by, key=act.key)
        assert (again.status_code, again.get_json()) == (answer.status_code, answer.get_json())
        return self.stage._outcome(answer)

    def _adopt(self) -> None:
        """Takes up tickets that were opened since, by whomever."""
        with reading(self.house.engine) as session:
            self.numbers = list(session.scalars(select(Ticket.number).order_by(Ticket.id)))
        self.touched |= set(self.numbers[-3:])

    def _strike(self, number: str) -> None:
        """What has run out on the ticket is struck first, as the desk would: so that what is judged beforehand is judged
        on the ticket as the act will find it."""
        late = (
            select(Timer.id).join(Ticket, Ticket.id == Timer.ticket_id)
            .where(Ticket.number == number, Timer.status == "running", Timer.due_at < self.house.at).limit(1)
        )  # fmt: skip
        while True:
            with reading(self.house.engine) as session:
                timer = session.scalar(late)
            if timer is None:
                return
            self.desk.strike(timer)
            self.touched.add(number)


def stands(actions: Mapping[str, Any], event: Event) -> None:
    """Whoever is on record as having done something was entitled to it; what nobody did, the clock did (G1, G4)."""
    if event.action not in actions:
        assert event.account_id is None, "what is no act of the duty is a note of the desk's own"
        return
    action = actions[event.action]
    if event.account_id is None:
        assert action.by_clock, f"{event.action} was done by nobody"
        return
    assert not (event.accepted and action.by_clock), f"{event.action} is the clock's, and {event.name} did it"
    if event.accepted:
        assert event.role in {role.name for role in action.by}, f"{event.name} did {event.action} as {event.role}"
        assert event.party == ROLES[event.role].party.name
    else:
        assert event.reason, "a refusal says why"
