"""The counter-example theatre: every guard of a proved duty listed, each story with both endings, in both languages."""

from __future__ import annotations

import re

import pytest

from tests.pages.site import Page, Site, set_language
from workflow import discover
from workflow.prove import stories
from workflow.prove.silent import guard_names

BILLS = {kind: bill for kind in discover() if (bill := stories.read(kind)) is not None}
BILL = BILLS["reboot"]
TOLD = [name for name, one in BILL.stories.items() if one.refusal is not None]
UNTOLD = [name for name, one in BILL.stories.items() if one.refusal is None]
LATIN = re.compile(r"[A-Za-z]{3,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
IN_EITHER = {"Counterpart", "English", "UTC", "履约台", "中文", "staff", "演员"}
NAMES = re.compile(r"(?<![A-Za-z])[A-Z]+\d+(?:\.[a-z_]+)?(?![A-Za-z])")
"""A claim is called the same in both languages."""
FEW = ("complaint", "fault")
"""Their pages are read at every run, those of the others in the long form."""
BREAKS = next(name for name in TOLD if BILL.stories[name].claim)


def main(page: Page) -> str:
    return " ".join(page.text.split())


def marked(page: Page) -> list[dict[str, str | None]]:
    return [given for _, given in page.elements if given.get("aria-current") == "step"]


def links(page: Page) -> set[str]:
    return {(given.get("href") or "").split("?")[0] for tag, given in page.elements if tag == "a"}


@pytest.mark.parametrize("kind", BILLS)
def test_every_guard_of_the_duty_is_listed_and_each_story_is_a_link(site: Site, kind: str) -> None:
    page, declared = site.get(f"/workflows/{kind}/theatre", "staff1"), guard_names(discover()[kind])
    listed = [name for _, given in page.elements if (name := given.get("id") or "").startswith("guard-")]
    told = {name for name, one in BILLS[kind].stories.items() if one.refusal is not None}
    assert sorted(listed) == sorted(f"guard-{name}" for name in declared)
    assert {name for name in declared if f"/workflows/{kind}/theatre/{name}" in links(page)} == told


def test_the_page_says_when_the_stories_are_of_an_earlier_declaration(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for is_now in (True, False):
        monkeypatch.setattr(stories.Playbill, "is_of", lambda *_, is_now=is_now: is_now)
        alerts = [
            one for one in site.get("/workflows/reboot/theatre", "staff1").elements if one[1].get("role") == "alert"
        ]
        assert len(alerts) == (0 if is_now else 1)


@pytest.mark.parametrize("path", ["/workflows/reboot", "/contract"])
def test_the_theatre_is_found_from_the_duty_and_from_the_contract(site: Site, path: str) -> None:
    assert "/workflows/reboot/theatre" in links(site.get(path, "staff1"))
    assert "/workflows/visit/theatre" not in links(site.get("/workflows/visit", "staff1"))


def test_the_story_has_both_endings(site: Site) -> None:
    told = BILL.stories[BREAKS]
    set_language(site.house, "staff1", "en")
    text = main(site.get(f"/workflows/reboot/theatre/{BREAKS}", "staff1"))
    assert told.refusal is not None
    assert f"Refused at step {told.refusal.step + 1}:" in text
    assert text.count(str(told.refusal.says)) == 2, "in the list and at the end"
    assert f"{told.claim} Without it this no longer holds:" in text


def test_one_step_is_marked_in_the_list_and_its_state_in_the_picture(site: Site) -> None:
    longest = max(TOLD, key=lambda name: len(BILL.stories[name].beats))
    beats = BILL.stories[longest].beats
    for number, beat in enumerate(beats, 1):
        page = site.get(f"/workflows/reboot/theatre/{longest}?step={number}", "staff1")
        here = marked(page)
        assert [one["id"] for one in here if one.get("id")] == [f"step-{number}"]
        assert {one["data-state"] for one in here if "data-state" in one} == {beat.after}
    first = site.get(f"/workflows/reboot/theatre/{longest}", "staff1")
    assert [one["id"] for one in marked(first) if one.get("id")] == ["step-1"]


@pytest.mark.parametrize("step", ["0", "99", "x", "1_0", "-1"])
def test_a_step_that_the_story_does_not_have_is_refused(site: Site, step: str) -> None:
    site.get(f"/workflows/reboot/theatre/{BREAKS}?step={step}", "staff1", status=422)


@pytest.mark.parametrize(
    "path", ["visit/theatre", "nothing/theatre", "reboot/theatre/nothing", f"reboot/theatre/{UNTOLD[0]}"]
)
def test_what_is_not_played_is_not_there(site: Site, path: str) -> None:
    site.get(f"/workflows/{path}", "staff1", status=404)


@pytest.mark.parametrize("path", ["/workflows/reboot/theatre", f"/workflows/reboot/theatre/{BREAKS}"])
def test_everybody_with_a_mandate_may_look_and_nobody_else(site: Site, path: str) -> None:
    for by in ("staff1", "engineer1", "reviewer1"):
        site.get(path, by)
    site.get(path, "admin_audit", status=404)
    answer = site.house.app.test_client().get(path)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("kind", [pytest.param(kind, marks=() if kind in FEW else pytest.mark.whole) for kind in BILLS])
def test_no_page_of_the_theatre_mixes_the_languages(site: Site, kind: str, language: str) -> None:
    site.browser("staff1")
    set_language(site.house, "staff1", language)
    foreign = CHINESE if language == "en" else LATIN
    told = [name for name, one in BILLS[kind].stories.items() if one.refusal is not None]
    for path in ("", *(f"/{name}" for name in told)):
        text = site.get(f"/workflows/{kind}/theatre{path}", "staff1").text
        assert set(foreign.findall(NAMES.sub("", text))) - IN_EITHER == set(), path
