"""Guards that the states already imply: asked all the same, and tested on records that no honest desk would hold (C7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow import change_story as story
from workflow.attempt import Attempt
from workflow.change import workflow
from workflow.decide import Accepted, Refused, decide
from workflow.declare import Missing, Proof


def _attempt(stage: Stage, number: str, action: str, by: str, fields: Mapping[str, Any] | None = None) -> Attempt:
    """The attempt of this person as the desk would judge it."""
    from database import reading
    from tickets.gather import facts, ticket_fact

    row = stage.row(number)
    with reading(stage.engine) as session:
        found = facts(session, row, contract=stage.contract, workflow=workflow, at=stage.at, unseal=stage.desk.unseal)
        made = stage._attempt(row, found, action, by)
    return replace(made, ticket=ticket_fact(row), fields=fields or {})


def _missing(attempt: Attempt) -> set[str]:
    decision = decide(workflow, attempt)
    assert isinstance(decision, Refused)
    return {one.guard.name for one in decision.missing}


def _without(attempt: Attempt, *actions: str) -> Attempt:
    history = tuple(event for event in attempt.facts.history if event.action not in actions)
    return replace(attempt, facts=replace(attempt.facts, history=history))


@pytest.mark.parametrize(
    ("action", "opener", "by"),
    [("submit", "desk1", "staff1"), ("redraft", "desk1", "staff1"), ("propose", "staff1", "desk1")],
)
def test_c7_1_the_draft_of_the_other_party_is_not_handled_even_by_who_could_see_it(
    stage: Stage, action: str, opener: str, by: str
) -> None:
    number = stage.open("change", by=opener, **story.request(stage))
    fields = story.request(stage) if action == "redraft" else {}
    assert "by_the_originator" in _missing(_attempt(stage, number, action, by, fields))


def test_c9_1_a_plan_asks_for_the_advice_itself(stage: Stage) -> None:
    number = story.advised(stage, story.submitted(stage))
    attempt = _attempt(stage, number, "plan", "engineer1", story.work_plan(stage))
    assert isinstance(decide(workflow, attempt), Accepted)
    assert _missing(_without(attempt, "advise")) == {"done_on_this_content:advise"}


def test_c7_2_a_supplement_asks_for_the_approval_and_for_the_catalogue_itself(stage: Stage) -> None:
    number = story.drafted(stage)
    attempt = _attempt(stage, number, "draft_supplement", "manager1", story.supplement(stage))
    assert isinstance(decide(workflow, attempt), Accepted)
    assert _missing(_without(attempt, "approve_plan")) == {"done_on_this_content:approve_plan"}
    other = replace(attempt.ticket, fields={**attempt.ticket.fields, "outside_catalogue": "新单价"})
    assert _missing(replace(attempt, ticket=other)) == {"on_the_catalogue"}


def test_c16_2_an_agreement_of_an_earlier_version_carries_nothing(stage: Stage) -> None:
    number = story.signed(stage)
    stage.upload(number, "supplement_scan", by="desk1")
    stage.prove(number, "engineer1")
    attempt = _attempt(stage, number, "begin", "engineer1", {"second_person": None})
    assert isinstance(decide(workflow, attempt), Accepted)
    edited = replace(attempt, ticket=replace(attempt.ticket, content="0" * 64))
    assert {"supplement_in_force", "scan_on_file", "identified"} <= _missing(edited)


@pytest.mark.parametrize("lost", ["client", "supplier"])
def test_c7_2_one_signature_is_no_agreement(stage: Stage, lost: str) -> None:
    number = story.signed(stage)
    stage.upload(number, "supplement_scan", by="desk1")
    stage.prove(number, "engineer1")
    attempt = _attempt(stage, number, "begin", "engineer1", {"second_person": None})
    papers = tuple(
        replace(paper, signatures=tuple(s for s in paper.signatures if s.party != lost))
        for paper in attempt.facts.papers
    )
    assert _missing(replace(attempt, facts=replace(attempt.facts, papers=papers))) == {"supplement_in_force"}


def test_c7_2_both_signatures_of_one_person_are_no_agreement(stage: Stage) -> None:
    number = story.signed(stage)
    stage.upload(number, "supplement_scan", by="desk1")
    stage.prove(number, "engineer1")
    attempt = _attempt(stage, number, "begin", "engineer1", {"second_person": None})
    papers = tuple(
        replace(paper, signatures=tuple(replace(s, person=1) for s in paper.signatures))
        for paper in attempt.facts.papers
    )
    assert _missing(replace(attempt, facts=replace(attempt.facts, papers=papers))) == {"supplement_in_force"}


@pytest.mark.parametrize(
    ("step", "guard"),
    [
        ("confirm_export", "data_exported"),
        ("verify_backup", "backup_verified"),
        ("check_dependencies", "dependants_checked"),
    ],
)
def test_c7_1_each_safeguard_of_a_removal_is_asked_for_at_its_beginning(stage: Stage, step: str, guard: str) -> None:
    number = story.cooling(stage)
    stage.later(days=20)
    stage.prove(number, "engineer1")
    attempt = _attempt(stage, number, "begin", "engineer1", {"second_person": stage.person("engineer2")})
    assert isinstance(decide(workflow, attempt), Accepted)
    assert _missing(_without(attempt, step)) == {guard}


def test_c7_1_the_cooling_off_is_counted_and_not_only_awaited(stage: Stage) -> None:
    number = story.cooling(stage)
    attempt = _attempt(stage, number, "begin", "engineer1", {"second_person": stage.person("engineer2")})
    due = attempt.edition.due("change.cooling_off", stage.at)
    ready = replace(attempt, ticket=replace(attempt.ticket, state="removal_ready"))
    assert "cooled_off" in _missing(replace(ready, at=due))
    assert "cooled_off" not in _missing(replace(ready, at=due.replace(microsecond=1000)))


def test_the_guards_of_a_cancellation_ask_nothing_of_other_changes(stage: Stage) -> None:
    from workflow.change import work as work

    attempt = _attempt(stage, story.signed(stage), "begin", "engineer1")
    for guard in (
        work.data_exported,
        work.backup_verified,
        work.dependants_checked,
        work.deletion_consented,
        work.cooled_off,
        work.delete_consent_on_file,
        work.second_person_named,
        work.erasure_certified,
        work.erasure_attested,
    ):
        assert isinstance(guard.check(attempt), Proof)


def test_c9_4_what_was_begun_before_a_roll_back_is_certified_by_nobody_after_it(stage: Stage) -> None:
    from workflow.change import work as work

    number = story.removing(stage)
    stage.do(number, "record_work", by="engineer1", **story.WORK)
    asked = (
        (work.begun_by_the_same, "engineer1"),
        (work.named_as_second_person, "engineer2"),
        (work.work_recorded, "engineer1"),
    )
    for guard, by in asked:
        assert isinstance(guard.check(_attempt(stage, number, "certify_erasure", by)), Proof)
    stage.do(number, "roll_back", by="engineer1", **story.ROLL_BACK)
    for guard, by in asked:
        assert isinstance(guard.check(_attempt(stage, number, "certify_erasure", by)), Missing)


def test_c16_2_sums_that_were_not_gathered_are_no_sums_of_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = story.advised(stage, story.submitted(stage))
    story.agreed(stage, story.approved(stage, story.planned(stage, number)))
    before = stage.row(number).version
    monkeypatch.setattr(stage.workflows["change"], "gathers", {"catalogue": None})
    with pytest.raises(KeyError):
        stage.do(number, "draft_supplement", by="manager1", **story.supplement(stage))
    assert (stage.row(number).version, stage.row(number).state) == (before, "agreed")
