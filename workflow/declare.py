"""The vocabulary in which a duty of the contract is written down as a workflow.

A declaration names its states, actions, guards, deadlines and papers under the clauses they come from; the desk, the
pages, the API, the diagrams and the proof all read this one declaration. It is inert: nothing here opens a database,
reads a clock or speaks a language. A declaration that contradicts itself does not import (see `soundness`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workflow.words import Label as Label
from workflow.words import Missing as Missing
from workflow.words import Proof as Proof
from workflow.words import Words as Words

if TYPE_CHECKING:
    from workflow.attempt import Attempt
    from workflow.escalation import Escalation
    from workflow.forms import Form
    from workflow.report import Report, Task


# --- who -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Party:
    """One side of the contract: 甲方 client, 乙方 supplier, 监理 supervisor; or the desk's own administration."""

    name: str


@dataclass(frozen=True)
class Role:
    """What a mandate lets a person do in one contract."""

    name: str
    party: Party


CLIENT, SUPPLIER, SUPERVISOR = Party("client"), Party("supplier"), Party("supervisor")
ADMINISTRATION, DESK = Party("administration"), Party("desk")
OPENER = Party("opener")
"""Where a state awaits whichever party opened the ticket."""
PARTIES: Mapping[str, Party] = {party.name: party for party in (CLIENT, SUPPLIER, SUPERVISOR)}

CLIENT_STAFF = Role("client.staff", CLIENT)
CLIENT_APPROVER = Role("client.approver", CLIENT)
SUPPLIER_DESK = Role("supplier.desk", SUPPLIER)
SUPPLIER_ENGINEER = Role("supplier.engineer", SUPPLIER)
SUPPLIER_MANAGER = Role("supplier.manager", SUPPLIER)
SUPPLIER_RELATIONS = Role("supplier.relations", SUPPLIER)
"""The team for customer relations (用户关系管理团队, C3.4): it handles complaints, and carries nothing out."""
SUPERVISOR_REVIEWER = Role("supervisor.reviewer", SUPERVISOR)
ADMIN_SYSTEM = Role("admin.system", ADMINISTRATION)
ADMIN_SECURITY = Role("admin.security", ADMINISTRATION)
ADMIN_AUDIT = Role("admin.audit", ADMINISTRATION)
CLOCK = Role("clock", DESK)

CLIENT_ROLES = (CLIENT_STAFF, CLIENT_APPROVER)
SUPPLIER_ROLES = (SUPPLIER_DESK, SUPPLIER_ENGINEER, SUPPLIER_MANAGER)
BUSINESS_ROLES = (*CLIENT_ROLES, *SUPPLIER_ROLES, SUPPLIER_RELATIONS, SUPERVISOR_REVIEWER)
ADMIN_ROLES = (ADMIN_SYSTEM, ADMIN_SECURITY, ADMIN_AUDIT)
ROLES: Mapping[str, Role] = {role.name: role for role in (*BUSINESS_ROLES, *ADMIN_ROLES, CLOCK)}


# --- what ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """Where a ticket can stand. `meaning` is one sentence for readers; `awaits` is the party whose turn it is (`DESK`: the
    clock's, until a deadline); `or_else` that in its place while nobody holds a mandate of it. With `opener_only` nobody
    but the party that opened the ticket sees it: a draft.
    """

    name: str
    clause: str
    meaning: str
    awaits: Party | None = None
    final: bool = False
    opener_only: bool = False
    or_else: Party | None = None

    @property
    def label(self) -> Label:
        return Label("state", self.name)


@dataclass(frozen=True)
class Guard:
    """A condition on an act. `check` returns the `Proof` that it relied on, or what is `Missing`; anything else refuses.

    `of_form` guards look at what was filled in, so a preview without a form leaves them out.
    """

    name: str
    clause: str
    says: str
    check: Callable[[Attempt], Proof | Missing] = field(compare=False)
    of_form: bool = False

    @property
    def label(self) -> Label:
        return Label("guard", self.name)


def guard(clause: str, *, of_form: bool = False) -> Callable[[Callable[[Attempt], Proof | Missing]], Guard]:
    """Makes a `Guard` of a function: its name is the guard's name, the first line of its docstring what it asks for."""

    def declare(check: Callable[[Attempt], Proof | Missing]) -> Guard:
        says = (check.__doc__ or "").strip().splitlines()
        if not says:
            raise ValueError(f"guard {check.__name__} does not say what it asks for")
        return Guard(check.__name__, clause, says[0], check, of_form)

    return declare


