"""The one door: one transaction an act, refusals on record, repetitions recognised, stale pages told what changed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests import databases
from tests.stage import Stage
from tickets import log
from tickets.models import ONLY_ADDED


def test_a_visit_goes_its_way_and_every_step_stands_on_record(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.do(number, "allow", by="manager1")
    stage.do(number, "enter", by="engineer1")
    stage.do(number, "leave", by="engineer1")
    view = stage.ticket(number)
    assert view.final
    assert [(e.sequence, e.action, e.source, e.dest) for e in view.events] == [
        (1, "request", None, "requested"),
        (2, "allow", "requested", "allowed"),
        (3, "enter", "allowed", "inside"),
        (4, "leave", "inside", "left"),
    ]
    assert view.deadlines["overstay"].status == "met"


def test_numbers_are_continuous_in_each_series(stage: Stage, visit_fields: dict[str, Any]) -> None:
    numbers = [stage.open("visit", by="staff1", **visit_fields) for _ in range(3)]
    assert [n[-4:] for n in numbers] == ["0001", "0002", "0003"]
    stage.refused_opening("visit", by="engineer1", **visit_fields)
    assert stage.open("visit", by="staff2", **visit_fields)[-4:] == "0004"


def test_the_wrong_role_is_refused_and_the_refusal_is_on_record(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    assert stage.refused(number, "allow", by="engineer1").result == "not_yours"
    assert stage.refused(number, "allow", by="staff1").result == "not_yours"


def test_the_wrong_state_is_refused(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    assert stage.refused(number, "leave", by="engineer1").result == "not_now"


def test_an_act_that_binds_asks_for_a_fresh_factor_for_this_content(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.refused(number, "allow", by="manager1", factor=False, guard="identified")
    stage.prove(number, by="manager2")
    stage.refused(number, "allow", by="manager1", factor=False, guard="identified")
    stage.prove(number, by="manager1")
    stage.later(minutes=5, milliseconds=1)
    stage.refused(number, "allow", by="manager1", factor=False, guard="identified")
    stage.prove(number, by="manager1")
    stage.later(minutes=5)
    stage.do(number, "allow", by="manager1", factor=False)


def test_one_proof_of_identity_serves_one_act_that_moves_the_ticket(stage: Stage, visit_fields: dict[str, Any]) -> None:
    """Whoever proved who they are before an act of somebody else proved nothing for what the ticket says after it."""
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.prove(number, by="manager2")
    stage.do(number, "allow", by="manager1")
    found = stage.ticket(number)
    assert found.state == "allowed"
    other = stage.open("visit", by="staff1", **visit_fields)
    stage.refused(other, "allow", by="manager2", factor=False, guard="identified")
    stage.prove(other, by="manager1")
    stage.do(other, "remark", by="staff2", text="仅为备注。")
    stage.do(other, "allow", by="manager1", factor=False)


def test_a_repeated_request_gets_the_first_answer_and_no_second_event(
    stage: Stage, visit_fields: dict[str, Any]
) -> None:
    first = stage.attempt(None, "request", "staff1", kind="visit", key="k1", **visit_fields)
    again = stage.attempt(None, "request", "staff1", kind="visit", key="k1", **visit_fields)
    assert first.accepted
    assert again.data() == first.data()
    assert len(stage.ticket(str(first.number)).events) == 1


def test_a_key_used_for_another_request_is_refused(stage: Stage, visit_fields: dict[str, Any]) -> None:
    stage.attempt(None, "request", "staff1", kind="visit", key="k1", **visit_fields)
    other = stage.attempt(None, "request", "staff1", kind="visit", key="k1", **{**visit_fields, "visitor": "另一家"})
    assert other.result == "key_reused"


def test_the_same_key_of_another_person_is_another_request(stage: Stage, visit_fields: dict[str, Any]) -> None:
    one = stage.attempt(None, "request", "staff1", kind="visit", key="k1", **visit_fields)
    two = stage.attempt(None, "request", "staff2", kind="visit", key="k1", **visit_fields)
    assert one.number != two.number


def test_a_stale_page_is_told_what_changed(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.do(number, "allow", by="manager1")
    outcome = stage.refused(number, "enter", by="engineer1", version=1, result="stale")
    assert [event["action"] for event in outcome.changed] == ["allow"]


def test_a_remark_makes_nobodys_page_stale(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.do(number, "remark", by="reviewer1", text="请注意登记。")
    assert stage.row(number).version == 1
    stage.refused(number, "remark", by="reviewer1", text="", result="invalid")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"visitor": "甲", "state": "allowed"}, "state"),
        ({"visitor": 7}, "visitor"),
        ({"visitor": "甲" * 201}, "visitor"),
        ({"visitor": "甲\u0007"}, "visitor"),
        ({"visitor": "甲\u202e"}, "visitor"),
        ({"visitor": ["甲"]}, "visitor"),
        ({"visit_end": "2026-05-12T18:00:00"}, "visit_end"),
        ({"visit_end": 3}, "visit_end"),
        ({"visitor": "  "}, "visitor"),
    ],
)
def test_bad_input_is_told_by_field_and_opens_nothing(
    stage: Stage, visit_fields: dict[str, Any], fields: dict[str, Any], field: str
) -> None:
    outcome = stage.refused_opening("visit", by="staff1", **{**visit_fields, **fields})
    assert outcome.result == "invalid"
    assert field in {error["field"] for error in outcome.errors}


def test_a_person_without_mandate_in_the_contract_learns_nothing(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.hire("stranger", "supplier.manager", contract="another-contract")
    assert stage.refused(number, "allow", by="stranger", factor=False).result == "unknown"
    assert len(stage.ticket(number).events) == 1


def test_a_mandate_that_ends_takes_effect_at_that_instant(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.change_mandate("manager1", ends_at=stage.at)
    assert stage.refused(number, "allow", by="manager1").result == "unknown"
    stage.do(number, "allow", by="manager2")


def test_one_person_with_accounts_on_both_sides_may_act_for_neither(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    both = stage.second_account("staff1", "supplier.manager")
    outcome = stage.refused(number, "allow", by=both)
    assert [one["guard"] for one in outcome.missing] == ["one_party"]


def test_exactly_at_the_due_instant_is_in_time_and_a_millisecond_later_is_not(
    stage: Stage, visit_fields: dict[str, Any]
) -> None:
    end = visit_fields["visit_end"]
    for late, status in ((0, "met"), (1, "missed")):
        number = stage.open("visit", by="staff1", **visit_fields)
        stage.do(number, "allow", by="manager1")
        stage.do(number, "enter", by="engineer1")
        began = stage.at
        stage.later(strike=False, microseconds=(end - stage.at).total_seconds() * 1_000_000 + late * 1000)
        stage.do(number, "leave", by="engineer1")
        timer = stage.ticket(number).deadlines["overstay"]
        assert timer.status == status
        assert timer.stopped_at == stage.at
        stage.at = began


def test_a_breach_that_no_worker_noted_is_noted_before_the_next_act(stage: Stage, visit_fields: dict[str, Any]) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.do(number, "allow", by="manager1")
    stage.do(number, "enter", by="engineer1")
    stage.later(strike=False, days=30)
    version = stage.row(number).version
    stage.do(number, "leave", by="engineer1")
    actions = [e.action for e in stage.ticket(number).events]
    assert actions[-2:] == ["note_overstay", "leave"]
    assert stage.row(number).version == version + 1
    noted = stage.ticket(number).events[-2]
    assert noted.fields["due_at"].startswith("2026-05-12T10:00")
    assert stage.strike() == 0


def test_an_act_is_one_commit_and_at_most_twenty_statements(stage: Stage, visit_fields: dict[str, Any]) -> None:
    for _ in range(5):
        number = stage.open("visit", by="staff1", **visit_fields)
    with stage.counted() as opened:
        number = stage.open("visit", by="staff1", **visit_fields)
    stage.prove(number, by="manager1")
    row = stage.row(number)
    with stage.counted() as acted:
        stage.attempt(number, "allow", "manager1", version=row.version)
    for counts in (opened, acted):
        assert counts.commits == 1
        assert counts.statements <= 20, stage.statements[-counts.statements :]


def test_the_receipt_proves_that_the_event_stands_in_the_log(stage: Stage, visit_fields: dict[str, Any]) -> None:
    for _ in range(7):
        outcome = stage.attempt(None, "request", "staff1", kind="visit", **visit_fields)
        receipt = outcome.receipt
        assert receipt is not None
        proof = [bytes.fromhex(h) for h in receipt["proof"]]
        leaf, root = bytes.fromhex(receipt["leaf"]), bytes.fromhex(receipt["root"])
        assert log.includes(leaf, receipt["index"], receipt["size"], proof, root)
        assert not log.includes(leaf, receipt["index"], receipt["size"], proof, leaf_of_nothing := b"\0" * 32), (
            leaf_of_nothing
        )


@pytest.mark.parametrize("table", ONLY_ADDED)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_is_on_record_cannot_be_changed(
    stage: Stage, visit_fields: dict[str, Any], table: str, statement: str
) -> None:
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.upload(number, "attachment", by="staff1")
    with stage.engine.begin() as connection:
        if not connection.execute(text(f"SELECT count(*) FROM {table}")).scalar():  # noqa: S608 - our own table names
            assert databases.refused_by_triggers(connection, table) >= {"UPDATE", "DELETE"}
            return
    with pytest.raises(DBAPIError, match=r"only added|permission denied"), stage.engine.begin() as connection:
        connection.execute(text(statement.format(table)))


def test_the_notices_reach_the_parties_that_are_told(stage: Stage, visit_fields: dict[str, Any]) -> None:
    stage.open("visit", by="staff1", **visit_fields)
    with stage.engine.begin() as connection:
        assert connection.execute(text("SELECT party FROM message")).scalars().all() == ["supplier"]
