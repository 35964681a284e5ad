"""Who may measure the desk: a monitor, by its token, or anybody on this machine while nobody else can reach it."""

from __future__ import annotations

import hmac
import ipaddress

from flask import request

from auth import desk

BY_A_PROXY = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")
SHORTEST_TOKEN = 24


class UnfitToken(ValueError):
    """The monitor's token can be guessed: the desk does not start."""


def check_start(token: str) -> None:
    """Raises UnfitToken."""
    if token and len(token) < SHORTEST_TOKEN:
        raise UnfitToken(f"COUNTERPART_METRICS_TOKEN has fewer than {SHORTEST_TOKEN} characters")


def may_measure() -> bool:
    """Whether this request may. Behind TLS, bound to more than this machine, or handed on by somebody else, only the token
    counts: a proxy on the same machine would make everybody a neighbour."""
    settings = desk().settings
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if settings.metrics_token and kind == "Bearer" and hmac.compare_digest(given, settings.metrics_token):
        return True
    here = _is_loopback(settings.bind_host) and _is_loopback(request.remote_addr or "")
    return here and not settings.secure_cookies and not any(name in request.headers for name in BY_A_PROXY)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
