"""The key file of an instance, and sealing what must be shown again: TOTP secrets, call-back numbers, challenges.

One random key is made at first start. What the parts need is derived from it under separate names, so that the
cookie's signature and the seal never share a key. Whoever reads the database alone reads no secret.
"""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_KEY_BYTES = 32
KEY_FILE = "secret_key"
KNOWN_KEYS = ("dev", "secret", "secret_key", "changeme", "change-me", "password", "your-secret-key", "test")
"""Keys out of tutorials and other products' shipped settings; a key that only repeats one of them is refused."""


class UnfitKey(RuntimeError):
    """The key file must not be used; the desk does not start."""


class BrokenSeal(ValueError):
    """A sealed value was altered, sealed for something else, or sealed with another key."""


class Sealer:
    """Seals text for one context (say "totp:17"), so that a sealed value copied into another row does not open."""

    def __init__(self, master: bytes) -> None:
        if len(master) < SHORTEST_KEY_BYTES:
            raise UnfitKey(f"the key has {len(master)} bytes and needs at least {SHORTEST_KEY_BYTES}")
        self._master = master
        self._fernet = Fernet(base64.urlsafe_b64encode(self.derive("seal")))

    def derive(self, name: str, length: int = 32) -> bytes:
        """A key of its own for each purpose, always the same for the same instance."""
        return HKDF(SHA256(), length, salt=None, info=b"counterpart/" + name.encode()).derive(self._master)

    def seal(self, context: str, text: str) -> str:
        return self._fernet.encrypt(f"{context}\0{text}".encode()).decode()

    def open(self, context: str, sealed: str) -> str:
        try:
            found, _, text = self._fernet.decrypt(sealed.encode()).decode().partition("\0")
        except (InvalidToken, UnicodeDecodeError):
            raise BrokenSeal(context) from None
        if found != context:
            raise BrokenSeal(context)
        return text


def open_sealer(instance_dir: Path) -> Sealer:
    """The sealer of this instance; makes the key file (0600) where there is none. Raises UnfitKey."""
    path = instance_dir / KEY_FILE
    instance_dir.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL: of two processes starting at once one makes the key, the other reads it.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
            made.write(base64.urlsafe_b64encode(os.urandom(48)))
            made.flush()
            os.fsync(made.fileno())
    except FileExistsError:
        pass
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise UnfitKey(f"{path} is open to others (mode {mode:o}); make it 600 and consider the key known")
    return Sealer(_fit(path.read_bytes().strip(), path))


def _fit(key: bytes, path: Path) -> bytes:
    """The key, if it is long and not a known one. Few different bytes mean a typed filler, not chance."""
    if len(key) < SHORTEST_KEY_BYTES:
        raise UnfitKey(f"{path} has {len(key)} bytes and needs at least {SHORTEST_KEY_BYTES}")
    spelled = key.decode("utf-8", "replace").lower()
    known = any(spelled == word * (len(spelled) // len(word)) for word in KNOWN_KEYS if len(spelled) % len(word) == 0)
    if known or len(set(key)) < 12:
        raise UnfitKey(f"{path} holds a key that can be guessed")
    return key
