"""Each duty has a proof, its certificate speaks of the declaration as it is now, and small scopes are proved at every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stage import REAL
from workflow import discover as duties
from workflow.contract import load
from workflow.prove import Explorer, discover, prove
from workflow.prove.certificate import certificate, declared, read, valid, write
from workflow.prove.explored import Explored
from workflow.prove.heard import Questions
from workflow.prove.report import report

CONTRACT, DUTIES, PROOFS = load(REAL), duties(), discover()
SMALL = {
    "change": "agreement", "complaint": "course", "drill": "before", "fault": "no_arrival", "reboot": "edits",
}  # fmt: skip
"""By duty a scope that takes a second or two; `make prove` takes all of them."""
LEARNING = {kind: SMALL[kind] for kind in ("complaint", "drill")}
"""Of the drill something is asked late that had been left out before."""


@pytest.mark.parametrize("kind", PROOFS)
def test_the_certificate_speaks_of_the_duty_as_it_is_declared_now(kind: str) -> None:
    assert valid(kind, CONTRACT), "say `flask prove --certify` once everything holds"
    held = read()[kind]
    assert held["claims"] == [claim.name for claim in PROOFS[kind].claims]
    assert set(held["scopes"]) == {scope.name for scope in PROOFS[kind].scopes}


def test_every_duty_has_a_proof() -> None:
    assert set(PROOFS) == set(DUTIES)


@pytest.mark.parametrize("kind", PROOFS)
def test_no_two_claims_of_a_duty_have_one_name(kind: str) -> None:
    names = [f"{claim.name} {claim.acts}{claim.says}" for claim in PROOFS[kind].claims]
    assert len(names) == len(set(names))
    assert all(claim.clause in CONTRACT.clauses for claim in PROOFS[kind].claims)


@pytest.mark.parametrize("kind", SMALL)
def test_a_small_scope_holds_and_comes_to_what_is_certified(kind: str) -> None:
    found = prove(DUTIES[kind], PROOFS[kind], CONTRACT, DUTIES, scopes=(SMALL[kind],))
    assert found.broken == ()
    assert found.configurations > 20


def test_the_same_program_gives_the_same_certificate_and_another_one_voids_it(tmp_path: Path) -> None:
    proof, file = PROOFS["complaint"], tmp_path / "certificate.json"
    small = (SMALL["complaint"],)
    told = [report(proof, prove(DUTIES["complaint"], proof, CONTRACT, DUTIES, scopes=small)) for _ in range(2)]
    once, again = (certificate([one], CONTRACT) for one in told)
    assert once == again
    write(once, file)
    assert valid("complaint", CONTRACT, file)
    write({"complaint": {**once["complaint"], "declared": declared("fault", CONTRACT)}}, file)
    assert not valid("complaint", CONTRACT, file)
    write({"complaint": {**once["complaint"], "holds": False}}, file)
    assert not valid("complaint", CONTRACT, file)


SCOPES = [(kind, scope.name) for kind, proof in PROOFS.items() for scope in proof.scopes]


@pytest.mark.parametrize(
    ("kind", "scope"),
    [pytest.param(*one, marks=() if one in LEARNING.items() else pytest.mark.whole) for one in SCOPES],
)
def test_what_is_asked_late_is_found_as_if_it_had_been_asked_at_once(kind: str, scope: str) -> None:
    """What was tried in a world is remembered when a new question tells worlds apart, and forgotten where that matters."""
    within = next(one for one in PROOFS[kind].scopes if one.name == scope)

    def explored(questions: Questions) -> Explored:
        return Explorer(DUTIES[kind], within, PROOFS[kind].claims, CONTRACT, DUTIES, questions=questions).run()

    questions = Questions()
    late, at_once = explored(questions), explored(questions.copied())
    assert at_once.rounds == 1
    for told in ("states", "edges", "parents", "can", "acted", "excused", "violations", "attempts"):
        assert getattr(late, told) == getattr(at_once, told), told


OF_THE_START = (
    "identified", "identity_verified", "in_writing", "consented", "inside_the_window", "right_server", "persons_apart",
    "agreed_by_the_supplier",
)  # fmt: skip


@pytest.mark.whole
@pytest.mark.parametrize("guard", OF_THE_START)
def test_without_a_guard_of_the_start_its_attack_is_told(guard: str) -> None:
    found = prove(DUTIES["reboot"], PROOFS["reboot"], CONTRACT, DUTIES, without=(guard,), stop_at_first=True)
    assert found.violations, guard
    assert found.violations[0].story[-1].says.text
