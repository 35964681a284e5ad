"""Roles by name, as this room needs them: which are the administrators', which party a role speaks for."""

from __future__ import annotations

from collections.abc import Mapping

from workflow.declare import ADMIN_ROLES, BUSINESS_ROLES, ROLES, Words

ADMINISTRATORS = frozenset(role.name for role in ADMIN_ROLES)
BUSINESS = frozenset(role.name for role in BUSINESS_ROLES)
GRANTABLE = ADMINISTRATORS | BUSINESS
"""The clock is a role too, but nobody is given it."""


def party_of(role: str) -> str:
    """The party's name: client, supplier, supervisor, or administration."""
    return ROLES[role].party.name


MEANINGS: Mapping[str, Words] = {
    "client.staff": Words(
        "Files requests and fault reports for the client and confirms what was done. Cannot consent to a dangerous "
        "operation, nor sign an agreement."
    ),
    "client.approver": Words(
        "Consents, approves and signs for the client: dangerous operations, plans, supplementary agreements. What they "
        "asked for themselves needs a second person."
    ),
    "supplier.desk": Words(
        "Takes up reports and requests, calls back whoever asked to prove who they are, and keeps the client told."
    ),
    "supplier.engineer": Words("Plans the work, carries it out and records each step."),
    "supplier.manager": Words(
        "Agrees or refuses for the supplier, signs supplementary agreements and answers for the work of the engineers."
    ),
    "supplier.relations": Words(
        "Takes up complaints and suggestions of the client and answers them. Carries nothing out."
    ),
    "supervisor.reviewer": Words(
        "Reads the record of the contract, reviews reports and adds remarks. Orders nothing and carries nothing out."
    ),
    "admin.system": Words("Sees whether clock, database, contracts and log are in order. Sees no ticket."),
    "admin.security": Words("Adds people, grants and ends mandates. Sees no ticket and acts in none."),
    "admin.audit": Words("Reads the security events and the refused acts. Changes nothing and sees no ticket."),
}
"""What each role may do, plainly, for whoever grants it."""


def by_party() -> dict[str, list[str]]:
    """The roles that can be granted, under the party that they speak for, in the order of the declaration."""
    found: dict[str, list[str]] = {}
    for role in (*BUSINESS_ROLES, *ADMIN_ROLES):
        found.setdefault(role.party.name, []).append(role.name)
    return found
