"""No foreign page acts in a signed-in browser: every change that a cookie could authenticate shows a token."""

from __future__ import annotations

from flask import Flask, request
from flask_wtf import CSRFProtect


def install(app: Flask, protection: CSRFProtect) -> None:
    """Checks the token before each changing page request.

    /api/ is left out because there a cookie authenticates reading only (see `auth.sessions`). The token lives as long
    as the session, not an hour by the library's own clock; its referrer check is off because our pages send none.
    """
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    protection.init_app(app)

    @app.before_request
    def token_is_shown() -> None:
        if request.endpoint is not None and not request.path.startswith("/api/"):
            protection.protect()
