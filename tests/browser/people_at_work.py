"""People at work on the real pages: one desk, a clock that the test moves, and a browser window for each person.

Whoever is at work reads Chinese and finds everything by what stands on the page: a button by its words, a field by its
label, a deadline by its name. Only the clock, and what a telephone would show, come from behind the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import event, select

from auth import passwords, people, signin, totp
from auth.models import Person
from config import Settings
from database import reading, transaction
from tests import databases
from tickets import worker
from tickets.demo import CAST
from tickets.models import Ticket
from wsgi import create_app

START = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)
"""Ten in the morning in Beijing, on a working day."""
PASSWORD = "not a password at all"
ROLES = {member.name: member.role for member in CAST if not member.role.startswith("admin.")}
"""Who is at work, by the name that the pages show."""
LONG_AGO = timedelta(days=60)


class Office:
    """The whole desk over a database of its own, with everybody enrolled, and its clock."""

    def __init__(self, folder: Path) -> None:
        self.at = START
        settings = Settings(database_url=databases.migrated(folder), instance_dir=folder)
        self.app = create_app(settings, now=lambda: self.at)
        self.settings, self.engine = settings, self.app.extensions["counterpart"].engine
        event.listen(self.engine, "connect", databases.hurry)
        self.room, self.keyring = self.app.extensions["tickets"], self.app.extensions["auth"]
        self.contract = self.room.contracts.take_in(settings.contract_dirs[0], self.at)[0]
        self.ids: dict[str, int] = {}
        self.usernames = {member.name: member.username for member in CAST}
        self._secrets: dict[str, str] = {}
        self._enrol(self.at - LONG_AGO)
        self.later()

    def _enrol(self, since: datetime) -> None:
        password = passwords.hashed(PASSWORD)
        with transaction(self.engine) as session:
            for name, role in ROLES.items():
                added = people.add_person(
                    session, username=self.usernames[name], name=name, language="zh_Hans_CN", by=None, at=since
                )
                assert isinstance(added, tuple), added
                person, once = added
                self._secrets[name] = signin.secret_to_enrol(self.keyring, once)
                code = totp.code_of_step(self._secrets[name], totp.step_at(since))
                signin.enrol(session, self.keyring, once, password, code, at=since, address="")
                grant = people.Grant(person.id, role, self.contract.key, since, None, {}, f"000-5555-{person.id:04d}")
                people.grant(session, self.keyring, grant, by=None, at=since)
                self.ids[name] = person.id

    def later(self, **delta: float) -> None:
        """Time goes by; then the worker of the desk has its turn."""
        self.at += timedelta(**delta)
        worker.turn(self.room.desk, "worker of the test")

    def code(self, name: str) -> str:
        """What the person's telephone shows. A code serves once: where it has, time goes on to the next one."""
        while True:
            with reading(self.engine) as session:
                last = session.get_one(Person, self.ids[name]).totp_last_step
            found = totp.usable_code(self._secrets[name], self.at, last)
            if found is not None:
                return found
            self.at += timedelta(seconds=totp.STEP_SECONDS)

    def stands_at(self, number: str) -> str:
        """Version and number of events of a ticket, as its open page remembers them."""
        with reading(self.engine) as session:
            row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            return f"{row.version}.{row.events}"

    def cookie(self, name: str, url: str) -> Any:
        """A session begun on the server, as the browser would keep it."""
        with transaction(self.engine) as session:
            person = session.get_one(Person, self.ids[name])
            token = signin.begin_session(session, self.settings, person, at=self.at, address="127.0.0.1")
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert signer is not None
        return {"name": self.app.config["SESSION_COOKIE_NAME"], "value": signer.dumps({"_user_id": token}), "url": url}


