"""The outbox at work: one turn of it, for the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from auth.records import Keyring
from config import Settings
from tickets.outbox import messengers
from tickets.outbox.carriers import Carrier
from tickets.outbox.fanout import FanOut
from tickets.outbox.letters import EMAIL, Writer
from tickets.outbox.mail import Mail
from tickets.outbox.sending import Sending
from workflow.contract import Contract
from workflow.declare import Workflow


class Outbox:
    """Makes deliveries of what acts have said, and sends those that are due. Of use to one thread."""

    def __init__(
        self,
        app: Flask,
        *,
        contracts: Mapping[str, Contract],
        workflows: Mapping[str, Workflow],
        carriers: Mapping[str, Carrier] | None = None,
    ) -> None:
        base = app.extensions["counterpart"]
        settings: Settings = base.settings
        engine: Engine = base.engine
        now: Callable[[], datetime] = base.now
        keyring: Keyring = app.extensions["auth"]
        carried = carriers_of(settings) if carriers is None else carriers
        writer = Writer(app, home(settings))
        self._fan_out = FanOut(
            engine,
            keyring,
            now,
            contracts,
            workflows,
            writer,
            channels=tuple(carried),
            languages=settings.languages,
            display_zone=settings.display_zone,
        )
        self._sending = Sending(engine, keyring, now, settings, writer, self._fan_out.told, carried)

    def lost(self, session: Session, after: int, limit: int) -> tuple[list[int], int]:
        """Messages that were never passed on: see `FanOut.lost`."""
        return self._fan_out.lost(session, after, limit)

    def turn(self) -> int:
        """One turn; returns how many messages were told of and how many letters were sent, together."""
        return self._fan_out.turn() + self._sending.turn()


def home(settings: Settings) -> str:
    """Where links in letters lead."""
    return settings.public_url or f"http://{settings.bind_host}:{settings.bind_port}"


def channels_of(settings: Settings) -> tuple[str, ...]:
    """The channels that this desk sends by, besides its own pages."""
    return ((EMAIL,) if settings.smtp_host else ()) + messengers.channels(settings)


def carriers_of(settings: Settings) -> dict[str, Carrier]:
    """By channel who carries its letters. Raises UnfitSettings where those of the mail contradict each other."""
    made: dict[str, Carrier] = {}
    for channel in channels_of(settings):
        made[channel] = Mail(settings) if channel == EMAIL else messengers.Messenger(settings)
    return made
