"""What a duty's acts are for, read off the contract a second time, act by act: who has each, where, and what comes of it.

A charter is written by hand from the clauses and never made of the declaration, so that one slip of the pen is seen by the
other. The claims hold both against each other on what is really done: a role too many, a state too few, a party that nobody
tells, a signature that is not asked for, a limit that nothing begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from workflow.attempt import THE_CLOCK
from workflow.declare import BUSINESS_ROLES, CLOCK, PaperKind, Party, Role, State
from workflow.effects import OpenLinked
from workflow.prove.claims import Claim, Step, never

TEXT, CALLS, IS_ANSWERED = "changes what the ticket says", "makes a challenge", "answers the challenge"
Limits = tuple[str, ...] | Callable[[Step], Collection[str]]
"""Limits by name; or which they are, where that depends on what happened before."""


@dataclass(frozen=True)
class Right:
    """What the contract gives with one act. `by`: whose it is; `where`: in which states, none for the act that opens a ticket;
    `leads`: to which, None where the ticket stays. `tells`: which parties learn of it. `leaves`: what it leaves on record
    beside the event. `states`: fields that it states. `begins`, `meets`, `waives`: limits that begin with it, that it
    keeps, and that nobody owes any more after it."""

    act: str
    clause: str
    by: tuple[Role, ...]
    where: tuple[State, ...]
    leads: State | None = None
    tells: tuple[Party, ...] = ()
    leaves: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    begins: Limits = ()
    meets: Limits = ()
    waives: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The act with each of its roles, and with each state in which it is done."""
        names = (*(role.name for role in self.by), *(state.name for state in self.where))
        return tuple((self.act, name) for name in names)


def files(paper: PaperKind | str) -> str:
    """The act makes a paper of this kind."""
    return f"files {paper if isinstance(paper, str) else paper.name}"


def signs(paper: PaperKind | str) -> str:
    """Whoever acts signs the newest paper of this kind."""
    return f"signs {paper if isinstance(paper, str) else paper.name}"


def opens(kind: str) -> str:
    """A ticket of this kind begins with it."""
    return f"opens {kind}"


Charter = Mapping[str, Right]


def charter(*rights: Right) -> Charter:
    """Rights by act."""
    found = {right.act: right for right in rights}
    assert len(found) == len(rights), "an act stands twice"
    return found


def everybodys(states: Sequence[State], tells: tuple[Party, ...]) -> tuple[Right, ...]:
    """What C10.2 gives to everybody of the contract in every state, the final ones too."""
    everywhere = tuple(states)
    return (
        Right("remark", "C10.2", BUSINESS_ROLES, everywhere, tells=tells),
        Right("attach", "C10.2", BUSINESS_ROLES, everywhere),
    )


# --- what happens, held against it -----------------------------------------------------------------------------------


def left(step: Step) -> set[str]:
    """What an act leaves on record beside its event."""
    action = step.action
    found = {
        TEXT: action.amends or (action.source is None and bool(action.form)),
        CALLS: bool(action.asks_back),
        IS_ANSWERED: bool(action.answers_back),
    }
    papers = [files(action.files)] if action.files else []
    papers += [signs(action.signs)] if action.signs else []
    linked = [opens(effect.kind) for effect in step.accepted.effects if isinstance(effect, OpenLinked)]
    return {*(name for name, does in found.items() if does), *papers, *linked}


def left_otherwise(step: Step, right: Right) -> bool:
    """What opens another ticket may do so only in some cases: when it must is for a claim of its own."""
    found, owed = left(step), set(right.leaves)
    return not found >= owed or any(not one.startswith(opens("")) for one in found - owed)


def by_another(step: Step, right: Right) -> bool:
    if CLOCK in right.by:
        return step.attempt.actor != THE_CLOCK
    return not step.holds(step.person, *right.by)


def out_of_place(step: Step, right: Right) -> bool:
    where = {state.name for state in right.where}
    leads = right.leads.name if right.leads else step.source
    return (step.source not in where if where else step.source is not None) or step.dest != leads


def counts_otherwise(step: Step, right: Right, outlive: Collection[str], finals: Collection[str]) -> bool:
    """Whether a limit begins or ends that should not, or one does not that should."""
    begins, meets = (set(told(step) if callable(told) else told) for told in (right.begins, right.meets))
    begun = {start.deadline.name for start in step.accepted.starts}
    stopped = {stop.timer.id: stop.dropped for stop in step.accepted.stops}
    for timer in step.attempt.facts.timers:
        name, runs = timer.deadline, timer.status == "running"
        if timer.stopped_at is not None or timer.status == "dropped":
            continue
        met = name in meets
        over = runs and (name in {*right.waives, *begins} or (step.dest in finals and name not in outlive))
        if stopped.get(timer.id) != (False if met else True if over else None):
            return True
    return begun != begins


def claims(held: Charter, states: Sequence[State], *, outlive: Collection[str] = ()) -> tuple[Claim, ...]:
    """The claims that a charter makes of a duty. `outlive`: limits that are owed even when the ticket has ended."""
    finals = {state.name for state in states if state.final}

    def against(test: Callable[[Step, Right], bool]) -> Callable[[Step], bool]:
        return lambda step: step.action.name in held and test(step, held[step.action.name])

    return (
        never("R1", "C10.2", "Nobody does an act that the contract gives to others, or to nobody.",
              when=lambda step: step.action.name not in held or by_another(step, held[step.action.name])),
        never("R2", "C10.2", "Each act is done where it has its place, and leads where it leads.",
              when=against(out_of_place)),
        never("R3", "C10.2", "Of each act those parties are told whom it concerns.",
              when=against(lambda step, right: set(step.accepted.tells) != set(right.tells))),
        never("R4", "C10.2", "Each act leaves on record what it is for: texts, papers, signatures, calls, other tickets.",
              when=against(left_otherwise)),
        never("R5", "C10.2", "Each act states what it has to state.",
              when=against(lambda step, right: any(step.filled(name) is None for name in right.states))),
        never("R6", "C10.2", "Limits begin and end with the acts that the contract ties them to, and with no other.",
              when=against(lambda step, right: counts_otherwise(step, right, outlive, finals))),
    )  # fmt: skip


@dataclass(frozen=True)
class OnTrial:
    """With what the claims of one duty are put on trial. `given`: acts with the roles and the states that the contract gives
    them, each of which has to happen somewhere. `equivalent`: ways to declare it a little otherwise that make no difference,
    each with the reason: no other such way may pass the claims by. `elsewhere`: acts that stand trial with another duty, each
    with the reason."""

    given: tuple[tuple[str, str], ...] = ()
    equivalent: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)


def given(held: Charter, *, elsewhere: Collection[str] = ()) -> tuple[tuple[str, str], ...]:
    """Everything that a charter gives, act by act, without the acts that stand trial with another duty."""
    return tuple(pair for right in held.values() if right.act not in elsewhere for pair in right.pairs)


def discover() -> dict[str, OnTrial]:
    """With what each duty is put on trial, by kind: `ON_TRIAL` of its charter, where somebody has written one."""
    from workflow import discover as duties

    found: dict[str, OnTrial] = {}
    for kind in duties():
        name = f"workflow.{kind}.charter"
        held = find_spec(f"workflow.{kind}") and find_spec(name)
        found[kind] = import_module(name).ON_TRIAL if held else OnTrial()
    return found
