"""A directory with a mistake is refused, with the file, the place and what is wrong; all mistakes at once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.contract import Contract, ContractError, load
from workflow.lint import check

Change = Callable[..., Path]
RESPONSE = 'name = "fault.response"\nvalue = 15\nunit = "minute"\nclause = "C4.6"\nsince = 2026-03-03\n'
FIRST_LINE = ",14.00,812,12,month,136416.00,2026-03-10,2027-03-09"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("contract.toml", 'key = "beijing-2026"', 'kye = "beijing-2026"', "This key is not known here."),
        ("contract.toml", "signed = 2026-03-03", 'signed = "soon"', "This must be a date, YYYY-MM-DD."),
        ("contract.toml", "signed = 2026-03-03", "signed = 2026-03-03T00:00:00", "This must be a date, YYYY-MM-DD."),
        ("contract.toml", "Asia/Shanghai", "Asia/Nowhere", "There is no time zone of this name."),
        ("contract.toml", "last_day = 2027-03-09", "last_day = 2025-03-09", "The term ends before it begins."),
        ("contract.toml", "signs = true", "signs = 1", "This must be true or false."),
        ("contract.toml", 'amount = "payment.first_amount"', 'amount = "fee.year_2027"', "is not its share"),
        ("contract.toml", 'clause = "C6.2"', 'clause = "C66.2"', "There is no clause C66.2."),
        ("contract.toml", 'catalogue_clause = "C1.2"', 'catalogue_clause = "C1.9"', "There is no clause C1.9."),
        ("contract.toml", "[term]", "[term", "This is not TOML"),
        ("contract.toml", "首信云", "首信\u202e云", "invisible characters"),
        ("clauses.toml", 'id = "C1.1"', 'id = "1.1"', "is not a valid name here"),
        ("clauses.toml", 'id = "C1.2"', 'id = "C1.1"', "C1.1 stands here twice."),
        ("clauses.toml", 'who = "supplier"', 'who = "nobody"', "“nobody” is none of"),
        ("clauses.toml", 'marks = ["R"]', 'marks = ["Z"]', "“Z” is none of"),
        ("clauses.toml", 'zh = "按北京市市级政务云管理办法部署和运维。"\n', "", "This is missing."),
        (
            "clauses.toml",
            'carried_by = ["contract", "change"]',
            'carried_by = ["contract"]\nnot_carried = { zh = "无", en = "No" }',
            "either carried, or there is a reason",
        ),
        ("clauses.toml", 'carried_by = ["contract", "change"]', "carried_by = [1]", "list of different names"),
        ("figures.toml", RESPONSE, RESPONSE.replace("15", "nan"), "finite number"),
        ("figures.toml", RESPONSE, RESPONSE.replace("15", "inf"), "finite number"),
        ("figures.toml", RESPONSE, RESPONSE.replace("15", "0"), "whole number of at least 1"),
        ("figures.toml", RESPONSE, RESPONSE.replace("15", "-15"), "whole number of at least 1"),
        ("figures.toml", RESPONSE, RESPONSE.replace("15", "15.5"), "whole number of at least 1"),
        ("figures.toml", RESPONSE, RESPONSE.replace("15", "true"), "This must be a number."),
        ("figures.toml", RESPONSE, RESPONSE.replace("15", '"15"'), "This must be a number."),
        ("figures.toml", RESPONSE, RESPONSE.replace("15", "1e400"), "finite number"),
        ("figures.toml", RESPONSE, RESPONSE.replace("minute", "moment"), "“moment” is none of"),
        ("figures.toml", RESPONSE, RESPONSE.replace("C4.6", "C4.66"), "There is no clause C4.66."),
        ("figures.toml", RESPONSE, RESPONSE.replace("fault.response", "fault.arrival"), "stands here twice."),
        ("figures.toml", RESPONSE, RESPONSE.replace("2026-03-03", "9999-12-31"), "This must be a date"),
        ("figures.toml", "value = 99.99\n", "value = 1e-400\n", "finite number"),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("2026-03-10", "2026-W11-2"), "This must be a date"),
        ("figures.toml", RESPONSE, RESPONSE + 'option = "x"\n', "This key is not known here."),
        ("figures.toml", RESPONSE, RESPONSE + 'options = ["x"]\n', "Only a setting has options."),
        ("figures.toml", 'value = "report"', 'value = "whenever"', "“whenever” is none of: report, registration."),
        ("figures.toml", "value = 99.99\n", "value = 199.99\n", "between 0 and 100"),
        ("figures.toml", 'value = "11-30"', 'value = "30-11"', "is not a valid name here"),
        ("figures.toml", "value = 255726760", "value = 255726761", "the contract's total is 255726761 fen"),
        ("figures.toml", "value = 241251660", "value = 241251670", "Net amount and tax do not make the total."),
        ("figures.toml", "value = 115077042", "value = 115077043", "is not its share"),
        ("figures.toml", 'name = "contract.total"', 'name = "contract.totals"', "There must be a figure of this name"),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("136416.00", "136416.01"), "Price × quantity × time"),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("812", "813").replace("136416", "136584"), "The lines sum to"),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("14.00", "14.001"), "exact to the fen"),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("14.00", "NaN"), "This must be a number."),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("14.00", "1e2"), "This must be a number."),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("812", "-812"), "whole number of at least 1"),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("2027-03-09", "2028-03-09"), "do not lie within the term"),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE.replace("2027-03-09", ""), "both a first and a last day"),
        ("catalogue.csv", FIRST_LINE, FIRST_LINE + ",more", "13 cells instead of 12"),
        ("catalogue.csv", "\n2,", "\n1,", "1 stands here twice."),
        ("catalogue.csv", "line,name_zh", "row,name_zh", "The header must read"),
        ("systems.toml", "version = []", "version = 3", "This must be a list of tables."),
        ("systems.toml", "version = []", "[[version]]\nversion = 0\neffective = 2026-04-01", "at least 1"),
        ("operations.toml", 'key = "shutdown"', 'key = "reboot"', "reboot stands here twice."),
        (
            "operations.toml",
            "emergency_allowed = false\ndestroys_data = true",
            "emergency_allowed = true\ndestroys_data = true",
            "never done by the emergency way",
        ),
        ("operations.toml", "second_person_required = true", "second_person_required = false", "always needs a second"),
        ("calendar/calendar.toml", "days_off = 33", "days_off = 34", "has 34 such days, the file has 33"),
        ("calendar/calendar.toml", 'status = "provisional"', 'status = "published"', "This is missing."),
        ("calendar/2026.csv", "2026-10-10,work", "2026-10-12,work", "is a weekday"),
        ("calendar/2026.csv", "2026-10-07,off", "2026-10-06,off", "2026-10-06 stands here twice."),
        ("calendar/2026.csv", "2026-10-07,off", "2027-10-07,off", "does not lie in the year 2026"),
    ],
)
def test_a_mistake_is_named(changed: Change, file: str, old: str, new: str, says: str) -> None:
    path = changed(file, old, new)
    with pytest.raises(ContractError) as refused:
        load(path)
    assert says in str(refused.value)
    report = check(path)
    assert (report.is_valid, report.contract, report.findings) == (False, None, ())
    assert report.problems == refused.value.problems
    assert all(str(problem.words) in str(problem) for problem in report.problems)


def test_all_mistakes_are_told_at_once(changed: Change) -> None:
    changed("contract.toml", "Asia/Shanghai", "Asia/Nowhere")
    changed("clauses.toml", 'who = "supplier"', 'who = "nobody"')
    path = changed("figures.toml", RESPONSE, RESPONSE.replace("15", "nan"))
    assert {problem.file for problem in check(path).problems} == {"contract.toml", "clauses.toml", "figures.toml"}


def test_r8_2_an_empty_or_torn_year_is_refused(changed: Change, tmp_path: Path) -> None:
    path = changed("calendar/calendar.toml", "days_off = 33", "days_off = 1")
    for content in ("", "date,kind,source\n", "date,kind,source\n2026-01-01,off,x\n", "[]"):
        (path / "calendar/2026.csv").write_text(content, "utf-8")
        assert not check(path).is_valid, content


def test_missing_foreign_large_and_linked_files_are_refused(changed: Change) -> None:
    path = changed("systems.toml", "version = []", "version = []")
    (path / "figure.toml").write_text("figure = []\n", "utf-8")
    assert "is not part of a contract directory" in str(check(path).problems[0])
    (path / "figure.toml").unlink()
    (path / "systems.toml").unlink()
    assert "This file is missing." in str(check(path).problems[0])
    (path / "systems.toml").symlink_to(path / "operations.toml")
    assert "This file is missing." in str(check(path).problems[0])
    (path / "systems.toml").unlink()
    (path / "systems.toml").write_bytes(b"version = [] # \xff\n")
    assert "not UTF-8" in str(check(path).problems[0])
    (path / "systems.toml").write_text("version = []\n" + "#" * 1_100_000, "utf-8")
    assert "too large" in str(check(path).problems[0])
    assert "no such directory" in str(check(path / "nowhere").problems[0])


def test_the_digest_covers_every_file_and_no_line_ends(changed: Change, beijing: Contract, tmp_path: Path) -> None:
    path = changed("systems.toml", "version = []", "version = []")
    (path / "README.md").write_text("About this contract.\n", "utf-8")
    assert load(path).digest == beijing.digest
    text = (path / "operations.toml").read_text("utf-8")
    (path / "operations.toml").write_bytes(text.replace("\n", "\r\n").encode())
    assert load(path).digest == beijing.digest
    (path / "operations.toml").write_text(text.replace('zh = "重启"', 'zh = "重新启动"'), "utf-8")
    assert load(path).digest != beijing.digest
    shutil.rmtree(path)


BEIJING = Path(__file__).resolve().parents[2] / "workflow" / "contracts" / "beijing-2026"
FILES = tuple(sorted(path.relative_to(BEIJING).as_posix() for path in BEIJING.rglob("*.*")))
JUNK = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([b"nan", b"-1", b"[", b"]]", b"{}", b'""', b"\n", b",", b"true", b"9" * 5000, b"1e999999", b"="]),
)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(FILES), st.floats(0, 1), st.integers(0, 12), JUNK)
def test_no_damage_to_a_file_makes_the_check_fall_over(file: str, place: float, cut: int, junk: bytes) -> None:
    with tempfile.TemporaryDirectory() as home:
        path = Path(shutil.copytree(BEIJING, Path(home) / "copy"))
        content = (path / file).read_bytes()
        at = int(place * len(content))
        (path / file).write_bytes(content[:at] + junk + content[at + cut :])
        report = check(path)
        assert report.is_valid != bool(report.problems)
        assert all(str(one) for one in (*report.problems, *report.findings))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('key = "second_line"', 'key = "first_line"', "stands here twice."),
        ('roles = ["supplier.desk", "supplier.engineer"]', 'roles = ["client.staff"]', "is no role of this party."),
        ('roles = ["supplier.desk", "supplier.engineer"]', "roles = []", "Somebody must be able to keep this post."),
        ('party = "supplier"', 'party = "supervisor"', "is none of"),
        ('hours = "support.fault_hours"', 'hours = "support.fault_days"', "chooses no service hours."),
        ('hours = "support.fault_hours"', 'hours = "fault.response"', "chooses no service hours."),
        ('clause = "C4.6"', 'clause = "C44.6"', "There is no clause C44.6."),
        ('who = ["second_line"]', 'who = ["third_line"]', "is neither a post nor a role."),
        ('who = ["second_line"]', 'who = ["admin.system"]', "is neither a post nor a role."),
        ('who = ["second_line"]', "who = []", "A step calls somebody."),
        ('after = "fault.call_level_1_step_2"', "", "Only the first step is taken at once."),
        ('after = "fault.call_level_1_step_2"', 'after = "fault.calling"', "is no length of time"),
        ('after = "fault.call_level_1_step_2"', 'after = "identity.factor"', "is no length of time"),
        ('after = "fault.call_level_1_step_2"', "after = 2", "This must be text"),
        ("[[chain.step]]\nwho", "[[chain.steps]]\nwho", "This key is not known here."),
        ("basis = {", "bases = {", "This key is not known here."),
    ],
)
def test_c3_3_a_chain_into_nowhere_is_refused(changed: Change, old: str, new: str, says: str) -> None:
    told = [str(problem) for problem in check(changed("escalation.toml", old, new)).problems]
    assert any(says in one and one.startswith("escalation.toml") for one in told), told


def test_a_contract_without_posts_and_chains_is_one(changed: Change) -> None:
    copy = changed("escalation.toml", 'key = "first_line"', 'key = "first_line"')
    (copy / "escalation.toml").unlink()
    contract = load(copy)
    assert contract.posts == contract.chains == {}
