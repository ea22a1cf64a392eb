"""The server's file: every fault at once, each with its place."""

from pathlib import Path

import pytest

from runbooks.faults import RunbookError
from triggers.serve.load import load, loads

HEAD = "evac-serve: 1\nrunbooks: [a.yaml]\n"
ONE = HEAD + "alerts:\n  - {source: alertmanager, name: prod, auth: {bearer: env://A}}\n"

FAULTS = {
    "empty": ("", ["1:1: the file is empty; a server's file starts with `evac-serve: 1`"]),
    "a list": ("- a\n", ["1:1: a server's file is a mapping that starts with `evac-serve: 1`, not a list"]),
    "another release": (
        ONE.replace("evac-serve: 1", "evac-serve: 2"),
        [
            (
                "1:13: this release reads `evac-serve: 1`, not `evac-serve: 2`; "
                "use a release of Evac that knows that version"
            )
        ],
    ),
    "nothing to serve": (
        HEAD,
        ["1:1: there is nothing to serve: declare `alerts:` endpoints, `slack:` or `console: {}`"],
    ),
    "two": (
        ONE + ONE.splitlines()[3] + "\n",
        ["5:34: /alerts/alertmanager/prod is declared twice; give it another name"],
    ),
    "not YAML": (ONE + "slack: [", ["5:9: a value is missing here"]),
    "all at once": (
        (
            "evac-serve: 1\nrunbook: [a.yaml]\nrunbooks: []\nlisten: everywhere\nalerts:\n"
            "  - {source: promethius, name: Prod, auth: {berer: env://A}}\n"
            "  - {source: sns, name: a, auth: {bearer: secret}}\n"
            "  - {source: eventbridge, name: b, auth: {bearer: env://A, query: {secret: env://B}}}\n"
            "  - {source: sns, name: c, auth: {bearer: env://A}}\n"
            "  - {source: datadog, name: d, auth: {}}\n"
            "  - {source: pagerduty, name: e, auth: open}\n"
            "slack: {bot_token: xoxb-1}\n"
        ),
        [
            "2:1: unknown key `runbook` in the document; did you mean `runbooks`?",
            "3:11: runbooks must hold at least 1, not 0",
            "4:9: listen: give an address and a port, such as 127.0.0.1:8700",
            (
                "6:14: alerts[0].source must be one of alertmanager, grafana, sns, eventbridge, aws-health, "
                "azure-monitor, google-cloud, pagerduty, datadog, generic, not `promethius`"
            ),
            "6:32: alerts[0].name must be 1 to 64 lower-case letters, digits and inner hyphens, not `Prod`",
            "6:45: unknown key `berer` in alerts[0].auth; did you mean `bearer`?",
            (
                "7:43: alerts[1].auth.bearer: a secret is given by reference "
                "(env://, file://, aws-secretsmanager://, aws-ssm://, azure-keyvault://), never by value"
            ),
            "8:42: give one way to prove senders (bearer, basic, header, query, jwt), not bearer and query",
            "9:35: `sns` cannot prove itself by `bearer`; it can by sns",
            (
                "10:38: give one way to prove senders (bearer, basic, header, query, jwt), not none "
                "(or the word `none`, on this machine only)"
            ),
            "11:40: alerts[5].auth must be one of none, not `open`",
            "12:8: give `app_token` (Socket Mode) or `signing_secret` (HTTP): without one Slack cannot be heard",
            (
                "12:20: slack.bot_token: a secret is given by reference "
                "(env://, file://, aws-secretsmanager://, aws-ssm://, azure-keyvault://), never by value"
            ),
        ],
    ),
    "open to everyone": (
        HEAD + "listen: 0.0.0.0:8700\nalerts:\n  - {source: datadog, name: d, auth: none}\n",
        [
            (
                "5:38: /alerts/datadog/d proves nobody, and 0.0.0.0:8700 can be reached from elsewhere: "
                "give it a way to prove senders, or listen on 127.0.0.1"
            )
        ],
    ),
    "a console for everyone": (
        HEAD + "listen: 0.0.0.0:8700\nconsole: {}\n",
        [
            (
                "4:1: the console proves nobody, and 0.0.0.0:8700 can be reached from elsewhere: "
                "declare `oidc` or `tokens: true`, or listen on 127.0.0.1"
            )
        ],
    ),
    "a console without an address": (
        HEAD + "listen: 0.0.0.0:8700\nconsole: {tokens: true}\n",
        ["4:1: console.address is missing: say where browsers find it, such as https://evac.example.com"],
    ),
    "a console by plain HTTP": (
        HEAD + "console:\n  address: http://evac.example\n  idle: 5s\n"
        "  oidc: {issuer: http://id.example, client_id: a, client_secret: b, scopes: [email]}\n",
        [
            "5:9: console.idle must be at least 60, not 5",
            (
                "6:66: console.oidc.client_secret: a secret is given by reference "
                "(env://, file://, aws-secretsmanager://, aws-ssm://, azure-keyvault://), never by value"
            ),
        ],
    ),
    "a console that nobody can enter": (
        HEAD + "console:\n  address: http://evac.example\n"
        "  oidc: {issuer: http://id.example, client_id: a, scopes: [email], roles: {admin: []}}\n",
        [
            "4:12: what people send must be secret: the console's address must be https",
            "5:18: the issuer must be reached by https",
            "5:59: `openid` is missing: without it no issuer says who somebody is",
            "5:75: nobody could enter: name somebody in `roles` (subjects, or oidc-group:<group>)",
        ],
    ),
    "signatures and tokens": (
        HEAD + "alerts:\n"
        "  - {source: pagerduty, name: a, auth: {hmac: {secret: env://A, timestamp_header: T}}}\n"
        "  - source: google-cloud\n    name: b\n    auth:\n"
        "      jwt: {issuer: i, audience: a, jwks: 'http://x.example/keys', claims: {email: e}}\n"
        "  - {source: azure-monitor, name: c, auth: {jwt: {issuer: i, audience: a, jwks: https://x, claims: {}}}}\n",
        [
            "4:65: PagerDuty signs no time; take this away",
            "8:43: the issuer's keys must be fetched by https",
            "9:100: alerts[2].auth.jwt.claims must hold at least 1, not 0",
        ],
    ),
    "mappings": (
        HEAD + "alerts:\n"
        "  - {source: generic, name: a, auth: none}\n"
        "  - {source: generic, name: b, auth: {hmac: {secret: env://A}}, mapping: {key: id, status: $.s, firing: [x], "
        "resolved: [x], labels: {l: '$..a'}}}\n"
        "  - {source: grafana, name: c, auth: none, mapping: {key: $.k, status: $.s, firing: [x]}}\n",
        [
            "4:5: alerts[0].mapping is missing: it says where the parts of an alert are",
            "5:39: say in which `header` the signature comes",
            '5:80: `id` is no path; write such as `$.rule.name`, `$.hosts[0]` or `$["a b"]`',
            "5:120: `x` cannot be both firing and resolved",
            '5:137: `$..a` is no path; write such as `$.rule.name`, `$.hosts[0]` or `$["a b"]`',
            "6:44: `grafana` has a form of its own; only `generic` takes a mapping",
        ],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_said_at_its_place(name: str) -> None:
    """What is wrong, where, and what to do: all of it in one go."""
    text, expected = FAULTS[name]
    with pytest.raises(RunbookError) as refused:
        loads(text, "s.yaml")
    said = [str(fault).removeprefix("s.yaml:") for fault in refused.value.faults]
    assert [line[: len(start)] for line, start in zip(said, expected, strict=True)] == expected


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """One sentence."""
    with pytest.raises(RunbookError) as refused:
        load(tmp_path / "none.yaml")
    assert str(refused.value) == f"{tmp_path / 'none.yaml'}:1:1: there is no such file"


def test_patterns_are_relative_to_the_file(tmp_path: Path) -> None:
    """Wherever the server is started, it finds the same runbooks: each once, sorted."""
    for name in ("b.yaml", "a.yaml", "deep/c.yaml"):
        (tmp_path / "books" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "books" / name).write_text("")
    (tmp_path / "s.yaml").write_text(ONE.replace("[a.yaml]", '["books/*.yaml", "books/**/*.yaml", "books/a.yaml"]'))
    found = load(tmp_path / "s.yaml").files()
    assert [path.name for path in found] == ["a.yaml", "b.yaml", "c.yaml"]


@pytest.mark.parametrize(
    ("listen", "host", "port", "loopback"),
    [
        ("127.0.0.1:8700", "127.0.0.1", 8700, True),
        ("localhost:1", "localhost", 1, True),
        ("'[::1]:9'", "::1", 9, True),
        ("0.0.0.0:80", "0.0.0.0", 80, False),  # noqa: S104 - only read
        ("'[::]:80'", "::", 80, False),
        ("evac.example:80", "evac.example", 80, False),
    ],
)
def test_addresses(listen: str, host: str, port: int, *, loopback: bool) -> None:
    """What only this machine can reach is known as such."""
    config = loads(ONE + f"listen: {listen}\n")
    assert (config.host, config.port, config.loopback) == (host, port, loopback)
