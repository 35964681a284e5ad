"""What is told of operation sheets each month (C9.5): the pass rate (合格率) with each sheet's stamp, and the refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, get_args

from workflow.declare import Label, Words
from workflow.reboot.forms import RefusalReason
from workflow.reboot.states import ABORTED, CLOSED, EXPIRED, REFUSED, SETTLED, WITHDRAWN
from workflow.report import Asked, Reference, Report, Share, Table, TicketRecord

EXECUTED, NOT_EXECUTED, VOID = (Label("stamp", name) for name in ("executed", "not_executed", "void"))
_STAMPS = {
    CLOSED.name: EXECUTED, ABORTED.name: NOT_EXECUTED, REFUSED.name: NOT_EXECUTED, WITHDRAWN.name: VOID,
    EXPIRED.name: VOID,
}  # fmt: skip
WRITING = "writing_afterwards"


def stamp(sheet: TicketRecord) -> Label:
    """已执行, 未执行 or 作废. A sheet without a result is stamped by what both parties signed to have happened."""
    if sheet.state == SETTLED.name:
        return NOT_EXECUTED if _settled(sheet).get("result") == "not_carried_out" else EXECUTED
    return _STAMPS[sheet.state]


def shortcomings(sheet: TicketRecord) -> tuple[Words, ...]:
    """Why a sheet that was carried out does not qualify; empty when it does.

    It qualifies when the operator reported its success inside the window, the client tried the service and confirmed it,
    no check after it failed, and what an emergency left to be written was signed in time.
    """
    found = []
    if sheet.state == SETTLED.name:
        found.append(Words("The window closed without a result; what happened was settled afterwards."))
    elif sheet.last("verify_result") is None:
        found.append(Words("The client did not confirm the result."))
    if _result(sheet) != "succeeded":
        found.append(Words("The operation did not succeed."))
    if sheet.past("report_failed_check"):
        found.append(Words("A check after the operation failed."))
    owed = [timer for timer in sheet.timers if timer.deadline == WRITING]
    if any(timer.status == "running" for timer in owed):
        found.append(Words("The written application that the emergency left for later is not signed yet."))
    elif any(timer.status != "met" for timer in owed):
        found.append(Words("The written application that the emergency left for later was not signed in time."))
    return tuple(found)


def _settled(sheet: TicketRecord) -> Mapping[str, Any]:
    """What the parties agreed to have happened: the last statement is the one that was accepted."""
    stated = sheet.last("settle_outcome")
    return stated.fields if stated else {}


def _result(sheet: TicketRecord) -> Any:
    if sheet.state == SETTLED.name:
        return _settled(sheet).get("result")
    finished = sheet.last("finish")
    return finished.fields.get("result") if finished else None


def _reasons(sheet: TicketRecord, stamped: Label) -> tuple[Any, ...]:
    """Why the sheet does not pass, was not carried out, or is void: in the words of who ended it, where there are any."""
    if stamped == EXECUTED:
        return shortcomings(sheet)
    if sheet.state == EXPIRED.name:
        return (Words("The window closed before anything was started."),)
    told = _settled(sheet).get("account") or sheet.ending.get("doubt") or sheet.ending.get("reason")
    return (str(told),) if told else ()


def pass_rate(asked: Asked) -> Table:
    """The sheets that were stamped in the month, by number, and how many of those carried out qualify."""
    rows, counts, qualified = [], Counter[str](), 0
    for sheet in sorted(asked.tickets, key=lambda one: one.number):
        stamped = stamp(sheet)
        passes = stamped == EXECUTED and not shortcomings(sheet)
        counts[stamped.name] += 1
        qualified += passes
        rows.append(
            {
                "number": Reference(sheet.number),
                "operation": _operation(asked, sheet),
                "server_name": sheet.fields.get("server_name"),
                "stamped_at": sheet.ended_at,
                "stamp": stamped,
                "qualified": passes if stamped == EXECUTED else None,
                "grounds": _reasons(sheet, stamped),
            }
        )
    kinds = {label.name: counts[label.name] for label in (EXECUTED, NOT_EXECUTED, VOID)}
    rate = Share(qualified, counts[EXECUTED.name])
    return Table(rows, {"sheets": len(rows), **kinds, "qualified": qualified, "pass_rate": rate})


def _operation(asked: Asked, sheet: TicketRecord) -> Any:
    """The class as the contract names it; the bare key where the contract no longer lists it."""
    key = str(sheet.fields.get("operation"))
    try:
        return asked.edition.operation(key).name
    except LookupError:
        return key


PASS_RATE = Report(
    "pass_rate",
    "C9.5",
    "The operation sheets that were stamped in the month. Pass rate: of those carried out, the part that qualifies. A sheet "
    "qualifies when the operator reported success inside the window, the client confirmed the service, no check after it "
    "failed, and what an emergency left to be written was signed in time. A sheet whose outcome was settled afterwards "
    "does not qualify.",
    columns=["number", "operation", "server_name", "stamped_at", "stamp", "qualified", "grounds"],
    summary=["sheets", "executed", "not_executed", "void", "qualified", "pass_rate"],
    makes=pass_rate,
    by_month=True,
    events=["finish", "verify_result", "report_failed_check", "settle_outcome"],
    deadlines=[WRITING],
    values=[EXECUTED, NOT_EXECUTED, VOID],
)


# --- refusals ---------------------------------------------------------------------------------------------


def refusals(asked: Asked) -> Table:
    """How often the supplier refused in the month on each ground (R7.8). A ground on which nobody refused counts none."""
    found: dict[str, list[Reference]] = {ground: [] for ground in get_args(RefusalReason)}
    for sheet in sorted(asked.tickets, key=lambda one: one.number):
        if sheet.state == REFUSED.name:
            found[sheet.ending["reason_code"]].append(Reference(sheet.number))
    rows = [
        {"refusal_ground": Label("option", ground), "refusals": len(sheets), "sheets_refused": tuple(sheets)}
        for ground, sheets in found.items()
    ]
    return Table(rows, {"refusals": sum(len(sheets) for sheets in found.values())})


REFUSALS = Report(
    "refusals",
    "C9.5",
    "The requests that the supplier refused in the month, by the ground that it gave. A refusal with its ground is no breach.",
    columns=["refusal_ground", "refusals", "sheets_refused"],
    summary=["refusals"],
    makes=refusals,
    by_month=True,
    values=[Label("option", ground) for ground in get_args(RefusalReason)],
)
