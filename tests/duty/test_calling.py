"""C3.3, R3.3: while nobody answers the next in the chain is called, whoever is on duty at that instant; never silence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from database import reading
from tests.duty.rota import HOUR, Rota
from tests.stage import Stage
from tests.workflow.fault_story import REASON, RESPONSE, go, phoned, reported, step
from tickets.duty.models import Unanswerable
from tickets.models import Event, Message

MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def kept(rota: Rota) -> Rota:
    """desk1 has the first line and engineer3 the second one for two days."""
    rota.usual(hours=48)
    return rota


def calls(stage: Stage, number: str, escalation: str = "response") -> list[Event]:
    found = [one for one in stage.ticket(number).events if one.action == "call_out" and one.accepted]
    return [one for one in found if one.fields["call"]["escalation"] == escalation]


def called(stage: Stage, number: str, escalation: str = "response") -> list[tuple[int, list[str]]]:
    """Step by step the user names of who was called."""
    names = {account: name for name, account in stage.accounts.items()}
    return [
        (one.fields["call"]["step"], [names[who["account"]] for who in one.fields["call"]["people"]])
        for one in calls(stage, number, escalation)
    ]


def after(stage: Stage, number: str, place: int, level: str = "level_2") -> timedelta:
    """After how long the chain of the contract takes this step."""
    found = stage.contract.chains[f"fault_response_{level}"].steps[place - 1].after
    return stage.contract.at(stage.row(number).opened_at).duration(found)


def to(stage: Stage, at: Any) -> None:
    stage.at = at
    stage.strike()


def messages(stage: Stage, number: str) -> list[Message]:
    row = stage.row(number)
    with reading(stage.engine) as session:
        found = session.scalars(select(Message).where(Message.ticket_id == row.id).order_by(Message.id))
        return [one for one in found if one.urgent]


def alarms(stage: Stage) -> list[tuple[str, str]]:
    with reading(stage.engine) as session:
        return [(one.party, one.post) for one in session.scalars(select(Unanswerable).order_by(Unanswerable.id))]


def test_c3_3_each_step_calls_who_is_on_duty_and_states_it(kept: Rota) -> None:
    stage = kept.stage
    number, begun = reported(stage), stage.at
    assert called(stage, number) == []
    stage.later(seconds=1)
    assert called(stage, number) == [(1, ["desk1"])]
    (first,) = calls(stage, number)
    assert first.door == "clock"
    assert first.fields["call"]["people"][0]["zh"] == stage.contract.posts["first_line"].name.zh
    assert [(one.party, one.readers) for one in messages(stage, number)] == [("supplier", [stage.accounts["desk1"]])]
    to(stage, begun + after(stage, number, 2))
    assert len(calls(stage, number)) == 1, "at the instant itself it is still in time"
    to(stage, stage.at + MILLISECOND)
    assert called(stage, number)[1:] == [(2, ["engineer3"])]
    to(stage, begun + after(stage, number, 3) + MILLISECOND)
    assert called(stage, number)[2:] == [(3, ["manager1", "manager2"])]
    to(stage, begun + after(stage, number, 4) + MILLISECOND)
    assert called(stage, number)[3:] == [(4, ["approver1", "approver2"])]
    stage.later(minutes=1)
    assert len(calls(stage, number)) == 4, "each step once"
    assert alarms(stage) == []


def test_c3_3_another_contract_calls_by_its_own_chain(stage_elsewhere: Stage) -> None:
    rota = Rota(stage_elsewhere)
    rota.brought([("harbour_officer", "staff1", 0, 24)], "approver1")
    rota.brought([("watch", "desk1", 0, 24)], "manager1")
    number, begun = reported(stage_elsewhere), stage_elsewhere.at
    to(stage_elsewhere, begun + after(stage_elsewhere, number, 3))
    assert called(stage_elsewhere, number) == [(1, ["desk1"]), (2, ["engineer1", "engineer2", "engineer3"])]
    to(stage_elsewhere, stage_elsewhere.at + MILLISECOND)
    assert called(stage_elsewhere, number)[2:] == [(3, ["manager1", "manager2", "staff1"])]


def test_c3_3_the_level_decides_who_is_called_and_how_soon(kept: Rota) -> None:
    stage = kept.stage
    number, begun = reported(stage, level="level_1"), stage.at
    stage.later(seconds=1)
    assert called(stage, number) == [(1, ["desk1", "engineer3"])]
    assert called(stage, number, "removal") == [(1, ["manager1", "manager2", "approver1", "approver2", "reviewer1"])]
    assert after(stage, number, 2, "level_1") < after(stage, number, 2)
    to(stage, begun + after(stage, number, 2, "level_1") + MILLISECOND)
    assert called(stage, number)[1:] == [(2, ["engineer3", "manager1", "manager2"])]


def test_r3_3_to_acknowledge_ends_the_calling_and_stops_no_limit_of_the_contract(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    stage.later(seconds=1)
    event = stage.do(number, "acknowledge_call", by="desk1")
    assert event.fields["acknowledged"] == [calls(stage, number)[0].sequence]
    limits = stage.ticket(number).deadlines
    assert limits["response"].status == "running"
    assert {limits[f"response_call_{n}"].status for n in (2, 3, 4)} == {"met"}
    stage.at += MILLISECOND
    assert called(stage, number) == [(1, ["desk1"])]
    to(stage, limits["response"].due_at + MILLISECOND)
    assert "note_late_response" in [one.action for one in stage.ticket(number).events]
    assert stage.ticket(number).deadlines["response"].status == "missed"
    assert stage.ticket(number).deadlines["removal_call_1"].status == "running", (
        "who acknowledges one call ends no other"
    )


@pytest.mark.parametrize("by", ["engineer1", "desk2", "manager1", "staff1", "reviewer1"])
def test_nobody_acknowledges_who_was_not_called(kept: Rota, by: str) -> None:
    number = reported(kept.stage)
    kept.stage.later(seconds=1)
    kept.stage.refused(number, "acknowledge_call", by=by, guard="is_called")
    kept.stage.later(minutes=20)
    assert len(calls(kept.stage, number)) == 4


def test_nothing_is_acknowledged_before_the_call_or_twice_or_after_the_response(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    stage.refused(number, "acknowledge_call", by="desk1", guard="is_called")
    stage.later(seconds=1)
    stage.do(number, "acknowledge_call", by="desk1")
    stage.refused(number, "acknowledge_call", by="desk1", guard="is_called")
    other = reported(stage)
    stage.later(seconds=1)
    go(stage, other, "respond")
    stage.refused(other, "acknowledge_call", by="desk1", guard="is_called")


def test_the_second_account_of_who_was_called_acknowledges_for_that_person(kept: Rota) -> None:
    stage = kept.stage
    too = stage.second_account("desk1", "supplier.engineer")
    number = reported(stage)
    stage.later(seconds=1)
    stage.do(number, "acknowledge_call", by=too)


def test_c4_6_a_response_ends_the_calling(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    go(stage, number, "respond")
    stage.later(minutes=25)
    assert calls(stage, number) == []
    stage.later(minutes=10)
    assert called(stage, number, "removal") == [(1, ["engineer3", "manager1", "manager2"])]


def test_to_register_or_to_remark_is_no_answer(kept: Rota) -> None:
    """The second trap of peers: what counts as an answer is a named act, and no other word of anybody's."""
    stage = kept.stage
    number = reported(stage)
    step(stage, number, "register")
    stage.do(number, "remark", by="desk1", text="已看到。")
    stage.later(minutes=20)
    assert len(calls(stage, number)) == 4


