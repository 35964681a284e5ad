"""A charter is a second word on what an act is: whatever the two say otherwise of a duty of forty lines breaks a named claim."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.desk.visit import ALLOWED, INSIDE, LEFT, REFUSED, REQUESTED, workflow
from tests.prove.test_a_small_duty import CLAIMS, CONTRACT, SCOPE
from workflow.declare import (
    CLIENT,
    CLIENT_STAFF,
    CLOCK,
    SUPERVISOR,
    SUPPLIER,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    SUPPLIER_ROLES,
)
from workflow.prove import Proof, charter, prove
from workflow.prove.charter import TEXT, OnTrial, Right, claims, everybodys, files, given, signs
from workflow.prove.claims import Step
from workflow.prove.scope import cast
from workflow.prove.trial import GIVEN, SURVIVES, Trial

STATES = (REQUESTED, ALLOWED, INSIDE, LEFT, REFUSED)
EVERYBODY = replace(
    SCOPE, lapses=(),
    cast=(*SCOPE.cast, *cast(approver="client.approver", desk="supplier.desk", relations="supplier.relations")),
)  # fmt: skip
CHARTER = charter.charter(
    Right("request", "C9.6", (CLIENT_STAFF,), (), REQUESTED, (SUPPLIER,), (TEXT,), states=("visitor",)),
    Right("allow", "C9.6", (SUPPLIER_MANAGER,), (REQUESTED,), ALLOWED, (CLIENT,)),
    Right("refuse", "C9.6", (SUPPLIER_MANAGER,), (REQUESTED,), REFUSED, (CLIENT,)),
    Right("enter", "C9.6", (SUPPLIER_ENGINEER,), (ALLOWED,), INSIDE, begins=("overstay",)),
    Right("leave", "C9.6", (SUPPLIER_ENGINEER,), (INSIDE,), LEFT, (CLIENT,), meets=("overstay",)),
    Right("note_overstay", "C9.6", (CLOCK,), (INSIDE,), tells=(CLIENT, SUPPLIER)),
    *everybodys(STATES, (CLIENT, SUPPLIER, SUPERVISOR)),
)  # fmt: skip


def broken(**otherwise: Any) -> set[str]:
    """Which claims of a charter that is otherwise in one act the declaration breaks."""
    held = {**CHARTER, **{act: replace(CHARTER[act], **said) for act, said in otherwise.items()}}
    proof = Proof("visit", (EVERYBODY,), claims(held, STATES))
    found = prove(workflow, proof, CONTRACT, {"visit": workflow})
    trial = Trial(workflow, proof, CONTRACT, {"visit": workflow}, OnTrial(given(held)))
    trial.prepare()
    return {*found.broken, *([GIVEN] if trial.lacking else [])}


def test_two_words_that_agree_break_nothing() -> None:
    assert broken() == set()


@pytest.mark.parametrize(
    ("claim", "act", "said"),
    [
        ("R1", "enter", {"by": (SUPPLIER_MANAGER,)}),
        ("R1", "allow", {"by": (CLOCK,)}),
        ("R2", "enter", {"where": (REQUESTED,)}),
        ("R2", "leave", {"leads": INSIDE}),
        ("R2", "remark", {"where": STATES[:-1]}),
        ("R3", "allow", {"tells": (CLIENT, SUPERVISOR)}),
        ("R3", "allow", {"tells": ()}),
        ("R4", "allow", {"leaves": (signs("attachment"),)}),
        ("R4", "request", {"leaves": ()}),
        ("R5", "allow", {"states": ("reason",)}),
        ("R6", "leave", {"meets": ()}),
        ("R6", "enter", {"begins": ()}),
        ("R6", "allow", {"begins": ("overstay",)}),
        ("R6", "leave", {"meets": (), "waives": ("overstay",)}),
        ("R6", "enter", {"begins": lambda step: ("overstay",) if step.says("visitor") is None else ()}),
        ("R6", "leave", {"meets": lambda step: ("overstay",) if step.last("leave") else ()}),
        ("R7", "allow", {"by": (*SUPPLIER_ROLES,)}),
        ("R7", "enter", {"where": (ALLOWED, INSIDE)}),
    ],
)
def test_where_they_say_otherwise_the_claim_of_that_name_is_broken(claim: str, act: str, said: dict[str, Any]) -> None:
    assert claim in broken(**{act: said})


def test_which_limits_begin_and_are_kept_may_depend_on_what_happened_before() -> None:
    def while_inside(step: Step) -> tuple[str, ...]:
        return ("overstay",) if step.last("enter") else ()

    assert broken(leave={"meets": while_inside}, enter={"begins": lambda step: ("overstay",)}) == set()


def test_an_act_that_the_charter_does_not_know_is_nobodys() -> None:
    held = {name: right for name, right in CHARTER.items() if name != "refuse"}
    found = prove(workflow, Proof("visit", (EVERYBODY,), claims(held, STATES)), CONTRACT, {"visit": workflow})
    assert found.broken == ("R1",)
    assert found.violations[0].story[-1].move.act == "refuse"


def test_with_a_charter_no_mutant_of_the_small_duty_survives() -> None:
    proof = Proof("visit", (EVERYBODY,), (*CLAIMS, *claims(CHARTER, STATES)))
    excused = {"request without within_the_term": "The scope lies within the term."}
    trial = Trial(workflow, proof, CONTRACT, {"visit": workflow}, OnTrial(given(CHARTER), excused))
    trial.prepare()
    verdicts = [trial.verdict(mutant) for mutant in trial.mutants()]
    assert [one.mutant for one in verdicts if one.how == SURVIVES] == []


def test_no_act_stands_twice() -> None:
    with pytest.raises(AssertionError):
        charter.charter(CHARTER["enter"], CHARTER["enter"])
    assert files("attachment") != signs("attachment")
