"""Reboot and other dangerous operations (C9.5): nothing is switched off on the word of one person, or on an old word.

The client asks in writing, is called back, and a second person of the client consents; the supplier looks at the
risk and agrees or refuses; two engineers carry it out step by step, inside the window, after everything was checked
again. Any edit makes a new text: what was signed, verified, consented or agreed before covers the old text only.
"""

from __future__ import annotations

from dataclasses import replace

from workflow.declare import (
    ALWAYS,
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    CLOCK,
    SUPERVISOR,
    SUPPLIER,
    SUPPLIER_DESK,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    Action,
    Deadline,
    Workflow,
)
from workflow.escalation import Escalation
from workflow.guards import by_another_than, identified, within_the_term
from workflow.reboot import forms as forms
from workflow.reboot.facts import (
    BACKUP_EVIDENCE,
    WRITTEN_REQUEST,
    attribution,
    covered_text,
    emergency_notice,
    fault_of_failure,
    fault_of_it,
    relaxed_notice,
)
from workflow.reboot.guards import (
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
    failure_described,
    failure_has_its_fault,
    in_writing,
    in_writing_unless_emergency,
    inside_the_window,
    new_end_as_asked,
    new_end_possible,
    no_fault_open_for_it,
    takes_up_what_was_not_done,
    window_ahead,
    window_short_enough,
    window_within_the_term,
    within_mandate,
)
from workflow.reboot.identity_guards import (
    ANSWERING,
    approver_reachable,
    approver_still_mandated,
    by_another_caller,
    caller_is_not_the_operator,
    identity_verified,
    not_locked_out,
    number_on_the_list,
)
from workflow.reboot.pass_rate import PASS_RATE, REFUSALS
from workflow.reboot.sheet_guards import (
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
from workflow.reboot.states import (
    ABORTED,
    AFTER_START,
    AGREED,
    BEFORE_START,
    CALLED_BACK,
    CHALLENGED,
    CLOSED,
    CONSENT,
    CONSENTED,
    EXECUTED,
    EXECUTING,
    EXPIRED,
    IDENTIFIED,
    IDENTITY_FAILED,
    OPERATION_RESULT,
    OPERATION_SHEET,
    OUTCOME_PROPOSED,
    OUTCOME_RECORD,
    OUTCOME_UNKNOWN,
    PREPARED,
    REFUSED,
    REQUESTED,
    RISK_REVIEW,
    SETTLED,
    SIGNED,
    STATES,
    VERIFIED,
    WITHDRAWN,
)

BOTH, ALL = (CLIENT, SUPPLIER), (CLIENT, SUPPLIER, SUPERVISOR)
AMENDABLE = tuple(state for state in BEFORE_START if state is not IDENTITY_FAILED)
"""After a failed identity check the text stays as it is: an edit must not lead past the second caller."""
WRITING = (
    within_the_term, asker_named, replace(asked_by_an_authorised_person, of_form=True), emergency_of_its_class,
    replace(data_authorised, of_form=True), takes_up_what_was_not_done, window_ahead, window_short_enough,
    window_within_the_term,
)
CALLING = (number_on_the_list, not_locked_out, by_another_caller)
STARTING = (
    within_the_term, asked_by_an_authorised_person, identity_verified, data_authorised, agreed_by_the_supplier,
    inside_the_window, by_the_operator, operator_admitted, persons_apart, guardian_stands_by, not_carried_out_yet,
    right_server, identified,
)
"""Everything is checked again at the instant of the start; beside this only what an emergency does differently."""

asking = [
    # The client asks, on this page or over the phone: then the desk types it and names who asked.
    Action("request", by=[*CLIENT_ROLES, SUPPLIER_DESK], source=None, dest=REQUESTED, clause="C9.5",
           form=forms.OperationRequest, guards=WRITING, tells=BOTH, amends=True, files=WRITTEN_REQUEST,
           computes=attribution,
           says="The client asks for one operation on one server, in writing, for a window of time."),
    # A changed word makes a new text: signature, identity check, consent and agreement were given to the old one.
    Action("amend", by=[*CLIENT_ROLES, SUPPLIER_DESK], source=AMENDABLE, dest=REQUESTED, clause="C9.5",
           form=forms.OperationRequest, guards=[*WRITING, not_locked_out], tells=BOTH, amends=True,
           files=WRITTEN_REQUEST, computes=attribution,
           says="Changes the request. Signature, identity check, consent and agreement given so far become void."),
    # An authorised person of the client puts their signature under the text as it reads now.
    Action("sign_request", by=CLIENT_ROLES, source=REQUESTED, dest=SIGNED, clause="C9.5", signs=WRITTEN_REQUEST,
           guards=[within_mandate(*CLIENT_ROLES), identified], tells=BOTH,
           says="Signs the written application as it reads now."),
    # The desk calls the number on the list, never one from the request.
    Action("call_back", by=[SUPPLIER_DESK], source=[REQUESTED, SIGNED, CALLED_BACK, IDENTITY_FAILED],
           dest=CALLED_BACK, clause="C9.5", guards=[in_writing_unless_emergency, *CALLING], tells=BOTH,
           asks_back="reboot.challenge_valid",
           says="Calls the person who asked at the number on the list; a code appears on that person's own page."),
    # The code that is read out proves that one person holds both the number and the account.
    Action("verify_identity", by=[SUPPLIER_DESK], source=CALLED_BACK, dest=IDENTIFIED, clause="C9.5",
           form=forms.CallBackAnswer, guards=ANSWERING, tells=BOTH, answers_back="reboot.identity_valid",
           refusals_allowed="reboot.identity_attempts",
           says="Enters the code that the person called back reads out."),
    # What was not established is said to be so; nobody tries until it fits.
    Action("declare_identity_failed", by=[SUPPLIER_DESK, SUPPLIER_MANAGER], source=CHALLENGED, dest=IDENTITY_FAILED,
           clause="C9.5", form=forms.IdentityFailure, tells=ALL,
           says="States that it could not be established who asks. Everything waits for another person's call."),
    # A check serves for a short while; before the start the person is called once more.
    Action("call_back_again", by=[SUPPLIER_DESK], source=[CONSENTED, AGREED, PREPARED], dest=None, clause="C9.5",
           guards=[*CALLING, caller_is_not_the_operator], tells=BOTH, asks_back="reboot.challenge_valid",
           says="Calls the person who asked once more, because an identity check serves for a short while only."),
    Action("verify_identity_again", by=[SUPPLIER_DESK], source=[CONSENTED, AGREED, PREPARED], dest=None,
           clause="C9.5", form=forms.CallBackAnswer, guards=ANSWERING, tells=BOTH,
           answers_back="reboot.identity_valid", refusals_allowed="reboot.identity_attempts",
           says="Enters the code that the person called back again reads out."),
]

deciding = [
    # A second person of the client says yes to this very text.
    Action("consent", by=[CLIENT_APPROVER], source=IDENTIFIED, dest=CONSENTED, clause="C9.5", files=CONSENT,
           signs=CONSENT, computes=covered_text, tells=BOTH,
           guards=[within_mandate(CLIENT_APPROVER), by_a_second_person, identified],
           says="Consents, as the second person of the client, to exactly this text."),
    # In an emergency an approver who is at no screen is called, and proves who they are like anybody else.
    Action("call_back_approver", by=[SUPPLIER_DESK], source=IDENTIFIED, dest=None, clause="C9.5",
           form=forms.ApproverCall, tells=BOTH, asks_back="reboot.challenge_valid",
           guards=[an_emergency, approver_reachable, not_locked_out, by_another_caller],
           says="In an emergency, calls an approver of the client at the number on the list, to hear the consent."),
    Action("record_spoken_consent", by=[SUPPLIER_DESK], source=IDENTIFIED, dest=CONSENTED, clause="C9.5",
           form=forms.SpokenConsent, files=CONSENT, computes=covered_text, tells=BOTH,
           guards=[an_emergency, approver_still_mandated, *ANSWERING],
           answers_back="reboot.identity_valid", refusals_allowed="reboot.identity_attempts",
           says="Records the consent that the approver spoke on the phone, with the code that proves who spoke."),
    # The supplier decides for itself; C9.5 lets it say no.
    Action("agree", by=[SUPPLIER_MANAGER], source=CONSENTED, dest=AGREED, clause="C9.5", form=forms.RiskReview,
           files=RISK_REVIEW, signs=RISK_REVIEW, guards=[backup_known, identified], tells=BOTH,
           says="Agrees for the supplier, after a look at backup, sessions, jobs and what depends on the server."),
    Action("refuse", by=[SUPPLIER_MANAGER], source=BEFORE_START, dest=REFUSED, clause="C9.5", form=forms.Refusal,
           tells=BOTH, says="Refuses for the supplier, with ground and reason. The client is told; it is no breach."),
    Action("withdraw", by=CLIENT_ROLES, source=BEFORE_START, dest=WITHDRAWN, clause="C9.5", form=forms.Withdrawal,
           tells=BOTH, says="The client takes its request back, whatever was signed or agreed."),
    # The window passes, and with it the authorisation.
    Action("expire", by=[CLOCK], source=BEFORE_START, dest=EXPIRED, clause="C9.5", tells=BOTH,
           says="The window has closed and nothing was started: the authorisation is void."),
]

carrying_out = [
    # One task, one action a line, one who acts and one who guards.
    Action("prepare", by=[SUPPLIER_ENGINEER], source=[AGREED, PREPARED], dest=PREPARED, clause="C9.10",
           form=forms.OperationSheet, files=OPERATION_SHEET, guards=[chosen_apart], tells=[SUPPLIER],
           says="Writes the operation sheet: steps in order, operator, guardian, checks and the way back."),
    # The guardian reads the sheet and signs that they will watch every step.
    Action("stand_guard", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=PREPARED, dest=None, clause="C9.10",
           signs=OPERATION_SHEET, guards=[by_the_guardian, identified], tells=[SUPPLIER],
           says="The guardian signs the sheet and stands by."),
    # Everything is checked again at this instant; what was true an hour ago is not enough.
    Action("start", by=[SUPPLIER_ENGINEER], source=PREPARED, dest=EXECUTING, clause="C9.5",
           form=forms.ServerTypedAgain, signs=OPERATION_SHEET, tells=BOTH,
           guards=[in_writing, consented_by("consent"), backup_shown, *STARTING],
           says="Starts the operation: everything is checked again, the server's name and number are typed once more."),
    # The spoken word serves only where it must, and the writing is owed from this instant.
    Action("start_emergency", by=[SUPPLIER_ENGINEER], source=PREPARED, dest=EXECUTING, clause="C9.5",
           form=forms.ServerTypedAgain, signs=OPERATION_SHEET, tells=ALL,
           guards=[an_emergency, consented_by("consent", "record_spoken_consent"), *STARTING],
           says="Starts an emergency on the spoken word. Everything else is checked; the writing is owed from now."),
    # The guardian calls the step, the operator repeats and does it. None is skipped, none comes before its turn.
    Action("confirm_step", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER], source=EXECUTING, dest=None, clause="C9.10",
           form=forms.StepCalled, guards=[by_the_guardian, persons_apart, next_to_call, inside_the_window],
           says="The guardian calls the next step."),
    Action("do_step", by=[SUPPLIER_ENGINEER], source=EXECUTING, dest=None, clause="C9.10", form=forms.StepDone,
           guards=[by_the_operator, persons_apart, next_to_do, inside_the_window],
           says="The operator has done the step that was called, and tells what was seen."),
    # Any doubt stops it at once. Nobody edits a running operation.
    Action("abort", by=[SUPPLIER_ENGINEER, SUPPLIER_MANAGER, *CLIENT_ROLES], source=EXECUTING, dest=ABORTED,
           clause="C9.10", form=forms.Doubt, guards=[takes_part], tells=ALL,
           says="In doubt: stops the operation at once. It goes on only by a new request."),
    Action("finish", by=[SUPPLIER_ENGINEER], source=EXECUTING, dest=EXECUTED, clause="C9.5",
           form=forms.OperationResult, files=OPERATION_RESULT, signs=OPERATION_RESULT, tells=BOTH,
           guards=[by_the_operator, all_steps_done, inside_the_window, failure_described, identified],
           effects=[fault_of_failure],
           says="The operator reports the result, after every step was done. A failure opens a fault at this moment."),
]

