"""What documentation shows of the declarations is what the declarations say."""

from __future__ import annotations

from docs.write_workflows import PAGE, page


def test_the_page_of_the_duties_is_up_to_date() -> None:
    written = PAGE.read_text()
    assert page(written) == written, "run `python -m docs.write_workflows`"


def test_a_changed_declaration_would_be_noticed() -> None:
    written = PAGE.read_text()
    assert page(written.replace("stateDiagram-v2", "stateDiagram-v1")) == page(written) != written.replace("v2", "v1")
