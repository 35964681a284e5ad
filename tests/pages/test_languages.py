"""Chinese first, English complete: no page mixes them, whatever the ticket."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

import translations
from tests.pages.site import Site, set_language

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
PATHS = (
    "/",
    "/tickets",
    "/tickets/new",
    "/tickets/new/visit",
    "/tickets/new/fault",
    "/tickets/new/reboot",
    "/tickets/new/change",
    "/contract",
    "/notices",
    "/clauses/C9.5",
    "/clauses/C4.6",
    "/workflows/fault",
    "/workflows/reboot",
    "/workflows/change",
    "/workflows/reboot/theatre",
)


@pytest.fixture
def number(site: Site, visit_fields: dict[str, Any]) -> str:
    opened = site.open("visit", "staff1", **visit_fields)
    site.act(opened, "remark", "manager1", text="好")
    site.get("/", "staff1")  # The word on what was done is said once, in the language of that moment.
    return opened


@cache
def english_sentences() -> set[str]:
    return {str(m.id if isinstance(m.id, str) else m.id[0]) for m in translations.merged() if m.id and " " in str(m.id)}


@pytest.mark.parametrize("path", PATHS)
def test_no_english_sentence_stands_on_a_chinese_page(site: Site, number: str, path: str) -> None:
    text = site.get(path, "staff1").text
    leaked = [one for one in english_sentences() if "%(" not in one and len(one) > 8 and one in text]
    assert leaked == []


def test_the_tickets_page_is_chinese_but_for_what_was_typed(site: Site, number: str) -> None:
    text = site.get(f"/tickets/{number}", "staff1").text
    assert [
        one
        for one in english_sentences()
        if "%(" not in one
        and len(one) > 12
        and one in text
        and "visit" not in one
        and "third party" not in one
        and "supplier" not in one
    ] == []


@pytest.mark.parametrize("path", PATHS)
def test_an_english_page_has_english_words(site: Site, number: str, path: str) -> None:
    site.browser("staff1")
    set_language(site.house, "staff1", "en")
    page = site.get(path, "staff1")
    chinese = CHINESE.findall(page.text)
    allowed = {"履约台", "中文", "演员"}
    typed = {"来访单位甲"}
    laws = set(
        CHINESE.findall(str([figure.law for figure in site.house.room.desk.contracts[site.house.contract].figures]))
    )
    examples = {word for word in chinese if word in str([a.get("placeholder") for _, a in page.elements])}
    assert [word for word in chinese if word not in allowed | typed | examples | laws] == []
    assert [word for word in re.findall("[^\\s]*[、：][^\\s]*", page.text) if word not in examples] == []
