"""What every duty has without declaring it. Acts in every state, closed ones too: to say something and to add a file (C10.2)
and, where something is owed within a limit, to foretell a delay (C9.3) and to agree on a period that is left out (C7.2).
And warnings ahead of each such limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from workflow import deductions, delays, escalation, reminders
from workflow.declare import ALWAYS, ATTACHMENT, BUSINESS_ROLES, CLIENT, SUPERVISOR, SUPPLIER, Action, Words
from workflow.forms import Form, Line, Text, chosen_from

if TYPE_CHECKING:
    from workflow.attempt import Attempt
    from workflow.declare import Deadline, Workflow


class Remark(Form):
    text: Annotated[Text, Field(title="Remark", examples=["已电话告知值班人员。"])]


class Attachment(Form):
    paper: Annotated[str, chosen_from("uploads"), Field(title="Kind of paper", examples=["attachment"])] = (
        ATTACHMENT.name
    )
    note: Annotated[Line, Field(title="What it shows", examples=["盖章扫描件"])]


def owes(workflow: Workflow) -> bool:
    """Whether anybody owes something within a limit."""
    return any(limit.binds for limit in workflow.deadlines.values())


def deadlines(declared: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """The declared ones with the warnings ahead of those that bind somebody."""
    return reminders.with_warnings(declared)


def computed(workflow: Workflow) -> Mapping[str, Sequence[str]]:
    """The fields that its standing acts compute."""
    owed = {**deductions.COMPUTED, **reminders.COMPUTED} if owes(workflow) else {}
    return {**owed, **(escalation.COMPUTED if workflow.escalations else {})}


def gathered(workflow: Workflow) -> Mapping[str, tuple[str, ...]]:
    """What its standing acts have to know beside the ticket."""
    return {escalation.DUTY: (escalation.CALL,)} if workflow.escalations else {}


def notices(workflow: Workflow) -> Sequence[Callable[[Attempt], Words | None]]:
    """What its standing acts leave to be answered."""
    return (deductions.waits_for_an_answer,) if owes(workflow) else ()


def actions(workflow: Workflow) -> tuple[Action, ...]:
    """The standing acts of a workflow. They are quiet: nobody's page becomes stale because somebody remarked something."""
    tells = (CLIENT, SUPPLIER, SUPERVISOR)
    return (
        Action(
            "remark",
            by=BUSINESS_ROLES,
            source=ALWAYS,
            dest=None,
            clause="C10.2",
            form=Remark,
            quiet=True,
            tells=tells,
            says="Adds a remark that every party reads. It changes nothing else.",
        ),
        Action(
            "attach",
            by=BUSINESS_ROLES,
            source=ALWAYS,
            dest=None,
            clause="C10.2",
            form=Attachment,
            quiet=True,
            takes_file=True,
            says="Keeps a file with the ticket, under its digest.",
        ),
        *((*delays.ACTIONS, *deductions.ACTIONS, reminders.action(workflow)) if owes(workflow) else ()),
        *escalation.actions(workflow.escalations),
    )
