"""A workflow as a picture, as Mermaid text and as a clause table: layout as plain data, which pages turn into SVG.

Two pictures: the whole workflow, in layers from top to bottom, and the course of one ticket, from left to right: where it
came from, where it is, where it can go. Nothing is styled here; classes say what a thing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from workflow.declare import Action, Deadline, Label, PaperKind, State, Workflow
from workflow.report import Report, Task

Name = Callable[[Label], str]
"""How a declared name reads to the one who looks."""

ROW, GAP, COLUMN = 36.0, 44.0, 26.0
CAPTION_ROW = 18.0
MANY = 4
"""A state that so many states lead to is named apart, without most of its arrows: they would hide all others."""


@dataclass(frozen=True)
class Box:
    """A state to be placed: what it reads, a smaller line under it, what it says when pointed at, and what it is."""

    name: str
    label: str
    title: str = ""
    caption: str = ""
    classes: tuple[str, ...] = ()

    @property
    def width(self) -> float:
        return max(72.0, text_width(self.label, 13) + 26, text_width(self.caption, 11) + 20)

    @property
    def height(self) -> float:
        return ROW + (CAPTION_ROW if self.caption else 0)


@dataclass(frozen=True)
class Way:
    """An arrow to be drawn."""

    source: str
    dest: str
    title: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Node:
    """A placed state; `x`, `y` is its upper left corner, in pixels."""

    box: Box
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Edge:
    """A placed arrow: the line and its head, as SVG path data."""

    way: Way
    line: str
    head: str


@dataclass(frozen=True)
class Picture:
    """Everything placed, with the size of the whole."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    apart: tuple[Box, ...] = ()
    """States that many others lead to: named beside the picture, since not all arrows to them are drawn."""


def text_width(text: str, size: int) -> float:
    """About how wide a text is: a Chinese character fills its square, a Latin letter a good half of it."""
    return sum(size * (1.02 if ord(character) > 0x2E7F else 0.58) for character in text)


# --- the course of one ticket ----------------------------------------------------------------------------------------


def course(before: Sequence[Box], here: Box, ahead: Sequence[tuple[Box, Way]]) -> Picture:
    """Where a ticket came from, where it is, where it can go: columns from left to right."""
    columns = [*([box] for box in before), [here]]
    if ahead:
        columns.append([box for box, _ in ahead])
    tallest = max(sum(box.height for box in column) + 12 * (len(column) - 1) for column in columns)
    nodes: dict[str, Node] = {}
    x = 4.0
    for number, column in enumerate(columns):
        width = max(box.width for box in column)
        y = 4 + (tallest - sum(box.height for box in column) - 12 * (len(column) - 1)) / 2
        for box in column:
            nodes[f"{number}:{box.name}"] = Node(box, x, y, width, box.height)
            y += box.height + 12
        x += width + GAP
    keys = list(nodes)
    edges = [
        _sideways(Way(nodes[a].box.name, nodes[b].box.name, classes=("edge-taken",)), nodes[a], nodes[b])
        for a, b in pairwise(keys[: len(before) + 1])
    ]
    middle = nodes[keys[len(before)]]
    edges += [_sideways(way, middle, nodes[f"{len(before) + 1}:{box.name}"]) for box, way in ahead]
    return Picture(x - GAP + 4, tallest + 8, tuple(nodes.values()), tuple(edges))


def _sideways(way: Way, source: Node, dest: Node) -> Edge:
    x, y = source.x + source.width, source.y + source.height / 2
    to_x, to_y = dest.x - 7, dest.y + dest.height / 2
    half = (x + to_x) / 2
    line = f"M{x:.1f} {y:.1f} C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    return Edge(way, line, f"M{to_x + 7:.1f} {to_y:.1f} l-8 -4.5 v9 z")


# --- the whole workflow ----------------------------------------------------------------------------------------------


def ways(workflow: Workflow) -> dict[tuple[str, str], list[Action]]:
    """Which acts lead from which state to which other."""
    found: dict[tuple[str, str], list[Action]] = {}
    for action in workflow.actions.values():
        for source in workflow.sources(action):
            if action.dest is not None and action.dest != source:
                found.setdefault((source.name, action.dest.name), []).append(action)
    return found


def crowded(workflow: Workflow) -> dict[str, str | None]:
    """States that many states lead to, each with the one source whose arrow is drawn: the nearest before it in the order
    of the declaration. A final one gets none, and stands beside the picture."""
    place = {name: number for number, name in enumerate(workflow.states)}
    sources: dict[str, list[str]] = {}
    for source, dest in ways(workflow):
        sources.setdefault(dest, []).append(source)
    found: dict[str, str | None] = {}
    for name, state in workflow.states.items():
        leading = sorted(sources.get(name, ()), key=place.__getitem__)
        if len(leading) >= MANY:
            before = [source for source in leading if place[source] < place[name]]
            found[name] = None if state.final else before[-1] if before else leading[0]
    return found


