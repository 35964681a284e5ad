"""What machines ask of the desk: does the process live, can it serve, and how does it stand. Never what a ticket says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

import migrations
from auth.policy import MONITOR, PUBLIC, policy
from database import reading
from tickets import chrome, room
from tickets.contracts import ContractAltered
from tickets.models import Beat
from tickets.watch import measures, tallies
from workflow.contract import ContractError

blueprint = Blueprint("probes", __name__)
READY, NOT_READY = 200, 503


def install(app: Flask) -> None:
    """Registers the three, and begins to count what this process does."""
    counted = tallies.install(app, app.extensions["counterpart"].engine)
    app.extensions["counterpart_tallies"] = counted, measures.Acts()
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
@policy(PUBLIC)
def alive() -> Any:
    """This process answers. Nothing else is asked: a database that is away is no reason to start the process anew."""
    return jsonify({"process": "alive"})


@blueprint.get("/readyz")
@policy(PUBLIC)
def ready() -> Any:
    """200 when everything stands that the desk needs, else 503; either way each with one word."""
    found = _standing()
    return jsonify(found), READY if set(found.values()) <= {"reachable", "current", "readable", "alive"} else NOT_READY


def _standing() -> dict[str, str]:
    desk = room().desk
    found = {"database": "unreachable", "tables": "unknown", "contracts": "unknown", "clock": "unknown"}
    try:
        with reading(desk.engine) as session:
            at_head = migrations.is_at_head(session.connection())
            found |= {"database": "reachable", "tables": "current" if at_head else "outdated"}
            if not at_head:
                return found
            last = session.scalar(select(func.max(Beat.at)))
            found["clock"] = "alive" if chrome.heartbeat(last, desk.now())["state"] == "alive" else "late"
        found["contracts"] = "readable" if len(desk.contracts) else "none"
    except SQLAlchemyError:
        return found
    except (ContractAltered, ContractError, OSError):
        found["contracts"] = "unreadable"
    return found


@blueprint.get("/metrics")
@policy(MONITOR)
def measured() -> Response:
    """In the text format of Prometheus. Acts, limits, outbox and workers come from the database and are the same in every
    process; requests, statements and commits are those of the process that answers."""
    # Not at the start: it takes time, and a worker, a command or a desk that nobody measures has no use for it.
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    desk = room().desk
    counted, acts = current_app.extensions["counterpart_tallies"]
    with reading(desk.engine) as session:
        found = measures.taken(session, acts, desk.now())
    registry = CollectorRegistry()
    registry.register(_Once(found, counted))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Once:
    """One scrape, as the library wants it."""

    def __init__(self, found: measures.Measures, counted: tallies.Tallies) -> None:
        self._found, self._counted = found, counted

    def collect(self) -> Iterator[Any]:
        from prometheus_client import core

        made = {"counter": core.CounterMetricFamily, "gauge": core.GaugeMetricFamily}
        for kind, name, says, labels, values in measures.families(self._found):
            family = made[kind](name, says, labels=labels)
            for key, value in values.items():
                family.add_metric(key, value)
            yield family
        yield core.CounterMetricFamily(
            "counterpart_db_statements", "Statements of this process.", value=self._counted.statements
        )
        yield core.CounterMetricFamily(
            "counterpart_db_commits", "Commits of this process.", value=self._counted.commits
        )
        durations = core.HistogramMetricFamily(
            "counterpart_request_duration_seconds", "Requests to this process.", labels=("route", "method", "status")
        )
        for key, buckets, seconds in self._counted.requests():
            bounds = [*(str(one) for one in tallies.BOUNDS), "+Inf"]
            durations.add_metric(key, [(b, sum(buckets[: n + 1])) for n, b in enumerate(bounds)], sum_value=seconds)
        yield durations
