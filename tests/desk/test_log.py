"""The log: RFC 6962 to the letter, every receipt provable, every tampering behind the desk's back named."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests import databases
from tests.stage import Stage
from tickets import log, log_check

# The eight leaves and roots that Certificate Transparency implementations test themselves with.
LEAVES = [
    bytes.fromhex(h)
    for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_published_vectors() -> None:
    size = 0
    frontier: tuple[bytes, ...] = ()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        grown = log.grow(size, frontier, log.leaf_hash(leaf))
        size, frontier = grown.size, grown.frontier
        assert grown.root.hex() == root


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert log.root(()) == hashlib.sha256(b"").digest()


def merkle(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word: the definition that the frontier must agree with."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return log.node_hash(merkle(leaves[:split]), merkle(leaves[split:]))


@given(st.integers(1, 300))
def test_frontier_and_receipts_agree_with_the_definition_for_every_size(size: int) -> None:
    leaves = [log.leaf_hash(str(n).encode()) for n in range(size)]
    grown = log.Grown(0, (), b"", ())
    for leaf in leaves:
        grown = log.grow(grown.size, grown.frontier, leaf)
    assert grown.root == merkle(leaves)
    assert log.includes(leaves[-1], size - 1, size, grown.proof, grown.root)


@given(st.integers(2, 60), st.data())
def test_a_proof_with_one_flipped_bit_proves_nothing(size: int, data: st.DataObject) -> None:
    grown = log.Grown(0, (), b"", ())
    leaf = b""
    for n in range(size):
        leaf = log.leaf_hash(str(n).encode())
        grown = log.grow(grown.size, grown.frontier, leaf)
    at = data.draw(st.integers(0, len(grown.proof) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = bytearray(grown.proof[at])
    flipped[bit // 8] ^= 1 << bit % 8
    proof = (*grown.proof[:at], bytes(flipped), *grown.proof[at + 1 :])
    assert not log.includes(leaf, size - 1, size, proof, grown.root)
    assert not log.includes(leaf, size - 2, size, grown.proof, grown.root)
    assert not log.includes(leaf, size - 1, size, grown.proof[:-1], grown.root)
    assert not log.includes(leaf, size, size, grown.proof, grown.root)


@pytest.fixture
def worked(stage: Stage, visit_fields: dict[str, Any]) -> Stage:
    """A stage on which something has happened, refusals and papers included."""
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.refused(number, "allow", by="engineer1")
    stage.upload(number, "attachment", by="staff1")
    stage.do(number, "allow", by="manager1")
    return stage


def test_an_untouched_log_holds(worked: Stage) -> None:
    assert log_check.verify(worked.desk) == []


TAMPERINGS = {
    "who": "UPDATE event SET person_id = 2 WHERE log_index = 1",
    "when": "UPDATE event SET at = '2020-01-01 00:00:00' WHERE log_index = 1",
    "what was said": 'UPDATE event SET fields = \'{"visitor": "x"}\' WHERE log_index = 0',
    "why refused": "UPDATE event SET missing = '[]' WHERE log_index = 1",
    "a refusal made an acceptance": "UPDATE event SET accepted = true, reason = '' WHERE log_index = 1",
    "the last entry taken away": "DELETE FROM event WHERE log_index = 3",
    "an entry in between taken away": "DELETE FROM event WHERE log_index = 1",
    "two entries swapped": "UPDATE event SET log_index = 3 - log_index + 100 WHERE log_index IN (1, 2)",
    "a paper exchanged": "UPDATE paper SET digest = 'x'",
    "the leaf alone": "UPDATE event SET leaf = 'x' WHERE log_index = 2",
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_behind_the_desks_back_is_named(worked: Stage, name: str) -> None:
    with worked.engine.begin() as connection:
        databases.unguarded(connection)
        if "DELETE" in TAMPERINGS[name]:
            for table in ("paper", "untold", "message"):
                connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - table names of our own
        connection.execute(text(TAMPERINGS[name]))
    assert log_check.verify(worked.desk)
