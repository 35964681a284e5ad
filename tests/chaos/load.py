"""People at work at a desk that is being killed: they open tickets of every kind and lead each on as the declaration has it.

What somebody does next is chosen as in a simulation (`tickets.simulate.choosing`), from what the tables say at that moment;
it is done through the API, in the name of whoever may. Several work on the same tickets, so that they overtake each other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from random import Random
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from auth import totp
from auth.models import Person
from database import reading
from tests.api.house import House, multipart
from tests.chaos.caller import Caller, Request
from tests.chaos.desk import wait
from tests.stage import CAST
from tickets import gather
from tickets.models import Ticket
from tickets.simulate.choosing import Choice, Sitting, choose, tried
from tickets.witness import IDENTIFY
from workflow.declare import Action, Workflow

MOST_OPEN = 24
"""Limits of all of them run out again and again, and the workers must be able to follow."""
CARELESS = 0.08
"""How often somebody acts on an old page, in another's place, or where the ticket is not."""
PAUSE_SECONDS = 0.3


class Load:
    """So many `people` at once, each seeded; they go on until they are told to stop, and settle what is unanswered."""

    def __init__(
        self, house: House, engine: Engine, caller: Caller, now: Callable[[], datetime], seed: int, people: int
    ) -> None:
        self.house, self.engine, self.caller, self.now = house, engine, caller, now
        self.done: Counter[tuple[str, str]] = Counter()
        """Acts that were accepted, by kind of ticket and action."""
        self.broke: list[str] = []
        self._names = {account: name for name, account in house.ids.items() if name in CAST}
        self._desk, self._contract = house.room.desk, house.contract
        self._kinds = sorted(kind for kind in self._desk.offered(house.contract) if kind != "visit")
        self._stop, self._lock, self._seed = Flag(), Lock(), seed
        self._phones = {account: Lock() for account in self._names}
        self._threads = [Thread(target=self._work, args=(one,), daemon=True) for one in range(people)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Nobody begins anything new."""
        self._stop.set()

    def stop(self) -> None:
        """Everybody brings what they asked for to an end."""
        self.end()
        for thread in self._threads:
            thread.join(timeout=90)
        assert not [one for one in self._threads if one.is_alive()], "somebody is still not answered"

    def has_answered(self, many: int) -> bool:
        """Whether so many were answered, or nobody is left to ask."""
        return self.caller.answered >= many or not any(one.is_alive() for one in self._threads)

    def _work(self, person: int) -> None:
        random, done = Random(f"{self._seed}-{person}"), 0
        while not self._stop.is_set():
            try:
                self._turn(random, f"{self._seed}-{person}-{done}")
            except DBAPIError:
                wait(PAUSE_SECONDS)  # Who looks while PostgreSQL is being killed sees nothing.
            except Exception as error:  # noqa: BLE001 - a thread must not end unseen; the finding is told
                self.broke.append(f"a person of the load broke: {error!r}")
                return
            done += 1
            wait(random.random() * PAUSE_SECONDS)

    def _turn(self, random: Random, name: str) -> None:
        with reading(self.engine) as session:
            mine = (Ticket.contract_key == self._contract, Ticket.final.is_(False))
            open_ = session.execute(select(Ticket.number, Ticket.kind).where(*mine).order_by(Ticket.id)).all()
        if len(open_) < MOST_OPEN:
            self._open(random, name, Counter(one.kind for one in open_))
        if open_:
            self._lead_on(random, name, random.choice(open_).number)

    # --- what is done ------------------------------------------------------------------------------------------------

    def _open(self, random: Random, name: str, standing: Counter[str]) -> None:
        """A ticket of the kind of which fewest stand open."""
        kind = min(self._kinds, key=lambda one: (standing[one], random.random()))
        workflow, contract, at = self._desk.workflows[kind], self._desk.contracts[self._contract], self.now()
        with reading(self.engine) as session:
            facts = gather.facts(session, None, contract=contract, workflow=workflow, at=at, unseal=self._desk.unseal)
        able = [held for held in facts.mandates if held.role in workflow.opening.by and held.account in self._names]
        for held in random.sample(able, len(able)):
            fact = gather.unopened(workflow, gather.actor_of(facts.mandates, held.account, workflow.opening), at)
            found = tried(Sitting(workflow, fact, facts, contract.at(at), at), workflow.opening, held, random)
            if isinstance(found, Choice):
                fields, mark = marked(workflow.opening, found.fields, f"{name}-opening")
                body = {"kind": kind, "action": workflow.opening.name, "fields": fields, "contract": self._contract}
                asked = Request(self._names[held.account], workflow.opening.name, "/tickets", _json(body), mark=mark)
                self._ask(random, f"chaos-{name}-opening", asked, kind)
                return

    def _lead_on(self, random: Random, name: str, number: str) -> None:
        at = self.now()
        with reading(self.engine) as session:
            row = session.scalars(select(Ticket).where(Ticket.number == number)).one_or_none()
            if row is None:
                return
            workflow, contract = self._desk.workflows[row.kind], self._desk.contracts[row.contract_key]
            facts = gather.facts(session, row, contract=contract, workflow=workflow, at=at, unseal=self._desk.unseal)
        sitting = Sitting(workflow, gather.ticket_fact(row), facts, contract.at(row.opened_at), at)
        patient = random.random() < 0.8
        choice = choose(sitting, random, {}, (), lambda _account: at, patient).choice
        if choice is None:
            return
        action, version = workflow.actions[choice.action], row.version
        careless = random.random() < CARELESS
        if choice.proves and not careless:
            self._prove(random, name, row, choice.account)
        if careless:
            choice, action, version = self._spoilt(random, choice, workflow, version)
        self._do(random, name, row, choice, action, version)

    def _spoilt(self, random: Random, choice: Choice, workflow: Workflow, version: int) -> tuple[Choice, Action, int]:
        """The act as somebody gets it wrong: on an old page, in another's place, or at another point."""
        how = random.randrange(3)
        if how == 0 or choice.paper:
            return choice, workflow.actions[choice.action], version - 1 or version + 1
        if how == 1:
            return replace(choice, account=random.choice(sorted(self._names))), workflow.actions[choice.action], version
        others = [one for one in workflow.actions.values() if one.source is not None and not one.takes_file]
        other = random.choice(others)
        return replace(choice, action=other.name, fields={}), other, version

    def _do(self, random: Random, name: str, row: Ticket, choice: Choice, action: Action, version: int) -> None:
        by, path = self._names[choice.account], f"/tickets/{row.number}"
        fields, mark = marked(action, choice.fields, name)
        if choice.paper:
            body = multipart({**fields, "version": version}, f"{name}.pdf", f"%PDF-1.7 {name}".encode())
            asked = Request(by, action.name, f"{path}/papers", body, "multipart/form-data; boundary=part", mark)
        else:
            body = _json({"version": version, "fields": fields})
            asked = Request(by, action.name, f"{path}/actions/{action.name}", body, mark=mark)
        self._ask(random, f"chaos-{name}", asked, row.kind)

    def _prove(self, random: Random, name: str, row: Ticket, account: int) -> None:
        """With the code that the telephone shows. It serves once: two who act for one person wait for each other."""
        by = self._names[account]
        with self._phones[account]:
            with reading(self.engine) as session:
                last = session.get_one(Person, account).totp_last_step
            code = totp.usable_code(self.house.secrets[by], self.now(), last)
            if code is None:
                return
            body = _json({"ticket": row.number, "version": row.version, "code": code})
            self._ask(random, f"chaos-{name}-proof", Request(by, IDENTIFY, "/identity-checks", body), row.kind)

    def _ask(self, random: Random, key: str, asked: Request, kind: str) -> None:
        call, _ = self.caller.ask(random, key, asked)
        if call.outcome == "ok":
            with self._lock:
                self.done[kind, asked.action] += 1


def marked(action: Action, fields: Mapping[str, Any], mark: str) -> tuple[dict[str, Any], str]:
    """The fields with a mark in each running text, and the mark; none where there is no running text."""
    found = dict(fields)
    for name, value in fields.items():
        info = action.form.model_fields.get(name) if action.form else None
        extra = info.json_schema_extra if info else None
        if isinstance(value, str) and isinstance(extra, dict) and extra.get("input") == "text":
            found[name] = f"mark {mark}."
    return found, f"mark {mark}." if found != dict(fields) else ""


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()
