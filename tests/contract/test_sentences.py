"""Every sentence that the loader and the linter can say is translated, with the same values in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from workflow.contract import Contract
from workflow.declare import Label
from workflow.directory import UNITS

HOME = Path(__file__).resolve().parents[2]
MODULES = (
    "calendar",
    "calendar_files",
    "shapes",
    "directory",
    "contract",
    "arithmetic",
    "lint",
    "lint_service",
    "lint_terms",
    "escalation_files",
    "roster",
)
SPEAKING = {"add": 2, "wrong": 1, "CalendarError": 0, "Finding": 3}
"""Which argument of which call is the sentence."""


def chinese() -> dict[tuple[str | None, str], str]:
    """All fragments together: the context and the English, and what stands for them."""
    known = {}
    for fragment in sorted((HOME / "translations" / "zh_Hans_CN").glob("*.po")):
        with fragment.open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if message.id and isinstance(message.id, str):
                    known[message.context, message.id] = str(message.string)
    return known


def sentences(module: str) -> set[str]:
    """The msgids that stand in a module, whether in a call or in a table of rules."""
    tree = ast.parse((HOME / "workflow" / f"{module}.py").read_text("utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = SPEAKING.get(name)
            if place is not None and len(node.args) > place:
                found.add(node.args[place])
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Tuple):
            found.update(one for one in ast.walk(node.value) if isinstance(one, ast.Constant))
    texts = {one.value for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {text for text in texts if " " in text and text[0].isupper() | text.startswith(("%(", "“"))}


def test_every_sentence_is_translated() -> None:
    known = chinese()
    said = {text for module in MODULES for text in sentences(module)}
    assert len(said) > 80
    assert {text for text in said if not known.get((None, text))} == set()
    for text in said:
        assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", known[None, text])), text


@pytest.mark.parametrize("context", ["setting", "unit"])
def test_every_option_and_unit_has_a_name(context: str, beijing: Contract) -> None:
    known = chinese()
    options = {option for figure in beijing.figures for option in figure.options}
    names = options if context == "setting" else set(UNITS)
    assert {name for name in names if not known.get((context, str(Label(context, name))))} == set()
