"""The declarations as the API tells them: each workflow with its states, actions, guards, deadlines and papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for

from tickets.api_answers import binding
from tickets.api_forms import Offered, schema
from tickets.speech import label, sentence
from workflow.contract import Contract
from workflow.declare import ALWAYS, Action, Deadline, PaperKind, State, Workflow


def briefly(workflow: Workflow) -> dict[str, Any]:
    """One line of the list of workflows."""
    return {
        "kind": workflow.kind, "label": label("kind", workflow.kind), "clause": workflow.clause, "says": sentence(workflow.says),
        "opening": workflow.opening.name, "href": url_for("api.workflow", kind=workflow.kind),
    }  # fmt: skip


def wholly(
    workflow: Workflow, contracts: Sequence[Contract], at: datetime, offered: Offered | None = None
) -> dict[str, Any]:
    """The declaration. `contracts` are those whose figures the reader may see; `offered` lists what the opening chooses from."""
    return {
        **briefly(workflow), "name": workflow.kind, "prefix": workflow.prefix,
        "contracts": [contract.key for contract in contracts],
        "states": [_state(state) for state in workflow.states.values()],
        "actions": [_action(workflow, a, offered if a.source is None else None) for a in workflow.actions.values()],
        "deadlines": [_deadline(one, contracts, at) for one in workflow.deadlines.values()],
        "papers": [_paper(one) for one in workflow.papers.values()],
    }  # fmt: skip


def _state(state: State) -> dict[str, Any]:
    return {
        "name": state.name, "label": label("state", state.name), "clause": state.clause, "meaning": sentence(state.meaning),
        "final": state.final, "awaits": state.awaits.name if state.awaits else None,
        "or_else": state.or_else.name if state.or_else else None, "opener_only": state.opener_only,
    }  # fmt: skip


def _action(workflow: Workflow, action: Action, offered: Offered | None) -> dict[str, Any]:
    return {
        "name": action.name, "label": label("action", action.name), "clause": action.clause, "says": sentence(action.says),
        "by": [role.name for role in action.by], "source": [state.name for state in workflow.sources(action)],
        "dest": action.dest.name if action.dest else None, "opens": action.source is None,
        "standing": action.source == ALWAYS,
        "guards": [
            {"name": one.name, "label": label("guard", one.name), "clause": one.clause, "says": sentence(one.says),
             "of_form": one.of_form}
            for one in action.guards
        ],
        "form": schema(action, offered), "binding": binding(action), "signs": action.signs.name if action.signs else None,
        "files": action.files.name if action.files else None, "takes_file": action.takes_file, "quiet": action.quiet,
        "by_clock": action.by_clock, "tells": [party.name for party in action.tells],
    }  # fmt: skip


def _deadline(deadline: Deadline, contracts: Sequence[Contract], at: datetime) -> dict[str, Any]:
    figure = deadline.within if isinstance(deadline.within, str) else None
    named = {contract.key: contract.at(at).figures.get(figure) for contract in contracts} if figure else {}
    return {
        "name": deadline.name, "label": label("deadline", deadline.name), "clause": deadline.clause,
        "says": sentence(deadline.says), "within": "found" if callable(deadline.within) else deadline.within,
        "until": deadline.until, "ahead": deadline.ahead, "party": deadline.party.name if deadline.party else None,
        "or_else": deadline.or_else.name if deadline.or_else else None,
        "figure": {
            key: {"value": str(one.value), "unit": one.unit, "clause": one.clause, "status": one.status}
            for key, one in named.items() if one is not None
        },
        "starts": list(deadline.starting_actions),
        "stops": [stop if isinstance(stop, str) else stop.name for stop in deadline.stops],
        "renews": list(deadline.renews), "missed": deadline.missed,
    }  # fmt: skip


def _paper(paper: PaperKind) -> dict[str, Any]:
    return {
        "name": paper.name, "label": label("paper", paper.name), "clause": paper.clause, "meaning": sentence(paper.meaning),
        "uploaded": paper.uploaded, "by": [role.name for role in paper.by],
    }  # fmt: skip
