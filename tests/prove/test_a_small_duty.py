"""The engine of the proof, on a duty of forty lines: what holds is found to hold, and each planted hole is found and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.desk.visit import ALLOWED, INSIDE, LEFT, REFUSED, REQUESTED, workflow
from tests.stage import REAL
from workflow.attempt import Attempt
from workflow.contract import load
from workflow.declare import CLIENT, SUPPLIER, SUPPLIER_MANAGER, Action, Guard, Missing, Workflow
from workflow.declare import Proof as ReliedOn
from workflow.guards import done, still_mandated
from workflow.prove import Claim, Proof, Proved, Scope, prove
from workflow.prove.claims import can_always, can_end, enters_only_after, never, only_after, only_by
from workflow.prove.general import general
from workflow.prove.scope import Fill, after, cast

CONTRACT = load(REAL)
SCOPE = Scope(
    "all", "Everybody does everything.",
    cast=cast(staff="client.staff", manager="supplier.manager", engineer="supplier.engineer", other="supplier.engineer",
              reviewer="supervisor.reviewer"),
    moments=(timedelta(0), timedelta(hours=1), timedelta(hours=3)),
    fills={"request": [Fill({"visitor": "来访单位甲", "visit_end": after(hours=2)})],
           "attach": [Fill({"paper": "attachment", "note": "附件", "file": {"digest": "0" * 64}})]},
)  # fmt: skip
CLAIMS = (
    *general(
        workflow, binding=("allow",), by_clock={"note_overstay": None}, unlimited=(REQUESTED, ALLOWED),
        ends_alone={"supplier": (REQUESTED, ALLOWED, INSIDE)},
    ),
    only_by("V1", "C9.6", "Only a manager allows it.", acts=("allow",), roles=(SUPPLIER_MANAGER,)),
    only_after("V2", "C9.6", "Nobody enters unallowed.", act="enter", needs="allow"),
    enters_only_after("V3", "C9.6", "Nobody has left who was not inside.", state=LEFT, needs="leave"),
    never("V4", "C9.6", "Nobody enters twice.", acts=("enter",), when=lambda step: step.last("enter") is not None),
    can_always("V5", "C9.6", "The supplier may refuse while it has not answered.", acts="refuse", states=(REQUESTED,),
               party=SUPPLIER),
)  # fmt: skip


def proved(duty: Workflow = workflow, claims: Sequence[Claim] = CLAIMS, scope: Scope = SCOPE, **more: Any) -> Proved:
    return prove(duty, Proof("visit", (scope,), tuple(claims)), CONTRACT, {"visit": duty}, **more)


def changed(**acts: Callable[[Action], Action]) -> Workflow:
    """The duty with some acts declared otherwise; the checks of a declaration are left aside, as a planter would."""
    made = copy(workflow)
    made.actions = {name: acts.get(name, lambda one: one)(action) for name, action in workflow.actions.items()}
    return made


def test_what_holds_is_found_to_hold() -> None:
    found = proved()
    assert found.broken == ()
    assert found.unreached == ()
    assert found.configurations > 5


PLANTED: dict[str, tuple[Workflow, str]] = {
    "an unallowed entry": (changed(enter=lambda one: replace(one, source=(REQUESTED, ALLOWED))), "V2"),
    "an engineer who allows": (changed(allow=lambda one: replace(one, by=[*one.by, *workflow.actions["enter"].by])), "V1"),
    "an exit from the end": (changed(enter=lambda one: replace(one, source=(ALLOWED, REFUSED))), "G3"),
    "a second entry": (changed(enter=lambda one: replace(one, source=(ALLOWED, INSIDE))), "V4"),
    "a lost right": (changed(refuse=lambda one: replace(one, source=ALLOWED)), "V5"),
    "a proof of identity that nobody asks for": (changed(allow=lambda one: replace(one, guards=())), "G14"),
    "a way back for ever": (changed(leave=lambda one: replace(one, dest=ALLOWED)), "G6"),
    "a clock that decides": (changed(note_overstay=lambda one: replace(one, dest=LEFT)), "G15"),
    "a supervisor who acts": (
        changed(refuse=lambda one: replace(one, by=[*one.by, *workflow.actions["remark"].by])), "G2",
    ),
    "a party that may not speak": (changed(remark=lambda one: replace(one, by=workflow.actions["enter"].by)), "G11.client"),
}  # fmt: skip


@pytest.mark.parametrize("hole", PLANTED)
def test_a_planted_hole_is_found_and_its_shortest_story_told(hole: str) -> None:
    duty, broken = PLANTED[hole]
    found = proved(duty)
    assert broken in found.broken
    told = next(one for one in found.violations if one.claim.name == broken).story
    assert all(step.says.text for step in told)
    assert [step.before for step in told][1:] == [step.after for step in told][:-1]


def test_the_story_of_an_attack_is_the_shortest() -> None:
    found = proved(PLANTED["an unallowed entry"][0])
    story = next(one for one in found.violations if one.claim.name == "V2").story
    assert [step.move.act for step in story] == ["request", "enter"]
    assert str(story[-1].says) == "Engineer (Supplier engineer): Enter"


def test_a_guard_can_be_taken_away_and_then_its_attack_is_told() -> None:
    assert proved(without=("identified",), stop_at_first=True).broken == ("G14",)


def test_a_mandate_may_lapse_at_any_moment() -> None:
    held = still_mandated("allow", SUPPLIER_MANAGER, clause="C9.6")
    claim = never("V6", "C9.6", "Nobody enters once who allowed it has no mandate.", acts=("enter",),
                  when=lambda step: not step.holds(step.last("allow").person, SUPPLIER_MANAGER))  # fmt: skip
    assert "V6" in proved(claims=(claim,)).broken
    assert proved(changed(enter=lambda one: replace(one, guards=(held,))), claims=(claim,)).broken == ()


def test_time_passes_and_the_clock_strikes() -> None:
    late = never("V7", "C9.6", "No visit is ever too long.", acts=("note_overstay",), when=lambda step: True)
    found = proved(claims=(late,))
    story = found.violations[0].story
    assert found.broken == ("V7",)
    assert story[-1].struck == ("note_overstay",)
    assert [step.move.kind for step in story].count("time") == 2


def test_one_party_alone_cannot_always_bring_about_an_end() -> None:
    alone = can_end("V8", "C9.6", "The client can end it alone.", party=CLIENT)
    assert proved(claims=(alone,)).broken == ("V8",)


def test_what_no_scope_comes_to_is_told() -> None:
    unreached = proved(scope=replace(SCOPE, leaves_out=("enter",))).unreached
    assert unreached == ("inside", "left", "enter", "leave", "note_overstay")


def test_a_way_to_fill_in_is_tried_only_where_it_may_be_and_one_set_aside_goes_no_further() -> None:
    nowhere = replace(SCOPE, fills={**SCOPE.fills, "enter": [Fill({}, at=("requested",))]})
    assert "enter" in proved(scope=nowhere).unreached
    aside = replace(SCOPE, fills={**SCOPE.fills, "leave": [Fill({}, aside=True)]})
    assert proved(scope=aside).unreached == ("left",)


def test_whoever_goes_through_all_papers_asks_about_those_that_nobody_has_filed_yet() -> None:
    def check(attempt: Attempt) -> ReliedOn | Missing:
        shown = any(paper.kind == "attachment" for paper in attempt.facts.papers)
        return ReliedOn("papers") if shown else Missing("Nothing was shown.")

    duty = changed(enter=lambda one: replace(one, guards=(Guard("shown", "C9.6", "Something was shown.", check),)))
    assert proved(duty, claims=()).unreached == ()


def test_an_act_that_cannot_be_computed_without_a_guard_is_taken_back() -> None:
    def computes(attempt: Attempt) -> dict[str, Any]:
        assert attempt.last("remark") is not None, "a guard asks for it"
        return {}

    duty = changed(allow=lambda one: replace(one, guards=(*one.guards, done("remark", "C10.2")), computes=computes))
    assert proved(duty, claims=(), without=("done:remark",)).broken == ()
    with pytest.raises(AssertionError, match="a guard asks for it"):
        proved(changed(allow=lambda one: replace(one, computes=computes)), claims=())
