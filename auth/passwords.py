"""Passwords: argon2id, long rather than ornate, and the same time spent on an unknown user as on a known one."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflow.declare import Words

SHORTEST = 12
LONGEST = 256
"""An upper end, since hashing is paid for by the desk."""

_OFTEN_CHOSEN = """
    123456789012 1234567890123 password1234 password12345 passwordpassword qwertyuiop12 qwertyuiop123 qwertyuiopasdf
    1qaz2wsx3edc 1qaz2wsx3edc4rfv administrator administrator1 admin1234567 admin123456789 adminadminadmin
    letmein12345 welcome12345 changeme1234 iloveyou1234 111111111111 000000000000 888888888888 666666666666
    abcdefghijkl abc123456789 abcd12345678 a12345678910 woaini1314520 woaini123456 5201314520131 zhongguo1234
    beijing123456 p@ssw0rd1234 p@ssword1234 counterpart1 counterpart12 counterpart123
"""
COMMON = frozenset(_OFTEN_CHOSEN.split())

_hasher = PasswordHasher()
_two_at_once = threading.BoundedSemaphore(2)
"""One hash takes 64 MiB: without a bound, a burst of sign-ins would take the machine's memory."""
_NOBODYS = _hasher.hash("the password of nobody at all")


def hashed(password: str) -> str:
    """The argon2id hash. Slow by intent: never call it inside a transaction, it would hold the write lock."""
    with _two_at_once:
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Without a hash the same work is done and the answer is no."""
    with _two_at_once:
        try:
            return _hasher.verify(password_hash or _NOBODYS, password[:LONGEST]) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def objection(password: str, username: str) -> Words | None:
    """Why this cannot be the password, or None. No rule about kinds of characters: length is what counts."""
    if len(password) < SHORTEST:
        return Words("A password has at least %(number)s characters.", number=SHORTEST)
    if len(password) > LONGEST:
        return Words("A password has at most %(number)s characters.", number=LONGEST)
    plain = password.casefold().strip()
    if username.casefold() in plain and len(plain) - len(username) <= SHORTEST // 2:
        return Words("The password must not be built from the user name.")
    if plain in COMMON or len(set(plain)) < 5:
        return Words("This password is among the first that an attacker would try.")
    return None
