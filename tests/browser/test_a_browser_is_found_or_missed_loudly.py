"""Browser tests that silently do not run prove nothing: without a browser the search says what it tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import chromium


def test_the_variable_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = tmp_path / "my-chromium"
    named.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(named))
    assert chromium.find() == named


def test_a_wrong_variable_is_an_error_not_a_hint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "absent"))
    with pytest.raises(chromium.NoChromium, match="absent"):
        chromium.find()


def test_where_none_can_be_had_the_reason_of_each_way_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "find", lambda: None)
    monkeypatch.setattr(chromium, "_ways", lambda: [("by magic", [["no-such-program"]]), ("by force", [["false"]])])
    monkeypatch.setattr("sys.argv", ["chromium.py", "--install"])
    assert chromium.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "by magic" in said.err
    assert "no-such-program" in said.err
    assert "by force: exit status 1" in said.err


def test_an_installed_browser_is_found_after_the_installing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = tmp_path / "chromium"
    monkeypatch.setattr(chromium, "find", lambda: made if made.exists() else None)
    monkeypatch.setattr(chromium, "_ways", lambda: [("by hand", [["touch", str(made)]]), ("never", [["false"]])])
    assert chromium.find_or_install() == made
