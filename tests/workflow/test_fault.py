"""Faults: the main path, what is computed, and the side exits (C4.5–C4.7, C8.3, C9.12, C9.16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stage import Stage
from tests.workflow.fault_story import (
    CAUSE,
    CORRECTION,
    PAPER,
    PROBLEM,
    REASON,
    REPORT,
    RESTORATION,
    actions,
    at_state,
    go,
    phoned,
    reported,
    step,
)


def test_c9_16_a_fault_runs_from_report_to_archive(stage: Stage) -> None:
    number = reported(stage)
    states = []
    for name in (
        "register",
        "respond",
        "diagnose",
        "arrive",
        "locate",
        "repair",
        "restore",
        "feed_back_result",
        "prepare_report",
        "check_report",
        "submit_report",
        "approve_report",
        "confirm",
    ):
        step(stage, number, name)
        states.append(stage.ticket(number).state)
    assert states == [
        "registered",
        "responded",
        "diagnosing",
        "diagnosing",
        "diagnosing",
        "repairing",
        "restored",
        "result_fed_back",
        "report_prepared",
        "report_prepared",
        "report_submitted",
        "reviewed",
        "closed",
    ]
    view = stage.ticket(number)
    assert {
        name: view.deadlines[name].status for name in ("response", "arrival", "removal", "feedback", "written_report")
    } == dict.fromkeys(("response", "arrival", "removal", "feedback", "written_report"), "met")
    paper = view.papers[-1]
    assert [signature.meaning for signature in paper.signatures] == [
        "check_report",
        "submit_report",
        "approve_report",
        "confirm",
    ]
    assert not view.final
    stage.at = view.deadlines["reopening"].due_at
    assert stage.strike() == 0
    stage.later(milliseconds=1)
    assert (stage.ticket(number).state, stage.ticket(number).final) == ("archived", True)


def test_the_same_on_another_contract_with_its_own_limits(stage_elsewhere: Stage) -> None:
    stage = stage_elsewhere
    number = go(stage, reported(stage), "confirm")
    assert stage.ticket(number).state == "closed"
    edition = stage.contract.at(stage.at)
    deadlines = stage.ticket(number).deadlines
    for name, figure in (("response", "fault.response"), ("arrival", "fault.arrival"), ("removal", "fault.removal")):
        assert deadlines[name].due_at == edition.due(figure, stage.at)


def test_the_setting_says_from_which_act_response_and_removal_count(stage_elsewhere: Stage) -> None:
    stage = stage_elsewhere
    edition = stage.contract.at(stage.at)
    assert (edition.setting("fault.response_counts_from"), edition.setting("fault.removal_counts_from")) == (
        "registration",
        "response",
    )
    number = phoned(stage, minutes_ago=3)
    assert not {"response", "removal"} & set(stage.ticket(number).deadlines)
    stage.later(minutes=1)
    step(stage, number, "register")
    assert stage.ticket(number).deadlines["response"].started_at == stage.at
    stage.later(minutes=1)
    step(stage, number, "respond")
    assert stage.ticket(number).deadlines["removal"].started_at == stage.at


def test_where_the_contract_counts_the_restoration_alone_the_cause_may_wait(stage_elsewhere: Stage) -> None:
    number = at_state(stage_elsewhere, "restore", without=("locate",))
    assert stage_elsewhere.ticket(number).deadlines["removal"].status == "met"


def test_c4_7_importance_follows_the_list_in_force_at_the_report(stage_elsewhere: Stage) -> None:
    stage = stage_elsewhere
    systems = stage.contract.systems_at(stage.at)
    system = systems.systems[0]
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in system.name.en.upper())
    for name in (system.key, system.name.zh, f"  {wide}  "):
        view = stage.ticket(reported(stage, system=name))
        assert (view.fields["important"], view.fields["systems_version"]) == (True, systems.version)
    assert stage.ticket(reported(stage, system="食堂订餐系统")).fields["important"] is False


def test_c4_7_an_important_system_has_the_shorter_time(stage_elsewhere: Stage) -> None:
    stage = stage_elsewhere
    edition = stage.contract.at(stage.at)
    key = stage.contract.systems_at(stage.at).systems[0].key
    number = go(stage, reported(stage, system=key), "respond")
    removal = stage.ticket(number).deadlines["removal"]
    assert removal.due_at == edition.due("fault.removal_important", removal.started_at)
    assert removal.due_at < edition.due("fault.removal", removal.started_at)


def test_g4_an_empty_list_of_important_systems_warns_on_every_fault(stage: Stage) -> None:
    number = reported(stage)
    assert any("No list of important information systems" in words for words in stage.ticket(number).notices)
    event = stage.ticket(number).events[0]
    assert any("No list of important" in notice["text"] for notice in event.notices)


def test_g4_a_signed_list_does_not_warn(stage_elsewhere: Stage) -> None:
    number = reported(stage_elsewhere)
    assert not any("No list" in words for words in stage_elsewhere.ticket(number).notices)


@pytest.mark.parametrize(
    "name", ["important", "systems_version", "drill_number", "entered_late_seconds", "responded_at"]
)
def test_r3_8_nobody_types_what_the_record_computes(stage: Stage, name: str) -> None:
    outcome = stage.refused_opening("fault", "staff1", **REPORT, **{name: True})
    assert [error["field"] for error in outcome.errors] == [name]


# --- restored, located, closed: three different things ----------------------------------------------------------------


def test_r3_9_the_cause_may_be_known_before_the_service_is_back_or_after(stage: Stage) -> None:
    number = at_state(stage, "restore", without=("locate",))
    assert stage.ticket(number).deadlines["removal"].status == "running"
    stage.later(minutes=1)
    step(stage, number, "locate")
    view = stage.ticket(number)
    assert (view.state, view.deadlines["removal"].status, view.deadlines["removal"].stopped_at) == (
        "restored",
        "met",
        stage.at,
    )
    other = at_state(stage, "locate")
    assert stage.ticket(other).deadlines["removal"].status == "running"
    stage.do(other, "restore", by="engineer1", **RESTORATION)
    assert stage.ticket(other).deadlines["removal"].status == "met"


def test_r3_9_without_a_cause_no_report_until_a_problem_record_is_open(stage: Stage) -> None:
    number = at_state(stage, "feed_back_result", without=("locate",))
    stage.refused(number, "prepare_report", by="engineer1", guard="cause_or_problem_on_record", **PAPER)
    stage.do(number, "open_problem", by="engineer1", owner=stage.person("engineer2"), **PROBLEM)
    go(stage, number, "confirm", since="prepare_report")
    view = stage.ticket(number)
    assert view.state == "closed"
    assert any("A problem record is open" in words for words in view.notices)
    assert view.deadlines["removal"].status == "running"
    stage.later(days=8)
    assert stage.ticket(number).state == "archived"
    stage.do(number, "resolve_problem", by="engineer2", cause="驱动缺陷", measure="升级驱动")
    assert not any("problem record" in words for words in stage.ticket(number).notices)
    stage.refused(
        number, "resolve_problem", by="engineer2", guard="problem_is_open", cause="驱动缺陷", measure="升级驱动"
    )


def test_r3_9_a_workaround_leaves_a_problem_open(stage: Stage) -> None:
    number = at_state(stage, "locate")
    stage.do(number, "restore", by="engineer1", **RESTORATION, is_workaround=True)
    assert any("workaround" in words for words in stage.ticket(number).notices)
    stage.do(number, "open_problem", by="engineer1", owner=stage.person("engineer1"), **PROBLEM)
    stage.refused(
        number, "open_problem", by="engineer1", guard="no_problem_is_open", owner=stage.person("engineer1"), **PROBLEM
    )
    go(stage, number, "submit_report", since="feed_back_result")
    paper = stage.ticket(number).papers[-1].fields
    assert (paper["is_workaround"], paper["open_problem"]) == (True, PROBLEM["problem"])


def test_r3_9_a_workaround_takes_no_place_of_a_problem_record(stage: Stage) -> None:
    number = at_state(stage, "restore", without=("locate",))
    stage.do(number, "open_problem", by="engineer1", owner=stage.person("engineer1"), **PROBLEM)
    stage.do(number, "contest_restoration", by="staff1", reason="仍无法登录")
    stage.do(number, "restore", by="engineer1", **RESTORATION, is_workaround=True)
    stage.refused(
        number, "open_problem", by="engineer1", guard="no_problem_is_open", owner=stage.person("engineer1"), **PROBLEM
    )
    assert any("A problem record is open" in words for words in stage.ticket(number).notices)


def test_r3_9_what_is_restored_for_good_replaces_a_workaround(stage: Stage) -> None:
    number = at_state(stage, "locate")
    stage.do(number, "restore", by="engineer1", **RESTORATION, is_workaround=True)
    stage.do(number, "contest_restoration", by="staff1", reason="仍无法登录")
    stage.do(number, "restore", by="engineer1", **RESTORATION)
    assert not any("workaround" in words for words in stage.ticket(number).notices)
    stage.refused(
        number, "resolve_problem", by="engineer1", guard="problem_is_open", cause="驱动缺陷", measure="升级驱动"
    )


def test_a_problem_record_may_be_open_before_the_cause_was_found_and_the_cause_closes_nothing(stage: Stage) -> None:
    number = at_state(stage, "restore", without=("locate",))
    stage.do(number, "open_problem", by="engineer1", owner=stage.person("engineer1"), **PROBLEM)
    stage.do(number, "locate", by="engineer1", **CAUSE)
    assert any("A problem record is open" in words for words in stage.ticket(number).notices)


def test_c4_7_a_contested_restoration_lets_the_first_time_run_on(stage: Stage) -> None:
    number = at_state(stage, "feed_back_result")
    first = stage.ticket(number).deadlines["removal"]
    assert first.status == "met"
    stage.later(minutes=20)
    stage.do(number, "contest_restoration", by="staff2", **REASON)
    view = stage.ticket(number)
    again = view.deadlines["removal"]
    assert view.state == "diagnosing"
    assert (again.id > first.id, again.started_at, again.due_at, again.status) == (
        True,
        first.started_at,
        first.due_at,
        "running",
    )
    assert view.deadlines["written_report"].status == "dropped"
    stage.later(minutes=11)
    assert stage.ticket(number).deadlines["removal"].status == "missed"
    stage.do(number, "restore", by="engineer1", **RESTORATION)
    stage.refused(number, "prepare_report", by="engineer1", result="not_now", **PAPER)


# --- the written report -----------------------------------------------------------------------------------------------


def test_r3_16_every_time_in_the_report_is_computed_from_the_record(stage: Stage) -> None:
    began = stage.at - timedelta(minutes=12)
    discovered = stage.at - timedelta(minutes=8)
    number = phoned(stage, minutes_ago=5, occurred_at=began, discovered_at=discovered)
    received = stage.at - timedelta(minutes=5)
    stage.later(minutes=2)
    go(stage, number, "respond")
    responded = stage.at
    stage.later(minutes=3)
    stage.do(number, "feed_back", by="desk1", progress="在查", next_step="继续")
    go(stage, number, "feed_back_result", since="diagnose")
    stage.do(number, "record_step", by="engineer1", did="复核", result="正常")
    step(stage, number, "prepare_report")
    fields = stage.ticket(number).papers[-1].fields
    assert fields["times"]["occurred"] == began.isoformat()
    assert fields["times"]["discovered"] == stage.ticket(number).fields["discovered_at"] == discovered.isoformat()
    assert fields["times"]["received"] == received.isoformat()
    assert fields["times"]["responded"] == responded.isoformat()
    assert fields["times"]["restored"] == fields["times"]["located"] == stage.at.isoformat()
    clocks = {clock["clock"]: clock for clock in fields["clocks"]}
    assert [clocks[name]["seconds"] for name in ("response", "arrival", "removal")] == [420, 600, 600]
    assert {clock["status"] for clock in clocks.values()} == {"met"}
    assert (fields["removal_counts_from"], fields["removal_ends_with"]) == ("report", "restoration_and_cause")
    assert [one["progress"] for one in fields["feedback"]] == ["在查"]
    assert [one["did"] for one in fields["steps"]] == ["复核"]
    assert (fields["cause"], fields["measure"], fields["important"]) == (CAUSE["cause"], RESTORATION["measure"], False)
    outcome = stage.refused(number, "prepare_report", by="engineer1", result="invalid", **PAPER, responded_at="now")
    assert outcome.errors


def test_r3_16_prepared_checked_and_approved_by_three_persons(stage: Stage) -> None:
    number = at_state(stage, "prepare_report")
    stage.refused(number, "submit_report", by="manager1", guard="signed:fault_report:supplier")
    stage.refused(number, "check_report", by="engineer1", guard="by_another_than:prepare_report")
    stage.do(number, "check_report", by="manager1")
    stage.refused(number, "submit_report", by="manager1", guard="by_another_than:prepare_report+check_report")
    stage.do(number, "submit_report", by="manager2")
    assert stage.ticket(number).state == "report_submitted"


def test_r3_16_a_second_account_makes_no_second_person(stage: Stage) -> None:
    number = at_state(stage, "prepare_report")
    twin = stage.second_account("engineer1", "supplier.manager")
    stage.refused(number, "check_report", by=twin, guard="by_another_than:prepare_report")
    step(stage, number, "check_report")
    stage.refused(number, "submit_report", by=twin, guard="by_another_than:prepare_report+check_report")


def test_r3_16_the_check_of_somebody_whose_mandate_ended_carries_nothing(stage: Stage) -> None:
    number = at_state(stage, "check_report")
    stage.end_mandate("engineer2")
    stage.refused(number, "submit_report", by="manager1", guard="signed:fault_report:supplier")


@pytest.mark.parametrize("until", ["check_report", "submit_report", "approve_report"])
def test_r5_2_a_later_version_voids_check_and_approval(stage: Stage, until: str) -> None:
    number = at_state(stage, until)
    stage.do(number, "prepare_report", by="engineer3", **PAPER)
    view = stage.ticket(number)
    assert (view.state, view.papers[-1].version, view.papers[-1].signatures) == ("report_prepared", 2, ())
    assert view.deadlines.get("review") is None or view.deadlines["review"].status in ("dropped", "met")
    stage.refused(number, "submit_report", by="manager1", guard="signed:fault_report:supplier")
    stage.refused(number, "confirm", by="staff1", result="not_now", rating=4)


def test_c9_12_a_returned_report_comes_back_in_a_new_version(stage: Stage) -> None:
    number = at_state(stage, "submit_report")
    stage.refused(number, "return_report", by="reviewer1", result="invalid", reason="")
    stage.do(number, "return_report", by="reviewer1", **CORRECTION)
    assert stage.ticket(number).state == "returned"
    go(stage, number, "confirm", since="prepare_report")
    view = stage.ticket(number)
    assert (view.state, view.papers[-1].version) == ("closed", 2)


def test_c8_3_the_client_may_object_to_an_approved_report(stage: Stage) -> None:
    number = at_state(stage, "approve_report")
    stage.do(number, "object_to_report", by="approver1", **CORRECTION)
    assert stage.ticket(number).state == "returned"


def test_c9_12_the_client_decides_only_where_nobody_supervises(stage: Stage) -> None:
    number = at_state(stage, "submit_report")
    stage.refused(number, "approve_report", by="approver1", guard="supervisor_or_in_its_place", opinion="同意")
    stage.refused(number, "return_report", by="approver1", guard="supervisor_or_in_its_place", **CORRECTION)
    stage.end_mandate("reviewer1")
    stage.do(number, "approve_report", by="approver1", opinion="同意")
    assert stage.ticket(number).state == "reviewed"


# --- closing ------------------------------------------------------------------------------------------------------------


def test_r3_10_nothing_closes_by_silence(stage: Stage) -> None:
    number = at_state(stage, "approve_report")
    stage.later(days=200)
    assert stage.ticket(number).state == "reviewed"
    submitted = at_state(stage, "submit_report")
    stage.later(days=60)
    view = stage.ticket(submitted)
    assert (view.state, view.deadlines["review"].status) == ("report_submitted", "missed")
    assert actions(stage, submitted).count("note_late_review") == 1


@pytest.mark.parametrize("who", ["engineer1", "manager1", "desk1", "reviewer1"])
def test_r3_10_only_the_client_closes(stage: Stage, who: str) -> None:
    number = at_state(stage, "approve_report")
    stage.refused(number, "confirm", by=who, result="not_yours", rating=5)


@pytest.mark.parametrize("rating", [0, 6, "4", None])
def test_r3_20_the_rating_is_one_to_five(stage: Stage, rating: object) -> None:
    number = at_state(stage, "approve_report")
    stage.refused(number, "confirm", by="staff1", result="invalid", rating=rating)
