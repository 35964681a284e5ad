"""Roles by name, as this room needs them: which are the administrators', which party a role speaks for."""

from __future__ import annotations

from workflow.declare import ADMIN_ROLES, BUSINESS_ROLES, ROLES

ADMINISTRATORS = frozenset(role.name for role in ADMIN_ROLES)
BUSINESS = frozenset(role.name for role in BUSINESS_ROLES)
GRANTABLE = ADMINISTRATORS | BUSINESS
"""The clock is a role too, but nobody is given it."""


def party_of(role: str) -> str:
    """The party's name: client, supplier, supervisor, or administration."""
    return ROLES[role].party.name
