"""Drills (C9.15) up to the start: who plans, who agrees, what must be written, reviewed and checked before anything begins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stage import Stage
from tests.workflow.drill_story import LENGTH, PLAN, REASON, at_state, fields, go, planned, refused, step, window

BEFORE = ("approve_drill", "submit_scheme", "review_scheme", "notify_participants", "precheck", "confirm_precheck")


def test_c9_15_a_drill_runs_its_whole_course(stage: Stage) -> None:
    number = planned(stage)
    go(stage, number, "archive")
    view = stage.ticket(number)
    assert (view.state, view.final) == ("archived", True)
    assert {"drill_plan", "drill_scheme", "drill_script", "drill_record", "drill_assessment", "drill_summary"} <= {
        paper.kind for paper in view.papers
    }
    assert view.deadlines["status_report"].status == "met"
    assert view.deadlines["planned_time"].status == "met"
    assert view.deadlines["planned_end"].status == "met"
    said = view.events[-1].fields
    assert said["counts_as_drill"] is True
    assert said["emergency_plan"] == PLAN["emergency_plan"]
    assert said["drilled_on"] == "2026-05-14"


def test_c9_15_a_drill_runs_its_whole_course_under_another_contract(stage_elsewhere: Stage) -> None:
    stage = stage_elsewhere
    number = at_state(stage, "declare_end")
    timer = stage.ticket(number).deadlines["status_report"]
    day = stage.contract.calendar.local_day(stage.at)
    assert timer.due_at == stage.contract.calendar.end_of_day(day + timedelta(days=2))
    go(stage, number, "archive", since="restore_systems")
    assert stage.ticket(number).state == "archived"


def test_r2_9_a_drill_says_so_on_ticket_and_papers_and_nobody_can_change_it(stage: Stage) -> None:
    number = planned(stage)
    assert stage.ticket(number).fields["is_drill"] is True
    assert any("This is a drill" in words for words in stage.ticket(number).notices)
    stage.refused(number, "amend_plan", by="staff1", result="invalid", **PLAN, **window(stage), is_drill=False)
    go(stage, number, "archive")
    papers = [paper for paper in stage.ticket(number).papers if paper.kind != "drill_backup_evidence"]
    assert all(paper.fields["mark"] == "【演练】" for paper in papers)


def test_r2_9_a_drill_starts_no_limit_of_a_fault(stage: Stage) -> None:
    number = at_state(stage, "archive")
    assert set(stage.ticket(number).deadlines) == {"planned_time", "planned_end", "status_report"}


# --- plan ------------------------------------------------------------------------------------------------------


def test_c9_15_the_supplier_may_draft_the_plan_but_only_the_client_agrees_to_it(stage: Stage) -> None:
    number = planned(stage, by="manager1")
    for supplier in ("manager1", "manager2", "engineer1", "desk1"):
        stage.refused(number, "approve_drill", by=supplier, result="not_yours", is_only_a_drill=True)
    stage.refused(number, "approve_drill", by="staff1", result="not_yours", is_only_a_drill=True)
    step(stage, number, "approve_drill")
    assert stage.ticket(number).state == "drill_approved"


@pytest.mark.parametrize("by", ["engineer1", "desk1", "reviewer1"])
def test_c9_15_nobody_else_opens_a_drill(stage: Stage, by: str) -> None:
    stage.refused_opening("drill", by, **PLAN, **window(stage))


def test_c9_15_the_author_of_the_plan_does_not_approve_it(stage: Stage) -> None:
    number = planned(stage, by="approver1")
    refused(stage, number, "approve_drill", "approver1", "by_another_than_its_author")
    step(stage, number, "amend_plan", "approver2", **PLAN, **window(stage))
    refused(stage, number, "approve_drill", "approver2", "by_another_than_its_author")
    step(stage, number, "approve_drill", "approver1")


def test_c9_15_the_author_does_not_approve_by_a_second_account(stage: Stage) -> None:
    number = planned(stage, by="staff1")
    twin = stage.second_account("staff1", "client.approver")
    refused(stage, number, "approve_drill", twin, "by_another_than_its_author")


def test_d3_the_client_must_say_that_it_is_only_a_drill(stage: Stage) -> None:
    number = planned(stage)
    stage.refused(number, "approve_drill", by="approver1", result="invalid", is_only_a_drill=False)


def test_c9_15_agreeing_needs_a_fresh_factor(stage: Stage) -> None:
    number = planned(stage)
    stage.refused(number, "approve_drill", by="approver1", guard="identified", factor=False, is_only_a_drill=True)


@pytest.mark.parametrize(("start", "end"), [(2, 1), (2, 2), (-3, -1), (-1, 0)])
def test_c9_15_the_planned_time_lies_ahead(stage: Stage, start: int, end: int) -> None:
    at = stage.at
    times = {"window_start": at + timedelta(hours=start), "window_end": at + timedelta(hours=end)}
    stage.refused_opening("drill", "staff1", guard="window_is_ahead", **PLAN, **times)
    number = planned(stage)
    stage.refused(number, "amend_plan", by="staff1", guard="window_is_ahead", **PLAN, **times)
    go(stage, number, "review_scheme")
    stage.refused(number, "postpone", by="approver1", guard="window_is_ahead", postponed_because="冲突", **times)


def test_c9_15_a_plan_whose_time_is_over_is_not_approved(stage: Stage) -> None:
    number = planned(stage, window_start=stage.at, window_end=stage.at + timedelta(hours=1))
    stage.later(minutes=60)
    refused(stage, number, "approve_drill", "approver1", "window_is_not_over")


def test_c2_1_no_drill_is_planned_outside_the_term(stage: Stage) -> None:
    stage.at = stage.contract.term_end
    stage.refused_opening("drill", "staff1", guard="within_the_term", **PLAN, **window(stage))


@pytest.mark.parametrize("until", BEFORE)
def test_c9_15_an_amended_plan_voids_approval_scheme_and_checks(stage: Stage, until: str) -> None:
    number = at_state(stage, until)
    step(stage, number, "amend_plan", "staff2", **{**PLAN, "aims": "另一目标"}, **window(stage))
    assert stage.ticket(number).state == "planned"
    step(stage, number, "approve_drill")
    for paper in ("scheme", "support", "assessment_scheme", "script", "fallback"):
        refused(stage, number, "submit_scheme", "manager1", f"written_for_this_plan:drill_{paper}")


@pytest.mark.parametrize("until", BEFORE)
@pytest.mark.parametrize(("action", "by"), [("decline_plan", "manager1"), ("cancel", "manager1"), ("cancel", "staff1")])
def test_d5_either_party_can_step_back_before_the_start(stage: Stage, until: str, action: str, by: str) -> None:
    number = at_state(stage, until)
    stage.refused(number, action, by=by, result="invalid", reason=" ")
    stage.do(number, action, by=by, **REASON)
    assert stage.ticket(number).state == ("planned" if action == "decline_plan" else "cancelled")


def test_c9_15_a_drill_is_called_off_while_it_is_planned(stage: Stage) -> None:
    number = planned(stage)
    stage.refused(number, "cancel", by="reviewer1", result="not_yours", **REASON)
    stage.do(number, "cancel", by="approver1", **REASON)
    assert stage.ticket(number).final


def test_c9_15_it_is_noted_when_the_planned_time_passes_without_a_start(stage: Stage) -> None:
    number = at_state(stage, "notify_participants")
    due = stage.ticket(number).deadlines["planned_time"].due_at
    stage.later(seconds=(due - stage.at).total_seconds())
    assert stage.ticket(number).deadlines["planned_time"].status == "running"
    stage.later(milliseconds=1)
    view = stage.ticket(number)
    assert view.deadlines["planned_time"].status == "missed"
    assert view.events[-1].action == "note_time_passed"
    assert view.state == "participants_notified"
    refused(stage, number, "postpone", "approver1", None, **window(stage, -LENGTH * 2))
    step(stage, number, "postpone", "approver1")
    assert stage.ticket(number).deadlines["planned_time"].status == "running"


# --- scheme ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left_out", "paper"),
    [
        ("draft_scheme", "scheme"),
        ("arrange_support", "support"),
        ("set_assessment", "assessment_scheme"),
        ("write_script", "script"),
        ("set_fallback", "fallback"),
    ],
)
def test_r2_2_nothing_is_reviewed_before_all_five_are_written(stage: Stage, left_out: str, paper: str) -> None:
    number = at_state(stage, "set_fallback", without=(left_out,))
    outcome = refused(stage, number, "submit_scheme", "manager1", f"written_for_this_plan:drill_{paper}")
    assert len([one for one in outcome.missing if one["guard"].startswith("written_for")]) == 1


def test_r2_2_the_script_on_file_is_the_script(stage: Stage) -> None:
    number = at_state(stage, "set_fallback")
    step(stage, number, "add_step", step=2, scene="恢复")
    refused(stage, number, "submit_scheme", "manager1", "script_is_up_to_date")
    step(stage, number, "write_script")
    stage.do(number, "drop_step", by="engineer1", step=1)
    refused(stage, number, "submit_scheme", "manager1", "script_is_up_to_date")
    step(stage, number, "write_script")
    step(stage, number, "submit_scheme")
    script = max((p for p in stage.ticket(number).papers if p.kind == "drill_script"), key=lambda p: p.version)
    assert [row["step"] for row in script.fields["steps"]] == [2]


def test_r2_2_the_script_of_an_earlier_plan_does_not_count(stage: Stage) -> None:
    number = at_state(stage, "set_fallback")
    step(stage, number, "amend_plan", "staff1", **PLAN, **window(stage))
    go(stage, number, "set_fallback", without=("add_step", "write_script"))
    outcome = refused(stage, number, "submit_scheme", "manager1", "written_for_this_plan:drill_script")
    assert len(outcome.missing) == 1
    step(stage, number, "write_script")
    step(stage, number, "submit_scheme")


def test_r2_2_a_scheme_of_the_former_time_is_not_reviewed_once_the_drill_is_planned_anew(stage: Stage) -> None:
    number = at_state(stage, "review_scheme")
    step(stage, number, "postpone", "approver1")
    stage.do(number, "decline_plan", by="manager1", **REASON)
    step(stage, number, "approve_drill", "approver2")
    refused(stage, number, "submit_scheme", "manager1", "written_for_this_plan:drill_scheme")
    go(stage, number, "review_scheme", since="draft_scheme")


def test_r2_2_a_script_has_steps(stage: Stage) -> None:
    number = at_state(stage, "draft_scheme")
    refused(stage, number, "write_script", "engineer1", "script_has_steps")
    step(stage, number, "add_step")
    stage.refused(number, "drop_step", by="engineer1", guard="on_the_list", step=7)
    stage.do(number, "drop_step", by="engineer1", step=1)
    refused(stage, number, "write_script", "engineer1", "script_has_steps")


@pytest.mark.parametrize("author", ["staff1", "staff2"])
@pytest.mark.parametrize(
    "action", ["draft_scheme", "arrange_support", "set_assessment", "add_step", "write_script", "set_fallback"]
)
def test_r2_2_nobody_reviews_what_they_wrote(stage: Stage, author: str, action: str) -> None:
    number = at_state(stage, "set_fallback")
    step(stage, number, action, author)
    step(stage, number, "write_script", "engineer2")
    step(stage, number, action, "engineer2")  # A later version by somebody else does not make the first one theirs.
    step(stage, number, "write_script", "engineer2")
    step(stage, number, "submit_scheme")
    refused(stage, number, "review_scheme", author, "by_none_of_the_authors")
    step(stage, number, "review_scheme", "staff2" if author == "staff1" else "reviewer1")
    assert stage.ticket(number).state == "scheme_reviewed"


def test_r2_2_the_supplier_does_not_review(stage: Stage) -> None:
    number = at_state(stage, "submit_scheme")
    stage.refused(number, "review_scheme", by="manager2", result="not_yours", opinion="可行")
    stage.refused(number, "review_scheme", by="staff2", guard="identified", factor=False, opinion="可行")


def test_r2_2_a_returned_scheme_is_rewritten_with_a_reason(stage: Stage) -> None:
    number = at_state(stage, "submit_scheme")
    stage.refused(number, "return_scheme", by="reviewer1", result="invalid", reason="")
    stage.do(number, "return_scheme", by="reviewer1", **REASON)
    assert stage.ticket(number).state == "drill_approved"
    step(stage, number, "set_fallback")
    go(stage, number, "review_scheme", since="submit_scheme")


def test_c9_15_both_parties_command(stage: Stage) -> None:
    number = at_state(stage, "approve_drill")
    for one, name in (("approver1", "supplier"), ("manager1", "client")):
        outcome = refused(
            stage, number, "draft_scheme", "engineer1", "both_parties_command", command_group=[stage.person(one)]
        )
        assert name in str(outcome.missing)
    stage.hire("stranger", "client.staff", contract="another")
    refused(stage, number, "draft_scheme", "engineer1", "on_the_list", command_group=[stage.person("stranger")])


def test_r2_6_nobody_assesses_himself(stage: Stage) -> None:
    number = at_state(stage, "approve_drill")
    both = [stage.person("engineer2"), stage.person("staff2")]
    refused(stage, number, "draft_scheme", "engineer1", "nobody_assesses_himself", assessment_group=both)


# --- last checks and start -------------------------------------------------------------------------------------


def test_r2_3_hands_on_needs_a_backup_made_for_this_plan(stage: Stage) -> None:
    number = planned(stage, drill_form="hands_on")
    stage.upload(number, "drill_backup_evidence", by="engineer1")
    step(stage, number, "amend_plan", "staff1", **{**PLAN, "drill_form": "hands_on", "aims": "另"}, **window(stage))
    go(stage, number, "notify_participants")
    refused(stage, number, "precheck", "engineer1", "backup_is_proved")
    stage.upload(number, "attachment", by="engineer1")
    refused(stage, number, "precheck", "engineer1", "backup_is_proved")
    stage.upload(number, "drill_backup_evidence", by="engineer1")
    go(stage, number, "declare_start", since="precheck")
    assert stage.ticket(number).state == "running"


def test_r2_3_a_tabletop_drill_needs_no_backup_unless_a_step_is_dangerous(stage: Stage) -> None:
    number = at_state(stage, "set_fallback")
    step(stage, number, "add_step", step=2, operation="reboot")
    step(stage, number, "write_script")
    go(stage, number, "notify_participants", since="submit_scheme")
    refused(stage, number, "precheck", "engineer1", "backup_is_proved")


def test_r2_3_the_command_group_confirms_and_not_whoever_checked(stage: Stage) -> None:
    number = at_state(stage, "notify_participants")
    step(stage, number, "precheck", "manager1")
    refused(stage, number, "confirm_precheck", "manager1", "by_another_than:precheck")
    refused(stage, number, "confirm_precheck", "approver2", "in_the_command_group")
    refused(stage, number, "declare_start", "approver1")
    step(stage, number, "confirm_precheck", "approver1")
    step(stage, number, "precheck")
    assert stage.ticket(number).state == "prechecked", "a new check asks for a new confirmation"


def test_r2_3_only_the_command_group_starts_with_a_fresh_factor(stage: Stage) -> None:
    number = at_state(stage, "confirm_precheck")
    stage.later(days=2)
    for outsider in ("approver2", "manager2", "engineer1", "staff1"):
        refused(stage, number, "declare_start", outsider, "in_the_command_group")
    stage.refused(number, "declare_start", by="reviewer1", result="not_yours", declared=True)
    stage.refused(number, "declare_start", by="approver1", guard="identified", factor=False, declared=True)
    stage.refused(number, "declare_start", by="approver1", result="invalid", declared=False)
    step(stage, number, "declare_start", "manager1")


def test_r2_3_the_drill_starts_within_its_time(stage: Stage) -> None:
    number = at_state(stage, "confirm_precheck")
    stage.later(days=2, milliseconds=-1)
    refused(stage, number, "declare_start", "approver1", "in_the_planned_time")
    stage.later(milliseconds=1)
    late = stage.at + LENGTH
    stage.at = late
    refused(stage, number, "declare_start", "approver1", "in_the_planned_time")
    stage.at = late - timedelta(milliseconds=1)
    step(stage, number, "declare_start")


def test_d1_no_start_once_the_clients_signatory_has_lost_the_mandate(stage: Stage) -> None:
    number = at_state(stage, "confirm_precheck")
    stage.later(days=2)
    stage.end_mandate("approver1")
    refused(stage, number, "declare_start", "manager1", "agreed_by_the_client")
    stage.refused(number, "declare_start", by="approver1", result="unknown", declared=True)


def test_r2_3_no_start_on_the_word_of_one_who_has_left_the_command_group(stage: Stage) -> None:
    number = at_state(stage, "precheck")
    step(stage, number, "confirm_precheck", "manager1")
    stage.later(days=2)
    stage.end_mandate("manager1")
    refused(stage, number, "declare_start", "approver1", "still_mandated:confirm_precheck")


def test_c2_1_no_drill_starts_after_the_term(stage: Stage) -> None:
    stage.at = stage.contract.term_end - timedelta(days=1)
    number = at_state(stage, "confirm_precheck")
    stage.later(days=2)
    refused(stage, number, "declare_start", "approver1", "within_the_term")


def test_c9_15_postponed_everybody_is_told_and_everything_checked_again(stage: Stage) -> None:
    number = at_state(stage, "confirm_precheck", drill_form="tabletop")
    stage.refused(number, "postpone", by="approver2", guard="identified", factor=False, **fields(stage, "postpone"))
    refused(stage, number, "postpone", "staff1")
    step(stage, number, "postpone", "approver2")
    view = stage.ticket(number)
    assert view.state == "scheme_reviewed"
    assert view.fields["title"] == PLAN["title"]
    plan = max((p for p in view.papers if p.kind == "drill_plan"), key=lambda p: p.version)
    assert plan.fields["window_start"] == view.fields["window_start"]
    assert plan.fields["aims"] == PLAN["aims"]
    go(stage, number, "declare_start", since="notify_participants")
    assert stage.ticket(number).state == "running"


def test_c9_15_nobody_is_told_of_a_time_that_is_over(stage: Stage) -> None:
    number = at_state(stage, "review_scheme")
    stage.later(days=3)
    refused(stage, number, "notify_participants", "staff1", "window_is_not_over")
