"""What stands behind the question mark of an address: only what was asked for, once each, and of bounded length."""

from __future__ import annotations

import re

from flask import abort, request

from auth import asking
from auth.sessions import Caller
from tickets import room
from workflow.contract import Contract

_PLAIN = re.compile(r"[a-z0-9_]{1,60}")
LONGEST_SEARCH = 100


def arguments(*names: str) -> dict[str, str]:
    """The named parts of the address, each at most once and of bounded length; 422 for anything else."""
    if set(request.args) - set(names) or any(len(request.args.getlist(name)) > 1 for name in names):
        raise asking.unfit()
    found = {name: request.args.get(name, "") for name in names}
    for name, value in found.items():
        free = name in ("q", "contract", "month")
        if not value:
            continue
        if len(value) > LONGEST_SEARCH or not value.isprintable() or not (free or _PLAIN.fullmatch(value)):
            raise asking.unfit()
    return found


def contract_of(who: Caller, wanted: str) -> Contract:
    """The contract that is meant: the one named, else the caller's first; 404 for one that is not the caller's."""
    desk = room().desk
    keys = [key for key in who.contracts if key in desk.contracts]
    if wanted and wanted not in keys:
        abort(404)
    if not keys:
        abort(404)
    found = desk.contracts[wanted or keys[0]]
    asking.tell_in(found.calendar.zone)
    return found