@dataclass(frozen=True)
class PaperKind:
    """A document (书面) that acts file, sign or rely on. `uploaded` papers are files that a person brings."""

    name: str
    clause: str
    meaning: str
    uploaded: bool = False
    by: tuple[Role, ...] = BUSINESS_ROLES

    @property
    def label(self) -> Label:
        return Label("paper", self.name)


ATTACHMENT = PaperKind("attachment", "C10.2", "A file kept with the ticket for both parties.", uploaded=True)

ANY = "any state that is not final"
ALWAYS = "every state, the final ones too"
Effect = Any
"""A consequence beyond the ticket itself: one of the dataclasses of `workflow.effects`."""


@dataclass(frozen=True)
class Action:
    """A named way from state to state. The actor is part of the action; `source` None opens a ticket, `dest` None stays.

    `form` is filled in by the actor; `computes` adds what follows from it. `amends` makes the form the ticket's content
    in a new version, which voids every signature, check and consent on the old one. `files` makes a paper of the
    fields, `signs` puts the actor's signature under the newest paper of that kind. `quiet` acts (a comment, a note by
    the clock) do not make other people's pages stale.
    """

    name: str
    by: Sequence[Role]
    source: State | Sequence[State] | str | None
    dest: State | None
    clause: str
    form: type[Form] | None = None
    guards: Sequence[Guard] = ()
    tells: Sequence[Party] = ()
    says: str = ""
    amends: bool = False
    files: PaperKind | None = None
    signs: PaperKind | None = None
    quiet: bool = False
    takes_file: bool = False
    """The actor brings a file, which is kept under its digest as a paper of the kind in the field `paper`."""
    asks_back: str | None = None
    """Makes a one-time challenge that only the subject's own signed-in page shows (identity by call-back). The subject
    is the person in the field `subject`, else who last wrote the content; the figure says how long it can be answered."""
    answers_back: str | None = None
    """Records that the open challenge was answered; the figure says how long the identity check then holds."""
    summoned: bool = False
    """Offered on a page to whom it is open, and to nobody else: why it is not would only be noise."""
    refusals_allowed: str | None = None
    """Figure: after so many refusals of this act the parties' desks are alarmed (guards decide what is locked)."""
    computes: Callable[[Attempt], Mapping[str, Any]] | None = field(default=None, compare=False)
    effects: Sequence[Callable[[Attempt], Sequence[Effect]]] = field(default=(), compare=False)
    letters: Callable[[Attempt], Mapping[Party, Words]] | None = field(default=None, compare=False)
    """What each party is told of it, where that is more than its name; whom it leaves out is told nothing."""

    @property
    def label(self) -> Label:
        return Label("action", self.name)

    @property
    def by_clock(self) -> bool:
        return tuple(self.by) == (CLOCK,)


