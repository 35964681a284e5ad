"""Sending goes on beside the clock: no server holds it up, and what was never passed on is found."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from sqlalchemy import delete, select

from database import reading, transaction
from tests.outbox.office import Office
from tickets import worker
from tickets.models import Timer
from tickets.outbox.models import FAILED, SENDING, Delivery, Untold
from tickets.watch.models import Mending
from tickets.watch.sweep import FREED, QUEUED, Sweep

PATIENCE_SECONDS = 30


def test_a_mail_server_that_hangs_delays_no_breach(office: Office, visit_fields: dict[str, Any]) -> None:
    house = office.house
    desk = house.room.desk
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(PATIENCE_SECONDS)
        outbox = office.real(
            smtp_host="127.0.0.1", smtp_port=server.getsockname()[1], smtp_tls="none", smtp_sender="desk@counterpart.example",
            outbox_timeout_seconds=PATIENCE_SECONDS,
        )  # fmt: skip
        number = house.open("visit", "staff1", **visit_fields)
        house.do(number, "allow", "manager1")
        office.address("desk1")
        office.address("staff1")
        house.do(number, "enter", "engineer1")
        stop = Event()
        running = Thread(
            target=worker.run, args=(desk,), kwargs={"pause_seconds": 0.02, "stop": stop, "outbox": outbox.turn}
        )
        running.start()
        try:
            taken, _ = server.accept()  # From here on a letter is under way, and nobody answers.
            with closing(taken):
                house.at += timedelta(days=1)
                timer = overstay(office)
                for _ in range(PATIENCE_SECONDS * 50):
                    if timer.status != "running" or stop.wait(0.02):
                        break
                    timer = overstay(office)
                (hanging,) = [one for one in office.deliveries("email") if one.status == SENDING]
                assert (timer.status, timer.struck_at) == ("missed", house.at)
                assert hanging.attempts == 1
        finally:
            stop.set()
            running.join(timeout=PATIENCE_SECONDS)
    assert not running.is_alive()


def overstay(office: Office) -> Timer:
    with reading(office.house.engine) as session:
        return session.scalars(select(Timer).where(Timer.deadline == "overstay")).one()


def mended(office: Office) -> list[str]:
    with reading(office.house.engine) as session:
        return list(session.scalars(select(Mending.what).order_by(Mending.id)))


def test_a_message_that_was_never_passed_on_is_queued_again_once(office: Office, visit_fields: dict[str, Any]) -> None:
    number = office.house.open("visit", "staff1", **visit_fields)
    with transaction(office.house.engine) as session:
        session.execute(delete(Untold))
    office.house.at += timedelta(minutes=5)
    sweep = Sweep(office.house.room.desk, "w", office.outbox.lost)
    assert sweep.turn() > 0
    assert set(mended(office)) == {QUEUED}
    office.outbox.turn()
    assert number in [told for _, told in office.told()]
    office.house.at += timedelta(minutes=5)
    assert Sweep(office.house.room.desk, "w", office.outbox.lost).turn() == 0


def test_what_was_said_just_now_or_concerns_nobody_is_not_taken_for_lost(
    office: Office, visit_fields: dict[str, Any]
) -> None:
    office.house.open("visit", "staff1", **visit_fields)
    sweep = Sweep(office.house.room.desk, "w", office.outbox.lost)
    assert sweep.turn() == 0  # It waits in the queue.
    with transaction(office.house.engine) as session:
        session.execute(delete(Untold))
    assert Sweep(office.house.room.desk, "w", office.outbox.lost).turn() == 0  # Somebody may be passing it on just now.


def test_a_letter_in_the_hands_of_who_is_gone_is_taken_from_them(office: Office, visit_fields: dict[str, Any]) -> None:
    office.address("desk1")
    office.house.open("visit", "staff1", **visit_fields)
    office.outbox.turn()
    with transaction(office.house.engine) as session:
        letter = session.scalars(select(Delivery).where(Delivery.channel == "email")).one()
        letter.status, letter.due_at, fence = SENDING, office.house.at, letter.fence
    sweep = Sweep(office.house.room.desk, "w", office.outbox.lost)
    assert sweep.turn() == 0
    office.house.at += timedelta(minutes=5)
    assert sweep.turn() == 1
    (letter,) = office.deliveries("email")
    assert (letter.status, letter.fence) == (FAILED, fence + 1)
    assert mended(office) == [FREED]
