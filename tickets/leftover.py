"""What a client is still sending when its answer stands already: taken and thrown away, within bounds, before the answer.

A refusal by length, by token or by path is known before the body is read. Answered at once, it would be lost: the server
closes a connection whose body nobody took, and who is still sending sees it break instead of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import BoundedSemaphore
from time import monotonic
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST_BYTES = 64 * 1024 * 1024
LONGEST_SECONDS = 10.0
MOST_AT_ONCE = 2
"""Fewer than the server has threads: who stops in the middle of a body on purpose must not come to hold them all."""
BLOCK_BYTES = 16 * 1024


class Taken:
    """A WSGI application whose answers wait until the rest of the body has come, `most_bytes` and `seconds` at most.

    What goes beyond, or comes while `MOST_AT_ONCE` others are waited for, is answered at once, and its connection may
    break. A body whose sender waits for leave (`Expect: 100-continue`) is not called for.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        most_bytes: int = MOST_BYTES,
        seconds: float = LONGEST_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app, self._most_bytes, self._seconds, self._clock = app, most_bytes, seconds, clock
        self._places = BoundedSemaphore(MOST_AT_ONCE)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = _Counted(environ["wsgi.input"])
        environ["wsgi.input"] = body
        answer = self._app(environ, start_response)
        left = self._left(environ, body)
        if left and self._places.acquire(blocking=False):
            try:
                self._take(body, left)
            finally:
                self._places.release()
        return answer

    def _left(self, environ: WSGIEnvironment, body: _Counted) -> int:
        """How many bytes to take: none where nothing is to come, or more than is taken here."""
        if body.ended or (not body.count and environ.get("HTTP_EXPECT", "").lower() == "100-continue"):
            return 0
        told = environ.get("CONTENT_LENGTH") or ""
        if told.isdecimal():
            left = int(told) - body.count
            return left if left <= self._most_bytes else 0
        # Without a length the end is known only where the server marks it; elsewhere a read would wait for ever.
        return self._most_bytes if environ.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" in environ else 0

    def _take(self, body: _Counted, left: int) -> None:
        """In this thread and in small blocks, the clock read between them. A thread of its own could be left behind in
        the middle of a read, but then granian stands still as a whole until that client goes."""
        until = self._clock() + self._seconds
        try:
            while left > 0 and self._clock() < until and (block := body.read(min(left, BLOCK_BYTES))):
                left -= len(block)
        except OSError:
            return  # The client has gone, and nobody waits for the answer.


class _Counted:
    """The body, and how much of it was read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.count, self.ended = stream, 0, False

    def read(self, size: int = -1) -> bytes:
        return self._noted(self._stream.read(size), size)

    def readline(self, size: int = -1) -> bytes:
        return self._noted(self._stream.readline(size), size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return [self._noted(line, hint) for line in self._stream.readlines(hint)]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _noted(self, block: bytes, asked: int) -> bytes:
        self.count += len(block)
        self.ended = self.ended or (not block and asked != 0)
        return block
