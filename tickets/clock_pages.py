"""The clock explainer: why a limit of a ticket is kept or missed, interval by interval, and what would have been otherwise."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from auth.policy import WITH_MANDATE, policy
from auth.sessions import caller
from tickets import clock_view
from tickets.ticket_pages import sight_of

blueprint = Blueprint("clocks", __name__)


@blueprint.get("/tickets/<number>/clocks")
@policy(WITH_MANDATE)
def shown(number: str) -> Any:
    """Nothing on it is kept: all of it is found anew from the events, each time it is looked at."""
    sight = sight_of(caller(), number)
    known = clock_view.known(sight)
    found = clock_view.intervals(sight, known)
    return render_template(
        "desk/clocks.html",
        sight=sight,
        ticket=sight.row,
        contract=sight.contract,
        edition=known.edition,
        limits=[one for one in found if not one.term.deadline.reminds],
        reminders=[one for one in found if one.term.deadline.reminds],
        agrees=all(one.on_record for one in found),
        compared=clock_view.compared(sight, known),
        settings=clock_view.settings(sight),
        who=clock_view.who,
    )
