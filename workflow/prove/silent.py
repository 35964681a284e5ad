"""A workflow as it is explored: the same states, acts, guards and limits, by the same objects, without what only speaks.

Letters, notices and warnings ahead of a limit are told to people and looked at by no guard; without them a judgement is
asked no question that does not matter. Guards and computations are wrapped to note what each of them looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from workflow.attempt import Attempt
from workflow.declare import Action, Guard, Missing, Proof, Workflow
from workflow.prove.heard import COMPUTED, Asked, Questions


@dataclass
class Hearing:
    """What the attempt that is being judged came to, guard by guard: whose mandates each one that refused had looked for."""

    missing: list[set[int]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


def quiet(workflow: Workflow) -> Workflow:
    """The workflow without what only speaks: what claims are about, whether they are held against the explored or against the
    declared one."""
    made = copy(workflow)
    made.notices, made.escalations = (), ()
    made.deadlines = {name: one for name, one in workflow.deadlines.items() if not one.reminds}
    called = {one.missed for one in made.deadlines.values()}
    made.actions = {
        name: replace(action, letters=None)
        for name, action in workflow.actions.items()
        if not action.by_clock or name in called
    }
    return made


def silent(
    workflow: Workflow, questions: Questions, hearing: Hearing | None, without: Collection[str] = ()
) -> Workflow:
    """The workflow for exploring. `without`: guards by name that are taken away, everywhere. Without `hearing` no guard is
    listened to: where nobody's mandate lapses nobody asks whose they looked for."""
    made = quiet(workflow)
    made.actions = {name: _action(action, questions, hearing, without) for name, action in made.actions.items()}
    return made


def guard_names(workflow: Workflow) -> tuple[str, ...]:
    """Every guard that an act of this workflow asks for, each once."""
    return tuple(dict.fromkeys(one.name for action in workflow.actions.values() for one in action.guards))


def _action(action: Action, questions: Questions, hearing: Hearing | None, without: Collection[str]) -> Action:
    kept = (one for one in action.guards if one.name not in without)
    guards = tuple(kept if hearing is None else (_guard(one, hearing) for one in kept))
    computes = None if action.computes is None else _computed(action, action.computes, questions)
    return replace(action, guards=guards, computes=computes)


def _guard(one: Guard, hearing: Hearing) -> Guard:
    check = one.check

    def heard(attempt: Attempt) -> Proof | Missing:
        assert isinstance(attempt, Asked)
        before = set(attempt.used)
        attempt.used.clear()
        answer = check(attempt)
        if not isinstance(answer, Proof):
            hearing.missing.append(set(attempt.used))
        hearing.used |= attempt.used
        attempt.used.update(before)
        return answer

    return replace(one, check=heard)


def _computed(
    action: Action, computes: Callable[[Attempt], Mapping[str, Any]], questions: Questions
) -> Callable[[Attempt], Mapping[str, Any]]:
    """What is computed counts as asked only where somebody reads it later: most of it is for readers."""

    def heard(attempt: Attempt) -> Mapping[str, Any]:
        now = questions.now
        before = now.copy()
        found = computes(attempt)
        of = "ticket" if action.amends or action.source is None else action.name
        kinds = (of, action.name, *([f"paper:{action.files.name}"] if action.files else []))
        if not questions.reads(kinds, found):
            questions.relied.add((COMPUTED, kinds, tuple(found)))
            now.questions, now.looked = before.questions, before.looked
        return found

    return heard
