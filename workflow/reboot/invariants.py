"""What must hold of every dangerous operation (C9.5), said of who did what on which text, and asking no guard."""

from __future__ import annotations

from datetime import datetime

from workflow.attempt import Past
from workflow.declare import (
    CLIENT,
    CLIENT_APPROVER,
    CLIENT_ROLES,
    SUPPLIER,
    SUPPLIER_DESK,
    SUPPLIER_ENGINEER,
    SUPPLIER_MANAGER,
)
from workflow.prove.claims import Step, can_always, enters_only_after, never, only_after, only_by
from workflow.prove.general import general
from workflow.reboot import workflow
from workflow.reboot.states import (
    AGREED,
    BEFORE_START,
    CLOSED,
    EXECUTED,
    EXECUTING,
    EXPIRED,
    IDENTIFIED,
    OUTCOME_PROPOSED,
    OUTCOME_UNKNOWN,
    SETTLED,
    VERIFIED,
)

SERVER = ("server_name", "server_id")

STARTS = ("start", "start_emergency")
STEPS = (*STARTS, "confirm_step", "do_step", "finish")
CONSENTS = ("consent", "record_spoken_consent")


def written(step: Step) -> Past | None:
    """The act that wrote the text as it reads now."""
    return step.last("request", "amend")


def asker(step: Step) -> int | None:
    """The natural person who asked for what the text says now."""
    event = written(step)
    return step.attempt.natural(event.fields.get("subject")) if event is not None else None


def no_identity(step: Step) -> bool:
    """Nobody of the desk was told, for this text and a short while ago, the code that only the asker's own page shows."""
    valid = step.attempt.edition.duration("reboot.identity_valid")
    return not any(
        check.method == "call_back" and check.person == asker(step) and check.passed_at is not None
        and check.content == step.attempt.ticket.content and check.passed_at <= step.at <= check.passed_at + valid
        for check in step.attempt.facts.identity
    )  # fmt: skip


def no_writing(step: Step) -> bool:
    """Nobody of the client who still may has signed the application as it reads now."""
    signed = step.on_this_text("sign_request")
    return signed is None or not step.holds(signed.person, *CLIENT_ROLES)


def consented_by(step: Step) -> int | None:
    """The natural person who consented to the text as it reads now."""
    event = step.on_this_text(*CONSENTS)
    if event is None or event.action == "consent":
        return event.person if event is not None else None
    called = step.last("call_back_approver", since=("request", "amend"))
    return step.attempt.natural(called.fields.get("subject")) if called is not None else None


def no_consent(step: Step) -> bool:
    return not step.holds(consented_by(step), CLIENT_APPROVER)


def consent_of_the_asker(step: Step) -> bool:
    signed = step.on_this_text("sign_request")
    return consented_by(step) in {asker(step), signed.person if signed is not None else None}


def no_agreement(step: Step) -> bool:
    agreed = step.on_this_text("agree")
    return agreed is None or not step.holds(agreed.person, SUPPLIER_MANAGER)


def one_hand(step: Step) -> bool:
    """Who carries it out has verified the identity, has agreed, or guards it."""
    agreed, ready = step.on_this_text("agree"), step.last("stand_guard", since=("prepare",))
    callers = step.attempt.persons("call_back", "call_back_again", "call_back_approver", since=("request", "amend"))
    others = {agreed.person if agreed else None, ready.person if ready else None}
    return step.person in callers | others


def outside(step: Step) -> bool:
    """Outside the window as it was asked for, or as both made it longer since."""
    opens = datetime.fromisoformat(step.says("window_start"))
    longer = step.last("grant_extension", since=STARTS)
    closes = datetime.fromisoformat(longer.fields["window_end"] if longer else step.says("window_end"))
    return not opens <= step.at <= closes


def on_another_server(step: Step) -> bool:
    return any(step.filled(name) != step.says(name) for name in SERVER)


def failed_unseen(step: Step) -> bool:
    """What failed has no fault of its own."""
    found = step.last("finish", "settle_outcome", since=STARTS)
    result = found.fields.get("result") if found is not None else step.filled("result")
    return result == "failed" and not any(link.relation == "caused_by" for link in step.attempt.facts.links)


def not_that_end(step: Step) -> bool:
    """The end granted is not the one that was asked for and consented to."""
    asked, said = step.last("ask_extension"), step.last("consent_to_extension", since=("ask_extension",))
    granted = step.filled("window_end")
    return asked is None or said is None or granted.isoformat() != asked.fields["new_end"]


DESTROYS = ("snapshot_rollback",)


def data_at_risk(step: Step) -> bool:
    """Data is destroyed without an authorisation, on the spoken word, or without the receipt of a backup."""
    receipt = step.attempt.paper("backup_evidence")
    shown = receipt is not None and receipt.content == step.attempt.ticket.content
    unsafe = not step.says("data_authorisation") or step.action.name == "start_emergency" or not shown
    return step.says("operation") in DESTROYS and unsafe


BINDING = (
    "sign_request", "consent", "agree", "stand_guard", *STARTS, "finish", "consent_to_extension", "grant_extension",
    "settle_outcome", "accept_outcome", "verify_result", "sign_afterwards",
)  # fmt: skip
BEGUN = (EXECUTED, VERIFIED, OUTCOME_UNKNOWN, OUTCOME_PROPOSED)

