"""Domains of OpenSearch over moto's own: their interface (`tests/aws/cluster.py`), and connections between them."""

import base64
import itertools
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.aws.cluster import Cluster, Error
from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend
from tests.aws.wire import Sent, Wire

Place = tuple[str, str]


class FakeDomains(Wire, Fake):
    """Connections that must be accepted, and the domains' own interface, whose door makes each signature anew.

    Indices are written, blocked, cloned, and follow each other by the rules of the replication plugin.
    """

    service = "opensearch"
    prefix, signed_as, verb = "/_domain/", "es", "ESHttp"

    def reset(self) -> None:
        """No connections, no indices."""
        self._clusters: dict[Place, Cluster] = {}
        self._connections: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self._users: dict[Place, tuple[str, str]] = {}
        self._provisioning = 1

    def told(self, what: Mapping[str, Any]) -> Any:
        """Of a `domain` [region, name]: `ask` [method, path, body] past the door, or what happens to it."""
        if "provisioning" in what:
            self._provisioning = what["provisioning"]
            return None
        place: Place = tuple(what["domain"])
        cluster = self._cluster(place)
        if "ask" in what:
            method, path, body = what["ask"]
            plain, _, query = path.partition("?")
            pairs = dict(part.partition("=")[::2] for part in query.split("&") if part)
            return self.answer(Sent(method, place, plain, pairs, body, None))
        for key in ("dead", "copies_take", "old_plugin", "stray"):
            setattr(cluster, key, what.get(key, getattr(cluster, key)))
        for name, change in what.get("indices", {}).items():
            _changed(cluster, name, change)
        if "user" in what:
            self._users[place] = tuple(what["user"])
        return {name: [index.docs, index.barred] for name, index in cluster.indices.items()}

    def create_outbound_connection(
        self,
        region: str,
        LocalDomainInfo: dict[str, Any],  # noqa: N803 - AWS's own names
        RemoteDomainInfo: dict[str, Any],  # noqa: N803
        ConnectionAlias: str,  # noqa: N803
        ConnectionMode: str = "DIRECT",  # noqa: N803
    ) -> dict[str, Any]:
        """From a domain of this region's to another one."""
        local, remote = _place(LocalDomainInfo), _place(RemoteDomainInfo)
        if local[0] != region or not {local, remote} <= self._known(local[0], remote[0]):
            code, message = "ValidationException", "The source domain, or the destination domain, is not there"
            raise Refusal(code, message)
        if any((one["local"], one["alias"]) == (local, ConnectionAlias) for one in self._connections.values()):
            code, message = "ResourceAlreadyExistsException", f"A connection {ConnectionAlias} is there already"
            raise Refusal(code, message)
        number = f"conn-{next(self._numbers):08d}"
        ends = {"LocalDomainInfo": LocalDomainInfo, "RemoteDomainInfo": RemoteDomainInfo}
        made = {"local": local, "remote": remote, "alias": ConnectionAlias, "status": "PENDING_ACCEPTANCE", "looks": 0}
        self._connections[number] = {**made, "mode": ConnectionMode, "ends": ends}
        return self._shown(number, "ConnectionAlias")

    def describe_outbound_connections(self, region: str, **_: Any) -> dict[str, Any]:
        """Of this region's domains."""
        return self._described("local", region, "ConnectionAlias")

    def describe_inbound_connections(self, region: str, **_: Any) -> dict[str, Any]:
        """To this region's domains."""
        return self._described("remote", region)

    def accept_inbound_connection(self, region: str, ConnectionId: str) -> dict[str, Any]:  # noqa: N803
        """Once, where it leads to."""
        found = self._connections.get(ConnectionId)
        if found is None or found["remote"][0] != region or found["status"] != "PENDING_ACCEPTANCE":
            code, message = "ResourceNotFoundException", f"No connection {ConnectionId} waits to be accepted"
            raise Refusal(code, message)
        found["status"], found["looks"] = "PROVISIONING", self._provisioning
        return {"Connection": self._shown(ConnectionId)}

    def knows(self, place: Place, authorization: str) -> str | None:
        """The user that a test has told of."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        user = self._users.get(place)
        return user[0] if user is not None and given == ":".join(user) else None

    def answer(self, sent: Sent) -> tuple[int, Any]:
        """By OpenSearch's own errors; what AWS does not let in is not asked."""
        if sent.place not in self._known(sent.place[0]):
            return 404, {"message": "no such domain"}
        cluster = self._cluster(sent.place)
        for one in self._clusters.values():
            self._autofollow(one)
            one.caught_up()
        try:
            return 200, self._route(cluster, sent)
        except Error as error:
            return error.status, error.body

    def _route(self, cluster: Cluster, sent: Sent) -> Any:
        parts = sent.path.strip("/").split("/")
        if parts[:2] == ["_plugins", "_replication"]:
            return self._replication(cluster, sent.method, parts[2:], sent.body)
        answer = self._looked(cluster, sent, parts) if sent.method == "GET" else _changed_by(cluster, sent, parts)
        if answer is None:
            raise Error(400, "invalid_request", f"Your request: '{sent.path}' is not allowed.")
        return answer

    def _looked(self, cluster: Cluster, sent: Sent, parts: list[str]) -> Any:
        match parts:
            case [names, "_settings"] if sent.query.get("flat_settings") == "true":
                return {one: {"settings": cluster.settings(one)} for one in _matching(cluster, names, sent)}
            case ["_cluster", "state", "blocks"]:
                blocked = {name: one.blocks for name, one in cluster.indices.items() if one.blocks}
                return {"cluster_name": f"123456789012:{cluster.name}", "blocks": {"indices": blocked}}
            case [names, "_stats", "docs"] if sent.query.get("level") == "shards":
                others = list(self._clusters.values())
                return {"indices": {one: cluster.stats(one, others) for one in _matching(cluster, names, sent)}}
        return None

    def _replication(self, cluster: Cluster, method: str, rest: list[str], body: Any) -> Any:
        match method, rest:
            case "GET", ["autofollow_stats"]:
                return {"autofollow_stats": [_told(cluster, rule) for rule in cluster.rules.values()]}
            case "POST", ["_autofollow"]:
                self._leader(cluster, body["leader_alias"])
                self._guarded(cluster, body)
                if (key := (body["leader_alias"], body["name"])) in cluster.rules:
                    raise Error(500, "exception", "Exisiting autofollow replication rule cannot be recreated/updated")
                cluster.rules[key] = {**body}
            case "DELETE", ["_autofollow"]:
                if cluster.rules.pop((body["leader_alias"], body["name"]), None) is None:
                    raise Error(404, "resource_not_found_exception", f"no rule {body['name']}")
            case "GET", [name, "_status"]:
                return cluster.status(name)
            case "POST", [name, "_stop"] if body == {}:
                cluster.stop(name)
            case "PUT", [name, "_start"]:
                self._guarded(cluster, body)
                cluster.start(
                    name, body["leader_alias"], self._leader(cluster, body["leader_alias"]), body["leader_index"]
                )
            case _:
                raise Error(400, "illegal_argument_exception", f"no handler found for {method} {'/'.join(rest)}")
        return {"acknowledged": True}

    def _guarded(self, cluster: Cluster, body: Mapping[str, Any]) -> None:
        """With fine-grained access control the roles are mandatory, and unknown without. Raises Error."""
        domain = backend("opensearch", cluster.region).domains[cluster.name]
        guarded = domain.advanced_security_options.get("Enabled", False)
        if guarded and set(body.get("use_roles", {})) != {"leader_cluster_role", "follower_cluster_role"}:
            raise Error(403, "security_exception", "Follower roles are mandatory for replication")

    def _leader(self, cluster: Cluster, alias: str) -> Cluster:
        place = (cluster.region, cluster.name)
        for one in self._connections.values():
            if (one["local"], one["alias"], one["status"]) == (place, alias, "ACTIVE"):
                return self._cluster(one["remote"])
        raise Error(400, "no_such_remote_cluster_exception", f"no such remote cluster: [{alias}]")

    def _autofollow(self, cluster: Cluster) -> None:
        for (alias, _), rule in cluster.rules.items():
            leader = self._leader(cluster, alias)
            found = [name for name, one in leader.indices.items() if one.follows is None and not leader.dead]
            for name in found:
                if fnmatchcase(name, rule["pattern"]) and name not in cluster.indices:
                    cluster.start(name, alias, leader, name)

    def _cluster(self, place: Place) -> Cluster:
        return self._clusters.setdefault(place, Cluster(*place))

    @staticmethod
    def _known(*regions: str) -> set[Place]:
        return {(region, name) for region in regions for name in backend("opensearch", region).domains}

    def _described(self, end: str, region: str, *more: str) -> dict[str, Any]:
        found = [number for number, one in self._connections.items() if one[end][0] == region]
        return {"Connections": [self._shown(number, *more, look=True) for number in found]}

    def _shown(self, number: str, *more: str, look: bool = False) -> dict[str, Any]:
        one = self._connections[number]
        if look and one["status"] == "PROVISIONING":
            one["status"] = "PROVISIONING" if one["looks"] else "ACTIVE"
            one["looks"] -= 1
        shown = {
            "ConnectionId": number,
            "ConnectionStatus": {"StatusCode": one["status"]},
            "ConnectionMode": one["mode"],
        }
        return {**shown, **one["ends"], **({"ConnectionAlias": one["alias"]} if more else {})}


