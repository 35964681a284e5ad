"""Gets SPIN for the second opinion, where that can be had: `python tests/prove/spin.py --install`.

Standard library only, because `make test` runs it as a script. Nothing fails where SPIN cannot be had: the tests that ask
it are then skipped, and say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def main() -> int:
    """Says on standard error what is missing; installs it with `--install` as root on Debian."""
    if shutil.which("spin"):
        return 0
    if "--install" in sys.argv[1:] and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "spin"]):
            sys.stderr.write(f"spin: {' '.join(command)}\n")
            subprocess.run(command, capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL)
    if not shutil.which("spin"):
        sys.stderr.write("spin: not installed, so THERE IS NO SECOND OPINION on what is proved (Debian: spin)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
