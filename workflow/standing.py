"""Acts that every ticket offers in every state, closed ones too: to say something and to add a file (C10.2), and, where
something is owed within a limit, to agree on a period that is left out of it (C7.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from workflow import deductions, escalation
from workflow.declare import ALWAYS, ATTACHMENT, BUSINESS_ROLES, CLIENT, SUPERVISOR, SUPPLIER, Action, Words
from workflow.forms import Form, Line, Text, chosen_from

if TYPE_CHECKING:
    from workflow.attempt import Attempt
    from workflow.declare import Workflow


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


def computed(workflow: Workflow) -> Mapping[str, Sequence[str]]:
    """The fields that its standing acts compute."""
    return {**(deductions.COMPUTED if owes(workflow) else {}), **(escalation.COMPUTED if workflow.escalations else {})}


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
        *(deductions.ACTIONS if owes(workflow) else ()),
        *escalation.actions(workflow.escalations),
    )
