"""What a declaration must not contradict. Run when a `Workflow` is made, so a contradictory module does not import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workflow.declare import CLOCK, OPENER, State

if TYPE_CHECKING:
    from workflow.declare import Action, Deadline, PaperKind, Workflow
    from workflow.report import Report, Task

Edges = Mapping[str, set[str]]


class Contradiction(ValueError):
    """A declaration that cannot be meant; says everything that is wrong with it."""


def check(
    workflow: Workflow,
    *,
    states: Sequence[State],
    actions: Sequence[Action],
    deadlines: Sequence[Deadline],
    papers: Sequence[PaperKind],
) -> None:
    """Raises `Contradiction` with every fault found.

    Names are unique; one action opens; every state is reachable, none is a trap, each can reach a final one; a final
    state has no exit; what acts and deadlines name is declared; a deadline that can run out in a state has its clock
    action there; every form field has a label and an example; each act that is not a standing one says who is told of it
    only among the parties.
    """
    wrong: list[str] = []
    for what, names in (
        ("state", [s.name for s in states]),
        ("action", [a.name for a in actions]),
        ("deadline", [d.name for d in deadlines]),
        ("paper", [p.name for p in papers]),
    ):
        wrong += [f"{what} {name!r} is declared twice" for name, n in Counter(names).items() if n > 1]
    wrong += [*_references(workflow, actions), *_deadlines(workflow, actions, deadlines)]
    if not wrong:
        wrong += _graph(workflow)
        wrong += [fault for deadline in deadlines for fault in _deadline(workflow, deadline)]
    wrong += [fault for action in actions for fault in _form(action)]
    if wrong:
        raise Contradiction(f"{workflow.kind}: " + "; ".join(wrong))


def check_reports(workflow: Workflow, reports: Sequence[Report], tasks: Sequence[Task]) -> None:
    """Raises `Contradiction` with every fault of what the workflow tells of all its tickets together."""
    from workflow.report import faults

    if wrong := faults(workflow, reports, tasks):
        raise Contradiction(f"{workflow.kind}: " + "; ".join(wrong))


def _references(workflow: Workflow, actions: Sequence[Action]) -> list[str]:
    wrong = []
    known = set(workflow.states.values())
    signed = {action.signs.name for action in actions if action.signs}
    openings = [action for action in actions if action.source is None]
    if len(openings) != 1:
        wrong.append(f"{len(openings)} actions open a ticket; exactly one must")
    for action in actions:
        named: list[Any] = [*workflow.sources(action), *([action.dest] if action.dest else [])]
        wrong += [f"action {action.name!r} names the undeclared state {s}" for s in named if s not in known]
        if not action.by:
            wrong.append(f"nobody may {action.name!r}")
        if CLOCK in action.by and len(action.by) > 1:
            wrong.append(f"action {action.name!r} is both a person's and the clock's")
        if action.source is None and action.dest is None:
            wrong.append(f"action {action.name!r} opens a ticket into no state")
        if action.signs and not any(guard.name == "identified" for guard in action.guards):
            wrong.append(f"action {action.name!r} signs without a fresh proof of identity")
        written = action.files if action.files and action.files.name in signed else None
        if action.quiet and (action.amends or written):
            wrong.append(f"the quiet action {action.name!r} changes what others sign without making their pages stale")
        wrong += [
            f"action {action.name!r} names the undeclared paper {kind.name!r}"
            for kind in (action.files, action.signs)
            if kind and kind.name not in workflow.papers
        ]
    wrong += [
        f"paper {name!r} is signed, but brought: a quiet act could exchange it under the pen"
        for name in sorted(signed)
        if name in workflow.papers and workflow.papers[name].uploaded
    ]
    wrong += [
        f"{wanted!r} is gathered for the undeclared action {name!r}"
        for wanted, acts in workflow.gathers.items()
        for name in acts or ()
        if name not in workflow.actions
    ]
    return wrong


def _deadlines(workflow: Workflow, actions: Sequence[Action], deadlines: Sequence[Deadline]) -> list[str]:
    wrong = []
    for deadline in deadlines:
        stops = [stop for stop in deadline.stops if isinstance(stop, str)]
        wrong += [
            f"deadline {deadline.name!r} names the undeclared action {name!r}"
            for name in (*deadline.starting_actions, *stops, *deadline.drops, *deadline.renews, deadline.missed)
            if name not in workflow.actions
        ]
        if bool(deadline.within) == bool(deadline.until) or (deadline.ahead and not deadline.until):
            wrong.append(f"deadline {deadline.name!r} needs either a figure or a field that holds its end")
        if isinstance(deadline.starts, Mapping) != bool(deadline.policy):
            wrong.append(f"deadline {deadline.name!r}: starts by policy needs the policy, and the other way round")
    missed = {deadline.missed for deadline in deadlines}
    wrong += [f"no deadline calls the clock's {a.name!r}" for a in actions if a.by_clock and a.name not in missed]
    wrong += [
        f"deadline {d.name!r} is missed by {d.missed!r}, which is not the clock's"
        for d in deadlines
        if d.missed in workflow.actions and not workflow.actions[d.missed].by_clock
    ]
    return wrong


def edges(workflow: Workflow) -> Edges:
    """For each state, the states that some action leads to."""
    ways: dict[str, set[str]] = {name: set() for name in workflow.states}
    for action in workflow.actions.values():
        for source in workflow.sources(action):
            if action.dest is not None:
                ways[source.name].add(action.dest.name)
    return ways


def ways(workflow: Workflow) -> dict[str, set[tuple[str, str]]]:
    """For each state, and for "" before the ticket is opened, which acts there are in it and where each leads."""
    found: dict[str, set[tuple[str, str]]] = {"": set(), **{name: set() for name in workflow.states}}
    for action in workflow.actions.values():
        for source in [""] if action.source is None else [state.name for state in workflow.sources(action)]:
            found[source].add((action.name, action.dest.name if action.dest else source))
    return found


def reach(ways: Edges, start: set[str]) -> set[str]:
    """Everything that can be reached from `start`, itself included."""
    seen, todo = set(start), list(start)
    while todo:
        for name in ways[todo.pop()] - seen:
            seen.add(name)
            todo.append(name)
    return seen


def _graph(workflow: Workflow) -> list[str]:
    wrong, ways = [], edges(workflow)
    opening = workflow.opening.dest
    assert opening is not None
    reachable = reach(ways, {opening.name})
    final = {state.name for state in workflow.states.values() if state.final}
    if not final:
        wrong.append("no state is final")
    for name, state in workflow.states.items():
        if name not in reachable:
            wrong.append(f"state {name!r} cannot be reached")
        leaving = [a.name for a in workflow.actions_from(name) if a.dest is not None and a.dest != state]
        if state.final and leaving:
            wrong.append(f"the final state {name!r} has the exits {leaving}")
        if not state.final and not reach(ways, {name}) & final:
            wrong.append(f"from state {name!r} no final state can be reached")
        if not state.final and state.awaits is None:
            wrong.append(f"state {name!r} awaits nobody")
        if state.awaits is not None and not state.final and not _can_act(workflow, state):
            wrong.append(f"state {name!r} awaits {state.awaits.name}, who has no act there")
        instead = replace(state, awaits=state.or_else)
        if state.or_else is not None and (state.awaits is None or not _can_act(workflow, instead)):
            wrong.append(f"state {name!r} awaits or else {state.or_else.name}, who has no act there")
        by_hand = [a for a in workflow.actions_from(name) if not a.by_clock and a.dest is not None]
        if not state.final and not by_hand:
            wrong.append(f"state {name!r} is a trap: no person can lead out of it")
    return wrong


def _can_act(workflow: Workflow, state: State) -> bool:
    """Whether the awaited party (the clock, where the desk is awaited) has an act of its own from here."""
    acts = [action for action in workflow.actions_from(state.name) if not action.quiet or action.by_clock]
    parties = {role.party for action in acts for role in action.by}
    awaited = {role.party for role in workflow.opening.by} if state.awaits == OPENER else {state.awaits}
    return bool(parties & awaited)


def running_in(workflow: Workflow, deadline: Deadline) -> set[str]:
    """The states in which `deadline` can be running: entered by a starting act and not yet left by a stopping one."""
    sure = deadline.provided is None
    stopping_acts = {stop for stop in deadline.stops if isinstance(stop, str) and sure} | set(deadline.drops)
    stopping_states = {stop.name for stop in deadline.stops if isinstance(stop, State) and sure}
    ended = stopping_states | {name for name, state in workflow.states.items() if state.final and not deadline.outlives}
    start: set[str] = set()
    for name in (*deadline.starting_actions, *deadline.renews):
        action = workflow.actions[name]
        start |= {action.dest.name} if action.dest else {state.name for state in workflow.sources(action)}
    ways: dict[str, set[str]] = {name: set() for name in workflow.states}
    for action in workflow.actions.values():
        if action.name in stopping_acts or action.dest is None:
            continue
        for source in workflow.sources(action):
            if source.name not in ended:
                ways[source.name].add(action.dest.name)
    return reach(ways, start - ended) - ended


def _deadline(workflow: Workflow, deadline: Deadline) -> list[str]:
    clock = workflow.actions[deadline.missed]
    there = {state.name for state in workflow.sources(clock)}
    return [
        f"deadline {deadline.name!r} can run out in state {name!r}, where the clock's {clock.name!r} is not declared"
        for name in sorted(running_in(workflow, deadline) - there)
    ]


def _form(action: Action) -> list[str]:
    if action.form is None:
        return []
    return [
        f"field {name!r} of the form of {action.name!r} has no {what}"
        for name, field in action.form.model_fields.items()
        for what, there in (("label", field.title), ("example", field.examples))
        if not there
    ]
