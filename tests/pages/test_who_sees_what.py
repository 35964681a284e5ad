"""What may not be seen is not there: strangers, administrators, the signed out; and where people are led instead."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.pages.site import Site

BUSINESS = (
    "/tickets",
    "/tickets/new",
    "/tickets/new/visit",
    "/contract",
    "/notices",
    "/clauses/C9.6",
    "/workflows/visit",
)


@pytest.fixture
def number(site: Site, visit_fields: dict[str, Any]) -> str:
    opened = site.open("visit", "staff1", **visit_fields)
    data = site.fill(f"/tickets/{opened}", f"/tickets/{opened}/attach", "staff1", note="证明", paper="attachment")
    answer = site.send(f"/tickets/{opened}/attach", {**data, "file": (io.BytesIO(b"%PDF-1.7 x"), "a.pdf")}, "staff1")
    assert answer.status_code == 303
    return opened


@pytest.mark.parametrize("stranger", ["stranger_staff", "stranger_manager", "stranger_reviewer", "stranger_desk"])
def test_people_of_another_contract_find_nothing(site: Site, number: str, stranger: str) -> None:
    own = site.get("/", stranger)
    assert number not in own.text
    assert number not in site.get("/tickets", stranger).text
    assert number not in site.get(f"/tickets?q={number}", stranger).text.replace(f'value="{number}"', "")
    assert number not in site.get("/notices", stranger).text
    contract = site.house.contract
    for path in (
        f"/tickets/{number}",
        f"/tickets/{number}/moved?seen=1.1",
        f"/receipts/{number}/1",
        "/papers/1/file",
        f"/contract?contract={contract}",
        f"/clauses/C9.6?contract={contract}",
        f"/tickets/new/visit?contract={contract}",
        f"/workflows/visit?contract={contract}",
    ):
        assert site.raw(path, stranger).status_code == 404, path
    token = site.get("/account", stranger).forms[0]["fields"]["csrf_token"]
    before = site.house.digest()
    data = {"csrf_token": token, "desk-key": "k" * 32, "desk-version": "1", "text": "x"}
    for action in ("remark", "allow", "attach", "no_such_act"):
        assert site.send(f"/tickets/{number}/{action}", data, stranger).status_code == 404
    answer = site.send(f"/tickets/new/visit?contract={contract}", data, stranger)
    assert answer.status_code == 404
    assert site.house.digest() == before
    assert len(site.house.events(number)) == 2


@pytest.mark.parametrize("admin", ["admin_system", "admin_security", "admin_audit"])
def test_administrators_have_no_business_pages(site: Site, number: str, admin: str) -> None:
    home = site.raw("/", admin)
    assert home.status_code == 303
    assert home.headers["Location"] not in ("/", *BUSINESS)
    for path in (*BUSINESS, f"/tickets/{number}", f"/receipts/{number}/1", "/papers/1/file"):
        assert site.raw(path, admin).status_code == 404, path
    assert "/tickets" not in [attrs.get("href") for tag, attrs in site.get("/account", admin).elements if tag == "a"]


def test_who_is_not_signed_in_is_asked_to(site: Site, number: str) -> None:
    client = site.house.app.test_client()
    for path in ("/", *BUSINESS, f"/tickets/{number}", "/papers/1/file"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")


def test_every_answer_is_private(site: Site, number: str) -> None:
    for path in ("/", "/tickets", f"/tickets/{number}", "/papers/1/file", "/contract", "/no-such-page"):
        answer = site.raw(path, "staff1")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "query",
    [
        "kind=visit&kind=fault",
        "kind=%27%20or%201=1",
        "after=-1",
        "after=1e3",
        "q=" + "x" * 101,
        "sort=id",
        "q=%00",
        "state[]=x",
    ],
)
def test_an_address_that_no_page_made_is_refused(site: Site, query: str) -> None:
    assert site.raw(f"/tickets?{query}", "staff1").status_code == 422


def test_an_open_redirect_is_nowhere(site: Site) -> None:
    for path in (
        "/language/en?next=//evil.example",
        "/language/en?next=/%5Cevil.example",
        "/language/en?next=https:evil.example",
    ):
        assert site.raw(path, "staff1").headers["Location"] == "/"


def test_errors_come_in_words_inside_the_frame(site: Site) -> None:
    page = site.get("/tickets/BJ26-V-2026-9999", "staff1", status=404)
    assert "这里没有您可以查看的内容" in page.text or "404" in page.text
    assert any(tag == "main" for tag, _ in page.elements)


def test_a_draft_is_its_partys_own(site: Site) -> None:
    """What is opened in a draft state is not there for the other side until it is proposed."""
    kinds = [(w, w.opening) for w in site.house.workflows.values() if w.opening.dest and w.opening.dest.opener_only]
    assert [w.kind for w, _ in kinds] == ["change"]
