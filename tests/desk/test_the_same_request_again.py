"""Pressed twice: whatever act it is and however it comes again, there is one event and one answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

import workflow as workflows
from database import open_engine
from tests.desk import naive
from tests.desk.situations import Situation, Walk, asked, ordinary, prove
from tests.stage import Stage
from tests.together import at_once
from tickets import log_check
from tickets.acts import Act, Outcome
from tickets.desk import Desk

KINDS = sorted(workflows.discover())
MANY, ACTS = 4, 6
LATER = timedelta(hours=24)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.engine.dispose()


def acts_of(kind: str) -> list[tuple[Situation, str]]:
    """Some acts along the ordinary course of a duty, each where it is possible."""
    where = {name: here for here in ordinary(kind) for name in sorted(here.able)}
    return [(where[name], name) for name in Random(kind).sample(sorted(where), min(ACTS, len(where)))]


def again_and_again(stage: Stage, act: Act) -> list[Outcome]:
    """The same request at one instant, one after the other, of a desk that was started anew, and a day later."""
    outcomes = at_once(*[lambda: stage.desk.act(act)] * MANY)
    outcomes += [stage.desk.act(act) for _ in range(2)]
    stage.engine.dispose()
    engine = open_engine(stage.url)
    for at in (stage.at, stage.at + LATER):
        started_anew = Desk(engine, stage.keyring, lambda at=at: at, stage.desk.contracts, stage.workflows)  # type: ignore[misc]  # mypy does not see that it takes none.
        outcomes.append(started_anew.act(act))
    engine.dispose()
    return outcomes


def faults_of(stage: Stage, number: str | None, act: Act) -> list[str]:
    """What is wrong when the act is asked for again and again: one event and one answer are right."""
    before = len(stage.ticket(number).events) if number else 0
    outcomes = again_and_again(stage, act)
    found = [] if outcomes[0].accepted else [f"{act.action}: {outcomes[0].result}"]
    if any(one.data() != outcomes[0].data() for one in outcomes):
        found.append(f"{act.action}: other answers: {[one.result for one in outcomes]}")
    if sum(not one.replayed for one in outcomes) != 1:
        found.append(f"{act.action}: {sum(not one.replayed for one in outcomes)} of them call themselves the first")
    events = stage.ticket(str(outcomes[0].number)).events[before:]
    events = tuple(one for one in events if one.account_id is not None)  # The clock may have been due before.
    if [(one.action, one.accepted) for one in events] != [(act.action, True)]:
        found.append(f"{act.action}: {len(events)} events")
    return found + log_check.verify(stage.desk)


@pytest.mark.parametrize("kind", KINDS)
def test_each_act_asked_for_again_is_one_event_and_one_answer(stage: Stage, kind: str) -> None:
    for here, name in acts_of(kind):
        here.put_back(stage)
        choice = here.able[name][-1]
        prove(stage, here.number, [choice])
        act = asked(stage, here.number, choice, "once")
        assert faults_of(stage, here.number, act) == [], here.state
        other = stage.desk.act(replace(act, fields={**act.fields, "other": "同一把钥匙，另一句话"}))
        assert other.result == "key_reused"


@pytest.mark.parametrize("kind", KINDS)
def test_each_opening_asked_for_again_opens_one_ticket(stage: Stage, kind: str) -> None:
    (choice, *_) = Walk(stage, kind, openings=2).openings_now()
    act = asked(stage, None, choice, "once", kind=kind)
    assert faults_of(stage, None, act) == []


def test_a_desk_that_forgets_its_keys_is_found_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    (here, name), *_ = acts_of("complaint")
    here.put_back(stage)
    naive.without_the_key(monkeypatch)
    assert faults_of(stage, here.number, asked(stage, here.number, here.able[name][0], "once"))
