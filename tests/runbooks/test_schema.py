"""The schema that editors read says the same as the loader, as far as a schema can."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.schema import runbook_schema
from tests.runbooks.documents import SMALL, spoilt
from tests.runbooks.json_schema import Judge

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"


def data_of(text: str) -> Any:
    """The text as an editor's own YAML reader sees it."""
    return YAML(typ="safe", pure=True).load(text)


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The schema, ready to judge."""
    return Judge(json.loads(json.dumps(runbook_schema())))


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_examples_are_valid(judge: Judge, path: Path) -> None:
    """An editor finds nothing to complain of in the examples."""
    assert judge.accepts(data_of(path.read_text()))


@pytest.mark.parametrize(
    "change",
    [
        ("traffic: 0", "trafic: 0"),
        ("traffic: 100", "traffic: 101"),
        ("rto: 5m", "rto: 5 minutes"),
        ("rto: 5m", "rto: -1"),
        ("role: standby", "role: passive"),
        ("kind: postgres", "kind: mysql"),
        ("kind: sql", "kind: sqll"),
        ("kind: sql, resource: db", "kind: sql, url: db"),
        ("host: pg.euw1", "hots: pg.euw1"),
        ('"env://DB"', "hunter2"),
        ("{address: 192.0.2.3}", "{address: 192.0.2.3, ttl: 5}"),
        ("kind: postgres", "kind: postgres\n    replicas: {us-east-1: 1}"),
        ("kind: process", "kind: process\n    backup: {max_age: 1d}"),
        ("kind: process", "kind: process\n    home: us-east-1"),
        ("checks:", "policy: {failback: {approval: {allow_self: 1}}}\nchecks:"),
        ("checks:", "policy: {drill: {mode: half}}\nchecks:"),
        ("checks:", "maintenance: [{start: '2:00', end: '04:00'}]\nchecks:"),
        ("checks:", "detect: {vetoes: [moon]}\nchecks:"),
        ("name: shop", "name: My Shop"),
        ("  web:", "  Web_Front:"),
        ("checks:", "detect: {intervall: 1s}\nchecks:"),
        ("checks:", "steps: [{name: a, uses: notify.log}]\nchecks:"),
        ("checks:", "notify: [{uses: run.command}]\nchecks:"),
        ("checks:", "schedules: [{run: failover, every: 1d}]\nchecks:"),
        ("checks:", "schedules: [{run: drill}]\nchecks:"),
        ("checks:", "schedules: [{run: drill, every: 1d, cron: '0 3 * * *'}]\nchecks:"),
        ("checks:", "schedules: [{run: readiness, every: 1d, soak: 5m}]\nchecks:"),
        ("checks:", "schedules: [{run: drill, every: 1d, resource: db}]\nchecks:"),
        ("checks:", "notify: [{uses: notify.slack}]\nchecks:"),
        ("checks:", "notify: [{uses: notify.slack, settings: {channel: general, token: 'env://T'}}]\nchecks:"),
        ("checks:", "notify: [{uses: notify.apprise, settings: {url: 'https://hooks.example.org'}}]\nchecks:"),
    ],
    ids=lambda change: change[1].splitlines()[-1],
)
def test_mistakes_show_in_the_editor(judge: Judge, change: tuple[str, str]) -> None:
    """What the loader refuses for its form, the editor underlines while it is typed."""
    assert judge.accepts(data_of(SMALL))
    assert not judge.accepts(data_of(spoilt(change)))


def test_every_notice_is_valid(judge: Judge) -> None:
    """As the README shows them."""
    slack = "{uses: notify.slack, settings: {channel: C0123ABCD, token: 'env://SLACK_BOT_TOKEN'}}"
    mail = "{uses: notify.apprise, settings: {url: 'env://MAIL_URL'}}"
    notify = f"notify: [{{uses: notify.log}}, {slack}, {mail}]\nchecks:"
    assert judge.accepts(data_of(spoilt(("checks:", notify))))


@pytest.mark.parametrize("written", ["500ms", "10s", "5m", "1h", "2d", "1.5 s", "90", "0.5"])
def test_every_way_to_write_a_duration_is_valid(judge: Judge, written: str) -> None:
    """Durations are texts with a unit, or numbers of seconds."""
    assert judge.accepts(data_of(spoilt(("rto: 5m", f"rto: {written}"))))


def test_the_schema_names_every_kind_and_every_section() -> None:
    """Nothing that a runbook may hold is missing from the schema."""
    schema = runbook_schema()
    assert list(schema["$defs"]["Resource"]["properties"]["kind"]["enum"]) == list(KINDS)
    assert set(schema["properties"]) == set(Runbook.model_fields)
    assert schema["title"] == "Evac runbook"
    assert "$id" not in schema
    assert schema == runbook_schema()
