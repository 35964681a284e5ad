"""The contract as code: pure declarations, judgement and contract data. No database, no clock, no language.

Every module here that has a `workflow` is a duty of the contract; that is all it takes to add one.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.declare import Workflow


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
