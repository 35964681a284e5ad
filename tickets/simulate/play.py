"""The play: tickets are opened, people look at them and act, each thing at its moment, with the clockwork in between."""

from __future__ import annotations

import heapq
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from auth import factor, totp
from auth.models import Person
from auth.records import Refusal
from auth.signin import totp_secret
from database import glance, reading, transaction
from tickets import gather
from tickets.acts import Act, Outcome
from tickets.models import Ticket
from tickets.simulate import announcing
from tickets.simulate.cast import CHARACTERS, USUAL, Absences, Character
from tickets.simulate.choosing import Choice, Sitting, choose, tried
from tickets.simulate.clockwork import Clockwork
from tickets.simulate.pace import LONGEST, delay, in_office
from tickets.simulate.place import Place
from tickets.simulate.plan import RECENTLY, Plan, chance
from workflow.attempt import Facts
from workflow.declare import DESK, Workflow

LOOKS_IN_VAIN = 40
"""After so many looks at which nobody could lead a ticket on it is left alone, and told of at the end."""
PATIENCE = 15
HANDS_OFF = 0.98
"""How often people wait for the clock where it is its turn."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=30), timedelta(days=3)


@dataclass(frozen=True)
class Seen:
    """A ticket as it was looked at."""

    row: Ticket
    workflow: Workflow
    facts: Facts


class Play:
    """One run. `outcomes` counts what the desk answered, `faults` holds what should never have happened."""

    def __init__(self, place: Place, plan: Plan) -> None:
        self.place, self.plan = place, plan
        self.dice = chance(plan.seed, "play")
        self.clockwork = Clockwork(place, plan, chance(plan.seed, "workers"))
        self.absences = Absences(plan, place.people)
        self.characters: Mapping[int, Character] = {
            account: CHARACTERS.get(username, USUAL) for username, account in place.people.items()
        }
        self.outcomes: Counter[str] = Counter()
        self.faults: list[str] = []
        self.left_alone: set[str] = set()
        self._secrets: dict[int, str] = {}
        self._vain: Counter[str] = Counter()
        self._things: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order, self._keys, self._last_ticket = 0, 0, 0

    # --- what happens when ---------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Everything until the plan's end; then the workers note what has run out by then."""
        self._arrivals()
        announcing.announce(self.place, self.plan, self._later)
        while self._things and self._things[0][0] < self.plan.ends_at:
            at, _, thing = heapq.heappop(self._things)
            outage = self.plan.outage(at)
            if outage is not None and outage.desk:
                self._later(outage.ends_at + timedelta(minutes=self.dice.uniform(1, 40)), thing)
                continue
            self.clockwork.run_until(at)
            try:
                thing()
            except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for: told at the end, nothing hidden
                self.faults.append(f"{self.place.clock.now().isoformat()}: {traceback.format_exc(limit=-6)}")
        self.clockwork.run_until(self.plan.ends_at)
        self.clockwork.finish()

    def _later(self, at: datetime, thing: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._things, (at, self._order, thing))

    def _in(self, wait: timedelta, thing: Callable[[], None]) -> None:
        self._later(self.place.clock.true + wait, thing)

    def _arrivals(self) -> None:
        """Most tickets come on working days and in office hours, some at any hour of any day."""
        calendar, dice = self.place.contract.calendar, chance(self.plan.seed, "arrivals")
        kinds = sorted(self.place.desk.offered(self.place.key))
        shares = self.plan.shares
        rarest, span = min(shares.values()), (self.plan.arrivals_until or self.plan.ends_at) - self.plan.starts_at
        for number in range(self.plan.tickets + self.plan.recent):
            at = self.plan.starts_at + span * dice.random()
            if number >= self.plan.tickets:
                at = self.plan.ends_at - RECENTLY * dice.random()
            elif dice.random() < 0.7:
                at = in_office(dice, calendar, at) + timedelta(minutes=dice.uniform(0, 60))
            kind = dice.choices(kinds, [shares.get(kind, rarest) for kind in kinds])[0]
            self._later(at, partial(self._open, kind))

    # --- opening ------------------------------------------------------------------------------------------------------

    def _open(self, kind: str) -> None:
        workflow, contract, at = self.place.desk.workflows[kind], self.place.contract, self.place.clock.now()
        with reading(self.place.engine) as session:
            facts = gather.facts(
                session, None, contract=contract, workflow=workflow, at=at, unseal=self.place.desk.unseal
            )
        able = [m for m in facts.mandates if m.role in workflow.opening.by and m.account not in self._away(at)]
        for held in self.dice.sample(able, len(able)):
            fact = gather.unopened(workflow, gather.actor_of(facts.mandates, held.account, workflow.opening), at)
            found = tried(Sitting(workflow, fact, facts, contract.at(at), at), workflow.opening, held, self.dice)
            if isinstance(found, Choice):
                self._act(Act(held.account, workflow.opening.name, self._key(), kind=kind, contract=self.place.key,
                              fields=found.fields))  # fmt: skip
                self._adopt()
                return
        self.outcomes["not opened"] += 1

    def _adopt(self) -> None:
        """Looks at tickets that were opened since, by whomever."""
        with glance(self.place.engine) as session:
            rows = session.execute(
                select(Ticket.id, Ticket.number).where(Ticket.id > self._last_ticket).order_by(Ticket.id)
            ).all()
        for row in rows:
            self._last_ticket = row.id
            self._look_again(row.number, timedelta(seconds=1))

    # --- looking ------------------------------------------------------------------------------------------------------

    def _look_again(self, number: str, wait: timedelta) -> None:
        self._in(wait, partial(self._look, number))

    def _seen(self, number: str) -> Seen:
        with reading(self.place.engine) as session:
            row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            workflow = self.place.desk.workflows[row.kind]
            facts = gather.facts(
                session, row, contract=self.place.contract, workflow=workflow, at=self.place.clock.now(),
                unseal=self.place.desk.unseal,
            )  # fmt: skip
        return Seen(row, workflow, facts)

    def _look(self, number: str) -> None:
        """Somebody looks at the ticket, and decides what to do and when."""
        seen, now = self._seen(number), self.place.clock.now()
        if seen.row.final and (self.dice.random() > 0.15 or self._vain[number] > LOOKS_IN_VAIN):
            return
        if seen.row.awaits == DESK.name and seen.row.due_at is not None and self.dice.random() < HANDS_OFF:
            # It is the clock's turn: people wait for it, though one of them may step in.
            self._look_again(number, max(seen.row.due_at - now, timedelta()) + timedelta(minutes=1))
            return
        edition, when = self.place.contract.at(seen.row.opened_at), partial(self._when, seen)
        sitting = Sitting(seen.workflow, gather.ticket_fact(seen.row), seen.facts, edition, now)
        patient = self._vain[number] < PATIENCE
        found = choose(sitting, self.dice, self.characters, self._away(now), when, patient)
        self._vain[number] = 0 if found.moves else self._vain[number] + 1
        if found.choice is None:
            self._wait(number, seen, found.opens_at)
        else:
            self._in(max(found.choice.at - now, timedelta(seconds=1)), partial(self._do, found.choice, seen))

    def _wait(self, number: str, seen: Seen, opens_at: datetime | None) -> None:
        """Nobody can lead it on now: it is looked at again when something opens or runs out, or after a while."""
        if seen.row.final:
            return
        if self._vain[number] > LOOKS_IN_VAIN:
            self.left_alone.add(number)
            return
        now = self.place.clock.now()
        wait = min(FIRST_WAIT * 2 ** min(self._vain[number], 12), LONGEST_WAIT) * self.dice.uniform(0.7, 1.3)
        if opens_at is not None and opens_at - now < LONGEST:
            wait = opens_at - now + timedelta(seconds=self.dice.randint(30, 300))
        elif seen.row.due_at is not None and seen.row.due_at > now:
            wait = min(wait, max((seen.row.due_at - now) / 3, timedelta(minutes=2)))
        self._look_again(number, wait)

    def _when(self, seen: Seen, account: int) -> datetime:
        now = self.place.clock.now()
        lapses = [one.expires_at for one in seen.facts.identity if one.method == factor.CALL_BACK]
        lapses_at = min((one for one in lapses if one > now), default=now + LONGEST)
        character = self.characters.get(account, USUAL)
        return now + delay(character, self.dice, self.place.contract.calendar, now, seen.row.due_at, lapses_at)

    def _away(self, at: datetime) -> list[int]:
        return [account for account in self.characters if self.absences.has(account, at)]

    # --- acting -------------------------------------------------------------------------------------------------------

    def _do(self, choice: Choice, seen: Seen) -> None:
        """Somebody does what they had in mind, or in their carelessness something like it."""
        action = seen.workflow.actions[choice.action]
        if choice.proves and not self._is_careless(choice.account):
            self._prove(choice.account, seen.row)
        file = self.place.file(choice.paper) if action.takes_file else None
        version = None if action.quiet else seen.row.version
        act = Act(choice.account, choice.action, self._key(), number=seen.row.number, version=version,
                  fields=choice.fields, file=file)  # fmt: skip
        if self._is_careless(choice.account):
            act = self._spoilt(act, seen)
        outcome = self._act(act)
        if action.effects and outcome.accepted:
            self._adopt()
        # Who was refused reads why before anybody tries again.
        pause = timedelta(seconds=2) if outcome.accepted else timedelta(minutes=self.dice.uniform(1, 9))
        self._look_again(seen.row.number, pause)

    def _is_careless(self, account: int) -> bool:
        return self.dice.random() < self.characters.get(account, USUAL).careless

    def _spoilt(self, act: Act, seen: Seen) -> Act:
        """The act as somebody gets it wrong: on an old page, a field forgotten, in another's place, or too early."""
        how = self.dice.randrange(4)
        if how == 0:
            return replace(act, version=max(0, seen.row.version - 1))
        if how == 1 and act.fields:
            left = sorted(act.fields)
            left.remove(self.dice.choice(left))
            return replace(act, fields={name: act.fields[name] for name in left})
        if how == 2:
            return replace(act, account=self.dice.choice(sorted(self.characters)))
        other = self.dice.choice([a.name for a in seen.workflow.actions.values() if a.source is not None])
        return replace(act, action=other, fields={}, file=None)

    def _act(self, act: Act) -> Outcome:
        outcome = self.place.desk.act(act)
        self.outcomes[outcome.result] += 1
        if self.dice.random() < 0.02:
            again = self.place.desk.act(act)
            if outcome.result not in ("unknown", "key_reused") and (
                again.data() != outcome.data() or not again.replayed
            ):
                self.faults.append(f"{act.number} {act.action}: the same request got another answer the second time")
        return outcome

    def _prove(self, account: int, row: Ticket) -> None:
        """Proves the second factor, with a code of the moment that was not used yet."""
        with reading(self.place.engine) as session:
            person = session.get_one(Person, account)
        secret = self._secrets.setdefault(account, str(totp_secret(self.place.keyring, person)))
        clock = self.place.clock
        while (code := totp.usable_code(secret, clock.now(), person.totp_last_step)) is None:
            clock.true += timedelta(seconds=totp.STEP_SECONDS)
        edition = self.place.contract.at(row.opened_at)
        with transaction(self.place.engine) as session:
            proved = factor.prove_factor(
                session, self.place.keyring, account, code, ticket_id=row.id, content_digest=row.seen,
                at=clock.now(), valid_for=edition.duration("identity.factor_valid"),
            )  # fmt: skip
        if isinstance(proved, Refusal):
            self.outcomes[f"factor_{proved.reason}"] += 1

    def _key(self) -> str:
        self._keys += 1
        return f"simulated-{self._keys}"
