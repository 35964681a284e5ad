"""A service change from the application to the closing, and everything that stands in its way (C7.1, C7.2, C9.1–C9.4, C16.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stage import Stage
from tests.workflow import change_story as story
from tests.workflow.change_story import day, row

ORIGINAL_DUTIES = "The original duties go on"


def test_c7_1_a_change_runs_from_the_application_to_the_closing(stage: Stage) -> None:
    number = story.submitted(stage)
    before = story.baseline(stage).quantity
    story.agreed(stage, story.approved(stage, story.planned(stage, story.advised(stage, number))))
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    stage.do(number, "sign_supplement_client", by="approver1")
    assert stage.ticket(number).deadlines == {}
    stage.do(number, "sign_supplement_supplier", by="manager1")
    deadlines = stage.ticket(number).deadlines
    assert {name: timer.status for name, timer in deadlines.items()} == {"publicity": "running", "filing": "running"}
    story.begun(stage, number)
    story.handed_over(stage, number)
    assert story.baseline(stage).quantity == before
    stage.do(number, "verify", by="staff1", **story.CONFIRMATION)
    assert any(ORIGINAL_DUTIES in words for words in stage.ticket(number).notices)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    assert story.baseline(stage).quantity == before + 16
    assert not any(ORIGINAL_DUTIES in words for words in stage.ticket(number).notices)
    story.shown(stage, number)
    stage.do(number, "close", by="staff2")
    view = stage.ticket(number)
    assert view.state == "closed"
    assert {timer.status for timer in view.deadlines.values()} == {"met"}


def test_c7_1_a_change_runs_on_another_contract_with_its_own_limits(stage_elsewhere: Stage) -> None:
    stage = stage_elsewhere
    number = story.verified(stage, story.request(stage, lines=[row(1, 3)]))
    signed_at = next(e.at for e in stage.ticket(number).events if e.action == "sign_supplement_supplier")
    edition = stage.contract.at(stage.at)
    for name in ("publicity", "filing"):
        assert stage.ticket(number).deadlines[name].due_at == edition.due(f"change.{name}_within", signed_at)
    figures = story.paper(stage, number, "supplement").fields
    # From 22 July to 31 December: six begun months at 20.00 yuan, three units.
    assert (figures["formula"], figures["amount_fen"]) == ("whole_month", 6 * 2000 * 3)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    story.shown(stage, number)
    stage.do(number, "close", by="staff2")
    assert story.baseline(stage).quantity == 33


def test_an_act_on_a_change_costs_few_statements(stage: Stage) -> None:
    number = story.drafted(stage)
    stage.do(number, "sign_supplement_client", by="approver1")
    stage.prove(number, "manager1")
    version = stage.row(number).version
    with stage.counted() as counts:
        outcome = stage.attempt(number, "sign_supplement_supplier", "manager1", version=version)
    assert outcome.accepted
    assert (counts.commits, counts.statements <= 20) == (1, True), counts


def test_c7_2_in_every_state_before_the_baseline_moves_the_original_duties_go_on(stage: Stage) -> None:
    from workflow.change.notices import BASELINE_UNCHANGED
    from workflow.change.states import AFTER_WORK, RESCINDED, STATES

    moved = {s.name for s in AFTER_WORK if s is not RESCINDED}
    assert {s.name for s in STATES if not s.final} - moved == BASELINE_UNCHANGED
    number = stage.open("change", by="staff1", **story.request(stage))
    assert any(ORIGINAL_DUTIES in words for words in stage.ticket(number).notices)


# --- the application ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["staff1", "approver1", "desk1", "manager1"])
def test_c7_1_either_party_may_originate_and_a_draft_is_its_own(stage: Stage, by: str) -> None:
    number = stage.open("change", by=by, **story.request(stage))
    view = stage.ticket(number)
    ours = by in ("staff1", "approver1")
    assert (view.state, view.awaits) == ("drafted", "client" if ours else "supplier")
    other = "desk2" if ours else "staff2"
    assert stage.attempt(number, "redraft", other, **story.request(stage)).result == "unknown"
    stage.do(number, "redraft", by=by, **story.request(stage, lines=[row(1, 8)]))
    assert stage.ticket(number).fields["lines"][0]["quantity"] == 8


@pytest.mark.parametrize("by", ["engineer1", "reviewer1"])
def test_c7_1_others_do_not_originate(stage: Stage, by: str) -> None:
    assert stage.refused_opening("change", by, **story.request(stage)).result in ("not_yours", "unknown")


@pytest.mark.parametrize(
    ("guard", "fields"),
    [
        ("lines_of_the_catalogue", {"lines": [row(1, 4), row(1, 5)]}),
        ("lines_of_the_catalogue", {"lines": []}),
        ("lines_of_the_catalogue", {"lines": [row(999, 4)]}),
        ("quantities_fit_the_type", {"lines": [row(1, -4)]}),
        ("quantities_fit_the_type", {"lines": [row(1, 0)]}),
        ("quantities_fit_the_type", {"type": "reduce", "lines": [row(1, 4)]}),
        ("quantities_fit_the_type", {"type": "cancel", "lines": [row(1, 4)]}),
        ("quantities_fit_the_type", {"type": "adjust", "lines": [row(1, 0)]}),
        ("quantities_fit_the_type", {"type": "migrate", "lines": [row(1, 1)]}),
        ("leaves_no_line_below_nothing", {"type": "reduce", "lines": [row(1, -813)]}),
        ("dates_fit_the_type", {"lines": [{"line": 1, "quantity": 4, "until": "2027-03-10"}]}),
        ("dates_fit_the_type", {"type": "trial", "trial_ends": None}),
        ("dates_fit_the_type", {"type": "trial", "trial_ends": "2026-05-11"}),
        ("dates_fit_the_type", {"type": "trial", "trial_ends": "2027-03-10"}),
        ("window_in_order", {"window_end": "2026-05-12T02:00:00Z"}),
    ],
)
def test_c7_1_an_application_that_contradicts_itself_is_not_opened(
    stage: Stage, guard: str, fields: dict[str, object]
) -> None:
    stage.refused_opening("change", "staff1", guard=guard, **story.request(stage, **fields))


@pytest.mark.parametrize(
    ("guard", "fields"),
    [
        ("quantities_fit_the_type", {"lines": [row(1, 813)]}),
        ("quantities_fit_the_type", {"lines": [row(1, -1)]}),
        ("dates_fit_the_type", {"new_ends": "2027-03-09"}),
        ("dates_fit_the_type", {"new_ends": None}),
        ("dates_fit_the_type", {"original_ends": None}),
        ("dates_fit_the_type", {"original_ends": "2027-03-08"}),
        ("dates_fit_the_type", {"procurement": None}),
        ("dates_fit_the_type", {"procurement_basis": None}),
    ],
)
def test_c9_7_a_renewal_says_from_when_to_when_and_what_pays_for_it(
    stage: Stage, guard: str, fields: dict[str, object]
) -> None:
    stage.refused_opening("change", "staff1", guard=guard, **story.renewal(stage, **fields))


@pytest.mark.parametrize(
    ("type_", "lines"),
    [
        ("add", [row(1, 1)]),
        ("expand", [row(3, 1)]),
        ("reduce", [row(1, -812)]),
        ("adjust", [row(1, 4), row(3, -4)]),
        ("migrate", []),
        ("cancel", [row(1, -1)]),
    ],
)
def test_c7_1_every_type_of_change_can_be_asked_for(stage: Stage, type_: str, lines: list[object]) -> None:
    number = story.submitted(stage, story.request(stage, type=type_, lines=lines))
    assert stage.ticket(number).state == "submitted"


def test_c7_1_a_cancellation_is_major_whatever_was_ticked(stage: Stage) -> None:
    number = story.submitted(stage, story.cancellation(stage, classification="ordinary"))
    assert stage.ticket(number).fields["classification"] == "major"
    assert stage.ticket(story.submitted(stage)).fields["classification"] == "ordinary"


def test_c2_1_outside_the_term_only_renewal_and_cancellation_go_on(stage: Stage) -> None:
    waiting = stage.open("change", by="staff1", **story.request(stage))
    proposal = stage.open("change", by="desk1", **story.request(stage))
    in_planning = story.advised(stage, story.submitted(stage))
    to_draft = story.agreed(
        stage, story.approved(stage, story.planned(stage, story.advised(stage, story.submitted(stage))))
    )
    to_sign = story.drafted(stage)
    to_begin = story.signed(stage)
    stage.upload(to_begin, "supplement_scan", by="desk1")
    stage.at = stage.contract.term_end
    fields = story.request(stage)
    stage.refused_opening("change", "staff1", guard="term_allows", **fields)
    stage.refused(waiting, "submit", by="staff1", guard="term_allows")
    stage.refused(proposal, "propose", by="desk1", guard="term_allows")
    stage.refused(in_planning, "plan", by="engineer1", guard="term_allows", **story.work_plan(stage))
    stage.refused(to_draft, "draft_supplement", by="manager1", guard="term_allows", **story.supplement(stage))
    stage.refused(to_sign, "sign_supplement_client", by="approver1", guard="term_allows")
    stage.refused(to_begin, "begin", by="engineer1", guard="term_allows", second_person=None)
    assert story.submitted(stage, story.cancellation(stage))
    assert story.submitted(stage, story.renewal(stage))


def test_c2_1_the_last_moment_of_the_term_is_within_it(stage: Stage) -> None:
    stage.at = stage.contract.term_end - timedelta(milliseconds=1)
    assert story.submitted(stage, story.request(stage))


def test_c7_1_the_draft_of_one_party_is_not_handed_in_by_the_other(stage: Stage) -> None:
    number = stage.open("change", by="desk1", **story.request(stage))
    assert stage.attempt(number, "submit", "staff1").result == "unknown"
    ours = stage.open("change", by="staff1", **story.request(stage))
    stage.refused(ours, "propose", by="staff1", result="not_yours")


# --- R1.1 ---------------------------------------------------------------------------------------------------


def test_c7_2_what_the_supplier_proposes_needs_the_consent_of_an_authorised_representative(stage: Stage) -> None:
    number = story.proposed(stage)
    assert stage.ticket(number).awaits == "client"
    stage.refused(number, "consent", by="staff1", result="not_yours", **story.CONSENT)
    stage.refused(number, "consent", by="manager1", result="not_yours", **story.CONSENT)
    stage.refused(number, "accept", by="desk1", result="not_now")
    stage.refused(number, "consent", by="approver1", guard="identified", factor=False, **story.CONSENT)
    stage.do(number, "consent", by="approver1", **story.CONSENT)
    story.planned(stage, story.advised(stage, number))
    # C8.4 binds the client for its own requests only.
    story.approved(stage, number, validate=False)


def test_c7_2_a_changed_proposal_needs_consent_anew(stage: Stage) -> None:
    number = story.proposed(stage)
    stage.do(number, "consent", by="approver1", **story.CONSENT)
    story.advised(stage, number)
    stage.do(number, "amend_proposal", by="desk1", **story.request(stage, lines=[row(1, 99)]))
    assert stage.ticket(number).state == "proposed"
    stage.refused(number, "plan", by="engineer1", result="not_now", **story.work_plan(stage))


def test_c7_2_consent_ends_with_the_mandate_of_who_gave_it(stage: Stage) -> None:
    number = story.proposed(stage)
    stage.do(number, "consent", by="approver1", **story.CONSENT)
    story.advised(stage, number)
    stage.end_mandate("approver1")
    stage.refused(number, "plan", by="engineer1", guard="consented_by_the_client", **story.work_plan(stage))


def test_c7_1_the_client_sends_a_proposal_back_and_the_supplier_answers_it(stage: Stage) -> None:
    number = story.proposed(stage)
    stage.refused(number, "send_back", by="staff1", result="invalid", missing=[], reason="不齐。")
    stage.do(number, "send_back", by="staff1", **story.SHORTCOMINGS)
    assert stage.ticket(number).awaits == "supplier"
    stage.refused(number, "amend", by="staff1", guard="by_the_originator", **story.request(stage))
    stage.do(number, "amend_proposal", by="manager1", **story.request(stage))
    assert stage.ticket(number).state == "proposed"


# --- R1.7 and R1.5 ------------------------------------------------------------------------------------------


def test_c7_1_what_is_returned_keeps_its_number_and_both_versions_can_be_read(stage: Stage) -> None:
    number = story.submitted(stage)
    stage.refused(number, "return_material", by="desk1", result="invalid", missing=[], reason="材料不齐。")
    stage.refused(number, "return_material", by="desk1", result="invalid", missing=["证明"], reason=" ")
    stage.do(number, "return_material", by="desk1", **story.SHORTCOMINGS)
    assert stage.ticket(number).awaits == "client"
    stage.refused(number, "amend_proposal", by="desk1", guard="by_the_originator", **story.request(stage))
    stage.do(number, "amend", by="staff1", **story.request(stage, lines=[row(1, 20)]))
    view = stage.ticket(number)
    assert (view.state, view.number) == ("submitted", number)
    versions = [e.fields["lines"][0]["quantity"] for e in view.events if e.accepted and e.action in ("draft", "amend")]
    assert versions == [16, 20]


@pytest.mark.parametrize(
    "guard_fields",
    [
        ("term_allows", {}),
        ("lines_of_the_catalogue", {"lines": []}),
        ("quantities_fit_the_type", {"lines": [row(1, -1)]}),
        ("leaves_no_line_below_nothing", {"type": "reduce", "lines": [row(1, -813)]}),
        ("dates_fit_the_type", {"type": "trial"}),
        ("window_in_order", {"window_end": "2026-05-12T02:00:00Z"}),
    ],
)
@pytest.mark.parametrize("action", ["redraft", "amend", "amend_proposal"])
def test_c9_4_a_changed_application_is_judged_like_a_new_one(
    stage: Stage, action: str, guard_fields: tuple[str, dict[str, object]]
) -> None:
    guard, fields = guard_fields
    by = "desk1" if action == "amend_proposal" else "staff1"
    number = stage.open("change", by=by, **story.request(stage))
    if action != "redraft":
        stage.do(number, "submit" if action == "amend" else "propose", by=by)
    changed = story.request(stage, **fields)
    if guard == "term_allows":
        stage.at = stage.contract.term_end
    stage.refused(number, action, by=by, guard=guard, **changed)


def test_c16_2_what_is_not_on_the_catalogue_goes_to_a_new_procurement(stage: Stage) -> None:
    number = story.submitted(stage, story.request(stage, lines=[], outside_catalogue="图像识别服务"))
    stage.refused(number, "accept", by="desk1", guard="on_the_catalogue")
    stage.do(number, "route_to_procurement", by="desk1", **story.REASON)
    assert stage.ticket(number).state == "new_procurement"


def test_c16_2_what_a_supplement_can_carry_is_not_sent_to_procurement(stage: Stage) -> None:
    number = story.submitted(stage)
    stage.refused(
        number, "route_to_procurement", by="staff1", guard="outside_what_a_supplement_may_carry", **story.REASON
    )
    story.planned(stage, story.advised(stage, number))
    stage.refused(
        number, "route_to_procurement", by="desk1", guard="outside_what_a_supplement_may_carry", **story.REASON
    )


def test_c9_7_a_renewal_stays_where_its_expiry_is_watched(stage: Stage) -> None:
    number = story.submitted(stage, story.renewal(stage, outside_catalogue="新单价"))
    stage.refused(number, "route_to_procurement", by="desk1", guard="not_a_renewal", **story.REASON)


# --- advice, plan, re-validation, authority -----------------------------------------------------------------


def test_c9_1_no_plan_without_technical_advice_on_this_version(stage: Stage) -> None:
    number = story.submitted(stage)
    stage.do(number, "accept", by="desk1")
    stage.refused(number, "plan", by="engineer1", result="not_now", **story.work_plan(stage))
    stage.refused(number, "advise", by="desk1", result="not_yours", **story.ADVICE)
    stage.do(number, "advise", by="engineer1", **story.ADVICE)
    story.planned(stage, number)
    stage.do(number, "return_plan", by="staff1", **story.REASON)
    story.planned(stage, number, work_plan="另一方案")
    assert story.paper(stage, number, "work_plan").version == 2


@pytest.mark.parametrize(
    ("guard", "plan"),
    [
        ("schedule_in_order", {"ends_at": "2026-05-12T02:00:00Z"}),
        ("charged_while_it_runs", {"charged_from": "2027-03-10"}),
        ("charged_while_it_runs", {"charged_from": "2026-03-09"}),
    ],
)
def test_c9_2_a_plan_that_contradicts_itself_is_not_filed(stage: Stage, guard: str, plan: dict[str, object]) -> None:
    number = story.advised(stage, story.submitted(stage))
    stage.refused(number, "plan", by="engineer1", guard=guard, **story.work_plan(stage, **plan))


def test_c1_2_a_line_without_dates_is_never_charged_by_a_guess(stage: Stage) -> None:
    number = story.advised(stage, story.submitted(stage, story.request(stage, lines=[row(2, 4)])))
    assert any("line 2" in words for words in stage.ticket(number).notices)
    stage.refused(number, "plan", by="engineer1", guard="ends_of_lines_known", **story.work_plan(stage))
    stage.do(number, "amend", by="staff1", **story.request(stage, lines=[row(2, 4, day(stage, 60))]))
    story.planned(stage, story.advised(stage, number))


def test_c8_4_the_client_takes_part_in_the_revalidation_of_its_own_change(stage: Stage) -> None:
    number = story.planned(stage, story.advised(stage, story.submitted(stage)))
    stage.refused(number, "approve_plan", by="approver1", guard="revalidated", **story.CONSENT)
    stage.refused(
        number, "revalidate", by="staff1", guard="schedule_in_order", **story.validation(stage, ends_at=stage.at)
    )
    stage.do(number, "revalidate", by="staff1", **story.validation(stage))
    story.planned(stage, number)  # A new plan has to be validated anew.
    stage.refused(number, "approve_plan", by="approver1", guard="revalidated", **story.CONSENT)


def test_c7_2_only_an_identified_representative_approves_the_plan(stage: Stage) -> None:
    number = story.planned(stage, story.advised(stage, story.submitted(stage)))
    stage.do(number, "revalidate", by="staff1", **story.validation(stage))
    stage.refused(number, "approve_plan", by="staff1", result="not_yours", **story.CONSENT)
    stage.refused(number, "approve_plan", by="approver1", guard="identified", factor=False, **story.CONSENT)


@pytest.mark.parametrize("action", ["record_authority_opinion", "record_authority_refusal"])
def test_c7_1_the_authoritys_opinion_is_recorded_by_the_client_with_the_document(stage: Stage, action: str) -> None:
    fields = story.opinion(stage) if action == "record_authority_opinion" else story.refusal(stage)
    number = story.planned(stage, story.advised(stage, story.submitted(stage)))
    stage.upload(number, "authority_opinion", by="staff1")  # Of an earlier plan: it does not count.
    story.approved(stage, number)
    stage.refused(number, action, by="staff1", guard="brought:authority_opinion", **fields)
    with pytest.raises(AssertionError, match="on_the_list"):
        stage.upload(number, "authority_opinion", by="desk1")
    stage.upload(number, "authority_opinion", by="staff1")
    stage.refused(number, action, by="manager1", result="not_yours", **fields)
    stage.do(number, action, by="staff1", **fields)
    assert stage.ticket(number).state == ("agreed" if action == "record_authority_opinion" else "rejected")


def test_c9_4_an_amendment_voids_every_approval(stage: Stage) -> None:
    number = story.drafted(stage)
    stage.do(number, "sign_supplement_client", by="approver1")
    stage.do(number, "amend", by="staff1", **story.request(stage, lines=[row(1, 17)]))
    assert stage.ticket(number).state == "submitted"
    story.agreed(stage, story.approved(stage, story.planned(stage, story.advised(stage, number))))
    stage.refused(number, "sign_supplement_supplier", by="manager1", result="not_now")
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    story.both_sign(stage, number)
    stage.refused(number, "amend", by="staff1", result="not_now", **story.request(stage))
