"""Files through the API: taken only as what they are, refused on record, handed out as downloads to those who may see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.house import House, problem

MIB = 1024 * 1024


@pytest.mark.parametrize(("name", "content"), [
    ("page.html", b"<script>"), ("picture.svg", b"<svg/>"), ("evidence.pdf", b"%!PS"), ("evidence.pdf", b""), ("run.exe", b"MZ"),
    ("", b"x"), ("../../etc/passwd", b"root"), ("notes.txt", b"a\x00b"),
])  # fmt: skip
def test_a_file_that_is_not_taken_is_refused_on_record(house: House, number: str, name: str, content: bytes) -> None:
    before = house.digest()
    answer = house.bring(number, "staff1", name=name or "blank", content=content)
    told = problem(answer, 422, "invalid")
    assert [one["field"] for one in told["errors"]] == ["file"]
    last = house.events(number)[-1]
    assert (last.action, last.accepted) == ("attach", False)
    assert house.digest() == before
    assert not [path for path in (house.folder / "instance" / "vault").rglob("*") if path.is_file()]


def test_a_file_is_kept_and_comes_back_as_a_download(house: House, number: str) -> None:
    first, again = (house.bring(number, "staff1", key="once") for _ in range(2))
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert first.get_json() == again.get_json()
    problem(house.bring(number, "staff1", key="once", content=b"%PDF-other"), 422, "key-reused")
    paper = house.get(f"/tickets/{number}", "reviewer1").get_json()["papers"][0]
    assert (paper["kind"], paper["by"], paper["file"]["name"]) == ("attachment", "staff1（演员）", "evidence.pdf")
    answer = house.get(paper["file"]["href"].removeprefix("/api/v1"), "reviewer1")
    assert answer.data == b"%PDF-1.7 evidence"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    answer.close()
    for stranger in ("stranger_manager", "admin_system"):
        assert house.get(paper["file"]["href"].removeprefix("/api/v1"), stranger).status_code == 404
    house.change_mandate("reviewer1", revoked_at=house.at)
    assert house.get(paper["file"]["href"].removeprefix("/api/v1"), "reviewer1").status_code == 404


def test_a_paper_of_another_ticket_is_not_found_under_this_one(
    house: House, number: str, visit_fields: dict[str, Any]
) -> None:
    """Redmine #43951: a second path to the same file with no check of its own."""
    house.bring(number, "staff1")
    paper = house.get(f"/tickets/{number}", "staff1").get_json()["papers"][0]["id"]
    other = house.open("visit", by="staff1", **visit_fields)
    problem(house.get(f"/tickets/{other}/papers/{paper}/file", "staff1"), 404, "not-found")
    problem(house.post(f"/tickets/{other}/papers/{paper}/signatures", {"version": 1}, "staff1"), 404, "not-found")
    problem(house.post(f"/tickets/{number}/papers/{paper}/signatures", {"version": 1}, "staff1"), 422, "invalid")


@pytest.mark.parametrize("more", [
    {"paper": "written_request"}, {"paper": "nothing"}, {"note": ""}, {"note": None}, {"note": "a\u0007"}, {"state": "left"},
    {"note": "a" * 201},
])  # fmt: skip
def test_what_is_said_of_a_file_is_judged_like_a_form(house: House, number: str, more: dict[str, Any]) -> None:
    before = house.digest()
    answer = house.bring(number, "staff1", **more)
    assert answer.status_code == 422, answer.get_json()
    assert house.digest() == before
    assert not house.events(number)[-1].accepted


def test_a_body_that_brings_no_file_or_two(house: House, number: str) -> None:
    headers = house.headers("staff1")
    before = house.digest()

    def send(**form: Any) -> Any:
        return house.http.post(
            f"/api/v1/tickets/{number}/papers", headers={**headers, "Idempotency-Key": house.key()}, **form
        )

    problem(send(json={"paper": "attachment"}), 415, "media-type")
    problem(send(data={"paper": "attachment", "note": "一"}, content_type="multipart/form-data"), 422, "invalid")
    problem(send(data=b"--x", content_type="multipart/form-data"), 422, "invalid")
    problem(send(data={f"f{n}": "x" for n in range(2000)}, content_type="multipart/form-data"), 413, "too-large")
    assert house.digest() == before


def test_an_oversize_file_is_refused_on_record(house: House, number: str) -> None:
    limit = house.app.extensions["counterpart"].settings.upload_limit_bytes
    answer = house.bring(number, "staff1", content=b"%PDF-" + b"x" * limit)
    assert problem(answer, 422, "invalid")["errors"][0]["field"] == "file"
    problem(house.bring(number, "staff1", content=b"%PDF-" + b"x" * (limit + 2 * MIB)), 413, "too-large")
