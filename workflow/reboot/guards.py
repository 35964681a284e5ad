"""Conditions on a dangerous operation (C9.5): who may ask, in what words, with whose consent, and when."""

from __future__ import annotations

from workflow.attempt import Attempt
from workflow.declare import (
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    SUPPLIER_MANAGER,
    Guard,
    Label,
    Missing,
    Proof,
    Role,
    guard,
)
from workflow.reboot.facts import (
    BACKUP_EVIDENCE,
    CONSENTS,
    STARTS,
    UNKNOWN_CLASS,
    WRITTEN_REQUEST,
    consenter,
    current,
    fails_without_fault,
    faults_of_it,
    is_emergency,
    mandate_for_this,
    moment,
    needs_writing,
    open_fault,
    operation_class,
    requester,
    second_person_missing,
    signers,
    stated,
    window_end,
)
from workflow.reboot.states import CLOSED

# --- asking ---------------------------------------------------------------------------------------------


@guard("C9.5", of_form=True)
def asker_named(attempt: Attempt) -> Proof | Missing:
    """Who types the request is the one who asks; the service desk names the person of the client who asked it."""
    fields = attempt.fields or {}
    subject, channel = fields.get("subject"), fields.get("channel")
    if attempt.actor.party == CLIENT:
        if subject is not None and attempt.natural(subject) != attempt.actor.person:
            return Missing("Ask in your own name: nobody can ask for a colleague.", remedy="subject")
        if channel != "page":
            return Missing("What you type here yourself is asked over this page.", remedy="channel")
        return Proof("person", attempt.actor.person)
    if subject is None:
        return Missing("Name the person of the client who asked.", remedy="subject")
    if channel == "page":
        return Missing("Say over which channel the client asked.", remedy="channel")
    return Proof("person", subject)


@guard("C9.5")
def asked_by_an_authorised_person(attempt: Attempt) -> Proof | Missing:
    """Who asks stands on the client's list of mandates at this moment, for this class of operation and this system."""
    if operation_class(attempt) is None:
        return UNKNOWN_CLASS
    held = mandate_for_this(attempt, requester(attempt), *CLIENT_ROLES)
    if held is None:
        return Missing("Who asks is not on the client's list of mandates for this operation and this system.")
    return Proof("mandate", held.id)


@guard("C9.5", of_form=True)
def window_ahead(attempt: Attempt) -> Proof | Missing:
    """The window lies ahead; in an emergency at least its end does."""
    opens, closes = moment(stated(attempt, "window_start")), moment(stated(attempt, "window_end"))
    if opens is None or closes is None or closes <= attempt.at:
        return Missing("The window lies in the past.", remedy="window_end")
    if opens <= attempt.at and not is_emergency(attempt):
        return Missing("The window must open in the future, so that there is time to check.", remedy="window_start")
    return Proof("window", opens.isoformat())


@guard("C9.5", of_form=True)
def window_short_enough(attempt: Attempt) -> Proof | Missing:
    """The window ends after it begins, and is not longer than agreed."""
    opens, closes = moment(stated(attempt, "window_start")), moment(stated(attempt, "window_end"))
    if opens is None or closes is None or closes <= opens:
        return Missing("The window must close after it opens.", remedy="window_end")
    longest = attempt.edition.due("reboot.longest_window", opens)
    if closes > longest:
        return Missing(
            "The window is too long: it may close at %(longest)s at the latest.", remedy="window_end", longest=longest
        )
    return Proof("window", closes.isoformat())


@guard("C2.1", of_form=True)
def window_within_the_term(attempt: Attempt) -> Proof | Missing:
    """The whole window lies within the term of the contract."""
    ends = (moment(stated(attempt, "window_start")), moment(stated(attempt, "window_end")))
    if not all(end is not None and attempt.edition.in_term(end) for end in ends):
        return Missing("The window reaches beyond the term of the contract.", remedy="window_end")
    return Proof("term", attempt.edition.contract.key)


