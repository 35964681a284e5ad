"""How people fill in forms: by each field's kind, its list, its example, and what the ticket and the moment say.

A field is known by its name where its kind alone does not tell what would be sensible. A whole form is known only where
its fields hang together so that guessing would never come to an end: a duty whose forms are simpler is filled in as well.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from workflow.attempt import Attempt
from workflow.choices import choices
from workflow.declare import CLIENT, Action, Workflow
from workflow.forms import Form

SERVERS = tuple(
    (f"应用服务器{name}", f"ecs-demo-{number:04d}") for number, name in enumerate("一二三四五六七八九", 201)
)
SYSTEMS = ("综合执法办案系统", "文化市场举报受理系统", "执法移动终端接口", "统计报送系统", "数据交换平台")


class CannotFill(RuntimeError):
    """Nothing that could be filled in is on the list of a field that is needed."""


@dataclass
class Filling:
    """One form being filled in. `attempt`: a preview at the moment for which it is filled in; `corrected`: fields as the
    desk said that they should be, or None for a field that it asked for; `named`: options that it has named as lacking."""

    dice: Random
    workflow: Workflow
    attempt: Attempt
    corrected: Mapping[str, Any] = field(default_factory=dict)
    named: Collection[str] = ()
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return self.attempt.at

    def later(self, least_hours: float, most_hours: float) -> datetime:
        """Some moment from now on, on the minute."""
        found = self.at + timedelta(hours=self.dice.uniform(least_hours, most_hours))
        return found.replace(second=0, microsecond=0)

    def latest(self, *names: str) -> Any:
        """What the latest accepted event says under one of these names."""
        said = (
            event.fields[name] for event in reversed(self.attempt.accepted) for name in names if name in event.fields
        )
        return next(said, None)

    @property
    def today(self) -> date:
        return self.attempt.edition.contract.calendar.local_day(self.at)


def fill(action: Action, one: Filling) -> dict[str, Any]:
    """The form's fields as JSON data would hold them. Raises CannotFill."""
    if action.form is None:
        return {}
    whole = next((FORMS[form.__name__] for form in action.form.__mro__ if form.__name__ in FORMS), None)
    if whole is not None:
        one.made.update(whole(one))
    for name, info in action.form.model_fields.items():
        if name in one.made:
            continue
        if name in one.corrected and one.corrected[name] is not None:
            one.made[name] = one.corrected[name]
        else:
            one.made[name] = _value(name, info, one, action.form)
    return one.made


def _value(name: str, info: FieldInfo, one: Filling, form: type[Form]) -> Any:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    asked = name in one.corrected
    if name in BY_NAME:
        return BY_NAME[name](one, form)
    lacking = [option for option in _options(info.annotation) if option in one.named]
    if lacking:
        return one.dice.choice(lacking)
    if not info.is_required() and not asked and one.dice.random() < 0.8:
        return info.get_default()
    if extra.get("choices"):
        return _chosen(str(extra["choices"]), info, one)
    if extra.get("input") == "line" and name in one.attempt.ticket.fields and not form.__name__.endswith("Request"):
        return one.attempt.ticket.fields[name]  # Typed again.
    options = _options(info.annotation)
    if options and (not info.examples or one.dice.random() < 0.4):
        return one.dice.choice(options)
    if info.annotation is bool and extra.get("input") == "yes":
        return one.dice.random() < 0.1
    if extra.get("input") in WHEN:
        return WHEN[str(extra["input"])](one)
    return info.examples[0] if info.examples else None


WHEN: Mapping[str, Callable[[Filling], Any]] = {
    "instant": lambda one: one.later(2, 40),
    "day": lambda one: one.today + timedelta(days=one.dice.randint(1, 10)),
}
"""A moment or a day of which nothing is known but that it is one: its example lies in another year."""


