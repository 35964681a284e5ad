"""The story of one dangerous operation, told as far as a test needs it: who does what, with believable words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.stage import REAL, Stage, View, explain
from workflow.reminders import WARN

SHEET: dict[str, Any] = {
    "steps": ["从负载均衡摘除该节点", "执行系统重启", "恢复负载均衡权重"],
    "before_checks": "快照可用，另一节点负载低于六成。",
    "after_checks": "登录、查询、提交三项探测均正常。",
    "rollback": "由快照恢复系统盘。",
}
REVIEW: dict[str, Any] = {
    "impact": "单节点重启，另一节点可承接流量。",
    "active_sessions": "在线 3 人，已通知",
    "running_jobs": "无",
    "dependencies": "移动终端接口依赖该服务器。",
    "no_freeze_period": True,
}
RESULT: dict[str, Any] = {"result": "succeeded", "observed": "三项探测均正常。"}
PROBE: dict[str, Any] = {"service_answers": True, "observed": "两个账号登录正常。"}
FAILED: dict[str, Any] = {
    "system": "办案系统",
    "symptom": "登录页打不开。",
    "impact": "全市无法办案。",
    "level": "level_2",
}
FAULTY: dict[str, Any] = {
    "result": "failed",
    "observed": "重启后登录页打不开。",
    "impact": FAILED["impact"],
    "level": FAILED["level"],
}
"""A result that opens a fault; its system is the request's, or said beside."""


class Operation:
    """One request on a stage: `fields` is what the application says, `number` the ticket's."""

    def __init__(self, stage: Stage, **over: Any) -> None:
        self.stage, self.number = stage, ""
        self.fields: dict[str, Any] = {
            "operation": "reboot",
            "server_name": "办案系统应用服务器二",
            "server_id": "ecs-bjzf-0217",
            "window_start": stage.at + timedelta(minutes=20),
            "window_end": stage.at + timedelta(hours=4, minutes=20),
            "reason": "内核补丁须重启生效。",
            "expected_impact": "约五分钟不可登录。",
            "data_loss_acknowledged": True,
            "rollback": "由快照恢复系统盘。",
        } | over
        self.server: dict[str, Any] = {"server_name": self.fields["server_name"], "server_id": self.fields["server_id"]}

    # --- what people do --------------------------------------------------------------------------------------------

    def requested(self, by: str = "staff1") -> Operation:
        self.number = self.stage.open("reboot", by=by, **self.fields)
        return self

    def do(self, action: str, by: str, **fields: Any) -> Operation:
        self.stage.do(self.number, action, by=by, **fields)
        return self

    def refused(
        self, action: str, by: str, guard: str | None = None, answer: str | None = None, **fields: Any
    ) -> Operation:
        """Asserts that the act is refused (for want of `guard`), and that the refusal is all that is added."""
        stage, before = self.stage, self.view
        declared = stage.workflows["reboot"].actions[action]
        if any(one.name == "identified" for one in declared.guards):
            stage.prove(self.number, by)
        outcome = stage.attempt(self.number, action, by, **fields)
        after = self.view
        assert outcome.result == (answer or "missing"), explain(outcome)
        assert (before.state, before.version, before.content) == (after.state, after.version, after.content)
        since = [(e.action, e.accepted) for e in after.events[len(before.events) :]]
        assert [one for one in since if one[0] != WARN] == [(action, False)]
        if guard is not None:
            assert guard in [one.get("guard") for one in outcome.missing], explain(outcome)
        return self

    def sign(self, by: str = "approver1") -> Operation:
        return self.do("sign_request", by)

    def call(self, by: str = "desk1", action: str = "call_back", **fields: Any) -> Operation:
        return self.do(action, by, **fields)

    def answer(
        self, by: str = "desk1", of: str = "staff1", action: str = "verify_identity", **fields: Any
    ) -> Operation:
        return self.do(action, by, code=self.stage.code_shown(self.number, to=of), **fields)

    def wrong_code(self, of: str = "staff1") -> str:
        """A code that is surely not the one shown."""
        return f"{(int(self.stage.code_shown(self.number, to=of)) + 1) % 1_000_000:06d}"

    def identify(self, by: str = "desk1", of: str = "staff1") -> Operation:
        return self.call(by).answer(by, of)

    def identify_again(self, by: str = "desk1", of: str = "staff1") -> Operation:
        return self.call(by, "call_back_again").answer(by, of, "verify_identity_again")

    def consent(self, by: str = "approver2") -> Operation:
        return self.do("consent", by)

    def agree(self, by: str = "manager1", **over: Any) -> Operation:
        return self.do("agree", by, **REVIEW | {"backup_taken_at": self.stage.at - timedelta(hours=8)} | over)

    def sheet(self, operator: str = "engineer1", guardian: str = "engineer2", **over: Any) -> dict[str, Any]:
        return SHEET | {"operator": self.stage.person(operator), "guardian": self.stage.person(guardian)} | over

    def prepare(self, by: str = "engineer1", **over: Any) -> Operation:
        return self.do("prepare", by, **self.sheet(**over))

    def guard(self, by: str = "engineer2") -> Operation:
        return self.do("stand_guard", by)

    def start(self, by: str = "engineer1") -> Operation:
        return self.do("start", by, **self.server)

    def steps(self, upto: int = 3) -> Operation:
        for number in range(1, upto + 1):
            self.do("confirm_step", "engineer2", step=number)
            self.do("do_step", "engineer1", step=number, observed="正常")
        return self

    def finish(self, **over: Any) -> Operation:
        return self.do("finish", "engineer1", **RESULT | over)

    # --- how far it has come ---------------------------------------------------------------------------------------

    def signed(self, **who: Any) -> Operation:
        return self.requested(**who).sign()

    def called(self) -> Operation:
        return self.signed().call()

    def identified(self) -> Operation:
        return self.called().answer()

    def consented(self) -> Operation:
        return self.identified().consent()

    def agreed(self) -> Operation:
        return self.consented().agree()

    def prepared(self) -> Operation:
        return self.agreed().prepare().guard()

    def ready(self) -> Operation:
        """Everything is in place and the window is open."""
        self.prepared()
        self.stage.later(minutes=20)
        return self

    def executing(self) -> Operation:
        return self.ready().start()

    def executed(self) -> Operation:
        return self.executing().steps().finish()

    def unknown(self) -> Operation:
        self.executing()
        self.stage.later(hours=5)
        return self

    def proposed(self) -> Operation:
        return self.unknown().do("settle_outcome", "manager1", result="succeeded", account="控制台日志显示已重启。")

    def failed(self) -> Operation:
        return self.called().do("declare_identity_failed", "desk1", reason="读不出口令。")

    def at(self, state: str) -> Operation:
        """Brings a new request to this state."""
        ways = {
            "requested": self.requested,
            "signed": self.signed,
            "called_back": self.called,
            "identified": self.identified,
            "identity_failed": self.failed,
            "consented": self.consented,
            "agreed": self.agreed,
            "prepared": self.prepared,
            "executing": self.executing,
            "executed": self.executed,
            "outcome_unknown": self.unknown,
            "outcome_proposed": self.proposed,
        }
        reached: Operation = ways[state]()
        assert reached.state == state
        return reached

    @property
    def view(self) -> View:
        return self.stage.ticket(self.number)

    @property
    def state(self) -> str:
        return self.view.state


