"""What a browser fetches is named by its content, cached for ever, and nothing beside it is served."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from static import assets, build


@pytest.fixture
def browser() -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    assets.install(app)
    return app.test_client()


def _sources(home: Path, style: str) -> Path:
    for path in build.SOURCES.values():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(f"/* {path} */\n{style}")
    return home


def test_a_changed_file_gets_another_name_and_the_old_one_goes(tmp_path: Path) -> None:
    home, target = _sources(tmp_path, "one"), tmp_path / "built"
    first = build.build(home, target)
    assert build.build(home, target) == first
    (home / build.SOURCES["desk.css"]).write_text("two")
    second = build.build(home, target)
    assert {name for name in first if first[name] != second[name]} == {"desk.css"}
    names = {path.name for path in target.iterdir()}
    assert names == {"manifest.json", *second.values(), *(f"{name}.gz" for name in second.values())}
    assert gzip.decompress((target / f"{second['desk.css']}.gz").read_bytes()) == b"two"


def test_a_source_map_that_is_not_shipped_is_not_asked_for(tmp_path: Path) -> None:
    home = _sources(tmp_path, "a{}\n/*# sourceMappingURL=a.css.map */\n")
    built = tmp_path / "built" / build.build(home, tmp_path / "built")["tabler.css"]
    assert "sourceMappingURL" not in built.read_text()


def test_an_absent_source_is_named(tmp_path: Path) -> None:
    (_sources(tmp_path, "one") / build.SOURCES["htmx.js"]).unlink()
    with pytest.raises(build.BuildError, match=r"htmx\.min\.js"):
        build.build(tmp_path, tmp_path / "built")


def test_a_built_file_may_be_kept_for_ever(browser: FlaskClient) -> None:
    answer = browser.get(assets.asset("desk.css"), headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


@pytest.mark.parametrize("name", ["assets.py", "build.py", "../config.py", "desk.css", "__init__.py"])
def test_nothing_beside_the_built_files_is_served(browser: FlaskClient, name: str) -> None:
    assert browser.get(assets.PREFIX + name).status_code == 404


def test_a_name_that_was_not_built_is_an_error_not_a_dead_link() -> None:
    with pytest.raises(assets.AssetsMissing, match="tea"):
        assets.asset("tea.css")


def test_without_assets_the_message_says_what_makes_them(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsMissing, match="make assets"):
        assets.manifest(tmp_path)
