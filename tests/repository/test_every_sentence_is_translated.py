"""Whatever the desk says in English it says in Chinese, with the same places to fill in, and nothing idle is kept."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import translations
import workflow
from translations import CatalogueFault, Sentence
from workflow.contract import load
from workflow.declare import Label

PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@cache
def _said() -> dict[Sentence, list[str]]:
    """Every sentence with where it stands: in code and templates, and in what the workflows declare."""
    found = translations.extract()
    for one in translations.declared_sentences() or ():
        found.setdefault(one, ["a declaration"])
    return found


def places(text: str) -> list[str]:
    """The placeholders of a sentence, in no order: Chinese may name them otherwise, but all of them."""
    return sorted(found[0] for found in PLACE.finditer(text))


def test_every_sentence_has_its_chinese() -> None:
    said = _said()
    assert [f"{one} at {said[one][0]}" for one in translations.missing(said)] == []


def test_every_translation_fills_in_the_same_places() -> None:
    wrong = []
    for message in translations.merged():
        english = [message.id] if isinstance(message.id, str) else list(message.id)
        chinese = [message.string] if isinstance(message.string, str) else list(message.string or ())
        # A plural's first form may say "one" where the others count; Chinese has but the counting one.
        if english[0] and any(places(one) != places(english[-1]) for one in chinese):
            wrong.append(f"{english[-1]!r}: {chinese}")
    assert wrong == []


def _said_in_passing() -> set[tuple[str, str | None]]:
    """What the reading of a contract says: its sentences travel as plain constants, its units and options as data."""
    room = Path(workflow.__file__).parent
    constants = {
        (node.value, None)
        for path in room.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    figures = [figure for path in (room / "contracts").iterdir() for figure in load(path).figures]
    options = {(str(Label("setting", option)), "setting") for figure in figures for option in figure.options}
    return constants | options | {(str(Label("unit", figure.unit)), "unit") for figure in figures}


def test_no_translation_is_kept_that_nobody_says() -> None:
    said = {(one.text, one.context) for one in _said()} | _said_in_passing()
    kept = [(m.id if isinstance(m.id, str) else m.id[0], m.context) for m in translations.merged() if m.id]
    assert [entry for entry in kept if entry not in said] == []


@pytest.mark.parametrize(
    ("first", "second", "complaint"),
    [
        ('msgid "Yes"\nmsgstr "是"', 'msgid "Yes"\nmsgstr "好"', "reads '好' here and '是' in a.po"),
        ('msgid "Yes"\nmsgstr ""', "", "is not translated"),
        ('#, fuzzy\nmsgid "Yes"\nmsgstr "是"', "", "is marked fuzzy"),
        ('msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] ""', "", "is not translated"),
    ],
)
def test_a_bad_fragment_is_refused(tmp_path: Path, first: str, second: str, complaint: str) -> None:
    _fragments(tmp_path, first, second)
    with pytest.raises(CatalogueFault, match=re.escape(complaint)):
        translations.merged(tmp_path)


def test_a_changed_fragment_is_compiled_anew(tmp_path: Path) -> None:
    _fragments(tmp_path, 'msgid "Yes"\nmsgstr "是"', 'msgctxt "state"\nmsgid "Yes"\nmsgstr "已同意"')
    made = translations.compiled(tmp_path) / "zh_Hans_CN" / "LC_MESSAGES" / "messages.mo"
    first = made.read_bytes()
    dated = made.stat().st_mtime_ns
    assert translations.compiled(tmp_path) == tmp_path / "built"
    assert made.stat().st_mtime_ns == dated
    _fragments(tmp_path, 'msgid "Yes"\nmsgstr "好"', "")
    translations.compiled(tmp_path)
    assert made.read_bytes() != first


def test_sentences_are_found_in_code_and_in_templates(tmp_path: Path) -> None:
    (tmp_path / "tickets").mkdir()
    (tmp_path / "templates" / "letters").mkdir(parents=True)
    (tmp_path / "tickets" / "a.py").write_text(
        'x = Words("Due %(at)s", at=1), pgettext("state", "Open"), Missing("No check"), lazy_gettext("Later")\n'
        'y = Words(data["text"]), Words(" / ".join(names)), _("On" if x else "Off")\n'
    )
    (tmp_path / "wsgi.py").write_text('x = _("At the top")')
    (tmp_path / "templates" / "a.html").write_text('{{ _("In a page") }}{% trans n=2 %}Block {{ n }}{% endtrans %}')
    (tmp_path / "templates" / "letters" / "b.txt").write_text('{{ pgettext("action", "Open") }}')
    found = translations.extract(tmp_path)
    assert set(found) == {
        Sentence("Due %(at)s"),
        Sentence("Open", "state"),
        Sentence("Open", "action"),
        Sentence("No check"),
        Sentence("Later"),
        Sentence("On"),
        Sentence("Off"),
        Sentence("At the top"),
        Sentence("In a page"),
        Sentence("Block %(n)s"),
    }
    assert found[Sentence("No check")] == ["tickets/a.py:1"]
    assert translations.missing([Sentence("No check"), Sentence("Menu")]) == [Sentence("No check")]


def test_a_lost_place_is_seen() -> None:
    assert places("还剩 %(time)s") == places("%(time)s left") != places("还剩")


def _fragments(home: Path, *texts: str) -> None:
    folder = home / "zh_Hans_CN"
    folder.mkdir(exist_ok=True)
    for name, text in zip("ab", texts, strict=True):
        (folder / f"{name}.po").write_text(HEADER + text + "\n")
