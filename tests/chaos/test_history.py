"""Each check of the history finds what it is for, and nothing where every promise was kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos import history
from tests.chaos.history import Call, Entry, History, Row, Told
from tickets import log

ALICE, BOB = 1, 2
LOG = "here"


def _leaf(index: int) -> str:
    return log.leaf_hash(f"entry {index}".encode()).hex()


def _node(left: int, right: int) -> str:
    return log.node_hash(bytes.fromhex(_leaf(left)), bytes.fromhex(_leaf(right))).hex()


def _told_of(given: History, index: int) -> Told:
    """An answer that tells of this entry, with a receipt whose proof is another's."""
    one = given.entries[index]
    place = {"ticket": one.ticket, "sequence": one.sequence, "index": index, "leaf": one.leaf}
    return Told(200, {**given.calls[0].answers[0].receipt, **place})


def told() -> History:
    """Two tickets, worked on by two people and the clock; one request was never answered and was done, one was not; a call
    opened the second ticket beside its own; a refusal, an answer that tells of no event, and a ticket that is not there."""
    entries = [
        Entry(LOG, 0, "T-1", 1, ALICE, "report", True, _leaf(0), None, "reported", ("mark 1.",)),
        Entry(LOG, 1, "T-1", 2, BOB, "confirm", False, _leaf(1), "reported", None),
        Entry(LOG, 2, "T-1", 3, None, "note_overdue", True, _leaf(2), "reported", "reported"),
        Entry(LOG, 3, "T-1", 4, BOB, "respond", True, _leaf(3), "reported", "answered", ("mark 3.",)),
        Entry(LOG, 4, "T-2", 1, BOB, "report", True, _leaf(4), None, "reported", ("mark 3.",), ("T-1", 4)),
        Entry(LOG, 5, "T-2", 2, ALICE, "withdraw", True, _leaf(5), "reported", "withdrawn", ("mark 4.",)),
    ]
    receipts, size, frontier = [], 0, tuple[bytes, ...]()
    for entry in entries:
        grown = log.grow(size, frontier, bytes.fromhex(entry.leaf))
        size, frontier = grown.size, grown.frontier
        receipts.append(
            {
                "origin": f"counterpart/{LOG}", "index": entry.index, "size": size, "leaf": entry.leaf,
                "root": grown.root.hex(), "proof": [one.hex() for one in grown.proof], "ticket": entry.ticket,
                "sequence": entry.sequence,
            }
        )  # fmt: skip
    calls = [
        Call((ALICE, "a"), "report", 1.0, "mark 1.", 2.0, [Told(201, receipts[0]), Told(201, receipts[0])], 2),
        Call((BOB, "b"), "confirm", 2.5, "", 3.0, [Told(409, receipts[1])], 1),
        Call((BOB, "c"), "respond", 3.5, "mark 3.", 5.5, [Told(200, receipts[3])], 3),
        Call((ALICE, "d"), "withdraw", 4.0, "mark 4.", None, [], 2),
        Call((ALICE, "e"), "report", 4.5, "mark 5.", None, [], 1),
        Call((BOB, "f"), "identify", 6.0, "", 6.5, [Told(201)], 1),
        Call((BOB, "g"), "confirm", 6.6, "", 6.7, [Told(404)], 1),
        Call((ALICE, "h"), "confirm", 6.8, "", 6.9, [Told(404)], 2),
    ]
    answers = {
        (ALICE, "a"): ("T-1", 1), (BOB, "b"): ("T-1", 2), (BOB, "c"): ("T-1", 4), (ALICE, "d"): ("T-2", 2), (BOB, "f"): None,
    }  # fmt: skip
    tickets = {"T-1": Row("answered", 4), "T-2": Row("withdrawn", 2)}
    return History(calls, entries, answers, tickets, {LOG: (size, [one.hex() for one in frontier])})


def test_a_history_in_which_every_promise_was_kept_has_no_fault() -> None:
    assert history.faults(told()) == []
    assert [call.outcome for call in told().calls] == [
        "ok", "refused", "ok", "unknown", "unknown", "ok", "refused", "unknown",
    ]  # fmt: skip


def call(given: History, key: str, **changed: Any) -> History:
    """With something else about one request."""
    return replace(given, calls=[replace(one, **changed) if one.key[1] == key else one for one in given.calls])


def entry(given: History, index: int, **changed: Any) -> History:
    """With something else about one event."""
    return replace(given, entries=[replace(e, **changed) if e.index == index else e for e in given.entries])


def lose_the_last(given: History) -> History:
    """As if its transaction had never been: neither event nor answer, and the ticket as before."""
    frontier, size = tuple[bytes, ...](), 0
    for one in given.entries[:-1]:
        grown = log.grow(size, frontier, bytes.fromhex(one.leaf))
        size, frontier = grown.size, grown.frontier
    return replace(
        given,
        entries=given.entries[:-1],
        answers={key: place for key, place in given.answers.items() if key[1] != "d"},
        tickets={**given.tickets, "T-2": Row("reported", 1)},
        frontiers={LOG: (size, [one.hex() for one in frontier])},
    )


