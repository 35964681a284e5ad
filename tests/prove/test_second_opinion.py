"""SPIN, which knows nothing of this program, comes to the same abstract states from the declaration, and to the same claims."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.stage import REAL
from tickets.second_opinion import NoSpin, Opinion, asked, compared, tools, without_guards
from workflow import discover as duties
from workflow.contract import load
from workflow.declare import Workflow
from workflow.prove import discover
from workflow.prove.promela import discover as abstracts
from workflow.prove.promela import explored, model
from workflow.reboot.states import AGREED

CONTRACT, DUTIES = load(REAL), duties()
REBOOT, ABSTRACT = DUTIES["reboot"], abstracts()["reboot"]
SCOPES = {scope.name: scope for scope in discover()["reboot"].scopes}


def _missing() -> str:
    try:
        tools()
    except NoSpin as missing:
        return str(missing)
    return ""


needs_spin = pytest.mark.skipif(bool(_missing()), reason=f"NO SECOND OPINION on what is proved: {_missing()}")


def spin(duty: Workflow, scope: str) -> Opinion:
    return asked(duty, SCOPES[scope], ABSTRACT, CONTRACT)


def declared(act: str, **otherwise: Any) -> Workflow:
    made = copy(REBOOT)
    made.actions = {**REBOOT.actions, act: replace(REBOOT.actions[act], **otherwise)}
    return made


@needs_spin
def test_both_come_to_the_same_states_by_the_same_edges() -> None:
    both = compared(REBOOT, SCOPES["edits"], ABSTRACT, CONTRACT, DUTIES)
    assert both.agrees, (both.states, both.spin.stored, both.here ^ both.spin.edges)
    assert both.states > 200


@pytest.mark.whole
@needs_spin
def test_a_declaration_that_is_otherwise_comes_to_other_edges() -> None:
    here = explored(REBOOT, SCOPES["edits"], ABSTRACT, CONTRACT, DUTIES)
    withdrawn_too_seldom = declared(
        "withdraw", source=[one for one in REBOOT.sources(REBOOT.actions["withdraw"]) if one != AGREED]
    )
    assert {edge for edge, _, _ in here ^ spin(withdrawn_too_seldom, "edits").edges} == {"withdraw"}
    assert here != spin(declared("amend", amends=False), "edits").edges


@needs_spin
def test_spin_finds_what_guards_keep_away() -> None:
    without = ("inside_the_window", "all_steps_done")
    assert set(spin(without_guards(REBOOT, without), "edits").broken) == {"B9", "B11.finish"}


@pytest.mark.whole
@needs_spin
@pytest.mark.parametrize(
    ("without", "scope", "broken"),
    [
        (("identity_verified",), "time", "B1"),
        (("by_a_second_person", "consented"), "persons", "B5"),
        (("persons_apart", "chosen_apart"), "persons", "B7"),
    ],
)
def test_spin_finds_what_each_guard_keeps_away(without: tuple[str, ...], scope: str, broken: str) -> None:
    assert broken in spin(without_guards(REBOOT, without), scope).broken


@pytest.mark.whole
@needs_spin
def test_a_new_text_that_voids_nothing_is_found_by_spin() -> None:
    """An amendment that leaves what was signed would show as other edges: the reset is said here, not read from there."""
    kept = replace(ABSTRACT, text="asked_by = me")
    assert asked(REBOOT, SCOPES["edits"], kept, CONTRACT).edges != spin(REBOOT, "edits").edges


@pytest.mark.whole
@needs_spin
@pytest.mark.parametrize("scope", ABSTRACT.scopes)
def test_both_come_to_the_same_in_every_scope(scope: str) -> None:
    assert compared(REBOOT, SCOPES[scope], ABSTRACT, CONTRACT, DUTIES).agrees


def test_the_model_says_every_act_of_a_person_in_its_scope() -> None:
    said = model(REBOOT, SCOPES["persons"], ABSTRACT, CONTRACT)
    for act in ("request", "sign_request", "call_back", "verify_identity", "consent", "agree", "start", "finish"):
        assert f"/* {act} by " in said


def test_nobody_is_asked_where_spin_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.second_opinion.shutil.which", lambda name: None)
    with pytest.raises(NoSpin, match="spin and a C compiler"):
        tools()
