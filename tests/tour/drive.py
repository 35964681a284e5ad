"""Drives the explored graph of a duty through the API: the right person does the act, and the ticket stands where it should.

Of each kind of edge (state, act, player, how it was filled in, what comes of it: the next state or the guards that refuse) the
first configuration that has it is gone to, by the shortest way. Ways share their beginnings: the database is remembered
where they part. An absent edge is an act that the explorer's judge refuses there, by everybody who takes part: through HTTP
it must be refused for the same, and leave everything as it was. What a scope supposes outside the ticket (other tickets, a
catalogue, figures that are otherwise) is supposed of the desk too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from random import Random
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import update

from auth.models import Mandate, Person
from database import reading, transaction
from tests import databases
from tests.api.house import House, as_json
from tests.api.http_stage import HttpStage
from tests.stage import CAST, REAL, Stage
from tickets import gather
from tickets.models import Ticket
from workflow import discover as duties
from workflow.attempt import TicketNow
from workflow.contract import Contract, load
from workflow.decide import Accepted
from workflow.declare import Action
from workflow.escalation import ACKNOWLEDGE
from workflow.prove import Explored, Explorer, Move, discover
from workflow.prove.claims import FRESH
from workflow.prove.explored import ELSEWHERE, FOUND_ONE, REFUSED, TIME
from workflow.prove.judge import NUMBER, with_figures
from workflow.prove.scope import RIGHT_CODE, After, Player, Who
from workflow.prove.world import World

CONTRACT, DUTIES, PROOFS = load(REAL), duties(), discover()
Edge = tuple[str, str, str, int, str]
"""State (empty: not opened yet), act, player, way of filling in, and the state that comes of it."""
Refusal = tuple[str, str, str, str, str]
"""State, act, as who, what is filled in, and the guards that refuse."""


@dataclass
class Here:
    """What is tried in one configuration: moves that are accepted, each with the state it leads to, and refusals."""

    number: int
    accepted: list[tuple[Move, str]] = field(default_factory=list)
    refused: list[tuple[Move, frozenset[str]]] = field(default_factory=list)


class Plan:
    """Which configurations are gone to, and what is tried there. Makes sure that each kind of edge is tried once."""

    def __init__(self, explorer: Explorer, explored: Explored, refused: set[Refusal] | None = None) -> None:
        """`refused`: what is tried on the tours of other scopes of the duty already, and is not tried again on this one."""
        self.explorer, self.explored = explorer, explored
        self.seen: set[Edge] = set()
        self.refused: set[Refusal] = set() if refused is None else refused
        self._as_who = {player.name: _as_who(player) for player in explorer.scope.cast}
        self.places: dict[int, Here] = {}
        self._worlds: dict[int, World] = {0: explorer.unopened()}
        for number in range(explored.configurations):
            if not self._can_be_driven(number):
                continue
            here = Here(number)
            here.accepted = list(self._new_accepted(number))
            here.refused = list(self._new_refused(number))
            if here.accepted or here.refused:
                self.places[number] = here

    def world(self, number: int) -> World:
        """The configuration as the explorer comes to it."""
        if number not in self._worlds:
            parent = self.explored.parents[number]
            assert parent is not None, "only the first has none"
            self._worlds[number] = self.explorer.played(self.world(parent[0]), parent[1])
        return self._worlds[number]

    def _can_be_driven(self, number: int) -> bool:
        """What happens on another ticket is that ticket's own tour."""
        return not any(move.kind == ELSEWHERE for move in self.explored.way_to(number))

    def _new_accepted(self, number: int) -> Iterator[tuple[Move, str]]:
        state = self.explored.states[number]
        for move, to in self.explored.edges[number]:
            edge = (state, move.act, move.player, move.fill, self.explored.states[to])
            if move.kind == "act" and not move.lapsed and edge not in self.seen:
                self.seen.add(edge)
                yield move, edge[-1]

    def _new_refused(self, number: int) -> Iterator[tuple[Move, frozenset[str]]]:
        """Every act of the duty by everybody who takes part, as the judge refuses it here."""
        state, workflow = self.explored.states[number], self.explorer.workflow
        from_here = {action.name for action in workflow.actions_from(state or None)}
        for action in workflow.actions.values() if state else workflow.actions_from(None):
            if action.name == ACKNOWLEDGE and ACKNOWLEDGE in self.explorer.scope.leaves_out:
                continue  # Who is called is told in the scopes that have it: in the others nobody is, and at the desk somebody.
            for player in self.explorer.scope.cast:
                turns_on_facts = action.name in from_here and set(player.roles) & {role.name for role in action.by}
                for fill in self._fills(action) if turns_on_facts else (0,):
                    move = Move(REFUSED, action.name, player.name, fill, factor=FRESH)
                    yield from self._refused(number, action, player, move, turns_on_facts=bool(turns_on_facts))

    def _refused(
        self, number: int, action: Action, player: Player, move: Move, *, turns_on_facts: bool
    ) -> Iterator[tuple[Move, frozenset[str]]]:
        """The move where it is refused as none was before. Who has no mandate for an act, or tries it in a state that it does
        not begin in, is refused whatever the facts are: once in each state."""
        told = self.explorer.stage.fills(action)[move.fill][0].fields if turns_on_facts else {}
        who = (self.explored.states[number], action.name, self._as_who[player.name], repr(told))
        if not turns_on_facts and (*who, "") in self.refused:
            return
        guards = self._missing(number, action, player, move.fill)
        tried = (*who, "+".join(sorted(guards)) if turns_on_facts else "")
        if guards and tried not in self.refused:
            self.refused.add(tried)
            yield move, guards

    def _fills(self, action: Action) -> Collection[int]:
        return range(len(self.explorer.stage.fills(action))) if action.form else (0,)

    def _missing(self, number: int, action: Action, player: Player, fill: int) -> frozenset[str]:
        fields = {} if action.by_clock else self.explorer.stage.fills(action)[fill][1]
        decision, _ = self.explorer.judged(self.world(number), action, player, fields, FRESH)
        if isinstance(decision, Accepted):
            return frozenset()
        return frozenset(one.guard.name for one in decision.missing) or frozenset({""})


