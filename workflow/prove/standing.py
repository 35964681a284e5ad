"""What is proved of the standing acts, in every duty alike: periods that both parties leave out of a limit (C7.2), and delays
that are foretold (C9.3). A duty says by hand whose each of its limits is, and where they run; nothing is read off what it
declares."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from workflow.declare import (
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_STAFF,
    SUPERVISOR,
    SUPPLIER,
    SUPPLIER_DESK,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
    Party,
    Role,
    State,
)
from workflow.escalation import ACKNOWLEDGE
from workflow.prove.charter import Right
from workflow.prove.claims import Claim, Step, never, only_after, only_by
from workflow.prove.scope import After, Fill, after

PROPOSE, AGREE, DECLINE, ANNOUNCE = "propose_deduction", "agree_deduction", "decline_deduction", "announce_delay"
ANSWERS = (AGREE, DECLINE)
ACTS = (PROPOSE, *ANSWERS, ANNOUNCE)
LEFT_OUT = (*ACTS, ACKNOWLEDGE)
"""What all scopes leave out but the one in which it is tried: nobody is called in a proof, and to try everywhere to answer a
call that nobody made would be a third of all that is tried."""
WITH_COMPLAINTS = dict.fromkeys(
    ACTS, "Standing acts are the same in every duty: they stand trial with complaints, role by role and state by state."
)
"""Why the other duties put no mutant of it on trial. What it must not do is claimed and explored in each of them."""
WHO_BINDS = (CLIENT_APPROVER, SUPPLIER_MANAGER)
WHO_PROPOSES = (CLIENT_STAFF, CLIENT_APPROVER, SUPPLIER_DESK, SUPPLIER_ENGINEER, SUPPLIER_MANAGER)
EACH = (CLIENT, SUPPLIER, SUPERVISOR)


# --- whose they are, and where ---------------------------------------------------------------------------------------


def rights(*, by: Sequence[Role], owed: Sequence[State], begun: Sequence[State]) -> tuple[Right, ...]:
    """What C9.3 and C7.2 give. `by`: of the parties that owe something within a limit; `owed`: in which states such a limit may
    run; `begun`: in which one may have begun, those in which all is over among them."""
    whose, runs, ran = tuple(by), tuple(owed), tuple(begun)
    return (
        # C9.3: whoever owes it foretells that a limit will be missed, while it runs.
        Right(ANNOUNCE, "C9.3", whose, runs, tells=EACH),
        # C7.2: whoever works on it proposes a period; who may bind a party agrees to it, at any time and afterwards too.
        Right(PROPOSE, "C7.2", WHO_PROPOSES, ran, tells=EACH),
        Right(AGREE, "C7.2", WHO_BINDS, ran, tells=EACH, states=("clock", "from_at", "until_at", "reason", "evidence")),
        Right(DECLINE, "C7.2", WHO_BINDS, ran, tells=EACH),
    )  # fmt: skip


# --- how they are filled in -------------------------------------------------------------------------------------------


def period(limit: str, first: After, last: After) -> dict[str, Any]:
    """A period of a limit, filled in."""
    return {"clock": limit, "from_at": first, "until_at": last, "reason": "等待甲方材料。", "evidence": "通话记录。"}


def delay(limit: str, expected: After) -> dict[str, Any]:
    """That a limit will be missed, filled in."""
    return {"clock": limit, "expected_at": expected, "reason": "需要更多时间。"}


def ways(
    limit: str, *, of: After, until: After, soon: After, late: After, client: str, supplier: str
) -> dict[str, list[Fill]]:
    """The client proposes to leave the period from `of` `until` out of a limit, and the supplier tries to; both try it with a
    period from before the limit began. Both foretell that it will take until `late`, or `soon`, which lies within the limit."""
    both = (client, supplier)
    return {
        PROPOSE: [
            Fill(period(limit, of, until), only=(client,)),
            Fill(period(limit, of, until), only=(supplier,), aside=True),
            Fill(period(limit, after(days=-1), until), "of a period from before its limit began", only=both, aside=True),
        ],
        ANNOUNCE: [
            Fill(delay(limit, late), "beyond the limit", only=both),
            Fill(delay(limit, soon), "within the limit", only=both, aside=True),
        ],
    }  # fmt: skip


# --- what must hold of them -------------------------------------------------------------------------------------------


def _asked(step: Step) -> str:
    """The party whose proposal waits for an answer; none where none does."""
    last = step.last(PROPOSE, *ANSWERS)
    return last.party if last is not None and last.action == PROPOSE else ""


def of_one_party(step: Step) -> bool:
    """Who answers is of the party that proposed, or nobody has proposed since the last answer."""
    return _asked(step) in ("", step.party)


def outside_the_term(step: Step) -> bool:
    """No term of the limit, as far as it has run by now, holds the whole period."""
    first, last = step.filled("from_at"), step.filled("until_at")
    terms = [one for one in step.attempt.facts.timers if one.deadline == step.filled("clock")]
    return not any(
        one.started_at <= first < last <= step.at and (one.stopped_at is None or last <= one.stopped_at)
        for one in terms
    )


def no_delay(step: Step) -> bool:
    """The limit is no longer ahead, or what is expected would keep it."""
    return not any(
        timer.deadline == step.filled("clock")
        and timer.status == "running"
        and step.at <= timer.due_at < step.filled("expected_at")
        for timer in step.attempt.facts.timers
    )


def claims(owe: Mapping[Party, Collection[str]]) -> tuple[Claim, ...]:
    """The claims of one duty. `owe`: by party the limits within which it owes something; any other one is owed by nobody."""

    def anothers(step: Step) -> bool:
        return not any(party.name == step.party and step.filled("clock") in limits for party, limits in owe.items())

    return (
        never("P1", "C7.2", "No period is left out of a limit by one party alone.", acts=ANSWERS, when=of_one_party),
        only_by("P2", "C7.2", "Only authorised persons leave a period out of a limit.", acts=(AGREE,), roles=WHO_BINDS),
        only_after("P3", "C7.2", "A period is left out only after it was proposed.", act=AGREE, needs=PROPOSE,
                   since=(DECLINE,)),
        never("P4", "C9.3", "A delay is foretold before the limit runs out, and lies beyond it.", acts=(ANNOUNCE,),
              when=no_delay),
        never("P5", "C9.3", "Only the party whose duty it is foretells a delay.", acts=(ANNOUNCE,), when=anothers),
        never("P6", "C7.2", "No second period is proposed while one waits for an answer.", acts=(PROPOSE,),
              when=lambda step: _asked(step) != ""),
        never("P7", "C7.2", "A period that is left out has passed, and lies within the time of its limit.", acts=(PROPOSE,),
              when=outside_the_term),
    )  # fmt: skip
