"""A course with which many scenarios begin is gone once a process, and put back as it stood for the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from itertools import count
from typing import Concatenate, ParamSpec

from tests import databases
from tests.stage import Stage

P = ParamSpec("P")
Course = Callable[Concatenate[Stage, P], str]


@dataclass(frozen=True)
class Gone:
    """What a stage was after the course, and the number of its ticket."""

    database: databases.Kept
    at: datetime
    commits: int
    keys: int
    accounts: dict[str, int]
    number: str


_gone: dict[tuple[object, ...], Gone] = {}


def remembered(course: Course[P]) -> Course[P]:
    """The course, which does nothing that was done before on a stage like this one. Where the stage does not remember, where
    anything was done on it already, and on PostgreSQL, where a copy takes longer than most courses, it is gone as always."""

    @wraps(course)
    def go(stage: Stage, *args: P.args, **more: P.kwargs) -> str:
        if databases.on_postgresql or not stage.may_remember:
            return course(stage, *args, **more)
        of = (
            course.__module__, course.__qualname__, stage.contract.digest, stage.at, *sorted(stage.workflows),
            *sorted(stage.accounts), repr(args), repr(sorted(more.items())),
        )  # fmt: skip
        if of not in _gone:
            number = course(stage, *args, **more)
            keys = next(stage.keys)
            stage.engine.dispose()
            _gone[of] = Gone(databases.keep(stage.url), stage.at, stage.commits, keys, dict(stage.accounts), number)
            stage.keys = count(keys)
            return number
        found = _gone[of]
        stage.engine.dispose()
        found.database.put_back(stage.url)
        stage.at, stage.commits, stage.keys, stage.accounts = (
            found.at,
            found.commits,
            count(found.keys),
            dict(found.accounts),
        )
        return found.number

    return go
