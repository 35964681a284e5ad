"""The judgement: what an attempt comes to, under the declaration and the edition of the contract in force.

Pure: the same attempt gets the same answer for ever. The page asks here for its preview, the desk for the act itself, so
a button, the reason why it is off, and the answer to the act cannot disagree.

`transitions` walks the declared machine. Its traps are kept out by construction: no automatic transitions (they would
be side doors past every guard), no silent acceptance of unknown triggers, and it is fired on a scrap object, never on a
row, because it sets the state before it runs what comes after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from weakref import WeakKeyDictionary

from transitions import Machine

from workflow import reminders
from workflow.attempt import THE_CLOCK, Attempt, TimerFact
from workflow.choices import choices
from workflow.declare import Action, Deadline, Guard, Label, Missing, Party, Proof, State, Words, Workflow
from workflow.effects import Effect
from workflow.reckon import reckoned, slots
from workflow.turn import in_charge

UNOPENED = "(unopened)"
SLOTS_ONE_BY_ONE = 50


@dataclass(frozen=True)
class Shortfall:
    """One thing that an attempt lacks: which guard asked for it, under which clause, and what to do about it."""

    guard: Label
    clause: str
    says: Words
    remedy: str | None = None


@dataclass(frozen=True)
class Relied:
    """A guard that held, and on what."""

    guard: str
    clause: str
    proof: Proof


@dataclass(frozen=True)
class Start:
    """A deadline begins to run: from `started_at`, due at `due_at` (both UTC); `figure` names its length, if any, `party` is
    whose duty it is in this contract. `end` is what it lies ahead of, where it is such a one."""

    deadline: Deadline
    started_at: datetime
    due_at: datetime
    figure: str | None
    party: Party | None
    end: datetime | None = None

    @property
    def binds(self) -> bool:
        """Whether something is owed when it runs out. A reminder ahead of a limit is no limit."""
        return not self.deadline.reminds


@dataclass(frozen=True)
class Stop:
    """A deadline stops: its duty was done at `at`, or it is `dropped` because the ticket ended without it."""

    timer: TimerFact
    at: datetime
    dropped: bool = False


@dataclass(frozen=True)
class Accepted:
    """The act may be done, and this is everything that follows from it."""

    action: Action
    source: str | None
    dest: str
    fields: Mapping[str, Any] = field(hash=False)
    proofs: tuple[Relied, ...] = ()
    starts: tuple[Start, ...] = ()
    stops: tuple[Stop, ...] = ()
    tells: tuple[Party, ...] = ()
    effects: tuple[Effect, ...] = ()
    notices: tuple[Words, ...] = ()
    letters: Mapping[Party, Words] | None = field(default=None, hash=False)
    """What each party is told; None: those of `tells`, that it was done."""


@dataclass(frozen=True)
class Refused:
    """The act may not be done. `reason`: "not_yours" (role), "not_now" (state) or "missing" (guards)."""

    action: str
    reason: Literal["not_yours", "not_now", "missing"]
    missing: tuple[Shortfall, ...]
    alarm: bool = False
    """The last attempt that the figure `refusals_allowed` grants has been used up: the parties are told."""


Decision = Accepted | Refused


class _Scrap:
    """What the machine is fired on. Thrown away afterwards."""

    def __init__(self, state: str) -> None:
        self.state = state


_machines: WeakKeyDictionary[Workflow, Machine] = WeakKeyDictionary()
_led: WeakKeyDictionary[Workflow, dict[tuple[str, str], str]] = WeakKeyDictionary()


def machine(workflow: Workflow) -> Machine:
    """The declaration as a `transitions` machine: built once, without a model."""
    if workflow not in _machines:
        built = Machine(
            model=None,
            states=[UNOPENED, *workflow.states],
            initial=UNOPENED,
            auto_transitions=False,
            send_event=True,
            ignore_invalid_triggers=False,
        )
        for action in workflow.actions.values():
            source: list[Any] = [state.name for state in workflow.sources(action)] or [UNOPENED]
            dest = action.dest.name if action.dest else "="
            built.add_transition(action.name, source, dest, conditions=[lambda event: event.kwargs["judged"] is True])
        _machines[workflow] = built
    return _machines[workflow]


def _led_to(workflow: Workflow, action: str, state: str) -> str:
    """Where the machine goes by a permitted act: fired once for each act in each state, as nothing else decides it there."""
    known = _led.setdefault(workflow, {})
    if (action, state) not in known:
        scrap = _Scrap(state)
        if machine(workflow).events[action].trigger(scrap, judged=True) is not True:
            raise RuntimeError(f"{action} leads nowhere from {state}")
        known[action, state] = scrap.state
    return known[action, state]


def decide(workflow: Workflow, attempt: Attempt) -> Decision:
    """Judges `attempt`. With `attempt.fields` None it is a preview: guards of the form are left to the act itself.

    Raises KeyError for an action that is not declared. A guard that raises is a programming error and refuses by
    ending the transaction: it is never taken for a yes.
    """
    action = workflow.actions[attempt.action]
    refused = _not_yours(action, attempt) or _not_now(workflow, action, attempt)
    if refused:
        return refused
    proofs, missing = _ask_guards(workflow, action, attempt)
    if missing:
        return Refused(action.name, "missing", tuple(missing), alarm=_last_refusal(workflow, action, attempt))
    dest = workflow.states[_led_to(workflow, action.name, attempt.ticket.state or UNOPENED)]
    fields = {
        **(attempt.fields or {}),
        **(action.computes(attempt) if action.computes and attempt.fields is not None else {}),
    }
    # Limits and effects may rest on what was computed just now, not only on what was filled in.
    done = replace(attempt, fields=fields) if action.computes and attempt.fields is not None else attempt
    return Accepted(
        action=action,
        source=attempt.ticket.state,
        dest=dest.name,
        fields=fields,
        proofs=tuple(proofs),
        # What limits a preview would begin cannot be told: how long they are may rest on the form.
        starts=tuple(starts(workflow, action, done, dest)) if attempt.fields is not None else (),
        stops=tuple(stops(workflow, action, done, dest)),
        tells=tuple(action.tells),
        notices=tuple(notices(workflow, attempt)),
        effects=tuple(e for effect in action.effects for e in effect(done)) if attempt.fields is not None else (),
        letters=action.letters(done) if action.letters and attempt.fields is not None else None,
    )


def notices(workflow: Workflow, attempt: Attempt) -> list[Words]:
    """Warnings that every reader of this ticket should see: they stop nothing."""
    return [words for notice in workflow.notices if (words := notice(attempt)) is not None]


def _not_yours(action: Action, attempt: Attempt) -> Refused | None:
    actor = attempt.actor
    if actor == THE_CLOCK:
        entitled = action.by_clock
    else:
        held = {m.role for m in attempt.mandates_of(actor.person) if m.account == actor.account}
        entitled = bool(held & set(action.by))
    if not entitled:
        says = Words("%(action)s is an act of %(roles)s.", action=action.label, roles=_roles(action))
        return Refused(action.name, "not_yours", (Shortfall(Label("guard", "mandate"), action.clause, says),))
    sides = {mandate.party for mandate in attempt.mandates_of(actor.person)}
    if actor != THE_CLOCK and len(sides) > 1:
        says = Words("One natural person cannot act for two parties of the same contract.")
        return Refused(action.name, "not_yours", (Shortfall(Label("guard", "one_party"), action.clause, says),))
    return None


def _roles(action: Action) -> Words:
    names = {f"r{n}": Label("role", role.name) for n, role in enumerate(action.by)}
    return Words(" / ".join(f"%({key})s" for key in names), **names)


def _not_now(workflow: Workflow, action: Action, attempt: Attempt) -> Refused | None:
    state = attempt.ticket.state
    if (state is None) == (action.source is None) and (
        state is None or any(source.name == state for source in workflow.sources(action))
    ):
        return None
    says = Words(
        "%(action)s is not possible while the ticket is “%(state)s”.",
        action=action.label,
        state=Label("state", state) if state else Label("state", "not_opened"),
    )
    shortfall = Shortfall(Label("guard", "state"), action.clause, says)
    # Whoever tries too early is told everything that is missing, not only that it is too early.
    beside = (
        ()
        if state is None or action.source is None
        else _ask_guards(workflow, action, replace(attempt, fields=None))[1]
    )
    return Refused(action.name, "not_now", (shortfall, *beside))


def _ask_guards(workflow: Workflow, action: Action, attempt: Attempt) -> tuple[list[Relied], list[Shortfall]]:
    proofs: list[Relied] = []
    missing = _unchosen(workflow, action, attempt)
    if missing:
        return proofs, missing  # Guards of the form would speak of values that are not on the list.
    for guard in action.guards:
        if guard.of_form and attempt.fields is None:
            continue
        answer = guard.check(attempt)
        if isinstance(answer, Proof):
            proofs.append(Relied(guard.name, guard.clause, answer))
        else:
            missing.append(_shortfall(guard, answer))
    if action.signs and action.signs != action.files:
        missing += _unsignable(action, attempt)
    return proofs, missing


def _unsignable(action: Action, attempt: Attempt) -> list[Shortfall]:
    assert action.signs is not None
    paper = attempt.paper(action.signs)
    if paper is None:
        says = Words("No such document is on file: %(paper)s.", paper=action.signs.label)
    elif paper.content != attempt.ticket.content:
        # Whoever signs what the ticket no longer says would have signed something that binds nobody.
        says = Words("The document “%(paper)s” is of an earlier version of the ticket.", paper=action.signs.label)
    elif any(s.person == attempt.actor.person and s.meaning == action.name for s in paper.signatures):
        says = Words("You have signed this version of “%(paper)s” already.", paper=action.signs.label)
    else:
        return []
    return [Shortfall(Label("guard", "to_be_signed"), action.clause, says)]


def _shortfall(guard: Guard, answer: object) -> Shortfall:
    if isinstance(answer, Missing):
        return Shortfall(guard.label, guard.clause, answer, answer.remedy)
    return Shortfall(guard.label, guard.clause, Words(guard.says))  # Neither proof nor reason: closed.


def _unchosen(workflow: Workflow, action: Action, attempt: Attempt) -> list[Shortfall]:
    if action.form is None or attempt.fields is None:
        return []
    missing = []
    for name, field_info in action.form.model_fields.items():
        extra = field_info.json_schema_extra
        source = extra.get("choices") if isinstance(extra, dict) else None
        value = attempt.fields.get(name)
        if source and value is not None:
            offered = {choice.value for choice in choices(str(source), attempt, workflow)}
            if any(one not in offered for one in (value if isinstance(value, list) else [value])):
                says = Words("“%(field)s”: what was chosen is not on the list.", field=Words(field_info.title or name))
                missing.append(Shortfall(Label("guard", "on_the_list"), action.clause, says, remedy=name))
    return missing


def _last_refusal(workflow: Workflow, action: Action, attempt: Attempt) -> bool:
    if action.refusals_allowed is None or attempt.fields is None:
        return False
    return refusals(workflow, attempt, action.name) + 1 >= attempt.edition.count(action.refusals_allowed)


def refusals(workflow: Workflow, attempt: Attempt, action: str) -> int:
    """How often `action` was refused to anybody whose act it is since it was last accepted or a new challenge was made.
    Nothing else begins the count anew: whoever guesses could put a remark between two guesses. What somebody tried whose
    act it is not does not count, else the other party could lock out those whose act it is."""
    count = 0
    for event in reversed(attempt.facts.history):
        declared = workflow.actions.get(event.action)
        if event.accepted and (event.action == action or (declared is not None and declared.asks_back)):
            break
        count += event.action == action and not event.accepted and event.reason != "not_yours"
    return count


def starts(workflow: Workflow, action: Action, attempt: Attempt, dest: State) -> list[Start]:
    """The limits that begin with an act that was judged to be permitted and leads to `dest`."""
    begun = []
    for deadline in workflow.deadlines.values():
        if action.name not in deadline.beginnings or (dest.final and not deadline.outlives):
            continue
        if any(stop == dest for stop in deadline.stops if isinstance(stop, State)):
            continue
        start = _start_instant(deadline, action, attempt)
        due = _due(deadline, attempt, start) if start is not None else None
        if start is not None and due is not None:
            figure = _figure(deadline, attempt)
            party = in_charge(deadline.party, deadline.or_else, attempt.facts.mandates)
            end = attempt.instant(deadline.until) if deadline.until and (deadline.ahead or deadline.of) else None
            begun.append(Start(deadline, start, due, figure, party, end))
    return reminders.of_use(begun, attempt.at)


def _start_instant(deadline: Deadline, action: Action, attempt: Attempt) -> datetime | None:
    if deadline.repeats and action.name == deadline.missed:
        struck = attempt.fields or {}
        # Several limits may share one act of the clock; only the one that ran out begins its next slot.
        return struck.get("last_due_at", struck.get("due_at")) if struck.get("deadline") == deadline.name else None
    starting = deadline.starts
    if isinstance(starting, Mapping):
        assert deadline.policy is not None
        starting = starting.get(attempt.edition.setting(deadline.policy), ())
    if action.name in (*starting, *deadline.renews) and deadline.within and _figure(deadline, attempt) is None:
        return None
    if action.name in starting:
        return _counted_from(deadline, attempt) or attempt.at
    return attempt.at if action.name in deadline.renews else None


def run_out(deadline: Deadline, attempt: Attempt, due_at: datetime) -> Mapping[str, Any]:
    """What the clock states when a limit has run out: which, when it was due, and of a `repeats` limit that nobody noted
    for more than `SLOTS_ONE_BY_ONE` slots how many there were and when the last was due. One by one, the slots of a long
    outage would keep everybody waiting who comes after it.
    """
    stated: dict[str, Any] = {"deadline": deadline.name, "due_at": due_at}
    if not deadline.repeats:
        return stated
    # Another limit that ran out meanwhile may have ended the duty: its turn comes before the slots after it.
    until = min([attempt.at, *(t.due_at for t in attempt.facts.timers if t.status == "running")])
    passed, last = slots(deadline, _figure(deadline, attempt), due_at, until, attempt.edition)
    return stated | {"slots": passed, "last_due_at": last} if passed > SLOTS_ONE_BY_ONE else stated


def _counted_from(deadline: Deadline, attempt: Attempt) -> datetime | None:
    if deadline.counts_from is None or callable(deadline.counts_from):
        return deadline.counts_from(attempt) if deadline.counts_from else None
    # Only what this act itself states counts: what an earlier act stated began an earlier term.
    stated = (attempt.fields or {}).get(deadline.counts_from)
    return None if stated is None else attempt.instant(deadline.counts_from)


def _figure(deadline: Deadline, attempt: Attempt) -> str | None:
    """The name of the figure that says how long the limit is; None where nothing is owed, or a field says when it ends."""
    return deadline.within(attempt) if callable(deadline.within) else deadline.within


def _due(deadline: Deadline, attempt: Attempt, start: datetime) -> datetime | None:
    end = attempt.instant(deadline.until) if deadline.until else None
    if deadline.until is not None and deadline.ahead is None and deadline.share is None:
        return end
    found = reckoned(deadline, _figure(deadline, attempt), start, end, attempt.edition)
    return None if found is None or (deadline.ahead and found.at <= attempt.at) else found.at


def stops(workflow: Workflow, action: Action, attempt: Attempt, dest: State) -> list[Stop]:
    """The limits that end with it: their duty is done, or no longer owed."""
    ended = []
    for timer in attempt.facts.timers:
        deadline = workflow.deadlines.get(timer.deadline)
        if deadline is None or timer.stopped_at is not None or timer.status == "dropped":
            continue
        acts = {stop for stop in deadline.stops if isinstance(stop, str)} | set(deadline.renews)
        states = {stop.name for stop in deadline.stops if isinstance(stop, State)}
        entered = dest.name in states and dest.name != attempt.ticket.state
        stopped = (action.name in acts or entered) and (deadline.provided is None or deadline.provided(attempt))
        ended_without = dest.final and not deadline.outlives
        no_longer_owed = ended_without or action.name in deadline.drops or _restarted(deadline, action, attempt)
        if stopped:
            ended.append(Stop(timer, attempt.at))
        elif no_longer_owed and timer.status == "running":
            ended.append(Stop(timer, attempt.at, dropped=True))
    return ended


def _restarted(deadline: Deadline, action: Action, attempt: Attempt) -> bool:
    return action.name in deadline.starting_actions and _start_instant(deadline, action, attempt) is not None
