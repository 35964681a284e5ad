"""Names of what is computed at an act and stands beside the fields that were filled in."""

from __future__ import annotations

from flask_babel import pgettext

from workflow.declare import Label


def computed_name(name: str) -> str:
    """The label of a computed value; one without a label of its own is shown as it is recorded."""
    return str(pgettext("field", str(Label("field", name))))