@guard("C9.5", of_form=True)
def takes_up_what_was_not_done(attempt: Attempt) -> Proof | Missing:
    """What it goes on from, if anything, is an operation of this contract that ended without being carried out."""
    number = stated(attempt, "follows")
    if number is None:
        return Proof("ticket", None)
    for one in attempt.facts.more.get("ended", ()):
        if (one.number, one.kind) == (number, attempt.ticket.kind) and one.final and one.state != CLOSED.name:
            return Proof("ticket", number)
    return Missing("What it goes on from must be an operation that ended without being carried out.", remedy="follows")


@guard("C9.5", of_form=True)
def emergency_of_its_class(attempt: Attempt) -> Proof | Missing:
    """An emergency is claimed only for a class of operation that allows it, and never where data is destroyed."""
    if stated(attempt, "emergency") is True and not is_emergency(attempt):
        return Missing(
            "Operations of this class are never done before the written application is signed.", remedy="emergency"
        )
    return Proof("operation", str(stated(attempt, "operation")))


@guard("C9.11")
def data_authorised(attempt: Attempt) -> Proof | Missing:
    """For an operation on data, the request says which data may be changed, and on whose decision."""
    operation = operation_class(attempt)
    if operation is None:
        return UNKNOWN_CLASS
    if operation.data_authorisation and not stated(attempt, "data_authorisation"):
        return Missing(
            "Data is changed only with an authorisation: say which data, and on whose decision.",
            remedy="data_authorisation",
        )
    return Proof("operation", operation.key)


# --- writing, consent, agreement ------------------------------------------------------------------------


def within_mandate(*roles: Role) -> Guard:
    """That the person acting holds a mandate of these roles that reaches to this operation and this system."""

    def check(attempt: Attempt) -> Proof | Missing:
        held = mandate_for_this(attempt, attempt.actor.person, *roles)
        if held is None:
            return Missing("Your mandate does not reach to this operation or this system.")
        return Proof("mandate", held.id)

    return Guard("within_mandate", "C9.5", "The mandate of the person acting reaches to this operation.", check)


def _writing(attempt: Attempt) -> Proof | Missing:
    operation = operation_class(attempt)
    if operation is None:
        return UNKNOWN_CLASS
    if not needs_writing(attempt, operation):
        return Proof("operation", operation.key)
    paper = attempt.paper(WRITTEN_REQUEST)
    held = [m for person in signers(attempt) if (m := mandate_for_this(attempt, person, *CLIENT_ROLES))]
    if paper is None or not held:
        return Missing(
            "The written application is not signed, as it reads now, by a person of the client who has the mandate."
        )
    return Proof("paper", paper.digest)


@guard("C9.5")
def in_writing(attempt: Attempt) -> Proof | Missing:
    """The application, as it reads now, is signed by a person of the client who still has the mandate for it."""
    return _writing(attempt)


@guard("C9.5")
def in_writing_unless_emergency(attempt: Attempt) -> Proof | Missing:
    """The written application is signed, or the request is an emergency whose writing follows."""
    return Proof("emergency", attempt.ticket.number) if is_emergency(attempt) else _writing(attempt)


@guard("C9.5")
def an_emergency(attempt: Attempt) -> Proof | Missing:
    """The request is an emergency, of a class of operation that may be one."""
    if not is_emergency(attempt):
        return Missing("This request is no emergency: the ordinary way is open to it.")
    return Proof("operation", str(stated(attempt, "operation")))


@guard("C9.5")
def by_a_second_person(attempt: Attempt) -> Proof | Missing:
    """The person consenting neither asked for the operation nor signed the application."""
    return second_person_missing(attempt, attempt.actor.person) or Proof("person", attempt.actor.person)