CLAIMS = (
    *general(
        workflow,
        binding=BINDING,
        by_clock={"expire": EXPIRED, "note_unknown_outcome": OUTCOME_UNKNOWN, "note_missing_writing": None},
        unlimited=BEGUN,
        ends_alone={"client": (*BEFORE_START, EXECUTING), "supplier": (*BEFORE_START, EXECUTING)},
    ),
    never(
        "B1",
        "C9.5",
        "Nothing starts without the identity of who asked, established by call-back and still valid.",
        acts=STARTS,
        when=no_identity,
    ),
    never(
        "B2",
        "C9.5",
        "Nothing starts without the written application, signed as it reads now.",
        acts=("start",),
        when=no_writing,
    ),
    never(
        "B3",
        "C9.5",
        "Nothing starts without the consent of an authorised person to exactly this text.",
        acts=STARTS,
        when=lambda step: step.on_this_text(*CONSENTS) is None,
    ),
    never("B4", "C9.5", "Nothing starts when who consented no longer has the mandate.", acts=STARTS, when=no_consent),
    never(
        "B5",
        "C9.5",
        "Nothing starts on the consent of who asked or signed: a second person consents.",
        acts=STARTS,
        when=consent_of_the_asker,
    ),
    never(
        "B6",
        "C9.5",
        "Nothing starts without the supplier's own agreement to this text, by a manager who still may.",
        acts=STARTS,
        when=no_agreement,
    ),
    never(
        "B7",
        "C9.5",
        "Nobody carries out what they verified, agreed to or guard themselves.",
        acts=(*STARTS, "do_step"),
        when=one_hand,
    ),
    only_by(
        "B8",
        "C9.10",
        "Only an engineer of the supplier, admitted at this moment, carries it out.",
        acts=(*STARTS, "do_step", "finish"),
        roles=(SUPPLIER_ENGINEER,),
    ),
    never("B9", "C9.5", "Nothing is done outside the agreed window.", acts=STEPS, when=outside),
    never(
        "B9.server",
        "C9.5",
        "Nothing starts on another server than the one that was consented to.",
        acts=STARTS,
        when=on_another_server,
    ),
    never(
        "B10", "C9.5", "An authorisation serves once.", acts=STARTS, when=lambda step: step.last(*STARTS) is not None
    ),
    only_after(
        "B11.consent",
        "C9.5",
        "Consent comes only after the identity was established for this text.",
        act=CONSENTS,
        needs="verify_identity",
        since=("request", "amend"),
        on_this_text=True,
    ),
    only_after(
        "B11.agree",
        "C9.5",
        "The supplier agrees only after the consent.",
        act="agree",
        needs=CONSENTS,
        on_this_text=True,
    ),
    only_after(
        "B11.finish",
        "C9.10",
        "A result comes only after a start and the last step.",
        act="finish",
        needs="do_step",
        since=STARTS,
    ),
    can_always(
        "B13.refuse",
        "C9.5",
        "The supplier may refuse in every state before the start.",
        acts="refuse",
        states=BEFORE_START,
        party=SUPPLIER,
    ),
    can_always(
        "B13.withdraw",
        "C9.5",
        "The client may withdraw in every state before the start.",
        acts="withdraw",
        states=BEFORE_START,
        party=CLIENT,
    ),
    can_always(
        "B13.abort",
        "C9.10",
        "Either side may stop a running operation.",
        acts="abort",
        states=(EXECUTING,),
        party=CLIENT,
    ),
    only_by(
        "B.consent",
        "C9.5",
        "Only an authorised representative of the client consents.",
        acts=("consent", "consent_to_extension", "accept_outcome"),
        roles=(CLIENT_APPROVER,),
    ),
    only_by(
        "B.desk",
        "C9.5",
        "Only the service desk calls back.",
        acts=("call_back", "call_back_again", "call_back_approver", "verify_identity"),
        roles=(SUPPLIER_DESK,),
    ),
    never(
        "B9.end",
        "C9.5",
        "The window becomes longer only to the end that was asked for and consented to.",
        acts=("grant_extension",),
        when=not_that_end,
    ),
    never(
        "B14.fault",
        "C9.16",
        "What failed is never closed or settled without a fault of its own.",
        acts=("close", "accept_outcome"),
        when=failed_unseen,
    ),
    never(
        "B15.data",
        "C9.11",
        "Data is destroyed only with its authorisation, in writing, after a backup was shown.",
        acts=STARTS,
        when=data_at_risk,
    ),
    enters_only_after(
        "B14.executed",
        "C9.5",
        "“Executed” is reached by the operator's own report alone.",
        state=EXECUTED,
        needs="finish",
    ),
    enters_only_after(
        "B14.verified",
        "C9.5",
        "Only the client's own look makes a result “verified”.",
        state=VERIFIED,
        needs="verify_result",
    ),
    enters_only_after(
        "B14.closed",
        "C9.5",
        "A sheet closes only after a result and the client's confirmation of it.",
        state=CLOSED,
        needs="verify_result",
        since=STARTS,
    ),
    enters_only_after(
        "B16",
        "C9.5",
        "An unknown outcome is settled only by what the client accepts.",
        state=SETTLED,
        needs="accept_outcome",
    ),
    enters_only_after("B11.executing", "C9.5", "Nothing runs that was not started.", state=EXECUTING, needs=STARTS),
    enters_only_after(
        "B11.identified",
        "C9.5",
        "Nobody counts as identified without a code that was right.",
        state=IDENTIFIED,
        needs="verify_identity",
    ),
    enters_only_after(
        "B11.agreed",
        "C9.5",
        "Nothing counts as agreed that the supplier's manager did not agree to.",
        state=AGREED,
        needs="agree",
        on_this_text=True,
    ),
)