class Emergency(Operation):
    """An emergency that the desk takes down on the phone."""

    def __init__(self, stage: Stage, **over: Any) -> None:
        super().__init__(
            stage,
            **{"emergency": True, "channel": "phone", "subject": stage.person("staff1"), "window_start": stage.at}
            | over,
        )

    def requested(self, by: str = "desk1") -> Operation:
        return super().requested(by)

    def spoken(self) -> Operation:
        """As far as the recorded consent."""
        self.requested().identify()
        self.call("desk1", "call_back_approver", subject=self.stage.person("approver1"))
        return self.answer("desk1", "approver1", "record_spoken_consent", said="我同意现在重启。")

    def ready(self) -> Operation:
        return self.spoken().agree().prepare().guard()

    def executing(self) -> Operation:
        return self.ready().do("start_emergency", "engineer1", **self.server)


def contract_with(folder: Path, **classes: Mapping[str, bool]) -> Path:
    """The shipped contract with some switches of some operation classes set otherwise; `folder` must be empty."""
    there = folder / "contract"
    shutil.copytree(REAL, there)
    path = there / "operations.toml"
    parts = path.read_text(encoding="utf-8").split("[[operation]]")
    for key, switches in classes.items():
        at = next(n for n, part in enumerate(parts) if f'key = "{key}"' in part)
        for name, value in switches.items():
            parts[at] = re.sub(rf"^{name} = \w+$", f"{name} = {str(value).lower()}", parts[at], flags=re.MULTILINE)
    path.write_text("[[operation]]".join(parts), encoding="utf-8")
    return there
