"""Who has which act of a dangerous operation, where, and what comes of it: read off C9.5, C9.10, C9.11 and C9.16, act by act."""

from __future__ import annotations

from workflow.declare import (
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_STAFF,
    CLOCK,
    SUPERVISOR,
    SUPPLIER,
    SUPPLIER_DESK,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    SUPPLIER_RELATIONS,
)
from workflow.prove.charter import (
    CALLS,
    IS_ANSWERED,
    TEXT,
    OnTrial,
    Right,
    charter,
    everybodys,
    files,
    given,
    opens,
    signs,
)
from workflow.prove.standing import WITH_COMPLAINTS, rights
from workflow.reboot.states import (
    ABORTED,
    AGREED,
    CALLED_BACK,
    CLOSED,
    CONSENTED,
    EXECUTED,
    EXECUTING,
    EXPIRED,
    IDENTIFIED,
    IDENTITY_FAILED,
    OUTCOME_PROPOSED,
    OUTCOME_UNKNOWN,
    PREPARED,
    REFUSED,
    REQUESTED,
    SETTLED,
    SIGNED,
    STATES,
    VERIFIED,
    WITHDRAWN,
)

BOTH, EACH = (CLIENT, SUPPLIER), (CLIENT, SUPPLIER, SUPERVISOR)
ANYBODY_OF_THE_CLIENT = (CLIENT_STAFF, CLIENT_APPROVER)
WHO_WRITES = (*ANYBODY_OF_THE_CLIENT, SUPPLIER_DESK)
DESK, APPROVER, ENGINEER, MANAGER = (SUPPLIER_DESK,), (CLIENT_APPROVER,), (SUPPLIER_ENGINEER,), (SUPPLIER_MANAGER,)
WHO_WATCHES = (SUPPLIER_ENGINEER, SUPPLIER_MANAGER)
UNTOUCHED = (REQUESTED, SIGNED, CALLED_BACK, IDENTITY_FAILED, IDENTIFIED, CONSENTED, AGREED, PREPARED)
"""Nothing has been started: either side may still say no, and the text may still be written anew."""
TO_BE_WRITTEN_ANEW = tuple(state for state in UNTOUCHED if state is not IDENTITY_FAILED)
SHEET, RESULT, OUTCOME, REQUEST = "operation_sheet", "operation_result", "outcome_record", "written_request"
NOTED = ("deadline", "due_at")

asked_and_identified = (
    # C9.5: asked in writing, signed, and established by a call who asks.
    Right("request", "C9.5", WHO_WRITES, (), REQUESTED, BOTH, (TEXT, files(REQUEST)), ("subject",), begins=("window",)),
    Right("amend", "C9.5", WHO_WRITES, TO_BE_WRITTEN_ANEW, REQUESTED, BOTH, (TEXT, files(REQUEST)), ("subject",),
          begins=("window",)),
    Right("sign_request", "C9.5", ANYBODY_OF_THE_CLIENT, (REQUESTED,), SIGNED, BOTH, (signs(REQUEST),)),
    Right("call_back", "C9.5", DESK, (REQUESTED, SIGNED, CALLED_BACK, IDENTITY_FAILED), CALLED_BACK, BOTH, (CALLS,)),
    Right("verify_identity", "C9.5", DESK, (CALLED_BACK,), IDENTIFIED, BOTH, (IS_ANSWERED,)),
    Right("declare_identity_failed", "C9.5", (SUPPLIER_DESK, SUPPLIER_MANAGER),
          (CALLED_BACK, IDENTIFIED, CONSENTED, AGREED, PREPARED), IDENTITY_FAILED, EACH),
    Right("call_back_again", "C9.5", DESK, (CONSENTED, AGREED, PREPARED), None, BOTH, (CALLS,)),
    Right("verify_identity_again", "C9.5", DESK, (CONSENTED, AGREED, PREPARED), None, BOTH, (IS_ANSWERED,)),
)  # fmt: skip
said_yes_or_no = (
    # C9.5: a second person of the client consents, the supplier agrees, and until the start either takes it back.
    Right("consent", "C9.5", APPROVER, (IDENTIFIED,), CONSENTED, BOTH, (files("consent"), signs("consent")),
          ("covers_content", "covers_paper")),
    Right("call_back_approver", "C9.5", DESK, (IDENTIFIED,), None, BOTH, (CALLS,)),
    Right("record_spoken_consent", "C9.5", DESK, (IDENTIFIED,), CONSENTED, BOTH, (files("consent"), IS_ANSWERED),
          ("covers_content", "covers_paper")),
    Right("agree", "C9.5", MANAGER, (CONSENTED,), AGREED, BOTH, (files("risk_review"), signs("risk_review"))),
    Right("refuse", "C9.5", MANAGER, UNTOUCHED, REFUSED, BOTH),
    Right("withdraw", "C9.5", ANYBODY_OF_THE_CLIENT, UNTOUCHED, WITHDRAWN, BOTH),
    Right("expire", "C9.5", (CLOCK,), UNTOUCHED, EXPIRED, BOTH, states=NOTED),
)  # fmt: skip
carried_out = (
    # C9.10: one who acts and one who guards, step by step, and anybody who doubts stops it.
    Right("prepare", "C9.10", ENGINEER, (AGREED, PREPARED), PREPARED, (SUPPLIER,), (files(SHEET),)),
    Right("stand_guard", "C9.10", WHO_WATCHES, (PREPARED,), None, (SUPPLIER,), (signs(SHEET),)),
    Right("start", "C9.5", ENGINEER, (PREPARED,), EXECUTING, BOTH, (signs(SHEET),), begins=("result",), meets=("window",)),
    Right("start_emergency", "C9.5", ENGINEER, (PREPARED,), EXECUTING, EACH, (signs(SHEET),),
          begins=("result", "writing_afterwards"), meets=("window",)),
    Right("confirm_step", "C9.10", WHO_WATCHES, (EXECUTING,)),
    Right("do_step", "C9.10", ENGINEER, (EXECUTING,)),
    Right("abort", "C9.10", (*WHO_WATCHES, *ANYBODY_OF_THE_CLIENT), (EXECUTING,), ABORTED, EACH, meets=("result",)),
    Right("finish", "C9.5", ENGINEER, (EXECUTING,), EXECUTED, BOTH, (files(RESULT), signs(RESULT)), meets=("result",)),
    Right("ask_extension", "C9.5", (SUPPLIER_ENGINEER, *ANYBODY_OF_THE_CLIENT), (EXECUTING,), None, BOTH),
    Right("consent_to_extension", "C9.5", APPROVER, (EXECUTING,), None, BOTH),
    Right("grant_extension", "C9.5", MANAGER, (EXECUTING,), None, BOTH, begins=("result",), meets=("result",)),
)  # fmt: skip
ended = (
    # C9.5: the client's own look ends it; what nobody saw is found out and accepted; what broke is a fault (C9.16).
    Right("note_unknown_outcome", "C9.5", (CLOCK,), (EXECUTING,), OUTCOME_UNKNOWN, EACH, states=NOTED, meets=("result",)),
    Right("settle_outcome", "C9.5", MANAGER, (OUTCOME_UNKNOWN,), OUTCOME_PROPOSED, BOTH, (files(OUTCOME), signs(OUTCOME))),
    Right("accept_outcome", "C9.5", APPROVER, (OUTCOME_PROPOSED,), SETTLED, EACH, (signs(OUTCOME),)),
    Right("return_outcome", "C9.5", ANYBODY_OF_THE_CLIENT, (OUTCOME_PROPOSED,), OUTCOME_UNKNOWN, BOTH),
    Right("verify_result", "C9.5", ANYBODY_OF_THE_CLIENT, (EXECUTED,), VERIFIED, BOTH, (signs(RESULT),)),
    Right("close", "C9.5", MANAGER, (VERIFIED,), CLOSED, BOTH),
    Right("report_failed_check", "C9.16", (*WHO_WRITES, SUPPLIER_ENGINEER),
          (EXECUTED, VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, ABORTED), None, EACH, (opens("fault"),)),
    # C9.5: an emergency owes its writing from the start on, also when all is over.
    Right("sign_afterwards", "C9.5", ANYBODY_OF_THE_CLIENT,
          (EXECUTING, EXECUTED, VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, CLOSED, SETTLED, ABORTED), None, BOTH,
          (signs(REQUEST),), meets=("writing_afterwards",)),
    Right("note_missing_writing", "C9.5", (CLOCK,),
          (EXECUTING, EXECUTED, VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, CLOSED, SETTLED, ABORTED), None, EACH,
          states=NOTED),
)  # fmt: skip

