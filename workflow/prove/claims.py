"""What must hold of every run of a workflow, said of what happened: who did what, on which text, when, after what.

A claim never asks a guard; it looks at the record as a stranger would. Three kinds: *never* (no accepted act like this),
*only after* (no such act unless that came before), *can always* (in each such state somebody of that side has the act).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.attempt import Attempt, Past
from workflow.decide import Accepted
from workflow.declare import Action, Party, Role, State, Workflow

if TYPE_CHECKING:
    from workflow.prove.world import World

FRESH, NO_FACTOR, OLD_FACTOR, OTHER_FACTOR, OUTDATED_FACTOR = "fresh", "none", "old", "somebody else's", "outdated"


@dataclass(frozen=True)
class Step:
    """One accepted act, as a claim looks at it: the attempt with all that was known before it, and what comes of it.

    `factor`: what second factor the person had shown ("fresh": this person's, for the ticket as it stands, a moment ago)."""

    workflow: Workflow
    attempt: Attempt
    accepted: Accepted
    factor: str = NO_FACTOR

    @property
    def action(self) -> Action:
        return self.accepted.action

    @property
    def at(self) -> datetime:
        return self.attempt.at

    @property
    def person(self) -> int | None:
        return self.attempt.actor.person

    @property
    def party(self) -> str:
        return self.attempt.actor.party.name if self.attempt.actor.party else ""

    @property
    def source(self) -> str | None:
        return self.attempt.ticket.state

    @property
    def dest(self) -> str:
        return self.accepted.dest

    def filled(self, name: str) -> Any:
        """What was filled in or computed in this act."""
        return self.accepted.fields.get(name)

    def says(self, name: str) -> Any:
        """What the ticket said before the act."""
        return self.attempt.ticket.fields.get(name)

    def last(self, *acts: str, since: tuple[str, ...] = ()) -> Past | None:
        return self.attempt.last(*acts, since=since)

    def on_this_text(self, *acts: str) -> Past | None:
        """The last of these acts, provided that the ticket still says what it said then."""
        event = self.attempt.last(*acts)
        return event if event is not None and event.content == self.attempt.ticket.content else None

    def holds(self, person: int | None, *roles: Role) -> bool:
        """Whether the natural person holds a mandate of one of these roles at this moment."""
        return bool(self.attempt.mandates_of(person, *roles))


Sight = Callable[[Step], bool]


@dataclass(frozen=True)
class Claim:
    """A named property with its clause. `says` is one sentence for readers.

    kind "never": `sight` must be true of no accepted act among `acts` (all, where empty).
    kind "always": in every configuration in one of `states`, somebody of `party` (anybody, where None) can do one of `acts`.
    kind "ends": from every configuration (in one of `states`) an end can be reached; with `party`, by its acts and time alone.
    kind "awaited": in every configuration the party whose turn it is has an act that is more than a note.
    kind "stands": `view` must be true of no configuration.
    """

    name: str
    clause: str
    says: str
    kind: str
    acts: tuple[str, ...] = ()
    sight: Sight | None = field(default=None, compare=False)
    states: tuple[str, ...] = ()
    party: Party | None = None
    view: Callable[[World], bool] | None = field(default=None, compare=False)
    unless: Callable[[World], bool] | None = field(default=None, compare=False)


def never(name: str, clause: str, says: str, *, acts: Sequence[str] = (), when: Sight) -> Claim:
    """No accepted act (of these) is ever like this."""
    return Claim(name, clause, says, "never", tuple(acts), when)


def only_after(
    name: str, clause: str, says: str, *, act: str | Sequence[str], needs: str | Sequence[str], since: Sequence[str] = (),
    on_this_text: bool = False,
) -> Claim:  # fmt: skip
    """No such act unless one of the acts it needs came before: since the last of `since`; on the text as it reads then."""
    acts = (act,) if isinstance(act, str) else tuple(act)
    needed = (needs,) if isinstance(needs, str) else tuple(needs)

    def lacks(step: Step) -> bool:
        event = step.last(*needed, since=tuple(since))
        return event is None or (on_this_text and event.content != step.attempt.ticket.content)

    return Claim(name, clause, says, "never", acts, lacks)


def only_by(name: str, clause: str, says: str, *, acts: Sequence[str], roles: Sequence[Role]) -> Claim:
    """No such act by anybody who holds none of these roles at that moment."""
    allowed = tuple(roles)
    return Claim(name, clause, says, "never", tuple(acts), lambda step: not step.holds(step.person, *allowed))


def can_always(
    name: str, clause: str, says: str, *, acts: str | Sequence[str], states: Collection[State], party: Party | None = None,
    unless: Callable[[World], bool] | None = None,
) -> Claim:  # fmt: skip
    """In each configuration in one of these states somebody of the party can do one of these acts."""
    named = (acts,) if isinstance(acts, str) else tuple(acts)
    return Claim(name, clause, says, "always", named, states=tuple(s.name for s in states), party=party, unless=unless)


def can_end(
    name: str, clause: str, says: str, *, party: Party | None = None, states: Collection[State] = ()
) -> Claim:  # fmt: skip
    """From each configuration (in these states) an end can be reached; with a party, by its own acts and time alone."""
    return Claim(name, clause, says, "ends", states=tuple(s.name for s in states), party=party)


def enters_only_after(
    name: str, clause: str, says: str, *, state: State, needs: str | Sequence[str], since: Sequence[str] = (),
    on_this_text: bool = False,
) -> Claim:  # fmt: skip
    """Nothing leads into this state unless one of the acts it needs was done: before it, since the last of `since`, or by the
    very act that leads there; on the text as it reads then."""
    needed = (needs,) if isinstance(needs, str) else tuple(needs)

    def lacks(step: Step) -> bool:
        if step.dest != state.name or step.source == state.name or step.action.name in needed:
            return False
        event = step.last(*needed, since=tuple(since))
        return event is None or (on_this_text and event.content != step.attempt.ticket.content)

    return Claim(name, clause, says, "never", (), lacks)


def never_stands(name: str, clause: str, says: str, *, when: Callable[[World], bool]) -> Claim:
    """No configuration is ever like this."""
    return Claim(name, clause, says, "stands", view=when)