def receipt(given: History, key: str, **changed: Any) -> History:
    asked = next(one for one in given.calls if one.key[1] == key)
    first = asked.answers[0]
    return call(given, key, answers=[replace(first, receipt={**first.receipt, **changed})])


PLANTED: dict[str, tuple[str, Callable[[History], History]]] = {
    "an act that was answered is gone": (
        "lost", lambda g: lose_the_last(call(g, "d", answered=5.0, answers=[_told_of(g, 5)])),
    ),
    "an answer is not kept, though its event is": (
        "lost", lambda g: replace(g, answers={k: v for k, v in g.answers.items() if k[1] != "c"}),
    ),
    "a proof of who somebody is was answered and is gone": (
        "lost", lambda g: replace(g, answers={k: v for k, v in g.answers.items() if k[1] != "f"}),
    ),
    "another act stands where one was answered": ("altered", lambda g: entry(g, 3, action="diagnose")),
    "what was accepted stands there refused": ("altered", lambda g: entry(g, 0, accepted=False)),
    "it is kept as another event": ("altered", lambda g: replace(g, answers={**g.answers, (BOB, "b"): ("T-1", 4)})),
    "the second answer is another": (
        "told two things", lambda g: call(g, "a", answers=[*g.calls[0].answers, Told(409, g.calls[1].answers[0].receipt)]),
    ),
    "what was said once stands there twice": ("done twice", lambda g: entry(g, 5, action="respond", marks=("mark 3.",))),
    "two keys have one event": ("done twice", lambda g: replace(g, answers={**g.answers, (ALICE, "e"): ("T-2", 2)})),
    "a key that no client knows": ("never asked for", lambda g: replace(g, answers={**g.answers, (BOB, "z"): None})),
    "what was told not to be there was done": (
        "never asked for", lambda g: replace(g, answers={**g.answers, (BOB, "g"): None}),
    ),
    "a wrong code that nobody typed": ("never asked for", lambda g: entry(g, 5, action="identify")),
    "an act of a person that is no answer": (
        "half applied", lambda g: replace(g, answers={k: v for k, v in g.answers.items() if k[1] != "d"}),
    ),
    "an answer without its event": ("half applied", lambda g: replace(g, answers={**g.answers, (ALICE, "e"): ("T-2", 3)})),
    "a second ticket that no act opened": ("half applied", lambda g: entry(g, 4, opened_by=None)),
    "a number is left out in a ticket": ("gap", lambda g: entry(g, 5, sequence=3)),
    "an entry is missing in the log": ("gap", lambda g: replace(g, entries=[e for e in g.entries if e.index != 2])),
    "an answered act stands behind one that was asked for later": (
        "out of order", lambda g: call(call(g, "c", sent=9.0, answered=9.5), "d", answered=7.0),
    ),
    "a log in another order than the ticket": (
        "out of order", lambda g: entry(entry(g, 1, sequence=3), 2, sequence=2),
    ),
    "a ticket is not where its last event left it": (
        "not the fold", lambda g: replace(g, tickets={**g.tickets, "T-1": Row("reported", 4)}),
    ),
    "a ticket has not counted an event": ("not the fold", lambda g: replace(g, tickets={**g.tickets, "T-1": Row("answered", 3)})),
    "an act began where the ticket was not": ("not the fold", lambda g: entry(g, 3, source="confirmed")),
    "a ticket without a row": ("not the fold", lambda g: replace(g, tickets={"T-1": g.tickets["T-1"]})),
    "an entry was altered": ("not proved", lambda g: entry(g, 2, leaf=_leaf(99))),
    "the frontier is of another log": ("not proved", lambda g: replace(g, frontiers={LOG: (6, [_leaf(1), _leaf(2)])})),
    "a log without a frontier": ("not proved", lambda g: replace(g, frontiers={})),
    "a receipt whose proof leads nowhere": ("not proved", lambda g: receipt(g, "c", proof=[_leaf(7)])),
    "a receipt for another entry": ("not proved", lambda g: entry(g, 3, leaf=_leaf(98))),
    "a receipt of a log that never was": (
        "not proved", lambda g: receipt(g, "a", size=2, root=_node(0, 9), proof=[_leaf(9)]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found_by_its_check(fault: str) -> None:
    named, planted = PLANTED[fault]
    assert [line for line in history.faults(planted(told())) if line.startswith(f"{named}: ")]


def test_every_check_has_found_something() -> None:
    assert {named for named, _ in PLANTED.values()} == set(history.CHECKS)
