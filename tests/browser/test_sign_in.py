"""Coming in, going out and the administrators' pages in a real browser, Chinese first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from auth import demo, totp
from database import transaction
from tests.auth.conftest import PASSWORD, Desk
from tests.auth.whole import whole_desk
from tests.browser.conftest import Serve, Visit

WIDTHS = (1280, 390)
REFUSED = "用户名、密码或动态码不正确，或尝试次数过多。"


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Desk]:
    with whole_desk(tmp_path) as made:
        yield made


def enrol(page: Page, whole: Desk, link: str) -> str:
    """Does what the page of a one-time link asks for; gives the secret that the phone then holds."""
    page.goto(link)
    secret = page.locator("code").inner_text()
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再次输入密码").fill(PASSWORD)
    page.get_by_label("应用当前显示的动态码").fill(totp.code_of_step(secret, totp.step_at(whole.at)))
    page.get_by_role("button", name="完成并登录").click()
    return secret


def fill_sign_in(page: Page, username: str, password: str, code: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_label("手机动态码").fill(code)
    page.get_by_role("button", name="登录", exact=True).click()


def test_the_first_administrator_enrols_adds_a_person_and_that_person_enrols(
    live_server: Serve, visit: Visit, whole: Desk
) -> None:
    base = live_server(whole.app)
    said = whole.app.test_cli_runner().invoke(args=["people", "first-admin", "xiaohan", "小寒"])
    page = visit(base)
    secret = enrol(page, whole, said.output.strip())
    expect(page).to_have_url(f"{base}/security/people")
    whole.pass_time(minutes=1)
    page.get_by_label("用户名").fill("bailu")
    page.get_by_label("姓名").fill("白露")
    page.get_by_label("理由").fill("新到岗")
    page.get_by_label("手机动态码").fill(totp.code_of_step(secret, totp.step_at(whole.at)))
    page.get_by_role("button", name="添加人员").click()
    link = page.locator("#one-time-link").inner_text()
    assert link.startswith(f"{base}/enrol/")
    newcomer = visit(base)
    enrol(newcomer, whole, link)
    expect(newcomer.get_by_text("您目前没有任何授权")).to_be_visible()
    again = visit(base)
    assert again.goto(link).status == 404
    expect(again.get_by_text("此链接已使用或已过期")).to_be_visible()


def test_a_mandate_is_granted_on_a_page_that_says_what_each_role_may_do(
    live_server: Serve, visit: Visit, whole: Desk
) -> None:
    sec, person = whole.person("xiaohan", "admin.security"), whole.person("bailu")
    page = visit(live_server(whole.app))
    page.goto("/sign-in")
    fill_sign_in(page, "xiaohan", PASSWORD, whole.code(sec))
    page.goto("/language/zh_Hans_CN?next=/security/people")
    page.get_by_role("link", name="bailu!").click()
    expect(page.get_by_text("不能同意危险操作，也不能签署协议。")).to_be_visible()
    page.get_by_role("radio", name=re.compile("^甲方经办人")).check()
    grant = page.locator(f'form[action="/security/people/{person.id}/mandates"]')
    grant.get_by_label("理由").fill("到岗")
    grant.get_by_label("手机动态码").fill(whole.code(sec))
    grant.get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("授权已授予。")


def test_a_wrong_and_a_used_code_are_refused_in_the_same_words_and_the_fifth_locks(
    live_server: Serve, visit: Visit, whole: Desk
) -> None:
    person = whole.person("bailu", "client.staff")
    page = visit(live_server(whole.app))
    page.goto("/sign-in")
    code = whole.code(person)
    fill_sign_in(page, "bailu", PASSWORD, "000000" if code != "000000" else "000001")
    expect(page.get_by_role("alert")).to_contain_text(REFUSED)
    fill_sign_in(page, "bailu", PASSWORD, code)
    expect(page.get_by_role("button", name=re.compile("退出登录|Sign out"))).to_be_visible()
    other = visit(page.url)
    other.goto("/sign-in")
    for _ in range(5):
        fill_sign_in(other, "bailu", PASSWORD, code)
        expect(other.get_by_role("alert")).to_contain_text(REFUSED)
        expect(other.get_by_role("alert")).to_contain_text("连续错误 5 次后，15 分钟内不再受理登录。")
    fill_sign_in(other, "bailu", PASSWORD, whole.code(person))
    expect(other.get_by_role("alert")).to_contain_text(REFUSED)
    whole.pass_time(minutes=15)
    fill_sign_in(other, "bailu", PASSWORD, whole.code(person))
    expect(other.get_by_role("alert")).to_have_count(0)


def test_the_language_links_work_before_and_after_signing_in(live_server: Serve, visit: Visit, whole: Desk) -> None:
    person = whole.person("dahan", "admin.audit")
    page = visit(live_server(whole.app))
    page.goto("/sign-in")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to the desk")
    page.get_by_role("link", name="中文").click()
    fill_sign_in(page, "dahan", PASSWORD, whole.code(person))
    expect(page.get_by_role("heading", level=1)).to_have_text("安全事件")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Security events")


def test_after_signing_out_the_way_back_shows_nothing(live_server: Serve, visit: Visit, whole: Desk) -> None:
    person = whole.person("dahan", "admin.audit")
    base = live_server(whole.app)
    page = visit(base)
    page.goto("/security/events")
    expect(page).to_have_url(f"{base}/sign-in?next=/security/events")
    fill_sign_in(page, "dahan", PASSWORD, whole.code(person))
    expect(page).to_have_url(f"{base}/security/events")
    page.get_by_role("button", name=re.compile("退出登录|Sign out")).click()
    expect(page).to_have_url(f"{base}/sign-in")
    page.go_back()
    expect(page).to_have_url(f"{base}/sign-in?next=/security/events")


PAGES = {
    "": ("/sign-in",),
    "client.staff": ("/account",),
    "admin.security": ("/security/people", "/security/people/1", "/security/people/2"),
    "admin.audit": ("/security/events", "/security/refused-acts"),
    "admin.system": ("/system",),
}


OF_THE_LONG_FORM = ("admin.audit", "admin.system")


@pytest.mark.parametrize(
    "role", [pytest.param(role, marks=pytest.mark.whole if role in OF_THE_LONG_FORM else ()) for role in PAGES]
)
def test_everybody_can_read_these_pages_on_a_desk_and_on_a_phone(
    live_server: Serve, visit: Visit, whole: Desk, role: str
) -> None:
    whole.person("guyu", "supplier.desk")
    base = live_server(whole.app)
    person = whole.person("bailu", role) if role else None
    page = visit(base)
    if person is not None:
        page.goto("/sign-in")
        fill_sign_in(page, "bailu", PASSWORD, whole.code(person))
    page.goto("/language/zh_Hans_CN?next=/sign-in")
    readable(page, PAGES[role])


def test_everybody_can_read_the_cast_of_the_demonstration(live_server: Serve, visit: Visit, tmp_path: Path) -> None:
    with whole_desk(tmp_path, demo=True) as whole:
        with transaction(whole.engine) as session:
            demo.mark(session, whole.at)
        whole.person("bailu", "client.staff")
        page = visit(live_server(whole.app))
        readable(page, ("/demo",))
        page.get_by_role("button", name="以bailu!的身份登录").click()
        expect(page.get_by_text("bailu!")).to_be_visible()


def readable(page: Page, paths: tuple[str, ...]) -> None:
    """No complaint of axe, nothing wider than the window, and Chinese, at both widths, with everything unfolded."""
    for path in paths:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path)
            page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            found = [
                (one["id"], [node["html"] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]
            ]
            assert (path, width, found) == (path, width, [])
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert page.locator("html").get_attribute("lang") == "zh-Hans-CN"
