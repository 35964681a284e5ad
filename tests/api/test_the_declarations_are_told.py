"""Declarations and the OpenAPI document: what the API says of itself is what the workflows and the routes are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.house import House
from tests.api.test_the_walk_finds_no_surprise import DECLARED, examples
from tickets.api_openapi import OPERATIONS
from tickets.intake import parse
from workflow.declare import Workflow

TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema."""
    if isinstance(schema, list):
        for one in schema:
            yield from nodes(one)
    elif isinstance(schema, dict):
        yield schema
        for name, one in schema.items():
            if name == "properties":
                for part in one.values():
                    yield from nodes(part)
            elif name in ("items", "anyOf", "allOf", "oneOf"):
                yield from nodes(one)


@pytest.mark.parametrize("kind", sorted(DECLARED))
def test_a_declaration_is_told_whole(house: House, kind: str) -> None:
    declared: Workflow = DECLARED[kind]
    told = house.get(f"/workflows/{kind}", "staff1").get_json()
    assert [one["name"] for one in told["states"]] == list(declared.states)
    assert [one["name"] for one in told["actions"]] == list(declared.actions)
    assert [one["name"] for one in told["deadlines"]] == list(declared.deadlines)
    assert [one["name"] for one in told["papers"]] == list(declared.papers)
    for one in told["actions"]:
        action = declared.actions[one["name"]]
        assert one["source"] == [state.name for state in declared.sources(action)]
        assert one["by"] == [role.name for role in action.by]
        assert [g["name"] for g in one["guards"]] == [g.name for g in action.guards]
        assert all(g["says"] and g["clause"] and g["label"] for g in one["guards"])
        assert one["clause"]
        assert one["says"] == action.says
        assert set(one["form"]["properties"]) == set(action.form.model_fields if action.form else ())
        assert one["form"]["additionalProperties"] is False
        for name, field in one["form"]["properties"].items():
            assert field["title"], (action.name, name)
            assert field["examples"], (action.name, name)
    assert all(one["meaning"] and one["clause"] and one["label"] for one in told["states"])
    assert all(one["clause"] for one in told["deadlines"])
    assert house.get(f"/workflows/{kind}", None).status_code == 401


@pytest.mark.parametrize("kind", sorted(DECLARED))
def test_the_examples_of_every_form_are_of_the_form_s_own_shape(kind: str) -> None:
    """Each field's example is one that this field takes; whether all of them together make sense is the guards' matter."""
    wrong = []
    for action in DECLARED[kind].actions.values():
        if action.form is not None and not action.by_clock:
            _, errors = parse(action, examples(action))
            wrong += [(action.name, one["field"], one["says"]["text"]) for one in errors if one["field"]]
    assert wrong == []


def test_forms_are_json_schema_with_choices_as_they_stand(house: House) -> None:
    told = house.get("/workflows/reboot", "staff1").get_json()
    opening = told["opening"]
    assert (opening["name"], opening["contract"], opening["enabled"]) == ("request", house.contract, True)
    form = next(one for one in told["actions"] if one["opens"])["form"]
    operations = form["properties"]["operation"]
    contract = house.room.desk.contracts[house.contract]
    assert operations["enum"] == list(contract.operations)
    assert operations["x-labels"]["reboot"]
    for kind in DECLARED:
        for one in house.get(f"/workflows/{kind}", "staff1").get_json()["actions"]:
            for node in nodes(one["form"]):
                assert "$ref" not in node
                assert (
                    node.get("type") is None
                    or set([node["type"]] if isinstance(node["type"], str) else node["type"]) <= TYPES
                )
                assert not {"input", "choices", "secret", "suggests"} & set(node)
            json.dumps(one)


def test_who_cannot_open_is_told_so_and_administrators_read_declarations_only(house: House) -> None:
    assert not house.get("/workflows/visit", "engineer1").get_json()["opening"]["enabled"]
    told = house.get("/workflows/visit", "admin_audit").get_json()
    assert (told["opening"], told["contracts"]) == (None, [])
    assert house.get("/workflows/visit?contract=harbour-2025", "staff1").status_code == 422
    assert {one["kind"] for one in house.get("/workflows", "admin_audit").get_json()["workflows"]} == set(DECLARED)


