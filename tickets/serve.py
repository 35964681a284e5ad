"""`make run`: the web server and the clock's worker as one group of processes, started together and stopped together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from threading import Event as Flag
from types import FrameType

from sqlalchemy import Engine

import migrations
from auth import demo
from config import HOME, Settings
from database import reading


def serve(settings: Settings, engine: Engine, *, say: Callable[[str], object]) -> int:
    """Runs until stopped or until the server ends; returns its exit status, 0 when stopped. A worker that ends is started
    again."""
    if migrations.pending(engine):
        say("The tables are not up to date: run `flask migrate` first.")
        return 1
    environment = {**os.environ, "COUNTERPART_DEMO": "1" if _is_demo(settings, engine) else "0"}
    stop = Flag()

    def asked_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, asked_to_stop)
    server, worker = _start(server_command(settings), environment), _start(_worker(), environment)
    try:
        say(f"Counterpart 履约台: http://{settings.bind_host}:{settings.bind_port}/")
        while not stop.wait(1) and server.poll() is None:
            if worker.poll() is not None:
                say("The clock's worker ended; it is started again.")
                worker = _start(_worker(), environment)
    finally:
        _end(server, worker)
    return server.returncode if not stop.is_set() else 0


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """In a group of its own: a terminal's Ctrl-C goes to its whole group, and granian's child would take it for a crash."""
    bound = _bound_to(os.getpid()) if sys.platform == "linux" else None
    return subprocess.Popen(command, env=environment, cwd=HOME, process_group=0, preexec_fn=bound)


_ENDS_WITH_ITS_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def _bound_to(parent: int) -> Callable[[], None]:
    """What a child does before it begins: from then on it is asked to end when whoever started it is gone, killed too. A server
    left behind would go on answering beside the next one, from the code of yesterday. Elsewhere than on Linux it is."""
    prctl = ctypes.CDLL(None).prctl

    def bind() -> None:
        prctl(_ENDS_WITH_ITS_PARENT, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return bind


def _end(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_demo(settings: Settings, engine: Engine) -> bool:
    """Over the demo's own database, on this machine alone, everybody may sign in as anybody."""
    with reading(engine) as session:
        return demo.on_loopback(settings.bind_host) and demo.is_marked(session)


def server_command(settings: Settings, app: str = "wsgi:create_app") -> list[str]:
    """granian over the factory `app`. One process of several threads: SQLite lets one writer in at a time anyway."""
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--factory",
        app,
        "--host",
        settings.bind_host,
        "--port",
        str(settings.bind_port),
        "--workers",
        "1",
        "--blocking-threads",
        "4",
        "--log-level",
        "warning",
        "--no-ws",
    ]


def _worker() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
