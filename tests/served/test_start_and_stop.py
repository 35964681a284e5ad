"""`flask serve` at a terminal: started, stopped by Ctrl-C, and quiet about it."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests import databases
from tests.served import real


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=["ctrl-c", "the terminal closes"])
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
