"""The conditions that several workflows share, one small function each. What belongs to one duty stands beside it.

A guard returns the `Proof` that it relied on or what is `Missing`; whoever cannot find a record says so and thereby
refuses. Guards that need a paper, an act or a role named are made by a function of that name.
"""

from __future__ import annotations

from workflow.attempt import Attempt, Past
from workflow.declare import Guard, Label, Missing, PaperKind, Proof, Role, Words, guard


@guard("C9.5")
def identified(attempt: Attempt) -> Proof | Missing:
    """The person acting proved a second factor for this ticket as it stands now, a short while ago."""
    fresh = attempt.edition.duration("identity.factor_valid")
    for check in reversed(attempt.facts.identity):
        if check.method != "call_back" and check.person == attempt.actor.person and check.passed_at is not None:
            if check.content != attempt.ticket.seen:
                return Missing("The ticket has changed since you proved who you are; prove it again.", remedy="factor")
            if attempt.at > check.passed_at + fresh:
                return Missing("Your proof of identity is too old; prove it again.", remedy="factor")
            if attempt.at + fresh < check.passed_at:  # Two machines differ by less; a clock that was set back does not.
                return Missing("The clock stands long before your proof of identity; prove it again.", remedy="factor")
            return Proof("identity_check", check.id)
    return Missing("Prove who you are: enter the code of your authenticator.", remedy="factor")


@guard("C2.1")
def within_the_term(attempt: Attempt) -> Proof | Missing:
    """The contract is in force today."""
    if attempt.edition.contract.in_term(attempt.at):
        return Proof("term", attempt.edition.contract.key)
    return Missing("The contract is not in force at this moment: its term does not include today.")


def done(action: str, clause: str) -> Guard:
    """That `action` has been done, whatever has changed since."""

    def check(attempt: Attempt) -> Proof | Missing:
        event = attempt.last(action)
        if event is None:
            return Missing("Not done yet: %(action)s.", action=Label("action", action))
        return Proof("event", event.sequence)

    return Guard(f"done:{action}", clause, "An earlier step has been done.", check)


def done_on_this_content(action: str, clause: str) -> Guard:
    """That `action` has been done on exactly what the ticket says now: an edit voids it."""

    def check(attempt: Attempt) -> Proof | Missing:
        if attempt.last(action) is None:
            return Missing("Not done yet: %(action)s.", action=Label("action", action))
        event = attempt.on_this_content(action)
        if event is None:
            return Missing(
                "%(action)s was done on an earlier version; what it covered has changed since.",
                action=Label("action", action),
            )
        return Proof("event", event.sequence)

    return Guard(f"done_on_this_content:{action}", clause, "An earlier step has been done on this very version.", check)


def signed(paper: PaperKind, *, by: tuple[Role, ...], clause: str, meaning: str | None = None) -> Guard:
    """That the newest `paper` stands for the ticket as it reads now and bears the signature of somebody who holds one of
    the roles `by` at this moment (a mandate that has ended since no longer carries it); `meaning` narrows the act."""

    def check(attempt: Attempt) -> Proof | Missing:
        filed = attempt.paper(paper)
        if filed is None:
            return Missing("No such document is on file: %(paper)s.", paper=paper.label)
        if filed.content != attempt.ticket.content:
            return Missing("The document “%(paper)s” is of an earlier version of the ticket.", paper=paper.label)
        for signature in filed.signatures:
            if meaning in (None, signature.meaning) and attempt.mandates_of(signature.person, *by):
                return Proof("signature", filed.digest)
        roles = {f"r{n}": Label("role", role.name) for n, role in enumerate(by)}
        return Missing(
            "The document “%(paper)s” is not signed by %(roles)s.",
            paper=paper.label,
            roles=Words(" / ".join(f"%({key})s" for key in roles), **roles),
        )

    return Guard(f"signed:{paper.name}:{by[0].party.name}", clause, "The document is in writing and signed.", check)


def on_file(paper: PaperKind, clause: str) -> Guard:
    """That a `paper` has been filed, in whatever version."""

    def check(attempt: Attempt) -> Proof | Missing:
        filed = attempt.paper(paper)
        if filed is None:
            return Missing("No such document is on file: %(paper)s.", paper=paper.label)
        return Proof("paper", filed.digest)

    return Guard(f"on_file:{paper.name}", clause, "The document is on file.", check)


def by_another_than(*actions: str, clause: str) -> Guard:
    """That the natural person acting did none of `actions` last. Where one of them has no known actor, it refuses."""

    def check(attempt: Attempt) -> Proof | Missing:
        if attempt.actor.person is None:
            return Missing("A person must do this.")
        for action in actions:
            event = attempt.last(action)
            if event is None or event.person is None:
                return Missing("It is not on record who did this step: %(action)s.", action=Label("action", action))
            if event.person == attempt.actor.person:
                return Missing(
                    "You did this step yourself: %(action)s. A second person must act here.",
                    action=Label("action", action),
                )
        return Proof("persons", attempt.actor.person)

    return Guard(
        f"by_another_than:{'+'.join(actions)}", clause, "Another natural person acts than did the earlier step.", check
    )


def done_apart(*steps: str | tuple[str, ...], clause: str) -> Guard:
    """That each of these steps (an act, or one of several) was done last by another natural person, as far as is known
    now: two accounts may have been found to be one person's after both had acted."""
    each = [(step,) if isinstance(step, str) else step for step in steps]

    def check(attempt: Attempt) -> Proof | Missing:
        done_by: dict[int, str] = {}
        for acts in each:
            event = attempt.last(*acts)
            if event is None or event.person is None:
                return Missing("It is not on record who did this step: %(action)s.", action=Label("action", acts[0]))
            if event.person in done_by:
                return Missing(
                    "One person did both: %(first)s, %(second)s. A second person must do one of them anew.",
                    first=Label("action", done_by[event.person]),
                    second=Label("action", event.action),
                )
            done_by[event.person] = event.action
        return Proof("persons", ",".join(map(str, done_by)))

    name = "+".join(acts[0] for acts in each)
    return Guard(f"done_apart:{name}", clause, "Different natural persons did the earlier steps.", check)


def still_mandated(action: str, *roles: Role, clause: str) -> Guard:
    """That whoever did `action` last still holds one of `roles` now."""

    def check(attempt: Attempt) -> Proof | Missing:
        event: Past | None = attempt.last(action)
        if event is None:
            return Missing("Not done yet: %(action)s.", action=Label("action", action))
        held = attempt.mandates_of(event.person, *roles)
        if not held:
            return Missing(
                "%(name)s, who did “%(action)s”, no longer has the mandate for it.",
                name=event.name,
                action=Label("action", action),
            )
        return Proof("mandate", held[0].id)

    return Guard(f"still_mandated:{action}", clause, "Who did the earlier step still has the mandate for it.", check)
