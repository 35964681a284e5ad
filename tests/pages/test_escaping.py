"""What people type is text: no page grows an element or an attribute by it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.pages.site import Page, Site

CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "</title><iframe src=javascript:alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "{{7*7}}{% raw %}${7*7}#{7*7}",
    "%(name)s %s %d %%",
    '<!--<xmp><math><mi//xlink:href="data:x,<script>alert(4)</script>">',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<ｓｃｒｉｐｔ>alert(1)</ｓｃｒｉｐｔ>",
    "]]><style>*{display:none}</style>",
)


def skeleton(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page with the names of their attributes: what a text must not add to."""
    return [(tag, tuple(sorted(attributes))) for tag, attributes in page.elements]


def story(site: Site, text: str, visit_fields: dict[str, Any]) -> str:
    number = site.open("visit", "staff1", **{**visit_fields, "visitor": text})
    site.do(number, "remark", "manager1", text=text)
    data = site.fill(f"/tickets/{number}", f"/tickets/{number}/attach", "staff1", note=text, paper="attachment")
    name = text.replace('"', "'").replace("/", "-")[:60] + ".pdf"
    answer = site.send(f"/tickets/{number}/attach", {**data, "file": (io.BytesIO(b"%PDF-1.7"), name)}, "staff1")
    assert answer.status_code == 303
    return number


@pytest.fixture
def harmless(site: Site, visit_fields: dict[str, Any]) -> str:
    return story(site, "来访单位", visit_fields)


@pytest.mark.parametrize("text", CORPUS)
def test_a_text_adds_nothing_to_a_page(site: Site, harmless: str, visit_fields: dict[str, Any], text: str) -> None:
    number = story(site, text, visit_fields)
    for by in ("staff1", "manager1"):
        site.get("/account", by)  # Takes the word on what was done away.
        plain, laced = (site.get(f"/tickets/{one}", by) for one in (harmless, number))
        assert skeleton(plain) == skeleton(laced)
        assert text in laced.text
    listed = site.get("/tickets?kind=visit", "staff1")
    assert text in listed.text
    assert "script" not in {tag for tag, attributes in listed.elements if "src" not in attributes}


@pytest.mark.parametrize("text", CORPUS)
def test_what_is_kept_after_a_mistake_is_text_too(site: Site, text: str) -> None:
    path = "/tickets/new/visit"
    data = site.fill(path, path, "staff1", visitor=text)
    page = Page(site.send(path, data, "staff1").get_data(as_text=True))
    plain = Page(site.send(path, {**site.fill(path, path, "staff1", visitor="x")}, "staff1").get_data(as_text=True))
    assert skeleton(page) == skeleton(plain)
    assert page.form(path)["fields"]["visitor"] == text


@pytest.mark.parametrize("text", CORPUS)
def test_what_is_searched_for_is_text_too(site: Site, text: str) -> None:
    page = Page(site.browser("staff1").get("/tickets", query_string={"q": text}).get_data(as_text=True))
    assert ("input", "q") in [(tag, attributes.get("name")) for tag, attributes in page.elements]
    assert skeleton(page) == skeleton(site.get("/tickets?q=x", "staff1"))


@pytest.mark.parametrize("text", CORPUS[:5])
def test_no_page_tells_a_header_again(site: Site, text: str) -> None:
    for path in ("/tickets/no-such-ticket", "/"):
        answer = site.raw(
            path, "staff1", headers={"Referer": text, "User-Agent": text, "X-Forwarded-Host": "evil.example"}
        )
        assert text not in answer.get_data(as_text=True)
        assert "evil.example" not in answer.get_data(as_text=True)
