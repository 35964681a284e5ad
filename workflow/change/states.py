"""Where a service change can stand (C7), and the documents that it is made of. The acts between are in `change`."""

from __future__ import annotations

from workflow.declare import CLIENT, CLIENT_ROLES, DESK, OPENER, SUPPLIER, PaperKind, State

# --- the application ----------------------------------------------------------------------------------------

DRAFTED = State(
    "drafted", "C7.1", "Being written; only the party that writes it sees it.", awaits=OPENER, opener_only=True
)
PROPOSED = State(
    "proposed",
    "C7.2",
    "The supplier proposes the change; without the client's consent nothing is planned.",
    awaits=CLIENT,
)
SUBMITTED = State(
    "submitted", "C7.1", "The application is in; the supplier checks whether it is complete.", awaits=SUPPLIER
)
RETURNED = State("returned", "C7.1", "Sent back with a list of what is missing; it keeps its number.", awaits=OPENER)
ACCEPTED = State(
    "accepted", "C9.1", "The application is complete; the supplier owes technical advice.", awaits=SUPPLIER
)
ADVISED = State(
    "advised",
    "C9.2",
    "Advice has been given; the supplier owes the work plan, the schedule and the quote.",
    awaits=SUPPLIER,
)

# --- the plan and its approval ------------------------------------------------------------------------------

PLAN_PROPOSED = State("plan_proposed", "C9.2", "Work plan, schedule and quote lie before the client.", awaits=CLIENT)
PLAN_APPROVED = State(
    "plan_approved", "C7.1", "The client approved the plan; the authority's opinion is awaited.", awaits=CLIENT
)
AGREED = State("agreed", "C7.2", "Everybody agrees; the supplementary agreement is to be drafted.", awaits=SUPPLIER)

# --- the supplementary agreement ----------------------------------------------------------------------------

SUPPLEMENT_DRAFTED = State(
    "supplement_drafted", "C7.2", "The supplementary agreement is drafted; nobody has signed it.", awaits=CLIENT
)
SIGNED_BY_CLIENT = State(
    "signed_by_client", "C7.2", "The client has signed; the supplier's signature is missing.", awaits=SUPPLIER
)
SIGNED_BY_SUPPLIER = State(
    "signed_by_supplier", "C7.2", "The supplier has signed; the client's signature is missing.", awaits=CLIENT
)
SUPPLEMENT_SIGNED = State(
    "supplement_signed",
    "C16.2",
    "Both have signed the same text; the work may begin once it is in force.",
    awaits=SUPPLIER,
)
RESCINDED = State(
    "rescinded", "C7.2", "Both agreed in writing to drop it; announcement and filing remain.", awaits=CLIENT
)

# --- cancellation: what comes before anything is removed ----------------------------------------------------

DELETION_UNCONSENTED = State(
    "deletion_unconsented",
    "C7.1",
    "Nothing depends on it; the client has to take its data out and consent to the deletion.",
    awaits=CLIENT,
)
COOLING_OFF = State(
    "cooling_off", "C7.1", "The client consented to the deletion and may still take that back.", awaits=DESK
)
REMOVAL_READY = State(
    "removal_ready", "C7.1", "The cooling-off has passed; two persons of the supplier may begin.", awaits=SUPPLIER
)

# --- the work -----------------------------------------------------------------------------------------------

IMPLEMENTING = State("implementing", "C9.3", "The supplier is carrying the change out.", awaits=SUPPLIER)
HANDED_OVER = State(
    "handed_over",
    "C9.4",
    "The work is handed over; only the client can confirm it, and silence does not.",
    awaits=CLIENT,
)
FAILED = State(
    "failed", "C9.4", "The client found that it does not hold; the supplier has to roll it back.", awaits=SUPPLIER
)
ROLLED_BACK = State(
    "rolled_back", "C9.4", "The former state is restored; the work has to be planned again.", awaits=SUPPLIER
)
REPLANNED = State(
    "replanned", "C9.2", "A new work plan under the signed agreement lies before the client.", awaits=CLIENT
)
VERIFIED = State(
    "verified", "C9.4", "The client confirmed the work; the catalogue still reads as before.", awaits=SUPPLIER
)
BASELINE_UPDATED = State(
    "baseline_updated", "C1.2", "The catalogue reads as agreed; announcement and filing remain.", awaits=CLIENT
)

# --- trial --------------------------------------------------------------------------------------------------

TRIAL_RUNNING = State("trial_running", "C4.2", "The free test period runs.", awaits=CLIENT)
TRIAL_OVER = State(
    "trial_over", "C4.2", "The test period is over; nothing is released until the client says so.", awaits=CLIENT
)
RELEASING = State(
    "releasing", "C4.2", "The client gave the trial resources back; the supplier releases them.", awaits=SUPPLIER
)
TRIAL_ENDED = State(
    "trial_ended", "C4.2", "The trial was converted or released; announcement and filing remain.", awaits=CLIENT
)

