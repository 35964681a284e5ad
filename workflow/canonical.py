"""Canonical bytes and digests of records: RFC 8785 JSON, SHA-256 (C10.2: what was signed can be told from what was not)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import rfc8785


def plain(value: Any) -> Any:
    """`value` as JSON data: instants as ISO text in UTC, days as ISO text, tuples as lists. Floats are refused."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        raise TypeError("a record holds no floating-point number")
    return value


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of `value`."""
    return rfc8785.dumps(plain(value))


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()
