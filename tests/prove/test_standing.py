"""The standing acts are explored in every duty: whoever takes one of their guards away, or half of it, breaks a named claim."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from tests.prove.test_proofs_stand import CONTRACT, DUTIES, PROOFS
from workflow.attempt import Attempt, TimerFact
from workflow.declare import PARTIES, Guard, Missing, Workflow
from workflow.declare import Proof as ReliedOn
from workflow.prove import charter, prove
from workflow.prove.claims import Step
from workflow.prove.mutants import mutants
from workflow.prove.standing import ACTS
from workflow.prove.trial import Trial

BROKEN = {
    "limit_is_still_ahead": "P4", "owed_by_the_own_party": "P5", "none_is_proposed": "P6", "period_is_possible": "P7",
    "answered_by_the_other_party": "P1",
}  # fmt: skip
"""By guard the claim that breaks without it. Where nothing is proposed the last one refuses beside `deduction_is_proposed`."""


def broken(duty: Workflow, *without: str) -> tuple[str, ...]:
    """The claims that a duty breaks first where its standing acts are explored."""
    workflows = {**DUTIES, duty.kind: duty}
    found = prove(
        duty, PROOFS[duty.kind], CONTRACT, workflows, scopes=("standing",), without=without, stop_at_first=True
    )
    return found.broken


EACH = [(kind, guard) for kind in PROOFS for guard in BROKEN]


@pytest.mark.parametrize(
    ("kind", "guard"),
    [pytest.param(*one, marks=pytest.mark.whole if place % 3 else ()) for place, one in enumerate(EACH)],
)
def test_without_a_guard_of_a_standing_act_its_claim_breaks_in_each_duty(kind: str, guard: str) -> None:
    assert BROKEN[guard] in broken(DUTIES[kind], guard)


def timers(attempt: Attempt) -> list[TimerFact]:
    return [timer for timer in attempt.facts.timers if timer.deadline == (attempt.fields or {})["clock"]]


def as_if(found: bool) -> ReliedOn | Missing:
    return ReliedOn("timer") if found else Missing("It would be refused for this reason too.")


def is_running(attempt: Attempt) -> ReliedOn | Missing:
    return as_if(any(one.status == "running" and attempt.at <= one.due_at for one in timers(attempt)))


def is_expected_beyond(attempt: Attempt) -> ReliedOn | Missing:
    return as_if(any((attempt.fields or {})["expected_at"] > one.due_at for one in timers(attempt)))


def began_in_time(attempt: Attempt) -> ReliedOn | Missing:
    return as_if(any(one.started_at <= (attempt.fields or {})["from_at"] for one in timers(attempt)))


def has_passed(attempt: Attempt) -> ReliedOn | Missing:
    return as_if((attempt.fields or {})["until_at"] <= attempt.at)


HALVES = {
    "announce_delay": ("limit_is_still_ahead", "P4", (is_running, is_expected_beyond)),
    "propose_deduction": ("period_is_possible", "P7", (began_in_time, has_passed)),
}


@pytest.mark.parametrize("act", HALVES)
@pytest.mark.parametrize("kind", PROOFS)
def test_half_a_guard_is_not_enough(kind: str, act: str) -> None:
    """In time and expected within the limit, or beyond it and too late; of the limit's time and in the future, or before it."""
    guard, claim, halves = HALVES[act]
    for half in halves:
        duty, action = copy(DUTIES[kind]), DUTIES[kind].actions[act]
        guards = tuple(Guard(guard, one.clause, one.says, half) if one.name == guard else one for one in action.guards)
        duty.actions = {**duty.actions, act: replace(action, guards=guards)}
        assert claim in broken(duty), half.__name__


@pytest.mark.parametrize("kind", PROOFS)
def test_whose_a_limit_is_is_said_alike_by_the_claims_and_by_the_declaration(kind: str) -> None:
    """One scope foretells a delay of one limit; of the others this is all that shows it."""
    claim = next(one for one in PROOFS[kind].claims if one.name == "P5")
    assert claim.sight is not None
    for limit in DUTIES[kind].deadlines.values():
        if limit.reminds:
            continue
        for party in PARTIES.values():
            step = cast(Step, SimpleNamespace(party=party.name, filled={"clock": limit.name}.get))
            owes = limit.party is not None and party in (limit.party, limit.or_else)
            assert claim.sight(step) is not owes, (limit.name, party.name)


@pytest.mark.parametrize("kind", PROOFS)
def test_what_stands_trial_with_another_duty_is_the_same_act_and_does_stand_trial_there(kind: str) -> None:
    on_trial, complaints = (charter.discover()[one] for one in (kind, "complaint"))
    tried = {act for one in Trial(DUTIES["complaint"], PROOFS["complaint"], CONTRACT, DUTIES, complaints).mutants()
             for act in one.acts}  # fmt: skip
    here = {act for one in Trial(DUTIES[kind], PROOFS[kind], CONTRACT, DUTIES, on_trial).mutants() for act in one.acts}
    assert set(ACTS) <= tried
    assert set(ACTS) <= {act for act, _ in complaints.given}
    assert set(on_trial.elsewhere) == set(ACTS) - here
    assert not set(on_trial.elsewhere) & {act for act, _ in on_trial.given}
    for act in on_trial.elsewhere:
        assert DUTIES[kind].actions[act] == DUTIES["complaint"].actions[act]
        assert any(act in mutant.acts for mutant in mutants(DUTIES[kind])), "nothing is spared there"