def consented_by(*ways: str) -> Guard:
    """That a second person of the client consented in one of these `ways` to exactly this text, and still may."""

    def check(attempt: Attempt) -> Proof | Missing:
        event, person = current(attempt, *CONSENTS), consenter(attempt)
        if event is None or event.action not in ways:
            return Missing("No second person of the client has consented to the request as it reads now.")
        if mandate_for_this(attempt, person, CLIENT_APPROVER) is None:
            return Missing("Who consented no longer has the mandate for it.")
        return second_person_missing(attempt, person) or Proof("event", event.sequence)

    return Guard("consented", "C9.5", "A second person of the client consented to the request as it reads now.", check)


@guard("C9.5")
def agreed_by_the_supplier(attempt: Attempt) -> Proof | Missing:
    """The supplier's manager agreed to the request as it reads now, and still has the mandate for it."""
    event = current(attempt, "agree")
    if event is None:
        return Missing("The supplier has not agreed to the request as it reads now.")
    if not attempt.mandates_of(event.person, SUPPLIER_MANAGER):
        return Missing(
            "%(name)s, who did “%(action)s”, no longer has the mandate for it.",
            name=event.name,
            action=Label("action", "agree"),
        )
    return Proof("event", event.sequence)


@guard("C9.11", of_form=True)
def backup_known(attempt: Attempt) -> Proof | Missing:
    """The age of the last backup is known; where data is destroyed there must be one."""
    operation, taken_at = operation_class(attempt), moment((attempt.fields or {}).get("backup_taken_at"))
    if operation is None:
        return UNKNOWN_CLASS
    if taken_at is None and operation.destroys_data:
        return Missing("This operation destroys data: it needs a backup.", remedy="backup_taken_at")
    if taken_at is not None and taken_at > attempt.at:
        return Missing("A backup that has not been taken yet protects nothing.", remedy="backup_taken_at")
    return Proof("backup", taken_at.isoformat() if taken_at else None)


@guard("C9.11")
def backup_shown(attempt: Attempt) -> Proof | Missing:
    """Where data is destroyed, the receipt of the backup was added to the request as it reads now."""
    operation, paper = operation_class(attempt), attempt.paper(BACKUP_EVIDENCE)
    if operation is None:
        return UNKNOWN_CLASS
    if not operation.destroys_data:
        return Proof("operation", operation.key)
    if paper is None or paper.content != attempt.ticket.content:
        return Missing("This operation destroys data: add the receipt of the backup first.")
    return Proof("paper", paper.digest)


# --- the window, once it runs ---------------------------------------------------------------------------


@guard("C9.5")
def inside_the_window(attempt: Attempt) -> Proof | Missing:
    """It is within the agreed window, both ends included."""
    opens, closes = moment(stated(attempt, "window_start")), window_end(attempt)
    if opens is None or closes is None:
        return Missing("No window was agreed.")
    if attempt.at < opens:
        return Missing("The window opens at %(opens)s.", opens=opens)
    if attempt.at > closes:
        return Missing("The window closed at %(closes)s.", closes=closes)
    return Proof("window", closes.isoformat())


@guard("C9.5")
def asked_in_time(attempt: Attempt) -> Proof | Missing:
    """The window has not yet come so near its end that it can no longer be extended."""
    closes = window_end(attempt)
    if closes is None or attempt.edition.due("reboot.extension_notice", attempt.at) > closes:
        return Missing("It is too late to ask for more time: abort, or finish before the window closes.")
    return Proof("window", closes.isoformat())


@guard("C9.5", of_form=True)
def new_end_possible(attempt: Attempt) -> Proof | Missing:
    """The new end is later than the old one, and the whole window still not longer than agreed."""
    opens, closes = moment(stated(attempt, "window_start")), window_end(attempt)
    new_end = moment((attempt.fields or {}).get("new_end"))
    if opens is None or closes is None or new_end is None or new_end <= closes:
        return Missing("The new end must be later than the present one.", remedy="new_end")
    if new_end > attempt.edition.due("reboot.longest_window", opens) or not attempt.edition.in_term(new_end):
        return Missing("The window would become longer than agreed.", remedy="new_end")
    return Proof("window", new_end.isoformat())


