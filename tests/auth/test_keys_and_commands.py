"""The key file, and what is done at the machine itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from auth import people
from auth.commands import findings_at
from auth.models import SecurityEvent
from auth.seal import BrokenSeal, Sealer, UnfitKey, open_sealer
from database import reading, transaction
from tests.auth.conftest import Desk


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = open_sealer(tmp_path / "instance"), open_sealer(tmp_path / "instance")
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert second.open("totp:1", first.seal("totp:1", "abc")) == "abc"
    assert first.derive("cookies") != first.derive("seal")


@pytest.mark.parametrize("key", [b"", b"x" * 31, b"a" * 64, b"changeme" * 8, b"secret" * 10, b"0123" * 16])
def test_a_short_or_known_key_stops_the_start(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "secret_key"
    path.write_bytes(key)
    path.chmod(0o600)
    with pytest.raises(UnfitKey):
        open_sealer(tmp_path)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_a_key_that_others_may_read_stops_the_start(tmp_path: Path, mode: int) -> None:
    open_sealer(tmp_path)
    (tmp_path / "secret_key").chmod(mode)
    with pytest.raises(UnfitKey):
        open_sealer(tmp_path)


def test_a_seal_opens_only_for_its_purpose_unaltered_and_with_its_key() -> None:
    sealer = Sealer(b"k" * 32)
    sealed = sealer.seal("totp:1", "abc")
    for context, text, other in (("totp:2", sealed, sealer), ("totp:1", sealed[:-2] + "AA", sealer),
                                 ("totp:1", sealed, Sealer(b"j" * 32)), ("totp:1", "", sealer)):  # fmt: skip
        with pytest.raises(BrokenSeal):
            other.open(context, text)


def test_the_first_administrator_is_made_once(desk: Desk) -> None:
    run = desk.app.test_cli_runner().invoke
    made = run(args=["people", "first-admin", "sec", "安全员"])
    assert made.exit_code == 0
    path = made.output.strip()
    assert desk.client().get(path).status_code == 200
    assert run(args=["people", "first-admin", "other", "X"]).exit_code == 1
    again = run(args=["people", "first-admin", "sec", "安全员"])
    assert again.exit_code == 0
    assert desk.client().get(path).status_code == 404
    assert desk.client().get(again.output.strip()).status_code == 200
    assert "sec\t安全员\tinvited\tadmin.security@-" in run(args=["people", "list"]).output


def test_after_enrolment_no_second_first_administrator(desk: Desk) -> None:
    desk.person("sec", "admin.security")
    for username in ("sec", "other"):
        assert desk.app.test_cli_runner().invoke(args=["people", "first-admin", username, "X"]).exit_code == 1
    with reading(desk.engine) as session:
        kinds = [event.kind for event in session.scalars(select(SecurityEvent)) if event.outcome == "refused"]
    assert kinds == ["first_administrator"] * 2


def test_8_1_4_2_c_the_audit_names_stale_accounts(desk: Desk) -> None:
    used, idle = desk.person("used", "client.staff"), desk.person("idle", "client.staff")
    sec = desk.person("sec", "admin.security")
    with transaction(desk.engine) as session:
        people.add_person(session, username="never.came", name="N", language="en", by=None, at=desk.at)
        gone = people.disable(session, idle.id, by=sec.id, reason="left", at=desk.at)
        assert not isinstance(gone, people.Refusal)
    desk.pass_time(days=90)
    with reading(desk.engine) as session:
        assert ("used", "not used for more than 90 days") not in findings_at(session, desk.at)
    desk.at += timedelta(microseconds=1)
    with reading(desk.engine) as session:
        assert findings_at(session, desk.at) == [
            ("idle", "disabled, but mandates still stand"),
            ("never.came", "invited more than 90 days ago"),
            ("never.came", "no mandate"),
            ("sec", "not used for more than 90 days"),
            (used.username, "not used for more than 90 days"),
        ]
    assert desk.app.test_cli_runner().invoke(args=["accounts", "audit"]).exit_code == 1


def test_the_policy_table_can_be_read_by_people(desk: Desk) -> None:
    shown = desk.app.test_cli_runner().invoke(args=["routes-policy"]).output
    assert "/security/events\tGET\tadmin.audit\tsecurity.events" in shown
