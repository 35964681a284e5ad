"""What the explorer says of a duty is what the API does: every kind of edge, and every kind of refusal, by everybody."""

from __future__ import annotations

from random import Random

import pytest

from tests.api.house import House
from tests.stage import REAL
from tests.tour.drive import Drive, Plan
from workflow import decide as judgement
from workflow import discover as duties
from workflow.contract import load
from workflow.prove import Explorer, discover

CONTRACT, DUTIES, PROOFS = load(REAL), duties(), discover()
PLACES = 3
"""So many configurations `make test` goes to; the long form goes to all that have an edge of their own."""

DRIVEN = {
    "change": "agreement", "complaint": "course", "drill": "before", "fault": "no_arrival", "reboot": "edits",
}  # fmt: skip
"""By duty the scope that is driven whole."""


def planned(kind: str, name: str) -> Plan:
    scope = next(one for one in PROOFS[kind].scopes if one.name == name)
    explorer = Explorer(DUTIES[kind], scope, (), CONTRACT, DUTIES)
    return Plan(explorer, explorer.run())


def test_a_part_of_what_is_proved_of_complaints_is_what_runs(furnished: House) -> None:
    plan = planned("complaint", "course")
    drive = Drive(furnished, plan)
    drive.all_of_it(Random(1).sample(sorted(plan.places), PLACES))
    assert drive.tried["accepted"] > 0
    assert drive.tried["refused"] > 0


@pytest.mark.whole
@pytest.mark.parametrize(("kind", "scope"), DRIVEN.items())
def test_all_that_is_proved_of_a_scope_is_what_runs(kind: str, scope: str, furnished: House) -> None:
    plan = planned(kind, scope)
    drive = Drive(furnished, plan)
    drive.all_of_it(plan.places)
    assert drive.tried["places"] == len(plan.places)


def test_a_desk_that_asks_nobody_for_a_mandate_is_found_out(furnished: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs is otherwise than what was proved: the tour stops where it is."""
    plan = planned("complaint", "course")
    monkeypatch.setattr(judgement, "_not_yours", lambda *_args: None)
    with pytest.raises(AssertionError):
        Drive(furnished, plan).all_of_it(plan.places)
