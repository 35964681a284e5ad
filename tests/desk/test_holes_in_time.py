"""Holes in time and in what is kept: slots of the clock lost or invented, digests that do not hold, the machine's own traps."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from database import reading, transaction
from tests import databases
from tests.desk import permit, visit
from tests.desk.permit import asked, running
from tests.stage import Stage
from tests.workflow import fault_story
from tests.workflow.reboot_story import Operation
from tickets import log_check, record, worker
from tickets.gather import unopened
from tickets.models import Timer
from workflow.attempt import THE_CLOCK, Attempt, Facts, Past
from workflow.canonical import canonical, digest
from workflow.decide import UNOPENED, _Scrap, machine, refusals
from workflow.declare import ALWAYS, CLIENT_STAFF, CLOCK, Action, Deadline, PaperKind, Workflow
from workflow.soundness import Contradiction

# --- the clock -----------------------------------------------------------------------------------------------------------


def slots(stage: Stage, number: str) -> list[tuple[datetime, str]]:
    with reading(stage.engine) as session:
        row = stage.row(number)
        found = session.scalars(
            select(Timer).where(Timer.ticket_id == row.id, Timer.deadline == "silence").order_by(Timer.due_at)
        )
        return [(timer.due_at, timer.status) for timer in found]


def test_every_slot_of_a_long_outage_is_noted_once_with_its_own_instant(stage: Stage) -> None:
    number = running(stage)
    began = stage.at
    stage.later(strike=False, hours=20)
    worker.turn(stage.desk, "w1")
    worker.turn(stage.desk, "w2")
    found = slots(stage, number)
    assert [due for due, _ in found] == [began + timedelta(minutes=30 * n) for n in range(1, 41)]
    assert [status for _, status in found] == ["missed"] * 39 + ["running"]
    noted = [e for e in stage.ticket(number).events if e.action == "note_silence"]
    assert [datetime.fromisoformat(e.fields["due_at"]) for e in noted] == [due for due, _ in found[:39]]
    assert {e.at for e in noted} == {stage.at}


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_long_outage_keeps_nobody_waiting_and_no_slot_of_it_is_lost(stage: Stage, by_hand: bool) -> None:
    number = running(stage, until=datetime(2027, 6, 1, tzinfo=UTC))
    began = stage.at
    stage.later(strike=False, days=200, minutes=10)
    with stage.counted() as counts:
        stage.attempt(number, "remark", "staff1", text="我们回来了") if by_hand else worker.turn(stage.desk, "w")
    assert counts.statements < 60
    noted = [e for e in stage.ticket(number).events if e.action == "note_silence"]
    assert [e.fields for e in noted] == [
        {
            "deadline": "silence",
            "due_at": (began + timedelta(minutes=30)).isoformat(),
            "slots": 200 * 48,
            "last_due_at": (began + timedelta(days=200)).isoformat(),
        }
    ]
    assert slots(stage, number)[-1] == (began + timedelta(days=200, minutes=30), "running")
    assert stage.strike() == 0


def test_a_ticket_does_not_end_before_what_was_missed_earlier_is_noted(stage: Stage) -> None:
    """The silence ran out six times before the permit did. To end the permit first would drop five of them."""
    for by_hand in (False, True):
        number = running(stage, until=stage.at + timedelta(hours=3, minutes=10))
        stage.later(strike=False, days=2)
        if by_hand:
            assert not stage.attempt(number, "end", "engineer1").accepted
        else:
            worker.turn(stage.desk, "w")
        assert [e.action for e in stage.ticket(number).events if e.accepted][-7:] == ["note_silence"] * 6 + ["expire"]
        assert [status for _, status in slots(stage, number)] == ["missed"] * 6 + ["dropped"]
        assert stage.row(number).due_at is None


def test_the_clock_is_read_after_the_lock_is_held(stage: Stage) -> None:
    """Else an act that waited for another would be dated before the one it waited for."""
    number = running(stage)
    stage.later(strike=False, hours=1)
    timer = stage.desk.due()[0]
    reads: list[int] = []

    def noted() -> datetime:
        reads.append(len(stage.statements))
        return stage.at

    stage.desk.now = noted
    start = len(stage.statements)
    assert stage.desk.strike(timer)
    stage.do(number, "report_progress", by="engineer1")
    assert reads
    assert min(reads) > start


def test_a_limit_missed_under_another_name_does_not_begin_a_new_slot(stage: Stage) -> None:
    deadlines = [replace(d, missed="note_silence") for d in permit.workflow.deadlines.values()]
    actions = [a for a in permit.workflow.actions.values() if a.name not in ("expire", "remark", "attach")]
    both = Workflow(
        kind="permit",
        clause="C9.6",
        prefix="P",
        actions=actions,
        deadlines=deadlines,
        states=[s for s in permit.workflow.states.values() if s.name != "expired"],
        papers=[permit.PAPER, permit.REPLY],
    )
    stage.desk.workflows = {**stage.workflows, "permit": both}
    stage.workflows = dict(stage.desk.workflows)
    number = running(stage, until=stage.at + timedelta(minutes=10))
    stage.later(minutes=40)
    assert [status for _, status in slots(stage, number)] == ["missed", "running"]


def test_a_breach_on_a_ticket_that_moved_on_is_noted_and_no_longer_counted_as_next(stage: Stage) -> None:
    """The clock's act is not declared in the state that the ticket has now: the limit is missed all the same."""
    number = running(stage, until=stage.at + timedelta(minutes=10))
    with transaction(stage.engine) as session:
        session.execute(text("UPDATE ticket SET state = 'signed' WHERE number = :n"), {"n": number})
    stage.later(minutes=20)
    last = stage.last(number)
    assert (last.action, last.accepted, last.reason) == ("expire", False, "not_now")
    assert stage.ticket(number).deadlines["expiry"].status == "missed"
    due_at = stage.row(number).due_at
    assert due_at is not None
    assert due_at > stage.at
    assert stage.strike() == 0


