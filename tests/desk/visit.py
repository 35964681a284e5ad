"""Machine-room visits (C9.6): a fifth duty, declared as a module of the contract would be. Tests add it to the desk."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workflow.declare import (
    CLIENT,
    CLIENT_STAFF,
    CLOCK,
    SUPPLIER,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    Action,
    Deadline,
    State,
    Workflow,
)
from workflow.forms import Form, Instant, Line
from workflow.guards import identified, within_the_term


class VisitRequest(Form):
    visitor: Annotated[Line, Field(title="Visitor", examples=["来访单位甲"])]
    visit_end: Annotated[Instant, Field(title="Leaves by", examples=["2026-05-12T18:00:00+08:00"])]


REQUESTED = State(
    "requested", "C9.6", "The client asks to bring a third party in; the supplier has not answered.", SUPPLIER
)
ALLOWED = State("allowed", "C9.6", "The supplier consents; nobody has entered yet.", SUPPLIER)
INSIDE = State("inside", "C9.6", "The third party is in the client's equipment area.", SUPPLIER)
LEFT = State("left", "C9.6", "Entry and exit are registered.", final=True)
REFUSED = State("refused", "C9.6", "The supplier does not consent.", final=True)

workflow = Workflow(
    kind="visit",
    clause="C9.6",
    prefix="V",
    states=[REQUESTED, ALLOWED, INSIDE, LEFT, REFUSED],
    actions=[
        Action(
            "request",
            by=[CLIENT_STAFF],
            source=None,
            dest=REQUESTED,
            clause="C9.6",
            form=VisitRequest,
            guards=[within_the_term],
            tells=[SUPPLIER],
        ),
        Action(
            "allow",
            by=[SUPPLIER_MANAGER],
            source=REQUESTED,
            dest=ALLOWED,
            clause="C9.6",
            guards=[identified],
            tells=[CLIENT],
        ),
        Action("refuse", by=[SUPPLIER_MANAGER], source=REQUESTED, dest=REFUSED, clause="C9.6", tells=[CLIENT]),
        Action("enter", by=[SUPPLIER_ENGINEER], source=ALLOWED, dest=INSIDE, clause="C9.6"),
        Action("leave", by=[SUPPLIER_ENGINEER], source=INSIDE, dest=LEFT, clause="C9.6", tells=[CLIENT]),
        Action(
            "note_overstay", by=[CLOCK], source=INSIDE, dest=None, clause="C9.6", quiet=True, tells=[CLIENT, SUPPLIER]
        ),
    ],
    deadlines=[
        Deadline(
            "overstay", clause="C9.6", until="visit_end", starts=["enter"], stops=["leave"], missed="note_overstay"
        )
    ],
)
