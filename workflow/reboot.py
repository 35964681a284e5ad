"""Reboot and other dangerous operations (C9.5): nothing is switched off on the word of one person, nor on an old word.

The client asks in writing, is called back, and a second person of the client consents; the supplier looks at the risk
and agrees or refuses; two engineers carry it out step by step, inside the window, after everything was checked again.
Any edit makes a new text, and whatever was signed, verified, consented or agreed before covers the old text only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workflow.attempt import Attempt
from workflow.declare import (
    ALWAYS,
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    CLIENT_STAFF,
    CLOCK,
    SUPERVISOR,
    SUPPLIER,
    SUPPLIER_DESK,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    Action,
    Deadline,
    PaperKind,
    State,
    Words,
    Workflow,
)
from workflow.effects import OpenLinked
from workflow.guards import by_another_than, identified, within_the_term
from workflow.reboot_facts import BACKUP_EVIDENCE, WRITTEN_REQUEST, attribution, is_emergency, needs_writing, operation_class
from workflow.reboot_forms import (
    ApproverCall,
    CallBackAnswer,
    Doubt,
    ExtensionAsked,
    ExtensionGranted,
    FailedCheck,
    IdentityFailure,
    OperationRequest,
    OperationResult,
    OperationSheet,
    OutcomeProposed,
    OutcomeReturned,
    ProbeConfirmed,
    Refusal,
    RiskReview,
    ServerTypedAgain,
    SpokenConsent,
    StepCalled,
    StepDone,
    Withdrawal,
)
from workflow.reboot_guards import (
    agreed_by_the_supplier,
    an_emergency,
    asked_by_an_authorised_person,
    asked_in_time,
    asker_named,
    backup_known,
    backup_shown,
    by_a_second_person,
    consented_by,
    data_authorised,
    done_on_the_spoken_word,
    emergency_of_its_class,
    extension_consented,
    extension_pending,
    in_writing,
    in_writing_unless_emergency,
    inside_the_window,
    new_end_as_asked,
    new_end_possible,
    no_fault_open_for_it,
    window_ahead,
    window_short_enough,
    window_within_the_term,
    within_mandate,
)
from workflow.reboot_identity_guards import (
    ANSWERING,
    approver_reachable,
    approver_still_mandated,
    by_another_caller,
    caller_is_not_the_operator,
    identity_verified,
    not_locked_out,
    number_on_the_list,
)
from workflow.reboot_sheet_guards import (
    all_steps_done,
    by_the_guardian,
    by_the_operator,
    chosen_apart,
    guardian_stands_by,
    next_to_call,
    next_to_do,
    not_by_the_operator,
    not_carried_out_yet,
    operator_admitted,
    persons_apart,
    right_server,
    takes_part,
)

# --- states: first those before anything is touched -------------------------------------------------------------------

REQUESTED = State(
    "requested", "C9.5", "The client asks for an operation; the written application waits for its signature.", awaits=CLIENT)
SIGNED = State("signed", "C9.5", "The written application is signed; the supplier calls the person back.", awaits=SUPPLIER)
CALLED_BACK = State(
    "called_back", "C9.5", "The person has been called; the desk enters the code that only their page shows.", awaits=SUPPLIER)
IDENTITY_FAILED = State(
    "identity_failed", "C9.5",
    "It could not be established who asks. Another person of the desk calls, or the supplier refuses.", awaits=SUPPLIER)
IDENTIFIED = State(
    "identified", "C9.5", "It is established who asks; a second person of the client must consent.", awaits=CLIENT)
CONSENTED = State(
    "consented", "C9.5", "The client has consented to this very text; the supplier looks at the risk and decides.",
    awaits=SUPPLIER)
AGREED = State("agreed", "C9.5", "The supplier agrees; the operation sheet is being prepared.", awaits=SUPPLIER)
PREPARED = State(
    "prepared", "C9.10", "The sheet names steps, operator and guardian; the operation may start inside its window.",
    awaits=SUPPLIER)
EXECUTING = State(
    "executing", "C9.10", "The operation is running: each step is called by the guardian, then done by the operator.",
    awaits=SUPPLIER)
EXECUTED = State("executed", "C9.5", "The operation is done; the client tries the service and confirms.", awaits=CLIENT)
VERIFIED = State("verified", "C9.5", "The client has confirmed the result; the supplier closes the sheet.", awaits=SUPPLIER)
OUTCOME_UNKNOWN = State(
    "outcome_unknown", "C9.5",
    "The window closed without a result. Nothing is tried again; both parties establish what happened.", awaits=SUPPLIER)
OUTCOME_PROPOSED = State(
    "outcome_proposed", "C9.5", "The supplier has stated what happened; the client accepts it or sends it back.", awaits=CLIENT)
CLOSED = State("closed", "C9.5", "Carried out: done inside its window, with a result that the client confirmed.", final=True)
SETTLED = State("settled", "C9.5", "Carried out, outcome settled: both parties signed what is found to have happened.", final=True)
ABORTED = State(
    "aborted", "C9.10", "Not carried out to the end: stopped in doubt. It goes on only by a new request.", final=True)
REFUSED = State("refused", "C9.5", "Not carried out: the supplier refused, with its reason.", final=True)
WITHDRAWN = State("withdrawn", "C9.5", "Void: the client withdrew the request before the start. Number and text stay.", final=True)
EXPIRED = State("expired", "C9.5", "Void: the window closed before anything was started. Number and text stay.", final=True)

BEFORE_CONSENT = (REQUESTED, SIGNED, CALLED_BACK, IDENTITY_FAILED, IDENTIFIED)
BEFORE_START = (*BEFORE_CONSENT, CONSENTED, AGREED, PREPARED)
CHALLENGED = (CALLED_BACK, IDENTIFIED, CONSENTED, AGREED, PREPARED)
AFTER_START = (EXECUTING, EXECUTED, VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, CLOSED, SETTLED, ABORTED)
BOTH, ALL = (CLIENT, SUPPLIER), (CLIENT, SUPPLIER, SUPERVISOR)

CONSENT = PaperKind("consent", "C9.5", "The consent of a second person of the client to one version of the application.")
RISK_REVIEW = PaperKind("risk_review", "C9.5", "What the supplier looked at before it agreed: backup, sessions, jobs, what depends on it.")
OPERATION_SHEET = PaperKind("operation_sheet", "C9.10", "The operation sheet: steps in their order, operator, guardian, checks, way back.")
OPERATION_RESULT = PaperKind("operation_result", "C9.5", "The result of the operation and what the checks after it showed.")
OUTCOME_RECORD = PaperKind("outcome_record", "C9.5", "What both parties found to have happened when no result was reported.")


# --- what follows from an act -----------------------------------------------------------------------------------------


def covered_text(attempt: Attempt) -> dict[str, Any]:
    """Which text a consent covers: the digests of the request's content and of the written application."""
    paper = attempt.paper(WRITTEN_REQUEST)
    return {"covers_content": attempt.ticket.content, "covers_paper": paper.digest if paper else None}


