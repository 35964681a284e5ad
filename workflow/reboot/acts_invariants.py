"""What must hold of single acts of a dangerous operation (C9.5, C9.10, C9.11, C9.16), long before and after the start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from workflow.attempt import IdentityFact, MandateFact, Past
from workflow.declare import CLIENT, CLIENT_APPROVER, CLIENT_ROLES, SUPPLIER_ENGINEER, SUPPLIER_MANAGER
from workflow.prove.claims import Claim, Step, never
from workflow.reboot.invariants import DESTROYS, STARTS, asker, no_writing

ANSWER_TO = {
    "call_back": "verify_identity",
    "call_back_again": "verify_identity_again",
    "call_back_approver": "record_spoken_consent",
}
CALLS, ANSWERS, TEXTS = tuple(ANSWER_TO), tuple(ANSWER_TO.values()), ("request", "amend")
BINDING = ("sign_request", "consent", "consent_to_extension", "accept_outcome", "verify_result", "sign_afterwards")
IN_EMERGENCIES = ("call_back_approver", "record_spoken_consent", "start_emergency")


def instant(value: Any) -> datetime | None:
    """An instant, as it is filled in or as it stands on record."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def named(step: Step, event: Past | None, name: str) -> int | None:
    """The natural person whom an event names."""
    return step.attempt.natural(event.fields.get(name)) if event is not None else None


# --- asking and calling ----------------------------------------------------------------------------------------------


def asked_by_nobody(step: Step) -> bool:
    """Who asks holds no mandate of the client that reaches to this operation and this system."""
    who = asker(step) if step.action.name in STARTS else step.attempt.natural(step.filled("subject"))
    return not any(reaches(step, held) for held in step.attempt.mandates_of(who, *CLIENT_ROLES))


def asked_in_another_name(step: Step) -> bool:
    """Of the client each asks over the page and in their own name; of the supplier it is said who asked, and how."""
    subject, over_the_page = step.attempt.natural(step.filled("subject")), step.filled("channel") == "page"
    if step.party == CLIENT.name:
        return subject not in (None, step.person) or not over_the_page
    return subject is None or over_the_page


def begun_elsewhere(step: Step) -> bool:
    """It goes on from something that is no operation of this contract, or one that was carried out, or has not ended."""
    number, ended = step.filled("follows"), step.attempt.facts.more.get("ended", ())
    left = {one.number for one in ended if one.kind == step.attempt.ticket.kind and one.final and one.state != "closed"}
    return number is not None and number not in left


def hurried_destruction(step: Step) -> bool:
    return step.filled("operation") in DESTROYS and step.filled("emergency") is True


def unauthorised_destruction(step: Step) -> bool:
    return step.filled("operation") in DESTROYS and not step.filled("data_authorisation")


def window_is_past(step: Step) -> bool:
    """The window has closed, or it has opened and nothing was said to be urgent."""
    opens, closes = instant(step.filled("window_start")), instant(step.filled("window_end"))
    if opens is None or closes is None or closes <= step.at:
        return True
    return opens <= step.at and step.filled("emergency") is not True


def window_is_too_long(step: Step) -> bool:
    opens, closes = instant(step.filled("window_start")), instant(step.filled("window_end"))
    longest = step.attempt.edition.duration("reboot.longest_window")
    return opens is None or closes is None or not opens < closes <= opens + longest


def window_outlasts_the_term(step: Step) -> bool:
    contract = step.attempt.edition.contract
    days = [
        end.astimezone(contract.calendar.zone).date()
        for name in ("window_start", "window_end")
        if (end := instant(step.filled(name)))
    ]
    return len(days) < 2 or min(days) < contract.first_day or max(days) > contract.last_day


def reaches(step: Step, held: MandateFact) -> bool:
    """Whether a mandate is bounded neither to other operations nor to other systems."""
    told = step.filled if step.action.name in TEXTS else step.says
    said = {"operations": told("operation"), "systems": told("system")}
    return all(value in held.scope[name] for name, value in said.items() if held.scope.get(name))


def beyond_the_mandate(step: Step) -> bool:
    return not any(reaches(step, held) for held in step.attempt.mandates_of(step.person, *CLIENT_ROLES))


def locked(step: Step) -> bool:
    """The last call was answered wrongly as often as that is allowed, and nobody has said that it failed."""
    call = step.last(*CALLS, "declare_identity_failed")
    if call is None or call.action not in ANSWER_TO:
        return False
    most = step.attempt.edition.count("reboot.identity_attempts")
    return step.attempt.refusals(ANSWER_TO[call.action], since=CALLS, most=most) >= most


