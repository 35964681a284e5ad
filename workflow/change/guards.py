"""What a service change asks for on its way to the agreement of both (C7.2): who, which lines, which price, how much in all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from workflow.attempt import Attempt, PaperFact
from workflow.change.price import cap_fen, cumulative_fen, day_of, last_day_of, line_now, quote, rows
from workflow.change.states import PROCUREMENT_BASIS, SUPPLEMENT, WORK_PLAN
from workflow.declare import CLIENT, CLIENT_APPROVER, SUPPLIER, Guard, Label, Missing, PaperKind, Proof, guard
from workflow.terms import yuan

CLIENT_SIGNS = ("sign_supplement_client", "sign_supplement_client_second")
SUPPLIER_SIGNS = ("sign_supplement_supplier_first", "sign_supplement_supplier")
GROWING, SHRINKING = ("add", "expand", "trial", "renew"), ("reduce", "cancel")
OUTLIVING_THE_TERM = ("renew", "cancel")
_DAY = timedelta(days=1)


def kind_of_change(attempt: Attempt) -> str:
    """The type of the change, as filled in now or as the ticket holds it; empty while nothing is filled in."""
    return str(attempt.value("type") or "")


def today(attempt: Attempt) -> date:
    """The local day of the attempt."""
    return attempt.edition.contract.calendar.local_day(attempt.at)


# --- who and when -------------------------------------------------------------------------------------------


@guard("C2.1")
def term_allows(attempt: Attempt) -> Proof | Missing:
    """The contract is in force; a renewal or a cancellation may also come at its end and after it."""
    if attempt.edition.in_term(attempt.at) or kind_of_change(attempt) in OUTLIVING_THE_TERM:
        return Proof("term", attempt.edition.contract.key)
    return Missing("Outside the term of the contract only a renewal or a cancellation can go on.")


@guard("C7.1")
def by_the_originator(attempt: Attempt) -> Proof | Missing:
    """It is done by the party that asked for the change."""
    if attempt.actor.party is not None and attempt.actor.party.name == attempt.ticket.opened_party:
        return Proof("party", attempt.ticket.opened_party)
    return Missing("Only the party that asked for the change can do this.")


@guard("C7.2")
def by_the_other_party(attempt: Attempt) -> Proof | Missing:
    """It is done by the party that did not ask for the change."""
    if attempt.actor.party is not None and attempt.actor.party.name != attempt.ticket.opened_party:
        return Proof("party", attempt.actor.party.name)
    return Missing("Your own party asked for the change: it can withdraw it, not reject it.")


@guard("C7.2")
def consented_by_the_client(attempt: Attempt) -> Proof | Missing:
    """What the supplier proposed has the consent of an authorised representative of the client, on this very version."""
    if attempt.ticket.opened_party == CLIENT.name:
        return Proof("party", CLIENT.name)
    event = attempt.on_this_content("consent", "resume_renewal")
    if event is None:
        return Missing("The client has not consented to this version of the proposal.")
    if not attempt.mandates_of(event.person, CLIENT_APPROVER):
        return Missing("%(name)s, who consented for the client, no longer has the mandate for it.", name=event.name)
    return Proof("event", event.sequence)


# --- what is asked for --------------------------------------------------------------------------------------


@guard("C1.2", of_form=True)
def lines_of_the_catalogue(attempt: Attempt) -> Proof | Missing:
    """Each line named is one of the catalogue, and is named once."""
    numbers = [row["line"] for row in rows(attempt)]
    for number in numbers:
        if line_now(attempt, number) is None:
            return Missing("The catalogue has no line %(line)s.", remedy="lines", line=number)
    if len(set(numbers)) != len(numbers):
        return Missing("A line is named twice.", remedy="lines")
    if not numbers and kind_of_change(attempt) != "migrate" and not attempt.value("outside_catalogue"):
        return Missing("Name the lines of the catalogue that change.", remedy="lines")
    return Proof("catalogue")


@guard("C7.1", of_form=True)
def quantities_fit_the_type(attempt: Attempt) -> Proof | Missing:
    """Quantities grow or shrink as the type of the change says."""
    kind = kind_of_change(attempt)
    for row in rows(attempt):
        quantity = row["quantity"]
        if kind in GROWING and quantity <= 0:
            return Missing(
                "For this type of change the quantity of line %(line)s must be above zero.",
                remedy="lines",
                line=row["line"],
            )
        if kind in SHRINKING and quantity >= 0:
            return Missing(
                "For this type of change the quantity of line %(line)s must be below zero.",
                remedy="lines",
                line=row["line"],
            )
        if kind == "adjust" and quantity == 0:
            return Missing("Line %(line)s does not change.", remedy="lines", line=row["line"])
        if kind == "migrate" and quantity != 0:
            return Missing(
                "A migration changes no quantity: use an adjustment for line %(line)s.",
                remedy="lines",
                line=row["line"],
            )
        line = line_now(attempt, row["line"])
        if kind == "renew" and line is not None and quantity > line.quantity:
            return Missing(
                "Line %(line)s has only %(quantity)s units to renew.",
                remedy="lines",
                line=row["line"],
                quantity=line.quantity,
            )
    return Proof("lines", len(rows(attempt)))


@guard("C1.2")
def leaves_no_line_below_nothing(attempt: Attempt) -> Proof | Missing:
    """No line is left with fewer than no units, as the catalogue reads today."""
    for row in rows(attempt):
        line = line_now(attempt, row["line"])
        if line is not None and line.quantity + row["quantity"] < 0:
            return Missing(
                "Line %(line)s has only %(quantity)s units.", remedy="lines", line=row["line"], quantity=line.quantity
            )
    return Proof("catalogue")


@guard("C9.7", of_form=True)
def dates_fit_the_type(attempt: Attempt) -> Proof | Missing:
    """A renewal says from when to when and what pays for it, a trial when it ends; no unit outlives the contract otherwise."""
    kind = kind_of_change(attempt)
    if kind == "renew":
        return _renewal_dates(attempt)
    if kind == "trial":
        ends = day_of(attempt.value("trial_ends"))
        if ends is None or not today(attempt) <= ends <= attempt.edition.contract.last_day:
            return Missing("A trial ends on an agreed day within the term of the contract.", remedy="trial_ends")
    for row in rows(attempt):
        until = day_of(row.get("until"))
        if until is not None and until > attempt.edition.contract.last_day:
            return Missing(
                "Line %(line)s would outlive the contract: that is a renewal.", remedy="lines", line=row["line"]
            )
    return Proof("dates")


def _renewal_dates(attempt: Attempt) -> Proof | Missing:
    before, after = day_of(attempt.value("original_ends")), day_of(attempt.value("new_ends"))
    if before is None or after is None or after <= before:
        return Missing("A renewal says the present last day and a later new one.", remedy="new_ends")
    if not attempt.value("procurement") or not attempt.value("procurement_basis"):
        return Missing("A renewal is no automatic extension: say what procurement it rests on.", remedy="procurement")
    for row in rows(attempt):
        line = line_now(attempt, row["line"])
        if line is not None and line.ends not in (None, before):
            return Missing(
                "Line %(line)s ends on %(day)s.", remedy="original_ends", line=row["line"], day=line.ends.isoformat()
            )
    return Proof("dates")


@guard("C7.1", of_form=True)
def window_in_order(attempt: Attempt) -> Proof | Missing:
    """The wished window ends after it begins."""
    start, end = attempt.instant("window_start"), attempt.instant("window_end")
    if start is not None and end is not None and start < end:
        return Proof("window")
    return Missing("The window ends before it begins.", remedy="window_end")


@guard("C16.2")
def on_the_catalogue(attempt: Attempt) -> Proof | Missing:
    """Everything asked for is on the catalogue, at its price."""
    if attempt.value("outside_catalogue"):
        return Missing(
            "What is not on the catalogue, or has a new price, is no supplement: it needs a new procurement."
        )
    return Proof("catalogue")


# --- the plan -----------------------------------------------------------------------------------------------


@guard("C9.2", of_form=True)
def schedule_in_order(attempt: Attempt) -> Proof | Missing:
    """The schedule ends after it begins."""
    start, end = attempt.instant("starts_at"), attempt.instant("ends_at")
    if start is not None and end is not None and start < end:
        return Proof("schedule")
    return Missing("The schedule ends before it begins.", remedy="ends_at")


@guard("C1.2")
def ends_of_lines_known(attempt: Attempt) -> Proof | Missing:
    """It is known until when the units of each line run, by the contract or by the application."""
    for row in rows(attempt):
        if last_day_of(attempt, row) is None:
            return Missing(
                "The contract does not say when line %(line)s ends: the application must say until when its units run.",
                line=row["line"],
            )
    return Proof("lines")


@guard("C7.2", of_form=True)
def charged_while_it_runs(attempt: Attempt) -> Proof | Missing:
    """Charging begins within the run of each line; a renewal's on the day after the old end, or later once it had run out.

    A cancellation may come when the line has run out already: then there is nothing left to give back.
    """
    first = day_of(attempt.value("charged_from"))
    if first is None:
        return Missing("Say from when it is charged.", remedy="charged_from")
    if kind_of_change(attempt) == "renew":
        follows = (day_of(attempt.value("original_ends")) or first) + _DAY
        if first < follows or (first > follows and attempt.last("hold_at_expiry") is None):
            return Missing("A renewal is charged from %(day)s on.", remedy="charged_from", day=follows.isoformat())
    for row in rows(attempt):
        line, last = line_now(attempt, row["line"]), last_day_of(attempt, row)
        ended = last is not None and first > last and kind_of_change(attempt) != "cancel"
        if ended or (line is not None and line.starts is not None and first < line.starts):
            return Missing(
                "Line %(line)s does not run on %(day)s.", remedy="charged_from", line=row["line"], day=first.isoformat()
            )
    return Proof("dates")


@guard("C8.4")
def revalidated(attempt: Attempt) -> Proof | Missing:
    """For a change that the client asked for, the client took part in validating the service anew and agreed to the schedule."""
    if attempt.ticket.opened_party == SUPPLIER.name:
        return Proof("party", SUPPLIER.name)
    event = attempt.last("revalidate", since=("plan",))
    if event is None:
        return Missing("The service has not been validated anew under this plan.")
    return Proof("event", event.sequence)


def brought(paper: PaperKind, clause: str, *since: str) -> Guard:
    """That a file of this kind was brought for the ticket as it reads now, after the last of the acts `since`."""

    def check(attempt: Attempt) -> Proof | Missing:
        for event in reversed(attempt.past("attach", since=since)):
            if event.fields.get("paper") == paper.name and event.content == attempt.ticket.content:
                return Proof("event", event.sequence)
        return Missing("Bring the document first: %(paper)s.", remedy="paper", paper=paper.label)

    return Guard(f"brought:{paper.name}", clause, "The document was brought for what the ticket says now.", check)


# --- the supplementary agreement ----------------------------------------------------------------------------


def sums(attempt: Attempt) -> tuple[int, int]:
    """What the change adds and gives back, in fen: by the agreement where one is drafted under the plan, else by the plan."""
    plan, draft = attempt.paper(WORK_PLAN), current_supplement(attempt)
    paper = draft if draft is not None and (plan is None or draft.id > plan.id) else plan
    if paper is None:
        return 0, 0
    return int(paper.fields.get("additions_fen", 0)), int(paper.fields.get("reductions_fen", 0))


def current_supplement(attempt: Attempt) -> PaperFact | None:
    """The newest draft of the supplementary agreement, provided the ticket still reads as it did then."""
    paper = attempt.paper(SUPPLEMENT)
    return paper if paper is not None and paper.content == attempt.ticket.content else None


def signed_by_both(attempt: Attempt) -> PaperFact | None:
    """The supplementary agreement with the signatures of two persons, one for each party, under the same digest."""
    paper = current_supplement(attempt)
    if paper is None:
        return None
    client = {s.person for s in paper.signatures if s.party == CLIENT.name and s.meaning in CLIENT_SIGNS}
    supplier = {s.person for s in paper.signatures if s.party == SUPPLIER.name and s.meaning in SUPPLIER_SIGNS}
    return paper if client and supplier and not client & supplier else None


@guard("C16.2")
def within_the_cap(attempt: Attempt) -> Proof | Missing:
    """All supplements together add no more than the cap allows."""
    together, cap = cumulative_fen(attempt, *sums(attempt)), cap_fen(attempt)
    if together <= cap:
        return Proof("supplements_fen", together)
    return Missing(
        "All supplements together would add %(together)s; the cap is %(cap)s.", together=yuan(together), cap=yuan(cap)
    )


@guard("C16.2")
def outside_what_a_supplement_may_carry(attempt: Attempt) -> Proof | Missing:
    """It asks for something off the catalogue, or its price breaks the cap of all supplements."""
    if attempt.value("outside_catalogue"):
        return Proof("outside_catalogue")
    plan = attempt.paper(WORK_PLAN)
    if (
        plan is not None
        and plan.content == attempt.ticket.content
        and cumulative_fen(attempt, *sums(attempt)) > cap_fen(attempt)
    ):
        return Proof("paper", plan.digest)
    return Missing("A supplement can carry this: nothing is off the catalogue and the cap is kept.")


@guard("C9.7")
def not_a_renewal(attempt: Attempt) -> Proof | Missing:
    """It is not a renewal: that one stays watched until it is in force, and names the procurement that pays for it."""
    if kind_of_change(attempt) != "renew":
        return Proof("type", kind_of_change(attempt))
    return Missing(
        "A renewal stays here so that its expiry is watched: name the separate procurement in the application."
    )


@guard("C16.2")
def procurement_shown(attempt: Attempt) -> Proof | Missing:
    """A renewal that a separate procurement pays for shows that procurement."""
    if kind_of_change(attempt) != "renew" or attempt.value("procurement") != "separate_procurement":
        return Proof("type", kind_of_change(attempt))
    return brought(PROCUREMENT_BASIS, "C16.2").check(attempt)


@guard("C7.2", of_form=True)
def effective_before_it_is_charged(attempt: Attempt) -> Proof | Missing:
    """The agreement takes effect no later than the first day that is charged."""
    plan, effective = attempt.paper(WORK_PLAN), day_of(attempt.value("effective_on"))
    first = day_of(plan.fields.get("charged_from")) if plan is not None else None
    if first is None or effective is None or effective > first:
        return Missing("The agreement must take effect by the day from which it is charged.", remedy="effective_on")
    return Proof("paper", plan.digest if plan is not None else None)


@guard("C7.2")
def not_charged_before_signature(attempt: Attempt) -> Proof | Missing:
    """Nothing is charged for a day before both have signed: until then the old terms stand."""
    paper = current_supplement(attempt)
    if paper is None:
        return Missing("No such document is on file: %(paper)s.", paper=SUPPLEMENT.label)
    first = day_of(paper.fields.get("charged_from"))
    if first is None or first < today(attempt):
        return Missing("The agreement charges from a day that has passed: the supplier has to plan again.")
    return Proof("paper", paper.digest)


@guard("C7.2")
def not_held_at_expiry(attempt: Attempt) -> Proof | Missing:
    """The lines have not run out: after that, one party alone cannot end the matter."""
    if attempt.last("hold_at_expiry") is None:
        return Proof("state", attempt.ticket.state)
    return Missing("The lines have run out: only a renewal, or a cancellation that both agree on, ends this ticket.")


@guard("C9.7")
def held_at_expiry(attempt: Attempt) -> Proof | Missing:
    """The lines have run out without a renewal."""
    event = attempt.last("hold_at_expiry")
    if event is None:
        return Missing("Not done yet: %(action)s.", action=Label("action", "hold_at_expiry"))
    return Proof("event", event.sequence)


def plan_figures(attempt: Attempt) -> dict[str, Any]:
    """What the plan's quote comes to: the formula, its inputs and the sums (G9)."""
    first = day_of(attempt.value("charged_from"))
    assert first is not None, "the form asks for it"
    return quote(attempt, first).data()


def share_of_total(fen: int, total_fen: int) -> str:
    """A share in percent with four decimals, cut off, as text: records hold no floating-point number."""
    parts: Sequence[int] = divmod(abs(fen) * 1_000_000 // total_fen, 10_000)
    return f"{'-' if fen < 0 else ''}{parts[0]}.{parts[1]:04d}"
