"""The list of attacks on a dangerous operation (C9.5), each by name: B1–B17, and what broke other people's systems."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from database import reading
from tests.stage import Stage
from tests.workflow.reboot_story import REVIEW, Emergency, Operation, contract_with
from tickets.models import Message

MOMENT = timedelta(milliseconds=1)


# --- B1: never without identity, verified by the supplier and still valid ----------------------------------------------


def test_b1_signing_in_is_no_identity_check(stage: Stage) -> None:
    operation = Operation(stage).signed()
    stage.prove(operation.number, "staff1")
    operation.refused("consent", "approver2", answer="not_now")
    operation.refused("start", "engineer1", answer="not_now", **operation.server)


def test_b1_an_identity_check_is_good_to_the_last_instant_and_expired_one_second_later(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    verified_at = next(e.at for e in operation.view.events if e.action == "verify_identity")
    stage.at = verified_at + timedelta(minutes=30, seconds=1)
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)
    stage.at = verified_at + timedelta(minutes=30) + MOMENT
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)
    stage.at = verified_at + timedelta(minutes=30)
    assert operation.start().state == "executing"


def test_b1_an_expired_check_is_renewed_by_another_call(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    stage.later(hours=2)
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)
    assert operation.identify_again("desk2").start().state == "executing"


def test_b1_a_check_of_another_request_is_worthless(stage: Stage) -> None:
    checked, other = Operation(stage).called(), Operation(stage).called()
    code = stage.code_shown(checked.number, to="staff1")
    if code == stage.code_shown(other.number, to="staff1"):
        pytest.skip("chance made both codes alike")
    other.refused("verify_identity", "desk1", guard="code_right", code=code)


def test_b1_a_check_of_another_person_is_worthless(stage: Stage) -> None:
    operation = Operation(stage).signed()
    operation.do("amend", "staff2", **operation.fields).sign().call()
    assert operation.view.fields["subject"] == stage.person("staff2")
    with pytest.raises(AssertionError, match="no challenge is open"):
        stage.code_shown(operation.number, to="staff1")
    assert operation.answer(of="staff2").state == "identified"


def test_b1_a_challenge_answers_once_and_a_replaced_one_never(stage: Stage) -> None:
    operation = Operation(stage).called()
    first = stage.code_shown(operation.number, to="staff1")
    operation.call("desk1")
    second = stage.code_shown(operation.number, to="staff1")
    if first != second:
        operation.refused("verify_identity", "desk1", guard="code_right", code=first)
    operation.answer()
    operation.refused("verify_identity", "desk1", answer="not_now", code=second)
    operation.consent()
    operation.refused("verify_identity_again", "desk1", guard="challenge_open", code=second)


def test_b1_a_code_is_good_to_the_last_instant_of_its_validity(stage: Stage) -> None:
    operation = Operation(stage).called()
    code = stage.code_shown(operation.number, to="staff1")
    stage.later(minutes=10, milliseconds=1)
    operation.refused("verify_identity", "desk1", guard="challenge_open", code=code)
    stage.at -= MOMENT
    assert operation.do("verify_identity", "desk1", code=code).state == "identified"


def test_r7_4_three_wrong_answers_lock_and_alarm_both_sides_whatever_is_remarked_between(stage: Stage) -> None:
    operation = Operation(stage).called()
    for n in range(3):
        operation.refused("verify_identity", "desk1", guard="code_right", code=operation.wrong_code())
        operation.do("remark", "desk1", text=f"第 {n + 1} 次未核对上。")
    with reading(stage.engine) as session:
        alarmed = {m.party for m in session.scalars(select(Message).where(Message.urgent))}
    assert {"client", "supplier"} <= alarmed
    code = stage.code_shown(operation.number, to="staff1")
    operation.refused("verify_identity", "desk1", guard="not_locked_out", code=code)
    operation.refused("call_back", "desk1", guard="not_locked_out")
    operation.refused("call_back", "desk2", guard="not_locked_out")
    operation.refused("amend", "staff1", guard="not_locked_out", **operation.fields)
    operation.do("declare_identity_failed", "manager1", reason="三次口令不符。")
    operation.refused("call_back", "desk1", guard="by_another_caller")
    operation.refused("amend", "staff1", answer="not_now", **operation.fields)
    assert operation.identify("desk2").state == "identified"


def test_r7_4_a_new_number_cannot_be_called_for_a_day(stage: Stage) -> None:
    operation = Operation(stage).signed()
    stage.change_mandate("staff1", callback_since=stage.at - timedelta(hours=24) + MOMENT)
    operation.refused("call_back", "desk1", guard="number_on_the_list")
    stage.at += MOMENT
    assert operation.call().state == "called_back"


def test_r7_4_without_a_number_on_the_list_nobody_is_called(stage: Stage) -> None:
    stage.hire("staff3", "client.staff", number=False)
    operation = Operation(stage).requested(by="staff3").sign()
    operation.refused("call_back", "desk1", guard="number_on_the_list")


def test_b1_a_failed_check_voids_an_earlier_one(stage: Stage) -> None:
    operation = Operation(stage).prepared().call("desk1", "call_back_again")
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)  # the newest call is unanswered
    operation.do("declare_identity_failed", "desk1", reason="接听人不是本人。")
    operation.refused("start", "engineer1", answer="not_now", **operation.server)
    operation.identify("desk2").consent().agree().prepare().guard()
    stage.later(minutes=20)
    assert operation.start().state == "executing"


def test_b1_the_check_falls_when_its_verifier_leaves(stage: Stage) -> None:
    operation = Operation(stage).ready()
    stage.end_mandate("desk1")
    operation.refused("start", "engineer1", guard="identity_verified", **operation.server)


# --- B2–B6: writing, consent, agreement --------------------------------------------------------------------------------


def test_b2_without_the_signed_application_nobody_is_even_called(stage: Stage) -> None:
    operation = Operation(stage).requested()
    operation.refused("call_back", "desk1", guard="in_writing_unless_emergency")
    operation.refused("start", "engineer1", answer="not_now", **operation.server)


def test_b2_the_supplier_cannot_sign_for_the_client(stage: Stage) -> None:
    operation = Operation(stage).requested()
    for by in ("desk1", "engineer1", "manager1", "reviewer1"):
        operation.refused("sign_request", by, answer="not_yours")


def test_c9_5_nobody_reboots_on_the_word_of_the_one_who_asked(stage: Stage) -> None:
    operation = Operation(stage).requested(by="approver1").sign("approver1").identify(of="approver1")
    operation.refused("consent", "approver1", guard="by_a_second_person")
    assert operation.consent("approver2").state == "consented"


def test_b5_the_sole_approver_who_asked_cannot_consent_to_himself(stage: Stage) -> None:
    stage.end_mandate("approver2")
    operation = Operation(stage).requested(by="approver1").sign("staff1").identify(of="approver1")
    operation.refused("consent", "approver1", guard="by_a_second_person")
    operation.refused("consent", "staff1", answer="not_yours")


def test_b5_with_no_approver_at_all_nothing_is_consented_to(stage: Stage) -> None:
    operation = Operation(stage).identified()
    stage.end_mandate("approver1")
    stage.end_mandate("approver2")
    stage.later(minutes=10)
    assert operation.state == "identified"
    operation.refused("agree", "manager1", answer="not_now", **REVIEW)


def test_b5_who_signed_is_no_second_person(stage: Stage) -> None:
    Operation(stage).identified().refused("consent", "approver1", guard="by_a_second_person")


def test_b5_a_second_account_is_no_second_person(stage: Stage) -> None:
    too = stage.second_account("approver1", "client.approver")
    asked = Operation(stage).requested(by="approver1").sign("staff1").identify(of="approver1")
    asked.refused("consent", too, guard="by_a_second_person")
    signed = Operation(stage).identified()
    signed.refused("consent", too, guard="by_a_second_person")


def test_g13_one_person_with_accounts_on_both_sides_does_nothing(stage: Stage) -> None:
    operation = Operation(stage).consented()
    too = stage.second_account("approver2", "supplier.manager")
    operation.refused("agree", too, answer="not_yours", **REVIEW)


def test_b5_naming_a_colleague_as_the_one_who_asked_is_refused(stage: Stage) -> None:
    asked = Operation(stage, subject=stage.person("staff1"))
    stage.refused_opening("reboot", by="approver1", guard="asker_named", **asked.fields)
    phoned = Operation(stage, channel="phone")
    stage.refused_opening("reboot", by="desk1", guard="asker_named", **phoned.fields)
    stage.refused_opening("reboot", by="staff1", guard="asker_named", **phoned.fields)
    on_page = Operation(stage, subject=stage.person("staff1"))
    stage.refused_opening("reboot", by="desk1", guard="asker_named", **on_page.fields)
    engineer = Operation(stage, channel="phone", subject=stage.person("engineer1"))
    stage.refused_opening("reboot", by="desk1", guard="on_the_list", **engineer.fields)


@pytest.mark.parametrize(("who", "guard"), [
    ("staff1", "asked_by_an_authorised_person"), ("approver1", "in_writing"), ("approver2", "consented"),
    ("manager1", "agreed_by_the_supplier"), ("engineer2", "guardian_stands_by")])
def test_b4_whoever_left_in_between_carries_nothing_any_more(stage: Stage, who: str, guard: str) -> None:
    operation = Operation(stage).ready()
    stage.end_mandate(who)
    operation.refused("start", "engineer1", guard=guard, **operation.server)


@pytest.mark.parametrize(("who", "guard"), [
    ("staff1", "asked_by_an_authorised_person"), ("approver1", "in_writing"), ("approver2", "consented"),
    ("engineer1", "operator_admitted")])
def test_r7_3_a_mandate_narrowed_in_between_stops_it(stage: Stage, who: str, guard: str) -> None:
    operation = Operation(stage).ready()
    stage.change_mandate(who, scope={"operations": ["shutdown"]})
    operation.refused("start", "engineer1", guard=guard, **operation.server)
    stage.change_mandate(who, scope={"operations": ["shutdown", "reboot"]})
    assert operation.start().state == "executing"


@pytest.mark.parametrize("scope", [{"systems": ["law-enforcement"]}, {"operations": "reboot"}, {"systems": {"a": 1}}])
def test_r7_3_a_scope_that_does_not_reach_or_cannot_be_read_refuses(stage: Stage, scope: dict[str, object]) -> None:
    stage.change_mandate("staff1", scope=scope)
    stage.refused_opening("reboot", by="staff1", guard="asked_by_an_authorised_person", **Operation(stage).fields)


def test_r7_3_a_mandate_for_one_system_serves_that_system(stage: Stage) -> None:
    stage.change_mandate("staff1", scope={"systems": ["law-enforcement"]})
    other = Operation(stage, system="archive")
    stage.refused_opening("reboot", by="staff1", guard="asked_by_an_authorised_person", **other.fields)
    assert Operation(stage, system="law-enforcement").requested().state == "requested"


def test_b6_without_the_supplier_s_own_agreement_nothing_is_prepared(stage: Stage) -> None:
    operation = Operation(stage).consented()
    operation.refused("prepare", "engineer1", answer="not_now", **operation.sheet())
    operation.refused("agree", "engineer1", answer="not_yours", **REVIEW)
    operation.refused("agree", "approver1", answer="not_yours", **REVIEW)
    operation.refused("agree", "manager1", answer="invalid", **REVIEW | {"no_freeze_period": False})


# --- B7, B8: persons apart ---------------------------------------------------------------------------------------------


def test_b7_the_operator_is_neither_guardian_nor_verifier_nor_who_agreed(stage: Stage) -> None:
    verifier = stage.second_account("engineer1", "supplier.desk")
    manager = stage.second_account("engineer3", "supplier.manager")
    operation = Operation(stage).signed().identify(verifier).consent().agree(manager)
    operation.refused("prepare", "engineer2", guard="chosen_apart", **operation.sheet("engineer2", "engineer2"))
    operation.refused("prepare", "engineer2", guard="chosen_apart", **operation.sheet("engineer1", "engineer2"))
    operation.refused("prepare", "engineer2", guard="chosen_apart", **operation.sheet("engineer3", "engineer2"))
    operation.do("prepare", "engineer2", **operation.sheet("engineer2", "engineer1"))


def test_b7_the_operator_does_not_verify_once_the_sheet_names_him(stage: Stage) -> None:
    too = stage.second_account("engineer1", "supplier.desk")
    Operation(stage).prepared().refused("call_back_again", too, guard="caller_is_not_the_operator")


def test_b8_only_an_engineer_of_this_contract_is_put_on_the_sheet(stage: Stage) -> None:
    operation = Operation(stage).agreed()
    operation.refused("prepare", "engineer1", guard="on_the_list", **operation.sheet() | {"operator": stage.person("staff1")})
    operation.refused("prepare", "engineer1", guard="on_the_list", **operation.sheet() | {"guardian": stage.person("desk1")})
    operation.refused("prepare", "engineer1", guard="on_the_list", **operation.sheet() | {"operator": 424242})
    stage.end_mandate("engineer3")
    operation.refused("prepare", "engineer1", guard="on_the_list", **operation.sheet("engineer3"))


def test_b8_only_the_operator_starts_it_and_an_engineer_who_left_does_not(stage: Stage) -> None:
    operation = Operation(stage).ready()
    operation.refused("start", "engineer3", guard="by_the_operator", **operation.server)
    operation.refused("start", "manager1", answer="not_yours", **operation.server)
    stage.end_mandate("engineer1")
    outcome = stage.attempt(operation.number, "start", "engineer1", **operation.server)
    assert outcome.result in ("unknown", "not_yours")
    assert operation.state == "prepared"


def test_r7_6_a_new_sheet_needs_its_guardian_anew(stage: Stage) -> None:
    operation = Operation(stage).ready().prepare(steps=["执行系统重启"])
    operation.refused("start", "engineer1", guard="guardian_stands_by", **operation.server)
    operation.refused("stand_guard", "engineer3", guard="by_the_guardian")
    assert operation.guard().start().state == "executing"


# --- B9: the window and the server -------------------------------------------------------------------------------------


def test_b9_not_a_millisecond_before_the_window(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    stage.at = operation.fields["window_start"] - MOMENT
    operation.refused("start", "engineer1", guard="inside_the_window", **operation.server)
    stage.at += MOMENT
    assert operation.start().state == "executing"


def test_b9_the_last_instant_of_the_window_serves_and_the_next_does_not(stage: Stage) -> None:
    late, last = Operation(stage).prepared(), Operation(stage).prepared()
    stage.at = last.fields["window_end"]
    assert last.identify_again().start().state == "executing"
    late.identify_again()
    stage.at += MOMENT  # nobody has struck the deadline yet: the act itself finds that it is over
    outcome = stage.attempt(late.number, "start", "engineer1", **late.server)
    assert not outcome.accepted
    assert late.state == "expired"


@pytest.mark.parametrize("typed", [
    {"server_name": "办案系统应用服务器一"}, {"server_id": "ecs-bjzf-0218"}, {"server_id": "ECS-BJZF-0217"},
    {"server_name": "ecs-bjzf-0217", "server_id": "办案系统应用服务器二"}])
def test_b9_another_server_than_the_one_consented_to_is_refused(stage: Stage, typed: dict[str, str]) -> None:
    operation = Operation(stage).ready()
    operation.refused("start", "engineer1", guard="right_server", **operation.server | typed)


# --- B10: once ---------------------------------------------------------------------------------------------------------


def test_b10_it_is_started_once_on_one_authorisation(stage: Stage) -> None:
    operation = Operation(stage).executing()
    operation.refused("start", "engineer1", answer="not_now", **operation.server)


def test_b10_a_double_click_gets_the_first_answer_again(stage: Stage) -> None:
    operation = Operation(stage).ready()
    stage.prove(operation.number, "engineer1")
    version = operation.view.version
    first, second = (
        stage.attempt(operation.number, "start", "engineer1", version=version, key="one click", **operation.server)
        for _ in range(2))
    assert first.accepted
    assert second.receipt == first.receipt
    assert len([e for e in operation.view.events if e.action == "start"]) == 1


def test_b10_many_starting_at_once_start_it_once(stage: Stage) -> None:
    operation = Operation(stage).ready()
    stage.prove(operation.number, "engineer1")
    version = operation.view.version

    def start(n: int) -> bool:
        return stage.attempt(operation.number, "start", "engineer1", version=version, key=f"k{n}", **operation.server).accepted

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(16))) == 1
    assert len([e for e in operation.view.events if e.action == "start" and e.accepted]) == 1


# --- B3, B11, B12: order, and what an edit voids -------------------------------------------------------------------------


def test_b11_nothing_comes_before_its_turn(stage: Stage) -> None:
    order = ["requested", "signed", "called_back", "identified", "consented", "agreed", "prepared"]
    acts = {"verify_identity": "called_back", "consent": "identified", "agree": "consented", "prepare": "agreed",
            "stand_guard": "prepared", "start": "prepared", "finish": "executing", "verify_result": "executed"}
    declared = stage.workflows["reboot"]
    for act, first in acts.items():
        sources = {state.name for state in declared.sources(declared.actions[act])}
        assert first in sources
        if first in order:
            assert not sources & set(order[:order.index(first)])


AMENDABLE = ["requested", "signed", "called_back", "identified", "consented", "agreed", "prepared"]


@pytest.mark.parametrize("state", AMENDABLE)
@pytest.mark.parametrize("change", [
    {"server_id": "ecs-bjzf-0218"}, {"operation": "shutdown"}, {"reason": "改为紧急补丁。"}, {}], ids=lambda c: next(iter(c), "nothing"))
def test_b12_any_edit_voids_signature_check_consent_and_agreement(
        stage: Stage, state: str, change: dict[str, str]) -> None:
    operation = Operation(stage).at(state)
    before = operation.view.content
    operation.do("amend", "staff1", **operation.fields | change)
    view = operation.view
    assert (view.state, view.content != before) == ("requested", True)
    assert view.papers[-1].kind == "written_request"
    assert view.papers[-1].signatures == ()
    operation.refused("call_back", "desk1", guard="in_writing_unless_emergency")
    for act, by, fields in (
        ("consent", "approver2", {}), ("agree", "manager1", REVIEW), ("start", "engineer1", operation.server)):
        operation.refused(act, by, answer="not_now", **fields)


def test_b12_an_edit_and_its_return_revive_nothing(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    before = operation.view.content
    operation.do("amend", "staff1", **operation.fields | {"reason": "另一理由。"}).do("amend", "staff1", **operation.fields)
    assert operation.view.content != before
    operation.sign().call()
    operation.refused("consent", "approver2", answer="not_now")
    code = operation.wrong_code()
    operation.refused("verify_identity", "desk1", guard="code_right", code=code)


def test_b3_a_consent_made_on_a_page_of_the_old_text_is_refused(stage: Stage) -> None:
    operation = Operation(stage).identified()
    seen = operation.view.version
    operation.do("amend", "staff1", **operation.fields | {"server_id": "ecs-bjzf-0218"}).sign().identify()
    operation.refused("consent", "approver2", answer="stale", version=seen)
    operation.server["server_id"] = "ecs-bjzf-0218"
    operation.consent().agree().prepare().guard()
    stage.later(minutes=20)
    assert operation.start().state == "executing"


def test_b3_the_consent_paper_says_which_text_it_covers(stage: Stage) -> None:
    operation = Operation(stage).consented()
    papers = {paper.kind: paper for paper in operation.view.papers}
    assert papers["consent"].fields["covers_paper"] == papers["written_request"].digest
    assert papers["consent"].fields["covers_content"] == operation.view.content


def test_b12_a_code_for_the_old_text_does_not_verify_the_new(stage: Stage) -> None:
    operation = Operation(stage).called()
    old = stage.code_shown(operation.number, to="staff1")
    operation.do("amend", "staff1", **operation.fields).sign()
    operation.refused("verify_identity", "desk1", answer="not_now", code=old)


def test_g14_a_second_factor_five_minutes_old_binds_nothing(stage: Stage) -> None:
    operation = Operation(stage).ready()
    stage.prove(operation.number, "engineer1")
    stage.later(minutes=5, milliseconds=1)
    outcome = stage.attempt(operation.number, "start", "engineer1", **operation.server)
    assert [one["guard"] for one in outcome.missing] == ["identified"]


# --- B14, B15, C9.11 ---------------------------------------------------------------------------------------------------


def test_b14_the_clock_executes_and_closes_nothing(stage: Stage) -> None:
    declared = stage.workflows["reboot"]
    by_clock = {a.name: a.dest.name if a.dest else None for a in declared.actions.values() if a.by_clock}
    assert by_clock == {"expire": "expired", "note_unknown_outcome": "outcome_unknown", "note_missing_writing": None}


def test_b15_an_operation_of_no_class_is_not_accepted(stage: Stage, stage_elsewhere: Stage) -> None:
    stage.refused_opening("reboot", by="staff1", guard="on_the_list", **Operation(stage, operation="format_everything").fields)
    elsewhere = Operation(stage_elsewhere, operation="forced_power_off")
    stage_elsewhere.refused_opening("reboot", by="staff1", guard="on_the_list", **elsewhere.fields)
    assert Operation(stage_elsewhere, operation="crane_interlock_bypass").requested().state == "requested"


def test_c9_11_data_is_touched_only_with_an_authorisation_in_the_signed_text(stage: Stage) -> None:
    asked = Operation(stage, operation="data_modification")
    stage.refused_opening("reboot", by="staff1", guard="data_authorised", **asked.fields)
    operation = Operation(stage, operation="data_modification", data_authorisation="同意更正三条执法记录。").consented()
    operation.refused("agree", "manager1", guard="backup_known", **REVIEW)
    operation.agree().prepare().guard()
    stage.later(minutes=20)
    operation.refused("start", "engineer1", guard="backup_shown", **operation.server)
    stage.upload(operation.number, "backup_evidence", by="engineer1", note="快照回执")
    assert operation.start().state == "executing"


def test_c9_11_the_receipt_of_a_backup_made_for_the_old_text_does_not_serve_the_new(stage: Stage) -> None:
    operation = Operation(stage, operation="deletion", data_authorisation="同意删除旧日志。").agreed()
    stage.upload(operation.number, "backup_evidence", by="engineer1", note="快照回执")
    operation.do("amend", "staff1", **operation.fields).sign().identify().consent().agree().prepare().guard()
    stage.later(minutes=20)
    operation.refused("start", "engineer1", guard="backup_shown", **operation.server)


@pytest.mark.parametrize(("change", "guard"), [
    ({"window_start": timedelta(0)}, "window_ahead"),
    ({"window_start": timedelta(days=-1), "window_end": timedelta(hours=-20)}, "window_ahead"),
    ({"window_end": timedelta(minutes=20)}, "window_short_enough"),
    ({"window_end": timedelta(minutes=10)}, "window_short_enough"),
    ({"window_end": timedelta(hours=8, minutes=20, milliseconds=1)}, "window_short_enough"),
    ({"window_start": timedelta(days=400), "window_end": timedelta(days=400, hours=1)}, "window_within_the_term")])
def test_r7_10_a_window_that_cannot_be_is_refused(stage: Stage, change: dict[str, timedelta], guard: str) -> None:
    asked = Operation(stage, **{name: stage.at + away for name, away in change.items()})
    stage.refused_opening("reboot", by="staff1", guard=guard, **asked.fields)


# --- B17: the emergency way still needs B1, B4, B6, B7 -------------------------------------------------------------------


def test_b17_an_emergency_still_needs_identity_consent_and_agreement(stage: Stage) -> None:
    operation = Emergency(stage).requested()
    operation.refused("consent", "approver1", answer="not_now")
    operation.refused("record_spoken_consent", "desk1", answer="not_now", code="000000", said="同意。")
    operation.identify()
    operation.refused("agree", "manager1", answer="not_now", **REVIEW)
    operation.refused("record_spoken_consent", "desk1", guard="challenge_open", code="000000", said="同意。")
    operation.refused("call_back_approver", "desk1", guard="on_the_list", subject=stage.person("staff2"))
    operation.call("desk1", "call_back_approver", subject=stage.person("approver1"))
    operation.answer("desk1", "approver1", "record_spoken_consent", said="我同意现在重启。")
    operation.refused("prepare", "engineer1", answer="not_now", **operation.sheet())


def test_b17_the_code_of_the_requester_is_no_consent(stage: Stage) -> None:
    operation = Emergency(stage).requested().call()
    code = stage.code_shown(operation.number, to="staff1")
    operation.do("verify_identity", "desk1", code=code)
    operation.refused("record_spoken_consent", "desk1", guard="challenge_open", code=code, said="同意。")


def test_b17_the_approver_who_asked_does_not_consent_on_the_phone(stage: Stage) -> None:
    operation = Emergency(stage, subject=stage.person("approver1")).requested().identify(of="approver1")
    operation.refused("call_back_approver", "desk1", guard="approver_reachable", subject=stage.person("approver1"))


def test_b17_the_approver_on_the_phone_must_still_hold_the_mandate_at_the_start(stage: Stage) -> None:
    operation = Emergency(stage).ready()
    stage.end_mandate("approver1")
    operation.refused("start_emergency", "engineer1", guard="consented", **operation.server)


def test_b17_an_emergency_does_not_start_the_ordinary_way_on_spoken_words(stage: Stage) -> None:
    operation = Emergency(stage).ready()
    operation.refused("start", "engineer1", guard="in_writing", **operation.server)
    operation.refused("start", "engineer1", guard="consented", **operation.server)


def test_b17_an_ordinary_request_does_not_start_the_emergency_way(stage: Stage) -> None:
    operation = Operation(stage).ready()
    operation.refused("start_emergency", "engineer1", guard="an_emergency", **operation.server)


def test_b17_three_wrong_codes_of_the_approver_lock_too(stage: Stage) -> None:
    operation = Emergency(stage).requested().identify()
    operation.call("desk1", "call_back_approver", subject=stage.person("approver1"))
    for _ in range(3):
        operation.refused("record_spoken_consent", "desk1", guard="code_right", code=operation.wrong_code("approver1"), said="同意。")
    code = stage.code_shown(operation.number, to="approver1")
    operation.refused("record_spoken_consent", "desk1", guard="not_locked_out", code=code, said="同意。")
    operation.refused("call_back_approver", "desk1", guard="not_locked_out", subject=stage.person("approver2"))


# --- G12: what the parties may switch off, and what they may not ---------------------------------------------------------


def test_g12_a_class_without_writing_still_needs_identity_and_consent(tmp_path: Path) -> None:
    stage = Stage(tmp_path, contract=contract_with(tmp_path, vpn_change={"writing_required": False}))
    operation = Operation(stage, operation="vpn_change").requested()
    assert any("agreed on less" in words for words in operation.view.notices)
    operation.identify().refused("agree", "manager1", answer="not_now", **REVIEW)
    operation.consent().agree().prepare().guard()
    stage.later(minutes=20)
    assert operation.start().state == "executing"
    other = Operation(stage).requested()
    other.refused("call_back", "desk1", guard="in_writing_unless_emergency")
    assert not other.view.notices


def test_g12_a_class_without_a_second_person_lets_the_approver_consent_to_his_own_request(tmp_path: Path) -> None:
    stage = Stage(tmp_path, contract=contract_with(tmp_path, waf_change={"second_person_required": False}))
    operation = Operation(stage, operation="waf_change").requested(by="approver1").sign("approver1")
    assert any("agreed on less" in words for words in operation.view.notices)
    assert operation.identify(of="approver1").consent("approver1").state == "consented"


def test_g12_where_the_contract_always_wants_writing_no_class_is_let_off(tmp_path: Path) -> None:
    folder = contract_with(tmp_path, vpn_change={"writing_required": False})
    figures = folder / "figures.toml"
    text = figures.read_text(encoding="utf-8")
    named = 'name = "reboot.writing_policy"\nvalue = "by_class"'
    assert named in text
    figures.write_text(text.replace(named, named.replace("by_class", "always")), encoding="utf-8")
    operation = Operation(Stage(tmp_path, contract=folder), operation="vpn_change").requested()
    operation.refused("call_back", "desk1", guard="in_writing_unless_emergency")
