"""Who has which act of a service change, where, and what comes of it: read off C4.2, C7, C8.4, C9 and C16.2, act by act."""

from __future__ import annotations

from collections.abc import Collection

from workflow.change.price import day_of
from workflow.change.sights import kind, said
from workflow.change.states import (
    ACCEPTED,
    ADVISED,
    AGREED,
    BASELINE_UPDATED,
    CANCELLATION_OFFERED,
    CLOSED,
    COOLING_OFF,
    DELETION_UNCONSENTED,
    DRAFTED,
    EXPIRY_HOLD,
    FAILED,
    HANDED_OVER,
    IMPLEMENTING,
    NEW_PROCUREMENT,
    PLAN_APPROVED,
    PLAN_PROPOSED,
    PROPOSED,
    REJECTED,
    RELEASING,
    REMOVAL_READY,
    REPLANNED,
    RESCINDED,
    RETURNED,
    ROLLED_BACK,
    SIGNED_BY_CLIENT,
    SIGNED_BY_SUPPLIER,
    STATES,
    SUBMITTED,
    SUPPLEMENT_DRAFTED,
    SUPPLEMENT_SIGNED,
    TRIAL_ENDED,
    TRIAL_OVER,
    TRIAL_RUNNING,
    TURNED_TO_CANCELLATION,
    VERIFIED,
    WITHDRAWN,
)
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
from workflow.prove.charter import TEXT, OnTrial, Right, charter, everybodys, files, given, opens, signs
from workflow.prove.claims import Step
from workflow.prove.standing import WITH_COMPLAINTS, rights

BOTH, EACH = (CLIENT, SUPPLIER), (CLIENT, SUPPLIER, SUPERVISOR)
ANYBODY_OF_THE_CLIENT, APPROVER, MANAGER = (CLIENT_STAFF, CLIENT_APPROVER), (CLIENT_APPROVER,), (SUPPLIER_MANAGER,)
WHO_OFFERS, HANDS, WHO_BINDS = (
    (SUPPLIER_DESK, SUPPLIER_MANAGER), (SUPPLIER_ENGINEER, SUPPLIER_MANAGER), (CLIENT_APPROVER, SUPPLIER_MANAGER),
)  # fmt: skip
WHO_ASKS = (*ANYBODY_OF_THE_CLIENT, *WHO_OFFERS)
APPLIED = (SUBMITTED, RETURNED, ACCEPTED, ADVISED, PLAN_PROPOSED, PLAN_APPROVED)
TO_BE_SIGNED = (AGREED, SUPPLEMENT_DRAFTED, SIGNED_BY_CLIENT, SIGNED_BY_SUPPLIER)
UNSIGNED = (PROPOSED, *APPLIED, *TO_BE_SIGNED)
"""Laid before the other party, and not signed by both: either may still say no."""
BEYOND_A_SUPPLEMENT = (SUBMITTED, ADVISED, PLAN_PROPOSED, PLAN_APPROVED, AGREED)
"""Where it can show that no supplement carries it: what is off the catalogue is never accepted, and a sum needs a plan."""
REMOVAL = (DELETION_UNCONSENTED, COOLING_OFF, REMOVAL_READY)
NOT_BEGUN = (SUPPLEMENT_SIGNED, *REMOVAL, ROLLED_BACK, REPLANNED)
IN_FORCE = (
    SUPPLEMENT_SIGNED, *REMOVAL, IMPLEMENTING, HANDED_OVER, FAILED, ROLLED_BACK, REPLANNED, VERIFIED, BASELINE_UPDATED,
    TRIAL_RUNNING, TRIAL_OVER, RELEASING, TRIAL_ENDED, RESCINDED,
)  # fmt: skip
SUPPLEMENT, PLAN, RESCISSION, ERASURE = "supplement", "work_plan", "rescission", "erasure_certificate"
NOTED, SHORT = ("deadline", "due_at"), ("missing", "reason")
PRICED = ("formula", "priced_lines", "amount_fen", "additions_fen", "reductions_fen", "charged_from")
AGREED_SUMS = (*PRICED, "plan_digest", "cumulative_fen", "cap_fen", "cumulative_share_percent", "effective_on")
REMINDERS = ("reminder_1", "reminder_2", "reminder_3", "reminder_4")
EXPIRY = ("expiry", *REMINDERS)
ANNOUNCED = ("publicity", "filing")

