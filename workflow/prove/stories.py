"""What would happen without each guard, as data: found once by a command, kept beside the proof, read by pages and tests.

A `Story` is the shortest way to a claim that breaks once the guard is taken away, with the refusal that the real declaration
gives on that very way. A guard without such a way says why: another one holds as well, no claim speaks of what it forbids, or
nobody comes to where it would have to refuse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from workflow.canonical import plain
from workflow.contract import Contract
from workflow.declare import Words
from workflow.prove.certificate import ROOM, said
from workflow.prove.explored import Move
from workflow.wording import from_data, to_data

STATE = "state"
"""What a refusal calls the state where it is the state that refuses (`workflow.decide`)."""


@dataclass(frozen=True)
class Beat:
    """One step: the move, when it is done, by whom for whom, what it says, and where the ticket stands before and after it
    (None: it does not exist yet)."""

    move: Move
    at: datetime
    says: Words
    before: str | None
    after: str | None
    party: str = ""
    role: str = ""


@dataclass(frozen=True)
class Refusal:
    """Where the real declaration stops the story: at which step (counted from 0), under which clause, in which words."""

    step: int
    clause: str
    says: Words


@dataclass(frozen=True)
class Story:
    """What is known of one guard. `claim`: the name of the one that breaks without it, None where none does. `beats`: the way
    there, the last step included; empty where nothing would be done without the guard. `beside`: guards of which one refuses
    whenever this one does; where a story is told all the same, those that are taken away with it, `state` for the state.
    `undone`: it does refuse alone, but what has to follow from the act cannot come about without it."""

    guard: str
    claim: str | None = None
    scope: str = ""
    beats: tuple[Beat, ...] = ()
    refusal: Refusal | None = None
    beside: tuple[str, ...] = ()
    undone: bool = False


@dataclass(frozen=True)
class Playbill:
    """Every story of one duty, by guard in the order of the declaration; `declared` is the digest of what is said
    of the duty: of another program that explores they are as true, and a test plays each again."""

    declared: str
    stories: Mapping[str, Story]

    def is_of(self, kind: str, contract: Contract) -> bool:
        """Whether the stories tell of this duty as it is declared now."""
        return self.declared == said(kind, contract)


def file_of(kind: str) -> Path:
    """Where the stories of a duty lie."""
    return ROOM / kind / "stories.json"


@cache
def read(kind: str) -> Playbill | None:
    """The stories of a duty as they were last found; None where nobody looked for any."""
    file = file_of(kind)
    if not file.exists():
        return None
    data = json.loads(file.read_text(encoding="utf-8"))
    return Playbill(data["declared"], {name: _story(name, one) for name, one in data["guards"].items()})


def keep(kind: str, bill: Playbill) -> None:
    """Puts the stories of a duty where readers look for them."""
    file_of(kind).write_text(written(bill), encoding="utf-8")
    read.cache_clear()


def written(bill: Playbill) -> str:
    """The stories as the text of their file: the same stories give the same text."""
    guards = {name: _data(one) for name, one in bill.stories.items()}
    return json.dumps({"declared": bill.declared, "guards": guards}, indent=1, ensure_ascii=False) + "\n"


def _data(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = {"claim": story.claim, "beside": list(story.beside)}
    if story.undone:
        found["undone"] = True
    if story.refusal is not None:
        found["scope"] = story.scope
        found["refusal"] = {**asdict(story.refusal), "says": to_data(story.refusal.says)}
        found["steps"] = [
            {
                "move": {name: value for name, value in asdict(beat.move).items() if value != ""},
                "at": plain(beat.at),
                "says": to_data(beat.says),
                "before": beat.before,
                "after": beat.after,
                "party": beat.party,
                "role": beat.role,
            }
            for beat in story.beats
        ]
    return found


def _story(guard: str, data: Mapping[str, Any]) -> Story:
    beside = tuple(data["beside"])
    if "steps" not in data:
        return Story(guard, data["claim"], beside=beside, undone=data.get("undone", False))
    refusal = Refusal(**{**data["refusal"], "says": from_data(data["refusal"]["says"])})
    beats = tuple(
        Beat(
            **{
                **one,
                "move": Move(**one["move"]),
                "at": datetime.fromisoformat(one["at"]),
                "says": from_data(one["says"]),
            }
        )
        for one in data["steps"]
    )
    return Story(guard, data["claim"], data["scope"], beats, refusal, beside)
