"""Every guard of every act is needed: each is the only thing missing in one scenario, so without it the act would pass.

Each act is first brought to where it is permitted (`READY`); then one thing is spoilt (`SPOILT`), and the refusal must
name exactly that guard. What no honest sequence of acts can spoil, because an earlier act refuses it already, is
spoilt in the facts that `decide` is given: that guard is the second lock on the same door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.workflow.reboot_cases import MORE, Case, asking_more, ready
from tests.workflow.reboot_story import FAILED, PROBE, Emergency, Operation
from workflow.attempt import Attempt, Past
from workflow.canonical import plain
from workflow.decide import Accepted, Refused
from workflow.deductions import AGREE, DECLINE, PROPOSE
from workflow.delays import ANNOUNCE
from workflow.escalation import ACKNOWLEDGE
from workflow.reboot import workflow

MOMENT = timedelta(milliseconds=1)
DATA = {"operation": "disk_detachment"}
DATA_ALLOWED = DATA | {"data_authorisation": "同意卸载数据盘。"}
OTHERS_ONLY = {"operations": ["shutdown"]}
STANDING = ("remark", "attach", PROPOSE, AGREE, DECLINE, ANNOUNCE, ACKNOWLEDGE)
"""What every duty offers is tried where it is declared."""
ACTS = [a.name for a in workflow.actions.values() if not a.by_clock and a.name not in STANDING]


@pytest.mark.parametrize("action", ACTS)
def test_c9_5_each_act_is_permitted_where_everything_is_in_place(stage: Stage, action: str) -> None:
    decision = ready(stage, action).judge()
    assert isinstance(decision, Accepted), decision


# --- one thing is spoilt -----------------------------------------------------------------------------------------------


def with_fields(**changed: Any) -> Callable[[Case], None]:
    return lambda case: case.fields.update(changed)


def acted_by(username: str) -> Callable[[Case], None]:
    return lambda case: setattr(case, "by", username)


def acted_by_second_account(of: str, role: str) -> Callable[[Case], None]:
    return lambda case: setattr(case, "by", case.stage.second_account(of, role))


def left(username: str) -> Callable[[Case], None]:
    return lambda case: case.stage.end_mandate(username)


def limited(username: str) -> Callable[[Case], None]:
    return lambda case: case.stage.change_mandate(username, scope=OTHERS_ONLY)


def a_new_number(of: str) -> Callable[[Case], None]:
    return lambda case: case.stage.change_mandate(of, callback_since=case.stage.at - timedelta(hours=24) + MOMENT)


def later(minutes: float, milliseconds: float = 0) -> Callable[[Case], None]:
    return lambda case: case.stage.later(minutes=minutes, milliseconds=milliseconds)


def unproven(case: Case) -> None:
    case.proves = False
    case.stage.later(
        minutes=5, milliseconds=1, strike=False
    )  # what was proved for an earlier act of this person is stale


def tampered(change: Callable[[Attempt], Attempt]) -> Callable[[Case], None]:
    return lambda case: setattr(case, "tamper", change)


def told(attempt: Attempt, **changed: Any) -> Attempt:
    return replace(attempt, ticket=replace(attempt.ticket, fields={**attempt.ticket.fields, **changed}))


def over(attempt: Attempt) -> Attempt:
    contract = attempt.edition.contract
    return replace(attempt, edition=replace(contract, last_day=contract.first_day).at(attempt.at))


def needing_data_authorisation(attempt: Attempt) -> Attempt:
    contract = attempt.edition.contract
    operations = {**contract.operations, "reboot": replace(contract.operations["reboot"], data_authorisation=True)}
    return replace(attempt, edition=replace(contract, operations=operations).at(attempt.at))


def rewritten(attempt: Attempt, change: Callable[[Past], Past]) -> Attempt:
    history = tuple(change(event) for event in attempt.facts.history)
    return replace(attempt, facts=replace(attempt.facts, history=history))


def called_by_the_operator(attempt: Attempt) -> Attempt:
    sheet = attempt.last("prepare")
    assert sheet is not None
    operator = sheet.fields["operator"]
    return rewritten(attempt, lambda e: replace(e, person=operator) if e.action == "call_back" else e)


def started_before(attempt: Attempt) -> Attempt:
    last = attempt.facts.history[-1]
    again = replace(last, sequence=last.sequence + 1, action="start", accepted=True)
    return replace(attempt, facts=replace(attempt.facts, history=(*attempt.facts.history, again)))


def window_over(attempt: Attempt) -> Attempt:
    return told(attempt, window_end=plain(attempt.at - MOMENT))


def before_the_term(case: Case) -> None:
    case.tamper = lambda attempt: replace(attempt, at=attempt.edition.contract.term_start - MOMENT)


def beyond_the_term(case: Case) -> None:
    ends = case.stage.contract.term_end
    case.fields |= {"window_start": ends - MORE, "window_end": ends + MORE}


def locked(case: Case) -> None:
    operation = case.operation
    if case.action == "record_spoken_consent":
        guess(operation, "record_spoken_consent", "approver1", said="同意。")
    elif case.action == "call_back_approver":
        operation.call("desk1", "call_back_approver", subject=case.stage.person("approver2"))
        guess(operation, "record_spoken_consent", "approver2", said="同意。")
    elif case.action.endswith("_again"):
        if case.action == "call_back_again":
            operation.call("desk1", "call_back_again")
        guess(operation, "verify_identity_again", "staff1")
    else:
        if case.action != "verify_identity":
            operation.call("desk1")
        guess(operation, "verify_identity", "staff1")


def guess(operation: Operation, action: str, of: str, **fields: Any) -> None:
    for _ in range(3):
        operation.refused(action, "desk1", guard="code_right", code=operation.wrong_code(of), **fields)


def failed_with_desk1(case: Case) -> None:
    """desk1 called and failed; desk2 then succeeded."""
    new: Operation = (
        Emergency(case.stage).requested() if case.action == "call_back_approver" else Operation(case.stage).signed()
    )
    new.call("desk1").do("declare_identity_failed", "desk1", reason="读不出口令。").identify("desk2")
    if case.action == "call_back_again":
        new.consent().agree()
    case.operation = new


def failed(case: Case) -> None:
    case.operation = Operation(case.stage).failed()


def unsigned(case: Case) -> None:
    case.operation = Operation(case.stage).requested()


def no_emergency(case: Case) -> None:
    case.operation = Operation(case.stage).identified()
    case.fields["subject"] = case.stage.person("approver2")


def destroying_without_backup(case: Case) -> None:
    case.operation = Operation(case.stage, operation="deletion", data_authorisation="同意删除。").ready()


def one_step_short(case: Case) -> None:
    case.operation = Operation(case.stage).executing().steps(2)


def too_late_for_more(case: Case) -> None:
    case.stage.at = case.operation.fields["window_end"] - timedelta(hours=2) + MOMENT


def consented_already(case: Case) -> None:
    case.operation.do("consent_to_extension", "approver2")


def asked_by_the_approver(case: Case) -> None:
    operation = Operation(case.stage).executing()
    new_end = operation.fields["window_end"] + MORE
    case.operation = operation.do("ask_extension", "approver2", new_end=new_end, reason="检查较慢。")


def not_consented(case: Case) -> None:
    case.operation = asking_more(case.stage)
    case.fields["window_end"] = case.operation.fields["window_end"] + MORE


def another_end(case: Case) -> None:
    case.fields["window_end"] += MOMENT


def same_end(case: Case) -> None:
    case.fields["new_end"] = case.operation.fields["window_end"]


def too_long(case: Case) -> None:
    case.fields["window_end"] = case.fields["window_start"] + timedelta(hours=8) + MOMENT


def opens_now(case: Case) -> None:
    case.fields["window_start"] = case.stage.at


def for_a_colleague(case: Case) -> None:
    case.fields["subject"] = case.stage.person("staff2")


def backup_of_tomorrow(case: Case) -> None:
    case.fields["backup_taken_at"] = case.stage.at + MOMENT


def guarding_himself(case: Case) -> None:
    case.fields["guardian"] = case.fields["operator"]


def wrong_code(case: Case) -> None:
    of = "approver1" if case.action == "record_spoken_consent" else "staff1"
    case.fields["code"] = case.operation.wrong_code(of)


def reported_already(case: Case) -> None:
    case.operation.do("report_failed_check", "staff1", **FAILED)


def failed_without_fault(attempt: Attempt) -> Attempt:
    ends = ("finish", "settle_outcome")
    return rewritten(attempt, lambda e: replace(e, fields={**e.fields, "result": "failed"}) if e.action in ends else e)


def signed_already(case: Case) -> None:
    case.operation.do("sign_afterwards", "approver1")


def taking_up_what_was_done(case: Case) -> None:
    done = Operation(case.stage).executed().do("verify_result", "staff1", **PROBE).do("close", "manager1")
    fields = case.fields | {"follows": done.number}
    case.operation = Operation(case.stage) if case.action == "request" else Operation(case.stage).signed()
    case.fields = fields | {name: case.operation.fields[name] for name in ("window_start", "window_end")}


SPOILT: dict[str, Callable[[Case], None]] = {
    # Asking.
    "within_the_term": before_the_term,
    "asker_named": for_a_colleague,
    "asked_by_an_authorised_person": limited("staff1"),
    "emergency_of_its_class": with_fields(emergency=True, **DATA_ALLOWED),
    "data_authorised": with_fields(**DATA),
    "takes_up_what_was_not_done": taking_up_what_was_done,
    "window_ahead": opens_now,
    "window_short_enough": too_long,
    "window_within_the_term": beyond_the_term,
    "not_locked_out": locked,
    # Identity.
    "in_writing_unless_emergency": unsigned,
    "number_on_the_list": a_new_number("staff1"),
    "by_another_caller": failed_with_desk1,
    "by_another_caller of call_back": failed,
    "by_the_same_caller": acted_by("desk2"),
    "challenge_open": later(minutes=10, milliseconds=1),
    "code_right": wrong_code,
    "caller_is_not_the_operator": acted_by_second_account("engineer1", "supplier.desk"),
    "approver_reachable": a_new_number("approver1"),
    "approver_still_mandated": left("approver1"),
    # Writing, consent, agreement.
    "identified": unproven,
    "within_mandate": lambda case: limited(case.by)(case),
    "by_a_second_person": acted_by("approver1"),
    "an_emergency": tampered(lambda attempt: told(attempt, emergency=False)),
    "an_emergency of call_back_approver": no_emergency,
    "backup_known": backup_of_tomorrow,
    # The start.
    "in_writing": left("approver1"),
    "consented": left("approver2"),
    "consented of start_emergency": left("approver1"),
    "within_the_term of start": tampered(over),
    "within_the_term of start_emergency": tampered(over),
    "within_the_term of report_failed_check": tampered(over),
    "identity_verified": later(minutes=31),
    "data_authorised of start": tampered(needing_data_authorisation),
    "data_authorised of start_emergency": tampered(needing_data_authorisation),
    "agreed_by_the_supplier": left("manager1"),
    "inside_the_window": tampered(window_over),
    "backup_shown": destroying_without_backup,
    "by_the_operator": acted_by("engineer3"),
    "operator_admitted": limited("engineer1"),
    "persons_apart": tampered(called_by_the_operator),
    "guardian_stands_by": left("engineer2"),
    "not_carried_out_yet": tampered(started_before),
    "right_server": with_fields(server_id="ecs-bjzf-0218"),
    # The sheet and its steps.
    "chosen_apart": guarding_himself,
    "by_the_guardian": acted_by("engineer3"),
    "next_to_call": with_fields(step=2),
    "next_to_do": with_fields(step=2),
    "all_steps_done": one_step_short,
    "takes_part": acted_by("engineer3"),
    # More time, and afterwards.
    "asked_in_time": too_late_for_more,
    "new_end_possible": same_end,
    "extension_pending": consented_already,
    "by_another_than:ask_extension": asked_by_the_approver,
    "extension_consented": not_consented,
    "new_end_as_asked": another_end,
    "not_by_the_operator": acted_by_second_account("engineer1", "supplier.manager"),
    "failure_described": with_fields(result="failed"),
    "failure_has_its_fault": tampered(failed_without_fault),
    "no_fault_open_for_it": reported_already,
    "done_on_the_spoken_word": signed_already,
}

NEEDED = [(action, guard.name) for action in ACTS for guard in workflow.actions[action].guards]


@pytest.mark.parametrize(("action", "guard"), NEEDED)
def test_c9_5_each_guard_alone_stops_its_act(stage: Stage, action: str, guard: str) -> None:
    case = ready(stage, action)
    SPOILT.get(f"{guard} of {action}", SPOILT[guard])(case)
    decision = case.judge()
    assert isinstance(decision, Refused)
    assert (decision.reason, [one.guard.name for one in decision.missing]) == ("missing", [guard])


def test_c9_5_no_scenario_speaks_of_a_guard_that_is_gone() -> None:
    assert {name.split(" of ")[0] for name in SPOILT} == {guard for _, guard in NEEDED}


@pytest.mark.parametrize("spoilt", ["operation", "operator", "subject"])
def test_c9_5_what_cannot_be_read_refuses(stage: Stage, spoilt: str) -> None:
    """A class that is gone, a sheet without an operator, a request without a person: never a yes."""
    case = ready(stage, "start")
    if spoilt == "operator":
        case.tamper = lambda attempt: rewritten(
            attempt, lambda e: replace(e, fields={**e.fields, "operator": None}) if e.action == "prepare" else e
        )
    else:
        case.tamper = lambda attempt: told(attempt, **{spoilt: None})
    assert isinstance(case.judge(), Refused)
