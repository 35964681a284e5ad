"""What machines ask: whether the process lives, whether it can serve and if not what is in the way, and how it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from auth import policy
from auth.monitor import UnfitToken
from auth.policy import MONITOR
from database import transaction
from tests import databases
from tests.auth.conftest import CONTRACT, Desk
from tests.auth.test_system_pages import refuse
from tests.auth.whole import whole_desk
from tickets.models import Beat, Timer
from tickets.watch.models import Mending, Unstruck

TOKEN = "a token of the monitor, long enough"
READY = {"database": "reachable", "tables": "current", "contracts": "readable", "clock": "alive"}


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Desk]:
    with whole_desk(tmp_path) as made:
        yield made


@pytest.fixture
def ready(whole: Desk) -> Desk:
    with transaction(whole.engine) as session:
        session.add(Beat(worker="somewhere-17", at=whole.at))
    return whole


def samples(desk: Desk, **headers: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = desk.client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    lines = [line for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_who_lives_says_so_and_asks_no_database(whole: Desk) -> None:
    asked: list[str] = []
    event.listen(whole.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    answer = whole.client().get("/healthz")
    assert (answer.status_code, answer.json, asked) == (200, {"process": "alive"}, [])


def test_who_is_ready_says_so_in_few_statements(ready: Desk) -> None:
    ready.client().get("/readyz")
    asked: list[str] = []
    event.listen(ready.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    answer = ready.client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, READY)
    assert len(databases.of_the_desk(asked)) <= 5


def test_without_a_worker_it_is_not_ready(ready: Desk) -> None:
    ready.pass_time(minutes=1)
    answer = ready.client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {**READY, "clock": "late"})


def test_with_older_tables_it_is_not_ready(ready: Desk) -> None:
    with ready.engine.begin() as connection:
        databases.unguarded(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '4078abd236d6'"))
    answer = ready.client().get("/readyz")
    assert (answer.status_code, (answer.json or {})["tables"]) == (503, "outdated")


def test_without_a_database_it_is_not_ready(ready: Desk) -> None:
    with ready.engine.begin() as connection:
        databases.unguarded(connection)
        connection.execute(text("DROP TABLE beat"))
    assert ready.client().get("/readyz").status_code == 503
    assert ready.client().get("/healthz").status_code == 200


def test_with_a_contract_that_cannot_be_read_it_is_not_ready(ready: Desk) -> None:
    (kept,) = (ready.app.extensions["counterpart"].settings.instance_dir / "contracts").iterdir()
    with (kept / "contract.toml").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    ready.app.extensions["tickets"].desk.contracts.forget()
    answer = ready.client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {**READY, "contracts": "unreadable"})


def test_the_table_says_who_may_measure_and_nobody_else_may(tmp_path: Path) -> None:
    with whole_desk(tmp_path / "open", bind_host="0.0.0.0", metrics_token=TOKEN) as desk:
        (rule,) = [one for one in policy.table(desk.app) if one.path == "/metrics"]
        assert rule.needs == (MONITOR,)
        for given in ({}, {"Authorization": "Bearer " + TOKEN[:-1]}, {"Authorization": f"Basic {TOKEN}"}):
            assert desk.client().get("/metrics", headers=given).status_code == 404
        assert samples(desk, Authorization=f"Bearer {TOKEN}")
        client = desk.sign_in(desk.person("sys", "admin.system"))
        assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("settings", "headers", "from_where", "status"),
    [
        ({}, {}, "127.0.0.1", 200),
        ({}, {}, "192.0.2.7", 404),
        ({}, {"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 404),
        ({"secure_cookies": True}, {}, "127.0.0.1", 404),
        ({"bind_host": "0.0.0.0"}, {}, "127.0.0.1", 404),
    ],
    ids=["on this machine", "from another", "through a proxy", "behind TLS", "bound to every address"],
)
def test_without_a_token_this_machine_alone_measures(
    tmp_path: Path, settings: dict[str, object], headers: dict[str, str], from_where: str, status: int
) -> None:
    with whole_desk(tmp_path, **settings) as desk:
        asked = desk.client().get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": from_where})
        assert asked.status_code == status


def test_a_token_that_can_be_guessed_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(UnfitToken), whole_desk(tmp_path, metrics_token="short"):
        pass


def test_it_measures_acts_limits_outbox_workers_and_requests_without_a_name(ready: Desk) -> None:
    person = ready.person("lin.yi", "client.staff")
    refuse(ready, person, times=2)
    with transaction(ready.engine) as session:
        first, second, third = session.scalars(select(Timer).order_by(Timer.id)).all()[:3]
        session.add(Unstruck(timer_id=first.id, since=ready.at, tries=1, retry_at=ready.at, error="KeyError"))
        session.add(Mending(at=ready.at, worker="w", what="limit_dropped", subject_id=1))
        first.status = "failed"
        second.due_at, third.due_at = ready.at - timedelta(seconds=90), ready.at - timedelta(seconds=30)
    ready.sign_in(person).get("/tickets/BJ26-F-2026-0001?secret=1")
    ready.client().get("/nothing/of/that/kind")
    found = samples(ready)
    assert found['counterpart_acts_total{action="report",kind="fault",outcome="accepted"}'] == 1
    assert found['counterpart_acts_total{action="respond",kind="fault",outcome="not_yours"}'] == 2
    timers = {name: found[f'counterpart_timers{{status="{name}"}}'] for name in ("due", "late", "failed")}
    assert timers == {"due": 2, "late": 1, "failed": 1}
    assert found['counterpart_timers{status="running"}'] > 3
    assert found["counterpart_strike_lag_seconds"] >= 90
    assert found['counterpart_outbox{status="untold"}'] > 0
    assert found['counterpart_outbox{status="dead"}'] == 0
    assert found['counterpart_mended_total{what="limit_dropped"}'] == 1
    assert found["counterpart_worker_heartbeat_age_seconds"] < 300
    assert found["counterpart_db_statements_total"] > found["counterpart_db_commits_total"] > 0
    route = 'method="GET",route="/tickets/<number>",status="2xx"'
    assert found[f"counterpart_request_duration_seconds_count{{{route}}}"] == 1
    assert found[f'counterpart_request_duration_seconds_bucket{{le="+Inf",{route}}}'] == 1
    nowhere = 'method="(none)",route="(none)",status="4xx"'
    assert found[f"counterpart_request_duration_seconds_count{{{nowhere}}}"] == 1
    told = " ".join(found)
    for private in ("lin.yi", "BJ26-F", "secret", "of/that", CONTRACT):
        assert private not in told


def test_acts_are_counted_once_however_often_they_are_measured(ready: Desk) -> None:
    person = ready.person("lin.yi", "client.staff")
    refuse(ready, person)
    name = 'counterpart_acts_total{action="respond",kind="fault",outcome="not_yours"}'
    assert [samples(ready)[name], samples(ready)[name]] == [1, 1]
    reborn = samples(ready)  # What another process says, which counts from the beginning.
    ready.app.extensions["counterpart_tallies"] = (
        ready.app.extensions["counterpart_tallies"][0],
        type(ready.app.extensions["counterpart_tallies"][1])(),
    )
    assert samples(ready)[name] == reborn[name]


def test_names_keep_to_the_manner_of_the_format(ready: Desk) -> None:
    names = {re.split(r"[{ ]", one)[0] for one in samples(ready)}
    assert all(re.fullmatch(r"counterpart_[a-z_]+", one) for one in names)
