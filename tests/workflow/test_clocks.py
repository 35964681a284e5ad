"""The clocks as a pure function of the events: what ran, from where, to when, and whether it was kept (C4.6, C4.7, C9.16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk import permit
from tests.stage import Stage
from tests.workflow.clock_story import MILLISECOND, from_events, from_tables, told, wander
from tests.workflow.drill_story import planned
from tests.workflow.fault_story import PERIOD, RECURRENCE, actions, at_state, go, phoned, reported, step
from workflow import clocks, deductions
from workflow.attempt import Past
from workflow.canonical import plain
from workflow.clocks import Supposition, Term
from workflow.deductions import Period

NINE = datetime(2026, 5, 12, 1, 0, tzinfo=UTC)


def term(stage: Stage, number: str, name: str, one: Supposition | None = None) -> Term:
    """The last term of a limit."""
    return [found for found in told(stage, number, one) if found.deadline.name == name][-1]


def complained(stage: Stage) -> str:
    return stage.open("complaint", "staff1", nature="complaint", about="服务热线", text="无人接听。")


@settings(max_examples=12)
@given(seed=st.integers(0, 10**6), kind=st.sampled_from(["fault", "permit", "complaint", "drill"]))
def test_r3_5_whatever_happens_events_and_timers_tell_the_same(seed: int, kind: str) -> None:
    chance = Random(seed)
    with TemporaryDirectory() as folder:
        stage = Stage(Path(folder), extra={"permit": permit.workflow})
        begun: dict[str, Callable[[Stage], str]] = {
            "permit": permit.running, "fault": reported, "complaint": complained, "drill": planned,
        }  # fmt: skip
        number = begun[kind](stage)
        wander(stage, number, chance, steps=25)
        stage.strike()
        assert from_events(stage, number) == from_tables(stage, number)
        stage.engine.dispose()


def test_r3_5_at_the_due_instant_is_kept_and_a_millisecond_later_missed_though_no_clock_noted_it(stage: Stage) -> None:
    number = reported(stage)
    due = term(stage, number, "response").due_at
    stage.at = due
    assert term(stage, number, "response").status == "running"
    stage.at = due + MILLISECOND
    missed = term(stage, number, "response")
    assert (missed.status, missed.noted_by) == ("missed", None)
    assert clocks.lateness(missed, stage.at) == MILLISECOND
    stage.strike()
    noted = term(stage, number, "response").noted_by
    assert noted is not None
    assert noted.action == "note_late_response"


def test_each_interval_says_what_started_and_what_stopped_it(stage: Stage) -> None:
    number = phoned(stage, minutes_ago=3)
    go(stage, number, "respond")
    response = term(stage, number, "response")
    assert (response.started_by.action, response.started_at) == ("report", stage.at - timedelta(minutes=3))
    assert response.stopped_by is not None
    assert response.stopped_by.action == "respond"
    edition = stage.contract.at(stage.at)
    due = response.explained(edition)
    assert due is not None
    assert (due.at, due.figure.name, due.figure.clause) == (response.due_at, "fault.response", "C4.6")


def test_r3_19_a_reopened_fault_has_a_new_set_and_keeps_the_old_one(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    old = term(stage, number, "removal")
    stage.later(minutes=5)
    stage.do(number, "reopen", by="staff1", reason="今天又超时。")
    found = [one for one in told(stage, number) if one.deadline.name == "removal"]
    assert (found[0], found[1].started_by.action, found[1].status) == (old, "reopen", "running")
    warned = [one for one in told(stage, number) if one.deadline.name == "removal_first_warning"]
    assert [one.started_by.action for one in warned] == ["report", "reopen"]
    assert warned[1].due_at < found[1].due_at
    assert from_events(stage, number) == from_tables(stage, number)


def test_3_2_a_level_changed_in_mid_flight_moves_the_feedback_and_no_limit_of_the_contract(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    before = {one.deadline.name: one.due_at for one in told(stage, number) if not one.deadline.reminds}
    stage.do(number, "change_level", by="engineer1", level="level_1", reason="影响扩大")
    after = {one.deadline.name: one.due_at for one in told(stage, number) if not one.deadline.reminds}
    assert {name for name in before if before[name] != after[name]} == {"feedback"}
    assert after["feedback"] < before["feedback"]
    assert from_events(stage, number) == from_tables(stage, number)


@pytest.mark.parametrize(
    ("value", "started_by"), [("report", "report"), ("response", "respond"), ("diagnosis", "diagnose")]
)
def test_g1_another_start_of_the_removal_can_be_looked_at(stage: Stage, value: str, started_by: str) -> None:
    number = reported(stage)
    for action in ("register", "respond", "diagnose"):
        stage.later(minutes=2)
        step(stage, number, action)
    found = term(stage, number, "removal", Supposition("fault.removal_counts_from", value, is_figure=True))
    assert found.started_by.action == started_by
    assert found.due_at == stage.contract.at(stage.at).due("fault.removal", found.started_at)


def test_c4_7_the_importance_of_the_system_can_be_taken_otherwise(stage: Stage) -> None:
    number = reported(stage)
    edition = stage.contract.at(stage.at)
    found = term(stage, number, "removal", Supposition("important", True, is_figure=False))
    assert (found.figure, found.due_at) == ("fault.removal_important", edition.due("fault.removal_important", stage.at))
    assert term(stage, number, "removal").figure == "fault.removal"


def test_what_can_be_taken_otherwise_is_what_the_declaration_names(stage: Stage) -> None:
    number = reported(stage)
    fact: Any = stage.row(number)
    found = clocks.suppositions(stage.workflows["fault"], stage.contract.at(stage.at), fact)
    assert ("important", True) in [(one.name, one.value) for one in found]
    assert ("important", False) not in [(one.name, one.value) for one in found]
    for policy in ("fault.removal_counts_from", "fault.response_counts_from"):
        figure = stage.contract.at(stage.at).figure(policy)
        assert {one.value for one in found if one.name == policy} == set(figure.options) - {figure.value}


# --- what both parties leave out --------------------------------------------------------------------------------------


def period(begin: int, minutes: int) -> Period:
    event = Past(1, deductions.AGREE, True, 1, 1, "", "client", NINE, "", "", "")
    from_at = NINE + timedelta(minutes=begin)
    return Period("removal", from_at, from_at + timedelta(minutes=minutes), "", "", event)


@given(spans=st.lists(st.tuples(st.integers(-30, 90), st.integers(1, 60)), max_size=6), end=st.integers(0, 60))
def test_f5_what_is_left_out_is_each_minute_once_and_never_more_than_there_was(
    spans: list[tuple[int, int]], end: int
) -> None:
    found = deductions.left_out([period(*one) for one in spans], NINE, NINE + timedelta(minutes=end))
    minutes = {minute for begin, length in spans for minute in range(begin, begin + length) if 0 <= minute < end}
    assert found == timedelta(minutes=len(minutes))


def test_f5_raw_and_adjusted_are_both_kept(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    began = stage.at
    stage.later(minutes=33)
    given_back = {"from_at": began + timedelta(minutes=10), "until_at": began + timedelta(minutes=20)}
    stage.do(number, "propose_deduction", by="engineer1", clock="removal", **given_back, **PERIOD)
    stage.do(number, "agree_deduction", by="approver1")
    missed = term(stage, number, "removal")
    assert missed.status == "missed"
    periods = deductions.agreed(
        [
            Past(e.sequence, e.action, e.accepted, 1, 1, "", "", e.at, "", "", "", e.fields)
            for e in stage.ticket(number).events
        ],
        "removal",
    )
    left_out = deductions.left_out(periods, missed.started_at, stage.at)
    assert left_out == timedelta(minutes=10)
    assert clocks.lateness(missed, stage.at) == timedelta(minutes=3)
    assert clocks.lateness(missed, stage.at, left_out) == -timedelta(minutes=7)


def test_c14_another_level_and_a_reopening_lose_nothing_of_what_was_left_out(stage: Stage) -> None:
    """What users of other desks lose: time that was earned belongs to the limit of the ticket, not to its level."""
    number = at_state(stage, "diagnose")
    began = stage.at
    stage.later(minutes=20)
    given_back = {"from_at": began + timedelta(minutes=5), "until_at": began + timedelta(minutes=15)}
    stage.do(number, "propose_deduction", by="engineer1", clock="removal", **given_back, **PERIOD)
    stage.do(number, "agree_deduction", by="approver1")
    for level in ("level_1", "level_4"):
        stage.do(number, "change_level", by="approver1", level=level, reason="重新评估")
    before = term(stage, number, "removal")
    stage.later(minutes=13)
    go(stage, number, "confirm", since="arrive")
    (removal,) = (one for one in stage.last(number).fields["clocks"] if one["clock"] == "removal")
    assert (removal["started_at"], removal["due_at"]) == (plain(before.started_at), plain(before.due_at))
    assert (removal["seconds"], removal["seconds_left_out"], removal["seconds_adjusted"]) == (1980, 600, 1380)
    assert (removal["status"], removal["missed_after_adjustment"]) == ("missed", False)
    stage.do(number, "reopen", by="staff1", **RECURRENCE)
    told_of = [one for one in told(stage, number) if one.deadline.name == "removal"]
    assert [one.status for one in told_of] == ["missed", "running"], "a new set, and the old result as it was"
    assert from_events(stage, number) == from_tables(stage, number)


def test_f5_a_period_is_left_out_by_two_parties_and_never_by_silence(stage: Stage) -> None:
    number = at_state(stage, "diagnose")
    began = stage.at
    stage.later(minutes=33)
    asked = {"clock": "removal", "from_at": began + timedelta(minutes=10), "until_at": began + timedelta(minutes=20)}
    stage.refused(number, "propose_deduction", by="reviewer1", result="not_yours", **asked, **PERIOD)
    stage.do(number, "propose_deduction", by="staff1", **asked, **PERIOD)
    stage.refused(number, "propose_deduction", by="engineer1", guard="none_is_proposed", **asked, **PERIOD)
    for name, own in (("approver1", "answered_by_the_other_party"), ("engineer1", None)):
        stage.refused(number, "agree_deduction", by=name, guard=own, result=None if own else "not_yours")
    stage.refused(number, "decline_deduction", by="approver1", guard="answered_by_the_other_party", reason="不同意")
    stage.refused(number, "agree_deduction", by="manager1", guard="identified", factor=False)
    stage.later(days=20)
    assert deductions.AGREE not in actions(stage, number)
    assert any("It is proposed to leave" in said for said in stage.ticket(number).notices)
    stage.do(number, "agree_deduction", by="manager1")
    assert not any("It is proposed to leave" in said for said in stage.ticket(number).notices)
    assert stage.last(number).fields["evidence"] == PERIOD["evidence"]


def test_f5_every_duty_that_owes_something_within_a_limit_offers_it(stage: Stage) -> None:
    for declared in stage.workflows.values():
        assert (deductions.PROPOSE in declared.actions) == any(limit.binds for limit in declared.deadlines.values())
    assert deductions.PROPOSE not in permit.workflow.actions
