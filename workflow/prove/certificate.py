"""The certificate: what was proved, of exactly which declarations, claims and figures. A change of them voids it.

The digest is over the lines of the program; comments that stand alone and blank lines change nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from workflow.canonical import digest
from workflow.contract import Contract
from workflow.prove.report import Report

ROOM = Path(__file__).resolve().parent.parent
FILE = Path(__file__).resolve().parent / "certificate.json"
SHARED = (
    "attempt", "calendar", "choices", "declare", "decide", "deductions", "delays", "effects", "follow", "forms", "guards",
    "reckon", "standing", "turn",
)  # fmt: skip
"""What every duty's judgements rest on, beside its own folder."""
SECOND_OPINION = "abstract.py"
"""What a duty's own folder says to another checker: nothing that is proved here rests on it."""
CHARTER = "charter.py"
"""In a duty's folder: what the contract gives, act by act. The claims that are made of it lie in a file of the same name."""
STANDING = "standing.py"
"""Beside it: what the contract gives with the standing acts, and the claims about them."""
ENGINE = ("claims", "explore", "explored", "general", "judge", "heard", "scope", "silent", "whole", "world", "__init__")


def declared(kind: str, contract: Contract) -> str:
    """The digest of everything that the proof of one duty rests on: its folder, what duties share, the claims and scopes, the
    program that explores, and the contract's own files."""
    return digest({"contract": contract.digest, "files": {**program(kind), **explorer()}})


def said(kind: str, contract: Contract) -> str:
    """The digest of what is declared and claimed of one duty, whatever explores it."""
    return digest({"contract": contract.digest, "files": program(kind)})


@cache
def program(kind: str) -> dict[str, str]:
    """The digest of each file that says what a duty is and what is claimed of it, by its path. Read once in a process, so
    that a file that is replaced under a running desk is not taken for what runs."""
    own = [path for path in _own(kind) if path.name != SECOND_OPINION]
    charter = [ROOM / "prove" / name for path in own if path.name == CHARTER for name in (CHARTER, STANDING)]
    return _said_in((*own, *charter, *(ROOM / f"{name}.py" for name in SHARED)))


@cache
def explorer() -> dict[str, str]:
    """The same of the program that explores."""
    return _said_in(ROOM / "prove" / f"{name}.py" for name in ENGINE)


def _said_in(files: Iterable[Path]) -> dict[str, str]:
    return {path.relative_to(ROOM).as_posix(): _said(path) for path in files}


def _own(kind: str) -> list[Path]:
    return sorted((ROOM / kind).glob("*.py")) if (ROOM / kind).is_dir() else [ROOM / f"{kind}.py"]


def _said(path: Path) -> str:
    """By lines and not by what a parser makes of them: each release of Python would make something else of the same text."""
    lines = (line.rstrip() for line in path.read_text(encoding="utf-8").splitlines())
    return digest([line for line in lines if line and not line.lstrip().startswith("#")])


def certificate(reports: Iterable[Report], contract: Contract) -> dict[str, Any]:
    """What was proved, by kind. Nothing in it says when or how fast: the same program gives the same certificate."""
    return {
        one.kind: {
            "declared": declared(one.kind, contract),
            "claims": [claim.name for claim in one.claims],
            "scopes": {
                scope.name: {"configurations": scope.configurations, "edges": scope.edges} for scope in one.scopes
            },
            "holds": one.holds,
        }
        for one in reports
    }


def write(proved: Mapping[str, Any], file: Path = FILE) -> None:
    """Writes the certificate; kinds that were not proved anew keep what stands of them."""
    kept = {**read(file), **proved}
    file.write_text(json.dumps(dict(sorted(kept.items())), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(file: Path = FILE) -> dict[str, Any]:
    """The certificate as it stands; empty where there is none."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def valid(kind: str, contract: Contract, file: Path = FILE) -> bool:
    """Whether the certificate speaks of this duty as it is declared now."""
    held = read(file).get(kind)
    return held is not None and held["holds"] is True and held["declared"] == declared(kind, contract)
