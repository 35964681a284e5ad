"""The desk as the demonstration works at it: with a clock that is moved, as each person in turn, with real codes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import func, select

from auth import factor, totp
from auth.models import IdentityCheck, Person
from auth.records import Refusal
from auth.signin import totp_secret
from database import reading, transaction
from tickets.acts import Act, Outcome
from tickets.desk import Desk
from tickets.duty import handing, records, rosters
from tickets.models import Ticket, Timer
from tickets.vault import Vault
from tickets.word_of_party import By, Denied
from workflow.canonical import plain
from workflow.roster import Line


class StoryRefused(RuntimeError):
    """The desk refused what the story needs."""


class DemoDesk:
    """Plays steps at given moments. Between two steps the clock strikes what has run out, each at its own moment."""

    def __init__(self, desk: Desk, contract_key: str, people: Mapping[str, int], vault: Vault) -> None:
        self.at = datetime.min.replace(tzinfo=UTC)
        self.people, self.contract_key, self.vault = people, contract_key, vault
        self.desk = Desk(desk.engine, desk.keyring, lambda: self.at, desk.contracts, desk.workflows)
        self._keys = 0

    def move_to(self, at: datetime) -> None:
        """Moves the clock forwards, and strikes on the way whatever runs out, two seconds after it did."""
        while (due := self._next_due(at - timedelta(seconds=2))) is not None:
            self.at = max(self.at, due + timedelta(seconds=2))
            for timer in self.desk.due():
                self.desk.strike(timer)
        self.at = at

    def _next_due(self, before: datetime) -> datetime | None:
        with reading(self.desk.engine) as session:
            return session.scalar(
                select(func.min(Timer.due_at)).where(Timer.status == "running", Timer.due_at < before)
            )

    def open(self, kind: str, by: str, **fields: Any) -> str:
        """Opens a ticket; gives its number."""
        outcome = self._act(
            Act(
                account=self.people[by],
                action=self.desk.workflows[kind].opening.name,
                key=self._key(),
                kind=kind,
                contract=self.contract_key,
                fields=_json(fields),
            )
        )
        if outcome.number is None or not outcome.accepted:
            raise StoryRefused(f"{kind} by {by}: {_why(outcome)}")
        return outcome.number

    def do(self, number: str, action: str, by: str, **fields: Any) -> Outcome:
        """Does an act, proving the factor first where it is asked for; raises StoryRefused when refused."""
        outcome = self.attempt(number, action, by, **fields)
        if not outcome.accepted:
            raise StoryRefused(f"{number} {action} by {by} at {self.at}: {_why(outcome)}")
        return outcome

    def attempt(self, number: str, action: str, by: str, **fields: Any) -> Outcome:
        """Does an act that the story expects to be refused, or does not care about."""
        row = self._row(number)
        declared = self.desk.workflows[row.kind].actions[action]
        if any(guard.name == "identified" for guard in declared.guards):
            self._prove(row, by)
        return self._act(
            Act(
                account=self.people[by],
                action=action,
                key=self._key(),
                number=number,
                version=row.version,
                fields=_json(fields),
            )
        )

    def bring(self, number: str, paper: str, by: str, note: str) -> Outcome:
        """Files a brought document of this kind: a short text that says what it stands for."""
        file = self.vault.keep(BytesIO(f"演示文件：{number} {note}\n".encode()), f"{note}.txt", limit_bytes=10_000)
        row = self._row(number)
        outcome = self._act(
            Act(
                account=self.people[by],
                action="attach",
                key=self._key(),
                number=number,
                version=row.version,
                fields={"paper": paper, "note": note},
                file=file,
            )
        )
        if not outcome.accepted:
            raise StoryRefused(f"{number} attach by {by}: {_why(outcome)}")
        return outcome

    @property
    def today(self) -> date:
        """The local day."""
        return self.desk.contracts[self.contract_key].calendar.local_day(self.at)

    def code_shown(self, number: str, to: str) -> str:
        """The digits that the subject's own page shows during a call-back."""
        row = self._row(number)
        with reading(self.desk.engine) as session:
            check = session.scalars(
                select(IdentityCheck)
                .where(
                    IdentityCheck.ticket_id == row.id,
                    IdentityCheck.person_id == self.people[to],
                    IdentityCheck.challenge_sealed.is_not(None),
                )
                .order_by(IdentityCheck.id.desc())
            ).first()
            if check is None:
                raise StoryRefused(f"{number}: no challenge is open for {to}")
            return self.desk.unseal(f"challenge:{check.id}", check.challenge_sealed or "")

    def keep_posts(self, by: str, starts: datetime, ends: datetime, lines: Sequence[Line]) -> None:
        """Brings a roster of the party that `by` signs for."""
        brought, given = rosters.Bringing(starts, ends, tuple(lines)), self._by(by)
        with transaction(self.desk.engine) as session:
            contract = self.desk.contracts[self.contract_key]
            _done(rosters.bring(session, self.desk.keyring, contract, brought, given))

    def hand_over(self, post: str, *, to: str, note: str) -> None:
        """Whoever has the post now hands it over, and the colleague accepts."""
        contract = self.desk.contracts[self.contract_key]
        with reading(self.desk.engine) as session:
            there = records.duty_of(session, contract, self.at).rostered(contract.posts[post].party, self.at)
        account = next(one.account for one in there if one.post == post)
        giver = self._by(next(name for name, number in self.people.items() if number == account))
        with transaction(self.desk.engine) as session:
            offer = _done(handing.offer(session, self.desk.keyring, contract, post, to, note, giver))
        taker = self._by(to)
        with transaction(self.desk.engine) as session:
            _done(handing.answer(session, self.desk.keyring, contract, offer.id, True, taker))

    def _by(self, by: str) -> By:
        return By(self.people[by], self._code(by), self.at)

    def _code(self, by: str) -> str:
        """A code of the moment; it serves once, so the person may have to wait for the next."""
        with reading(self.desk.engine) as session:
            person = session.get_one(Person, self.people[by])
        while (
            code := totp.usable_code(str(totp_secret(self.desk.keyring, person)), self.at, person.totp_last_step)
        ) is None:
            self.at += timedelta(seconds=totp.STEP_SECONDS)
        return code

    def _prove(self, row: Ticket, by: str) -> None:
        """Proves the factor with a code of the moment."""
        code = self._code(by)
        edition = self.desk.contracts[row.contract_key].at(row.opened_at)
        with transaction(self.desk.engine) as session:
            proved = factor.prove_factor(
                session,
                self.desk.keyring,
                self.people[by],
                code,
                ticket_id=row.id,
                content_digest=row.seen,
                at=self.at,
                valid_for=edition.duration("identity.factor_valid"),
            )
        if isinstance(proved, Refusal):
            raise StoryRefused(f"{by} could not prove the factor: {proved.says}")

    def _act(self, act: Act) -> Outcome:
        return self.desk.act(replace(act, door="command"))

    def _row(self, number: str) -> Ticket:
        with reading(self.desk.engine) as session:
            return session.scalars(select(Ticket).where(Ticket.number == number)).one()

    def _key(self) -> str:
        self._keys += 1
        return f"demo-{self._keys}"


def _json(fields: Mapping[str, Any]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(plain(fields)))
    return loaded


def _done(outcome: Any) -> Any:
    if isinstance(outcome, Denied):
        raise StoryRefused("; ".join(str(one) for one in outcome.says))
    return outcome


def _why(outcome: Outcome) -> str:
    lacking = [
        f"{one.get('guard', one.get('field'))}: {one['says']['text']}" for one in (*outcome.missing, *outcome.errors)
    ]
    return f"{outcome.result} {'; '.join(lacking)}"
