"""What a service change asks for from the signed agreement on: to begin, to remove, to hand over, to confirm, to close."""

from __future__ import annotations

from datetime import date
from typing import Any

from workflow.attempt import Attempt, Past
from workflow.change.forms import ChangeRequest
from workflow.change.guards import brought, current_supplement, kind_of_change, signed_by_both, today
from workflow.change.price import day_of, line_now, rows
from workflow.change.states import DELETE_CONSENT, FILING_EVIDENCE, PUBLICITY_EVIDENCE, SUPPLEMENT_SCAN
from workflow.declare import CLIENT_APPROVER, SUPPLIER_MANAGER, Label, Missing, Proof, guard
from workflow.effects import ChangeBaseline, LineChange, OpenLinked, SignSupplement

SECOND_SIGNATURES = ("sign_supplement_supplier", "sign_supplement_client_second")
RESTARTS = ("roll_back",)
NOT_A_CANCELLATION = Proof("type", "not a cancellation")


# --- the agreement in force ---------------------------------------------------------------------------------


@guard("C7.2")
def supplement_in_force(attempt: Attempt) -> Proof | Missing:
    """Both parties signed the same supplementary agreement for what the ticket says now, and it has taken effect."""
    paper = signed_by_both(attempt)
    if paper is None:
        return Missing(
            "No supplementary agreement of this version is signed by both parties; the original duties go on."
        )
    effective = day_of(paper.fields.get("effective_on"))
    if effective is None or effective > today(attempt):
        return Missing(
            "The supplementary agreement takes effect on %(day)s.", day=effective.isoformat() if effective else ""
        )
    return Proof("signature", paper.digest)


@guard("C7.2")
def scan_on_file(attempt: Attempt) -> Proof | Missing:
    """The sealed original, scanned, was brought after both had signed."""
    return brought(SUPPLEMENT_SCAN, "C7.2", *SECOND_SIGNATURES).check(attempt)


@guard("C7.2")
def rescission_offered_by_the_other(attempt: Attempt) -> Proof | Missing:
    """The other party has offered to drop the change, in writing, and who signed for it still has the mandate."""
    offer = attempt.last("offer_rescission", since=("begin",))
    if offer is None or offer.content != attempt.ticket.content:
        return Missing("Nobody has offered to drop it.")
    if attempt.actor.party is None or offer.party == attempt.actor.party.name or offer.person == attempt.actor.person:
        return Missing("The offer is your own: the other party has to agree to it.")
    if not attempt.mandates_of(offer.person, CLIENT_APPROVER, SUPPLIER_MANAGER):
        return Missing("%(name)s, who offered it, no longer has the mandate for it.", name=offer.name)
    return Proof("event", offer.sequence)


# --- cancellation -------------------------------------------------------------------------------------------


@guard("C7.1")
def is_a_cancellation(attempt: Attempt) -> Proof | Missing:
    """The change is a cancellation."""
    if kind_of_change(attempt) == "cancel":
        return Proof("type", "cancel")
    return Missing("This step belongs to cancellations only.")


def _step(attempt: Attempt, action: str, *since: str) -> Past | None:
    """The step of this attempt at the cancellation: what came before a roll-back has to be done again."""
    event = attempt.last(action, since=(*RESTARTS, *since))
    return event if event is not None and event.content == attempt.ticket.content else None


def _asked_of_cancellations(attempt: Attempt, action: str) -> Proof | Missing:
    if kind_of_change(attempt) != "cancel":
        return NOT_A_CANCELLATION
    event = _step(attempt, action)
    if event is None:
        return Missing("Not done yet: %(action)s.", action=Label("action", action))
    return Proof("event", event.sequence)


@guard("C7.1")
def data_exported(attempt: Attempt) -> Proof | Missing:
    """The client confirmed that its data is out and can be read."""
    return _asked_of_cancellations(attempt, "confirm_export")


@guard("C7.1")
def backup_verified(attempt: Attempt) -> Proof | Missing:
    """A backup was restored and verified."""
    return _asked_of_cancellations(attempt, "verify_backup")


@guard("C7.1")
def dependants_checked(attempt: Attempt) -> Proof | Missing:
    """It was checked that nothing depends on it any more."""
    return _asked_of_cancellations(attempt, "check_dependencies")


@guard("C7.1")
def deletion_consented(attempt: Attempt) -> Proof | Missing:
    """An authorised representative of the client consented to the deletion, still has the mandate, and did not take it back."""
    if kind_of_change(attempt) != "cancel":
        return NOT_A_CANCELLATION
    event = _step(attempt, "consent_to_deletion", "revoke_deletion_consent")
    if event is None:
        return Missing("The client has not consented to the deletion.")
    if not attempt.mandates_of(event.person, CLIENT_APPROVER):
        return Missing("%(name)s, who consented for the client, no longer has the mandate for it.", name=event.name)
    return Proof("event", event.sequence)


