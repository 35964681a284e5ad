"""The contract's page: open questions in words, long sections folded, every anchor in its place."""

from __future__ import annotations

import re

import pytest

from tests.pages.site import Site


def test_open_questions_name_figures_by_their_notes_and_keep_the_key_as_title(site: Site) -> None:
    source = site.raw("/contract", "staff1").get_data(as_text=True)
    findings = re.findall(r'<li class="finding.*?</li>', source, re.DOTALL)
    figures = site.house.room.desk.contracts[site.house.contract].editions[-1].figures
    read = [re.sub(r"<[^>]+>", "", one) for one in findings]
    assert [one for one in read if any(re.search(rf"\b{re.escape(name)}\b", one) for name in figures)] == []
    assert any('title="fault.arrival fault.removal"' in one for one in findings)


def test_long_sections_are_folded_with_their_counts_and_only_the_first_stands_open(site: Site) -> None:
    source = site.raw("/contract", "staff1").get_data(as_text=True)
    folded = re.findall(r'<details( open)?><summary class="card-header">.*?id="(\w+)">.*?class="count">(\d+)<', source)
    assert [(name, bool(opened)) for opened, name, _ in folded] == [
        ("figures", True),
        ("lines", False),
        ("clauses", False),
    ]
    assert all(int(count) > 1 for *_, count in folded)
    assert 'id="clause-C9.5"' in source


@pytest.mark.parametrize("path", ["/contract", "/clauses/C9.12", "/workflows/fault", "/contract/calendar"])
def test_the_menu_marks_the_contract_on_every_page_that_hangs_on_it(site: Site, path: str) -> None:
    page = site.get(path, "staff1")
    marked = [given.get("href") for tag, given in page.elements if tag == "a" and given.get("aria-current") == "page"]
    assert marked[:1] == ["/contract"], "the menu comes first"


def test_c9_12_who_is_awaited_in_the_supervisors_place_is_told(site: Site) -> None:
    assert "监理 （无此方时：甲方）" in " ".join(site.get("/workflows/fault", "staff1").text.split())
    declared = site.house.get("/workflows/fault", "staff1").get_json()
    (submitted,) = [state for state in declared["states"] if state["name"] == "report_submitted"]
    (review,) = [limit for limit in declared["deadlines"] if limit["name"] == "review"]
    assert submitted["awaits"] == review["party"] == "supervisor"
    assert submitted["or_else"] == review["or_else"] == "client"
