"""The demonstration's door: open on this machine, over a database of its own, and nowhere else."""

from __future__ import annotations

import pytest
from flask import Flask

from auth import demo
from database import transaction
from tests.auth.conftest import START, make_app

PUBLIC_ROUTES = {
    ("/sign-in", "GET"),
    ("/sign-in", "POST"),
    ("/enrol/<secret>", "GET"),
    ("/enrol/<secret>", "POST"),
    ("/language/<name>", "GET"),
    ("/demo", "GET"),
    ("/demo/<int:number>", "POST"),
    ("/static/<path:filename>", "GET"),
}


# --- the demonstration -----------------------------------------------------------------------------------------------


def test_the_demo_door_opens_only_for_the_demo_on_this_machine(make_desk) -> None:
    plain = make_desk()
    person = plain.person("lin.yi", "client.staff")
    assert plain.client().get("/demo").status_code == 404
    assert plain.post(plain.client(), f"/demo/{person.id}").status_code == 404
    with pytest.raises(demo.DemoRefused):
        make_desk(demo=True)
    with pytest.raises(demo.DemoRefused), transaction(plain.engine) as session:
        demo.mark(session, plain.at)


def test_in_the_demo_one_click_signs_in(make_desk) -> None:
    made = make_desk(demo=True)
    assert made.client().get("/demo").status_code == 404
    with transaction(made.engine) as session:
        demo.mark(session, made.at)
    person = made.person("lin.yi", "client.staff")
    client = made.client()
    assert made.code(person) in client.get("/demo").get_data(as_text=True)
    assert made.post(client, f"/demo/{person.id}").status_code == 303
    assert client.get("/account").status_code == 200
    assert made.client().post(f"/demo/{person.id}").status_code == 400
    assert made.post(made.client(), "/demo/999").status_code == 404
    stranger = made.client()
    stranger.environ_base["REMOTE_ADDR"] = "10.0.0.8"
    assert stranger.get("/demo").status_code == 404
    assert made.post(stranger, f"/demo/{person.id}").status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.8", "demo.example"])
def test_the_demo_does_not_start_where_others_reach_it(make_desk, host: str) -> None:
    with pytest.raises(demo.DemoRefused):
        make_desk(demo=True, bind_host=host)


def test_the_start_over_a_database_without_tables_is_no_matter(tmp_path) -> None:
    from config import Settings
    from database import open_engine

    engine = open_engine("sqlite://")
    app = make_app(Settings(instance_dir=tmp_path, demo=True), engine, lambda: START)
    assert isinstance(app, Flask)
    engine.dispose()
