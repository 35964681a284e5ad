"""The supplementary agreement: both sign one text, and all of them together stay within the cap (C7.2, C16.2, N8.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow import change_story as story
from tests.workflow.change_story import day, row

CAP_FEN = 25_572_676


def _agreed(stage: Stage, fields: dict[str, Any] | None = None, **plan: Any) -> str:
    number = story.advised(stage, story.submitted(stage, fields))
    return story.agreed(stage, story.approved(stage, story.planned(stage, number, **plan)))


def _spend(stage: Stage, fen: int) -> None:
    """A supplement that others signed before, of exactly this sum."""
    from database import transaction
    from tickets.models import Event, Supplement, Ticket

    number = story.submitted(stage)
    with transaction(stage.engine) as session:
        ticket = session.query(Ticket).filter_by(number=number).one()
        event = session.query(Event).filter_by(ticket_id=ticket.id).first()
        assert event is not None
        session.add(
            Supplement(
                contract_key=stage.contract.key,
                ticket_id=ticket.id,
                event_id=event.id,
                additions_fen=fen,
                reductions_fen=0,
            )
        )


def _amount(stage: Stage, number: str) -> int:
    return int(story.paper(stage, number, "work_plan").fields["amount_fen"])


# --- both signatures, one digest ----------------------------------------------------------------------------


def test_c7_2_both_sign_the_same_digest_in_either_order(stage: Stage) -> None:
    first, second = story.drafted(stage), story.drafted(stage)
    story.both_sign(stage, first)
    stage.do(second, "sign_supplement_supplier_first", by="manager2")
    assert stage.ticket(second).awaits == "client"
    stage.do(second, "sign_supplement_client_second", by="approver2")
    for number in (first, second):
        paper = story.paper(stage, number, "supplement")
        assert stage.ticket(number).state == "supplement_signed"
        assert {s.party for s in paper.signatures} == {"client", "supplier"}
        assert set(stage.ticket(number).deadlines) == {"publicity", "filing"}
    assert story.supplements(stage)["additions_fen"] == _amount(stage, first) + _amount(stage, second)


@pytest.mark.parametrize(
    ("action", "right", "wrong"),
    [
        ("sign_supplement_client", "approver1", ["staff1", "manager1", "reviewer1"]),
        ("sign_supplement_supplier_first", "manager1", ["desk1", "engineer1", "approver1"]),
    ],
)
def test_c7_2_only_identified_representatives_sign(stage: Stage, action: str, right: str, wrong: list[str]) -> None:
    number = story.drafted(stage)
    for by in wrong:
        stage.refused(number, action, by=by, result="not_yours")
    stage.later(minutes=6)
    stage.refused(number, action, by=right, guard="identified", factor=False)
    stage.do(number, action, by=right)


def test_c7_2_the_drafters_signature_alone_is_never_enough(stage: Stage) -> None:
    number = story.drafted(stage)
    stage.do(number, "sign_supplement_supplier_first", by="manager1")
    stage.upload(number, "supplement_scan", by="desk1")
    stage.refused(number, "begin", by="engineer1", result="not_now", second_person=None)
    stage.refused(number, "sign_supplement_client_second", by="manager1", result="not_yours")
    assert story.supplements(stage) == {"additions_fen": 0, "reductions_fen": 0}


def test_c7_2_a_new_draft_voids_the_signature_under_the_former(stage: Stage) -> None:
    number = story.drafted(stage)
    stage.do(number, "sign_supplement_client", by="approver1")
    stage.do(number, "draft_supplement", by="staff1", **story.supplement(stage, changes="另一文本"))
    assert stage.ticket(number).state == "supplement_drafted"
    stage.refused(number, "sign_supplement_supplier", by="manager1", result="not_now")
    stage.do(number, "sign_supplement_supplier_first", by="manager1")
    stage.do(number, "sign_supplement_client_second", by="approver1")


@pytest.mark.parametrize(
    ("first", "by", "second", "other", "guard"),
    [
        ("sign_supplement_client", "approver1", "sign_supplement_supplier", "manager1", "signed:supplement:client"),
        (
            "sign_supplement_supplier_first",
            "manager1",
            "sign_supplement_client_second",
            "approver1",
            "signed:supplement:supplier",
        ),
    ],
)
def test_c7_2_the_first_signature_needs_its_mandate_until_the_second(
    stage: Stage, first: str, by: str, second: str, other: str, guard: str
) -> None:
    number = story.drafted(stage)
    stage.do(number, first, by=by)
    stage.end_mandate(by)
    stage.refused(number, second, by=other, guard=guard)


@pytest.mark.parametrize(
    ("first", "by", "role", "second"),
    [
        ("sign_supplement_client", "approver1", "supplier.manager", "sign_supplement_supplier"),
        ("sign_supplement_supplier_first", "manager1", "client.approver", "sign_supplement_client_second"),
    ],
)
def test_c7_2_one_natural_person_does_not_sign_for_both(
    stage: Stage, first: str, by: str, role: str, second: str
) -> None:
    number = story.drafted(stage)
    stage.do(number, first, by=by)
    other = stage.second_account(by, role)
    stage.refused(number, second, by=other, result="not_yours")
    stage.end_mandate(by)
    stage.refused(number, second, by=other, guard=f"by_another_than:{first}")


SIGNING = [
    ("sign_supplement_client", "approver1", None),
    ("sign_supplement_supplier", "manager1", ("sign_supplement_client", "approver1")),
    ("sign_supplement_supplier_first", "manager1", None),
    ("sign_supplement_client_second", "approver1", ("sign_supplement_supplier_first", "manager1")),
]


@pytest.mark.parametrize(("action", "by", "before"), SIGNING)
def test_c7_2_every_signature_is_identified_and_within_the_term(
    stage: Stage, action: str, by: str, before: tuple[str, str] | None
) -> None:
    number = story.drafted(stage)
    if before:
        stage.do(number, before[0], by=before[1])
    stage.later(minutes=6)
    stage.refused(number, action, by=by, guard="identified", factor=False)
    stage.at = stage.contract.term_end
    stage.refused(number, action, by=by, guard="term_allows")


@pytest.mark.parametrize(("action", "by", "before"), SIGNING)
def test_c1_2_every_signature_looks_at_the_catalogue_as_it_is_then(
    stage: Stage, action: str, by: str, before: tuple[str, str] | None
) -> None:
    fields = story.request(stage, type="reduce", lines=[row(1, -500)])
    number, other = story.drafted(stage, fields), story.verified(stage, fields)
    if before:
        stage.do(number, before[0], by=before[1])
    stage.do(other, "update_baseline", by="manager1", **story.BASELINE)
    stage.refused(number, action, by=by, guard="leaves_no_line_below_nothing")


# --- the cap, to the fen ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("over", "passes"), [(0, True), (1, False)])
def test_c16_2_the_cap_is_kept_to_the_fen_at_drafting(stage: Stage, over: int, passes: bool) -> None:
    number = _agreed(stage)
    _spend(stage, CAP_FEN - _amount(stage, number) + over)
    if passes:
        stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
        figures = story.paper(stage, number, "supplement").fields
        assert (figures["cumulative_fen"], figures["cap_fen"]) == (CAP_FEN, CAP_FEN)
        assert figures["cumulative_share_percent"] == "10.0000"
        story.both_sign(stage, number)
        assert story.supplements(stage)["additions_fen"] == CAP_FEN
    else:
        stage.refused(number, "draft_supplement", by="manager1", guard="within_the_cap", **story.supplement(stage))
        stage.do(number, "route_to_procurement", by="manager1", **story.REASON)


@pytest.mark.parametrize(
    ("steps", "by"),
    [
        ([("sign_supplement_client", "approver1")], "approver1"),
        ([("sign_supplement_client", "approver1"), ("sign_supplement_supplier", "manager1")], "manager1"),
        ([("sign_supplement_supplier_first", "manager1")], "manager1"),
        ([("sign_supplement_supplier_first", "manager1"), ("sign_supplement_client_second", "approver1")], "approver1"),
    ],
)
def test_c16_2_the_cap_is_asked_again_at_each_signature(stage: Stage, steps: list[tuple[str, str]], by: str) -> None:
    number = story.drafted(stage)
    for action, who in steps[:-1]:
        stage.do(number, action, by=who)
    _spend(stage, CAP_FEN - _amount(stage, number) + 1)
    stage.refused(number, steps[-1][0], by=by, guard="within_the_cap")


def test_c16_2_the_cap_of_another_contract_is_its_own(stage_elsewhere: Stage) -> None:
    stage = stage_elsewhere
    total = stage.contract.at(stage.at).fen("contract.total")
    cap = total * 125 // 1000
    number = _agreed(stage, story.request(stage, lines=[row(1, 3)]))
    _spend(stage, cap - _amount(stage, number))
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    _spend(stage, 1)
    stage.refused(number, "sign_supplement_client", by="approver1", guard="within_the_cap")


def test_c16_2_reductions_do_not_net_off_by_themselves(stage: Stage) -> None:
    _reduce_then_add(stage, nets=False)


def test_c16_2_reductions_net_off_where_both_said_so(stage_elsewhere: Stage) -> None:
    _reduce_then_add(stage_elsewhere, nets=True)


def _reduce_then_add(stage: Stage, *, nets: bool) -> None:
    gave_back = -_amount(stage, story.signed(stage, story.request(stage, type="reduce", lines=[row(1, -2)])))
    assert gave_back > 0
    assert story.supplements(stage) == {"additions_fen": 0, "reductions_fen": gave_back}
    number = story.drafted(stage, story.request(stage, lines=[row(1, 3)]))
    added = _amount(stage, number)
    assert story.paper(stage, number, "supplement").fields["cumulative_fen"] == added - (gave_back if nets else 0)


def test_c16_2_a_warning_comes_before_the_cap(stage: Stage) -> None:
    number = _agreed(stage)
    warned = CAP_FEN * 80 // 100 + 1
    _spend(stage, warned - _amount(stage, number) - 1)
    assert not any("all supplements add" in words for words in stage.ticket(number).notices)
    _spend(stage, 1)
    assert any("all supplements add" in words for words in stage.ticket(number).notices)
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    story.both_sign(stage, number)
    assert any(f"{warned} fen" in words for words in stage.ticket(number).notices), "counted once, signed or not"


# --- days ---------------------------------------------------------------------------------------------------


def test_c7_2_the_agreement_takes_effect_before_it_is_charged(stage: Stage) -> None:
    number = _agreed(stage)
    stage.refused(
        number,
        "draft_supplement",
        by="manager1",
        guard="effective_before_it_is_charged",
        **story.supplement(stage, effective_on=day(stage, 6)),
    )
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage, effective_on=day(stage, 5)))


@pytest.mark.parametrize(
    "steps",
    [
        [("sign_supplement_client", "approver1"), ("sign_supplement_supplier", "manager1")],
        [("sign_supplement_supplier_first", "manager1"), ("sign_supplement_client_second", "approver1")],
    ],
)
@pytest.mark.parametrize("before", [0, 1])
def test_c7_2_nothing_is_charged_for_a_day_before_both_signed(
    stage: Stage, steps: list[tuple[str, str]], before: int
) -> None:
    number = story.drafted(stage)
    for action, by in steps[:before]:
        stage.do(number, action, by=by)
    action, by = steps[before]
    last = stage.contract.calendar.end_of_day(day(stage, 5))
    stage.at = last
    stage.refused(number, action, by=by, guard="not_charged_before_signature")
    stage.at = last - timedelta(milliseconds=1)
    stage.do(number, action, by=by)


def test_c7_2_a_late_signature_needs_a_new_plan_with_all_its_approvals(stage: Stage) -> None:
    number = story.drafted(stage)
    stage.later(days=9)
    story.planned(stage, number)
    stage.refused(number, "sign_supplement_client", by="approver1", result="not_now")
    story.agreed(stage, story.approved(stage, number))
    stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    figures = story.paper(stage, number, "supplement").fields
    assert figures["charged_from"] == day(stage, 5).isoformat()
    story.both_sign(stage, number)


def test_c1_2_two_reductions_cannot_give_the_same_units_back(stage: Stage) -> None:
    reduce = {"type": "reduce", "lines": [row(1, -500)]}
    first, second = (
        story.drafted(stage, story.request(stage, **reduce)),
        story.drafted(stage, story.request(stage, **reduce)),
    )
    third = _agreed(stage, story.request(stage, **reduce))
    story.begun(stage, story.both_sign(stage, first))
    story.handed_over(stage, first)
    stage.do(first, "verify", by="staff1", **story.CONFIRMATION)
    stage.do(second, "sign_supplement_client", by="approver1")
    stage.do(first, "update_baseline", by="manager1", **story.BASELINE)
    stage.refused(second, "sign_supplement_supplier", by="manager1", guard="leaves_no_line_below_nothing")
    stage.refused(
        third, "draft_supplement", by="manager1", guard="leaves_no_line_below_nothing", **story.supplement(stage)
    )


def test_c1_2_a_baseline_that_would_fall_below_nothing_is_not_written(stage: Stage) -> None:
    fields = story.request(stage, type="reduce", lines=[row(1, -500)])
    first, second = story.verified(stage, fields), story.verified(stage, fields)
    stage.do(first, "update_baseline", by="manager1", **story.BASELINE)
    stage.refused(second, "update_baseline", by="manager1", guard="leaves_no_line_below_nothing", **story.BASELINE)
    stage.do(second, "roll_back", by="engineer1", **story.ROLL_BACK)


# --- announced and filed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["publicity", "filing"])
def test_c16_2_announcing_and_filing_have_their_days(stage: Stage, name: str) -> None:
    number = story.signed(stage)
    due = stage.contract.at(stage.at).due(f"change.{name}_within", stage.at)
    assert stage.ticket(number).deadlines[name].due_at == due
    stage.at = due
    stage.strike()
    assert stage.ticket(number).deadlines[name].status == "running", "exactly at the due instant is in time"
    stage.later(milliseconds=1)
    view = stage.ticket(number)
    assert view.deadlines[name].status == "missed"
    assert [e.action for e in view.events if e.accepted and e.party == "desk"][-1] == f"note_late_{name}"
    stage.upload(number, f"{name}_evidence", by="staff1")
    stage.do(number, f"record_{name}", by="staff1", **story.evidence(stage))
    assert stage.ticket(number).deadlines[name].stopped_at == stage.at


def test_c16_2_it_is_not_closed_until_announced_and_filed_or_excused(stage: Stage) -> None:
    number = story.verified(stage)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    stage.refused(number, "record_publicity", by="staff1", guard="brought:publicity_evidence", **story.evidence(stage))
    stage.refused(number, "record_filing", by="staff1", guard="brought:filing_evidence", **story.evidence(stage))
    stage.refused(number, "publicity_not_applicable", by="manager1", result="not_yours", **story.REASON)
    stage.refused(number, "filing_not_applicable", by="staff1", result="invalid", reason="")
    stage.do(number, "filing_not_applicable", by="staff1", **story.REASON)
    stage.refused(number, "close", by="staff1", guard="publicity_shown")
    stage.do(number, "publicity_not_applicable", by="staff1", **story.REASON)
    stage.do(number, "close", by="staff1")


def test_c16_2_announced_but_not_filed_is_not_closed(stage: Stage) -> None:
    number = story.verified(stage)
    stage.do(number, "update_baseline", by="manager1", **story.BASELINE)
    stage.do(number, "publicity_not_applicable", by="staff1", **story.REASON)
    stage.refused(number, "close", by="staff1", guard="filing_shown")


# --- dropping what was signed -------------------------------------------------------------------------------


@pytest.mark.parametrize(("offers", "agrees"), [("approver1", "manager1"), ("manager1", "approver1")])
def test_c7_2_what_both_signed_only_both_drop(stage: Stage, offers: str, agrees: str) -> None:
    number = story.signed(stage)
    added = _amount(stage, number)
    stage.refused(number, "agree_rescission", by=agrees, guard="to_be_signed")
    stage.later(minutes=6)
    stage.refused(number, "offer_rescission", by=offers, guard="identified", factor=False, **story.RESCISSION)
    stage.do(number, "offer_rescission", by=offers, **story.RESCISSION)
    stage.refused(number, "agree_rescission", by=offers, guard="rescission_offered_by_the_other")
    stage.refused(number, "agree_rescission", by=offers[:-1] + "2", guard="rescission_offered_by_the_other")
    stage.later(minutes=6)
    stage.refused(number, "agree_rescission", by=agrees, guard="identified", factor=False)
    stage.do(number, "agree_rescission", by=agrees)
    assert stage.ticket(number).state == "rescinded"
    assert story.supplements(stage) == {"additions_fen": added, "reductions_fen": added}
    story.shown(stage, number)
    stage.do(number, "close", by="staff1")


def test_c7_2_an_offer_to_drop_it_ends_with_the_mandate(stage: Stage) -> None:
    number = story.signed(stage)
    stage.do(number, "offer_rescission", by="approver1", **story.RESCISSION)
    stage.end_mandate("approver1")
    stage.refused(number, "agree_rescission", by="manager1", guard="rescission_offered_by_the_other")


def test_c7_2_an_offer_to_drop_it_ends_with_the_work(stage: Stage) -> None:
    number = story.signed(stage)
    stage.do(number, "offer_rescission", by="approver1", **story.RESCISSION)
    story.begun(stage, number)
    stage.do(number, "roll_back", by="engineer1", **story.ROLL_BACK)
    stage.refused(number, "agree_rescission", by="manager1", guard="rescission_offered_by_the_other")
