"""Every way in which a declaration could have been written a little wrong: the claims are on trial, not the workflow.

Each mutant differs in one thing. Warnings ahead of a limit and calls for somebody are left out: nothing is judged by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from workflow import soundness
from workflow.declare import (
    BUSINESS_ROLES,
    CLIENT,
    CLIENT_APPROVER,
    SUPERVISOR_REVIEWER,
    SUPPLIER_MANAGER,
    Action,
    Deadline,
    State,
    Workflow,
)

LOSES: tuple[tuple[str, Any, str], ...] = (
    ("effects", (), "comes to nothing beyond itself"),
    ("files", None, "files no paper"),
    ("signs", None, "signs nothing"),
    ("computes", None, "computes nothing"),
    ("amends", False, "does not change what is said"),
    ("asks_back", None, "makes no challenge"),
    ("answers_back", None, "answers no challenge"),
)


@dataclass(frozen=True)
class Mutant:
    """One declaration that is otherwise in one thing. `name` says in what; `acts` are those that may come to something else;
    `limit` where a limit is otherwise, so that everything may. `made()` raises `Contradiction` where it would not import."""

    name: str
    acts: frozenset[str]
    made: Callable[[], Workflow] = field(compare=False)
    limit: bool = False
    widens: tuple[str, str] | None = None
    """Where it only allows more: the act, and the state, the role or the guard that is no longer in its way."""
    narrows: tuple[str, str] | None = None
    """Where it only allows less: the act, and the state or the role that it is taken from."""
    never_called: bool = False
    """Whether nothing is otherwise: the clock may now act where no limit that calls it can ever run."""


def mutants(workflow: Workflow) -> Iterator[Mutant]:
    """Every mutant of a declaration, act by act and limit by limit, each with a name of its own."""
    limits = [one for one in workflow.deadlines.values() if not one.reminds]
    called = {one.missed for one in limits}
    for action in workflow.actions.values():
        if not action.by_clock or action.name in called:
            yield from _of_action(workflow, action)
    for limit in limits:
        yield from _of_limit(workflow, limit)


# --- an act that is otherwise ----------------------------------------------------------------------------------------


def _of_action(workflow: Workflow, action: Action) -> Iterator[Mutant]:
    yield from _of_sources(workflow, action)
    for state in _one_edge_away(workflow, action):
        yield _act(workflow, action, f"leads to {state.name}", dest=state)
    yield from _of_roles(workflow, action)
    for name in dict.fromkeys(guard.name for guard in action.guards):
        kept = tuple(guard for guard in action.guards if guard.name != name)
        yield replace(_act(workflow, action, f"without {name}", guards=kept), widens=(action.name, name))
    for what, nothing, says in LOSES:
        if getattr(action, what):
            yield _act(workflow, action, says, **{what: nothing})
    for party in action.tells:
        told = tuple(one for one in action.tells if one != party)
        yield _act(workflow, action, f"does not tell the {party.name}", tells=told)


def _of_sources(workflow: Workflow, action: Action) -> Iterator[Mutant]:
    sources = workflow.sources(action)
    if not sources:
        return
    for state in sources:
        kept = tuple(one for one in sources if one != state)
        mutant = _act(workflow, action, f"not from {state.name}", source=kept)
        yield replace(mutant, narrows=(action.name, state.name))
    for state in _other_sources(workflow, action, sources):
        mutant = _act(workflow, action, f"also from {state.name}", source=(*sources, state))
        yield replace(
            mutant,
            widens=(action.name, state.name),
            never_called=action.by_clock and not _called_in(workflow, action, state),
        )


def _other_sources(workflow: Workflow, action: Action, sources: Sequence[State]) -> Iterator[State]:
    """A person's act is tried one state too early and one too late, and after the end; the clock's wherever it was not."""
    states = list(workflow.states.values())
    others = [state for state in states if state not in sources]
    if action.by_clock:
        yield from others
        return
    first, last = (states.index(one) for one in (sources[0], sources[-1]))
    early = [state for state in others if states.index(state) < first][-1:]
    late = [state for state in others if states.index(state) > last and not state.final][:1]
    after_the_end = [state for state in others if state.final and state not in late][:1]
    yield from dict.fromkeys((*early, *late, *after_the_end))


def _called_in(workflow: Workflow, action: Action, state: State) -> bool:
    """Whether a limit that calls this act of the clock can be running in the state."""
    limits = (one for one in workflow.deadlines.values() if one.missed == action.name)
    return any(state.name in soundness.running_in(workflow, one) for one in limits)


def _one_edge_away(workflow: Workflow, action: Action) -> list[State]:
    """Wherever else something leads from the states that the act leads away from, and one end."""
    ways = soundness.edges(workflow)
    if action.source is None:
        near = ways[action.dest.name] if action.dest else set()
    else:
        near = {name for source in workflow.sources(action) for name in ways[source.name]}
    ends = [name for name, state in workflow.states.items() if state.final and name not in near][:1]
    own = action.dest.name if action.dest else None
    return [state for name, state in workflow.states.items() if name in {*near, *ends} - {own}]


def _of_roles(workflow: Workflow, action: Action) -> Iterator[Mutant]:
    if action.by_clock:
        return
    for role in action.by:
        mutant = _act(workflow, action, f"not by {role.name}", by=tuple(one for one in action.by if one != role))
        yield replace(mutant, narrows=(action.name, role.name))
    parties = {role.party for role in action.by}
    other = SUPPLIER_MANAGER if CLIENT in parties else CLIENT_APPROVER
    colleagues = [role for role in BUSINESS_ROLES if role.party in parties and role not in action.by][:1]
    for role in dict.fromkeys((other, *colleagues, SUPERVISOR_REVIEWER)):
        if role not in action.by:
            mutant = _act(workflow, action, f"also by {role.name}", by=(*action.by, role))
            yield replace(mutant, widens=(action.name, role.name))


def _act(workflow: Workflow, action: Action, says: str, **otherwise: Any) -> Mutant:
    changed = replace(action, **otherwise)

    def made() -> Workflow:
        return _made(workflow, {**workflow.actions, action.name: changed}, workflow.deadlines)

    return Mutant(f"{action.name} {says}", frozenset({action.name}), made)


# --- a limit that is otherwise ---------------------------------------------------------------------------------------


def _of_limit(workflow: Workflow, limit: Deadline) -> Iterator[Mutant]:
    yield _limit(workflow, limit, "is not there", None)
    if not isinstance(limit.starts, dict):
        for act in limit.starting_actions:
            kept = tuple(one for one in limit.starting_actions if one != act)
            yield _limit(workflow, limit, f"is not started by {act}", replace(limit, starts=kept))
    for stop in limit.stops:
        name = stop if isinstance(stop, str) else stop.name
        kept_stops = tuple(one for one in limit.stops if one != stop)
        yield _limit(workflow, limit, f"is not met by {name}", replace(limit, stops=kept_stops))
    for act in limit.renews:
        kept = tuple(one for one in limit.renews if one != act)
        yield _limit(workflow, limit, f"is not renewed by {act}", replace(limit, renews=kept))
    for act in limit.drops:
        kept = tuple(one for one in limit.drops if one != act)
        yield _limit(workflow, limit, f"is still owed after {act}", replace(limit, drops=kept))
    if limit.outlives:
        yield _limit(workflow, limit, "ends with the ticket", replace(limit, outlives=False))
    if limit.repeats:
        yield _limit(workflow, limit, "runs out once", replace(limit, repeats=False))


def _limit(workflow: Workflow, limit: Deadline, says: str, changed: Deadline | None) -> Mutant:
    def made() -> Workflow:
        kept = {name: one for name, one in workflow.deadlines.items() if one.name != limit.name and one.of is not limit}
        return _made(workflow, workflow.actions, kept if changed is None else {**kept, limit.name: changed})

    return Mutant(f"limit {limit.name} {says}", frozenset(), made, limit=True)


def _made(workflow: Workflow, actions: dict[str, Action], limits: dict[str, Deadline]) -> Workflow:
    """The declaration with other acts or limits, checked as it is when it is imported."""
    made = copy(workflow)
    made.actions, made.deadlines = actions, limits
    parts = (tuple(made.states.values()), tuple(actions.values()), tuple(limits.values()), tuple(made.papers.values()))
    states, acts, deadlines, papers = parts
    soundness.check(made, states=states, actions=acts, deadlines=deadlines, papers=papers)
    return made
