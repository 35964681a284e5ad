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
GIVEN, DONE = ("add_rectification", "reassign_rectification"), "finish_rectification"
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


def owner(step: Step, item: int) -> int | None:
    """Whose it is to put right, as it was last given out."""
    given = of_item(step, item, *GIVEN)
    return step.attempt.natural(given[-1].fields.get("owner")) if given else None


def hands(step: Step, item: int) -> set[int | None]:
    """Its owner, and everybody who has said that it is done."""
    return {owner(step, item)} | {event.person for event in of_item(step, item, DONE)}


def came_last(step: Step, item: int) -> str | None:
    """What was done about it last. What somebody judged who had a hand in it is no judgement."""
    own = hands(step, item)
    told = of_item(step, item, *GIVEN, DONE, "return_rectification", *JUDGED)
    return next((one.action for one in reversed(told) if one.action not in JUDGED or one.person not in own), None)


def settled(step: Step) -> bool:
    """Somebody else has found it right, or the client bears its risk."""
    return came_last(step, step.filled("item")) in (None, *JUDGED)


def poor_and_left(step: Step) -> bool:
    """An item was assessed as poor, and nothing is put right for that very item."""
    sheet = step.last("assess")
    covered = {event.fields.get("assessed_item") for event in step.attempt.past("add_rectification")}
    return sheet is None or any(sheet.fields[item] == WORST and item not in covered for item in ITEMS)


def left_to_put_right(step: Step) -> bool:
    """Something was found wrong, and nobody else has found it right since, nor does the client bear its risk."""
    added = (event.fields["item"] for event in step.attempt.past("add_rectification"))
    return any(came_last(step, item) not in JUDGED for item in added)


CLAIMS: tuple[Claim, ...] = (
    never("D2.bound", "C9.5", "A step that is bound to an operation ticket is bound on record.", acts=("link_operation",),
          when=unbound),
    never("D3.bound", "C9.16", "A drill that is stopped for a real fault is bound to it.", acts=STOPS, when=fault_left_out),
    never("D4.poor", "C9.15", "Nothing is summed up while a poor item has nothing put right for it.", acts=("summarise",),
          when=poor_and_left),
    never("D4.right", "C9.15", "Nothing is archived while something is left to be put right.", acts=("archive",),
          when=left_to_put_right),
    never("D4.owner", "C9.15", "Nobody judges what was theirs to put right.", acts=(*JUDGED, "return_rectification"),
          when=lambda step: step.person in hands(step, step.filled("item"))),
    never("D10.ahead", "C9.15", "Nothing is to be put right by a day that has passed.", acts=GIVEN,
          when=lambda step: step.filled("due_at") <= step.at),
    never("D10.settled", "C9.15", "What is settled is neither given out, nor done, nor judged anew.",
          acts=("reassign_rectification", DONE, "accept_risk"), when=settled),
    never("D10.owner", "C9.15", "Only the owner says that it is done.", acts=(DONE,),
          when=lambda step: step.person != owner(step, step.filled("item"))),
    never("D10.done", "C9.15", "Nothing is judged before its owner said that it is done.",
          acts=("verify_rectification", "return_rectification"),
          when=lambda step: came_last(step, step.filled("item")) != DONE),
    never("D10.version", "C9.15", "A revised plan has a version of its own.", acts=("revise_plan",),
          when=lambda step: step.filled("new_version") == step.says("emergency_plan_version")),
)  # fmt: skip