@guard("C7.1")
def cooled_off(attempt: Attempt) -> Proof | Missing:
    """The cooling-off since the consent to the deletion has passed."""
    if kind_of_change(attempt) != "cancel":
        return NOT_A_CANCELLATION
    event = _step(attempt, "consent_to_deletion", "revoke_deletion_consent")
    if event is None:
        return Missing("The client has not consented to the deletion.")
    until = attempt.edition.due("change.cooling_off", event.at)
    if attempt.at <= until:
        return Missing("The client may take its consent back until %(until)s.", until=until)
    return Proof("event", event.sequence)


@guard("C7.1")
def delete_consent_on_file(attempt: Attempt) -> Proof | Missing:
    """The signed and sealed consent to the deletion was brought."""
    if kind_of_change(attempt) != "cancel":
        return NOT_A_CANCELLATION
    return brought(DELETE_CONSENT, "C7.1", *RESTARTS, "revoke_deletion_consent").check(attempt)


@guard("C9.10", of_form=True)
def second_person_named(attempt: Attempt) -> Proof | Missing:
    """A cancellation is carried out by two: the second person is named and is somebody else than who begins."""
    if kind_of_change(attempt) != "cancel":
        return NOT_A_CANCELLATION
    second = attempt.natural(attempt.value("second_person"))
    if second is None:
        return Missing("Name the second person: a cancellation is carried out by two.", remedy="second_person")
    if second == attempt.actor.person:
        return Missing("The second person must be somebody else than you.", remedy="second_person")
    return Proof("person", second)


@guard("C9.10")
def named_as_second_person(attempt: Attempt) -> Proof | Missing:
    """It is done by the second person that was named at the beginning."""
    begun = attempt.last("begin", since=RESTARTS)
    second = attempt.natural(begun.fields.get("second_person")) if begun is not None else None
    if begun is None or attempt.actor.person is None or second != attempt.actor.person:
        return Missing("Only the second person, named at the beginning, can attest this.")
    if begun.person in (None, second):
        return Missing("The second person must be somebody else than who began the work.")
    return Proof("event", begun.sequence)


@guard("C9.10")
def begun_by_the_same(attempt: Attempt) -> Proof | Missing:
    """It is done by the person who began the work."""
    begun = attempt.last("begin", since=RESTARTS)
    if begun is None or begun.person is None or begun.person != attempt.actor.person:
        return Missing("Only the person who began the work can certify it.")
    return Proof("event", begun.sequence)


@guard("C7.1")
def erasure_certified(attempt: Attempt) -> Proof | Missing:
    """The certificate of erasure lists what was erased since the work began."""
    if kind_of_change(attempt) != "cancel":
        return NOT_A_CANCELLATION
    event = attempt.last("certify_erasure", since=("begin",))
    if event is None:
        return Missing("The certificate of erasure, with all replicas, is missing.")
    return Proof("event", event.sequence)


@guard("C9.10")
def erasure_attested(attempt: Attempt) -> Proof | Missing:
    """The second person attested the newest certificate of erasure."""
    if kind_of_change(attempt) != "cancel":
        return NOT_A_CANCELLATION
    event = attempt.last("attest_erasure", since=("begin", "certify_erasure"))
    if event is None:
        return Missing("The second person has not attested the certificate of erasure.")
    certified = attempt.last("certify_erasure", since=("begin",))
    if certified is None or event.person in (None, certified.person):
        return Missing("The second person must be somebody else than who began the work.")
    return Proof("event", event.sequence)


# --- the work -----------------------------------------------------------------------------------------------


@guard("C9.3")
def work_recorded(attempt: Attempt) -> Proof | Missing:
    """The work done since it began is on record."""
    event = attempt.last("record_work", since=("begin", *RESTARTS))
    if event is None:
        return Missing("The record of the work is missing.")
    return Proof("event", event.sequence)


@guard("C9.4")
def not_an_implementer(attempt: Attempt) -> Proof | Missing:
    """It is done by somebody who took no part in the work."""
    part = attempt.persons("begin", "record_work", "certify_erasure", "attest_erasure", "hand_over")
    if attempt.actor.person is None or attempt.actor.person in part or None in part or not part:
        return Missing("Who took part in the work cannot confirm it for the client.")
    return Proof("person", attempt.actor.person)


@guard("C4.2")
def is_a_trial(attempt: Attempt) -> Proof | Missing:
    """The change is a free trial."""
    if kind_of_change(attempt) == "trial":
        return Proof("type", "trial")
    return Missing("This step belongs to trials only.")


@guard("C4.2")
def not_a_trial(attempt: Attempt) -> Proof | Missing:
    """The change is no free trial: a trial leaves the catalogue as it is."""
    if kind_of_change(attempt) != "trial":
        return Proof("type", kind_of_change(attempt))
    return Missing("A free trial leaves the catalogue as it is.")


