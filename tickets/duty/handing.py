"""Handing over: who is on duty offers the rest of the shift to a named colleague of the same party, who accepts or declines.

Both acts are on record with a fresh factor of who did them. Until the colleague accepts, the first remains on duty; what
is open at that moment is told in the offer, so that nobody takes over what they do not know of.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from auth.models import Person
from auth.records import Keyring, note
from tickets import gather
from tickets.case import lock_log
from tickets.duty.models import HandOver, HandOverAnswer
from tickets.duty.records import duty_of, shift_data, shift_fact
from tickets.duty.rosters import facts
from tickets.models import OF_DUTY
from tickets.word_of_party import By, Denied, of_one_party, proved, tell
from workflow.attempt import MandateFact
from workflow.contract import Contract
from workflow.declare import Words
from workflow.duty import Duty, OnDuty, on_duty

LONGEST_NOTE = 2000


def offer(
    session: Session, keyring: Keyring, contract: Contract, post: str, to: str, text: str, by: By
) -> HandOver | Denied:
    """Offers the caller's shift on `post` to the user name `to`, or says why not. Commit either way."""
    lock_log(session, contract.key)
    held, duty = gather.mandates(session, contract.key, by.at), duty_of(session, contract, by.at)
    mine = [one for one in _kept(contract, duty, held, by) if one[0].post == post]
    if not mine:
        why = Denied("not_yours", (Words("Only who is on duty hands over, and you do not have this post now."),))
        return _refused(session, "duty_hand_over_offered", contract, by, why)
    here, mandate = mine[0]
    single = of_one_party(held, mandate)
    if isinstance(single, Denied):
        return _refused(session, "duty_hand_over_offered", contract, by, single)
    account = session.scalar(select(Person.id).where(Person.username == to))
    wrong = [*_unfit_taker(contract, duty, held, here, mandate, account, by), *_unfit_note(text)]
    taker = next((one for one in held if one.account == account), None)
    if wrong or taker is None:
        return _refused(session, "duty_hand_over_offered", contract, by, Denied("unfit", tuple(wrong)))
    check = proved(session, keyring, contract, f"duty:offer:{here.roster}:{post}:{account}", by)
    if isinstance(check, Denied):
        return check
    row = HandOver(
        contract_key=contract.key, roster_id=here.roster, shift=shift_data(here.shift), taker_id=taker.account,
        taker_name=taker.name, note=text.strip(), account_id=by.account, name=mandate.name, party=mandate.party.name,
        role=mandate.role.name, check_id=check.id, at=by.at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    note(session, "duty_hand_over_offered", subject_id=taker.account, **facts(by, contract, offer=row.id))
    asked = Words(
        "You are asked to take over the rest of the shift “%(post)s”, until %(until)s. Until you accept, nothing changes.",
        post=contract.posts[post].name,
        until=here.until,
    )
    tell(session, contract, OF_DUTY, row.party, asked, by.at, only=[taker.account])
    return row


def answer(
    session: Session, keyring: Keyring, contract: Contract, number: int, accepts: bool, by: By
) -> HandOverAnswer | Denied:
    """The named colleague's answer to the offer `number`, or why there is none to give. Commit either way."""
    lock_log(session, contract.key)
    row = session.get(HandOver, number)
    if row is None or row.contract_key != contract.key:
        return Denied("unknown", (Words("There is no such hand-over in this contract."),))
    held, duty = gather.mandates(session, contract.key, by.at), duty_of(session, contract, by.at)
    why = _may_not_answer(session, contract, duty, held, row, by, accepts)
    mandate = next((one for one in held if one.account == by.account), None)
    if why is not None or mandate is None:
        why = why or Denied("not_yours", (_NOT_NAMED,))
        return _refused(session, "duty_hand_over_answered", contract, by, why)
    check = proved(session, keyring, contract, f"duty:answer:{row.id}:{accepts}", by)
    if isinstance(check, Denied):
        return check
    given = HandOverAnswer(
        hand_over_id=row.id, accepted=accepts, account_id=by.account, name=mandate.name, party=mandate.party.name,
        role=mandate.role.name, check_id=check.id, at=by.at,
    )  # fmt: skip
    session.add(given)
    session.flush()
    note(
        session,
        "duty_hand_over_answered",
        subject_id=row.account_id,
        **facts(by, contract, offer=row.id, accepted=accepts),
    )
    tell(session, contract, OF_DUTY, row.party, _answered(contract, row, accepts), by.at, only=[row.account_id])
    return given


_NOT_NAMED = Words("Only the colleague who is named in it answers an offer.")


def _answered(contract: Contract, row: HandOver, accepted: bool) -> Words:
    post = contract.posts.get(row.shift["post"])
    name = post.name if post else row.shift["post"]
    if accepted:
        return Words("Your shift “%(post)s” was accepted: you are relieved.", post=name)
    return Words("Your shift “%(post)s” was declined: you remain on duty.", post=name)


def _refused(session: Session, kind: str, contract: Contract, by: By, why: Denied) -> Denied:
    note(session, kind, refused=True, **facts(by, contract, reason=why.reason))
    return why


def _kept(contract: Contract, duty: Duty, held: Sequence[MandateFact], by: By) -> list[tuple[OnDuty, MandateFact]]:
    """The posts that the account keeps now."""
    return [
        one
        for post in contract.posts.values()
        for one in on_duty(duty, post, held, by.at)
        if one[0].account == by.account
    ]


def _unfit_taker(
    contract: Contract,
    duty: Duty,
    held: Sequence[MandateFact],
    here: OnDuty,
    giver: MandateFact,
    account: int | None,
    by: By,
) -> list[Words]:
    post = contract.posts[here.post]
    own = [one for one in held if one.account == account and one.party == giver.party]
    if not own:
        return [Words("There is no such colleague with a mandate of your party in this contract.")]
    wrong = []
    if own[0].person == giver.person:
        wrong.append(Words("Nobody hands over to themselves."))
    if not any(one.role.name in post.roles for one in own):
        wrong.append(Words("The roles of %(name)s do not keep this post.", name=own[0].name))
    if _is_busy(duty, held, here, own[0], by):
        wrong.append(Words("%(name)s is on duty already during this time.", name=own[0].name))
    return wrong


def _is_busy(duty: Duty, held: Sequence[MandateFact], here: OnDuty, taker: MandateFact, by: By) -> bool:
    """Whether the natural person has any post from now until the end of the shift, but for this very one."""
    accounts = {one.account for one in held if one.person == taker.person}
    instants = duty.changes(taker.party.name, by.at, here.until)
    return any(
        one.account in accounts and one.shift != here.shift
        for instant in instants
        for one in duty.rostered(taker.party.name, instant)
    )


def _unfit_note(text: str) -> list[Words]:
    if not text.strip():
        return [Words("Say what is open, or that nothing is.")]
    return [Words("This text is too long.")] if len(text) > LONGEST_NOTE else []


def _may_not_answer(
    session: Session, contract: Contract, duty: Duty, held: Sequence[MandateFact], row: HandOver, by: By, accepts: bool
) -> Denied | None:
    if row.taker_id != by.account:
        return Denied("not_yours", (_NOT_NAMED,))
    if session.scalar(select(HandOverAnswer.id).where(HandOverAnswer.hand_over_id == row.id)) is not None:
        return Denied("not_now", (Words("This offer was answered already."),))
    newer = select(HandOver).where(HandOver.roster_id == row.roster_id, HandOver.id > row.id)
    if any(shift_fact(one.shift) == shift_fact(row.shift) for one in session.scalars(newer)):
        return Denied("not_now", (Words("A later offer took the place of this one."),))
    shift = shift_fact(row.shift)
    # By the roster, not by mandates: whose mandate has ended meanwhile is not on duty, and all the more to be relieved.
    there = [one for one in duty.rostered(row.party, by.at) if (one.roster, one.shift) == (row.roster_id, shift)]
    if not there or there[0].account != row.account_id:
        return Denied("not_now", (Words("Who offered it does not have this shift any more, or the shift is over."),))
    post, giver = contract.posts.get(shift.post), row.account_id
    own = [one for one in held if one.account == by.account]
    if accepts and (
        post is None or not any(one.role.name in post.roles and one.party.name == row.party for one in own)
    ):
        return Denied("not_yours", (Words("Your roles do not keep this post."),))
    if accepts and (_is_busy(duty, held, there[0], own[0], by) or giver == by.account):
        return Denied("not_now", (Words("You are on duty already during this time."),))
    return None
