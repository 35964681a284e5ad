"""Passwords hashed in no time: a house of the tests has twenty people, and nobody guesses theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher

from auth import passwords

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextmanager
def quick_hashing() -> Iterator[None]:
    """What is hashed inside costs nothing."""
    before, passwords._hasher = passwords._hasher, QUICK
    yield
    passwords._hasher = before
