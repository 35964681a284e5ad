"""The judgement is pure, closed, and says everything that is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transitions import MachineError

from tests.desk import visit
from tests.stage import REAL
from workflow.attempt import (
    THE_CLOCK,
    Actor,
    Attempt,
    Facts,
    IdentityFact,
    MandateFact,
    PaperFact,
    SignatureFact,
    TicketFact,
    TimerFact,
)
from workflow.canonical import canonical, digest, plain
from workflow.contract import load
from workflow.decide import UNOPENED, Accepted, Refused, _Scrap, decide, machine
from workflow.declare import ROLES, Action, Label, Missing, PaperKind, Proof, Words, Workflow, guard
from workflow.wording import from_data, to_data

CONTRACT = load(REAL)
AT = CONTRACT.term_start + timedelta(days=60)
DECLARED = visit.workflow


def attempt(
    action: str,
    *roles: str,
    state: str | None = "requested",
    fields: dict[str, Any] | None = None,
    facts: Facts | None = None,
) -> Attempt:
    """Person 1 attempts `action`, with these roles."""
    mandates = tuple(MandateFact(n, 1, 1, "某人", ROLES[role]) for n, role in enumerate(roles, start=1))
    actor = Actor(1, 1, "某人", tuple(ROLES[role] for role in roles))
    ticket = TicketFact("V-1", "visit", state, 1, "c", 1, AT, 1, "client")
    return Attempt(action, actor, AT, ticket, replace(facts or Facts(), mandates=mandates), CONTRACT.at(AT), fields)


def fresh(person: int = 1, content: str = "c:1", ago: timedelta = timedelta()) -> Facts:
    """Facts with a passed second factor."""
    at = AT - ago
    return Facts(identity=(IdentityFact(1, "totp", person, person, content, at, at + timedelta(minutes=5), at),))


def with_guard(check: Any, *, of_form: bool = False) -> Workflow:
    """The fifth duty, with one more guard on entering."""
    asked = guard("C9.6", of_form=of_form)(check)
    actions = [
        replace(a, guards=[*a.guards, asked]) if a.name == "enter" else a
        for a in DECLARED.actions.values()
        if a.name not in ("remark", "attach")
    ]
    return Workflow(
        kind="visit",
        clause="C9.6",
        prefix="V",
        states=list(DECLARED.states.values()),
        actions=actions,
        deadlines=list(DECLARED.deadlines.values()),
    )


def test_what_is_declared_is_accepted_and_its_nearest_neighbours_are_not() -> None:
    assert isinstance(decide(DECLARED, attempt("allow", "supplier.manager", fields={}, facts=fresh())), Accepted)
    for spoilt, reason in (
        (attempt("allow", "supplier.engineer", fields={}, facts=fresh()), "not_yours"),
        (attempt("allow", fields={}, facts=fresh()), "not_yours"),
        (attempt("allow", "supplier.manager", state="inside", fields={}, facts=fresh()), "not_now"),
        (attempt("allow", "supplier.manager", state=None, fields={}, facts=fresh()), "not_now"),
        (attempt("request", "client.staff", fields={}, facts=fresh()), "not_now"),
        (attempt("allow", "supplier.manager", fields={}), "missing"),
        (attempt("allow", "supplier.manager", fields={}, facts=fresh(person=2)), "missing"),
        (attempt("allow", "supplier.manager", fields={}, facts=fresh(content="d")), "missing"),
        (
            attempt("allow", "supplier.manager", fields={}, facts=fresh(ago=timedelta(minutes=5, milliseconds=1))),
            "missing",
        ),
    ):
        decision = decide(DECLARED, spoilt)
        assert isinstance(decision, Refused)
        assert decision.reason == reason


def test_an_unknown_action_is_no_action() -> None:
    with pytest.raises(KeyError):
        decide(DECLARED, attempt("to_left", "supplier.manager"))


def test_a_person_cannot_act_as_the_clock_nor_the_clock_as_a_person() -> None:
    assert isinstance(
        decide(DECLARED, attempt("note_overstay", "supplier.manager", state="inside", fields={})), Refused
    )
    clock = replace(attempt("leave", state="inside", fields={}), actor=THE_CLOCK)
    assert isinstance(decide(DECLARED, clock), Refused)
    assert isinstance(decide(DECLARED, replace(clock, action="note_overstay")), Accepted)


def test_whoever_tries_too_early_is_told_everything_that_is_missing() -> None:
    decision = decide(DECLARED, attempt("allow", "supplier.manager", state="inside", fields={}))
    assert isinstance(decision, Refused)
    assert [one.guard.name for one in decision.missing] == ["state", "identified"]


@pytest.mark.parametrize("answer", [True, 1, "yes", None, object(), Proof, [Proof("x")]])
def test_a_guard_that_gives_neither_proof_nor_reason_refuses(answer: object) -> None:
    def sure(attempt: Attempt) -> Any:
        """It is so."""
        return answer

    decision = decide(with_guard(sure), attempt("enter", "supplier.engineer", state="allowed", fields={}))
    assert isinstance(decision, Refused)
    assert [one.guard.name for one in decision.missing] == ["sure"]


NOTE = PaperKind("note", "C9.6", "A note.")


def signing() -> Workflow:
    """The fifth duty, with a document that asking files and allowing signs."""
    with_note: dict[str, Any] = {"request": {"files": NOTE}, "allow": {"signs": NOTE}}
    actions = [
        replace(a, **with_note.get(a.name, {})) for a in DECLARED.actions.values() if a.name not in ("remark", "attach")
    ]
    return Workflow(
        kind="visit",
        clause="C9.6",
        prefix="V",
        states=list(DECLARED.states.values()),
        actions=actions,
        deadlines=list(DECLARED.deadlines.values()),
        papers=[NOTE],
    )


def test_c9_5_what_the_ticket_no_longer_says_is_not_signed() -> None:
    now = PaperFact(1, "note", 1, "d1", "c", 1, "client", AT)
    before = replace(now, content="before")
    old = SignatureFact(1, 1, "supplier", "supplier.manager", "allow", AT)
    for papers, says in (
        ((now,), None),
        ((), "No such document is on file: Note."),
        ((before,), "The document “Note” is of an earlier version of the ticket."),
        ((now, replace(before, id=2, version=2)), "The document “Note” is of an earlier version of the ticket."),
        ((replace(now, signatures=(old,)),), "You have signed this version of “Note” already."),
    ):
        facts = replace(fresh(), papers=papers)
        decision = decide(signing(), attempt("allow", "supplier.manager", fields={}, facts=facts))
        lacking = [str(one.says) for one in decision.missing] if isinstance(decision, Refused) else []
        assert lacking == ([says] if says else [])


def test_a_guard_that_breaks_is_never_taken_for_a_yes() -> None:
    def broken(attempt: Attempt) -> Any:
        """It is so."""
        raise RuntimeError("disk")

    with pytest.raises(RuntimeError, match="disk"):
        decide(with_guard(broken), attempt("enter", "supplier.engineer", state="allowed", fields={}))


def test_every_missing_thing_is_told_with_its_clause() -> None:
    def never(attempt: Attempt) -> Missing:
        """It is so."""
        return Missing("It is not so.")

    declared = with_guard(never)
    twice = replace(declared.actions["enter"], guards=[*declared.actions["enter"].guards] * 2)
    declared.actions["enter"] = twice
    decision = decide(declared, attempt("enter", "supplier.engineer", state="allowed", fields={}))
    assert isinstance(decision, Refused)
    assert [(one.clause, str(one.says)) for one in decision.missing] == [("C9.6", "It is not so.")] * 2


def test_a_preview_leaves_out_what_only_the_form_can_tell() -> None:
    def typed(attempt: Attempt) -> Proof | Missing:
        """It was typed right."""
        return Proof("form") if (attempt.fields or {}).get("x") == 1 else Missing("Wrong.")

    declared = with_guard(typed, of_form=True)
    asking = attempt("enter", "supplier.engineer", state="allowed")
    assert isinstance(decide(declared, asking), Accepted)
    assert isinstance(decide(declared, replace(asking, fields={"x": 2})), Refused)
    assert isinstance(decide(declared, replace(asking, fields={"x": 1})), Accepted)


def test_the_machine_has_no_side_doors() -> None:
    built = machine(DECLARED)
    assert set(built.events) == set(DECLARED.actions)
    assert not [name for name in dir(built) if name.startswith("to_")]
    for name, event in built.events.items():
        for state in [UNOPENED, *DECLARED.states]:
            declared = state in event.transitions
            expected = DECLARED.actions[name] in DECLARED.actions_from(None if state == UNOPENED else state)
            assert declared == expected, (name, state)
            if not declared:
                with pytest.raises(MachineError):
                    event.trigger(_Scrap(state), judged=True)


def test_a_judgement_of_anything_but_true_does_not_move_the_machine() -> None:
    scrap = _Scrap("requested")
    untrue: list[Any] = [False, None, 0, "", [], 1, "True"]
    for judged in untrue:
        assert machine(DECLARED).events["allow"].trigger(scrap, judged=judged) is False
    assert scrap.state == "requested"


@pytest.mark.parametrize(("stops", "dropped"), [(["leave"], False), ([], True)])
def test_a_final_state_drops_what_still_runs_and_was_not_done(stops: list[str], dropped: bool) -> None:
    timer = TimerFact(7, "overstay", AT, AT + timedelta(hours=1), "running")
    declared = with_guard(lambda_of_no_interest)
    declared.deadlines["overstay"] = replace(declared.deadlines["overstay"], stops=stops)
    leaving = attempt("leave", "supplier.engineer", state="inside", fields={}, facts=Facts(timers=(timer,)))
    decision = decide(declared, leaving)
    assert isinstance(decision, Accepted)
    assert [(stop.timer.id, stop.dropped) for stop in decision.stops] == [(7, dropped)]


def lambda_of_no_interest(attempt: Attempt) -> Proof:
    """It is so."""
    return Proof("nothing")


def test_the_same_attempt_gets_the_same_answer() -> None:
    asking = attempt("allow", "supplier.manager", fields={}, facts=fresh())
    assert decide(DECLARED, asking) == decide(DECLARED, asking)


def test_no_action_leads_out_of_a_final_state() -> None:
    for action in DECLARED.actions.values():
        for state in DECLARED.states.values():
            if state.final and any(s == state for s in DECLARED.sources(action)):
                assert action.dest is None


DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
def test_canonical_bytes_read_back_as_the_same_data(data: Any) -> None:
    assert json.loads(canonical(data)) == data


@given(st.dictionaries(st.text("abc", max_size=3), st.integers(-5, 5), max_size=5))
def test_a_digest_does_not_depend_on_the_order_of_fields(data: dict[str, int]) -> None:
    assert digest(data) == digest(dict(reversed(data.items())))


def test_a_record_holds_no_floating_point_number() -> None:
    with pytest.raises(TypeError):
        plain({"amount": [0.1]})


@given(st.text(max_size=20), st.integers(), st.datetimes(timezones=st.just(AT.tzinfo)))
def test_words_are_stored_and_read_back(name: str, number: int, at: Any) -> None:
    words = Words("%(a)s %(n)d %(t)s %(l)s %(w)s", a=name, n=number, t=at, l=Label("state", "left"), w=Words("x"))
    assert from_data(json.loads(json.dumps(to_data(words)))) == words


def test_an_action_is_named_for_readers() -> None:
    assert str(Action("note_overstay", by=[], source=None, dest=None, clause="C9.6").label) == "Note overstay"
