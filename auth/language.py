"""In which language somebody reads: the person's own, else the browser's cookie, else the first one, Chinese."""

from __future__ import annotations

from flask import current_app, has_request_context, request

from auth.sessions import caller_or_none

COOKIE = "language"


def current_language() -> str:
    """A name out of `Settings.languages`; the locale selector of Flask-Babel. The browser's wish list is not asked:
    the desk is Chinese first, and a colleague's English browser must not change what everybody quotes."""
    languages: tuple[str, ...] = current_app.extensions["counterpart"].settings.languages
    if not has_request_context():
        return languages[0]
    cookie = request.cookies.get(COOKIE, "")
    who = caller_or_none() if current_app.extensions.get("auth") else None
    for wanted in (who.language if who else None, cookie):
        if wanted in languages:
            return wanted
    return languages[0]
