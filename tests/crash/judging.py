"""What a crash left: the act wholly or not at all, what was answered in any case, and one event however often it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from tests.crash.child import desk_on, dump
from tests.crash.scenes import Scene
from tests.crash.tracing import OUTWARD, Call, Run
from tickets import log_check

Standing = Mapping[str, str]


def left_by(scene: Scene, run: Run, after: Standing) -> list[str]:
    """One line for each thing that is wrong with what a run left; then the act is asked for again, with the same key."""
    with scene.opened() as engine:
        with engine.connect() as connection:
            said = connection.execute(text("PRAGMA integrity_check")).scalar()
        found = [] if said == "ok" else [f"integrity: {said}"]
        standing = dump(engine)
        found += whole(scene, standing, after, answered=run.answered)
        for refusal in run.refusals:
            found += whole(scene, refusal["dump"], after, answered=False) if refusal["dump"] else []
        was_there = standing == after
        outcome = desk_on(engine, scene.at).act(scene.act)
        if not outcome.accepted or (was_there and not outcome.replayed):
            found.append(f"asked again: {outcome.result}, {'the first answer' if outcome.replayed else 'a new one'}")
        if (standing := dump(engine)) != after:
            found.append(f"asked again: not one event, but other {_others(standing, after)}")
        return found + [f"log: {fault}" for fault in log_check.verify(desk_on(engine, scene.at))]


def whole(scene: Scene, standing: Standing, after: Standing, *, answered: bool) -> list[str]:
    """All of the act is there or nothing of it; all of it where it was answered."""
    if standing == after:
        return []
    if standing != scene.before:
        return [f"half done: other {_others(standing, scene.before)}, not yet {_others(standing, after)}"]
    return ["answered but lost"] if answered else []


def _others(one: Standing, other: Standing) -> str:
    return ", ".join(name for name in one if one[name] != other.get(name))


def before_the_answer(calls: Sequence[Call]) -> list[str]:
    """The answer leaves only after all that the act wrote to the log of the database is on disk, and nothing leaves before."""
    found = []
    answer = next((n for n, call in enumerate(calls) if call.name == "write" and _answers(call)), None)
    if answer is None:
        return ["there was no answer"]
    written = [n for n, call in enumerate(calls[:answer]) if "-wal>" in call.rest and call.name.startswith("pwrite")]
    synced = [n for n, call in enumerate(calls[:answer]) if "-wal>" in call.rest and call.name.endswith("sync")]
    if not written:
        found.append("the answer left before anything was written")
    elif not synced or synced[-1] < written[-1]:
        found.append("the answer left before what was written was on disk")
    for call in calls[:answer]:
        elsewhere = call.name.startswith(("write", "pwrite")) and not any(
            own in call.rest.split(",")[0] for own in (".db>", ".db-wal>", ".db-shm>", "<pipe:")
        )
        if call.name in OUTWARD or elsewhere:
            found.append(f"something left before the act was done: {call.name}({call.rest[:80]}")
    return found


def _answers(call: Call) -> bool:
    return call.rest.startswith("1<") and '"ack ' in call.rest
