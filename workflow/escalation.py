"""Calling somebody, step by step, while nobody does what is awaited (C3.3): a chain of the contract's data, struck by the clock.

Each step of a chain runs as a limit of its own from the act that begins it. When it runs out the clock calls whoever is on
duty at that instant, and states in its event whom it called and who was not there. Whoever was called acknowledges: that
ends the calling and nothing else, no limit of the contract stops by it (C4.6: only a person's answer in substance does).
An acknowledgement holds as long as the chain says; is what is awaited not done by then, calling goes on with the next step.
Where nobody is on duty, that is an alarm to everybody who could act.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow.attempt import Attempt, MandateFact, Past
from workflow.declare import (
    ALWAYS,
    ANY,
    BUSINESS_ROLES,
    CLIENT,
    CLIENT_APPROVER,
    CLOCK,
    PARTIES,
    ROLES,
    SUPPLIER,
    SUPPLIER_MANAGER,
    Action,
    Deadline,
    Label,
    Missing,
    Proof,
    State,
    Words,
    guard,
)
from workflow.duty import Chain, Duty, Step, on_duty
from workflow.effects import NobodyThere, Tell
from workflow.escalation_files import MOST_STEPS
from workflow.reckon import AT_ONCE
from workflow.terms import Text

CLAUSE = "C3.3"
CALL, ACKNOWLEDGE, RESUME = "call_out", "acknowledge_call", "resume_calling"
DUTY = "duty"
"""What is gathered for a call: the rosters."""
HEADS = (SUPPLIER_MANAGER, CLIENT_APPROVER)
"""Who is told for a party that somebody else of it is missing."""
LAPSE = MOST_STEPS + 1
"""In the place of a step: the limit until which an acknowledgement holds, after which a further step is called."""
_CALL, _LAPSES = "_call_", "_call_lapses"
COMPUTED: Mapping[str, Sequence[str]] = {"call": (), "acknowledged": (), "resumed": ()}


def step_of(deadline: str) -> tuple[str, int] | None:
    """The escalation that a name of this form is a step of, and which one (`LAPSE` for that of an acknowledgement); None for
    any other name."""
    if deadline.endswith(_LAPSES):
        return deadline.removesuffix(_LAPSES), LAPSE
    name, _, number = deadline.rpartition(_CALL)
    return (name, int(number)) if name and number.isdecimal() else None


@dataclass(frozen=True)
class Escalation:
    """Something that is awaited, and for which people are called until it is done.

    `chain` is the key of the contract's chain, or finds it; a contract that has none of that key calls nobody. Calling begins
    with the acts that `starts` it (from the instant in the field `counts_from`, where they state one) and ends with those that
    `stops` it, or on entry of such a state. Where it is `over` already a starting act begins nothing.
    """

    name: str
    chain: str | Callable[[Attempt], str] = field(compare=False)
    starts: Sequence[str]
    stops: Sequence[str | State]
    over: Callable[[Attempt], bool] = field(default=lambda attempt: False, compare=False)
    counts_from: str | None = None
    says: str = ""
    outlives: bool = False
    """Calling goes on when the ticket has ended: what is awaited is owed even then."""

    def of(self, attempt: Attempt) -> Chain | None:
        """The chain as the contract has it."""
        key = self.chain(attempt) if callable(self.chain) else self.chain
        return attempt.edition.contract.chains.get(key)

    @property
    def label(self) -> Label:
        return Label("escalation", self.name)

    @property
    def names(self) -> tuple[str, ...]:
        """The limits of its steps, the first one's first."""
        return tuple(f"{self.name}{_CALL}{number}" for number in range(1, MOST_STEPS + 1))

    @property
    def lapse(self) -> str:
        """The limit until which an acknowledgement holds."""
        return f"{self.name}{_LAPSES}"

    def deadlines(self) -> tuple[Deadline, ...]:
        """One limit a step, those that the chain does not have never begin; and that of an acknowledgement."""
        steps = tuple(self._deadline(name, number) for number, name in enumerate(self.names, start=1))
        return (*steps, self._lapse())

    def _deadline(self, name: str, number: int) -> Deadline:
        def after(attempt: Attempt) -> str | None:
            chain = None if self.over(attempt) else self.of(attempt)
            if chain is None or number > len(chain.steps):
                return None
            figure = chain.steps[number - 1].after
            if attempt.action == RESUME:
                resumed = (attempt.fields or {})["resumed"]
                if resumed["escalation"] != self.name or number < resumed["step"]:
                    return None
                figure = AT_ONCE if number == resumed["step"] else figure
            # A figure that is younger than the ticket is none of its edition.
            return figure if figure in (AT_ONCE, *attempt.edition.figures) else None

        return Deadline(
            name,
            clause=CLAUSE,
            missed=CALL,
            within=after,
            starts=(*self.starts, RESUME),
            stops=(*self.stops, ACKNOWLEDGE),
            counts_from=self.counts_from,
            provided=lambda attempt: attempt.action != ACKNOWLEDGE or _acknowledges(self, attempt),
            says=self.says,
            step=number,
            outlives=self.outlives,
        )

    def _lapse(self) -> Deadline:
        """Counted from the acknowledgement that ends the calling, as long as what is awaited is neither done nor begun anew."""

        def holds(attempt: Attempt) -> str | None:
            chain = self.of(attempt) if _acknowledges(self, attempt) else None
            return chain.holds if chain is not None and chain.holds in attempt.edition.figures else None

        return Deadline(
            self.lapse,
            clause=CLAUSE,
            missed=RESUME,
            within=holds,
            starts=[ACKNOWLEDGE],
            stops=(*self.stops, *self.starts),
            provided=lambda attempt: attempt.action not in self.starts or not self.over(attempt),
            says="An acknowledged call holds until then; is what is awaited not done by then, calling goes on.",
            step=LAPSE,
            outlives=self.outlives,
        )

    def following(self, chain: Chain, history: Sequence[Past]) -> int:
        """The step with which calling goes on: the one after the last that was called; after the last of all the first."""
        made = [event.fields["call"] for event in history if event.accepted and event.action == CALL]
        last = next((one["step"] for one in reversed(made) if one["escalation"] == self.name), 0)
        return int(last) % len(chain.steps) + 1

    def calls(self, history: Sequence[Past]) -> tuple[Past, ...]:
        """The calls that still wait for an answer, oldest first: those since calling began, unless it has ended since."""
        found: list[Past] = []
        states = {stop.name for stop in self.stops if isinstance(stop, State)}
        for event in history:
            if not event.accepted:
                continue
            told = event.fields.get("call")
            if event.action in self.starts or self._ends(event, found, states):
                found = []
            elif event.action == CALL and isinstance(told, Mapping) and told["escalation"] == self.name:
                found.append(event)
        return tuple(found)

    def _ends(self, event: Past, waiting: Sequence[Past], states: Collection[str]) -> bool:
        if event.action == ACKNOWLEDGE:
            return any(one.sequence in event.fields.get("acknowledged", ()) for one in waiting)
        return event.action in self.stops or (event.dest in states and event.dest != event.source)


