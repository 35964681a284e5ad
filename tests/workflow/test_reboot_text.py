"""Attacks on a dangerous operation (C9.5) by name: started twice, edited, hurried, relaxed (B3, B10–B12, B14, B15, B17)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stage import Stage
from tests.workflow.reboot_story import REVIEW, Emergency, Operation, contract_with

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
        for _ in range(2)
    )
    assert first.accepted
    assert second.receipt == first.receipt
    assert len([e for e in operation.view.events if e.action == "start"]) == 1


def test_b10_many_starting_at_once_start_it_once(stage: Stage) -> None:
    operation = Operation(stage).ready()
    stage.prove(operation.number, "engineer1")
    version = operation.view.version

    def start(n: int) -> bool:
        return stage.attempt(
            operation.number, "start", "engineer1", version=version, key=f"k{n}", **operation.server
        ).accepted

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(16))) == 1
    assert len([e for e in operation.view.events if e.action == "start" and e.accepted]) == 1


# --- B3, B11, B12: order, and what an edit voids -------------------------------------------------------------------------


def test_b11_nothing_comes_before_its_turn(stage: Stage) -> None:
    order = ["requested", "signed", "called_back", "identified", "consented", "agreed", "prepared"]
    acts = {
        "verify_identity": "called_back",
        "consent": "identified",
        "agree": "consented",
        "prepare": "agreed",
        "stand_guard": "prepared",
        "start": "prepared",
        "finish": "executing",
        "verify_result": "executed",
    }
    declared = stage.workflows["reboot"]
    for act, first in acts.items():
        sources = {state.name for state in declared.sources(declared.actions[act])}
        assert first in sources
        if first in order:
            assert not sources & set(order[: order.index(first)])


AMENDABLE = ["requested", "signed", "called_back", "identified", "consented", "agreed", "prepared"]


EDITS = [(state, {"server_id": "ecs-bjzf-0218"}) for state in AMENDABLE]
EDITS += [("prepared", {"operation": "shutdown"}), ("prepared", {"reason": "改为紧急补丁。"}), ("prepared", {})]


@pytest.mark.parametrize(("state", "change"), EDITS)
def test_b12_any_edit_voids_signature_check_consent_and_agreement(
    stage: Stage, state: str, change: dict[str, str]
) -> None:
    operation = Operation(stage).at(state)
    before = operation.view.content
    operation.do("amend", "staff1", **operation.fields | change)
    view = operation.view
    assert (view.state, view.content != before) == ("requested", True)
    assert view.papers[-1].kind == "written_request"
    assert view.papers[-1].signatures == ()
    operation.refused("call_back", "desk1", guard="in_writing_unless_emergency")
    for act, by, fields in (
        ("consent", "approver2", {}),
        ("agree", "manager1", REVIEW),
        ("start", "engineer1", operation.server),
    ):
        operation.refused(act, by, answer="not_now", **fields)


def test_b12_an_edit_of_the_window_moves_its_end(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    sooner = operation.fields["window_end"] - timedelta(hours=1)
    operation.do("amend", "staff1", **operation.fields | {"window_end": sooner})
    stage.at = sooner
    assert (stage.strike(), operation.state) == (0, "requested")
    stage.later(milliseconds=1)
    assert operation.state == "expired"
    assert operation.view.deadlines["window"].status == "missed"


def test_b12_an_edit_and_its_return_revive_nothing(stage: Stage) -> None:
    operation = Operation(stage).prepared()
    before = operation.view.content
    operation.do("amend", "staff1", **operation.fields | {"reason": "另一理由。"}).do(
        "amend", "staff1", **operation.fields
    )
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
    assert by_clock == {
        "expire": "expired",
        "note_unknown_outcome": "outcome_unknown",
        "note_missing_writing": None,
        "warn_of_limit": None,
        "call_out": None,
        "resume_calling": None,
    }


def test_b15_an_operation_of_no_class_is_not_accepted(stage: Stage) -> None:
    asked = Operation(stage, operation="format_everything")
    stage.refused_opening("reboot", by="staff1", guard="on_the_list", **asked.fields)


def test_b15_another_contract_lists_other_classes(stage_elsewhere: Stage) -> None:
    asked = Operation(stage_elsewhere, operation="forced_power_off")
    stage_elsewhere.refused_opening("reboot", by="staff1", guard="on_the_list", **asked.fields)
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


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"window_start": timedelta(0)}, "window_ahead"),
        ({"window_start": timedelta(days=-1), "window_end": timedelta(hours=-20)}, "window_ahead"),
        ({"window_end": timedelta(minutes=20)}, "window_short_enough"),
        ({"window_end": timedelta(minutes=10)}, "window_short_enough"),
        ({"window_end": timedelta(hours=8, minutes=20, milliseconds=1)}, "window_short_enough"),
        ({"window_start": timedelta(days=400), "window_end": timedelta(days=400, hours=1)}, "window_within_the_term"),
    ],
)
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
        wrong = operation.wrong_code("approver1")
        operation.refused("record_spoken_consent", "desk1", guard="code_right", code=wrong, said="同意。")
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


def test_each_act_costs_few_statements_and_one_commit(stage: Stage) -> None:
    operation = Operation(stage).ready()
    stage.prove(operation.number, "engineer1")
    with stage.counted() as counted:
        version = stage.row(operation.number).version
        assert stage.attempt(operation.number, "start", "engineer1", version=version, **operation.server).accepted
    assert (counted.statements <= 21, counted.commits) == (True, 1), counted  # one of them is this test's own look
