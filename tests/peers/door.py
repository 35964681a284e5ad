"""What the tests of this room have in common: a refusal seen whole, and the bugs of others, planted for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from sqlalchemy import update

from tests.api.house import House
from tests.api.http_stage import RefusalStage
from tickets.desk import Desk
from tickets.models import Ticket
from workflow.attempt import Attempt
from workflow.declare import Guard, Proof

Planting = Callable[[pytest.MonkeyPatch, House], None]
Test = TypeVar("Test", bound=Callable[..., None])
BUGS: dict[str, tuple[Callable[..., None], Planting]] = {}
"""By name of the test: the test, and what plants the bug that it is there for."""
MODULES = (
    "tests.peers.test_who_may_say_yes", "tests.peers.test_a_yes_and_what_came_after_it",
    "tests.peers.test_ways_round_the_guards", "tests.peers.test_what_stands_on_record",
)  # fmt: skip


def bug(planting: Planting) -> Callable[[Test], Test]:
    """Declares, beside a test, the bug that it must notice."""

    def declare(test: Test) -> Test:
        BUGS[f"{test.__module__.rsplit('.', 1)[-1]}::{test.__name__}"] = (test, planting)
        return test

    return declare


def refused(
    stage: RefusalStage, number: str, action: str, by: str, *, guard: str, clause: str = "C9.5", status: int = 422,
    factor: bool = True, **fields: Any,
) -> dict[str, Any]:  # fmt: skip
    """Asserts that the API refuses for want of `guard`, under its clause, and that nothing has changed. What the clock owes
    is done before, and who acts has proved who they are: nothing else stands in the way."""
    stage.strike()
    if factor:
        stage._prove_where_asked(number, action, by)
    told = stage.house.refused(number, action, by, status, factor=False, **fields)
    found = {one["guard"]: one["clause"] for one in told["missing"]}
    assert found.get(guard) == clause, found
    return told


def allowed(stage: RefusalStage, number: str, action: str, by: str, *, factor: bool = True, **fields: Any) -> str:
    """Asserts that the API lets it pass; gives the state that it leads to."""
    with stage._through_http():
        stage.do(number, action, by=by, factor=factor, **fields)
    return stage.row(number).state


@contextmanager
def nothing_changes(house: House) -> Iterator[None]:
    """Asserts that all that is on record, but for attempts and their answers, is as it was."""
    before = house.digest()
    yield
    assert house.digest() == before, "something was changed"


# --- bugs ----------------------------------------------------------------------------------------------------------------


def unguarded(kind: str, *names: str, acts: tuple[str, ...] = ()) -> Planting:
    """These guards let everything pass (in these acts, or everywhere)."""

    def plant(patch: pytest.MonkeyPatch, house: House) -> None:
        for action in house.workflows[kind].actions.values():
            for guard in action.guards:
                if guard.name in names and (not acts or action.name in acts):
                    _let_pass(patch, guard)

    return plant


def _let_pass(patch: pytest.MonkeyPatch, guard: Guard) -> None:
    """Guards cannot be changed, so it is done beneath."""

    def passes(_attempt: Attempt) -> Proof:
        return Proof("planted", None)

    patch.setitem(vars(guard), "check", passes)


def replaced(place: Any, name: str, by: Callable[[Any], Any]) -> Planting:
    """Something of the program is otherwise; `by` is given what it was before."""
    return lambda patch, _house: patch.setattr(place, name, by(getattr(place, name)))


def moves_by_itself(source: str, dest: str) -> Planting:
    """Whenever the clock looks, a ticket in one state is found in another, as if somebody had agreed to it."""

    def plant(patch: pytest.MonkeyPatch, _house: House) -> None:
        due = Desk.due

        def also_moves(desk: Desk, limit: int = 100) -> list[int]:
            with desk.engine.begin() as connection:
                connection.execute(update(Ticket).where(Ticket.state == source).values(state=dest))
            return due(desk, limit)

        patch.setattr(Desk, "due", also_moves)

    return plant