def fault_of_it(attempt: Attempt) -> list[OpenLinked]:
    """The fault that a failed check opens, reported at this very moment: its limits run from here."""
    told = attempt.fields or {}
    by_client = attempt.actor.party == CLIENT
    return [OpenLinked("fault", "caused_by", {
        "system": told["system"], "symptom": told["symptom"], "impact": told["impact"], "level": told["level"],
        "is_security_suspected": "undetermined", "channel": "page" if by_client else "monitoring",
    })]


def emergency_notice(attempt: Attempt) -> Words | None:
    """Warns while the spoken word stands in for the signature."""
    if not is_emergency(attempt) or attempt.past("sign_afterwards"):
        return None
    return Words("Emergency: the written application must be signed afterwards, within the time agreed.")


def relaxed_notice(attempt: Attempt) -> Words | None:
    """Says so where the policy of this class asks for less than the strictest way (G12)."""
    operation = operation_class(attempt)
    if operation is None:
        return Words("The contract no longer lists this class of operation: it cannot be started.")
    if not needs_writing(attempt, operation) or not operation.second_person_required:
        return Words("For this class of operation the parties agreed on less than a signed application and a second person.")
    return None


WRITING_THE_REQUEST = (
    within_the_term, asker_named, replace(asked_by_an_authorised_person, of_form=True), emergency_of_its_class,
    replace(data_authorised, of_form=True), window_ahead, window_short_enough, window_within_the_term,
)
CALLING = (number_on_the_list, not_locked_out, by_another_caller)
STARTING = (
    within_the_term, asked_by_an_authorised_person, identity_verified, data_authorised, agreed_by_the_supplier,
    inside_the_window, backup_shown, by_the_operator, operator_admitted, persons_apart, guardian_stands_by,
    not_carried_out_yet, right_server, identified,
)
"""Everything is checked again at the instant of the start; beside this only writing and consent, which differ."""


