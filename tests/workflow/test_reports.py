"""What duties tell of all their tickets: the pass rate of operation sheets (R7.11) and the plan library (R2.8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from database import reading
from tests.desk import reporting
from tests.stage import REAL, Stage
from tests.workflow.drill_story import PLAN, at_state, go, planned, step, window
from tests.workflow.reboot_story import FAILED, PROBE, Emergency, Operation
from tickets import reports
from workflow.attempt import Past, TimerFact
from workflow.contract import Contract, load
from workflow.declare import CLOCK, Label, Workflow
from workflow.drill.plans import NEXT_YEARS_PLAN, PLAN_LIBRARY, plans
from workflow.reboot.pass_rate import PASS_RATE, shortcomings, stamp
from workflow.report import Asked, Report, Share, Table, TicketRecord, bounds, month_named, month_of, month_text
from workflow.soundness import Contradiction

AT = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)
MAY = date(2026, 5, 1)


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load(REAL)


# --- the vocabulary ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("reports", [reporting.AWAITED, reporting.AWAITED], "report 'awaited' is declared twice"),
        ("reports", [replace(reporting.AWAITED, says="")], "does not say what it counts"),
        ("reports", [replace(reporting.AWAITED, columns=[])], "has no column"),
        ("reports", [replace(reporting.AWAITED, columns=["state", "state"])], "has the column 'state' twice"),
        ("reports", [replace(reporting.VISITORS, summary=["a", "a"])], "has the figure of the summary 'a' twice"),
        ("reports", [replace(reporting.VISITORS, events=["fly"])], "names the undeclared action 'fly'"),
        ("reports", [replace(reporting.VISITORS, deadlines=["never"])], "names the undeclared deadline 'never'"),
        ("tasks", [reporting.INVITE, reporting.INVITE], "task 'invite_inspectors' is declared twice"),
        ("tasks", [replace(reporting.INVITE, who=[])], "is nobody's"),
        ("tasks", [replace(reporting.INVITE, who=[CLOCK])], "is of clock, who has no inbox"),
        ("tasks", [replace(reporting.INVITE, says="")], "does not say what is to be done"),
        ("tasks", [replace(reporting.INVITE, done=None)], "either to know when it is done or to find each thing"),
        (
            "tasks",
            [replace(reporting.INVITE, each=reporting.none_in_particular)],
            "either to know when it is done or to find each thing",
        ),
    ],
)
def test_a_report_that_contradicts_itself_does_not_import(part: str, value: Any, says: str) -> None:
    declared: dict[str, Any] = {**reporting.parts(), part: value}
    with pytest.raises(Contradiction, match=says):
        Workflow(**declared)


def test_what_a_report_cites_and_says_belongs_to_the_declaration() -> None:
    declared: dict[str, Any] = {**reporting.parts(), "reports": [replace(reporting.AWAITED, clause="C1.1")]}
    assert "C1.1" in Workflow(**declared).clauses()
    assert reporting.VISITORS.says in list(reporting.workflow.sentences())
    shown = list(reporting.workflow.labels())
    assert {Label("report", "visitors"), Label("column", "came_share"), reporting.CAME} <= set(shown)
    assert Label("task", "invite_inspectors") in shown


def _always(table: Table, _asked: Asked) -> Table:
    return table


def test_a_report_keeps_to_its_own_columns(contract: Contract) -> None:
    asked = Asked((), contract.at(AT), AT)
    for table in (
        Table([{"visitor": "甲"}]),
        Table([{"visitor": "甲", "state": "x", "more": 1}]),
        Table([], {"sum": 1}),
    ):
        with pytest.raises(ValueError, match="tells"):
            replace(reporting.AWAITED, makes=partial(_always, table)).table(asked)
    with pytest.raises(ValueError, match="month"):
        reporting.VISITORS.table(asked)
    with pytest.raises(ValueError, match="month"):
        reporting.AWAITED.table(replace(asked, month=MAY))


@pytest.mark.parametrize("text", ["", "2026", "2026-5", "2026-13", "2026-00", "1999-12", "3000-01", "２０２６-05",
                                  "2026-05-01", "-026-05", "2026-+5", "20 6-05", "2026-05\n"])  # fmt: skip
def test_what_is_no_month_is_none(text: str) -> None:
    assert month_named(text) is None


def test_a_month_is_one_of_the_contract_s_own_zone(contract: Contract) -> None:
    assert month_named("2026-05") == MAY
    assert month_text(MAY) == "2026-05"
    first, after = bounds(contract.calendar, MAY)
    assert (first, after) == (datetime(2026, 4, 30, 16, tzinfo=UTC), datetime(2026, 5, 31, 16, tzinfo=UTC))
    assert month_of(contract.calendar, first) == MAY
    assert month_of(contract.calendar, first - timedelta(microseconds=1)) == date(2026, 4, 1)
    assert bounds(contract.calendar, date(2999, 12, 1))[1].year == 2999


def test_a_share_is_never_told_as_more_than_it_is() -> None:
    told = [Share(*pair).percent for pair in ((0, 0), (0, 3), (2, 3), (1999, 2000), (3, 3))]
    assert told == [None, "0.0", "66.6", "99.9", "100.0"]


# --- R7.11: the pass rate of operation sheets, on records ----------------------------------------------------------------


def past(action: str, sequence: int = 1, **fields: Any) -> Past:
    return Past(sequence, action, True, 1, 1, "甲", "client", AT, "", None, None, fields)


def timer(status: str) -> TimerFact:
    return TimerFact(1, "writing_afterwards", AT, AT + timedelta(days=2), status, binds=True)


def sheet(
    state: str = "closed", *events: Past, number: str = "R-1", timers: Any = (), ending: Any = None
) -> TicketRecord:
    """A sheet that is well, unless told otherwise."""
    well = (past("finish", 1, result="succeeded"), past("verify_result", 2))
    return TicketRecord(
        number, "reboot", state, True, {"operation": "reboot", "server_name": "服务器"}, ending or {},
        opened_at=AT, ended_at=AT, events=events or well, timers=timers,
    )  # fmt: skip


FINISHED = past("finish", 1, result="succeeded")
WHY_NOT: list[tuple[TicketRecord, list[str]]] = [
    (sheet(), []),
    (sheet(timers=[timer("met")]), []),
    (sheet("closed", past("finish", 1, result="failed"), past("verify_result", 2)), ["did not succeed"]),
    (sheet("closed", FINISHED), ["did not confirm"]),
    (
        sheet("closed", FINISHED, past("report_failed_check", 2), past("verify_result", 3)),
        ["check after the operation"],
    ),
    (sheet(timers=[timer("missed")]), ["not signed in time"]),
    (sheet(timers=[timer("running")]), ["not signed yet"]),
    (sheet("settled", past("settle_outcome", 1, result="succeeded")), ["without a result"]),
    (sheet("settled", past("settle_outcome", 1, result="failed")), ["without a result", "did not succeed"]),
]


@pytest.mark.parametrize(("record", "why"), WHY_NOT)
def test_r7_11_a_sheet_qualifies_or_says_why_not(record: TicketRecord, why: list[str]) -> None:
    said = [str(words) for words in shortcomings(record)]
    assert len(said) == len(why), said
    assert all(part in words for part, words in zip(why, said, strict=True)), said


@pytest.mark.parametrize(
    ("state", "stamped"),
    [("closed", "executed"), ("aborted", "not_executed"), ("refused", "not_executed"), ("withdrawn", "void"),
     ("expired", "void")],
)  # fmt: skip
def test_r7_11_every_end_has_its_stamp(state: str, stamped: str) -> None:
    assert stamp(sheet(state)).name == stamped


def test_r7_11_what_was_settled_is_stamped_by_what_both_signed() -> None:
    first, last = past("settle_outcome", 1, result="succeeded"), past("settle_outcome", 2, result="not_carried_out")
    assert stamp(sheet("settled", first)).name == "executed"
    assert stamp(sheet("settled", first, last)).name == "not_executed"
    assert stamp(sheet("settled", last, replace(first, sequence=3))).name == "executed"


def test_r7_11_no_final_state_is_without_a_stamp(stage: Stage) -> None:
    for state in stage.workflows["reboot"].states.values():
        if state.final:
            assert stamp(sheet(state.name)).context == "stamp"


def test_r7_11_the_rate_counts_what_was_carried_out_only(contract: Contract) -> None:
    tickets = [
        sheet(number="R-3"), sheet(number="R-1"),
        sheet("settled", past("settle_outcome", 1, result="succeeded"), number="R-2"),
        sheet("withdrawn", number="R-4", ending={"reason": "补丁推迟"}),
        sheet("aborted", number="R-5", ending={"doubt": "编号不一致"}), sheet("expired", number="R-6"),
    ]  # fmt: skip
    told = PASS_RATE.table(Asked(tickets, contract.at(AT), AT, MAY))
    assert [row["number"].number for row in told.rows] == [f"R-{n}" for n in range(1, 7)]
    assert [row["qualified"] for row in told.rows] == [True, False, True, None, None, None]
    assert [row["grounds"] for row in told.rows][3:5] == [("补丁推迟",), ("编号不一致",)]
    assert "before anything was started" in str(told.rows[5]["grounds"][0])
    assert told.summary == {
        "sheets": 6, "executed": 3, "not_executed": 1, "void": 2, "qualified": 2, "pass_rate": Share(2, 3)
    }  # fmt: skip
    assert PASS_RATE.table(Asked((), contract.at(AT), AT, MAY)).summary["pass_rate"].percent is None


# --- R7.11: out of the records -----------------------------------------------------------------------------------------


def made(stage: Stage, kind: str, report: Report, month: date | None = None) -> Table:
    with reading(stage.engine) as session:
        return reports.make(
            session, stage.contract, stage.workflows[kind], report, at=stage.at, month=month
        ).table  # fmt: skip


def told(stage: Stage, month: date = MAY) -> dict[str, tuple[str, Any]]:
    rows = made(stage, "reboot", PASS_RATE, month).rows
    return {row["number"].number: (row["stamp"].name, row["qualified"]) for row in rows}


def closed(operation: Operation) -> Operation:
    return operation.do("verify_result", "staff1", **PROBE).do("close", "manager1")


def test_r7_11_sheets_stand_in_the_month_of_their_stamp(stage: Stage) -> None:
    done = closed(Operation(stage).executed())
    withdrawn = Operation(stage).requested().do("withdraw", "staff1", reason="补丁推迟。")
    running = Operation(stage).executing()
    assert told(stage) == {done.number: ("executed", True), withdrawn.number: ("void", None)}
    stage.at = datetime(2026, 5, 31, 16, tzinfo=UTC)
    stage.strike()
    assert running.state == "outcome_unknown"
    running.do("settle_outcome", "manager1", result="not_carried_out", account="控制台无重启记录。")
    running.do("accept_outcome", "approver1")
    assert running.number not in told(stage)
    assert told(stage, date(2026, 6, 1)) == {running.number: ("not_executed", None)}
    assert told(stage, date(2026, 4, 1)) == {}


def test_r7_11_a_fault_after_the_operation_disqualifies_the_sheet(stage: Stage) -> None:
    operation = Operation(stage).executed().do("report_failed_check", "staff1", **FAILED)
    assert told(closed(operation).stage) == {operation.number: ("executed", False)}


def test_r7_11_an_emergency_passes_once_its_writing_is_signed(stage: Stage) -> None:
    operation = closed(Emergency(stage).executing().steps().finish())
    assert told(stage) == {operation.number: ("executed", False)}
    operation.do("sign_afterwards", "approver1")
    assert told(stage) == {operation.number: ("executed", True)}


def test_r7_11_an_emergency_whose_writing_came_late_does_not_pass(stage: Stage) -> None:
    operation = closed(Emergency(stage).executing().steps().finish())
    stage.later(days=9)
    operation.do("sign_afterwards", "approver1")
    assert told(stage) == {operation.number: ("executed", False)}


# --- R2.8: the plan library ----------------------------------------------------------------------------------------------


def shelf(stage: Stage) -> dict[str, Any]:
    table = made(stage, "drill", PLAN_LIBRARY)
    assert table.summary["plans"] == len(table.rows)
    return {row["emergency_plan"]: row for row in table.rows}


def test_r2_8_a_plan_never_drilled_is_overdue_in_everything(stage: Stage) -> None:
    planned(stage)
    (row,) = shelf(stage).values()
    assert (row["last_drill"], row["last_review"], len(row["overdue"])) == (None, None, 3)


def test_r2_8_an_archived_drill_settles_its_plan_and_no_other(stage: Stage) -> None:
    at_state(stage, "archive")
    planned(stage, emergency_plan="另一预案")
    found = shelf(stage)
    done = found["信息系统突发事件应急预案"]
    assert done["last_drill"] == done["last_comprehensive_drill"] == "2026-05-14"
    assert (done["plan_version"], done["overdue"]) == ("2025 版", ())
    assert len(found["另一预案"]["overdue"]) == 3
    assert made(stage, "drill", PLAN_LIBRARY).summary == {"plans": 2, "plans_overdue": 1}


def test_r2_8_a_special_drill_is_a_drill_but_no_comprehensive_one(stage: Stage) -> None:
    at_state(stage, "archive", scope="special")
    (row,) = shelf(stage).values()
    assert (row["last_drill"], row["last_comprehensive_drill"]) == ("2026-05-14", None)
    assert [str(words) for words in row["overdue"]] == ["The emergency plan has no comprehensive drill on record."]


def test_r2_8_a_drill_broken_off_counts_as_a_review_only(stage: Stage) -> None:
    number = at_state(stage, "record_entry")
    step(stage, number, "stop_drill", "desk1", cause="真实告警")
    go(stage, number, "archive", since="restore_systems")
    (row,) = shelf(stage).values()
    assert (row["last_drill"], row["last_comprehensive_drill"]) == (None, None)
    assert row["last_review"] == "2026-05-14"


def test_r2_8_what_a_draft_states_counts_once_the_client_approved_it(stage: Stage) -> None:
    number = planned(stage, last_drilled_on="2026-01-20", last_reviewed_on="2026-01-21")
    assert len(shelf(stage)["信息系统突发事件应急预案"]["overdue"]) == 3
    stage.do(number, "approve_drill", by="approver1", is_only_a_drill=True)
    (row,) = shelf(stage).values()
    assert (row["last_drill"], row["last_review"], row["overdue"]) == ("2026-01-20", "2026-01-21", ())


def test_r2_8_a_draft_called_off_names_no_plan(stage: Stage) -> None:
    draft, approved = planned(stage, emergency_plan="误写预案"), planned(stage)
    stage.do(approved, "approve_drill", by="approver1", is_only_a_drill=True)
    for number in (draft, approved):
        stage.do(number, "cancel", by="staff1", reason="改期。")
    assert list(shelf(stage)) == ["信息系统突发事件应急预案"]


def test_r2_8_what_was_amended_after_the_approval_is_a_draft_again(stage: Stage) -> None:
    number = planned(stage)
    stage.do(number, "approve_drill", by="approver1", is_only_a_drill=True)
    amended = {**PLAN, **window(stage), "last_drilled_on": "2026-01-20", "last_reviewed_on": "2026-01-21"}
    stage.do(number, "amend_plan", by="manager1", **amended)
    (row,) = shelf(stage).values()
    assert (row["last_drill"], len(row["overdue"])) == (None, 3)


def test_r2_8_a_revised_plan_stands_with_its_new_version() -> None:
    fields = {"emergency_plan": "预案", "emergency_plan_version": "1"}
    stated, approved = past("plan_drill", 1), past("approve_drill", 2)
    revised = replace(past("revise_plan", 9, new_version="2"), at=AT + timedelta(days=9))
    older = TicketRecord("D-1", "drill", "archived", True, fields, opened_at=AT, events=(stated, approved, revised))
    later = replace(stated, at=AT + timedelta(days=20))
    draft = TicketRecord("D-2", "drill", "planned", False, {**fields, "emergency_plan_version": "9"}, opened_at=AT,
                         events=(later,))  # fmt: skip
    assert [plan.version for plan in plans([older])] == ["2"]
    assert [plan.version for plan in plans([draft, older])] == ["2"], "a draft does not outdo what the client approved"
    assert [plan.version for plan in plans([draft])] == ["9"]


# --- R2.8: the task of November --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "stands"),
    [("2026-10-31T23:59:59", False), ("2026-11-01T00:00:00", True), ("2026-12-31T23:59:59", True),
     ("2027-01-01T00:00:00", False)],
)  # fmt: skip
def test_r2_8_next_year_s_plan_is_a_task_of_november(contract: Contract, at: str, stands: bool) -> None:
    now = datetime.fromisoformat(f"{at}+08:00").astimezone(UTC)
    due = NEXT_YEARS_PLAN.due_at(Asked((), contract.at(now), now))
    assert due == (datetime(2026, 11, 30, 16, tzinfo=UTC) if stands else None)


def test_r2_8_a_drill_of_next_year_settles_the_task_unless_it_was_called_off(contract: Contract) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    drill = TicketRecord("D-1", "drill", "planned", False, {"window_start": "2027-01-20T02:00:00+00:00"}, opened_at=now)
    asked = Asked([drill], contract.at(now), now)
    assert NEXT_YEARS_PLAN.due_at(asked) is None
    assert NEXT_YEARS_PLAN.due_at(replace(asked, tickets=[replace(drill, final=True)])) is not None
    this_year = replace(drill, fields={"window_start": "2026-12-31T15:59:00+00:00"})
    assert NEXT_YEARS_PLAN.due_at(replace(asked, tickets=[this_year])) is not None


def test_r2_8_the_task_is_of_those_who_may_plan_a_drill(stage: Stage) -> None:
    assert set(NEXT_YEARS_PLAN.who) == set(stage.workflows["drill"].opening.by)
