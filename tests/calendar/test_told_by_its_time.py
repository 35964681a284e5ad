"""Clocks are told by what was in force at the time of each event: days announced later retell no past (R8.1, R8.3)."""

from __future__ import annotations

from datetime import timedelta

from database import reading
from tests.calendar.conftest import Years
from tests.calendar.notice import SOURCE
from tests.calendar.test_counting_again import PROVISIONAL_DUE, SETTLED_DUE, filing, rows
from tests.desk.test_sweep import sweep, tamper, timers
from tickets import gather, recount
from tickets.contracts import history_of, known_by, past_of
from tickets.models import Event, Recount
from workflow import clocks
from workflow.clocks import Term


def told(announced: Years, number: str) -> Term:
    """The term of the filing as its events tell it, each by the days of its own time."""
    stage, row = announced.stage, announced.stage.row(number)
    workflow = stage.workflows["errand"]
    with reading(stage.engine) as session:
        steps = history_of(stage.desk.contracts, session, row.contract_key)
        facts = gather.facts(
            session, row, contract=announced.contract, workflow=workflow, at=stage.at, unseal=stage.desk.unseal
        )
    known = known_by(steps, row.opened_at, announced.contract)
    found = clocks.terms(workflow, known.edition, gather.ticket_fact(row), facts, stage.at, known.later)
    return next(term for term in found if term.deadline.name == "filing")


def test_what_was_done_before_the_days_were_known_is_told_by_the_days_of_then(announced: Years) -> None:
    number = announced.stage.open("errand", "staff1")
    announced.stage.do(number, "file", "engineer1")
    announced.stage.at += timedelta(hours=1)
    announced.announce()
    term = told(announced, number)
    assert (term.due_at, term.status, term.moved) == (PROVISIONAL_DUE, "met", ())
    due = term.explained(announced.contract.at(announced.stage.at))
    assert due is not None
    assert (due.at, due.provisional) == (PROVISIONAL_DUE, True)


def test_what_still_ran_says_from_when_to_when_it_was_moved_and_by_which_notice(announced: Years) -> None:
    number = announced.stage.open("errand", "staff1")
    announced.stage.at += timedelta(hours=1)
    approved_at = announced.stage.at
    announced.announce()
    recount.recount_all(announced.stage.desk, announced.contract.key)
    term = told(announced, number)
    assert (term.due_at, term.status) == (filing(announced, number).due_at, "running") == (SETTLED_DUE, "running")
    (moved,) = term.moved
    assert (moved.before, moved.after) == (PROVISIONAL_DUE, SETTLED_DUE)
    assert (moved.by.since, moved.by.year, moved.by.source) == (approved_at, 2027, SOURCE)
    due = term.explained(announced.contract.at(announced.stage.at))
    assert due is not None
    assert (due.at, due.provisional) == (SETTLED_DUE, False)


def test_r3_5_a_breach_does_not_depend_on_how_fast_the_worker_was(announced: Years) -> None:
    """It ran out by the days that were known, nobody noted it yet, and then the days were announced."""
    number = announced.stage.open("errand", "staff1")
    announced.stage.at = PROVISIONAL_DUE + timedelta(seconds=1)
    announced.announce()
    recount.recount_all(announced.stage.desk, announced.contract.key)
    announced.stage.strike()
    timer, term = filing(announced, number), told(announced, number)
    assert (timer.due_at, timer.status) == (term.due_at, term.status) == (PROVISIONAL_DUE, "missed")
    assert term.noted_by is not None
    assert [one.kept for one in rows(announced, Recount)] == [True]
    assert [event.action for event in rows(announced, Event)].count("note_late") == 1


def test_a_limit_that_was_lost_is_watched_again_by_the_days_of_its_time(announced: Years) -> None:
    """One that had run out before the days were announced comes back as the breach that it was."""
    over = announced.stage.open("errand", "staff1")
    announced.stage.at = PROVISIONAL_DUE + timedelta(seconds=1)
    kept = timers(announced.stage, over)
    tamper(announced.stage, "DELETE FROM timer WHERE deadline = 'filing'")
    announced.announce()
    assert sweep(announced.stage).turn() == 1
    assert timers(announced.stage, over) == kept
    announced.stage.strike()
    timer = filing(announced, over)
    assert (timer.status, timer.due_at) == ("missed", PROVISIONAL_DUE)


def test_one_that_runs_on_is_watched_again_by_the_days_that_are_known_now(announced: Years) -> None:
    running = announced.stage.open("errand", "staff1")
    announced.stage.at += timedelta(hours=1)
    announced.announce()
    assert sweep(announced.stage).turn() == 0, "what is only not counted again yet was not lost"
    tamper(announced.stage, "DELETE FROM timer WHERE deadline = 'filing'")
    announced.stage.later(strike=False, minutes=1)
    assert sweep(announced.stage).turn() == 1
    timer = filing(announced, running)
    assert (timer.due_at, timer.provisional, timer.calendar) == (SETTLED_DUE, False, announced.contract.calendar.digest)


def test_a_reader_is_told_the_same_history_without_asking_each_time(announced: Years) -> None:
    loaded, key = announced.stage.desk.contracts, announced.contract.key
    assert past_of(loaded, key) == [], "it never changed"
    announced.announce()
    past_of(loaded, key)
    asked = len(announced.stage.statements)
    steps = past_of(loaded, key)
    assert len(announced.stage.statements) == asked
    with reading(announced.stage.engine) as session:
        assert [step.since for step in steps] == [step.since for step in history_of(loaded, session, key)]
    assert [(step.year, step.source) for step in steps] == [(None, ""), (2027, SOURCE)]
