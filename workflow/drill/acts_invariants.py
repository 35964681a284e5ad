"""What must hold of single acts of a drill (C9.15), of what is bound to it (C9.5, C9.16), and of what is put right."""

from __future__ import annotations

from workflow.attempt import Past
from workflow.effects import LinkTo
from workflow.prove.claims import Claim, Step, never

STOPS = ("stop_drill", "terminate_early")
ITEMS = (
    "feasibility", "alarming", "locating", "commanding", "responding", "liaison", "supporting", "achievement", "economy",
)  # fmt: skip
"""The nine items of the assessment sheet."""
WORST = 1
JUDGED = ("verify_rectification", "accept_risk")


def binds(step: Step) -> set[str]:
    """The tickets that this one is bound to by the act, or was before."""
    linked = {effect.number for effect in step.accepted.effects if isinstance(effect, LinkTo)}
    return linked | {link.number for link in step.attempt.facts.links}


def unbound(step: Step) -> bool:
    """The operation ticket is named, and stands nowhere but in words."""
    return step.filled("operation_ticket") not in binds(step)


def fault_left_out(step: Step) -> bool:
    """A real fault for which the drill is stopped is not bound to it: the one that is named, else each on its systems."""
    named, begun = step.filled("fault"), step.last("declare_start")
    if named is not None:
        return named not in binds(step)
    systems = str(step.says("systems")).splitlines()
    meanwhile = (
        one.number
        for one in step.attempt.facts.more.get("current", ())
        if one.fields.get("system") in systems and begun is not None and one.opened_at >= begun.at
    )
    return not binds(step).issuperset(meanwhile)


# --- what is put right ------------------------------------------------------------------------------------------------


def of_item(step: Step, item: int, *acts: str) -> list[Past]:
    """What was done about one rectification, in its order."""
    return [event for event in step.attempt.past(*acts) if event.fields["item"] == item]


def hands(step: Step, item: int) -> set[int | None]:
    """Whose it is to put right, and everybody who has said that it is done."""
    given = of_item(step, item, "add_rectification", "reassign_rectification")
    owner = {step.attempt.natural(event.fields.get("owner")) for event in given[-1:]}
    return owner | {event.person for event in of_item(step, item, "finish_rectification")}


def judges_own_work(step: Step) -> bool:
    return step.person in hands(step, step.filled("item"))


def poor_and_left(step: Step) -> bool:
    """An item was assessed as poor, and nothing is put right for that very item."""
    sheet = step.last("assess")
    covered = {event.fields.get("assessed_item") for event in step.attempt.past("add_rectification")}
    return sheet is None or any(sheet.fields[item] == WORST and item not in covered for item in ITEMS)


def left_open(step: Step) -> bool:
    """A rectification that nobody else has found right since it was last given or sent back, and whose risk nobody bears."""
    for added in step.attempt.past("add_rectification"):
        item = added.fields["item"]
        told = of_item(step, item, "add_rectification", "reassign_rectification", "return_rectification", *JUDGED)
        if told[-1].action not in JUDGED or told[-1].person in hands(step, item):
            return True
    return False


CLAIMS: tuple[Claim, ...] = (
    never("D2.bound", "C9.5", "A step that is bound to an operation ticket is bound on record.", acts=("link_operation",),
          when=unbound),
    never("D3.bound", "C9.16", "A drill that is stopped for a real fault is bound to it.", acts=STOPS, when=fault_left_out),
    never("D10.judge", "C9.15", "Nobody judges what they have said themselves to be done.",
          acts=(*JUDGED, "return_rectification"), when=judges_own_work),
    never("D10.poor", "C9.15", "Each item that was assessed as poor has something put right for it.", acts=("summarise",),
          when=poor_and_left),
    never("D10.open", "C9.15", "Nothing is archived while a single rectification is open.", acts=("archive",), when=left_open),
)  # fmt: skip
