"""Whose turn it is: of the party that a state awaits, the roles that can lead the ticket on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from workflow.attempt import MandateFact
from workflow.declare import DESK, OPENER, Action, Party, Role, State, Workflow


def in_charge(party: Party | None, or_else: Party | None, mandates: Iterable[MandateFact]) -> Party | None:
    """The party, or the other one in its place while nobody in the contract holds a mandate of it."""
    return party if or_else is None or any(held.party == party for held in mandates) else or_else


def awaited(state: State, opened_party: str, mandates: Iterable[MandateFact]) -> str:
    """The name of the party that is awaited in `state`, as mandates are held now; empty where the ticket has ended."""
    if state.final or state.awaits is None:
        return ""
    party = in_charge(state.awaits, state.or_else, mandates)
    return opened_party if party is None or party == OPENER else party.name


def roles_to_act(workflow: Workflow, state: str, party: str) -> tuple[Role, ...]:
    """The roles of `party` (by name) whose acts lead on from `state`, in the order of the declaration.

    Who can only withdraw, refuse, send back or change the text is not whom everybody waits for: an end, an amendment and a
    way back count only where nothing else leads on.
    """
    acts = [action for action in workflow.actions_from(state) if not action.quiet and not action.by_clock]
    own = [action for action in acts if any(role.party.name == party for role in action.by)]
    moving = [action for action in own if action.dest is not None and action.dest.name != state]
    chosen = _onwards(workflow, state, [action for action in moving if leads_on(action, state)]) or moving or own
    return tuple(dict.fromkeys(role for action in chosen for role in action.by if role.party.name == party))


def leads_on(action: Action, state: str) -> bool:
    """Whether the act goes the way of the duty: to another state, which is neither an end nor a new text."""
    return action.dest is not None and action.dest.name != state and not action.dest.final and not action.amends


def _onwards(workflow: Workflow, state: str, moving: Sequence[Action]) -> Sequence[Action]:
    """Those that lead onwards in the order of the declaration; all of them where none does."""
    place = {name: number for number, name in enumerate(workflow.states)}
    return [a for a in moving if a.dest is not None and place[a.dest.name] > place[state]] or moving


def coming(
    workflow: Workflow, state: str, roles: Collection[Role], mandates: Collection[MandateFact]
) -> tuple[Action, ...]:
    """What somebody of these roles does at their next turn, and the first act after it that binds, so that they read in
    good time what it still lacks: if the ticket takes its course from `state`, in the order in which it comes to them.

    Where the course parts, each branch counts. What is declared in `state` itself is left out, and so is what ends the
    ticket, leads back or belongs to no one state.
    """
    here = {action.name for action in workflow.actions_from(state)}
    found: dict[str, Action] = {}
    seen, todo = {state}, [(state, False)]
    while todo:
        last, turned = todo.pop(0)
        for name in _course(workflow, last, mandates):
            if name not in seen:
                seen.add(name)
                steps = {one.name: one for one in _steps(workflow, name, roles, mandates) if one.name not in here}
                binding = {key: one for key, one in steps.items() if one.dest is not None and _binds(one)}
                found.update(binding if turned else steps)
                todo += [] if binding else [(name, turned or bool(steps))]
    return tuple(found.values())


def _binds(action: Action) -> bool:
    return any(guard.name == "identified" for guard in action.guards)


def _acts(workflow: Workflow, name: str) -> list[Action]:
    """What is declared in a state, but for what leads to where a ticket comes because somebody did nothing in time: none
    takes its course there."""
    fallen_into = {
        action.dest.name
        for action in workflow.actions.values()
        if action.by_clock and action.dest and any(source.awaits != DESK for source in workflow.sources(action))
    }
    return [a for a in workflow.actions_from(name) if a.dest is None or a.dest.name not in fallen_into]


def _parties(workflow: Workflow, state: State, mandates: Collection[MandateFact]) -> set[Party]:
    if state.awaits == OPENER:
        return {role.party for role in workflow.opening.by}
    party = in_charge(state.awaits, state.or_else, mandates)
    return set() if party is None else {party}


def _course(workflow: Workflow, name: str, mandates: Collection[MandateFact]) -> tuple[str, ...]:
    """Where the ticket goes from a state if whoever is awaited there acts: onwards, else back to where it is tried again."""
    parties = _parties(workflow, workflow.states[name], mandates)
    acts = [a for a in _acts(workflow, name) if any(role.party in parties for role in a.by)]
    moving = [a for a in acts if leads_on(a, name)] or [a for a in acts if a.dest and not a.dest.final]
    return tuple(dict.fromkeys(action.dest.name for action in _onwards(workflow, name, moving) if action.dest))


def _steps(
    workflow: Workflow, name: str, roles: Collection[Role], mandates: Collection[MandateFact]
) -> tuple[Action, ...]:
    """What these roles do in a state whose turn is theirs; nothing where it is not."""
    parties = _parties(workflow, workflow.states[name], mandates)
    if not any(role in roles for party in parties for role in roles_to_act(workflow, name, party.name)):
        return ()
    own = [a for a in _acts(workflow, name) if not a.quiet and set(a.by) & set(roles)]
    moving = [a for a in own if a.dest is not None and a.dest.name != name]
    onwards = _onwards(workflow, name, [a for a in moving if leads_on(a, name)]) or moving
    return tuple(a for a in own if a in onwards or (a.dest is None and len(workflow.sources(a)) == 1))
