"""Acts through the pages: done by whom they belong to, refused to everybody else, with nothing that was typed lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.site import Page, Site


@pytest.fixture
def number(site: Site, visit_fields: dict[str, Any]) -> str:
    return site.open("visit", "staff1", **visit_fields)


def last(site: Site, number: str) -> Any:
    return site.house.events(number)[-1]


def test_a_visit_goes_from_request_to_leaving(site: Site, number: str) -> None:
    site.do(number, "allow", "manager1")
    site.do(number, "enter", "engineer1")
    site.do(number, "remark", "engineer1", text="已在入口登记。")
    site.do(number, "leave", "engineer1")
    row = site.house.row(number)
    assert (row.state, row.final) == ("left", True)
    assert [event.door for event in site.house.events(number)] == ["page"] * 5
    page = site.get(f"/tickets/{number}", "staff1")
    assert "已在入口登记。" in page.text


def test_the_words_of_the_day_say_what_was_done_and_where_it_stands(site: Site, visit_fields: dict[str, Any]) -> None:
    path = "/tickets/new/visit"
    answer = site.send(path, site.fill(path, path, "staff1", **visit_fields), "staff1")
    page = site.get(answer.headers["Location"], "staff1")
    assert "回执" in page.text


def test_who_may_not_act_is_not_offered_it_and_is_refused_on_record(site: Site, number: str) -> None:
    page = site.get(f"/tickets/{number}", "engineer1")
    assert not page.offers(f"/tickets/{number}/allow")
    form = page.form(f"/tickets/{number}/remark")["fields"]
    before = site.house.digest()
    data = {name: form[name] for name in ("csrf_token", "desk-key", "desk-version")}
    answer = site.send(f"/tickets/{number}/allow", data, "engineer1")
    assert answer.status_code == 403
    assert site.house.digest() == before
    assert (last(site, number).action, last(site, number).reason) == ("allow", "not_yours")


def test_an_act_of_a_later_state_is_refused_now(site: Site, number: str) -> None:
    form = site.get(f"/tickets/{number}", "engineer1").form(f"/tickets/{number}/remark")["fields"]
    data = {name: form[name] for name in ("csrf_token", "desk-key", "desk-version")}
    assert site.send(f"/tickets/{number}/leave", data, "engineer1").status_code == 409
    assert last(site, number).reason == "not_now"


def test_c9_5_an_act_that_binds_asks_for_the_code_in_its_own_form(site: Site, number: str) -> None:
    data = site.fill(f"/tickets/{number}", f"/tickets/{number}/allow", "manager1")
    assert data["desk-code"] == ""
    missing = site.send(f"/tickets/{number}/allow", data, "manager1")
    assert missing.status_code == 422
    assert last(site, number).reason == "missing"
    wrong = site.send(f"/tickets/{number}/allow", {**data, "desk-code": "000000"}, "manager1")
    assert wrong.status_code == 422
    fresh = site.fill(f"/tickets/{number}", f"/tickets/{number}/allow", "manager1")
    assert site.send(f"/tickets/{number}/allow", {**fresh, "desk-code": "000000"}, "manager1").status_code == 422
    assert "identify" in [event.action for event in site.house.events(number) if not event.accepted]
    assert site.house.row(number).state == "requested"
    site.do(number, "allow", "manager1")


def test_sent_twice_the_first_answer_is_given_again(site: Site, number: str) -> None:
    path = f"/tickets/{number}/allow"
    data = {**site.fill(f"/tickets/{number}", path, "manager1"), "desk-code": site.house.code("manager1")}
    assert [site.send(path, data, "manager1").status_code for _ in range(2)] == [303, 303]
    assert [event.action for event in site.house.events(number)] == ["request", "allow"]


def test_a_key_that_served_does_not_serve_for_other_content(site: Site, number: str) -> None:
    path = f"/tickets/{number}/remark"
    data = site.fill(f"/tickets/{number}", path, "staff1", text="第一句")
    assert site.send(path, data, "staff1").status_code == 303
    answer = site.send(path, {**data, "text": "另一句"}, "staff1")
    assert answer.status_code == 422
    assert "另一句" in answer.get_data(as_text=True)
    assert len(site.house.events(number)) == 2


def test_a_stale_page_is_told_what_changed_and_keeps_what_was_typed(site: Site, number: str) -> None:
    path = f"/tickets/{number}/refuse"
    data = site.fill(f"/tickets/{number}", path, "manager1")
    site.do(number, "allow", "manager2")
    answer = site.send(path, data, "manager1")
    page = Page(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert last(site, number).reason == "stale"
    assert "manager2" in page.text
    assert page.form(f"/tickets/{number}/remark")["fields"]["desk-version"] == str(site.house.row(number).version)


def test_what_was_typed_is_still_there_after_a_mistake(site: Site) -> None:
    path = "/tickets/new/visit"
    data = site.fill(path, path, "staff1", visitor="来访单位乙", visit_end="")
    answer = site.send(path, data, "staff1")
    form = Page(answer.get_data(as_text=True)).form(path)["fields"]
    assert answer.status_code == 422
    assert form["visitor"] == "来访单位乙"
    assert form["desk-key"] != data["desk-key"]
    site.send(path, {**form, "visit_end": "2026-05-12T18:00"}, "staff1")
    assert site.get("/tickets", "staff1").text.count("来访单位乙") == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"state": "closed"}, "没有这个栏目"),
        ({"text": ["一", "二"]}, "不符合要求"),
        ({"text": ""}, "必填"),
        ({"text": "a\u202eb"}, "控制字符"),
        ({"text": "字" * 4001}, "过长"),
    ],
)
def test_bad_input_is_refused_by_name_and_on_record(
    site: Site, number: str, change: dict[str, Any], fault: str
) -> None:
    path = f"/tickets/{number}/remark"
    data = site.fill(f"/tickets/{number}", path, "staff1", text="好")
    before = site.house.digest()
    answer = site.send(path, {**data, **change}, "staff1")
    assert answer.status_code == 422
    assert fault in answer.get_data(as_text=True)
    assert site.house.digest() == before
    assert last(site, number).reason == "invalid"


@pytest.mark.parametrize(
    "change",
    [{"desk-key": "short"}, {"desk-key": ["a" * 32, "b" * 32]}, {"desk-version": "one"}, {"desk-version": "1" * 40}],
)
def test_what_the_page_itself_puts_in_cannot_be_tampered_with(site: Site, number: str, change: dict[str, Any]) -> None:
    path = f"/tickets/{number}/remark"
    data = site.fill(f"/tickets/{number}", path, "staff1", text="好")
    assert site.send(path, {**data, **change}, "staff1").status_code == 422
    assert len(site.house.events(number)) == 1


def test_without_the_token_of_the_page_nothing_happens(site: Site, number: str) -> None:
    path = f"/tickets/{number}/remark"
    data = site.fill(f"/tickets/{number}", path, "staff1", text="好")
    del data["csrf_token"]
    assert site.send(path, data, "staff1").status_code == 400
    assert len(site.house.events(number)) == 1


def test_reading_changes_nothing(site: Site, number: str) -> None:
    for by in ("staff1", "manager1"):
        site.browser(by)
    before = site.house.digest()
    paths = (
        "/",
        "/tickets",
        "/tickets/new",
        "/tickets/new/visit",
        f"/tickets/{number}",
        "/contract",
        "/notices",
        "/clauses/C9.6",
        "/workflows/visit",
        f"/receipts/{number}/1",
        f"/tickets/{number}/moved?seen=0.0",
    )
    for path in paths:
        assert site.raw(path, "staff1").status_code == 200
    for path in (f"/tickets/{number}/allow", f"/tickets/{number}/call-back-number"):
        assert site.raw(path, "manager1").status_code == 405
    assert site.house.digest() == before


def test_a_page_that_stands_still_hears_nothing_and_one_that_is_behind_gets_a_link(site: Site, number: str) -> None:
    row = site.house.row(number)
    path = f"/tickets/{number}/moved?seen={row.version}.{row.events}"
    assert site.raw(path, "staff1", headers={"X-Background": "1"}).status_code == 204
    site.do(number, "remark", "desk1", text="看到了")
    assert f"/tickets/{number}" in site.raw(path, "staff1").get_data(as_text=True)


def test_a_mandate_that_ended_ends_the_act_and_the_sight(site: Site, number: str) -> None:
    data = site.fill(f"/tickets/{number}", f"/tickets/{number}/refuse", "manager1")
    site.house.change_mandate("manager1", revoked_at=site.house.at)
    assert site.send(f"/tickets/{number}/refuse", data, "manager1").status_code == 404
    assert site.house.row(number).state == "requested"


def test_c9_5_nobody_vouches_for_a_text_that_they_have_not_seen(site: Site, number: str) -> None:
    data = site.fill(f"/tickets/{number}", f"/tickets/{number}/allow", "manager1")
    site.do(number, "refuse", "manager2")
    code = site.house.code("manager1")
    assert site.send(f"/tickets/{number}/allow", {**data, "desk-code": code}, "manager1").status_code in (404, 409)
    with site.house.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM identity_check").scalar() == 0


def test_r3_15_what_is_owed_within_a_limit_stands_in_the_inbox_whosever_turn_it_is(site: Site) -> None:
    """It is the supplier's turn; the client owes the judgement of the incident all the same."""
    opened = {
        "system": "综合执法办案系统", "symptom": "登录超时", "impact": "无法办案", "level": "level_2",
    }  # fmt: skip
    plain = site.house.open("fault", by="staff1", is_security_suspected="no", **opened)
    suspected = site.house.open("fault", by="staff1", is_security_suspected="undetermined", **opened)
    seen = site.get("/", "approver1").text
    assert seen.count(suspected) == seen.count(plain) + 1, "both stand among the notices, one among what waits"
    theirs = site.get("/", "engineer1").text
    assert theirs.count(suspected) == theirs.count(plain)


def test_c3_4_a_complaint_is_raised_on_its_page_with_or_without_naming_anybody(site: Site) -> None:
    form = site.get("/tickets/new/complaint", "staff1").form("/tickets/new/complaint")
    given = {**form["fields"], "nature": "complaint", "about": "服务热线", "text": "无人接听。"}
    assert site.send("/tickets/new/complaint", given, "staff1").status_code == 303
