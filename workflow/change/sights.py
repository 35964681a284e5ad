"""What an act of a service change looks like from outside: the sights that its invariants name. None asks a guard."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from workflow.attempt import PaperFact, Past
from workflow.declare import CLIENT, CLIENT_APPROVER, SUPPLIER, SUPPLIER_MANAGER
from workflow.effects import ChangeBaseline, SignSupplement
from workflow.prove.claims import Step
from workflow.prove.world import World

TEXTS = ("draft", "redraft", "amend", "amend_proposal")
SECOND = ("sign_supplement_supplier", "sign_supplement_client_second")
SIGNS = ("sign_supplement_client", "sign_supplement_supplier_first", *SECOND)
PRICED = ("plan", "draft_supplement")
GROWING, SHRINKING = ("add", "expand", "trial", "renew"), ("reduce", "cancel")


# --- the text ---------------------------------------------------------------------------------------------------------


def said(step: Step, name: str) -> Any:
    """What the ticket says of this after the act."""
    found = step.filled(name) if step.action.name in TEXTS else None
    return step.says(name) if found is None and step.action.name not in TEXTS else found


def kind(step: Step) -> str:
    return str(said(step, "type"))


def day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def instant(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def today(step: Step) -> date:
    return step.attempt.edition.contract.calendar.local_day(step.at)


def units(step: Step) -> dict[int, int]:
    return {line.number: line.quantity for line in step.attempt.facts.more["catalogue"]}


def beyond_the_term(step: Step) -> bool:
    """Outside the term of the contract, though it is neither a renewal nor a cancellation."""
    return kind(step) not in ("renew", "cancel") and not step.attempt.edition.in_term(step.at)


def misshaped(step: Step) -> bool:
    """A line is named twice or is on no catalogue, none is named, or its quantity goes the wrong way."""
    rows, known = said(step, "lines"), units(step)
    numbers = [row["line"] for row in rows]
    wrong = any(
        (row["quantity"] <= 0 if kind(step) in GROWING else row["quantity"] >= 0 if kind(step) in SHRINKING else False)
        for row in rows
    )
    return (
        wrong
        or len(set(numbers)) < len(numbers)
        or not set(numbers) <= set(known)
        or not (numbers or said(step, "outside_catalogue"))
    )


def below_nothing(step: Step) -> bool:
    """The catalogue as it reads today has fewer units than are given back."""
    known = units(step)
    return any(known.get(row["line"], 0) + row["quantity"] < 0 for row in said(step, "lines"))


def undated(step: Step) -> bool:
    """A renewal that does not say from when to when and what pays for it; a trial without an end; units that outlive the term."""
    last = step.attempt.edition.contract.last_day
    if kind(step) == "renew":
        before, after = day(said(step, "original_ends")), day(said(step, "new_ends"))
        return before is None or after is None or after <= before or not said(step, "procurement")
    ends = day(said(step, "trial_ends"))
    if kind(step) == "trial" and (ends is None or not today(step) <= ends <= last):
        return True
    return any((day(row["until"]) or last) > last for row in said(step, "lines"))


def minor(step: Step) -> bool:
    """It takes something away for good and does not say that this is a major change."""
    return kind(step) == "cancel" and step.filled("classification") != "major"


def unwatched(step: Step) -> bool:
    """A renewal that does not say until when its lines run, though they have not run out."""
    ends = day(said(step, "original_ends"))
    if kind(step) != "renew" or ends is None or step.last("hold_at_expiry") is not None:
        return False
    return bool(step.filled("expires_at") != step.attempt.edition.contract.calendar.end_of_day(ends))


# --- consent, plan and agreement --------------------------------------------------------------------------------------


def unconsented(step: Step) -> bool:
    """The supplier's own proposal, as it reads now, has no consent of a person who may still give it."""
    if step.attempt.ticket.opened_party == CLIENT.name:
        return False
    consent = step.on_this_text("consent", "resume_renewal")
    return consent is None or not step.holds(consent.person, CLIENT_APPROVER)


def not_validated_anew(step: Step) -> bool:
    """The client asked for the change and has not validated the service anew under this plan."""
    return step.attempt.ticket.opened_party == CLIENT.name and step.last("revalidate", since=("plan",)) is None


def without(step: Step, paper: str, *since: str) -> bool:
    """No such document was brought for what the ticket says now, after the last of these acts."""
    return not any(
        e.fields.get("paper") == paper and e.content == step.attempt.ticket.content
        for e in step.attempt.past("attach", since=since)
    )


