"""Warnings ahead of every limit that binds somebody, and delays that are foretold: reminders, never breaches (R3.6, C9.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from database import reading
from tests.stage import Stage
from tests.workflow import change_story, drill_story, fault_story
from tests.workflow.clock_story import from_events, from_tables
from tests.workflow.reboot_story import Emergency, Operation
from tickets.models import Message, Ticket
from workflow import reminders
from workflow.contract import Edition
from workflow.decide import Start
from workflow.declare import Deadline
from workflow.reckon import reckoned

MILLISECOND = timedelta(milliseconds=1)
Way = Callable[[Stage], str]


def begun(stage: Stage) -> str:
    return change_story.begun(stage, change_story.signed(stage))


def complained(stage: Stage) -> str:
    return stage.open("complaint", "staff1", nature="complaint", about="服务热线", text="两次打电话都无人接听。")


def suspected(stage: Stage) -> str:
    return fault_story.reported(stage, is_security_suspected="undetermined")


WAYS: dict[tuple[str, str], tuple[Way, str, str]] = {
    ("complaint", "taking_up"): (complained, "supplier", "client"),
    ("complaint", "answer"): (complained, "supplier", "client"),
    ("fault", "incident_report"): (suspected, "client", "supervisor"),
    ("fault", "response"): (fault_story.reported, "supplier", "client"),
    ("fault", "arrival"): (fault_story.reported, "supplier", "client"),
    ("fault", "removal"): (fault_story.reported, "supplier", "client"),
    ("fault", "feedback"): (fault_story.reported, "supplier", "client"),
    ("fault", "initial_report"): (lambda s: fault_story.at_state(s, "restore", level="level_1"), "supplier", "client"),
    ("fault", "written_report"): (lambda s: fault_story.at_state(s, "feed_back_result"), "supplier", "client"),
    ("fault", "review"): (lambda s: fault_story.at_state(s, "submit_report"), "supervisor", "client"),
    ("reboot", "result"): (lambda s: Operation(s).executing().number, "supplier", "client"),
    ("reboot", "writing_afterwards"): (lambda s: Emergency(s).executing().number, "client", "supplier"),
    ("change", "publicity"): (change_story.signed, "client", "supplier"),
    ("change", "filing"): (change_story.signed, "client", "supplier"),
    ("change", "work"): (begun, "supplier", "client"),
    ("drill", "status_report"): (lambda s: drill_story.at_state(s, "declare_end"), "supplier", "client"),
}
"""How a ticket comes to owe something: by each limit that binds, who owes it and who is told of a likely miss."""


def messages(stage: Stage, number: str, about: str) -> list[tuple[str, str]]:
    """Whom the clock told of a limit, and which of its sentences."""
    with reading(stage.engine) as session:
        found = session.scalars(
            select(Message).join(Ticket, Ticket.id == Message.ticket_id).where(Ticket.number == number)
        )
        return [
            (one.party, "likely" if "is likely to be missed" in one.words["text"] else "runs out")
            for one in found
            if one.words["values"].get("deadline") == {"label": ["deadline", about]}
            and "percent" in one.words["values"]
        ]


def test_r3_6_every_limit_that_binds_somebody_has_its_warnings_and_no_other_has_one(stage: Stage) -> None:
    bound = {(w.kind, d.name) for w in stage.workflows.values() for d in w.deadlines.values() if d.binds}
    assert bound == set(WAYS), "a limit that nobody wrote a way to"
    for declared in stage.workflows.values():
        for limit in declared.deadlines.values():
            mine = [one.name for one in declared.deadlines.values() if one.of is limit]
            assert mine == ([f"{limit.name}_{which}_warning" for which in reminders.SHARES] if limit.binds else [])


@pytest.mark.parametrize("kind_and_limit", WAYS, ids="-".join)
def test_r3_6_both_warnings_come_in_time_and_at_the_last_whoever_waits_is_told_of_a_likely_miss(
    stage: Stage, kind_and_limit: tuple[str, str]
) -> None:
    (_, name), (way, party, other) = kind_and_limit, WAYS[kind_and_limit]
    number = way(stage)
    term = stage.ticket(number).deadlines[name]
    edition = stage.contract.at(stage.at)
    first, second = (
        term.started_at + (term.due_at - term.started_at) * float(edition.percent(share)) / 100
        for share in reminders.SHARES.values()
    )
    before = messages(stage, number, name)
    stage.at = first
    stage.strike()
    assert messages(stage, number, name) == before, "at the very instant it is not used up"
    stage.later(milliseconds=1)
    assert messages(stage, number, name) == [(party, "runs out")]
    stage.at = second + MILLISECOND
    stage.strike()
    told = messages(stage, number, name)[1:]
    assert told[0] == (party, "runs out")
    assert (other, "likely") in told[1:]
    assert (party, "likely") not in told
    view = stage.ticket(number)
    warned = [e.fields for e in view.events if e.action == reminders.WARN and e.fields["deadline"].startswith(name)]
    assert [one.get("likely_miss") for one in warned] == [None, True]
    assert {one["limit_due_at"] for one in warned} == {term.due_at.isoformat()}
    assert (view.deadlines[name].id, view.deadlines[name].status) == (term.id, "running"), "a warning breaches nothing"
    assert from_events(stage, number) == from_tables(stage, number)


def test_r3_6_whoever_does_it_in_time_is_not_warned(stage: Stage) -> None:
    number = fault_story.at_state(stage, "respond")
    stage.later(minutes=14)
    assert messages(stage, number, "response") == []
    assert stage.ticket(number).warnings["response_first_warning"].status == "met"


def test_r3_6_what_comes_too_late_is_not_said_any_more(stage: Stage) -> None:
    """The clock woke up late: between the warnings only the later one is told, after the limit neither."""
    between, after = fault_story.reported(stage), fault_story.reported(stage)
    stage.later(minutes=13)
    assert messages(stage, between, "response") == [
        ("supplier", "runs out"),
        ("client", "likely"),
        ("supervisor", "likely"),
    ]
    late = fault_story.reported(stage)
    stage.later(minutes=16, strike=False)
    stage.strike()
    assert messages(stage, late, "response") == []
    for number in (between, after, late):
        assert fault_story.actions(stage, number).count("note_late_response") == 1
        assert from_events(stage, number) == from_tables(stage, number)


@pytest.mark.parametrize(("minutes", "warnings"), [(6, 2), (9, 2), (13, 1), (20, 0)])
def test_r3_6_a_limit_that_began_in_the_past_is_warned_of_once_at_most_for_what_has_passed(
    stage: Stage, minutes: int, warnings: int
) -> None:
    number = fault_story.phoned(stage, minutes_ago=minutes)
    set_up = [name for name in stage.ticket(number).warnings if name.startswith("response_")]
    assert len(set_up) == warnings


def test_r3_6_a_slot_that_begins_with_a_miss_is_not_warned_of_again_until_somebody_reports(stage: Stage) -> None:
    number = fault_story.reported(stage)
    stage.later(minutes=31)
    assert fault_story.actions(stage, number).count("note_missed_feedback") == 1
    told = messages(stage, number, "feedback")
    stage.later(minutes=58)
    assert messages(stage, number, "feedback") == told
    stage.do(number, "feed_back", by="desk1", **fault_story.PROGRESS)
    stage.later(minutes=16)
    assert messages(stage, number, "feedback") == [*told, ("supplier", "runs out")]


def test_r3_6_a_contract_that_does_not_say_when_is_carried_without_warnings(stage: Stage) -> None:
    warning: Deadline = stage.workflows["fault"].deadlines["response_first_warning"]
    edition = stage.contract.at(stage.at)
    silent: Edition = replace(edition, figures={k: v for k, v in edition.figures.items() if k != warning.share})
    assert reckoned(warning, "fault.response", stage.at, None, edition) is not None
    assert reckoned(warning, "fault.response", stage.at, None, silent) is None
    assert not Start(warning, stage.at, stage.at, None, None).binds


# --- delays that are foretold ---------------------------------------------------------------------------------------------


def foretell(stage: Stage, number: str, limit: str, by: str, expected_at: datetime | None = None) -> None:
    expected_at = expected_at or stage.ticket(number).deadlines[limit].due_at + timedelta(hours=1)
    stage.do(number, "announce_delay", by=by, clock=limit, expected_at=expected_at, reason="等待备件")


FORETOLD = (("fault", "review"), ("reboot", "writing_afterwards"), ("change", "filing"), ("drill", "status_report"))
BY = {"supplier": "engineer1", "client": "staff1", "supervisor": "reviewer1"}


@pytest.mark.parametrize("kind_and_limit", FORETOLD, ids="-".join)
def test_r3_6_whoever_owes_it_foretells_a_delay_and_no_likely_miss_is_told(
    stage: Stage, kind_and_limit: tuple[str, str]
) -> None:
    (_, name), (way, party, other) = kind_and_limit, WAYS[kind_and_limit]
    number = way(stage)
    term = stage.ticket(number).deadlines[name]
    asked: dict[str, Any] = {"clock": name, "expected_at": term.due_at + timedelta(hours=1), "reason": "等待备件"}
    stage.refused(number, "announce_delay", by=BY[other], guard="owed_by_the_own_party", **asked)
    foretell(stage, number, name, BY[party])
    with reading(stage.engine) as session:
        told = session.scalars(select(Message).order_by(Message.id.desc()).limit(3)).all()
    assert {one.party for one in told} == {"client", "supplier", "supervisor"}
    for one in told:
        assert "等待备件" not in str(one.words), "a letter leaves the house: the reason stays on the ticket"
        assert one.words["values"]["expected"] == {"instant": (term.due_at + timedelta(hours=1)).isoformat()}
    assert stage.last(number).fields["reason"] == "等待备件"
    stage.at = term.due_at
    stage.strike()
    assert messages(stage, number, name)[-1] == (party, "runs out")
    assert (other, "likely") not in messages(stage, number, name)
    after = stage.ticket(number).deadlines[name]
    assert (after.due_at, after.status) == (term.due_at, "running"), "the limit stays"


def test_r3_6_a_delay_is_foretold_before_the_limit_or_not_at_all(stage: Stage) -> None:
    number = fault_story.at_state(stage, "diagnose")
    due = stage.ticket(number).deadlines["removal"].due_at
    fields = {"clock": "removal", "reason": "等待备件"}
    stage.refused(number, "announce_delay", by="engineer1", guard="limit_is_still_ahead", **fields, expected_at=due)
    stage.at = due
    foretell(stage, number, "removal", "engineer1", due + MILLISECOND)
    stage.later(milliseconds=1)
    later = {**fields, "expected_at": due + timedelta(hours=2)}
    stage.refused(number, "announce_delay", by="engineer1", guard="limit_is_still_ahead", **later)
    assert stage.ticket(number).deadlines["removal"].status == "missed"


def test_r3_6_what_was_foretold_of_one_slot_says_nothing_of_the_next(stage: Stage) -> None:
    number = fault_story.reported(stage)
    foretell(stage, number, "feedback", "desk1")
    stage.later(minutes=25)
    assert ("client", "likely") not in messages(stage, number, "feedback")
    stage.do(number, "feed_back", by="desk1", **fault_story.PROGRESS)
    stage.later(minutes=25)
    assert ("client", "likely") in messages(stage, number, "feedback")
