"""Names of what is computed at an act and stands beside the fields that were filled in."""

from __future__ import annotations

from flask_babel import lazy_pgettext, pgettext

from workflow.declare import Label

_SHARED = {
    "additions_fen": lazy_pgettext("field", "Additions"),
    "reductions_fen": lazy_pgettext("field", "Reductions"),
    "amount_fen": lazy_pgettext("field", "Amount"),
    "cap_fen": lazy_pgettext("field", "Most that may be added"),
    "cumulative_fen": lazy_pgettext("field", "Counted against the cap, with earlier ones"),
    "cumulative_share_percent": lazy_pgettext("field", "Share of the contract's total, percent"),
    "unit_price_fen": lazy_pgettext("field", "Unit price"),
    "quantity": lazy_pgettext("field", "Quantity"),
    "formula": lazy_pgettext("field", "How it was reckoned"),
    "priced_lines": lazy_pgettext("field", "Lines with price"),
    "priced_per": lazy_pgettext("field", "Priced per"),
    "months": lazy_pgettext("field", "Months"),
    "line": lazy_pgettext("field", "Line"),
    "charged_from": lazy_pgettext("field", "Charged from"),
    "first_day": lazy_pgettext("field", "First day"),
    "last_day": lazy_pgettext("field", "Last day"),
    "expires_at": lazy_pgettext("field", "Runs out"),
    "planned_end_at": lazy_pgettext("field", "Planned end"),
    "started_at": lazy_pgettext("field", "Started"),
    "ended_at": lazy_pgettext("field", "Ended"),
    "entered_at": lazy_pgettext("field", "Entered"),
    "happened_at": lazy_pgettext("field", "Happened"),
    "deadline": lazy_pgettext("field", "Deadline"),
    "due_at": lazy_pgettext("field", "Due"),
    "slots": lazy_pgettext("field", "Intervals missed"),
    "last_due_at": lazy_pgettext("field", "The last of them due"),
    "status": lazy_pgettext("field", "Outcome of the deadline"),
    "plan_digest": lazy_pgettext("field", "Digest of the plan"),
    "digest": lazy_pgettext("field", "Digest"),
    "subject": lazy_pgettext("field", "Requested by"),
    "covers_content": lazy_pgettext("field", "Content covered"),
    "covers_paper": lazy_pgettext("field", "Paper covered"),
    "name": lazy_pgettext("field", "Name"),
    "media_type": lazy_pgettext("field", "Type of file"),
    "size": lazy_pgettext("field", "Size in bytes"),
    "entered_by": lazy_pgettext("field", "Entered by"),
    "declared_by": lazy_pgettext("field", "Declared by"),
    "ended_by": lazy_pgettext("field", "Ended by"),
    "kept_by": lazy_pgettext("field", "Kept by"),
    "is_drill": lazy_pgettext("field", "Practised, not real"),
    "mark": lazy_pgettext("field", "Mark"),
    "entries": lazy_pgettext("field", "Entries"),
    "incidents": lazy_pgettext("field", "Incidents"),
    "steps": lazy_pgettext("field", "Steps"),
    "scores": lazy_pgettext("field", "Scores"),
    "rectifications": lazy_pgettext("field", "To be put right"),
    "item": lazy_pgettext("field", "Item"),
    "stage": lazy_pgettext("field", "Stage"),
    "step": lazy_pgettext("field", "Step"),
    "what": lazy_pgettext("field", "What"),
    "by_whom": lazy_pgettext("field", "By whom"),
    "doing": lazy_pgettext("field", "What is done"),
    "meanwhile": lazy_pgettext("field", "Meanwhile"),
    "scene": lazy_pgettext("field", "Scene"),
    "words": lazy_pgettext("field", "Words"),
    "role": lazy_pgettext("field", "Role"),
    "party": lazy_pgettext("field", "Party"),
    "operation": lazy_pgettext("field", "Operation"),
    "operation_ticket": lazy_pgettext("field", "Ticket of the operation"),
    "outcome": lazy_pgettext("field", "Outcome"),
    "dangerous": lazy_pgettext("field", "Dangerous"),
}
"""What several workflows compute. Looked up in the reader's language when it is shown, one name at a time."""


def computed_name(name: str) -> str:
    """The label of a computed value: of one that several workflows compute from here, else from its declaration."""
    shared = _SHARED.get(name)
    return str(pgettext("field", str(Label("field", name))) if shared is None else shared)
