"""What all tests share: how far Hypothesis goes. Time is handed in by each test, never read and never slept."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Two cores and a parallel run make a deadline a matter of luck. The automatic check must give one answer for one
# state of the code, so it does not draw at random; on a desk the next run looks elsewhere.
settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