def number_is_new(step: Step) -> bool:
    """Whoever is called has no number on the list of the client that has stood there long enough."""
    spoken = step.action.name == "call_back_approver"
    person = step.attempt.natural(step.filled("subject")) if spoken else asker(step)
    latest = step.at - step.attempt.edition.duration("reboot.number_cool_off")
    held = step.attempt.mandates_of(person, *((CLIENT_APPROVER,) if spoken else CLIENT_ROLES))
    return not any(
        one.callback_since is not None and one.callback_since <= latest for one in held if reaches(step, one)
    )


def called_to_consent_to_oneself(step: Step) -> bool:
    return step.attempt.natural(step.filled("subject")) == asker(step)


def unsigned(step: Step) -> bool:
    return step.says("emergency") is not True and no_writing(step)


def failed_before(step: Step) -> bool:
    """Whose call on this request has failed calls again."""
    before = step.attempt.before("declare_identity_failed", *CALLS)
    return before is not None and before.person == step.person


def answered_by_another(step: Step) -> bool:
    call = step.last(*CALLS)
    return call is None or call.person != step.person


def challenge(step: Step) -> IdentityFact | None:
    """The call that is answered: the newest one, of whom it is about, on this text, not answered and not run out."""
    call = step.last(*CALLS)
    spoken = step.action.name == "record_spoken_consent"
    person = named(step, call, "subject") if spoken else asker(step)
    made = [one for one in step.attempt.facts.identity if one.method == "call_back"]
    newest = made[-1] if made else None
    if newest is None or newest.person != person or newest.content != step.attempt.ticket.content:
        return None
    valid = step.attempt.edition.duration("reboot.challenge_valid")
    return newest if newest.passed_at is None and step.at <= newest.issued_at + valid else None


def wrong_code(step: Step) -> bool:
    open_one = challenge(step)
    return open_one is not None and step.filled("code") != open_one.code


# --- yes and no ------------------------------------------------------------------------------------------------------


def consents_to_oneself(step: Step) -> bool:
    signed = step.on_this_text("sign_request")
    return step.person in {asker(step), signed.person if signed is not None else None}


def spoken_by_nobody(step: Step) -> bool:
    """Who was called to hear the consent holds no mandate to give it any more, or asked or signed themselves."""
    person = named(step, step.last("call_back_approver", since=TEXTS), "subject")
    signed = step.on_this_text("sign_request")
    return not step.holds(person, CLIENT_APPROVER) or person in {asker(step), signed.person if signed else None}


def no_backup(step: Step) -> bool:
    return step.says("operation") in DESTROYS and step.filled("backup_taken_at") is None


# --- who acts, who guards --------------------------------------------------------------------------------------------


def sheet(step: Step) -> Past | None:
    return step.on_this_text("prepare")


def chosen_together(step: Step) -> bool:
    """Who is to carry it out guards it, has agreed to it, or has called back."""
    operator, guardian = (step.attempt.natural(step.filled(name)) for name in ("operator", "guardian"))
    agreed = step.on_this_text("agree")
    callers = step.attempt.persons(*CALLS, since=TEXTS)
    return operator in callers | {guardian, agreed.person if agreed is not None else None}


def together_now(step: Step) -> bool:
    """Who is named to carry it out turns out to guard it, to have agreed to it, or to have called back."""
    made, agreed = sheet(step), step.on_this_text("agree")
    callers = step.attempt.persons(*CALLS, since=TEXTS)
    others = callers | {named(step, made, "guardian"), agreed.person if agreed is not None else None}
    return named(step, made, "operator") in others


def not_the_guardian(step: Step) -> bool:
    return named(step, sheet(step), "guardian") != step.person


def not_the_operator(step: Step) -> bool:
    return named(step, sheet(step), "operator") != step.person


def is_the_operator(step: Step) -> bool:
    made = sheet(step)
    return made is not None and named(step, made, "operator") == step.person


def not_admitted(step: Step) -> bool:
    """Who is to carry it out holds no mandate as an engineer that reaches to it."""
    held = step.attempt.mandates_of(named(step, sheet(step), "operator"), SUPPLIER_ENGINEER)
    return not any(reaches(step, one) for one in held)


def unguarded(step: Step) -> bool:
    """Who is to guard has not said since the sheet was written that they stand by, or may not any more."""
    ready = step.last("stand_guard", since=("prepare",))
    person = ready.person if ready is not None else None
    stands = person == named(step, sheet(step), "guardian")
    return ready is None or not stands or not step.holds(person, SUPPLIER_ENGINEER, SUPPLIER_MANAGER)


