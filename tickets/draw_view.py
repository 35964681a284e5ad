"""The picture of a ticket's course and of a whole workflow, in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask_babel import gettext

from auth import asking
from tickets.queries import Sight
from tickets.record import shortfalls
from tickets.speech import say
from workflow import draw
from workflow.decide import Accepted, Decision
from workflow.declare import State, Workflow
from workflow.turn import leads_on

BEFORE = 2
"""So many states behind the ticket are drawn; the timeline tells of all."""
LONGEST_CAPTION = 22


def whole(workflow: Workflow, here: str | None = None) -> draw.Picture:
    """Every state of the workflow."""
    return draw.whole(workflow, say, meaning, here)


def moved(workflow: Workflow, before: str | None, after: str | None, *, beyond: bool = False) -> draw.Picture:
    """Every state of the workflow, at the moment when a ticket has gone from one to another. `beyond`: it never should."""
    picture = whole(workflow, after)
    extra = ("state-beyond",) if beyond else ()
    return replace(
        picture,
        nodes=tuple(replace(one, box=_marked(one.box, after, extra)) for one in picture.nodes),
        apart=tuple(_marked(one, after, extra) for one in picture.apart),
        edges=tuple(_taken(one) if (one.way.source, one.way.dest) == (before, after) else one for one in picture.edges),
    )


def _marked(box: draw.Box, name: str | None, classes: tuple[str, ...]) -> draw.Box:
    return replace(box, classes=(*box.classes, *classes)) if box.name == name else box


def _taken(edge: draw.Edge) -> draw.Edge:
    return replace(edge, way=replace(edge.way, classes=(*edge.way.classes, "edge-taken")))


def meaning(state: State) -> str:
    return gettext(state.meaning) if state.meaning else ""


def course(sight: Sight) -> draw.Picture:
    """Where the ticket came from, where it is, where it can go."""
    states, row = sight.workflow.states, sight.row
    reached: dict[str, datetime] = {}
    for event in sight.rows.events:
        if event.accepted and event.dest and event.dest != event.source:
            reached.pop(event.dest, None)
            reached[event.dest] = event.at
    passed = [name for name in reached if name != row.state and name in states][-BEFORE:]
    before = [
        draw.Box(
            name, say(states[name].label), meaning(states[name]), asking.shown(reached[name])[5:16], ("state-passed",)
        )
        for name in passed
    ]
    state = states.get(row.state)
    here = draw.Box(
        row.state,
        say(state.label) if state else row.state,
        meaning(state) if state else "",
        gettext("you are here"),
        ("state-here",),
    )
    return draw.course(before, here, list(_ahead(sight).values()))


def _on_the_way(sight: Sight, names: list[str]) -> bool:
    return any(leads_on(sight.workflow.actions[name], sight.row.state) for name in names)


def _ahead(sight: Sight) -> dict[str, tuple[draw.Box, draw.Way]]:
    found: dict[str, tuple[draw.Box, draw.Way]] = {}
    leading: dict[str, list[str]] = {}
    for action in sight.workflow.actions_from(sight.row.state):
        if action.dest is not None and action.dest.name != sight.row.state:
            leading.setdefault(action.dest.name, []).append(action.name)
    # The way of the duty is drawn above its side exits.
    side = {name for name, acts in leading.items() if not _on_the_way(sight, acts)}
    for name, actions in sorted(leading.items(), key=lambda entry: entry[0] in side):
        state = sight.workflow.states[name]
        declared = [sight.workflow.actions[one] for one in actions]
        mine = {action.name for action in sight.mine}
        is_open = any(one in mine and is_possible(sight.previews[one]) for one in actions if one in sight.previews)
        clock = all(action.by_clock for action in declared)
        said = " / ".join(say(action.label) for action in declared)
        box = draw.Box(
            name,
            say(state.label),
            meaning(state),
            said if len(said) <= LONGEST_CAPTION else f"{said[:LONGEST_CAPTION]}…",
            ("state-final",) if state.final else (),
        )
        classes = ("edge-open",) if is_open else ("edge-clock",) if clock else ()
        found[name] = (box, draw.Way(sight.row.state, name, said, classes))
    return found


def is_possible(decision: Decision) -> bool:
    """Whether nothing but the second factor, which the form itself asks for, is missing."""
    return isinstance(decision, Accepted) or all(one["remedy"] == "factor" for one in shortfalls(decision.missing))
