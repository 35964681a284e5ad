"""Where a dangerous operation can stand, and the papers it leaves behind (C9.5): the meaning stands under each name.

A final state says by its meaning what is stamped on the sheet: carried out, not carried out, or void. Number and text
stay in every case.
"""

from __future__ import annotations

from workflow.declare import CLIENT, SUPPLIER, PaperKind, State

# Before anything is touched.
REQUESTED = State(
    "requested",
    "C9.5",
    "The client asks for an operation; the written application waits for its signature.",
    awaits=CLIENT,
)
SIGNED = State(
    "signed",
    "C9.5",
    "The written application is signed; the supplier calls back the person who asked.",
    awaits=SUPPLIER,
)
CALLED_BACK = State(
    "called_back",
    "C9.5",
    "The person was called; the desk enters the code that only that person's page shows.",
    awaits=SUPPLIER,
)
IDENTITY_FAILED = State(
    "identity_failed",
    "C9.5",
    "It could not be established who asks. Another person of the desk calls, or the supplier refuses.",
    awaits=SUPPLIER,
)
IDENTIFIED = State(
    "identified", "C9.5", "It is established who asks; a second person of the client must consent.", awaits=CLIENT
)
CONSENTED = State(
    "consented",
    "C9.5",
    "The client has consented to this very text; the supplier looks at the risk and decides.",
    awaits=SUPPLIER,
)
AGREED = State("agreed", "C9.5", "The supplier agrees; the operation sheet is being prepared.", awaits=SUPPLIER)
PREPARED = State(
    "prepared",
    "C9.10",
    "The sheet names steps, operator and guardian; the operation may start inside its window.",
    awaits=SUPPLIER,
)

# While it runs, and until its result is settled.
EXECUTING = State(
    "executing",
    "C9.10",
    "The operation is running: each step is called by the guardian, then done by the operator.",
    awaits=SUPPLIER,
)
EXECUTED = State("executed", "C9.5", "The operation is done; the client tries the service and confirms.", awaits=CLIENT)
VERIFIED = State(
    "verified", "C9.5", "The client has confirmed the result; the supplier closes the sheet.", awaits=SUPPLIER
)
OUTCOME_UNKNOWN = State(
    "outcome_unknown",
    "C9.5",
    "The window closed without a result. Nothing is tried again; both parties establish what happened.",
    awaits=SUPPLIER,
)
OUTCOME_PROPOSED = State(
    "outcome_proposed",
    "C9.5",
    "The supplier has stated what happened; the client accepts it or sends it back.",
    awaits=CLIENT,
)

# The ends.
CLOSED = State(
    "closed", "C9.5", "Carried out: done inside its window, with a result that the client confirmed.", final=True
)
SETTLED = State("settled", "C9.5", "Outcome settled: both parties signed what is found to have happened.", final=True)
ABORTED = State(
    "aborted", "C9.10", "Not carried out to the end: stopped in doubt. It goes on only by a new request.", final=True
)
REFUSED = State("refused", "C9.5", "Not carried out: the supplier refused, with its reason.", final=True)
WITHDRAWN = State(
    "withdrawn", "C9.5", "Void: the client withdrew the request before the start. Number and text stay.", final=True
)
EXPIRED = State(
    "expired", "C9.5", "Void: the window closed before anything was started. Number and text stay.", final=True
)

BEFORE_START = (REQUESTED, SIGNED, CALLED_BACK, IDENTITY_FAILED, IDENTIFIED, CONSENTED, AGREED, PREPARED)
AFTER_START = (EXECUTING, EXECUTED, VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED, CLOSED, SETTLED, ABORTED)
STATES = (
    *BEFORE_START,
    EXECUTING,
    EXECUTED,
    VERIFIED,
    OUTCOME_UNKNOWN,
    OUTCOME_PROPOSED,
    CLOSED,
    SETTLED,
    ABORTED,
    REFUSED,
    WITHDRAWN,
    EXPIRED,
)
CHALLENGED = (CALLED_BACK, IDENTIFIED, CONSENTED, AGREED, PREPARED)
"""Where a call-back may be under way, and its failure must be said."""

CONSENT = PaperKind(
    "consent", "C9.5", "The consent of a second person of the client to one version of the application."
)
RISK_REVIEW = PaperKind(
    "risk_review",
    "C9.5",
    "What the supplier looked at before it agreed: backup, sessions, jobs, what depends on the server.",
)
OPERATION_SHEET = PaperKind(
    "operation_sheet", "C9.10", "The operation sheet: steps in their order, operator, guardian, checks, way back."
)
OPERATION_RESULT = PaperKind(
    "operation_result", "C9.5", "The result of the operation and what the checks after it showed."
)
OUTCOME_RECORD = PaperKind(
    "outcome_record", "C9.5", "What both parties found to have happened when no result was reported."
)