# --- which limits, where that depends on what is asked for ----------------------------------------------------------


def watched(step: Step) -> Collection[str]:
    """C9.7: the lines of a renewal are watched until it is signed or they have run out, and both are reminded ahead of it."""
    ends = day_of(said(step, "original_ends"))
    if kind(step) != "renew" or ends is None or step.last("hold_at_expiry") is not None:
        return ()
    end = step.attempt.edition.contract.calendar.end_of_day(ends)
    ahead = {name: f"change.renewal_{name}" for name in REMINDERS}
    reminded = (n for n, figure in ahead.items() if step.attempt.edition.before_explained(figure, end).at > step.at)
    return ("expiry", *reminded)


asked = (
    # C7.1, C7.2, C9.4: either party asks; the client consents to what the supplier asks for, and nobody rewrites the other's.
    Right("draft", "C7.1", WHO_ASKS, (), DRAFTED, (), (TEXT,), ("type",)),
    Right("redraft", "C7.1", WHO_ASKS, (DRAFTED,), DRAFTED, (), (TEXT,), ("type",)),
    Right("submit", "C7.1", ANYBODY_OF_THE_CLIENT, (DRAFTED,), SUBMITTED, BOTH, begins=watched),
    Right("propose", "C7.2", WHO_OFFERS, (DRAFTED,), PROPOSED, BOTH, begins=watched),
    Right("consent", "C7.2", APPROVER, (PROPOSED,), SUBMITTED, BOTH, states=("statement",)),
    Right("send_back", "C7.1", ANYBODY_OF_THE_CLIENT, (PROPOSED,), RETURNED, BOTH, states=SHORT),
    Right("return_material", "C7.1", (SUPPLIER_DESK,), (SUBMITTED,), RETURNED, BOTH, states=SHORT),
    Right("amend", "C9.4", ANYBODY_OF_THE_CLIENT, (*APPLIED, *TO_BE_SIGNED), SUBMITTED, BOTH, (TEXT,), ("type",),
          begins=watched, waives=EXPIRY),
    Right("amend_proposal", "C9.4", WHO_OFFERS, UNSIGNED, PROPOSED, BOTH, (TEXT,), ("type",), begins=watched, waives=EXPIRY),
    Right("accept", "C7.1", (SUPPLIER_DESK,), (SUBMITTED,), ACCEPTED, BOTH),
    Right("route_to_procurement", "C16.2", WHO_ASKS, BEYOND_A_SUPPLEMENT, NEW_PROCUREMENT, EACH, states=("reason",)),
    Right("withdraw", "C7.2", WHO_ASKS, (DRAFTED, *UNSIGNED), WITHDRAWN, BOTH, states=("reason",)),
    Right("reject", "C7.2", (CLIENT_APPROVER, *WHO_OFFERS), UNSIGNED, REJECTED, EACH, states=SHORT),
)  # fmt: skip
planned = (
    # C9.1, C9.2, C8.4, C7.1: advice, a plan with its price, the client's own look at it, and the authority's word.
    Right("advise", "C9.1", (SUPPLIER_ENGINEER,), (ACCEPTED,), ADVISED, BOTH, states=("advice",)),
    Right("plan", "C9.2", HANDS, (ADVISED, PLAN_PROPOSED, PLAN_APPROVED, *TO_BE_SIGNED), PLAN_PROPOSED, BOTH, (files(PLAN),),
          PRICED),
    Right("return_plan", "C9.2", ANYBODY_OF_THE_CLIENT, (PLAN_PROPOSED,), ADVISED, BOTH, states=("reason",)),
    Right("revalidate", "C8.4", ANYBODY_OF_THE_CLIENT, (PLAN_PROPOSED,), None, BOTH, states=("starts_at", "ends_at")),
    Right("approve_plan", "C7.2", APPROVER, (PLAN_PROPOSED,), PLAN_APPROVED, BOTH, states=("statement",)),
    Right("record_authority_opinion", "C7.1", ANYBODY_OF_THE_CLIENT, (PLAN_APPROVED,), AGREED, BOTH,
          states=("document_number", "issued_on")),
    Right("record_authority_refusal", "C7.1", ANYBODY_OF_THE_CLIENT, (PLAN_APPROVED,), REJECTED, EACH,
          states=("document_number", "issued_on", "missing")),
)  # fmt: skip
agreed = (
    # C7.2, C16.2: one text, signed by both in either order, announced and filed; dropped only as it was made, by both.
    Right("draft_supplement", "C7.2", WHO_ASKS, TO_BE_SIGNED, SUPPLEMENT_DRAFTED, BOTH, (files(SUPPLEMENT),), AGREED_SUMS),
    Right("sign_supplement_client", "C7.2", APPROVER, (SUPPLEMENT_DRAFTED,), SIGNED_BY_CLIENT, BOTH, (signs(SUPPLEMENT),)),
    Right("sign_supplement_supplier", "C7.2", MANAGER, (SIGNED_BY_CLIENT,), SUPPLEMENT_SIGNED, EACH, (signs(SUPPLEMENT),),
          begins=ANNOUNCED, meets=EXPIRY),
    Right("sign_supplement_supplier_first", "C7.2", MANAGER, (SUPPLEMENT_DRAFTED,), SIGNED_BY_SUPPLIER, BOTH,
          (signs(SUPPLEMENT),)),
    Right("sign_supplement_client_second", "C7.2", APPROVER, (SIGNED_BY_SUPPLIER,), SUPPLEMENT_SIGNED, EACH,
          (signs(SUPPLEMENT),), begins=ANNOUNCED, meets=EXPIRY),
    Right("record_publicity", "C16.2", ANYBODY_OF_THE_CLIENT, IN_FORCE, None, BOTH, meets=("publicity",)),
    Right("publicity_not_applicable", "C16.2", ANYBODY_OF_THE_CLIENT, IN_FORCE, None, EACH, states=("reason",),
          meets=("publicity",)),
    Right("record_filing", "C16.2", ANYBODY_OF_THE_CLIENT, IN_FORCE, None, BOTH, meets=("filing",)),
    Right("filing_not_applicable", "C16.2", ANYBODY_OF_THE_CLIENT, IN_FORCE, None, EACH, states=("reason",),
          meets=("filing",)),
    Right("offer_rescission", "C7.2", WHO_BINDS, NOT_BEGUN, None, BOTH, (files(RESCISSION), signs(RESCISSION)), ("reason",)),
    Right("agree_rescission", "C7.2", WHO_BINDS, NOT_BEGUN, RESCINDED, EACH, (signs(RESCISSION),), waives=("cooling_off",)),
)  # fmt: skip
removed = (
    # C7.1: nothing is removed before backup, dependants, export and consent, nor while that may still be taken back.
    Right("verify_backup", "C7.1", HANDS, (SUPPLEMENT_SIGNED,), None, BOTH, states=("method",)),
    Right("check_dependencies", "C7.1", HANDS, (SUPPLEMENT_SIGNED,), DELETION_UNCONSENTED, BOTH, states=("none_left",)),
    Right("confirm_export", "C7.1", ANYBODY_OF_THE_CLIENT, (DELETION_UNCONSENTED,), None, BOTH, states=("confirmed",)),
    Right("consent_to_deletion", "C7.1", APPROVER, (DELETION_UNCONSENTED,), COOLING_OFF, EACH, states=("scope", "confirmed"),
          begins=("cooling_off",)),
    Right("revoke_deletion_consent", "C7.1", ANYBODY_OF_THE_CLIENT, (COOLING_OFF, REMOVAL_READY), DELETION_UNCONSENTED, EACH,
          states=("reason",), waives=("cooling_off",)),
    Right("end_cooling_off", "C7.1", (CLOCK,), (COOLING_OFF,), REMOVAL_READY, BOTH, states=NOTED, waives=("cooling_off",)),
)  # fmt: skip
carried_out = (
    # C9.2 to C9.4, C9.10, C1.2: begun in force, recorded, handed over, confirmed by the client, or rolled back and replanned.
    Right("begin", "C7.2", HANDS, (SUPPLEMENT_SIGNED, REMOVAL_READY), IMPLEMENTING, EACH, states=("planned_end_at",),
          begins=("work",)),
    Right("record_work", "C9.3", HANDS, (IMPLEMENTING,), None, (CLIENT,), states=("work",)),
    Right("certify_erasure", "C7.1", HANDS, (IMPLEMENTING,), None, BOTH, (files(ERASURE), signs(ERASURE)),
          ("storage", "replicas", "method")),
    Right("attest_erasure", "C9.10", HANDS, (IMPLEMENTING,), None, BOTH, (signs(ERASURE),)),
    Right("hand_over", "C9.3", HANDS, (IMPLEMENTING,), HANDED_OVER, BOTH, states=("result",), meets=("work",)),
    Right("verify", "C9.4", ANYBODY_OF_THE_CLIENT, (HANDED_OVER,), VERIFIED, BOTH, states=("confirmed",)),
    Right("report_failure", "C9.4", ANYBODY_OF_THE_CLIENT, (HANDED_OVER,), FAILED, EACH, states=("finding",)),
    Right("roll_back", "C9.4", HANDS, (IMPLEMENTING, FAILED, VERIFIED), ROLLED_BACK, EACH, states=("cause", "restored"),
          meets=("work",)),
    Right("plan_again", "C9.2", HANDS, (ROLLED_BACK,), REPLANNED, BOTH, (files(PLAN),), ("starts_at", "ends_at")),
    Right("return_plan_again", "C9.2", ANYBODY_OF_THE_CLIENT, (REPLANNED,), ROLLED_BACK, BOTH, states=("reason",)),
    Right("approve_plan_again", "C9.2", APPROVER, (REPLANNED,), SUPPLEMENT_SIGNED, BOTH, states=("statement",)),
    Right("update_baseline", "C1.2", MANAGER, (VERIFIED,), BASELINE_UPDATED, EACH, states=("confirmed",)),
    Right("close", "C7.1", ANYBODY_OF_THE_CLIENT, (BASELINE_UPDATED, TRIAL_ENDED, RESCINDED), CLOSED, EACH),
)  # fmt: skip
tried = (
    # C4.2: free until the agreed day; then the client keeps it for pay or gives it back, and nothing goes by itself.
    Right("start_trial", "C4.2", WHO_OFFERS, (VERIFIED,), TRIAL_RUNNING, BOTH, states=("trial_ends_at",), begins=("trial",)),
    Right("end_trial", "C4.2", (CLOCK,), (TRIAL_RUNNING,), TRIAL_OVER, BOTH, states=NOTED, waives=("trial",)),
    Right("convert_trial", "C4.2", ANYBODY_OF_THE_CLIENT, (TRIAL_RUNNING, TRIAL_OVER), TRIAL_ENDED, BOTH, (opens("change"),),
          meets=("trial",)),
    Right("agree_release", "C4.2", APPROVER, (TRIAL_RUNNING, TRIAL_OVER), RELEASING, BOTH, states=("export_confirmed",),
          meets=("trial",)),
    Right("record_release", "C4.2", HANDS, (RELEASING,), TRIAL_ENDED, BOTH, states=("released",)),
)  # fmt: skip
run_out = (
    # C9.7: both are reminded; what runs out is held as it is, and only both together turn it into a cancellation.
    Right("remind_of_expiry", "C9.7", (CLOCK,), UNSIGNED, tells=BOTH, states=NOTED),
    Right("hold_at_expiry", "C9.7", (CLOCK,), UNSIGNED, EXPIRY_HOLD, EACH, states=NOTED, waives=EXPIRY),
    Right("record_assistance", "C9.7", (SUPPLIER_DESK, SUPPLIER_ENGINEER, SUPPLIER_MANAGER), (EXPIRY_HOLD,), None, BOTH,
          states=("assistance",)),
    Right("resume_renewal", "C9.7", APPROVER, (EXPIRY_HOLD,), SUBMITTED, BOTH, states=("statement",)),
    Right("return_to_hold", "C9.7", WHO_ASKS, UNSIGNED, EXPIRY_HOLD, EACH, states=("reason",), waives=EXPIRY),
    Right("offer_cancellation", "C9.7", MANAGER, (EXPIRY_HOLD,), CANCELLATION_OFFERED, BOTH, states=("reason",)),
    Right("agree_to_cancel", "C9.7", APPROVER, (CANCELLATION_OFFERED,), TURNED_TO_CANCELLATION, EACH, (opens("change"),),
          ("statement",)),
    Right("decline_cancellation", "C9.7", APPROVER, (CANCELLATION_OFFERED,), EXPIRY_HOLD, BOTH, states=("reason",)),
)  # fmt: skip
noted = (
    # C16.2, C9.3: what is late is noted wherever the ticket then stands.
    Right("note_late_publicity", "C16.2", (CLOCK,), IN_FORCE, tells=EACH, states=NOTED),
    Right("note_late_filing", "C16.2", (CLOCK,), IN_FORCE, tells=EACH, states=NOTED),
    Right("note_late_work", "C9.3", (CLOCK,), (IMPLEMENTING,), tells=EACH, states=NOTED),
)  # fmt: skip