asking = [
    # The client asks, on this page or over the phone: then the desk types it and names who asked.
    Action("request", by=[*CLIENT_ROLES, SUPPLIER_DESK], source=None, dest=REQUESTED, clause="C9.5", form=OperationRequest,
           guards=WRITING_THE_REQUEST, tells=BOTH, amends=True, files=WRITTEN_REQUEST, computes=attribution,
           says="The client asks for one operation on one server, in writing, for a window of time."),
    # A changed word makes a new text: signature, identity check, consent and agreement were given to the old one.
    Action("amend", by=[*CLIENT_ROLES, SUPPLIER_DESK],
           source=[state for state in BEFORE_START if state is not IDENTITY_FAILED], dest=REQUESTED,
           clause="C9.5", form=OperationRequest, guards=(*WRITING_THE_REQUEST, not_locked_out), tells=BOTH, amends=True,
           files=WRITTEN_REQUEST, computes=attribution,
           says="Changes the request. Signature, identity check, consent and agreement given so far become void."),
    # An authorised person of the client puts their signature under the text as it reads now.
    Action("sign_request", by=CLIENT_ROLES, source=REQUESTED, dest=SIGNED, clause="C9.5", signs=WRITTEN_REQUEST,
           guards=[within_mandate(*CLIENT_ROLES), identified], tells=BOTH,
           says="Signs the written application as it reads now."),
    # The desk calls the number on the list, never one from the request.
    Action("call_back", by=[SUPPLIER_DESK], source=[REQUESTED, SIGNED, CALLED_BACK, IDENTITY_FAILED], dest=CALLED_BACK,
           clause="C9.5", guards=[in_writing_unless_emergency, *CALLING], tells=BOTH, asks_back="reboot.challenge_valid",
           says="Calls the person who asked, at the number on the list of mandates; a code appears on that person's own page."),
    # The code that the person reads out proves that they hold both the number and the account.
    Action("verify_identity", by=[SUPPLIER_DESK], source=CALLED_BACK, dest=IDENTIFIED, clause="C9.5", form=CallBackAnswer,
           guards=ANSWERING, tells=BOTH, answers_back="reboot.identity_valid", refusals_allowed="reboot.identity_attempts",
           says="Enters the code that the person called back reads out."),
    # What was not established is said to be so; nobody tries until it fits.
    Action("declare_identity_failed", by=[SUPPLIER_DESK, SUPPLIER_MANAGER], source=CHALLENGED, dest=IDENTITY_FAILED,
           clause="C9.5", form=IdentityFailure, tells=ALL,
           says="States that it could not be established who asks. Everything waits for another person's call."),
    # A check serves for a short while; before the start the person is called once more.
    Action("call_back_again", by=[SUPPLIER_DESK], source=[CONSENTED, AGREED, PREPARED], dest=None, clause="C9.5",
           guards=[*CALLING, caller_is_not_the_operator], tells=BOTH, asks_back="reboot.challenge_valid",
           says="Calls the person who asked once more, because an identity check serves for a short while only."),
    Action("verify_identity_again", by=[SUPPLIER_DESK], source=[CONSENTED, AGREED, PREPARED], dest=None, clause="C9.5",
           form=CallBackAnswer, guards=ANSWERING, tells=BOTH, answers_back="reboot.identity_valid",
           refusals_allowed="reboot.identity_attempts",
           says="Enters the code that the person called back again reads out."),
]

