"""Pictures of workflows: every state stands somewhere, none upon another, every arrow leads where the declaration says."""

from __future__ import annotations

from itertools import combinations

import pytest

import workflow
from tests.desk import visit
from workflow import draw
from workflow.declare import Workflow

ALL = {**workflow.discover(), "visit": visit.workflow}


@pytest.fixture(params=sorted(ALL))
def declared(request: pytest.FixtureRequest) -> Workflow:
    return ALL[request.param]


def test_every_state_is_drawn_once_and_inside(declared: Workflow) -> None:
    picture = draw.whole(declared, str, lambda state: state.meaning)
    beside = {one for one, source in draw.crowded(declared).items() if source is None}
    assert sorted([*(node.box.name for node in picture.nodes), *beside]) == sorted(declared.states)
    assert beside <= {box.name for box in picture.apart}
    assert all(declared.states[one].final for one in beside)
    for node in picture.nodes:
        assert node.x >= 0
        assert node.y >= 0
        assert node.x + node.width <= picture.width
        assert node.y + node.height <= picture.height


def test_no_state_lies_upon_another(declared: Workflow) -> None:
    picture = draw.whole(declared, str, lambda state: state.meaning)
    for one, other in combinations(picture.nodes, 2):
        apart = (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )
        assert apart, (one.box.name, other.box.name)


def test_every_way_is_drawn_but_those_to_where_many_lead(declared: Workflow) -> None:
    picture = draw.whole(declared, str, lambda state: state.meaning)
    many = draw.crowded(declared)
    assert {box.name for box in picture.apart} == set(many)
    drawn = {(edge.way.source, edge.way.dest) for edge in picture.edges}
    ways = draw.ways(declared)
    assert drawn == {pair for pair in ways if pair[1] not in many or many[pair[1]] == pair[0]}


def test_the_same_declaration_gives_the_same_picture(declared: Workflow) -> None:
    assert draw.whole(declared, str, str) == draw.whole(declared, str, str)


def test_here_is_marked_and_what_the_clock_does_is_told_apart() -> None:
    picture = draw.whole(visit.workflow, str, lambda state: state.meaning, here="inside")
    assert [node.box.name for node in picture.nodes if "state-here" in node.box.classes] == ["inside"]
    fault = draw.whole(ALL["fault"], str, lambda state: state.meaning)
    clock = {(e.way.source, e.way.dest) for e in fault.edges if "edge-clock" in e.way.classes}
    assert clock
    assert all(all(a.by_clock for a in draw.ways(ALL["fault"])[pair]) for pair in clock)


def test_a_course_goes_from_left_to_right() -> None:
    here = draw.Box("b", "B", classes=("state-here",))
    ahead = [(draw.Box(name, name), draw.Way("b", name)) for name in ("c", "d")]
    picture = draw.course([draw.Box("a", "A")], here, ahead)
    at = {node.box.name: node for node in picture.nodes}
    assert at["a"].x < at["b"].x < at["c"].x == at["d"].x
    assert at["c"].y + at["c"].height <= at["d"].y
    assert [(e.way.source, e.way.dest) for e in picture.edges] == [("a", "b"), ("b", "c"), ("b", "d")]


def test_a_course_without_a_future_ends_here() -> None:
    picture = draw.course([], draw.Box("b", "B"), [])
    assert [node.box.name for node in picture.nodes] == ["b"]
    assert picture.edges == ()


def test_mermaid_names_every_state_and_its_ends(declared: Workflow) -> None:
    text = draw.mermaid(declared)
    assert text.startswith("stateDiagram-v2\n")
    for state in declared.states.values():
        assert f"    {state.name} : " in text
        assert (f"    {state.name} --> [*]" in text) is state.final
    assert f"[*] --> {declared.opening.dest.name}" in text


def test_the_clause_table_holds_every_clause_in_order(declared: Workflow) -> None:
    table = draw.clause_table(declared)
    assert {clause for clause, _ in table} == declared.clauses()
    assert [clause for clause, _ in table] == sorted((clause for clause, _ in table), key=draw.clause_order)
    assert (
        draw.clause_order("C4.6") < draw.clause_order("C4.10") < draw.clause_order("C11.1") < draw.clause_order("N1.1")
    )
