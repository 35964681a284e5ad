"""`flask prove --without`: the attack is told, or why there is none. A name that is nobody's is refused: nothing was proved."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import Settings
from tests import databases
from wsgi import create_app


def said(folder: Path, *args: str) -> tuple[int, str]:
    app = create_app(Settings(database_url=databases.migrated(folder), instance_dir=folder))
    answer = app.test_cli_runner().invoke(args=["prove", "--language", "en", "--jobs", "1", *args])
    app.extensions["counterpart"].engine.dispose()
    return answer.exit_code, answer.output


def test_the_attack_is_told_step_by_step_and_the_command_fails(tmp_path: Path) -> None:
    status, told = said(tmp_path, "--scope", "spoken", "--without", "approver_reachable")
    assert status == 1
    assert "reboot · A36 (C9.5): Nobody is called to consent to what they asked for." in told
    assert "1. Desk (Supplier desk): Request" in told
    assert "nothing breaks" not in told
    assert {line.split()[0] for line in told.splitlines() if "configurations" in line} == {"reboot", "together:"}


@pytest.mark.parametrize(
    ("kind", "scope", "guard", "why"),
    [
        ("change", "off_the_catalogue", "erasure_certified", "whenever it refuses, so does one of to_be_signed"),
        ("reboot", "spoken", "asker_named", "claim A30 breaks in scope writing, which was not gone through"),
        (
            "reboot",
            "spoken",
            "failure_described",
            "it refuses alone, but what has to follow from the act cannot come about without it",
        ),
    ],
)
def test_where_nothing_breaks_it_is_said_why(tmp_path: Path, kind: str, scope: str, guard: str, why: str) -> None:
    status, told = said(tmp_path, "--kind", kind, "--scope", scope, "--without", guard)
    assert status == 0
    assert f"without {guard} nothing breaks: {why}" in told


@pytest.mark.parametrize(
    ("kind", "guard", "beside", "attack"),
    [
        ("reboot", "not_carried_out_yet", "the state", "B10 (C9.5): An authorisation serves once."),
        ("complaint", "deduction_is_proposed", "answered_by_the_other_party", "P1 (C7.2): "),
    ],
)
def test_of_a_guard_that_never_refuses_alone_the_attack_is_told_without_what_stands_beside_it(
    tmp_path: Path, kind: str, guard: str, beside: str, attack: str
) -> None:
    scope = "spoken" if kind == "reboot" else "course"
    status, told = said(tmp_path, "--kind", kind, "--scope", scope, "--without", guard)
    assert status == 0, "nothing that holds now would break"
    assert f"without {guard} nothing breaks: it never refuses alone. Without {beside} as well, in scope " in told
    assert f"{kind} · {attack}" in told
    assert "  1. " in told


def test_what_is_no_guard_is_refused(tmp_path: Path) -> None:
    status, told = said(tmp_path, "--kind", "reboot", "--without", "no_such_thing")
    assert status == 2
    assert "no guard of reboot is called no_such_thing" in told


@pytest.mark.parametrize(("what", "name"), [("--kind", "reboots"), ("--scope", "writings")])
def test_a_duty_or_a_scope_that_there_is_not_is_refused(tmp_path: Path, what: str, name: str) -> None:
    status, told = said(tmp_path, what, name)
    assert status == 2
    assert f"there is no such duty or scope: {name}" in told
