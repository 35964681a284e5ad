"""Finds a Chromium for the tests, or gets one: `python tests/browser/chromium.py --install` prints its path.

Standard library only, because `make test` runs it as a script. Looked for in this order: the variable CHROMIUM, the
usual names on PATH, what Playwright has downloaded; then installed, as root from Debian, else through Playwright.
Where none can be had it fails and says why: browser tests that silently do not run prove nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The shell first: the same pages by the same engine without a window around them, at three quarters of the time."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
"""No word leaves this machine, and a test may run as root in a container with little shared memory."""


class NoChromium(Exception):
    """No browser was found, or none could be installed; the message lists what was tried."""


def find() -> Path | None:
    """The browser on this machine, or None. Raises NoChromium where CHROMIUM names something that is not there."""
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise NoChromium(f"CHROMIUM is set to {named}, which is not an executable file.")
        return Path(found)
    on_path = next((found for name in NAMES if (found := shutil.which(name))), None)
    return Path(on_path) if on_path else _downloaded()


def _downloaded() -> Path | None:
    """The browser that Playwright brought earlier; it is asked itself, for the folder differs between systems."""
    asking = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    said = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=False)
    path = Path(said.stdout.strip() or ".")
    return path if said.returncode == 0 and path.is_file() else None


def find_or_install() -> Path:
    """The browser on this machine, installed if need be. Raises NoChromium with everything that was tried."""
    tried = [f"on PATH: none of {', '.join(NAMES)}; the variable CHROMIUM is not set"]
    found = find()
    for name, commands in _ways():
        if found is not None:
            return found
        tried.append(f"{name}: {_run_all(commands)}")
        found = find()
    if found is None:
        raise NoChromium("no Chromium for the browser tests.\n  " + "\n  ".join(tried))
    return found


def _ways() -> list[tuple[str, list[list[str]]]]:
    ways = [("through Playwright", [[sys.executable, "-m", "playwright", "install", "chromium"]])]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        install = ["apt-get", "install", "-y", "--no-install-recommends"]
        from_debian = [(f"{name} from Debian", [["apt-get", "update"], [*install, name]]) for name in NAMES[:2]]
        return [*from_debian, *ways]
    return ways


def _run_all(commands: list[list[str]]) -> str:
    """Runs one command after the other; what was said last is the reason if one fails."""
    for command in commands:
        sys.stderr.write(f"chromium: {' '.join(command)}\n")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        try:
            said = subprocess.run(
                command, capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL
            )
        except OSError as fault:
            return str(fault)
        if said.returncode != 0:
            lines = (said.stderr or said.stdout).strip().splitlines()
            return lines[-1] if lines else f"exit status {said.returncode}"
    return "installed, yet not found"


def main() -> int:
    """Prints the browser's path for the Makefile, or the reason why there is none."""
    try:
        found = find_or_install() if "--install" in sys.argv[1:] else find()
    except NoChromium as fault:
        sys.stderr.write(f"chromium: {fault}\n")
        return 1
    if found is None:
        sys.stderr.write("chromium: none found; `--install` gets one\n")
        return 1
    sys.stdout.write(f"{found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
