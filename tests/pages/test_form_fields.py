"""Forms from models: every kind of field is shown by its own control, sent as text, and comes back as JSON of its type."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import Babel
from pydantic import Field
from werkzeug.datastructures import MultiDict

import workflow
from tickets import form_fields
from tickets.intake import parse
from workflow.choices import Choice
from workflow.declare import CLIENT_STAFF, Action, State
from workflow.forms import Code, Confirmed, Count, Day, Form, Instant, Line, Text, Yes, chosen_from, suggested_from

ZONE = ZoneInfo("Asia/Shanghai")


class Row(Form):
    line: Annotated[int, chosen_from("lines"), Field(title="Line", examples=[1])]
    quantity: Annotated[Count, Field(title="Quantity", examples=[2])]
    note: Annotated[Line | None, Field(title="Note", examples=["注"])] = None


class Everything(Form):
    line: Annotated[Line, Field(title="Line", description="Says more.", examples=["一行"])]
    text: Annotated[Text, Field(title="Text", examples=["正文"])]
    code: Annotated[Code, Field(title="Code", examples=["123456"])]
    instant: Annotated[Instant, Field(title="Instant", examples=["2026-05-12T10:00:00+08:00"])]
    day: Annotated[Day, Field(title="Day", examples=["2026-05-12"])]
    count: Annotated[Count, Field(title="Count", examples=[3])]
    yes: Annotated[Yes, Field(title="Yes", examples=[True])] = False
    confirmed: Annotated[Confirmed, Field(title="Confirmed", examples=[True])]
    kind: Annotated[Literal["one", "two"], Field(title="Kind", examples=["one"])]
    person: Annotated[int, chosen_from("people"), Field(title="Person", examples=[1])]
    people: Annotated[list[int], chosen_from("people"), Field(title="People", examples=[[1]])]
    system: Annotated[Line | None, suggested_from("systems"), Field(title="System", examples=["系统"])] = None
    steps: Annotated[list[Line], Field(title="Steps", min_length=1, examples=[["一", "二"]])]
    rows: Annotated[list[Row], Field(title="Rows", examples=[[]])]
    later: Annotated[Instant | None, Field(title="Later", examples=["2026-05-12T10:00:00+08:00"])] = None


LISTS = {
    "people": (Choice(7, "甲"), Choice(8, "乙")),
    "lines": (Choice(1, "一"), Choice(2, "二")),
    "systems": (Choice("s", "系统一"),),
}
TYPED = MultiDict([
    ("line", "一行"), ("text", "第一行\r\n第二行"), ("code", "123 456"), ("instant", "2026-05-12T18:00"), ("day", "2026-05-13"),
    ("count", "3"), ("confirmed", "1"), ("kind", "two"), ("person", "7"), ("people", "7"), ("people", "8"), ("system", ""),
    ("steps", "一\r\n\r\n 二 "), ("rows-0-line", "1"), ("rows-0-quantity", "4"), ("rows-0-note", ""), ("rows-3-line", "2"),
    ("rows-3-quantity", "5"), ("rows-3-note", "注"), ("rows-1-line", ""), ("later", ""), ("csrf_token", "x"), ("desk-key", "y"),
])  # fmt: skip


@pytest.fixture(autouse=True)
def _language() -> Any:
    app = Flask("forms")
    Babel(app)
    with app.test_request_context():
        yield


def made() -> list[form_fields.Input]:
    return form_fields.inputs(Everything, lambda source: LISTS.get(source, ()), ZONE)


def judged(fields: dict[str, Any]) -> Any:
    state = State("s", "C1.1", "m")
    return parse(Action("a", by=[CLIENT_STAFF], source=None, dest=state, clause="C1.1", form=Everything), fields)


def test_each_kind_has_its_control() -> None:
    assert {one.name: one.kind for one in made()} == {
        "line": "line", "text": "text", "code": "code", "instant": "instant", "day": "day", "count": "count", "yes": "yes",
        "confirmed": "confirmed", "kind": "choice", "person": "choice", "people": "many", "system": "line", "steps": "lines",
        "rows": "rows", "later": "instant",
    }  # fmt: skip
    by_name = {one.name: one for one in made()}
    assert by_name["system"].suggestions == ("系统一",)
    assert by_name["line"].help == "Says more."
    assert len(by_name["rows"].rows) == form_fields.EMPTY_ROWS


def test_what_is_typed_becomes_json_that_the_strict_form_takes() -> None:
    fields = form_fields.read(made(), TYPED, ZONE)
    assert fields == {
        "line": "一行", "text": "第一行\r\n第二行", "code": "123456", "instant": "2026-05-12T18:00:00+08:00", "day": "2026-05-13",
        "count": 3, "yes": False, "confirmed": True, "kind": "two", "person": 7, "people": [7, 8], "steps": ["一", "二"],
        "rows": [{"line": 1, "quantity": 4}, {"line": 2, "quantity": 5, "note": "注"}],
    }  # fmt: skip
    value, errors = judged(fields)
    assert errors == []
    assert value["instant"] == datetime(2026, 5, 12, 18, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("count", ["three"]), ("count", ["1_0"]), ("count", ["١٢"]), ("count", ["1" * 40]),
        ("instant", ["soon"]), ("instant", ["0001-01-01T00:00"]), ("instant", ["9999-12-31T23:59"]), ("day", ["2026-02-30"]),
        ("person", ["x"]), ("people", ["x"]), ("kind", ["three"]), ("confirmed", ["2"]), ("line", ["a", "b"]),
        ("yes", ["1", "1"]), ("state", ["closed"]), ("rows-0-secret", ["x"]), ("rows-x-line", ["1"]), ("rows", ["1"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_left_to_the_desk_which_refuses_it(name: str, texts: list[str]) -> None:
    posted = TYPED.copy()
    posted.setlist(name, texts)
    fields = form_fields.read(made(), posted, ZONE)
    if name == "rows":
        assert judged(fields)[1] == [], "a name that only its rows have means nothing by itself"
    else:
        assert judged(fields)[1] != []


def test_errors_stand_at_their_fields_and_what_was_typed_stays() -> None:
    posted = TYPED.copy()
    posted["count"], posted["rows-3-quantity"], posted["strange"] = "three", "many", "x"
    _value, errors = judged(form_fields.read(made(), posted, ZONE))
    kept, stray = form_fields.kept(made(), posted, errors, ZONE)
    by_name = {one.name: one for one in kept}
    assert by_name["count"].value == "three"
    assert by_name["count"].errors
    assert by_name["text"].value == "第一行\r\n第二行"
    assert by_name["code"].value == "", "a one-time code is not written into the page"
    assert by_name["people"].value == ["7", "8"]
    assert [cell.value for cell in by_name["rows"].rows[1]] == ["2", "many", "注"]
    assert by_name["rows"].rows[1][1].errors
    assert [one.split(":")[0] for one in stray] == ["strange"]


def test_a_record_fills_the_form_in() -> None:
    record = {
        "line": "一行",
        "instant": "2026-05-12T10:00:00+00:00",
        "steps": ["一", "二"],
        "yes": True,
        "people": [8],
        "count": 0,
        "rows": [{"line": 2, "quantity": 5, "note": None}],
    }
    filled = {
        one.name: one for one in form_fields.inputs(Everything, lambda source: LISTS.get(source, ()), ZONE, record)
    }
    assert filled["instant"].value == "2026-05-12T18:00"
    assert filled["steps"].value == "一\n二"
    assert filled["yes"].value == "1"
    assert filled["people"].value == ["8"]
    assert filled["count"].value == "0"
    assert [cell.value for cell in filled["rows"].rows[0]] == ["2", "5", ""]
    assert filled["rows"].rows[0][0].name == "rows-0-line"


def test_every_form_of_every_workflow_can_be_shown() -> None:
    for declared in workflow.discover().values():
        for action in declared.actions.values():
            shown = form_fields.inputs(action.form, lambda source: (), ZONE)
            assert all(one.label for one in shown), (declared.kind, action.name)
            assert {one.name for one in shown} == set(action.form.model_fields if action.form else ())
