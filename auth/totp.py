"""The second factor by authenticator app (RFC 6238): codes judged by the injected time, each used at most once."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""How far a phone's clock may be off, in steps, either way."""


def step_at(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def code_of_step(secret: str, step: int) -> str:
    return pyotp.TOTP(secret, interval=STEP_SECONDS).at(step * STEP_SECONDS)


def accepted_step(secret: str, code: str, at: datetime, last_step: int) -> int | None:
    """The step whose code this is, if it may be used now; None if wrong, too early, too late or used before.

    Every candidate is compared, whichever fits, so that the time taken says nothing.
    """
    now, found = step_at(at), None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        # Compared as bytes: compare_digest refuses non-ASCII text (full-width digits) with an exception.
        if hmac.compare_digest(code_of_step(secret, step).encode(), code.encode()) and step > last_step:
            found = step
    return found


def usable_code(secret: str, at: datetime, last_step: int) -> str | None:
    """A code that would be accepted now, for the demo; None while all codes of the moment are used up."""
    step = max(step_at(at), last_step + 1)
    return code_of_step(secret, step) if step <= step_at(at) + DRIFT_STEPS else None


def new_secret(entropy: bytes) -> str:
    """20 bytes of chance as the base-32 text that authenticator apps take."""
    if len(entropy) != 20:
        raise ValueError("a TOTP secret is made of 20 bytes")
    return base64.b32encode(entropy).decode()


def enrolment_uri(secret: str, username: str, issuer: str = "Counterpart") -> str:
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=username, issuer_name=issuer)


def qr_image(uri: str) -> str:
    """The URI as a QR code, a `data:` image: the page's policy allows no other way that needs no file."""
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=2))