# --- digests -------------------------------------------------------------------------------------------------------------


def test_what_is_read_back_has_the_digest_that_was_given_to_it(stage: Stage) -> None:
    stage.at += timedelta(microseconds=123456)
    number = running(
        stage, until=datetime(2026, 6, 12, 18, 0, 0, 123456, tzinfo=UTC), how_many=7, why="a\tb\nc\u0065\u0301 𠮷"
    )
    stage.do(number, "remark", by="manager1", text="é")
    row = stage.row(number)
    assert row.content == record.content_digest(row)
    assert row.fields["until"] == "2026-06-12T18:00:00.123000+00:00"
    assert canonical(row.fields) == canonical(json.loads(json.dumps(row.fields)))
    assert log_check.verify(stage.desk) == []


def test_the_order_of_keys_and_the_zone_of_a_moment_do_not_make_another_digest() -> None:
    at = datetime(2026, 5, 12, 10, 0, 0, 5000, tzinfo=UTC)
    assert digest({"a": 1, "b": at}) == digest({"b": at.astimezone(tz=None), "a": 1})


def test_a_signature_given_in_the_act_that_files_stands_under_what_was_filed(stage: Stage) -> None:
    number = asked(stage)
    stage.do(number, "sign", by="approver1")
    for version in (1, 2):
        stage.do(number, "reply", by="manager1", other=f"第{version}稿")
        papers = [p for p in stage.ticket(number).papers if p.kind == "permit_reply"]
        assert [p.version for p in papers] == list(range(1, version + 1))
        assert [len(p.signatures) for p in papers] == [1] * version
        assert papers[-1].fields == {"other": f"第{version}稿"}
    with stage.engine.connect() as connection:
        assert (
            connection.execute(
                text("SELECT count(*) FROM signature s JOIN paper p ON p.id = s.paper_id WHERE s.digest <> p.digest")
            ).scalar()
            == 0
        )


def test_nobody_signs_one_version_twice_through_two_accounts(stage: Stage) -> None:
    number = asked(stage)
    stage.hire("approver1_too", "client.approver", same_as="approver1")
    stage.do(number, "sign", by="approver1")
    with transaction(stage.engine) as session:
        session.execute(text("UPDATE ticket SET state = 'asked' WHERE number = :n"), {"n": number})
    stage.refused(number, "sign", by="approver1_too", guard="to_be_signed")


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE event SET name = '别人' WHERE log_index = 1",
        "DELETE FROM tree",
        'UPDATE paper SET fields = \'{"wish": "x"}\'',
        "UPDATE paper SET file_digest = 'x'",
        "UPDATE signature SET person_id = 2, account_id = 2",
        "UPDATE signature SET digest = 'x'",
        "DELETE FROM signature",
        "UPDATE ticket SET state = 'running'",
        "UPDATE ticket SET version = 9",
        "UPDATE ticket SET events = 9",
        "UPDATE ticket SET fields = '{}'",
        "UPDATE ticket SET content = 'x'",
    ],
)
def test_what_was_altered_beside_the_log_is_named(stage: Stage, tampering: str) -> None:
    number = asked(stage)
    stage.do(number, "sign", by="approver1")
    stage.refused(number, "sign", by="engineer1")
    assert log_check.verify(stage.desk) == []
    with stage.engine.begin() as connection:
        databases.unguarded(connection)
        connection.execute(text(tampering))
    assert log_check.verify(stage.desk)


# --- declarations --------------------------------------------------------------------------------------------------------


def declared(*extra: Action, papers: list[PaperKind] | None = None) -> Workflow:
    actions = [a for a in permit.workflow.actions.values() if a.name not in ("remark", "attach")]
    return Workflow(
        kind="permit",
        clause="C9.6",
        prefix="P",
        states=list(permit.workflow.states.values()),
        actions=[*actions, *extra],
        deadlines=list(permit.workflow.deadlines.values()),
        papers=papers or [permit.PAPER, permit.REPLY],
    )


