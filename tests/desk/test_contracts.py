"""An edition that one process loads is judged by in all of them, soon and without a restart, and one act by one edition."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from database import open_engine
from tests import databases
from tests.auth.whole import whole_desk
from tests.conftest import ELSEWHERE
from tests.stage import Stage
from tickets import contracts
from tickets.contracts import SEEN_WITHIN, ContractAltered, LoadedContracts
from workflow.contract import Contract, ContractError

KEY = "harbour-2025"


@dataclass
class Host:
    """A database with an instance folder, at which any number of processes look."""

    folder: Path
    engine: Engine
    at: datetime = datetime(2025, 5, 5, 9, tzinfo=UTC)
    statements: list[str] = field(default_factory=list)

    def process(self) -> LoadedContracts:
        return LoadedContracts(self.engine, self.folder, lambda: self.at)

    def edition(self, name: str) -> Path:
        """A directory like the contract of the tests, and yet another edition of it."""
        directory = self.folder / name
        shutil.copytree(ELSEWHERE, directory)
        with (directory / "contract.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n# {name}\n")
        return directory


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    engine = open_engine(databases.migrated(tmp_path))
    made = Host(tmp_path, engine)
    event.listen(engine, "before_cursor_execute", lambda *given: made.statements.append(given[2]))
    yield made
    engine.dispose()


def test_an_edition_loaded_elsewhere_is_seen_without_a_restart(host: Host) -> None:
    server, command = host.process(), host.process()
    first, _ = command.take_in(host.edition("first"), host.at)
    assert server[KEY].digest == first.digest
    second, is_new = command.take_in(host.edition("second"), host.at)
    assert is_new
    host.at += SEEN_WITHIN - timedelta(microseconds=1)
    assert server[KEY].digest == first.digest
    host.at += timedelta(microseconds=1)
    assert server[KEY].digest == second.digest
    command.take_in(host.folder / "first", host.at)
    host.at += SEEN_WITHIN
    assert server[KEY].digest == first.digest, "an earlier one, loaded again, is the one in use"


def test_another_contract_loaded_elsewhere_is_seen_too(host: Host) -> None:
    server = host.process()
    assert dict(server) == {}
    host.process().take_in(ELSEWHERE, host.at)
    host.at += SEEN_WITHIN
    assert list(server) == [KEY]


def test_who_loads_sees_it_at_once(host: Host) -> None:
    command = host.process()
    for name in ("first", "second"):
        taken, _ = command.take_in(host.edition(name), host.at)
        assert command[KEY].digest == taken.digest


def test_a_look_costs_one_statement_and_reads_no_file_when_nothing_is_new(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = host.process()
    server.take_in(ELSEWHERE, host.at)
    first = server[KEY]
    monkeypatch.setattr(contracts, "load", None)
    host.statements.clear()
    assert all(server[KEY] is first for _ in range(100))
    assert host.statements == []
    host.at += SEEN_WITHIN
    assert all(server[KEY] is first for _ in range(100))
    assert len(host.statements) == 1


def test_who_is_told_how_many_loadings_there_are_looks_only_for_another_number(host: Host) -> None:
    server = host.process()
    server.take_in(ELSEWHERE, host.at)
    assert KEY in server
    second, _ = host.process().take_in(host.edition("second"), host.at)
    host.at += SEEN_WITHIN
    host.statements.clear()
    server.told(1)
    assert server[KEY].digest != second.digest
    assert host.statements == []
    server.told(2)
    assert server[KEY].digest == second.digest
    assert len(host.statements) == 1


def test_a_clock_that_is_set_back_does_not_keep_anybody_from_looking(host: Host) -> None:
    server = host.process()
    server.take_in(ELSEWHERE, host.at)
    assert KEY in server
    second, _ = host.process().take_in(host.edition("second"), host.at)
    host.at -= timedelta(days=1)
    assert server[KEY].digest == second.digest


@pytest.mark.parametrize("harm", ["lost", "altered"])
def test_an_edition_that_cannot_be_read_here_stops_and_is_not_replaced_by_the_one_before(host: Host, harm: str) -> None:
    server = host.process()
    server.take_in(ELSEWHERE, host.at)
    assert KEY in server
    second, _ = host.process().take_in(host.edition("second"), host.at)
    kept = host.folder / "contracts" / f"{KEY}-{second.digest[:16]}"
    if harm == "lost":
        shutil.rmtree(kept)
    else:
        with (kept / "contract.toml").open("a", encoding="utf-8") as file:
            file.write("\n# changed\n")
    host.at += SEEN_WITHIN
    for _ in range(2):
        with pytest.raises((ContractAltered, ContractError)):
            server[KEY]


def test_a_page_asks_for_it_beside_its_frame_and_shows_it_at_once(tmp_path: Path) -> None:
    with whole_desk(tmp_path) as whole:
        browser = whole.sign_in(whole.person("lin.yi", "client.staff"))
        room, settings = whole.app.extensions["tickets"], whole.app.extensions["counterpart"].settings
        key, first = next((key, one.digest) for key, one in room.contracts.items())
        changed = tmp_path / "changed"
        shutil.copytree(settings.contract_dirs[0], changed)
        with (changed / "contract.toml").open("a", encoding="utf-8") as file:
            file.write("\n# changed\n")
        elsewhere = LoadedContracts(whole.engine, settings.instance_dir, lambda: whole.at)
        second, _ = elsewhere.take_in(changed, whole.at)
        assert room.contracts[key].digest == first
        assert browser.get("/tickets").status_code == 200
        assert room.contracts[key].digest == second.digest


class Asked(Mapping[str, Contract]):
    """Counts how often the contract is asked for."""

    def __init__(self, held: Mapping[str, Contract]) -> None:
        self.held, self.times = held, 0

    def __getitem__(self, key: str) -> Contract:
        self.times += 1
        return self.held[key]

    def __contains__(self, key: object) -> bool:
        return key in self.held

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


def test_one_act_is_judged_by_one_edition(stage: Stage, visit_fields: dict[str, Any]) -> None:
    """Asked once in a transaction: a new edition that is seen in the middle of it changes nothing any more."""
    asked = stage.desk.contracts = Asked(stage.desk.contracts)
    number = stage.open("visit", by="staff1", **visit_fields)
    assert asked.times == 1
    stage.do(number, "allow", by="manager1")
    assert asked.times == 2
    stage.refused(number, "allow", by="manager1")
    assert asked.times == 3
    stage.do(number, "enter", by="engineer1")
    stage.later(strike=False, days=2)
    asked.times = 0
    assert stage.desk.strike(stage.desk.due()[0])
    assert asked.times == 1