deciding = [
    # A second person of the client says yes to this very text.
    Action("consent", by=[CLIENT_APPROVER], source=IDENTIFIED, dest=CONSENTED, clause="C9.5", files=CONSENT, signs=CONSENT,
           computes=covered_text, guards=[within_mandate(CLIENT_APPROVER), by_a_second_person, identified], tells=BOTH,
           says="Consents, as the second person of the client, to exactly this text."),
    # In an emergency an approver who is at no screen is called, and proves who they are like anybody else.
    Action("call_back_approver", by=[SUPPLIER_DESK], source=IDENTIFIED, dest=None, clause="C9.5", form=ApproverCall,
           guards=[an_emergency, approver_reachable, not_locked_out, by_another_caller], tells=BOTH,
           asks_back="reboot.challenge_valid",
           says="In an emergency, calls an approver of the client at the number on the list, to hear the consent."),
    Action("record_spoken_consent", by=[SUPPLIER_DESK], source=IDENTIFIED, dest=CONSENTED, clause="C9.5", form=SpokenConsent,
           files=CONSENT, computes=covered_text, guards=[an_emergency, approver_still_mandated, *ANSWERING], tells=BOTH,
           answers_back="reboot.identity_valid", refusals_allowed="reboot.identity_attempts",
           says="Records the consent that the approver spoke on the phone, with the code that proves who spoke."),
    # The supplier decides for itself; C9.5 lets it say no.
    Action("agree", by=[SUPPLIER_MANAGER], source=CONSENTED, dest=AGREED, clause="C9.5", form=RiskReview, files=RISK_REVIEW,
           signs=RISK_REVIEW, guards=[backup_known, identified], tells=BOTH,
           says="Agrees for the supplier, after a look at backup, sessions, jobs and what depends on the server."),
    Action("refuse", by=[SUPPLIER_MANAGER], source=BEFORE_START, dest=REFUSED, clause="C9.5", form=Refusal, tells=BOTH,
           says="Refuses for the supplier, with a ground and a reason. The client is told; it is no breach."),
    Action("withdraw", by=CLIENT_ROLES, source=BEFORE_START, dest=WITHDRAWN, clause="C9.5", form=Withdrawal, tells=BOTH,
           says="The client takes its request back, whatever was signed or agreed."),
    # The window passes, and with it the authorisation.
    Action("expire", by=[CLOCK], source=BEFORE_START, dest=EXPIRED, clause="C9.5", tells=BOTH,
           says="The window has closed and nothing was started: the authorisation is void."),
]

