"""One place commits, one knows the state machine library, one reads the clock, and the ground stands on nothing."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable

import pytest

from tests.repository.source import Source, known_names, references, sources

Rule = Callable[[Source], list[str]]
ROOMS = ("wsgi", "tickets", "auth", "workflow")
CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
    "time.asctime",
    "sqlalchemy.func.now",
    "sqlalchemy.func.current_timestamp",
    "sqlalchemy.sql.func.now",
    "uuid.uuid1",
}
CLOCK_IN_SQL = re.compile(
    r"CURRENT_(?:TIMESTAMP|DATE|TIME)\b|\b(?:datetime|julianday|unixepoch)\(\s*'now'|\bclock_timestamp\("
)
SILENCED = re.compile(r"#\s*(?:type:\s*ignore|noqa|pragma:\s*no cover)", re.IGNORECASE)
SILENCED_WITH_REASON = re.compile(
    r"""\#\s(?:type:\signore\[[a-z, -]+\]|noqa:\s[A-Z]+[0-9]+(?:,\s[A-Z]+[0-9]+)*|pragma:\sno\scover)
    (?P<reason>\s.*\w{2}.*)?$""",
    re.VERBOSE,
)


def commits(source: Source) -> list[str]:
    """Whoever commits on their own tears an act from its record. Alembic's steps ride in an outer transaction."""
    return [f"{source.path}:{line} {name}" for line, name in references(source) if name.endswith(".commit")]


def imports_transitions(source: Source) -> list[str]:
    """The library is sealed in one module, so that its traps are met in one place."""
    return [
        f"{source.path}:{line} {name}"
        for line, name in references(source)
        if name.split(".")[0] == "transitions" and source.path != "workflow/decide.py"
    ]


def reads_the_clock(source: Source) -> list[str]:
    """Time is handed down from wsgi.py: only so can a test or a demonstration move it."""
    if source.path == "wsgi.py":
        return []
    in_code = [f"{source.path}:{line} {name}" for line, name in references(source) if name in CLOCKS]
    return in_code + [f"{source.path} {found[0]}" for found in CLOCK_IN_SQL.finditer(source.text)]


def reaches_up(source: Source) -> list[str]:
    """`database` and `config` are the ground; import-linter sees to the rooms, which are packages."""
    if source.path not in ("database.py", "config.py"):
        return []
    return [f"{source.path}:{line} {name}" for line, name in references(source) if name.split(".")[0] in ROOMS]


def declares_a_table(source: Source) -> list[str]:
    """Migrations look for tables in the rooms' `models` and nowhere else."""
    if source.path.endswith("/models.py"):
        return []
    tree = ast.parse(source.text)
    names = known_names(tree)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = [(one, base.id) for one in classes for base in one.bases if isinstance(base, ast.Name)]
    return [f"{source.path}:{one.lineno} {one.name}" for one, base in bases if names.get(base) == "database.Base"]


def silences_without_a_reason(source: Source) -> list[str]:
    """A checker is silenced for one named finding, and the reason stands behind it or on the line above."""
    found, alone = [], {}
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if not token.line[: token.start[1]].strip():
            alone[line] = token.string
        if SILENCED.search(token.string):
            fitting = SILENCED_WITH_REASON.match(token.string)
            above = alone.get(line - 1, "")
            has_reason = fitting is not None and (fitting["reason"] or (above and not SILENCED.search(above)))
            if not has_reason:
                found.append(f"{source.path}:{line} {token.string}")
    return found


FORMATTED = re.compile(r"strftime|\{[^{}]*:%[YmdHM]|\|\s*(?:datetimeformat|format_datetime|timeformat)")
FORMATTERS = ("auth/asking.py", "tickets/form_fields.py")
"""What says a moment with its zone to readers, and what fills in a browser's own control, which has none."""


def tells_a_moment_its_own_way(source: Source) -> list[str]:
    """A moment without its zone is read as another one: all are told by one function."""
    if source.path in FORMATTERS:
        return []
    return [f"{source.path} {found[0]}" for found in FORMATTED.finditer(source.text)]


SPLIT = re.compile(
    r"(?://|%)\s*(?:60|3600|86400)\b|divmod\([^\n]*\b60\)|%\(\w+\)[sd] (?:min|minutes?|h|hours?|s|seconds?)\b"
    r"|total_seconds\(\)\s*/"
)
SPLITTERS = {
    "auth/asking.py": "the offset of a zone, which is none of anybody's limits",
    "tickets/speech.py": "the one that tells lengths",
    "workflow/hours.py": "minutes of a day, as the clock on the wall shows them",
    "templates/auth/sign_in.html": "a setting that is in minutes",
}
"""Who may take a length apart, and why."""


def tells_a_length_its_own_way(source: Source) -> list[str]:
    """A length that somebody cuts to minutes rounds a limit away: 76 minutes are 1 hour 16 minutes, to the last second."""
    if source.path in SPLITTERS:
        return []
    return [f"{source.path} {found[0]}" for found in SPLIT.finditer(source.text)]


def supposes_a_zone(source: Source) -> list[str]:
    """The zone is that of the contract, or the setting of the desk; nobody writes one into the code."""
    if source.path in ("config.py", "workflow/contract.py"):
        return []
    return [f"{source.path} {found[0]}" for found in re.finditer(r"(?:Asia|Europe|Etc)/\w+", source.text)]