@guard("C16.2")
def publicity_shown(attempt: Attempt) -> Proof | Missing:
    """The agreement was announced, or the client said with a reason why it need not be."""
    event = attempt.last("record_publicity", "publicity_not_applicable")
    if event is None:
        return Missing("Not done yet: %(action)s.", action=Label("action", "record_publicity"))
    return Proof("event", event.sequence)


@guard("C16.2")
def filing_shown(attempt: Attempt) -> Proof | Missing:
    """The agreement was filed, or the client said with a reason why it need not be."""
    event = attempt.last("record_filing", "filing_not_applicable")
    if event is None:
        return Missing("Not done yet: %(action)s.", action=Label("action", "record_filing"))
    return Proof("event", event.sequence)


# What was brought before both had signed shows nothing of the agreement.
publicity_brought = brought(PUBLICITY_EVIDENCE, "C16.2", *SECOND_SIGNATURES)
filing_brought = brought(FILING_EVIDENCE, "C16.2", *SECOND_SIGNATURES)


# --- what follows -------------------------------------------------------------------------------------------


def sign_for_the_cap(attempt: Attempt) -> list[SignSupplement]:
    """With the second signature the sums count against the cap of all supplements."""
    paper = current_supplement(attempt)
    assert paper is not None, "a guard asks for it"
    return [SignSupplement(int(paper.fields["additions_fen"]), int(paper.fields["reductions_fen"]))]


def take_back(attempt: Attempt) -> list[SignSupplement]:
    """A rescinded agreement stays counted as signed; what it would have cost nets off only where the setting says so."""
    paper = current_supplement(attempt)
    assert paper is not None, "a guard asks for it"
    return [SignSupplement(0, int(paper.fields["additions_fen"]) - int(paper.fields["reductions_fen"]))]


def change_the_baseline(attempt: Attempt) -> list[ChangeBaseline]:
    """The catalogue moves exactly by the lines of the agreement that both signed."""
    paper = current_supplement(attempt)
    assert paper is not None, "a guard asks for it"
    renews = kind_of_change(attempt) == "renew"
    return [
        ChangeBaseline(
            tuple(
                LineChange(
                    line=int(line["line"]),
                    quantity=0 if renews else int(line["quantity"]),
                    from_day=date.fromisoformat(line["first_day"]),
                    ends=date.fromisoformat(line["last_day"]) if renews else None,
                )
                for line in paper.fields["priced_lines"]
                if renews or line["quantity"]
            )
        )
    ]


def _application(attempt: Attempt, kind: str, lines: list[dict[str, Any]]) -> list[OpenLinked]:
    """A draft of another change in the words of this one."""
    fields = {name: attempt.ticket.fields.get(name) for name in ChangeRequest.model_fields}
    dates = ("original_ends", "new_ends", "procurement", "procurement_basis", "trial_ends")
    return (
        [
            OpenLinked(
                "change",
                "followed_by",
                {
                    **fields,
                    **dict.fromkeys(dates),
                    "type": kind,
                    "classification": "major" if kind == "cancel" else "ordinary",
                    "lines": lines,
                },
            )
        ]
        if lines
        else []
    )


def open_the_cancellation(attempt: Attempt) -> list[OpenLinked]:
    """The cancellation of what was not renewed, as a draft of the client: every safeguard of a cancellation is still ahead."""
    lines = []
    for row in rows(attempt):
        line = line_now(attempt, row["line"])
        until = None if line.ends is not None else attempt.ticket.fields.get("original_ends")
        if line.quantity > 0:
            lines.append({"line": line.number, "quantity": -min(row["quantity"], line.quantity), "until": until})
    return _application(attempt, "cancel", lines)


def open_the_expansion(attempt: Attempt) -> list[OpenLinked]:
    """The paid change that a trial is converted into, as a draft of the client."""
    last = attempt.edition.contract.last_day.isoformat()
    return _application(
        attempt,
        "expand",
        [
            {
                "line": row["line"],
                "quantity": row["quantity"],
                "until": None if line_now(attempt, row["line"]).ends else last,
            }
            for row in rows(attempt)
        ],
    )


def trial_end(attempt: Attempt) -> dict[str, Any]:
    """The instant at which the last day of the trial is over."""
    day = day_of(attempt.value("trial_ends"))
    assert day is not None, "the application says it"
    return {"trial_ends_at": attempt.edition.contract.calendar.end_of_day(day)}


def planned_end(attempt: Attempt) -> dict[str, Any]:
    """When the work is to be done: as the client agreed at the re-validation, else by the newest plan."""
    agreed = attempt.last("plan_again", "revalidate", since=("plan",)) or attempt.last("plan")
    return {"planned_end_at": agreed.fields["ends_at"]} if agreed is not None else {}
