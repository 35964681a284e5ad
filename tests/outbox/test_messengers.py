"""Messengers and webhooks through Apprise: which addresses are taken, where nothing goes, and a real receiver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from config import Settings
from tests.outbox.office import Office
from tests.outbox.servers import Hook, receiver
from tickets.outbox.carriers import Letter, NotNow, Refused
from tickets.outbox.messengers import SERVICES, Messenger, Unfit, channels, checked
from tickets.outbox.models import FAILED, SENT

OPEN = Settings(messenger_schemas=tuple(SERVICES), webhook_hosts=("hooks.example", "127.0.0.1:8099"))
KEY = "12345678-1234-1234-1234-123456789012"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with receiver() as server:
        yield server


def letter(address: str) -> Letter:
    return Letter("0123.4567", address, "BJ26-F-2026-0001", "一行", datetime(2026, 5, 12, tzinfo=UTC))


def over(hook: Hook) -> Settings:
    return replace(OPEN, webhook_hosts=(f"127.0.0.1:{hook.port}",), outbox_timeout_seconds=5)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"wecombot://{KEY}", ("wecom", f"wecombot://{KEY}")),
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}", ("wecom", f"wecombot://{KEY}")),
        ("https://oapi.dingtalk.com/robot/send?access_token=abc123", ("dingtalk", "dingtalk://abc123")),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/abc-123", ("feishu", "feishu://abc-123")),
        ("jsons://hooks.example/notices", ("webhook", "jsons://hooks.example/notices")),
        ("json://127.0.0.1:8099/notices", ("webhook", "json://127.0.0.1:8099/notices")),
    ],
)
def test_an_address_is_taken_as_services_show_it(typed: str, kept: tuple[str, str]) -> None:
    assert checked(typed, OPEN) == kept


@pytest.mark.parametrize(
    "typed",
    ["file:///etc/passwd", "syslog://", "dbus://", "gnome://", "mailto://u:p@example.org", "macosx://", "windows://",
     "form://hooks.example", "https://example.org/hook", "http://127.0.0.1/", "nonsense", "", "wecombot://", "://", "json://",
     "wecombot://a b", "wecombot://\n", "wecombot://" + "a" * 400],
)  # fmt: skip
def test_what_is_not_in_the_table_is_not_taken(typed: str) -> None:
    with pytest.raises(Unfit):
        checked(typed, OPEN)


@pytest.mark.parametrize(
    "typed",
    ["json://127.0.0.1/x", "json://localhost:8099/x", "jsons://169.254.169.254/latest", "jsons://[::1]/x",
     "jsons://hooks.example.evil.example/x", "jsons://hooks.example:8443/x", "jsons://evil.example/?x=hooks.example",
     "jsons://hooks.example@evil.example/x", "jsons://user:hooks.example@evil.example", "jsons://evil.example#hooks.example",
     "jsons://evil.example\\@hooks.example/x", "jsons://hooks.example%2eevil.example/x", "json://127.0.0.1:80/x"],
)  # fmt: skip
def test_a_webhook_goes_only_to_hosts_that_are_listed(typed: str) -> None:
    with pytest.raises(Unfit):
        checked(typed, OPEN)
    with pytest.raises(Refused):
        Messenger(OPEN).carry(letter(typed))


def test_only_services_of_the_settings_are_open() -> None:
    assert channels(Settings()) == ()
    some = Settings(messenger_schemas=("wecombot", "jsons"))
    assert channels(some) == ("wecom", "webhook")
    with pytest.raises(Unfit):
        checked("dingtalk://abc123", some)
    with pytest.raises(Refused):
        Messenger(some).carry(letter("dingtalk://abc123"))


def test_a_webhook_is_called_once_with_its_key(hook: Hook) -> None:
    Messenger(over(hook)).carry(letter(f"json://127.0.0.1:{hook.port}/notices"))
    ((path, headers, body),) = hook.calls
    assert path == "/notices"
    assert headers["Idempotency-Key"] == "0123.4567"
    assert (body["title"], body["message"].strip()) == ("BJ26-F-2026-0001", "一行")


def test_an_address_cannot_ask_for_what_we_do_not_do(hook: Hook) -> None:
    address = (
        f"json://127.0.0.1:{hook.port}/x?method=delete&verify=no&redirect=yes&+Host=evil.example&+Authorization=kept"
    )
    Messenger(over(hook)).carry(letter(address))
    ((_, headers, _),) = hook.calls
    assert headers["Host"] == f"127.0.0.1:{hook.port}"
    assert headers["Authorization"] == "kept"


def test_a_redirect_is_not_followed(hook: Hook) -> None:
    hook.answers = [(307, {"Location": f"http://127.0.0.1:{hook.port}/elsewhere"})]
    with pytest.raises(NotNow):
        Messenger(over(hook)).carry(letter(f"json://127.0.0.1:{hook.port}/x"))
    assert [path for path, _, _ in hook.calls] == ["/x"]


def test_a_service_that_fails_is_called_again_with_the_same_key(
    office: Office, visit_fields: dict[str, Any], hook: Hook
) -> None:
    office.address("desk1", "webhook", f"json://127.0.0.1:{hook.port}/x")
    number = office.house.open("visit", "staff1", **visit_fields)
    outbox = office.real(messenger_schemas=("json",), webhook_hosts=(f"127.0.0.1:{hook.port}",))
    hook.answers = [(503, {})]
    outbox.turn()
    (one,) = office.deliveries("webhook")
    assert (one.status, one.fault) == (FAILED, "unsettled")
    office.house.at = one.due_at
    outbox.turn()
    (one,) = office.deliveries("webhook")
    assert one.status == SENT
    assert [headers["Idempotency-Key"] for _, headers, _ in hook.calls] == [one.reference] * 2
    assert all(number in body["title"] and "来访单位" not in str(body) for _, _, body in hook.calls)


@pytest.mark.parametrize("schema", sorted(SERVICES))
def test_every_service_of_the_table_is_one_that_apprise_has(schema: str) -> None:
    import importlib

    _, module, name = SERVICES[schema]
    kind = getattr(importlib.import_module(f"apprise.plugins.{module}"), name)
    known = [kind.secure_protocol, kind.protocol]
    assert any(schema == one or (isinstance(one, tuple) and schema in one) for one in known)
