"""The pages as people use them: signed-in browsers over the furnished house, forms filled in as the page offers them."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.house import House

PASSWORD = "not a password at all"
__all__ = ["PASSWORD", "Page", "Site"]


class Page(HTMLParser):
    """A page read by a parser: its forms with their fields, its elements, its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = text
        self.forms: list[dict[str, Any]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._area: str | None = None
        self._select: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if tag == "form":
            self.forms.append(
                {"action": given.get("action"), "method": given.get("method"), "fields": {}, "names": set()}
            )
        if not self.forms or tag not in ("input", "textarea", "select", "option"):
            return
        form, name = self.forms[-1], given.get("name")
        if name:
            form["names"].add(name)
        kept = {"file": False, "checkbox": "checked" in given}.get(given.get("type") or "", True)
        if tag == "input" and name and kept:
            form["fields"][name] = given.get("value") or ""
        elif tag == "textarea" and name:
            self._area = name
            form["fields"][name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            form["fields"][self._select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1]["fields"][self._area] += data
        self.text += data

    def form(self, action: str) -> dict[str, Any]:
        """The form that posts to this path."""
        found = [form for form in self.forms if (form["action"] or "").split("?")[0] == action]
        assert len(found) == 1, f"{len(found)} forms post to {action}; there are {[f['action'] for f in self.forms]}"
        return found[0]

    def offers(self, action: str) -> bool:
        return any((form["action"] or "").split("?")[0] == action for form in self.forms)


class Site:
    """People by user name, each with a browser of their own."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.browsers: dict[str, FlaskClient] = {}

    def browser(self, by: str) -> FlaskClient:
        """A browser in which the person has signed in."""
        if by not in self.browsers:
            client = self.house.app.test_client()
            page = Page(client.get("/sign-in").get_data(as_text=True))
            given = {
                **page.form("/sign-in")["fields"],
                "username": by,
                "password": PASSWORD,
                "code": self.house.code(by),
            }
            answer = client.post("/sign-in", data=given)
            assert answer.status_code == 303, answer.get_data(as_text=True)
            self.browsers[by] = client
        return self.browsers[by]

    def get(self, path: str, by: str, *, english: bool = False, status: int = 200) -> Page:
        answer = self.raw(path, by, english=english)
        assert answer.status_code == status, (answer.status_code, answer.headers.get("Location"))
        return Page(answer.get_data(as_text=True))

    def raw(self, path: str, by: str, *, english: bool = False, **more: Any) -> TestResponse:
        client = self.browser(by)
        if english:
            set_language(self.house, by, "en")
        return client.get(path, buffered=True, **more)

    def fill(self, path: str, action: str, by: str, **fields: Any) -> dict[str, Any]:
        """What the form on the page at `path` sends, with `fields` filled in."""
        form = self.get(path, by).form(action)
        return {**form["fields"], **as_typed(fields)}

    def send(self, action: str, data: Mapping[str, Any], by: str, **more: Any) -> TestResponse:
        return self.browser(by).post(action, data=dict(data), **more)

    def open(self, kind: str, by: str, **fields: Any) -> str:
        """Opens a ticket through its page; gives the number."""
        path = f"/tickets/new/{kind}"
        answer = self.send(path, self.fill(path, path, by, **fields), by)
        assert answer.status_code == 303, Page(answer.get_data(as_text=True)).text
        return answer.headers["Location"].rsplit("/", 1)[1]

    def act(self, number: str, action: str, by: str, **fields: Any) -> TestResponse:
        """Does an act with the form on the ticket's page, with a code where the form asks for one."""
        data = self.fill(f"/tickets/{number}", f"/tickets/{number}/{action}", by, **fields)
        if "desk-code" in data and not data["desk-code"]:
            data["desk-code"] = self.house.code(by)
        return self.send(f"/tickets/{number}/{action}", data, by)

    def do(self, number: str, action: str, by: str, **fields: Any) -> None:
        answer = self.act(number, action, by, **fields)
        assert answer.status_code == 303, Page(answer.get_data(as_text=True)).text


def as_typed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as a person types them: instants in Beijing time."""
    from zoneinfo import ZoneInfo

    return {
        name: value.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")
        if hasattr(value, "astimezone")
        else value
        for name, value in fields.items()
    }


def set_language(house: House, by: str, language: str) -> None:
    from auth.models import Person
    from database import transaction

    with transaction(house.engine) as session:
        session.get_one(Person, house.ids[by]).language = language
