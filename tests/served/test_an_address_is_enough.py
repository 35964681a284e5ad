"""`DATABASE_URL` is all it takes: the same commands, told another address, make and serve a desk on PostgreSQL."""

from __future__ import annotations

import http.client
import sys
from contextlib import closing
from pathlib import Path

from tests import databases
from tests.served import real

FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]


def test_an_empty_postgresql_database_becomes_a_desk_by_its_address_alone(tmp_path: Path) -> None:
    url, port, said = databases.server().make(), real.free_port(), tmp_path / "said.txt"
    given = real.environment(tmp_path, port, url)
    process = real.start([*FLASK, "serve", "--prepare"], given, said)
    try:
        real.wait_until_it_answers(process, port, said)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as asked:
            asked.request("GET", "/demo")
            assert b"demo/1" in asked.getresponse().read()
    finally:
        process.terminate()
        process.wait(timeout=30)
    engine = databases.open_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM timer WHERE status = 'missed'").scalar_one() > 0
    engine.dispose()
    assert not list((tmp_path / "instance").glob("*.db*"))
