"""Without which guards of each duty an attack is told, and why none is where none is told.

The stories beside each proof say what was found; each of them is played again by the tests of the theatre. Here stands, guard by
guard, what refuses beside it where it never refuses alone, and the reason of every silence: one that is new, or no longer true,
fails.
"""

from __future__ import annotations

import pytest

from workflow.prove.stories import STATE, read

OTHERS = ("answered_by_the_other_party",)
NOTHING_TO_ANSWER: dict[str, tuple[str, ...]] = {"deduction_is_proposed": OTHERS}
"""Where nobody has proposed a period nobody can tell of which party they were: the guard of the other party refuses as well."""
SECOND_LINE: dict[str, dict[str, tuple[str, ...]]] = {
    "complaint": NOTHING_TO_ANSWER,
    "change": {
        **NOTHING_TO_ANSWER,
        "done_on_this_content:advise": (STATE,),
        "done_on_this_content:approve_plan": (STATE,),
        "by_another_than:sign_supplement_client": (STATE,),
        "by_another_than:sign_supplement_supplier_first": (STATE,),
        "dependants_checked": ("cooled_off", "data_exported", "deletion_consented"),
        "cooled_off": (STATE,),
    },
    "reboot": {**NOTHING_TO_ANSWER, "not_carried_out_yet": (STATE,)},
    "fault": {
        **NOTHING_TO_ANSWER,
        "result_was_fed_back": ("newest_report_is_approved", STATE),
        "newest_report_is_approved": (STATE,),
        "within_the_reopening_time": (STATE,),
    },
    "drill": NOTHING_TO_ANSWER,
}
"""Guards that never refuse alone, each with what has to be taken away with it until an attack can be told."""
UNDONE = "It refuses alone, but what has to follow cannot come about without it: the desk would take the act back."
NOTHING_TO_SIGN = "Where it refuses there is no certificate yet, and nobody can sign what is not there."
SILENT = {
    "complaint": {},
    "change": {
        "erasure_certified": NOTHING_TO_SIGN,
        **dict.fromkeys(("ends_of_lines_known", "within_the_term"), UNDONE),
    },
    "reboot": {"failure_described": UNDONE},
    "fault": {},
    "drill": dict.fromkeys(("channel_is_stated", "times_are_possible", "entered_in_time"), UNDONE),
}


@pytest.mark.parametrize("kind", SILENT)
def test_an_attack_is_told_without_each_guard_or_it_is_said_why_not(kind: str) -> None:
    bill = read(kind)
    assert bill is not None
    untold = {name for name, one in bill.stories.items() if one.claim is None}
    assert untold == set(SILENT[kind])


@pytest.mark.parametrize("kind", SECOND_LINE)
def test_where_a_guard_never_refuses_alone_its_story_takes_away_what_stands_beside_it(kind: str) -> None:
    bill = read(kind)
    assert bill is not None
    behind = {name: one.beside for name, one in bill.stories.items() if one.claim is not None and one.beside}
    assert behind == SECOND_LINE[kind]


@pytest.mark.parametrize("kind", SILENT)
def test_where_what_is_to_be_signed_is_not_there_the_stories_say_so(kind: str) -> None:
    bill = read(kind)
    assert bill is not None
    unsigned = {name for name, one in bill.stories.items() if one.claim is None and one.beside == ("to_be_signed",)}
    assert unsigned == {name for name, why in SILENT[kind].items() if why == NOTHING_TO_SIGN}


@pytest.mark.parametrize("kind", SILENT)
def test_where_nothing_comes_of_it_without_the_guard_the_stories_say_so(kind: str) -> None:
    bill = read(kind)
    assert bill is not None
    undone = {name for name, one in bill.stories.items() if one.undone}
    assert undone == {name for name, why in SILENT[kind].items() if why == UNDONE}
