"""What others wrote is installed from the locks, never committed; and no lock says where from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests.repository.source import TREE, Source, paths, sources

Rule = Callable[[Source], list[str]]
FOREIGN_PATH = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|site-packages|built|dist)/"
    r"|\.min\.(?:js|css)$|\.(?:woff2?|ttf|otf|eot|mo|whl|gz|zip|jar|so|exe|map)$"
)
LICENCE_BANNER = re.compile(r"/\*!|@license\b|Copyright \(c\)|SPDX-License-Identifier", re.IGNORECASE)
REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|npmmirror|jsdelivr|unpkg|cdnjs|yarnpkg)\.(?:org|com|net|cn)\b"
    r"|\bpypi\.[a-z.]*edu\.cn\b|\b(?:deb|security)\.debian\.org\b|\bproxy\.golang\.org\b",
    re.IGNORECASE,
)
LOCK_SAYS_WHERE = re.compile(r"^\s*(?:--(?:extra-)?index-url|--find-links|-i|-f)\s|@\s*(?:https?|file):", re.MULTILINE)


def foreign_path(source: Source) -> list[str]:
    """A place or an ending that only others' or made files have."""
    return [source.path] if FOREIGN_PATH.search(source.path) else []


def foreign_text(source: Source) -> list[str]:
    """A licence banner in what a browser fetches. Our own files carry none."""
    return [source.path] if source.room == "static" and LICENCE_BANNER.search(source.text) else []


def names_a_registry(source: Source) -> list[str]:
    """Where packages come from is the machine's matter: an intranet has a mirror of its own."""
    return [f"{source.path}: {found[0]}" for found in REGISTRY.finditer(source.text)]


def lock_says_where(source: Source) -> list[str]:
    """An address in a lock overrides the mirror of the machine that installs."""
    if source.path == "package-lock.json":
        packages = json.loads(source.text)["packages"]
        return [f"{source.path}: {name}" for name, package in packages.items() if "resolved" in package]
    if not re.fullmatch(r"requirements[a-z-]*\.(?:in|lock)", source.path):
        return []
    return [f"{source.path}: {found[0].strip()}" for found in LOCK_SAYS_WHERE.finditer(source.text)]


def test_every_committed_file_is_ours() -> None:
    assert [one for path in paths() for one in foreign_path(Source(path, ""))] == []
    assert [one for source in sources(".js", ".css", ".svg") for one in foreign_text(source)] == []


def test_no_file_names_a_registry() -> None:
    pictures = (".png", ".jpg", ".pdf", ".ico")
    everything = [path for path in paths() if not path.endswith(pictures)]
    texts = [Source(path, (TREE / path).read_text(encoding="utf-8")) for path in everything if path != _OWN]
    assert [one for source in texts for one in names_a_registry(source)] == []


def test_no_lock_says_where_from() -> None:
    assert [one for source in sources(".in", ".lock", "package-lock.json") for one in lock_says_where(source)] == []


_OWN = "tests/repository/test_nothing_foreign_is_committed.py"
"""The planted samples below name what they plant."""


PLANTED = ("pypi" + ".org", "registry.npmjs" + ".org", "pypi.tuna.tsinghua" + ".edu.cn")
"""Put together here, so that this file names no host either."""


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (foreign_path, "static/vendor/tabler.css", ""),
        (foreign_path, "static/htmx.min.js", ""),
        (foreign_path, "static/fonts/sans.woff2", ""),
        (foreign_path, "translations/zh_Hans_CN/LC_MESSAGES/messages.mo", ""),
        (foreign_text, "static/chart.js", "/*! A chart library (MIT) */"),
        (names_a_registry, "Makefile", f"pip install -i https://{PLANTED[0]}/simple flask"),
        (names_a_registry, "package-lock.json", f'"resolved": "https://{PLANTED[1]}/x"'),
        (names_a_registry, "Makefile", f"https://{PLANTED[2]}/simple"),
        (lock_says_where, "requirements.lock", "--index-url https://mirror.example/simple\nflask==3.1.3"),
        (lock_says_where, "requirements.lock", "flask @ https://mirror.example/flask.whl"),
        (lock_says_where, "package-lock.json", '{"packages": {"node_modules/x": {"resolved": "x"}}}'),
    ],
)
def test_a_planted_offence_is_found(rule: Rule, path: str, text: str) -> None:
    assert rule(Source(path, text))
