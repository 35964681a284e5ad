"""Serves the built files, for ever cacheable, and gives templates `asset("desk.css")`: the address of one of them."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from flask import Flask

BUILT = Path(__file__).resolve().parent / "built"
PREFIX = "/static/"
_BUILT_NAME = re.compile(r"^.+\.[0-9a-f]{12}\.(?:css|js|svg)$")


class AssetsMissing(RuntimeError):
    """The built files are not there, or lack one that a template asks for: `make assets` makes them."""


@lru_cache(maxsize=4)
def manifest(built: Path = BUILT) -> dict[str, str]:
    """Plain name to built name. Raises AssetsMissing where nothing was built."""
    try:
        named: dict[str, str] = json.loads((built / "manifest.json").read_text())
    except FileNotFoundError:
        raise AssetsMissing(f"{built} holds no manifest.json; run `make assets`") from None
    return named


def asset(name: str) -> str:
    """The address of the built file that `name` stands for. Raises AssetsMissing for a name that was not built."""
    try:
        return PREFIX + manifest()[name]
    except KeyError:
        raise AssetsMissing(f"{name} is not among the built assets; add it to static/build.py") from None


def install(app: Flask) -> None:
    """Lets `app` serve the built files and its templates name them.

    Only the built folder is served, never `static/` itself: that one holds source code. Create the app with
    `static_folder=None`, so that Flask opens no second way. WhiteNoise answers before Flask does, therefore the
    headers that Flask's `after_request` sets have to be said here too.
    """
    app.jinja_env.globals["asset"] = asset
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # To wrap an app, Flask has one assign here.
        app.wsgi_app,
        root=BUILT,
        prefix=PREFIX,
        add_headers_function=_headers,
        immutable_file_test=lambda _path, url: _BUILT_NAME.match(url) is not None,
    )


def _headers(headers: MutableMapping[str, str], _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
