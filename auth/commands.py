"""Commands about people and accounts, for whoever may log in on the machine itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
from flask import Flask, current_app, url_for
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auth import desk, keyring, policy
from auth.models import Mandate, Person, UserSession
from auth.natural import conflicting, standing_mandates
from auth.people import WHO_IS_WHO, first_security_administrator, same_person
from auth.records import Refusal
from database import alone, reading, transaction

people = AppGroup("people", help="Who is who.")
accounts = AppGroup("accounts", help="Accounts that should be looked at.")
STALE = timedelta(days=90)


def install(app: Flask) -> None:
    app.cli.add_command(people)
    app.cli.add_command(accounts)
    app.cli.add_command(routes_policy)


@people.command("first-admin")
@click.argument("username")
@click.argument("name")
def first_admin(username: str, name: str) -> None:
    """Makes the first security administrator and prints a one-time link path, good for 30 minutes."""
    with transaction(desk().engine) as opened:
        alone(opened, WHO_IS_WHO)
        outcome = first_security_administrator(opened, keyring(), username=username, name=name, at=desk().now())
    if isinstance(outcome, Refusal):
        raise click.ClickException(str(outcome.says))
    with current_app.test_request_context():
        click.echo(url_for("auth.enrol", secret=outcome))


@people.command("same")
@click.argument("username")
@click.argument("first")
@click.option("--reason", required=True, help="Why this is known; it stays on record.")
def same(username: str, first: str, reason: str) -> None:
    """Records that USERNAME is another account of the natural person whose first account is FIRST."""
    with transaction(desk().engine) as opened:
        alone(opened, WHO_IS_WHO)
        numbers = {
            person.username: person.id
            for person in opened.scalars(select(Person).where(Person.username.in_([username, first])))
        }
        outcome = same_person(
            opened, numbers.get(username, 0), numbers.get(first, 0), by=None, reason=reason, at=desk().now()
        )
    if isinstance(outcome, Refusal):
        raise click.ClickException(str(outcome.says))
    click.echo(f"{username} and {first} count as one person")
    with reading(desk().engine) as opened:
        standing = standing_mandates(opened, opened.get_one(Person, outcome.id), desk().now())
    excluded = conflicting(standing)
    for mandate in standing:
        if mandate.id in excluded:
            click.echo(f"excluded by another mandate: {mandate.role}@{mandate.contract_key or '-'}")


@people.command("list")
def list_people() -> None:
    """One line a person: user name, name, standing, roles."""
    with reading(desk().engine) as opened:
        held: dict[int, list[str]] = {}
        for row in opened.scalars(select(Mandate).where(Mandate.revoked_at.is_(None)).order_by(Mandate.id)):
            held.setdefault(row.person_id, []).append(f"{row.role}@{row.contract_key or '-'}")
        for person in opened.scalars(select(Person).order_by(Person.username)):
            standing = "disabled" if person.disabled_at else "enrolled" if person.factor_enrolled_at else "invited"
            click.echo(f"{person.username}\t{person.name}\t{standing}\t{' '.join(held.get(person.id, []))}")


@accounts.command("audit")
def audit() -> None:
    """Lists accounts to be looked at (8.1.4.2 c); exit status 1 if there are any."""
    with reading(desk().engine) as opened:
        findings = findings_at(opened, desk().now())
    for username, finding in findings:
        click.echo(f"{username}\t{finding}")
    if findings:
        raise SystemExit(1)


def findings_at(session: Session, at: datetime) -> list[tuple[str, str]]:
    """Pairs of user name and what is amiss: unused for 90 days, invited and never come, without any mandate,
    disabled with mandates still standing, one person's mandates that exclude each other."""
    latest = select(UserSession.person_id, func.max(UserSession.seen_at)).group_by(UserSession.person_id)
    seen = {row[0]: row[1] for row in session.execute(latest)}
    everybody = session.scalars(select(Person).order_by(Person.username)).all()
    natural = {person.id: person.natural for person in everybody}
    standing: set[int] = set()
    of_person: dict[int, list[Mandate]] = {}
    for row in session.scalars(select(Mandate).where(Mandate.revoked_at.is_(None))):
        if row.ends_at is None or row.ends_at > at:
            standing.add(row.person_id)
            of_person.setdefault(natural[row.person_id], []).append(row)
    found: list[tuple[str, str]] = []
    for person in everybody:
        if person.same_person_as is None and conflicting(of_person.get(person.id, ())):
            found.append((person.username, "one person's mandates exclude each other"))
        if person.disabled_at is not None:
            if person.id in standing:
                found.append((person.username, "disabled, but mandates still stand"))
            continue
        last = seen.get(person.id) or person.created_at
        if at - last > STALE:
            word = "not used for more than 90 days" if person.factor_enrolled_at else "invited more than 90 days ago"
            found.append((person.username, word))
        if person.id not in standing:
            found.append((person.username, "no mandate"))
    return found


@click.command("routes-policy")
@with_appcontext
def routes_policy() -> None:
    """Prints the policy table: every route and what it asks of its caller."""
    for rule in policy.table(current_app):
        click.echo(f"{rule.path}\t{','.join(rule.methods)}\t{', '.join(rule.needs)}\t{rule.endpoint}")
