"""Who calls: the cookie's token or the bearer token, looked up on the server for each request; revoking is at once.

The cookie is Flask's signed session and carries our random token, never a user id. One statement says who
calls: session (or token), its person, and the mandates in force now. A bearer token opens only /api/; a cookie opens
/api/ only for reading, so that no foreign page can make a browser act there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from flask import abort, g, request, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from auth import desk
from auth.models import ApiToken, Mandate, Person, UserSession
from auth.natural import is_account_of
from auth.records import digest
from auth.roles import ADMINISTRATORS, party_of
from auth.tokens import hash_of_token, is_alive
from database import glance, transaction

Carrier = TypeVar("Carrier", UserSession, ApiToken)
SEEN_EVERY = timedelta(minutes=1)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class MandateNow:
    """A mandate in force at the moment of the request."""

    id: int
    person_id: int
    contract_key: str | None
    role: str
    party: str
    scope: dict[str, Any]
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Caller:
    """Who calls, and as what. Exactly one of `session_id` and `token_id` is set."""

    person_id: int
    username: str
    name: str
    language: str
    mandates: tuple[MandateNow, ...]
    session_id: int | None
    token_id: int | None
    token_scopes: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    """Roles that the same natural person holds on other accounts. They open nothing here; they may close."""

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(mandate.role for mandate in self.mandates)

    @property
    def is_admin(self) -> bool:
        """Whether the natural person is an administrator, on whichever account: no business page opens then."""
        return not ADMINISTRATORS.isdisjoint(self.roles | self.elsewhere)

    @property
    def contracts(self) -> tuple[str, ...]:
        """Keys of the contracts in which the caller has any role, in order."""
        return tuple(sorted({mandate.contract_key for mandate in self.mandates if mandate.contract_key is not None}))


class Account(UserMixin):
    """What Flask-Login holds. Its id is the session's token, so that nobody's cookie can name another person."""

    def __init__(self, caller: Caller, token: str, seen_at: datetime | None) -> None:
        self.caller, self._token, self.seen_at = caller, token, seen_at

    def get_id(self) -> str:
        return self._token


def caller_or_none() -> Caller | None:
    """The caller, or None where nobody is signed in. Looked up once a request."""
    account = current_user._get_current_object() if current_user else None
    return account.caller if isinstance(account, Account) else None


def caller() -> Caller:
    """The caller; 401 where there is none (behind a policy there always is one)."""
    found = caller_or_none()
    if found is None:
        abort(401)
    return found


def call_nobody() -> None:
    """For the rest of the request nobody calls, and nobody is looked up. The cookie keeps what it has."""
    g._login_user = AnonymousUserMixin()


def address() -> str:
    """The peer's address as the socket saw it. Forwarded headers are anybody's to write, so they are not read."""
    return request.remote_addr or ""


def begin(token: str, person: Person) -> None:
    """Puts a new token into the cookie. All that the browser brought along goes: no fixation, new CSRF secret."""
    session.clear()
    login_user(Account(Caller(person.id, person.username, person.name, person.language, (), 0, None), token, None))


def forget() -> None:
    """Empties the cookie; the server's row is ended by `signin.sign_out`."""
    logout_user()
    session.clear()


def token_in_cookie() -> str | None:
    token = session.get("_user_id")
    return token if isinstance(token, str) else None


def install(app: Any) -> None:
    """Gives the app its login manager. No remember-me: only what `session` carries is believed."""
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app)
    manager.user_loader(_by_cookie)
    manager.request_loader(_by_bearer)


def _by_cookie(token: str) -> Account | None:
    if request.path.startswith("/api/") and (request.method not in SAFE_METHODS or "Authorization" in request.headers):
        return None
    with glance(desk().engine) as opened:
        return account_of_session(opened, token, desk().now())


def _by_bearer(_request: Any) -> Account | None:
    if not request.path.startswith("/api/"):
        return None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return None
    at, wanted = desk().now(), hash_of_token(token.strip())
    if wanted is None:
        return None
    with glance(desk().engine) as opened:
        found = _with_mandates(opened, ApiToken, wanted, at)
    if found is None:
        return None
    row, person, held = found
    return _account(person, held, None, row, row.token_hash, row.last_used_at) if is_alive(row, person, at) else None


