"""What was proved of each duty, as the certificate has it, and whether that is what this desk runs now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflow.contract import Contract
from workflow.declare import Workflow
from workflow.prove import certificate

for _kind in certificate.read():
    certificate.program(_kind)  # Before anybody can replace a file under the running desk.
certificate.explorer()


@dataclass(frozen=True)
class ProofSeen:
    """The certificate of one duty: how many worlds were gone through by how many steps, how many claims held in each of
    them, and the digest of the declarations, claims and contract of which this was proved."""

    workflow: Workflow
    configurations: int
    edges: int
    claims: int
    holds: bool
    digest: str
    running: str
    """The digest of what this desk runs, under the contract that is shown."""

    @property
    def fits(self) -> bool:
        """Whether what was proved is what runs."""
        return self.digest == self.running

    @property
    def stands(self) -> bool:
        return self.fits and self.holds


def seen(offered: Iterable[Workflow], contract: Contract) -> Iterator[ProofSeen]:
    """The certificate of every duty that has one."""
    held = certificate.read()
    for workflow in offered:
        if (one := held.get(workflow.kind)) is not None:
            scopes = one["scopes"].values()
            yield ProofSeen(
                workflow,
                sum(scope["configurations"] for scope in scopes),
                sum(scope["edges"] for scope in scopes),
                len(one["claims"]),
                one["holds"],
                one["declared"],
                certificate.declared(workflow.kind, contract),
            )
