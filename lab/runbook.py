"""Writes the lab's runbook: the YAML that a team would write of such a system, with this lab's addresses in it."""

from collections.abc import Iterable

from lab.passages import ANSWER, QUESTION
from lab.runbook_stores import stores
from lab.topology import CACHE, DATABASE, PUBLIC_NAME, PUBLIC_TTL, QUEUE, SERVICE, Lab, write_atomically
from lab.yaml_text import quoted, secret_file

_DESCRIPTIONS = {
    "active-passive": "A small language model that answers from a vector database, in two or three regions",
    "active-active": "A small language model that answers in two regions at once; rows are passed on to the one writer",
}


def write_runbook(lab: Lab) -> None:
    """Write `HOME/runbook.yaml`."""
    write_atomically(lab.runbook, runbook_text(lab))


def runbook_text(lab: Lab) -> str:
    """The runbook of this lab, as YAML."""
    return "\n".join(
        [
            f"# The lab's system, as a runbook: {lab.home}",
            "# It says what there is, and where. Evac derives the failover of any region from it.",
            "evac: 1",
            f"name: {lab.runbook_name}",
            f"description: {_DESCRIPTIONS[lab.topology]}",
            "owners: [lab]",
            "objectives: {rto: 60s, rpo: 5s}",
            "",
            "regions:",
            *_indented(_regions(lab)),
            "",
            "resources:",
            *_indented([*stores(lab), *_service(lab), "", *_public_name(lab)]),
            "",
            "checks:",
            *_indented(_checks(lab)),
            "",
            *_detect(),
            "",
            *_policy(lab),
            "",
            "notify:",
            f"  - {{uses: notify.log, settings: {{path: {quoted(lab.home / 'notices.log')}}}}}",
            "",
        ]
    )


def _regions(lab: Lab) -> Iterable[str]:
    for region in lab.regions:
        yield f"{region.name}: {{role: {region.role}, traffic: {region.traffic}, vars: {{address: {region.edge}}}}}"


def _service(lab: Lab) -> Iterable[str]:
    replicas = ", ".join(f"{region.name}: {region.replicas}" for region in lab.regions)
    yield f"{SERVICE}:  # inference replicas behind one address, sized by each region's agent"
    yield "  kind: process  # detect, scale"
    yield f"  needs: [{DATABASE}]"
    yield f"  replicas: {{{replicas}}}"
    yield f"  common: {{token: {secret_file(lab, 'agent.token')}}}"
    yield "  settings:"
    for region in lab.regions:
        yield f"    {region.name}: {{agent: {quoted(region.agent)}}}"


def _public_name(lab: Lab) -> Iterable[str]:
    yield f"{PUBLIC_NAME}:  # the name that clients use, moved by signed dynamic updates"
    yield "  kind: rfc2136  # detect, cut_over"
    yield "  common:"
    yield f"    zone: {lab.zone.rstrip('.')}"
    yield f"    name: {lab.public_name.rstrip('.')}"
    yield f"    servers: [{quoted(f'{lab.dns_address}:{lab.dns_port}')}]"
    yield f"    ttl: {PUBLIC_TTL}"
    yield f"    key_name: {lab.tsig_key.rstrip('.')}"
    yield "    key_algorithm: hmac-sha256"
    yield f"    key_secret: {secret_file(lab, 'tsig.key')}"
    yield "  settings:"
    for region in lab.regions:
        yield f"    {region.name}: {{address: {region.edge}}}"


def _checks(lab: Lab) -> Iterable[str]:
    region = f"http://{{address}}:{lab.public_port}"
    public = f"http://{lab.public_name.rstrip('.')}:{lab.public_port}"
    yield "# Asked of one region directly: is it alive, can its database take a row, does its model answer?"
    yield f"- {{name: healthz, kind: http, url: {quoted(f'{region}/healthz')}, timeout: 500ms}}"
    yield f"- {{name: database, kind: postgres, resource: {DATABASE}, use: [detect], timeout: 500ms}}"
    yield f"- {{name: row-written, kind: sql, resource: {DATABASE}}}"
    if QUEUE in lab.parts:
        yield f"- {{name: message-published, kind: nats, resource: {QUEUE}}}"
    if "cache" in lab.parts:
        yield f"- {{name: key-written, kind: valkey, resource: {CACHE}}}"
    yield from _inference("answer", region)
    yield "# Asked through the public name, as a client does, after the cut-over."
    yield f"- {{name: public-name, kind: dns, resource: {PUBLIC_NAME}}}"
    through = ("  through: public", f"  resolve: {PUBLIC_NAME}")
    yield from (
        "- name: public-healthz",
        "  kind: http",
        f"  url: {quoted(f'{public}/healthz')}",
        "  use: [verify]",
        *through,
    )
    yield from _inference("public-answer", public)
    yield from through


def _inference(name: str, base: str) -> Iterable[str]:
    yield f"- name: {name}"
    yield "  kind: inference"
    yield f"  url: {quoted(f'{base}/v1/chat/completions?fresh=1')}"
    yield f"  prompt: {quoted(QUESTION)}"
    yield f"  expect: {quoted(ANSWER)}"
    yield "  timeout: 10s"
    yield "  p95: 5s"


def _detect() -> Iterable[str]:
    yield "detect:  # every vantage point probes four times a second; a majority outside the region decides"
    yield "  interval: 250ms"
    yield "  failures: 2"


def _policy(lab: Lab) -> Iterable[str]:
    yield "policy:"
    if lab.approvals:
        # There is one person at a lab, who may approve what they asked for.
        asked = f"approval: {{count: {lab.approvals}, timeout: 10m, on_timeout: abort, allow_self: true}}"
    else:
        asked = "approval: {count: 0}"  # nobody is asked: the lab fails over by itself
    # The standby serves with one replica: some service at once is worth more than full service later. And a cache can
    # be filled again: its loss stops no recovery.
    accept = f", accept: [loss:{CACHE}]" if "cache" in lab.parts else ""
    yield f"  failover: {{{asked}, cut_over: while-scaling{accept}}}"
    yield f"  switchover: {{{asked}}}"
    yield f"  failback: {{{asked}}}"
    yield f"  drill: {{{asked}, soak: 5s}}"
    yield "  cool_down: 30s  # a lab is broken again and again"


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return (f"  {line}" if line else "" for line in lines)
