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
        ("reboot", "spoken", "not_carried_out_yet", "nobody comes to where it would have to refuse alone"),
        ("reboot", "spoken", "asker_named", "claim A30 breaks in scope writing, which was not gone through"),
        (
            "reboot",
            "spoken",
            "failure_described",
            "it refuses alone, but what has to follow from the act cannot come about without it",
        ),
        ("change", "off_the_catalogue", "dependants_checked", "whenever it refuses, so does one of cooled_off"),
    ],
)
def test_where_nothing_breaks_it_is_said_why(tmp_path: Path, kind: str, scope: str, guard: str, why: str) -> None:
    status, told = said(tmp_path, "--kind", kind, "--scope", scope, "--without", guard)
    assert status == 0
    assert f"without {guard} nothing breaks: {why}" in told


def test_what_is_no_guard_is_refused(tmp_path: Path) -> None:
    status, told = said(tmp_path, "--kind", "reboot", "--without", "no_such_thing")
    assert status == 2
    assert "no guard of reboot is called no_such_thing" in told


@pytest.mark.parametrize(("what", "name"), [("--kind", "reboots"), ("--scope", "writings")])
def test_a_duty_or_a_scope_that_there_is_not_is_refused(tmp_path: Path, what: str, name: str) -> None:
    status, told = said(tmp_path, what, name)
    assert status == 2
    assert f"there is no such duty or scope: {name}" in told