def to_answer(escalations: Sequence[Escalation], attempt: Attempt) -> list[int]:
    """Sequences of the calls that wait for an answer of this very person."""
    person = attempt.actor.person
    return [
        event.sequence
        for one in escalations
        for event in one.calls(attempt.facts.history)
        if person is not None
        and any(attempt.natural(who["person"]) == person for who in event.fields["call"]["people"])
    ]


def _acknowledges(one: Escalation, attempt: Attempt) -> bool:
    told = (attempt.fields or {}).get("acknowledged")
    known = to_answer([one], attempt) if told is None else told
    return any(event.sequence in known for event in one.calls(attempt.facts.history))


# --- the acts --------------------------------------------------------------------------------------------------------


def actions(escalations: Sequence[Escalation]) -> tuple[Action, ...]:
    """The clock's call, and the acknowledgement of who was called; none where nothing is called for."""
    if not escalations:
        return ()
    stands = ALWAYS if any(one.outlives for one in escalations) else ANY

    @guard(CLAUSE)
    def is_called(attempt: Attempt) -> Proof | Missing:
        """You were called, and what you were called for is not done or acknowledged yet."""
        waiting = to_answer(escalations, attempt)
        return Proof("event", waiting[-1]) if waiting else Missing("No call waits for your answer.")

    return (
        Action(
            CALL, by=[CLOCK], source=stands, dest=None, clause=CLAUSE, quiet=True,
            computes=lambda attempt: {"call": _called(escalations, attempt)},
            effects=[_messages],
            says="What is awaited was not done in time, or nobody has acknowledged the call before: the next in the chain "
            "is called.",
        ),
        Action(
            RESUME, by=[CLOCK], source=stands, dest=None, clause=CLAUSE, quiet=True,
            computes=lambda attempt: {"resumed": _resumed(escalations, attempt)},
            effects=[_lapsed],
            says="Whoever acknowledged a call has not done what is awaited in the time for which that holds: calling goes on.",
        ),
        Action(
            ACKNOWLEDGE,
            by=BUSINESS_ROLES,
            source=stands,
            dest=None,
            clause=CLAUSE,
            quiet=True,
            summoned=True,
            guards=[is_called],
            computes=lambda attempt: {"acknowledged": to_answer(escalations, attempt)},
            tells=(CLIENT, SUPPLIER),
            says="Says that you know and take care of it: nobody further is called for a while. It is no response, and stops no "
            "limit.",
        ),
    )  # fmt: skip


def _called(escalations: Sequence[Escalation], attempt: Attempt) -> Mapping[str, Any]:
    """Whom the clock calls now, and who should have been there and is not. All of it is stated, for rosters go on."""
    limit = str((attempt.fields or {})["deadline"])
    one, number = next((e, e.names.index(limit) + 1) for e in escalations if limit in e.names)
    chain = one.of(attempt)
    step = chain.steps[number - 1] if chain and number <= len(chain.steps) else None
    told: dict[str, Any] = {"escalation": one.name, "chain": chain.key if chain else "", "step": number}
    if chain is None or step is None:
        return {**told, "people": [], "nobody": [], "channels": []}
    people, nobody = resolved(step, attempt)
    return {**told, "steps": len(chain.steps), "people": people, "nobody": nobody, "channels": list(step.channels)}


