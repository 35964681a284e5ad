"""What readers of a service change see: every version of an application, and what is due before its lines run out."""

from __future__ import annotations

from tests.api.http_stage import HttpStage
from tests.pages.site import Site
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
