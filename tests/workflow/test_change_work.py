"""Carrying a change out: under an agreement in force, confirmed by the client, rolled back in the open (C9.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stage import Stage
from tests.workflow import change_story as story
from tests.workflow.change_story import day


def test_c7_2_everything_approved_but_no_agreement_is_no_leave_to_begin(stage: Stage) -> None:
    number = story.advised(stage, story.submitted(stage))
    story.agreed(stage, story.approved(stage, story.planned(stage, number)))
    stage.upload(number, "supplement_scan", by="desk1")
    before = story.baseline(stage)
    stage.refused(number, "begin", by="engineer1", result="not_now", second_person=None)
    assert story.baseline(stage) == before


def test_c7_2_the_work_does_not_begin_before_the_agreement_takes_effect(stage: Stage) -> None:
    number = story.signed(stage, effective=day(stage, 1))
    stage.upload(number, "supplement_scan", by="desk1")
    stage.at = stage.contract.calendar.end_of_day(day(stage)) - timedelta(milliseconds=1)
    stage.refused(number, "begin", by="engineer1", guard="supplement_in_force", second_person=None)
    stage.at += timedelta(milliseconds=1)
    stage.do(number, "begin", by="engineer1", second_person=None)


def test_c7_2_the_work_does_not_begin_without_the_sealed_scan(stage: Stage) -> None:
    number = story.drafted(stage)
    stage.upload(number, "supplement_scan", by="desk1")  # Made before both had signed: it cannot show both seals.
    story.both_sign(stage, number)
    stage.refused(number, "begin", by="engineer1", guard="scan_on_file", second_person=None)
    stage.upload(number, "supplement_scan", by="desk1")
    stage.later(minutes=6)
    stage.refused(number, "begin", by="engineer1", guard="identified", factor=False, second_person=None)
    stage.refused(number, "begin", by="staff1", result="not_yours", second_person=None)
    stage.do(number, "begin", by="engineer1", second_person=None)


@pytest.mark.parametrize("name", ["publicity", "filing"])
def test_c16_2_what_was_brought_before_both_have_signed_shows_nothing_of_the_agreement(stage: Stage, name: str) -> None:
    number = story.drafted(stage)
    stage.upload(number, f"{name}_evidence", by="staff1")
    story.both_sign(stage, number)
    stage.refused(number, f"record_{name}", by="staff1", guard=f"brought:{name}_evidence", **story.evidence(stage))
    stage.upload(number, f"{name}_evidence", by="staff1")
    stage.do(number, f"record_{name}", by="staff1", **story.evidence(stage))


def test_c16_2_a_signed_agreement_outlives_the_mandates_of_its_signatories(stage: Stage) -> None:
    number = story.signed(stage)
    stage.end_mandate("approver1")
    stage.end_mandate("manager1")
    story.begun(stage, number)


def test_c9_3_the_work_is_recorded_before_it_is_handed_over(stage: Stage) -> None:
    number = story.begun(stage, story.signed(stage))
    _not_handed_over(stage, number, "work_recorded")
    story.handed_over(stage, number)
    stage.do(number, "report_failure", by="staff1", finding="超时。")
    stage.do(number, "roll_back", by="engineer1", **story.ROLL_BACK)
    _again(stage, number)
    _not_handed_over(stage, number, "work_recorded")


def _not_handed_over(stage: Stage, number: str, guard: str) -> None:
    outcome = stage.attempt(number, "hand_over", "engineer1", **story.HANDOVER)
    assert guard in [one["guard"] for one in outcome.missing]


def _again(stage: Stage, number: str) -> None:
    plan = {name: value for name, value in story.work_plan(stage).items() if name != "charged_from"}
    stage.do(number, "plan_again", by="engineer1", lessons="先行验证。", **plan)
    stage.do(number, "approve_plan_again", by="approver1", **story.CONSENT)
    stage.do(number, "begin", by="engineer2", second_person=None)


@pytest.mark.parametrize("seconds", [0, 1])
def test_c9_3_the_end_of_the_schedule_is_the_one_that_the_client_agreed_to(stage: Stage, seconds: int) -> None:
    number = story.planned(stage, story.advised(stage, story.submitted(stage)))
    end = stage.at + timedelta(days=4)
    stage.do(number, "revalidate", by="staff1", **story.validation(stage, ends_at=end))
    story.agreed(stage, story.approved(stage, number, validate=False))
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    story.begun(stage, story.both_sign(stage, number))
    timer = stage.ticket(number).deadlines["work"]
    assert timer.due_at == end
    stage.at = end + timedelta(milliseconds=seconds)
    stage.strike()
    assert stage.ticket(number).deadlines["work"].status == ("missed" if seconds else "running")
    story.handed_over(stage, number)
    assert stage.ticket(number).deadlines["work"].status == ("missed" if seconds else "met")
    noted = [e for e in stage.ticket(number).events if e.action == "note_late_work"]
    assert len(noted) == seconds


def test_c9_4_the_client_confirms_and_silence_does_not(stage: Stage) -> None:
    number = story.handed_over(stage, story.begun(stage, story.signed(stage)))
    stage.later(days=200)
    assert stage.ticket(number).state == "handed_over"
    stage.refused(number, "verify", by="engineer1", result="not_yours", **story.CONFIRMATION)
    stage.refused(number, "verify", by="staff1", result="invalid", confirmed=False, finding="未查。")
    stage.later(minutes=6)
    stage.refused(number, "verify", by="staff1", guard="identified", factor=False, **story.CONFIRMATION)
    stage.do(number, "verify", by="staff1", **story.CONFIRMATION)


def test_c9_4_who_did_the_work_does_not_confirm_it_after_changing_sides(stage: Stage) -> None:
    number = story.begun(stage, story.signed(stage))
    stage.do(number, "record_work", by="engineer2", **story.WORK)
    stage.do(number, "record_work", by="engineer1", **story.WORK)
    stage.do(number, "hand_over", by="engineer1", **story.HANDOVER)
    stage.end_mandate("engineer2")
    changed = stage.second_account("engineer2", "client.staff")
    stage.refused(number, "verify", by=changed, guard="not_an_implementer", **story.CONFIRMATION)


def test_c9_4_a_failed_change_is_rolled_back_with_its_cause_and_planned_again(stage: Stage) -> None:
    number = story.handed_over(stage, story.begun(stage, story.signed(stage)))
    added = story.supplements(stage)
    stage.do(number, "report_failure", by="staff1", finding="上传超时。")
    stage.refused(number, "roll_back", by="engineer1", result="invalid", cause="", restored="已切回。")
    stage.do(number, "roll_back", by="engineer1", **story.ROLL_BACK)
    plan = {name: value for name, value in story.work_plan(stage).items() if name != "charged_from"}
    stage.refused(
        number,
        "plan_again",
        by="engineer1",
        guard="schedule_in_order",
        lessons="先行验证。",
        **{**plan, "ends_at": stage.at},
    )
    stage.do(number, "plan_again", by="engineer1", lessons="先行验证。", **plan)
    stage.do(number, "return_plan_again", by="staff1", **story.REASON)
    stage.do(number, "plan_again", by="engineer1", lessons="先行验证。", **plan)
    stage.later(minutes=6)
    stage.refused(number, "approve_plan_again", by="approver1", guard="identified", factor=False, **story.CONSENT)
    stage.do(number, "approve_plan_again", by="approver1", **story.CONSENT)
    assert stage.ticket(number).state == "supplement_signed"
    stage.do(number, "begin", by="engineer2", second_person=None)
    story.handed_over(stage, number)
    stage.do(number, "verify", by="staff1", **story.CONFIRMATION)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    assert story.supplements(stage) == added, "one agreement counts once, however often the work is done"


def test_c1_2_the_baseline_moves_once_and_only_after_the_clients_confirmation(stage: Stage) -> None:
    number = story.handed_over(stage, story.begun(stage, story.signed(stage)))
    stage.refused(number, "update_baseline", by="manager1", result="not_now", **story.BASELINE)
    stage.do(number, "verify", by="staff1", **story.CONFIRMATION)
    stage.refused(number, "update_baseline", by="engineer1", result="not_yours", **story.BASELINE)
    stage.later(minutes=6)
    stage.refused(number, "update_baseline", by="manager1", guard="identified", factor=False, **story.BASELINE)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    stage.refused(number, "update_baseline", by="manager1", result="not_now", **story.BASELINE)


@pytest.mark.parametrize(
    ("action", "by", "fields"),
    [("verify_backup", "engineer1", story.BACKUP), ("check_dependencies", "engineer1", story.DEPENDENCIES)],
)
def test_c7_1_the_steps_of_a_removal_are_for_cancellations_only(
    stage: Stage, action: str, by: str, fields: dict[str, object]
) -> None:
    stage.refused(story.signed(stage), action, by=by, guard="is_a_cancellation", **fields)


# --- cancellation -------------------------------------------------------------------------------------------


def test_c7_1_a_cancellation_runs_from_the_consent_to_the_certificate(stage: Stage) -> None:
    number = story.removing(stage)
    stage.do(number, "record_work", by="engineer1", **story.WORK)
    _not_handed_over(stage, number, "erasure_attested")
    stage.refused(number, "attest_erasure", by="engineer2", guard="to_be_signed", confirmed=True)
    stage.refused(
        number, "certify_erasure", by="engineer1", result="invalid", **{**story.erasure(stage), "replicas": []}
    )
    stage.refused(number, "certify_erasure", by="engineer3", guard="begun_by_the_same", **story.erasure(stage))
    stage.later(minutes=6)
    stage.refused(number, "certify_erasure", by="engineer1", guard="identified", factor=False, **story.erasure(stage))
    stage.do(number, "certify_erasure", by="engineer1", **story.erasure(stage))
    _not_handed_over(stage, number, "erasure_attested")
    stage.refused(number, "attest_erasure", by="engineer1", guard="named_as_second_person", confirmed=True)
    stage.refused(number, "attest_erasure", by="engineer3", guard="named_as_second_person", confirmed=True)
    stage.later(minutes=6)
    stage.refused(number, "attest_erasure", by="engineer2", guard="identified", factor=False, confirmed=True)
    stage.do(number, "attest_erasure", by="engineer2", confirmed=True)
    certificate = story.paper(stage, number, "erasure_certificate")
    assert certificate.fields["replicas"]
    assert {s.person for s in certificate.signatures} == {stage.person("engineer1"), stage.person("engineer2")}
    stage.do(number, "hand_over", by="engineer1", **story.HANDOVER)
    stage.do(number, "verify", by="staff1", **story.CONFIRMATION)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    assert story.baseline(stage).quantity == 812 - 12


def test_c9_10_a_new_certificate_has_to_be_attested_anew(stage: Stage) -> None:
    number = story.removing(stage)
    stage.do(number, "record_work", by="engineer1", **story.WORK)
    stage.do(number, "certify_erasure", by="engineer1", **story.erasure(stage))
    stage.do(number, "attest_erasure", by="engineer2", confirmed=True)
    stage.do(number, "certify_erasure", by="engineer1", **story.erasure(stage))
    _not_handed_over(stage, number, "erasure_attested")


def test_c7_1_no_consent_to_a_deletion_without_export_and_sealed_paper(stage: Stage) -> None:
    number = story.signed(stage, story.cancellation(stage))
    stage.refused(number, "begin", by="engineer1", guard="deletion_consented", second_person=stage.person("engineer2"))
    stage.refused(number, "check_dependencies", by="engineer1", guard="backup_verified", **story.DEPENDENCIES)
    stage.do(number, "verify_backup", by="engineer1", **story.BACKUP)
    stage.do(number, "check_dependencies", by="engineer1", **story.DEPENDENCIES)
    assert stage.ticket(number).awaits == "client"
    stage.later(minutes=6)
    for guard in ("data_exported", "delete_consent_on_file"):
        stage.refused(number, "consent_to_deletion", by="approver1", guard=guard, **story.DELETION)
    stage.do(number, "confirm_export", by="staff1", **story.EXPORT)
    stage.upload(number, "delete_consent", by="staff1")
    stage.refused(number, "consent_to_deletion", by="staff1", result="not_yours", **story.DELETION)
    stage.later(minutes=6)
    stage.refused(number, "consent_to_deletion", by="approver1", guard="identified", factor=False, **story.DELETION)
    stage.do(number, "consent_to_deletion", by="approver1", **story.DELETION)


def test_c7_1_the_cooling_off_has_to_pass_and_nothing_is_removed_by_itself(stage: Stage) -> None:
    _cool_off(stage)


def test_c7_1_another_contract_cools_off_for_its_own_time(stage_elsewhere: Stage) -> None:
    _cool_off(stage_elsewhere)


def _cool_off(stage: Stage) -> None:
    number = story.cooling(stage)
    due = stage.contract.at(stage.at).due("change.cooling_off", stage.at)
    second = stage.person("engineer2")
    assert stage.ticket(number).deadlines["cooling_off"].due_at == due
    assert stage.ticket(number).awaits == "desk"
    stage.at = due
    stage.strike()
    stage.refused(number, "begin", by="engineer1", result="not_now", second_person=second)
    stage.later(milliseconds=1)
    view = stage.ticket(number)
    assert (view.state, view.awaits) == ("removal_ready", "supplier")
    stage.later(days=30)
    assert stage.ticket(number).state == "removal_ready"
    stage.do(number, "begin", by="engineer1", second_person=second)


def test_c7_1_the_consent_can_be_taken_back_and_must_then_be_given_anew(stage: Stage) -> None:
    number = story.cooling(stage)
    stage.later(days=3)
    stage.refused(number, "revoke_deletion_consent", by="staff1", result="invalid", reason="")
    stage.do(number, "revoke_deletion_consent", by="staff1", **story.REASON)
    assert stage.ticket(number).deadlines["cooling_off"].status == "dropped"
    stage.refused(number, "consent_to_deletion", by="approver1", guard="delete_consent_on_file", **story.DELETION)
    stage.upload(number, "delete_consent", by="staff1")
    stage.do(number, "consent_to_deletion", by="approver1", **story.DELETION)
    assert stage.ticket(number).deadlines["cooling_off"].started_at == stage.at


def test_c7_1_who_consented_must_still_have_the_mandate_when_the_removal_begins(stage: Stage) -> None:
    number = story.cooling(stage)
    stage.later(days=20)
    stage.end_mandate("approver1")
    stage.refused(number, "begin", by="engineer1", guard="deletion_consented", second_person=stage.person("engineer2"))


def test_c9_10_a_removal_takes_two_persons(stage: Stage) -> None:
    number = story.cooling(stage)
    stage.later(days=20)
    twin = stage.second_account("engineer1", "supplier.engineer")
    stage.refused(number, "begin", by="engineer1", guard="second_person_named", second_person=None)
    stage.refused(number, "begin", by="engineer1", guard="second_person_named", second_person=stage.person("engineer1"))
    stage.refused(number, "begin", by=twin, guard="second_person_named", second_person=stage.person("engineer1"))
    stage.refused(number, "begin", by="engineer1", guard="on_the_list", second_person=stage.person("staff1"))


def test_c7_1_after_a_roll_back_every_safeguard_of_a_removal_is_asked_anew(stage: Stage) -> None:
    number = story.removing(stage)
    stage.do(number, "roll_back", by="engineer1", **story.ROLL_BACK)
    plan = {name: value for name, value in story.work_plan(stage).items() if name != "charged_from"}
    stage.do(number, "plan_again", by="engineer1", lessons="改期。", **plan)
    stage.do(number, "approve_plan_again", by="approver1", **story.CONSENT)
    second = stage.person("engineer2")
    for guard in ("data_exported", "backup_verified", "dependants_checked", "deletion_consented", "cooled_off"):
        stage.refused(number, "begin", by="engineer1", guard=guard, second_person=second)


def test_c9_10_a_certificate_of_an_earlier_attempt_is_not_attested(stage: Stage) -> None:
    number = story.removing(stage)
    stage.do(number, "certify_erasure", by="engineer1", **story.erasure(stage))
    stage.do(number, "roll_back", by="engineer1", **story.ROLL_BACK)
    plan = {name: value for name, value in story.work_plan(stage).items() if name != "charged_from"}
    stage.do(number, "plan_again", by="engineer1", lessons="改期。", **plan)
    stage.do(number, "approve_plan_again", by="approver1", **story.CONSENT)
    story.consented(stage, story.checked(stage, number))
    stage.later(days=20)
    stage.do(number, "begin", by="engineer1", second_person=stage.person("engineer3"))
    stage.refused(number, "attest_erasure", by="engineer3", guard="erasure_certified", confirmed=True)


def test_c9_10_certificates_of_erasure_are_for_cancellations_only(stage: Stage) -> None:
    number = story.begun(stage, story.signed(stage))
    stage.refused(number, "certify_erasure", by="engineer1", guard="is_a_cancellation", **story.erasure(stage))
