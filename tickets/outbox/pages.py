"""Pages of the outbox: reading notices, choosing how and when to be told, and what the system administrator tries again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from auth import asking, keyring, sessions
from auth.pages import fresh_factor
from auth.policy import ADMIN_SYSTEM, WITH_MANDATE, policy
from auth.records import Refusal, note
from database import transaction
from tickets import chrome, labels, room
from tickets.outbox import dead, messengers, notices, people
from tickets.outbox.letters import EMAIL
from tickets.outbox.mail import is_address
from tickets.outbox.models import Preference
from tickets.outbox.post import channels_of
from workflow.declare import Words

blueprint = Blueprint("outbox", __name__)
HOURS = ("quiet_from", "quiet_to", "digest_at")


def _back(message: str, kind: str = "done") -> Any:
    flash(message, kind)
    return redirect(url_for("outbox.preferences"), 303)


# --- reading -------------------------------------------------------------------------------------------------------------


@blueprint.post("/notices/read")
@policy(WITH_MANDATE)
def read() -> Any:
    """Marks one notice as read, or all that the page has shown as the newest and before."""
    given = asking.fields("only", "until", "new")
    desk, who = room().desk, sessions.caller()
    if bool(given["only"]) == bool(given["until"]):
        raise asking.unfit()
    only, until = (asking.whole_number(given[name]) if given[name] else None for name in ("only", "until"))
    with transaction(desk.engine) as session:
        notices.mark_read(session, who, at=desk.now(), only=only, until=until)
    return redirect(url_for("desk.notices", new="1" if given["new"] else None), 303)


# --- choosing ------------------------------------------------------------------------------------------------------------


@blueprint.get("/notices/preferences")
@policy(WITH_MANDATE)
def preferences() -> Any:
    """How and when one is told: what stands, and the forms to change it."""
    who, here = sessions.caller(), room()
    settings = here.desk.keyring.settings
    offered = channels_of(settings)
    with here.queries.view() as session:
        chrome.take_pulse(who, session)
        row = session.get(Preference, who.person_id)
        reached = people.addresses(session, keyring(), who.person_id)
    wanted = people.wanted(row)
    zones = {here.desk.contracts[key].calendar.zone.key for key in who.contracts if key in here.desk.contracts}
    return render_template(
        "desk/preferences.html",
        offered=[
            (name, labels.channel(name), people.masked(reached[name]) if name in reached else "") for name in offered
        ],
        idle=[(name, labels.channel(name), people.masked(reached[name])) for name in reached if name not in offered],
        wanted=wanted,
        hours={name: getattr(row, name) if row else "" for name in HOURS},
        zones=sorted(zones),
        email=EMAIL in offered,
        services=[labels.channel(name) for name in offered if name != EMAIL],
    )


@blueprint.post("/notices/preferences")
@policy(WITH_MANDATE)
def keep_preferences() -> Any:
    given = asking.fields(*HOURS, many=("urgent", "ordinary"))
    desk, who = room().desk, sessions.caller()
    offered = set(channels_of(desk.keyring.settings))
    urgent, ordinary = (set(request.form.getlist(name)) for name in ("urgent", "ordinary"))
    if not urgent <= offered or not ordinary <= offered:
        raise asking.unfit()
    try:
        with transaction(desk.engine) as session:
            hours = {name: given[name] for name in HOURS}
            people.keep(session, who.person_id, urgent=urgent, ordinary=ordinary, **hours)
    except ValueError:
        return _back(gettext("Quiet hours need a beginning and an end, each as a time of day such as 22:00."), "error")
    return _back(gettext("Kept. It holds from the next notice on."))


@blueprint.post("/notices/addresses")
@policy(WITH_MANDATE)
def set_address() -> Any:
    """Where one is reached. Who sits down at an open browser must not lead another's notices astray: it takes a fresh
    factor."""
    given = asking.fields("address", "code")
    desk, who = room().desk, sessions.caller()
    found = _channel_of(given["address"].strip())
    if isinstance(found, Words):
        return _back(asking.say(found), "error")
    channel, address = found
    with transaction(desk.engine) as session:
        outcome = fresh_factor(session, given["code"], f"address {channel}")
        if not isinstance(outcome, Refusal):
            people.set_address(session, keyring(), who.person_id, channel, address, at=desk.now())
            _noted(session, "address_set", channel)
    if isinstance(outcome, Refusal):
        return _back(asking.say(outcome.says), "error")
    return _back(gettext("You are now reached by: %(channel)s.", channel=labels.channel(channel)))


def _channel_of(address: str) -> tuple[str, str] | Words:
    """The channel that an address belongs to and the address as it is kept, or why it is not taken."""
    settings = room().desk.keyring.settings
    if "://" in address:
        try:
            return messengers.checked(address, settings)
        except messengers.Unfit as unfit:
            return unfit.says
    if EMAIL not in channels_of(settings):
        return Words("This desk does not send to such a service.")
    return (EMAIL, address) if is_address(address) else Words("This is no e-mail address.")


@blueprint.post("/notices/addresses/<channel>/remove")
@policy(WITH_MANDATE)
def remove_address(channel: str) -> Any:
    asking.fields()
    desk, who = room().desk, sessions.caller()
    with transaction(desk.engine) as session:
        done = people.remove_address(session, who.person_id, channel)
        if done:
            _noted(session, "address_removed", channel)
    if not done:
        return _back(gettext("There was no such address."), "error")
    return _back(gettext("The address is removed. Nothing more is sent there."))


def _noted(session: Any, kind: str, channel: str) -> None:
    who, address = sessions.caller().person_id, sessions.address()
    note(session, kind, at=room().desk.now(), person_id=who, address=address, channel=channel)


# --- the system administrator --------------------------------------------------------------------------------------------


@blueprint.post("/system/deliveries/again")
@policy(ADMIN_SYSTEM)
def send_again() -> Any:
    """One dead delivery, or all of them."""
    given = asking.fields("delivery", "all")
    if bool(given["delivery"]) == bool(given["all"]):
        raise asking.unfit()
    desk = room().desk
    one = asking.whole_number(given["delivery"]) if given["delivery"] else None
    with transaction(desk.engine) as session:
        count = dead.again(session, one, at=desk.now())
        who, address = sessions.caller().person_id, sessions.address()
        note(session, "deliveries_sent_again", at=desk.now(), person_id=who, address=address, count=count)
    flash(gettext("Put back to be sent: %(count)s.", count=count), "done" if count else "error")
    return redirect(url_for("system.shown"), 303)
