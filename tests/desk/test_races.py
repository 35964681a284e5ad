"""Races: many act on one ticket at one instant. One wins, the others are told what changed, and nobody meets an error."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from auth.models import Mandate
from database import reading, transaction
from tests import databases
from tests.desk import naive
from tests.desk.permit import running
from tests.stage import CAST, Stage
from tests.together import at_once
from tests.workflow import change_story, fault_story
from tests.workflow.reboot_story import Operation
from tickets import log_check, worker
from tickets.acts import Act, Outcome
from workflow.canonical import plain

LOSES = {"stale", "not_now", "missing"}


def asking(stage: Stage, number: str | None, action: str, by: str, key: str, **fields: Any) -> Act:
    """An act on the ticket as it stands now."""
    return Act(
        account=stage.accounts[by],
        action=action,
        key=key,
        number=number,
        contract=stage.contract.key,
        version=stage.row(number).version if number else None,
        fields=json.loads(json.dumps(plain(fields))),
    )


def race(stage: Stage, acts: Sequence[Act]) -> list[Outcome]:
    """Everybody acts at once; asserts that one act was accepted and that the record is whole."""
    number = acts[0].number
    assert number is not None
    before = len(stage.ticket(number).events)
    outcomes: list[Outcome] = at_once(*(lambda act=act: stage.desk.act(act) for act in acts))
    results = Counter(one.result for one in outcomes)
    assert results["accepted"] == 1, results
    assert set(results) - {"accepted"} <= LOSES, results
    events = stage.ticket(number).events[before:]
    assert len(events) == len(acts)
    assert sum(event.accepted for event in events) == 1
    whole(stage)
    return outcomes


def whole(stage: Stage) -> None:
    """Sequences without gaps, projections as their events made them, the log to its root."""
    with stage.engine.connect() as connection:
        gaps = connection.execute(
            text(
                "SELECT ticket_id FROM event GROUP BY ticket_id HAVING count(*) <> max(sequence) OR min(sequence) <> 1"
            )
        )
        assert gaps.all() == []
    assert log_check.verify(stage.desk) == []


@pytest.mark.parametrize("many", [2, 8])
def test_one_of_many_answers_to_a_visit_wins(stage: Stage, visit_fields: dict[str, Any], many: int) -> None:
    for n in range(24 // many):
        number = stage.open("visit", by="staff1", **visit_fields)
        for manager in ("manager1", "manager2"):
            stage.prove(number, by=manager)
        race(
            stage,
            [
                asking(stage, number, ("allow", "refuse")[k // 2 % 2], f"manager{k % 2 + 1}", f"{n}-{k}")
                for k in range(many)
            ],
        )
        assert stage.row(number).state in ("allowed", "refused")


@pytest.mark.parametrize("many", [2, 8])
def test_an_operation_starts_once(stage: Stage, many: int) -> None:
    """The operator presses twice while the client withdraws and the supplier refuses: never both, never twice."""
    for n in range(3):
        operation = Operation(stage).ready()
        number = operation.number
        operation.identify_again()
        stage.prove(number, by="engineer1")
        others = [("withdraw", "staff1", {"reason": "暂缓。"}), ("start", "engineer1", operation.server)]
        acts = [
            asking(stage, number, action, by, f"{n}-{k}", **fields)
            for k in range(many)
            for action, by, fields in [others[k % 2] if n else others[1]]
        ]
        race(stage, acts)
        started = [e for e in stage.ticket(number).events if e.accepted and e.action == "start"]
        assert len(started) == (stage.row(number).state == "executing")


@pytest.mark.parametrize("many", [2, 8])
def test_a_fault_is_responded_to_once(stage: Stage, many: int) -> None:
    for n in range(16 // many):
        number = fault_story.at_state(stage, "register")
        race(
            stage,
            [
                asking(
                    stage,
                    number,
                    "respond",
                    ("engineer1", "desk1", "manager1")[k % 3],
                    f"{n}-{k}",
                    **fault_story.RESPONSE,
                )
                for k in range(many)
            ],
        )
        assert stage.ticket(number).deadlines["response"].status == "met"


@pytest.mark.parametrize("many", [2, 8])
def test_the_second_signature_is_given_once_and_counts_once_against_the_cap(stage: Stage, many: int) -> None:
    for n in range(2):
        number = change_story.drafted(stage)
        stage.do(number, "sign_supplement_client", by="approver1")
        for manager in ("manager1", "manager2"):
            stage.prove(number, by=manager)
        race(
            stage,
            [asking(stage, number, "sign_supplement_supplier", f"manager{k % 2 + 1}", f"{n}-{k}") for k in range(many)],
        )
        with stage.engine.connect() as connection:
            count = "SELECT count(*) FROM supplement JOIN ticket ON ticket.id = ticket_id WHERE number = :n"
            assert connection.execute(text(count), {"n": number}).scalar() == 1


@pytest.mark.parametrize("many", [2, 8])
def test_one_key_at_one_instant_is_one_act_and_one_answer(
    stage: Stage, visit_fields: dict[str, Any], many: int
) -> None:
    for n in range(5):
        number = stage.open("visit", by="staff1", **visit_fields)
        act = asking(stage, number, "remark", "staff1", f"k{n}", text="同一句话")
        outcomes = at_once(*[lambda act=act: stage.desk.act(act)] * many)
        assert [one.data() for one in outcomes] == [outcomes[0].data()] * many
        assert sorted(one.replayed for one in outcomes) == [False] + [True] * (many - 1)
        assert len(stage.ticket(number).events) == 2
        opening = replace(asking(stage, None, "request", "staff1", f"o{n}", **visit_fields), kind="visit")
        opened = at_once(*[lambda: stage.desk.act(opening)] * many)  # noqa: B023 - done before the next round
        assert len({one.number for one in opened}) == 1
    whole(stage)


def test_the_first_acts_of_a_contract_at_one_instant_are_all_done(stage: Stage, visit_fields: dict[str, Any]) -> None:
    """There is no log yet that they could wait for."""
    acts = [
        replace(asking(stage, None, "request", f"staff{n % 2 + 1}", f"k{n}", **visit_fields), kind="visit")
        for n in range(8)
    ]
    opened = at_once(*(partial(stage.desk.act, act) for act in acts))
    assert [one.result for one in opened] == ["accepted"] * 8
    assert len({one.number for one in opened}) == 8
    whole(stage)


def test_one_key_on_tickets_of_two_contracts_at_one_instant_is_one_act(
    stage: Stage, visit_fields: dict[str, Any]
) -> None:
    """No lock is common to both: the key itself decides, and who comes second is told so instead of meeting an error."""
    other = replace(stage.contract, key="other", number_prefix="OT")
    stage.desk.contracts = {**stage.desk.contracts, other.key: other}
    stage.change_mandate("staff1", contract_key=other.key)
    stage.hire("staff_too", "client.staff")
    with transaction(stage.engine) as session:
        session.add_all(
            Mandate(
                person_id=stage.accounts["staff1"], contract_key=key, role="client.staff", starts_at=stage.at, scope={}
            )
            for key in (stage.contract.key,)
        )
    for n in range(6):
        act = replace(asking(stage, None, "request", "staff1", f"k{n}", **visit_fields), kind="visit")
        results = at_once(
            *(lambda key=key: stage.desk.act(replace(act, contract=key)).result for key in (other.key, act.contract))  # noqa: B023 - called at once
        )
        assert Counter(results) == {"accepted": 1, "key_reused": 1}
    whole(stage)


def test_a_key_used_twice_at_one_instant_for_two_things_does_one_of_them(
    stage: Stage, visit_fields: dict[str, Any]
) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    acts = [asking(stage, number, "remark", "staff1", "k", text=f"第{n}句") for n in range(6)]
    results = Counter(one.result for one in at_once(*(lambda act=act: stage.desk.act(act) for act in acts)))
    assert results == {"accepted": 1, "key_reused": 5}
    whole(stage)


def test_twenty_at_once_wait_for_each_other_and_nobody_is_told_that_the_database_is_locked(
    stage: Stage, visit_fields: dict[str, Any]
) -> None:
    def busy(place: int) -> list[str]:
        results = []
        for n in range(3):
            who = f"staff{place % 2 + 1}"
            act = replace(asking(stage, None, "request", who, f"{place}-{n}", **visit_fields), kind="visit")
            opened = stage.desk.act(act)
            said = stage.desk.act(asking(stage, opened.number, "remark", who, f"{place}-{n}-r", text="到"))
            results += [opened.result, said.result]
        return results

    came_to = at_once(*(lambda place=place: busy(place) for place in range(20)))
    assert Counter(result for one in came_to for result in one) == {"accepted": 120}
    with stage.engine.connect() as connection:
        numbers = connection.execute(text("SELECT number FROM ticket ORDER BY id")).scalars().all()
    assert [int(number[-4:]) for number in numbers] == list(range(1, 61))
    whole(stage)


def test_who_waits_for_the_lock_keeps_no_connection_from_who_holds_it(stage: Stage) -> None:
    """Under the lock a second connection may be needed, to read something for the first time."""

    def act_and_look() -> int:
        with transaction(stage.engine) as session:
            session.execute(text("SELECT 1"))
            with reading(stage.engine) as other:
                return other.execute(text("SELECT count(*) FROM person")).scalar() or 0

    assert set(at_once(*[act_and_look] * 20)) == {len(CAST)}


def test_without_the_lock_taken_first_the_same_race_is_lost(
    stage: Stage, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def rounds() -> None:
        for n in range(20):
            number = stage.open("visit", by="staff1", **visit_fields)
            race(stage, [asking(stage, number, "refuse", f"manager{k % 2 + 1}", f"{n}-{k}") for k in range(8)])

    naive.without_the_lock_first(monkeypatch)
    with pytest.raises(AssertionError, match="database is locked" if databases.on_sqlite else "duplicate key"):
        rounds()


def test_a_limit_is_struck_once_by_two_workers_and_a_person_at_one_instant(stage: Stage) -> None:
    for _ in range(4):
        number = running(stage)
        stage.later(strike=False, hours=2, minutes=1)
        act = asking(stage, number, "report_progress", "engineer1", f"k{number}")
        came_to = at_once(
            lambda: stage.desk.act(act).result,  # noqa: B023 - called before the next turn of the loop
            lambda: worker.turn(stage.desk, "w1"),
            lambda: worker.turn(stage.desk, "w2"),
            *(partial(stage.desk.strike, timer) for timer in stage.desk.due()),
        )
        assert came_to[0] == "accepted"
        events = [e for e in stage.ticket(number).events if e.accepted]
        assert [e.action for e in events][-5:] == ["note_silence"] * 4 + ["report_progress"]
        due = [e.fields["due_at"] for e in events if e.action == "note_silence"]
        assert due == sorted(set(due))
        whole(stage)


def test_a_person_and_the_clock_do_not_both_end_a_ticket(stage: Stage) -> None:
    """Exactly at the due instant the person is in time; a millisecond later the clock goes first, however the race went."""
    for late, state in ((0, "ended"), (1, "expired")):
        until = stage.at + timedelta(minutes=20)
        number = running(stage, until=until)
        stage.at = until + timedelta(milliseconds=late)
        act = asking(stage, number, "end", "engineer1", f"k{late}")
        at_once(
            lambda: stage.desk.act(act),  # noqa: B023 - called before the next turn of the loop
            lambda: worker.turn(stage.desk, "w1"),
            lambda: worker.turn(stage.desk, "w2"),
        )
        assert stage.row(number).state == state
        assert sum(e.accepted and e.action in ("end", "expire") for e in stage.ticket(number).events) == 1
    whole(stage)
