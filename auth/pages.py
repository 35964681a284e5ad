"""Signing in and out, first enrolment, and one's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from sqlalchemy import select

from auth import asking, desk, factor, keyring, passwords, people, sessions, signin, tokens, totp
from auth.language import COOKIE
from auth.models import Person, UserSession
from auth.policy import PUBLIC, SIGNED_IN, policy, same_origin_path
from auth.records import Refusal, digest
from auth.roles import BUSINESS
from database import reading, transaction
from workflow.declare import Words

blueprint = Blueprint("auth", __name__)
LANGUAGE_NAMES = {"zh_Hans_CN": "中文", "en": "English"}


@blueprint.app_context_processor
def frame() -> dict[str, Any]:
    """What the frame of every page shows of this room: who is here, in which language, and the way out."""
    from auth.language import current_language

    who, now = sessions.caller_or_none(), current_language()
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    choices = [
        {
            "label": LANGUAGE_NAMES.get(name, name),
            "url": url_for("auth.choose_language", name=name, next=here),
            "current": name == now,
        }
        for name in desk().settings.languages
    ]
    shown: dict[str, Any] = {
        "language": now,
        "languages": choices,
        "person_name": who.name if who else None,
        "sign_out_url": url_for("auth.sign_out"),
        "demo": desk().settings.demo,
    }
    if who is not None and (who.is_admin or not who.mandates):
        shown["navigation"] = _administrators_navigation(who)
    return shown


def offer(app: Flask, role: str, endpoint: str, label: Words) -> None:
    """Puts a page into the navigation of the administrators of this role. The first one is where they land."""
    app.extensions.setdefault("administrators_pages", []).append((role, endpoint, label))


def _offered(who: sessions.Caller) -> list[tuple[str, Words]]:
    offered = current_app.extensions.get("administrators_pages", [])
    return [(endpoint, label) for role, endpoint, label in offered if role in who.roles]


def _administrators_navigation(who: sessions.Caller) -> list[dict[str, Any]]:
    """For those who have no business pages: their own rooms and their account."""
    entries = [(asking.say(label), url_for(endpoint)) for endpoint, label in _offered(who)]
    entries.append((gettext("My account"), url_for("auth.account")))
    return [
        {"label": label, "url": url, "current": request.path.startswith(url), "count": None} for label, url in entries
    ]


def home(who: sessions.Caller) -> str:
    """Where a person lands after signing in."""
    for endpoint, _label in _offered(who):
        return url_for(endpoint)
    return "/" if who.mandates and not who.is_admin else url_for("auth.account")


def welcome(token: str, person: Person, target: str | None = None) -> Response:
    """Puts the new session into the cookie and leads on, to `target` if it is a path of ours."""
    sessions.begin(token, person)
    at = desk().now()
    with reading(desk().engine) as opened:
        account = sessions.account_of_session(opened, token, at)
    fallback = home(account.caller) if account else url_for("auth.account")
    return _to((same_origin_path(target) if target else None) or fallback)


def _to(path: str) -> Response:
    return make_response(redirect(path, 303))


# --- in and out ------------------------------------------------------------------------------------------------------


@blueprint.get("/sign-in")
@policy(PUBLIC)
def sign_in() -> Any:
    """The form: user name, password and code in one, so that no half-signed-in state exists."""
    return _sign_in_page(None, "", request.args.getlist("next"))


@blueprint.post("/sign-in")
@policy(PUBLIC)
def sign_in_now() -> Any:
    given = asking.fields("username", "password", "code", "next")
    at, address, keys = desk().now(), sessions.address(), keyring()
    with reading(desk().engine) as opened:
        examined = signin.examine(opened, given["username"], given["password"])
    before = sessions.token_in_cookie()
    with transaction(desk().engine) as opened:
        outcome = signin.sign_in(opened, keys, examined, given["code"].replace(" ", ""), at=at, address=address)
        if before and not isinstance(outcome, Refusal):
            signin.sign_out(opened, before, at=at, address=address)
    if isinstance(outcome, Refusal):
        return _sign_in_page(asking.say(outcome.says), given["username"], [given["next"]]), 401
    person, token = outcome
    return welcome(token, person, given["next"])


def _sign_in_page(refused: str | None, username: str, target: list[str]) -> str:
    settings = desk().settings
    return render_template(
        "auth/sign_in.html",
        refused=refused,
        username=username,
        next=_next(target),
        attempts=settings.sign_in_attempts,
        lock_minutes=settings.sign_in_lock_minutes,
    )


def _next(given: list[str]) -> str:
    return (same_origin_path(given[0]) or "") if len(given) == 1 else ""


@blueprint.post("/sign-out")
@policy(SIGNED_IN)
def sign_out() -> Any:
    asking.fields()
    token = sessions.token_in_cookie()
    if token:
        with transaction(desk().engine) as opened:
            signin.sign_out(opened, token, at=desk().now(), address=sessions.address())
    sessions.forget()
    return _to(url_for("auth.sign_in"))


@blueprint.get("/language/<name>")
@policy(PUBLIC)
def choose_language(name: str) -> Any:
    """Remembers the choice in the browser. It changes nothing on record, hence GET."""
    response = _to(same_origin_path(request.args.get("next", "")) or "/")
    if name in desk().settings.languages:
        settings = desk().settings
        response.set_cookie(
            COOKIE, name, max_age=31536000, secure=settings.secure_cookies, httponly=True, samesite="Lax"
        )
    return response


# --- enrolment -------------------------------------------------------------------------------------------------------


@blueprint.get("/enrol/<secret>")
@policy(PUBLIC)
def enrol(secret: str) -> Any:
    """Whoever holds the one-time secret sees whose it is and the QR code; looking does not use it up."""
    return _enrolment_page(secret, None, 200)


@blueprint.post("/enrol/<secret>")
@policy(PUBLIC)
def enrol_now(secret: str) -> Any:
    given = asking.fields("password", "again", "code")
    at = desk().now()
    with reading(desk().engine) as opened:
        held = signin.holder_of(opened, secret, at=at)
    if held is None:
        return _enrolment_page(secret, None, 404)
    if given["password"] != given["again"]:
        return _enrolment_page(secret, gettext("The two passwords differ."), 422)
    objection = passwords.objection(given["password"], held[1].username)
    if objection is not None:
        return _enrolment_page(secret, asking.say(objection), 422)
    new_hash = passwords.hashed(given["password"])
    code = given["code"].replace(" ", "")
    with transaction(desk().engine) as opened:
        outcome = signin.enrol(opened, keyring(), secret, new_hash, code, at=at, address=sessions.address())
    if isinstance(outcome, Refusal):
        return _enrolment_page(secret, asking.say(outcome.says), 422)
    person, token = outcome
    return welcome(token, person)


def _enrolment_page(secret: str, refused: str | None, status: int) -> Any:
    with reading(desk().engine) as opened:
        held = signin.holder_of(opened, secret, at=desk().now())
    if held is None:
        page = render_template("auth/enrol.html", person=None, refused=asking.say(signin.NO_SUCH_SECRET.says))
        return page, 404
    _row, person = held
    shared = signin.secret_to_enrol(keyring(), secret)
    image = totp.qr_image(totp.enrolment_uri(shared, person.username))
    page = render_template(
        "auth/enrol.html", person=person, refused=refused, image=image, shared=shared, shortest=passwords.SHORTEST
    )
    return page, status


# --- my account ------------------------------------------------------------------------------------------------------


@blueprint.get("/account")
@policy(SIGNED_IN)
def account() -> Any:
    return _account_page(None)


def _account_page(new_token: str | None, status: int = 200) -> Any:
    who, at = sessions.caller(), desk().now()
    idle = timedelta(minutes=desk().settings.session_idle_minutes)
    with reading(desk().engine) as opened:
        running = opened.scalars(
            select(UserSession)
            .where(
                UserSession.person_id == who.person_id,
                UserSession.revoked_at.is_(None),
                UserSession.ends_at > at,
                UserSession.seen_at > at - idle,
            )
            .order_by(UserSession.id.desc())
            .limit(50)
        ).all()
        page = render_template(
            "auth/account.html",
            who=who,
            running=running,
            challenges=factor.open_challenges(opened, keyring(), who.person_id, at=at),
            tokens=[token for token in people.tokens_of(opened, who.person_id) if token.revoked_at is None],
            new_token=new_token,
            now=at,
            shortest=passwords.SHORTEST,
            longest_days=tokens.LONGEST_DAYS,
            closed=who.is_admin and not BUSINESS.isdisjoint(who.roles),
            **asking.context(),
        )
    return page, status


def _back(message: str, kind: str = "done") -> Response:
    flash(message, kind)
    return _to(url_for("auth.account"))


@blueprint.post("/account/sessions/<int:number>/revoke")
@policy(SIGNED_IN)
def revoke_session(number: int) -> Any:
    asking.fields()
    who = sessions.caller()
    with transaction(desk().engine) as opened:
        done = signin.revoke_session(opened, number, who.person_id, at=desk().now(), address=sessions.address())
    if not done:
        return _back(gettext("That session is not yours or has ended."), "error")
    return _back(gettext("The session has ended."))


@blueprint.post("/account/language")
@policy(SIGNED_IN)
def set_language() -> Any:
    wanted = asking.fields("language")["language"]
    if wanted not in desk().settings.languages:
        raise asking.unfit()
    with transaction(desk().engine) as opened:
        opened.get_one(Person, sessions.caller().person_id).language = wanted
    response = _to(url_for("auth.account"))
    response.delete_cookie(COOKIE)
    return response


@blueprint.post("/account/password")
@policy(SIGNED_IN)
def change_password() -> Any:
    """Needs the present password; ends every other session, and this one gets a new id."""
    given = asking.fields("old", "new", "again")
    who, at = sessions.caller(), desk().now()
    objection = passwords.objection(given["new"], who.username)
    if given["new"] != given["again"]:
        return _back(gettext("The two passwords differ."), "error")
    if objection is not None:
        return _back(asking.say(objection), "error")
    with reading(desk().engine) as opened:
        examined = signin.examine(opened, who.username, given["old"])
        person = opened.get_one(Person, who.person_id)
    new_hash = passwords.hashed(given["new"])
    with transaction(desk().engine) as opened:
        outcome = signin.change_password(opened, keyring(), examined, new_hash, at=at, address=sessions.address())
    if isinstance(outcome, Refusal):
        return _back(asking.say(outcome.says), "error")
    sessions.begin(outcome, person)
    return _back(gettext("The password is changed. All other sessions have ended."))


@blueprint.post("/account/tokens")
@policy(SIGNED_IN)
def make_token() -> Any:
    """A token acts in one's name for weeks, so it is not made without a fresh factor."""
    given = asking.fields("name", "days", "code", many=("scopes",))
    days, scopes = asking.whole_number(given["days"]), request.form.getlist("scopes")
    who, at = sessions.caller(), desk().now()
    with transaction(desk().engine) as opened:
        outcome = fresh_factor(opened, given["code"], f"token {given['name']}")
        made = None
        if not isinstance(outcome, Refusal):
            made = tokens.make_token(
                opened, who.person_id, name=given["name"], scopes=scopes, days=days, at=at, address=sessions.address()
            )
    if isinstance(outcome, Refusal):
        return _back(asking.say(outcome.says), "error")
    if made is None or isinstance(made, Refusal):
        return _back(asking.say(made.says) if made else "", "error")
    return _account_page(made[1])


def fresh_factor(opened: Any, code: str, what: str) -> Any:
    """Proves the caller's second factor for one act of this room, named by `what`, or returns the refusal."""
    return factor.prove_factor(
        opened,
        keyring(),
        sessions.caller().person_id,
        code,
        ticket_id=None,
        content_digest=digest(what),
        at=desk().now(),
        valid_for=timedelta(minutes=desk().settings.factor_valid_minutes),
        address=sessions.address(),
    )


@blueprint.post("/account/tokens/<int:number>/revoke")
@policy(SIGNED_IN)
def revoke_token(number: int) -> Any:
    asking.fields()
    who = sessions.caller()
    with transaction(desk().engine) as opened:
        done = tokens.revoke_token(opened, number, who.person_id, at=desk().now(), address=sessions.address())
    if not done:
        return _back(gettext("That token is not yours or has ended."), "error")
    return _back(gettext("The token no longer works."))
