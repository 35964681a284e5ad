"""One ticket made ready for its page: plain values in the reader's language, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext

from auth import asking
from tickets import form_fields, labels, record_view, room
from tickets.duty import chain_view
from tickets.form_fields import Input
from tickets.limit_view import Limit, limits
from tickets.queries import Blank, Sight
from tickets.record import shortfalls
from tickets.speech import label, say
from workflow.decide import Accepted, Decision
from workflow.declare import ALWAYS, Action, Role
from workflow.guards import identified
from workflow.turn import leads_on, roles_to_act

Missing = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """One act as its button shows it. `code` asks for the second factor in the same form."""

    name: str
    label: str
    says: str
    clause: str
    enabled: bool
    missing: Sequence[Missing] = ()
    code: bool = False
    binding: bool = False
    fields: Sequence[Input] = ()
    takes_file: bool = False
    opened: bool = False
    errors: Sequence[str] = ()
    code_error: str = ""
    roles: Sequence[str] = ()


@dataclass(frozen=True)
class Acts:
    """The acts of a page: possible now, not possible yet, of later states, always possible, and of others."""

    now: Sequence[Card] = ()
    lacking: Sequence[Card] = ()
    later: Sequence[Card] = ()
    standing: Sequence[Card] = ()
    others: Sequence[Card] = ()


@dataclass(frozen=True)
class Tried:
    """What was just tried and not done: with it the form is shown again as it was filled in."""

    action: str
    result: str
    fields: Sequence[Input] = ()
    errors: Sequence[str] = ()
    missing: Sequence[Missing] = ()
    changed: Sequence[Mapping[str, Any]] = ()
    code_error: str = ""

    @property
    def filled_in(self) -> list[tuple[str, str]]:
        """What was typed, for a form that the ticket no longer offers."""
        return [(one.label, str(one.value)) for one in self.fields if one.value and one.kind != "rows"]


@dataclass(frozen=True)
class Frame:
    """What the whole page hangs on."""

    sight: Sight
    acts: Acts
    limits: Sequence[Limit]
    papers: Sequence[record_view.PaperSeen]
    events: Sequence[record_view.EventSeen]
    content: Sequence[tuple[str, Any]]
    warnings: Sequence[str]
    next_party: str
    next_roles: Sequence[str]
    challenges: Sequence[tuple[str, datetime]] = ()
    call_backs: Sequence[tuple[int, str, bool]] = ()
    tried: Tried | None = None
    links: Sequence[tuple[str, Any]] = field(default_factory=tuple)
    calls: Sequence[chain_view.Called] = ()
    coming_calls: Sequence[chain_view.Coming] = ()


def frame(sight: Sight, account: int, tried: Tried | None = None) -> Frame:
    """The page of a ticket, as `account` sees it."""
    people = record_view.names(sight)
    return Frame(
        sight=sight,
        acts=acts(sight, tried),
        limits=limits(sight),
        papers=record_view.papers(sight, people),
        events=record_view.events(sight, people),
        content=record_view.content(sight, people),
        warnings=[say(words) for words in sight.notices],
        next_party=label("party", sight.row.awaits) if sight.row.awaits else "",
        next_roles=next_roles(sight),
        challenges=challenges(sight, account),
        call_backs=call_backs(sight),
        tried=tried,
        calls=chain_view.called(sight),
        coming_calls=chain_view.coming(sight),
        links=[(labels.relation(relation), other) for relation, other in sight.rows.links if not other.opener_only],
    )


# --- acts ------------------------------------------------------------------------------------------------------------


def acts(sight: Sight, tried: Tried | None) -> Acts:
    """Every act from here, and those that come later for the roles of this person."""
    mine = {action.name for action in sight.mine}
    now: list[Card] = []
    lacking: list[Card] = []
    standing: list[Card] = []
    for action in sight.mine:
        card = _card(
            sight, action, sight.previews[action.name], tried if tried and tried.action == action.name else None
        )
        if action.summoned and not card.enabled and not card.opened:
            continue
        # What may be done at any time is nobody's next step: it must not push aside what is.
        always = action.source == ALWAYS and action.dest is None
        is_standing = always and (all(one.of_form for one in action.guards) if action.quiet else card.enabled)
        (standing if is_standing else now if card.enabled else lacking).append(card)
    others = [
        _plain(sight.workflow.actions[name])
        for name in sight.previews
        if name not in mine and not sight.workflow.actions[name].quiet
    ]
    later = [_plain(action, sight.ahead[action.name]) for action in sight.mine_ahead]
    # What leads on comes first, then what ends or changes the ticket, then what only adds to it.
    now.sort(key=lambda card: _rank(sight.workflow.actions[card.name], sight.row.state))
    return Acts(now, lacking, later, standing, others)


def _rank(action: Action, state: str) -> int:
    return 0 if leads_on(action, state) else 1 if action.dest is not None else 2


def _plain(action: Action, decision: Decision | None = None) -> Card:
    missing = shortfalls(decision.missing) if decision is not None and not isinstance(decision, Accepted) else ()
    return Card(
        action.name,
        str(say(action.label)),
        gettext(action.says) if action.says else "",
        action.clause,
        False,
        missing=missing,
        roles=role_names(action.by),
    )


def _card(sight: Sight, action: Action, decision: Decision, tried: Tried | None) -> Card:
    missing = [] if isinstance(decision, Accepted) else shortfalls(decision.missing)
    only_code = bool(missing) and all(one["remedy"] == "factor" for one in missing)
    values = sight.row.fields if action.amends else None
    fields = form_fields.inputs(action.form, sight.choices, asking.zone(), values)
    return Card(
        action.name,
        say(action.label),
        gettext(action.says) if action.says else "",
        action.clause,
        enabled=not missing or only_code,
        missing=[] if only_code else missing,
        code=only_code,
        binding=identified in action.guards,
        fields=tried.fields if tried and tried.fields else fields,
        takes_file=action.takes_file,
        opened=tried is not None,
        errors=tried.errors if tried else (),
        code_error=tried.code_error if tried else "",
        roles=role_names(action.by),
    )


def opening_card(blank: Blank, tried: Tried | None) -> Card:
    """The form that opens a ticket."""
    action = blank.workflow.opening
    missing = [] if isinstance(blank.decision, Accepted) else shortfalls(blank.decision.missing)
    fields = tried.fields if tried else form_fields.inputs(action.form, blank.choices, asking.zone())
    return Card(
        action.name,
        say(action.label),
        gettext(action.says) if action.says else "",
        action.clause,
        enabled=not missing,
        missing=missing,
        fields=fields,
        errors=tried.errors if tried else (),
        opened=True,
    )


def role_names(roles: Iterable[Role]) -> list[str]:
    return [label("role", role.name) for role in roles]


def next_roles(sight: Sight) -> list[str]:
    """Whose turn it is: the roles of the awaited party that can move the ticket on."""
    return [label("role", role.name) for role in roles_to_act(sight.workflow, sight.row.state, sight.row.awaits)]


# --- call-back -------------------------------------------------------------------------------------------------------


def challenges(sight: Sight, account: int) -> list[tuple[str, datetime]]:
    """The digits that this person may read out to the caller, and until when. Nobody else is handed them."""
    own = {check.id: check.challenge_sealed for check, *_ in sight.rows.checks if check.person_id == account}
    return [
        (room().desk.unseal(f"challenge:{fact.id}", own[fact.id] or ""), fact.expires_at)
        for fact in sight.facts.identity
        if fact.id in own and fact.code is not None and sight.at < fact.expires_at
    ]


def call_backs(sight: Sight) -> list[tuple[int, str, bool]]:
    """Whom the person may have to call now: mandate, name, and whether a number stands on the mandate list (R7.4)."""
    found: dict[int, tuple[int, str, bool]] = {}
    mine = set(sight.actor.roles)
    for action in sight.workflow.actions.values():
        if not action.asks_back or not mine & set(action.by):
            continue
        here = action.name in sight.previews
        answering = any(sight.workflow.actions[name].answers_back for name in sight.previews)
        if here or answering:
            for person in _subjects(sight, action):
                for mandate in sight.attempt(action.name).mandates_of(person):
                    if mandate.person != sight.actor.person:
                        found.setdefault(mandate.id, (mandate.id, mandate.name, mandate.callback_since is not None))
    return list(found.values())


def _subjects(sight: Sight, action: Action) -> list[int]:
    chosen = action.form.model_fields.get("subject") if action.form else None
    extra = chosen.json_schema_extra if chosen is not None else None
    if isinstance(extra, dict) and extra.get("choices"):
        return [int(choice.value) for choice in sight.choices(str(extra["choices"]))]
    attempt = sight.attempt(action.name)
    subject = attempt.value("subject")
    if subject is None:
        first = next((event for event in attempt.accepted if event.content == attempt.ticket.content), None)
        subject = first.person if first else None
    return [] if subject is None else [int(subject)]