# --- renewal at the end of the term -------------------------------------------------------------------------

EXPIRY_HOLD = State(
    "expiry_hold",
    "C9.7",
    "The lines have run out without a renewal: nothing is released or deleted, and the supplier goes on assisting.",
    awaits=SUPPLIER,
)
CANCELLATION_OFFERED = State(
    "cancellation_offered",
    "C9.7",
    "The supplier offers to cancel instead of renewing; the client has to agree.",
    awaits=CLIENT,
)

# --- ends ---------------------------------------------------------------------------------------------------

CLOSED = State("closed", "C7.1", "Done, shown and filed.", final=True)
REJECTED = State("rejected", "C7.2", "Refused with a reason; the original terms stand.", final=True)
WITHDRAWN = State(
    "withdrawn", "C7.2", "Taken back by the party that asked for it; the original terms stand.", final=True
)
NEW_PROCUREMENT = State(
    "new_procurement", "C16.2", "No supplement can carry it: it needs a procurement of its own.", final=True
)
TURNED_TO_CANCELLATION = State(
    "turned_to_cancellation", "C9.7", "Both agreed not to renew; the cancellation has a ticket of its own.", final=True
)

BEFORE_SIGNATURES = (
    PROPOSED,
    SUBMITTED,
    RETURNED,
    ACCEPTED,
    ADVISED,
    PLAN_PROPOSED,
    PLAN_APPROVED,
    AGREED,
    SUPPLEMENT_DRAFTED,
    SIGNED_BY_CLIENT,
    SIGNED_BY_SUPPLIER,
)
"""From the application until the second signature: either side may still step back."""
BEFORE_WORK = (SUPPLEMENT_SIGNED, DELETION_UNCONSENTED, COOLING_OFF, REMOVAL_READY)
WORK = (IMPLEMENTING, HANDED_OVER, FAILED, ROLLED_BACK, REPLANNED, VERIFIED)
AFTER_WORK = (BASELINE_UPDATED, TRIAL_RUNNING, TRIAL_OVER, RELEASING, TRIAL_ENDED, RESCINDED)
AFTER_SIGNATURES = (*BEFORE_WORK, *WORK, *AFTER_WORK)
ON_HOLD = (EXPIRY_HOLD, CANCELLATION_OFFERED)
STATES = (
    DRAFTED,
    *BEFORE_SIGNATURES,
    *BEFORE_WORK,
    *WORK,
    *AFTER_WORK,
    *ON_HOLD,
    CLOSED,
    REJECTED,
    WITHDRAWN,
    NEW_PROCUREMENT,
    TURNED_TO_CANCELLATION,
)

# --- papers -------------------------------------------------------------------------------------------------

WORK_PLAN = PaperKind("work_plan", "C9.2", "Work plan, schedule and quote of the supplier.")
AUTHORITY_OPINION = PaperKind(
    "authority_opinion",
    "C7.1",
    "The opinion of the authority in charge of the cloud, as issued.",
    uploaded=True,
    by=CLIENT_ROLES,
)
PROCUREMENT_BASIS = PaperKind(
    "procurement_basis", "C16.2", "The separate procurement that pays for a renewal.", uploaded=True, by=CLIENT_ROLES
)
SUPPLEMENT = PaperKind("supplement", "C7.2", "The supplementary agreement: changes, sums and the day it takes effect.")
SUPPLEMENT_SCAN = PaperKind(
    "supplement_scan", "C7.2", "The sealed original of the supplementary agreement, scanned.", uploaded=True
)
RESCISSION = PaperKind("rescission", "C7.2", "The agreement of both parties to drop a signed change.")
PUBLICITY_EVIDENCE = PaperKind(
    "publicity_evidence", "C16.2", "Shows that the supplementary agreement was announced.", uploaded=True
)
FILING_EVIDENCE = PaperKind(
    "filing_evidence", "C16.2", "Shows that the supplementary agreement was filed.", uploaded=True
)
DELETE_CONSENT = PaperKind(
    "delete_consent",
    "C7.1",
    "The client's consent to the deletion of its data, signed and sealed.",
    uploaded=True,
    by=CLIENT_ROLES,
)
ERASURE_CERTIFICATE = PaperKind("erasure_certificate", "C7.1", "What was erased, with all replicas, and by whom.")
PAPERS = (
    WORK_PLAN,
    AUTHORITY_OPINION,
    PROCUREMENT_BASIS,
    SUPPLEMENT,
    SUPPLEMENT_SCAN,
    RESCISSION,
    PUBLICITY_EVIDENCE,
    FILING_EVIDENCE,
    DELETE_CONSENT,
    ERASURE_CERTIFICATE,
)
