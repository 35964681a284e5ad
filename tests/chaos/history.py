"""What clients saw, and what is on record, compared: nothing lost, doubled, invented, left out, out of order or altered.

Each client writes down when it asked, what it was answered and when. An answer is a promise, a refusal on record too; who
was not answered (`unknown`) may find the act on record once or not at all. Only what stands here is looked at, so that
every check can be tried on a history into which a fault was put. Each line says what is wrong; none is what it must be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tickets import log
from tickets.witness import IDENTIFY

Place = tuple[str, int]
"""Number of the ticket and place of the event in it."""
Key = tuple[int, str]
"""Account and idempotency key."""
NOT_FOUND = 404
REFUSED = 400


@dataclass(frozen=True)
class Told:
    """One answer. `receipt`: the receipt that came with it, empty where nothing was put on record."""

    status: int
    receipt: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Place | None:
        return (self.receipt["ticket"], self.receipt["sequence"]) if self.receipt else None


@dataclass
class Call:
    """One request under one key: `sent` when it was first sent, `answered` when its first answer was there, in seconds of
    one clock, `tries` how often it reached the desk. `mark` stands in what it says and nowhere else, empty where it has
    nothing to say it in."""

    key: Key
    action: str
    sent: float
    mark: str = ""
    answered: float | None = None
    answers: list[Told] = field(default_factory=list)
    tries: int = 0

    @property
    def told(self) -> Told | None:
        """The answer; None where nobody knows what became of it. That there is no such ticket is no answer to somebody who
        asked more than once: the first time there may have been, and the act may have taken it out of their sight."""
        found = [one for one in self.answers if one.status != NOT_FOUND]
        return found[0] if found else self.answers[0] if self.answers and self.tries == 1 else None

    @property
    def outcome(self) -> str:
        """ok, refused or unknown."""
        told = self.told
        return "unknown" if told is None else "ok" if told.status < REFUSED else "refused"


@dataclass(frozen=True)
class Entry:
    """One event on record. `opened_by`: the event that opened this ticket beside its own."""

    log: str
    index: int
    ticket: str
    sequence: int
    account: int | None
    action: str
    accepted: bool
    leaf: str
    source: str | None
    dest: str | None
    marks: tuple[str, ...] = ()
    opened_by: Place | None = None

    @property
    def place(self) -> Place:
        return self.ticket, self.sequence


@dataclass(frozen=True)
class Row:
    """A ticket as its own row tells it."""

    state: str
    events: int


@dataclass(frozen=True)
class History:
    """Everything. `answers`: what was kept under each key, with the place of the event or None where none was written;
    `frontiers`: of each log its size and frontier, in hexadecimal."""

    calls: Sequence[Call]
    entries: Sequence[Entry]
    answers: Mapping[Key, Place | None]
    tickets: Mapping[str, Row]
    frontiers: Mapping[str, tuple[int, Sequence[str]]]

    @property
    def at(self) -> dict[Place, Entry]:
        return {entry.place: entry for entry in self.entries}


def faults(history: History) -> list[str]:
    """All of them, each beginning with the name of the check."""
    return [f"{name}: {line}" for name, check in CHECKS.items() for line in check(history)]


def lost(history: History) -> Iterator[str]:
    """Whoever was answered finds it on record: under its key, and in its place."""
    places = history.at
    for call in history.calls:
        told = call.told
        if told is None or told.status == NOT_FOUND:
            continue
        if call.key not in history.answers:
            yield f"{_said(call)} is not kept under its key"
        if told.place is not None and told.place not in places:
            yield f"{_said(call)} stands nowhere, it was told {told.place}"


def altered(history: History) -> Iterator[str]:
    """What is on record is what was answered."""
    places = history.at
    for call in history.calls:
        told = call.told
        entry = places.get(told.place) if told is not None and told.place else None
        if told is None or entry is None:
            continue
        there = (entry.account, entry.action, entry.accepted, entry.index, entry.leaf)
        if there != (call.key[0], call.action, told.status < REFUSED, told.receipt["index"], told.receipt["leaf"]):
            yield f"{_said(call)} stands there as {there}"
        if call.key in history.answers and history.answers[call.key] != told.place:
            yield f"{_said(call)} is kept as {history.answers[call.key]}"


def told_two_things(history: History) -> Iterator[str]:
    """Who asks again under one key is answered as the first time."""
    for call in history.calls:
        said = {(one.status < REFUSED, one.place) for one in call.answers if one.status != NOT_FOUND}
        if len(said) > 1:
            yield f"{_said(call)} was told {sorted(map(str, said))}"


def doubled(history: History) -> Iterator[str]:
    """What was said once stands there once, and no two keys have one event."""
    said = Counter((mark, entry.action) for entry in history.entries for mark in entry.marks)
    yield from (f"{action} {mark} stands there {many} times" for (mark, action), many in said.items() if many > 1)
    kept = Counter(place for place in history.answers.values() if place is not None)
    yield from (f"{place} is the answer to {many} keys" for place, many in kept.items() if many > 1)


def invented(history: History) -> Iterator[str]:
    """Nothing was done that nobody asked for, or that was told not to be there."""
    asked = {call.key for call in history.calls}
    yield from (f"{key} was never asked for" for key in history.answers if key not in asked)
    for call in history.calls:
        if call.told is not None and call.told.status == NOT_FOUND and call.key in history.answers:
            yield f"{_said(call)} is on record"
    wrong = Counter(entry.account for entry in history.entries if entry.action == IDENTIFY)
    tried = Counter[int | None](call.key[0] for call in history.calls if call.action == IDENTIFY)
    yield from (
        f"{who} gave {many} wrong codes, and tried {tried[who]}" for who, many in wrong.items() if many > tried[who]
    )


def half(history: History) -> Iterator[str]:
    """What a person did and the answer to it are on record both or neither."""
    kept = {place for place in history.answers.values() if place is not None}
    places = history.at
    yield from (f"{place} is an answer, and stands nowhere" for place in sorted(kept - places.keys()))
    for entry in history.entries:
        beside = entry.opened_by in kept and entry.sequence == 1
        # A code that was wrong is put on record beside its answer, which tells of no event.
        if entry.account is not None and entry.place not in kept and not beside and entry.action != IDENTIFY:
            yield f"{entry.place} {entry.action} of {entry.account} was answered to nobody"


def gaps(history: History) -> Iterator[str]:
    """Events are numbered one by one, in each ticket from one and in each log from nothing."""
    numbers: dict[tuple[str, int], list[int]] = defaultdict(list)
    for entry in history.entries:
        numbers[entry.ticket, 1].append(entry.sequence)
        numbers[entry.log, 0].append(entry.index)
    for (where, first), found in numbers.items():
        if sorted(found) != list(range(first, first + len(found))):
            yield f"{where} has {len(found)} entries, numbered up to {max(found)}"


def disordered(history: History) -> Iterator[str]:
    """What was answered before another thing was asked for stands before it, in the log and so in the ticket."""
    places, latest = history.at, dict[str, tuple[float, Call]]()
    kept = {key: place for key, place in history.answers.items() if place is not None}
    calls = [(places[kept[call.key]], call) for call in history.calls if kept.get(call.key) in places]
    for entry, call in sorted(calls, key=lambda one: (one[0].log, one[0].index)):
        sent, before = latest.get(entry.log, (0.0, call))
        if call.answered is not None and call.answered < sent:
            yield f"{_said(call)} was answered before {_said(before)} was asked for, and stands behind it"
        if call.sent > sent:
            latest[entry.log] = call.sent, call
    for ticket, entries in _by_ticket(history).items():
        if [one.index for one in entries] != sorted(one.index for one in entries):
            yield f"{ticket}: its events stand in the log in another order than in it"


def not_the_fold(history: History) -> Iterator[str]:
    """Each accepted event begins where the one before it ended, and the ticket is where the last one left it."""
    by_ticket = _by_ticket(history)
    for number in sorted({*history.tickets, *by_ticket}):
        entries, state = by_ticket.get(number, []), None
        for entry in entries:
            if entry.source != state:
                yield f"{entry.place} {entry.action} began at “{entry.source}”, the ticket was “{state}”"
            state = entry.dest if entry.accepted else state
        row = history.tickets.get(number)
        if row != Row(str(state), len(entries)):
            yield f"{number} is {row}, its {len(entries)} events come to “{state}”"


def unproved(history: History) -> Iterator[str]:
    """The log leads to the frontier on record, and every receipt that was ever given still shows its leaf in it."""
    roots: dict[tuple[str, int], str] = {}
    leaves: dict[tuple[str, int], str] = {}
    grown = {name: log.Grown(0, (), b"", ()) for name in history.frontiers}
    for entry in sorted(history.entries, key=lambda one: (one.log, one.index)):
        before = grown.get(entry.log, log.Grown(0, (), b"", ()))
        after = grown[entry.log] = log.grow(before.size, before.frontier, bytes.fromhex(entry.leaf))
        roots[entry.log, after.size] = after.root.hex()
        leaves[entry.log, entry.index] = entry.leaf
    for name, one in grown.items():
        if (one.size, [node.hex() for node in one.frontier]) != history.frontiers.get(name, (0, [])):
            yield f"the {one.size} entries of {name} do not lead to the frontier on record"
    for call in history.calls:
        yield from (
            f"the receipt of {_said(call)} {why}" for one in call.answers for why in _receipt(one, roots, leaves)
        )


def _receipt(told: Told, roots: Mapping[tuple[str, int], str], leaves: Mapping[tuple[str, int], str]) -> Iterator[str]:
    if not told.receipt:
        return
    one, name = told.receipt, str(told.receipt["origin"]).partition("/")[2]
    leaf, root, proof = bytes.fromhex(one["leaf"]), bytes.fromhex(one["root"]), [bytes.fromhex(h) for h in one["proof"]]
    if not log.includes(leaf, one["index"], one["size"], proof, root):
        yield "proves nothing"
    if leaves.get((name, one["index"])) != one["leaf"]:
        yield "is for another entry than stands there"
    if roots.get((name, one["size"])) != one["root"]:
        yield "has a root to which the log never led"


def _by_ticket(history: History) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(history.entries, key=lambda one: one.place):
        found[entry.ticket].append(entry)
    return found


def _said(call: Call) -> str:
    return f"{call.key[1]} ({call.action}, {call.told.status if call.told else 'not answered'})"


CHECKS = {
    "lost": lost,
    "altered": altered,
    "told two things": told_two_things,
    "done twice": doubled,
    "never asked for": invented,
    "half applied": half,
    "gap": gaps,
    "out of order": disordered,
    "not the fold": not_the_fold,
    "not proved": unproved,
}
