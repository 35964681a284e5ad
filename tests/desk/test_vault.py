"""Brought files: kept under their digest, of known types only, never under a name from outside."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest

from tickets.vault import FileRefused, Vault, safe_name

PDF = b"%PDF-1.7 ..."


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def test_a_file_lies_under_its_digest(vault: Vault) -> None:
    fact = vault.keep(BytesIO(PDF), "申请.pdf", limit_bytes=1000)
    assert fact.digest == hashlib.sha256(PDF).hexdigest()
    assert vault.path(fact.digest).read_bytes() == PDF
    assert (fact.name, fact.media_type, fact.size) == ("申请.pdf", "application/pdf", len(PDF))


def test_the_same_file_twice_is_kept_once(vault: Vault) -> None:
    first = vault.keep(BytesIO(PDF), "a.pdf", limit_bytes=1000)
    second = vault.keep(BytesIO(PDF), "b.pdf", limit_bytes=1000)
    assert first.digest == second.digest
    assert len([p for p in vault.folder.rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg/>"),
        ("a.html", b"<p>"),
        ("a.xhtml", b"<p/>"),
        ("a.exe", b"MZ"),
        ("a", PDF),
        ("", PDF),
        ("a.pdf", b"<script>"),
        ("a.png", PDF),
        ("a.docx", PDF),
        ("a.txt", b"a\0b"),
        ("a.pdf", b""),
        ("a.pdf.html", PDF),
    ],
)
def test_what_is_not_taken_leaves_nothing_behind(vault: Vault, name: str, content: bytes) -> None:
    with pytest.raises(FileRefused):
        vault.keep(BytesIO(content), name, limit_bytes=1000)
    assert not vault.folder.exists() or not [p for p in vault.folder.rglob("*") if p.is_file()]


def test_the_limit_itself_is_taken_and_one_byte_more_is_not(vault: Vault) -> None:
    vault.keep(BytesIO(PDF), "a.pdf", limit_bytes=len(PDF))
    with pytest.raises(FileRefused):
        vault.keep(BytesIO(PDF + b"x"), "a.pdf", limit_bytes=len(PDF))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "..\\..\\x.pdf",
        "/etc/x.pdf",
        "a\0.pdf",
        "a\r\nSet-Cookie: x.pdf",
        "\u202efdp.exe.pdf",
        "x" * 300 + ".pdf",
    ],
)
def test_a_name_from_outside_is_only_ever_a_name(vault: Vault, name: str) -> None:
    fact = vault.keep(BytesIO(PDF), name, limit_bytes=1000)
    assert "/" not in fact.name
    assert "\\" not in fact.name
    assert fact.name.isprintable()
    assert len(fact.name) <= 120
    assert {p.name for p in vault.folder.rglob("*") if p.is_file()} == {fact.digest}


@pytest.mark.parametrize("digest", ["", "..", "x" * 64, "a" * 63, "A" * 64, "a" * 64 + "/.."])
def test_only_a_digest_leads_to_a_file(vault: Vault, digest: str) -> None:
    with pytest.raises(ValueError, match="not a digest"):
        vault.path(digest)


def test_a_nameless_file_has_a_name() -> None:
    assert safe_name("...") == "file"
