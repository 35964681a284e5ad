"""The theatre's stories: of these very declarations, and true. Each is played again, with the guard and without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

import workflow
from tests.desk.visit import ALLOWED, INSIDE, REQUESTED
from tests.prove.test_a_small_duty import CLAIMS, CONTRACT, SCOPE, changed
from workflow.attempt import Attempt
from workflow.declare import Guard, Label, Missing
from workflow.declare import Proof as ReliedOn
from workflow.guards import by_another_than, done
from workflow.prove import Explorer, Proof, discover, second_line, story, theatre
from workflow.prove.claims import only_after
from workflow.prove.explored import FOUND_ONE, TIME, Move
from workflow.prove.silent import guard_names
from workflow.prove.stories import Playbill, Story, file_of, read, written
from workflow.prove.story import listed
from workflow.prove.theatre import House, refused

KINDS = sorted(discover())
RENEW = "its stories are not of what is declared now; renew them: flask prove --stories --kind"


@cache
def house(kind: str) -> House:
    duties = workflow.discover()
    return House(duties[kind], discover()[kind], CONTRACT, duties)


def bill(kind: str) -> Playbill:
    found = read(kind)
    assert found is not None, f"{kind} has none; find them: flask prove --stories --kind {kind}"
    return found


def played() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        found = read(kind)
        yield from ((kind, name) for name, one in (found.stories if found else {}).items() if one.refusal is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_an_entry_for_every_guard_that_is_declared_now(kind: str) -> None:
    assert tuple(bill(kind).stories) == guard_names(house(kind).workflow), f"{kind}: {RENEW} {kind}"
    assert written(bill(kind)) == file_of(kind).read_text(encoding="utf-8")


@pytest.mark.whole
@pytest.mark.parametrize("kind", KINDS)
def test_the_stories_were_looked_for_in_what_is_declared_now(kind: str) -> None:
    """In the long form only: whatever is changed in a duty, each story is played again at every run, which takes seconds.
    Looking for them anew takes minutes, and the pages say when nobody has."""
    assert bill(kind).is_of(kind, CONTRACT), f"{kind}: {RENEW} {kind}"


def test_stories_of_something_else_are_seen_to_be_stale() -> None:
    assert not replace(bill("reboot"), declared="0" * 64).is_of("reboot", CONTRACT)
    assert not bill("reboot").is_of("reboot", replace(CONTRACT, digest="0" * 64))


@pytest.mark.parametrize(("kind", "guard"), list(played()))
def test_the_guard_alone_bars_the_way_and_without_it_the_story_happens(kind: str, guard: str) -> None:
    try:
        played_again(house(kind), bill(kind).stories[guard])
    except (AssertionError, LookupError) as untrue:
        stale = "" if bill(kind).is_of(kind, CONTRACT) else f"; {RENEW} {kind}"
        raise AssertionError(f"{kind}: the story of {guard} is not what happens{stale}") from untrue


def played_again(on: House, told: Story) -> None:
    """Both endings: without the guard, and what is said to go with it, each step is done and the claim breaks; with them one
    is refused, for these alone."""
    assert told.refusal is not None
    way = tuple(beat.move for beat in told.beats)
    missing, refusal = refused(on, told.scope, way, told.guard) or ((), None)
    assert refusal == told.refusal
    assert {one.guard.name for one in missing} == {told.guard, *told.beside}
    bare = on.watcher(told.scope, without=(told.guard, *told.beside))
    world = bare.unopened()
    for beat in told.beats:
        assert (world.state, world.at <= beat.at) == (beat.before, True)
        world = bare.played(world, beat.move)
        assert (world.state, world.at) == (beat.after, beat.at)
    if told.claim is not None:
        assert told.claim in bare.broken(way)


# --- on the duty of forty lines --------------------------------------------------------------------------------------


def a_minute_inside(name: str) -> Guard:
    """Nobody leaves within a minute of having entered."""

    def check(attempt: Attempt) -> ReliedOn | Missing:
        entered = attempt.last("enter")
        is_long = entered is not None and attempt.at >= entered.at + timedelta(minutes=1)
        return ReliedOn("event") if is_long else Missing("It is too early to leave.")

    return Guard(name, "C9.6", "Some time has passed.", check)


def once(attempt: Attempt) -> ReliedOn | Missing:
    return Missing("Somebody is inside already.") if attempt.last("enter") else ReliedOn("nothing")


SMALL = changed(
    allow=lambda one: replace(one, guards=(*one.guards, done("remark", "C10.2"))),
    enter=lambda one: replace(
        one, source=(ALLOWED, INSIDE, REQUESTED),
        guards=(done("allow", "C9.6"), Guard("once", "C9.6", "Nobody is inside.", once)),
    ),
    leave=lambda one: replace(
        one, guards=(by_another_than("enter", clause="C9.5"), a_minute_inside("this_waits"), a_minute_inside("that_waits")),
    ),
)  # fmt: skip
HEARD = only_after("V6", "C9.6", "Nobody enters before anything was said.", act="enter", needs="remark")


@cache
def small() -> tuple[House, dict[str, Story]]:
    on = House(SMALL, Proof("visit", (SCOPE,), (*CLAIMS, HEARD)), CONTRACT, {"visit": SMALL})
    watched = {"all": theatre.watch(on, "all")}
    found = second_line.behind(on, "all", theatre.never_alone(watched))
    return on, theatre.stories(on, watched, second_line.fewest([found]))


def of_the_small_duty(guard: str) -> tuple[Story, list[str]]:
    on, found = small()
    told = found[guard]
    if told.refusal is not None:
        played_again(on, told)
    return told, [beat.move.act for beat in told.beats]


@pytest.mark.parametrize(
    ("guard", "claim", "acts", "at", "clause"),
    [
        ("done:allow", "V2", ["request", "enter"], 1, "C9.6"),
        ("once", "V4", ["request", "remark", "allow", "enter", "enter"], 4, "C9.6"),
        ("identified", "G14", ["request", "remark", "allow"], 2, "C9.5"),
        ("done:remark", "V6", ["request", "allow", "enter"], 1, "C10.2"),
    ],
)
def test_the_shortest_story_is_found_with_the_step_at_which_the_guard_ends_it(
    guard: str, claim: str, acts: list[str], at: int, clause: str
) -> None:
    told, done_acts = of_the_small_duty(guard)
    assert told.refusal is not None
    assert (told.claim, done_acts, told.refusal.step, told.refusal.clause) == (claim, acts, at, clause)


def test_what_no_claim_forbids_is_told_as_such() -> None:
    told, acts = of_the_small_duty("by_another_than:enter")
    assert told.claim is None
    assert acts[-2:] == ["1", "leave"], "an hour has passed, else the others refuse as well"


def test_of_two_guards_that_hold_the_same_each_story_takes_the_other_away_too() -> None:
    one, other = of_the_small_duty("this_waits")[0], of_the_small_duty("that_waits")[0]
    assert "that_waits" in one.beside
    assert "this_waits" in other.beside
    assert one.claim is not None
    assert other.claim is not None


def test_where_no_claim_speaks_of_it_two_guards_that_hold_the_same_are_each_others_reason() -> None:
    on, _ = small()
    silent = replace(on, proof=replace(on.proof, claims=()))
    watched = {"all": theatre.watch(silent, "all")}
    assert second_line.behind(silent, "all", theatre.never_alone(watched)) == {}
    found = theatre.stories(silent, watched, {})
    assert (found["this_waits"].beside, found["that_waits"].beside) == (("that_waits",), ("this_waits",))
    assert found["this_waits"].refusal is found["that_waits"].refusal is None


def test_a_guard_that_nobody_meets_has_neither_story_nor_reason() -> None:
    told, _ = of_the_small_duty("within_the_term")
    assert (told.claim, told.beats, told.beside) == (None, (), ())


def test_who_shows_no_second_factor_is_said_to_show_none() -> None:
    told, _ = of_the_small_duty("identified")
    assert str(told.beats[-1].says).endswith("without proving a second factor")


def test_players_and_acts_are_called_by_their_names_in_whatever_happens() -> None:
    _, found = small()
    explorer = Explorer(SMALL, SCOPE, CLAIMS, CONTRACT, {"visit": SMALL})
    inside = [beat.move for beat in found["once"].beats[:4]]
    told = story(explorer, (*inside, Move(FOUND_ONE, "staff", "manager"), Move(TIME, "1"), Move(TIME, "2")))
    assert told[4].says.values == {"one": Label("player", "staff"), "two": Label("player", "manager")}
    assert told[6].says.values["acts"] == Label("action", "note_overstay")
    assert str(listed(("enter", "leave"))) == "Enter, Leave"


def test_a_story_that_is_told_otherwise_is_found_out() -> None:
    on, found = small()
    told = found["once"]
    assert told.refusal is not None
    for false in (
        replace(told, refusal=replace(told.refusal, clause="C1.1")),
        replace(told, beats=(*told.beats[:-1], replace(told.beats[-1], after="left"))),
        replace(told, guard="done:allow"),
        replace(told, claim="V1"),
    ):
        with pytest.raises(AssertionError):
            played_again(on, false)
