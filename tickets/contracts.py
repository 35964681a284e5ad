"""The contracts that this desk runs: loaded from a directory once, kept with the instance under their digest.

What is in use is the copy, not the directory it came from: an edit there changes nothing until it is loaded, and the
loading stands on record.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, inspect, literal, select, union_all
from sqlalchemy.orm import Session

from database import alone, glance, transaction
from tickets.models import CalendarApproval, CalendarYear, ContractRecord
from workflow.calendar import Year, published
from workflow.clocks import Change
from workflow.contract import Contract, ContractError, Edition, load

SEEN_WITHIN = timedelta(seconds=5)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class InForce:
    """A contract as it was in force from `since` on, and the year (by the notice `source`) whose approval made it so."""

    since: datetime
    contract: Contract
    year: int | None = None
    source: str = ""


@dataclass(frozen=True)
class Known:
    """By what a ticket is told: the edition under which it was opened, and what came in force later."""

    edition: Edition
    later: tuple[Change, ...] = ()


class LoadedContracts(Mapping[str, Contract]):
    """Contracts by key, in their newest loaded edition, in whichever process it was loaded, with the years that both parties
    have approved since in the place of the edition's own.

    Which one is newest is asked for at first need, so that a fresh database can be migrated, and again when the last
    look is `SEEN_WITHIN` old: one statement now and then instead of one a request, and none where a page brings the answer
    along (`told`). A contract that was handed out does
    not change, so whoever asks once in a transaction judges by one edition. An edition whose copy is not here, or is
    not what was loaded, is an error at each asking: nobody judges by the one before it.
    """

    def __init__(self, engine: Engine, instance_dir: Path, now: Callable[[], datetime]) -> None:
        self._engine, self._folder, self._now = engine, instance_dir / "contracts", now
        self._read: Mapping[str, Contract] | None = None
        self._loadings, self._looked_at = 0, _NEVER
        self._plain: dict[str, Contract] = {}
        self._older: dict[str, Contract] = {}
        self._changed: set[str] = set()
        self._past: dict[str, tuple[int, list[InForce]]] = {}
        self._years: dict[int, Year] = {}
        self._laid: dict[str, tuple[Contract, tuple[str | int, ...]]] = {}

    def _contracts(self) -> Mapping[str, Contract]:
        at, known = self._now(), self._read
        if known is not None and timedelta() <= at - self._looked_at < SEEN_WITHIN:
            return known
        with glance(self._engine) as session:
            if known is None and not inspect(session.connection()).has_table(CalendarApproval.__tablename__):
                return {}
            return self.look(session)

    def look(self, session: Session) -> Mapping[str, Contract]:
        """The contracts as they are on record in this transaction: for whoever holds a lock and must not judge by a view
        that is some seconds old."""
        at, rows = self._now(), session.execute(_ON_RECORD).all()
        editions = {row.key: row.digest for row in rows if row.digest}
        approved: dict[str, dict[int, int]] = {}
        for row in rows:
            if not row.digest:
                approved.setdefault(row.key, {})[row.year] = row.calendar_year_id
        self._fetch(session, [one for years in approved.values() for one in years.values()])
        found = {
            key: self._laid_over(key, self._in_use(key, digest), approved.get(key, {}))
            for key, digest in editions.items()
        }
        keys = [row.key for row in rows]
        self._changed = {key for key in keys if keys.count(key) > 1}
        self._read, self._loadings, self._looked_at = found, len(rows), at
        return found

    def told(self, loadings: int) -> None:
        """Takes the place of a look: so many loadings and approved years are on record, as somebody read beside something
        else. As records are only added, the same number is the same record; with any other the next to ask looks."""
        self._looked_at = self._now() if loadings == self._loadings else _NEVER

    def forget(self) -> None:
        """Holds nothing of what it saw: for whoever put another database, a restored copy say, in the place of this one."""
        self._read, self._loadings, self._looked_at = None, 0, _NEVER
        self._plain, self._years, self._laid, self._past = {}, {}, {}, {}

    def _in_use(self, key: str, digest: str) -> Contract:
        known = self._plain.get(key)
        if known is None or known.digest != digest:
            # Forgotten first: one that cannot be read must not leave the one before it in use.
            self._read = None
            known = self._plain[key] = self._checked(key, digest)
        return known

    def _fetch(self, session: Session, wanted: Sequence[int]) -> None:
        new = [one for one in wanted if one not in self._years]
        if new:
            rows = session.scalars(select(CalendarYear).where(CalendarYear.id.in_(new)))
            self._years |= {row.id: year_of(row) for row in rows}

    def _laid_over(self, key: str, plain: Contract, approved: Mapping[int, int]) -> Contract:
        """The edition with the approved years; the same object as long as both are the same."""
        if not approved:
            return plain
        which: tuple[str | int, ...] = (plain.digest, *approved.values())
        before, made_of = self._laid.get(key, (plain, ()))
        if which != made_of:
            before = plain.with_years(self._years[one] for one in approved.values())
            self._laid[key] = before, which
        return before

    def _checked(self, key: str, digest: str) -> Contract:
        contract = load(self._folder / f"{key}-{digest[:16]}")
        if contract.digest != digest:
            raise ContractAltered(f"the loaded copy of {key} is not what was loaded")
        return contract

    def __getitem__(self, key: str) -> Contract:
        return self._contracts()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contracts())

    def __len__(self) -> int:
        return len(self._contracts())

    def past(self, key: str) -> list[InForce]:
        """As `history`; remembered, as records are only added, and empty where the contract never changed."""
        if key not in self._contracts() or key not in self._changed:
            return []
        loadings, found = self._past.get(key, (0, []))
        if loadings != self._loadings:
            loadings = self._loadings
            with glance(self._engine) as session:
                found = self.history(session, key)
            self._past[key] = loadings, found
        return found

    def history(self, session: Session, key: str) -> list[InForce]:
        """What of a contract was in force since when, oldest first: each loading, and each year that both approved since. A
        loading whose copy is not here any more is left out."""
        loadings = select(ContractRecord.loaded_at, ContractRecord.digest).where(ContractRecord.key == key)
        approvals = (
            select(CalendarApproval.at, CalendarYear)
            .join(CalendarYear, CalendarYear.id == CalendarApproval.calendar_year_id)
            .where(CalendarApproval.contract_key == key)
        )
        steps: list[tuple[datetime, str, CalendarYear | None]] = [
            *((at, digest, None) for at, digest in session.execute(loadings.order_by(ContractRecord.id))),
            *((at, "", year) for at, year in session.execute(approvals.order_by(CalendarApproval.id))),
        ]
        found: list[InForce] = []
        plain, years = None, dict[int, Year]()
        for at, digest, year in sorted(steps, key=lambda step: step[0]):
            plain = plain if year is not None else self._once_loaded(key, digest) or plain
            years |= {} if year is None else {year.year: year_of(year)}
            if plain is not None:
                contract = plain.with_years(years.values()) if years else plain
                found.append(InForce(at, contract, year.year if year else None, year.source if year else ""))
        return found

    def _once_loaded(self, key: str, digest: str) -> Contract | None:
        known = self._plain.get(key)
        if known is not None and known.digest == digest:
            return known
        if digest not in self._older:
            try:
                self._older[digest] = self._checked(key, digest)
            except (ContractError, ContractAltered, OSError):
                return None
        return self._older[digest]

    def take_in(self, directory: Path, at: datetime) -> tuple[Contract, bool]:
        """Loads a directory and keeps its copy; False when this edition is the one in use. Raises ContractError."""
        contract = load(directory)
        kept = self._folder / f"{contract.key}-{contract.digest[:16]}"
        if not kept.exists():
            half = kept.with_name(kept.name + ".part")
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(directory, half, ignore=shutil.ignore_patterns(".*", "__pycache__"))
            half.rename(kept)
        with transaction(self._engine) as session:
            alone(session, "contracts")
            newest = session.scalar(
                select(ContractRecord.digest)
                .where(ContractRecord.key == contract.key)
                .order_by(ContractRecord.id.desc())
                .limit(1)
            )
            if newest != contract.digest:
                session.add(ContractRecord(key=contract.key, digest=contract.digest, loaded_at=at))
        self._read = None
        return contract, newest != contract.digest


def year_of(row: CalendarYear) -> Year:
    """A year on record, of which only those that can be true were taken."""
    days = {kind: [date.fromisoformat(day) for day in row.days[kind]] for kind in ("off", "work")}
    return published(row.year, days["off"], days["work"], row.source)


_ON_RECORD = union_all(
    select(
        literal(0).label("approved"), ContractRecord.id.label("id"), ContractRecord.key.label("key"),
        ContractRecord.digest.label("digest"), literal(0).label("year"), literal(0).label("calendar_year_id"),
    ),
    select(
        literal(1), CalendarApproval.id, CalendarApproval.contract_key,
        literal(""), CalendarApproval.year, CalendarApproval.calendar_year_id,
    ),
).order_by("approved", "id")  # fmt: skip
"""Loadings and approvals in their order, in one statement; the later of a key and year is the one in use."""


def contracts_now(contracts: Mapping[str, Contract], session: Session) -> Mapping[str, Contract]:
    """`contracts` as they are on record in this transaction, where they are on record at all."""
    return contracts.look(session) if isinstance(contracts, LoadedContracts) else contracts


def history_of(contracts: Mapping[str, Contract], session: Session, key: str) -> list[InForce]:
    """What of a contract was in force since when; nothing where contracts are not on record."""
    return contracts.history(session, key) if isinstance(contracts, LoadedContracts) else []


def past_of(contracts: Mapping[str, Contract], key: str) -> list[InForce]:
    """As `history_of`, for whoever only reads: a view that is some seconds old will do."""
    return contracts.past(key) if isinstance(contracts, LoadedContracts) else []


def known_by(steps: Sequence[InForce], opened_at: datetime, contract: Contract) -> Known:
    """The contract as it was when a ticket was opened, and each change of it since, as both stand on record (`steps`). Where
    nothing is on record, `contract`, as it is."""
    first = [step for step in steps if step.since <= opened_at][-1:] or steps[:1]
    later = [step for step in steps if step.since > opened_at and step not in first]
    return Known(
        first[0].contract.at(opened_at) if first else contract.at(opened_at),
        tuple(Change(step.since, step.contract.at(opened_at), step.year, step.source) for step in later),
    )


class ContractAltered(RuntimeError):
    """The kept copy of a contract differs from its digest: the desk does not run on it."""
