"""Being told in the pages: the bell, what was not read, how and when one wants to be told, and what was given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from auth.models import SecurityEvent
from auth.records import Keyring
from database import reading, transaction
from tests.outbox.office import Office
from tests.pages.site import Page, Site
from tests.pages.test_cost import MOST, counted
from tickets.outbox import people
from tickets.outbox.carriers import Refused
from tickets.outbox.models import Address, Preference

OPEN = {"smtp_host": "mail.example", "smtp_sender": "desk@example.org", "messenger_schemas": ("wecombot", "json")}


@pytest.fixture
def office(site: Site, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An outbox beside the pages, with e-mail and a robot open."""
    keyring = site.house.room.desk.keyring
    opened = Keyring(replace(keyring.settings, **OPEN), keyring.sealer)
    monkeypatch.setattr(site.house.room.desk, "keyring", opened)
    return Office(site.house)


def bell(page: Page) -> str:
    (found,) = [given for tag, given in page.elements if tag == "a" and "bell" in str(given.get("class")).split()]
    return str(found["aria-label"])


def form_with(page: Page, name: str) -> dict[str, Any]:
    """The fields of the first form that sends `name`."""
    fields: dict[str, Any] = next(form["fields"] for form in page.forms if name in form["names"])
    return fields


def opened(site: Site, fields: dict[str, Any], times: int = 1) -> list[str]:
    return [site.house.open("visit", "staff1", **fields) for _ in range(times)]


def test_the_bell_counts_what_was_not_read(site: Site, office: Office, visit_fields: dict[str, Any]) -> None:
    assert bell(site.get("/", "desk1")) == "通知均已读"
    opened(site, visit_fields, 3)
    office.outbox.turn()
    assert bell(site.get("/", "desk1")) == "未读通知：3 条"
    assert bell(site.get("/", "staff1")) == "通知均已读"
    assert bell(site.get("/tickets", "manager1", english=True)) == "Notices not read: 3"


def test_one_or_all_are_marked_as_read_and_nobody_elses(
    site: Site, office: Office, visit_fields: dict[str, Any]
) -> None:
    numbers = opened(site, visit_fields, 3)
    office.outbox.turn()
    page = site.get("/notices", "desk1")
    assert site.send("/notices/read", form_with(page, "only"), "desk1").status_code == 303
    assert bell(site.get("/", "desk1")) == "未读通知：2 条"
    unread = site.get("/notices?new=1", "desk1")
    assert numbers[2] not in unread.text
    assert numbers[0] in unread.text
    opened(site, visit_fields)
    office.outbox.turn()
    assert site.send("/notices/read", form_with(unread, "until"), "desk1").status_code == 303
    assert bell(site.get("/", "desk1")) == "未读通知：1 条", "what came after the page was made stays unread"
    assert bell(site.get("/", "manager1")) == "未读通知：4 条"


@pytest.mark.parametrize("fields", [{}, {"only": "1", "until": "2"}, {"only": "x"}, {"until": "-1"}])
def test_a_form_that_no_page_offers_marks_nothing(
    site: Site, office: Office, visit_fields: dict[str, Any], fields: dict[str, str]
) -> None:
    opened(site, visit_fields)
    office.outbox.turn()
    token = form_with(site.get("/notices", "desk1"), "until")["csrf_token"]
    assert site.send("/notices/read", {"csrf_token": token, **fields}, "desk1").status_code == 422
    assert bell(site.get("/", "desk1")) == "未读通知：1 条"


def test_whose_mandate_ends_hears_the_bell_no_more(site: Site, office: Office, visit_fields: dict[str, Any]) -> None:
    (number,) = opened(site, visit_fields)
    office.outbox.turn()
    site.house.change_mandate("desk1", revoked_at=site.house.at)
    assert site.raw("/notices", "desk1").status_code == 404
    assert number in site.get("/notices", "manager1").text