extending = [
    # More time is asked for early, and both agree to it as they did to the window itself.
    Action("ask_extension", by=[SUPPLIER_ENGINEER, *CLIENT_ROLES], source=EXECUTING, dest=None, clause="C9.5",
           form=forms.ExtensionAsked, guards=[takes_part, asked_in_time, new_end_possible], tells=BOTH,
           says="Asks for a later end of the window."),
    Action("consent_to_extension", by=[CLIENT_APPROVER], source=EXECUTING, dest=None, clause="C9.5", tells=BOTH,
           guards=[within_mandate(CLIENT_APPROVER), by_a_second_person, extension_pending,
                   by_another_than("ask_extension", clause="C9.5"), identified],
           says="Consents for the client to the later end."),
    Action("grant_extension", by=[SUPPLIER_MANAGER], source=EXECUTING, dest=None, clause="C9.5",
           form=forms.ExtensionGranted, tells=BOTH,
           guards=[extension_consented, new_end_as_asked, inside_the_window, not_by_the_operator, identified],
           says="Agrees for the supplier: the window now ends later."),
]

afterwards = [
    # No result by the end of the window is itself a finding, and is never made into a success.
    Action("note_unknown_outcome", by=[CLOCK], source=EXECUTING, dest=OUTCOME_UNKNOWN, clause="C9.5", tells=ALL,
           says="The window has closed without a result: nobody knows what happened. Nothing is tried again."),
    Action("settle_outcome", by=[SUPPLIER_MANAGER], source=OUTCOME_UNKNOWN, dest=OUTCOME_PROPOSED, clause="C9.5",
           form=forms.OutcomeProposed, files=OUTCOME_RECORD, signs=OUTCOME_RECORD, guards=[identified], tells=BOTH,
           says="States for the supplier what is found to have happened."),
    Action("accept_outcome", by=[CLIENT_APPROVER], source=OUTCOME_PROPOSED, dest=SETTLED, clause="C9.5",
           signs=OUTCOME_RECORD, guards=[within_mandate(CLIENT_APPROVER), failure_has_its_fault, identified],
           tells=ALL,
           says="Accepts for the client what the supplier stated, and signs it."),
    Action("return_outcome", by=CLIENT_ROLES, source=OUTCOME_PROPOSED, dest=OUTCOME_UNKNOWN, clause="C9.5",
           form=forms.OutcomeReturned, tells=BOTH, says="Sends the statement back, with the reason."),
    # The client's own look at the service ends it, never its silence.
    Action("verify_result", by=CLIENT_ROLES, source=EXECUTED, dest=VERIFIED, clause="C9.5", form=forms.ProbeConfirmed,
           signs=OPERATION_RESULT, guards=[within_mandate(*CLIENT_ROLES), identified], tells=BOTH,
           says="The client has tried the service and confirms the result."),
    Action("close", by=[SUPPLIER_MANAGER], source=VERIFIED, dest=CLOSED, clause="C9.5", tells=BOTH,
           guards=[failure_has_its_fault],
           says="Closes the sheet: both parties have signed the result."),
    # What the operation broke is a fault from this moment on, with a fault's limits.
    Action("report_failed_check", by=[*CLIENT_ROLES, SUPPLIER_DESK, SUPPLIER_ENGINEER],
           source=[EXECUTED, VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, ABORTED], dest=None, clause="C9.16",
           form=forms.FailedCheck, guards=[within_the_term, no_fault_open_for_it], tells=ALL, effects=[fault_of_it],
           says="A check after the operation failed: opens a fault at this moment."),
    # The writing that an emergency owes.
    Action("sign_afterwards", by=CLIENT_ROLES, source=AFTER_START, dest=None, clause="C9.5", signs=WRITTEN_REQUEST,
           guards=[done_on_the_spoken_word, within_mandate(*CLIENT_ROLES), identified], tells=BOTH,
           says="Signs the written application that the emergency left for later."),
    Action("note_missing_writing", by=[CLOCK], source=ALWAYS, dest=None, clause="C9.5", tells=ALL, quiet=True,
           says="The writing of an emergency is overdue: a violation, told to both parties and the supervisor."),
]

