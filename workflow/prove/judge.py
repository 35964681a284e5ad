"""Judges an attempt in a world by the real `decide`, and makes the world that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from workflow.attempt import Actor, Attempt, Facts, IdentityFact, TicketFact
from workflow.canonical import plain
from workflow.contract import Contract, Edition
from workflow.decide import Accepted, Decision, Refused, decide
from workflow.declare import Action, Workflow
from workflow.effects import OpenLinked
from workflow.follow import FACTOR, CannotFollow, follow, refused
from workflow.prove.claims import NO_FACTOR, OLD_FACTOR, OTHER_FACTOR, OUTDATED_FACTOR
from workflow.prove.heard import Asked, Memory, Questions
from workflow.prove.scope import Player, Scope, Stage
from workflow.prove.silent import Hearing, silent
from workflow.prove.world import Counts, World, lapsed

NUMBER = "P-0001"
SECOND = timedelta(seconds=1)


class Judge:
    """One workflow within one scope: who attempts what in which world, and what comes of it."""

    def __init__(
        self,
        workflow: Workflow,
        scope: Scope,
        contract: Contract,
        workflows: Mapping[str, Workflow],
        without: Collection[str],
        questions: Questions | None,
    ) -> None:
        self.questions = Questions() if questions is None else questions
        self.decide = decide_bare if without else decide
        self.hearing = Hearing()
        lapse = scope.lapses is None or scope.lapses
        self.workflow = silent(workflow, self.questions, self.hearing if lapse else None, without)
        self.scope, self.workflows = scope, workflows
        self.begins = scope.begins or middle_of(contract)
        self.edition = with_figures(contract.at(self.begins), scope.figures)
        self.stage = Stage(scope, self.begins)
        self.attempts = 0

    def unopened(self) -> World:
        """Before the ticket exists."""
        ticket = TicketFact(None, self.workflow.kind, None, 0, "", 0, self.begins, None, "")
        facts = Facts(mandates=self.stage.mandates, more=self.scope.more, first=self.stage.first)
        return World(ticket, facts, self.begins, Memory(self.questions, (), ()), edition=self.edition)

    def judged(
        self, world: World, action: Action, player: Player, fields: Mapping[str, Any], factor: str, without: int = 0
    ) -> tuple[Decision, Asked]:
        attempt = self.attempted(world, action, player, fields, factor, without)
        self.hearing.missing, self.hearing.used = [], set()
        decision = self.decide(self.workflow, attempt)
        if isinstance(decision, Accepted) and decision.effects and not self._others_may(attempt, decision):
            decision = Refused(action.name, "missing", ())
        return decision, attempt

    def attempted(
        self, world: World, action: Action, player: Player, fields: Mapping[str, Any], factor: str, without: int = 0
    ) -> Asked:
        """The attempt as it is about to be judged. `without`: a natural person whose mandates are missing just then."""
        ticket, facts = world.heard
        if without:
            facts = replace(facts, mandates=lapsed(facts.mandates, without))
        actor = self.stage.actor(player, action)
        if world.merged:
            actor = replace(actor, person=facts.first.get(actor.account or 0, actor.person))
        if world.state is None:
            ticket = replace(
                ticket, opened_by=actor.person, opened_party=actor.party.name if actor.party else "", opened_at=world.at
            )
        if factor != NO_FACTOR:
            facts = replace(facts, identity=(*facts.identity, self._factor(world, actor, factor)))
        self.questions.listen(world.state)
        self.attempts += 1
        return Asked(action.name, actor, world.at, ticket, facts, self.edition, fields, memory=world.memory)

    def _factor(self, world: World, actor: Actor, factor: str) -> IdentityFact:
        valid = self.edition.duration("identity.factor_valid")
        ticket, person, at = world.ticket, actor.person or 0, world.at
        seen = ticket.seen
        if factor == OLD_FACTOR:
            at = at - valid - SECOND
        if factor == OTHER_FACTOR:
            person = next(p for p in self.stage.persons.values() if p != person)
        if factor == OUTDATED_FACTOR:
            seen = f"{ticket.content}:{ticket.version - 1}"
        return IdentityFact(10**6, FACTOR, person, person, seen, at, at + valid, at)

    def _others_may(self, attempt: Asked, accepted: Accepted) -> bool:
        """Whether the tickets that the act opens beside it may be opened, as the desk asks before it writes."""
        return all(self._may_open(attempt, one) for one in accepted.effects if isinstance(one, OpenLinked))

    def _may_open(self, attempt: Asked, effect: OpenLinked) -> bool:
        other, actor, party = self.workflows[effect.kind], attempt.actor, attempt.actor.party
        form = other.opening.form
        try:
            fields = form.model_validate(plain(effect.fields)).model_dump() if form else {}
        except ValidationError:
            return False  # What a guard would have asked for is missing: the desk could not open it either.
        fact = TicketFact(None, other.kind, None, 0, "", 0, attempt.at, actor.person, party.name if party else "")
        known = Facts(mandates=attempt.facts.mandates, more=attempt.facts.more, first=attempt.facts.first)
        roles = tuple(sorted(actor.roles, key=lambda role: role not in other.opening.by))
        its = Attempt(other.opening.name, replace(actor, roles=roles), attempt.at, fact, known, attempt.edition, fields)
        return isinstance(decide(other, its), Accepted)

    def _plain(self, world: World, attempt: Asked) -> Attempt:
        """The attempt as the records have it: with the ticket and the facts themselves."""
        facts = replace(world.facts, mandates=attempt.facts.mandates)
        ticket = world.ticket if world.state is not None else replace(attempt.ticket, fields=world.ticket.fields)
        return Attempt(attempt.action, attempt.actor, attempt.at, ticket, facts, self.edition, attempt.fields)

    def followed(self, world: World, attempt: Asked, accepted: Accepted) -> World | None:
        others = [f"{NUMBER}-{len(world.facts.links) + n}" for n in range(1, len(accepted.effects) + 1)]
        try:
            ticket, facts = follow(
                self.workflow, self._plain(world, attempt), accepted, self.workflows, number=NUMBER, others=others
            )
        except CannotFollow:
            return None
        return world.after(ticket, replace(facts, mandates=world.facts.mandates), self._counted(world, accepted.action))

    def _counted(self, world: World, action: Action) -> Counts:
        if action.name not in self.scope.at_most:
            return world.counts
        counts = dict(world.counts)
        counts[action.name] = counts.get(action.name, 0) + 1
        return tuple(sorted(counts.items()))

    def put_down(self, world: World, attempt: Asked, refusal: Refused) -> World:
        facts = replace(refused(self._plain(world, attempt), refusal), mandates=world.facts.mandates)
        return world.after(world.ticket, facts, world.counts)


def decide_bare(workflow: Workflow, attempt: Attempt) -> Decision:
    """The judgement where a guard was taken away: what cannot be computed then, because the guard would have kept it off, the
    desk takes back as it does with every act that fails."""
    try:
        return decide(workflow, attempt)
    except (AssertionError, AttributeError, LookupError, ValueError):
        return Refused(attempt.action, "missing", ())


def middle_of(contract: Contract) -> datetime:
    """Ten in the morning of a working day in the middle of the term."""
    day = contract.first_day + (contract.last_day - contract.first_day) / 2
    while not contract.calendar.is_working_day(day):
        day += timedelta(days=1)
    return contract.calendar.start_of_day(day) + timedelta(hours=10)


def with_figures(edition: Edition, figures: Mapping[str, Any]) -> Edition:
    """The edition with some settings otherwise."""
    changed = {name: replace(edition.figures[name], value=value) for name, value in figures.items()}
    return replace(edition, figures={**edition.figures, **changed}) if changed else edition
