"""The conditions of a fault, and what its record comes to: importance, level, limits, open questions.

Nothing here is kept as a flag: whether the service is back, the cause known or a proposal open is read from the events
since the fault was reported, or reopened, or its restoration contested.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from workflow.attempt import Attempt, Past, TimerFact
from workflow.declare import CLIENT, SUPERVISOR_REVIEWER, Missing, PaperKind, Proof, guard
from workflow.terms import SystemList

ROUND = ("report", "reopen")
"""One round of handling: a reopened fault is answered, attended and reported anew."""
ATTEMPT_AT_REPAIR = (*ROUND, "contest_restoration")
"""Since when a restoration counts: one that the client contested does not."""
LEVELS = ("level_1", "level_2", "level_3", "level_4")
FAULT_REPORT = PaperKind(
    "fault_report",
    "C9.16",
    "The written report on a fault. Its times, durations and limits are computed from the record.",
)


# --- what the record says --------------------------------------------------------------------------------------------


def normalised(name: str) -> str:
    """A system's name as it is compared: full-width, half-width, capitals and spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def stands_on(systems: SystemList, name: str) -> bool:
    """Whether a key or name stands on the list."""
    sought = normalised(name)
    names = {normalised(one) for system in systems.systems for one in (system.key, system.name.zh, system.name.en)}
    return sought in names


def received(attempt: Attempt) -> datetime:
    """When the report that is being made reached the supplier (C4.5): as stated, else now."""
    stated = (attempt.fields or {}).get("received_at")
    return stated if isinstance(stated, datetime) else attempt.at


def importance(attempt: Attempt) -> dict[str, Any]:
    """Computed at report time and recorded, so that nobody can change it afterwards (C4.7)."""
    systems = attempt.edition.systems_at(received(attempt))
    return {
        "important": stands_on(systems, str(attempt.value("system") or "")),
        "systems_version": systems.version,
        "systems_listed": len(systems.systems),
        **lateness(attempt),
    }