escalations = [
    Escalation(
        "calling_back", chain="reboot_not_called_back", starts=["sign_request"],
        stops=["call_back", "amend", "refuse", "withdraw", "expire"],
        says="Calls the next in the chain while a signed request waits for the call back.",
    ),
    Escalation(
        "outcome", chain="reboot_outcome_unknown", starts=["note_unknown_outcome"], stops=["settle_outcome"],
        says="Calls those who answer for it while nobody has found out what became of an operation.",
    ),
    Escalation(
        "writing", chain="reboot_writing_missing", starts=["note_missing_writing"], stops=["sign_afterwards"], outlives=True,
        says="Calls those who sign for the client while the writing of an emergency is missing.",
    ),
]

workflow = Workflow(
    kind="reboot", clause="C9.5", prefix="R",
    says="Dangerous operations: no server is touched without identity, writing, consent and agreement.",
    states=STATES,
    actions=[*asking, *deciding, *carrying_out, *extending, *afterwards],
    deadlines=[
        Deadline("window", clause="C9.5", until="window_end", starts=["request", "amend"], stops=[EXECUTING],
                 missed="expire",
                 says="Until the window closes the operation may be started; after it the authorisation is void."),
        Deadline("result", clause="C9.5", until="window_end", starts=["start", "start_emergency"],
                 renews=["grant_extension"], stops=[EXECUTED, ABORTED, OUTCOME_UNKNOWN],
                 missed="note_unknown_outcome", party=SUPPLIER,
                 says="Until the window closes the supplier reports the result."),
        Deadline("writing_afterwards", clause="C9.5", within="reboot.emergency_written_within",
                 starts=["start_emergency"], stops=["sign_afterwards"], missed="note_missing_writing",
                 party=CLIENT, outlives=True,
                 says="After an emergency the client signs the written application."),
    ],
    papers=[
        WRITTEN_REQUEST, CONSENT, RISK_REVIEW, OPERATION_SHEET, OPERATION_RESULT, OUTCOME_RECORD, BACKUP_EVIDENCE,
    ],
    gathers={"ended:reboot": ["request", "amend"]},
    notices=[emergency_notice, relaxed_notice],
    escalations=escalations,
    figures=[
        "reboot.longest_window", "reboot.number_cool_off", "reboot.challenge_valid", "reboot.identity_valid",
        "reboot.identity_attempts", "reboot.extension_notice", "reboot.writing_policy",
    ],
    reports=[PASS_RATE, REFUSALS],
)
