"""Lists that forms choose from, as they stand at the moment of the attempt."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflow.attempt import Attempt
from workflow.declare import ATTACHMENT, ROLES, Label, Workflow
from workflow.terms import Text


@dataclass(frozen=True)
class Choice:
    """One entry: the value that is recorded, and its name (in both languages, or a label, or plain)."""

    value: str | int
    name: str | Label | Text = field(hash=False)


def choices(source: str, attempt: Attempt, workflow: Workflow) -> tuple[Choice, ...]:
    """The entries of `source`. An unknown source gives none, so nothing can be chosen from it."""
    name, _, argument = source.partition(":")
    if name == "people":
        roles = [ROLES[role] for role in argument.split(",") if role in ROLES]
        return tuple({m.person: Choice(m.person, m.name) for m in attempt.holders(*roles)}.values())
    if name == "operations":
        return tuple(Choice(o.key, o.name) for o in attempt.edition.contract.operations.values())
    if name == "systems":
        return tuple(Choice(s.key, s.name) for s in attempt.edition.systems_at(attempt.at).systems)
    if name == "lines":
        return tuple(
            Choice(line.number, Text(f"{line.number} {line.name.zh}", f"{line.number} {line.name.en}"))
            for line in attempt.edition.contract.lines
        )
    if name in ("tickets", "open", "current", "ended"):
        return tuple(
            Choice(one.number, one.number)
            for one in attempt.facts.more.get(name, ())
            if one.kind == argument and one.final == (name == "ended")
        )
    if name == "links":
        return tuple(Choice(one.number, one.number) for one in attempt.facts.links if one.kind == argument)
    if name == "recorded":
        action, key, title = argument.split(":")
        rows = {event.fields[key]: event.fields[title] for event in attempt.past(action)}
        return tuple(Choice(value, f"{value} · {said}") for value, said in sorted(rows.items()))
    if name == "limits":
        ran = dict.fromkeys(timer.deadline for timer in attempt.facts.timers)
        declared = (workflow.deadlines[limit] for limit in ran if limit in workflow.deadlines)
        return tuple(Choice(limit.name, limit.label) for limit in declared if limit.binds)
    if name == "uploads":
        kinds = (kind for kind in workflow.papers.values() if kind.uploaded)
        return tuple(Choice(k.name, k.label) for k in kinds if k is ATTACHMENT or set(k.by) & set(attempt.actor.roles))
    return ()
