"""What the API answers when it does not do what was asked: problem documents (RFC 9457) in the reader's language.

A refusal carries everything that is missing, each under its clause, and a stale request what has changed since. Errors
that never reach a view (no such path, wrong method, too large) are turned into the same form on the way out.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from tickets.speech import say
from workflow.declare import Words

MEDIA_TYPE = "application/problem+json"
TYPES = "/api/v1/problems/"
"""Problem types are paths of this desk: its host is nobody's business but the reader's."""

KINDS: Mapping[str, tuple[int, Words]] = {
    "bad-request": (400, Words("The request cannot be read.")),
    "key-needed": (400, Words("Each changing request needs a key of its own.")),
    "not-json": (400, Words("This is not a JSON object.")),
    "not-yours": (403, Words("This is not yours to do.")),
    "not-found": (404, Words("There is nothing here for you.")),
    "method": (405, Words("This address does not take such requests.")),
    "not-now": (409, Words("This is not possible now.")),
    "stale": (409, Words("The ticket has moved on.")),
    "too-large": (413, Words("This is larger than what is taken here.")),
    "media-type": (415, Words("This kind of content is not taken here.")),
    "invalid": (422, Words("What was sent does not fit.")),
    "key-reused": (422, Words("This key was used for another request.")),
    "missing": (422, Words("Refused: something is still missing.")),
    "not-proved": (422, Words("It is not proved who you are.")),
    "too-many": (429, Words("Too many attempts within a minute. This one was not looked at.")),
    "fault": (500, Words("The desk has made a mistake. Send it again: the same key is never done twice.")),
    "unreachable": (
        503,
        Words("The records cannot be reached just now. Send it again: the same key is never done twice."),
    ),
}
OF_RESULT = {
    "not_yours": "not-yours", "not_now": "not-now", "stale": "stale", "missing": "missing", "invalid": "invalid",
    "unknown": "not-found", "key_reused": "key-reused",
}  # fmt: skip
"""What the desk calls its answers, and what problem each of them is."""
_OF_STATUS = {status: kind for kind, (status, _) in reversed(list(KINDS.items()))}


class Problem(Exception):
    """Ends the request with a problem document. `members` are said already: plain data for the answer."""

    def __init__(self, kind: str, says: Words | None = None, **members: Any) -> None:
        super().__init__(kind)
        self.kind, self.says, self.members = kind, says, members


def document(kind: str, detail: str, **members: Any) -> dict[str, Any]:
    """The problem as data: type, title, status, detail, instance, then what belongs to this kind of problem."""
    status, title = KINDS[kind]
    base = {"type": TYPES + kind, "title": say(title), "status": status, "detail": detail, "instance": request.path}
    return {**base, **{name: value for name, value in members.items() if value is not None}}


def answer(kind: str, says: Words | None = None, **members: Any) -> Response:
    """The response. Without a sentence of its own the first thing missing speaks, else the title."""
    first = next((one["says"] for name in ("missing", "errors") for one in members.get(name) or ()), "")
    response = jsonify(document(kind, say(says) or first or say(KINDS[kind][1]), **members))
    response.status_code, response.mimetype = KINDS[kind][0], MEDIA_TYPE
    return response


def raised(problem: Problem) -> Response:
    """For the blueprint's error handler."""
    return answer(problem.kind, problem.says, **problem.members)


def install(app: Flask) -> None:
    """Lets no error leave /api/ in another form, whoever else handles errors in this app."""

    @app.after_request
    def as_problem(response: Response) -> Response:
        if not request.path.startswith("/api/"):
            return response
        response.vary.add("Accept-Language")
        if response.status_code < HTTPStatus.BAD_REQUEST or response.mimetype == MEDIA_TYPE:
            return response
        kind = _OF_STATUS.get(response.status_code, "bad-request")
        told = document(kind, say(KINDS[kind][1]))
        told["status"] = response.status_code
        response.set_data(app.json.dumps(told))
        response.mimetype = MEDIA_TYPE
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and "Allow" not in response.headers:
            response.headers["Allow"] = ", ".join(sorted(_methods_here(app)))
        return response


def _methods_here(app: Flask) -> set[str]:
    """The methods that the path of this request does take."""
    address, found = app.create_url_adapter(request), set()
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        try:
            if address is not None:
                address.match(method=method)
                found.add(method)
        except (MethodNotAllowed, NotFound, RequestRedirect):
            continue
    return found
