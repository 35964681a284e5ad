"""The desk as real processes: `flask serve`, more workers beside it, a PostgreSQL of its own; and who kills them."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from select import select
from shutil import which
from tempfile import mkdtemp

import migrations
from config import HOME
from database import open_engine
from migrations import grants
from tests import databases
from tests.chaos import plants
from tests.served import real

FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
LONGEST_START_SECONDS = 600
STRACE = ["strace", "-f", "-qq", "-e", "trace=fdatasync,fsync", "-e", "signal=none"]


def wait(seconds: float) -> None:
    select([], [], [], seconds)


def family(pid: int) -> list[int]:
    """The process and all that descend from it, the youngest last."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended meanwhile.
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def end(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def frozen(pid: int) -> list[int]:
    """The family, none of which goes on to have children that nobody would know of."""
    found: list[int] = []
    while new := [one for one in family(pid) if one not in found]:
        for one in new:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGSTOP)
        found += new
    return found


def is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


class Database:
    """A PostgreSQL on disk with the settings of a real one, which can be killed; `url` is the desk's role's."""

    def __init__(self) -> None:
        self.cluster = databases.Cluster.make(Path(mkdtemp(prefix="pg-data-")))
        self.process = self.cluster.start()
        owned = self.cluster.url.render_as_string(hide_password=False)
        server = databases.Server(self.cluster.url)  # Makes the role.
        server.connection.close()
        engine = open_engine(owned)
        migrations.upgrade(engine)
        grants.give(engine, databases.ROLE)
        engine.dispose()
        self.url = databases.as_role(owned)

    def kill(self) -> None:
        """All of its processes at one instant: what was only in their memory is gone. Then it is started again."""
        members = family(self.process.pid)
        end(members)
        self.process.wait()
        while not all(is_dead(one) for one in members):
            wait(0.05)
        # Until somebody has taken note of a dead process its number still counts as one, and it would not start over it.
        for lock in (self.cluster.data / "postmaster.pid", *self.cluster.folder.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)
        self.process = self.cluster.start()

    def close(self) -> None:
        self.cluster.stop(self.process)


class Served:
    """`flask serve` and `more` workers over one database, in the quick time of `clock`."""

    def __init__(self, folder: Path, url: str, clock: str, *, planted: str = "", more: int = 2) -> None:
        self.folder, self.more, self.kills = folder, more, dict[str, int]()
        self.port, self.said, self.witness = real.free_port(), folder / "said.txt", folder / "witness.txt"
        self.given = real.environment(folder, self.port, url) | {
            "PYTHONPATH": f"{HOME / 'tests' / 'chaos' / 'at_start'}{os.pathsep}{HOME}",
            "COUNTERPART_SMTP_TLS": "none",
            "COUNTERPART_SMTP_HOST": "127.0.0.1",
            "COUNTERPART_SMTP_SENDER": "desk@example.org",
            plants.CLOCK: clock,
            plants.PLANTED: planted,
            plants.WITNESS: str(self.witness),
        }
        self.traced: list[str] = []
        self.serve: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Starts what does not run, and waits until the desk answers."""
        if self.serve is None or self.serve.poll() is not None:
            self.serve = self._run([*self.traced, *FLASK, "serve"])
        living = [one for one in self.workers if one.poll() is None]
        self.workers = living + [self._run([*FLASK, "worker"]) for _ in range(self.more - len(living))]
        for _ in range(LONGEST_START_SECONDS * 10):
            if self.answers():
                return
            if self.serve.poll() is not None:
                self.serve = self._run([*self.traced, *FLASK, "serve"])
            wait(0.1)
        raise AssertionError(f"the desk does not come back:\n{self.said.read_text()[-3000:]}")

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self.said.open("ab") as out:
            return subprocess.Popen(command, env=self.given, cwd=HOME, stdout=out, stderr=out, start_new_session=True)

    def answers(self) -> bool:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as asked:
                asked.request("GET", "/readyz")
                return b'"reachable"' in asked.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False

    def kill(self, whom: str, random: Random) -> None:
        """SIGKILL to the web server's processes, to some of the clock's workers, or to everything."""
        assert self.serve is not None
        serve = self.serve.pid
        tree = [(pid, _command(pid)) for pid in family(serve)]
        web = [pid for pid, command in tree if "granian" in command or "multiprocessing" in command]
        own = [pid for pid, command in tree if command.endswith("worker")]
        others = [one.pid for one in self.workers]
        end(
            {
                "web": lambda: web,
                "a worker": lambda: [random.choice([*own, *others])],
                "all workers": lambda: [*own, *others],
                "everything": lambda: [*frozen(serve), *others],
            }[whom]()
        )
        self.kills[whom] = self.kills.get(whom, 0) + 1

    def stop(self) -> None:
        """As an administrator would; on a machine that is too busy for that, and where a parent has died first, by force."""
        running = [one for one in (self.serve, *self.workers) if one is not None]
        members = {pid: _command(pid) for one in running for pid in family(one.pid)}
        for one in running:
            one.terminate()
        for one in running:
            try:
                one.wait(timeout=30)
            except subprocess.TimeoutExpired:
                end(frozen(one.pid))
                one.wait()
        end([pid for pid, command in members.items() if command and _command(pid) == command])

    def trace(self) -> Path | None:
        """Where it is noted from the next start on how often a disk is waited for; None where that cannot be seen."""
        if not may_trace():
            return None
        told = self.folder / "strace.txt"
        self.traced = [*STRACE, "-o", str(told)]
        return told


def may_trace() -> bool:
    """Whether there is strace, and it may look at processes."""
    if which(STRACE[0]) is None:
        return False
    return subprocess.run([*STRACE, "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


def syncs(told: Path) -> int:
    """How many times a file was brought to disk."""
    return len(re.findall(r"\bf(?:data)?sync\(", told.read_text(errors="replace")))


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
