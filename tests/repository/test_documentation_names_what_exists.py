"""Every command, module and file that the documentation tells a reader to use is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.repository.source import TREE, Source, sources

CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
MAKE = re.compile(r"(?<![\w./-])make((?:[ \t]+[a-z][a-z-]*)+)")
FLASK = re.compile(r"(?<![\w.-])flask(?:[ \t]+--[a-z]+(?:[ =][\w.:]+)?)*[ \t]+([a-z][a-z-]*)(?:[ \t]+([a-z][a-z-]*))?")
MODULE = re.compile(r"(?<![\w.-])python3?[ \t]+-m[ \t]+([\w.]+)")
SCRIPT = re.compile(r"(?<![\w.-])python3?[ \t]+([\w./-]+\.py)")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def snippets(source: Source) -> Iterator[str]:
    """What stands in backticks: only that is meant to be typed."""
    for found in CODE.finditer(source.text):
        yield found[1] or found[2]


@cache
def make_targets() -> frozenset[str]:
    return frozenset(TARGET.findall((TREE / "Makefile").read_text()))


@cache
def flask_commands() -> dict[str, frozenset[str]]:
    """Each command of the desk with its subcommands, none for a plain one. The modules say it; no database is asked."""
    declared = re.compile(r"@(?:\w+\.)*(\w+)\.(command|group)\(\s*\"([a-z-]+)\"|(\w+)\s*=\s*AppGroup\(\s*\"([a-z-]+)\"")
    groups: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    for source in sources(".py", outside=("tests/",)):
        for on, _kind, name, variable, group in declared.findall(source.text):
            if group:
                groups[variable] = group
            else:
                found.append((on, name))
    commands: dict[str, set[str]] = {group: set() for group in groups.values()}
    for on, name in found:
        if on in groups:
            commands[groups[on]].add(name)
        else:
            commands.setdefault(name, set())
    return {name: frozenset(below) for name, below in commands.items()}


def names_no_such_thing(source: Source) -> list[str]:
    """Commands of make, flask and python, and links to files, that lead nowhere."""
    text = "\n".join(snippets(source))
    wrong = [f"make {name}" for words in MAKE.findall(text) for name in words.split() if name not in make_targets()]
    for name, below in FLASK.findall(text):
        known = flask_commands().get(name)
        if known is None or (known and below and below not in known):
            wrong.append(f"flask {name} {below}".strip())
    for module in MODULE.findall(text):
        path = TREE / module.replace(".", "/")
        if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists()):
            wrong.append(f"python -m {module}")
    wrong += [f"python {script}" for script in SCRIPT.findall(text) if not (TREE / script).exists()]
    here = (TREE / source.path).parent
    wrong += [f"link to {to}" for to in LINK.findall(source.text) if not (here / to).exists()]
    return [f"{source.path}: {one}" for one in wrong]


def test_documentation_names_only_what_exists() -> None:
    assert [one for source in sources(".md") for one in names_no_such_thing(source)] == []


def test_the_makefile_calls_only_commands_that_exist() -> None:
    recipes = (TREE / "Makefile").read_text()
    typed = [f"flask {command}" for command in re.findall(r"\$\(FLASK\) ([a-z -]+)", recipes)]
    typed += [f"python {command}" for command in re.findall(r"\$\(BIN\)/python (\S+\.py|-m (?!pip)[\w.]+)", recipes)]
    assert "flask serve --prepare" in typed
    assert names_no_such_thing(Source("Makefile", "".join(f"`{command}`\n" for command in typed))) == []


def test_the_automatic_check_calls_only_what_readers_are_told() -> None:
    readme = "\n".join(snippets(Source("README.md", (TREE / "README.md").read_text())))
    called = re.findall(r"^make .*?(?= <|$)", (TREE / ".ci" / "run").read_text(), re.MULTILINE)
    assert called
    assert [command for command in called if command.strip() not in readme] == []


def test_the_two_languages_of_the_first_page_name_the_same_commands() -> None:
    english, chinese = (
        {command for text in snippets(Source(name, (TREE / name).read_text())) for command in MAKE.findall(text)}
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese


@pytest.mark.parametrize(
    "text",
    [
        "Type `make tea`.",
        "```\nmake run tea\n```",
        "`flask tea`",
        "`.venv/bin/flask --app wsgi tea`",
        "`python -m tea`",
        "`python docs/tea.py`",
        "See [there](tea.md).",
    ],
)
def test_a_planted_offence_is_found(text: str) -> None:
    assert names_no_such_thing(Source("README.md", text))


def test_what_is_allowed_is_let_through() -> None:
    text = "They make do. `make run`, `make migration SAYS='x'`, `python -m migrations`, [this](Makefile)."
    assert not names_no_such_thing(Source("README.md", text))
