"""What documentation shows of the declarations is what the declarations say, and its figures are those that were measured."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from docs import assurance, proof
from docs.assurance import Figures, Planted
from docs.write_workflows import PAGE, page


def test_the_page_of_the_duties_is_up_to_date() -> None:
    written = PAGE.read_text()
    assert page(written) == written, "run `python -m docs.write_workflows`"


def test_a_changed_declaration_would_be_noticed() -> None:
    written = PAGE.read_text()
    assert page(written.replace("stateDiagram-v2", "stateDiagram-v1")) == page(written) != written.replace("v2", "v1")


MEASURED = Figures(
    "tea",
    "Tea",
    "Cups are dropped; none may break.",
    "make test",
    True,
    {"cups dropped": 12_000, "broken": 0, "height": "1 m | 2 m"},
    seed=7,
    took_seconds=3,
    planted=[Planted("a thin cup", True, "broken: cup 3"), Planted("no floor", False)],
    missing=["the noise: nobody listened"],
)


def test_the_page_of_the_figures_is_what_the_suites_handed_in() -> None:
    assert assurance.PAGE.read_text() == assurance.page(assurance.handed_in()), "run `make assurance`"


def test_what_a_suite_hands_in_is_told_with_its_day_its_commit_and_what_was_not_found(tmp_path: Path) -> None:
    assurance.hand_in(MEASURED, tmp_path)
    one = assurance.handed_in(tmp_path)[0]
    told = assurance.page([replace(one, commit="c0ffee" * 7, altered=True, date="2026-05-12T02:00+00:00")])
    assert "| Tea | yes | 1 of 2 | 2026-05-12 | c0ffeec0ffee, altered | 7 |" in told
    assert "| cups dropped | 12,000 |" in told
    assert "| height | 1 m \\| 2 m |" in told
    assert "| a thin cup | broken: cup 3 |\n| no floor | **not found** |" in told
    assert "Not measured: the noise: nobody listened" in told
    assert "| Tea | **no** |" in assurance.page([replace(one, holds=False)])
    assert len(one.commit) == 40
    assert one.machine
    assert one.date


def test_figures_can_be_taken_from_a_command_that_only_prints_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {name: value for name, value in vars(MEASURED).items() if name not in ("suite", "planted")}
    told["planted"] = [vars(one) for one in MEASURED.planted]
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(told)))
    assurance.main(["take", "kettle"], tmp_path, tmp_path / "page.md")
    assert [path.name for path in tmp_path.glob("*.json")] == ["kettle.json"]
    assert (tmp_path / "page.md").read_text() == assurance.page(assurance.handed_in(tmp_path))
    assert (tmp_path / "page.md").read_text() != assurance.page([])


def test_the_figures_of_the_proof_are_those_of_its_certificate() -> None:
    duty = {
        "scopes": {"course": {"configurations": 3, "edges": 7}, "late": {"configurations": 2, "edges": 4}},
        "claims": ["K1"],
    }
    washed = {"claim": "K1", "beside": ["invited", "state"]}
    stories = {"tea": {"guards": {"invited": {"claim": "K1"}, "awake": {"claim": None}, "washed": washed}}}
    told = proof.measured({"tea": {**duty, "holds": True}}, stories)
    assert told.figures == {
        "tea: configurations": 5, "tea: edges": 11, "tea: claims": 1, "tea: guards": 3,
        "tea: guards that never refuse alone in any scope": 1, "tea: guards without which no claim breaks": 1,
    }  # fmt: skip
    assert [(one.fault, one.by) for one in told.planted] == [
        ("tea without invited", "claim K1"),
        ("tea without washed and invited and state", "claim K1"),
    ]
    assert told.holds
    assert not proof.measured({"tea": {**duty, "holds": True}, "milk": {**duty, "holds": False}}, {}).holds
