"""Commands of the records: tables, contracts, the clock's worker, the server, the demonstration, the log."""

from __future__ import annotations

import json
import logging
import signal
from pathlib import Path
from threading import Event as Flag
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import ProgrammingError

import migrations
from migrations import grants
from tickets import calendar_commands, demo, log_check, room, serve, worker
from tickets.duty import commands as duty_commands
from tickets.outbox.post import Outbox
from tickets.prove_commands import run_proof
from tickets.simulate.command import run_simulation
from tickets.watch.sweep import Sweep
from workflow.contract import ContractError
from workflow.findings import ERROR
from workflow.lint import check

contract = AppGroup("contract", help="Contracts: check a directory, load it, list what is loaded.")
log = AppGroup("log", help="The log of each contract.")


def install(app: Flask) -> None:
    """Registers the commands."""
    groups = (contract, calendar_commands.calendar, duty_commands.duty, log)
    for command in (*groups, migrate, give_grants, run_worker, run_server, make_demo, run_simulation, run_proof):
        app.cli.add_command(command)


def _base() -> Any:
    return current_app.extensions["counterpart"]


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Brings the tables of the database to what this version needs."""
    steps = migrations.upgrade(_base().engine)
    if steps:
        click.echo(f"database: {len(steps)} step(s) taken")


@click.command("grants")
@click.argument("role")
@with_appcontext
def give_grants(role: str) -> None:
    """On PostgreSQL, said by the owner of the tables: gives ROLE what the desk needs and no more, and prints it. The role
    can then add to what is on record, never change it. To be said again after each migration."""
    try:
        click.echo(";\n".join(grants.give(_base().engine, role)) + ";")
    except (grants.NoSuchGrant, ProgrammingError) as error:
        raise click.ClickException(str(getattr(error, "orig", error))) from None


@contract.command("check")
@click.argument("path", type=click.Path(path_type=Path))
def check_contract(path: Path) -> None:
    """Checks and lints a contract's directory; exit status 1 when it is no contract, 0 when findings are for people."""
    report = check(path)
    for problem in report.problems:
        click.echo(f"problem  {problem}")
    for finding in report.findings:
        settled_by = f" [{', '.join(finding.decided_by)}]" if finding.decided_by else ""
        click.echo(f"{finding.severity:8} {'/'.join(finding.clauses)}: {finding.words}{settled_by}")
    if report.contract is None:
        raise SystemExit(1)
    errors = sum(finding.severity == ERROR for finding in report.findings)
    click.echo(f"{report.contract.key}: a contract; {len(report.findings)} findings, {errors} of them contradictions")


@contract.command("load")
@click.argument("path", required=False, type=click.Path(path_type=Path))
def load_contract(path: Path | None) -> None:
    """Loads a contract's directory (without PATH: those of the settings). Loading the same edition again changes nothing."""
    for directory in [path] if path else _base().settings.contract_dirs:
        try:
            loaded, is_new = room().contracts.take_in(directory, _base().now())
        except ContractError as error:
            raise click.ClickException(str(error)) from None
        if is_new:
            click.echo(f"{loaded.key}: loaded, edition {loaded.editions[-1].number}")


@contract.command("list")
def list_contracts() -> None:
    """One line a contract: key, digest, and the kinds of ticket that it can carry."""
    desk = room().desk
    for key, loaded in desk.contracts.items():
        click.echo(f"{key}\t{loaded.digest[:16]}\t{' '.join(desk.offered(key))}")


@log.command("verify")
def verify_log() -> None:
    """Recomputes every contract's log from its events; exit status 1 and the first difference when it does not hold."""
    faults = log_check.verify(room().desk)
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SystemExit(1)
    click.echo("the log holds")


@click.command("worker")
@click.option("--once", is_flag=True, help="One turn, then end.")
@with_appcontext
def run_worker(once: bool) -> None:
    """Strikes deadlines that have run out, mends what got lost and sends what people are to be told, until it is told to
    stop. Any number of workers may run at once, on one machine or on several."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("transitions").setLevel(logging.WARNING)
    desk = room().desk
    # The application itself: in the thread that sends, the word for the current one would mean nothing.
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # Of the proxy, not of the type that it stands for.
    outbox = Outbox(app, contracts=desk.contracts, workflows=desk.workflows)
    sweep = Sweep(desk, worker.name_of_this_worker(), outbox.lost)
    if once:
        click.echo(f"{worker.turn(desk, worker.name_of_this_worker())} struck")
        sweep.turn()
        outbox.turn()
        return
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pause = _base().settings.worker_beat_seconds
    worker.run(desk, pause_seconds=pause, stop=stop, outbox=outbox.turn, sweep=sweep.turn)


@click.command("serve")
@click.option(
    "--prepare", is_flag=True, help="Migrate, load the contracts and fill an empty database with the demo, first."
)
@click.pass_context
@with_appcontext
def run_server(context: click.Context, prepare: bool) -> None:
    """Serves the desk and runs the clock's worker beside it, until it is told to stop."""
    if prepare:
        # One process for all of it: each further start of Python would cost the person who waits another second.
        context.invoke(migrate)
        context.invoke(load_contract, path=None)
        context.invoke(make_demo, if_empty=True, as_json=False)
    raise SystemExit(serve.serve(_base().settings, _base().engine, say=click.echo))


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing where there are people already.")
@click.option("--json", "as_json", is_flag=True, help="Print the cast with tokens and authenticator secrets.")
@with_appcontext
def make_demo(if_empty: bool, as_json: bool) -> None:
    """Fills an empty database with fictional people and a half-finished week."""
    if demo.is_needed(current_app):
        demo.fill(current_app)
        click.echo("demo: a cast of fictional people and a week of their work", err=as_json)
    elif not if_empty and not demo.is_ours(current_app):
        raise click.ClickException("this database holds people that the demo did not make")
    if as_json:
        click.echo(json.dumps(demo.cast(current_app), ensure_ascii=False, indent=1))
