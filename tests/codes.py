"""Codes from the telephones of the stage's people."""

from __future__ import annotations

from datetime import timedelta

from auth import totp
from auth.models import Person
from database import transaction
from tests.stage import Stage

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def fresh_code(stage: Stage, by: str) -> str:
    """A code that the person has not used yet; time goes on until there is one."""
    with transaction(stage.engine) as session:
        person = session.get_one(Person, stage.accounts[by])
        person.totp_sealed = stage.keyring.sealer.seal(f"totp:{person.id}", SECRET)
        last = person.totp_last_step
    while (found := totp.usable_code(SECRET, stage.at, last)) is None:
        stage.at += timedelta(seconds=totp.STEP_SECONDS)
    return found
