"""A story of the counter-example theatre, walked through by mouse, by keyboard and by itself; and without any script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Comes
from tests.browser.people_at_work import readable
from workflow.prove import stories

BILL = stories.read("reboot")
assert BILL is not None
LONGEST = max(BILL.stories.values(), key=lambda one: len(one.beats))
BEATS = LONGEST.beats
PATH = f"/workflows/reboot/theatre/{LONGEST.guard}"


def stands_at(page: Page, number: int) -> None:
    """The step is marked in the list, its state in the picture, and the address says so."""
    expect(page.locator("[data-beat][aria-current=step]")).to_have_id(f"step-{number}")
    after = BEATS[number - 1].after
    expect(page.locator(f"svg [data-state={after}], .apart [data-state={after}]").first).to_have_class(
        re.compile("state-here")
    )
    assert page.locator("svg .state-here").count() <= 1


def test_a_story_is_walked_through_and_plays_by_itself(comes: Comes) -> None:
    page = comes("白露").page
    page.clock.install()
    page.goto("/contract")
    page.get_by_role("main").locator("a[href*='/theatre']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("反例剧场")
    readable(page)
    page.goto(PATH)
    stands_at(page, 1)
    page.get_by_role("link", name="下一步").click()
    stands_at(page, 2)
    expect(page).to_have_url(re.compile(r"step=2#step-2$"))
    expect(page.get_by_role("status").last).to_contain_text(f"第 2 步，共 {len(BEATS)} 步")
    page.keyboard.press("ArrowLeft")
    stands_at(page, 1)
    page.keyboard.press("ArrowLeft")
    stands_at(page, 1)
    page.get_by_role("button", name="播放").click()
    page.clock.run_for(2_300)
    stands_at(page, 2)
    page.get_by_role("button", name="暂停").click()
    page.clock.run_for(10_000)
    stands_at(page, 2)
    page.get_by_role("button", name="播放").click()
    page.clock.run_for(2_300 * len(BEATS))
    stands_at(page, len(BEATS))
    expect(page.get_by_role("button", name="播放")).to_be_visible()
    expect(page.get_by_role("link", name="下一步")).to_have_attribute("aria-disabled", "true")
    page.reload()
    stands_at(page, len(BEATS))
    readable(page)


def test_without_a_script_each_step_is_a_page_of_its_own(comes: Comes) -> None:
    page = comes("白露", java_script_enabled=False).page
    page.goto(PATH)
    stands_at(page, 1)
    expect(page.locator("[data-control=play]")).to_be_hidden()
    page.get_by_role("link", name="下一步").click()
    stands_at(page, 2)
    page.locator(f"#step-{len(BEATS)} > a").click()
    stands_at(page, len(BEATS))


def test_the_token_stands_in_its_place_when_the_page_comes(comes: Comes) -> None:
    page = comes("白露").page
    page.goto(f"{PATH}?step={len(BEATS)}")
    assert page.locator(".token").evaluate("one => one.getAnimations().length") == 0
    page.locator("#step-1 > a").click()
    assert page.locator(".token").evaluate("one => one.getAnimations().length") == 1


def test_nothing_glides_for_whoever_asked_for_calm(comes: Comes) -> None:
    page = comes("白露", reduced_motion="reduce", viewport={"width": 390, "height": 844}).page
    page.goto(PATH)
    page.keyboard.press("ArrowRight")
    stands_at(page, 2)
    glides = page.locator(".token").evaluate("one => getComputedStyle(one).transitionDuration")
    assert float(glides.removesuffix("s")) < 0.001
    readable(page)