carrying_out = [
    # One task, one action a line, one who acts and one who guards.
    Action("prepare", by=[SUPPLIER_ENGINEER], source=[AGREED, PREPARED], dest=PREPARED, clause="C9.10", form=OperationSheet,
           files=OPERATION_SHEET, guards=[chosen_apart], tells=[SUPPLIER],
           says="Writes the operation sheet: the steps in order, the operator, the guardian, the checks and the way back."),
    # The guardian reads the sheet and signs that they will watch every step.
    Action("stand_guard", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=PREPARED, dest=None, clause="C9.10",
           signs=OPERATION_SHEET, guards=[by_the_guardian, identified], tells=[SUPPLIER],
           says="The guardian signs the sheet and stands by."),
    # Everything is checked again at this instant; what was true an hour ago is not enough.
    Action("start", by=[SUPPLIER_ENGINEER], source=PREPARED, dest=EXECUTING, clause="C9.5", form=ServerTypedAgain,
           signs=OPERATION_SHEET, guards=[in_writing, consented_by("consent"), *STARTING], tells=BOTH,
           says="Starts the operation, after everything was checked again, with the server's name and number typed once more."),
    # The spoken word serves only where it must, and the writing is owed from this instant.
    Action("start_emergency", by=[SUPPLIER_ENGINEER], source=PREPARED, dest=EXECUTING, clause="C9.5", form=ServerTypedAgain,
           signs=OPERATION_SHEET, guards=[an_emergency, consented_by("consent", "record_spoken_consent"), *STARTING], tells=ALL,
           says="Starts an emergency on the spoken word. Everything else is checked; the writing is owed from now."),
    # The guardian calls the step, the operator repeats and does it. No skipping, no second order.
    Action("confirm_step", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=EXECUTING, dest=None, clause="C9.10",
           form=StepCalled, guards=[by_the_guardian, next_to_call, inside_the_window],
           says="The guardian calls the next step."),
    Action("do_step", by=[SUPPLIER_ENGINEER], source=EXECUTING, dest=None, clause="C9.10", form=StepDone,
           guards=[by_the_operator, next_to_do, inside_the_window],
           says="The operator has done the step that was called, and tells what was seen."),
    # Any doubt stops it at once. Nobody edits a running operation.
    Action("abort", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER, *CLIENT_ROLES], source=EXECUTING, dest=ABORTED, clause="C9.10",
           form=Doubt, guards=[takes_part], tells=ALL,
           says="In doubt: stops the operation at once. It goes on only by a new request."),
    Action("finish", by=[SUPPLIER_ENGINEER], source=EXECUTING, dest=EXECUTED, clause="C9.5", form=OperationResult,
           files=OPERATION_RESULT, signs=OPERATION_RESULT, guards=[by_the_operator, all_steps_done, inside_the_window, identified],
           tells=BOTH, says="The operator reports the result, after every step was done."),
]

extending = [
    # More time is asked for early, and is agreed to by both like the window itself.
    Action("ask_extension", by=[SUPPLIER_ENGINEER, CLIENT_STAFF, CLIENT_APPROVER], source=EXECUTING, dest=None, clause="C9.5",
           form=ExtensionAsked, guards=[takes_part, asked_in_time, new_end_possible], tells=BOTH,
           says="Asks for a later end of the window."),
    Action("consent_to_extension", by=[CLIENT_APPROVER], source=EXECUTING, dest=None, clause="C9.5",
           guards=[within_mandate(CLIENT_APPROVER), by_a_second_person, extension_pending,
                   by_another_than("ask_extension", clause="C9.5"), identified], tells=BOTH,
           says="Consents for the client to the later end."),
    Action("grant_extension", by=[SUPPLIER_MANAGER], source=EXECUTING, dest=None, clause="C9.5", form=ExtensionGranted,
           guards=[extension_consented, new_end_as_asked, inside_the_window, not_by_the_operator, identified], tells=BOTH,
           says="Agrees for the supplier: the window now ends later."),
]

