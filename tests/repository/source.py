"""The repository as its own tests see it: its files, and what a piece of Python refers to."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

TREE = Path(__file__).resolve().parents[2]


class Source(NamedTuple):
    """One file: its path from the top, with slashes, and its text. A planted sample is one too."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """The first part of the path: `tickets`, `tests`, `wsgi.py`."""
        return self.path.split("/", 1)[0]


@cache
def paths() -> tuple[str, ...]:
    """Every file that is committed, or would be: what is ignored is nobody's work."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=TREE,
        capture_output=True,
        check=True,
        text=True,
    )
    return tuple(sorted(path for path in listed.stdout.split("\0") if path and (TREE / path).is_file()))


def sources(*suffixes: str, outside: tuple[str, ...] = ()) -> Iterator[Source]:
    """The files with one of `suffixes`, except those under a path that starts with one of `outside`."""
    for path in paths():
        if path.endswith(suffixes) and not path.startswith(outside):
            yield Source(path, (TREE / path).read_text(encoding="utf-8"))


def known_names(tree: ast.AST) -> dict[str, str]:
    """Local name to the full name it was imported under: `dt` to `datetime.datetime`, `flask` to `flask`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.split(".", 1)[0]
                names[one.asname or top] = one.name if one.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for one in node.names:
                names[one.asname or one.name] = f"{node.module}.{one.name}"
    return names


@cache
def references(source: Source) -> tuple[tuple[int, str], ...]:
    """Line and full dotted name of all that `source` refers to: calls, defaults, imports alike. Read once for all rules.

    A name passed on uncalled (`default=datetime.now`) is a reference as good as a call.
    """
    return tuple(_references(source))


def _references(source: Source) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source.text)
    names = known_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            dotted = _dotted(node, names)
            if dotted is not None:
                yield node.lineno, dotted
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{one.name}") for one in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names)


def _dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, names)
        # What hangs on a call or an index still shows how it ends: `open_session().commit`.
        return f"{before or '?'}.{node.attr}"
    return None
