"""Whether a contract can carry a workflow: it has every clause that the workflow cites and every figure that it asks for."""

from __future__ import annotations

from workflow.contract import Contract
from workflow.declare import Workflow


def figures(workflow: Workflow) -> set[str]:
    """The names of figures that the declaration shows without being run; `Workflow.figures` names the others."""
    named = {d.within for d in workflow.deadlines.values() if isinstance(d.within, str)}
    named |= {d.ahead for d in workflow.deadlines.values() if d.ahead}
    named |= {d.policy for d in workflow.deadlines.values() if d.policy} | shares(workflow)
    for action in workflow.actions.values():
        named |= {name for name in (action.refusals_allowed, action.asks_back, action.answers_back) if name}
        if any(guard.name == "identified" for guard in action.guards):
            named.add("identity.factor_valid")
    return named | set(workflow.figures)


def shares(workflow: Workflow) -> set[str]:
    """When to warn ahead of a limit. A contract that does not say is carried all the same, without warnings: nobody owes
    them, and a ticket under an edition from before they were settable goes on."""
    return {d.share for d in workflow.deadlines.values() if d.share}


def lacking(workflow: Workflow, contract: Contract) -> tuple[str, ...]:
    """Clauses and figures that `contract` lacks for this workflow; empty when it fits."""
    clauses = sorted(workflow.clauses() - set(contract.clauses))
    return (*clauses, *contract.unknown_figures(figures(workflow) - shares(workflow)))
