"""C3.3 in the duties beside faults: what waits too long is followed up step by step, by each duty's own chain of the contract.

Each case says how a ticket comes to wait, and which act in substance ends the waiting. The steps, whom they call and how long
each waits are read from the contract, so that another contract's chain is held against its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.duty.rota import HOUR, Rota
from tests.duty.test_calling import MILLISECOND, called, calls, to
from tests.stage import Stage
from tests.workflow import change_story, drill_story
from tests.workflow.reboot_story import Emergency, Operation
from tickets.models import Timer
from workflow.escalation import ACKNOWLEDGE
from workflow.reckon import AT_ONCE


@dataclass(frozen=True)
class Case:
    """`waits` opens a ticket and leaves it at the instant from which the chain counts; `ends` does what was awaited."""

    chain: str
    escalation: str
    waits: Callable[[Stage], str]
    ends: Callable[[Stage, str], object]


def late(stage: Stage, number: str, deadline: str) -> str:
    """Until just after this limit has run out and was struck."""
    to(stage, stage.ticket(number).deadlines[deadline].due_at + MILLISECOND)
    return number


def late_work(stage: Stage) -> str:
    return late(stage, change_story.begun(stage, change_story.signed(stage)), "work")


def overrun(stage: Stage) -> str:
    number = drill_story.at_state(stage, "record_entry")
    return late(stage, number, "planned_end")


def report_owed(stage: Stage) -> str:
    number = drill_story.at_state(stage, "restore_systems")
    return late(stage, number, "status_report")


def missing_writing(stage: Stage) -> str:
    operation = Emergency(stage).executing().do("abort", "engineer1", doubt="编号不符。", condition="unchanged")
    return late(stage, operation.number, "writing_afterwards")


CASES = [
    Case(
        "reboot_not_called_back", "calling_back", lambda stage: Operation(stage).signed().number,
        lambda stage, number: stage.do(number, "call_back", by="desk1"),
    ),
    Case(
        "reboot_outcome_unknown", "outcome", lambda stage: Operation(stage).unknown().number,
        lambda stage, number: stage.do(
            number, "settle_outcome", by="manager1", result="succeeded", account="控制台日志显示已重启。"
        ),
    ),
    Case(
        "reboot_writing_missing", "writing", missing_writing,
        lambda stage, number: stage.do(number, "sign_afterwards", by="approver2"),
    ),
    Case("change_work_late", "late_work", late_work, change_story.handed_over),
    Case(
        "drill_overrun", "overrun", overrun,
        lambda stage, number: drill_story.step(stage, number, "declare_end"),
    ),
    Case(
        "drill_status_report_late", "late_status_report", report_owed,
        lambda stage, number: drill_story.step(stage, number, "submit_status_report"),
    ),
]  # fmt: skip
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.chain)


@pytest.fixture
def kept(rota: Rota) -> Rota:
    """Somebody is on every post for longer than any story takes."""
    rota.usual(hours=24 * 30)
    return rota


def whom(stage: Stage, party_or_post: str) -> list[str]:
    """The user names behind a word of the chain, as the cast and the roster of `kept` have them."""
    posts = {"first_line": ["desk1"], "second_line": ["engineer3"]}
    roles = {
        "supplier.manager": ["manager1", "manager2"], "client.approver": ["approver1", "approver2"],
        "supervisor.reviewer": ["reviewer1"],
    }  # fmt: skip
    return posts[party_or_post] if party_or_post in posts else roles[party_or_post]


def steps_due(stage: Stage, number: str, case: Case) -> list[Timer]:
    """The limits of the steps that were begun last, the first step's first."""
    deadlines = stage.ticket(number).deadlines
    names = [f"{case.escalation}_call_{step}" for step in range(1, len(stage.contract.chains[case.chain].steps) + 1)]
    return [deadlines[name] for name in names if name in deadlines]


@each
def test_c3_3_each_step_is_called_at_its_time_and_each_once(kept: Rota, case: Case) -> None:
    stage = kept.stage
    number = case.waits(stage)
    chain, edition = stage.contract.chains[case.chain], stage.contract.at(stage.row(number).opened_at)
    due = steps_due(stage, number, case)
    assert len(due) == len(chain.steps)
    for timer, step in zip(due, chain.steps, strict=True):
        begun = timer.started_at
        assert timer.due_at == (begun if step.after == AT_ONCE else edition.due(step.after, begun))
    for place, (timer, step) in enumerate(zip(due, chain.steps, strict=True), start=1):
        if place > 1:  # What is called at once is called by the turn that found it waiting.
            to(stage, timer.due_at)
            assert len(called(stage, number, case.escalation)) < place, "at the instant itself it is still in time"
        to(stage, max(stage.at, timer.due_at + MILLISECOND))
        people = [name for word in step.who for name in whom(stage, word)]
        assert called(stage, number, case.escalation)[place - 1 :] == [(place, people)]
    to(stage, stage.at + HOUR)
    assert len(calls(stage, number, case.escalation)) == len(chain.steps), "each step once"


@each
def test_c3_3_what_was_awaited_ends_the_calling(kept: Rota, case: Case) -> None:
    stage = kept.stage
    number = case.waits(stage)
    case.ends(stage, number)
    before = len(calls(stage, number, case.escalation))
    assert all(timer.status in ("met", "missed") for timer in steps_due(stage, number, case))
    assert all(timer.stopped_at is not None for timer in steps_due(stage, number, case))
    to(stage, stage.at + timedelta(days=1))
    assert len(calls(stage, number, case.escalation)) == before


@each
def test_c3_3_who_was_called_acknowledges_and_the_calling_goes_on_when_that_has_lapsed(kept: Rota, case: Case) -> None:
    stage = kept.stage
    number = case.waits(stage)
    chain = stage.contract.chains[case.chain]
    to(stage, max(stage.at, steps_due(stage, number, case)[0].due_at) + MILLISECOND)
    ((place, people),) = called(stage, number, case.escalation)
    assert place == 1
    before = stage.ticket(number)
    stage.refused(number, ACKNOWLEDGE, by="engineer2", guard="is_called")
    stage.do(number, ACKNOWLEDGE, by=people[0])
    after = stage.ticket(number)
    assert after.state == before.state, "an acknowledgement is no answer in substance"
    lapse = after.deadlines[f"{case.escalation}_call_lapses"]
    assert lapse.due_at == stage.contract.at(stage.row(number).opened_at).due(str(chain.holds), stage.at)
    to(stage, lapse.due_at)
    assert len(calls(stage, number, case.escalation)) == 1
    to(stage, lapse.due_at + MILLISECOND)
    stage.later(seconds=1)
    following = 1 % len(chain.steps) + 1
    assert [place for place, _ in called(stage, number, case.escalation)] == [1, following]
