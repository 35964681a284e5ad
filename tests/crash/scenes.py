"""The acts that are crashed: each with the database before it and, once it was done undisturbed, what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine

from database import open_engine
from tests import databases
from tests.crash.child import as_told, dump
from tests.desk.situations import Situation, able, asked, prove
from tests.stage import Stage
from tests.workflow import change_story, drill_story, fault_story
from tests.workflow import test_complaint as complaint_story
from tests.workflow.reboot_story import Operation
from tickets.acts import Act
from tickets.simulate.choosing import Choice

_engine = lru_cache(1)(open_engine)


@dataclass(frozen=True)
class Scene:
    """One act about to be done: `before` is what stands in each table. `place` is where the database is put for it."""

    name: str
    act: Act
    at: str
    database: databases.Kept
    place: Path
    before: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"sqlite:///{self.place}"

    def put_back(self) -> None:
        self.database.put_back(self.url)

    @contextmanager
    def opened(self) -> Iterator[Engine]:
        """The database, as somebody finds it who starts the desk anew; nobody is connected to it afterwards. What an engine
        has learnt to say is kept: it is opened thousands of times."""
        engine = _engine(self.url)
        try:
            yield engine
        finally:
            engine.dispose()

    def told(self, planted: str = "") -> dict[str, Any]:
        """What the child is asked to do, and with which fault."""
        return {"url": self.url, "at": self.at, "act": as_told(self.act), "planted": planted}


def scene(stage: Stage, number: str | None, choice: Choice, *, kind: str | None = None) -> Scene:
    """This choice on a ticket of the stage as it stands now, or the opening of one of this kind."""
    where = f"{kind} unopened"
    if number is not None:
        row = stage.row(number)
        where = f"{row.kind} {row.state}"
        prove(stage, number, [choice])
    act = asked(stage, number, choice, "crash", kind=kind)
    stage.engine.dispose()
    place = Path(str(stage.engine.url.database))
    engine = open_engine(stage.url)
    before = dump(engine)
    engine.dispose()
    return Scene(f"{where} {choice.action}", act, stage.at.isoformat(), databases.keep(stage.url), place, before)


def of_situation(stage: Stage, here: Situation, action: str) -> Scene:
    """The first who can do it there does."""
    here.put_back(stage)
    return scene(stage, here.number, here.able[action][0])


def _half_signed(stage: Stage) -> str:
    number = change_story.drafted(stage)
    stage.do(number, "sign_supplement_client", by="approver1")
    return number


ONE_EACH: Mapping[str, tuple[Callable[[Stage], str], str]] = {
    "complaint": (complaint_story.taken_up, "answer"),
    "fault": (lambda stage: fault_story.at_state(stage, "register"), "respond"),
    "reboot": (lambda stage: Operation(stage).requested().number, "sign_request"),
    "change": (_half_signed, "sign_supplement_supplier"),
    "drill": (drill_story.planned, "approve_drill"),
}
"""An act of each duty that leaves much behind: a deadline met, a paper, a signature, a supplement, letters."""


def one_of(kind: str, folder: Path) -> Scene:
    """The act of this duty that the short form takes."""
    stage = Stage(folder)
    reach, action = ONE_EACH[kind]
    number = reach(stage)
    return scene(stage, number, able(stage, number, Random(kind))[action][0])
