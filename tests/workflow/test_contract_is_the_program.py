"""The contract is the program: every clause is carried or says why not, every duty cites it, no number stands in code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import workflow
from tests.conftest import ELSEWHERE
from tests.stage import REAL
from workflow.contract import load
from workflow.declare import BUSINESS_ROLES, CLOCK, Workflow
from workflow.fit import figures, lacking

DECLARED = workflow.discover()
CONTRACTS = {path.name: load(path) for path in (REAL, ELSEWHERE)}
ROOM = Path(workflow.__file__).parent
BEYOND = {"contract", "desk"}
"""What else may carry a clause: the contract's own page and figures, and the desk itself."""


def test_the_four_duties_are_there() -> None:
    assert {"fault", "reboot", "change", "drill"} <= set(DECLARED)


@pytest.mark.parametrize("kind", DECLARED)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_each_contract_has_every_clause_and_figure_that_a_duty_asks_for(kind: str, contract: str) -> None:
    assert lacking(DECLARED[kind], CONTRACTS[contract]) == ()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_clause_is_carried_or_says_why_not(contract: str) -> None:
    for clause in CONTRACTS[contract].clauses.values():
        assert bool(clause.carried_by) != bool(clause.not_carried), clause.id


def test_a_duty_that_is_said_to_carry_a_clause_cites_it() -> None:
    for clause in CONTRACTS[REAL.name].clauses.values():
        for kind in set(clause.carried_by) - BEYOND:
            assert clause.id in DECLARED[kind].clauses(), f"{clause.id} is said to be carried by {kind}"


@pytest.mark.parametrize("kind", DECLARED)
def test_what_a_duty_cites_the_contracts_page_shows(kind: str) -> None:
    contract = CONTRACTS[REAL.name]
    shown = {clause.id for clause in contract.carried_by(kind)}
    common = {clause for clause in DECLARED[kind].clauses() if BEYOND & set(contract.clause(clause).carried_by)}
    assert DECLARED[kind].clauses() - common - shown == set()


ARITHMETIC = {-1, 0, 1, 2, 12, 60, 100, 10_000, 1_000_000}
"""Counting, halves, months a year, minutes an hour, percent and its parts: what no contract decides."""


NAMED = {"change/price.py": ["22: 30"], "drill/after_forms.py": ["12: 3", "12: 5"], "fault/invariants.py": ["91: 3"]}
"""The formula "by days" reckons a month as thirty days: the formula is a setting, what it means is not. The assessment
form of the national standard scores 1, 3 or 5: the keys of a closed choice. Who prepares, checks and submits a report are
three persons: as many as there are acts."""


def numbers_in(source: str) -> list[str]:
    """Number literals beyond plain arithmetic, outside annotations' shapes of fields."""
    tree = ast.parse(source)
    shapes = {
        id(leaf)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword)
        and node.arg in {"min_length", "max_length", "ge", "le", "examples", "max_digits"}
        for leaf in ast.walk(node)
    }
    choices = {
        id(leaf)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"
        for leaf in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            is_plain = node.value in ARITHMETIC or id(node) in shapes | choices
            if not is_plain:
                found.append(f"{node.lineno}: {node.value}")
    return found


EXPLORED = ("proof.py", "filled_in.py", "abstract.py")
"""Bounds of an exploration: at which moments one looks is no figure of a contract."""


def of_duties() -> list[Path]:
    own = (path for kind in DECLARED for path in (ROOM / kind).glob("*.py") if path.name not in EXPLORED)
    return sorted([*own, ROOM / "guards.py"])


@pytest.mark.parametrize("path", of_duties(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_number_of_the_contract_stands_in_a_duty(path: Path) -> None:
    assert numbers_in(path.read_text()) == NAMED.get(f"{path.parent.name}/{path.name}", [])


def test_the_watch_over_numbers_notices_one() -> None:
    assert numbers_in("LIMIT = 15") == ["1: 15"]
    assert numbers_in("x: Field(max_length=200) = first[0]; y: Literal[1, 5]") == []


@pytest.mark.parametrize("kind", DECLARED)
def test_every_act_and_deadline_says_what_it_is(kind: str) -> None:
    declared: Workflow = DECLARED[kind]
    assert declared.says
    for action in declared.actions.values():
        assert action.says.endswith("."), action.name
        assert action.clause
    for deadline in declared.deadlines.values():
        assert deadline.says.endswith("."), deadline.name


@pytest.mark.parametrize("kind", DECLARED)
def test_administrators_have_no_business_and_the_supervisor_moves_nothing_but_its_review(kind: str) -> None:
    for action in DECLARED[kind].actions.values():
        assert set(action.by) <= {*BUSINESS_ROLES, CLOCK}


@pytest.mark.parametrize("kind", DECLARED)
def test_a_missed_duty_is_told(kind: str) -> None:
    declared = DECLARED[kind]
    for deadline in declared.deadlines.values():
        if deadline.party is not None:
            assert declared.actions[deadline.missed].tells, f"nobody is told when {deadline.name} is missed"


@pytest.mark.parametrize("kind", DECLARED)
def test_only_the_clock_acts_for_the_clock_and_it_never_confirms(kind: str) -> None:
    """No closing and no consent by silence: what the clock does is a note, an expiry or an archiving."""
    for action in DECLARED[kind].actions.values():
        if action.by_clock:
            assert action.form is None
            assert action.signs is None
            assert not action.amends


def test_figures_named_by_a_duty_exist() -> None:
    for declared in DECLARED.values():
        for contract in CONTRACTS.values():
            assert contract.unknown_figures(figures(declared)) == ()
