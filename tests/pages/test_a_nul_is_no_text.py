"""A NUL character, which SQLite keeps and PostgreSQL refuses: at each door, on either, it is told or leads nowhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from auth import policy
from database import Base
from tests.api.house import problem
from tests.pages.site import Page, Site

PEOPLE = ["staff1", "admin_system", "admin_security", "admin_audit"]
QUERIES = ["after", "before", "contract", "kind", "month", "next", "q", "seen", "state", "version"]
NO_TEXT = {"csrf_token", "desk-version"}


def addresses(site: Site) -> list[str]:
    """Every address of the desk that is read."""
    read = [one.path for one in policy.table(site.house.app) if "GET" in one.methods and "/static/" not in one.path]
    return [re.sub(r"<int[^>]*>", "1", path) for path in read]


@pytest.mark.parametrize("by", PEOPLE)
def test_in_a_path_it_leads_nowhere(site: Site, by: str) -> None:
    named = [path for path in addresses(site) if "<" in path]
    assert len(named) > 15
    for path in named:
        assert site.raw(re.sub("<[^>]*>", "x%00", path), by).status_code == 404, path


@pytest.mark.parametrize("by", PEOPLE)
def test_behind_a_question_mark_it_is_refused_or_not_looked_at(
    site: Site, by: str, visit_fields: dict[str, Any]
) -> None:
    number = site.open("visit", by="staff1", **visit_fields)
    answered = 0
    for path in addresses(site):
        filled = re.sub("<[^>]*>", "visit", path.replace("<number>", number))
        for name in QUERIES if site.raw(filled, by).status_code == 200 else ():
            answer = site.raw(f"{filled}?{name}=%00", by)
            assert answer.status_code < 500, (filled, name)
            answered += answer.status_code in (404, 422)
    assert answered > 20


@pytest.mark.parametrize(
    ("by", "paths"),
    [
        ("staff1", ["/account", "/notices/preferences", "/tickets/new/fault", "/tickets/new/visit"]),
        ("manager1", ["/contract/calendar"]),
        ("admin_security", ["/account", "/security/people", "/security/people/1"]),
    ],
)
def test_in_a_form_it_is_refused_and_leaves_nothing(site: Site, by: str, paths: list[str]) -> None:
    told = 0
    for path in paths:
        for form in site.get(path, by).forms:
            if form["method"] != "post" or form["action"] in ("/sign-out", "/account/language"):
                continue
            for name in form["names"] - NO_TEXT:
                answer = site.send(form["action"], {**form["fields"], name: "x\0"}, by)
                assert answer.status_code in (303, 422), (form["action"], name)
                told += answer.status_code == 422
    assert told >= len(paths)
    with site.house.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = repr(connection.execute(select(table)).all())
            assert "\\x00" not in rows, table.name


def test_in_a_user_name_it_is_nobodys(site: Site) -> None:
    client = site.house.app.test_client()
    form = Page(client.get("/sign-in").get_data(as_text=True)).form("/sign-in")
    for name in ("username", "password", "code", "next"):
        given = {"username": "staff1", "password": "not it", "code": "000000", "next": "/", name: "staff1\0"}
        assert client.post("/sign-in", data={**form["fields"], **given}).status_code == 422


def test_in_the_name_of_a_file_it_is_left_out_and_beside_it_refused(site: Site, visit_fields: dict[str, Any]) -> None:
    number, house = site.open("visit", by="staff1", **visit_fields), site.house
    assert house.bring(number, "staff1", name="a\0.pdf").status_code == 200
    assert house.events(number)[-1].fields["file"]["name"] == "a.pdf"
    answer = house.bring(number, "staff1", note="a\0")
    assert [one["field"] for one in problem(answer, 422, "invalid")["errors"]] == ["note"]
    assert house.bring(number, "staff1", paper="a\0").status_code == 422
