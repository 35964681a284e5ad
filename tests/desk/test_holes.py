"""Holes that were looked for at the desk, each by the test that would have found it: what must not be possible."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event, select

from auth.models import Person
from auth.sessions import Caller, MandateNow
from database import Base, reading, transaction
from tests import databases
from tests.desk import permit
from tests.desk.permit import WISH, asked, running
from tests.stage import CAST, Stage
from tickets import effects, gather, log_check, record, worker
from tickets.acts import Act
from tickets.models import Link, Ticket
from tickets.pen import Pen
from tickets.queries import Queries
from workflow.declare import ROLES

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def dump(stage: Stage) -> str:
    """Everything that the database holds."""
    with stage.engine.connect() as connection:
        tables = Base.metadata.sorted_tables
        return "\n".join(
            f"{one.name} {connection.execute(select(one).order_by(*one.primary_key)).all()}" for one in tables
        )


def caller(stage: Stage, username: str) -> Caller:
    with reading(stage.engine) as session:
        person = session.get_one(Person, stage.accounts[username])
    role = ROLES[CAST[username]]
    held = MandateNow(1, person.id, stage.contract.key, role.name, role.party.name, {}, stage.at, None)
    return Caller(person.id, username, person.name, "en", (held,), 1, None)


# --- an old consent does not come back to life ---------------------------------------------------------------------------


def test_an_edit_back_to_the_old_text_does_not_revive_signatures_checks_and_consents(stage: Stage) -> None:
    number = asked(stage)
    stage.do(number, "sign", by="approver1")
    stage.prove(number, by="engineer1")
    before = stage.row(number).content
    stage.do(number, "amend", by="staff1", **{**WISH, "wish": "换一台服务器"})
    stage.do(number, "amend", by="staff1", **WISH)
    assert stage.row(number).content != before
    outcome = stage.refused(number, "begin", by="engineer1", factor=False, guard="signed:permit_paper:client")
    assert {one["guard"] for one in outcome.missing} == {
        "signed:permit_paper:client",
        "done_on_this_content:sign",
        "identified",
    }


def test_two_tickets_that_say_the_same_are_not_one_content(stage: Stage) -> None:
    assert stage.row(asked(stage)).content != stage.row(asked(stage)).content


# --- what may not be seen ------------------------------------------------------------------------------------------------


def test_a_draft_is_seen_and_touched_by_its_party_alone(stage: Stage) -> None:
    number = stage.open("permit", by="staff1", **WISH)
    queries = Queries(stage.desk)
    for username, sees in (("staff2", True), ("approver1", True), ("manager1", False), ("reviewer1", False)):
        who = caller(stage, username)
        assert (queries.sight(who, number) is not None) is sees
        assert (number in [t.number for t in queries.listed(who).tickets]) is sees
        assert (number in [t.number for t in queries.listed(who, q=number).tickets]) is sees
        assert (number in [t.number for t in queries.waiting(who)]) is (username in ("staff2", "approver1"))
        assert (number in [n for _, n in queries.messages(who)]) is False
        if not sees:
            before = dump(stage)
            for action in permit.workflow.actions:
                assert stage.attempt(number, action, username).result == "unknown"
            assert dump(stage) == before
    assert queries.pulse(caller(stage, "manager1"))[0] == 0
    assert queries.pulse(caller(stage, "staff2"))[0] == 1


def test_a_draft_that_was_dropped_stays_the_drafters_alone(stage: Stage) -> None:
    number = stage.open("permit", by="staff1", **WISH)
    stage.do(number, "drop", by="staff1")
    queries = Queries(stage.desk)
    assert queries.sight(caller(stage, "staff2"), number) is not None
    assert queries.sight(caller(stage, "manager1"), number) is None
    assert stage.attempt(number, "remark", "manager1", text="看见了").result == "unknown"
    assert queries.messages(caller(stage, "manager1")) == []


def test_an_answer_is_not_repeated_to_one_whose_mandate_has_ended(stage: Stage) -> None:
    number = asked(stage)
    first = stage.attempt(number, "remark", "manager1", key="k", text="收到")
    assert stage.attempt(number, "remark", "manager1", key="k", version=1, text="收到").result == "key_reused"
    again = stage.attempt(number, "remark", "manager1", key="k", text="收到")
    assert (again.result, again.data()) == ("accepted", first.data())
    stage.end_mandate("manager1")
    gone = stage.attempt(number, "remark", "manager1", key="k", text="收到")
    assert (gone.result, gone.ticket, gone.event, gone.receipt) == ("unknown", None, None, None)


@pytest.mark.parametrize(
    "values",
    [
        {"starts_at": datetime(2026, 5, 12, 2, 0, 0, 1, tzinfo=UTC)},
        {"ends_at": datetime(2026, 5, 12, 2, 0, tzinfo=UTC)},
        {"revoked_at": datetime(2026, 5, 12, 1, 0, tzinfo=UTC)},
        {"contract_key": "another-contract"},
    ],
)
def test_a_mandate_that_does_not_hold_now_opens_nothing(stage: Stage, values: dict[str, Any]) -> None:
    number = asked(stage)
    stage.change_mandate("staff2", **values)
    assert stage.refused_opening("permit", by="staff2", **WISH).result == "unknown"
    assert stage.attempt(number, "amend", "staff2", **WISH).result == "unknown"
    assert len(stage.ticket(number).events) == 2


def test_a_disabled_account_does_nothing_and_its_signature_carries_nothing(stage: Stage) -> None:
    number = asked(stage)
    stage.do(number, "sign", by="approver1")
    with transaction(stage.engine) as session:
        session.get_one(Person, stage.accounts["approver1"]).disabled_at = stage.at
    assert stage.attempt(number, "remark", "approver1", text="我").result == "unknown"
    stage.refused(number, "begin", by="engineer1", guard="signed:permit_paper:client")


def test_a_mandate_is_used_through_the_account_that_holds_it(stage: Stage) -> None:
    """The natural person counts for separation of duties, the account for what may be done."""
    number = asked(stage)
    stage.hire("staff1_too", "client.approver", same_as="staff1")
    assert stage.refused(number, "sign", by="staff1").result == "not_yours"
    stage.do(number, "sign", by="staff1_too")
    signature = stage.ticket(number).papers[0].signatures[0]
    assert (signature.person, signature.account) == (stage.person("staff1"), stage.accounts["staff1_too"])


# --- what was brought in -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "until", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "1000-01-01T00:00:00Z"]
)
def test_a_moment_beyond_every_calendar_is_told_by_field(stage: Stage, until: str) -> None:
    outcome = stage.refused_opening("permit", by="staff1", **{**WISH, "until": until})
    assert (outcome.result, [e["field"] for e in outcome.errors]) == ("invalid", ["until"])


@pytest.mark.parametrize(
    "how_many", [2**53, 2**63, 10**400, -1, 1.5, 1.0, float("nan"), float("inf"), True, "2", [2], {"n": 2}]
)
def test_a_number_that_is_none_is_told_by_field(stage: Stage, how_many: Any) -> None:
    act = Act(
        account=stage.accounts["staff1"],
        action="draft",
        key="k",
        kind="permit",
        contract=stage.contract.key,
        fields={"wish": "a", "until": "2026-06-12T18:00:00+08:00", "how_many": how_many},
    )
    outcome = stage.desk.act(act)
    assert (outcome.result, [e["field"] for e in outcome.errors]) == ("invalid", ["how_many"])


@pytest.mark.parametrize("wish", ["\u200b", "\u200b \ufeff", "\u2060\u00ad", "\u0301"])
def test_a_text_in_which_nothing_can_be_seen_is_no_text(stage: Stage, wish: str) -> None:
    outcome = stage.refused_opening("permit", by="staff1", **{**WISH, "wish": wish})
    assert (outcome.result, [e["field"] for e in outcome.errors]) == ("invalid", ["wish"])


def test_the_longest_text_is_kept_to_the_letter_and_one_more_is_refused(stage: Stage) -> None:
    why = "𠮷\n\t“汉”" * 666 + "字字字字"
    assert len(why) == 4000
    number = stage.open("permit", by="staff1", **WISH, why=why)
    assert stage.ticket(number).fields["why"] == why
    assert log_check.verify(stage.desk) == []
    assert stage.refused_opening("permit", by="staff1", **WISH, why=why + "字").result == "invalid"


@pytest.mark.parametrize("version", [-1, 0, 2**53, 2**63, 10**30])
def test_a_version_that_never_was_is_stale_and_nothing_else(stage: Stage, version: int) -> None:
    number = asked(stage)
    assert stage.refused(number, "amend", by="staff1", version=version, **WISH).result == "stale"


NO_NAMES = ["\x00", "\ud800", "", "x" * 5000]


@pytest.mark.parametrize(("name", "value"), [*product(("kind", "action", "contract", "number"), NO_NAMES)])
def test_names_that_are_none_find_nothing(stage: Stage, name: str, value: str) -> None:
    act = Act(
        account=stage.accounts["staff1"],
        action="draft",
        key="k",
        kind="permit",
        contract=stage.contract.key,
        fields=json.loads(json.dumps({**WISH, "until": "2026-06-12T18:00:00+08:00"})),
    )
    assert stage.desk.act(replace(act, **{name: value})).result == "unknown"  # type: ignore[arg-type]  # A name of any field.


def test_a_file_that_an_opening_did_not_ask_for_is_not_dropped_unseen(stage: Stage) -> None:
    file = record.FileFact("0" * 64, "a.pdf", "application/pdf", 1)
    outcome = stage.attempt(None, "draft", "staff1", kind="permit", file=file, **WISH)
    assert (outcome.result, [e["field"] for e in outcome.errors]) == ("invalid", ["file"])


# --- an act is whole or it is not ----------------------------------------------------------------------------------------


BREAKS = [
    "pen.event",
    "pen.begin",
    "pen.tell",
    "pen.put_down",
    "record._timers",
    "record._signature",
    "record._paper",
    "effects.apply",
    "desk.consequences",
    "commit",
]


PLACES = {"pen": Pen, "record": record, "effects": effects}


@pytest.mark.parametrize("place", BREAKS)
def test_a_record_that_breaks_half_way_leaves_no_trace(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    number = running(stage)
    other = stage.open("visit", by="staff1", visitor="甲", visit_end=stage.at + timedelta(hours=1))
    before, row = dump(stage), stage.row(number)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("a planted fault")

    with monkeypatch.context() as planted:
        if place == "commit":
            event.listen(stage.engine, "commit", broken)
        elif place == "desk.consequences":
            planted.setattr(stage.desk, "consequences", broken)
        else:
            module, name = place.split(".")
            planted.setattr(PLACES[module], name, after(module, name, broken))
        with pytest.raises(OSError, match="planted"):
            stage.attempt(number, "bind", "staff1", version=row.version, key="k", other=other)
    if place == "commit":
        event.remove(stage.engine, "commit", broken)
    assert dump(stage) == before
    assert stage.attempt(number, "bind", "staff1", version=row.version, key="k", other=other).accepted
    assert log_check.verify(stage.desk) == []


def after(module: str, name: str, broken: Any) -> Any:
    """Does what the real one does, then breaks: so that what was written already must be taken back."""
    real = getattr(PLACES[module], name)

    def done_then_broken(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        session = args[0].session if isinstance(args[0], Pen) else args[0]
        session.flush() if hasattr(session, "flush") else None
        broken()

    return done_then_broken


def test_a_linked_ticket_that_may_not_be_opened_refuses_the_act_and_the_refusal_is_on_record(stage: Stage) -> None:
    number = running(stage, until=datetime(2027, 6, 1, tzinfo=UTC))
    stage.later(strike=False, days=1)
    stage.strike()
    stage.at = stage.contract.term_end + timedelta(days=1)
    stage.do(number, "remark", by="staff1", text="等着")
    before = stage.row(number)
    outcome = stage.refused(
        number,
        "invite",
        by="staff1",
        result="missing",
        guard="within_the_term",
        visitor="甲",
        visit_end=stage.at + timedelta(hours=1),
    )
    assert outcome.event is not None
    assert stage.row(number).events == before.events + 1
    with reading(stage.engine) as session:
        assert session.scalars(select(Ticket.kind)).all() == ["permit"]
        assert session.scalars(select(Link)).all() == []
    assert log_check.verify(stage.desk) == []


def test_a_linked_ticket_is_opened_with_the_act_and_seen_from_both(stage: Stage) -> None:
    number = running(stage)
    stage.prove(number, by="staff1")
    row = stage.row(number)
    with stage.counted() as counts:
        outcome = stage.attempt(
            number,
            "invite",
            "staff1",
            version=row.version,
            visitor="甲",
            visit_end=(stage.at + timedelta(hours=1)).isoformat(),
        )
    assert outcome.accepted
    assert counts.commits == 1
    other = stage.ticket(number).links[0].number
    assert [one.number for one in stage.ticket(other).links] == [number]
    assert log_check.verify(stage.desk) == []


def test_every_write_stands_under_the_write_lock_taken_before_the_first_read(stage: Stage) -> None:
    """On SQLite the transaction begins with it; on PostgreSQL the row of the ticket or of the log is locked before any event."""
    begun: dict[int, str] = {}
    offences: list[str] = []
    locks = 0
    writes = WRITES if databases.on_sqlite else ("INSERT INTO EVENT ", "UPDATE TICKET ")

    def seen(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal locks
        word = statement.split()[0].upper()
        locks += "FOR NO KEY" in statement or statement == "BEGIN IMMEDIATE"
        if "FOR NO KEY" in statement:
            begun[id(connection.connection.driver_connection)] = "BEGIN IMMEDIATE"
        elif word == "BEGIN":
            begun[id(connection.connection.driver_connection)] = statement
        elif (
            statement.upper().startswith(writes)
            and begun.get(id(connection.connection.driver_connection)) != "BEGIN IMMEDIATE"
        ):
            offences.append(statement)

    event.listen(stage.engine, "before_cursor_execute", seen)
    if databases.on_postgresql:
        event.listen(stage.engine, "begin", lambda one: begun.pop(id(one.connection.driver_connection), None))
    number = running(stage)
    stage.refused(number, "sign", by="approver1")
    stage.do(number, "report_progress", by="engineer1")
    stage.later(hours=2)
    worker.turn(stage.desk, "w")
    assert locks > 1
    assert offences == []


def test_two_accounts_found_to_be_one_person_count_as_one_for_what_they_did_before(stage: Stage) -> None:
    """The link is recorded after the act: what is on record is not changed, but is read with what is known today."""
    number = stage.open("visit", by="staff1", **WISH_TO_VISIT)
    stage.do(number, "remark", by="staff2", text="已登记。")
    with transaction(stage.engine) as session:
        session.get_one(Person, stage.accounts["staff2"]).same_person_as = stage.accounts["staff1"]
    with reading(stage.engine) as session:
        row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        visit = stage.workflows["visit"]
        found = gather.facts(
            session, row, contract=stage.contract, workflow=visit, at=stage.at, unseal=stage.desk.unseal
        )
    assert [past.person for past in found.history] == [stage.accounts["staff1"]] * 2
    assert {m.person for m in found.mandates if m.account == stage.accounts["staff2"]} == {stage.accounts["staff1"]}


WISH_TO_VISIT = {"visitor": "来访单位甲", "visit_end": "2026-05-12T18:00:00+08:00"}
