"""Every refusal that the scenarios of a duty know, once more: told by the API as the desk judges it.

Many and slow, they are a part of `make test-whole`. The scenarios that lead through a whole duty go through HTTP act by
act next door. These are all the others.
"""

from __future__ import annotations

import pytest

from tests.api.house import House
from tests.api.http_stage import RefusalStage
from tests.api.test_scenarios_hold_at_this_door_too import scenarios
from tests.workflow import (
    test_change_agreement,
    test_change_defence,
    test_change_expiry,
    test_change_price,
    test_change_side_exits,
    test_change_work,
    test_drill_after,
    test_drill_run,
    test_fault_clocks,
    test_fault_defences,
    test_fault_entry,
    test_fault_exits,
    test_fault_incident,
    test_reboot_ends,
    test_reboot_guards,
    test_reboot_identity,
    test_reboot_text,
)

MODULES = (
    test_change_agreement, test_change_defence, test_change_expiry, test_change_price, test_change_side_exits,
    test_change_work, test_drill_after, test_drill_run, test_fault_clocks, test_fault_defences, test_fault_entry,
    test_fault_exits, test_fault_incident, test_reboot_ends, test_reboot_guards, test_reboot_identity, test_reboot_text,
)  # fmt: skip


pytestmark = pytest.mark.whole


@pytest.fixture
def stage(house: House) -> RefusalStage:
    """What is refused is refused at the API's door."""
    return RefusalStage(house)


for _module in MODULES:
    _about = _module.__name__.rsplit("test_", 1)[-1]
    globals().update({f"test_{_about}_{name.removeprefix('test_')}": test for name, test in scenarios(_module)})
