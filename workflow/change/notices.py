"""What is computed for a service change and what each of its readers should be warned of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.attempt import Attempt
from workflow.change.guards import kind_of_change, share_of_total, signed_by_both, sums
from workflow.change.price import cap_fen, cumulative_fen, day_of, last_day_of, rows
from workflow.change.states import (
    BASELINE_UPDATED,
    BEFORE_SIGNATURES,
    BEFORE_WORK,
    DRAFTED,
    ON_HOLD,
    RESCINDED,
    WORK,
    WORK_PLAN,
)
from workflow.declare import Words

REMINDERS = ("1", "2", "3", "4")
BASELINE_UNCHANGED = {s.name for s in (DRAFTED, *BEFORE_SIGNATURES, *BEFORE_WORK, *WORK, *ON_HOLD, RESCINDED)}
HELD = {s.name for s in ON_HOLD}


def what_follows(attempt: Attempt) -> dict[str, Any]:
    """Beside the application: a cancellation is major whatever was ticked; a renewal is watched until its lines run out.

    `expires_at` is an instant, None where the change is no renewal. When both are reminded of it is not written down here:
    it is counted in working days, and moves when the days of a year are announced.
    """
    follows: dict[str, Any] = {"expires_at": None}
    if kind_of_change(attempt) == "cancel":
        follows["classification"] = "major"
    ends = day_of(attempt.value("original_ends"))
    if kind_of_change(attempt) != "renew" or ends is None or attempt.last("hold_at_expiry") is not None:
        return follows
    return follows | {"expires_at": attempt.edition.contract.calendar.end_of_day(ends)}


def supplement_figures(attempt: Attempt) -> Mapping[str, Any]:
    """The sums of the approved plan, and what all supplements come to with it."""
    plan = attempt.paper(WORK_PLAN)
    assert plan is not None, "there is a plan before an agreement"
    kept = ("formula", "priced_lines", "amount_fen", "additions_fen", "reductions_fen", "charged_from")
    together = cumulative_fen(attempt, int(plan.fields["additions_fen"]), int(plan.fields["reductions_fen"]))
    return {
        **{name: plan.fields[name] for name in kept},
        "plan_digest": plan.digest,
        "cumulative_fen": together,
        "cap_fen": cap_fen(attempt),
        "cumulative_share_percent": share_of_total(together, attempt.edition.fen("contract.total")),
    }


def original_duties_go_on(attempt: Attempt) -> Words | None:
    """Said in every state before the baseline moves (C7.2)."""
    if attempt.ticket.state not in BASELINE_UNCHANGED:
        return None
    return Words(
        "The original duties go on: the catalogue stays as it is until a change that both signed has been carried out."
    )


def cap_is_near(attempt: Attempt) -> Words | None:
    """Warns from the share of the cap on that the contract names (C16.2)."""
    if attempt.ticket.state in (None, BASELINE_UPDATED.name) or attempt.paper(WORK_PLAN) is None:
        return None
    together = cumulative_fen(attempt, *(sums(attempt) if signed_by_both(attempt) is None else (0, 0)))
    cap = cap_fen(attempt)
    if together * 100 < attempt.edition.percent("change.supplement_warning") * cap:
        return None
    return Words(
        "With this change all supplements add %(together)s fen of the %(cap)s fen that they may add.",
        together=together,
        cap=cap,
    )


def nothing_is_released(attempt: Attempt) -> Words | None:
    """Said while lines have run out (C9.7)."""
    if attempt.ticket.state not in HELD:
        return None
    return Words("The lines have run out. Nothing is released or deleted by itself; the supplier goes on assisting.")


def end_of_a_line_unknown(attempt: Attempt) -> Words | None:
    """Some lines run six of the twelve months without a date: that is said, never guessed (C1.2)."""
    for row in rows(attempt):
        if last_day_of(attempt, row) is None:
            return Words("The contract does not say when line %(line)s begins and ends.", line=row["line"])
    return None


NOTICES = (original_duties_go_on, cap_is_near, nothing_is_released, end_of_a_line_unknown)