def code() -> list[Source]:
    """The desk itself. Tests, measurements and the screenshot look at it from outside."""
    return list(sources(".py", outside=("tests/", "bench/", "docs/")))


def test_only_one_place_commits() -> None:
    found = [one for source in code() for one in commits(source)]
    assert [one.split(":")[0] for one in found] == ["database.py"], found


@pytest.mark.parametrize("rule", [imports_transitions, reads_the_clock, reaches_up, declares_a_table])
def test_the_code_base_keeps_the_rule(rule: Rule) -> None:
    assert [one for source in code() for one in rule(source)] == []


def test_every_moment_and_every_length_is_told_by_one_function() -> None:
    templates = sources(".html", ".txt", outside=("tests/",))
    looked_at = (*code(), *templates)
    rules = (tells_a_moment_its_own_way, tells_a_length_its_own_way, supposes_a_zone)
    assert [one for source in looked_at for rule in rules for one in rule(source)] == []


def test_whoever_may_take_a_length_apart_does() -> None:
    found = {source.path: source for source in (*code(), *sources(".html", outside=("tests/",)))}
    assert [path for path in SPLITTERS if not SPLIT.search(found[path].text)] == []


def test_whoever_silences_a_checker_says_why() -> None:
    found = [
        one for source in sources(".py", outside=("migrations/versions/",)) for one in silences_without_a_reason(source)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (commits, "tickets/desk.py", "def f(session):\n    session.commit()"),
        (commits, "tickets/desk.py", "def f(open):\n    open().commit()"),
        (commits, "tickets/desk.py", "def f(s, then):\n    then(s.commit)"),
        (imports_transitions, "workflow/fault.py", "import transitions"),
        (imports_transitions, "tickets/desk.py", "from transitions.extensions import GraphMachine"),
        (reads_the_clock, "tickets/desk.py", "import datetime as d\nx = d.datetime.now(d.UTC)"),
        (reads_the_clock, "tickets/desk.py", "from datetime import datetime as moment\nx = moment.utcnow"),
        (reads_the_clock, "workflow/calendar.py", "from datetime import date\nx = date.today()"),
        (reads_the_clock, "auth/sessions.py", "from time import time\nx = time()"),
        (reads_the_clock, "tickets/models.py", "from sqlalchemy import func\nx = dict(server_default=func.now())"),
        (reads_the_clock, "tickets/models.py", "x = 'created TEXT DEFAULT ' + 'CURRENT_TIMESTAMP'"),
        (reads_the_clock, "tickets/timers.py", """x = "due < datetime('now')" """),
        (reaches_up, "database.py", "from tickets.models import Ticket"),
        (reaches_up, "config.py", "import workflow.contract"),
        (tells_a_moment_its_own_way, "tickets/desk.py", "x = at.strftime('%H:%M')"),
        (tells_a_moment_its_own_way, "tickets/desk.py", "x = f'{at:%Y-%m-%d}'"),
        (tells_a_moment_its_own_way, "templates/desk/a.html", "{{ at.strftime('%H') }}"),
        (tells_a_length_its_own_way, "tickets/desk.py", "x = seconds // 60"),
        (tells_a_length_its_own_way, "tickets/desk.py", "hours, rest = divmod(late.seconds, 60)"),
        (tells_a_length_its_own_way, "workflow/fault/record.py", "x = Words('%(minutes)s min late', minutes=1)"),
        (tells_a_length_its_own_way, "templates/desk/a.html", "{{ late.total_seconds() / 60 }}"),
        (supposes_a_zone, "tickets/speech.py", "def say(thing, zone='Asia/Shanghai'): ..."),
        (declares_a_table, "tickets/desk.py", "from database import Base\nclass Ticket(Base): ..."),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # type: ignore"),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # type: ignore[attr-defined]"),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # type: ignore  # because it is so"),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # noqa"),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # noqa: S608"),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # noqa because it is so"),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # noqa: S608 -"),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # pragma: no cover"),
        (silences_without_a_reason, "tickets/desk.py", "# noqa: S608 - ours\nx = 1  # noqa: S608"),
    ],
)
def test_a_planted_offence_is_found(rule: Rule, path: str, text: str) -> None:
    assert rule(Source(path, text))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (commits, "tickets/desk.py", "from database import transaction\nwith transaction(engine): ..."),
        (imports_transitions, "workflow/decide.py", "from transitions import Machine"),
        (imports_transitions, "workflow/prove.py", "for transitions_of in (): ..."),
        (reads_the_clock, "wsgi.py", "from datetime import UTC, datetime\nnow = datetime.now(UTC)"),
        (reads_the_clock, "tickets/desk.py", "def f(clock):\n    return clock.now()"),
        (reads_the_clock, "tickets/worker.py", "import time\nx = time.monotonic()"),
        (reaches_up, "tickets/desk.py", "import auth"),
        (declares_a_table, "tickets/models.py", "from database import Base\nclass Ticket(Base): ..."),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # type: ignore[arg-type]  # It is what is refused."),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # noqa: S608, E501 - a name of our own"),
        (silences_without_a_reason, "tickets/desk.py", "x = 1  # pragma: no cover - only on Windows"),
        (silences_without_a_reason, "tickets/desk.py", "# It is ours.\nx = 1  # noqa: S608"),
        (silences_without_a_reason, "tickets/desk.py", "x = '# noqa'"),
    ],
)
def test_what_is_allowed_is_let_through(rule: Rule, path: str, text: str) -> None:
    assert not rule(Source(path, text))
