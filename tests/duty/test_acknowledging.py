"""C3.3: an acknowledged call keeps the others from being called only as long as the chain says, and stops no limit."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.duty.rota import Rota
from tests.duty.test_calling import MILLISECOND, after, called, calls, to, told
from tests.stage import REAL, Stage
from tests.workflow.fault_story import REASON, go, reported


@pytest.fixture
def kept(rota: Rota) -> Rota:
    """desk1 has the first line and engineer3 the second one for two days."""
    rota.usual(hours=48)
    return rota


def holds(stage: Stage, number: str, escalation: str = "response", level: str = "level_2") -> timedelta:
    chain = stage.contract.chains[f"fault_{escalation}_{level}"]
    return stage.contract.at(stage.row(number).opened_at).duration(chain.holds)


def acknowledged(stage: Stage) -> str:
    """A fault of which the first call was acknowledged just now."""
    number = reported(stage)
    stage.later(seconds=1)
    stage.do(number, "acknowledge_call", by="desk1")
    return number


def test_c3_3_an_acknowledgement_after_which_nothing_is_done_lapses_and_the_next_is_called(kept: Rota) -> None:
    stage = kept.stage
    number, since = acknowledged(stage), stage.at
    to(stage, since + holds(stage, number))
    assert called(stage, number) == [(1, ["desk1"])], "at the instant itself it still holds"
    to(stage, stage.at + MILLISECOND)
    stage.later(seconds=1)
    assert called(stage, number)[1:] == [(2, ["engineer3"])]
    resumed = next(one for one in stage.ticket(number).events if one.action == "resume_calling")
    assert (resumed.door, resumed.clause) == ("clock", "C3.3")
    assert resumed.fields["resumed"]["acknowledged_by"]["account"] == stage.accounts["desk1"]
    assert ("supplier", ["desk1"]) in told(stage, number)[1:], "who acknowledged hears that it was not enough"
    to(stage, resumed.at + after(stage, number, 3) + MILLISECOND)
    assert [place for place, _ in called(stage, number)] == [1, 2, 3]
    assert stage.ticket(number).deadlines["response"].status == "missed", "no limit has waited for any of it"


def test_each_acknowledgement_holds_for_its_own_time_and_after_the_last_step_comes_the_first(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    stage.later(minutes=20)
    assert [place for place, _ in called(stage, number)] == [1, 2, 3, 4]
    for by, following in (("manager1", ["desk1"]), ("desk1", ["engineer3"])):
        stage.do(number, "acknowledge_call", by=by)
        stage.at += holds(stage, number)
        stage.later(seconds=1)
        stage.later(seconds=1)
        assert called(stage, number)[-1][1] == following
    assert [place for place, _ in called(stage, number)[4:]] == [1, 2]
    stage.later(hours=1)
    assert [place for place, _ in called(stage, number)[4:]] == [1, 2, 3, 4]
    stage.later(hours=8)
    assert len(calls(stage, number)) == 8, "where nobody acknowledges nothing lapses, and nobody is rung for ever"


@pytest.mark.parametrize(("done", "status"), [("respond", "met"), ("withdraw", "dropped"), ("change_level", "met")])
def test_what_is_done_or_begun_anew_meanwhile_does_not_lapse(kept: Rota, done: str, status: str) -> None:
    stage = kept.stage
    number = acknowledged(stage)
    if done == "respond":
        go(stage, number, "respond")
    elif done == "withdraw":
        stage.do(number, "withdraw", by="staff1", **REASON)
    else:
        stage.do(number, "change_level", by="desk1", level="level_1", **REASON)
    assert stage.ticket(number).deadlines["response_call_lapses"].status == status
    stage.later(hours=1)
    assert "resume_calling" not in [one.action for one in stage.ticket(number).events]


def test_who_acknowledges_one_call_ends_no_other_and_lapses_for_no_other(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage, level="level_1")
    stage.later(seconds=1)
    stage.do(number, "acknowledge_call", by="approver1")
    assert stage.ticket(number).deadlines["removal_call_lapses"].status == "running"
    assert "response_call_lapses" not in stage.ticket(number).deadlines
    go(stage, number, "respond")
    stage.at += holds(stage, number, "removal", "level_1")
    stage.later(seconds=1)
    stage.later(seconds=1)
    assert [place for place, _ in called(stage, number, "removal")] == [1, 1]
    assert [place for place, _ in called(stage, number)] == [1]


def test_after_an_outage_an_acknowledgement_lapses_once(kept: Rota) -> None:
    stage = kept.stage
    number = acknowledged(stage)
    stage.later(days=30)
    stage.later(seconds=1)
    assert [place for place, _ in called(stage, number)] == [1, 2], (
        "called is who is there now, and nobody for the past"
    )


def test_a_contract_that_does_not_say_how_long_is_carried_without(tmp_path: Path) -> None:
    copy = tmp_path / "contract"
    shutil.copytree(REAL, copy)
    file = copy / "escalation.toml"
    file.write_text(re.sub("^holds = .*\n", "", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    stage = Stage(tmp_path, contract=copy)
    Rota(stage).usual(hours=48)
    number = acknowledged(stage)
    stage.later(hours=3)
    assert called(stage, number) == [(1, ["desk1"])]
    stage.engine.dispose()
