"""E-mail by SMTP: one letter, one connection, nothing in clear where it must not be."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from config import Settings
from tickets.outbox.carriers import Letter, NotNow, Refused, Unreachable

STARTTLS, IMPLICIT, NONE = "starttls", "implicit", "none"
LONGEST = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


class UnfitSettings(ValueError):
    """The settings of the mail contradict each other; the worker does not start with them."""


def is_address(text: str) -> bool:
    """Whether `text` is one plain address. No names, no quotes, no control characters: nothing that could begin a
    further header."""
    local = text.partition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return len(text) <= LONGEST and not dots and _ADDRESS.fullmatch(text) is not None


class Mail:
    """Carries letters to the SMTP server of the settings."""

    def __init__(self, settings: Settings) -> None:
        if not is_address(settings.smtp_sender):
            raise UnfitSettings("smtp_sender is no address")
        if settings.smtp_tls not in (STARTTLS, IMPLICIT, NONE):
            raise UnfitSettings(f"smtp_tls is one of {STARTTLS}, {IMPLICIT}, {NONE}")
        if settings.smtp_user and settings.smtp_tls == NONE:
            raise UnfitSettings("a password is not sent in clear: set smtp_tls")
        self._settings = settings

    def carry(self, letter: Letter) -> None:
        """See `Carrier`. Whether a server that falls silent has taken the letter nobody knows: it is sent again then,
        under the same Message-ID."""
        message = written(letter, self._settings.smtp_sender)
        server = self._open()
        try:
            server.send_message(message, self._settings.smtp_sender, [letter.address])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            raise _answer(code, said) from None
        except smtplib.SMTPSenderRefused as refused:
            # Who may send is a matter of the settings, so it is not this letter's fault.
            raise Unreachable(f"{refused.smtp_code} {_text(refused.smtp_error)}") from None
        except smtplib.SMTPResponseException as refused:
            raise _answer(refused.smtp_code, refused.smtp_error) from None
        except (OSError, smtplib.SMTPException) as broken:
            raise NotNow(broken) from None
        finally:
            # The letter is taken with the server's 250; how they part afterwards changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        timeout, context = settings.outbox_timeout_seconds, ssl.create_default_context()
        server: smtplib.SMTP | None = None
        try:
            if settings.smtp_tls == IMPLICIT:
                server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=timeout, context=context)
            else:
                server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=timeout)
            if settings.smtp_tls == STARTTLS:
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
        except (OSError, smtplib.SMTPException) as fault:
            if server is not None:
                server.close()
            raise Unreachable(fault) from None
        return server


def written(letter: Letter, sender: str) -> EmailMessage:
    """The letter with its headers. Raises Refused where an address or the subject would break out of its header."""
    if not is_address(letter.address) or not letter.subject.isprintable():
        raise Refused("a header would be broken")
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, letter.address, letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = message_id(letter.reference, sender)
    # So that no machine answers, and none that does starts a quarrel between two of them.
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "bulk"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.body, charset="utf-8", cte="base64")
    return message


def message_id(reference: str, sender: str) -> str:
    """The same at each try, so that whoever gets a letter twice sees it once."""
    return f"<{reference}@{sender.rpartition('@')[2]}>"


def _answer(code: int, said: bytes | str) -> NotNow | Refused:
    kind = Refused if 500 <= code < 600 else NotNow
    return kind(f"{code} {_text(said)}")


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
