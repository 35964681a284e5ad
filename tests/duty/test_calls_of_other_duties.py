"""C3.3: whatever waits beyond its time is called for, by the chain that the contract has for it; a fault is not the only duty."""

from __future__ import annotations

from datetime import timedelta

import pytest

import workflow
from tests.duty.rota import Rota
from tests.duty.test_calling import called, calls
from tests.stage import REAL, Stage
from tests.workflow.fault_story import PROGRESS, at_state
from tests.workflow.test_complaint import raised
from workflow.contract import load
from workflow.escalation import ACKNOWLEDGE


@pytest.fixture
def kept(rota: Rota) -> Rota:
    """desk1 has the first line and engineer3 the second one for two days."""
    rota.usual(hours=24 * 14)
    return rota


def after(stage: Stage, chain: str, place: int) -> timedelta:
    figure = stage.contract.chains[chain].steps[place - 1].after
    return stage.contract.at(stage.at).duration(figure)


def ring(stage: Stage) -> None:
    stage.later(seconds=1)
    stage.later(seconds=1)


def test_c3_4_a_complaint_that_nobody_takes_up_is_called_for_in_the_morning(kept: Rota) -> None:
    stage = kept.stage
    number = raised(stage)
    due = stage.ticket(number).deadlines["taking_up"].due_at
    stage.at = due
    ring(stage)
    assert calls(stage, number, "late_taking_up") == [], "it ran out at midnight; nobody is rung out of bed for it"
    stage.at = due + after(stage, "complaint_not_taken_up", 1)
    ring(stage)
    ring(stage)
    assert called(stage, number, "late_taking_up") == [(1, ["manager1", "manager2"])]
    stage.do(number, "take_up", by="relations1", owner=stage.person("relations1"))
    stage.later(days=3)
    assert len(calls(stage, number, "late_taking_up")) == 1


def test_c3_4_who_takes_it_up_in_time_is_called_by_nobody(kept: Rota) -> None:
    stage = kept.stage
    number = raised(stage)
    stage.do(number, "take_up", by="relations1", owner=stage.person("relations1"))
    stage.later(days=2)
    assert calls(stage, number, "late_taking_up") == []


def test_c9_16_a_client_who_waits_for_progress_is_called_for_once_a_silence(kept: Rota) -> None:
    stage = kept.stage
    number = at_state(stage, "diagnose")
    stage.later(minutes=30, seconds=1)
    ring(stage)
    assert called(stage, number, "feedback") == [(1, ["engineer3"])]
    stage.do(number, ACKNOWLEDGE, by="engineer3")
    stage.at += after(stage, "fault_feedback_missed", 2)
    ring(stage)
    assert [place for place, _ in called(stage, number, "feedback")] == [1, 2], "the acknowledgement has lapsed"
    stage.later(minutes=45)
    assert len(calls(stage, number, "feedback")) == 2, "a further slot of the same silence begins no chain of its own"
    stage.do(number, "feed_back", by="engineer1", **PROGRESS)
    stage.later(minutes=31)
    ring(stage)
    assert [place for place, _ in called(stage, number, "feedback")] == [1, 2, 1]


def test_every_chain_of_the_shipped_contract_is_asked_for_by_a_duty_and_every_duty_has_one() -> None:
    contract, declared = load(REAL), workflow.discover()
    fixed = {one.chain for each in declared.values() for one in each.escalations if isinstance(one.chain, str)}
    by_level = {name for name in contract.chains if name.startswith(("fault_response_", "fault_removal_"))}
    assert fixed | by_level == set(contract.chains)
    assert all(each.escalations for each in declared.values())
    assert all(chain.holds for chain in contract.chains.values()), "no acknowledgement holds for ever"
