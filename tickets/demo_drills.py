"""Stories of the demonstration week."""

from __future__ import annotations

DRILLS = ()
