"""Counter-example theatre: for each guard of a duty the story of what would happen without it, step by step.

Nothing is searched for here: the stories lie beside the proof, where `flask prove --stories` has put them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from flask import Blueprint, abort, render_template

from auth import asking
from auth.policy import WITH_MANDATE, policy
from auth.sessions import caller
from tickets import chrome, draw_view, room
from tickets.arguments import arguments, contract_of
from tickets.contract_pages import first_with
from tickets.speech import label
from workflow import prove
from workflow.contract import Contract
from workflow.declare import Action, Guard, Words, Workflow
from workflow.prove import stories
from workflow.prove.claims import Claim
from workflow.prove.stories import STATE, Beat, Playbill, Story

blueprint = Blueprint("theatre", __name__, url_prefix="/workflows/<kind>/theatre")


@dataclass(frozen=True)
class Entry:
    """A guard as the playbill names it: who asks for it, its story, and the claim that breaks without it. `beside`: the guards
    that refuse with it; where a story is told they are taken away for it, and so is the state where it bars the act."""

    guard: Guard
    acts: tuple[Action, ...]
    story: Story
    claim: Claim | None
    beside: tuple[Guard, ...]

    @property
    def is_barred_by_state(self) -> bool:
        return STATE in self.story.beside


@dataclass(frozen=True)
class Step:
    """A step as it is shown. `beyond`: the real declaration refuses here, or has refused before."""

    number: int
    beat: Beat
    is_barred: bool
    beyond: bool


@cache
def claims(kind: str) -> Mapping[str, Claim]:
    return {claim.name: claim for claim in prove.discover()[kind].claims}


@blueprint.get("")
@policy(WITH_MANDATE)
def listed(kind: str) -> Any:
    """Every guard of the duty: its clause, what it asks for, and what breaks without it."""
    contract, declared = _found(kind, arguments("contract")["contract"])
    return render_template(
        "desk/theatre.html",
        contract=contract,
        workflow=declared,
        entries=list(_entries(declared)),
        is_earlier=not _bill(kind).is_of(kind, contract),
    )


@blueprint.get("/<guard>")
@policy(WITH_MANDATE)
def shown(kind: str, guard: str) -> Any:
    """The story of one guard, at one of its steps."""
    asked = arguments("contract", "step")
    contract, declared = _found(kind, asked["contract"])
    entries = list(_entries(declared))
    entry = next((one for one in entries if one.guard.name == guard), None)
    if entry is None or entry.story.refusal is None:
        abort(404)
    steps = list(_steps(entry.story))
    now = steps[_place(asked["step"], len(steps)) - 1]
    told = [one for one in entries if one.story.refusal is not None]
    place = told.index(entry)
    scope = next(one for one in prove.discover()[kind].scopes if one.name == entry.story.scope)
    return render_template(
        "desk/story.html",
        contract=contract,
        workflow=declared,
        entry=entry,
        steps=steps,
        now=now,
        barred=steps[entry.story.refusal.step],
        refusal=replace(entry.story.refusal, says=_named(entry.story.refusal.says, {one.name for one in scope.cast})),
        scope=scope,
        picture=draw_view.moved(declared, now.beat.before, now.beat.after, beyond=now.beyond),
        before=told[place - 1] if place else None,
        after=told[place + 1] if place + 1 < len(told) else None,
    )


def _found(kind: str, wanted: str) -> tuple[Contract, Workflow]:
    """The contract that is meant and its duty; 404 where the duty is not there or has no stories."""
    who = caller()
    contract = contract_of(who, wanted or first_with(who, kind))
    declared = room().desk.offered(contract.key).get(kind)
    if declared is None or stories.read(kind) is None:
        abort(404)
    with room().queries.view() as session:
        chrome.take_pulse(who, session)
    return contract, declared


def _bill(kind: str) -> Playbill:
    bill = stories.read(kind)
    assert bill is not None, "the page is not there without"
    return bill


def _entries(declared: Workflow) -> Iterator[Entry]:
    bill = _bill(declared.kind)
    guards = {guard.name: guard for action in declared.actions.values() for guard in action.guards}
    for name, guard in guards.items():
        told = bill.stories.get(name)
        if told is not None:
            acts = tuple(one for one in declared.actions.values() if any(g.name == name for g in one.guards))
            claim = claims(declared.kind)[told.claim] if told.claim else None
            yield Entry(guard, acts, told, claim, tuple(guards[one] for one in told.beside if one in guards))


def _steps(told: Story) -> Iterator[Step]:
    assert told.refusal is not None
    for number, beat in enumerate(told.beats):
        yield Step(number + 1, beat, number == told.refusal.step, number >= told.refusal.step)


def _named(says: Words, cast: Collection[str]) -> Words:
    """The refusal with its players called as a reader calls them: at the desk a person has a name of their own."""

    def called(value: object) -> object:
        return label("player", value) if isinstance(value, str) and value in cast else value

    return Words(says.text, **{name: called(value) for name, value in says.values.items()})


def _place(wanted: str, last: int) -> int:
    """The step that is asked for, the first where none is; 422 for one that the story does not have."""
    place = asking.whole_number(wanted) if wanted else 1
    if not 1 <= place <= last:
        raise asking.unfit()
    return place