def whole(workflow: Workflow, name: Name, meaning: Callable[[State], str], here: str | None = None) -> Picture:
    """Every state of the workflow in layers, in the order of the declaration, with what leads from one to another."""
    many = crowded(workflow)
    beside = {one for one in many if workflow.states[one].final}
    boxes = {
        state.name: Box(state.name, name(state.label), meaning(state), classes=_classes(state, here))
        for state in workflow.states.values()
    }
    drawn = [
        Way(
            source,
            dest,
            title=" / ".join(name(action.label) for action in actions),
            classes=("edge-clock",) if all(action.by_clock for action in actions) else (),
        )
        for (source, dest), actions in ways(workflow).items()
        if dest not in many or many[dest] == source
    ]
    picture = layered([box for box in boxes.values() if box.name not in beside], drawn)
    return replace(picture, apart=tuple(boxes[one] for one in many))


def _classes(state: State, here: str | None) -> tuple[str, ...]:
    return (*(("state-final",) if state.final else ()), *(("state-here",) if state.name == here else ()))


@dataclass
class _Grid:
    """The layers while they are being ordered: places for states and, on longer arrows, for their bends."""

    layers: list[list[str]]
    width: dict[str, float]
    up: dict[str, list[str]] = field(default_factory=dict)
    down: dict[str, list[str]] = field(default_factory=dict)
    chains: list[tuple[Way, list[str]]] = field(default_factory=list)

    def join(self, above: str, below: str) -> None:
        self.down.setdefault(above, []).append(below)
        self.up.setdefault(below, []).append(above)


def layered(boxes: Sequence[Box], arrows: Sequence[Way]) -> Picture:
    """Places boxes in layers from top to bottom so that few arrows cross (after Sugiyama, Tagawa and Toda, 1981)."""
    if not boxes:
        return Picture(0, 0, (), ())
    grid = _grid(boxes, arrows)
    for _ in range(12):
        _sweep(grid.layers, grid.up)
        _sweep(grid.layers[::-1], grid.down)
    across = _across(grid)
    by_name = {box.name: box for box in boxes}
    left = min(across[one] - grid.width[one] / 2 for layer in grid.layers for one in layer)
    tops = [4 + number * (ROW + GAP) for number in range(len(grid.layers))]
    nodes, centre = {}, {}
    for top, layer in zip(tops, grid.layers, strict=True):
        for one in layer:
            centre[one] = (across[one] - left + 4, top)
            if one in by_name:
                box = by_name[one]
                nodes[one] = Node(box, centre[one][0] - box.width / 2, top, box.width, ROW)
    right = max(centre[one][0] + grid.width[one] / 2 for one in centre)
    edges = tuple(_downwards(way, [centre[one] for one in chain], way.source != chain[0]) for way, chain in grid.chains)
    return Picture(right + 8, tops[-1] + ROW + 8, tuple(nodes.values()), edges)


def _grid(boxes: Sequence[Box], arrows: Sequence[Way]) -> _Grid:
    place = {box.name: number for number, box in enumerate(boxes)}
    # What leads back in the order of the declaration is turned round while layers are found, and drawn upwards later.
    pairs: list[tuple[Way, str, str]] = []
    for way in arrows:
        above, below = sorted((way.source, way.dest), key=place.__getitem__)
        pairs.append((way, above, below))
    depth = dict.fromkeys(place, 0)
    for box in boxes:
        for _way, above, below in pairs:
            if above == box.name:
                depth[below] = max(depth[below], depth[above] + 1)
    grid = _Grid([[] for _ in range(max(depth.values()) + 1)], {box.name: box.width for box in boxes})
    for box in boxes:
        grid.layers[depth[box.name]].append(box.name)
    for number, (way, above, below) in enumerate(pairs):
        chain = [above]
        for level in range(depth[above] + 1, depth[below]):
            bend = f"~{number}.{level}"
            grid.layers[level].append(bend)
            grid.width[bend] = 12.0
            chain.append(bend)
        chain.append(below)
        for first, second in pairwise(chain):
            grid.join(first, second)
        grid.chains.append((way, chain))
    return grid


def _sweep(layers: Sequence[list[str]], neighbours: Mapping[str, list[str]]) -> None:
    """Orders each layer by the mean place of what it is joined to in the layer before."""
    for before, layer in pairwise(layers):
        place = {one: number for number, one in enumerate(before)}
        weight = {}
        for number, one in enumerate(layer):
            joined = [place[other] for other in neighbours.get(one, ()) if other in place]
            weight[one] = sum(joined) / len(joined) if joined else float(number)
        layer.sort(key=weight.__getitem__)


