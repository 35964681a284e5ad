"""Merges the fragments into one catalogue, compiles it, and finds what the code says that no fragment translates."""

from __future__ import annotations

import ast
import hashlib
import importlib
import io
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as extract_messages
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HOME = Path(__file__).resolve().parent
TREE = HOME.parent
LOCALE = "zh_Hans_CN"

TEMPLATE_KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

CODE_KEYWORDS: dict[str, tuple[int | None, int]] = {
    "_": (None, 0),
    "gettext": (None, 0),
    "lazy_gettext": (None, 0),
    "ngettext": (None, 0),
    "lazy_ngettext": (None, 0),
    "pgettext": (0, 1),
    "lazy_pgettext": (0, 1),
    "npgettext": (0, 1),
    "Words": (None, 0),
    "Missing": (None, 0),
}
"""The calls that say a sentence, with the places of context and text among the arguments.

The last two are pure code's: it never translates, pages do.
"""

SAYING = ("wsgi.py", "workflow", "tickets", "auth", "templates")
"""Where sentences stand."""


class Sentence(NamedTuple):
    """A message id, with its context where the same English word means different things."""

    text: str
    context: str | None = None


class CatalogueFault(ValueError):
    """The fragments cannot be one catalogue; the message names file and message id."""


def fragments(home: Path = HOME) -> list[Path]:
    """Every fragment of the Chinese catalogue, by name."""
    return sorted((home / LOCALE).glob("*.po"))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, abort_invalid=True)


def _entries(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def merged(home: Path = HOME) -> Catalog:
    """One catalogue of all fragments. Raises CatalogueFault on an empty, fuzzy or contradictory entry."""
    whole = Catalog(locale=LOCALE, project="Counterpart", version="1", charset="utf-8", fuzzy=False)
    came_from: dict[tuple[str, str | None], tuple[str, object]] = {}
    for path in fragments(home):
        for message in _entries(_read(path)):
            said = message.string
            key = (_singular(message), message.context)
            where = f"{path.name}: {key[0]!r}"
            if not said or (isinstance(said, tuple | list) and not all(said)):
                raise CatalogueFault(f"{where} is not translated")
            if message.fuzzy:
                raise CatalogueFault(f"{where} is marked fuzzy; confirm it or write it anew")
            before = came_from.get(key)
            if before is not None and before[1] != said:
                raise CatalogueFault(f"{where} reads {said!r} here and {before[1]!r} in {before[0]}")
            came_from[key] = (path.name, said)
            whole.add(message.id, said, flags=message.flags, context=message.context)
    return whole


def compiled(home: Path = HOME) -> Path:
    """The folder for Flask-Babel's BABEL_TRANSLATION_DIRECTORIES, compiled anew where a fragment has changed.

    The fragments' digest decides, not their dates: a checkout gives files new dates, and a deleted fragment has none.
    """
    built = home / "built"
    target = built / LOCALE / "LC_MESSAGES" / "messages.mo"
    digest = hashlib.sha256()
    for path in fragments(home):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    stamp = target.with_name("messages.sha256")
    if target.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return built
    content = io.BytesIO()
    write_mo(content, merged(home))
    target.parent.mkdir(parents=True, exist_ok=True)
    # Several processes may start at once; each file appears whole or not at all.
    for path, data in ((target, content.getvalue()), (stamp, digest.hexdigest().encode())):
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_bytes(data)
        draft.replace(path)
    return built


@lru_cache(maxsize=1)
def _known() -> Catalog:
    return merged()


def missing(sentences: Iterable[Sentence], catalog: Catalog | None = None) -> list[Sentence]:
    """Those of `sentences` that the catalogue does not translate, each once, in order."""
    whole = _known() if catalog is None else catalog
    return sorted(
        {one for one in sentences if one.text and whole.get(one.text, one.context) is None},
        key=lambda one: (one.text, one.context or ""),
    )


def extract(tree: Path = TREE) -> dict[Sentence, list[str]]:
    """Every sentence that code and templates say, with the places (`path:line`) where they say it."""
    found: dict[Sentence, list[str]] = {}
    for name in SAYING:
        top = tree / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            read = {".py": _in_code, ".html": _in_template, ".txt": _in_template, ".xml": _in_template}.get(path.suffix)
            for line, sentence in read(path) if read is not None and path.is_file() else ():
                found.setdefault(sentence, []).append(f"{path.relative_to(tree)}:{line}")
    return found


def _in_template(path: Path) -> Iterator[tuple[int, Sentence]]:
    with path.open("rb") as file:
        for line, said, _comments, context in extract_messages(
            "jinja2", file, TEMPLATE_KEYWORDS, options={"encoding": "utf-8"}
        ):
            yield line, Sentence(str(said[0] if isinstance(said, tuple | list) else said), context)


def _in_code(path: Path) -> Iterator[tuple[int, Sentence]]:
    """By the grammar: Babel's own reader takes any string between the parentheses, as in `Words(data["text"])`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CODE_KEYWORDS:
            continue
        context_at, text_at = CODE_KEYWORDS[name]
        if len(node.args) <= text_at:
            continue
        contexts = [None] if context_at is None else _constants(node.args[context_at])
        for context in contexts:
            yield from ((node.lineno, Sentence(text, context)) for text in _constants(node.args[text_at]))


def _constants(argument: ast.expr) -> list[str]:
    """The strings that an argument can be: one, or one of two."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return [argument.value]
    if isinstance(argument, ast.IfExp):
        return _constants(argument.body) + _constants(argument.orelse)
    return []


def declared_sentences() -> set[Sentence] | None:
    """What the declared workflows say: names under their context, meanings, guards, form fields.

    None where there is no engine to ask.
    """
    try:
        declared = importlib.import_module("workflow")
    except ModuleNotFoundError:
        return None
    sentences = getattr(declared, "sentences", None)
    if sentences is None:
        return None
    return {_as_sentence(one) for one in sentences()}


def _as_sentence(one: object) -> Sentence:
    """A declaration gives a bare text, or a pair (context, text)."""
    if isinstance(one, str):
        return Sentence(one)
    if isinstance(one, tuple) and len(one) == 2:
        context, text = one
        return Sentence(str(text), None if context is None else str(context))
    raise CatalogueFault(f"{one!r} is neither a sentence nor a pair of context and sentence")
