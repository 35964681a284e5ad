"""Real servers on loopback for the outbox to talk to: one for mail, one for webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

ACCEPTED = "250 taken"


@dataclass
class Post:
    """A mail server's handler: what it took, and what it answers to each recipient and each letter, in turn."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    to_recipients: list[str] = field(default_factory=list)
    to_letters: list[str | Callable[[], str]] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.to_recipients.pop(0) if self.to_recipients else "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self.to_letters.pop(0) if self.to_letters else ACCEPTED
        if callable(answer):
            self._take(envelope)
            return answer()
        if answer.startswith("2"):
            self._take(envelope)
        return answer

    def _take(self, envelope: Any) -> None:
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))


class _AtAnyPort(Controller):
    """Port 0 is asked for, and the one that was given is told; the controller's own trial call would not know it."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="mail.example", ident="test", loop=self.loop)

    def _trigger_server(self) -> None:
        self.handler.port = self.server.sockets[0].getsockname()[1]
        self.port = self.handler.port
        super()._trigger_server()


@contextmanager
def post_office() -> Iterator[Post]:
    """A mail server on a free port."""
    post = Post()
    controller = _AtAnyPort(post, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


@dataclass
class Hook:
    """A webhook's receiver: what it was sent, and what it answers, in turn."""

    port: int = 0
    calls: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Hook]:
    """A web server on a free port."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            hook.calls.append((self.path, dict(self.headers), json.loads(body)))
            status, headers = hook.answers.pop(0) if hook.answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_given: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()
