"""The configuration of a region's NATS server."""

import json

from lab.topology import QUEUE_ADMIN, QUEUE_APP, QUEUE_LINK, SUBJECTS, Lab, LabRegion

_ACCOUNT = "LAB"


def config_text(lab: Lab, region: LabRegion, *, alone: bool) -> str:
    """As `nats-server -c` reads it. `alone`: without links, for the administrator only."""
    users = [_user(lab, QUEUE_ADMIN)]
    if not alone:
        users += [_user(lab, QUEUE_LINK), _user(lab, QUEUE_APP, _application())]
    lines = [
        f"server_name: {_text(region.queue)}",
        f"listen: {_text(f'{region.address}:{port_of(region, alone=alone)}')}",
        "ping_interval: 1s, ping_max: 2",
        f"jetstream {{ store_dir: {_text(lab.queue_store(region.name))}, domain: {_text(region.name)} }}",
        f"accounts {{ {_ACCOUNT} {{ jetstream: enabled, users: [{', '.join(users)}] }} }}",
    ]
    return "\n".join([*lines, *([] if alone else _links(lab, region)), ""])


def port_of(region: LabRegion, *, alone: bool) -> int:
    """Where it listens; alone, where nobody looks for it, so that nobody sees it before it is fenced."""
    return region.link_port if alone else region.queue_port


def _links(lab: Lab, region: LabRegion) -> list[str]:
    """One link, to the first of the regions before this one that answers."""
    user = f"user: {QUEUE_LINK}, password: {_text(lab.password(QUEUE_LINK))}, account: {_ACCOUNT}"
    lines = [
        "leafnodes {",
        f"  listen: {_text(f'{region.address}:{region.link_port}')}",
        f"  authorization {{ {user} }}",
        # Others would be told of the inner address, and come back past the region's edge.
        "  no_advertise: true",
        "  reconnect: 1s",
    ]
    if earlier := lab.regions[: lab.regions.index(region)]:
        secret = f"{QUEUE_LINK}:{lab.password(QUEUE_LINK)}"
        urls = ", ".join(_text(f"nats-leaf://{secret}@{other.edge}:{other.link_port}") for other in earlier)
        lines.append(f"  remotes: [{{ urls: [{urls}], account: {_ACCOUNT}, no_randomize: true }}]")
    return [*lines, "}"]


def _application() -> str:
    subjects = ", ".join(_text(subject) for subject in SUBJECTS)
    reads = ["_INBOX.>", "$JS.API.CONSUMER.>", "$JS.API.STREAM.INFO.>", "$JS.ACK.>"]
    api = ", ".join(_text(subject) for subject in reads)
    return f", permissions: {{ publish: [{subjects}, {api}], subscribe: [{subjects}, {_text('_INBOX.>')}] }}"


def _user(lab: Lab, name: str, more: str = "") -> str:
    return f"{{ user: {_text(name)}, password: {_text(lab.password(name))}{more} }}"


def _text(value: object) -> str:
    return json.dumps(str(value))
