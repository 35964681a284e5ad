"""Without which guards of each duty an attack is told, and why none is where none is told.

The stories beside each proof say what was found; each of them is played again by the tests of the theatre. Here stands, guard by
guard, the reason of every silence: one that is new, or no longer true, fails.
"""

from __future__ import annotations

import pytest

from workflow.prove.stories import read

BY_STATE = "The states stand in its way too: nobody comes to where it would have to refuse, whatever is taken from it."
BY_PARTY = "Who holds mandates of two parties acts for none, so that one person never stands on both sides of it."
UNDONE = "It refuses alone, but what has to follow cannot come about without it: the desk would take the act back."
BESIDE = "Another guard refuses whenever this one does."
BY_THE_CLOCK = (
    "The clock is never late in a proof: it archives the fault before anybody can come to where this would refuse."
)
NOTHING_TO_ANSWER = {"deduction_is_proposed": BESIDE}
"""Where nobody has proposed a period nobody can tell of which party they were: the guard of the other party refuses as well."""
SILENT = {
    "complaint": NOTHING_TO_ANSWER,
    "change": {
        **NOTHING_TO_ANSWER,
        **dict.fromkeys(("done_on_this_content:advise", "done_on_this_content:approve_plan"), BY_STATE),
        **dict.fromkeys(("dependants_checked", "cooled_off", "erasure_certified"), BESIDE),
        **dict.fromkeys(("ends_of_lines_known", "within_the_term"), UNDONE),
        **dict.fromkeys(
            ("by_another_than:sign_supplement_client", "by_another_than:sign_supplement_supplier_first"), BY_PARTY
        ),
    },
    "reboot": {**NOTHING_TO_ANSWER, "not_carried_out_yet": BY_STATE, "failure_described": UNDONE},
    "fault": {
        **NOTHING_TO_ANSWER,
        **dict.fromkeys(("result_was_fed_back", "newest_report_is_approved"), BY_STATE),
        "within_the_reopening_time": BY_THE_CLOCK,
    },
    "drill": {
        **NOTHING_TO_ANSWER,
        **dict.fromkeys(("channel_is_stated", "times_are_possible", "entered_in_time"), UNDONE),
    },
}


@pytest.mark.parametrize("kind", SILENT)
def test_an_attack_is_told_without_each_guard_or_it_is_said_why_not(kind: str) -> None:
    bill = read(kind)
    assert bill is not None
    untold = {name for name, one in bill.stories.items() if one.claim is None}
    assert untold == set(SILENT[kind])


@pytest.mark.parametrize("kind", SILENT)
def test_where_another_guard_stands_beside_it_the_stories_name_that_one(kind: str) -> None:
    bill = read(kind)
    assert bill is not None
    assert all(bill.stories[name].beside for name, why in SILENT[kind].items() if why == BESIDE)


@pytest.mark.parametrize("kind", SILENT)
def test_where_nothing_comes_of_it_without_the_guard_the_stories_say_so(kind: str) -> None:
    bill = read(kind)
    assert bill is not None
    undone = {name for name, one in bill.stories.items() if one.undone}
    assert undone == {name for name, why in SILENT[kind].items() if why == UNDONE}
