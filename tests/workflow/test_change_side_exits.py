"""Ways out of a service change before both have signed: taken back, refused, given up (C7.2)."""

from __future__ import annotations

from typing import Any

from tests.stage import Stage
from tests.workflow import change_story as story
from workflow.change.states import REJECTED, RETURNED


def test_c7_2_the_originator_withdraws_and_the_other_rejects_up_to_the_second_signature(stage: Stage) -> None:
    for last_step in (story.submitted, story.drafted, _signed_by_client):
        first, second = last_step(stage), last_step(stage)
        stage.refused(first, "withdraw", by="manager1", guard="by_the_originator", **story.REASON)
        stage.refused(second, "reject", by="approver1", guard="by_the_other_party", **story.REJECTION)
        stage.do(first, "withdraw", by="staff2", **story.REASON)
        stage.do(second, "reject", by="manager1", **story.REJECTION)
        assert (stage.ticket(first).state, stage.ticket(second).state) == ("withdrawn", "rejected")
    number = story.signed(stage)
    stage.refused(number, "withdraw", by="staff1", result="not_now", **story.REASON)
    stage.refused(number, "reject", by="manager1", result="not_now", **story.REJECTION)


def test_c7_1_who_is_refused_learns_the_reason_and_all_that_is_missing(stage: Stage) -> None:
    """R1.7, for the refusal that ends the matter: that of the other party, and that of the authority."""
    ours = story.submitted(stage)
    theirs = story.approved(stage, story.planned(stage, story.advised(stage, story.submitted(stage))))
    stage.upload(theirs, "authority_opinion", by="staff1")
    refusals: list[tuple[str, str, str, dict[str, Any], str]] = [
        (ours, "reject", "manager1", story.REJECTION, "reason"),
        (theirs, "record_authority_refusal", "staff1", story.refusal(stage), "conclusion"),
    ]
    for number, action, by, fields, reason in refusals:
        unfit: list[dict[str, Any]] = [{"missing": []}, {"missing": [" "]}, {"missing": None}, {reason: " "}]
        for wrong in unfit:
            stage.refused(number, action, by=by, result="invalid", **{**fields, **wrong})
        for left_out in ("missing", reason):
            rest = {name: value for name, value in fields.items() if name != left_out}
            stage.refused(number, action, by=by, result="invalid", **rest)
        stage.do(number, action, by=by, **fields)
        view = stage.ticket(number)
        assert (view.state, view.events[-1].fields["missing"]) == ("rejected", fields["missing"])


def test_c7_1_no_way_leads_back_or_out_without_a_list_of_what_is_missing(stage: Stage) -> None:
    ways = [a for a in stage.workflows["change"].actions.values() if a.dest in (RETURNED, REJECTED)]
    assert {a.name for a in ways} == {"send_back", "return_material", "reject", "record_authority_refusal"}
    for action in ways:
        assert action.form is not None
        assert {"missing"} < set(action.form.model_json_schema()["required"]), action.name
        assert action.form.model_json_schema()["properties"]["missing"]["minItems"] == 1


def _signed_by_client(stage: Stage) -> str:
    number = story.drafted(stage)
    stage.do(number, "sign_supplement_client", by="approver1")
    return number


def test_c7_2_the_supplier_withdraws_its_proposal_and_the_client_rejects_it(stage: Stage) -> None:
    first, second = story.proposed(stage), story.proposed(stage)
    stage.refused(first, "withdraw", by="staff1", guard="by_the_originator", **story.REASON)
    stage.do(first, "withdraw", by="desk2", **story.REASON)
    stage.do(second, "reject", by="approver1", **story.REJECTION)


def test_c7_1_a_draft_can_be_given_up(stage: Stage) -> None:
    number = stage.open("change", by="staff1", **story.request(stage))
    stage.do(number, "withdraw", by="staff1", **story.REASON)
    assert stage.ticket(number).final
