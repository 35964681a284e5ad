"""A stage for scenarios: a desk over a fresh database, a cast of fictional people, and a clock that the test moves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from sqlalchemy import event, select

import workflow as workflows
from auth.models import IdentityCheck, Mandate, Person
from auth.records import Keyring
from auth.seal import Sealer
from config import Settings
from database import open_engine, reading, transaction
from tests import databases
from tickets.acts import Act, Outcome
from tickets.desk import Desk
from tickets.gather import actor_of, facts, ticket_fact
from tickets.models import Event, Ticket, Timer
from tickets.record import FileFact
from workflow.attempt import Attempt
from workflow.canonical import plain
from workflow.contract import load
from workflow.decide import notices
from workflow.declare import Action, Workflow
from workflow.reminders import warned_of

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT / "workflow" / "contracts" / "beijing-2026"
CAST = {
    "staff1": "client.staff",
    "staff2": "client.staff",
    "approver1": "client.approver",
    "approver2": "client.approver",
    "desk1": "supplier.desk",
    "desk2": "supplier.desk",
    "engineer1": "supplier.engineer",
    "engineer2": "supplier.engineer",
    "engineer3": "supplier.engineer",
    "manager1": "supplier.manager",
    "manager2": "supplier.manager",
    "relations1": "supplier.relations",
    "reviewer1": "supervisor.reviewer",
}
KEY = b"a key of the stage, long enough to be one"


@dataclass(frozen=True)
class View:
    """A ticket as a scenario looks at it."""

    number: str
    state: str
    version: int
    content: str
    awaits: str
    final: bool
    fields: Mapping[str, Any]
    deadlines: Mapping[str, Any]
    warnings: Mapping[str, Any]
    """Timers by name, the latest of each: limits, and apart from them the warnings ahead of them."""
    papers: tuple[Any, ...]
    events: tuple[Event, ...]
    notices: tuple[str, ...]
    links: tuple[Any, ...]


@dataclass(frozen=True)
class SetUp:
    """A database with tables and cast, so that a thousand scenarios need not make it anew."""

    database: databases.Kept
    accounts: Mapping[str, int]


_loaded = cache(load)
_set_up: dict[tuple[Path, datetime], SetUp] = {}


def _prepared(stage: Stage, contract: Path) -> SetUp:
    """Makes the database of this contract and moment, once a process."""
    key = (contract, stage.at)
    if key not in _set_up:
        with TemporaryDirectory() as folder:
            url = databases.migrated(Path(folder))
            stage.engine = open_engine(url)
            for username, role in CAST.items():
                stage.hire(username, role)
            stage.engine.dispose()
            _set_up[key] = SetUp(databases.keep(url), dict(stage.accounts))
    return _set_up[key]


class Stage:
    """See the module's docstring; every method says in its name what a person would do."""

    def __init__(
        self,
        folder: Path,
        contract: Path = REAL,
        extra: Mapping[str, Workflow] | None = None,
        at: datetime = datetime(2026, 5, 12, 2, 0, tzinfo=UTC),
    ) -> None:
        self.at = at
        self.contract = _loaded(contract)
        self.accounts: dict[str, int] = {}
        self.keyring = Keyring(Settings(instance_dir=folder), Sealer(KEY))
        set_up = _prepared(self, contract)
        self.accounts = dict(set_up.accounts)
        self.url = set_up.database.copy(folder)
        self.engine = open_engine(self.url)
        event.listen(self.engine, "connect", databases.hurry)
        self.workflows = {**workflows.discover(), **(extra or {})}
        self.desk = Desk(self.engine, self.keyring, lambda: self.at, {self.contract.key: self.contract}, self.workflows)
        self.keys = count()
        self.statements: list[str] = []
        self.commits = 0
        self.remembers = False
        event.listen(self.engine, "before_cursor_execute", lambda *args: self.statements.append(args[2]))
        event.listen(self.engine, "commit", self._committed)

    @property
    def may_remember(self) -> bool:
        """Whether a course may be put back that was gone before: whoever made it says so, and nothing was written yet."""
        return self.remembers and self.commits == 0

    def _committed(self, _connection: Any) -> None:
        self.commits += 1

    # --- people ----------------------------------------------------------------------------------------------------

    def hire(
        self,
        username: str,
        role: str,
        *,
        same_as: str | None = None,
        scope: Mapping[str, Any] | None = None,
        number: bool = True,
        ends_at: datetime | None = None,
        contract: str | None = None,
    ) -> int:
        """A person with a mandate in the contract, with a call-back number on the list for a long time."""
        long_ago = self.at - timedelta(days=60)
        with transaction(self.engine) as session:
            person = Person(
                username=username,
                name=f"{username}（演员）",
                created_at=long_ago,
                same_person_as=self.accounts[same_as] if same_as else None,
            )
            session.add(person)
            session.flush()
            session.add(
                Mandate(
                    person_id=person.id,
                    contract_key=contract or self.contract.key,
                    role=role,
                    starts_at=long_ago,
                    ends_at=ends_at,
                    scope=dict(scope or {}),
                    callback_number_sealed=self.keyring.sealer.seal(f"callback:{person.id}", "000-0000-0000")
                    if number
                    else None,
                    callback_since=long_ago if number else None,
                )
            )
        self.accounts[username] = person.id
        return person.id

    def person(self, username: str) -> int:
        """The natural person's number, as person choices list it."""
        with reading(self.engine) as session:
            person = session.get_one(Person, self.accounts[username])
            return person.same_person_as or person.id

    def second_account(self, of: str, role: str) -> str:
        """Another account of the same natural person, with a mandate of its own."""
        username = f"{of}_too"
        self.hire(username, role, same_as=of)
        return username

    def end_mandate(self, username: str) -> None:
        """The person's mandates end now."""
        self.change_mandate(username, revoked_at=self.at)

    def change_mandate(self, username: str, **values: Any) -> None:
        """Sets columns of the person's mandates."""
        with transaction(self.engine) as session:
            for mandate in session.scalars(select(Mandate).where(Mandate.person_id == self.accounts[username])):
                for name, value in values.items():
                    setattr(mandate, name, value)

    # --- acts ------------------------------------------------------------------------------------------------------

    def attempt(
        self,
        number: str | None,
        action: str,
        by: str,
        *,
        kind: Any = None,
        version: Any = None,
        file: Any = None,
        key: Any = None,
        **fields: Any,
    ) -> Outcome:
        """What the desk answers, whatever it is."""
        if number is not None and version is None:
            version = self.row(number).version
        return self.desk.act(
            Act(
                account=self.accounts[by],
                action=action,
                key=key or f"stage-{next(self.keys)}",
                number=number,
                kind=kind,
                contract=self.contract.key,
                version=version,
                fields=json.loads(json.dumps(plain(fields))),
                file=file,
            )
        )

    def open(self, kind: str, by: str, **fields: Any) -> str:
        """Opens a ticket and gives its number; fails when refused."""
        outcome = self.attempt(None, self.workflows[kind].opening.name, by, kind=kind, **fields)
        assert outcome.accepted, explain(outcome)
        assert outcome.number is not None
        return outcome.number

    def refused_opening(self, kind: str, by: str, *, guard: Any = None, **fields: Any) -> Outcome:
        """Asserts that nothing is opened."""
        outcome = self.attempt(None, self.workflows[kind].opening.name, by, kind=kind, **fields)
        assert not outcome.accepted, "it was opened"
        if guard is not None:
            assert guard in [one["guard"] for one in outcome.missing], explain(outcome)
        return outcome

    def do(self, number: str, action: str, by: str, *, factor: Any = True, **fields: Any) -> Event:
        """Does an act, proving the actor's second factor first where it asks for one; fails when refused."""
        if factor:
            self._prove_where_asked(number, action, by)
        outcome = self.attempt(number, action, by, **fields)
        assert outcome.accepted, explain(outcome)
        return self.last(number)

    def refused(
        self,
        number: str,
        action: str,
        by: str,
        *,
        guard: Any = None,
        result: Any = None,
        factor: Any = True,
        version: Any = None,
        **fields: Any,
    ) -> Outcome:
        """Asserts that the act is refused (for want of `guard`), nothing has changed, and the refusal is on record."""
        if factor:
            self._prove_where_asked(number, action, by)
        before = self.row(number)
        outcome = self.attempt(number, action, by, version=version, **fields)
        assert not outcome.accepted, f"{action} was accepted"
        after = self.row(number)
        unchanged = ("state", "version", "content", "fields", "final", "awaits")
        assert [getattr(before, n) for n in unchanged] == [getattr(after, n) for n in unchanged]
        if result is not None:
            assert outcome.result == result, explain(outcome)
        if guard is not None:
            assert guard in [one.get("guard") for one in outcome.missing], explain(outcome)
        if outcome.result != "unknown":
            last = self.last(number)
            assert (last.action, last.accepted, last.account_id) == (action, False, self.accounts[by]), (
                "no refusal on record"
            )
        return outcome

    def upload(self, number: str, paper: str, by: str, *, note: Any = "附件", content: Any = b"evidence") -> Event:
        """Files a brought document of this kind."""
        file = FileFact(sha256(content).hexdigest(), "file.pdf", "application/pdf", len(content))
        outcome = self.attempt(number, "attach", by, file=file, paper=paper, note=note)
        assert outcome.accepted, explain(outcome)
        return self.last(number)

    def prove(self, number: str, by: str) -> None:
        """Proves the person's second factor for the ticket as it reads now."""
        row = self.row(number)
        with transaction(self.engine) as session:
            check = IdentityCheck(ticket_id=row.id, content_digest=row.seen, method="totp")
            check.person_id = check.verifier_id = self.accounts[by]
            check.issued_at = check.passed_at = self.at
            check.expires_at = self.at + timedelta(minutes=5)
            session.add(check)

    def _prove_where_asked(self, number: str, action: str, by: str) -> None:
        asking = [kind for kind, one in self.workflows.items() if _asks_who(one.actions.get(action))]
        if asking and self.row(number).kind in asking:
            self.prove(number, by)

    def code_shown(self, number: str, to: str) -> str:
        """The call-back challenge that the subject's own signed-in page shows."""
        row = self.row(number)
        with reading(self.engine) as session:
            check = session.scalars(
                select(IdentityCheck)
                .where(
                    IdentityCheck.ticket_id == row.id,
                    IdentityCheck.person_id == self.accounts[to],
                    IdentityCheck.challenge_sealed.is_not(None),
                )
                .order_by(IdentityCheck.id.desc())
            ).first()
            assert check is not None, "no challenge is open for this person"
            return self.desk.unseal(f"challenge:{check.id}", check.challenge_sealed or "")

    # --- time and sight --------------------------------------------------------------------------------------------

    def later(self, *, strike: bool = True, **delta: float) -> None:
        """Moves the clock; then lets the worker strike what is due."""
        self.at += timedelta(**delta)
        if strike:
            self.strike()

    def strike(self) -> int:
        """Strikes everything that is due; tells how much it was."""
        struck = 0
        while due := self.desk.due():
            struck += sum(self.desk.strike(timer) for timer in due)
        return struck

    def row(self, number: str) -> Ticket:
        with reading(self.engine) as session:
            return session.scalars(select(Ticket).where(Ticket.number == number)).one()

    def last(self, number: str) -> Event:
        """The ticket's newest event, without looking at anything else."""
        of = select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(Ticket.number == number)
        with reading(self.engine) as session:
            return session.scalars(of.order_by(Event.sequence.desc()).limit(1)).one()

    def ticket(self, number: str) -> View:
        """The ticket with its history, deadlines (the latest of each name), papers, links and warnings."""
        with reading(self.engine) as session:
            row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            declared = self.workflows[row.kind]
            found = facts(session, row, contract=self.contract, workflow=declared, at=self.at, unseal=self.desk.unseal)
            events = tuple(session.scalars(select(Event).where(Event.ticket_id == row.id).order_by(Event.sequence)))
            timers = session.scalars(select(Timer).where(Timer.ticket_id == row.id).order_by(Timer.id))
            return View(
                row.number, row.state, row.version, row.content, row.awaits, row.final, row.fields, *_by_name(timers),
                found.papers, events, tuple(str(words) for words in notices(declared, self._attempt(row, found))), found.links,
            )  # fmt: skip

    def _attempt(self, row: Ticket, found: Any, action: str = "remark", by: str = "reviewer1") -> Attempt:
        actor = actor_of(found.mandates, self.accounts[by], None)
        return Attempt(action, actor, self.at, ticket_fact(row), found, self.contract.at(row.opened_at), None)

    @contextmanager
    def counted(self) -> Iterator[SimpleNamespace]:
        """Counts SQL statements and commits inside the block."""
        counts = SimpleNamespace(statements=0, commits=0)
        statements, commits = len(self.statements), self.commits
        yield counts
        counts.statements, counts.commits = len(self.statements) - statements, self.commits - commits


def _by_name(timers: Iterable[Timer]) -> tuple[dict[str, Timer], dict[str, Timer]]:
    found = {timer.deadline: timer for timer in timers}
    warnings = {name: timer for name, timer in found.items() if warned_of(name)}
    return {name: timer for name, timer in found.items() if name not in warnings}, warnings


def _asks_who(action: Action | None) -> bool:
    return action is not None and any(guard.name == "identified" for guard in action.guards)


def explain(outcome: Outcome) -> str:
    """Why it was refused, for a failing test."""
    reasons = [
        f"{one.get('guard', one.get('field'))}: {one['says']['text']} {one['says']['values']}"
        for one in (*outcome.missing, *outcome.errors)
    ]
    return f"{outcome.result}: " + "; ".join(reasons)
