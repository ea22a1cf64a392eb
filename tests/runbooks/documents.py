"""A small valid runbook as text, which the tests of this folder spoil in one place or another."""

SMALL = """\
evac: 1
name: shop
objectives: {rto: 5m, rpo: 10s}
regions:
  us-east-1: {role: active, traffic: 100, vars: {site: use1}}
  eu-west-1: {role: standby, traffic: 0, vars: {site: euw1}}
resources:
  db:
    kind: postgres
    common: {user: evac, password: "env://DB", agent: "http://db:1"}
    settings:
      us-east-1: {host: pg.use1, application_name: db.use1}
      eu-west-1: {host: pg.euw1, application_name: db.euw1}
  web:
    kind: process
    replicas: {us-east-1: 2, eu-west-1: 1}
    settings:
      us-east-1: {agent: "http://use1:1"}
      eu-west-1: {agent: "http://euw1:1"}
    needs: [db]
  name:
    kind: rfc2136
    common: {zone: z., name: a.z., servers: ["192.0.2.1:53"], key_name: k., key_secret: "env://K"}
    settings:
      us-east-1: {address: 192.0.2.2}
      eu-west-1: {address: 192.0.2.3}
checks:
  - {kind: http, url: "http://{site}/healthz"}
  - {kind: sql, resource: db}
"""


def spoilt(*changes: tuple[str, str]) -> str:
    """SMALL with each first occurrence replaced; a change that finds nothing is a mistake of the test."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
