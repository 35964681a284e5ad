"""A furnished house of its own: whoever works in it otherwise has no mandate while a tour goes on."""

from __future__ import annotations

from tests.api.conftest import furnished as furnished
