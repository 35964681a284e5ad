"""The records: tickets and their events, papers and timers; the one door through which they change; pages and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, current_app

if TYPE_CHECKING:
    from tickets.contracts import LoadedContracts
    from tickets.desk import Desk
    from tickets.queries import Queries
    from tickets.vault import Vault
    from workflow.declare import Workflow


@dataclass(frozen=True)
class Room:
    """What pages, API and commands work with: `app.extensions["tickets"]`."""

    desk: Desk
    queries: Queries
    vault: Vault
    contracts: LoadedContracts


def room() -> Room:
    """This room in the running app."""
    found: Room = current_app.extensions["tickets"]
    return found


def init_app(app: Flask, *, workflows: Mapping[str, Workflow] | None = None) -> None:
    """Wires the room into the app: desk, queries, pages, API and commands. `auth` is wired already."""
    import workflow
    from tickets import api, commands, pages, system_pages
    from tickets.contracts import LoadedContracts
    from tickets.desk import Desk
    from tickets.queries import Queries
    from tickets.vault import Vault
    from tickets.watch import probes

    base = app.extensions["counterpart"]
    contracts = LoadedContracts(base.engine, base.settings.instance_dir, base.now)
    declared = {**workflow.discover(), **(workflows or {})}
    desk = Desk(base.engine, app.extensions["auth"], base.now, contracts, declared)
    app.extensions["tickets"] = Room(desk, Queries(desk), Vault(base.settings.instance_dir / "vault"), contracts)
    app.extensions["contract_keys"] = lambda: sorted(contracts)
    pages.install(app)
    api.install(app)
    system_pages.install(app)
    probes.install(app)
    commands.install(app)