def _resumed(escalations: Sequence[Escalation], attempt: Attempt) -> Mapping[str, Any]:
    """With which step of which chain calling goes on, and whose acknowledgement has lapsed."""
    one = next(e for e in escalations if e.lapse == (attempt.fields or {})["deadline"])
    chain, answer = one.of(attempt), _answer(one, attempt.facts.history)
    return {
        "escalation": one.name,
        "chain": chain.key if chain else "",
        "step": one.following(chain, attempt.facts.history) if chain else LAPSE,
        "steps": len(chain.steps) if chain else 0,
        "acknowledged_by": {"account": answer.account, "name": answer.name, "party": answer.party} if answer else None,
    }


def _answer(one: Escalation, history: Sequence[Past]) -> Past | None:
    """The latest acknowledgement of a call of this escalation."""
    own = {event.sequence for event in history if event.action == CALL and event.accepted
           and event.fields["call"]["escalation"] == one.name}  # fmt: skip
    answers = (event for event in reversed(history) if event.action == ACKNOWLEDGE and event.accepted)
    return next((event for event in answers if own.intersection(event.fields.get("acknowledged", ()))), None)


def resolved(step: Step, attempt: Attempt) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Whom a step calls at the instant of the attempt, each natural person once, and the posts and roles that nobody has."""
    people: list[dict[str, Any]] = []
    nobody: list[dict[str, Any]] = []
    for name in step.who:
        found = list(_holders(name, attempt))
        if not found:
            nobody.append(_as(name, attempt))
        seen = {one["person"] for one in people}
        people += [
            {"account": held.account, "person": held.person, "name": held.name, **_as(name, attempt)}
            for held in {held.person: held for held in found}.values()
            if held.person not in seen
        ]
    return people, nobody


def _holders(name: str, attempt: Attempt) -> Iterator[MandateFact]:
    post = attempt.edition.contract.posts.get(name)
    if post is None:
        yield from (held for held in attempt.facts.mandates if held.role.name == name)
        return
    duty: Duty = attempt.facts.more.get(DUTY) or Duty()
    yield from (held for _, held in on_duty(duty, post, attempt.facts.mandates, attempt.at))


def _as(name: str, attempt: Attempt) -> dict[str, Any]:
    """As what somebody is called: a post with its name, for contracts name their own, or a role."""
    post = attempt.edition.contract.posts.get(name)
    if post is None:
        return {"party": ROLES[name].party.name, "role": name}
    return {"party": post.party, "post": name, "zh": post.name.zh, "en": post.name.en}


# --- what is told ----------------------------------------------------------------------------------------------------


def named(told: Mapping[str, Any]) -> Label | Text:
    """What somebody was called as, for a sentence."""
    return Label("role", told["role"]) if "role" in told else Text(told["zh"], told["en"])


def _lapsed(attempt: Attempt) -> Sequence[Tell]:
    """Whoever acknowledged the call hears that it was not enough, before the others do."""
    answer = (attempt.fields or {})["resumed"]["acknowledged_by"]
    if answer is None:
        return ()
    words = Words(
        "%(number)s: you acknowledged the call, and what is awaited is still not done. Others are called now.",
        number=attempt.ticket.number,
    )
    return (Tell(answer["party"], words, (answer["account"],)),)


def _messages(attempt: Attempt) -> Sequence[Tell | NobodyThere]:
    call = (attempt.fields or {})["call"]
    channels = tuple(call["channels"])
    found: list[Tell | NobodyThere] = []
    for who in call["people"]:
        words = Words(
            "%(number)s, %(escalation)s: you are called, as %(post)s (step %(step)s). Acknowledge it on the page of the ticket; "
            "if nobody does, the next is called.",
            number=attempt.ticket.number,
            escalation=Label("escalation", call["escalation"]),
            post=named(who),
            step=call["step"],
        )
        found.append(Tell(who["party"], words, (who["account"],), channels))
    for lacking in call["nobody"]:
        found += _alarm(attempt, lacking)
    return found


def _alarm(attempt: Attempt, lacking: Mapping[str, Any]) -> Iterator[Tell | NobodyThere]:
    """To the heads of the party that should be there (to all of it, where it has none), and to everybody of the others."""
    words = Words(
        "%(number)s: nobody is there as %(post)s, the call has reached nobody. Somebody else must take it up now.",
        number=attempt.ticket.number,
        post=named(lacking),
    )
    heads = tuple(held.account for held in attempt.holders(*HEADS) if held.party.name == lacking["party"])
    yield NobodyThere(lacking["party"], lacking.get("post") or lacking["role"])
    yield Tell(lacking["party"], words, heads or None)
    for party in PARTIES:
        if party != lacking["party"]:
            yield Tell(party, words)
