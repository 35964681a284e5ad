"""Which worlds are taken for one configuration, and that nothing is lost by it: walks at random that keep their whole history
come to nothing that was not found."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.desk.visit import ALLOWED, INSIDE, workflow
from tests.prove.test_a_small_duty import CLAIMS, CONTRACT, SCOPE, changed
from tests.prove.test_proofs_stand import DUTIES, PROOFS, SCOPES, SMALL
from workflow.attempt import Attempt
from workflow.declare import Guard, Missing, Proof
from workflow.guards import done
from workflow.prove import Explorer
from workflow.prove.heard import answered_anew_by


def walks(explorer: Explorer, how_many: int, length: int, seed: int) -> int:
    """Walks at random with the whole history kept. Wherever a walk comes to must be among the configurations that were
    found, and what can be done there must be what can be done in the one that was taken for it; that one may have more of
    what a scope limits."""
    dice, steps, limited = random.Random(seed), 0, set(explorer.scope.at_most)
    key_of = {number: key for key, number in explorer.numbers}
    for _ in range(how_many):
        world = explorer.unopened()
        for _ in range(length):
            explorer.questions.listen(world.state)
            number = explorer.numbers.of(explorer.keys.key(world), world.counts)
            assert number is not None, (world.state, [event.action for event in world.facts.history])
            moves = explorer.moves(world)
            ways = {(move, explorer.keys.key(after)) for move, after in moves}
            found = {(move, key_of[to]) for move, to in explorer.found.edges[number]}
            assert ways <= found, (number, world.state)
            assert {move.act for move, _ in found - ways} <= limited, (number, world.state)
            if not moves:
                break
            world, steps = dice.choice([after for _, after in moves]), steps + 1
    return steps


def explored(kind: str, name: str) -> Explorer:
    scope = next(one for one in PROOFS[kind].scopes if one.name == name)
    explorer = Explorer(DUTIES[kind], scope, PROOFS[kind].claims, CONTRACT, DUTIES)
    explorer.run()
    return explorer


def test_a_walk_with_its_whole_history_finds_nothing_that_was_not_found() -> None:
    explorer = Explorer(workflow, SCOPE, CLAIMS, CONTRACT, {"visit": workflow})
    explorer.run()
    assert walks(explorer, how_many=10, length=15, seed=1) > 60


@pytest.mark.parametrize(
    ("kind", "scope"), [pytest.param(*one, marks=() if one in SMALL.items() else pytest.mark.whole) for one in SCOPES]
)
def test_nor_does_one_through_a_duty(kind: str, scope: str) -> None:
    explorer = explored(kind, scope)
    steps = walks(explorer, how_many=12, length=60, seed=3)
    assert steps > min(100, explorer.found.configurations) or explorer.found.configurations == 1


def test_a_key_that_leaves_a_question_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = changed(enter=lambda one: replace(one, source=(ALLOWED, INSIDE), guards=(done("remark", "C9.6"),)))
    explorer = Explorer(twice, SCOPE, (), CONTRACT, {"visit": twice})
    explorer.run()
    walks(explorer, how_many=5, length=10, seed=2)
    told = type(explorer.keys).key
    monkeypatch.setattr(
        type(explorer.keys), "key", lambda keys, world: (*told(keys, world)[:5], *told(keys, world)[6:])
    )
    explorer.run()
    with pytest.raises(AssertionError):
        walks(explorer, how_many=20, length=10, seed=2)


@pytest.mark.parametrize(
    ("question", "anew"),
    [
        (("last", ("allow", "refuse"), ("amend",)), {"allow", "refuse", "amend"}),
        (("past", ("remark",), ("amend",)), {"amend"}),
        (("persons", ("remark",), ()), set()),
        (("refusals", "allow", ("amend",), 3), {"amend"}),
        (("before", "allow", ("remark",)), set()),
    ],
)
def test_an_act_answers_a_question_anew_where_what_was_before_makes_no_difference(
    question: tuple[object, ...], anew: set[str]
) -> None:
    assert answered_anew_by(question) == anew


def test_an_answer_that_an_act_must_give_anew_before_it_is_asked_tells_no_worlds_apart() -> None:
    """Whether anybody was let in is asked only inside, where nobody comes but by being let in."""
    asked = changed(leave=lambda one: replace(one, guards=(done("enter", "C9.6"),)))
    explorer = Explorer(asked, SCOPE, (), CONTRACT, {"visit": asked})
    explorer.run()
    question = next(one for one in explorer.questions.by_state["inside"].questions if "enter" in one[1])
    told = explorer.questions.relevant(explorer.keys.ways)
    assert question in told["inside"].questions
    assert question not in told["allowed"].questions
    walks(explorer, how_many=10, length=15, seed=4)


def test_what_is_asked_about_the_time_before_an_act_counts_before_it_is_done() -> None:
    """Who remarked before the permission is asked inside; two worlds with and without the remark are two until then."""

    def check(attempt: Attempt) -> Proof | Missing:
        return Proof("said") if attempt.before("allow", "remark") else Missing("Nobody had remarked anything.")

    duty = changed(
        allow=lambda one: replace(one, guards=()),
        enter=lambda one: replace(one, guards=(Guard("said", "C9.6", "Somebody had remarked something.", check),)),
    )
    scope = replace(SCOPE, moments=(timedelta(0),))
    explorer = Explorer(duty, scope, (), CONTRACT, {"visit": duty})
    explorer.run()
    assert {"allowed", "inside"} <= set(explorer.found.states)
    walks(explorer, how_many=30, length=10, seed=5)


def test_a_world_in_which_an_act_was_done_more_often_is_no_configuration_of_its_own() -> None:
    """The limit keeps a scope small; what can still be done after fewer remarks is all that can be done after more."""
    explorers = [
        Explorer(workflow, replace(SCOPE, at_most={"remark": most}), CLAIMS, CONTRACT, {"visit": workflow})
        for most in (1, 3)
    ]
    once, thrice = (explorer.run().configurations for explorer in explorers)
    assert once == thrice
    for explorer in explorers:
        walks(explorer, how_many=10, length=15, seed=6)
