"""Each act of a dangerous operation, brought to where it is permitted: the ground from which tests spoil one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from database import reading
from tests.stage import Stage
from tests.workflow.reboot_story import FAILED, PROBE, RESULT, REVIEW, Emergency, Operation
from tickets.gather import actor_of, facts, ticket_fact, unopened
from tickets.intake import parse
from workflow.attempt import Attempt
from workflow.canonical import plain
from workflow.decide import Decision, decide
from workflow.reboot import workflow

MORE = timedelta(hours=1)


@dataclass
class Case:
    """An act about to be attempted. `tamper` alters what `decide` is shown; `proves`: with a fresh second factor."""

    operation: Operation
    action: str
    by: str
    fields: dict[str, Any] = field(default_factory=dict)
    tamper: Callable[[Attempt], Attempt] = lambda attempt: attempt
    proves: bool = True

    @property
    def stage(self) -> Stage:
        return self.operation.stage

    def judge(self) -> Decision:
        stage, number = self.stage, self.operation.number
        action = workflow.actions[self.action]
        if self.proves and number:
            stage.prove(number, self.by)
        fields, errors = parse(action, plain(self.fields))
        assert not errors, errors
        with reading(stage.engine) as session:
            row = stage.row(number) if number else None
            found = facts(
                session, row, contract=stage.contract, workflow=workflow, at=stage.at, unseal=stage.desk.unseal
            )
        actor = actor_of(found.mandates, stage.accounts[self.by], action)
        fact = ticket_fact(row) if row else unopened(workflow, actor, stage.at)
        attempt = Attempt(self.action, actor, stage.at, fact, found, stage.contract.at(stage.at), fields)
        return decide(workflow, self.tamper(attempt))


def asking_more(stage: Stage) -> Operation:
    operation = Operation(stage).executing()
    return operation.do(
        "ask_extension", "engineer1", new_end=operation.fields["window_end"] + MORE, reason="检查较慢。"
    )


def calling_approver(stage: Stage) -> Operation:
    operation = Emergency(stage).requested().identify()
    return operation.call("desk1", "call_back_approver", subject=stage.person("approver1"))


def called_again(stage: Stage) -> Operation:
    return Operation(stage).prepared().call("desk1", "call_back_again")


def ready(stage: Stage, action: str) -> Case:
    """The act where it is permitted, by the person who may, with fields that fit."""
    new = Operation(stage)
    closes = new.fields["window_end"]
    ways: dict[str, Callable[[], tuple[Operation, str, dict[str, Any]]]] = {
        "request": lambda: (new, "staff1", new.fields),
        "amend": lambda: (new.signed(), "staff1", new.fields | {"reason": "改为凌晨。"}),
        "sign_request": lambda: (new.requested(), "approver1", {}),
        "call_back": lambda: (new.signed(), "desk1", {}),
        "verify_identity": lambda: (new.called(), "desk1", {"code": stage.code_shown(new.number, to="staff1")}),
        "declare_identity_failed": lambda: (new.called(), "desk2", {"reason": "读不出口令。"}),
        "call_back_again": lambda: (new.prepared(), "desk1", {}),
        "verify_identity_again": lambda: (
            again := called_again(stage),
            "desk1",
            {"code": stage.code_shown(again.number, to="staff1")},
        ),
        "consent": lambda: (new.identified(), "approver2", {}),
        "call_back_approver": lambda: (
            Emergency(stage).requested().identify(),
            "desk1",
            {"subject": stage.person("approver1")},
        ),
        "record_spoken_consent": lambda: (
            urgent := calling_approver(stage),
            "desk1",
            {"code": stage.code_shown(urgent.number, to="approver1"), "said": "同意。"},
        ),
        "agree": lambda: (new.consented(), "manager1", REVIEW | {"backup_taken_at": stage.at}),
        "refuse": lambda: (new.agreed(), "manager1", {"reason_code": "freeze_period", "reason": "封网。"}),
        "withdraw": lambda: (new.agreed(), "staff2", {"reason": "推迟。"}),
        "prepare": lambda: (new.agreed(), "engineer1", new.sheet()),
        "stand_guard": lambda: (new.agreed().prepare(), "engineer2", {}),
        "start": lambda: (new.ready(), "engineer1", new.server),
        "start_emergency": lambda: (Emergency(stage).ready(), "engineer1", new.server),
        "confirm_step": lambda: (new.executing(), "engineer2", {"step": 1}),
        "do_step": lambda: (
            new.executing().do("confirm_step", "engineer2", step=1),
            "engineer1",
            {"step": 1, "observed": "正常"},
        ),
        "abort": lambda: (new.executing(), "engineer1", {"doubt": "编号不符。", "condition": "unchanged"}),
        "finish": lambda: (new.executing().steps(), "engineer1", RESULT),
        "ask_extension": lambda: (new.executing(), "engineer1", {"new_end": closes + MORE, "reason": "检查较慢。"}),
        "consent_to_extension": lambda: (asking_more(stage), "approver2", {}),
        "grant_extension": lambda: (
            longer := asking_more(stage).do("consent_to_extension", "approver2"),
            "manager1",
            {"window_end": longer.fields["window_end"] + MORE},
        ),
        "settle_outcome": lambda: (new.unknown(), "manager1", {"result": "failed", "account": "日志显示未重启。"}),
        "accept_outcome": lambda: (new.proposed(), "approver1", {}),
        "return_outcome": lambda: (new.proposed(), "staff1", {"reason": "请补日志。"}),
        "verify_result": lambda: (new.executed(), "staff1", PROBE),
        "close": lambda: (new.executed().do("verify_result", "staff1", **PROBE), "manager1", {}),
        "report_failed_check": lambda: (new.executed(), "engineer1", FAILED),
        "sign_afterwards": lambda: (Emergency(stage).executing(), "staff1", {}),
    }
    operation, by, fields = ways[action]()
    return Case(operation, action, by, dict(fields))
