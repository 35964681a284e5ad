"""The rest through Apprise: group robots of WeCom, DingTalk and Feishu, SMS gateways, and a webhook of one's own.

Apprise knows far more services than are of use here, local programs and files among them. Only those of the table
below can be named, only those that the settings list are used, and a webhook goes only to hosts that the settings list:
an address that a person types must not become a way into the network that the desk stands in.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from config import Settings
from tickets.outbox.carriers import Letter, NotNow, Refused
from workflow.declare import Words

WECOM, DINGTALK, FEISHU, SMS, WEBHOOK = "wecom", "dingtalk", "feishu", "sms", "webhook"
SERVICES: Mapping[str, tuple[str, str, str]] = {
    "wecombot": (WECOM, "wecombot", "NotifyWeComBot"),
    "dingtalk": (DINGTALK, "dingtalk", "NotifyDingTalk"),
    "feishu": (FEISHU, "feishu", "NotifyFeishu"),
    "lark": (FEISHU, "lark", "NotifyLark"),
    "bulksms": (SMS, "bulksms", "NotifyBulkSMS"),
    "clicksend": (SMS, "clicksend", "NotifyClickSend"),
    "d7sms": (SMS, "d7networks", "NotifyD7Networks"),
    "msgbird": (SMS, "messagebird", "NotifyMessageBird"),
    "sinch": (SMS, "sinch", "NotifySinch"),
    "twilio": (SMS, "twilio", "NotifyTwilio"),
    "vonage": (SMS, "vonage", "NotifyVonage"),
    "jsons": (WEBHOOK, "custom_json", "NotifyJSON"),
    "json": (WEBHOOK, "custom_json", "NotifyJSON"),
}
"""By schema: the channel, and Apprise's module and class. All but the webhook call a fixed host."""
AS_COPIED = {
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=": "wecombot://",
    "https://oapi.dingtalk.com/robot/send?access_token=": "dingtalk://",
    "https://open.feishu.cn/open-apis/bot/v2/hook/": "feishu://",
    "https://open.larksuite.com/open-apis/bot/v2/hook/": "lark://",
}
"""What these services give people to copy, and how Apprise writes it."""
LONGEST = 400
_HEADERS = ("authorization",)
"""The headers of a webhook that an address may set; Host and Content-Length are not among them."""


class Unfit(ValueError):
    """An address that is not taken; `says` tells why."""

    def __init__(self, says: Words) -> None:
        super().__init__(str(says))
        self.says = says


def channels(settings: Settings) -> tuple[str, ...]:
    """The channels that the settings open, in the order of the table."""
    return tuple(dict.fromkeys(SERVICES[one][0] for one in SERVICES if one in settings.messenger_schemas))


def checked(text: str, settings: Settings) -> tuple[str, str]:
    """The channel of an address as a person typed or copied it, and the address as it is kept. Raises Unfit."""
    address = text.strip()
    for copied, schema in AS_COPIED.items():
        if address.startswith(copied):
            address = schema + address.removeprefix(copied)
    schema = _schema(address)
    is_plain = address.isascii() and address.isprintable() and not {" ", "\\"} & set(address)
    if len(address) > LONGEST or not is_plain:
        raise Unfit(Words("This is no address of a service."))
    if schema not in SERVICES or schema not in settings.messenger_schemas:
        raise Unfit(Words("This desk does not send to such a service."))
    _plugin(address, settings)
    return SERVICES[schema][0], address


def _schema(address: str) -> str:
    return address.partition("://")[0].lower() if "://" in address else ""


def _plugin(address: str, settings: Settings) -> Any:
    """Apprise's object for the address. Its module is loaded alone: to load all would take seconds, and try local ones."""
    schema = _schema(address)
    channel, module, name = SERVICES[schema]
    kind = getattr(importlib.import_module(f"apprise.plugins.{module}"), name)
    from apprise import AppriseAsset
    from apprise.exception import AppriseException

    try:
        given = kind.parse_url(address)
        plugin = kind(**given, asset=AppriseAsset(app_id="Counterpart", async_mode=False)) if given else None
    except (AppriseException, TypeError, ValueError):
        plugin = None
    if plugin is None:
        raise Unfit(Words("This is no address of a service."))
    if channel == WEBHOOK and not _is_listed(plugin, settings):
        raise Unfit(Words("This desk sends webhooks only to hosts that its administrator has listed."))
    # What an address can ask of Apprise is not asked of us: no unchecked certificates, no way round by a redirect.
    plugin.verify_certificate, plugin.redirects = True, False
    plugin.socket_connect_timeout = plugin.socket_read_timeout = settings.outbox_timeout_seconds
    plugin.request_rate_per_sec = 0
    if channel == WEBHOOK:
        kept = {k: v for k, v in plugin.headers.items() if k.lower() in _HEADERS and str(v).isprintable()}
        plugin.headers, plugin.method = kept, "POST"
    return plugin


def _is_listed(plugin: Any, settings: Settings) -> bool:
    """Whether the host, with its port if it names one, stands in the settings. Asked of what Apprise has read and will
    call: a second reading of the address could be led to see another host."""
    host = f"{plugin.host}:{plugin.port}" if plugin.port else plugin.host
    return host in settings.webhook_hosts and (not plugin.fullpath or plugin.fullpath.startswith("/"))


class Messenger:
    """Carries letters to the service that their address names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def carry(self, letter: Letter) -> None:
        """See `Carrier`. Apprise tells only whether all went well, so every failure counts as one that may pass."""
        try:
            _, address = checked(letter.address, self._settings)
            plugin = _plugin(address, self._settings)
        except Unfit as unfit:
            raise Refused(unfit.says.text) from None
        if hasattr(plugin, "headers") and isinstance(plugin.headers, dict):
            plugin.headers = {**plugin.headers, "Idempotency-Key": letter.reference}
        if not plugin.notify(body=letter.body, title=letter.subject):
            raise NotNow("the service did not take it")