@dataclass(frozen=True)
class Deadline:
    """A limit in time. `within` names a figure (or finds its name, None where nothing is owed); `until` names a field
    that holds the end, or with `ahead` (a figure) an end that the limit lies so long before: a day that has passed by
    then is not made up.

    Counting begins with the act of one that `starts` it, from the instant in that act's own field `counts_from` (or that
    it finds) where there is one, else from the act; a term still running then is dropped. With `policy` (a setting)
    `starts` maps each of its values to the acts that then count. `renews` ends one term and begins the next; `repeats`
    begins the next when one was missed. `stops` names acts, or states whose entry ends it; with `provided` they end it
    only once that holds, this act included. After an act that `drops` it nothing is owed any more. `share` names a
    percentage: it is a warning `of` a limit, at that part of its term; each limit that binds gets its own (see
    `reminders`). `missed` is the clock's action when it runs out: at the due instant is still in time.
    """

    name: str
    clause: str
    missed: str
    within: str | Callable[[Attempt], str | None] | None = None
    until: str | None = None
    ahead: str | None = None
    starts: Sequence[str] | Mapping[str, Sequence[str]] = ()
    policy: str | None = None
    stops: Sequence[str | State] = ()
    renews: Sequence[str] = ()
    repeats: bool = False
    counts_from: str | Callable[[Attempt], datetime | None] | None = None
    drops: Sequence[str] = ()
    provided: Callable[[Attempt], bool] | None = field(default=None, compare=False)
    share: str | None = None
    of: Deadline | None = None
    says: str = ""
    party: Party | None = None
    """Whose duty it is; None where the limit binds nobody in particular."""
    or_else: Party | None = None
    """Whose duty it is while nobody holds a mandate of `party`."""
    outlives: bool = False
    """The duty is owed even when the ticket has ended: it runs on in final states, where its clock's action must stand."""

    step: int = 0
    """The step of a chain of calls: when it runs out the next is called (see `workflow.escalation`). Past the last one, how
    long an acknowledgement holds."""

    @property
    def label(self) -> Label:
        return Label("deadline", self.name)

    @property
    def reminds(self) -> bool:
        """Nothing is owed when it runs out: somebody is warned ahead of a limit, or called."""
        return self.share is not None or self.step > 0

    @property
    def binds(self) -> bool:
        """Somebody owes it: missed, it is a breach. A reminder ahead of a limit is none."""
        return self.party is not None and not self.reminds

    @property
    def starting_actions(self) -> tuple[str, ...]:
        if isinstance(self.starts, Mapping):
            return tuple(dict.fromkeys(name for names in self.starts.values() for name in names))
        return tuple(self.starts)

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """Every act with which a term of it can begin."""
        return frozenset((*self.starting_actions, *self.renews, *((self.missed,) if self.repeats else ())))


