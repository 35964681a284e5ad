"""Cheap by construction: a page asks a dozen statements at most, whatever the number of tickets and of events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.pages.site import Site

MOST = 12


def counted(site: Site, path: str, by: str) -> int:
    """The dearest look: the first of a minute, which also notes that the person was seen."""
    site.raw(path, by)
    site.house.later(minutes=2)
    with site.house.counted() as counts:
        assert site.raw(path, by).status_code == 200, path
    return len(counts.statements)


@pytest.fixture
def busy(site: Site, visit_fields: dict[str, Any]) -> Site:
    for place in range(60):
        site.house.open("visit", "staff1", **{**visit_fields, "visitor": f"来访单位{place}"})
    return site


def test_a_list_of_sixty_tickets_costs_as_much_as_one(busy: Site) -> None:
    for path in (
        "/",
        "/tickets",
        "/tickets?kind=visit&state=requested&party=supplier&q=%E6%9D%A5%E8%AE%BF",
        "/notices",
        "/tickets/new",
        "/tickets/new/visit",
        "/tickets/new/fault",
        "/tickets/new/change",
        "/tickets/new/reboot",
        "/contract",
        "/clauses/C9.5",
        "/workflows/reboot",
    ):
        by = "manager1" if path in ("/", "/notices") else "staff1"
        assert counted(busy, path, by) <= MOST, path


def test_pages_follow_each_other_by_key(busy: Site) -> None:
    seen: list[str] = []
    path = "/tickets"
    while path:
        page = busy.get(path, "staff1")
        seen += [
            str(a["href"])
            for tag, a in page.elements
            if tag == "a" and str(a.get("href", "")).startswith("/tickets/BJ")
        ]
        path = next((str(a["href"]) for tag, a in page.elements if tag == "a" and a.get("rel") == "next"), "")
        assert "page=" not in path
        assert "offset" not in path
    assert len(seen) == len(set(seen)) == 60


def test_a_ticket_with_forty_events_costs_no_more(site: Site, visit_fields: dict[str, Any]) -> None:
    number = site.house.open("visit", "staff1", **visit_fields)
    for place in range(39):
        site.house.do(number, "remark", "staff1", text=f"第 {place} 句")
    assert counted(site, f"/tickets/{number}", "manager1") <= MOST
    assert counted(site, f"/receipts/{number}/7", "manager1") <= MOST
    assert counted(site, f"/tickets/{number}/moved?seen=0.0", "manager1") <= MOST


def test_the_kinds_that_gather_most_stay_within_the_count(site: Site) -> None:
    at = site.house.at
    reboot = site.open(
        "reboot",
        "staff1",
        operation="reboot",
        server_name="s",
        server_id="i",
        window_start=at + timedelta(minutes=30),
        window_end=at + timedelta(hours=4),
        reason="r",
        expected_impact="e",
        data_loss_acknowledged="1",
        rollback="b",
        channel="page",
    )
    change = site.open(
        "change",
        "staff1",
        type="expand",
        classification="ordinary",
        system="系统",
        reason="r",
        basis="b",
        before="b",
        after="a",
        window_start=at + timedelta(days=3),
        window_end=at + timedelta(days=3, hours=4),
        downtime_minutes="30",
        impact="i",
        fallback="f",
        backup_confirmed="1",
        funding="f",
        **{"lines-0-line": "1", "lines-0-quantity": "16"},
    )
    assert site.house.row(change).fields["lines"] == [{"line": 1, "quantity": 16, "until": None}]
    for number, by in ((reboot, "desk1"), (reboot, "manager1"), (change, "staff1"), (change, "approver1")):
        assert counted(site, f"/tickets/{number}", by) <= MOST
