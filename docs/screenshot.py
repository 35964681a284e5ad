"""Takes the pictures of the documentation from a real browser: `.venv/bin/python docs/screenshot.py [folder]`.

The desk is started over a temporary database that the demonstration fills, at a fixed moment, so that the pictures
change only when the pages do. Who is seen in them is invented, and signs in through the demonstration's own door.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

import migrations
from config import Settings
from tests.browser.chromium import FLAGS, find_or_install
from tests.browser.conftest import serving
from tickets import demo, worker
from wsgi import create_app

HERE = Path(__file__).resolve().parent
AT = datetime(2026, 5, 20, 2, 10, tzinfo=UTC)
"""Ten past ten in Beijing, on a working day in the middle of the term."""
WIDTH, HEIGHT, MARGIN = 1240, 800, 8
MOST_BYTES = 300_000


@contextmanager
def demonstration() -> Iterator[str]:
    """The desk of the demonstration while the block runs; gives its address."""
    with TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/desk.db", instance_dir=Path(folder), demo=True)
        app = create_app(settings, now=lambda: AT)
        engine = app.extensions["counterpart"].engine
        migrations.upgrade(engine)
        demo.fill(app)
        worker.turn(app.extensions["tickets"].desk, "pictures")
        with serving(app) as address:
            yield address
        engine.dispose()


def signed_in(browser: Browser, address: str, name: str) -> Page:
    """A page on which `name` has come in through /demo and looks at what waits for their party."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/demo")
    page.get_by_role("button", name=f"以{name}").click()
    page.wait_for_url("**/")
    return page


def find_ticket(page: Page, kind: str, text: str) -> None:
    """Opens the ticket of this kind in whose line the text stands."""
    page.goto(f"/tickets?kind={kind}")
    page.get_by_role("row", name=text).get_by_role("link").first.click()


def take(page: Page, path: Path, *, down_to: str = "footer") -> None:
    """The page from its top down to an element. What a reader on a slow line should not wait for is an error."""
    box = page.locator(down_to).bounding_box()
    if box is None:
        raise SystemExit(f"{path.name}: there is no {down_to} on {page.url}")
    clip = FloatRect(x=0, y=0, width=WIDTH, height=box["y"] + box["height"] + MARGIN)
    page.screenshot(path=path, full_page=True, clip=clip, animations="disabled", caret="hide")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path.name}: {size} bytes are too many")
    print(f"{path.name}: {size} bytes")


def main(folder: Path) -> None:
    """Every picture of the documentation."""
    with demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_or_install()), args=list(FLAGS))
        page = signed_in(browser, address, "芒种")
        take(page, folder / "inbox.png")
        page = signed_in(browser, address, "处暑")
        find_ticket(page, "reboot", "数据交换前置机")
        take(page, folder / "screenshot.png", down_to="#why-start")
        page = signed_in(browser, address, "寒露")
        find_ticket(page, "fault", "综合执法办案系统")
        take(page, folder / "fault.png", down_to="#act-change_level")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
