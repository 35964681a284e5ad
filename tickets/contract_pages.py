"""The contract as readers see it: parties, figures, clauses with what carries each, catalogue lines, open questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template
from flask_babel import gettext, pgettext
from sqlalchemy.orm import Session

from auth.policy import WITH_MANDATE, policy
from auth.sessions import Caller, caller
from tickets import chrome, draw_view, labels, proof_view, room
from tickets.arguments import arguments, contract_of
from tickets.speech import label
from workflow import draw
from workflow.change.price import LineNow
from workflow.contract import CatalogueLine, Clause, Contract, Figure
from workflow.declare import Label, Words, Workflow
from workflow.findings import Finding
from workflow.lint import lint
from workflow.prove import stories
from workflow.terms import yuan

blueprint = Blueprint("contract", __name__)


@dataclass(frozen=True)
class LineSeen:
    """A catalogue line as signed, and as changes that are done have moved it."""

    signed: CatalogueLine
    now: LineNow

    @property
    def moved(self) -> bool:
        return self.signed.quantity != self.now.quantity or self.signed.ends != self.now.ends


@dataclass(frozen=True)
class ClauseSeen:
    """A clause with what carries it: workflows that the desk has, other parts of it, or the reason why nothing does."""

    clause: Clause
    workflows: tuple[Workflow, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class FindingSeen:
    """An open question in words: a figure is told by its note; `names` are the keys of the figures it speaks of."""

    severity: str
    words: Words
    clauses: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, contract: Contract, finding: Finding) -> FindingSeen:
        figures = contract.editions[-1].figures
        named = {
            key: figures[name] for key, name in finding.params.items() if isinstance(name, str) and name in figures
        }
        told = {**finding.params, **{key: figure.note for key, figure in named.items()}}
        names = tuple(dict.fromkeys(figure.name for figure in named.values()))
        return cls(finding.severity, Words(finding.msgid, **told), finding.clauses, names)


@blueprint.get("/contract")
@policy(WITH_MANDATE)
def shown() -> Any:
    """The contract that is meant, or the caller's first."""
    who, queries = caller(), room().queries
    contract = contract_of(who, arguments("contract")["contract"])
    with queries.view() as session:
        chrome.take_pulse(who, session)
        lines = lines_of(contract, session)
    at = room().desk.now()
    edition = contract.at(at)
    offered = list(room().desk.offered(contract.key).values())
    proofs = list(proof_view.seen(offered, contract))
    proved = {one.workflow.kind for one in proofs}
    return render_template(
        "desk/contract.html",
        contract=contract,
        edition=edition,
        mine=[room().desk.contracts[key] for key in who.contracts if key in room().desk.contracts],
        lines=lines,
        total=sum(line.signed.amount_fen for line in lines),
        systems=contract.systems_at(at),
        in_term=contract.in_term(at),
        clauses=[clause_seen(contract, clause) for clause in contract.clauses.values()],
        findings=[FindingSeen.of(contract, finding) for finding in lint(contract)],
        workflows=offered,
        proofs=proofs,
        unproved=[one for one in offered if one.kind not in proved],
        played=[one for one in offered if stories.read(one.kind)],
        value=figure_value,
        figures=sorted(edition.figures.values(), key=_by_clause),
    )


def _by_clause(figure: Figure) -> tuple[Any, ...]:
    return (*draw.clause_order(figure.clause), figure.name)


def lines_of(contract: Contract, session: Session) -> list[LineSeen]:
    now = {line.number: line for line in room().queries.baseline(contract, session)}
    return [LineSeen(line, now[line.number]) for line in contract.lines]


def clause_seen(contract: Contract, clause: Clause) -> ClauseSeen:
    offered = room().desk.offered(contract.key)
    return ClauseSeen(
        clause,
        tuple(offered[kind] for kind in clause.carried_by if kind in offered),
        tuple(labels.carrier(kind) for kind in clause.carried_by if kind not in offered),
    )


def figure_value(figure: Figure) -> str:
    """The value with its unit, as a reader expects it: money in yuan, settings in words."""
    if figure.unit == "fen":
        return yuan(int(str(figure.value)))
    if figure.unit == "setting":
        return str(pgettext("setting", str(Label("setting", str(figure.value)))))
    if figure.unit == "percent":
        return f"{figure.value} %"
    if figure.unit in ("count", "date", "month_day"):
        return str(figure.value)
    return f"{figure.value} {pgettext('unit', str(Label('unit', figure.unit)))}"


@blueprint.get("/clauses/<identifier>")
@policy(WITH_MANDATE)
def clause(identifier: str) -> Any:
    """One clause: its short wording, what carries it, the figures that stand in it."""
    who = caller()
    contract = contract_of(who, arguments("contract")["contract"])
    found = contract.clauses.get(identifier)
    if found is None:
        abort(404)
    with room().queries.view() as session:
        chrome.take_pulse(who, session)
    edition = contract.at(room().desk.now())
    carried = [
        (workflow, [one for one in labels if one.context != "kind"])
        for workflow in room().desk.offered(contract.key).values()
        for stands, labels in draw.clause_table(workflow)
        if stands == identifier
    ]
    return render_template(
        "desk/clause.html",
        contract=contract,
        seen=clause_seen(contract, found),
        value=figure_value,
        carried=carried,
        figures=[figure for figure in edition.figures.values() if figure.clause == identifier],
    )


@blueprint.get("/workflows/<kind>")
@policy(WITH_MANDATE)
def workflow(kind: str) -> Any:
    """A duty as it is declared: states, acts with their conditions, deadlines, papers, each with its clause."""
    who = caller()
    wanted = arguments("contract")["contract"]
    contract = contract_of(who, wanted or first_with(who, kind))
    declared = room().desk.offered(contract.key).get(kind)
    if declared is None:
        abort(404)
    with room().queries.view() as session:
        chrome.take_pulse(who, session)
    return render_template(
        "desk/workflow.html",
        contract=contract,
        workflow=declared,
        is_played=stories.read(kind) is not None,
        picture=draw_view.whole(declared),
        table=draw.clause_table(declared),
        edition=contract.at(room().desk.now()),
        sources=sources_of,
        value=figure_value,
        mermaid=draw.mermaid(declared, lambda one: label(one.context, one.name)),
    )


def first_with(who: Caller, kind: str) -> str:
    desk = room().desk
    return next((key for key in who.contracts if kind in desk.offered(key)), "")


def sources_of(declared: Workflow, action: Any) -> str:
    """From which states an act is possible, in words."""
    states = declared.sources(action)
    if not states:
        return gettext("opens a ticket")
    if len(states) == len(declared.states):
        return gettext("in every state")
    if len(states) == len([state for state in declared.states.values() if not state.final]):
        return gettext("in every state before the end")
    return gettext(", ").join(label("state", state.name) for state in states)
