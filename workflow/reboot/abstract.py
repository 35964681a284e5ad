"""Dangerous operations (C9.5) told a second time, in small facts: for the second opinion (see `workflow.prove.promela`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from workflow.contract import Edition
from workflow.prove.promela import Abstract, Assertion, Look

MINUTE = timedelta(minutes=1)
CALLS = {"call_back": "verify_identity", "call_back_again": "verify_identity_again"}
STARTS = ("start", "start_emergency")

FACTS: Mapping[str, int] = {
    "asked_by": 0, "signed_by": 0, "consented_by": 0, "agreed_by": 0, "operator": 0, "guardian": 0, "ready_by": 0,
    "callers": 0, "last_caller": 0, "called_again": 0, "code_at": -1, "passed_at": -1, "tries": 0, "started": 0,
    "steps_called": 0, "steps_done": 0, "fault_open": 0,
}  # fmt: skip
"""Persons by number, 0 for nobody; instants in minutes, -1 for none; `callers` has a bit for each. All of the present text,
except how often the last call was answered wrongly, and what was done since the start."""


def seen(look: Look) -> Mapping[str, int]:
    """The facts of an explored world."""
    history, content = look.world.memory.history, look.world.ticket.content
    calls = look.on_this_text(*CALLS)
    checks = [one for one in look.world.facts.identity if one.method == "call_back" and one.content == content]
    newest = checks[-1] if checks else None
    sheet = look.on_this_text("prepare")
    ready = [e for e in look.on_this_text("stand_guard") if sheet and e.sequence > sheet[-1].sequence]
    accepted = [event.action for event in history if event.accepted]
    called = [event for event in history if event.accepted and event.action in CALLS]
    tries = [
        event for event in history
        if called and not event.accepted and event.sequence > called[-1].sequence
        and event.action == CALLS[called[-1].action] and event.reason != "not_yours"
    ]  # fmt: skip
    return {
        "asked_by": look.world.ticket.fields.get("subject") or 0,
        "signed_by": look.by("sign_request"),
        "consented_by": look.by("consent"),
        "agreed_by": look.by("agree"),
        "operator": sheet[-1].fields["operator"] if sheet else 0,
        "guardian": sheet[-1].fields["guardian"] if sheet else 0,
        "ready_by": (ready[-1].person or 0) if ready else 0,
        "callers": sum(1 << person for person in {event.person or 0 for event in calls}),
        "last_caller": (calls[-1].person or 0) if calls else 0,
        "called_again": int(bool(calls) and calls[-1].action == "call_back_again"),
        "code_at": look.minutes(newest.issued_at) if newest and newest.code is not None else -1,
        "passed_at": look.minutes(newest.passed_at) if newest else -1,
        "tries": min(len(tries), look.constants["tries_allowed"]),
        "started": int(any(act in accepted for act in STARTS)),
        "steps_called": accepted.count("confirm_step"),
        "steps_done": accepted.count("do_step"),
        "fault_open": int(any(link.kind == "fault" and not link.final for link in look.world.facts.links)),
    }


def constants(edition: Edition) -> Mapping[str, int]:
    """Spans in minutes and counts, from the edition; the window is that of the request that is filled in."""
    return {
        "opens": 15,
        "closes": 240,
        "steps": 1,
        "code_holds": edition.duration("reboot.challenge_valid") // MINUTE,
        "check_holds": edition.duration("reboot.identity_valid") // MINUTE,
        "tries_allowed": edition.count("reboot.identity_attempts"),
    }


TRUE = "true"
"""Asked of what is the same throughout these scopes: the term, the class of the operation, mandates that do not lapse."""
CODE_IS_GOOD = "code_at >= 0 && at - code_at <= code_holds"
APART = "callers != 0 && agreed_by != 0 && OP != 0 && OP != GUARD && OP != agreed_by && !((callers >> OP) & 1)"

GUARDS: Mapping[str, str] = {
    "is_called": "false",  # Reminders are left out here as in the proof, so that nobody is ever called.
    "within_the_term": TRUE,
    "asker_named": TRUE,
    "asked_by_an_authorised_person": TRUE,
    "emergency_of_its_class": TRUE,
    "data_authorised": TRUE,
    "takes_up_what_was_not_done": TRUE,
    "window_short_enough": TRUE,
    "window_within_the_term": TRUE,
    "within_mandate": TRUE,
    "identified": TRUE,
    "number_on_the_list": TRUE,
    "by_another_caller": TRUE,
    "backup_known": TRUE,
    "backup_shown": TRUE,
    "failure_described": TRUE,
    "an_emergency": "false",
    "approver_reachable": "false",
    "approver_still_mandated": "false",
    "done_on_the_spoken_word": "false",
    "no_fault_open_for_it": "fault_open == 0",
    "window_ahead": "at < opens",
    "not_locked_out": "tries < tries_allowed",
    "in_writing": "signed_by != 0",
    "in_writing_unless_emergency": "signed_by != 0",
    "by_the_same_caller": "last_caller == me",
    "challenge_open": CODE_IS_GOOD,
    "code_right": "code_at >= 0 && filled_code == 0",
    "by_a_second_person": "me != asked_by && me != signed_by",
    "consented": "consented_by != 0 && consented_by != asked_by && consented_by != signed_by",
    "agreed_by_the_supplier": "agreed_by != 0",
    "caller_is_not_the_operator": "me != operator",
    "chosen_apart": APART.replace("OP", "filled_operator").replace("GUARD", "filled_guardian"),
    "persons_apart": APART.replace("OP", "operator").replace("GUARD", "guardian"),
    "by_the_operator": "operator != 0 && me == operator",
    "by_the_guardian": "guardian != 0 && me == guardian",
    "operator_admitted": "operator != 0 && holds_supplier_engineer(operator)",
    "guardian_stands_by": "ready_by != 0 && ready_by == guardian",
    "identity_verified": "passed_at >= 0 && at - passed_at <= check_holds",
    "inside_the_window": "opens <= at && at <= closes",
    "not_carried_out_yet": "started == 0",
    "right_server": "fill == 0",
    "next_to_call": "steps_called == steps_done && steps_done < steps && filled_step == steps_done + 1",
    "next_to_do": "steps_called == steps_done + 1 && filled_step == steps_called",
    "all_steps_done": "steps_done == steps",
    "takes_part": "me_client || me == operator || me == guardian || me == agreed_by",
}

VOID = (
    "signed_by", "consented_by", "agreed_by", "operator", "guardian", "ready_by", "callers", "last_caller", "called_again",
)  # fmt: skip
START = "started = 1"

ABSTRACT = Abstract(
    facts=FACTS,
    seen=seen,
    constants=constants,
    guards=GUARDS,
    follows={
        "sign_request": "signed_by = me",
        "call_back": "called_again = 0",
        "call_back_again": "called_again = 1",
        "consent": "consented_by = me",
        "agree": "agreed_by = me",
        "prepare": "operator = filled_operator; guardian = filled_guardian; ready_by = 0",
        "stand_guard": "ready_by = me",
        "start": START,
        "start_emergency": START,
        "confirm_step": "steps_called = steps_called + 1",
        "do_step": "steps_done = steps_done + 1",
        "finish": "fault_open = fill",
        "report_failed_check": "fault_open = 1",
    },
    text="; ".join(["asked_by = me", *(f"{fact} = 0" for fact in VOID), "code_at = -1", "passed_at = -1"]),
    called="callers = callers | (1 << me); last_caller = me; code_at = at; passed_at = -1; tries = 0",
    answered="passed_at = at; code_at = -1",
    over={"window": "at > closes", "result": "at > closes"},
    counts_refusals={
        "verify_identity": "tries = (!called_again && tries < tries_allowed -> tries + 1 : tries)",
        "verify_identity_again": "tries = (called_again && tries < tries_allowed -> tries + 1 : tries)",
    },
    assertions=(
        Assertion("B1", STARTS, "passed_at >= 0 && at - passed_at <= check_holds"),
        Assertion("B2", ("start",), "signed_by != 0"),
        Assertion("B3", STARTS, "consented_by != 0"),
        Assertion("B5", STARTS, "consented_by != asked_by && consented_by != signed_by"),
        Assertion("B6", STARTS, "agreed_by != 0"),
        Assertion("B7", STARTS, "operator != agreed_by && operator != ready_by && !((callers >> operator) & 1)"),
        Assertion("B9", (*STARTS, "confirm_step", "do_step", "finish"), "opens <= at && at <= closes"),
        Assertion("B10", STARTS, "started == 0"),
        Assertion("B11.finish", ("finish",), "steps_done == steps"),
    ),
    scopes=("edits", "time", "persons"),
)
