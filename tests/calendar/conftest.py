"""A desk whose contract is on record, at the end of a year that the next one follows unannounced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from database import transaction
from tests.calendar.notice import DAYS_OFF, MAKE_UP_DAYS, notice
from tests.codes import fresh_code
from tests.stage import REAL, Stage
from tickets import years
from tickets.contracts import LoadedContracts
from tickets.models import CalendarApproval, CalendarYear
from tickets.word_of_party import By, Denied
from tickets.years import Bringing
from workflow.contract import Contract
from workflow.declare import CLIENT_STAFF, CLOCK, SUPPLIER, SUPPLIER_ENGINEER, Action, Deadline, State, Workflow

ASKED = State("asked", "C16.2", "Something is asked for and has to be filed.", SUPPLIER)
FILED = State("filed", "C16.2", "It is filed.", final=True)
errand = Workflow(
    kind="errand",
    clause="C16.2",
    prefix="E",
    states=[ASKED, FILED],
    actions=[
        Action("ask", by=[CLIENT_STAFF], source=None, dest=ASKED, clause="C16.2"),
        Action("file", by=[SUPPLIER_ENGINEER], source=ASKED, dest=FILED, clause="C16.2"),
        Action("note_late", by=[CLOCK], source=ASKED, dest=None, clause="C16.2", quiet=True),
    ],
    deadlines=[
        Deadline(
            "filing", clause="C16.2", within="change.filing_within", starts=["ask"], stops=[FILED],
            missed="note_late", party=SUPPLIER,
        ),
    ],
)  # fmt: skip
"""A duty with one limit in working days."""


@dataclass
class Years:
    """Brings and approves years on a stage, in the name of its people."""

    stage: Stage
    folder: Path

    @property
    def contract(self) -> Contract:
        return self.stage.desk.contracts[self.stage.contract.key]

    def process(self) -> LoadedContracts:
        """The contracts as another process sees them."""
        return LoadedContracts(self.stage.engine, self.folder, lambda: self.stage.at)

    def code(self, by: str) -> str:
        return fresh_code(self.stage, by)

    def _by(self, by: str, code: str | None) -> By:
        return By(self.stage.accounts[by], self.code(by) if code is None else code, self.stage.at)

    def propose(
        self, by: str = "approver1", content: bytes | None = None, *, code: str | None = None, **more: Any
    ) -> CalendarYear | Denied:
        brought = Bringing(**{
            "year": 2027, "content": notice() if content is None else content, "days_off": DAYS_OFF,
            "make_up_days": MAKE_UP_DAYS, **more,
        })  # fmt: skip
        given = self._by(by, code)
        with transaction(self.stage.engine) as session:
            return years.propose(session, self.stage.keyring, self.contract, brought, given)

    def approve(
        self, row: CalendarYear | Denied, by: str = "manager1", *, code: str | None = None, digest: str | None = None
    ) -> CalendarApproval | Denied:
        assert isinstance(row, CalendarYear), row
        given = self._by(by, code)
        with transaction(self.stage.engine) as session:
            return years.approve(
                session, self.stage.keyring, self.contract, row.id, row.digest if digest is None else digest, given
            )

    def announce(self, content: bytes | None = None, **more: Any) -> None:
        """A year is brought by one party and approved by the other; every process has looked."""
        approved = self.approve(self.propose(content=content, **more))
        assert isinstance(approved, CalendarApproval), approved
        self.stage.at += timedelta(seconds=10)

    def standings(self) -> list[tuple[int, str]]:
        with transaction(self.stage.engine) as session:
            return [(one.year.year, one.standing) for one in years.on_record(session, self.contract)]


@pytest.fixture
def announced(tmp_path: Path) -> Iterator[Years]:
    """28 December 2026, a Monday, 10:00 in Shanghai: within the term, and 2027 is provisional."""
    made = Stage(tmp_path, extra={"errand": errand}, at=datetime(2026, 12, 28, 2, 0, tzinfo=UTC))
    loaded = LoadedContracts(made.engine, tmp_path, lambda: made.at)
    loaded.take_in(REAL, made.at)
    made.desk.contracts = loaded
    yield Years(made, tmp_path)
    made.engine.dispose()
