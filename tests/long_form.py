"""What suites that run for hours have in common: how they are asked on the command line, and what they say at the end."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence

from docs.assurance import Planted


def asking(suite: str, doc: str | None, kinds: Collection[str], minutes: str) -> argparse.ArgumentParser:
    """Asks for what each of them wants to know. `suite`: its module; `doc`: what is said there; `minutes`: what they limit."""
    asked = argparse.ArgumentParser(prog=f"python -m {suite}", description=(doc or "").splitlines()[0])
    asked.add_argument("--kind", choices=sorted(kinds), action="append", help="one of the duties; all by default")
    asked.add_argument("--seed", type=int, default=20260512)
    asked.add_argument("--minutes", type=float, default=600, help=minutes)
    asked.add_argument("--figures", action="store_true", help="hand the figures in for docs/assurance.md")
    return asked


def verdict(say: Callable[[str], object], faults: Sequence[str], planted: Sequence[Planted]) -> bool:
    """Says what is wrong, and by what each planted fault was found; whether nothing is, and each was."""
    for line in (*faults[:50], *(f"planted {one.fault}: {one.by or 'NOT FOUND'}" for one in planted)):
        say(f"    {line}")
    say(f"{len(faults)} faults")
    return not faults and all(one.found for one in planted)