def _chosen(source: str, info: FieldInfo, one: Filling) -> Any:
    offered = [choice.value for choice in choices(source, one.attempt, one.workflow)]
    if not offered and info.is_required():
        raise CannotFill(source)
    if not offered:
        return info.get_default()
    if _is_list(info.annotation):
        return one.dice.sample(offered, one.dice.randint(1, max(1, len(offered) // 2)))
    return one.dice.choice(offered)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list


def _options(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(option for inner in get_args(annotation) for option in _options(inner))
    return ()


# --- fields that are known by name -----------------------------------------------------------------------------------


def _window_end(one: Filling, form: type[Form]) -> Any:
    start = one.made.get("window_start")
    if "window_start" not in form.model_fields or start is None:
        return one.latest("new_end")  # More time is granted as it was asked for.
    return start + timedelta(minutes=one.dice.randint(80, 230))


def _window_start(one: Filling, _form: type[Form]) -> Any:
    return one.later(1.5, one.dice.choice([4, 12, 40, 90]))


def _channel(one: Filling, form: type[Form]) -> str:
    options = [option for option in _options(form.model_fields["channel"].annotation) if option != "page"]
    return "page" if one.attempt.actor.party == CLIENT else one.dice.choice(options)


def _by_phone(one: Filling) -> bool:
    return bool(one.made.get("channel", "page") != "page")


def _received_at(one: Filling, _form: type[Form]) -> Any:
    return one.at - timedelta(minutes=one.dice.randint(1, 9)) if _by_phone(one) else None


def _subject(one: Filling, form: type[Form]) -> Any:
    if "channel" in form.model_fields and not _by_phone(one):
        return None
    return _from_list("subject", one, form)


def _from_list(name: str, one: Filling, form: type[Form]) -> Any:
    info = form.model_fields[name]
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return _chosen(str(extra.get("choices", "")), info, one)


def _new_end(one: Filling, _form: type[Form]) -> Any:
    ends = one.attempt.instant("window_end")
    return ends + timedelta(minutes=one.dice.choice([20, 30, 45])) if ends else None


def _limit_from(one: Filling, _form: type[Form]) -> Any:
    timers = [timer for timer in one.attempt.facts.timers if timer.deadline == one.made.get("clock")]
    if not timers:
        raise CannotFill("limits")
    timer = one.dice.choice(timers)
    ends = min(timer.stopped_at or one.at, one.at)
    length = ends - timer.started_at
    one.made["until_at"] = timer.started_at + length * 0.6
    return timer.started_at + length * 0.2


def _code(one: Filling, _form: type[Form]) -> str:
    """What the person called back reads out."""
    shown = [check.code for check in one.attempt.facts.identity if check.code is not None and one.at < check.expires_at]
    if not shown:
        raise CannotFill("challenge")
    return shown[-1] if one.dice.random() < 0.93 else wrong(shown[-1])


def wrong(code: str) -> str:
    """Another code, surely."""
    return f"{(int(code) + 1) % 10**6:06d}"


def _server(place: int) -> Callable[[Filling, type[Form]], Any]:
    name = ("server_name", "server_id")[place]

    def server(one: Filling, form: type[Form]) -> Any:
        told = one.attempt.ticket.fields.get(name)
        if told is not None and "window_start" not in form.model_fields:
            return told if one.dice.random() < 0.96 else f"{told}九"
        if place == 0:
            return one.dice.choice(SERVERS)[0]
        return dict(SERVERS)[one.made["server_name"]]

    return server


def _after_today(least: int, most: int) -> Callable[[Filling, type[Form]], Any]:
    return lambda one, _form: one.today + timedelta(days=one.dice.randint(least, most))


def _ends_at(one: Filling, _form: type[Form]) -> Any:
    return one.made["starts_at"] + timedelta(hours=one.dice.randint(2, 8))


BY_NAME: Mapping[str, Callable[[Filling, type[Form]], Any]] = {
    "window_start": _window_start,
    "window_end": _window_end,
    "channel": _channel,
    "caller": lambda one, _form: "值班室" if _by_phone(one) else None,
    "received_at": _received_at,
    "occurred_at": lambda one, _form: one.at - timedelta(minutes=one.dice.randint(20, 90)),
    "discovered_at": lambda one, _form: one.at - timedelta(minutes=one.dice.randint(10, 19)),
    "happened_at": lambda one, _form: one.at - timedelta(seconds=20),
    "backup_taken_at": lambda one, _form: one.at - timedelta(hours=one.dice.randint(1, 30)),
    "subject": _subject,
    "new_end": _new_end,
    "from_at": _limit_from,
    "code": _code,
    "server_name": _server(0),
    "server_id": _server(1),
    "system": lambda one, _form: one.dice.choice(SYSTEMS),
    "step": lambda one, form: _step(one, form),
    "starts_at": lambda one, _form: one.later(2, 60),
    "ends_at": _ends_at,
    "expected_at": lambda one, _form: one.later(3, 30),
    "due_at": lambda one, _form: one.later(48, 700),
    "effective_on": _after_today(0, 2),
    "charged_from": _after_today(4, 20),
    "charging_stops_on": _after_today(1, 10),
    "issued_on": _after_today(-2, 0),
    "done_on": _after_today(-1, 0),
    "last_drilled_on": lambda _one, _form: None,
    "last_reviewed_on": lambda _one, _form: None,
}


def _step(one: Filling, form: type[Form]) -> Any:
    """The next step of what is done one by one; one on the list where there is a list."""
    info = form.model_fields["step"]
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    if extra.get("choices"):
        return _chosen(str(extra["choices"]), info, one) if info.is_required() else None
    return len(one.attempt.past(one.attempt.action)) + 1


# --- forms whose fields hang together --------------------------------------------------------------------------------


def _change_request(one: Filling) -> dict[str, Any]:
    """An application: the type decides what its lines and dates may be."""
    lines = list(one.attempt.facts.more.get("catalogue", ()))
    if not lines:
        raise CannotFill("lines")
    dice, last_day = one.dice, one.attempt.edition.contract.last_day
    ending = [line for line in lines if line.ends is not None]
    kinds = [
        "add",
        "expand",
        "expand",
        "reduce",
        "adjust",
        "migrate",
        "cancel",
        "trial",
        *(["renew"] if ending else []),
    ]
    kind = dice.choice(kinds)
    line = dice.choice(ending if kind == "renew" else lines)
    made: dict[str, Any] = {"type": kind, "outside_catalogue": None, "dependants": None}
    quantity = {
        "reduce": -1, "cancel": -1, "migrate": 0, "renew": min(1, line.quantity),
    }.get(kind, 1)  # fmt: skip
    until = None if line.ends is not None or line.starts is not None else last_day
    made["lines"] = [{"line": line.number, "quantity": quantity, "until": until}] if kind != "migrate" else []
    if kind == "renew":
        made |= {
            "original_ends": line.ends, "new_ends": line.ends + timedelta(days=90),
            "procurement": "within_this_contract", "procurement_basis": "预算批复 演示〔2026〕8号",
        }  # fmt: skip
        made["lines"][0]["until"] = None
    if kind == "trial":
        made["trial_ends"] = min(one.today + timedelta(days=dice.randint(5, 30)), last_day)
    if dice.random() < 0.04:
        made["outside_catalogue"] = "目录之外的一项服务（演示）"
    return made


FORMS: Mapping[str, Callable[[Filling], dict[str, Any]]] = {"ChangeRequest": _change_request}
"""By the name of the form."""
