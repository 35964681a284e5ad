"""What the explorer says of a duty is what the API does: every kind of edge, and every kind of refusal, by everybody."""

from __future__ import annotations

from random import Random

import pytest

from tests.api.house import House
from tests.tour.__main__ import toured
from tests.tour.drive import PROOFS, Drive, planned
from workflow import decide as judgement

PLACES = 3
"""So many configurations `make test` goes to; the long form goes to all that have an edge of their own."""

DRIVEN = {
    "change": "agreement", "complaint": "course", "drill": "before", "fault": "no_arrival", "reboot": "edits",
}  # fmt: skip
"""By duty the scope that is driven whole."""


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


def test_the_long_form_counts_what_it_had_no_time_for(furnished: House) -> None:
    scope = next(one for one in PROOFS["complaint"].scopes if one.name == "course")
    counts, faults = toured(furnished, "complaint", scope, until=0, seed=1, refused=set())
    assert faults == []
    assert counts["configurations left out for want of time"] == counts["configurations with an edge of their own"] > 0
    assert counts["accepted"] == 0
