"""Renewal at the end of the term, and free trials: time runs out, but nothing is released by itself (C4.2, C9.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow import change_story as story
from tests.workflow.change_story import day, row
from workflow.change.notices import REMINDERS


def _expiry(stage: Stage) -> None:
    stage.at = stage.contract.term_end
    stage.strike()
    stage.later(milliseconds=1)


def _held(stage: Stage) -> str:
    number = story.submitted(stage, story.renewal(stage))
    _expiry(stage)
    return number


# --- reminders and the hold ---------------------------------------------------------------------------------


def test_c9_7_both_are_reminded_before_the_lines_run_out(stage: Stage) -> None:
    _reminded(stage)


def test_c9_7_another_contract_reminds_by_its_own_days(stage_elsewhere: Stage) -> None:
    _reminded(stage_elsewhere)


def _reminded(stage: Stage) -> None:
    number = story.submitted(stage, story.renewal(stage))
    deadlines = stage.ticket(number).deadlines
    assert deadlines["expiry"].due_at == stage.contract.term_end
    edition = stage.contract.at(stage.at)
    for n in REMINDERS:
        due = edition.before_explained(f"change.renewal_reminder_{n}", stage.contract.term_end).at
        assert deadlines[f"reminder_{n}"].due_at == due
        stage.at = due + timedelta(milliseconds=1)
        stage.strike()
        reminded = [e for e in stage.ticket(number).events if e.action == "remind_of_expiry"]
        assert [e.fields["deadline"] for e in reminded] == [f"reminder_{m}" for m in REMINDERS[: int(n)]]
    assert stage.ticket(number).state == "submitted"


def test_c9_7_a_reminder_whose_day_has_passed_is_not_made_up(stage: Stage) -> None:
    stage.at = stage.contract.at(stage.at).before_explained("change.renewal_reminder_2", stage.contract.term_end).at
    number = story.submitted(stage, story.renewal(stage))
    assert set(stage.ticket(number).deadlines) == {"reminder_3", "reminder_4", "expiry"}


@pytest.mark.parametrize("reached", ["submitted", "advised", "agreed", "signed_by_client"])
def test_c9_7_without_a_renewal_the_expiry_holds_everything_as_it_is(stage: Stage, reached: str) -> None:
    number = story.submitted(stage, story.renewal(stage))
    if reached != "submitted":
        story.advised(stage, number)
    if reached in ("agreed", "signed_by_client"):
        story.agreed(stage, story.approved(stage, story.planned(stage, number, charged_from=day_after(stage))))
    if reached == "signed_by_client":
        stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
        stage.do(number, "sign_supplement_client", by="approver1")
    before = story.baseline(stage)
    stage.at = stage.contract.term_end
    stage.strike()
    assert stage.ticket(number).state != "expiry_hold", "exactly at the end it is still in time"
    stage.later(milliseconds=1)
    view = stage.ticket(number)
    assert (view.state, view.awaits) == ("expiry_hold", "supplier")
    assert any("Nothing is released or deleted" in words for words in view.notices)
    assert all(timer.status != "running" for timer in view.deadlines.values())
    stage.later(days=100)
    assert stage.ticket(number).state == "expiry_hold"
    assert story.baseline(stage) == before
    stage.do(number, "record_assistance", by="desk1", assistance="提供办理清单。")


def day_after(stage: Stage) -> Any:
    return stage.contract.last_day + timedelta(days=1)


def test_c9_7_a_renewal_signed_before_the_end_moves_the_last_day(stage: Stage) -> None:
    number = story.drafted(stage, story.renewal(stage), charged_from=day_after(stage))
    story.both_sign(stage, number)
    assert {stage.ticket(number).deadlines[name].status for name in ("expiry", "reminder_1")} == {"met"}
    story.begun(stage, number)
    stage.do(number, "record_work", by="engineer1", **story.WORK)
    _expiry(stage)
    assert stage.ticket(number).state == "implementing"
    stage.do(number, "hand_over", by="engineer1", **story.HANDOVER)
    stage.do(number, "verify", by="staff1", **story.CONFIRMATION)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    line = story.baseline(stage)
    assert (line.quantity, line.ends) == (812, stage.contract.last_day + timedelta(days=90))


@pytest.mark.parametrize("shift", [-1, 1])
def test_c7_2_a_renewal_is_charged_from_the_day_after_the_old_end(stage: Stage, shift: int) -> None:
    number = story.advised(stage, story.submitted(stage, story.renewal(stage)))
    wrong = day_after(stage) + timedelta(days=shift)
    stage.refused(
        number, "plan", by="engineer1", guard="charged_while_it_runs", **story.work_plan(stage, charged_from=wrong)
    )


def test_c9_7_after_the_end_the_renewal_goes_on_and_can_be_signed(stage: Stage) -> None:
    number = _held(stage)
    stage.refused(number, "resume_renewal", by="staff1", result="not_yours", **story.CONSENT)
    stage.refused(number, "resume_renewal", by="approver1", guard="identified", factor=False, **story.CONSENT)
    stage.do(number, "resume_renewal", by="approver1", **story.CONSENT)
    assert stage.ticket(number).deadlines["expiry"].status == "missed"
    story.advised(stage, number)
    story.agreed(stage, story.approved(stage, story.planned(stage, number)))
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    story.both_sign(stage, number)
    assert stage.ticket(number).state == "supplement_signed"
    story.begun(stage, number)


def test_c7_2_the_clients_resumption_is_its_consent_to_the_suppliers_proposal(stage: Stage) -> None:
    number = story.proposed(stage, story.renewal(stage))
    _expiry(stage)
    assert stage.ticket(number).state == "expiry_hold"
    stage.do(number, "resume_renewal", by="approver1", **story.CONSENT)
    story.planned(stage, story.advised(stage, number))


def test_c9_7_once_lines_have_run_out_neither_party_alone_ends_the_matter(stage: Stage) -> None:
    number = _held(stage)
    stage.do(number, "resume_renewal", by="approver1", **story.CONSENT)
    stage.refused(number, "withdraw", by="staff1", guard="not_held_at_expiry", **story.REASON)
    stage.refused(number, "reject", by="manager1", guard="not_held_at_expiry", **story.REJECTION)
    story.approved(stage, story.planned(stage, story.advised(stage, number)))
    stage.upload(number, "authority_opinion", by="staff1")
    stage.refused(number, "record_authority_refusal", by="staff1", guard="not_held_at_expiry", **story.refusal(stage))
    stage.do(number, "return_to_hold", by="desk1", **story.REASON)
    assert stage.ticket(number).state == "expiry_hold"


def test_c9_7_nothing_returns_to_a_hold_that_never_was(stage: Stage) -> None:
    number = story.submitted(stage, story.renewal(stage))
    stage.refused(number, "return_to_hold", by="staff1", guard="held_at_expiry", **story.REASON)


def test_c9_7_an_amendment_after_the_end_does_not_set_the_expiry_again(stage: Stage) -> None:
    number = _held(stage)
    stage.do(number, "resume_renewal", by="approver1", **story.CONSENT)
    stage.do(number, "amend", by="staff1", **story.renewal(stage, lines=[row(1, 8)]))
    stage.later(days=1)
    assert stage.ticket(number).state == "submitted"


def test_c9_7_an_amendment_moves_the_reminders_with_it(stage: Stage) -> None:
    number = story.submitted(stage, story.renewal(stage, lines=[row(2, 8)], original_ends=day(stage, 100)))
    stage.do(number, "amend", by="staff1", **story.renewal(stage, lines=[row(2, 8)], original_ends=day(stage, 200)))
    assert stage.ticket(number).deadlines["expiry"].due_at == stage.contract.calendar.end_of_day(day(stage, 200))
    stage.do(number, "amend", by="staff1", **story.request(stage))
    assert all(timer.status != "running" for timer in stage.ticket(number).deadlines.values())


def test_c9_7_both_agree_to_cancel_instead_and_the_cancellation_has_every_safeguard_ahead(stage: Stage) -> None:
    number = _held(stage)
    stage.refused(number, "offer_cancellation", by="approver1", result="not_yours", **story.REASON)
    stage.refused(number, "offer_cancellation", by="manager1", guard="identified", factor=False, **story.REASON)
    stage.do(number, "offer_cancellation", by="manager1", **story.REASON)
    stage.do(number, "decline_cancellation", by="approver1", **story.REASON)
    stage.do(number, "offer_cancellation", by="manager1", **story.REASON)
    stage.refused(number, "agree_to_cancel", by="manager1", result="not_yours", **story.CONSENT)
    stage.later(minutes=6)
    stage.refused(number, "agree_to_cancel", by="approver1", guard="identified", factor=False, **story.CONSENT)
    stage.do(number, "agree_to_cancel", by="approver1", **story.CONSENT)
    view = stage.ticket(number)
    assert view.state == "turned_to_cancellation"
    other = stage.ticket(view.links[0].number)
    assert (other.state, other.awaits, other.fields["type"]) == ("drafted", "client", "cancel")
    assert other.fields["classification"] == "major"
    assert [(r["line"], r["quantity"]) for r in other.fields["lines"]] == [(1, -10)]


def test_c9_7_a_cancellation_can_be_agreed_signed_and_begun_when_the_term_is_over(stage: Stage) -> None:
    _expiry(stage)
    number = story.cooling(stage)
    figures = story.paper(stage, number, "supplement").fields
    assert (figures["amount_fen"], figures["priced_lines"][0]["months"]) == (0, "0")
    stage.later(days=20)
    stage.do(number, "begin", by="engineer1", second_person=stage.person("engineer2"))


def test_c9_7_the_cancellation_of_a_line_without_dates_says_when_it_ended(stage: Stage) -> None:
    number = story.submitted(stage, story.renewal(stage, lines=[row(2, 8)], original_ends=day(stage, 100)))
    stage.later(days=101)
    stage.do(number, "offer_cancellation", by="manager1", **story.REASON)
    stage.do(number, "agree_to_cancel", by="approver1", **story.CONSENT)
    other = stage.ticket(number).links[0].number
    assert stage.ticket(other).fields["lines"] == [{"line": 2, "quantity": -8, "until": "2026-08-20"}]
    stage.do(other, "submit", by="staff1")
    story.planned(stage, story.advised(stage, other))


# --- what pays for a renewal --------------------------------------------------------------------------------


def test_c16_2_what_a_separate_procurement_pays_is_shown_and_does_not_count_against_the_cap(stage: Stage) -> None:
    fields = story.renewal(
        stage,
        lines=[row(3, 2008)],
        procurement="separate_procurement",
        new_ends=stage.contract.last_day + timedelta(days=365),
    )
    number = story.advised(stage, story.submitted(stage, fields))
    story.agreed(stage, story.approved(stage, story.planned(stage, number, charged_from=day_after(stage))))
    stage.refused(number, "draft_supplement", by="manager1", guard="procurement_shown", **story.supplement(stage))
    stage.upload(number, "procurement_basis", by="staff1")
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    figures = story.paper(stage, number, "supplement").fields
    assert figures["amount_fen"] > 0
    assert figures["additions_fen"] == 0


def test_c16_2_a_renewal_under_this_contract_counts_against_the_cap(stage: Stage) -> None:
    fields = story.renewal(stage, lines=[row(3, 2008)], new_ends=stage.contract.last_day + timedelta(days=365))
    number = story.advised(stage, story.submitted(stage, fields))
    story.agreed(stage, story.approved(stage, story.planned(stage, number, charged_from=day_after(stage))))
    stage.refused(number, "draft_supplement", by="manager1", guard="within_the_cap", **story.supplement(stage))


# --- free trials --------------------------------------------------------------------------------------------


def _trial(stage: Stage) -> str:
    number = story.verified(stage, story.trial(stage))
    stage.do(number, "start_trial", by="desk1")
    return number


def test_c4_2_a_trial_is_free_and_leaves_the_catalogue_as_it_is(stage: Stage) -> None:
    number = story.verified(stage, story.trial(stage))
    figures = story.paper(stage, number, "supplement").fields
    assert (figures["amount_fen"], figures["priced_lines"][0]["unit_price_fen"]) == (0, 0)
    stage.refused(number, "update_baseline", by="manager1", guard="not_a_trial", **story.BASELINE)
    assert story.baseline(stage).quantity == 812


def test_c4_2_only_a_trial_is_tried(stage: Stage) -> None:
    stage.refused(story.verified(stage), "start_trial", by="desk1", guard="is_a_trial")


def test_c4_2_at_its_end_a_trial_waits_for_the_client_and_nothing_is_released(stage: Stage) -> None:
    number = _trial(stage)
    due = stage.ticket(number).deadlines["trial"].due_at
    assert due == stage.contract.calendar.end_of_day(day(stage, 30))
    stage.at = due
    stage.strike()
    assert stage.ticket(number).state == "trial_running"
    stage.later(milliseconds=1)
    assert (stage.ticket(number).state, stage.ticket(number).awaits) == ("trial_over", "client")
    stage.later(days=60)
    assert stage.ticket(number).state == "trial_over"


def test_c4_2_a_trial_is_given_back_by_the_client_and_released_by_the_supplier(stage: Stage) -> None:
    number = _trial(stage)
    stage.later(days=40)
    fields = {"export_confirmed": True, "statement": "同意释放。"}
    stage.refused(number, "agree_release", by="manager1", result="not_yours", **fields)
    stage.refused(number, "agree_release", by="approver1", guard="identified", factor=False, **fields)
    stage.do(number, "agree_release", by="approver1", **fields)
    stage.do(number, "record_release", by="engineer1", released="试用主机 1 台。")
    story.shown(stage, number)
    stage.do(number, "close", by="staff1")


def test_c4_2_a_trial_is_converted_into_a_paid_change(stage: Stage) -> None:
    number = _trial(stage)
    stage.do(number, "convert_trial", by="staff1")
    view = stage.ticket(number)
    other = stage.ticket(view.links[0].number)
    assert (view.state, other.state, other.fields["type"]) == ("trial_ended", "drafted", "expand")
    assert other.fields["lines"] == [{"line": 1, "quantity": 16, "until": None}]


def test_c4_2_a_trial_of_a_line_without_dates_is_converted_to_the_end_of_the_term(stage: Stage) -> None:
    number = story.verified(stage, story.trial(stage, lines=[row(2, 4, day(stage, 30))]))
    stage.do(number, "start_trial", by="desk1")
    stage.do(number, "convert_trial", by="staff1")
    other = stage.ticket(stage.ticket(number).links[0].number)
    assert other.fields["lines"][0]["until"] == stage.contract.last_day.isoformat()


def test_c2_1_after_the_term_a_trial_can_only_be_released(stage: Stage) -> None:
    number = _trial(stage)
    _expiry(stage)
    stage.refused(number, "convert_trial", by="staff1", guard="within_the_term")