# C9.3, C7.2: nothing is owed within a limit before the start: then the result, and after an emergency the client's writing.
STARTED = (EXECUTING, EXECUTED, VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, CLOSED, SETTLED, ABORTED)
beside = rights(
    by=(*WHO_WRITES, SUPPLIER_ENGINEER, SUPPLIER_MANAGER, SUPPLIER_RELATIONS), owed=STARTED, begun=STARTED
)  # fmt: skip

CHARTER = charter(*asked_and_identified, *said_yes_or_no, *carried_out, *ended, *beside, *everybodys(STATES, EACH))
OUTLIVE = ("writing_afterwards",)
IN_THE_WINDOW = "A window lies within the term, and outside of its window nothing is started."
NOTHING_RUNS = "The clock goes before everybody: once the window has closed nothing is running any more, whoever acts."
IN_THE_TEXT = "Within one edition the text says it already: no act writes one that does not."
STARTED_ONCE = "From what was started nothing leads back to where it could be started."
EQUIVALENT = {
    "request does not change what is said": "The act that opens a ticket writes its text in any case.",
    "amend without within_the_term": "Nothing is asked for before the term, and a new window lies both ahead and within it.",
    "start without within_the_term": IN_THE_WINDOW,
    "start_emergency without within_the_term": IN_THE_WINDOW,
    "start without data_authorised": IN_THE_TEXT,
    "start_emergency without data_authorised": IN_THE_TEXT,
    "start without not_carried_out_yet": STARTED_ONCE,
    "start_emergency without not_carried_out_yet": STARTED_ONCE,
    "confirm_step without inside_the_window": NOTHING_RUNS,
    "do_step without inside_the_window": NOTHING_RUNS,
    "finish without inside_the_window": NOTHING_RUNS,
    "grant_extension without inside_the_window": NOTHING_RUNS,
    "close without failure_has_its_fault": "Whoever reports a failure opens its fault by the same act.",
    "report_failed_check without within_the_term": "It opens a fault, and none is reported outside the term.",
    "record_spoken_consent without an_emergency": "Approvers are called in an emergency only, and a new text voids the call.",
    "verify_identity_again also from closed": "Nothing starts while a call waits for its answer; none is made later.",
    "stand_guard leads to prepared": "It is done in that state alone: who leads there stays there.",
}
"""Mutants of the declaration that come to the same as it does, each with the reason."""
ON_TRIAL = OnTrial(given(CHARTER, elsewhere=WITH_COMPLAINTS), EQUIVALENT, elsewhere=WITH_COMPLAINTS)
