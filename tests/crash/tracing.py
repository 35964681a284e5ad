"""One act in a process that strace holds: watched, killed at a call, or refused one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from types import TracebackType
from typing import Any

from tests.stage import ROOT

WRITES = ("write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate", "unlink", "rename")
SYNCS = ("fdatasync", "fsync")
CHANGES = (*WRITES, *SYNCS)
AROUND = ("openat", "close", "mmap", "fcntl")
"""Between the writes: where a process takes and leaves locks, memory and files."""
OUTWARD = ("socket", "connect", "sendto", "sendmsg", "sendmmsg")
CALL = re.compile(r"^(?:\d+ +)?(?P<name>\w+)\((?P<rest>.*)$")
REASON = "NOT COUNTED: no process can be held here: there is no strace, or it may not attach to one"


class CannotAttach(RuntimeError):
    """Nobody may look at processes here."""


@dataclass(frozen=True)
class Call:
    """One call of the process: its name, and how strace wrote down the rest."""

    name: str
    rest: str


@dataclass(frozen=True)
class Run:
    """What a child said before it ended, by word in their order, and what it called."""

    said: Sequence[tuple[str, dict[str, Any]]]
    calls: Sequence[Call] = field(repr=False)
    killed: bool = False

    @property
    def answered(self) -> bool:
        return any(word == "ack" for word, _ in self.said)

    @property
    def refusals(self) -> list[dict[str, Any]]:
        return [told for word, told in self.said if word == "refused"]


class Nursery:
    """Children that act, one at a time. Raises CannotAttach where none can be held."""

    def __init__(self, folder: Path) -> None:
        if which("strace") is None:
            raise CannotAttach(REASON)
        self.log = folder / "calls.txt"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.child"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def run(self, told: dict[str, Any], *inject: str, calls: Sequence[str] = CHANGES, whole: bool = False) -> Run:
        """Lets a child act. `inject`: what strace does to it; `whole`: everything that is written is in the log too."""
        self._tell(json.dumps(told) + "\n")
        word, born = self._line()
        assert word == "born", word
        command = ["strace", "-f", "-y", "-p", str(born["pid"]), "-o", str(self.log), "-e", "signal=none"]
        command += ["-e", "trace=" + ",".join(calls), *(part for one in inject for part in ("-e", f"inject={one}"))]
        command += ["-xx", "-s", "1000000"] if whole else []
        holder = subprocess.Popen(command, stderr=subprocess.PIPE)
        assert holder.stderr is not None
        held = holder.stderr.readline()
        self._tell("!")
        said = []
        while (line := self._line())[0] != "gone":
            said.append(line)
        holder.stderr.read()
        holder.stderr.close()
        holder.wait(timeout=60)
        if b"attached" not in held:
            raise CannotAttach(f"{REASON} ({held.decode().strip()})")
        return Run(said, self._calls(), killed=line[1]["killed"])

    def probe(self) -> None:
        """Raises CannotAttach where a child cannot be held."""
        self.run({})

    def _calls(self) -> list[Call]:
        lines = self.log.read_text(errors="replace").splitlines()
        return [Call(found["name"], found["rest"]) for line in lines if (found := CALL.match(line))]

    def _tell(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def _line(self) -> tuple[str, dict[str, Any]]:
        assert self.process.stdout is not None
        word, _, told = self.process.stdout.readline().decode().partition(" ")
        return word, json.loads(told)


def points(calls: Sequence[Call]) -> list[tuple[str, int]]:
    """Each call by its name and its number among those of its name, as strace counts them."""
    counted = Counter[str]()
    found = []
    for call in calls:
        counted[call.name] += 1
        found.append((call.name, counted[call.name]))
    return found