def test_the_caller_is_told_who_they_are(house: House) -> None:
    told = house.get("/me", "manager1").get_json()
    assert told["person"]["username"] == "manager1"
    assert [(one["role"], one["contract"]) for one in told["mandates"]] == [("supplier.manager", house.contract)]
    assert set(DECLARED) == set(told["contracts"][0]["kinds"])
    assert told["language"] == "zh-Hans-CN"
    assert house.get("/me", "admin_system").get_json()["contracts"] == []


# --- OpenAPI -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def description(house: House) -> dict[str, Any]:
    told: dict[str, Any] = house.get("/openapi.json", "staff1").get_json()
    return told


def test_the_document_describes_every_route_and_no_other(house: House) -> None:
    rules = {
        (method.lower(), re.sub(r"<(?:[^<>:]*:)?(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1"), rule.endpoint)
        for rule in house.app.url_map.iter_rules() if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }  # fmt: skip
    assert {(one.method, one.path, f"api.{one.name}") for one in OPERATIONS} == rules


def test_the_document_is_sound(description: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", description["openapi"])
    assert description["info"]["title"]
    schemas = description["components"]["schemas"]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in schemas)
    references = re.findall(r'"\$ref": "([^"]*)"', json.dumps(description))
    assert references
    assert all(one.removeprefix("#/components/schemas/") in schemas for one in references)
    ids = []
    for path, operations in description["paths"].items():
        for method, one in operations.items():
            ids.append(one["operationId"])
            assert one["summary"]
            named = {p["name"] for p in one["parameters"] if p["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))
            assert all(p["required"] for p in one["parameters"] if p["in"] == "path")
            assert len({(p["name"], p["in"]) for p in one["parameters"]}) == len(one["parameters"])
            assert ("requestBody" in one) is (method == "post")
            assert any(p["name"] == "Idempotency-Key" and p["required"] for p in one["parameters"]) is (
                method == "post"
            )
            good = [status for status in one["responses"] if status.startswith("2")]
            assert len(good) == 1
            for status, response in one["responses"].items():
                assert response["description"], (path, status)
                media = set(response["content"])
                assert media == ({"application/problem+json"} if status not in good else media)
    assert len(ids) == len(set(ids))
    assert description["security"] == [{"bearer": []}]


def test_the_document_holds_the_form_of_every_act_of_a_person(description: dict[str, Any]) -> None:
    forms = {f"{kind}.{a.name}" for kind, one in DECLARED.items() for a in one.actions.values() if not a.by_clock}
    assert forms <= set(description["components"]["schemas"])


def test_the_document_is_for_who_has_signed_in_and_in_their_language(house: House) -> None:
    assert house.get("/openapi.json", None).status_code == 401
    chinese = house.get("/openapi.json", "staff1", language="zh-CN").get_json()
    assert chinese["paths"]["/api/v1/tickets"]["post"]["summary"] == "发起一件事项。"


def test_the_list_of_kinds_is_the_declarations_themselves(house: House) -> None:
    for one in house.get("/workflows", "staff1").get_json()["workflows"]:
        single = house.get(f"/workflows/{one['kind']}", "staff1").get_json()
        assert one["states"] == single["states"]
        assert [a["name"] for a in one["actions"]] == [a["name"] for a in single["actions"]]


def test_a_chinese_answer_says_everything_in_chinese(house: House) -> None:
    """What has a Chinese sentence is not told in English: meaning, acts, deadlines."""
    number = house.open("fault", "staff1", **FAULT)
    house.later(minutes=14)
    told = house.get(f"/tickets/{number}", "engineer1", language="zh-CN").get_json()
    said = [told["meaning"], *(one["says"] for one in (*told["actions"], *told["deadlines"]))]
    assert [one for one in said if one.isascii() and one] == []
    listed = house.get("/tickets", "engineer1", language="zh-CN").get_json()["tickets"]
    assert not any(one["meaning"].isascii() for one in listed if one["meaning"])
    english = house.get(f"/tickets/{number}", "engineer1", language="en").get_json()
    assert english["meaning"].isascii()
    run_out = [one for one in told["deadlines"] if one["reminder"] and one["status"] == "missed"]
    assert run_out
    assert not any(one["breached"] for one in run_out)


FAULT = {
    "channel": "page", "system": "综合执法办案系统", "symptom": "打不开", "impact": "无法办案", "level": "level_2",
    "is_security_suspected": "no",
}  # fmt: skip
