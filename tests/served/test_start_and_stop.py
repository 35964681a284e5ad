"""`flask serve` at a terminal: started, stopped by Ctrl-C, and quiet about it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from tests import databases
from tests.served import real


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="ctrl-c"),
        pytest.param(signal.SIGHUP, id="the terminal closes", marks=pytest.mark.whole),
    ],
)
def test_the_terminal_stops_it_without_complaint(tmp_path: Path, number: int) -> None:
    url = databases.migrated(tmp_path)
    port, said = real.free_port(), tmp_path / "said.txt"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    process = real.start(command, real.environment(tmp_path, port, url), said)
    try:
        real.wait_until_it_answers(process, port, said)
        os.killpg(process.pid, number)  # As a terminal does: to everybody in the foreground.
        assert process.wait(timeout=30) == 0
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert [line for line in said.read_text().splitlines() if not line.startswith("Counterpart")] == []
    with socket.create_server(("127.0.0.1", port)):
        pass  # Nobody is left who listens there.


@pytest.mark.skipif(sys.platform != "linux", reason="NOT HELD: only Linux tells a child that its parent was killed")
def test_who_is_killed_leaves_nobody_behind_who_answers(tmp_path: Path) -> None:
    url = databases.migrated(tmp_path)
    port, said = real.free_port(), tmp_path / "said.txt"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    process = real.start(command, real.environment(tmp_path, port, url), said)
    try:
        real.wait_until_it_answers(process, port, said)
    finally:
        process.kill()
        process.wait(timeout=30)
    until = time.monotonic() + 30
    while _answers(port):
        assert time.monotonic() < until, "a server that nobody watches goes on answering"
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0
