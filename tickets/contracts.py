"""The contracts that this desk runs: loaded from a directory once, kept with the instance under their digest.

What is in use is the copy, not the directory it came from: an edit there changes nothing until it is loaded, and the
loading stands on record.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, inspect, select

from database import glance, transaction
from tickets.models import ContractRecord
from workflow.contract import Contract, load

SEEN_WITHIN = timedelta(seconds=5)
_NEVER = datetime.min.replace(tzinfo=UTC)


class LoadedContracts(Mapping[str, Contract]):
    """Contracts by key, in their newest loaded edition, in whichever process it was loaded.

    Which one is newest is asked for at first need, so that a fresh database can be migrated, and again when the last
    look is `SEEN_WITHIN` old: one statement now and then instead of one a request, and none where a page brings the answer
    along (`told`). A contract that was handed out does
    not change, so whoever asks once in a transaction judges by one edition. An edition whose copy is not here, or is
    not what was loaded, is an error at each asking: nobody judges by the one before it.
    """

    def __init__(self, engine: Engine, instance_dir: Path, now: Callable[[], datetime]) -> None:
        self._engine, self._folder, self._now = engine, instance_dir / "contracts", now
        self._read: dict[str, Contract] | None = None
        self._loadings, self._looked_at = 0, _NEVER

    def _contracts(self) -> dict[str, Contract]:
        at, known = self._now(), self._read
        if known is not None and timedelta() <= at - self._looked_at < SEEN_WITHIN:
            return known
        with glance(self._engine) as session:
            if known is None and not inspect(session.connection()).has_table(ContractRecord.__tablename__):
                return {}
            rows = session.execute(select(ContractRecord.key, ContractRecord.digest).order_by(ContractRecord.id))
            loadings = [(row.key, row.digest) for row in rows]
        found = {key: self._in_use((known or {}).get(key), key, digest) for key, digest in dict(loadings).items()}
        self._read, self._loadings, self._looked_at = found, len(loadings), at
        return found

    def told(self, loadings: int) -> None:
        """Takes the place of a look: so many loadings are on record, as somebody read beside something else. As records
        are only added, the same number is the same record; with any other the next to ask looks."""
        self._looked_at = self._now() if loadings == self._loadings else _NEVER

    def _in_use(self, known: Contract | None, key: str, digest: str) -> Contract:
        return known if known is not None and known.digest == digest else self._checked(key, digest)

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


class ContractAltered(RuntimeError):
    """The kept copy of a contract differs from its digest: the desk does not run on it."""
