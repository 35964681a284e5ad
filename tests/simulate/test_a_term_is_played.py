"""People with characters play a part of a contract's term, and what must hold of it holds; the long form is `make simulate`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from database import reading
from tests import databases
from tests.desk import visit
from tests.simulate.conftest import HARBOUR, Simulated, plan_of
from tickets.models import Event, Ticket, Timer
from tickets.simulate.place import open_place
from tickets.simulate.plan import Outage
from tickets.simulate.play import Play
from tickets.simulate.run import Ended, look_over
from workflow.declare import DESK

OFF = timedelta(days=30)


@pytest.fixture(scope="module")
def off(simulated: Simulated) -> Ended:
    """Four workers, all of which are off for thirty days, and everybody with them; when they wake they turn at one instant."""
    plan = plan_of(2, 36, 4)
    begins = plan.starts_at + timedelta(days=4)
    down = Outage(begins, begins + OFF, desk=True)
    shares = {"fault": 3, "any other": 1}
    return simulated(replace(plan, outages=(down,), arrivals_until=begins, at_once=True, shares=shares))


def missed(ended: Ended) -> list[Timer]:
    with reading(ended.place.engine) as session:
        return list(session.scalars(select(Timer).where(Timer.status == "missed")))


def test_another_contract_is_played_by_its_own_term_and_figures(simulated: Simulated) -> None:
    ended = simulated(plan_of(3, 12, 6, HARBOUR))
    assert ended.holds, ended.failures
    contract = ended.place.contract
    with reading(ended.place.engine) as session:
        first, last, refused, numbers = session.execute(
            select(
                func.min(Event.at), func.max(Event.at), func.count().filter(Event.accepted.is_(False)),
                func.count(Event.ticket_id.distinct()),
            )
        ).one()  # fmt: skip
        assert session.scalars(select(Ticket.number)).first().startswith(contract.number_prefix)
    assert contract.term_start <= first
    assert last <= contract.term_start + timedelta(days=12, seconds=2)
    assert refused, "nobody tried what the guards forbid"
    assert numbers >= 5


def test_with_four_workers_off_for_thirty_days_every_breach_is_noted_once_with_its_due_time(off: Ended) -> None:
    assert off.holds, off.failures
    begins = off.play.plan.outages[0].starts_at
    noted_late = [timer for timer in missed(off) if (timer.struck_at or begins) - timer.due_at > timedelta(days=1)]
    assert noted_late, "nothing ran out while the workers were off"
    assert all(timer.struck_at and begins <= timer.struck_at for timer in noted_late)
    with reading(off.place.engine) as session:
        for timer in noted_late:
            found = session.scalars(
                select(Event).where(Event.ticket_id == timer.ticket_id, Event.at == timer.struck_at, Event.accepted)
            ).all()
            due = [e for e in found if e.fields.get("due_at") == timer.due_at.isoformat() and e.party == DESK.name]
            assert len([e for e in due if e.fields["deadline"] == timer.deadline]) == 1


def test_people_take_their_time_and_keep_some_limits(off: Ended) -> None:
    with reading(off.place.engine) as session:
        kept = session.scalar(select(func.count()).where(Timer.status == "met"))
    assert kept
    assert missed(off)


def test_a_duty_that_nobody_thought_of_is_played_as_well(tmp_path: Path) -> None:
    plan = plan_of(5, 6, 4)
    place = open_place(plan, tmp_path, None if databases.on_sqlite else databases.empty(tmp_path))
    place.desk.workflows = {"visit": visit.workflow}
    play = Play(place, plan)
    play.run()
    ended = look_over(place, play)
    place.engine.dispose()
    assert ended.holds, ended.failures
    assert sum(ended.sums.states["visit"].values()) >= 3
    assert ended.sums.states["visit"].get("left"), "nobody brought a visit to its end"


def test_what_runs_out_at_the_very_end_is_noted_before_anybody_checks(simulated: Simulated) -> None:
    ended = simulated(plan_of(7, 4, 3, steps=()))
    place, hands = ended.place, ended.play.clockwork
    running = select(Timer.id, Timer.due_at).where(Timer.status == "running").order_by(Timer.due_at)
    with reading(place.engine) as session:
        timer, due_at = session.execute(running).first() or (0, place.clock.now())
    hands.run_until(due_at + timedelta(milliseconds=500))
    assert timer in place.desk.due(), "no worker wakes so soon"
    hands.finish()
    assert place.desk.due() == []
    assert look_over(place, ended.play).holds
