"""An instant is read back as it was written, to the microsecond, in UTC, on either database; one without a zone is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from database import UtcInstant, open_engine
from tests import databases

WRITTEN = Table("written", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcInstant, nullable=True))
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1990, 1, 2), datetime(2199, 12, 30), timezones=ZONES)  # noqa: DTZ001 - the zone is drawn


def test_an_instant_outlives_the_database(tmp_path: Path) -> None:
    engine = open_engine(databases.empty(tmp_path))
    WRITTEN.create(engine)

    @given(st.lists(st.none() | INSTANTS, min_size=1, max_size=20))
    def comes_back(instants: list[datetime | None]) -> None:
        with engine.begin() as connection:
            connection.execute(WRITTEN.delete())
            connection.execute(insert(WRITTEN), [{"id": place, "at": at} for place, at in enumerate(instants)])
            found = list(connection.scalars(select(WRITTEN.c.at).order_by(WRITTEN.c.id)))
        assert found == instants
        assert all(at is None or at.tzinfo is UTC for at in found)

    comes_back()
    with engine.begin() as connection, pytest.raises(StatementError, match="an instant needs a zone"):
        connection.execute(insert(WRITTEN), {"id": 999, "at": datetime(2026, 3, 10)})  # noqa: DTZ001 - what is refused
    engine.dispose()
