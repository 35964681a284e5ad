"""Every state, every action, everybody: the API's answer is what the declaration says, and a refusal changes nothing.

`make test-whole` walks the product whole: each state of each workflow × each of its actions (the opening and those of
the clock too), one of another workflow and one of none × each role, each administrator, somebody of another contract and
nobody. `make test` walks of it every tenth step that the declaration leaves to the guards, and of those that it refuses
as many as bring each action together with every second state and each person with each action. Nothing is by chance.
What the declaration refuses must be refused, and stand on record where the ticket may be known of; where it allows, the guards
have the word; and what the ticket's page tells of an action must be what trying it comes to.

To reach states without knowing the workflow, the ticket's row is put there directly, a device that only a test has: what
is asked here is who may try what from where, and for that nothing else on the ticket matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select

import workflow as workflows
from database import reading, transaction
from tests.api.house import ADMINISTRATORS, ONE_EACH, House, as_json
from tests.desk import visit
from tickets.models import Event, Ticket, Tree
from tickets.record import content_digest
from workflow.declare import CLOCK, ROLES, Action, State, Workflow

DECLARED = {**workflows.discover(), "visit": visit.workflow}
PLACES = [(kind, state) for kind, declared in sorted(DECLARED.items()) for state in declared.states]
STRANGER, NOBODY = "stranger_manager", None
OUTSIDERS: dict[str | None, int] = {**dict.fromkeys(ADMINISTRATORS, 404), STRANGER: 404, NOBODY: 401}
"""Who has no role in the ticket's contract, and what they are told, whatever they ask."""
ROLE_OF = {person: role for role, person in ONE_EACH.items()}
PEOPLE: tuple[str | None, ...] = (*ROLE_OF, *OUTSIDERS)
NO_ACTION = "no_such_action"
REFUSALS_ON_ONE = 4
"""Each refusal lengthens the history that the next one reads, each new ticket costs a row: about here both are cheapest."""
_numbers = count()


@dataclass(frozen=True)
class Step:
    """Somebody tries an action; `status` is what the declaration says, 0 where the guards have the word."""

    action: str
    by: str | None
    status: int


def examples(action: Action) -> dict[str, Any]:
    """What the form's own examples fill in."""
    if action.form is None:
        return {}
    found = {name: info.examples[0] for name, info in action.form.model_fields.items() if info.examples}
    return as_json(found)


def put(house: House, kind: str, state: State, *, party: str = "client") -> str:
    """A ticket in this state, by the back door."""
    return put_many(house, kind, state, 1, party=party)[0]


def put_many(house: House, kind: str, state: State, how_many: int, *, party: str = "client") -> list[str]:
    """As many of them, in one transaction."""
    declared, opener = house.workflows[kind], "staff1" if party == "client" else "manager1"
    awaits = "" if state.final or state.awaits is None else state.awaits.name
    rows = []
    for _ in range(how_many):
        row = Ticket(
            number=f"WALK-{kind}-{next(_numbers)}",
            contract_key=house.contract,
            kind=kind,
            state=state.name,
            final=state.final,
            awaits=awaits,
            opener_only=state.opener_only,
            version=1,
            content_version=1,
            content="",
            fields=examples(declared.opening),
            opened_at=house.at,
            opened_by=house.ids[opener],
            opened_party=party,
            changed_at=house.at,
            events=0,
        )
        row.content = content_digest(row)
        rows.append(row)
    with transaction(house.engine) as session:
        session.add_all(rows)
        if session.get(Tree, house.contract) is None:  # Where there is a ticket its opening has begun the log.
            session.add(Tree(contract_key=house.contract, size=0, frontier=[]))
    return [row.number for row in rows]


def names(declared: Workflow) -> list[str]:
    """Every action of the workflow, one that only another has, and one that none has."""
    foreign = next(
        name for kind, one in DECLARED.items() if kind != declared.kind for name in one.actions
        if name not in declared.actions
    )  # fmt: skip
    return [*declared.actions, foreign, NO_ACTION]


def told_by_the_declaration(declared: Workflow, state: State, name: str, person: str | None) -> int:
    """404 for what cannot be seen, 403 for another's, 409 for another state; 0 where the guards have the word."""
    if person in OUTSIDERS:
        return OUTSIDERS[person]
    action, role = declared.actions.get(name), ROLES[ROLE_OF[str(person)]]
    if action is None or (state.opener_only and role.party.name != "client"):
        return 404
    if role not in action.by:
        return 403
    return 0 if state in declared.sources(action) else 409


def steps_from(declared: Workflow, state: State) -> list[Step]:
    """The part of the product that begins in this state."""
    return [
        Step(name, person, told_by_the_declaration(declared, state, name, person))
        for name in names(declared)
        for person in PEOPLE
    ]


