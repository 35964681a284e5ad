"""C9.5: who asked is called back at the number on the mandate list, and reads out digits that nobody else is shown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.api.house import ONE_EACH
from tests.pages.site import Site

NUMBER = "000-0000-0000"


@pytest.fixture
def number(site: Site) -> str:
    """A signed request for a reboot, for whose asker a call-back is open."""
    at = site.house.at
    opened = site.open(
        "reboot",
        "staff1",
        operation="reboot",
        server_name="办案系统应用服务器二",
        server_id="ecs-bjzf-0217",
        window_start=at + timedelta(minutes=30),
        window_end=at + timedelta(hours=4),
        reason="内核补丁须重启生效。",
        expected_impact="约五分钟不可登录。",
        data_loss_acknowledged="1",
        rollback="由快照恢复系统盘。",
        channel="page",
    )
    site.do(opened, "sign_request", "approver1")
    return opened


def digits(site: Site, number: str, by: str) -> list[str]:
    return re.findall(r'class="digits">([0-9]{6})<', site.get(f"/tickets/{number}", by).html)


def test_c9_5_the_digits_are_shown_to_who_asked_and_to_nobody_else(site: Site, number: str) -> None:
    site.do(number, "call_back", "desk1")
    [shown] = digits(site, number, "staff1")
    for by in sorted({*ONE_EACH.values(), "staff2", "approver2", "desk2"} - {"staff1"}):
        assert shown not in site.get(f"/tickets/{number}", by).html, by
    for path in ("/", "/tickets", "/notices"):
        assert shown not in site.get(path, "staff1").html, path
    site.do(number, "verify_identity", "desk1", code=shown)
    assert digits(site, number, "staff1") == []
    assert shown not in site.get(f"/tickets/{number}", "staff1").html, "a one-time code is not kept with the event"


def test_c9_5_a_wrong_answer_is_refused_and_the_code_is_not_repeated(site: Site, number: str) -> None:
    site.do(number, "call_back", "desk1")
    [shown] = digits(site, number, "staff1")
    wrong = f"{(int(shown) + 1) % 1_000_000:06d}"
    answer = site.act(number, "verify_identity", "desk1", code=wrong)
    assert answer.status_code == 422
    assert wrong not in answer.get_data(as_text=True)
    assert site.house.row(number).state == "called_back"


def test_c9_5_the_number_comes_from_the_mandate_list_and_its_showing_is_on_record(site: Site, number: str) -> None:
    path = f"/tickets/{number}/call-back-number"
    page = site.get(f"/tickets/{number}", "desk1")
    assert NUMBER not in page.html
    answer = site.send(path, page.form(path)["fields"], "desk1")
    assert answer.status_code == 200
    assert NUMBER in answer.get_data(as_text=True)
    with site.house.engine.connect() as connection:
        kinds = [row[0] for row in connection.exec_driver_sql("SELECT kind FROM security_event")]
    assert kinds.count("number_shown") == 1
    assert NUMBER not in site.get(f"/tickets/{number}", "desk1").html


@pytest.mark.parametrize("by", ["staff1", "staff2", "engineer1", "manager1", "reviewer1"])
def test_c9_5_nobody_but_who_verifies_is_shown_a_number(site: Site, number: str, by: str) -> None:
    path = f"/tickets/{number}/call-back-number"
    fields: dict[str, Any] = site.get(f"/tickets/{number}", "desk1").form(path)["fields"]
    page = site.get(f"/tickets/{number}", by)
    assert not page.offers(path)
    token = page.form(f"/tickets/{number}/remark")["fields"]["csrf_token"]
    answer = site.send(path, {**fields, "csrf_token": token}, by)
    assert answer.status_code == 404
    assert NUMBER not in answer.get_data(as_text=True)


def test_c9_5_only_the_numbers_of_those_who_are_to_be_called_are_shown(site: Site, number: str) -> None:
    path = f"/tickets/{number}/call-back-number"
    form = site.get(f"/tickets/{number}", "desk1").form(path)["fields"]
    for mandate in range(1, 40):
        if str(mandate) != form["mandate"]:
            assert site.send(path, {**form, "mandate": str(mandate)}, "desk1").status_code == 404
