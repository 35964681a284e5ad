"""What is filled in over a complaint's life. Nobody types a time or a limit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflow.forms import Form, Line, PersonChoice, Rating, Text, chosen_from


class Complaint(Form):
    nature: Annotated[
        Literal["complaint", "suggestion"], Field(title="Complaint or suggestion", examples=["complaint"])
    ]
    about: Annotated[Line, Field(title="About", description="What or whom it concerns.", examples=["服务热线"])]
    text: Annotated[Text, Field(title="What is the matter", examples=["两次打电话都无人接听，希望改进值班安排。"])]
    concerned: Annotated[
        list[PersonChoice],
        chosen_from("people:supplier.desk,supplier.engineer,supplier.manager,supplier.relations"),
        Field(title="Whom it concerns", description="They do not handle it.", max_length=50, examples=[[]]),
    ] = []
    wish: Annotated[
        Text | None, Field(title="What is wished for", examples=["请说明原因，并告知今后如何保证有人接听。"])
    ] = None


class TakingUp(Form):
    owner: Annotated[
        PersonChoice,
        chosen_from("people:supplier.relations,supplier.manager"),
        Field(title="In charge of it", examples=[1]),
    ]


class Finding(Form):
    found: Annotated[Text, Field(title="What was found", examples=["核对话务记录：两次来电均排队超过五分钟后挂断。"])]


class Answer(Form):
    answer: Annotated[Text, Field(title="Answer", examples=["当时热线仅一人值守，属我方安排不当，向您致歉。"])]
    measure: Annotated[
        Text | None, Field(title="What is changed", examples=["工作时段改为双人值守，并增设备用热线。"])
    ] = None


class Acceptance(Rating):
    """The client's word that the answer settles it."""


class Reason(Form):
    reason: Annotated[Text, Field(title="Reason", examples=["答复没有说明今后由谁值守。"])]
