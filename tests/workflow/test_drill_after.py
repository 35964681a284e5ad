"""What follows a drill (C9.15): the next day's report, the assessment, what is put right, and the archive."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow.drill_story import CAUSE, REASON, SCORES, at_state, fields, go, planned, refused, step

FOLLOW_UP = ("declare_end", "restore_systems", "submit_status_report", "assess", "summarise", "keep_plan")


def paper(stage: Stage, number: str, kind: str) -> Any:
    return max((p for p in stage.ticket(number).papers if p.kind == kind), key=lambda p: p.version)


# --- the next day ----------------------------------------------------------------------------------------------


def ended_at(stage: Stage, when: datetime) -> str:
    """A drill whose end is declared at this instant."""
    stage.at = when - timedelta(days=2, hours=1)
    number = at_state(stage, "record_entry")
    stage.at = when
    step(stage, number, "declare_end")
    return number


def test_r2_5_the_status_report_is_due_at_the_end_of_the_next_day_even_on_a_holiday(stage: Stage) -> None:
    number = ended_at(stage, datetime.fromisoformat("2026-09-30T16:00:00+08:00"))
    due = datetime.fromisoformat("2026-10-02T00:00:00+08:00")
    assert stage.ticket(number).deadlines["status_report"].due_at == due, "the first of October is a holiday"


def test_r2_5_an_end_just_after_midnight_is_of_the_new_day(stage: Stage) -> None:
    number = ended_at(stage, datetime.fromisoformat("2026-06-10T00:00:00+08:00"))
    assert stage.ticket(number).deadlines["status_report"].due_at == datetime.fromisoformat("2026-06-12T00:00:00+08:00")


@pytest.mark.parametrize("late", [timedelta(0), timedelta(milliseconds=1)])
def test_r2_5_the_report_is_in_time_to_the_last_moment(stage: Stage, late: timedelta) -> None:
    number = at_state(stage, "restore_systems")
    stage.at = stage.ticket(number).deadlines["status_report"].due_at + late
    step(stage, number, "submit_status_report")
    timer = stage.ticket(number).deadlines["status_report"]
    assert timer.status == ("missed" if late else "met")
    assert timer.stopped_at == stage.at
    noted = [event.action for event in stage.ticket(number).events].count("note_status_report_late")
    assert noted == bool(late)


@pytest.mark.parametrize("ending", ["declare_end", "terminate_early", "stop_drill"])
def test_r2_5_a_report_is_owed_however_the_drill_ended(stage: Stage, ending: str) -> None:
    number = at_state(stage, "record_entry")
    step(stage, number, ending, "manager1", **({} if ending == "declare_end" else CAUSE))
    stage.later(days=3)
    view = stage.ticket(number)
    assert view.deadlines["status_report"].status == "missed"
    assert view.deadlines["status_report"].party == "supplier"
    assert view.events[-1].action == "note_status_report_late"
    step(stage, number, "restore_systems")
    step(stage, number, "submit_status_report")


def test_r2_5_the_supplier_reports_once_the_systems_are_restored(stage: Stage) -> None:
    number = at_state(stage, "declare_end")
    refused(stage, number, "submit_status_report", "engineer1")
    step(stage, number, "restore_systems", "staff1")
    refused(stage, number, "submit_status_report", "staff1")
    stage.refused(number, "submit_status_report", by="engineer2", guard="identified", factor=False,
                  **fields(stage, "submit_status_report"))  # fmt: skip
    step(stage, number, "submit_status_report")
    assert paper(stage, number, "drill_status_report").signatures


# --- assessment and summary ------------------------------------------------------------------------------------


def test_r2_6_who_carried_it_out_does_not_assess(stage: Stage) -> None:
    number = planned(stage)
    go(stage, number, "approve_drill")
    mixed = [stage.person("manager2"), stage.person("staff1")]
    step(stage, number, "draft_scheme", implementing_group=mixed)
    go(stage, number, "submit_status_report", since="arrange_support")
    for one in ("manager2", "staff1"):
        refused(stage, number, "assess", one, "not_of_the_implementing_group")
    refused(stage, number, "assess", "engineer3", None)
    stage.refused(number, "assess", by="staff2", guard="identified", factor=False, **fields(stage, "assess"))
    step(stage, number, "assess", "staff2")


@pytest.mark.parametrize("score", [0, 2, 4, 6, True, "poor", None])
def test_r2_6_items_are_scored_one_three_or_five(stage: Stage, score: Any) -> None:
    number = at_state(stage, "submit_status_report")
    stage.refused(number, "assess", by="reviewer1", result="invalid", **{**SCORES, "economy": score}, advice="无")


@pytest.mark.parametrize("score", [1, 3, 5, "5"])
def test_r2_6_one_three_and_five_are_taken_from_pages_too(stage: Stage, score: Any) -> None:
    number = at_state(stage, "submit_status_report")
    step(stage, number, "assess", "reviewer1", economy=score)
    assert paper(stage, number, "drill_assessment").fields["economy"] == int(score)


def test_r2_6_a_poor_item_asks_for_a_rectification(stage: Stage) -> None:
    number = at_state(stage, "submit_status_report")
    step(stage, number, "assess", "reviewer1", alarming=1, economy=1)
    for who in ("staff1", "desk1"):
        step(stage, number, "confirm_participation", who)
    refused(stage, number, "summarise", "staff1", "poor_items_are_rectified")
    step(stage, number, "add_rectification", "staff1")
    step(stage, number, "add_rectification", "staff1", assessed_item=None)
    refused(stage, number, "summarise", "staff1", "poor_items_are_rectified")
    step(stage, number, "add_rectification", "reviewer1", assessed_item="economy")
    step(stage, number, "summarise")
    summary = paper(stage, number, "drill_summary")
    assert summary.fields["scores"]["alarming"] == 1
    assert len(summary.fields["rectifications"]) == 3


def test_d6_both_parties_record_who_took_part_and_when(stage: Stage) -> None:
    number = at_state(stage, "assess")
    refused(stage, number, "summarise", "staff1", "participation_confirmed:client")
    step(stage, number, "confirm_participation", "staff1")
    refused(stage, number, "summarise", "staff1", "participation_confirmed:supplier")
    stage.refused(
        number, "confirm_participation", by="desk1", result="invalid", participants="王", times_are_right=False
    )
    refused(stage, number, "confirm_participation", "reviewer1", None)
    step(stage, number, "confirm_participation", "desk1")
    said = paper(stage, number, "drill_participation").fields
    declared = {e.action: e.at.isoformat() for e in stage.ticket(number).events}
    assert said["party"] == "supplier"
    assert (said["started_at"], said["ended_at"]) == (declared["declare_start"], declared["declare_end"])
    stage.refused(number, "summarise", by="staff2", guard="identified", factor=False, **fields(stage, "summarise"))
    step(stage, number, "summarise")


def test_d6_the_clients_word_does_not_stand_for_the_suppliers(stage: Stage) -> None:
    number = at_state(stage, "assess")
    step(stage, number, "confirm_participation", "desk1")
    refused(stage, number, "summarise", "staff1", "participation_confirmed:client")


@pytest.mark.parametrize("until", [*FOLLOW_UP, "archive"])
def test_d4_the_supervisor_rates_and_moves_nothing(stage: Stage, until: str) -> None:
    number = at_state(stage, until)
    before = stage.ticket(number)
    refused(stage, number, "rate", "staff1")
    step(stage, number, "rate", "reviewer1")
    after = stage.ticket(number)
    assert (after.state, after.version) == (before.state, before.version)


def test_d4_no_rating_before_the_run(stage: Stage) -> None:
    refused(stage, at_state(stage, "declare_start"), "rate", "reviewer1")


# --- rectifications --------------------------------------------------------------------------------------------


def rectifying(stage: Stage, until: str = "summarise") -> str:
    number = at_state(stage, until)
    step(stage, number, "add_rectification", "staff1")
    return number


def test_r2_7_nothing_is_archived_while_something_is_open(stage: Stage) -> None:
    number = rectifying(stage)
    step(stage, number, "keep_plan")
    refused(stage, number, "archive", "approver1", "nothing_left_to_rectify")
    step(stage, number, "finish_rectification", "engineer3")
    refused(stage, number, "archive", "approver1", "nothing_left_to_rectify")
    step(stage, number, "verify_rectification", "staff2")
    step(stage, number, "archive")


def test_r2_7_only_the_owner_finishes_and_somebody_else_verifies(stage: Stage) -> None:
    number = rectifying(stage)
    refused(stage, number, "finish_rectification", "engineer2", "by_its_owner")
    refused(stage, number, "verify_rectification", "staff2", "said_to_be_done")
    refused(stage, number, "return_rectification", "staff2", "said_to_be_done")
    step(stage, number, "finish_rectification", "engineer3")
    refused(stage, number, "verify_rectification", "engineer3")
    stage.upload(number, "drill_rectification_evidence", by="engineer3")
    step(stage, number, "return_rectification", "manager1")
    refused(stage, number, "verify_rectification", "staff2", "said_to_be_done")
    step(stage, number, "finish_rectification", "engineer3")
    step(stage, number, "verify_rectification", "reviewer1")
    refused(stage, number, "finish_rectification", "engineer3", "still_unsettled")
    refused(stage, number, "accept_risk", "approver1", "still_unsettled")
    refused(stage, number, "reassign_rectification", "staff1", "still_unsettled")


@pytest.mark.parametrize("action", ["verify_rectification", "return_rectification"])
def test_r2_7_nobody_judges_their_own_rectification(stage: Stage, action: str) -> None:
    number = at_state(stage, "summarise")
    step(stage, number, "add_rectification", "staff1", owner=stage.person("manager1"))
    step(stage, number, "finish_rectification", "manager1")
    refused(stage, number, action, "manager1", "by_another_than_its_owner")
    twin = stage.second_account("manager1", "supplier.manager")
    refused(stage, number, action, twin, "by_another_than_its_owner")
    step(stage, number, action, "manager2")


def test_r2_7_handing_a_rectification_over_does_not_let_one_judge_what_one_did(stage: Stage) -> None:
    number = at_state(stage, "summarise")
    step(stage, number, "add_rectification", "staff1", owner=stage.person("manager1"))
    step(stage, number, "finish_rectification", "manager1")
    step(stage, number, "reassign_rectification", "manager1")
    refused(stage, number, "verify_rectification", "manager2", "said_to_be_done")
    step(stage, number, "finish_rectification", "engineer2")
    refused(stage, number, "verify_rectification", "manager1", "by_another_than_its_owner")
    step(stage, number, "verify_rectification", "manager2")


def test_r2_7_the_client_may_sign_that_it_bears_the_risk(stage: Stage) -> None:
    number = rectifying(stage)
    refused(stage, number, "accept_risk", "staff1")
    stage.refused(
        number, "accept_risk", by="approver2", guard="identified", factor=False, **fields(stage, "accept_risk")
    )
    step(stage, number, "accept_risk", "approver1")
    assert paper(stage, number, "drill_risk_acceptance").signatures[0].person == stage.person("approver1")
    go(stage, number, "archive", since="keep_plan")


def test_r2_7_the_owner_does_not_accept_the_risk_of_it(stage: Stage) -> None:
    number = at_state(stage, "summarise")
    step(stage, number, "add_rectification", "staff1", owner=stage.person("approver1"))
    refused(stage, number, "accept_risk", "approver1", "by_another_than_its_owner")
    step(stage, number, "accept_risk", "approver2")


def test_r2_7_dates_lie_ahead_and_what_is_late_is_said(stage: Stage) -> None:
    number = at_state(stage, "assess")
    refused(stage, number, "add_rectification", "staff1", "date_is_ahead", due_at=stage.at)
    step(stage, number, "add_rectification", "staff1", due_at=stage.at + timedelta(days=1))
    refused(stage, number, "reassign_rectification", "staff1", "date_is_ahead", due_at=stage.at)
    stage.later(days=1)
    assert not any("past their date: 1" in words for words in stage.ticket(number).notices)
    stage.later(milliseconds=1)
    assert any("past their date: 1" in words for words in stage.ticket(number).notices)
    step(stage, number, "reassign_rectification", "staff1")
    assert not any("past their date" in words for words in stage.ticket(number).notices)


def test_r2_7_items_are_chosen_from_those_on_record(stage: Stage) -> None:
    number = rectifying(stage)
    refused(stage, number, "finish_rectification", "engineer3", "on_the_list", item=2)
    refused(stage, number, "add_rectification", "staff1", "on_the_list", owner=stage.person("reviewer1"))


# --- the emergency plan and the archive ------------------------------------------------------------------------


def test_c9_15_a_revised_plan_has_another_version(stage: Stage) -> None:
    number = at_state(stage, "summarise")
    refused(stage, number, "revise_plan", "staff1", "another_version", new_version="2025 版")
    stage.refused(number, "keep_plan", by="staff1", result="invalid", reason="")
    step(stage, number, "keep_plan")
    step(stage, number, "revise_plan", "manager1")
    assert stage.ticket(number).state == "plan_revised"
    step(stage, number, "archive")
    assert stage.last(number).fields["plan_version"] == "2026 版"


def test_c9_15_only_an_authorised_person_of_the_client_archives(stage: Stage) -> None:
    number = at_state(stage, "keep_plan")
    for who in ("staff1", "manager1", "reviewer1"):
        refused(stage, number, "archive", who)
    stage.refused(number, "archive", by="approver2", guard="identified", factor=False)
    step(stage, number, "archive", "approver2")
    refused(stage, number, "add_rectification", "staff1")


@pytest.mark.parametrize("until", FOLLOW_UP)
def test_g6_the_client_is_nobodys_hostage_and_an_abandoned_drill_is_no_drill(stage: Stage, until: str) -> None:
    number = at_state(stage, until)
    refused(stage, number, "abandon", "manager1", None, **REASON)
    stage.refused(number, "abandon", by="approver2", guard="identified", factor=False, **REASON)
    step(stage, number, "abandon", "approver2", **REASON)
    view = stage.ticket(number)
    assert (view.state, view.final) == ("abandoned", True)
    assert "counts_as_drill" not in view.events[-1].fields
    assert all(timer.status != "running" for timer in view.deadlines.values())


def test_c9_15_a_drill_that_was_broken_off_does_not_count(stage: Stage) -> None:
    number = at_state(stage, "record_entry")
    step(stage, number, "stop_drill", "desk2", **CAUSE)
    go(stage, number, "archive", since="restore_systems")
    assert stage.last(number).fields["counts_as_drill"] is False


@pytest.mark.parametrize(
    ("until", "action", "by"),
    [
        ("declare_start", "report_incident", "engineer1"),
        ("record_entry", "declare_end", "manager1"),
        ("keep_plan", "archive", "approver1"),
    ],
)
def test_an_act_costs_the_same_whatever_the_number_of_drills(stage: Stage, until: str, action: str, by: str) -> None:
    at_state(stage, "archive")
    planned(stage)
    number = at_state(stage, until)
    stage.prove(number, by)
    given = fields(stage, action)
    version = stage.ticket(number).version
    with stage.counted() as counts:
        outcome = stage.attempt(number, action, by, version=version, **given)
    assert outcome.accepted
    assert counts.statements <= 20
    assert counts.commits == 1