def _is_itself(one: Any) -> bool:
    return isinstance(one, TicketNow) and one.number == NUMBER


def _as_who(player: Player) -> str:
    """What of a player a refusal can turn on: who it is by name differs from scope to scope."""
    return repr((sorted(player.roles), player.same_as is not None, player.number, sorted(player.scope.items())))


def planned(kind: str, name: str, refused: set[Refusal] | None = None) -> Plan:
    """The plan of one scope of a duty, without what is refused on other tours already."""
    scope = next(one for one in PROOFS[kind].scopes if one.name == name)
    explorer = Explorer(DUTIES[kind], scope, (), CONTRACT, DUTIES)
    return Plan(explorer, explorer.run(), refused)


class Drive:
    """A house in which the players of one scope work, and nobody else does."""

    def __init__(self, house: House, plan: Plan, *, until: float = inf, order: Random | None = None) -> None:
        """`until`, by the monotonic clock: places after it are left out. `order`: which way is gone first is left to chance."""
        self.until, self.order = until, order
        self.house, self.plan, self.explorer = house.as_kept(), plan, plan.explorer
        self.stage = HttpStage(house)
        self.kind, self.number = plan.explorer.workflow.kind, ""
        house.at = self.begins = plan.explorer.begins
        self.tried = {"accepted": 0, "refused": 0, "places": 0}
        for username in CAST:
            self.stage.change_mandate(username, revoked_at=house.at)
        for player in plan.explorer.scope.cast:
            self._hire(player)
        self.persons = {player.name: self.stage.person(player.name) for player in plan.explorer.scope.cast}
        """As they are filled in, also by whoever has not heard yet that two of them are one."""
        self._set_beside()

    def _hire(self, player: Player) -> None:
        name, first, *more = player.name, *(player.roles or ("client.staff",))
        self.stage.hire(name, first, same_as=player.same_as, scope=player.scope, number=player.number)
        with transaction(self.house.engine) as session:
            for role in more:
                kept = session.query(Mandate).filter_by(person_id=self.house.ids[name]).first()
                session.add(
                    Mandate(
                        person_id=kept.person_id, contract_key=kept.contract_key, role=role, starts_at=kept.starts_at,
                        scope=kept.scope, callback_number_sealed=kept.callback_number_sealed, callback_since=kept.callback_since,
                    )
                )  # fmt: skip
        if not player.roles:
            self.stage.end_mandate(name)

    # --- going there -----------------------------------------------------------------------------------------------------

    def all_of_it(self, only: Collection[int]) -> None:
        """Goes to these places, each way on from where an earlier one parted."""
        ahead: dict[int, set[int]] = {}
        for number in only:
            while (parent := self.plan.explored.parents[number]) is not None:
                ahead.setdefault(parent[0], set()).add(number)
                number = parent[0]
        with self._supposed():
            self._visit(0, ahead, set(only))

    def _named(self, found: Any) -> Any:
        """With the number that the ticket has in this house where it is itself among those found."""
        if not isinstance(found, tuple):
            return found
        return tuple(replace(one, number=self.number) if _is_itself(one) else one for one in found)

    def _supposed_tickets(self) -> list[TicketNow]:
        found = [one for one in self.explorer.scope.more.values() if isinstance(one, tuple)]
        return [one for some in found for one in some if isinstance(one, TicketNow)]

    def _set_beside(self) -> None:
        """Other tickets that the scope supposes stand there as rows: what an act links is looked up by number."""
        others = [one for one in self._supposed_tickets() if not _is_itself(one)]
        with transaction(self.house.engine) as session:
            for one in others:
                session.add(
                    Ticket(
                        number=one.number, contract_key=self.house.contract, kind=one.kind, state=one.state, final=one.final,
                        version=1, content_version=1, content="0" * 64, fields={}, opened_at=self.begins, opened_by=None,
                        opened_party="client", changed_at=self.begins, events=0,
                    )
                )  # fmt: skip

    @contextmanager
    def _supposed(self) -> Iterator[None]:
        """What the scope supposes outside the ticket stands so in this house."""
        scope, plain = self.explorer.scope, Contract.at
        with pytest.MonkeyPatch.context() as patch:
            for name, found in scope.more.items():
                patch.setitem(gather.GATHERERS, name, lambda *_asked, found=found: self._named(found))
            if scope.figures:
                patch.setattr(Contract, "at", lambda contract, at: with_figures(plain(contract, at), scope.figures))
            yield

    def _visit(self, number: int, ahead: Mapping[int, set[int]], wanted: set[int]) -> None:
        """What is tried here; then each way on, from the database as it stood here. Depth first, with no recursion deeper
        than the longest way."""
        kept = self._keep()
        if number in wanted and monotonic() < self.until:
            self._try(self.plan.places[number], kept)
        ways = sorted(ahead.get(number, ()))
        if self.order is not None:
            self.order.shuffle(ways)
        for following in ways if monotonic() < self.until else ():
            self._put_back(kept)
            parent = self.plan.explored.parents[following]
            assert parent is not None
            self._go(parent[1], self.plan.world(number), following)
            self._visit(following, ahead, wanted)

    def _keep(self) -> tuple[databases.Kept, datetime, str]:
        self.house.engine.dispose()
        return databases.keep(self.house.url), self.house.at, self.number

    def _put_back(self, kept: tuple[databases.Kept, datetime, str]) -> None:
        self.house.engine.dispose()
        kept[0].put_back(self.house.url)
        _, self.house.at, self.number = kept

    def _go(self, move: Move, before: World, to: int) -> None:
        if move.kind == TIME:
            self.house.at = self.plan.world(to).at
            self.stage.strike()
        elif move.kind == FOUND_ONE:
            kept, other = (self.house.ids[name] for name in (move.act, move.player))
            with transaction(self.house.engine) as session:
                session.execute(update(Person).where(Person.id == other).values(same_person_as=kept))
        else:
            answer = self._send(move)
            assert answer.status_code == (422 if move.kind == REFUSED else 201 if before.state is None else 200), (
                move, answer.get_json(),
            )  # fmt: skip
            self.stage.strike()  # An act that comes late may begin what has run out already.
        self._stands(self.plan.explored.states[to])

    def _stands(self, state: str) -> None:
        assert self.stage.row(self.number).state == state

    # --- trying ----------------------------------------------------------------------------------------------------------

    def _try(self, here: Here, kept: tuple[databases.Kept, datetime, str]) -> None:
        self.tried["places"] += 1
        for move, dest in here.accepted:
            self._put_back(kept)
            if self._is_unseen(here.number, move):
                self._prove(move)
                self._comes_to_nothing(here.number, move, {""}, unseen=True)
                continue
            answer = self._send(move)
            assert answer.status_code in (200, 201), (here.number, move, answer.get_json())
            self.stage.strike()
            self._stands(dest)
            self.tried["accepted"] += 1
        self._put_back(kept)
        for tried, (move, guards) in enumerate(here.refused, 1):
            self._prove(move)
            self._comes_to_nothing(here.number, move, guards, unseen=self._is_unseen(here.number, move))
            # What is refused lengthens the record, and too many refusals lock a call: the first one where figures are narrow.
            if tried % 3 == 0 or self.explorer.scope.figures:
                self._put_back(kept)

    def _comes_to_nothing(self, number: int, move: Move, guards: Collection[str], *, unseen: bool) -> None:
        """It is refused for these guards, and everything is as it was. Who may not see the ticket is not even told so much."""
        before = self.house.digest()
        answer = self._send(move, proves=False)
        told = answer.get_json()
        assert answer.status_code in ((404,) if unseen else (403, 404, 409, 422)), (number, move, told)
        found = {one["guard"] for one in told.get("missing", ())}
        assert found == (set() if unseen else guards) or guards == {""}, (number, move, guards, told)
        assert self.house.digest() == before, (number, move)
        self.tried["refused"] += 1

    def _is_unseen(self, number: int, move: Move) -> bool:
        """Whether the ticket is for the party that opened it alone, and this player is of another."""
        held = {one.party.name for one in self.explorer.stage.mandates if one.name == move.player}
        return self._is_a_draft(number) and self.plan.world(number).ticket.opened_party not in held

    def _is_a_draft(self, number: int) -> bool:
        """By the declaration alone: so it is in a state for its opener, and so it stays when it ends as such."""
        state = self.explorer.workflow.states.get(self.plan.explored.states[number])
        parent = self.plan.explored.parents[number]
        if state is None or parent is None:
            return False
        return state.opener_only or (state.final and self._is_a_draft(parent[0]))

    def _prove(self, move: Move) -> None:
        if self.number and move.factor == FRESH and self._asks(move.act):
            Stage.prove(self.stage, self.number, move.player)

    def _asks(self, act: str) -> bool:
        declared = self.house.workflows[self.kind].actions[act]
        return any(guard.name == "identified" for guard in declared.guards)

    def _send(self, move: Move, *, proves: bool = True) -> Any:
        """The move as a request of its player; `lapsed` has no mandate while it lasts."""
        if proves:
            self._prove(move)
        if move.lapsed:
            self.stage.change_mandate(move.lapsed, revoked_at=self.house.at)
        try:
            return self._sent(move)
        finally:
            if move.lapsed:
                self.stage.change_mandate(move.lapsed, revoked_at=None)

    def _sent(self, move: Move) -> Any:
        action = self.explorer.workflow.actions[move.act]
        fields = {} if action.by_clock else dict(self.resolved(self.explorer.stage.fills(action)[move.fill][0].fields))
        if not self.number:
            body = {"kind": self.kind, "action": move.act, "fields": as_json(fields), "contract": self.house.contract}
            answer = self.house.post("/tickets", body, move.player)
            self.number = (answer.get_json().get("ticket") or {}).get("number", "")
            return answer
        if action.takes_file:
            content = f"%PDF-{fields.pop('file')['digest']}".encode()
            return self.house.bring(self.number, move.player, content=content, **fields)
        if "code" in fields:
            fields["code"] = self._code(fields["code"])
        return self.house.act(self.number, move.act, move.player, **fields)

    def _code(self, wanted: str) -> str:
        """What the page of the person who was called shows, or surely something else."""
        shown = [one.code for one in self._checks() if one.code is not None]
        if not shown:
            return wanted
        return shown[-1] if wanted == RIGHT_CODE else f"{(int(shown[-1]) + 1) % 10**6:06d}"

    def _checks(self) -> Any:
        with reading(self.house.engine) as session:
            row = session.query(Ticket).filter_by(number=self.number).one()
            return gather.facts(
                session, row, contract=self.stage.contract, workflow=self.house.workflows[self.kind], at=self.house.at,
                unseal=self.stage.desk.unseal, action="",
            ).identity  # fmt: skip

    def resolved(self, value: Any) -> Any:
        """What is filled in, with the persons and instants of this house."""
        if isinstance(value, Who):
            return self.persons[value.name]
        if isinstance(value, After):
            return self.begins + value.span
        if value == NUMBER and any(_is_itself(one) for one in self._supposed_tickets()):
            return self.number
        if isinstance(value, Mapping):
            return {name: self.resolved(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolved(one) for one in value]
        return value
