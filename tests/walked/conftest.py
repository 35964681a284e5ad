"""The furnished house of the API's tests."""

from __future__ import annotations

from tests.api.conftest import furnished as furnished