def test_notices_and_wishes_cost_a_dozen_statements_at_most(
    site: Site, office: Office, visit_fields: dict[str, Any]
) -> None:
    opened(site, visit_fields, 40)
    office.outbox.turn()
    office.address("manager1")
    for path in ("/notices", "/notices?new=1", "/notices/preferences", "/"):
        assert counted(site, path, "manager1") <= MOST, path
    assert "rel" in str(site.get("/notices", "manager1").elements)


def test_what_one_wants_is_kept_and_shown(site: Site, office: Office) -> None:
    path = "/notices/preferences"
    page = site.get(path, "staff1")
    sent = {**page.form(path)["fields"], "urgent": ["email", "wecom"], "ordinary": ["email"],
            "quiet_from": "22:00", "quiet_to": "07:30", "digest_at": "18:00"}  # fmt: skip
    assert site.send(path, sent, "staff1").status_code == 303
    with reading(site.house.engine) as session:
        kept = session.get_one(Preference, site.house.ids["staff1"])
        assert (kept.urgent, kept.ordinary) == (["email", "wecom"], ["email"])
        assert (kept.quiet_from, kept.quiet_to, kept.digest_at) == ("22:00", "07:30", "18:00")
    shown = site.get(path, "staff1")
    assert shown.form(path)["fields"]["quiet_from"] == "22:00"
    boxes = [(g.get("name"), g.get("value"), "checked" in g) for _, g in shown.elements if g.get("type") == "checkbox"]
    off = {(name, value) for name, value, checked in boxes if not checked}
    assert off == {("ordinary", "wecom"), ("ordinary", "webhook"), ("urgent", "webhook")}


@pytest.mark.parametrize(
    "wrong", [{"quiet_from": "22:00"}, {"quiet_to": "07:00"}, {"digest_at": "25:00"}, {"quiet_from": "x", "quiet_to": "y"}]
)  # fmt: skip
def test_a_wish_that_makes_no_sense_is_told_and_not_kept(site: Site, office: Office, wrong: dict[str, str]) -> None:
    path = "/notices/preferences"
    answer = site.send(path, {**site.get(path, "staff1").form(path)["fields"], **wrong}, "staff1")
    assert answer.status_code == 303
    assert "免打扰时段须同时填写" in site.get(path, "staff1").text
    with reading(site.house.engine) as session:
        assert session.get(Preference, site.house.ids["staff1"]) is None


def test_a_channel_that_is_not_offered_cannot_be_wished_for(site: Site, office: Office) -> None:
    path = "/notices/preferences"
    fields = {**site.get(path, "staff1").form(path)["fields"], "urgent": ["sms"]}
    assert site.send(path, fields, "staff1").status_code == 422


def reach(site: Site, address: str, by: str = "staff1", code: str = "") -> str:
    """Sends the form for an address; what the page says then."""
    form = site.get("/notices/preferences", by).form("/notices/addresses")
    fields = {**form["fields"], "address": address, "code": code or site.house.code(by)}
    assert site.send("/notices/addresses", fields, by).status_code == 303
    return site.get("/notices/preferences", by).text


def addresses(site: Site, by: str = "staff1") -> dict[str, str]:
    with reading(site.house.engine) as session:
        return people.addresses(session, site.house.keyring, site.house.ids[by])


