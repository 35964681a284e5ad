"""In which language somebody reads: what was chosen in this browser, else the person's own, else the first, Chinese.

The links in the frame are GET and only set a cookie, so the cookie has to come first, or they would do nothing for
whoever is signed in. What is stored with the person (on the account page, by POST) serves every browser that has not
chosen; storing it takes the browser's own choice away. A program says its language in Accept-Language, under /api/.
"""

from __future__ import annotations

from flask import current_app, has_request_context, request

from auth.sessions import caller_or_none

COOKIE = "language"
NAMES = {"zh": "zh_Hans_CN", "zh-CN": "zh_Hans_CN", "zh-Hans": "zh_Hans_CN", "zh-Hans-CN": "zh_Hans_CN", "en": "en"}
"""The languages as HTTP writes them."""


def current_language() -> str:
    """A name out of `Settings.languages`; the locale selector of Flask-Babel. The browser's wish list is not asked:
    the desk is Chinese first, and a colleague's English browser must not change what everybody quotes."""
    languages: tuple[str, ...] = current_app.extensions["counterpart"].settings.languages
    if not has_request_context():
        return languages[0]
    cookie = request.cookies.get(COOKIE, "")
    who = caller_or_none() if current_app.extensions.get("auth") else None
    asked = request.accept_languages.best_match(NAMES) if request.path.startswith("/api/") else None
    for wanted in (NAMES.get(asked or ""), cookie, who.language if who else None):
        if wanted in languages:
            return wanted
    return languages[0]
