"""The conditions of a drill (C9.15), in the order in which a drill meets them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflow.attempt import Attempt
from workflow.declare import CLIENT, CLIENT_APPROVER, SUPPLIER, Guard, Label, Missing, PaperKind, Party, Proof, guard
from workflow.drill.after_forms import ITEMS, POOR
from workflow.drill.record import (
    BACKUP_EVIDENCE,
    PLANNING,
    STARTED_OPERATION,
    WRITTEN_BY,
    chosen_item,
    confirmed_by,
    dangerous_steps,
    end,
    group,
    operation_tickets,
    rectifications,
    script_steps,
    start,
    touches_systems,
)


def _field(attempt: Attempt, name: str) -> Any:
    return (attempt.fields or {}).get(name)


# --- plan ------------------------------------------------------------------------------------------------------


@guard("C9.15", of_form=True)
def window_is_ahead(attempt: Attempt) -> Proof | Missing:
    """The time of the drill ends after it begins, and is not over yet."""
    opens, closes = attempt.instant("window_start"), attempt.instant("window_end")
    if opens is None or closes is None or closes <= opens:
        return Missing("The drill must end after it begins.", remedy="window_end")
    if closes <= attempt.at:
        return Missing("This time is over already.", remedy="window_end")
    return Proof("window_end", closes.isoformat())


@guard("C9.15")
def window_is_not_over(attempt: Attempt) -> Proof | Missing:
    """The time planned for the drill is not over."""
    closes = attempt.instant("window_end")
    if closes is None or attempt.at >= closes:
        return Missing("The time planned for the drill is over: amend the plan first.")
    return Proof("window_end", closes.isoformat())


@guard("C9.15")
def by_another_than_its_author(attempt: Attempt) -> Proof | Missing:
    """Another natural person approves the plan than wrote it."""
    author = attempt.last(*PLANNING)
    if author is None or author.person is None or attempt.actor.person is None:
        return Missing("It is not on record who wrote the plan.")
    if author.person == attempt.actor.person:
        return Missing("You wrote this plan yourself; another authorised person of the client must approve it.")
    return Proof("event", author.sequence)


# --- scheme and its annexes ------------------------------------------------------------------------------------


@guard("C9.15", of_form=True)
def both_parties_command(attempt: Attempt) -> Proof | Missing:
    """The command group has members of both parties."""
    chosen = {attempt.natural(one) for one in _field(attempt, "command_group") or ()}
    for party in (CLIENT, SUPPLIER):
        if not any(m.person in chosen for m in attempt.facts.mandates if m.party == party):
            return Missing(
                "The command group has nobody of this party: %(party)s.",
                remedy="command_group",
                party=Label("party", party.name),
            )
    return Proof("persons", ",".join(sorted(map(str, chosen))))


@guard("C9.15", of_form=True)
def nobody_assesses_himself(attempt: Attempt) -> Proof | Missing:
    """Nobody of the implementing group is in the assessment group."""
    groups = [_field(attempt, name) or () for name in ("implementing_group", "assessment_group")]
    both = set.intersection(*({attempt.natural(one) for one in group} for group in groups))
    if both:
        names = sorted({m.name for m in attempt.facts.mandates if m.person in both})
        return Missing("Both carrying out and assessing: %(names)s.", remedy="assessment_group", names=", ".join(names))
    return Proof("persons")


@guard("C9.15")
def script_has_steps(attempt: Attempt) -> Proof | Missing:
    """The script has at least one step."""
    steps = script_steps(attempt)
    return Proof("steps", len(steps)) if steps else Missing("Add the steps of the script first.")


def written_for_this_plan(act: str, paper: PaperKind) -> Guard:
    """That the annex has been written for the plan as it reads now: one of an earlier plan, or of a drill that was
    postponed and then planned anew, does not count."""

    def check(attempt: Attempt) -> Proof | Missing:
        event = attempt.last(act, since=PLANNING)
        if event is None or event.content != attempt.ticket.content:
            return Missing("Not written for this plan yet: %(paper)s.", paper=paper.label)
        return Proof("event", event.sequence)

    return Guard(
        f"written_for_this_plan:{paper.name}", "C9.15", "The annex has been written for the plan as it is.", check
    )


ALL_FIVE = tuple(written_for_this_plan(act, paper) for act, paper in WRITTEN_BY.items())


@guard("C9.15")
def script_is_up_to_date(attempt: Attempt) -> Proof | Missing:
    """The script on file holds the steps as they are."""
    written, changed = attempt.last("write_script"), attempt.last("add_step", "drop_step")
    if written is None or (changed is not None and changed.sequence > written.sequence):
        return Missing("Steps were changed after the script was filed: file the script again.")
    return Proof("event", written.sequence)


@guard("C9.15")
def by_none_of_the_authors(attempt: Attempt) -> Proof | Missing:
    """The reviewer wrote none of what is reviewed."""
    for act in (*WRITTEN_BY, "add_step"):
        if attempt.persons(act, since=PLANNING) & {None, attempt.actor.person}:
            return Missing(
                "You wrote a part of it: %(action)s. Somebody else must review.", action=Label("action", act)
            )
    return Proof("persons", attempt.actor.person)


@guard("C9.15")
def reviewed_by_another(attempt: Attempt) -> Proof | Missing:
    """Who reviewed the scheme wrote none of it, as far as is known now."""
    review = attempt.last("review_scheme", since=PLANNING)
    authors = attempt.persons(*WRITTEN_BY, "add_step", since=PLANNING)
    if review is None or review.person is None or review.person in authors or None in authors:
        return Missing("Who reviewed the scheme wrote a part of it: somebody else must review.")
    return Proof("event", review.sequence)


# --- before the start ------------------------------------------------------------------------------------------


@guard("C9.15")
def in_the_command_group(attempt: Attempt) -> Proof | Missing:
    """The person acting is in the command group that the scheme names."""
    if attempt.actor.person in group(attempt, "command_group"):
        return Proof("scheme", attempt.actor.person)
    return Missing("Only a member of the command group named in the scheme may declare this.")


@guard("C9.15")
def backup_is_proved(attempt: Attempt) -> Proof | Missing:
    """Before real systems are touched, the evidence of a backup made for this plan is on file."""
    if not touches_systems(attempt):
        return Proof("drill_form", str(attempt.value("drill_form")))
    paper = attempt.paper(BACKUP_EVIDENCE)
    if paper is not None and paper.content == attempt.ticket.content:
        return Proof("paper", paper.digest)
    return Missing("Not on file for this plan and time: %(paper)s.", paper=BACKUP_EVIDENCE.label)


@guard("C9.15")
def agreed_by_the_client(attempt: Attempt) -> Proof | Missing:
    """The plan as it reads now is signed by an authorised person of the client."""
    agreed = attempt.on_this_content("approve_drill", "postpone")
    if agreed is None:
        return Missing("The client has not agreed to the plan as it reads now.")
    if not attempt.mandates_of(agreed.person, CLIENT_APPROVER):
        return Missing("%(name)s, who agreed for the client, no longer has the mandate for it.", name=agreed.name)
    return Proof("event", agreed.sequence)


@guard("C9.15")
def in_the_planned_time(attempt: Attempt) -> Proof | Missing:
    """It is within the time of which everybody was told."""
    opens, closes = attempt.instant("window_start"), attempt.instant("window_end")
    if opens is None or closes is None or attempt.at >= closes:
        return Missing("Outside the time of which everybody was told: postpone the drill, and tell them again.")
    if attempt.at < opens:
        return Missing("Everybody was told that it begins at %(opens)s; not before.", opens=opens)
    return Proof("window_start", opens.isoformat())


# --- dangerous operations (C9.5: a drill is no exemption) --------------------------------------------------------


@guard("C9.5", of_form=True)
def one_ticket_for_one_step(attempt: Attempt) -> Proof | Missing:
    """The operation ticket is bound to no other step."""
    number, step = _field(attempt, "operation_ticket"), _field(attempt, "step")
    for event in attempt.past("link_operation"):
        if event.fields["operation_ticket"] == number:
            return Missing(
                "%(number)s is bound to step %(step)s already.",
                remedy="operation_ticket",
                number=number,
                step=event.fields["step"],
            )
    return Proof("step", step)


@guard("C9.5", of_form=True)
def step_is_dangerous(attempt: Attempt) -> Proof | Missing:
    """The script marks the step as a dangerous operation."""
    step = _field(attempt, "step")
    if step in dangerous_steps(attempt):
        return Proof("step", step)
    return Missing("The script marks no dangerous operation at this step.", remedy="step")


@guard("C9.5")
def dangerous_steps_have_tickets(attempt: Attempt) -> Proof | Missing:
    """Every dangerous step of the script has an operation ticket of its own that can still be carried out."""
    bound = operation_tickets(attempt)
    alive = {link.number for link in attempt.facts.links if link.kind == "reboot" and not link.final}
    lacking = [step for step in dangerous_steps(attempt) if bound.get(step) not in alive]
    if lacking:
        return Missing("Dangerous steps without an operation ticket: %(steps)s.", steps=", ".join(map(str, lacking)))
    return Proof("links", len(alive))


@guard("C9.5", of_form=True)
def done_under_its_own_ticket(attempt: Attempt) -> Proof | Missing:
    """What is dangerous was done under an operation ticket of its own, after that ticket allowed it."""
    step, number = _field(attempt, "step"), _field(attempt, "operation_ticket")
    scripted = step in dangerous_steps(attempt)
    if not scripted and not _field(attempt, "dangerous") and number is None:
        return Proof("step", step)
    if number is None or (scripted and operation_tickets(attempt).get(step) != number):
        return Missing(
            "A dangerous operation needs its own operation ticket, also in a drill.", remedy="operation_ticket"
        )
    for link in attempt.facts.links:
        if link.number == number and link.kind == "reboot" and link.state in STARTED_OPERATION:
            return Proof("link", number)
    return Missing(
        "The operation of %(number)s has not been started there: it was not allowed.",
        remedy="operation_ticket",
        number=number,
    )


# --- record ----------------------------------------------------------------------------------------------------


@guard("C9.15", of_form=True)
def while_the_drill_ran(attempt: Attempt) -> Proof | Missing:
    """What is recorded happened between the start and the end of the drill, or until now."""
    begun, ended = start(attempt), end(attempt)
    latest = ended.at if ended is not None else attempt.at
    stated: datetime | None = attempt.instant("happened_at")
    # People state the minute; the desk knows the second of the declared start.
    earliest = begun.at.replace(second=0, microsecond=0) if begun is not None else None
    if earliest is None or stated is None or not earliest <= stated <= latest:
        return Missing("This lies outside the drill: it ran from its declared start to its end.", remedy="happened_at")
    return Proof("happened_at", stated.isoformat())


# --- afterwards ------------------------------------------------------------------------------------------------


@guard("C9.15")
def not_of_the_implementing_group(attempt: Attempt) -> Proof | Missing:
    """The assessor took no part in carrying the drill out."""
    implementing = group(attempt, "implementing_group")
    if not implementing or attempt.actor.person in implementing:
        return Missing("You carried this drill out; somebody else must assess it.")
    return Proof("persons", attempt.actor.person)


def participation_confirmed(party: Party) -> Guard:
    """That this party has put on record who took part and when."""

    def check(attempt: Attempt) -> Proof | Missing:
        event = confirmed_by(attempt, party)
        if event is None:
            return Missing("Who took part and when is not confirmed by: %(party)s.", party=Label("party", party.name))
        return Proof("event", event.sequence)

    return Guard(
        f"participation_confirmed:{party.name}", "C9.15", "The party has confirmed who took part and when.", check
    )


@guard("C9.15")
def poor_items_are_rectified(attempt: Attempt) -> Proof | Missing:
    """Every item assessed as poor has a rectification."""
    sheet = attempt.last("assess")
    if sheet is None:
        return Missing("Not done yet: %(action)s.", action=Label("action", "assess"))
    covered = {item.assessed_item for item in rectifications(attempt).values()}
    for name in ITEMS:
        if sheet.fields[name] == POOR and name not in covered:
            return Missing("Assessed as poor and without rectification: %(item)s.", item=Label("option", name))
    return Proof("event", sheet.sequence)


@guard("C9.15", of_form=True)
def date_is_ahead(attempt: Attempt) -> Proof | Missing:
    """The date lies ahead."""
    due: datetime | None = _field(attempt, "due_at")
    if due is None or due <= attempt.at:
        return Missing("This date is past already.", remedy="due_at")
    return Proof("due_at", due.isoformat())


@guard("C9.15", of_form=True)
def still_unsettled(attempt: Attempt) -> Proof | Missing:
    """The rectification is neither verified nor its risk accepted."""
    item = chosen_item(attempt)
    if item is None or item.is_settled:
        return Missing("This rectification is settled already.", remedy="item")
    return Proof("item", item.number)


@guard("C9.15", of_form=True)
def by_its_owner(attempt: Attempt) -> Proof | Missing:
    """Its owner says that it is done."""
    item = chosen_item(attempt)
    if item is None or item.owner != attempt.actor.person:
        return Missing("Only the owner of a rectification can say that it is done.", remedy="item")
    return Proof("item", item.number)


@guard("C9.15", of_form=True)
def said_to_be_done(attempt: Attempt) -> Proof | Missing:
    """Its owner has said that it is done."""
    item = chosen_item(attempt)
    if item is None or item.standing != "done":
        return Missing("Its owner has not said that it is done.", remedy="item")
    return Proof("item", item.number)


@guard("C9.15", of_form=True)
def by_another_than_its_owner(attempt: Attempt) -> Proof | Missing:
    """Another natural person than the owner judges it, and than whoever did it."""
    item = chosen_item(attempt)
    if item is None or attempt.actor.person in {item.owner, *item.done_by}:
        return Missing("It is your own rectification; somebody else must judge it.", remedy="item")
    return Proof("item", item.number)


@guard("C9.15", of_form=True)
def another_version(attempt: Attempt) -> Proof | Missing:
    """The revised plan has a new version."""
    if _field(attempt, "new_version") == attempt.ticket.fields.get("emergency_plan_version"):
        return Missing("This is the version that was drilled; give the revised plan a new one.", remedy="new_version")
    return Proof("version", _field(attempt, "new_version"))


@guard("C9.15")
def nothing_left_to_rectify(attempt: Attempt) -> Proof | Missing:
    """Every rectification is verified, or the client has signed that it bears the risk."""
    unsettled = [item.number for item in rectifications(attempt).values() if not item.is_settled]
    if unsettled:
        return Missing("Rectifications still open: %(numbers)s.", numbers=", ".join(map(str, unsettled)))
    return Proof("items", len(rectifications(attempt)))
