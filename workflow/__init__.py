"""The contract as code: pure declarations, judgement and contract data. No database, no clock, no language.

Every module here that has a `workflow` is a duty of the contract; that is all it takes to add one.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow.declare import Workflow

JUDGED = ("mandate", "one_party", "state", "version", "on_the_list", "to_be_signed")
"""What an attempt can lack beyond the guards of its action; `decide` and the desk name these themselves."""


def discover() -> dict[str, Workflow]:
    """Every declared workflow by its kind, in alphabetical order of the modules."""
    from workflow.declare import Workflow

    found: dict[str, Workflow] = {}
    for module in iter_modules(__path__):
        declared = getattr(import_module(f"{__name__}.{module.name}"), "workflow", None)
        if isinstance(declared, Workflow):
            if declared.kind in found:
                raise ValueError(f"two modules declare the kind {declared.kind!r}")
            found[declared.kind] = declared
    return found


def sentences() -> Iterator[str | tuple[str, str]]:
    """Everything that the declarations say to readers: sentences, and names as (context, text)."""
    from workflow.declare import PARTIES, ROLES, Label

    for declared in discover().values():
        yield from (text for text in declared.sentences() if text)
        for label in declared.labels():
            # Guards that a function makes carry what they are about behind a colon; readers see what kind they are.
            yield label.context, str(Label(label.context, label.name.split(":", 1)[0]))
        for action in declared.actions.values():
            if action.form is not None:
                yield from (("option", str(Label("option", key))) for key in action.form.options())
        for name, keys in declared.computed.items():
            yield "field", str(Label("field", name))
            yield from (("option", str(Label("option", key))) for key in keys)
    yield from _of_proofs()
    yield from (("guard", str(Label("guard", name))) for name in JUDGED)
    yield "state", str(Label("state", "not_opened"))
    yield "action", str(Label("action", "identify"))
    yield from (("role", str(Label("role", name))) for name in ROLES)
    yield from (("party", str(Label("party", name))) for name in (*PARTIES, "administration", "desk"))


def _of_proofs() -> Iterator[str | tuple[str, str]]:
    """What the proofs say: their claims, their scopes, and how acts are filled in where there are several ways."""
    from workflow import prove
    from workflow.declare import Label

    for proof in prove.discover().values():
        yield from (claim.says for claim in proof.claims)
        for scope in proof.scopes:
            yield scope.says
            yield from (("player", str(Label("player", player.name))) for player in scope.cast)
            yield from (other.says for other in scope.elsewhere)
            yield from (fill.says for ways in scope.fills.values() for fill in ways if fill.says)
