"""What stands on record about a dangerous operation: who asked, in which words, who signed, consented, runs it (C9.5).

Everything is read from the request as it stands, never from a field of the same name that the act at hand carries: the
server's name that an operator types is compared with the request, it does not replace it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from workflow.attempt import Attempt, LinkFact, MandateFact, Past
from workflow.declare import CLIENT, Missing, PaperKind, Role, Words
from workflow.effects import OpenLinked
from workflow.terms import OperationClass

CONTENT_ACTS = ("request", "amend")
STARTS = ("start", "start_emergency")
CONSENTS = ("consent", "record_spoken_consent")
SIGNINGS = ("sign_request",)
CAUSED_BY = "caused_by"
"""How a fault is bound to the operation that it came from."""

WRITTEN_REQUEST = PaperKind(
    "written_request", "C9.5", "The written application for one operation on one server, in one version."
)
BACKUP_EVIDENCE = PaperKind(
    "backup_evidence",
    "C9.11",
    "What shows that the data can be brought back: the receipt of a backup or snapshot.",
    uploaded=True,
)

UNKNOWN_CLASS = Missing("This operation is of no class that the contract lists: it is not accepted.")


def stated(attempt: Attempt, name: str) -> Any:
    """What the request says: as it is being written, or else as it stands on record."""
    writing = attempt.action in CONTENT_ACTS and attempt.fields is not None
    source: Mapping[str, Any] = attempt.fields if writing and attempt.fields is not None else attempt.ticket.fields
    return source.get(name)


def moment(value: Any) -> datetime | None:
    """An instant, which records hold as ISO text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def operation_class(attempt: Attempt) -> OperationClass | None:
    """The class of the operation asked for, or None: then whoever asks must refuse."""
    try:
        return attempt.edition.operation(str(stated(attempt, "operation")))
    except LookupError:
        return None


def requester(attempt: Attempt) -> int | None:
    """The natural person who asks, whoever typed it in."""
    subject = stated(attempt, "subject")
    if subject is None and (attempt.action in CONTENT_ACTS):
        return attempt.actor.person
    return attempt.natural(subject)


def attribution(attempt: Attempt) -> dict[str, Any]:
    """Who asks: recorded with the text, since the page's own request does not say it."""
    return {"subject": requester(attempt)}


def current(attempt: Attempt, *actions: str) -> Past | None:
    """The latest of these acts on exactly the text that the request has now."""
    event = attempt.last(*actions, since=CONTENT_ACTS)
    return event if event is not None and event.content == attempt.ticket.content else None


def covers(mandate: MandateFact, attempt: Attempt) -> bool:
    """Whether the mandate reaches to this class of operation and this system.

    An empty list bounds nothing; a scope that cannot be read bounds everything.
    """
    for field_name, key in (("operation", "operations"), ("system", "systems")):
        bound = mandate.scope.get(key) or []
        if not isinstance(bound, list | tuple):
            return False
        if bound and stated(attempt, field_name) not in bound:
            return False
    return True


def mandate_for_this(attempt: Attempt, person: int | None, *roles: Role) -> MandateFact | None:
    """A mandate that the person holds now, of one of these roles, reaching to this operation."""
    return next((m for m in attempt.mandates_of(person, *roles) if covers(m, attempt)), None)


def is_emergency(attempt: Attempt) -> bool:
    """Whether the request is an emergency of a class that may be one. Data is never destroyed on the spoken word."""
    operation = operation_class(attempt)
    allowed = operation is not None and operation.emergency_allowed and not operation.destroys_data
    return allowed and stated(attempt, "emergency") is True


def needs_writing(attempt: Attempt, operation: OperationClass) -> bool:
    """C9.5 gives a right to demand writing; the policy turns it into a duty, by class or for all (G12)."""
    return operation.writing_required or attempt.edition.setting("reboot.writing_policy") != "by_class"


def signers(attempt: Attempt) -> tuple[int, ...]:
    """Who signed the written request in its present version, whatever became of their mandate since."""
    paper = attempt.paper(WRITTEN_REQUEST)
    if paper is None or paper.content != attempt.ticket.content:
        return ()
    return tuple(s.person for s in paper.signatures if s.meaning in SIGNINGS)