class AtWork:
    """One person with a browser window of their own."""

    def __init__(self, office: Office, page: Page, name: str) -> None:
        self.office, self.page, self.name, self.number = office, page, name, ""
        self._loaded_at: datetime | None = None

    # --- coming in ---------------------------------------------------------------------------------------------------

    def signs_in(self) -> AtWork:
        """Through the form, to what waits for the person's party."""
        self.page.goto("/sign-in")
        self._proves_who_it_is()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("我的待办")
        expect(self.page.get_by_role("banner")).to_contain_text(self.name)
        return self

    def _proves_who_it_is(self) -> None:
        """User name, password, and the code on the telephone."""
        self.page.get_by_label("用户名").fill(self.office.usernames[self.name])
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_label("手机动态码").fill(self.office.code(self.name))
        self.page.get_by_role("button", name="登录").click()

    def goes_to(self, path: str) -> AtWork:
        """Who was away for long signs in again, and is led on to where they wanted to go."""
        self.page.goto(path)
        if urlsplit(self.page.url).path == "/sign-in":
            self._proves_who_it_is()
            self.page.wait_for_url(f"**{path}")
        return self

    def finds(self, number: str, says: str = "") -> AtWork:
        """Among what waits for the person's party, and goes there."""
        self.goes_to("/")
        entry = self.page.locator(".tickets > li", has_text=number)
        expect(entry).to_contain_text(says)
        entry.get_by_role("link", name=number).click()
        self.number = number
        return self

    def looks_at(self, number: str = "") -> AtWork:
        """The ticket's own page as it reads now: loaded anew where time went by or anything happened."""
        self.number = number or self.number
        if not self._is_up_to_date():
            self.goes_to(f"/tickets/{self.number}")
            self._loaded_at = self.office.at
        return self

    def _is_up_to_date(self) -> bool:
        path = urlsplit(self.page.url).path
        if self._loaded_at != self.office.at or path != f"/tickets/{self.number}":
            return False
        seen = str(self.page.locator("#moved").get_attribute("hx-get"))
        return seen.endswith(f"seen={self.office.stands_at(self.number)}")

    # --- acting ------------------------------------------------------------------------------------------------------

    def opens(self, kind: str, fields: Mapping[str, Any]) -> str:
        """Fills in the form of this kind of ticket; gives the ticket's number."""
        self.goes_to("/tickets/new")
        heading = self.page.get_by_role("heading", name=re.compile(f"^{kind}"))
        self.page.locator("article", has=heading).get_by_role("link").nth(1).click()
        self.fills(self.page.locator("form.act-form"), fields)
        self.page.locator("form.act-form").get_by_role("button").click()
        expect(self.flash).to_contain_text("已办理")
        self.number = str(self.page.get_by_role("heading", level=1).locator(".number").inner_text())
        return self.number

    def does(self, act: str, fields: Mapping[str, Any] | None = None) -> AtWork:
        """Does the act on the ticket as it stands now, with the code from the telephone where its form asks for one."""
        self.looks_at()
        self.sends(act, fields)
        expect(self.flash).to_contain_text(f"已办理：{act}。已记入日志第")
        self._loaded_at = self.office.at
        return self

    def sends(self, act: str, fields: Mapping[str, Any] | None = None) -> AtWork:
        """Opens the act on the page that is open, fills in its form and sends it, whatever comes of it."""
        form = self.form(act)
        self.fills(form, fields or {})
        code = form.get_by_label("手机动态码", exact=True)
        if code.count():
            code.fill(self.office.code(self.name))
        with self.page.expect_navigation():
            form.get_by_role("button", name=act, exact=True).click()
        return self

    def is_refused(self, act: str, fields: Mapping[str, Any] | None = None, *, because: str) -> AtWork:
        """Tries the act, and reads why it is not done."""
        self.looks_at()
        self._loaded_at = None
        self.sends(act, fields)
        told = self.page.get_by_role("alert", name="未办理")
        expect(told).to_contain_text(f"未办理：{act}")
        expect(told).to_contain_text(because)
        return self

    def form(self, act: str) -> Locator:
        """The form of an act, opened."""
        name = self.page.locator("summary .act-name", has_text=re.compile(f"^{re.escape(act)}$"))
        card = self.page.locator("details.act", has=name)
        expect(card, f"{act} is offered").to_have_count(1)
        if card.get_attribute("open") is None:
            name.click()
        return card.locator("form")

    def fills(self, form: Locator, fields: Mapping[str, Any]) -> None:
        """Each field by its label. What stands in several rows is a list of mappings by the headings of the columns."""
        for label, value in fields.items():
            if isinstance(value, list) and value and isinstance(value[0], Mapping):
                rows = form.locator("fieldset", has_text=label)
                for place, row in enumerate(value, start=1):
                    for column, cell in row.items():
                        _put(rows.get_by_label(f"{column} {place}", exact=True), cell)
            elif isinstance(value, set):
                group = form.locator("fieldset", has=self.page.locator("legend", has_text=label))
                for one in value:
                    group.get_by_label(one).check()
            else:
                _put(form.get_by_label(label, exact=True), value)

    # --- reading -----------------------------------------------------------------------------------------------------

    @property
    def flash(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def reads(self, *words: str) -> AtWork:
        for one in words:
            expect(self.main).to_contain_text(one)
        return self

    def is_at(self, state: str, *, turn: str = "") -> AtWork:
        """The state that the page names is the one where the picture says: you are here."""
        expect(self.page.get_by_role("heading", level=2).first).to_have_text(f"状态：{state}")
        here = self.page.locator("svg.diagram [aria-current=step]")
        expect(here).to_have_count(1)
        expect(here).to_contain_text(state)
        expect(here).to_contain_text("当前")
        if turn:
            expect(self.page.locator(".whose-turn")).to_contain_text(turn)
        return self

    def cannot(self, act: str, *reasons: str) -> AtWork:
        """The button is off, and under it stand these reasons."""
        button = self.page.get_by_role("button", name=act, exact=True)
        expect(button).to_be_disabled()
        why = self.page.locator(f"#{button.get_attribute('aria-describedby')}")
        for reason in reasons:
            expect(why).to_contain_text(reason)
        return self

    def is_not_offered(self, *acts: str) -> AtWork:
        for act in acts:
            expect(self.page.locator("summary .act-name", has_text=re.compile(f"^{re.escape(act)}$"))).to_have_count(0)
        return self

    def deadline(self, name: str) -> Locator:
        return self._entry("期限", name)

    def paper(self, name: str) -> Locator:
        """The newest entry of this name among papers and signatures."""
        return self._entry("文件与签署", name)

    def _entry(self, section: str, name: str) -> Locator:
        region = self.page.get_by_role("region", name=section)
        title = self.page.locator("strong", has_text=re.compile(f"^{re.escape(name)}$"))
        return region.get_by_role("listitem").filter(has=title).first

    @property
    def history(self) -> Locator:
        return self.page.get_by_role("region", name="办理记录")


def readable(page: Page) -> None:
    """With everything unfolded: no fault that axe finds grave, and nothing that sticks out at the side."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page).response["violations"]
    told = [(one["id"], one["impact"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found]
    assert [one for one in told if one[1] in ("serious", "critical")] == [], page.url
    sticks_out = "document.documentElement.scrollWidth > window.innerWidth"
    assert not page.evaluate(sticks_out), f"{page.url} is wider than the screen"


def local(at: datetime) -> str:
    """As a control for date and time takes it: Beijing time, to the minute."""
    return (at + timedelta(hours=8)).replace(tzinfo=None).isoformat(timespec="minutes")


def brought(name: str, content: bytes = b"%PDF-1.7 brought by hand") -> FilePayload:
    """A file from the person's own computer."""
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def _put(control: Locator, value: Any) -> None:
    """Whatever kind of control it is."""
    if isinstance(value, bool):
        control.set_checked(value)
    elif isinstance(value, dict):
        control.set_input_files(cast(FilePayload, value))
    elif isinstance(value, datetime):
        control.fill(local(value))
    elif isinstance(value, date):
        control.fill(value.isoformat())
    elif control.evaluate("one => one.tagName") == "SELECT":
        chosen = control.locator("option").filter(has_text=re.compile(f"^{re.escape(str(value))}"))
        control.select_option(value=chosen.first.get_attribute("value"))
    else:
        control.fill(str(value))


__all__ = ["PASSWORD", "ROLES", "START", "AtWork", "Office", "brought", "local", "readable"]
