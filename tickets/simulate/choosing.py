"""What somebody does next on a ticket: drawn by weight among what the desk offers them at that moment.

Weights follow from the declaration alone. What is owed and presses is likeliest, then what leads on, and the first way
declared more than a second one; what ends the ticket early, sends it back or rewrites it is rare, and rarer the more often
it was done. Whoever finds that something is missing does what the words name: brings the document, takes the step, fills in
the field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

from tickets.gather import actor_of
from tickets.intake import parse
from tickets.simulate.cast import Character
from tickets.simulate.filling import CannotFill, Filling, fill
from workflow.attempt import Attempt, Facts, MandateFact, TicketFact
from workflow.canonical import plain
from workflow.contract import Edition
from workflow.decide import Accepted, Refused, Shortfall, decide
from workflow.declare import ALWAYS, DESK, Action, Label, Workflow
from workflow.words import Words

When = Callable[[int], datetime]
"""When this account would act, by character and by how soon something runs out."""
TRIES = 6
"""How often a form is filled in anew, corrected by what the desk would say to it, before somebody gives up."""
LEADS_ON, PRESSES = 8.0, 12.0
SECOND_WAY, ADDS, ENDS, BACK, QUIET, STANDING = 1.0, 0.3, 0.02, 0.04, 0.1, 0.01


@dataclass(frozen=True)
class Sitting:
    """A ticket as it lies on the desk; `at` is when somebody would act on it."""

    workflow: Workflow
    ticket: TicketFact
    facts: Facts
    edition: Edition
    at: datetime

    def attempt(self, action: str, account: int) -> Attempt:
        """A preview, in the name of this person."""
        actor = actor_of(self.facts.mandates, account, self.workflow.actions[action])
        return Attempt(action, actor, self.at, self.ticket, self.facts, self.edition)


@dataclass(frozen=True)
class Choice:
    """What somebody is going to do at `at`. `proves`: the act asks for their second factor. `paper`: a file is brought."""

    account: int
    action: str
    fields: Mapping[str, Any]
    at: datetime
    proves: bool = False
    paper: str = ""


ROUND_IN_A_CIRCLE = 0.15
"""An act leads on where no fewer than this share of the states lie beyond it that lie beyond the best way."""


@cache
def onward(workflow: Workflow, state: str) -> tuple[str, ...]:
    """The acts that lead on from `state` in the order of the declaration; where none does, whatever moves the ticket.

    What leads to where one can only come back from goes round in a circle: it does not lead on.
    """
    place = {name: number for number, name in enumerate(workflow.states)}
    moving = [a for a in workflow.actions_from(state) if not a.by_clock and a.dest is not None and a.dest.name != state]
    further = {a.name: len(_beyond(workflow, a.dest.name, state)) for a in moving if a.dest is not None}
    ahead = [a for a in moving if a.dest and not a.dest.final and not a.amends and place[a.dest.name] > place[state]]
    most = max((further[a.name] for a in ahead), default=0)
    ahead = [a for a in ahead if further[a.name] >= most * ROUND_IN_A_CIRCLE]
    return tuple(a.name for a in ahead or moving)


def _beyond(workflow: Workflow, state: str, without: str) -> set[str]:
    """The states that are no end and can be reached from `state` (itself among them) without passing through another."""
    found, waiting = {without, state}, [state]
    while waiting:
        for action in workflow.actions_from(waiting.pop()):
            if action.dest and not action.dest.final and not action.amends and action.dest.name not in found:
                found.add(action.dest.name)
                waiting.append(action.dest.name)
    return found - {without}


def pressing(sitting: Sitting) -> frozenset[str]:
    """The acts that would meet a limit which somebody owes and of which more than half has run."""
    deadlines = sitting.workflow.deadlines
    owed = (
        deadlines[timer.deadline]
        for timer in sitting.facts.timers
        if timer.binds and timer.status == "running" and timer.deadline in deadlines
        if sitting.at - timer.started_at > (timer.due_at - timer.started_at) / 2
    )
    return frozenset(str(name) for deadline in owed for name in (*deadline.stops, *deadline.renews))


def weight(
    action: Action, sitting: Sitting, done: Mapping[str, int], character: Character, owed: Set[str] = frozenset()
) -> float:
    """How likely this person is to do this here; `done`: how often each act was accepted on this ticket; `owed`: see
    `pressing`."""
    state, times = str(sitting.ticket.state), done.get(action.name, 0)
    if action.name in owed and not action.amends:
        return PRESSES
    ahead = onward(sitting.workflow, state)
    if action.name in ahead and sitting.workflow.states[state].awaits != DESK:
        return (LEADS_ON if action.name == ahead[0] else SECOND_WAY) * 0.8 ** max(0, times - 3)
    contrary = character.contrary
    if action.source == ALWAYS and action.dest is None:
        return STANDING * contrary * 0.5**times
    if action.dest is None or action.dest.name == state:
        return (QUIET if action.quiet else ADDS) * (0.3**times if times < 12 else 0)
    return (ENDS if action.dest.final else BACK) * contrary * 0.35**times


def candidates(
    sitting: Sitting, dice: Random, characters: Mapping[int, Character], away: Sequence[int]
) -> Iterator[tuple[Action, MandateFact]]:
    """Who could do what here, in the order in which it comes to somebody's mind: drawn by weight, none twice."""
    state = str(sitting.ticket.state)
    done = Counter(event.action for event in sitting.facts.history if event.accepted)
    owed = pressing(sitting)
    drawn: list[tuple[float, int, Action, MandateFact]] = []
    for action in sitting.workflow.actions_from(state):
        if action.by_clock:
            continue
        able = [held for held in sitting.facts.mandates if held.role in action.by and held.account not in away]
        for held in able:
            likely = weight(action, sitting, done, characters.get(held.account, Character(0.1)), owed) / len(able)
            if likely > 0:
                drawn.append((dice.random() ** (1 / likely), len(drawn), action, held))
    for _, _, action, held in sorted(drawn, reverse=True):
        yield action, held


