"""Crashes: whoever is answered can rely on it, and nothing is ever half done, whenever the process is killed."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select as select_rows
from sqlalchemy import text

from tests import databases
from tests.desk.busy import STALL_SECONDS
from tests.stage import ROOT, Stage
from tickets import log_check
from tickets.models import Answer

KILLS = 25


class Killed:
    """Runs busy children on the stage's database, kills each at some moment, and keeps what they said."""

    def __init__(self, stage: Stage, planted: str = "") -> None:
        self.stage, self.random = stage, Random(20260512)
        self.asked: dict[str, dict[str, Any]] = {}
        self.answered: dict[str, dict[str, Any]] = {}
        self.last: dict[str, Any] | None = None
        self.kills = 0
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.desk.busy", stage.url, planted],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Killed:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.nursery.stdin is not None
        self.nursery.stdin.close()
        self.nursery.wait(timeout=30)
        assert self.nursery.stdout is not None
        self.nursery.stdout.close()

    def line(self) -> tuple[str, dict[str, Any]]:
        assert self.nursery.stdout is not None
        word, _, told = self.nursery.stdout.readline().decode().partition(" ")
        return word, json.loads(told)

    def kill_one(self, longest_patience: int = 12, within_seconds: float = 0.02) -> None:
        """Lets a child work through some acts, then kills it a moment later, wherever it is by then."""
        assert self.nursery.stdin is not None
        told: dict[str, Any] = {
            "accounts": self.stage.accounts,
            "at": (self.stage.at + timedelta(days=self.kills)).isoformat(),
            "seed": self.kills,
            "unanswered": self.last,
        }
        self.nursery.stdin.write(json.dumps(told).encode() + b"\n")
        self.nursery.stdin.flush()
        patience, pid, said = self.random.randint(1, longest_patience), 0, 0
        while True:
            word, told = self.line()
            if word == "gone":
                assert told["killed"], "the child broke by itself"
                break
            if word == "born":
                pid = told["pid"]
            if word == "ask":
                self.asked[told["key"]] = self.last = told
            if word == "ack":
                self.answered[told["key"]] = told
                self.last = None if self.last and self.last["key"] == told["key"] else self.last
                said += 1
            if pid and said >= patience:
                select.select([], [], [], self.random.random() * within_seconds)
                os.kill(pid, signal.SIGKILL)
                pid = 0
        self.kills += 1


def faults(stage: Stage, killed: Killed) -> list[str]:
    """Everything that was lost, doubled or half done."""
    found = [f"log: {fault}" for fault in log_check.verify(stage.desk)]
    with stage.engine.connect() as connection:

        def rows(query: str) -> list[Any]:
            return list(connection.execute(text(query)))

        kept = {
            key: (outcome["number"], (outcome["event"] or {}).get("sequence"))
            for key, outcome in connection.execute(select_rows(Answer.key, Answer.outcome))
        }
        events = rows(
            "SELECT t.number, e.sequence, e.action, e.accepted, e.id, e.account_id FROM event e"
            " JOIN ticket t ON t.id = e.ticket_id"
        )
        for name, query in HALF_DONE.items():
            found += [f"{name}: {tuple(row)}" for row in rows(query)]
        if databases.on_sqlite and (said := connection.execute(text("PRAGMA integrity_check")).scalar()) != "ok":
            found.append(f"integrity: {said}")
    by_people = sorted((number, sequence) for number, sequence, *_, account in events if account is not None)
    promised = {key: (one["number"], one["sequence"]) for key, one in killed.answered.items()}
    found += [f"answered but lost: {key} {one}" for key, one in promised.items() if kept.get(key) != one]
    found += [f"kept but never asked for: {key}" for key in kept if key not in killed.asked]
    if by_people != sorted(kept.values()):
        found.append(f"events and answers differ: {sorted(set(by_people) ^ set(kept.values()))}")
    return found


HALF_DONE = {
    "gap": "SELECT ticket_id, count(*), max(sequence) FROM event GROUP BY ticket_id HAVING count(*) <> max(sequence)",
    "count": "SELECT number, events FROM ticket t WHERE events <> (SELECT count(*) FROM event WHERE ticket_id = t.id)",
    "paper": """
        SELECT id FROM event e
        WHERE (accepted AND action = 'attach') <> EXISTS (SELECT 1 FROM paper WHERE event_id = e.id)""",
    "message": """
        SELECT id, action FROM event e
        WHERE (SELECT count(*) FROM message WHERE event_id = e.id) <> CASE WHEN NOT accepted THEN 0 ELSE CASE action
            WHEN 'request' THEN 1 WHEN 'allow' THEN 1 WHEN 'leave' THEN 1 WHEN 'note_overstay' THEN 2 WHEN 'remark' THEN 3
            ELSE 0 END END""",
    "timer": """
        SELECT id FROM event e
        WHERE (accepted AND action = 'enter')
           <> EXISTS (SELECT 1 FROM timer WHERE ticket_id = e.ticket_id AND started_event = e.sequence)""",
    "running": """
        SELECT m.id FROM timer m JOIN ticket t ON t.id = m.ticket_id
        WHERE (m.status = 'running' AND t.state <> 'inside') OR (m.stopped_at IS NULL AND t.state = 'left')""",
    "struck": """
        SELECT id FROM timer m
        WHERE (status = 'missed') <> EXISTS (
            SELECT 1 FROM event e WHERE e.ticket_id = m.ticket_id AND e.action = 'note_overstay' AND accepted)""",
    "due": """
        SELECT number FROM ticket t
        WHERE coalesce(due_at, '2000-01-01')
           <> (SELECT coalesce(min(due_at), '2000-01-01') FROM timer WHERE ticket_id = t.id AND status = 'running')""",
    "series": "SELECT last FROM series WHERE last <> (SELECT count(*) FROM ticket WHERE kind = 'visit')",
}
"""What never returns a row over a record in which every act is whole, by what would be half done."""


def test_nothing_is_lost_doubled_or_half_done_however_often_the_process_is_killed(stage: Stage) -> None:
    stage.engine.dispose()
    with Killed(stage) as killed:
        for _ in range(KILLS):
            killed.kill_one()
    assert killed.kills == KILLS
    assert len(killed.answered) > KILLS
    assert faults(stage, killed) == []


@pytest.mark.parametrize(
    ("planted", "named"),
    [("acknowledge_before_commit", "answered but lost"), ("two_transactions", "events and answers differ")],
)
def test_a_planted_bug_is_found(stage: Stage, planted: str, named: str) -> None:
    """A harness that finds nothing where there is something would prove nothing where it finds nothing."""
    stage.engine.dispose()
    with Killed(stage, planted) as killed:
        for _ in range(8):
            killed.kill_one(longest_patience=1, within_seconds=STALL_SECONDS)
    assert [one for one in faults(stage, killed) if one.startswith(named)]
