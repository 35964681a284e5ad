"""Guards of faults that the order of states alone would hold already: asked directly, so that they hold without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from database import reading
from tests.stage import Stage
from tests.workflow.fault_story import KNOWN, PAPER, PROGRESS, REASON, RECURRENCE, REVIEW, at_state, go, reported, step
from tickets.gather import actor_of, facts, ticket_fact
from workflow.attempt import Attempt, Facts, LinkFact
from workflow.decide import Accepted, Refused, decide
from workflow.fault import workflow as fault
from workflow.fault.record import COMPUTED


def attempt(stage: Stage, number: str, action: str, by: str, fields: dict[str, Any]) -> Attempt:
    """What the desk would judge now, to be changed before it is judged."""
    row = stage.row(number)
    with reading(stage.engine) as session:
        known = facts(session, row, contract=stage.contract, workflow=fault, at=stage.at, unseal=stage.desk.unseal)
    actor = actor_of(known.mandates, stage.accounts[by], fault.actions[action])
    return Attempt(action, actor, stage.at, ticket_fact(row), known, stage.contract.at(row.opened_at), fields)


def lacking(judged: Attempt, known: Facts | None = None) -> list[str]:
    decision = decide(fault, replace(judged, facts=known) if known else judged)
    return [one.guard.name for one in decision.missing] if isinstance(decision, Refused) else []


@pytest.fixture
def confirming(stage: Stage) -> Attempt:
    number = at_state(stage, "approve_report")
    stage.prove(number, "staff1")
    judged = attempt(stage, number, "confirm", "staff1", {"rating": 5, "comment": None})
    assert isinstance(decide(fault, judged), Accepted)
    return judged


def test_r3_10_no_closing_without_the_result_fed_back(confirming: Attempt) -> None:
    known = confirming.facts
    history = tuple(event for event in known.history if event.action != "feed_back_result")
    assert lacking(confirming, replace(known, history=history)) == ["result_was_fed_back"]


def test_r3_10_a_result_from_before_the_fault_came_back_closes_nothing(confirming: Attempt) -> None:
    known = confirming.facts
    last = known.history[-1]
    for again in ("contest_restoration", "reopen"):
        event = replace(last, sequence=last.sequence + 1, action=again)
        assert set(lacking(confirming, replace(known, history=(*known.history, event)))) == {
            "result_was_fed_back",
            "newest_report_is_approved",
        }


def test_r3_10_no_closing_without_an_approved_report(confirming: Attempt) -> None:
    known = confirming.facts
    paper = known.papers[-1]
    unsigned = replace(paper, signatures=tuple(s for s in paper.signatures if s.meaning != "approve_report"))
    later = replace(paper, id=paper.id + 1, version=paper.version + 1, signatures=())
    for papers in ((unsigned,), (paper, later)):
        assert "newest_report_is_approved" in lacking(confirming, replace(known, papers=papers))
    history = tuple(event for event in known.history if event.action != "approve_report")
    assert lacking(confirming, replace(known, history=history)) == ["newest_report_is_approved"]


def test_r5_2_an_approval_of_what_the_ticket_no_longer_says_closes_nothing(confirming: Attempt) -> None:
    of_before = tuple(replace(paper, content="before") for paper in confirming.facts.papers)
    assert lacking(confirming, replace(confirming.facts, papers=of_before)) == [
        "newest_report_is_approved",
        "to_be_signed",
    ]


def test_r3_19_the_time_for_reopening_is_asked_even_if_the_clock_sleeps(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    fields = {**RECURRENCE, "channel": "page", "caller": None, "received_at": None}
    judged = attempt(stage, number, "reopen", "staff1", fields)
    due = stage.ticket(number).deadlines["reopening"].due_at
    assert lacking(replace(judged, at=due)) == []
    assert lacking(replace(judged, at=due + timedelta(milliseconds=1))) == ["within_the_reopening_time"]
    assert lacking(judged, replace(judged.facts, timers=())) == ["within_the_reopening_time"]


def test_r3_9_a_linked_problem_serves_as_a_problem_record(stage: Stage) -> None:
    number = at_state(stage, "feed_back_result", without=("locate",))
    judged = attempt(
        stage,
        number,
        "prepare_report",
        "engineer1",
        dict.fromkeys(("process", "root_cause", "lasting_measures", "prevention"), "如此"),
    )
    assert lacking(judged) == ["cause_or_problem_on_record"]
    link = LinkFact("BJ26-P-2026-0001", "problem", "open", False, "problem")
    assert lacking(judged, replace(judged.facts, links=(link,))) == []
    assert lacking(judged, replace(judged.facts, links=(replace(link, relation="drill"),))) == [
        "cause_or_problem_on_record"
    ]


def test_whatever_a_fault_computes_has_a_name_for_readers(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    stage.do(number, "feed_back", by="desk1", **PROGRESS)
    stage.do(number, "record_step", by="engineer1", did="查看日志", result="连接已满")
    stage.do(number, "change_level", by="desk1", level="level_1", **REASON)
    go(stage, number, "restore", since="arrive")
    stage.do(number, "report_initially", by="engineer1", **KNOWN)
    step(stage, number, "feed_back_result")
    stage.do(number, "prepare_report", by="engineer1", **PAPER, **REVIEW)
    go(stage, number, "confirm", since="check_report")
    stage.do(number, "reopen", by="staff1", **RECURRENCE)
    forms = {action.name: set(action.form.model_fields) if action.form else set() for action in fault.actions.values()}
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.update(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    for event in stage.ticket(number).events:
        walk({name: value for name, value in event.fields.items() if name not in forms[event.action]})
    assert found - set(COMPUTED) == set()
    assert COMPUTED.keys() - found <= {"into", "from_at", "until_at"}


def test_an_act_on_a_fault_stays_cheap(stage: Stage) -> None:
    number = at_state(stage, "prepare_report")
    with stage.counted() as opening:
        reported(stage)
    stage.prove(number, "engineer2")
    with stage.counted() as signing:
        assert stage.attempt(number, "check_report", "engineer2").accepted
    other = at_state(stage, "confirm")
    with stage.counted() as again:
        assert stage.attempt(other, "reopen", "staff1", **RECURRENCE).accepted
    for cost in (opening, signing, again):
        assert (cost.commits, cost.statements <= 20) == (1, True), cost


@pytest.mark.parametrize(
    ("action", "guard"),
    [
        ("decline_no_arrival", "no_arrival_is_proposed"),
        ("decline_deduction", "deduction_is_proposed"),
        ("decline_merge", "merge_is_proposed"),
    ],
)
def test_nothing_is_declined_that_nobody_proposed(stage: Stage, action: str, guard: str) -> None:
    stage.refused(at_state(stage, "diagnose"), action, by="approver1", guard=guard, **REASON)
