"""Whose turn it is: those who can lead on, not those who can only say no."""

from __future__ import annotations

import pytest

import workflow
from tests.desk import visit
from workflow.declare import PARTIES
from workflow.turn import roles_to_act

DECLARED = {**workflow.discover(), "visit": visit.workflow}


def test_who_leads_on_is_named_and_who_can_only_refuse_is_not() -> None:
    assert [role.name for role in roles_to_act(DECLARED["reboot"], "signed", "supplier")] == ["supplier.desk"]
    assert [role.name for role in roles_to_act(DECLARED["drill"], "planned", "client")] == ["client.approver"]
    assert [role.name for role in roles_to_act(DECLARED["visit"], "inside", "supplier")] == ["supplier.engineer"]
    assert roles_to_act(DECLARED["visit"], "inside", "client") == ()


@pytest.mark.parametrize("kind", DECLARED)
def test_where_a_party_is_awaited_somebody_of_it_can_act(kind: str) -> None:
    for state in DECLARED[kind].states.values():
        if not state.final and state.awaits is not None and state.awaits.name in PARTIES:
            assert roles_to_act(DECLARED[kind], state.name, state.awaits.name), state.name
