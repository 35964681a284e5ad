"""The log of a contract: an RFC 6962 Merkle tree, whose frontier is a row written with the event that it takes in.

There is no merge delay: the receipt given with the answer is final. The leaf commits to an event's contents under a salt,
so that contents can one day be destroyed by agreement without breaking the history that they were there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.canonical import canonical

VERSION = "counterpart/log/v1"


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962: a leaf is hashed under 0x00, so that no leaf can pass for an inner node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962: an inner node is hashed under 0x01."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def commitment(salt: str, contents: Any) -> str:
    """SHA-256 over salt and canonical contents: says nothing about the contents once the salt is gone."""
    return hashlib.sha256(bytes.fromhex(salt) + canonical(contents)).hexdigest()


@dataclass(frozen=True)
class Grown:
    """The tree after one more leaf: `frontier` holds the roots of its perfect subtrees, largest first."""

    size: int
    frontier: tuple[bytes, ...]
    root: bytes
    proof: tuple[bytes, ...]
    """Inclusion proof of the new leaf (index size - 1), from the leaf upwards."""


def grow(size: int, frontier: Sequence[bytes], leaf: bytes) -> Grown:
    """Appends a leaf hash to a tree of `size` leaves."""
    stack, node, carry = list(frontier), leaf, size
    proof: list[bytes] = []
    while carry & 1:
        left = stack.pop()
        proof.append(left)
        node = node_hash(left, node)
        carry >>= 1
    stack.append(node)
    # What stands to the left of the last perfect subtree is passed on the way up to the root.
    proof += reversed(stack[:-1])
    return Grown(size + 1, tuple(stack), root(stack), tuple(proof))


def root(frontier: Sequence[bytes]) -> bytes:
    """The root over the perfect subtrees; of an empty tree the hash of nothing."""
    if not frontier:
        return hashlib.sha256(b"").digest()
    node = frontier[-1]
    for left in reversed(frontier[:-1]):
        node = node_hash(left, node)
    return node


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether `proof` shows that `leaf` stands at `index` in the tree of `size` leaves with the root `expected`
    (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == expected


def leaf_bytes(event: Mapping[str, Any]) -> bytes:
    """What a leaf commits to: who did what, when, from where to where, and commitments to everything that was said."""
    said = {name: event[name] for name in ("name", "fields", "missing", "notices")}
    return canonical(
        {
            "v": VERSION,
            **{
                name: event[name]
                for name in (
                    "contract_key",
                    "log_index",
                    "ticket",
                    "sequence",
                    "at",
                    "action",
                    "clause",
                    "accepted",
                    "reason",
                    "account_id",
                    "person_id",
                    "party",
                    "role",
                    "door",
                    "source",
                    "dest",
                    "version",
                    "content",
                    "proofs",
                    "papers",
                )
            },
            "said": commitment(event["salt"], said),
        }
    )
