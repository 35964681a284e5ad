"""Several at one instant, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Lets everybody begin at one instant; gives what each came to, an exception included."""
    barrier = Barrier(len(doings))
    came_to: list[Any] = [None] * len(doings)

    def run(place: int, doing: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            came_to[place] = doing()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the finding
            came_to[place] = error

    threads = [Thread(target=run, args=one) for one in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not [one for one in came_to if isinstance(one, BaseException)], came_to
    assert None not in came_to, "somebody is still waiting"
    return came_to
