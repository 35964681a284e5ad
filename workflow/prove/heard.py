"""Facts that hear what they are asked, so that a proof knows what a judgement can depend on, and on nothing else.

Two worlds may be taken for one where every question that anybody was ever heard to ask has the same answer in both. So
questions are not listed by hand: each look at an event, a field, a paper or a mandate is noted while `decide` runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workflow.attempt import Attempt, Facts, IdentityFact, MandateFact, PaperFact, Past, TicketFact
from workflow.declare import PaperKind, Role
from workflow.soundness import reach

ALL_FIELDS = ".*"
CALLS, PAPERS = "calls", "papers"
"""Of what is noted when a guard reads a call-back, and when it goes through the papers without naming a kind."""
COMPUTED, PERSONAL, REFUSALS = "computed", "personal", "refusals"
"""What was left out because nobody reads it: what an act computes, who did it, how often it was refused."""
Ways = Mapping[str, Collection[tuple[str, str]]]
"""For each state, which acts there are in it and where each leads."""
Question = tuple[Any, ...]
"""("last" | "past" | "persons", actions, since), ("before", act, actions) or ("refusals", action, since, most)."""


@dataclass
class Heard:
    """What was asked in one state. `questions` of the history; `looked`: what was read of an answer, of the ticket, of a
    paper or of a check of identity, as (of what, name); the name of a field begins with a dot."""

    questions: set[Question] = field(default_factory=set)
    looked: set[tuple[str, str]] = field(default_factory=set)

    def copy(self) -> Heard:
        return Heard(set(self.questions), set(self.looked))


@dataclass
class Questions:
    """Everything that was asked so far, by the state in which it was asked; `now` is where what is asked is noted. `relied`:
    what was left out on the ground that nobody reads it, as (of what, names), since somebody last emptied it."""

    by_state: dict[str, Heard] = field(default_factory=dict)
    now: Heard = field(default_factory=Heard)
    relied: set[Question] = field(default_factory=set)

    def __len__(self) -> int:
        return sum(len(heard.questions) + len(heard.looked) for heard in self.by_state.values())

    def copied(self) -> Questions:
        """The same questions, to be added to apart."""
        return Questions({state: heard.copy() for state, heard in self.by_state.items()})

    def listen(self, state: str | None) -> None:
        """From now on everything is asked in this state."""
        self.now = self.by_state.setdefault(state or "", Heard())

    def note(self, of: str, name: str) -> None:
        self.now.looked.add((of, name))

    def reads(self, kinds: Collection[str], names: Collection[str]) -> bool:
        """Whether any of these fields of events, papers or the ticket was read anywhere."""
        looked = (look for one in self.by_state.values() for look in one.looked)
        read = {name for kind, name in looked if kind in kinds}
        return ALL_FIELDS in read or not read.isdisjoint(f".{name}" for name in names)

    def relevant(self, ways: Ways) -> dict[str, Heard]:
        """For each state what can still be asked, there or in any state that lies ahead of it, and whose answer can still be
        the one that it has now."""
        ahead = {state: reach({one: {dest for _, dest in led} for one, led in ways.items()}, {state}) for state in ways}
        found = {
            state: Heard(set(), {look for one in reached for look in self._heard(one).looked})
            for state, reached in ahead.items()
        }
        for question in {one for heard in self.by_state.values() for one in heard.questions}:
            asked = {state for state, heard in self.by_state.items() if question in heard.questions}
            for state in _alive(ways, asked, answered_anew_by(question)):
                found[state].questions.add(question)
        return found

    def _heard(self, state: str) -> Heard:
        return self.by_state.get(state, NOTHING)


NOTHING = Heard()


def answered_anew_by(question: Question) -> frozenset[str]:
    """The acts after which the answer is the same, whatever it was before them."""
    kind, *told = question
    if kind in ("last", "past", "persons"):
        actions, since = told
        return frozenset((*actions, *since) if kind == "last" else since)
    return frozenset(told[1]) if kind == "refusals" else frozenset()


def _alive(ways: Ways, asked: Collection[str], anew: Collection[str]) -> set[str]:
    """The states in which an answer counts: asked there, or ahead with no act on the way that answers it anew."""
    alive = set(asked) & set(ways)
    while True:
        more = {
            state
            for state, led in ways.items()
            if state not in alive and any(dest in alive and act not in anew for act, dest in led)
        }
        if not more:
            return alive
        alive |= more


class HeardFields(dict[str, Any]):
    """Fields that note which of them are read. `of` is whose they are."""

    __slots__ = ("heard", "of")

    def __init__(self, values: Mapping[str, Any], heard: Questions, of: str) -> None:
        super().__init__(values)
        self.heard, self.of = heard, of

    def get(self, name: str, default: Any = None) -> Any:
        self.heard.note(self.of, f".{name}")
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.heard.note(self.of, f".{name}")
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.heard.note(self.of, f".{name}")
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.heard.note(self.of, ALL_FIELDS)
        return super().__iter__()

    def keys(self) -> Any:
        self.heard.note(self.of, ALL_FIELDS)
        return super().keys()

    def items(self) -> Any:
        self.heard.note(self.of, ALL_FIELDS)
        return super().items()

    def values(self) -> Any:
        self.heard.note(self.of, ALL_FIELDS)
        return super().values()


class Place(int):
    """Where something stands in an order. To cite it tells nothing; to compare it does."""

    heard: Questions
    of: str

    def __new__(cls, value: int, heard: Questions, of: str) -> Place:
        made = super().__new__(cls, value)
        made.heard, made.of = heard, of
        return made

    def __lt__(self, other: int) -> bool:
        self.heard.note(self.of, "place")
        return super().__lt__(other)

    def __le__(self, other: int) -> bool:
        self.heard.note(self.of, "place")
        return super().__le__(other)

    def __gt__(self, other: int) -> bool:
        self.heard.note(self.of, "place")
        return super().__gt__(other)

    def __ge__(self, other: int) -> bool:
        self.heard.note(self.of, "place")
        return super().__ge__(other)


def _noting(name: str) -> property:
    def read(heard: Any) -> Any:
        heard.heard.note(heard.of, name)
        return getattr(heard.fact, name)

    return property(read)


class HeardPast:
    """An accepted event that notes what is read of it. Its name is for sentences only, and decides nothing."""

    __slots__ = ("_fields", "_sequence", "action", "fact", "heard", "of")
    accepted = True

    def __init__(self, event: Past, heard: Questions) -> None:
        self.fact, self.heard, self.action, self.of = event, heard, event.action, event.action
        self._fields = HeardFields(event.fields, heard, event.action)
        self._sequence = Place(event.sequence, heard, event.action)

    person, account, party = _noting("person"), _noting("account"), _noting("party")
    at, content, source, dest = _noting("at"), _noting("content"), _noting("source"), _noting("dest")

    @property
    def name(self) -> str:
        return self.fact.name

    @property
    def fields(self) -> Mapping[str, Any]:
        return self._fields

    @property
    def sequence(self) -> int:
        return self._sequence


class HeardPaper:
    """The newest paper of its kind. Its digest is only cited."""

    __slots__ = ("_fields", "_id", "fact", "heard", "kind", "of")

    def __init__(self, paper: PaperFact, heard: Questions) -> None:
        self.fact, self.heard, self.kind, self.of = paper, heard, paper.kind, f"paper:{paper.kind}"
        self._fields = HeardFields(paper.fields, heard, self.of)
        self._id = Place(paper.id, heard, self.of)

    content, signatures, filed_by = _noting("content"), _noting("signatures"), _noting("filed_by")
    party, at, version = _noting("party"), _noting("at"), _noting("version")

    @property
    def digest(self) -> str:
        return self.fact.digest

    @property
    def fields(self) -> Mapping[str, Any]:
        return self._fields

    @property
    def id(self) -> int:
        return self._id


class HeardPapers:
    """The newest of each kind. Whoever goes through them asks about every kind: also about one that nobody has filed yet."""

    __slots__ = ("_papers", "heard")

    def __init__(self, papers: Iterable[PaperFact], heard: Questions) -> None:
        self._papers, self.heard = {one.kind: HeardPaper(one, heard) for one in papers}, heard

    def __iter__(self) -> Iterator[HeardPaper]:
        self.heard.note(PAPERS, "read")
        return iter(self._papers.values())

    def __reversed__(self) -> Iterator[HeardPaper]:
        self.heard.note(PAPERS, "read")
        return reversed(self._papers.values())

    def of(self, kind: str) -> HeardPaper | None:
        """The newest paper of this kind, for whoever names it."""
        return self._papers.get(kind)


class HeardCheck:
    """A call-back. Whoever reads more of it than that it is one has asked about calls."""

    __slots__ = ("fact", "heard", "method")

    def __init__(self, check: IdentityFact, heard: Questions) -> None:
        self.fact, self.heard, self.method = check, heard, check.method

    def __getattr__(self, name: str) -> Any:
        self.heard.note(CALLS, "read")
        return getattr(self.fact, name)


def heard_ticket(ticket: TicketFact, heard: Questions) -> TicketFact:
    """The ticket, whose fields note what is read of them."""
    return replace(ticket, fields=HeardFields(ticket.fields, heard, "ticket"))


def heard_facts(facts: Facts, heard: Questions) -> Facts:
    """The facts as guards get them while they are heard; of each kind of paper only the newest can still count."""
    papers: Any = HeardPapers(facts.papers, heard)
    identity: Any = tuple(HeardCheck(check, heard) for check in facts.identity)
    return replace(facts, papers=papers, identity=identity)


@dataclass
class Memory:
    """What one world answers: each question of its history once, with the events that note what is read of them."""

    heard: Questions
    events: tuple[HeardPast, ...]
    history: tuple[Past, ...]
    answers: dict[Question, Any] = field(default_factory=dict)

    def ask(self, question: Question) -> Any:
        """The answer; the question is noted."""
        self.heard.now.questions.add(question)
        return self.tell(question)

    def tell(self, question: Question) -> Any:
        """The answer, to whoever only compares."""
        found = self.answers.get(question, self)
        if found is self:
            found = self.answers[question] = self._answer(question)
        return found

    def _answer(self, question: Question) -> Any:
        kind, *told = question
        if kind == "before":
            act, actions = told
            place = next((n for n in range(len(self.events) - 1, -1, -1) if self.events[n].action == act), 0)
            return next((e for e in reversed(self.events[:place]) if e.action in actions), None)
        if kind == "refusals":
            return self._refusals(*told)
        actions, since = told
        found: list[HeardPast] = []
        for event in reversed(self.events):
            if event.action in actions:
                found.append(event)
                if kind == "last":
                    return event
            if event.action in since:
                break
        return None if kind == "last" else tuple(reversed(found))

    def _refusals(self, action: str, since: Sequence[str], most: int) -> int:
        count = 0
        for event in reversed(self.history):
            if event.accepted and event.action in since:
                return min(count, most)
            count += event.action == action and not event.accepted and event.reason != "not_yours"
        return 0


@dataclass(frozen=True)
class Asked(Attempt):
    """An attempt whose facts hear what they are asked: the same answers, from the memory of the world it is made in."""

    memory: Memory = field(default_factory=lambda: Memory(Questions(), (), ()), compare=False)
    used: set[int] = field(default_factory=set, compare=False)
    """Whose mandates were looked for."""

    def past(self, *actions: str, since: tuple[str, ...] = ()) -> tuple[Past, ...]:
        found: tuple[Past, ...] = self.memory.ask(("past", actions, since))
        return found

    def last(self, *actions: str, since: tuple[str, ...] = ()) -> Past | None:
        found: Past | None = self.memory.ask(("last", actions, since))
        return found

    def before(self, act: str, *actions: str) -> Past | None:
        self.memory.ask(("last", actions, ()))  # Once the act is done, this is what stood before it.
        found: Past | None = self.memory.ask(("before", act, actions))
        return found

    def persons(self, *actions: str, since: tuple[str, ...] = ()) -> frozenset[int | None]:
        found = self.memory.ask(("persons", actions, since))
        for action in actions:
            self.memory.heard.note(action, "person")
        return frozenset(one.fact.person for one in found)

    def refusals(self, action: str, since: tuple[str, ...], most: int) -> int:
        found: int = self.memory.ask(("refusals", action, since, most))
        return found

    def holders(self, *roles: Role) -> tuple[MandateFact, ...]:
        found = super().holders(*roles)
        self.used.update(one.person for one in found)
        return found

    def mandates_of(self, person: int | None, *roles: Role) -> tuple[MandateFact, ...]:
        if person is not None:
            self.used.add(person)
        return super().mandates_of(person, *roles)

    def paper(self, kind: PaperKind | str) -> PaperFact | None:
        name = kind if isinstance(kind, str) else kind.name
        self.memory.heard.note(f"paper:{name}", "filed")
        papers: Any = self.facts.papers
        found: PaperFact | None = papers.of(name)
        return found


def frozen(value: Any) -> Any:
    """A value as part of a key."""
    if isinstance(value, dict):
        return tuple((name, frozen(dict.__getitem__(value, name))) for name in sorted(dict.keys(value)))
    if isinstance(value, list | tuple):
        return tuple(frozen(one) for one in value)
    return value
