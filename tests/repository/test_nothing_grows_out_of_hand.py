"""A file of over 400 lines is two rooms, a function of over 50 is two thoughts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.repository.source import Source, sources

LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 50


def too_long_a_file(source: Source) -> list[str]:
    """Counts every line: a file that is long by its comments is long to read."""
    lines = source.text.count("\n")
    return [f"{source.path}: {lines} lines"] if lines > LONGEST_FILE_LINES else []


def too_long_a_function(source: Source) -> list[str]:
    """From `def` to the last line; decorators are not its body. What is declared inside it counts, too."""
    return [
        f"{source.path}:{node.lineno} {node.name}: {length} lines"
        for node, length in _functions(source)
        if length > LONGEST_FUNCTION_LINES
    ]


def _functions(source: Source) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_too_long() -> None:
    written = sources(".py", ".html", ".js", ".css", outside=("migrations/versions/",))
    assert [one for source in written for one in too_long_a_file(source)] == []


def test_no_function_is_too_long() -> None:
    written = sources(".py", outside=("tests/", "migrations/versions/"))
    assert [one for source in written for one in too_long_a_function(source)] == []


def test_a_planted_offence_is_found() -> None:
    assert too_long_a_file(Source("a.py", "x = 1\n" * 401))
    assert not too_long_a_file(Source("a.py", "x = 1\n" * 400))
    body = "    x = 1\n"
    assert too_long_a_function(Source("a.py", "class A:\n  def f():\n" + body * 50))
    assert not too_long_a_function(Source("a.py", "def f():\n" + body * 49))
