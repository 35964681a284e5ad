"""Somebody busy at the desk until the process is killed: says each act before it is asked for, and again once it is answered.

Run as a program it is a nursery: it imports everything once, then forks a busy child for each line on its input, so that
a kill costs milliseconds. It opens no database itself: a connection must never be carried over a fork.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

import tickets.desk
from auth.models import IdentityCheck
from auth.records import Keyring
from auth.seal import Sealer
from config import Settings
from database import open_engine, transaction
from tests.desk import permit, visit
from tests.stage import KEY, REAL
from tickets import worker
from tickets.acts import Act
from tickets.desk import Desk
from tickets.pen import Pen
from tickets.record import FileFact
from workflow.contract import load

STALL_SECONDS = 0.1


def say(word: str, **told: Any) -> None:
    """One line, written at once and whole."""
    os.write(1, f"{word} {json.dumps(told)}\n".encode())


class Busy:
    """Opens visits and brings them to their end, with everything on the way that leaves something behind."""

    def __init__(self, url: str, accounts: dict[str, int], at: datetime, seed: int) -> None:
        self.at, self.accounts, self.random, self.seed = at, accounts, Random(seed), seed
        self.engine = open_engine(url)
        contract = load(REAL)
        keyring = Keyring(Settings(), Sealer(KEY))
        kinds = {"visit": visit.workflow, "permit": permit.workflow}
        self.desk, self.key = Desk(self.engine, keyring, lambda: self.at, {contract.key: contract}, kinds), contract.key
        self.keys = (f"{seed}-{n}" for n in count())

    def for_ever(self, unanswered: dict[str, Any] | None) -> None:
        """Asks again what was not answered before the last kill, then goes on."""
        if unanswered is not None:
            self.ask(unanswered)
        while True:
            self.visit()

    def visit(self) -> None:
        """One visit: refused attempts, a paper, remarks, and now and then the limit overrun."""
        end = self.at + timedelta(minutes=self.random.choice([3, 600]))
        number = self.act("request", "staff1", kind="visit", visitor="来访单位甲", visit_end=end.isoformat())
        self.act("enter", "engineer1", number)  # too early: a refusal is an event as well
        self.act("attach", "staff1", number, paper="attachment", note="盖章扫描件")
        self.prove(number, "manager1")
        self.act("allow", "manager1", number)
        self.act("enter", "engineer1", number)
        self.at += timedelta(minutes=5)
        worker.turn(self.desk, f"w{self.seed}")
        self.act("remark", "reviewer1", number, text="已登记。")
        self.act("leave", "engineer1", number)

    def act(self, action: str, by: str, number: str | None = None, kind: str | None = None, **fields: Any) -> str:
        with self.engine.connect() as connection:
            version = connection.execute(text("SELECT version FROM ticket WHERE number = :n"), {"n": number}).scalar()
        return self.ask(
            {
                "account": self.accounts[by],
                "action": action,
                "key": next(self.keys),
                "number": number,
                "kind": kind,
                "contract": self.key,
                "version": version,
                "fields": fields,
            }
        )

    def ask(self, asked: dict[str, Any]) -> str:
        """Asks the desk. What is said after the answer is what the world may rely on."""
        self.at += timedelta(seconds=1)
        file = (
            FileFact(sha256(b"x").hexdigest(), "a.pdf", "application/pdf", 1) if asked["action"] == "attach" else None
        )
        say("ask", **asked)
        outcome = self.desk.act(Act(**asked, file=file))
        event = outcome.event or {}
        say("ack", key=asked["key"], number=outcome.number, sequence=event.get("sequence"), result=outcome.result)
        return str(outcome.number)

    def prove(self, number: str, by: str) -> None:
        with transaction(self.engine) as session:
            row = session.execute(
                text("SELECT id, content, version FROM ticket WHERE number = :n"), {"n": number}
            ).one()
            session.add(
                IdentityCheck(
                    ticket_id=row.id,
                    content_digest=f"{row.content}:{row.version}",
                    person_id=self.accounts[by],
                    method="totp",
                    verifier_id=self.accounts[by],
                    issued_at=self.at,
                    expires_at=self.at + timedelta(minutes=5),
                    passed_at=self.at,
                )
            )


# --- planted bugs, each made wide enough to be hit ------------------------------------------------------------------------


def stall() -> None:
    """Waits where a kill would show the fault."""
    select.select([], [], [], STALL_SECONDS)


def acknowledge_before_commit() -> None:
    """The answer leaves while the transaction is still open."""

    @contextmanager
    def hasty(engine: Engine) -> Iterator[Session]:
        with transaction(engine) as session:
            answers: list[tickets.desk.Answer] = []
            event.listen(
                session,
                "before_flush",
                lambda *_: answers.extend(one for one in session.new if isinstance(one, tickets.desk.Answer)),
            )
            yield session
            session.flush()
            for answer in answers:
                happened = answer.outcome["event"] or {}
                told = {
                    "number": answer.outcome["number"],
                    "sequence": happened.get("sequence"),
                    "result": answer.outcome["result"],
                }
                say("ack", key=answer.key, **told)
                stall()

    tickets.desk.transaction = hasty


def two_transactions() -> None:
    """The event is kept before what follows from it."""
    real = Pen.event

    def hasty(self: Pen, *args: Any, **kwargs: Any) -> Any:
        written = real(self, *args, **kwargs)
        self.put_down()
        self.session.commit()
        stall()
        return written

    Pen.event = hasty  # type: ignore[method-assign]  # A planted fault.


PLANTED = {
    "": lambda: None,
    "acknowledge_before_commit": acknowledge_before_commit,
    "two_transactions": two_transactions,
}


def nursery(url: str, planted: str) -> None:
    """A child for each line of input: the accounts, the moment, the seed and what was not answered."""
    PLANTED[planted]()
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child == 0:
            busy = Busy(url, told["accounts"], datetime.fromisoformat(told["at"]), told["seed"])
            busy.for_ever(told["unanswered"])
        say("born", pid=child)
        _, status = os.waitpid(child, 0)
        say("gone", killed=os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)


if __name__ == "__main__":
    nursery(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
