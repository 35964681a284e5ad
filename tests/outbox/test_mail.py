"""E-mail to a real server: what it gets, what it refuses, what it never learns; and a worker that is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config import HOME, Settings
from tests.outbox.office import Office
from tests.outbox.servers import Post, post_office
from tickets.outbox.carriers import Letter, NotNow, Refused, Unreachable
from tickets.outbox.mail import Mail, UnfitSettings, is_address, written
from tickets.outbox.models import DEAD, FAILED, SENDING, SENT, Delivery

SENDER = "desk@counterpart.example"
AT = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)
LETTER = Letter("0123abcd.4567", "desk1@example.org", "BJ26-F-2026-0001 · 故障：受理", "一行\n另一行\n", AT)


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as server:
        yield server


def settings(post: Post, **more: Any) -> dict[str, Any]:
    return {"smtp_host": "127.0.0.1", "smtp_port": post.port, "smtp_tls": "none", "smtp_sender": SENDER, **more}


def mail(post: Post, **more: Any) -> Mail:
    return Mail(replace(Settings(), outbox_timeout_seconds=5, **settings(post, **more)))


@pytest.fixture
def visit(office: Office, visit_fields: dict[str, Any]) -> str:
    office.address("desk1")
    return office.house.open("visit", "staff1", **visit_fields)


def the_letter(office: Office) -> Delivery:
    (found,) = office.deliveries("email")
    return found


def test_a_notice_arrives_with_number_and_link_and_answers_to_nobody(office: Office, visit: str, post: Post) -> None:
    outbox = office.real(**settings(post))
    outbox.turn()
    (got,) = post.taken
    assert got["Subject"] == f"{visit} · 机房来访：request" or visit in got["Subject"]
    assert (got["From"], got["To"]) == (SENDER, "desk1@example.org")
    assert got["Message-ID"] == f"<{the_letter(office).reference}@counterpart.example>"
    assert (got["Auto-Submitted"], got["Precedence"]) == ("auto-generated", "bulk")
    assert got["Date"].datetime == office.house.at
    assert f"/tickets/{visit}" in got.get_content()
    assert "来访单位" not in got.get_content()
    assert post.envelopes == [(SENDER, ["desk1@example.org"])]
    outbox.turn()
    assert len(post.taken) == 1


def test_a_server_that_says_not_now_is_asked_again_under_the_same_id(office: Office, visit: str, post: Post) -> None:
    outbox = office.real(**settings(post))
    post.to_letters = ["451 greylisted desk1@example.org"]
    outbox.turn()
    one = the_letter(office)
    assert (one.status, one.fault, one.detail) == (FAILED, "unsettled", "451 greylisted …@…")
    office.house.at = one.due_at
    outbox.turn()
    assert [str(got["Message-ID"]) for got in post.taken] == [f"<{one.reference}@counterpart.example>"]


@pytest.mark.parametrize("where", ["to_recipients", "to_letters"])
def test_a_server_that_refuses_for_good_is_not_asked_again(office: Office, visit: str, post: Post, where: str) -> None:
    outbox = office.real(**settings(post))
    setattr(post, where, ["550 unknown"])
    outbox.turn()
    office.house.at += timedelta(days=2)
    outbox.turn()
    assert (the_letter(office).status, the_letter(office).attempts, post.taken) == (DEAD, 1, [])


def test_a_recipient_who_is_busy_is_asked_again(post: Post) -> None:
    post.to_recipients = ["452 mailbox full"]
    with pytest.raises(NotNow, match="452 mailbox full"):
        mail(post).carry(LETTER)
    mail(post).carry(LETTER)
    assert len(post.taken) == 1


def test_a_server_that_cannot_be_reached_rests() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = Settings(smtp_host="127.0.0.1", smtp_port=taken.getsockname()[1], smtp_tls="none", smtp_sender=SENDER)
        with pytest.raises(Unreachable):
            Mail(nobody).carry(LETTER)


def test_a_server_that_says_nothing_is_given_up_after_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        deaf = Settings(
            smtp_host="127.0.0.1",
            smtp_port=silent.getsockname()[1],
            smtp_tls="none",
            smtp_sender=SENDER,
            outbox_timeout_seconds=0.05,
        )
        with pytest.raises(Unreachable, match="timed out"):
            Mail(deaf).carry(LETTER)


def test_nothing_is_sent_in_clear_where_encryption_is_asked_for(post: Post) -> None:
    with pytest.raises(Unreachable, match="STARTTLS"):
        mail(post, smtp_tls="starttls").carry(LETTER)
    with pytest.raises(Unreachable):
        mail(post, smtp_tls="implicit").carry(LETTER)
    assert post.taken == []


def test_settings_that_contradict_each_other_stop_the_start(post: Post) -> None:
    for wrong in ({"smtp_user": "u", "smtp_password": "p"}, {"smtp_tls": "maybe"}, {"smtp_sender": "nobody"}):
        with pytest.raises(UnfitSettings):
            mail(post, **wrong)
    assert "hidden" not in repr(Settings(smtp_password="hidden"))


@pytest.mark.parametrize(
    "address",
    ["a@example.org\r\nBcc: b@example.org", "a b@example.org", "a@example", "@example.org", "a@-x.org", "a..b@example.org",
     "<a@example.org>", '"a"@example.org', "a@example.org,b@example.org", "ä@example.org", f"{'a' * 65}@example.org", ""],
)  # fmt: skip
def test_what_could_break_out_of_a_header_is_no_address(address: str, post: Post) -> None:
    assert not is_address(address)
    with pytest.raises(Refused):
        mail(post).carry(replace(LETTER, address=address))
    assert post.envelopes == []


def test_a_subject_that_could_begin_a_header_is_refused() -> None:
    with pytest.raises(Refused):
        written(replace(LETTER, subject="x\r\nBcc: b@example.org"), SENDER)


def test_words_arrive_as_they_were_written(post: Post) -> None:
    mail(post).carry(LETTER)
    (got,) = post.taken
    assert (got["Subject"], got.get_content().replace("\r\n", "\n")) == (LETTER.subject, LETTER.body)


def test_killed_after_the_server_took_it_the_letter_comes_again_under_the_same_id(
    office: Office, visit: str, post: Post
) -> None:
    """A real worker, killed by the very server that has just taken its letter, before it can say so."""
    office.outbox._fan_out.turn()
    environment = {
        **os.environ,
        "DATABASE_URL": str(office.house.engine.url),
        "COUNTERPART_INSTANCE": str(office.house.folder / "instance"),
        "COUNTERPART_SMTP_HOST": "127.0.0.1",
        "COUNTERPART_SMTP_PORT": str(post.port),
        "COUNTERPART_SMTP_TLS": "none",
        "COUNTERPART_SMTP_SENDER": SENDER,
    }
    worker: list[subprocess.Popen[bytes]] = []

    def kill() -> str:
        os.kill(worker[0].pid, signal.SIGKILL)
        return "250 taken"

    post.to_letters = [kill]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--once"]
    with subprocess.Popen(command, env=environment, cwd=HOME, stdout=subprocess.DEVNULL) as started:
        worker.append(started)
        assert started.wait(timeout=60) == -signal.SIGKILL
    one = the_letter(office)
    assert (one.status, one.attempts, len(post.taken)) == (SENDING, 1, 1)
    office.house.at = one.due_at
    office.real(**settings(post)).turn()
    first, second = post.taken
    assert first["Message-ID"] == second["Message-ID"] == f"<{one.reference}@counterpart.example>"
    assert first.get_content() == second.get_content()
    assert the_letter(office).status == SENT
