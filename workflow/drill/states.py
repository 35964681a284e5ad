"""Where a drill can stand (C9.15), from its plan to the archive; and who has to do with it."""

from __future__ import annotations

from workflow.declare import (
    CLIENT,
    CLIENT_ROLES,
    SUPERVISOR,
    SUPPLIER,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    SUPPLIER_ROLES,
    Party,
    State,
)

C = "C9.15"
BOTH = (*CLIENT_ROLES, *SUPPLIER_ROLES)
AUTHORS = (*CLIENT_ROLES, SUPPLIER_ENGINEER, SUPPLIER_MANAGER)
"""Who writes schemes and reports: the client leads, the supplier's engineers and managers assist (C9.15)."""
EVERYBODY = (CLIENT, SUPPLIER, SUPERVISOR)


def _state(name: str, meaning: str, awaits: Party | None = None, *, final: bool = False) -> State:
    return State(name, C, meaning, awaits=awaits, final=final)


# --- before --------------------------------------------------------------------------------------------------

PLANNED = _state("planned", "The plan is drafted; an authorised person of the client has to approve it.", CLIENT)
DRILL_APPROVED = _state(
    "drill_approved",
    "The client approved the plan; scheme, support, assessment, script and way back are written.",
    SUPPLIER,
)
SCHEME_SUBMITTED = _state(
    "scheme_submitted", "Everything is written; somebody who wrote none of it reviews it.", CLIENT
)
SCHEME_REVIEWED = _state("scheme_reviewed", "The scheme is reviewed; those concerned have to be told.", CLIENT)
PARTICIPANTS_NOTIFIED = _state(
    "participants_notified", "Those concerned are told; the safety controls are put in place and checked.", SUPPLIER
)
PRECHECKED = _state("prechecked", "The controls are checked; the command group has to confirm them.", CLIENT)
READY = _state("ready", "The command group has confirmed; one of its members declares the start.", CLIENT)

# --- the run -------------------------------------------------------------------------------------------------

RUNNING = _state(
    "running", "The drill runs. Whatever happens is recorded; either party may stop it at any moment.", CLIENT
)
ENDED = _state("ended", "The end was declared and everybody has stopped; the systems are restored.", SUPPLIER)
TERMINATED_EARLY = _state(
    "terminated_early", "Stopped before its end, with a cause; the systems are restored.", SUPPLIER
)

# --- after ---------------------------------------------------------------------------------------------------

SYSTEMS_RESTORED = _state(
    "systems_restored",
    "The systems are restored; how they run is reported in writing by the end of the next day.",
    SUPPLIER,
)
STATUS_REPORTED = _state("status_reported", "It is reported how the systems run; the drill is assessed.", CLIENT)
ASSESSED = _state("assessed", "The drill is assessed; both confirm who took part, and it is summed up.", CLIENT)
SUMMARISED = _state("summarised", "Problems are being put right; the emergency plan is revised or kept.", CLIENT)
PLAN_REVISED = _state("plan_revised", "The emergency plan has a new version; what is open is finished.", CLIENT)
PLAN_KEPT = _state("plan_kept", "The emergency plan stays as it is, with a reason; what is open is finished.", CLIENT)

# --- ends ----------------------------------------------------------------------------------------------------

ARCHIVED = _state("archived", "Drilled, reported, assessed, put right and filed.", final=True)
CANCELLED = _state("cancelled", "Called off before the start, with a reason.", final=True)
ABANDONED = _state(
    "abandoned",
    "Given up by the client after the run, with a reason. It does not count as a drill of the plan.",
    final=True,
)

BEFORE = (DRILL_APPROVED, SCHEME_SUBMITTED, SCHEME_REVIEWED, PARTICIPANTS_NOTIFIED, PRECHECKED, READY)
STOPPED = (ENDED, TERMINATED_EARLY)
CONFIRMABLE = (*STOPPED, SYSTEMS_RESTORED, STATUS_REPORTED, ASSESSED)
SETTLING = (SUMMARISED, PLAN_REVISED, PLAN_KEPT)
AFTER = (*CONFIRMABLE, *SETTLING)
STATES = (
    PLANNED, *BEFORE, RUNNING, *AFTER, ARCHIVED, CANCELLED, ABANDONED,
)  # fmt: skip
