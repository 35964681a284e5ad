"""A second opinion: a duty as a Promela model for the checker SPIN, and the same abstraction of what was explored here.

The model is made from the declaration's acts, states, roles and limits. What a guard asks and what an act leaves behind is
said once more, in a table of the duty's own over a few small facts (`workflow/<kind>/abstract.py`), and never read from the
judgement. The two must come to the same: the same abstract states, and the same edges between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

from workflow.attempt import Past
from workflow.contract import Contract, Edition
from workflow.declare import CLIENT, Action, Workflow
from workflow.prove.explore import Explorer
from workflow.prove.explored import REFUSED, TIME
from workflow.prove.judge import middle_of, with_figures
from workflow.prove.scope import Player, Scope, Stage
from workflow.prove.world import Key, Keys, World
from workflow.soundness import edges, reach

Values = tuple[int, ...]
"""Of an abstract state: the place of the state in its declaration (0: unopened), then each fact in its order."""
Edge = tuple[str, Values, Values]
PASSES, IN_VAIN = "time passes", "in vain"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Assertion:
    """A claim as SPIN asserts it: `holds` must be true right before any of these acts."""

    name: str
    acts: tuple[str, ...]
    holds: str


@dataclass(frozen=True)
class Abstract:
    """How one duty is told in small facts, every expression in Promela over their names.

    `facts`: each with its value before the ticket exists. `seen`: the facts of an explored world, in their order, with
    a `Look` at it. `guards`: what each asks. `follows`: what an act leaves behind; `text`: what a new text makes void;
    `called` and `answered`: what a call-back and its answer leave behind. `over`: when a limit has run out. `counts_refusals`:
    the acts of which a refusal is remembered, with what it leaves behind. In expressions `me` is the person who acts,
    `me_client` whether for the client, `fill` which way of filling in, `filled_x` what field x says, and `holds_x(p)`
    whether person p holds the role x.
    """

    facts: Mapping[str, int]
    seen: Callable[[Look], Mapping[str, int]]
    constants: Callable[[Edition], Mapping[str, int]]
    guards: Mapping[str, str]
    follows: Mapping[str, str]
    text: str
    called: str
    answered: str
    over: Mapping[str, str]
    counts_refusals: Mapping[str, str]
    assertions: tuple[Assertion, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """An explored world, looked at without asking a judgement anything."""

    world: World
    begins: datetime
    constants: Mapping[str, int]

    def minutes(self, at: datetime | None) -> int:
        """An instant, in minutes after the beginning; -1 for none."""
        return -1 if at is None else (at - self.begins) // MINUTE

    def on_this_text(self, *acts: str) -> tuple[Past, ...]:
        """Accepted events of these acts on what the ticket says now."""
        content = self.world.ticket.content
        return tuple(e for e in self.world.memory.history if e.accepted and e.action in acts and e.content == content)

    def by(self, *acts: str) -> int:
        """Who did the last of these acts on this text; 0 for nobody."""
        done = self.on_this_text(*acts)
        return (done[-1].person or 0) if done else 0

    def limited(self, scope: Scope) -> list[int]:
        counts = dict(self.world.counts)
        return [counts.get(act, 0) for act in limited(scope)]


def limited(scope: Scope) -> list[str]:
    """The acts that are done a limited number of times, as the model counts them."""
    return sorted(act for act, most in scope.at_most.items() if most > 0)


def discover() -> dict[str, Abstract]:
    """Every duty that is told a second time, by its kind."""
    from workflow import discover as duties

    found: dict[str, Abstract] = {}
    for kind in duties():
        name = f"workflow.{kind}.abstract"
        if find_spec(f"workflow.{kind}") and find_spec(name):
            found[kind] = import_module(name).ABSTRACT
    return found


# --- what was explored here, told in these facts ---------------------------------------------------------------------


class _Told(Keys):
    """Keys that tell worlds apart by the abstract facts too, so that nothing is merged that the model tells apart."""

    tell: Callable[[World], Values]

    def key(self, world: World) -> Key:
        return (*super().key(world), self.tell(world))


def explored(
    workflow: Workflow, scope: Scope, abstract: Abstract, contract: Contract, workflows: Mapping[str, Workflow]
) -> set[Edge]:
    """Every edge of the exploration between two abstract states that differ. Mandates do not lapse in it."""
    plain = replace(scope, lapses=())
    explorer = Explorer(workflow, plain, (), contract, workflows)
    order: dict[str | None, int] = {None: 0}
    order.update((name, number) for number, name in enumerate(workflow.states, 1))
    constants = abstract.constants(explorer.edition)

    def tell(world: World) -> Values:
        look = Look(world, explorer.begins, constants)
        seen = abstract.seen(look)
        return (
            order[world.state],
            look.minutes(world.at),
            *(seen[name] for name in abstract.facts),
            *look.limited(plain),
        )

    keys = explorer.keys
    explorer.keys = _Told(keys.stage, keys.questions, keys.ways, keys.finals)
    explorer.keys.tell = tell
    found = explorer.run()
    values = {number: key[-1] for key, number in explorer.numbers}
    named = {TIME: PASSES, REFUSED: IN_VAIN}
    return {
        (named.get(move.kind, move.act), values[number], values[to])
        for number, ways in enumerate(found.edges)
        for move, to in ways
        if values[number] != values[to]
    }


# --- the declaration as a model --------------------------------------------------------------------------------------


def model(workflow: Workflow, scope: Scope, abstract: Abstract, contract: Contract) -> str:
    """The Promela model of a declaration within a scope. Each option of its loop is one act of one person, filled in in one
    way, or time passing; it prints the edge that it takes."""
    begins = scope.begins or middle_of(contract)
    edition = with_figures(contract.at(begins), scope.figures)
    return "\n".join(_Model(workflow, scope, abstract, Stage(scope, begins), abstract.constants(edition)).lines())


@dataclass(frozen=True)
class _Model:
    workflow: Workflow
    scope: Scope
    abstract: Abstract
    stage: Stage
    constants: Mapping[str, int]

    def lines(self) -> Iterator[str]:
        yield f"/* {self.workflow.kind}, {self.scope.name}: written from the declaration */"
        yield from (f"#define {name} {value}" for name, value in self.constants.items())
        yield from self._roles()
        names = self._names()
        yield from (f"short {name} = {self.abstract.facts.get(name, 0)};" for name in names)
        shown = ", ".join(f"now.{name}" for name in names)
        pattern = " ".join("%d" for _ in names)
        yield f'c_code {{ void shows(const char *edge) {{ printf("%s {pattern}\\n", edge, {shown}); }} }}'
        yield "active proctype ticket() {"
        yield "end:"
        yield "  do"
        for action in self.workflow.actions.values():
            if not action.by_clock and action.name not in self.scope.leaves_out and self._here(action):
                yield from self._act(action)
        yield from self._time()
        yield "  od"
        yield "}"

    def _names(self) -> list[str]:
        return ["state", "at", *self.abstract.facts, *(f"did_{act}" for act in limited(self.scope))]

    def _roles(self) -> Iterator[str]:
        roles = sorted({role.name for action in self.workflow.actions.values() for role in action.by})
        for role in roles:
            holders = sum(1 << self.stage.persons[p.name] for p in self.scope.cast if role in p.roles)
            yield f"#define holds_{role.replace('.', '_')}(p) (({holders} >> (p)) & 1)"

    def _number(self, name: str) -> int:
        return list(self.workflow.states).index(name) + 1

    # --- acts --------------------------------------------------------------------------------------------------------

    def _act(self, action: Action) -> Iterator[str]:
        entitled = {role.name for role in action.by}
        most = self.scope.at_most.get(action.name)
        for player in self.scope.cast:
            if not entitled & set(player.roles):
                continue
            for place, (fill, fields) in enumerate(self.stage.fills(action)):
                if not fill.only or player.name in fill.only:
                    yield from self._tried(action, player, place, fields, most)

    def _tried(
        self, action: Action, player: Player, place: int, fields: Mapping[str, Any], most: int | None
    ) -> Iterator[str]:
        said = self._said(player, action, place, fields)
        here = self._here(action)
        asked = [said(self.abstract.guards[guard.name]) for guard in action.guards]
        may = " && ".join(f"({one})" for one in asked) or "true"
        spent = most is not None and (f"did_{action.name} >= {most}" if most else "true")
        if most != 0:
            under = f" && !({spent})" if spent else ""
            yield f"  /* {action.name} by {player.name} */"
            yield from self._option(action.name, f"({here}) && {may}{under}", self._done(action, said, most), action)
        if action.name in self.abstract.counts_refusals and most != 0:
            left = [said(self.abstract.counts_refusals[action.name])]
            yield from self._option(IN_VAIN, f"({here}) && !({may})", left)

    def _here(self, action: Action) -> str:
        if action.source is None:
            return "state == 0"
        within = self._within()
        sources = [one.name for one in self.workflow.sources(action) if one.name in within]
        return " || ".join(f"state == {self._number(name)}" for name in sources)

    def _within(self) -> set[str]:
        """The states that lie within the scope, as far as the declaration alone tells."""
        until, opening = set(self.scope.until), self.workflow.opening.dest
        ways = {name: set() if name in until else leads for name, leads in edges(self.workflow).items()}
        return reach(ways, {opening.name} if opening else set()) - until

    def _done(self, action: Action, said: Callable[[str], str], most: int | None) -> list[str]:
        left = []
        if action.amends:
            left.append(said(self.abstract.text))
        if action.asks_back:
            left.append(said(self.abstract.called))
        if action.answers_back:
            left.append(said(self.abstract.answered))
        if action.name in self.abstract.follows:
            left.append(said(self.abstract.follows[action.name]))
        if most:
            left.append(f"did_{action.name} = did_{action.name} + 1")
        if action.dest is not None:
            left.append(f"state = {self._number(action.dest.name)}")
        return left

    def _said(self, player: Player, action: Action, place: int, fields: Mapping[str, Any]) -> Callable[[str], str]:
        actor = self.stage.actor(player, action)
        values = {"me": self.stage.persons[player.name], "me_client": int(actor.party == CLIENT), "fill": place}
        values |= {f"filled_{name}": int(value) for name, value in fields.items() if _is_number(value)}

        def said(expression: str) -> str:
            return re.sub(r"\b(?:me|me_client|fill|filled_\w+)\b", lambda found: str(values[found[0]]), expression)

        return said

    def _option(self, edge: str, when: str, left: Sequence[str], action: Action | None = None) -> Iterator[str]:
        yield f"  :: d_step {{ {when} ->"
        for one in self.abstract.assertions if action else ():
            if action and action.name in one.acts:
                broken = f'c_code {{ printf("broken {one.name}\\n"); }}; assert(false)'
                yield f"       if :: ({one.holds.replace('ACT', action.name)}) -> skip :: else -> {broken} fi;"
        yield f'       c_code {{ shows("from"); }}; {"; ".join(left) or "skip"};'
        yield f'       c_code {{ shows("to {edge}"); }} }}'

    # --- time --------------------------------------------------------------------------------------------------------

    def _time(self) -> Iterator[str]:
        moments = [one // MINUTE for one in self.scope.moments]
        runs = "".join(f" && state != {self._number(name)}" for name in self.workflow.states if self._is_over(name))
        for earlier, later in pairwise(moments):
            yield from self._option(PASSES, f"state != 0 && at == {earlier}{runs}", [f"at = {later}", *self._struck()])

    def _is_over(self, name: str) -> bool:
        """Whether nothing can run out in this state any more, so that time makes no difference."""
        return name in self.scope.until or self.workflow.states[name].final

    def _struck(self) -> Iterator[str]:
        """What the clock does once a limit has run out, wherever its act is declared."""
        for name, over in self.abstract.over.items():
            action = self.workflow.actions[self.workflow.deadlines[name].missed]
            if action.dest is not None and self._here(action):
                yield (
                    f"if :: ({over}) && ({self._here(action)}) -> state = {self._number(action.dest.name)} "
                    ":: else -> skip fi"
                )


def _is_number(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isdigit())


def edges_said(output: str) -> set[Edge]:
    """The edges that a run of the model printed, between two states that differ."""
    found: set[Edge] = set()
    before: Values = ()
    for line in output.splitlines():
        if line.startswith("from "):
            before = tuple(map(int, line.split()[1:]))
        elif line.startswith("to "):
            numbers = re.findall(r"(?<= )-?\d+", line)
            after, edge = tuple(map(int, numbers)), line.removeprefix("to ")
            name = re.sub(r"( -?\d+)+$", "", edge)
            if before != after:
                found.add((name, before, after))
    return found


def broken_said(output: str) -> Collection[str]:
    """The assertions that did not hold somewhere."""
    return {line.removeprefix("broken ") for line in output.splitlines() if line.startswith("broken ")}