def agreement(step: Step) -> PaperFact | None:
    """The newest supplementary agreement, provided that it is of the text as it reads now."""
    paper = step.attempt.paper("supplement")
    return paper if paper is not None and paper.content == step.attempt.ticket.content else None


def signers(step: Step, party: str) -> set[int]:
    paper = agreement(step)
    return {s.person for s in paper.signatures if s.party == party} if paper is not None else set()


def not_signed_by_both(step: Step) -> bool:
    """The agreement does not bear the signatures of two persons, one for each party."""
    client, supplier = signers(step, CLIENT.name), signers(step, SUPPLIER.name)
    return not client or not supplier or bool(client & supplier)


def first_signature_void(step: Step) -> bool:
    """The other party's signature stands not under this very text, or its person may no longer sign."""
    own_is_client = step.party == CLIENT.name
    role, other = (SUPPLIER_MANAGER, SUPPLIER) if own_is_client else (CLIENT_APPROVER, CLIENT)
    return not any(step.holds(person, role) for person in signers(step, other.name))


def not_in_effect(step: Step) -> bool:
    paper = agreement(step)
    effective = day(paper.fields.get("effective_on")) if paper is not None else None
    return effective is None or effective > today(step)


def charged_before_it_is_signed(step: Step) -> bool:
    paper = agreement(step)
    first = day(paper.fields.get("charged_from")) if paper is not None else None
    return first is None or first < today(step)


def over_the_cap(step: Step) -> bool:
    """All supplements that both signed and this one add more than the contract's share of its total."""
    paper = step.attempt.paper("work_plan" if step.action.name == "draft_supplement" else "supplement")
    edition = step.attempt.edition
    cap = edition.percent("change.supplement_cap") * edition.fen("contract.total") / 100
    added = int(paper.fields["additions_fen"]) if paper is not None else 0
    return bool(step.attempt.facts.more["supplements"]["additions_fen"] + added > cap)


def sums_differ(step: Step) -> bool:
    """The amount is not the sum of its lines to the fen, or not what is added less what is given back, or nobody says it."""
    if step.filled("priced_lines") is None:
        return True
    amounts = [int(line["amount_fen"]) for line in step.filled("priced_lines")]
    net = step.filled("additions_fen") - step.filled("reductions_fen")
    paid_here = step.says("procurement") != "separate_procurement"
    return bool(sum(amounts) != step.filled("amount_fen") or (paid_here and net != step.filled("amount_fen")))


def not_as_planned(step: Step) -> bool:
    """The agreement's sums are not those of the plan that the client approved on this text, with nothing planned since."""
    plan = step.attempt.paper("work_plan")
    approved = step.last("approve_plan", since=("plan",))
    same = plan is not None and all(step.filled(name) == plan.fields[name] for name in ("amount_fen", "priced_lines"))
    return approved is None or approved.content != step.attempt.ticket.content or not same


def charged_outside_its_run(step: Step) -> bool:
    """It is charged from a day before or after the run of a line; a renewal from another than the day after the old end."""
    first = step.filled("charged_from")
    if kind(step) == "renew":
        follows = (day(step.says("original_ends")) or first) + timedelta(days=1)
        return bool(first < follows or (first > follows and step.last("hold_at_expiry") is None))
    lines = {line.number: line for line in step.attempt.facts.more["catalogue"]}
    return any(
        first < (lines[row["line"]].starts or first)
        or (kind(step) != "cancel" and first > (day(row["until"]) or lines[row["line"]].ends or first))
        for row in step.says("lines")
    )


def priced_without_an_end(step: Step) -> bool:
    """It is priced though nobody says until when the units of a line run."""
    lines = {line.number: line for line in step.attempt.facts.more["catalogue"]}
    return kind(step) != "renew" and any(
        day(row["until"]) is None and lines[row["line"]].ends is None for row in step.says("lines")
    )


def takes_effect_too_late(step: Step) -> bool:
    plan = step.attempt.paper("work_plan")
    return plan is None or step.filled("effective_on") > (day(plan.fields["charged_from"]) or date.min)


def off_the_catalogue(step: Step) -> bool:
    return bool(step.says("outside_catalogue"))


def carried_by_a_supplement(step: Step) -> bool:
    """It is sent to a procurement though it is on the catalogue and below the cap, or though it is a renewal."""
    plan = step.attempt.paper("work_plan")
    over = plan is not None and plan.content == step.attempt.ticket.content and over_the_cap_by(step, plan)
    return kind(step) == "renew" or not (off_the_catalogue(step) or over)


