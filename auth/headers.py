"""What every answer carries: a policy that lets nothing foreign run, and no caching of what is private."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FIXED = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE_YEAR_SECONDS = 31536000


def install(app: Flask, settings: Any) -> None:
    """Sets the headers on every response, errors too, and refuses a Host that is not ours (400)."""
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts)

    @app.after_request
    def complete(response: Response) -> Response:
        for name, value in FIXED.items():
            # A download states a stricter policy of its own; it is never loosened here.
            response.headers.setdefault(name, value)
        if settings.secure_cookies:
            response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR_SECONDS}; includeSubDomains"
        if g.get("signed_in") or request.endpoint != "static":
            # Sign-in and error pages carry a CSRF token or a name as well: all but the files of `static` stay uncached.
            response.headers["Cache-Control"] = "no-store"
            response.vary.add("Cookie")
        return response
