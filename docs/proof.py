"""Hands in what `flask prove --certify` has certified: configurations, edges and claims of each duty, and how many of its
guards tell a story when they are taken away. `make prove` calls it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docs.assurance import Figure, Figures, Planted, hand_in

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflow"
CERTIFICATE = WORKFLOWS / "prove" / "certificate.json"


def measured(certified: Mapping[str, Any], stories: Mapping[str, Mapping[str, Any]]) -> Figures:
    """`certified` as the certificate holds it, `stories` by duty as they lie beside the proofs. A guard that is taken away is
    a planted fault; of those that tell nothing each duty's stories say why."""
    figures: dict[str, Figure] = {}
    planted: list[Planted] = []
    for kind, duty in sorted(certified.items()):
        figures[f"{kind}: configurations"] = sum(scope["configurations"] for scope in duty["scopes"].values())
        figures[f"{kind}: edges"] = sum(scope["edges"] for scope in duty["scopes"].values())
        figures[f"{kind}: claims"] = len(duty["claims"])
        guards = stories.get(kind, {}).get("guards", {})
        broken = {name: one["claim"] for name, one in guards.items() if one.get("claim")}
        figures[f"{kind}: guards"] = len(guards)
        beside = {name: " and ".join(guards[name].get("beside", ())) for name in broken}
        figures[f"{kind}: guards that never refuse alone in any scope"] = sum(map(bool, beside.values()))
        figures[f"{kind}: guards without which no claim breaks"] = len(guards) - len(broken)
        planted += [
            Planted(f"{kind} without {name}{beside[name] and f' and {beside[name]}'}", True, f"claim {claim}")
            for name, claim in broken.items()
        ]
    return Figures(
        suite="proof",
        title="Every configuration of every duty that has a proof",
        says="All that people, mandates, edits, lapses and the clock can come to within the scopes of each duty, on the "
        "declarations that run; every claim is held against every edge. Each guard is taken away once, and the shortest way "
        "to what then breaks is kept as a story.",
        command="make prove",
        holds=all(duty["holds"] for duty in certified.values()),
        figures=figures,
        planted=planted,
    )


def main() -> None:
    stories = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in WORKFLOWS.glob("*/stories.json")
    }
    hand_in(measured(json.loads(CERTIFICATE.read_text(encoding="utf-8")), stories))


if __name__ == "__main__":
    main()