def account_of_session(opened: Session, token: str, at: datetime) -> Account | None:
    """The account behind a session token, if the session holds: not revoked, idle, overlong or outdated."""
    found = _with_mandates(opened, UserSession, digest(token), at)
    if found is None:
        return None
    row, person, held = found
    idle = timedelta(minutes=desk().settings.session_idle_minutes)
    alive = (
        row.revoked_at is None
        and at < row.ends_at
        and at < row.seen_at + idle
        and row.credential_version == person.credential_version
        and person.disabled_at is None
    )
    return _account(person, held, row, None, token, row.seen_at) if alive else None


@cache
def _carried(carrier: type[UserSession] | type[ApiToken]) -> Select[Any, Any, Any]:
    """The statement of `_with_mandates`, put together once: to do so for each request took longer than to run it."""
    account = aliased(Person)
    natural = func.coalesce(Person.same_person_as, Person.id)
    is_theirs = or_(account.id == natural, account.same_person_as == natural)
    return (
        select(carrier, Person, Mandate)
        .join(Person, Person.id == carrier.person_id)
        .outerjoin(account, and_(is_theirs, account.disabled_at.is_(None)))
        .outerjoin(Mandate, and_(Mandate.person_id == account.id, *in_force(bindparam("at"))))
        .where(carrier.token_hash == bindparam("token_hash"))
        .order_by(Mandate.id)
    )


def _with_mandates(
    opened: Session, carrier: type[Carrier], token_hash: str, at: datetime
) -> tuple[Carrier, Person, tuple[MandateNow, ...]] | None:
    """The row that carries this token, its person, and what the natural person holds at `at`: one statement a request."""
    rows = opened.execute(_carried(carrier), {"token_hash": token_hash, "at": at}).all()
    if not rows:
        return None
    return rows[0][0], rows[0][1], tuple(_mandate_now(row[2]) for row in rows if row[2] is not None)


def _account(
    person: Person,
    held: tuple[MandateNow, ...],
    row: UserSession | None,
    bearer: ApiToken | None,
    token: str,
    seen_at: datetime | None,
) -> Account:
    caller = Caller(
        person_id=person.id,
        username=person.username,
        name=person.name,
        language=person.language,
        mandates=tuple(mandate for mandate in held if mandate.person_id == person.id),
        session_id=row.id if row else None,
        token_id=bearer.id if bearer else None,
        token_scopes=tuple(bearer.scopes) if bearer else (),
        elsewhere=frozenset(mandate.role for mandate in held if mandate.person_id != person.id),
    )
    return Account(caller, token, seen_at)


def mandates_now(opened: Session, natural: int, at: datetime) -> tuple[MandateNow, ...]:
    """The natural person's mandates in force at `at`, of all accounts: from the first instant on, no longer at the last."""
    rows = opened.scalars(
        select(Mandate)
        .join(Person, Person.id == Mandate.person_id)
        .where(is_account_of(natural), Person.disabled_at.is_(None), *in_force(at))
        .order_by(Mandate.id)
    )
    return tuple(_mandate_now(row) for row in rows)


def in_force(at: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    """What holds of a mandate that is in force at `at`: from its first instant on, no longer at its last."""
    return (Mandate.starts_at <= at, or_(Mandate.ends_at.is_(None), Mandate.ends_at > at), Mandate.revoked_at.is_(None))


def _mandate_now(row: Mandate) -> MandateNow:
    return MandateNow(
        id=row.id,
        person_id=row.person_id,
        contract_key=row.contract_key,
        role=row.role,
        party=party_of(row.role),
        scope=row.scope,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def touch() -> None:
    """Notes that the caller was seen: on GET only, at most once a minute, and not for a page that asks by itself.

    A page that refreshes on a timer sends `X-Background: 1`; without it an open tab would never be idle.
    """
    account = current_user._get_current_object()
    if request.method != "GET" or "X-Background" in request.headers or not isinstance(account, Account):
        return
    at = desk().now()
    if account.seen_at is not None and at - account.seen_at < SEEN_EVERY:
        return
    who = account.caller
    with transaction(desk().engine) as opened:
        if who.session_id is not None:
            opened.execute(update(UserSession).where(UserSession.id == who.session_id).values(seen_at=at))
        else:
            opened.execute(update(ApiToken).where(ApiToken.id == who.token_id).values(last_used_at=at))


def cookie_settings(secure: bool) -> dict[str, Any]:
    """`__Host-` binds the cookie to this host and to TLS; Lax, since links in letters lead here."""
    return {
        "SESSION_COOKIE_NAME": "__Host-counterpart" if secure else "counterpart",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
    }