def lateness(attempt: Attempt) -> dict[str, Any]:
    """How long after its receipt a report was entered, in whole seconds: a finding when it is long (C4.5)."""
    return {"entered_late_seconds": (attempt.at - received(attempt)) // timedelta(seconds=1)}


def is_important(attempt: Attempt) -> bool:
    """As recorded by the report; while it is being made, as it will be."""
    reported = attempt.last("report")
    told = reported.fields if reported else attempt.fields or {}
    return bool(told["important"] if "important" in told else importance(attempt)["important"])


def level(attempt: Attempt) -> str:
    """The level in force: the last one set."""
    changed = attempt.last("change_level")
    held = changed.fields["level"] if changed else attempt.ticket.fields.get("level") or attempt.value("level")
    return str(held)


def level_after(attempt: Attempt) -> str:
    """The level in force after what is being done."""
    changed = attempt.action == "change_level" and attempt.fields is not None
    return str((attempt.fields or {})["level"]) if changed else level(attempt)


def is_restored(attempt: Attempt) -> bool:
    """The service is back, by what is being done now too."""
    return attempt.action == "restore" or attempt.last("restore", since=ATTEMPT_AT_REPAIR) is not None


def is_located(attempt: Attempt) -> bool:
    """The cause is known. It may be known before the service is back, or long after."""
    acts = ("locate", "resolve_problem")
    return attempt.action in acts or attempt.last(*acts, since=ROUND) is not None


def is_removed(attempt: Attempt) -> bool:
    """What ends the time for removal: by the setting, the service back and the cause located, or the service back."""
    if attempt.edition.setting("fault.removal_ends_with") == "restoration":
        return is_restored(attempt)
    return is_restored(attempt) and is_located(attempt)


def open_problem(attempt: Attempt) -> Past | None:
    """The problem record that is still open: one that was recorded, or a workaround that was not replaced since."""
    found: Past | None = None
    for event in attempt.past("open_problem", "restore", "resolve_problem"):
        if event.action == "resolve_problem":
            found = None
        elif event.action == "open_problem":
            found = event
        elif found is None or found.action == "restore":
            # A restoration neither closes a record nor stands in its place.
            found = event if event.fields.get("is_workaround") else None
    return found


def pending(attempt: Attempt, propose: str, *answers: str) -> Past | None:
    """The proposal that still waits for an answer."""
    last = attempt.last(propose, *answers, since=ROUND)
    return last if last is not None and last.action == propose else None


def latest_timer(attempt: Attempt, name: str) -> TimerFact | None:
    """The newest term of a limit."""
    return max((t for t in attempt.facts.timers if t.deadline == name), key=lambda t: t.id, default=None)


def is_still_owed(attempt: Attempt, name: str) -> bool:
    """A term of the limit has begun, and nothing has met or waived it since, in time or not."""
    return any(
        timer.deadline == name and timer.status != "dropped" and timer.stopped_at is None
        for timer in attempt.facts.timers
    )


def contested_term(attempt: Attempt) -> datetime | None:
    """Where the time for removal counts from: a contested restoration lets the first term run on."""
    if attempt.action == "contest_restoration":
        running = latest_timer(attempt, "removal")
        return running.started_at if running else None
    stated = (attempt.fields or {}).get("received_at")
    return stated if isinstance(stated, datetime) else None


# --- how it was reported (C4.5, C9.16) -------------------------------------------------------------------------------


@guard("C4.5", of_form=True)
def channel_is_stated(attempt: Attempt) -> Proof | Missing:
    """The client reports on this page; what the supplier enters says how, from whom and when it was received."""
    fields = attempt.fields or {}
    channel = fields["channel"]
    if attempt.actor.party == CLIENT:
        if channel != "page" or fields["received_at"] is not None or fields["caller"] is not None:
            return Missing(
                "Your own report is received the moment you make it: leave channel, caller and time of "
                "receipt as they are.",
                remedy="channel",
            )
        return Proof("channel", "page")
    if channel == "page":
        return Missing("Say how the report was received: phone, message, mail or monitoring.", remedy="channel")
    if channel != "monitoring" and fields["caller"] is None:
        return Missing("Say who reported it.", remedy="caller")
    if channel != "monitoring" and fields["received_at"] is None:
        return Missing("Say when the report was received: every limit counts from then.", remedy="received_at")
    return Proof("channel", str(channel))


@guard("C9.16", of_form=True)
def times_are_possible(attempt: Attempt) -> Proof | Missing:
    """Nothing that is stated lies in the future: a fault begins, is discovered, and is then reported."""
    fields = attempt.fields or {}
    reached, began, found = received(attempt), fields.get("occurred_at"), fields.get("discovered_at")
    if reached > attempt.at:
        return Missing("The time of receipt lies in the future.", remedy="received_at")
    if began is not None and began > reached:
        return Missing("The fault cannot have begun after its report was received.", remedy="occurred_at")
    if found is not None and found > reached:
        return Missing("The fault cannot have been discovered after its report was received.", remedy="discovered_at")
    if found is not None and began is not None and found < began:
        return Missing("The fault cannot have been discovered before it began.", remedy="discovered_at")
    return Proof("received_at", reached.isoformat())


@guard("C9.16", of_form=True)
def entered_in_time(attempt: Attempt) -> Proof | Missing:
    """A report received by phone or message is entered within the time that both parties allow for it."""
    reached = received(attempt)
    if attempt.at > attempt.edition.due("fault.late_entry_within", reached):
        return Missing(
            "It was received too long ago to be entered afterwards; let the client report it on its own page.",
            remedy="received_at",
        )
    return Proof("received_at", reached.isoformat())


# --- handling --------------------------------------------------------------------------------------------------------


@guard("C9.16", of_form=True)
def level_differs(attempt: Attempt) -> Proof | Missing:
    """The level becomes another one."""
    if (attempt.fields or {})["level"] == level(attempt):
        return Missing("The fault has this level already.", remedy="level")
    return Proof("level", level(attempt))


@guard("C9.16", of_form=True)
def lowered_by_the_client(attempt: Attempt) -> Proof | Missing:
    """Only the client lowers a level: the supplier does not relax its own duty to report."""
    lower = LEVELS.index((attempt.fields or {})["level"]) > LEVELS.index(level(attempt))
    if lower and attempt.actor.party != CLIENT:
        return Missing("The supplier may raise a level; lowering it is up to the client.", remedy="level")
    return Proof("level", level(attempt))


@guard("C9.16")
def never_reopened(attempt: Attempt) -> Proof | Missing:
    """It is the first report: a fault that was handled and came back is no mistake."""
    again = attempt.last("reopen")
    if again is not None:
        return Missing("This fault was handled before and reopened; it cannot be withdrawn as a mistake.")
    return Proof("event", 1)


@guard("C9.16")
def initial_report_is_owed(attempt: Attempt) -> Proof | Missing:
    """The service is back after a fault of the highest level, and nobody has made the first report yet."""
    timer = latest_timer(attempt, "initial_report")
    if timer is None or timer.stopped_at is not None:
        return Missing("No first report is owed: the level does not ask for one, or it was made.")
    return Proof("timer", timer.id)


@guard("C9.16", of_form=True)
def review_is_told(attempt: Attempt) -> Proof | Missing:
    """At the highest level the written report tells of the meeting at which both parties reviewed the fault."""
    if level(attempt) == LEVELS[0] and not (attempt.fields or {})["review_meeting"]:
        return Missing(
            "This fault is of the highest level: tell when it was reviewed, who attended and what was decided.",
            remedy="review_meeting",
        )
    return Proof("level", level(attempt))


@guard("C4.6")
def arrival_is_settled(attempt: Attempt) -> Proof | Missing:
    """Somebody has arrived, or the client agreed that nobody needs to."""
    settled = attempt.last("arrive", "agree_no_arrival", since=ROUND)
    if settled is None:
        return Missing("Nobody has arrived at the cloud centre, and the client has not agreed that this is not needed.")
    return Proof("event", settled.sequence)


@guard("C9.16")
def cause_or_problem_on_record(attempt: Attempt) -> Proof | Missing:
    """The cause is located, or a problem record says who goes on looking for it."""
    found = attempt.last("locate", "resolve_problem", "open_problem", since=ROUND)
    if found is not None:
        return Proof("event", found.sequence)
    for link in attempt.facts.links:
        if link.relation == "problem":
            return Proof("ticket", link.number)
    return Missing("The cause is not located. Locate it, or open a problem record that names who goes on looking.")


@guard("C9.16")
def problem_is_open(attempt: Attempt) -> Proof | Missing:
    """A problem is open."""
    problem = open_problem(attempt)
    return Proof("event", problem.sequence) if problem else Missing("No problem is open.")


@guard("C9.16")
def no_problem_is_open(attempt: Attempt) -> Proof | Missing:
    """No problem record is open yet."""
    problem = open_problem(attempt)
    if problem is not None and problem.action == "open_problem":
        return Missing("A problem record is open already.")
    return Proof("problem", None)


# --- the client's agreement: proposed by one act, agreed by another ------------------------------------------------


@guard("C4.6")
def no_arrival_is_proposed(attempt: Attempt) -> Proof | Missing:
    """The supplier has stated that nobody needs to come, and the client has not answered yet."""
    asked = pending(attempt, "propose_no_arrival", "agree_no_arrival", "decline_no_arrival", "arrive")
    if asked is None:
        return Missing("The supplier has not stated that nobody needs to come.")
    return Proof("event", asked.sequence)


@guard("C4.6")
def nobody_arrived(attempt: Attempt) -> Proof | Missing:
    """Arrival is still owed."""
    settled = attempt.last("arrive", "agree_no_arrival", since=ROUND)
    return Missing("This is settled already.") if settled else Proof("arrival", None)


@guard("C9.16")
def merge_is_proposed(attempt: Attempt) -> Proof | Missing:
    """The supplier has proposed to merge, and the client has not answered yet."""
    asked = pending(attempt, "propose_merge", "agree_merge", "decline_merge")
    return Proof("event", asked.sequence) if asked else Missing("Nobody has proposed to merge this fault.")


@guard("C9.16", of_form=True)
def another_fault(attempt: Attempt) -> Proof | Missing:
    """What it is to be merged into is another fault."""
    into = str((attempt.fields or {})["into"])
    if into == attempt.ticket.number:
        return Missing("A fault cannot repeat itself.", remedy="into")
    return Proof("ticket", into)


@guard("C9.16")
def other_fault_still_stands(attempt: Attempt) -> Proof | Missing:
    """The fault into which this one is to be merged is still open, and not merged itself."""
    asked = pending(attempt, "propose_merge", "agree_merge", "decline_merge")
    if asked is None:
        return Missing("Nobody has proposed to merge this fault.")
    into = asked.fields["into"]
    if any(one.number == into for one in attempt.facts.more.get("open", ())):
        return Proof("ticket", into)
    return Missing("The fault into which this one should be merged is no longer open.")


# --- review and closing ----------------------------------------------------------------------------------------------


@guard("C9.12")
def supervisor_or_in_its_place(attempt: Attempt) -> Proof | Missing:
    """The supervisor decides; the client in its place only while nobody holds the supervisor's mandate."""
    reviewers = attempt.holders(SUPERVISOR_REVIEWER)
    if not reviewers or attempt.mandates_of(attempt.actor.person, SUPERVISOR_REVIEWER):
        return Proof("mandate", reviewers[0].id if reviewers else None)
    return Missing("The supervisor has to decide. The client decides in its place only where there is none.")


@guard("C9.16")
def result_was_fed_back(attempt: Attempt) -> Proof | Missing:
    """The client was told the result, after the service came back for good."""
    told = attempt.last("feed_back_result", since=ATTEMPT_AT_REPAIR)
    return Proof("event", told.sequence) if told else Missing("The result has not been fed back to the client.")


@guard("C9.12")
def newest_report_is_approved(attempt: Attempt) -> Proof | Missing:
    """The newest version of the written report, made after the service came back for good, was approved."""
    filed, approved = attempt.paper(FAULT_REPORT), attempt.last("approve_report", since=ATTEMPT_AT_REPAIR)
    if filed is None:
        return Missing("There is no written report.")
    if filed.content != attempt.ticket.content:
        return Missing("The document “%(paper)s” is of an earlier version of the ticket.", paper=FAULT_REPORT.label)
    if approved is None or all(signature.meaning != "approve_report" for signature in filed.signatures):
        return Missing("The newest version of the written report is not approved.")
    return Proof("paper", filed.digest)


def is_suspected(attempt: Attempt) -> bool:
    """Whoever reported the fault did not rule an incident out; a record that does not say so rules nothing out."""
    return bool(attempt.value("is_security_suspected") != "no")


def suspicion_unjudged(attempt: Attempt) -> bool:
    """A network security incident is not ruled out, and nobody has judged its grade: silence is never "ordinary"."""
    judged = attempt.last("judge_severity", since=ROUND)
    if judged is None:
        return is_suspected(attempt)
    return bool(judged.fields["severity"] == "undetermined")


@guard("C9.16")
def severity_is_judged(attempt: Attempt) -> Proof | Missing:
    """Where a security incident is not ruled out, an authorised person of the client has judged its grade."""
    if suspicion_unjudged(attempt):
        return Missing(
            "A security incident is not ruled out: an authorised person of the client must judge its grade first."
        )
    judged = attempt.last("judge_severity", since=ROUND)
    return Proof("event", judged.sequence if judged else None)


@guard("C9.16")
def within_the_reopening_time(attempt: Attempt) -> Proof | Missing:
    """The time in which a closed fault can be reopened has not run out."""
    timer = latest_timer(attempt, "reopening")
    if timer is None or attempt.at > timer.due_at:
        return Missing("The time for reopening has run out; report a new fault.")
    return Proof("timer", timer.id)
