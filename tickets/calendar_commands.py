"""Commands for the days of a year: bring its notice for one party, approve it for the other, list what is on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from auth import keyring
from auth.models import Person
from database import reading, transaction
from tickets import recount, room, years
from tickets.contracts import contracts_now
from tickets.word_of_party import By, Denied
from tickets.years import Bringing
from workflow.contract import Contract
from workflow.shapes import LARGEST_FILE_BYTES

calendar = AppGroup("calendar", help="The days of a year: bring a notice, approve it, list what is on record.")
acts_as = click.option("--as", "username", required=True, help="Who acts, by user name.")
fresh_code = click.option(
    "--code", prompt="Code from your phone", hide_input=True, help="A fresh code; asked for if not given."
)


@calendar.command("propose")
@click.argument("key", metavar="CONTRACT")
@click.argument("year", type=int)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--days-off", required=True, type=int, help="How many days off the notice announces, counted in the notice."
)
@click.option("--make-up-days", required=True, type=int, help="How many weekend days it makes working days.")
@acts_as
@fresh_code
def propose(key: str, year: int, file: Path, days_off: int, make_up_days: int, username: str, code: str) -> None:
    """Brings the days of YEAR from FILE (date,kind,source) for one party; the other party then approves them."""
    with file.open("rb") as opened:
        content = opened.read(LARGEST_FILE_BYTES + 1)
    with transaction(_engine()) as session:
        found = contracts_now(room().contracts, session)
        brought = Bringing(year, content, days_off, make_up_days)
        outcome = years.propose(
            session, keyring(), contract_named(found, key), brought, acting(session, username, code)
        )
        told = [str(one) for one in outcome.says] if isinstance(outcome, Denied) else []
    if isinstance(outcome, Denied):
        raise click.ClickException("\n".join(told))
    click.echo(f"{key}\t{year}\tversion {outcome.id}\twaiting\t{outcome.digest}")


@calendar.command("approve")
@click.argument("key", metavar="CONTRACT")
@click.argument("version", type=int)
@click.option(
    "--digest", required=True, help="The digest of what was read and is approved; at least its first 12 digits."
)
@acts_as
@fresh_code
def approve(key: str, version: int, digest: str, username: str, code: str) -> None:
    """Approves a version for the other party. It is in force at once, and limits are counted again."""
    with transaction(_engine()) as session:
        contract = contract_named(contracts_now(room().contracts, session), key)
        seen = [one.year.digest for one in years.on_record(session, contract) if one.year.id == version]
        whole = next((one for one in seen if len(digest) >= 12 and one.startswith(digest)), digest)
        outcome = years.approve(session, keyring(), contract, version, whole, acting(session, username, code))
    if isinstance(outcome, Denied):
        raise click.ClickException("\n".join(str(one) for one in outcome.says))
    counted = recount.recount_all(room().desk, key)
    click.echo(f"{key}\t{outcome.year}\tversion {version}\tin_force\t{counted} ticket(s) counted again")


@calendar.command("list")
@click.argument("key", metavar="CONTRACT", required=False)
def listed(key: str | None) -> None:
    """One line a version: contract, year, version, standing, notice, who brought it, who approved it, digest."""
    with reading(_engine()) as session:
        found = contracts_now(room().contracts, session)
        for one in [key] if key else list(found):
            for version in years.on_record(session, contract_named(found, one)):
                row, approval = version.year, version.approval
                said = (one, row.year, f"version {row.id}", version.standing, row.source, f"{row.name} ({row.party})",
                        f"{approval.name} ({approval.party})" if approval else "-", row.digest)  # fmt: skip
                click.echo("\t".join(map(str, said)))


def _engine() -> Any:
    return current_app.extensions["counterpart"].engine


def contract_named(found: Any, key: str) -> Contract:
    """The contract of this key; the command ends where none such is loaded."""
    contract: Contract | None = found.get(key)
    if contract is None:
        raise click.ClickException(f"no contract {key} is loaded")
    return contract


def acting(session: Any, username: str, code: str) -> By:
    """Who acts, with the code that was given. Nobody of that name is somebody without a mandate."""
    person = session.scalar(select(Person.id).where(Person.username == username))
    return By(person or 0, code, room().desk.now())
