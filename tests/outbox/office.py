"""An outbox over the furnished house: people with addresses, carriers that note down what they are handed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from database import reading, transaction
from tests.api.house import House
from tickets.models import Message, Ticket
from tickets.outbox import people
from tickets.outbox.carriers import Carrier, Letter
from tickets.outbox.models import Delivery, Untold
from tickets.outbox.post import Outbox, carriers_of


@dataclass
class Recorder:
    """A carrier that notes down every letter, and fails as often as it was told to."""

    letters: list[Letter] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    tries: int = 0

    def carry(self, letter: Letter) -> None:
        self.tries += 1
        if self.faults:
            raise self.faults.pop(0)
        self.letters.append(letter)


class Office:
    """See the module's docstring."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.mail, self.robot = Recorder(), Recorder()
        self.outbox = self.open({"email": self.mail, "wecom": self.robot})

    def open(self, carriers: Mapping[str, Carrier]) -> Outbox:
        """Another worker's outbox."""
        desk = self.house.room.desk
        return Outbox(self.house.app, contracts=desk.contracts, workflows=desk.workflows, carriers=carriers)

    def real(self, **settings: Any) -> Outbox:
        """An outbox with the carriers that these settings ask for."""
        return self.open(carriers_of(replace(self.house.app.extensions["counterpart"].settings, **settings)))

    def address(self, username: str, channel: str = "email", address: str = "") -> None:
        """Gives somebody an address."""
        with transaction(self.house.engine) as session:
            to = address or f"{username}@example.org"
            people.set_address(session, self.house.keyring, self.house.ids[username], channel, to, at=self.house.at)

    def prefer(self, username: str, **wishes: Any) -> None:
        """What somebody wants; by default every channel at once."""
        both = ("email", "wecom")
        with transaction(self.house.engine) as session:
            people.keep(
                session,
                self.house.ids[username],
                urgent=wishes.get("urgent", both),
                ordinary=wishes.get("ordinary", both),
                quiet_from=wishes.get("quiet_from", ""),
                quiet_to=wishes.get("quiet_to", ""),
                digest_at=wishes.get("digest_at", ""),
            )

    def deliveries(self, channel: str | None = None) -> list[Delivery]:
        """All of them, in the order in which they were made."""
        with reading(self.house.engine) as session:
            query = select(Delivery).order_by(Delivery.id)
            return list(session.scalars(query.where(Delivery.channel == channel) if channel else query))

    def told(self, channel: str = "desk") -> list[tuple[str, str]]:
        """Who was told of which ticket, in order."""
        names = {number: name for name, number in self.house.ids.items()}
        with reading(self.house.engine) as session:
            rows = session.execute(
                select(Delivery.person_id, Ticket.number)
                .join(Message, Message.id == Delivery.message_id)
                .join(Ticket, Ticket.id == Message.ticket_id)
                .where(Delivery.channel == channel)
                .order_by(Delivery.id)
            )
            return [(names[person], number) for person, number in rows]

    def untold(self) -> int:
        with reading(self.house.engine) as session:
            return len(session.scalars(select(Untold.message_id)).all())

    def alarm(self, number: str, parties: Iterable[str] = ("client", "supplier")) -> None:
        """An urgent message about the ticket's last event."""
        event = self.house.events(number)[-1]
        with transaction(self.house.engine) as session:
            session.add_all(
                Message(
                    contract_key=event.contract_key,
                    ticket_id=event.ticket_id,
                    event_id=event.id,
                    party=party,
                    at=self.house.at,
                    words={"text": "%(number)s: a planted alarm", "values": {"number": number}},
                    urgent=True,
                )
                for party in parties
            )
