"""Settings: plain names, the unit in the name, an embedded default for each. Only `wsgi.py` reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HOME = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """How this desk runs. Contract figures are no settings: they stand in the contract, with clause and date."""

    database_url: str = f"sqlite:///{HOME / 'instance' / 'counterpart.db'}"
    instance_dir: Path = HOME / "instance"
    contract_dirs: tuple[Path, ...] = (HOME / "workflow" / "contracts" / "beijing-2026",)
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
    upload_limit_bytes: int = 20 * 1024 * 1024
    worker_beat_seconds: float = 2.0
    trusted_hosts: tuple[str, ...] = field(default=("127.0.0.1", "localhost"))
