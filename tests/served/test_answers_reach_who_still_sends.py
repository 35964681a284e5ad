"""Who sends too much, or what is refused unread, gets the answer and no broken connection: shown on the real server."""

from __future__ import annotations

import http.client
import json
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Any

import pytest

from auth import tokens
from config import Settings
from database import transaction
from tests.auth.conftest import START
from tests.auth.whole import whole_desk
from tests.served import real
from tickets import leftover, serve
from tickets.api_request import MOST_BYTES
from tickets.leftover import Taken

MIB = 1024 * 1024
MUCH = b"x" * (16 * MIB)
"""More than the sockets of both ends hold: what does not fit in there is what breaks."""


@dataclass(frozen=True)
class Served:
    port: int
    token: str
    cookie: str

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, str, bytes]:
        """Status, media type, body. Raises OSError where the connection breaks before all is sent."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as asked:
            asked.request("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = asked.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with whole_desk(folder) as whole:
        person = whole.person("lin.yi", "client.staff")
        with transaction(whole.engine) as session:
            made = tokens.make_token(session, person.id, name="tests", scopes=["read", "act"], days=9, at=START)
        assert isinstance(made, tuple)
        whole.at = START
        cookie = whole.sign_in(person, code=whole.code(person)).get_cookie("counterpart")
        assert cookie is not None
    port, said = real.free_port(), folder / "said.txt"
    command = serve.server_command(Settings(bind_port=port), "tests.served.app:create_app")
    process = real.start(command, real.environment(folder, port, whole.url), said)
    try:
        real.wait_until_it_answers(process, port, said)
        yield Served(port, made[1], cookie.value)
    finally:
        process.terminate()
        process.wait(timeout=20)


def as_program(served: Served, kind: str = "application/json") -> dict[str, str]:
    return {"Authorization": f"Bearer {served.token}", "Idempotency_Key": "once", "Content_Type": kind}


@pytest.mark.parametrize("megabytes", [2, 5, 16])
def test_a_json_body_that_is_too_large_is_answered_413(served: Served, megabytes: int) -> None:
    status, kind, told = served.post("/api/v1/tickets", b"x" * (megabytes * MIB), **as_program(served))
    assert (status, kind) == (413, "application/problem+json")
    assert json.loads(told)["type"] == "/api/v1/problems/too-large"


@pytest.mark.parametrize(
    ("size", "status"),
    [(MOST_BYTES, 400), (MOST_BYTES + 1, 413), (16 * MIB, 413)],
    ids=["the most", "one more", "much"],
)
def test_so_it_is_without_a_length(served: Served, size: int, status: int) -> None:
    """In chunks, of which none tells how many will follow. The most that is taken is read, and is no JSON here."""
    chunks = [b"x" * min(MIB, size - start) for start in range(0, size, MIB)]
    found = served.post("/api/v1/tickets", iter(chunks), **as_program(served))
    assert found[:2] == (status, "application/problem+json")


def test_a_file_over_the_limit_is_answered_413(served: Served) -> None:
    content = b"--part\r\n" + b"x" * (Settings().upload_limit_bytes + 8 * MIB)
    status, kind, _ = served.post(
        "/api/v1/tickets/BJ26-F-2026-0001/papers", content, **as_program(served, "multipart/form-data; boundary=part")
    )
    assert (status, kind) == (404, "application/problem+json"), "there is no such ticket, and that is told first"
    given = {"Cookie": f"counterpart={served.cookie}", "Content_Type": "multipart/form-data; boundary=part"}
    status, kind, page = served.post("/tickets/BJ26-F-2026-0001/attach", content, **given)
    assert (status, kind) == (413, "text/html")
    assert b"lin.yi!" in page, "a signed-in person keeps the frame of the page"


@pytest.mark.parametrize(("path", "status"), [("/api/v1/tickets", 401), ("/tickets/x/attach", 303), ("/nowhere", 404)])
def test_what_is_refused_unread_is_answered_too(served: Served, path: str, status: int) -> None:
    assert served.post(path, MUCH)[0] == status


def test_who_waits_for_leave_is_not_asked_to_send(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
        client.sendall(
            b"POST /api/v1/tickets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 401")


def test_who_stops_in_the_middle_holds_up_nobody_else(served: Served) -> None:
    """Of eight that send one byte and stop, two are waited for and get their answer when they go on."""
    promise = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\nx"
    with ExitStack() as stack:
        waiting = [
            stack.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=60)) for _ in "12345678"
        ]
        for client in waiting:
            client.sendall(promise)
        while len(waiting) > leftover.MOST_AT_ONCE:
            answered, _, _ = select.select(waiting, [], [], 60)
            assert answered, "somebody is not answered"
            waiting = [client for client in waiting if client not in answered]
        assert served.post("/nowhere", b"x")[0] == 404
        for client in waiting:
            client.sendall(b"x" * 4_999_999)
            assert client.recv(100).startswith(b"HTTP/1.1 404")
    assert served.post("/nowhere", MUCH)[0] == 404


# --- the bounds, without a server ------------------------------------------------------------------------------------


def left_of(body: bytes, environ: dict[str, Any], **bounds: Any) -> int:
    """How much of the body remains in its stream when the answer of an application that read 3 bytes leaves."""
    stream = BytesIO(body)

    def app(environ: Any, _start: Any) -> list[bytes]:
        environ["wsgi.input"].read(3)
        return []

    Taken(app, **bounds)({"wsgi.input": stream, **environ}, lambda *_: lambda _: None)
    return len(body) - stream.tell()


@pytest.mark.parametrize(
    ("length", "left"), [(3, 0), (50, 0), (103, 0), (104, 101)], ids=["read", "rest", "the most", "one more"]
)
def test_the_rest_is_taken_up_to_the_most(length: int, left: int) -> None:
    assert left_of(b"x" * length, {"CONTENT_LENGTH": str(length)}, most_bytes=100) == left


def test_nothing_is_read_beyond_the_body() -> None:
    assert left_of(b"x" * 50, {"CONTENT_LENGTH": "20"}) == 30
    assert left_of(b"x" * 50, {}) == 47
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
    assert left_of(b"x" * 50, chunked) == 47, "nobody marks the end: a read might wait for ever"
    assert left_of(b"x" * 50, {**chunked, "wsgi.input_terminated": True}) == 0
    assert left_of(b"x" * 50, {**chunked, "wsgi.input_terminated": True}, most_bytes=20) == 27


def test_who_is_too_slow_is_waited_for_no_longer() -> None:
    """A clock on which each look takes a second: two blocks within two seconds, and no third."""
    told = {"CONTENT_LENGTH": str(10 * leftover.BLOCK_BYTES)}
    taken = left_of(b"x" * 10 * leftover.BLOCK_BYTES, told, seconds=3, clock=count().__next__)
    assert taken == 8 * leftover.BLOCK_BYTES - 3
