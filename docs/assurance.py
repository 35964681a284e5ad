"""Writes docs/assurance.md: what the suites measured when they last ran whole, from the figures that they handed in.

`python -m docs.assurance` (`make assurance`) writes the page; a test fails when it is not what this would write. A suite
hands its figures in by `hand_in`, or by `python -m docs.assurance take SUITE` with the same as JSON on standard input.
Nobody types a figure: each stands in `docs/assurance/SUITE.json` with the instant, the commit and the machine.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE, FOLDER = HERE / "assurance.md", HERE / "assurance"
Figure = int | float | str
INTRODUCTION = """\
# What was measured

Written by `make assurance` from the files in `docs/assurance/`, which the suites write: no figure here was typed. Each
suite is run whole by the command beside it; `make test` carries a short form of it. A suite that finds nothing proves
nothing until it has found what was put there to be found, so each is run over planted faults as well.
"""


@dataclass(frozen=True)
class Planted:
    """A fault that was put in to be found. `by`: the first thing that was found of it, empty where nothing was."""

    fault: str
    found: bool
    by: str = ""


@dataclass(frozen=True)
class Figures:
    """What one suite measured. `suite` names its file; `says` is a sentence on what was done and what must hold;
    `command` what a reader types to repeat it; `figures` in the order in which they are told; `missing` what could not be
    measured where it ran, and why."""

    suite: str
    title: str
    says: str
    command: str
    holds: bool
    figures: Mapping[str, Figure]
    seed: int | None = None
    took_seconds: int | None = None
    planted: Sequence[Planted] = ()
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class Handed(Figures):
    """The same, with when it was, of which commit (`altered`: with changes that were not committed) and where."""

    date: str = ""
    commit: str = ""
    altered: bool = False
    machine: str = ""


def hand_in(measured: Figures, folder: Path = FOLDER) -> Path:
    """Writes the suite's file, in place of what it handed in before."""
    changed = [line for line in _git("status", "--porcelain").splitlines() if "docs/assurance" not in line]
    handed = Handed(
        **{**vars(measured), "planted": tuple(measured.planted)},
        date=datetime.now(UTC).isoformat(timespec="minutes"),
        commit=_git("rev-parse", "HEAD"),
        altered=bool(changed),
        machine=f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{measured.suite}.json"
    path.write_text(json.dumps(asdict(handed), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=HERE, check=True, capture_output=True, text=True).stdout.strip()


def handed_in(folder: Path = FOLDER) -> list[Handed]:
    """All that was handed in, by title."""
    return sorted(
        (_read(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")), key=lambda one: one.title
    )


def _read(text: str) -> Handed:
    told = json.loads(text)
    return Handed(**{**told, "planted": tuple(Planted(**one) for one in told.get("planted", ()))})


def page(suites: Sequence[Handed]) -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_overview(suites), *(line for one in suites for line in _suite(one))]) + "\n"


def _overview(suites: Sequence[Handed]) -> Iterator[str]:
    yield "| suite | holds | planted faults found | date (UTC) | commit | seed |\n|---|---|---|---|---|---|"
    for one in suites:
        found = f"{sum(fault.found for fault in one.planted)} of {len(one.planted)}" if one.planted else "–"
        holds, seed = "yes" if one.holds else "**no**", "–" if one.seed is None else one.seed
        yield f"| {one.title} | {holds} | {found} | {one.date[:10]} | {_commit(one)} | {seed} |"


def _suite(one: Handed) -> Iterator[str]:
    yield f"\n## {one.title}\n\n{one.says}\n"
    took = f" It took {one.took_seconds:,} seconds." if one.took_seconds is not None else ""
    yield f"`{one.command}`, {one.date.replace('T', ' ').replace('+00:00', ' UTC')}, {_commit(one)}, on {one.machine}.{took}\n"
    yield "| | |\n|---|---|"
    yield from (f"| {_cell(name)} | {_told(figure)} |" for name, figure in one.figures.items())
    if one.planted:
        yield "\n| planted fault | found by |\n|---|---|"
        yield from (
            f"| {_cell(fault.fault)} | {_cell(fault.by) if fault.found else '**not found**'} |" for fault in one.planted
        )
    yield from (f"\nNot measured: {what}" for what in one.missing)


def _commit(one: Handed) -> str:
    return f"{one.commit[:12]}{', altered' if one.altered else ''}"


def _told(figure: Figure) -> str:
    return _cell(figure) if isinstance(figure, str) else f"{figure:,}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(words: Sequence[str], folder: Path = FOLDER, to: Path = PAGE) -> None:
    """Without a word: writes the page. `take SUITE`: takes figures in first."""
    if words:
        _, suite = words
        told = json.load(sys.stdin)
        planted = [Planted(**one) for one in told.pop("planted", ())]
        hand_in(Figures(**{**told, "suite": suite, "planted": planted}), folder)
    to.write_text(page(handed_in(folder)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