def some_of(steps: list[Step], place: int) -> list[Step]:
    """Every tenth step that the guards decide, others in the next state; of what is certain one person for every second
    action, the other actions in the next state and the next person in the one after that."""
    actions = dict.fromkeys(step.action for step in steps)
    whose = {
        name: PEOPLE[(number + place // 2) % len(PEOPLE)]
        for number, name in enumerate(actions)
        if (number + place) % 2 == 0
    }
    guarded = {id(step) for step in [step for step in steps if step.status == 0][place % 10 :: 10]}
    return [step for step in steps if id(step) in guarded or (step.action in whose and step.by == whose[step.action])]


def offered(house: House, declared: Workflow, state: State, number: str, person: str | None) -> dict[str, Any]:
    """What the ticket tells this person of each action, by name: of those that there are in this state, and no others."""
    answer = house.get(f"/tickets/{number}", person)
    hidden = OUTSIDERS.get(person) or told_by_the_declaration(declared, state, declared.opening.name, person)
    if hidden in (401, 404):
        assert answer.status_code == hidden, (state.name, person)
        return {}
    told = {one["name"]: one for one in answer.get_json()["actions"]}
    assert set(told) == {action.name for action in declared.actions_from(state.name) if not action.by_clock}
    return told


def tried(house: House, declared: Workflow, number: str, step: Step) -> tuple[int, dict[str, Any]]:
    """The answer's status and what it tells. Where the declaration allows it the form is filled in, so that nothing but
    the guards can refuse."""
    fields = examples(declared.actions[step.action]) if step.status == 0 else {}
    answer = house.act(number, step.action, step.by, version=1, **fields)
    told: dict[str, Any] = answer.get_json()
    assert answer.status_code == 200 or answer.mimetype == "application/problem+json", (step, told)
    return answer.status_code, told


def recorded(house: House) -> tuple[int, int]:
    """How many attempts stand on record: accepted ones, refused ones."""
    with reading(house.engine) as session:
        found = dict(session.execute(select(Event.accepted, func.count()).group_by(Event.accepted)).all())
    return found.get(True, 0), found.get(False, 0)


@pytest.mark.parametrize(("kind", "state"), PLACES)
def test_nothing_is_done_that_the_declaration_does_not_allow(house: House, kind: str, state: str) -> None:
    declared = DECLARED[kind]
    steps = some_of(steps_from(declared, declared.states[state]), list(declared.states).index(state))
    assert len({step.action for step in steps}) >= len(names(declared)) // 2
    assert walk(house, declared, declared.states[state], steps) == set(steps)


@pytest.mark.whole
@pytest.mark.parametrize(("kind", "state"), PLACES)
def test_nothing_at_all_is_done_that_the_declaration_does_not_allow(house: House, kind: str, state: str) -> None:
    declared = DECLARED[kind]
    walked = walk(house, declared, declared.states[state], steps_from(declared, declared.states[state]))
    assert len(walked) == (len(declared.actions) + 2) * len(PEOPLE)


def walk(house: House, declared: Workflow, here: State, steps: list[Step]) -> set[Step]:
    """Tries each step, those that the ticket offers and those that it does not; tells which were tried."""
    seen = put(house, declared.kind, here)
    shown = {person: offered(house, declared, here, seen, person) for person in PEOPLE}
    enabled = {(name, person) for person, told in shown.items() for name, one in told.items() if one["enabled"]}
    allowed = {(step.action, step.by) for step in steps_from(declared, here) if step.status == 0}
    assert enabled <= allowed, "the page offers what the declaration refuses"

    return {
        *walk_the_refused(house, declared, here, [s for s in steps if (s.action, s.by) not in enabled], shown),
        *walk_the_enabled(house, declared, here, [s for s in steps if (s.action, s.by) in enabled]),
    }


def walk_the_refused(
    house: House, declared: Workflow, here: State, steps: list[Step], shown: dict[str | None, dict[str, Any]]
) -> set[Step]:
    """Tries what is off: nothing comes of it but its record, and it is refused for what the ticket had told."""
    by_guards, certain = [s for s in steps if s.status == 0], [s for s in steps if s.status]
    fresh = iter(put_many(house, declared.kind, here, len(by_guards)))
    used = put_many(house, declared.kind, here, -(-len(certain) // REFUSALS_ON_ONE))
    before, on_record, walked = house.digest(), 0, set()
    for n, step in enumerate(certain):
        status, told = tried(house, declared, used[n // REFUSALS_ON_ONE], step)
        walked.add(step)
        assert status == step.status, (here.name, step, told)
        page = shown[step.by].get(step.action)
        assert page is None or told["missing"] == page["missing"], (here.name, step, told)
        on_record += status in (403, 409)
    for step in by_guards:
        status, told = tried(house, declared, next(fresh), step)
        walked.add(step)
        assert status == 422, (here.name, step, told)
        seen = {one["guard"] for one in shown[step.by][step.action]["missing"]}
        found = {one["guard"] for one in told.get("missing", ())}
        # What does not fit its field, or is not on its list, is told before the guards are asked.
        assert told.get("errors") or found == {"on_the_list"} or seen <= found, (here.name, step, told)
        on_record += 1
    assert house.digest() == before, "a refusal changed something"
    assert recorded(house) == (0, on_record)
    return walked


def walk_the_enabled(house: House, declared: Workflow, here: State, steps: list[Step]) -> set[Step]:
    """Tries what is on: it leads where the declaration says, or what was filled in does not do and nothing changes."""
    walked = set()
    for step, number in zip(steps, put_many(house, declared.kind, here, len(steps)), strict=True):
        before = house.digest(number)
        status, told = tried(house, declared, number, step)
        walked.add(step)
        if status == 200:
            dest = declared.actions[step.action].dest
            assert told["ticket"]["state"] == (dest.name if dest else here.name), (here.name, step)
            continue
        assert status == 422, (here.name, step, told)
        assert told.get("missing") or told.get("errors"), (here.name, step, told)
        assert house.digest(number) == before, (here.name, step)
    return walked


def test_the_walk_is_whole(house: House) -> None:
    """As many steps as the declarations that the API tells have states × (actions + 2) × (roles + 2)."""
    told = house.get("/workflows", "staff1").get_json()["workflows"]
    people = len(ROLES.keys() - {CLOCK.name}) + 2  # Somebody of another contract, and nobody.
    whole = sum(len(one["states"]) * (len(one["actions"]) + 2) * people for one in told)
    steps = {
        (kind, state, s.action, s.by)
        for kind, state in PLACES
        for s in steps_from(DECLARED[kind], DECLARED[kind].states[state])
    }
    assert len(steps) == whole
    assert {one["kind"] for one in told} == {kind for kind, _ in PLACES}


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
