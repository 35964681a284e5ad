"""Ways out of a service change before both have signed: taken back, refused, given up (C7.2)."""

from __future__ import annotations

from tests.stage import Stage
from tests.workflow import change_story as story


def test_c7_2_the_originator_withdraws_and_the_other_rejects_up_to_the_second_signature(stage: Stage) -> None:
    for last_step in (story.submitted, story.drafted, _signed_by_client):
        first, second = last_step(stage), last_step(stage)
        stage.refused(first, "withdraw", by="manager1", guard="by_the_originator", **story.REASON)
        stage.refused(second, "reject", by="approver1", guard="by_the_other_party", **story.REASON)
        stage.refused(second, "reject", by="manager1", result="invalid", reason="")
        stage.do(first, "withdraw", by="staff2", **story.REASON)
        stage.do(second, "reject", by="manager1", **story.REASON)
        assert (stage.ticket(first).state, stage.ticket(second).state) == ("withdrawn", "rejected")
    number = story.signed(stage)
    stage.refused(number, "withdraw", by="staff1", result="not_now", **story.REASON)
    stage.refused(number, "reject", by="manager1", result="not_now", **story.REASON)


def _signed_by_client(stage: Stage) -> str:
    number = story.drafted(stage)
    stage.do(number, "sign_supplement_client", by="approver1")
    return number


def test_c7_2_the_supplier_withdraws_its_proposal_and_the_client_rejects_it(stage: Stage) -> None:
    first, second = story.proposed(stage), story.proposed(stage)
    stage.refused(first, "withdraw", by="staff1", guard="by_the_originator", **story.REASON)
    stage.do(first, "withdraw", by="desk2", **story.REASON)
    stage.do(second, "reject", by="approver1", **story.REASON)


def test_c7_1_a_draft_can_be_given_up(stage: Stage) -> None:
    number = stage.open("change", by="staff1", **story.request(stage))
    stage.do(number, "withdraw", by="staff1", **story.REASON)
    assert stage.ticket(number).final