def outsider(step: Step) -> bool:
    """Of the supplier, and neither acting, nor guarding, nor who agreed."""
    made, agreed = sheet(step), step.on_this_text("agree")
    taking_part = {named(step, made, name) for name in ("operator", "guardian")}
    return step.party != CLIENT.name and step.person not in taking_part | {agreed.person if agreed else None}


def counted(step: Step, *acts: str) -> int:
    return len(step.attempt.past(*acts, since=STARTS))


def out_of_turn(step: Step) -> bool:
    """Not the step after the last one done, or one that is called twice, or beyond the last of the sheet."""
    made, called, done = sheet(step), counted(step, "confirm_step"), counted(step, "do_step")
    steps: Sequence[str] = made.fields.get("steps") or () if made is not None else ()
    return called != done or step.filled("step") != done + 1 or done >= len(steps)


def not_called(step: Step) -> bool:
    called, done = counted(step, "confirm_step"), counted(step, "do_step")
    return called != done + 1 or step.filled("step") != called


# --- more time, and the end ------------------------------------------------------------------------------------------


def closes(step: Step) -> datetime | None:
    longer = step.last("grant_extension", since=STARTS)
    return instant(longer.fields["window_end"] if longer is not None else step.says("window_end"))


def too_late_to_ask(step: Step) -> bool:
    end = closes(step)
    return end is None or step.at + step.attempt.edition.duration("reboot.extension_notice") > end


def no_longer_window(step: Step) -> bool:
    """The end that is asked for is none that is later, or one that makes the window longer than any may be."""
    opens, end, asked = instant(step.says("window_start")), closes(step), instant(step.filled("new_end"))
    if opens is None or end is None or asked is None or asked <= end:
        return True
    return asked > opens + step.attempt.edition.duration("reboot.longest_window")


def nothing_asked(step: Step) -> bool:
    """Nobody has asked for more time since that was last answered."""
    asked = step.last("ask_extension", "consent_to_extension", "grant_extension", since=STARTS)
    return asked is None or asked.action != "ask_extension"


def asked_oneself(step: Step) -> bool:
    asked = step.last("ask_extension", since=STARTS)
    return asked is not None and asked.person == step.person


def not_consented(step: Step) -> bool:
    """Nobody of the client who still may has consented to the end that was asked for last."""
    said = step.last("consent_to_extension", since=("ask_extension", "grant_extension"))
    return said is None or not step.holds(said.person, CLIENT_APPROVER)


def after_the_window(step: Step) -> bool:
    end = closes(step)
    return end is None or step.at > end


def one_is_open(step: Step) -> bool:
    return any(one.relation == "caused_by" and not one.final for one in step.attempt.facts.links)


def nothing_owed(step: Step) -> bool:
    """Nothing was started on the spoken word, or it was signed for already."""
    started = step.last("start_emergency")
    return started is None or bool(step.attempt.past("sign_afterwards", since=("start_emergency",)))


def out_of_term(step: Step) -> bool:
    """Before the contract's first day or after its last one."""
    contract = step.attempt.edition.contract
    return not contract.first_day <= contract.calendar.local_day(step.at) <= contract.last_day


