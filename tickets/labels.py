"""Names of the desk's own fixed words, which no workflow declares: doors, reasons, standings, bonds, channels."""

from __future__ import annotations

from flask_babel import pgettext


def door(name: str) -> str:
    """Through which door an act came."""
    return {
        "page": pgettext("door", "Page"),
        "api": pgettext("door", "API"),
        "command": pgettext("door", "Command"),
        "clock": pgettext("door", "By itself"),
    }.get(name, name)


def reason(name: str) -> str:
    """Why an attempt was refused."""
    return {
        "not_yours": pgettext("reason", "not this role's act"),
        "not_now": pgettext("reason", "not in this state"),
        "stale": pgettext("reason", "the page was stale"),
        "invalid": pgettext("reason", "filled in wrongly"),
        "missing": pgettext("reason", "something was missing"),
    }.get(name, name)


def happening(name: str) -> str:
    """What an event is called that no action of a workflow makes, or makes any more; empty for the others."""
    return {
        "recount_deadlines": pgettext("action", "Recount deadlines"),
        "warn_of_response": pgettext("action", "Warn of response"),
        "warn_of_arrival": pgettext("action", "Warn of arrival"),
        "warn_of_removal": pgettext("action", "Warn of removal"),
        "mend_deadlines": pgettext("action", "Mend deadlines"),
    }.get(name, "")


def mending(name: str) -> str:
    """What the sweep found broken and mended."""
    return {
        "limit_begun_anew": pgettext("mending", "Deadlines that were not watched"),
        "limit_dropped": pgettext("mending", "Deadlines watched after the end of their ticket"),
        "message_queued": pgettext("mending", "Messages that nobody was told of"),
        "lease_ended": pgettext("mending", "Letters in the hands of a worker that is gone"),
    }.get(name, name)


def severity(name: str) -> str:
    """How grave a finding of the linter is."""
    return {
        "error": pgettext("severity", "Contradiction"),
        "warning": pgettext("severity", "To be settled"),
        "note": pgettext("severity", "To know"),
    }.get(name, name)


def standing(name: str) -> str:
    """Where a figure comes from."""
    return {
        "contract": pgettext("standing", "stands in the contract"),
        "agreed": pgettext("standing", "agreed by both parties"),
        "proposed": pgettext("standing", "to be confirmed by both parties"),
    }.get(name, name)


def carrier(name: str) -> str:
    """What carries a clause where no workflow does."""
    return {"contract": pgettext("carrier", "the contract's data"), "desk": pgettext("carrier", "the desk itself")}.get(
        name, name
    )


def relation(name: str) -> str:
    """How two tickets are bound. Said so that it is true from either end; a bond not named here shows its own name."""
    return {
        "followed_by": pgettext("relation", "Follow-up"),
        "merged_into": pgettext("relation", "Merged"),
        "caused_by": pgettext("relation", "Cause and consequence"),
        "found_in_drill": pgettext("relation", "Found in a drill"),
        "operation_in_drill": pgettext("relation", "Operation in a drill"),
        "problem": pgettext("relation", "Problem"),
        "complains_of": pgettext("relation", "Complaint and what it is about"),
    }.get(name, name.replace("_", " "))


def channel(name: str) -> str:
    """By what somebody is told."""
    return {
        "desk": pgettext("channel", "In these pages"),
        "email": pgettext("channel", "E-mail"),
        "wecom": pgettext("channel", "WeCom"),
        "dingtalk": pgettext("channel", "DingTalk"),
        "feishu": pgettext("channel", "Feishu"),
        "sms": pgettext("channel", "Text message"),
        "webhook": pgettext("channel", "Webhook"),
    }.get(name, name)


def delivery(name: str) -> str:
    """How deliveries stand that are still to be sent."""
    return {
        "waiting": pgettext("delivery", "waiting"),
        "held": pgettext("delivery", "for the letter of the day"),
        "sending": pgettext("delivery", "being sent"),
        "failed": pgettext("delivery", "failed, to be tried again"),
    }.get(name, name)


def fault(name: str) -> str:
    """Why something was not delivered."""
    return {
        "refused": pgettext("delivery", "refused for good"),
        "unreachable": pgettext("delivery", "the service cannot be reached"),
        "unsettled": pgettext("delivery", "not taken, or nobody knows"),
    }.get(name, name)