def over_the_cap_by(step: Step, plan: PaperFact) -> bool:
    edition = step.attempt.edition
    cap = edition.percent("change.supplement_cap") * edition.fen("contract.total") / 100
    return bool(step.attempt.facts.more["supplements"]["additions_fen"] + int(plan.fields["additions_fen"]) > cap)


def nobody_pays(step: Step) -> bool:
    """A renewal that a separate procurement pays for, and nobody has shown it."""
    return step.says("procurement") == "separate_procurement" and without(step, "procurement_basis")


def moves_the_catalogue(step: Step) -> bool:
    """The catalogue moves by another act than the last one, by anything else than what both signed, or for a trial."""
    moves = [effect for effect in step.accepted.effects if isinstance(effect, ChangeBaseline)]
    if step.action.name != "update_baseline":
        return bool(moves)
    paper, renews = agreement(step), kind(step) == "renew"
    signed = {
        line["line"]: (
            0 if renews else line["quantity"],
            day(line["first_day"]),
            day(line["last_day"]) if renews else None,
        )
        for line in (paper.fields["priced_lines"] if paper is not None else ())
        if renews or line["quantity"]
    }
    moved = {change.line: (change.quantity, change.from_day, change.ends) for one in moves for change in one.changes}
    return kind(step) == "trial" or moved != signed


def counts_otherwise(step: Step) -> bool:
    """A second signature does not count what it signs, a rescission does not take it back, or another act counts anything."""
    counted = [
        (effect.additions_fen, effect.reductions_fen)
        for effect in step.accepted.effects
        if isinstance(effect, SignSupplement)
    ]
    if step.action.name not in (*SECOND, "agree_rescission"):
        return bool(counted)
    paper = agreement(step)
    if paper is None:
        return True
    added, given_back = int(paper.fields["additions_fen"]), int(paper.fields["reductions_fen"])
    return counted != [(added, given_back) if step.action.name in SECOND else (0, added - given_back)]


# --- cancellation and work --------------------------------------------------------------------------------------------

RESTART = ("roll_back",)


def of_this_attempt(step: Step, *acts: str) -> Past | None:
    """The last of these acts of this attempt at the removal, on the text as it reads now."""
    event = step.last(*acts, since=RESTART)
    return event if event is not None and event.content == step.attempt.ticket.content else None


def lacks_a_step(step: Step, act: str) -> bool:
    return kind(step) == "cancel" and of_this_attempt(step, act) is None


def deletion_not_allowed(step: Step) -> bool:
    """Nobody who still may has consented to the deletion, or the consent was taken back."""
    consent = of_this_attempt(step, "consent_to_deletion", "revoke_deletion_consent")
    given = consent is not None and consent.action == "consent_to_deletion"
    return kind(step) == "cancel" and not (
        given and consent is not None and step.holds(consent.person, CLIENT_APPROVER)
    )


def not_cooled_off(step: Step) -> bool:
    consent = of_this_attempt(step, "consent_to_deletion")
    return kind(step) == "cancel" and (
        consent is None or step.at <= step.attempt.edition.due("change.cooling_off", consent.at)
    )


def alone(step: Step) -> bool:
    """A removal begins without a second person."""
    second = step.attempt.natural(step.filled("second_person"))
    return kind(step) == "cancel" and second in (None, step.person)


def erased_by_fewer_than_two(step: Step) -> bool:
    """The erasure is not certified by who began and attested since by the other person who was named then."""
    begun = step.last("begin")
    certified, attested = (
        step.last("certify_erasure", since=("begin",)),
        step.last("attest_erasure", since=("certify_erasure", "begin")),
    )
    if kind(step) != "cancel":
        return False
    if begun is None or certified is None or attested is None:
        return True
    named = step.attempt.natural(begun.fields.get("second_person"))
    return certified.person != begun.person or attested.person != named or attested.person == certified.person


def worked_on_it(step: Step) -> bool:
    return step.person in step.attempt.persons("begin", "record_work", "certify_erasure", "attest_erasure", "hand_over")


def offered_by_nobody_else(step: Step) -> bool:
    """The other party has not offered to drop it since the work began last, or who offered it may no longer."""
    offer = step.last("offer_rescission", since=("begin",))
    ours = offer is None or offer.party == step.party or offer.content != step.attempt.ticket.content
    return ours or offer is None or not step.holds(offer.person, CLIENT_APPROVER, SUPPLIER_MANAGER)


def held(world: World) -> bool:
    return world.look().last("hold_at_expiry") is not None
