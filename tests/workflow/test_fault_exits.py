"""Faults: reopened, merged, withdrawn (C9.16)."""

from __future__ import annotations

from datetime import timedelta

from tests.stage import Stage
from tests.workflow.fault_story import PAPER, PHONED, REASON, RECURRENCE, at_state, go, phoned, reported, step

# --- reopening, merging, withdrawing --------------------------------------------------------------------------------------


def test_r3_19_reopening_starts_new_clocks_and_keeps_the_old_results(stage: Stage) -> None:
    number = phoned(stage, minutes_ago=4)
    go(stage, number, "confirm")
    old = stage.ticket(number).deadlines
    stage.later(days=2)
    stage.do(number, "reopen", by="staff1", **RECURRENCE)
    view = stage.ticket(number)
    assert (view.state, view.number) == ("reported", number)
    for name in ("response", "arrival", "removal", "feedback"):
        assert view.deadlines[name].id > old[name].id
        assert (view.deadlines[name].started_at, view.deadlines[name].status) == (stage.at, "running")
    assert view.deadlines["reopening"].status == "met"
    stage.refused(number, "confirm", by="staff1", result="not_now", rating=5)
    stage.refused(number, "withdraw", by="staff1", guard="never_reopened", **REASON)
    go(stage, number, "feed_back_result", without=("arrive", "locate"))
    stage.refused(number, "prepare_report", by="engineer1", guard="arrival_is_settled", **PAPER)
    stage.refused(number, "prepare_report", by="engineer1", guard="cause_or_problem_on_record", **PAPER)
    step(stage, number, "arrive")
    step(stage, number, "locate")
    go(stage, number, "confirm", since="prepare_report")
    assert stage.ticket(number).papers[-1].fields["reopened_times"] == 1


def test_r3_19_a_recurrence_by_phone_counts_from_its_receipt(stage: Stage) -> None:
    number = at_state(stage, "confirm")
    stage.later(hours=5)
    received = stage.at - timedelta(minutes=9)
    stage.do(number, "reopen", by="desk1", **RECURRENCE, **PHONED, received_at=received)
    assert stage.ticket(number).deadlines["response"].started_at == received
    assert any("entered 0:09:00 later" in words for words in stage.ticket(number).notices)


def test_r3_19_exactly_at_the_end_one_may_still_reopen_and_a_millisecond_later_not(stage: Stage) -> None:
    number, late = at_state(stage, "confirm"), at_state(stage, "confirm")
    stage.at = stage.ticket(number).deadlines["reopening"].due_at
    stage.do(number, "reopen", by="staff1", **RECURRENCE)
    stage.later(milliseconds=1, strike=False)
    assert stage.attempt(late, "reopen", "staff1", **RECURRENCE).result in ("not_now", "stale")
    assert stage.ticket(late).state == "archived"


def test_f9_a_fault_is_merged_only_with_the_clients_agreement(stage: Stage) -> None:
    first, second = reported(stage), reported(stage, by="staff2")
    stage.refused(second, "agree_merge", by="staff1", guard="merge_is_proposed")
    stage.refused(second, "propose_merge", by="desk1", guard="another_fault", into=second, **REASON)
    stage.refused(second, "propose_merge", by="desk1", guard="on_the_list", into="BJ26-F-2026-9999", **REASON)
    stage.do(second, "propose_merge", by="desk1", into=first, **REASON)
    assert stage.ticket(second).state == "reported"
    assert any("waits for the client's answer" in words for words in stage.ticket(second).notices)
    stage.refused(second, "agree_merge", by="desk1", result="not_yours")
    stage.do(second, "decline_merge", by="staff2", **REASON)
    stage.refused(second, "agree_merge", by="staff1", guard="merge_is_proposed")
    stage.do(second, "propose_merge", by="engineer1", into=first, **REASON)
    event = stage.do(second, "agree_merge", by="staff1")
    view = stage.ticket(second)
    assert (view.state, view.final, event.fields["into"]) == ("merged", True, first)
    assert [(link.number, link.relation) for link in view.links] == [(first, "merged_into")]
    assert view.deadlines["response"].status == "dropped"


def test_f9_two_faults_cannot_vanish_into_each_other(stage: Stage) -> None:
    first, second = reported(stage), reported(stage)
    stage.do(first, "propose_merge", by="desk1", into=second, **REASON)
    stage.do(second, "propose_merge", by="desk1", into=first, **REASON)
    stage.do(first, "agree_merge", by="staff1")
    stage.refused(second, "agree_merge", by="staff1", guard="other_fault_still_stands")


def test_c9_16_a_mistaken_report_is_withdrawn_before_the_response_and_stays_on_record(stage: Stage) -> None:
    number = reported(stage)
    stage.refused(number, "withdraw", by="desk1", result="not_yours", **REASON)
    stage.refused(number, "withdraw", by="staff1", result="invalid", reason=" ")
    stage.later(minutes=20)
    stage.do(number, "withdraw", by="staff1", **REASON)
    view = stage.ticket(number)
    assert (view.state, view.final, view.deadlines["response"].status) == ("withdrawn", True, "missed")
    answered = at_state(stage, "respond")
    stage.refused(answered, "withdraw", by="staff1", result="not_now", **REASON)
