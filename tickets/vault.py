"""Brought files, kept under their own digest: a name is never taken from outside, and what is kept is never changed."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from tickets.record import FileFact
from workflow.declare import Words

TYPES = {
    "application/pdf": (".pdf", (b"%PDF-",)),
    "image/png": (".png", (b"\x89PNG\r\n\x1a\n",)),
    "image/jpeg": (".jpg", (b"\xff\xd8\xff",)),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx", (b"PK\x03\x04",)),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx", (b"PK\x03\x04",)),
    "application/zip": (".zip", (b"PK\x03\x04",)),
    "text/plain": (".txt", ()),
    "text/csv": (".csv", ()),
}
"""What may be brought, by its ending, and how such a file begins. Types that a browser would run are not among them."""
_ENDINGS = {ending: kind for kind, (ending, _) in TYPES.items()} | {".jpeg": "image/jpeg", ".log": "text/plain"}
_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileRefused(ValueError):
    """The file is not taken; `says` tells why."""

    def __init__(self, says: Words) -> None:
        super().__init__(str(says))
        self.says = says


class Vault:
    """A folder of files named by their SHA-256, two levels deep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, stream: IO[bytes], name: str, *, limit_bytes: int) -> FileFact:
        """Takes a file in and gives what is on record of it. Raises FileRefused on an empty, too large or unfit file.

        The bytes are on disk before the event that speaks of them; a file that no event speaks of is harmless.
        """
        media_type = media_type_of(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.folder, prefix="part-", delete=False) as part:
            try:
                digest, size, head = _copy(stream, part, limit_bytes)
                _fits(media_type, head, size)
                part.flush()
                os.fsync(part.fileno())
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
        kept = self.path(digest)
        kept.parent.mkdir(exist_ok=True)
        Path(part.name).replace(kept)
        for folder in (kept.parent, self.folder):
            handle = os.open(folder, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        return FileFact(digest, safe_name(name), media_type, size)

    @staticmethod
    def told_apart(stream: IO[bytes], name: str) -> FileFact:
        """A file that was not taken, by its digest: another one under the same key is another request. Nothing is kept."""
        stream.seek(0)
        digest, size = hashlib.sha256(), 0
        while block := stream.read(64 * 1024):
            digest.update(block)
            size += len(block)
        return FileFact(digest.hexdigest(), safe_name(name), "", size)

    def path(self, digest: str) -> Path:
        """Where the file of this digest lies. ValueError for anything that is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a digest")
        return self.folder / digest[:2] / digest


def _copy(stream: IO[bytes], part: IO[bytes], limit_bytes: int) -> tuple[str, int, bytes]:
    hashed, size, head = hashlib.sha256(), 0, b""
    while block := stream.read(64 * 1024):
        size += len(block)
        if size > limit_bytes:
            raise FileRefused(Words("The file is larger than %(limit)d MiB.", limit=limit_bytes // (1024 * 1024)))
        hashed.update(block)
        head = head or block[:512]
        part.write(block)
    return hashed.hexdigest(), size, head


def media_type_of(name: str) -> str:
    """The type that the ending stands for; the type that a browser claims is not asked."""
    ending = Path(safe_name(name)).suffix.lower()
    if ending not in _ENDINGS:
        raise FileRefused(
            Words("Files of this type are not taken. Bring one of: %(endings)s.", endings=" ".join(sorted(_ENDINGS)))
        )
    return _ENDINGS[ending]


def _fits(media_type: str, head: bytes, size: int) -> None:
    if size == 0:
        raise FileRefused(Words("The file is empty."))
    beginnings = TYPES[media_type][1]
    is_text = media_type.startswith("text/")
    if (is_text and b"\0" in head) or (beginnings and not head.startswith(beginnings)):
        raise FileRefused(Words("The file is not what its name says."))


def safe_name(name: str) -> str:
    """The last part of the name as brought, without control and direction-changing characters, at most 120 long."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")).strip(
        " ."
    )
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:15]}" if dot else kept[:120] or "file"
