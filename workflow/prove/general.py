"""What must hold of every duty, whatever it is about. The names are those of the list of invariants (G1 to G14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from workflow.declare import CLIENT, SUPERVISOR, SUPPLIER, State, Workflow
from workflow.prove.claims import FRESH, Claim, Step, can_always, can_end, never, never_stands
from workflow.prove.standing import AGREE
from workflow.prove.world import World

CALLS = dict.fromkeys(
    ("call_out", "acknowledge_call", "resume_calling"),
    "Who is called is shown by tests of its own; a call stops no limit of the contract and opens no way.",
)
"""Standing acts of calling: a proof leaves the reminders out that they rest on."""


def unentitled(step: Step) -> bool:
    return not step.action.by_clock and not step.holds(step.person, *step.action.by)


def moved_by_supervisor(step: Step, own: Collection[str]) -> bool:
    return step.party == SUPERVISOR.name and step.source != step.dest and step.action.name not in own


def clock_decides(step: Step, leads: Mapping[str, str | None]) -> bool:
    if not step.action.by_clock:
        return False
    name = step.action.name
    return name not in leads or (step.dest != leads[name] if leads[name] else step.dest != step.source)


def for_both(step: Step) -> bool:
    return len({held.party for held in step.attempt.mandates_of(step.person)}) > 1


def nothing_runs(world: World, settled: Collection[str]) -> bool:
    """Nothing is limited, and nothing that was missed is still owed."""
    return world.state not in settled and not any(
        timer.status == "running" or (timer.status == "missed" and timer.stopped_at is None)
        for timer in world.facts.timers
    )


def general(
    workflow: Workflow,
    *,
    binding: Collection[str],
    by_clock: Mapping[str, State | None],
    by_supervisor: Collection[str] = (),
    unlimited: Collection[State] = (),
    ends_alone: Mapping[str, Collection[State]] | None = None,
) -> tuple[Claim, ...]:
    """The general claims for one duty. `binding`: acts of its own that nobody may do without a fresh second factor. `by_clock`:
    what the clock may do, and to which state it may lead (None: to none). `by_supervisor`: acts by which the supervisor may move
    a ticket. `unlimited`: states that may go on for ever, because nothing is owed in them. `ends_alone`: by party the states
    from which it can bring about an end without the other one."""
    states, parties = tuple(workflow.states.values()), {"client": CLIENT, "supplier": SUPPLIER}
    finals = {state.name for state in states if state.final}
    leads = {act: state.name if state else None for act, state in by_clock.items()}
    settled = finals | {state.name for state in unlimited}
    return (
        never("G1", "C10.2", "Nobody does an act of which they hold no role at that moment.", when=unentitled),
        never("G2", "C10.2", "The supervisor moves no ticket, except by its own acts.",
              when=lambda step: moved_by_supervisor(step, by_supervisor)),
        never("G3", "C10.2", "What has ended has ended: nothing leads out of a final state.",
              when=lambda step: step.source in finals and step.dest != step.source),
        never("G13", "C9.5", "No natural person acts for two parties.", when=for_both),
        never("G14", "C9.5", "Nobody binds a party without having just proved who they are, for the ticket as it stands.",
              acts=(*binding, AGREE), when=lambda step: step.factor != FRESH),
        never("G15", "C10.2", "The clock notes, expires and archives. It never confirms, consents or closes.",
              when=lambda step: clock_decides(step, leads)),
        can_end("G6", "C10.2", "From every state an end can be reached."),
        *(
            can_end(f"G6.{party}", "C10.2", f"The {party} is no hostage: where it says so, it can bring about an end alone.",
                    party=parties[party], states=where)
            for party, where in (ends_alone or {}).items()
        ),
        Claim("G9", "C10.2", "Whose turn it is has something to do that leads on.", "awaited"),
        never_stands("G10", "C10.2", "Whatever has not ended has a limit, or is said to need none.",
                     when=lambda world: nothing_runs(world, settled)),
        *(
            can_always(f"G11.{party}", "C10.2", f"The {party} may always remark and attach, also after the end.",
                       acts=act, states=states, party=parties[party])
            for party in parties
            for act in ("remark", "attach")
        ),
    )  # fmt: skip
