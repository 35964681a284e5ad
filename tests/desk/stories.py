"""The courses that the scenarios of `tests/workflow` tell, as far as a walk through a duty begins from them: each state that
takes many steps to reach lies on one of them. The first of a duty is its ordinary course."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from tests.stage import Stage
from tests.workflow import change_story as change
from tests.workflow import drill_story as drill
from tests.workflow import fault_story as fault
from tests.workflow import reboot_cases as cases
from tests.workflow import test_complaint as complaint
from tests.workflow.reboot_story import PROBE, Emergency, Operation

Story = Callable[[Stage], object]


def _done(stage: Stage) -> None:
    """An operation from the request to its close."""
    Operation(stage).executed().do("verify_result", "staff1", **PROBE).do("close", "manager1")


def _two_faults(stage: Stage) -> None:
    """One is reported while another is worked on: they may be one and the same."""
    fault.at_state(stage, "locate")
    fault.at_state(stage, "locate")


def _changed(stage: Stage) -> None:
    """A change from the application to its close."""
    number = change.shown(stage, change.verified(stage))
    stage.do(number, "update_baseline", by="manager1", **change.BASELINE)
    stage.do(number, "close", by="staff1")


def _failed_change(stage: Stage) -> None:
    number = change.begun(stage, change.signed(stage))
    stage.do(number, "record_work", by="engineer1", **change.WORK)
    stage.do(number, "roll_back", by="engineer1", **change.ROLL_BACK)


def _renewed(stage: Stage) -> None:
    """A renewal that both parties have signed."""
    fields = change.renewal(stage)
    change.signed(stage, fields, charged_from=fields["original_ends"] + timedelta(days=1))


STORIES: Mapping[str, Sequence[Story]] = {
    "complaint": (lambda stage: stage.do(complaint.answered(stage), "accept_answer", by="staff1", rating=4),),
    "fault": (lambda stage: fault.at_state(stage, "confirm"), _two_faults),
    "reboot": (
        _done,
        lambda stage: Operation(stage).proposed().do("accept_outcome", "approver1"),
        lambda stage: Operation(stage).failed(),
        lambda stage: Emergency(stage).executing(),
        lambda stage: cases.asking_more(stage).do("consent_to_extension", "approver2"),
    ),
    "change": (
        _changed,
        _failed_change,
        change.removing,
        lambda stage: stage.do(change.verified(stage, change.trial(stage)), "start_trial", by="desk1"),
        _renewed,
        lambda stage: change.proposed(stage),
    ),
    "drill": (lambda stage: drill.at_state(stage, "archive"),),
}
