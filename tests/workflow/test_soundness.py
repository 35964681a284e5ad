"""A declaration that contradicts itself does not import, and says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import pytest
from pydantic import Field

from tests.desk import visit
from workflow.declare import (
    ANY,
    CLIENT,
    CLIENT_STAFF,
    CLOCK,
    SUPPLIER_ENGINEER,
    Action,
    Deadline,
    PaperKind,
    State,
    Workflow,
)
from workflow.forms import Form, Line
from workflow.guards import identified
from workflow.soundness import Contradiction

declared = visit.workflow


def parts() -> dict[str, Any]:
    """The fifth duty, taken apart so that a test can spoil one part."""
    return {
        "kind": "visit",
        "clause": "C9.6",
        "prefix": "V",
        "states": list(declared.states.values()),
        "actions": [a for a in declared.actions.values() if a.name not in ("remark", "attach")],
        "deadlines": list(declared.deadlines.values()),
        "papers": [],
    }


class Unlabelled(Form):
    visitor: Line


class WithoutExample(Form):
    visitor: Annotated[Line, Field(title="Visitor")]


def _without_action(name: str) -> Callable[[dict[str, Any]], None]:
    def spoil(whole: dict[str, Any]) -> None:
        whole["actions"] = [action for action in whole["actions"] if action.name != name]

    return spoil


def _with_action(**values: Any) -> Callable[[dict[str, Any]], None]:
    def spoil(whole: dict[str, Any]) -> None:
        plain = {"by": [SUPPLIER_ENGINEER], "source": visit.INSIDE, "dest": None, "clause": "C9.6"}
        whole["actions"].append(Action(**{"name": "extra", **plain, **values}))

    return spoil


def _with_deadline(**values: Any) -> Callable[[dict[str, Any]], None]:
    def spoil(whole: dict[str, Any]) -> None:
        whole["deadlines"] = [replace(whole["deadlines"][0], **values)]

    return spoil


def _with_states(*states: State) -> Callable[[dict[str, Any]], None]:
    def spoil(whole: dict[str, Any]) -> None:
        whole["states"] += states

    return spoil


LIMBO = State("limbo", "C9.6", "Nobody leads out of here.", CLIENT)
LOOP = State("loop", "C9.6", "It leads only to itself.", CLIENT)
SPOILT: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "two openings": (_with_action(source=None, dest=visit.INSIDE), "2 actions open"),
    "no opening": (_without_action("request"), "0 actions open"),
    "same name twice": (_with_action(name="enter"), "action 'enter' is declared twice"),
    "same state twice": (_with_states(visit.INSIDE), "state 'inside' is declared twice"),
    "unreachable state": (_with_states(LIMBO), "state 'limbo' cannot be reached"),
    "trap": (lambda w: (_with_states(LIMBO)(w), _with_action(dest=LIMBO)(w))[0], "state 'limbo' is a trap"),
    "awaited and powerless": (
        lambda w: w.update(
            states=[replace(s, awaits=CLIENT) if s.name == "inside" else s for s in w["states"]],
            actions=[
                replace(a, source=replace(a.source, awaits=CLIENT))
                if a.source == visit.INSIDE
                else replace(a, dest=replace(a.dest, awaits=CLIENT))
                if a.dest == visit.INSIDE
                else a
                for a in w["actions"]
            ],
        ),
        "state 'inside' awaits client, who has no act there",
    ),
    "awaited in the place of others and powerless": (
        lambda w: w.update(
            states=[replace(s, or_else=CLIENT) if s.name == "inside" else s for s in w["states"]],
            actions=[
                replace(a, source=replace(a.source, or_else=CLIENT))
                if a.source == visit.INSIDE
                else replace(a, dest=replace(a.dest, or_else=CLIENT))
                if a.dest == visit.INSIDE
                else a
                for a in w["actions"]
            ],
        ),
        "state 'inside' awaits or else client, who has no act there",
    ),
    "no way to an end": (
        lambda w: (
            _with_states(LOOP)(w),
            _with_action(dest=LOOP)(w),
            _with_action(name="turn", source=LOOP, dest=LOOP)(w),
        )[0],
        "from state 'loop' no final state can be reached",
    ),
    "exit from a final state": (
        _with_action(source=visit.LEFT, dest=visit.INSIDE),
        "the final state 'left' has the exits",
    ),
    "undeclared state": (_with_action(dest=LIMBO), "names the undeclared state"),
    "nobody may": (_with_action(by=[]), "nobody may 'extra'"),
    "clock and person": (_with_action(by=[CLOCK, CLIENT_STAFF]), "both a person's and the clock's"),
    "clock without deadline": (_with_action(by=[CLOCK]), "no deadline calls the clock's 'extra'"),
    "deadline without clock": (_with_deadline(missed="leave"), "is missed by 'leave', which is not the clock's"),
    "deadline of nothing": (_with_deadline(starts=["arrive"]), "undeclared action 'arrive'"),
    "deadline without length": (_with_deadline(until=None), "needs either a figure or a field"),
    "deadline with two lengths": (_with_deadline(within="fault.response"), "needs either a figure or a field"),
    "deadline runs where no clock is": (_with_deadline(starts=["allow"]), "can run out in state 'allowed'"),
    "unlabelled field": (_with_action(form=Unlabelled), "field 'visitor' of the form of 'extra' has no label"),
    "field without example": (_with_action(form=WithoutExample), "has no example"),
    "gathered for nothing": (
        lambda whole: whole.update(gathers={"ended:visit": ["arrive"]}),
        "'ended:visit' is gathered for the undeclared action 'arrive'",
    ),
    "undeclared paper": (_with_action(files=PaperKind("note", "C9.6", "A note.")), "undeclared paper 'note'"),
    "signature without identity": (
        lambda w: (w["papers"].append(note := PaperKind("note", "C9.6", "A note.")), _with_action(signs=note)(w))[0],
        "signs without a fresh proof of identity",
    ),
    "no final state": (
        lambda w: w.update(
            states=[replace(s, final=False, awaits=CLIENT) for s in w["states"]],
            actions=[
                replace(
                    a,
                    source=ANY if a.source else None,
                    dest=replace(a.dest, final=False, awaits=CLIENT) if a.dest else None,
                )
                for a in w["actions"]
            ],
        ),
        "no state is final",
    ),
}


def test_the_fifth_duty_is_sound() -> None:
    Workflow(**parts())


@pytest.mark.parametrize("name", SPOILT)
def test_a_contradiction_does_not_import(name: str) -> None:
    spoil, says = SPOILT[name]
    whole = parts()
    spoil(whole)
    with pytest.raises(Contradiction, match=says):
        Workflow(**whole)


def test_every_fault_is_told_at_once() -> None:
    whole = parts()
    _with_action(name="one", by=[])(whole)
    _with_action(name="two", form=Unlabelled)(whole)
    with pytest.raises(Contradiction) as caught:
        Workflow(**whole)
    assert "nobody may 'one'" in str(caught.value)
    assert "form of 'two'" in str(caught.value)


def test_a_signing_act_that_asks_for_identity_is_sound() -> None:
    whole = parts()
    note = PaperKind("note", "C9.6", "A note.")
    whole["papers"].append(note)
    _with_action(signs=note, guards=[identified])(whole)
    assert Workflow(**whole).papers["note"] is note


def test_deadlines_and_states_that_stop_them() -> None:
    whole = parts()
    whole["deadlines"] = [
        Deadline(
            "overstay",
            clause="C9.6",
            until="visit_end",
            starts=["allow"],
            stops=[visit.ALLOWED],
            missed="note_overstay",
        )
    ]
    Workflow(**whole)
