"""Names of what is computed at an act and stands beside the fields that were filled in."""

from __future__ import annotations

from flask_babel import pgettext

from workflow.declare import Label


def computed_name(name: str) -> str:
    """The label of a computed value: of one that several workflows compute from here, else from its declaration."""
    return (
        _money(name)
        or _time(name)
        or _record(name)
        or _rehearsal(name)
        or str(pgettext("field", str(Label("field", name))))
    )


def _money(name: str) -> str | None:
    return {
        "additions_fen": pgettext("field", "Additions"),
        "reductions_fen": pgettext("field", "Reductions"),
        "amount_fen": pgettext("field", "Amount"),
        "cap_fen": pgettext("field", "Most that may be added"),
        "cumulative_fen": pgettext("field", "Counted against the cap, with earlier ones"),
        "cumulative_share_percent": pgettext("field", "Share of the contract's total, percent"),
        "unit_price_fen": pgettext("field", "Unit price"),
        "quantity": pgettext("field", "Quantity"),
        "formula": pgettext("field", "How it was reckoned"),
        "priced_lines": pgettext("field", "Lines with price"),
        "priced_per": pgettext("field", "Priced per"),
        "months": pgettext("field", "Months"),
        "line": pgettext("field", "Line"),
    }.get(name)


def _time(name: str) -> str | None:
    return {
        "charged_from": pgettext("field", "Charged from"),
        "first_day": pgettext("field", "First day"),
        "last_day": pgettext("field", "Last day"),
        "expires_at": pgettext("field", "Runs out"),
        "planned_end_at": pgettext("field", "Planned end"),
        "started_at": pgettext("field", "Started"),
        "ended_at": pgettext("field", "Ended"),
        "entered_at": pgettext("field", "Entered"),
        "happened_at": pgettext("field", "Happened"),
        "deadline": pgettext("field", "Deadline"),
        "due_at": pgettext("field", "Due"),
        "slots": pgettext("field", "Intervals missed"),
        "last_due_at": pgettext("field", "The last of them due"),
        "status": pgettext("field", "Outcome of the deadline"),
    }.get(name)


def _record(name: str) -> str | None:
    return {
        "plan_digest": pgettext("field", "Digest of the plan"),
        "digest": pgettext("field", "Digest"),
        "subject": pgettext("field", "Requested by"),
        "covers_content": pgettext("field", "Content covered"),
        "covers_paper": pgettext("field", "Paper covered"),
        "name": pgettext("field", "Name"),
        "media_type": pgettext("field", "Type of file"),
        "size": pgettext("field", "Size in bytes"),
        "entered_by": pgettext("field", "Entered by"),
        "declared_by": pgettext("field", "Declared by"),
        "ended_by": pgettext("field", "Ended by"),
        "kept_by": pgettext("field", "Kept by"),
    }.get(name)


def _rehearsal(name: str) -> str | None:
    """What is written down of something practised, step by step."""
    return {
        "is_drill": pgettext("field", "Practised, not real"),
        "mark": pgettext("field", "Mark"),
        "entries": pgettext("field", "Entries"),
        "incidents": pgettext("field", "Incidents"),
        "steps": pgettext("field", "Steps"),
        "scores": pgettext("field", "Scores"),
        "rectifications": pgettext("field", "To be put right"),
        "item": pgettext("field", "Item"),
        "stage": pgettext("field", "Stage"),
        "step": pgettext("field", "Step"),
        "what": pgettext("field", "What"),
        "by_whom": pgettext("field", "By whom"),
        "doing": pgettext("field", "What is done"),
        "meanwhile": pgettext("field", "Meanwhile"),
        "scene": pgettext("field", "Scene"),
        "words": pgettext("field", "Words"),
        "role": pgettext("field", "Role"),
        "party": pgettext("field", "Party"),
        "operation": pgettext("field", "Operation"),
        "operation_ticket": pgettext("field", "Ticket of the operation"),
        "outcome": pgettext("field", "Outcome"),
        "dangerous": pgettext("field", "Dangerous"),
    }.get(name)
