"""What readers of a service change see: every version of an application, and what is due before its lines run out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.api.http_stage import HttpStage
from tests.pages.site import Site
from tests.pages.test_cost import MOST, counted
from tests.workflow import change_story as story


def test_c7_1_after_a_resubmission_both_versions_can_be_read_under_the_same_number(site: Site) -> None:
    stage = HttpStage(site.house)
    number = story.submitted(stage, story.request(stage, after="第一稿：六台。"))
    versions = [site.house.row(number).content_version]
    stage.do(number, "return_material", by="desk1", **story.SHORTCOMINGS)
    stage.refused(number, "amend_proposal", by="desk1", guard="by_the_originator", **story.request(stage))
    stage.do(number, "amend", by="staff1", **story.request(stage, after="第二稿：八台。"))
    versions.append(site.house.row(number).content_version)
    assert versions == [1, 2]
    for by in ("staff1", "manager1", "reviewer1"):
        page = site.get(f"/tickets/{number}", by)
        for text in ("第一稿：六台。", "第二稿：八台。", *story.SHORTCOMINGS["missing"]):
            assert text in page.text
        assert page.text.index("第二稿：八台。") < page.text.index("第一稿：六台。"), "what holds now stands first"
        assert "内容第 2 版" in page.text


def jump(site: Site, at: datetime) -> None:
    """Another day, on which everybody signs in anew."""
    site.house.at = at
    site.browsers.clear()


def test_c9_7_lines_about_to_run_out_stand_in_the_inboxes_of_both(site: Site) -> None:
    jump(site, datetime(2026, 12, 1, 2, tzinfo=UTC))
    for by in ("staff1", "approver1", "manager1"):
        page = site.get("/", by)
        assert "办理即将期满服务项的续用或撤销" in page.text
        assert "于 2027-03-09 期满，尚无人申请续用或撤销。今日之后还剩" in page.text
    for by in ("engineer1", "reviewer1", "stranger_manager"):
        assert "2027-03-09" not in site.get("/", by).text
    site.house.open("change", "staff1", **story.renewal(HttpStage(site.house)))
    assert "第 1, 3, 5" in site.get("/", "manager1").text, "a draft is no application"


def test_c9_7_what_ran_out_is_an_alarm_to_both_and_work_for_the_supplier(site: Site) -> None:
    stage = HttpStage(site.house)
    jump(site, stage.contract.term_end)
    alarm, assist = "商定已期满服务项的去留", "期满后协助"
    assert alarm not in site.get("/", "staff1").text
    jump(site, stage.contract.term_end + timedelta(days=2))
    for by, words in (("staff1", alarm), ("approver1", alarm), ("manager1", alarm), ("desk1", assist)):
        page = site.get("/", by)
        assert words in page.text
        assert "系统不会自动释放或删除任何资源" in page.text or "不得释放或删除任何资源" in page.text
    assert assist not in site.get("/", "staff1").text
    assert alarm not in site.get("/", "reviewer1").text


def test_c9_7_an_inbox_full_of_such_tasks_costs_no_more_than_a_page_may(site: Site) -> None:
    stage = HttpStage(site.house)
    jump(site, datetime(2026, 12, 1, 2, tzinfo=UTC))
    few = counted(site, "/", "manager1")
    for line in (1, 3, 5):
        story.submitted(stage, story.renewal(stage, lines=[story.row(line, 1)]))
    assert counted(site, "/", "manager1") == few <= MOST
    jump(site, stage.contract.term_end + timedelta(days=2))
    assert counted(site, "/", "manager1") <= MOST
