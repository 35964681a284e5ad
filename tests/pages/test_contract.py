"""The contract's page: open questions in words, what is proved, long sections folded, every anchor in its place."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.pages.site import Site
from tickets import proof_view
from workflow.prove import certificate


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


def rows(site: Site) -> dict[str, list[str]]:
    """What the page says of each proof, by kind, cell by cell."""
    source = site.raw("/contract", "staff1").get_data(as_text=True)
    found = re.findall(r'<tr id="proof-(\w+)">(.*?)</tr>', source, re.DOTALL)
    return {
        kind: [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row)] for kind, row in found
    }


def test_what_was_proved_of_each_duty_stands_there_with_its_counts(site: Site) -> None:
    held, found = certificate.read(), rows(site)
    assert set(found) == set(held)
    assert "alert-danger" not in site.raw("/contract", "staff1").get_data(as_text=True)
    for kind, (_, counts, fits) in found.items():
        scopes, claims = held[kind]["scopes"].values(), len(held[kind]["claims"])
        worlds, edges = (sum(one[name] for one in scopes) for name in ("configurations", "edges"))
        assert counts == f"{worlds:,} 种情形，{edges:,} 步{claims} 条断言，0 项违反"
        assert fits == f"现行版本已证明证书 {held[kind]['declared'][:12]}…"
    unproved = [one for one in site.house.room.desk.offered(site.house.contract).values() if one.kind not in held]
    assert ("尚无证明：" in site.get("/contract", "staff1").text) == bool(unproved)


@pytest.mark.parametrize(
    ("otherwise", "says"),
    [({"declared": "0" * 64}, "证书针对的是另一版声明"), ({"holds": False}, "证书本身载明有断言不成立")],
)
def test_a_proof_of_something_else_is_told_loudly(
    site: Site, monkeypatch: pytest.MonkeyPatch, otherwise: dict[str, Any], says: str
) -> None:
    held = certificate.read()
    monkeypatch.setattr(certificate, "read", lambda: {**held, "reboot": {**held["reboot"], **otherwise}})
    page = site.get("/contract", "staff1")
    assert len([given for _, given in page.elements if given.get("role") == "alert"]) == 1
    assert f"当前运行的版本未经证明。 {says}" in " ".join(page.text.split())
    assert rows(site)["reboot"][-1].startswith("现行版本未证明")
    assert rows(site)["reboot"][1].endswith("0 项违反") is otherwise.get("holds", True)
    assert rows(site)["complaint"][-1].startswith("现行版本已证明")


def test_a_proof_of_another_text_of_the_contract_is_none(site: Site) -> None:
    contract = site.house.room.desk.contracts[site.house.contract]
    offered = site.house.room.desk.offered(contract.key).values()
    assert all(one.stands for one in proof_view.seen(offered, contract))
    assert not any(one.stands for one in proof_view.seen(offered, replace(contract, digest="0" * 64)))
