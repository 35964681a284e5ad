"""Refusals of dangerous operations are no breach, but counted by their ground, month by month (C9.5, R7.8)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from database import reading
from tests.stage import Stage
from tests.workflow.reboot_story import Operation
from tickets import reports
from workflow.reboot.forms import RefusalReason
from workflow.reboot.pass_rate import REFUSALS
from workflow.report import Table

GROUNDS = get_args(RefusalReason)


def made(stage: Stage, month: date) -> Table:
    with reading(stage.engine) as session:
        return reports.make(
            session, stage.contract, stage.workflows["reboot"], REFUSALS, at=stage.at, month=month
        ).table  # fmt: skip


def told(stage: Stage, month: date = date(2026, 5, 1)) -> dict[str, tuple[int, list[str]]]:
    table = made(stage, month)
    assert table.summary["refusals"] == sum(row["refusals"] for row in table.rows)
    return {
        row["refusal_ground"].name: (row["refusals"], [one.number for one in row["sheets_refused"]])
        for row in table.rows
    }


def refused(stage: Stage, ground: str) -> str:
    operation = Operation(stage).requested()
    return operation.do("refuse", "manager1", reason_code=ground, reason="见附件。").number


@pytest.mark.parametrize("ground", GROUNDS)
def test_r7_8_a_refusal_is_counted_under_its_ground_and_breaches_nothing(stage: Stage, ground: str) -> None:
    number = refused(stage, ground)
    assert told(stage) == {one: (1, [number]) if one == ground else (0, []) for one in GROUNDS}
    assert all(timer.status == "dropped" for timer in stage.ticket(number).deadlines.values())


def test_r7_8_only_what_the_supplier_refused_is_counted_and_in_its_month(stage: Stage) -> None:
    first, second = refused(stage, "freeze_period"), refused(stage, "freeze_period")
    Operation(stage).requested().do("withdraw", "staff1", reason="补丁推迟。")
    Operation(stage).requested().refused(
        "refuse", "engineer1", answer="not_yours", reason_code="may_damage", reason="无"
    )
    stage.at = datetime(2026, 5, 31, 16, tzinfo=UTC)
    later = refused(stage, "beyond_authority")
    nothing: dict[str, tuple[int, list[str]]] = dict.fromkeys(GROUNDS, (0, []))
    assert told(stage) == nothing | {"freeze_period": (2, [first, second])}
    assert told(stage, date(2026, 6, 1)) == nothing | {"beyond_authority": (1, [later])}
    assert told(stage, date(2026, 4, 1)) == nothing