def _across(grid: _Grid) -> dict[str, float]:
    """The middle of each place: as near to what it is joined to as its neighbours in the layer allow."""
    at: dict[str, float] = {}
    for layer in grid.layers:
        x = 0.0
        for one in layer:
            at[one] = x + grid.width[one] / 2
            x += grid.width[one] + COLUMN
        for one in layer:
            at[one] -= x / 2
    for turn in range(24):
        for layer in grid.layers if turn % 2 else grid.layers[::-1]:
            wish = {}
            for one in layer:
                joined = [at[other] for other in (*grid.up.get(one, ()), *grid.down.get(one, ()))]
                wish[one] = sum(joined) / len(joined) if joined else at[one]
            at.update(_fitted(layer, wish, grid.width))
    return at


def _fitted(layer: Sequence[str], wish: Mapping[str, float], width: Mapping[str, float]) -> dict[str, float]:
    """Middles as near to `wish` as the order and the distances of the layer let them be: pushed from both sides, averaged."""
    from_left: dict[str, float] = {}
    from_right: dict[str, float] = {}
    for order, found, sign in ((layer, from_left, 1), (layer[::-1], from_right, -1)):
        last: str | None = None
        for one in order:
            least = None if last is None else sign * found[last] + (width[last] + width[one]) / 2 + COLUMN
            found[one] = sign * (sign * wish[one] if least is None else max(sign * wish[one], least))
            last = one
    return {one: (from_left[one] + from_right[one]) / 2 for one in layer}


def _downwards(way: Way, points: Sequence[tuple[float, float]], back: bool) -> Edge:
    """The line through its bends; an arrow that leads back has its head at the upper end."""
    start = (points[0][0], points[0][1] + ROW)
    end = (points[-1][0], points[-1][1])
    line = [f"M{start[0]:.1f} {start[1]:.1f}"]
    x, y = start
    for point_x, point_y in [*points[1:-1], end]:
        half = (y + point_y) / 2
        line.append(f"C{x:.1f} {half:.1f} {point_x:.1f} {half:.1f} {point_x:.1f} {point_y:.1f}")
        if (point_x, point_y) != end:
            line.append(f"V{point_y + ROW:.1f}")
            point_y += ROW
        x, y = point_x, point_y
    head = f"M{start[0]:.1f} {start[1]:.1f} l-4.5 8 h9 z" if back else f"M{end[0]:.1f} {end[1]:.1f} l-4.5 -8 h9 z"
    return Edge(replace(way, classes=(*way.classes, "edge-back")) if back else way, " ".join(line), head)


# --- as text ---------------------------------------------------------------------------------------------------------


def mermaid(workflow: Workflow, name: Name = str) -> str:
    """The workflow as a Mermaid state diagram."""
    return "\n".join(_mermaid(workflow, name)) + "\n"


def _mermaid(workflow: Workflow, name: Name) -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in workflow.states.values():
        yield f"    {state.name} : {name(state.label)}"
    opening = workflow.opening
    assert opening.dest is not None
    yield f"    [*] --> {opening.dest.name} : {name(opening.label)} ({opening.clause})"
    for (source, dest), actions in ways(workflow).items():
        said = " / ".join(f"{name(action.label)} ({action.clause})" for action in actions)
        yield f"    {source} --> {dest} : {said}"
    for state in workflow.states.values():
        if state.final:
            yield f"    {state.name} --> [*]"


def clause_table(workflow: Workflow) -> list[tuple[str, tuple[Label, ...]]]:
    """Clause by clause, what of the workflow carries it: states, actions, guards, deadlines, papers, reports, tasks."""
    found: dict[str, dict[Label, None]] = {workflow.clause: {workflow.label: None}}
    parts: list[State | Action | Deadline | PaperKind | Report | Task] = [
        *workflow.states.values(),
        *workflow.actions.values(),
        *(one for one in workflow.deadlines.values() if one.of is None),  # Each limit that binds has its warnings.
        *workflow.papers.values(),
        *workflow.reports.values(),
        *workflow.tasks.values(),
    ]
    for part in parts:
        found.setdefault(part.clause, {})[part.label] = None
    for action in workflow.actions.values():
        for guard in action.guards:
            found.setdefault(guard.clause, {})[guard.label] = None
    return [(clause, tuple(found[clause])) for clause in sorted(found, key=clause_order)]


def clause_order(identifier: str) -> tuple[str, tuple[int, ...]]:
    """Clauses in the order of the contract: C4.6 stands before C4.10."""
    letters = identifier.rstrip("0123456789.")
    return letters, tuple(int(part) for part in identifier[len(letters) :].split(".") if part)