CLAIMS: tuple[Claim, ...] = (
    never("A1", "C9.5", "Nobody asks, and nothing starts, without a mandate of the client that reaches to it at that moment.",
          acts=(*TEXTS, *STARTS), when=asked_by_nobody),
    never("A2", "C9.5", "Nothing that destroys data is asked for as an emergency.", acts=TEXTS, when=hurried_destruction),
    never("A3", "C9.11", "Nothing that destroys data is asked for without saying who decided that it may be.", acts=TEXTS,
          when=unauthorised_destruction),
    never("A4", "C9.5", "Nobody asks for a window that has passed, or that leaves no time to check.", acts=TEXTS,
          when=window_is_past),
    never("A5", "C9.5", "After too many wrong codes nobody goes on before the failure is said.",
          acts=("amend", *CALLS, *ANSWERS), when=locked),
    never("A6", "C9.5", "Nobody is called back on what is neither signed nor an emergency.", acts=("call_back",),
          when=unsigned),
    never("A7", "C9.5", "After a failed check another person calls.", acts=CALLS, when=failed_before),
    never("A8", "C9.5", "Who called enters the code, and nobody else.", acts=ANSWERS, when=answered_by_another),
    never("A9", "C9.5", "A code answers the newest call, of that person, on this text, and only while it is valid.",
          acts=ANSWERS, when=lambda step: challenge(step) is None),
    never("A10", "C9.5", "Only the code that was shown is the right one.", acts=ANSWERS, when=wrong_code),
    never("A11", "C9.5", "Nobody consents to what they asked for or signed.", acts=("consent", "consent_to_extension"),
          when=consents_to_oneself),
    never("A12", "C9.5", "A spoken consent is that of a second person who may give it at that moment.",
          acts=("record_spoken_consent",), when=spoken_by_nobody),
    never("A13", "C9.5", "The spoken word serves in an emergency only.", acts=IN_EMERGENCIES,
          when=lambda step: step.says("emergency") is not True),
    never("A14", "C9.11", "Nobody agrees to destroy data of which no backup is known.", acts=("agree",), when=no_backup),
    never("A15", "C9.10", "Who is chosen to act neither guards, nor agreed, nor called back.", acts=("prepare",),
          when=chosen_together),
    never("A16", "C9.10", "Who acts, who guards, who agreed and who called back are different persons still.",
          acts=(*STARTS, "confirm_step", "do_step"), when=together_now),
    never("A17", "C9.10", "Who guards is who was named for it.", acts=("stand_guard", "confirm_step"),
          when=not_the_guardian),
    never("A18", "C9.10", "Who acts is who was named for it.", acts=(*STARTS, "do_step", "finish"), when=not_the_operator),
    never("A19", "C9.10", "Nothing starts before who guards has said that they stand by.", acts=STARTS, when=unguarded),
    never("A20", "C9.10", "Each step is called in its turn, once the one before is done.", acts=("confirm_step",),
          when=out_of_turn),
    never("A21", "C9.10", "No step is done that was not just called.", acts=("do_step",), when=not_called),
    never("A22", "C9.10", "Of the supplier only those stop it, or ask for more time, who take part.",
          acts=("abort", "ask_extension"), when=outsider),
    never("A23", "C9.5", "More time is asked for while there is enough left to answer.", acts=("ask_extension",),
          when=too_late_to_ask),
    never("A24", "C9.5", "More time is a later end, and no window is longer than agreed.", acts=("ask_extension",),
          when=no_longer_window),
    never("A25", "C9.5", "Nobody consents to more time that nobody asked for.", acts=("consent_to_extension",),
          when=nothing_asked),
    never("A26", "C9.5", "Nobody consents to more time for which they asked.", acts=("consent_to_extension",),
          when=asked_oneself),
    never("A27", "C9.5", "More time is granted only with the consent of who may consent still, inside the window.",
          acts=("grant_extension",), when=lambda step: not_consented(step) or after_the_window(step)),
    never("A28", "C9.16", "No second fault is opened while one is open for the operation.", acts=("report_failed_check",),
          when=one_is_open),
    never("A29", "C9.5", "Signed afterwards is only what is owed.", acts=("sign_afterwards",), when=nothing_owed),
    never("A30", "C9.5", "Nobody asks in another's name; where the desk writes it down, it is said who asked, and how.",
          acts=TEXTS, when=asked_in_another_name),
    never("A31", "C9.5", "No window is longer than agreed.", acts=TEXTS, when=window_is_too_long),
    never("A32", "C2.1", "No window reaches beyond the term.", acts=TEXTS, when=window_outlasts_the_term),
    never("A33", "C9.5", "What is taken up again ended without being carried out.", acts=TEXTS, when=begun_elsewhere),
    never("A34", "C9.5", "Nobody binds the client beyond what their mandate reaches to.", acts=BINDING,
          when=beyond_the_mandate),
    never("A35", "C9.5", "Nobody is called at a number that is not on the list, or is new there.", acts=CALLS,
          when=number_is_new),
    never("A36", "C9.5", "Nobody is called to consent to what they asked for.", acts=("call_back_approver",),
          when=called_to_consent_to_oneself),
    never("A37", "C9.5", "Who carries it out neither calls back nor grants more time.",
          acts=("call_back_again", "grant_extension"), when=is_the_operator),
    never("A38", "C9.10", "Nobody carries it out without a mandate as an engineer that reaches to it.", acts=STARTS,
          when=not_admitted),
    never("A39", "C2.1", "Nothing is asked for, started or reported outside the term of the contract.",
          acts=(*TEXTS, *STARTS, "report_failed_check"), when=out_of_term),
)  # fmt: skip
