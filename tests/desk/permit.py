"""A sixth duty for tests: it is drafted, amended, signed, reported on again and again, and it can open a visit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from tests.stage import Stage
from workflow.attempt import Attempt
from workflow.declare import (
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    CLIENT_STAFF,
    CLOCK,
    SUPPLIER,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    Action,
    Deadline,
    PaperKind,
    State,
    Workflow,
)
from workflow.effects import LinkTo, OpenLinked
from workflow.forms import Count, Form, Instant, Line, Text
from workflow.guards import done_on_this_content, identified, signed


class Wish(Form):
    wish: Annotated[Line, Field(title="Wish", examples=["进机房"])]
    until: Annotated[Instant, Field(title="Until", examples=["2026-06-12T18:00:00+08:00"])]
    how_many: Annotated[Count | None, Field(title="How many", examples=[2])] = None
    why: Annotated[Text | None, Field(title="Why", examples=["检修"])] = None


class Guest(Form):
    visitor: Annotated[Line, Field(title="Visitor", examples=["来访单位甲"])]
    visit_end: Annotated[Instant, Field(title="Leaves by", examples=["2026-05-12T18:00:00+08:00"])]


class Other(Form):
    other: Annotated[Line, Field(title="Other", examples=["BJ26-V-2026-0001"])]


DRAFTED = State("drafted", "C9.6", "The client writes it.", CLIENT, opener_only=True)
ASKED = State("asked", "C9.6", "The client asks for it.", CLIENT)
SIGNED = State("signed", "C9.6", "An authorised person signed it.", SUPPLIER)
RUNNING = State("running", "C9.6", "It is under way.", SUPPLIER)
ENDED = State("ended", "C9.6", "It is over.", final=True)
DROPPED = State("dropped", "C9.6", "The client dropped it before anybody else saw it.", final=True)
EXPIRED = State("expired", "C9.6", "Its time ran out.", final=True)

PAPER = PaperKind("permit_paper", "C9.6", "What is asked for, in writing.")
REPLY = PaperKind("permit_reply", "C9.6", "What is answered, in writing.")


def a_visit(attempt: Attempt) -> list[OpenLinked]:
    return [OpenLinked("visit", "led_to", dict(attempt.fields or {}))]


def a_bond(attempt: Attempt) -> list[LinkTo]:
    return [LinkTo(str((attempt.fields or {})["other"]), "see_also")]


workflow = Workflow(
    kind="permit",
    clause="C9.6",
    prefix="P",
    states=[DRAFTED, ASKED, SIGNED, RUNNING, ENDED, DROPPED, EXPIRED],
    actions=[
        Action(
            "draft", by=[CLIENT_STAFF], source=None, dest=DRAFTED, clause="C9.6", form=Wish, amends=True, files=PAPER
        ),
        Action("hand_in", by=CLIENT_ROLES, source=DRAFTED, dest=ASKED, clause="C9.6", tells=[CLIENT, SUPPLIER]),
        Action("drop", by=CLIENT_ROLES, source=DRAFTED, dest=DROPPED, clause="C9.6", tells=[CLIENT, SUPPLIER]),
        Action(
            "amend",
            by=[CLIENT_STAFF],
            source=[ASKED, SIGNED],
            dest=ASKED,
            clause="C9.6",
            form=Wish,
            amends=True,
            files=PAPER,
        ),
        Action(
            "sign", by=[CLIENT_APPROVER], source=ASKED, dest=SIGNED, clause="C9.6", signs=PAPER, guards=[identified]
        ),
        Action(
            "reply",
            by=[SUPPLIER_MANAGER],
            source=SIGNED,
            dest=None,
            clause="C9.6",
            form=Other,
            files=REPLY,
            signs=REPLY,
            guards=[identified],
        ),
        Action(
            "begin",
            by=[SUPPLIER_ENGINEER],
            source=[ASKED, SIGNED],
            dest=RUNNING,
            clause="C9.6",
            guards=[
                signed(PAPER, by=(CLIENT_APPROVER,), clause="C9.6"),
                done_on_this_content("sign", "C9.6"),
                identified,
            ],
        ),
        Action("report_progress", by=[SUPPLIER_ENGINEER], source=RUNNING, dest=None, clause="C9.6"),
        Action("invite", by=[CLIENT_STAFF], source=RUNNING, dest=None, clause="C9.6", form=Guest, effects=[a_visit]),
        Action(
            "bind",
            by=[CLIENT_STAFF],
            source=RUNNING,
            dest=None,
            clause="C9.6",
            form=Other,
            effects=[a_bond],
            tells=[SUPPLIER],
        ),
        Action("end", by=[SUPPLIER_ENGINEER], source=RUNNING, dest=ENDED, clause="C9.6"),
        Action("note_silence", by=[CLOCK], source=RUNNING, dest=None, clause="C9.6", quiet=True),
        Action("expire", by=[CLOCK], source=RUNNING, dest=EXPIRED, clause="C9.6", tells=[CLIENT]),
    ],
    deadlines=[
        Deadline("expiry", clause="C9.6", until="until", starts=["begin"], stops=["end"], missed="expire"),
        Deadline(
            "silence",
            clause="C9.6",
            within="fault.feedback_level_2",
            starts=["begin"],
            renews=["report_progress"],
            repeats=True,
            stops=["end"],
            missed="note_silence",
        ),
    ],
    papers=[PAPER, REPLY],
)

WISH: dict[str, Any] = {"wish": "进机房检修", "until": datetime(2026, 6, 12, 10, 0, tzinfo=UTC)}


def asked(stage: Stage, **over: Any) -> str:
    number = stage.open("permit", by="staff1", **{**WISH, **over})
    stage.do(number, "hand_in", by="staff1")
    return number


def running(stage: Stage, **over: Any) -> str:
    number = asked(stage, **over)
    stage.do(number, "sign", by="approver1")
    stage.do(number, "begin", by="engineer1")
    return number