def test_what_is_withdrawn_calls_nobody_further(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    stage.later(seconds=1)
    stage.do(number, "withdraw", by="staff1", **REASON)
    stage.later(hours=1)
    assert len(calls(stage, number)) == 1


def test_a_report_by_phone_calls_from_when_it_was_received(kept: Rota) -> None:
    stage = kept.stage
    number = phoned(stage, minutes_ago=9)
    stage.later(seconds=1)
    assert called(stage, number) == [(1, ["desk1"]), (2, ["engineer3"]), (3, ["manager1", "manager2"])]


def test_another_level_begins_another_chain(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage, level="level_4")
    stage.later(seconds=1)
    stage.do(number, "acknowledge_call", by="desk1")
    stage.do(number, "change_level", by="desk1", level="level_1", **REASON)
    stage.later(seconds=1)
    assert called(stage, number) == [(1, ["desk1"]), (1, ["desk1", "engineer3"])]
    go(stage, number, "respond")
    stage.do(number, "change_level", by="staff1", level="level_2", **REASON)
    stage.later(minutes=20)
    assert len(calls(stage, number)) == 2, "what has been answered is called for no more, whatever the level"


def test_a_fault_that_is_back_is_called_for_anew(kept: Rota) -> None:
    stage = kept.stage
    number = go(stage, reported(stage), "restore")
    stage.do(number, "contest_restoration", by="staff1", **REASON)
    stage.later(minutes=31)
    assert called(stage, number, "removal") == [(1, ["engineer3", "manager1", "manager2"])]
    assert calls(stage, number) == []


# --- who is on duty --------------------------------------------------------------------------------------------------


def test_a_shift_is_called_until_just_before_its_end(rota: Rota) -> None:
    stage = rota.stage
    rota.brought([("first_line", "desk1", 0, 1), ("first_line", "desk2", 1, 24), ("second_line", "engineer3", 0, 24)])
    start = stage.at.replace(minute=0, second=0, microsecond=0)
    stage.at = start + HOUR - 2 * MILLISECOND
    first, second = reported(stage), reported(stage)
    stage.at = start + HOUR - MILLISECOND
    assert stage.desk.strike(stage.desk.due()[0])
    to(stage, start + HOUR)
    assert sorted(called(stage, one)[0][1][0] for one in (first, second)) == ["desk1", "desk2"]


def test_until_a_hand_over_is_accepted_the_first_is_called(kept: Rota) -> None:
    stage = kept.stage
    offered = kept.offer("desk1", "engineer1")
    first = reported(stage)
    stage.later(seconds=1)
    assert called(stage, first) == [(1, ["desk1"])]
    kept.answer(offered, "engineer1")
    second = reported(stage)
    stage.later(seconds=1)
    assert called(stage, second) == [(1, ["engineer1"])]
    stage.do(first, "acknowledge_call", by="desk1")
    stage.refused(second, "acknowledge_call", by="desk1", guard="is_called")


def test_what_was_stated_stays_whoever_is_on_duty_later(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    stage.later(seconds=1)
    before = calls(stage, number)[0].fields
    kept.usual("desk2", "engineer2", hours=48)
    assert calls(stage, number)[0].fields == before


# --- nobody there ----------------------------------------------------------------------------------------------------


def told(stage: Stage, number: str) -> list[tuple[str, list[str] | None]]:
    names = {account: name for name, account in stage.accounts.items()}
    return [
        (one.party, None if one.readers is None else [names[who] for who in one.readers])
        for one in messages(stage, number)
    ]


EVERYBODY_WHO_COULD_ACT = [("supplier", ["manager1", "manager2"]), ("client", None), ("supervisor", None)]


def test_c4_6_without_a_roster_a_call_is_an_alarm_to_everybody_who_could_act(rota: Rota) -> None:
    stage = rota.stage
    number = reported(stage)
    stage.later(seconds=1)
    (event,) = calls(stage, number)
    assert event.fields["call"]["people"] == []
    assert [one["post"] for one in event.fields["call"]["nobody"]] == ["first_line"]
    assert alarms(stage) == [("supplier", "first_line")]
    assert told(stage, number) == EVERYBODY_WHO_COULD_ACT
    stage.later(minutes=6)
    assert alarms(stage) == [("supplier", "first_line"), ("supplier", "second_line")]


@pytest.mark.parametrize("how", ["ended", "revoked", "disabled"])
def test_whose_mandate_ended_is_not_called_but_missed(kept: Rota, how: str) -> None:
    from auth.models import Person
    from database import transaction

    stage = kept.stage
    number = reported(stage)
    if how == "disabled":
        with transaction(stage.engine) as session:
            session.get_one(Person, stage.accounts["desk1"]).disabled_at = stage.at
    else:
        stage.change_mandate("desk1", **{"ended": {"ends_at": stage.at}, "revoked": {"revoked_at": stage.at}}[how])
    stage.later(seconds=1)
    assert called(stage, number) == [(1, [])]
    assert told(stage, number) == EVERYBODY_WHO_COULD_ACT


def test_an_instant_after_the_roster_nobody_is_there_and_an_instant_before_somebody(rota: Rota) -> None:
    stage = rota.stage
    rota.usual(hours=1)
    end = stage.at.replace(minute=0, second=0, microsecond=0) + HOUR
    stage.at = end - 2 * MILLISECOND
    number = reported(stage)
    to(stage, end - MILLISECOND)
    assert called(stage, number) == [(1, ["desk1"])]
    stage.at = end - MILLISECOND
    other = reported(stage)
    to(stage, end)
    assert called(stage, other) == [(1, [])]


def test_where_the_party_has_no_head_everybody_of_it_is_told(rota: Rota) -> None:
    stage = rota.stage
    for manager in ("manager1", "manager2"):
        stage.end_mandate(manager)
    number = reported(stage)
    stage.later(minutes=20)
    assert ("supplier", None) in told(stage, number)
    assert ("supplier", "supplier.manager") in alarms(stage), "a role that nobody has is nobody there, too"


def test_after_an_outage_each_step_is_taken_once_in_its_order(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    stage.later(hours=3)
    assert [place for place, _ in called(stage, number)] == [1, 2, 3, 4]
    due = [one.fields["due_at"] for one in calls(stage, number)]
    assert due == sorted(due)
    assert all(one.at == stage.at for one in calls(stage, number)), "called is who is there now, not who was there then"
    stage.later(hours=1)
    assert len(calls(stage, number)) == 4


def test_an_act_that_comes_first_does_not_skip_a_call(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    stage.later(minutes=6, strike=False)
    step(stage, number, "register")
    assert [place for place, _ in called(stage, number)] == [1, 2]


def test_a_call_is_no_limit_of_the_ticket(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    assert stage.row(number).due_at == stage.ticket(number).deadlines["response"].due_at


def test_a_contract_without_chains_calls_nobody(tmp_path: Path) -> None:
    import shutil

    from tests.stage import REAL

    copy = tmp_path / "contract"
    shutil.copytree(REAL, copy)
    (copy / "escalation.toml").unlink()
    stage = Stage(tmp_path, contract=copy)
    number = reported(stage)
    stage.later(hours=3)
    assert calls(stage, number) == []
    stage.engine.dispose()


def test_a_call_costs_no_more_than_an_act(rota: Rota) -> None:
    stage = rota.stage
    reported(stage, level="level_1")
    stage.at += timedelta(seconds=1)
    timers = stage.desk.due()
    assert len(timers) == 2
    for timer in timers:
        with stage.counted() as counts:
            assert stage.desk.strike(timer)
        assert counts.commits == 1
        assert counts.statements <= 20


def test_who_responds_without_having_been_called_needs_no_acknowledgement(kept: Rota) -> None:
    stage = kept.stage
    number = reported(stage)
    stage.later(minutes=1)
    step(stage, number, "register")
    stage.do(number, "respond", by="engineer2", **RESPONSE)
    assert stage.ticket(number).deadlines["response"].status == "met"
