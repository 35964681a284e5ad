"""Settings: plain names, the unit in the name, an embedded default for each. Only `wsgi.py` reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HOME = Path(__file__).resolve().parent
SHIPPED_CONTRACT = HOME / "workflow" / "contracts" / "beijing-2026"
"""The contract that comes with the program: served where no other is named, and the one of which the proofs speak."""


@dataclass(frozen=True)
class Settings:
    """How this desk runs. Contract figures are no settings: they stand in the contract, with clause and date."""

    database_url: str = f"sqlite:///{HOME / 'instance' / 'counterpart.db'}"
    instance_dir: Path = HOME / "instance"
    contract_dirs: tuple[Path, ...] = (SHIPPED_CONTRACT,)
    bind_host: str = "127.0.0.1"
    bind_port: int = 8000
    demo: bool = False
    """One-click "sign in as". Refused unless bound to loopback over a database that `flask demo` made."""
    secure_cookies: bool = False
    """True behind TLS: cookies get `Secure` and the `__Host-` prefix."""
    languages: tuple[str, ...] = ("zh_Hans_CN", "en")
    display_zone: str = "Asia/Shanghai"
    session_idle_minutes: int = 30
    session_longest_hours: int = 12
    sign_in_attempts: int = 5
    sign_in_lock_minutes: int = 15
    factor_valid_minutes: int = 5
    """How long a fresh second factor serves for acts that bind; a dangerous act wants one under five minutes old."""
    attempts_a_minute: int = 120
    """How many changing requests of one account are looked at within a minute, at pages and API together; what comes
    beyond is answered 429 and leaves no trace. Counted in each process by itself. See `auth.pace`."""
    upload_limit_bytes: int = 20 * 1024 * 1024
    worker_beat_seconds: float = 2.0
    public_url: str = ""
    """Where readers of letters find this desk, for the links in them: https://desk.example. Empty: the address it listens
    on, which serves on this machine only."""
    smtp_host: str = ""
    """Empty: no e-mail is sent. Notices then stand in the pages, and go to messengers if there are any."""
    smtp_port: int = 587
    smtp_tls: str = "starttls"
    """starttls, implicit, or none; never none with a password."""
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_sender: str = ""
    messenger_schemas: tuple[str, ...] = ()
    """Services that notices may go to, by their Apprise schema: wecombot, dingtalk, feishu, lark, jsons (a webhook), and
    SMS gateways (see `tickets.outbox.messengers.SERVICES`). Empty: none."""
    webhook_hosts: tuple[str, ...] = ()
    """Hosts that a webhook may call, each as host or host:port. Nobody's address reaches any other."""
    outbox_timeout_seconds: float = 10.0
    outbox_lease_seconds: int = 120
    """How long a worker that sends a letter has it to itself; well above the time-out, since a try has several steps."""
    outbox_attempts: int = 12
    """After so many tries a letter is dead: it is shown to the system administrator, who can send it again."""
    outbox_first_retry_seconds: int = 60
    outbox_longest_retry_hours: int = 6
    metrics_token: str = field(default="", repr=False)
    """What a monitor sends as its bearer token to read /metrics. Empty: only this machine reads it, if nobody else can
    reach the desk."""
    trusted_hosts: tuple[str, ...] = field(default=("127.0.0.1", "localhost"))
