"""What must hold of single acts of a fault (C4.5, C9.16): how it is reported, what stays open, what is proposed, who checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflow.declare import CLIENT
from workflow.effects import LinkTo
from workflow.fault.invariants import ROUND, owes_a_report_to_the_authority
from workflow.prove.claims import Claim, Step, never

HIGHEST, ORDINARY = "level_1", "ordinary"


def instant(value: Any) -> datetime | None:
    """An instant, as it is filled in or as it stands on record."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


# --- how it is reported ----------------------------------------------------------------------------------------------


def out_of_term(step: Step) -> bool:
    """Before the contract's first day or after its last one."""
    contract = step.attempt.edition.contract
    return not contract.first_day <= contract.calendar.local_day(step.at) <= contract.last_day


def untold(step: Step) -> bool:
    """The client states how its own report was received, or the supplier does not say how, from whom and when it was."""
    channel, caller, at = (step.filled(name) for name in ("channel", "caller", "received_at"))
    if step.party == CLIENT.name:
        return (channel, caller, at) != ("page", None, None)
    return channel == "page" or (channel != "monitoring" and None in (caller, at))


def impossible(step: Step) -> bool:
    """It is received after now, or does not begin before it is discovered, and is discovered before it is reported."""
    reached = instant(step.filled("received_at")) or step.at
    began, found = instant(step.filled("occurred_at")), instant(step.filled("discovered_at"))
    order = [one for one in (began, found, reached, step.at) if one is not None]
    return order != sorted(order)


def entered_too_late(step: Step) -> bool:
    reached = instant(step.filled("received_at")) or step.at
    return step.at > step.attempt.edition.due("fault.late_entry_within", reached)


# --- what stays open -------------------------------------------------------------------------------------------------


def record_is_open(step: Step) -> bool:
    last = step.last("open_problem", "resolve_problem")
    return last is not None and last.action == "open_problem"


def nothing_is_open(step: Step) -> bool:
    """No problem record is open, and what was restored last, since the last solution, was restored for good."""
    since = ("resolve_problem",)
    restored = step.last("restore", since=since)
    around = restored is not None and restored.fields.get("is_workaround")
    return not around and step.last("open_problem", since=since) is None


def level(step: Step) -> str:
    """The level in force before the act."""
    changed = step.last("change_level")
    return str(changed.fields["level"] if changed is not None else step.says("level"))


def no_first_report_is_owed(step: Step) -> bool:
    return not any(
        timer.deadline == "initial_report" and timer.stopped_at is None and timer.status != "dropped"
        for timer in step.attempt.facts.timers
    )


def put_off(step: Step) -> bool:
    """A limit that runs, or that was missed and is still owed, begins anew and ends later, by a change of the level."""
    begun = {start.deadline.name: start.due_at for start in step.accepted.starts}
    owed = [one for one in step.attempt.facts.timers if one.stopped_at is None and one.status != "dropped"]
    latest = {one.deadline: one.due_at for one in owed}
    return any(name in latest and due >= latest[name] for name, due in begun.items())


def unreviewed(step: Step) -> bool:
    return level(step) == HIGHEST and not step.filled("review_meeting")


def ruled_out(step: Step) -> bool:
    """No report is owed, and the newest word on it is that it is no incident, or an ordinary one."""
    judged = step.last("judge_severity")
    if owes_a_report_to_the_authority(step):
        return False
    said = judged.fields.get("severity") if judged is not None else None
    return bool(said == ORDINARY if said is not None else step.says("is_security_suspected") == "no")


# --- what is proposed, and who checks --------------------------------------------------------------------------------


def arrival_is_settled(step: Step) -> bool:
    return step.last("arrive", "agree_no_arrival", since=ROUND) is not None


def into_itself(step: Step) -> bool:
    return bool(step.filled("into") == step.attempt.ticket.number)


def into_nothing(step: Step) -> bool:
    """The fault into which it is merged is not the one that was proposed, or stands open no more."""
    asked = step.last("propose_merge")
    open_ones = {one.number for one in step.attempt.facts.more.get("open", ())}
    return asked is None or step.filled("into") != asked.fields["into"] or step.filled("into") not in open_ones


def unbound(step: Step) -> bool:
    """Nothing leads from the merged fault to the one that it repeats."""
    return LinkTo(step.filled("into"), "merged_into") not in step.accepted.effects


def checks_own(step: Step) -> bool:
    """Who checks prepared it, or it is not on record who did."""
    prepared = step.last("prepare_report")
    return prepared is None or prepared.person in (None, step.person)


def without_arrival(step: Step) -> bool:
    return not arrival_is_settled(step)


def without_cause(step: Step) -> bool:
    """Nobody has located the cause, and no problem record says who goes on looking."""
    return step.last("locate", "resolve_problem", "open_problem", since=ROUND) is None


CLAIMS: tuple[Claim, ...] = (
    never("A1", "C2.1", "No fault is reported outside the term of the contract.", acts=("report",), when=out_of_term),
    never("A2", "C4.5", "What the supplier enters says how, from whom and when it was received; the client's own report is the "
                        "receipt.", acts=ROUND, when=untold),
    never("A3", "C9.16", "Nothing that is stated lies in the future: a fault begins, is discovered, and is then reported.",
          acts=ROUND, when=impossible),
    never("A4", "C9.16", "Nothing is entered long after it was received.", acts=ROUND, when=entered_too_late),
    never("A5", "C9.16", "No second problem record is opened while one is open.", acts=("open_problem",),
          when=record_is_open),
    never("A6", "C9.16", "Solved is only a problem that is open.", acts=("resolve_problem",), when=nothing_is_open),
    never("A7", "C9.16", "A first report is made only where one is owed.", acts=("report_initially",),
          when=no_first_report_is_owed),
    never("A8", "C9.16", "A change of the level makes it another one.", acts=("change_level",),
          when=lambda step: step.filled("level") == level(step)),
    never("A9", "C9.16", "No change of the level puts an end off.", acts=("change_level",), when=put_off),
    never("A10", "C9.16", "At the highest level nobody reports without telling of the review.", acts=("prepare_report",),
          when=unreviewed),
    never("A11", "C9.16", "Nobody reports to the authority what was ruled out.", acts=("report_to_authority",),
          when=ruled_out),
    never("A12", "C4.6", "Nobody says that nobody has to come once somebody came, or once that was agreed.",
          acts=("propose_no_arrival",), when=arrival_is_settled),
    never("A13", "C9.16", "No fault repeats itself.", acts=("propose_merge",), when=into_itself),
    never("A14", "C9.16", "A fault is merged into the one that was proposed, as long as that one is open.",
          acts=("agree_merge",), when=into_nothing),
    never("A15", "C9.16", "What is merged leads to the fault that it repeats.", acts=("agree_merge",), when=unbound),
    never("A16", "C9.16", "Nobody checks a report that they prepared.", acts=("check_report",), when=checks_own),
    never("A17", "C4.6", "No report is written before somebody came, or the client agreed that nobody has to.",
          acts=("prepare_report",), when=without_arrival),
    never("A18", "C9.16", "No report is written before the cause is located or a problem record stands.",
          acts=("prepare_report",), when=without_cause),
)  # fmt: skip