@guard("C9.5")
def extension_pending(attempt: Attempt) -> Proof | Missing:
    """An extension was asked for and has been neither consented to nor granted."""
    asked = attempt.last("ask_extension", since=(*STARTS, "grant_extension"))
    if asked is None or attempt.past("consent_to_extension", since=("ask_extension",)):
        return Missing("Nobody is waiting for an answer about more time.")
    return Proof("event", asked.sequence)


@guard("C9.5")
def extension_consented(attempt: Attempt) -> Proof | Missing:
    """The client consented to the extension last asked for, by a second person who still has the mandate for it."""
    consent = attempt.last("consent_to_extension", since=("ask_extension", "grant_extension"))
    if consent is None:
        return Missing("The client has not consented to more time.")
    asked = attempt.last("ask_extension")
    if asked is None or consent.person in (None, asked.person):
        return Missing("Who asked for more time cannot consent to it; a second person of the client must.")
    if mandate_for_this(attempt, consent.person, CLIENT_APPROVER) is None:
        return Missing("Who consented no longer has the mandate for it.")
    return Proof("event", consent.sequence)


@guard("C9.5", of_form=True)
def new_end_as_asked(attempt: Attempt) -> Proof | Missing:
    """The new end is the one that was asked for and consented to."""
    asked = attempt.last("ask_extension")
    granted = moment((attempt.fields or {}).get("window_end"))
    if asked is None or granted is None or granted != moment(asked.fields.get("new_end")):
        return Missing("This is not the end that the client consented to.", remedy="window_end")
    return Proof("event", asked.sequence)


# --- after it -------------------------------------------------------------------------------------------


@guard("C9.5")
def done_on_the_spoken_word(attempt: Attempt) -> Proof | Missing:
    """The operation was started as an emergency, and its writing is still owed."""
    started = attempt.last("start_emergency")
    if started is None:
        return Missing("Nothing is owed in writing: the operation was not started as an emergency.")
    if attempt.past("sign_afterwards", since=("start_emergency",)):
        return Missing("The written application has been signed already.")
    return Proof("event", started.sequence)


@guard("C9.16")
def no_fault_open_for_it(attempt: Attempt) -> Proof | Missing:
    """No fault caused by this operation is open already."""
    fault = open_fault(attempt)
    if fault is not None:
        return Missing("A fault is open for it already: %(number)s.", number=fault.number)
    return Proof("links", len(attempt.facts.links))


@guard("C9.16", of_form=True)
def failure_described(attempt: Attempt) -> Proof | Missing:
    """Where the operation or a check after it failed, it is said what a fault report needs."""
    if not fails_without_fault(attempt):
        return Proof("result", str((attempt.fields or {}).get("result")))
    told = attempt.fields or {}
    if not (told.get("system") or attempt.ticket.fields.get("system")):
        return Missing("A failure opens a fault: say which information system failed.", remedy="system")
    if not told.get("impact"):
        return Missing("A failure opens a fault: say what its impact is.", remedy="impact")
    if not told.get("level"):
        return Missing("A failure opens a fault: say which level it has.", remedy="level")
    return Proof("result", "failed")


@guard("C9.16")
def failure_has_its_fault(attempt: Attempt) -> Proof | Missing:
    """Where the operation or a check after it failed, a fault was opened for it."""
    found, faults = attempt.last("finish", "settle_outcome", since=STARTS), faults_of_it(attempt)
    if found is None:
        return Missing("It is not on record how the operation ended.")
    if faults:
        return Proof("ticket", faults[-1].number)
    if found.fields.get("result") in ("succeeded", "not_carried_out"):
        return Proof("event", found.sequence)
    return Missing("The operation failed and no fault is open for it: report the failed check first.")
