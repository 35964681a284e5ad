"""Writes what can be generated of workflow/README.md: each duty's diagram and clause table, from the declarations.

Run `python -m docs.write_workflows`; a test fails when the page is not what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import workflow
from workflow.declare import Workflow
from workflow.draw import clause_table, mermaid

PAGE = Path(workflow.__file__).with_name("README.md")
BEGINS, ENDS = "<!-- generated: begins -->", "<!-- generated: ends -->"


def generated() -> str:
    """Every duty in the order of its kind."""
    return "\n".join(line for declared in workflow.discover().values() for line in _duty(declared))


def _duty(declared: Workflow) -> Iterator[str]:
    yield f"\n### {declared.label} ({declared.clause})\n"
    yield declared.says + "\n"
    yield "```mermaid\n" + mermaid(declared) + "```\n"
    yield "| state | clause | meaning |\n|---|---|---|"
    for state in declared.states.values():
        yield f"| {state.name}{' (final)' if state.final else ''} | {state.clause} | {state.meaning} |"
    yield "\n| deadline | clause | what it limits |\n|---|---|---|"
    for deadline in (one for one in declared.deadlines.values() if one.of is None):
        yield f"| {deadline.name} | {deadline.clause} | {deadline.says} |"
    yield "\n| clause | carried by |\n|---|---|"
    for clause, labels in clause_table(declared):
        yield f"| {clause} | {', '.join(f'{label.context} {label.name}' for label in labels)} |"


def page(text: str) -> str:
    """`text` with its generated part written anew."""
    before, _, rest = text.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n{generated()}\n{ENDS}{after}"


def main() -> None:
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