afterwards = [
    # No result by the end of the window is itself a finding, and is never made into a success.
    Action("note_unknown_outcome", by=[CLOCK], source=EXECUTING, dest=OUTCOME_UNKNOWN, clause="C9.5", tells=ALL,
           says="The window has closed without a result: nobody knows what happened. Nothing is tried again."),
    Action("settle_outcome", by=[SUPPLIER_MANAGER], source=OUTCOME_UNKNOWN, dest=OUTCOME_PROPOSED, clause="C9.5",
           form=OutcomeProposed, files=OUTCOME_RECORD, signs=OUTCOME_RECORD, guards=[identified], tells=BOTH,
           says="States for the supplier what is found to have happened."),
    Action("accept_outcome", by=[CLIENT_APPROVER], source=OUTCOME_PROPOSED, dest=SETTLED, clause="C9.5", signs=OUTCOME_RECORD,
           guards=[within_mandate(CLIENT_APPROVER), identified], tells=ALL,
           says="Accepts for the client what the supplier stated, and signs it."),
    Action("return_outcome", by=CLIENT_ROLES, source=OUTCOME_PROPOSED, dest=OUTCOME_UNKNOWN, clause="C9.5",
           form=OutcomeReturned, tells=BOTH, says="Sends the statement back, with the reason."),
    # The client's own look at the service ends it, never its silence.
    Action("verify_result", by=CLIENT_ROLES, source=EXECUTED, dest=VERIFIED, clause="C9.5", form=ProbeConfirmed,
           signs=OPERATION_RESULT, guards=[within_mandate(*CLIENT_ROLES), identified], tells=BOTH,
           says="The client has tried the service and confirms the result."),
    Action("close", by=[SUPPLIER_MANAGER], source=VERIFIED, dest=CLOSED, clause="C9.5", tells=BOTH,
           says="Closes the sheet: both parties have signed the result."),
    # What the operation broke is a fault from this moment on, with a fault's limits.
    Action("report_failed_check", by=[*CLIENT_ROLES, SUPPLIER_DESK, SUPPLIER_ENGINEER],
           source=[EXECUTED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, ABORTED], dest=None, clause="C9.16", form=FailedCheck,
           guards=[no_fault_open_for_it], tells=ALL, effects=[fault_of_it],
           says="A check after the operation failed: opens a fault at this moment."),
    # The writing that an emergency owes.
    Action("sign_afterwards", by=CLIENT_ROLES, source=AFTER_START, dest=None, clause="C9.5", signs=WRITTEN_REQUEST,
           guards=[done_on_the_spoken_word, within_mandate(*CLIENT_ROLES), identified], tells=BOTH,
           says="Signs the written application that the emergency left for later."),
    Action("note_missing_writing", by=[CLOCK], source=ALWAYS, dest=None, clause="C9.5", tells=ALL, quiet=True,
           says="The written application of an emergency was not signed in time: a violation, told to both parties and the "
                "supervisor."),
]

workflow = Workflow(
    kind="reboot", clause="C9.5", prefix="R",
    says="Reboot and other dangerous operations: nobody touches a server without identity, writing, consent and agreement.",
    states=[
        REQUESTED, SIGNED, CALLED_BACK, IDENTITY_FAILED, IDENTIFIED, CONSENTED, AGREED, PREPARED, EXECUTING, EXECUTED,
        VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, CLOSED, SETTLED, ABORTED, REFUSED, WITHDRAWN, EXPIRED,
    ],
    actions=[*asking, *deciding, *carrying_out, *extending, *afterwards],
    deadlines=[
        Deadline("window", clause="C9.5", until="window_end", starts=["request", "amend"], stops=[EXECUTING], missed="expire",
                 says="Until the window closes the operation may be started; after it the authorisation is void."),
        Deadline("result", clause="C9.5", until="window_end", starts=["start", "start_emergency"], renews=["grant_extension"],
                 stops=[EXECUTED, ABORTED, OUTCOME_UNKNOWN], missed="note_unknown_outcome", party=SUPPLIER,
                 says="Until the window closes the supplier reports the result."),
        Deadline("writing_afterwards", clause="C9.5", within="reboot.emergency_written_within", starts=["start_emergency"],
                 stops=["sign_afterwards"], missed="note_missing_writing", party=CLIENT, outlives=True,
                 says="After an emergency the client signs the written application."),
    ],
    papers=[WRITTEN_REQUEST, CONSENT, RISK_REVIEW, OPERATION_SHEET, OPERATION_RESULT, OUTCOME_RECORD, BACKUP_EVIDENCE],
    notices=[emergency_notice, relaxed_notice],
    figures=[
        "reboot.longest_window", "reboot.number_cool_off", "reboot.challenge_valid", "reboot.identity_valid",
        "reboot.identity_attempts", "reboot.extension_notice", "reboot.writing_policy",
    ],
)
