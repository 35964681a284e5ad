"""A real server in a process of its own on loopback, waited for until it answers."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from config import HOME

LONGEST_START_SECONDS = 60


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as asked:
        port: int = asked.getsockname()[1]
        return port


def environment(folder: Path, port: int, url: str) -> dict[str, str]:
    """The desk whose instance lies in `folder` and whose database at `url`."""
    return {
        **os.environ,
        "COUNTERPART_INSTANCE": str(folder / "instance"),
        "DATABASE_URL": url,
        "COUNTERPART_PORT": str(port),
    }


def start(command: Sequence[str], given: Mapping[str, str], said: Path) -> subprocess.Popen[bytes]:
    """In a session of its own, as at a terminal of its own. What it says goes to the file `said`."""
    with said.open("wb") as out:
        return subprocess.Popen(command, env=given, cwd=HOME, stdout=out, stderr=out, start_new_session=True)


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    for _ in range(LONGEST_START_SECONDS * 5):
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as asked:
                asked.request("GET", "/healthz")
                if asked.getresponse().read():
                    return
        except OSError:
            pass
        try:
            process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"the server did not start:\n{said.read_text()}")
