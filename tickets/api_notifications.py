"""Notifications as the API tells them: what the caller was told in person, with what was read of it."""

from __future__ import annotations

from typing import Any

from flask import url_for

from auth.sessions import Caller
from database import reading
from tickets import room
from tickets.api_request import NotificationQuery, whole, wrong
from tickets.outbox import notices
from tickets.speech import say
from workflow.canonical import plain
from workflow.declare import Words


def listed(who: Caller, sent: NotificationQuery) -> dict[str, Any]:
    """One page of them. Each has the id of its delivery, which every repetition of it carries too."""
    limit = whole(sent.limit, default=25, most=100, field="limit")
    with reading(room().desk.engine) as session:
        found = notices.of_person(session, who, after=sent.after, limit=limit + 1, new_only=sent.unread == "true")
    if found is None:
        raise wrong("after", Words("This is not one of the choices."))
    told = [_told(one) for one in found[:limit]]
    asked = sent.model_dump(exclude_none=True)
    following = url_for("api.notifications", **{**asked, "after": told[-1]["id"]}) if len(found) > limit else None
    return {"notifications": told, "next": following}


def _told(seen: notices.Seen) -> dict[str, Any]:
    message, delivery = seen.message, seen.delivery
    assert delivery is not None, "what was told in person has a delivery"
    return {
        "id": delivery.reference,
        "ticket": seen.number,
        "about": message.about,
        "says": say(message.words, room().desk.contracts[message.contract_key].calendar.zone.key),
        "urgent": message.urgent,
        "at": plain(message.at),
        "party": message.party,
        "contract": message.contract_key,
        "read_at": plain(delivery.read_at),
        "href": seen.place.in_api(),
    }
