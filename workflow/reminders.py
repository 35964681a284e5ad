"""Warnings ahead of every limit that binds somebody, at two shares of its time (R3.6). They are reminders and no limits.

A duty declares its limits and nothing of this: each gets its warnings when the workflow is made. Who owes something is told
that its time runs out. At the last warning, where nobody has said that it will be late, whoever would be told of a miss is
told that one is likely: the desk's word, and not the word of a person, who foretells a delay by an act (see `delays`).

A slot that begins because the one before was missed brings no warnings along: who owes it was told so this moment. They
begin again with the next report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from workflow import delays
from workflow.attempt import Attempt, Past, TimerFact
from workflow.declare import ALWAYS, CLIENT, CLOCK, SUPERVISOR, SUPPLIER, Action, Deadline, Party, Words
from workflow.turn import in_charge

if TYPE_CHECKING:
    from workflow.decide import Start
    from workflow.declare import Workflow

WARN = "warn_of_limit"
CLAUSE = "C9.3"
SHARES = {"first": "limit.warning_first", "second": "limit.warning_second"}
"""Settings: the part of the time allowed, in percent. The last one is that at which a miss is likely."""
COMPUTED: Mapping[str, Sequence[str]] = {"limit_due_at": (), "likely_miss": ()}


def name(limit: str, which: str) -> str:
    return f"{limit}_{which}_warning"


def warned_of(deadline: str) -> tuple[str, str] | None:
    """The limit that a name of this form is a warning of, and which one; None for any other name."""
    for which in SHARES:
        if deadline.endswith(name("", which)):
            return deadline.removesuffix(name("", which)), which
    return None


def with_warnings(deadlines: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """Each limit, and behind it the warnings of it, where it binds somebody."""
    return tuple(one for limit in deadlines for one in (limit, *(_warnings(limit) if limit.binds else ())))


def _warnings(limit: Deadline) -> list[Deadline]:
    return [
        replace(
            limit,
            name=name(limit.name, which),
            missed=WARN,
            share=share,
            of=limit,
            repeats=False,
            party=None,
            or_else=None,
            says="Reminds whoever owes it before its time runs out. Nothing is late yet.",
        )
        for which, share in SHARES.items()
    ]


def action(workflow: Workflow) -> Action:
    """The clock's act, one for all warnings of a workflow."""
    return Action(
        WARN,
        by=[CLOCK],
        source=ALWAYS,
        dest=None,
        clause=CLAUSE,
        quiet=True,
        tells=(CLIENT, SUPPLIER, SUPERVISOR),
        computes=partial(_stated, workflow),
        letters=partial(_letters, workflow),
        says="The time of a limit is running out: whoever owes it is reminded. Nobody is told once the limit itself has passed.",
    )


def of_use(begun: list[Start], at: datetime) -> list[Start]:
    """What begins, without warnings that would come together with what follows them: the next one, or the limit's own end."""
    ends = [(one.deadline.of or one.deadline, one.due_at) for one in begun]
    return [
        one
        for one in begun
        if one.deadline.of is None
        or not any(limit is one.deadline.of and one.due_at < due_at <= at for limit, due_at in ends)
    ]


def others(workflow: Workflow, limit: Deadline, party: Party) -> list[Party]:
    """Who is told that a miss is likely: whoever would be told of the miss, but for who owes it."""
    return [one for one in workflow.actions[limit.missed].tells if one != party]


def is_likely_miss(warning: Deadline, attempt: Attempt, limit: TimerFact) -> bool:
    """Whether the last warning has come and nobody has said that this term of the limit will be late."""
    is_last = warning.share == list(SHARES.values())[-1]
    told = delays.forecasts(attempt.facts.history, limit.deadline, limit.started_at, attempt.at)
    return is_last and not told


def likely_miss(history: Iterable[Past], limit: str, started_at: datetime, end: datetime) -> Past | None:
    """The clock's word that one term of a limit is likely to be missed; None where it was not said."""
    return next(
        (
            event
            for event in history
            if event.action == WARN
            and event.accepted
            and event.fields.get("likely_miss")
            and (warned_of(event.fields["deadline"]) or ("",))[0] == limit
            and started_at <= event.at <= end
        ),
        None,
    )


def _limit(workflow: Workflow, attempt: Attempt) -> tuple[Deadline, TimerFact] | None:
    """The warning that has run out, and the running term that it is of; None where it comes too late to be of use, because
    that term, or a later warning of it, has run out as well."""
    warning = workflow.deadlines[(attempt.fields or {})["deadline"]]
    assert warning.of is not None, "only warnings end in a warning"
    term = None
    for timer in attempt.facts.timers:
        declared = workflow.deadlines.get(timer.deadline)
        if declared is None or timer.status != "running":
            continue
        if warning.of.name in (declared.name, declared.of.name if declared.of else "") and timer.due_at < attempt.at:
            return None
        term = timer if declared.name == warning.of.name else term
    return None if term is None else (warning, term)


def _stated(workflow: Workflow, attempt: Attempt) -> Mapping[str, Any]:
    found = _limit(workflow, attempt)
    if found is None:
        return {}
    warning, term = found
    likely = {"likely_miss": True} if is_likely_miss(warning, attempt, term) else {}
    return {"limit_due_at": term.due_at, **likely}


def _letters(workflow: Workflow, attempt: Attempt) -> Mapping[Party, Words]:
    found = _limit(workflow, attempt)
    if found is None:
        return {}
    warning, term = found
    assert warning.of is not None, "_limit saw it"
    assert warning.share is not None, "a warning has one"
    party = in_charge(warning.of.party, warning.of.or_else, attempt.facts.mandates)
    assert party is not None, "what binds nobody has no warnings"
    values: dict[str, Any] = {
        "number": attempt.ticket.number, "deadline": warning.of.label, "due": term.due_at,
        "percent": f"{attempt.edition.percent(warning.share).normalize():f}",
    }  # fmt: skip
    told = {
        party: Words(
            "%(number)s: %(percent)s %% of the time for “%(deadline)s” is used up. It is due %(due)s.", **values
        )
    }
    if is_likely_miss(warning, attempt, term):
        likely = Words(
            "%(number)s: “%(deadline)s” is likely to be missed: %(percent)s %% of its time is used up, it is not done, and "
            "nobody has said when it will be. It is due %(due)s.",
            **values,
        )
        told |= dict.fromkeys(others(workflow, warning.of, party), likely)
    return told