def _changed(cluster: Cluster, name: str, change: Mapping[str, Any]) -> None:
    """What happens to an index: `state` and `reason` of its replication, `looks`, `broken`, `restored`, `barred`."""
    index = cluster.indices[name]
    for key in ("broken", "restored", "barred"):
        setattr(index, key, change.get(key, getattr(index, key)))
    for key in ("state", "reason", "looks"):
        if key in change:
            setattr(index.follows, key, change[key])


def _told(cluster: Cluster, rule: Mapping[str, Any]) -> dict[str, Any]:
    alias = {} if cluster.old_plugin else {"leader_alias": rule["leader_alias"]}
    return {"name": rule["name"], "pattern": rule["pattern"], **alias, "failed_indices": []}


def _matching(cluster: Cluster, names: str, sent: Sent) -> list[str]:
    """Raises Error."""
    found: list[str] = []
    for wanted in names.split(","):
        matching = [name for name in cluster.indices if fnmatchcase(name, wanted)]
        if not matching and "*" not in wanted and sent.query.get("ignore_unavailable") != "true":
            cluster.index(wanted)
        found += matching
    return found


def _changed_by(cluster: Cluster, sent: Sent, parts: list[str]) -> Any:
    """Raises Error."""
    done = {"acknowledged": True, "shards_acknowledged": True}
    match sent.method, parts:
        case "PUT", [names, "_block", "write"]:
            return {**done, **_barred(cluster, names)}
        case "PUT", [names, "_settings"] if sent.body == {"index.blocks.write": None}:
            for name in names.split(","):
                cluster.unblocked(name, "metadata_write")
                cluster.index(name).barred = False
            return done
        case "PUT", [name, "_clone", target]:
            cluster.clone(name, target)
            return {**done, "index": target}
        case "DELETE", [name]:
            cluster.delete(name)
            return done
        case "PUT", [name]:
            cluster.create(name, (sent.body or {}).get("settings", {}).get("index.number_of_shards", 1))
            return {**done, "index": name}
        case "PUT", [name, "_doc", key]:
            cluster.write(name, key, sent.body)
            return {"_index": name, "_id": key, "result": "created"}
    return None


def _barred(cluster: Cluster, names: str) -> dict[str, Any]:
    wanted = names.split(",")
    for name in wanted:
        cluster.unblocked(name, "metadata_write")
    for name in wanted:
        cluster.index(name).barred = True
    return {"indices": [{"name": name, "blocked": True} for name in wanted]}


def _place(info: Mapping[str, Any]) -> Place:
    domain = info["AWSDomainInformation"]
    return domain["Region"], domain["DomainName"]
