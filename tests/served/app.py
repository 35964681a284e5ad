"""What the real server of these tests serves: the whole desk, at the moment at which its people were furnished."""

from __future__ import annotations

from flask import Flask

import wsgi
from tests.auth.conftest import START


def create_app() -> Flask:
    return wsgi.create_app(now=lambda: START)