def test_a_signed_paper_is_none_that_a_quiet_act_could_exchange_under_the_pen() -> None:
    with pytest.raises(Contradiction, match="permit_paper"):
        declared(papers=[replace(permit.PAPER, uploaded=True), permit.REPLY])


@pytest.mark.parametrize("what", [{"amends": True, "form": permit.Wish}, {"files": permit.PAPER}])
def test_no_quiet_act_changes_what_others_sign(what: dict[str, Any]) -> None:
    with pytest.raises(Contradiction, match="quiet"):
        declared(
            Action("slip_in", by=[CLIENT_STAFF], source=permit.SIGNED, dest=None, clause="C9.6", quiet=True, **what)
        )


# --- the machine's own traps ---------------------------------------------------------------------------------------------


def test_the_machine_holds_no_model_and_runs_nothing_of_its_own() -> None:
    for workflow in (permit.workflow, visit.workflow):
        built = machine(workflow)
        assert machine(workflow) is built
        assert built.models == []
        assert (
            built.before_state_change == built.after_state_change == built.prepare_event == built.finalize_event == []
        )
        assert built.auto_transitions is False
        assert built.ignore_invalid_triggers is False
        for state in built.states.values():
            assert state.on_enter == state.on_exit == []
        for one in built.events.values():
            for transitions in one.transitions.values():
                for transition in transitions:
                    assert transition.before == transition.after == transition.prepare == []
                    assert len(transition.conditions) == 1
        scrap = _Scrap(UNOPENED)
        built.events[workflow.opening.name].trigger(scrap, judged=True)
        assert vars(scrap) == {"state": workflow.opening.dest.name if workflow.opening.dest else ""}
        assert built.models == []


# --- being locked out ----------------------------------------------------------------------------------------------------


def test_nobody_locks_out_those_whose_act_it_is_by_trying_it_themselves(stage: Stage) -> None:
    operation = Operation(stage).called()
    wrong = operation.wrong_code()
    for _ in range(5):
        operation.refused("verify_identity", "reviewer1", answer="not_yours", code=wrong)
    operation.answer()
    assert operation.state == "identified"


def test_refusals_of_others_do_not_use_up_the_attempts(stage: Stage) -> None:
    told: dict[str, Any] = {
        "action": "sign",
        "accepted": False,
        "person": 1,
        "account": 1,
        "name": "某人",
        "party": "client",
        "at": stage.at,
        "content": "c",
        "source": "asked",
        "dest": None,
    }
    reasons = ("not_yours", "missing", "not_yours", "stale")
    history = tuple(Past(n, **told, reason=reason) for n, reason in enumerate(reasons, start=1))
    ticket = unopened(permit.workflow, THE_CLOCK, stage.at)
    attempt = Attempt("sign", THE_CLOCK, stage.at, ticket, Facts(history=history), stage.contract.at(stage.at))
    assert refusals(permit.workflow, attempt, "sign") == 2


# --- what is owed after the end ------------------------------------------------------------------------------------------


def test_what_the_last_act_makes_owed_runs_on_after_the_end(stage: Stage) -> None:
    owed = Deadline(
        "afterwards",
        clause="C9.6",
        within="fault.feedback_level_2",
        starts=["end"],
        missed="note_afterwards",
        outlives=True,
    )
    noting = Action("note_afterwards", by=[CLOCK], source=ALWAYS, dest=None, clause="C9.6", quiet=True)
    actions = [a for a in permit.workflow.actions.values() if a.name not in ("remark", "attach")]
    stage.workflows["permit"] = stage.desk.workflows["permit"] = Workflow(  # type: ignore[index]  # A dict in fact.
        kind="permit",
        clause="C9.6",
        prefix="P",
        states=list(permit.workflow.states.values()),
        actions=[*actions, noting],
        deadlines=[*permit.workflow.deadlines.values(), owed],
        papers=[permit.PAPER, permit.REPLY],
    )
    number = running(stage)
    stage.do(number, "end", by="engineer1")
    assert {name: timer.status for name, timer in stage.ticket(number).deadlines.items()} == {
        "expiry": "met",
        "silence": "met",
        "afterwards": "running",
    }
    stage.later(hours=1)
    assert stage.ticket(number).deadlines["afterwards"].status == "missed"
    assert stage.row(number).state == "ended"


def test_the_report_on_a_fault_counts_every_slot_of_a_long_outage(stage: Stage) -> None:
    number = fault_story.at_state(stage, "respond")
    stage.later(strike=False, days=3, minutes=5)
    for action in fault_story.COURSE[2:9]:
        fault_story.step(stage, number, action[0])
    slots_passed = (3 * 24 * 60 + 5) // 30
    assert stage.ticket(number).papers[-1].fields["feedback_missed"] == slots_passed
    assert fault_story.actions(stage, number).count("note_missed_feedback") < 10
