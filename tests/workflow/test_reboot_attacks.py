"""Attacks on a dangerous operation (C9.5) by name: on writing, consent, persons, window and server (B2, B4–B9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stage import Stage
from tests.workflow.reboot_story import REVIEW, Operation

MOMENT = timedelta(milliseconds=1)

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


@pytest.mark.parametrize(
    ("who", "guard"),
    [
        ("staff1", "asked_by_an_authorised_person"),
        ("approver1", "in_writing"),
        ("approver2", "consented"),
        ("manager1", "agreed_by_the_supplier"),
        ("engineer2", "guardian_stands_by"),
    ],
)
def test_b4_whoever_left_in_between_carries_nothing_any_more(stage: Stage, who: str, guard: str) -> None:
    operation = Operation(stage).ready()
    stage.end_mandate(who)
    operation.refused("start", "engineer1", guard=guard, **operation.server)


@pytest.mark.parametrize(
    ("who", "guard"),
    [
        ("staff1", "asked_by_an_authorised_person"),
        ("approver1", "in_writing"),
        ("approver2", "consented"),
        ("engineer1", "operator_admitted"),
    ],
)
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
    operation.refused(
        "prepare", "engineer1", guard="on_the_list", **operation.sheet() | {"operator": stage.person("staff1")}
    )
    operation.refused(
        "prepare", "engineer1", guard="on_the_list", **operation.sheet() | {"guardian": stage.person("desk1")}
    )
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


@pytest.mark.parametrize(
    "typed",
    [
        {"server_name": "办案系统应用服务器一"},
        {"server_id": "ecs-bjzf-0218"},
        {"server_id": "ECS-BJZF-0217"},
        {"server_name": "ecs-bjzf-0217", "server_id": "办案系统应用服务器二"},
    ],
)
def test_b9_another_server_than_the_one_consented_to_is_refused(stage: Stage, typed: dict[str, str]) -> None:
    operation = Operation(stage).ready()
    operation.refused("start", "engineer1", guard="right_server", **operation.server | typed)
