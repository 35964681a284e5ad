"""Every state, every action, every role: the API's answer is what the declaration says, and a refusal changes nothing.

To reach states without knowing the workflow, the ticket's row is put there directly, a device that only a test has: what
is asked here is who may try what from where, and for that nothing else on the ticket matters. The rows of the right role
are walked in full from their own states; where the complement runs to many thousands, a part of it is drawn at random.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

import workflow as workflows
from database import transaction
from tests.api.house import ADMINISTRATORS, ONE_EACH, House, as_json
from tests.desk import visit
from tickets.models import Ticket
from tickets.record import content_digest
from workflow.declare import ALWAYS, ROLES, Action, State, Workflow

DECLARED = {**workflows.discover(), "visit": visit.workflow}
MOST_DRAWN = 350
STRANGER = "stranger_manager"
CHANCE = random.Random(7 if os.environ.get("CI") else None)
"""An automatic check gives one answer for one state of the code; on a desk each run looks elsewhere."""
_numbers = count()


@dataclass(frozen=True)
class Step:
    """Somebody tries an action on a ticket that stands in a state; `status` is what the declaration says."""

    state: State
    action: str
    by: str
    status: int


def examples(action: Action) -> dict[str, Any]:
    """What the form's own examples fill in."""
    if action.form is None:
        return {}
    found = {name: info.examples[0] for name, info in action.form.model_fields.items() if info.examples}
    return as_json(found)


def put(house: House, kind: str, state: State, *, party: str = "client") -> str:
    """A ticket in this state, by the back door."""
    declared = house.workflows[kind]
    fields, opener = examples(declared.opening), "staff1" if party == "client" else "manager1"
    number = f"WALK-{kind}-{next(_numbers)}"
    awaits = "" if state.final or state.awaits is None else state.awaits.name
    row = Ticket(
        number=number,
        contract_key=house.contract,
        kind=kind,
        state=state.name,
        final=state.final,
        awaits=awaits,
        opener_only=state.opener_only,
        version=1,
        content_version=1,
        content="",
        fields=fields,
        opened_at=house.at,
        opened_by=house.ids[opener],
        opened_party=party,
        changed_at=house.at,
        events=0,
    )
    row.content = content_digest(row)
    with transaction(house.engine) as session:
        session.add(row)
    return number


def told_by_the_declaration(declared: Workflow, state: State, action: Action | None, role: str) -> int:
    """404 for what cannot be seen, 403 for another's, 409 for another state; 0 where the guards have the word."""
    if action is None or (state.opener_only and ROLES[role].party.name != "client"):
        return 404
    if role not in {one.name for one in action.by}:
        return 403
    return 0 if state in declared.sources(action) else 409


def complement(declared: Workflow) -> Iterator[Step]:
    """Everything that the declaration alone refuses."""
    foreign = next(a.name for kind, one in DECLARED.items() if kind != declared.kind for a in one.actions.values()
                   if a.name not in declared.actions)  # fmt: skip
    for state in declared.states.values():
        for name in (*declared.actions, foreign, "no_such_action"):
            for role, person in ONE_EACH.items():
                status = told_by_the_declaration(declared, state, declared.actions.get(name), role)
                if status:
                    yield Step(state, name, person, status)
            for person in (*ADMINISTRATORS, STRANGER):
                yield Step(state, name, person, 404)


def drawn(declared: Workflow) -> list[Step]:
    """All of the complement where it is small, else a part of it: anew in each run, and told when it fails."""
    steps = list(complement(declared))
    if len(steps) <= MOST_DRAWN:
        return steps
    # One of each action and status is always there, so that nothing is left out by chance alone.
    CHANCE.shuffle(steps)
    first = {(step.action, step.status): step for step in steps}
    return [*first.values(), *steps[: MOST_DRAWN - len(first)]]


@pytest.mark.parametrize("kind", sorted(DECLARED))
def test_what_the_declaration_refuses_is_refused_and_changes_nothing(house: House, kind: str) -> None:
    tickets: dict[tuple[str, int], str] = {}
    steps = drawn(DECLARED[kind])
    made = [(step, tickets.setdefault((step.state.name, n // 60), "")) for n, step in enumerate(steps)]
    for place in tickets:
        tickets[place] = put(house, kind, DECLARED[kind].states[place[0]])
    before = house.digest()
    for n, (step, _) in enumerate(made):
        number = tickets[(step.state.name, n // 60)]
        answer = house.act(number, step.action, step.by, version=1)
        assert answer.status_code == step.status, (step, answer.get_json())
        assert answer.mimetype == "application/problem+json"
    assert house.digest() == before


def right_rows(declared: Workflow) -> Iterator[tuple[State, Action, str]]:
    """Every action from each of its states by each of its roles."""
    for state in declared.states.values():
        for action in declared.actions_from(state.name):
            if action.source == ALWAYS and not state.final and state is not next(iter(declared.states.values())):
                continue  # Acts of every state are walked in the first one and in the final ones.
            for role, person in ONE_EACH.items():
                if (
                    role in {one.name for one in action.by}
                    and told_by_the_declaration(declared, state, action, role) == 0
                ):
                    yield state, action, person


@pytest.mark.parametrize("kind", sorted(DECLARED))
def test_where_the_declaration_allows_only_the_guards_refuse(house: House, kind: str) -> None:
    declared = DECLARED[kind]
    for state, action, by in right_rows(declared):
        number = put(house, kind, state)
        before = house.digest(number)
        answer = house.act(number, action.name, by, version=1, **examples(action))
        told = answer.get_json()
        assert answer.status_code in (200, 422), (state.name, action.name, by, told)
        if answer.status_code == 200:
            dest = action.dest.name if action.dest else state.name
            assert told["ticket"]["state"] == dest
            continue
        assert told.get("missing") or told.get("errors"), told
        assert house.digest(number) == before, (state.name, action.name, by)


@pytest.mark.parametrize("kind", sorted(DECLARED))
def test_the_preview_and_the_act_agree(house: House, kind: str) -> None:
    """What the page of a ticket offers is what is done: an action that is off is refused, with the same missing things."""
    declared = DECLARED[kind]
    for state in declared.states.values():
        number = put(house, kind, state)
        for person in CHANCE.sample(sorted(ONE_EACH.values()), 2):
            answer = house.get(f"/tickets/{number}", person)
            if answer.status_code == 404:
                assert state.opener_only
                continue
            offered = {one["name"]: one for one in answer.get_json()["actions"]}
            assert set(offered) == {a.name for a in declared.actions_from(state.name) if not a.by_clock}
            off = [one for one in offered.values() if not one["enabled"]]
            for one in CHANCE.sample(off, min(2, len(off))):
                told = house.act(
                    number, one["name"], person, version=1, **examples(declared.actions[one["name"]])
                ).get_json()
                assert told["status"] in (403, 422), told
                if told["status"] == 403:
                    assert told["missing"] == one["missing"]


def test_an_opening_is_for_its_roles_alone(house: House) -> None:
    for kind, declared in DECLARED.items():
        body = {"kind": kind, "action": declared.opening.name, "fields": {}}
        by = {one.name for one in declared.opening.by}
        before = house.digest()
        for role, person in ONE_EACH.items():
            expected = 422 if role in by else 403
            assert house.post("/tickets", body, person).status_code == expected, (kind, role)
        for person in ADMINISTRATORS:
            assert house.post("/tickets", body, person).status_code == 404
        stranger = house.post("/tickets", {**body, "contract": house.contract}, STRANGER)
        assert (stranger.status_code, stranger.get_json()["errors"][0]["field"]) == (422, "contract")
        assert house.digest() == before
