"""Claims about the whole that was explored: rights that stand in every state, ends that can always be reached, dead wood."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workflow.declare import DESK, PARTIES, Workflow
from workflow.prove.claims import Claim
from workflow.prove.explored import ELSEWHERE, FOUND_ONE, TIME, Explored, Violation
from workflow.prove.scope import Stage
from workflow.turn import awaited


def check_whole(workflow: Workflow, found: Explored, claims: Sequence[Claim], stage: Stage) -> list[Violation]:
    """Every violation of a claim that speaks of configurations, each with the shortest way to one."""
    wrong: list[Violation] = []
    party_of = {player.name: _party(stage, player.name) for player in stage.scope.cast}
    for claim in claims:
        if claim.kind == "always":
            bad = _lacking(workflow, found, claim)
        elif claim.kind == "ends":
            bad = [
                n
                for n in _hostages(workflow, found, party_of, claim)
                if not claim.states or found.states[n] in claim.states
            ]
        elif claim.kind == "awaited":
            bad = stuck(workflow, found, stage)
        else:
            continue
        if bad:
            wrong.append(Violation(claim, found.way_to(min(bad))))
    return wrong


def _party(stage: Stage, name: str) -> str:
    return next((held.party.name for held in stage.mandates if held.name == name), "")


def _lacking(workflow: Workflow, found: Explored, claim: Claim) -> list[int]:
    """Configurations in which nobody of the party can do any of the acts."""
    states, party = set(claim.states) - set(found.scope.until), claim.party.name if claim.party else None
    return [
        number
        for number, state in enumerate(found.states)
        if state in states
        and claim.name not in found.excused.get(number, ())
        and not any(act in claim.acts and party in (None, side) for act, side in found.can[number])
    ]


def _hostages(workflow: Workflow, found: Explored, party_of: dict[str, str], claim: Claim) -> Collection[int]:
    """Configurations from which no end can be reached (by the acts of one party and time alone)."""
    into: list[list[int]] = [[] for _ in found.states]
    side = claim.party.name if claim.party else None
    for number, edges in enumerate(found.edges):
        for move, to in edges:
            if move.lapsed or move.kind in (FOUND_ONE, ELSEWHERE):
                continue
            if move.kind == TIME or side is None or party_of.get(move.player) == side:
                into[to].append(number)
    good = {n for n, state in enumerate(found.states) if is_end(workflow, found, state)}
    todo = list(good)
    while todo:
        for number in into[todo.pop()]:
            if number not in good:
                good.add(number)
                todo.append(number)
    return [n for n, state in enumerate(found.states) if state and n not in good]


def is_end(workflow: Workflow, found: Explored, state: str) -> bool:
    """Whether a ticket ends in this state, or the scope does."""
    return bool(state) and (state in found.scope.until or workflow.states[state].final)


def stuck(workflow: Workflow, found: Explored, stage: Stage) -> list[int]:
    """Configurations that have not ended and in which the party that is awaited has no act that leads on."""
    wrong = []
    for number, state in enumerate(found.states):
        if not state or is_end(workflow, found, state):
            continue
        declared = workflow.states[state]
        if declared.awaits == DESK:
            continue
        party = awaited(declared, "", stage.mandates)
        acts = {act for act, side in found.can[number] if (side == party or party not in PARTIES)}
        if not any(not workflow.actions[act].quiet for act in acts):
            wrong.append(number)
    return wrong
