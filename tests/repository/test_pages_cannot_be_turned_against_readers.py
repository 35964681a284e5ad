"""Nothing is put into a page unescaped, nothing runs or is styled inline, nothing comes from another host."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.repository.source import Source, references, sources

Rule = Callable[[Source], list[str]]

IN_TEMPLATES = {
    "text marked safe": r"\|\s*safe\b|\bMarkup\s*\(|\{%-?\s*autoescape\s+(?:false|0)",
    "inline style": r"\sstyle\s*=|<style\b",
    "inline script": r"<script\b(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=\s*[\"']|javascript:",
    "script for htmx": r"\shx-on\b|\shx-(?:vals|headers)\s*=\s*[\"']\s*(?:js|javascript):",
    "another host": r"(?:https?:)?//(?!www\.w3\.org/(?:2000/svg|1999/xlink)\b)[a-z0-9-]+(?:\.[a-z0-9-]+)+",
}
IN_SCRIPTS = {
    "text taken for markup": r"\b(?:inner|outer|insertAdjacent)HTML\b|\bdocument\.write|\bcreateContextualFragment\b",
    "text taken for code": r"\beval\s*\(|\bnew\s+Function\b|\bset(?:Timeout|Interval)\s*\(\s*[\"'`]",
    "another host": r"https?://(?!www\.w3\.org/)",
}
NEVER_IN_CODE = {
    "markupsafe.Markup": "text marked safe",
    "flask.Markup": "text marked safe",
    "jinja2.Markup": "text marked safe",
    "eval": "text taken for code",
    "exec": "text taken for code",
    "pickle": "data that runs when read",
    "marshal": "data that runs when read",
    "shelve": "data that runs when read",
    "dill": "data that runs when read",
    "yaml.load": "data that runs when read",
    "yaml.unsafe_load": "data that runs when read",
    "flask.render_template_string": "a page made from a string",
}
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def in_template(source: Source) -> list[str]:
    """What a template of pages must not hold. Its comments are for us and reach nobody."""
    return _found(Source(source.path, _COMMENT.sub("", source.text)), IN_TEMPLATES)


def in_script(source: Source) -> list[str]:
    """What our own script must not hold."""
    return _found(source, IN_SCRIPTS)


def _found(source: Source, patterns: dict[str, str]) -> list[str]:
    return [
        f"{source.path}: {name}: {found[0].strip()}"
        for name, pattern in patterns.items()
        for found in re.finditer(pattern, source.text, re.IGNORECASE)
    ]


def in_code(source: Source) -> list[str]:
    """What Python must not refer to, whole modules included."""
    found = []
    for line, name in references(source):
        for forbidden, why in NEVER_IN_CODE.items():
            if name == forbidden or name.startswith(f"{forbidden}."):
                found.append(f"{source.path}:{line} {name}: {why}")
    return found


def test_templates_hold_nothing_that_could_be_turned() -> None:
    assert [one for source in sources(".html", ".svg") for one in in_template(source)] == []


def test_scripts_hold_nothing_that_could_be_turned() -> None:
    assert [one for source in sources(".js", ".mjs", ".css") for one in in_script(source)] == []


def test_code_holds_nothing_that_could_be_turned() -> None:
    assert [one for source in sources(".py", outside=("tests/",)) for one in in_code(source)] == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (in_template, "{{ ticket.title | safe }}"),
        (in_template, "{{ ticket.title|safe }}"),
        (in_template, "{% autoescape false %}"),
        (in_template, '<p style="color: red">'),
        (in_template, "<style>p { color: red }</style>"),
        (in_template, "<script>go()</script>"),
        (in_template, '<script nonce="x">go()</script>'),
        (in_template, '<a href="#" onclick="go()">'),
        (in_template, '<a href="javascript:go()">'),
        (in_template, '<div hx-on:click="go()">'),
        (in_template, '<link href="https://fonts.example.org/x.css">'),
        (in_template, '<script src="//cdn.example.org/x.js"></script>'),
        (in_script, "chip.innerHTML = words"),
        (in_script, "chip.insertAdjacentHTML('beforeend', words)"),
        (in_script, "eval(words)"),
        (in_script, "setTimeout('go()', 10)"),
        (in_script, "@import url(https://fonts.example.org/x.css)"),
        (in_code, "from markupsafe import Markup\nx = Markup('<b>')"),
        (in_code, "import flask\nx = flask.Markup('<b>')"),
        (in_code, "x = eval('1')"),
        (in_code, "import pickle"),
        (in_code, "import yaml\nx = yaml.load(y)"),
        (in_code, "from flask import render_template_string"),
    ],
)
def test_a_planted_offence_is_found(rule: Rule, text: str) -> None:
    assert rule(Source("templates/planted.html", text))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (in_template, "{# never |safe #}<script src=\"{{ asset('desk.js') }}\" defer></script>"),
        (in_template, '<svg xmlns="http://www.w3.org/2000/svg"><rect class="state-here"/></svg>'),
        (in_template, '<p class="style" data-once="x">{{ _("Safe") }}</p>'),
        (in_template, '<a href="/tickets/F-1">C9.5</a>'),
        (in_script, "chip.textContent = words; setTimeout(() => go(), 10)"),
        (in_code, "from markupsafe import escape\nimport json\nx = json.loads(y)"),
    ],
)
def test_what_is_allowed_is_let_through(rule: Rule, text: str) -> None:
    assert not rule(Source("templates/allowed.html", text))