def consenter(attempt: Attempt) -> int | None:
    """Who consented to the present text: by an act of their own, or spoken on the phone and recorded by the desk."""
    event = current(attempt, *CONSENTS)
    if event is None:
        return None
    if event.action == "consent":
        return event.person
    called = attempt.last("call_back_approver", since=CONTENT_ACTS)
    return attempt.natural(called.fields.get("subject")) if called is not None else None


def second_person_missing(attempt: Attempt, person: int | None) -> Missing | None:
    """What stands against `person` as the one who consents. No waiver: a client with a single approver is refused."""
    operation = operation_class(attempt)
    if operation is None:
        return UNKNOWN_CLASS
    if not operation.second_person_required:
        return None
    asked_by = requester(attempt)
    if person is None or asked_by is None:
        return Missing("It is not on record who asked for this operation.")
    if person == asked_by:
        return Missing("Who asked for the operation cannot consent to it; a second person of the client must.")
    if person in signers(attempt):
        return Missing("Who signed the written application cannot consent as well; a second person of the client must.")
    return None


def window_end(attempt: Attempt) -> datetime | None:
    """Until when the operation may run: as requested, or as extended since the start by both parties."""
    granted = attempt.last("grant_extension", since=STARTS)
    return moment(granted.fields.get("window_end")) if granted is not None else moment(stated(attempt, "window_end"))


# --- what follows from an act, and what every reader is warned of ---


def covered_text(attempt: Attempt) -> dict[str, Any]:
    """Which text a consent covers: the digests of the request's content and of the written application."""
    paper = attempt.paper(WRITTEN_REQUEST)
    return {"covers_content": attempt.ticket.content, "covers_paper": paper.digest if paper else None}


def faults_of_it(attempt: Attempt) -> tuple[LinkFact, ...]:
    """The faults that were opened because of this operation, ended or not."""
    return tuple(link for link in attempt.facts.links if link.relation == CAUSED_BY)


def open_fault(attempt: Attempt) -> LinkFact | None:
    """The fault caused by this operation that has not ended."""
    return next((link for link in faults_of_it(attempt) if not link.final), None)


def fails_without_fault(attempt: Attempt) -> bool:
    """Whether the result being reported is a failure for which no fault is open yet: it opens one by itself (R7.13)."""
    return (attempt.fields or {}).get("result") == "failed" and open_fault(attempt) is None


def fault_of_failure(attempt: Attempt) -> list[OpenLinked]:
    """The fault that a failed result opens: what the checks showed is its symptom, this moment its beginning."""
    if not fails_without_fault(attempt):
        return []
    told = attempt.fields or {}
    system = told.get("system") or attempt.ticket.fields.get("system")
    return fault_of_it(replace(attempt, fields={**told, "system": system, "symptom": told.get("observed")}))


def fault_of_it(attempt: Attempt) -> list[OpenLinked]:
    """The fault that a failed check opens, reported at this very moment: its limits run from here."""
    told = attempt.fields or {}
    by_client = attempt.actor.party == CLIENT
    return [
        OpenLinked(
            "fault",
            CAUSED_BY,
            {
                "system": told["system"],
                "symptom": told["symptom"],
                "impact": told["impact"],
                "level": told["level"],
                "is_security_suspected": "undetermined",
                "channel": "page" if by_client else "monitoring",
            },
        )
    ]


def emergency_notice(attempt: Attempt) -> Words | None:
    """Warns while the spoken word stands in for the signature."""
    if not is_emergency(attempt) or attempt.past("sign_afterwards"):
        return None
    return Words("Emergency: the written application must be signed afterwards, within the time agreed.")


def relaxed_notice(attempt: Attempt) -> Words | None:
    """Says so where the policy of this class asks for less than the strictest way (G12)."""
    operation = operation_class(attempt)
    if operation is None:
        return Words("The contract no longer lists this class of operation: it cannot be started.")
    if not needs_writing(attempt, operation) or not operation.second_person_required:
        return Words(
            "For this class of operation the parties agreed on less than a signed application and a second person."
        )
    return None
