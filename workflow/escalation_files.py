"""`escalation.toml`: the posts that have to be kept, and who is called after whom while nobody answers.

The file may be absent: such a contract has neither posts nor chains, and nobody is called. Times are names of figures, so
that every number stands with its clause in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workflow.calendar import PERIOD_UNITS
from workflow.declare import ROLES
from workflow.directory import FIGURES_FILE, STATUSES
from workflow.duty import Chain, Post, Step
from workflow.shapes import CLAUSE_ID, FIGURE_NAME, Directory, Table
from workflow.terms import Text

if TYPE_CHECKING:
    from workflow.contract import Contract
    from workflow.shapes import Notes

ESCALATION_FILE = "escalation.toml"
KEEPERS = ("client", "supplier")
"""Parties that perform: who supervises keeps no post."""
MOST_STEPS = 5
"""A chain longer than this would still be calling when the limit it is to save has long run out."""


def read_escalation(directory: Directory) -> tuple[dict[str, Post], dict[str, Chain]]:
    """Posts and chains by their keys, in the order of the file."""
    posts: dict[str, Post] = {}
    chains: dict[str, Chain] = {}
    table = directory.toml(ESCALATION_FILE) if directory.content(ESCALATION_FILE) is not None else None
    if table is None:
        return posts, chains
    for row in table.tables("post"):
        post = _post(row)
        if post.key in posts or post.key in ROLES:
            row.wrong("key", "%(name)s stands here twice.", name=post.key)
        posts[post.key] = post
    for row in table.tables("chain"):
        chain = _chain(row, posts)
        if chain.key in chains:
            row.wrong("key", "%(name)s stands here twice.", name=chain.key)
        chains[chain.key] = chain
    table.done()
    return posts, chains


def _post(row: Table) -> Post:
    party = row.choice("party", KEEPERS)
    post = Post(
        key=row.key("key"),
        name=Text(row.text("zh"), row.text("en")),
        party=party,
        roles=row.names("roles"),
        hours=row.key("hours", FIGURE_NAME),
        clause=row.key("clause", CLAUSE_ID),
        status=row.choice("status", STATUSES),
        question=row.text("question", needed=False),
    )
    row.done()
    for role in post.roles:
        if role not in ROLES or ROLES[role].party.name != party:
            row.wrong("roles", "“%(name)s” is no role of this party.", name=role)
    if not post.roles:
        row.wrong("roles", "Somebody must be able to keep this post.")
    return post


def _chain(row: Table, posts: Mapping[str, Post]) -> Chain:
    basis = row.both("basis") or Text("", "")
    steps = []
    for number, one in enumerate(row.tables("step"), start=1):
        step = Step(one.names("who"), one.key("after", FIGURE_NAME, needed=False), one.names("channels", needed=False))
        one.done()
        if not step.who:
            one.wrong("who", "A step calls somebody.")
        for name in step.who:
            if name not in posts and (name not in ROLES or ROLES[name].party.name not in (*KEEPERS, "supervisor")):
                one.wrong("who", "“%(name)s” is neither a post nor a role.", name=name)
        if not step.after and number > 1:
            one.wrong("after", "Only the first step is taken at once.")
        steps.append(step)
    chain = Chain(
        key=row.key("key"),
        name=Text(row.text("zh"), row.text("en")),
        clause=row.key("clause", CLAUSE_ID),
        status=row.choice("status", STATUSES),
        basis=basis,
        steps=tuple(steps),
        holds=row.key("holds", FIGURE_NAME, needed=False),
        question=row.text("question", needed=False),
    )
    row.done()
    if not 1 <= len(steps) <= MOST_STEPS:
        row.wrong("step", "A chain has from one to %(most)s steps.", most=MOST_STEPS)
    return chain


def check(contract: Contract, notes: Notes) -> None:
    """Notes every clause, setting and figure that posts and chains name and the contract does not have."""
    parts: list[Post | Chain] = [*contract.posts.values(), *contract.chains.values()]
    for part in parts:
        if part.clause not in contract.clauses:
            notes.add(ESCALATION_FILE, part.key, "There is no clause %(clause)s.", clause=part.clause)
    units = {figure.name: figure for figure in contract.figures}
    for post in contract.posts.values():
        setting = units.get(post.hours)
        if setting is None or setting.unit != "setting" or not set(setting.options) <= set(contract.hours):
            notes.add(ESCALATION_FILE, post.key, "“%(name)s” chooses no service hours.", name=post.hours)
    for chain in contract.chains.values():
        for length in (*(step.after for step in chain.steps), chain.holds):
            if length and (length not in units or units[length].unit not in PERIOD_UNITS):
                notes.add(ESCALATION_FILE, chain.key, "“%(name)s” is no length of time in %(file)s.", name=length,
                          file=FIGURES_FILE)  # fmt: skip