def only_factor(decision: Accepted | Refused) -> bool:
    """Whether nothing stands against it but the proof of who acts."""
    return isinstance(decision, Refused) and all(one.remedy == "factor" for one in decision.missing)


def tried(
    sitting: Sitting, action: Action, held: MandateFact, dice: Random, options: Sequence[str] = ()
) -> Choice | Refused:
    """What the person would do, filled in so that the desk would take it; or what stands in the way. `options`: what the
    desk has named as lacking elsewhere, chosen where a form has it."""
    preview = sitting.attempt(action.name, held.account)
    decision = decide(sitting.workflow, preview)
    if isinstance(decision, Refused) and not only_factor(decision):
        return decision
    proves = isinstance(decision, Refused)
    corrected: dict[str, Any] = {}
    refused = Refused(action.name, "missing", ())
    for _ in range(TRIES):
        try:
            raw = plain(fill(action, Filling(dice, sitting.workflow, preview, corrected, options)))
        except CannotFill:
            return refused
        fields, errors = parse(action, raw)
        if errors:
            return refused
        decision = decide(sitting.workflow, replace(preview, fields=_with_file(action, fields)))
        if isinstance(decision, Accepted) or only_factor(decision):
            paper = raw.get("paper", "") if action.takes_file else ""
            return Choice(held.account, action.name, raw, sitting.at, proves, paper)
        refused = decision
        _correct(corrected, action, refused.missing)
    return refused


def _with_file(action: Action, fields: Mapping[str, Any]) -> dict[str, Any]:
    told = {"name": "file.txt", "digest": "0" * 64, "media_type": "text/plain", "size": 1}
    return {**fields, **({"file": told} if action.takes_file else {})}


def _correct(corrected: dict[str, Any], action: Action, missing: Sequence[Shortfall]) -> None:
    """What the desk says about a field: the value that it names, else that the field is needed."""
    for one in missing:
        if action.form is None or one.remedy not in action.form.model_fields:
            continue
        values = one.says.values
        corrected[one.remedy] = values.get(one.remedy, values.get("day"))


def named(refusals: Sequence[Refused], context: str) -> list[str]:
    """The papers (or actions) that refusals name, in their order, each once."""
    found = [label.name for refused in refusals for one in refused.missing for label in _labels(one.says, context)]
    return list(dict.fromkeys(found))


def _labels(says: Words, context: str) -> Iterator[Label]:
    for value in says.values.values():
        if isinstance(value, Label) and value.context == context:
            yield value


def bring(sitting: Sitting, papers: Sequence[str], away: Sequence[int], dice: Random, when: When) -> Choice | None:
    """Somebody who may brings one of these documents."""
    standing = [a for a in sitting.workflow.actions_from(str(sitting.ticket.state)) if a.takes_file]
    for name in papers:
        kind = sitting.workflow.papers.get(name)
        if kind is None or not kind.uploaded or not standing:
            continue
        able = [held for held in sitting.facts.mandates if held.role in kind.by and held.account not in away]
        able = [held for held in able if held.role in standing[0].by]
        if able:
            by = dice.choice(able)
            fields = {"paper": name, "note": f"{name} 扫描件"}
            return Choice(by.account, standing[0].name, fields, when(by.account), paper=name)
    return None


