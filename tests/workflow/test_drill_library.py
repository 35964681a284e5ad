"""The library of emergency plans (C9.15): what is overdue, and when next year's drills are to be planned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.stage import REAL, Stage
from tests.workflow.drill_story import at_state, go, planned, step
from workflow.contract import Edition, load
from workflow.drill.library import PlanRecord, next_years_plan, overdue

ELSEWHERE = Path(__file__).resolve().parent.parent / "contract" / "data" / "harbour-2025"


def edition(path: Path = REAL) -> Edition:
    return load(path).editions[-1]


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def late(record: PlanRecord, at: datetime, under: Edition) -> list[str]:
    return [one.what for one in overdue([record], at, under)]


DRILLED = PlanRecord("预案", "1", date(2025, 5, 12), date(2025, 5, 12), date(2025, 5, 12))


def test_r2_8_twelve_months_end_with_the_day(stage: Stage) -> None:
    under = edition()
    assert late(DRILLED, shanghai("2026-05-13T00:00:00"), under) == []
    assert late(DRILLED, shanghai("2026-05-13T00:00:00") + timedelta(milliseconds=1), under) == ["comprehensive"]


def test_r2_8_special_drills_keep_the_legal_floor_only() -> None:
    special = PlanRecord("预案", "1", None, date(2025, 5, 12), date(2025, 5, 12))
    assert late(special, shanghai("2025-06-01T00:00:00"), edition()) == ["comprehensive"]
    assert late(special, shanghai("2028-05-13T00:00:01"), edition()) == ["comprehensive", "legal", "review"]


def test_r2_8_what_was_never_drilled_is_overdue_at_once() -> None:
    found = overdue([PlanRecord("预案", "1")], shanghai("2026-05-12T10:00:00"), edition())
    assert [(one.what, one.last, one.due_at) for one in found] == [
        ("comprehensive", None, None), ("legal", None, None), ("review", None, None)
    ]  # fmt: skip


def test_r2_8_another_contract_another_interval() -> None:
    assert late(DRILLED, datetime(2025, 11, 25, tzinfo=UTC), edition(ELSEWHERE)) == ["comprehensive"]
    assert late(DRILLED, datetime(2025, 11, 25, tzinfo=UTC), edition()) == []


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-10-31T23:59:59", None),
        ("2026-11-01T00:00:00", "2026-12-01T00:00:00"),
        ("2026-11-30T23:59:59", "2026-12-01T00:00:00"),
        ("2026-12-31T23:59:59", "2026-12-01T00:00:00"),
        ("2027-01-01T00:00:00", None),
    ],
)
def test_r2_8_next_years_plan_is_made_in_november(at: str, due: str | None) -> None:
    found = next_years_plan(edition(), shanghai(at), [shanghai("2026-12-20T10:00:00")])
    assert found == (shanghai(due) if due else None)


def test_r2_8_a_drill_planned_for_next_year_settles_it() -> None:
    assert next_years_plan(edition(), shanghai("2026-11-15T10:00:00"), [shanghai("2027-01-01T00:00:00")]) is None


def test_r2_8_the_day_is_a_figure() -> None:
    under = edition(ELSEWHERE)
    day = under.contract.calendar.start_of_day(date(2025, 10, 2))
    assert next_years_plan(under, day, []) == under.contract.calendar.end_of_day(date(2025, 10, 20))


# --- on tickets ------------------------------------------------------------------------------------------------


def warned(stage: Stage, number: str) -> list[str]:
    return [words for words in stage.ticket(number).notices if "emergency plan" in words]


def test_r2_8_a_ticket_warns_of_a_plan_that_was_never_drilled(stage: Stage) -> None:
    assert len(warned(stage, planned(stage))) == 3


def test_r2_8_what_was_drilled_before_this_desk_is_stated(stage: Stage) -> None:
    recent = {"last_drilled_on": "2025-06-20", "last_reviewed_on": "2025-07-04"}
    assert warned(stage, planned(stage, **recent)) == []
    old = {"last_drilled_on": "2025-05-01", "last_reviewed_on": "2025-07-04"}
    (words,) = warned(stage, planned(stage, **old))
    assert "2025-05-01" in words
    stale = {"last_drilled_on": "2020-05-01", "last_reviewed_on": "2020-07-04"}
    assert len(warned(stage, planned(stage, **stale))) == 3


def test_r2_8_an_archived_drill_is_remembered_by_the_next_one(stage: Stage) -> None:
    at_state(stage, "archive")
    number = planned(stage)
    assert warned(stage, number) == []
    other = planned(stage, emergency_plan="另一预案")
    assert len(warned(stage, other)) == 3


def test_r2_8_a_special_drill_is_no_comprehensive_one(stage: Stage) -> None:
    at_state(stage, "archive", scope="special")
    (words,) = warned(stage, planned(stage))
    assert "comprehensive" in words


def test_r2_8_a_drill_broken_off_exercised_nothing(stage: Stage) -> None:
    number = at_state(stage, "record_entry")
    step(stage, number, "stop_drill", "desk1", cause="真实告警")
    go(stage, number, "archive", since="restore_systems")
    assert len(warned(stage, planned(stage))) == 2, "it was reviewed, but not drilled"


def test_r2_8_in_november_drills_warn_of_next_years_plan(stage: Stage) -> None:
    number = planned(stage, window_start=stage.at, window_end=stage.at + timedelta(days=300))
    stage.at = shanghai("2026-11-02T10:00:00")
    assert any("Next year's drills" in words for words in stage.ticket(number).notices)
    planned(stage, window_start=shanghai("2027-01-20T10:00:00"), window_end=shanghai("2027-01-20T12:00:00"))
    assert not any("Next year's drills" in words for words in stage.ticket(number).notices)
