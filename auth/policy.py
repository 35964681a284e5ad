"""The policy table: what each route asks of its caller. A route without a policy stops the start (default deny).

Peers were broken by the one route that somebody forgot; here forgetting is not possible. Beyond a route's policy each
page still filters what it shows by contract and party: this table opens doors, it does not say what lies behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, jsonify, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import TooManyRequests

from auth import desk
from auth.monitor import check_start, may_measure
from auth.pace import Pace
from auth.roles import ADMINISTRATORS, BUSINESS, GRANTABLE
from auth.sessions import SAFE_METHODS, Caller, caller_or_none, touch
from auth.tokens import ACT, READ
from workflow.declare import ADMIN_AUDIT as _AUDIT
from workflow.declare import ADMIN_SECURITY as _SECURITY
from workflow.declare import ADMIN_SYSTEM as _SYSTEM
from workflow.declare import Role

PUBLIC = "public"
SIGNED_IN = "signed in"
"""Anybody with an account, administrators too: one's own account and the way out."""
WITH_MANDATE = "with a business mandate"
"""Anybody who has a role in some contract now. Administrators have none: for them the page is not there."""
MONITOR = "the monitor's token, or this machine"
"""No account: the token in the settings, or a caller on this machine while nobody else can reach it (`auth.monitor`)."""
ADMIN_SYSTEM, ADMIN_SECURITY, ADMIN_AUDIT = _SYSTEM.name, _SECURITY.name, _AUDIT.name

_ATTRIBUTE = "counterpart_policy"
View = TypeVar("View", bound=Callable[..., Any])


class UndeclaredRoute(RuntimeError):
    """A route has no policy: the desk does not start."""


@dataclass(frozen=True)
class Rule:
    """One row of the table, for people to read."""

    path: str
    methods: tuple[str, ...]
    endpoint: str
    needs: tuple[str, ...]


def policy(*needs: str | Role) -> Callable[[View], View]:
    """Declares what a view asks: PUBLIC, SIGNED_IN, WITH_MANDATE, or roles of which one suffices.

    Put it directly above the function, below the route decorator. Raises ValueError on a name that is none of these.
    """
    names = _checked(tuple(need.name if isinstance(need, Role) else need for need in needs))

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, names)
        return view

    return declare


def declare(app: Flask, endpoint: str, *needs: str) -> None:
    """Declares the policy of a view that is not ours to decorate, such as Flask's own "static"."""
    app.extensions.setdefault("counterpart_policies", {})[endpoint] = _checked(needs)


def _checked(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("a policy names something")
    single = {PUBLIC, SIGNED_IN, WITH_MANDATE, MONITOR}
    if unknown := [name for name in names if name not in single and name not in GRANTABLE]:
        raise ValueError(f"no such policy: {unknown}")
    if len(names) > 1 and single.intersection(names):
        raise ValueError("roles are not mixed with a general policy: the wider one would win unnoticed")
    return names


def needs_of(app: Flask, endpoint: str) -> tuple[str, ...] | None:
    declared = app.extensions.get("counterpart_policies", {}).get(endpoint)
    found: tuple[str, ...] | None = declared or getattr(app.view_functions.get(endpoint), _ATTRIBUTE, None)
    return found


def table(app: Flask) -> list[Rule]:
    """Every route with its policy, by path. Raises UndeclaredRoute, naming all that lack one."""
    rules, lacking = [], []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        needs = needs_of(app, rule.endpoint)
        if needs is None:
            lacking.append(f"{rule.rule} ({rule.endpoint})")
        else:
            methods = tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            rules.append(Rule(rule.rule, methods, rule.endpoint, needs))
    if lacking:
        raise UndeclaredRoute("no policy is declared for " + ", ".join(lacking))
    return rules


def enforce(app: Flask) -> None:
    """Checks that every route is declared; call it last, when all are registered. Also judges each request.

    Where it was not called, `install` has already put the judge in place: nothing is open for having been forgotten.
    """
    table(app)
    install(app)


def install(app: Flask) -> None:
    """Puts the judge before every request, once."""
    if not app.extensions.get("counterpart_judge"):
        check_start(app.extensions["counterpart"].settings.metrics_token)
        app.extensions["counterpart_judge"] = True
        app.extensions["counterpart_pace"] = Pace(app.extensions["counterpart"].settings.attempts_a_minute)
        app.before_request(judge)


def judge() -> Any:
    """Lets the request through (None), or answers in its place."""
    if request.endpoint is None:
        return None
    needs = needs_of(current_app, request.endpoint)
    if needs is None:
        abort(404)
    if needs == (PUBLIC,):
        return None
    if needs == (MONITOR,):
        return None if may_measure() else abort(404)
    caller = caller_or_none()
    if caller is None:
        return _ask_to_sign_in()
    g.signed_in = True
    if not allows(needs, caller):
        return problem(404, gettext("There is nothing here for you.")) if is_api() else abort(404)
    scope = READ if request.method in SAFE_METHODS else ACT
    if caller.token_id is not None and scope not in caller.token_scopes:
        return problem(403, gettext("This token was not made for that."))
    if request.method not in SAFE_METHODS and needs != (SIGNED_IN,):
        _keep_pace(caller)
    touch()
    return None


def _keep_pace(caller: Caller) -> None:
    """429 for an account that tries too often. One's own account and the way out stay open."""
    pace: Pace = current_app.extensions["counterpart_pace"]
    wait = pace.wait(caller.person_id, desk().now())
    if wait:
        raise TooManyRequests(retry_after=ceil(wait.total_seconds()))


def allows(needs: tuple[str, ...], caller: Caller) -> bool:
    """Whether the caller meets the policy now. Pure."""
    if needs == (PUBLIC,) or needs == (SIGNED_IN,):
        return True
    if needs == (WITH_MANDATE,):
        return not BUSINESS.isdisjoint(caller.roles) and not caller.is_admin
    if caller.is_admin:
        return not caller.roles.isdisjoint(ADMINISTRATORS.intersection(needs))
    return not caller.roles.isdisjoint(needs)


def is_api() -> bool:
    return request.path.startswith("/api/")


def problem(status: int, detail: str) -> Response:
    """An `application/problem+json` answer (RFC 9457)."""
    response = jsonify({"type": "about:blank", "status": status, "title": detail, "detail": detail})
    response.status_code = status
    response.mimetype = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _ask_to_sign_in() -> Any:
    if is_api():
        return problem(401, gettext("Sign in first: this needs a valid bearer token."))
    here = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    target = url_for("auth.sign_in", next=here)
    if "HX-Request" in request.headers:
        # htmx would swap the sign-in page into a corner of the old one; this header makes it leave the page.
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for("auth.sign_in")
        return response
    return redirect(target, 303)


def same_origin_path(target: str) -> str | None:
    """`target` if it is a plain path on this host, else None.

    Browsers read `\\` as `/`, skip tabs and newlines, and take `//x` for a host: all of these are refused.
    """
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isascii():
        return None
    if any(ord(character) <= 32 or ord(character) == 127 for character in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc or parts.path.startswith("//") else target