# C9.3, C7.2: nothing is owed within a limit before both have signed; then the client announces and files, the supplier works.
beside = rights(
    by=(*ANYBODY_OF_THE_CLIENT, *WHO_OFFERS, SUPPLIER_ENGINEER, SUPPLIER_RELATIONS), owed=IN_FORCE, begun=(*IN_FORCE, CLOSED)
)  # fmt: skip

CHARTER = charter(
    *asked, *planned, *agreed, *removed, *carried_out, *tried, *run_out, *noted, *beside, *everybodys(STATES, EACH)
)
TWO_PARTIES = (
    "The first signature counts only while its person may sign for that party, and nobody acts for two parties."
)
EQUIVALENT = {
    "draft does not change what is said": "The act that opens a ticket writes its text in any case.",
    "revalidate leads to plan_proposed": "It is done in that state alone: who leads there stays there.",
    "plan without done_on_this_content:advise": (
        "A plan is made only of what was advised on; whoever changes the text sends it back before the advice."
    ),
    "plan without ends_of_lines_known": (
        "Units of which nobody says until when they run have no price: the plan cannot be computed, and is taken back."
    ),
    "start_trial also from baseline_updated": (
        "No trial changes the catalogue, and what both have signed becomes no trial afterwards."
    ),
    "close also from expiry_hold": (
        "Nothing counts as announced or filed before both have signed, and from there on nothing comes to be held."
    ),
    "draft_supplement without on_the_catalogue": (
        "What is off the catalogue is never accepted; whoever changes the text sends it back before that."
    ),
    "draft_supplement without done_on_this_content:approve_plan": (
        "Nothing is agreed before the plan is approved; whoever changes the text or the plan sends it back before that."
    ),
    "sign_supplement_supplier without by_another_than:sign_supplement_client": TWO_PARTIES,
    "sign_supplement_client_second without by_another_than:sign_supplement_supplier_first": TWO_PARTIES,
}
"""Mutants of the declaration that come to the same as it does, each with the reason."""
ON_TRIAL = OnTrial(given(CHARTER, elsewhere=WITH_COMPLAINTS), EQUIVALENT, elsewhere=WITH_COMPLAINTS)