def test_an_address_takes_a_fresh_code_and_is_kept_sealed(site: Site, office: Office) -> None:
    assert "动态口令" in reach(site, "staff1@example.org", code="000000") or addresses(site) == {}
    assert addresses(site) == {}
    said = reach(site, "staff1@example.org")
    assert "已设置接收地址：电子邮件" in said
    assert "s…@example.org" in said
    assert "staff1@example.org" not in said
    reach(site, "wecombot://12345678-1234-1234-1234-123456789012")
    assert set(addresses(site)) == {"email", "wecom"}
    assert addresses(site, "staff2") == {}
    with reading(site.house.engine) as session:
        sealed = session.scalars(select(Address.sealed)).all()
    assert len(sealed) == 2
    assert not any("example.org" in one or "wecombot" in one for one in sealed)
    with reading(site.house.engine) as session:
        kinds = session.scalars(select(SecurityEvent.kind).where(SecurityEvent.kind.like("address%"))).all()
        details = str(session.scalars(select(SecurityEvent.detail)).all())
    assert kinds == ["address_set", "address_set"]
    assert "example.org" not in details


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("file:///etc/passwd", "未开通此类服务"),
        ("json://127.0.0.1/x", "只能发往管理员列出的主机"),
        ("dingtalk://abc", "未开通此类服务"),
        ("wecombot://", "这不是有效的服务地址"),
        ("not an address", "这不是有效的电子邮箱"),
        ("a@example.org,b@example.org", "这不是有效的电子邮箱"),
    ],
)
def test_an_address_that_is_not_taken_is_told(site: Site, office: Office, address: str, says: str) -> None:
    assert says in reach(site, address)
    assert addresses(site) == {}


def test_an_address_is_removed_by_its_owner(site: Site, office: Office) -> None:
    office.address("staff1")
    office.address("staff2")
    form = site.get("/notices/preferences", "staff1").form("/notices/addresses/email/remove")
    site.send("/notices/addresses/email/remove", form["fields"], "staff1")
    assert addresses(site) == {}
    assert set(addresses(site, "staff2")) == {"email"}


def test_where_nothing_is_sent_the_page_says_so(site: Site) -> None:
    page = site.get("/notices/preferences", "staff1")
    assert "尚未开通外发通知" in page.text
    assert "/notices/addresses" not in [form["action"] for form in page.forms]


# --- the system administrator ----------------------------------------------------------------------------------------


def test_what_was_given_up_is_shown_without_any_ticket_and_sent_again(
    site: Site, office: Office, visit_fields: dict[str, Any]
) -> None:
    for name in ("desk1", "manager1"):
        office.address(name)
    (number,) = opened(site, visit_fields)
    office.mail.faults = [Refused("550 no such user desk1@example.org"), Refused("550 full")]
    office.outbox.turn()
    page = site.get("/system", "admin_system")
    assert "已放弃发送：2 件" in page.text
    assert "550 no such user" in page.text
    assert number not in page.text
    assert "desk1@example.org" not in page.text
    assert site.send("/system/deliveries/again", form_with(page, "delivery"), "admin_system").status_code == 303
    assert "已放弃发送：1 件" in site.get("/system", "admin_system").text
    site.send("/system/deliveries/again", form_with(page, "all"), "admin_system")
    office.outbox.turn()
    assert len(office.mail.letters) == 2
    assert "没有放弃发送的通知" in site.get("/system", "admin_system").text


@pytest.mark.parametrize("by", ["staff1", "manager1", "admin_security", "admin_audit"])
def test_nobody_else_sends_again(site: Site, office: Office, by: str) -> None:
    token = site.get("/account", by).form("/account/language")["fields"]["csrf_token"]
    answer = site.send("/system/deliveries/again", {"csrf_token": token, "all": "1"}, by)
    assert answer.status_code == 404


def test_administrators_have_no_bell_and_no_wishes(site: Site, office: Office) -> None:
    assert site.raw("/notices/preferences", "admin_system").status_code == 404
    page = site.get("/system", "admin_system")
    assert not [given for tag, given in page.elements if "bell" in str(given.get("class")).split()]


def test_a_draft_that_was_taken_back_rings_no_bell(site: Site, office: Office, visit_fields: dict[str, Any]) -> None:
    """Who may not see a ticket hears nothing of it, even if the delivery was made when they might."""
    (number,) = opened(site, visit_fields)
    office.outbox.turn()
    site.house.at += timedelta(seconds=1)
    with transaction(site.house.engine) as session:
        from tickets.models import Ticket

        session.scalars(select(Ticket).where(Ticket.number == number)).one().opener_only = True
    assert bell(site.get("/", "desk1")) == "通知均已读"
    assert number not in site.get("/notices", "desk1").text