class Workflow:
    """A duty as a state machine: checked when it is made, immutable afterwards.

    Attributes: `kind` (short key), `clause`, `prefix` of its ticket numbers, `states`, `actions`, `deadlines`, `papers`
    by name; `gathers` names extra facts the desk collects for its guards (a mapping: each for these acts only, on which its
    notices then cannot rely); `notices` are warnings shown on each ticket;
    `computed` names the fields that acts compute, each with the keys it may hold if these are closed; `reports` and
    `tasks` (by name) speak of all tickets of the kind together; `supposes` names fields that its opening records, with the
    values under which a reader may compare what the limits would have come to; `escalations` call people while it waits.
    """

    def __init__(
        self,
        *,
        kind: str,
        clause: str,
        prefix: str,
        states: Sequence[State],
        actions: Sequence[Action],
        deadlines: Sequence[Deadline] = (),
        papers: Sequence[PaperKind] = (),
        says: str = "",
        gathers: Sequence[str] | Mapping[str, Sequence[str]] = (),
        notices: Sequence[Callable[[Attempt], Words | None]] = (),
        figures: Sequence[str] = (),
        computed: Mapping[str, Sequence[str]] | None = None,
        reports: Sequence[Report] = (),
        tasks: Sequence[Task] = (),
        supposes: Mapping[str, Sequence[Any]] | None = None,
        escalations: Sequence[Escalation] = (),
    ) -> None:
        from workflow import soundness, standing

        self.kind, self.clause, self.prefix, self.says = kind, clause, prefix, says
        self.states = {state.name: state for state in states}
        self.papers = {paper.name: paper for paper in (*papers, ATTACHMENT)}
        self.escalations = tuple(escalations)
        deadlines = standing.deadlines((*deadlines, *(limit for one in escalations for limit in one.deadlines())))
        self.deadlines = {deadline.name: deadline for deadline in deadlines}
        everything = (*actions, *standing.actions(self))
        self.actions = {action.name: action for action in everything}
        gathered = {one: tuple(gathers[one]) if isinstance(gathers, Mapping) else None for one in gathers}
        self.gathers = {**gathered, **standing.gathered(self)}
        self.notices, self.figures = (*notices, *standing.notices(self)), tuple(figures)
        self.computed = {**standing.computed(self), **(computed or {})}
        self.supposes = dict(supposes or {})
        self.reports, self.tasks = {one.name: one for one in reports}, {one.name: one for one in tasks}
        soundness.check(self, states=states, actions=everything, deadlines=deadlines, papers=(*papers, ATTACHMENT))
        soundness.check_reports(self, reports, tasks)

    def __repr__(self) -> str:
        return f"Workflow({self.kind!r})"

    @property
    def label(self) -> Label:
        return Label("kind", self.kind)

    @property
    def opening(self) -> Action:
        """The one action that opens a ticket of this kind."""
        return next(action for action in self.actions.values() if action.source is None)

    def gathered_for(self, action: str | None) -> tuple[str, ...]:
        """The extra facts that this act relies on; all of them without one, for whoever looks at every act."""
        return tuple(one for one, acts in self.gathers.items() if action is None or acts is None or action in acts)

    def sources(self, action: Action) -> tuple[State, ...]:
        """The states from which `action` may be attempted; empty for the opening one."""
        if action.source is None:
            return ()
        if action.source == ALWAYS:
            return tuple(self.states.values())
        if action.source == ANY:
            return tuple(state for state in self.states.values() if not state.final)
        # The strings that a source can be, ALWAYS and ANY, have left above; mypy still sees them.
        return (action.source,) if isinstance(action.source, State) else tuple(action.source)  # type: ignore[arg-type]

    def actions_from(self, state: str | None) -> tuple[Action, ...]:
        """What is declared to lead away from (or stay in) `state`, in the order of the declaration."""
        if state is None:
            return (self.opening,)
        return tuple(a for a in self.actions.values() if any(s.name == state for s in self.sources(a)))

    def clauses(self) -> set[str]:
        """Every clause that this declaration cites."""
        parts: list[Any] = [
            *self.states.values(),
            *self.actions.values(),
            *self.deadlines.values(),
            *self.papers.values(),
            *self.reports.values(),
            *self.tasks.values(),
        ]
        guards = [g for action in self.actions.values() for g in action.guards]
        return {self.clause, *(part.clause for part in (*parts, *guards))}

    def labels(self) -> Iterator[Label]:
        """Every declared name that readers see."""
        from workflow import report

        yield self.label
        yield from report.labels(self)
        yield from (state.label for state in self.states.values())
        yield from (action.label for action in self.actions.values())
        yield from (limit.label for limit in self.deadlines.values() if not limit.reminds)
        yield from (one.label for one in self.escalations)
        yield from (paper.label for paper in self.papers.values())
        for action in self.actions.values():
            yield from (g.label for g in action.guards)

    def sentences(self) -> Iterator[str]:
        """Every msgid that this declaration contributes to the catalogue, without context."""
        yield self.says
        yield from (state.meaning for state in self.states.values())
        yield from (paper.meaning for paper in self.papers.values())
        yield from (deadline.says for deadline in self.deadlines.values())
        yield from (report.says for report in self.reports.values())
        yield from (task.says for task in self.tasks.values())
        for action in self.actions.values():
            yield action.says
            yield from (g.says for g in action.guards)
            if action.form:
                yield from action.form.sentences()
