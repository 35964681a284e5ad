"""Commands for duty: bring a roster, list what is on record, tell who is there now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from auth import keyring
from database import reading, transaction
from tickets import gather, room
from tickets.calendar_commands import acting, acts_as, contract_named, fresh_code
from tickets.contracts import contracts_now
from tickets.duty import records, rosters
from tickets.speech import moment
from tickets.word_of_party import Denied
from workflow.contract import Contract
from workflow.duty import on_duty
from workflow.roster import instant
from workflow.shapes import LARGEST_FILE_BYTES

duty = AppGroup("duty", help="Who is on duty: bring a roster, list the versions on record, tell who is there now.")


@duty.command("bring")
@click.argument("key", metavar="CONTRACT")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--from", "starts", required=True, help="From when the roster governs, such as 2026-05-12T08:00.")
@click.option("--until", "ends", required=True, help="Until when.")
@acts_as
@fresh_code
def bring(key: str, file: Path, starts: str, ends: str, username: str, code: str) -> None:
    """Brings a roster from FILE (post,person,from,until,beside) for the party of whoever acts. Times without an offset are
    those of the contract's zone. With anything wrong in it nothing is taken."""
    with file.open("rb") as opened:
        content = opened.read(LARGEST_FILE_BYTES + 1)
    with transaction(room().desk.engine) as session:
        contract = _contract(session, key)
        found = [instant(text, contract.calendar.zone) for text in (starts, ends)]
        if found[0] is None or found[1] is None:
            raise click.ClickException("--from and --until are times such as 2026-05-12T08:00")
        brought = rosters.from_file(contract, content, found[0], found[1])
        outcome = rosters.bring(session, keyring(), contract, brought, acting(session, username, code))
    if isinstance(outcome, Denied):
        raise click.ClickException("\n".join(str(one) for one in outcome.says))
    click.echo(f"{key}\t{outcome.party}\tversion {outcome.id}\t{len(outcome.shifts)} shifts\t{outcome.digest}")


@duty.command("list")
@click.argument("key", metavar="CONTRACT")
def listed(key: str) -> None:
    """One line a version: contract, party, version, from, until, who brought it, digest."""
    with reading(room().desk.engine) as session:
        contract = _contract(session, key)
        zone = contract.calendar.zone.key
        for party in dict.fromkeys(post.party for post in contract.posts.values()):
            for row in records.versions(session, contract, party):
                said = (
                    key,
                    party,
                    f"version {row.id}",
                    moment(row.starts, zone),
                    moment(row.ends, zone),
                    row.name,
                    row.digest,
                )
                click.echo("\t".join(said))


@duty.command("now")
@click.argument("key", metavar="CONTRACT")
def now(key: str) -> None:
    """One line for everybody on duty, and one for each post that nobody keeps: party, post, who, until when."""
    at = room().desk.now()
    with reading(room().desk.engine) as session:
        contract = _contract(session, key)
        found, held = records.duty_of(session, contract, at), gather.mandates(session, key, at)
    for post in contract.posts.values():
        there = [one for one, _ in on_duty(found, post, held, at)]
        for one in there:
            click.echo("\t".join((post.party, post.key, one.name, moment(one.until, contract.calendar.zone.key))))
        if not there:
            click.echo(f"{post.party}\t{post.key}\tNOBODY\t-")


def _contract(session: Session, key: str) -> Contract:
    found: Any = contracts_now(room().contracts, session)
    return contract_named(found, key)
