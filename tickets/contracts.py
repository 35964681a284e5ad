"""The contracts that this desk runs: loaded from a directory once, kept with the instance under their digest.

What is in use is the copy, not the directory it came from: an edit there changes nothing until it is loaded, and the
loading stands on record.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect, select

from database import reading, transaction
from tickets.models import ContractRecord
from workflow.contract import Contract, load


class LoadedContracts(Mapping[str, Contract]):
    """Contracts by key, in their newest loaded edition. Read once, at first need, so that a fresh database can be migrated."""

    def __init__(self, engine: Engine, instance_dir: Path) -> None:
        self._engine, self._folder = engine, instance_dir / "contracts"
        self._read: dict[str, Contract] | None = None

    def _contracts(self) -> dict[str, Contract]:
        if self._read is None:
            with reading(self._engine) as session:
                if not inspect(session.connection()).has_table(ContractRecord.__tablename__):
                    return {}
                newest = {r.key: r.digest for r in session.scalars(select(ContractRecord).order_by(ContractRecord.id))}
            self._read = {key: self._checked(key, digest) for key, digest in newest.items()}
        return self._read

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
