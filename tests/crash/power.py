"""What a power cut leaves on the disk: the calls of an act replayed up to some instant, less what no disk had yet.

What was written to a file and not brought to disk since may be there or not, page by page, or half of a page: a disk keeps
its own order. What was removed may still be there. The memory that processes share (`-shm`) is lost in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.crash.tracing import Call

SECTOR_BYTES = 512
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
HOW = ("nothing", "everything", "some", "torn")
"""Of what was not on disk yet, this much is."""


@dataclass(frozen=True)
class Change:
    """One change of a file: bytes at a place, or (without bytes) its new length; a length below nothing removes it."""

    path: str
    at: int
    data: bytes | None = None


@dataclass
class Disk:
    """Files as they are on disk for sure, and what may or may not have arrived since."""

    sure: dict[str, bytearray]
    pending: list[Change] = field(default_factory=list)

    def synced(self, path: str) -> None:
        """Everything that was written to this file is on disk."""
        for change in [one for one in self.pending if one.path == path]:
            apply(self.sure, change)
            self.pending.remove(change)

    def after(self, how: str, dice: Random) -> dict[str, bytes]:
        """The files when the power comes back."""
        found = {path: bytearray(content) for path, content in self.sure.items()}
        for change in self.pending:
            if how == "everything" or (how in ("some", "torn") and dice.random() < 0.5):
                apply(found, _torn(change, dice) if how == "torn" else change)
        return {path: bytes(content) for path, content in found.items()}


def _torn(change: Change, dice: Random) -> Change:
    """As many sectors of it as the disk came to."""
    if not change.data:
        return change
    return Change(change.path, change.at, change.data[: SECTOR_BYTES * dice.randint(0, 8)])


def apply(files: dict[str, bytearray], change: Change) -> None:
    if change.data is None and change.at < 0:
        files.pop(change.path, None)
        return
    content = files.setdefault(change.path, bytearray())
    end = change.at + len(change.data or b"")
    content.extend(b"\0" * (end - len(content)))
    if change.data is None:
        del content[change.at :]
    else:
        content[change.at : end] = change.data


def instants(before: Path, calls: Sequence[Call]) -> Iterator[tuple[Disk, bool]]:
    """The disk after each call, and whether the act had been answered by then."""
    disk, answered = Disk({str(before): bytearray(before.read_bytes())}), False
    for call in calls:
        path = path_of(call)
        if call.name == "write" and _text(call).startswith(b"ack "):
            answered = True
        elif path is not None and not path.endswith("-shm"):
            _follow(disk, call, path)
        yield disk, answered


def _follow(disk: Disk, call: Call, path: str) -> None:
    if call.name.endswith("sync"):
        disk.synced(path)
    elif call.name == "pwrite64":
        disk.pending.append(Change(path, int(call.rest.rsplit(")", 1)[0].rsplit(", ", 1)[1]), _text(call)))
    elif call.name == "ftruncate":
        disk.pending.append(Change(path, int(call.rest.split(", ", 1)[1].split(")", 1)[0])))
    elif call.name == "unlink":
        disk.pending.append(Change(path, -1))
    else:
        raise AssertionError(f"nobody knows what {call.name} leaves on a disk")


def path_of(call: Call) -> str | None:
    """The file that a call changes; None where it is none of the database's."""
    if call.name == "unlink":
        path = _text(call).decode()
    else:
        found = re.match(r"\d+<([^>]*)>", call.rest)
        path = bytes.fromhex(found[1].replace("\\x", "")).decode() if found and "\\x" in found[1] else (found or "")[1]
    return path if ".db" in path else None


def _text(call: Call) -> bytes:
    found = STRING.search(call.rest)
    assert found is not None, call.rest[:100]
    return bytes.fromhex(found[1].replace("\\x", ""))


def lay_out(files: dict[str, bytes], place: Path) -> None:
    """The files as they are, for somebody to open."""
    for beside in ("", "-wal", "-shm"):
        place.with_name(place.name + beside).unlink(missing_ok=True)
    for path, content in files.items():
        Path(path).write_bytes(content)
