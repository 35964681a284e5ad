"""`flask simulate`: plays a contract's term, or a part of it, by a seed, and tells what came of it and what does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic

import click
from flask import current_app
from flask.cli import with_appcontext

from tickets.simulate.checks import EACH
from tickets.simulate.place import NotOurs
from tickets.simulate.plan import Plan, planned
from tickets.simulate.run import simulate
from tickets.simulate.sums import table_of
from workflow.contract import Contract, ContractError, load


@click.command("simulate")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed comes to the same records.")
@click.option("--year", is_flag=True, help="The whole term of the contract. So it is without --days, too.")
@click.option("--days", type=click.IntRange(1), help="Only so many days from the beginning of the term.")
@click.option("--until-now", is_flag=True, help="The term until this moment, with what is open now left open.")
@click.option("--tickets", type=click.IntRange(1), help="How many tickets people open; six a day if not given.")
@click.option("--workers", type=click.IntRange(1, 64), default=4, show_default=True, help="How many workers strike.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where the database and its key lie.")
@click.option("--database", "url", help="Another database, an empty one, instead of a file in the folder.")
@click.option("--contract", "path", type=click.Path(path_type=Path), help="A contract's directory.")
@with_appcontext
def run_simulation(
    seed: int,
    year: bool,
    days: int | None,
    until_now: bool,
    tickets: int | None,
    workers: int,
    folder: Path | None,
    url: str | None,
    path: Path | None,
) -> None:
    """Fictional people drive the desk through a contract's term at a clock that is moved, in a database of its own.

    Exit status 1 where a check at the end fails. The folder can then be served: COUNTERPART_INSTANCE=FOLDER flask serve.
    """
    if year and (days is not None or until_now):
        raise click.UsageError("--year is the whole term: leave out --days and --until-now")
    base = current_app.extensions["counterpart"]
    path = path or base.settings.contract_dirs[0]
    folder = (folder or base.settings.instance_dir / f"simulation-{seed}").resolve()
    try:
        until = base.now() if until_now else None
        contract = load(path)
        plan = planned(contract, path, seed, days=days, tickets=tickets, until=until, workers=workers)
        _play(plan, contract, folder, url)
    except (ContractError, NotOurs) as error:
        raise click.ClickException(str(error)) from None


def _play(plan: Plan, contract: Contract, folder: Path, url: str | None) -> None:
    first, last = (contract.calendar.local_day(at) for at in (plan.starts_at, plan.ends_at - timedelta(seconds=1)))
    click.echo(f"seed {plan.seed}: {first} to {last}, {plan.tickets} tickets, {plan.workers} workers, "
               f"{len(plan.outages)} outages, clock set {len(plan.steps)} times")  # fmt: skip
    began = monotonic()
    ended = simulate(plan, folder, url)
    for line in table_of(ended.sums, ended.play):
        click.echo(line)
    _tell(ended.failures)
    events = sum(ended.sums.events.values())
    click.echo(f"{events} events in {monotonic() - began:.0f} seconds; {folder}", err=True)
    if not ended.holds:
        raise SystemExit(1)


def _tell(failures: Mapping[str, Sequence[str]]) -> None:
    for name, found in failures.items():
        click.echo(f"check {name}: {f'{len(found)} FAILED' if found else 'holds'}")
        for sentence in found[:EACH]:
            click.echo(f"  {sentence}")
        if len(found) > EACH:
            click.echo(f"  and {len(found) - EACH} more")
