"""Brought files: what a browser would run is not taken, what is taken leaves only as a download."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.pages.site import Site


@pytest.fixture
def number(site: Site, visit_fields: dict[str, Any]) -> str:
    return site.open("visit", "staff1", **visit_fields)


def bring(site: Site, number: str, content: bytes, name: str, **more: Any) -> Any:
    data = site.fill(f"/tickets/{number}", f"/tickets/{number}/attach", "staff1", note="证明", paper="attachment")
    return site.send(f"/tickets/{number}/attach", {**data, "file": (io.BytesIO(content), name), **more}, "staff1")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("page.xhtml", b"<html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("picture.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("polyglot.jpg", b"GIF89a/*<script>*/"),
        ("run.exe", b"MZ"),
        ("none", b"x"),
        ("empty.pdf", b""),
        ("text.txt", b"a\0b"),
    ],
)
def test_what_is_not_fit_is_refused_in_words_and_on_record(site: Site, number: str, name: str, content: bytes) -> None:
    answer = bring(site, number, content, name)
    assert answer.status_code == 422
    assert "证明" in answer.get_data(as_text=True), "what was typed is kept"
    last = site.house.events(number)[-1]
    assert (last.action, last.accepted, last.reason) == ("attach", False, "invalid")


def test_the_record_and_its_reader_are_told_why_a_file_was_not_taken(site: Site, number: str) -> None:
    bring(site, number, b"", "empty.pdf")
    last = site.house.events(number)[-1]
    assert [(one["field"], one["says"]["text"]) for one in last.missing] == [("file", "The file is empty.")]
    text = site.get(f"/tickets/{number}", "staff1").text
    assert "文件：" in text
    assert "file：" not in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("证明 材料.pdf", "filename*=UTF-8''"),
        ("..\\..\\etc\\passwd.pdf", "passwd.pdf"),
        ("abc\u202efdp.pdf", "attachment"),
    ],
)
def test_a_file_leaves_as_a_download_under_a_policy_of_its_own(site: Site, number: str, name: str, shown: str) -> None:
    content = b"%PDF-1.7 <script>alert(1)</script>"
    assert bring(site, number, content, name).status_code == 303
    answer = site.raw("/papers/1/file", "manager1")
    assert answer.status_code == 200
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert shown in answer.headers["Content-Disposition"]
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_a_file_belongs_to_the_act_that_takes_it(site: Site, number: str) -> None:
    data = site.fill(f"/tickets/{number}", f"/tickets/{number}/remark", "staff1", text="x")
    site.send(f"/tickets/{number}/remark", {**data, "file": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}, "staff1")
    assert site.raw("/papers/1/file", "staff1").status_code == 404


def test_two_files_or_none_are_refused(site: Site, number: str) -> None:
    data = site.fill(f"/tickets/{number}", f"/tickets/{number}/attach", "staff1", note="证明", paper="attachment")
    assert site.send(f"/tickets/{number}/attach", data, "staff1").status_code == 422
    two = [(io.BytesIO(b"%PDF-1.7"), "a.pdf"), (io.BytesIO(b"%PDF-1.7"), "b.pdf")]
    data = site.fill(f"/tickets/{number}", f"/tickets/{number}/attach", "staff1", note="证明", paper="attachment")
    assert site.send(f"/tickets/{number}/attach", {**data, "file": two}, "staff1").status_code == 422
    assert site.raw("/papers/1/file", "staff1").status_code == 404


@pytest.mark.parametrize(
    "path", ["/papers/0/file", "/papers/99/file", f"/papers/{2**40}/file", "/papers/-1/file", "/papers/x/file"]
)
def test_no_other_file_can_be_named(site: Site, path: str) -> None:
    assert site.raw(path, "staff1").status_code == 404


@pytest.mark.parametrize(
    "name",
    ['a"; filename=evil.html;.pdf', "x\r\nSet-Cookie: a=b.pdf", "x\nSet-Cookie: a=b.pdf", "%0d%0aSet-Cookie: a=b.pdf"],
)
def test_a_name_writes_no_header(site: Site, number: str, name: str) -> None:
    if bring(site, number, b"%PDF-1.7", name).status_code == 303:
        answer = site.raw("/papers/1/file", "staff1")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "a=b" not in (answer.headers.get("Set-Cookie") or "")