@dataclass(frozen=True)
class Found:
    """What comes next: somebody's choice, or nothing. `moves`: it is more than a word said while everybody waits.
    `opens_at`: when, by what the desk says, something becomes possible that is not yet."""

    choice: Choice | None
    moves: bool
    opens_at: datetime | None = None


def choose(
    sitting: Sitting,
    dice: Random,
    characters: Mapping[int, Character],
    away: Sequence[int],
    when: When,
    patient: bool = True,
) -> Found:
    """What somebody does next. Who finds that it cannot go on yet waits, as long as they are `patient`, rather than end it."""
    ahead = onward(sitting.workflow, str(sitting.ticket.state))
    refusals, idle, turning = list[Refused](), list[Choice](), list[tuple[Action, MandateFact]]()
    opens_at: datetime | None = None
    for action, held in candidates(sitting, dice, characters, away):
        if (brought := _brought(refusals, sitting, away, dice, when)) is not None:
            return Found(brought, True)
        idly = action.name not in ahead and _is_a_word(action, sitting)
        if refusals and action.dest is not None and action.name not in ahead:
            turning.append((action, held))
            continue
        if (idly and idle) or (opens_at and (action.quiet or _is_done(action, sitting))):
            continue
        lacking = named(refusals, "option")
        found = tried(replace(sitting, at=when(held.account)), action, held, dice, lacking)
        if isinstance(found, Refused):
            refusals += [found] if action.name in ahead else []
            opens_at = _opens_at(refusals, sitting.at)
        elif not idly or (not refusals and dice.random() < 0.5):
            return Found(found, True)
        else:
            idle.append(found)
    done = None if opens_at else _brought(refusals, sitting, away, dice, when, by_chance=True)
    if done is None and not (patient and (opens_at or _hints(refusals, sitting))):
        done = _turned(turning, sitting, dice, when)
    if done is not None:
        return Found(done, True)
    return Found(idle[0] if idle and dice.random() < 0.05 else None, False, opens_at)


def _brought(
    refusals: Sequence[Refused],
    sitting: Sitting,
    away: Sequence[int],
    dice: Random,
    when: When,
    by_chance: bool = False,
) -> Choice | None:
    """A document that was asked for by name; `by_chance` now and then one that nobody asked for."""
    papers = _wanted(refusals, sitting)
    if not papers and by_chance and dice.random() < 0.15:
        papers = dice.sample(lacking := _uploads(sitting), len(lacking))
    return bring(sitting, papers, away, dice, when) if papers else None


def _wanted(refusals: Sequence[Refused], sitting: Sitting) -> list[str]:
    """The documents that refusals name and that people can bring."""
    kinds = sitting.workflow.papers
    return [name for name in named(refusals, "paper") if name in kinds and kinds[name].uploaded]


def _turned(turning: Sequence[tuple[Action, MandateFact]], sitting: Sitting, dice: Random, when: When) -> Choice | None:
    """Where it cannot go on somebody sends it back, rewrites it or ends it."""
    for action, held in turning:
        found = tried(replace(sitting, at=when(held.account)), action, held, dice)
        if isinstance(found, Choice):
            return found
    return None


def _hints(refusals: Sequence[Refused], sitting: Sitting) -> bool:
    """Whether the desk has named what people could do so that it goes on."""
    steps = [sitting.workflow.actions[name] for name in named(refusals, "action") if name in sitting.workflow.actions]
    return bool(_wanted(refusals, sitting)) or any(not step.by_clock for step in steps)


def _is_a_word(action: Action, sitting: Sitting) -> bool:
    """Whether it is but something to say: possible at any time, or said already since the ticket came to where it is."""
    always = action.source == ALWAYS and action.dest is None
    return always or (action.quiet and _is_done(action, sitting))


def _is_done(action: Action, sitting: Sitting) -> bool:
    """Whether it was done since the ticket came to where it is."""
    since = max(
        (event.sequence for event in sitting.facts.history if event.accepted and event.source != event.dest), default=0
    )
    done = {event.action for event in sitting.facts.history if event.accepted and event.sequence > since}
    return action.name in done


def _opens_at(refusals: Sequence[Refused], at: datetime) -> datetime | None:
    said = [
        value
        for refused in refusals
        for one in refused.missing
        for value in one.says.values.values()
        if isinstance(value, datetime) and value > at
    ]
    return min(said, default=None)


def _uploads(sitting: Sitting) -> list[str]:
    """Documents that this duty knows and that are not on file for the text as it is."""
    here = {paper.kind for paper in sitting.facts.papers if paper.content == sitting.ticket.content}
    return [name for name, kind in sitting.workflow.papers.items() if kind.uploaded and name not in here][:-1]
