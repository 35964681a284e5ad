"""Races from a situation: several press at one instant, and what came of it is what some order of them would have come to.

Whoever is first is accepted: all of them could act. Of the acts that move a ticket on only one is accepted; the others are
stale and are told of it. A quiet act, a remark for one, makes nobody's page stale and is stale for nobody: it is judged as
the ticket stands when its turn comes. That the order in which they stand on record explains every answer is not taken from
these rules alone: the same acts are done again one by one, in that order, from the same situation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from sqlalchemy import text

from tests.desk.situations import Situation, asked, prove
from tests.fold import differences
from tests.stage import Stage
from tests.together import at_once
from tickets import log_check
from tickets.acts import Act, Outcome
from workflow.declare import Workflow

BY_CHANCE = {"leaf", "salt"}
"""What is another one whenever the same is done again."""


@dataclass(frozen=True)
class Came:
    """What a race came to. `first`: the act that was first; `faults`: what should not be."""

    first: str
    results: Counter[str]
    faults: tuple[str, ...]


def race(stage: Stage, here: Situation, two: Sequence[str], many: int) -> Came:
    """So many press at one instant, every other one the first of two acts, the rest the second."""
    here.put_back(stage)
    acts = _acts(stage, here, two, many)
    before = len(stage.ticket(here.number).events)
    outcomes: list[Outcome] = at_once(*(lambda act=act: stage.desk.act(act) for act in acts))
    in_order = sorted(zip(acts, outcomes, strict=True), key=lambda one: _place(one[1]))
    declared = stage.workflows[here.kind]
    faults = [
        *by_the_rules(declared, acts[0].version or 0, in_order),
        *_on_record(stage, here, before, outcomes),
        *_one_by_one(stage, here, two, in_order),
    ]
    return Came(in_order[0][0].action, Counter(one.result for one in outcomes), tuple(faults))


def _acts(stage: Stage, here: Situation, two: Sequence[str], many: int) -> list[Act]:
    choices = [cycle(here.able[name]) for name in two]
    chosen = [next(choices[n % 2]) for n in range(many)]
    prove(stage, here.number, chosen)
    return [asked(stage, here.number, choice, f"race-{n}") for n, choice in enumerate(chosen)]


def _place(outcome: Outcome) -> int:
    return outcome.event["sequence"] if outcome.event else 10**6  # Who may not see it any more leaves nothing.


def by_the_rules(declared: Workflow, version: int, in_order: Sequence[tuple[Act, Outcome]]) -> list[str]:
    """The rules of this module's first lines, one line for each breach; `version` is what everybody had seen."""
    found, moved = [], None
    if not in_order[0][1].accepted:
        found.append(f"the first one was refused: {in_order[0][1].result}")
    for act, outcome in in_order:
        quiet = declared.actions[act.action].quiet
        if moved is None:
            if outcome.result not in ("accepted", "missing", "not_now", "unknown"):
                found.append(f"{act.action}: {outcome.result} although nobody had moved the ticket")
            moved = outcome.event if outcome.accepted and not quiet else None
        elif quiet and outcome.result not in ("accepted", "missing", "not_now", "unknown"):
            found.append(f"{act.action} is quiet and yet {outcome.result}")
        elif not quiet and outcome.result not in ("stale", "unknown"):
            found.append(f"{act.action} after {moved['action']}: {outcome.result}")
        elif outcome.result == "stale" and moved["sequence"] not in [one["sequence"] for one in outcome.changed]:
            found.append(f"{act.action} is not told of {moved['action']}, only of {outcome.changed}")
    now = in_order[0][1].ticket
    assert now is not None
    ends = max((outcome.ticket or now)["version"] for _, outcome in in_order)
    if ends != version + (moved is not None):
        found.append(f"the version went from {version} to {ends}")
    return found


def _on_record(stage: Stage, here: Situation, before: int, outcomes: Sequence[Outcome]) -> list[str]:
    """Each attempt left one event, the ticket is what its events made it, and the log leads to its root. Where a limit had
    run out by then, the first one let the clock go before it, which is no attempt of theirs."""
    ticket, row, declared = stage.ticket(here.number), stage.row(here.number), stage.workflows[here.kind]
    answered = sum(one.event is not None for one in outcomes)
    found = [*differences(row, declared, ticket.events), *log_check.verify(stage.desk)]
    left = sum(not declared.actions[one.action].by_clock for one in ticket.events[before:])
    if left != answered:
        found.append(f"{len(outcomes)} acts left {left} events")
    with stage.engine.connect() as connection:
        gaps = "SELECT ticket_id FROM event GROUP BY ticket_id HAVING count(*) <> max(sequence) OR min(sequence) <> 1"
        found += [f"a gap in the history of ticket {one.ticket_id}" for one in connection.execute(text(gaps))]
    return found


def _one_by_one(
    stage: Stage, here: Situation, two: Sequence[str], in_order: Sequence[tuple[Act, Outcome]]
) -> list[str]:
    """The same acts in the same order, but each after the other: the answers are the same."""
    here.put_back(stage)
    _acts(stage, here, two, len(in_order))  # Proves the same people once more.
    found = []
    for act, outcome in in_order:
        again = stage.desk.act(act)
        if told(again) != told(outcome):
            found.append(f"{act.action} one by one: {again.result}, at one instant: {outcome.result}")
    return found


def told(outcome: Outcome) -> Any:
    """The answer without what chance put into it."""
    return _plain({name: value for name, value in outcome.data().items() if name != "receipt"})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if name not in BY_CHANCE}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
