"""Who has which act of a complaint, where, and what comes of it: read off C3.4, C7.2, C8.3, C9.3 and C10.2, act by act."""

from __future__ import annotations

from workflow.complaint import ANSWERED, RAISED, RESOLVED, RETRACTED, TAKEN_UP
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
from workflow.prove import standing
from workflow.prove.charter import TEXT, OnTrial, Right, charter, everybodys, given

STATES = (RAISED, TAKEN_UP, ANSWERED, RESOLVED, RETRACTED)
EACH = (CLIENT, SUPPLIER, SUPERVISOR)
ANYBODY_OF_THE_CLIENT = (CLIENT_STAFF, CLIENT_APPROVER)
WHO_ANSWERS = (SUPPLIER_RELATIONS, SUPPLIER_MANAGER)
WHO_WORKS = (SUPPLIER_DESK, SUPPLIER_ENGINEER, SUPPLIER_MANAGER)

CHARTER = charter(
    # C3.4: the client complains; the supplier's team takes it up and answers, each within its time.
    Right("raise_complaint", "C3.4", ANYBODY_OF_THE_CLIENT, (), RAISED, EACH, (TEXT,), begins=("taking_up", "answer")),
    Right("take_up", "C3.4", WHO_ANSWERS, (RAISED, TAKEN_UP), TAKEN_UP, EACH, meets=("taking_up",)),
    Right("record_finding", "C3.4", WHO_ANSWERS, (TAKEN_UP,)),
    Right("answer", "C3.4", WHO_ANSWERS, (TAKEN_UP,), ANSWERED, EACH, meets=("answer",)),
    # C8.3: the client alone says whether that settles it, and may take it back until then.
    Right("accept_answer", "C8.3", ANYBODY_OF_THE_CLIENT, (ANSWERED,), RESOLVED, EACH),
    Right("reject_answer", "C3.4", ANYBODY_OF_THE_CLIENT, (ANSWERED,), TAKEN_UP, EACH, begins=("answer",)),
    Right("retract", "C3.4", ANYBODY_OF_THE_CLIENT, (RAISED, TAKEN_UP, ANSWERED), RETRACTED, EACH),
    # What is late is noted while it is owed, and not after it was done.
    Right("note_late_taking_up", "C3.4", (CLOCK,), (RAISED,), tells=EACH, states=("deadline", "due_at")),
    Right("note_late_answer", "C3.4", (CLOCK,), (RAISED, TAKEN_UP), tells=EACH, states=("deadline", "due_at")),
    # C9.3: every limit here is the supplier's, so nobody else foretells that one will be missed; the first begins at once.
    *standing.rights(by=(*WHO_WORKS, SUPPLIER_RELATIONS), owed=(RAISED, TAKEN_UP), begun=STATES),
    *everybodys(STATES, EACH),
)  # fmt: skip

EQUIVALENT = {
    "raise_complaint does not change what is said": "The act that opens a ticket writes its text in any case.",
    "record_finding leads to taken_up": "It is done in that state alone: who leads there stays there.",
}
"""Mutants of the declaration that come to the same as it does, each with the reason."""
ON_TRIAL = OnTrial(given(CHARTER), EQUIVALENT)
