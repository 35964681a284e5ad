"""Whose turn it is: of the party that a state awaits, the roles that can lead the ticket on."""

from __future__ import annotations

from collections.abc import Iterable

from workflow.attempt import MandateFact
from workflow.declare import OPENER, Action, Party, Role, State, Workflow


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

    Who can only withdraw, refuse or change the text is not whom everybody waits for: an end, and an amendment, counts
    only where nothing else leads on.
    """
    acts = [action for action in workflow.actions_from(state) if not action.quiet and not action.by_clock]
    own = [action for action in acts if any(role.party.name == party for role in action.by)]
    moving = [action for action in own if action.dest is not None and action.dest.name != state]
    chosen = [action for action in moving if leads_on(action, state)] or moving or own
    return tuple(dict.fromkeys(role for action in chosen for role in action.by if role.party.name == party))


def leads_on(action: Action, state: str) -> bool:
    """Whether the act goes the way of the duty: to another state, which is neither an end nor a new text."""
    return action.dest is not None and action.dest.name != state and not action.dest.final and not action.amends
